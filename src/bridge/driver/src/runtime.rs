//! The one runtime of the process. It lives until the process ends.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::runtime::{Builder, Runtime};

static THREADS: AtomicUsize = AtomicUsize::new(1);
static RUNTIME: OnceLock<Runtime> = OnceLock::new();

/// Takes effect when it is called before the first driver is made.
pub fn set_driver_threads(count: usize) {
    THREADS.store(count.max(1), Ordering::Relaxed);
}

pub fn runtime() -> &'static Runtime {
    RUNTIME.get_or_init(|| {
        Builder::new_multi_thread()
            .worker_threads(THREADS.load(Ordering::Relaxed))
            .thread_name("driver")
            .on_thread_start(crate::ffi::driver_thread_started)
            .enable_all()
            .build()
            .expect("threads for the drivers")
    })
}

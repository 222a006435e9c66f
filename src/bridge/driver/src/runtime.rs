//! The one runtime of the process. It lives until the process ends.

use std::sync::OnceLock;

use tokio::runtime::{Builder, Runtime};

static RUNTIME: OnceLock<Runtime> = OnceLock::new();

pub fn runtime() -> &'static Runtime {
    RUNTIME.get_or_init(|| {
        Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("driver")
            .on_thread_start(crate::ffi::driver_thread_started)
            .enable_all()
            .build()
            .expect("a thread for the drivers")
    })
}

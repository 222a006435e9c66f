//! One call from C++: its work, its deadline and its only answer.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use cxx::UniquePtr;
use tokio_util::sync::CancellationToken;

use crate::ffi::DriverCall;
use crate::runtime::runtime;

/// What is copied to C++: rows of CQL, or a reply of Redis with no rows and no width.
#[derive(Default)]
pub struct Part {
    pub cells: Vec<u8>,
    pub width: u32,
    pub rows: u32,
    pub next_page: Vec<u8>,
}

pub struct Failure {
    /// A repetition won't help: the call is not understood.
    is_internal: bool,
    detail: String,
}

impl Failure {
    pub fn unavailable(detail: impl Into<String>) -> Failure {
        Failure { is_internal: false, detail: detail.into() }
    }

    pub fn internal(detail: impl Into<String>) -> Failure {
        Failure { is_internal: true, detail: detail.into() }
    }

    pub fn detail(&self) -> &str {
        &self.detail
    }
}

pub type Outcome<T> = Result<T, Failure>;

/// Runs `work` on the runtime until it ends, `within` has passed or `closed` is cancelled, whichever
/// is first, and answers `call`. Work that is cut short is dropped.
pub fn start<F>(closed: &CancellationToken, within: Duration, call: UniquePtr<DriverCall>, work: F)
where
    F: Future<Output = Outcome<Vec<Part>>> + Send + 'static,
{
    let closed = closed.clone();
    runtime().spawn(async move {
        let bounded = tokio::time::timeout(within, work);
        let outcome = match closed.run_until_cancelled(bounded).await {
            Some(Ok(outcome)) => outcome,
            Some(Err(_)) => Err(Failure::unavailable(format!("timed out after {within:?}"))),
            None => Err(Failure::unavailable("its session was closed")),
        };
        finish(call, outcome);
    });
}

fn finish(mut call: UniquePtr<DriverCall>, outcome: Outcome<Vec<Part>>) {
    let Some(mut call) = call.as_mut() else { return };
    match outcome {
        Ok(parts) => {
            for part in &parts {
                add(call.as_mut(), part);
            }
            call.succeed();
        }
        Err(Failure { is_internal: true, detail }) => call.internal(detail.as_bytes()),
        Err(Failure { is_internal: false, detail }) => call.unavailable(detail.as_bytes()),
    }
}

fn add(call: Pin<&mut DriverCall>, part: &Part) {
    call.add_part(&part.cells, part.width, part.rows, &part.next_page);
}

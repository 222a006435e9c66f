//! Which errors of Redis may pass, and which never will.

use redis::RedisError;

use crate::call::Failure;

/// The server can't now: it loads, is busy, full, or no master (any more).
const PASSING: [&str; 10] = [
    "LOADING",
    "BUSY",
    "MASTERDOWN",
    "CLUSTERDOWN",
    "TRYAGAIN",
    "READONLY",
    "OOM",
    "MISCONF",
    "NOREPLICAS",
    "MOVED",
];

pub fn of_server(code: &str, details: Option<&str>) -> Failure {
    let detail = match details {
        Some(details) => format!("{code} {details}"),
        None => code.to_string(),
    };
    if PASSING.contains(&code) { Failure::unavailable(detail) } else { Failure::internal(detail) }
}

pub fn of_call(error: &RedisError) -> Failure {
    match (error.code(), error.kind()) {
        (Some(code), _) => of_server(code, error.detail()),
        (None, redis::ErrorKind::InvalidClientConfig | redis::ErrorKind::UnexpectedReturnType) => {
            Failure::internal(error.to_string())
        }
        (None, _) => Failure::unavailable(error.to_string()),
    }
}

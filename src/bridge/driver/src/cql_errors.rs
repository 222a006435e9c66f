//! What an operator wants to read of a failure, and whether a repetition may help.

use scylla::errors::{
    BadQuery, ConnectionPoolError, DbError, ExecutionError, PrepareError, RequestAttemptError,
};

use crate::call::Failure;

pub fn of_execution(error: ExecutionError) -> Failure {
    match error {
        ExecutionError::LastAttemptError(attempt) => of_attempt(attempt),
        ExecutionError::BadQuery(BadQuery::SerializationError(why)) => {
            Failure::internal(format!("bad values: {why}"))
        }
        ExecutionError::BadQuery(why) => Failure::internal(why.to_string()),
        ExecutionError::ConnectionPoolError(why) => of_pool(why),
        ExecutionError::PrepareError(why) => of_preparation(why),
        ExecutionError::EmptyPlan => Failure::unavailable("no node is known to be up"),
        other => Failure::unavailable(other.to_string()),
    }
}

pub fn of_preparation(error: PrepareError) -> Failure {
    match error {
        PrepareError::AllAttemptsFailed { first_attempt } => of_attempt(first_attempt),
        PrepareError::ConnectionPoolError(why) => of_pool(why),
        other => Failure::unavailable(other.to_string()),
    }
}

fn of_pool(error: ConnectionPoolError) -> Failure {
    match error {
        ConnectionPoolError::Broken { last_connection_error } => {
            Failure::unavailable(format!("no connection: {last_connection_error}"))
        }
        other => Failure::unavailable(format!("no connection: {other}")),
    }
}

fn of_attempt(error: RequestAttemptError) -> Failure {
    match error {
        RequestAttemptError::DbError(error, message) => of_store(error, message),
        RequestAttemptError::SerializationError(why) => {
            Failure::internal(format!("bad values: {why}"))
        }
        RequestAttemptError::BrokenConnectionError(why) => {
            Failure::unavailable(format!("connection lost: {why}"))
        }
        RequestAttemptError::UnableToAllocStreamId => {
            Failure::unavailable("too many calls in flight on one connection")
        }
        other => Failure::unavailable(other.to_string()),
    }
}

fn of_store(error: DbError, message: String) -> Failure {
    match error {
        DbError::Unavailable { consistency, required, alive } => Failure::unavailable(format!(
            "needed {required} replicas, {alive} alive ({consistency})"
        )),
        DbError::ReadTimeout { consistency, received, required, .. } => Failure::unavailable(
            format!("{received} of {required} replicas answered in time ({consistency})"),
        ),
        DbError::WriteTimeout { consistency, received, required, write_type } => {
            Failure::unavailable(format!(
                "{received} of {required} replicas wrote in time ({consistency}, {write_type})"
            ))
        }
        DbError::ReadFailure { consistency, received, required, numfailures, .. }
        | DbError::WriteFailure { consistency, received, required, numfailures, .. } => {
            Failure::unavailable(format!(
                "{numfailures} replicas failed, {received} of {required} answered ({consistency})"
            ))
        }
        DbError::Overloaded
        | DbError::IsBootstrapping
        | DbError::TruncateError
        | DbError::ServerError
        | DbError::RateLimitReached { .. }
        | DbError::Other(_) => Failure::unavailable(format!("{error}: {message}")),
        // It was understood by neither this node nor the next.
        _ => Failure::internal(format!("{error}: {message}")),
    }
}

//! What went wrong with MongoDB, from the driver's error: by the server's code, and without the values that the driver's
//! own text prints.

use mongodb::error::{ErrorKind, InsertManyError, WriteFailure};

use crate::domain::{Advice, Class};
use crate::services::Error;
use crate::services::store::CodeWrite;

pub const SERVICE: &str = "mongo";

/// Server codes (see the server's error_codes.yml).
pub const NAMESPACE_NOT_FOUND: i32 = 26;
pub const INDEX_NOT_FOUND: i32 = 27;
pub const INDEX_OPTIONS_CONFLICT: i32 = 85;
pub const DUPLICATE_KEY: i32 = 11000;

/// Codes of a server that steps down, starts, stops or is overtaxed: the same operation works a moment later.
const PASSING: [i32; 13] = [
    6, 7, 50, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436,
];
/// Codes of a user who is not known or may not: `Unauthorized`, `AuthenticationFailed`, and Atlas's own.
const NOT_ALLOWED: [i32; 3] = [13, 18, 8000];

/// A failed operation with the server's code.
pub struct Failure {
    pub code: Option<i32>,
    /// A duplicate key of the `_id` itself, not of another index.
    pub id_taken: bool,
    pub error: Error,
}

pub const LOOK: &str = "Check MONGODB_CONNECTION_STRING, the network and the server.";

impl Failure {
    /// The driver's own text stays out of the sentence: it prints the values of duplicate keys.
    pub fn of(what: &str, error: &mongodb::error::Error) -> Self {
        let (code, name) = match &*error.kind {
            ErrorKind::Command(command) => (Some(command.code), command.code_name.clone()),
            ErrorKind::Write(WriteFailure::WriteError(write)) => {
                (Some(write.code), write.code_name.clone().unwrap_or_default())
            }
            ErrorKind::Write(WriteFailure::WriteConcernError(write)) => {
                (Some(write.code), write.code_name.clone())
            }
            ErrorKind::InsertMany(many) => many_failed(many),
            _ => (None, String::new()),
        };
        let id_taken = error.to_string().contains("index: _id_ ");
        let auth = matches!(*error.kind, ErrorKind::Authentication { .. })
            || code.is_some_and(|code| NOT_ALLOWED.contains(&code));
        let passes =
            error.contains_label("RetryableWriteError") || code.is_some_and(|code| PASSING.contains(&code));
        let (kind, what, hint) = match (&*error.kind, code) {
            _ if auth => (
                Class::Auth,
                format!("mongo refuses our user {what}."),
                "Check the user in MONGODB_CONNECTION_STRING and its rights on MONGODB_NAME.",
            ),
            (
                ErrorKind::ServerSelection { .. }
                | ErrorKind::Io(_)
                | ErrorKind::ConnectionPoolCleared { .. },
                _,
            ) => (Class::Unavailable, "mongo cannot be reached.".to_string(), LOOK),
            (ErrorKind::DnsResolve { .. }, _) => (
                Class::Unavailable,
                "mongo's name cannot be resolved.".to_string(),
                LOOK,
            ),
            (_, Some(DUPLICATE_KEY)) => (
                Class::Conflict,
                format!("mongo has that value already: {what}."),
                "",
            ),
            (_, Some(code)) => {
                let (kind, hint) = match passes {
                    true => (
                        Class::Unavailable,
                        "The server is busy or changing over; it is tried again by itself.",
                    ),
                    false => (
                        Class::Internal,
                        "Look the code up in MongoDB's list of error codes.",
                    ),
                };
                (kind, format!("mongo refused {what}: {name} (code {code})."), hint)
            }
            _ => (Class::Internal, format!("mongo failed at {what}."), LOOK),
        };
        Self {
            code,
            id_taken,
            error: Error::new(SERVICE, kind, what, hint),
        }
    }

    pub fn code_write(self) -> Result<CodeWrite, Error> {
        match self.code {
            Some(DUPLICATE_KEY) if self.id_taken => Ok(CodeWrite::Already),
            Some(DUPLICATE_KEY) => Ok(CodeWrite::Taken),
            _ => Err(self.error),
        }
    }
}

/// Why the index on the code cannot be made. It stands in everybody's way.
pub fn codes_twice() -> Error {
    Error::new(
        SERVICE,
        Class::Conflict,
        "There is no unique index on users.code, and none can be made: two users have the same code.",
        "Give one of them another code by hand first.",
    )
    .advised(Advice::Configure)
}

/// Of several writes, what went wrong: a duplicate key only where nothing else did.
fn many_failed(many: &InsertManyError) -> (Option<i32>, String) {
    if let Some(concern) = &many.write_concern_error {
        return (Some(concern.code), concern.code_name.clone());
    }
    let writes = many.write_errors.as_deref().unwrap_or_default();
    let worst = writes
        .iter()
        .find(|write| write.code != DUPLICATE_KEY)
        .or(writes.first());
    let name = worst.and_then(|write| write.code_name.clone());
    (worst.map(|write| write.code), name.unwrap_or_default())
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        failure.error
    }
}

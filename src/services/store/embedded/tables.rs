//! The tables of the embedded store: one a collection, a document a row, as JSON.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OptionalExtension, params};
use serde_json::Value;

use crate::domain::Class;
use crate::services::Error;
use crate::services::store::journal::{HISTORY, JOBS, LEASES, RUNS};
use crate::services::store::{DELETIONS, HANDLES, INTENTS, TOMBSTONES, USERS, VERIFICATIONS, Written};

pub const SERVICE: &str = "mongo";
const COLLECTIONS: [&str; 10] = [
    USERS,
    VERIFICATIONS,
    HANDLES,
    DELETIONS,
    TOMBSTONES,
    INTENTS,
    RUNS,
    JOBS,
    LEASES,
    HISTORY,
];

/// Opens the file, and makes the tables where they are missing.
pub fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    for name in COLLECTIONS {
        connection.execute(
            &format!(
                "CREATE TABLE IF NOT EXISTS \"{name}\" (_id TEXT PRIMARY KEY, doc TEXT NOT NULL) STRICT"
            ),
            [],
        )?;
    }
    Ok(connection)
}

/// Makes the index on the code: unique, and without those who have no code. `name` comes from the program, never from outside.
pub fn make_code_index(db: &Connection, name: &str) -> rusqlite::Result<()> {
    let sql = format!(
        "CREATE UNIQUE INDEX IF NOT EXISTS {name} ON users (json_extract(doc, '$.code'))
         WHERE json_extract(doc, '$.code') IS NOT NULL"
    );
    db.execute(&sql, []).map(|_| ())
}

/// What the file keeps in its header: whether the sandbox pretends that nobody can reach it.
const OUT: &str = "user_version";

pub fn set_out(db: &Connection, out: bool) -> rusqlite::Result<()> {
    db.pragma_update(None, OUT, out)
}

pub fn is_out(db: &Connection) -> rusqlite::Result<bool> {
    db.pragma_query_value(None, OUT, |row| row.get(0))
}

pub fn out_of_reach() -> Error {
    Error::new(
        SERVICE,
        Class::Unavailable,
        "mongo cannot be reached.",
        "Check MONGODB_CONNECTION_STRING, the network and the server.",
    )
}

pub fn one(db: &Connection, table: &str, id: &str) -> rusqlite::Result<Option<Value>> {
    let sql = format!("SELECT doc FROM \"{table}\" WHERE _id = ?1");
    let doc: Option<String> = db.prepare(&sql)?.query_row([id], |row| row.get(0)).optional()?;
    Ok(doc.map(|doc| serde_json::from_str(&doc).unwrap_or_default()))
}

pub fn insert(db: &Connection, table: &str, id: &str, doc: &Value) -> rusqlite::Result<usize> {
    let sql = format!("INSERT INTO \"{table}\" (_id, doc) VALUES (?1, ?2) ON CONFLICT DO NOTHING");
    db.execute(&sql, params![id, doc.to_string()])
}

pub fn is_taken(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation)
}

pub fn written(count: usize) -> Written {
    if count > 0 {
        Written::Done
    } else {
        Written::Already
    }
}

pub fn told(error: rusqlite::Error) -> Error {
    let busy = matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
    );
    let kind = if busy { Class::Unavailable } else { Class::Internal };
    let reason = error
        .sqlite_error_code()
        .map_or_else(|| "unreadable".into(), |code| format!("{code:?}"));
    Error::new(
        SERVICE,
        kind,
        format!("The embedded store failed: {reason}."),
        "Is the disk full, or the file in use?",
    )
}

//! What an account is about to be made with, in SQLite.

use jiff::Timestamp;
use rusqlite::{Connection, params};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::tables::one;
use crate::services::store::journal::documents::stamp;
use crate::services::store::{INTENTS, NewIntent};

pub fn document(intent: &NewIntent) -> Value {
    json!({
        "handle": intent.handle,
        "email": intent.email,
        "password": intent.password.expose_secret(),
        "invite": intent.invite.as_ref().map(|invite| invite.expose_secret()),
        "replaces": intent.replaces,
        "at": {"$date": stamp(intent.at)},
    })
}

pub fn read(db: &Connection, key: &str) -> rusqlite::Result<Option<NewIntent>> {
    Ok(one(db, INTENTS, key)?.map(|doc| {
        let text = |name: &str| doc[name].as_str().unwrap_or_default().to_string();
        NewIntent {
            key: key.to_string(),
            handle: text("handle"),
            email: text("email"),
            password: text("password").into(),
            invite: doc["invite"].as_str().map(SecretString::from),
            replaces: doc["replaces"].as_str().map(String::from),
            at: doc["at"]["$date"]
                .as_str()
                .and_then(|at| at.parse().ok())
                .unwrap_or(Timestamp::UNIX_EPOCH),
        }
    }))
}

/// What is asked for next, and whose place it takes; the rest stays.
pub fn change(db: &Connection, to: &NewIntent) -> rusqlite::Result<()> {
    let patch = json!({"handle": to.handle, "email": to.email, "replaces": to.replaces});
    let sql = format!("UPDATE \"{INTENTS}\" SET doc = json_patch(doc, ?2) WHERE _id = ?1");
    db.execute(&sql, params![to.key, patch.to_string()]).map(|_| ())
}

/// Only where `old` stands; `None`: where there is none.
pub fn renew_invite(
    db: &Connection,
    key: &str,
    old: Option<&SecretString>,
    fresh: &SecretString,
) -> rusqlite::Result<()> {
    let sql = format!(
        "UPDATE \"{INTENTS}\" SET doc = json_set(doc, '$.invite', ?3)
         WHERE _id = ?1 AND json_extract(doc, '$.invite') IS ?2"
    );
    let old = old.map(|old| old.expose_secret());
    db.execute(&sql, params![key, old, fresh.expose_secret()])
        .map(|_| ())
}

/// How many there were.
pub fn drop(db: &Connection, key: &str) -> rusqlite::Result<usize> {
    db.execute(&format!("DELETE FROM \"{INTENTS}\" WHERE _id = ?1"), [key])
}

//! The account in a user's record, in SQLite.

use rusqlite::{Connection, TransactionBehavior, params};
use secrecy::ExposeSecret;
use serde_json::json;

use super::tables::one;
use crate::services::store::{NewAtproto, USERS};

/// Writes `users.atproto`; `None` where there is no record, or one with a DID that may not be replaced.
pub fn record(db: &mut Connection, id: &str, account: &NewAtproto) -> rusqlite::Result<Option<usize>> {
    let change = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let Some(mut doc) = one(&change, USERS, id)? else {
        return Ok(None);
    };
    let atproto = &mut doc["atproto"];
    let recorded = atproto["did"]
        .as_str()
        .filter(|did| !did.is_empty())
        .map(String::from);
    let fits = [Some(&account.did), account.replaces.as_ref()];
    if recorded.is_some() && !fits.contains(&recorded.as_ref()) {
        return Ok(None);
    }
    let at = account.at.to_string();
    let when = match recorded.as_ref() == Some(&account.did) {
        true => "syncedAt",
        false => "createdAt",
    };
    atproto[when] = json!(at);
    atproto["did"] = json!(account.did);
    atproto["handle"] = json!(account.handle);
    if let Some(password) = &account.password {
        atproto["password"] = json!(password.expose_secret());
    }
    match &account.fallback {
        Some((wanted, reason)) => {
            atproto["handleFallback"] = json!({"wanted": wanted, "reason": reason, "at": at});
        }
        None => {
            atproto
                .as_object_mut()
                .and_then(|fields| fields.remove("handleFallback"));
        }
    }
    let written = change.execute(
        "UPDATE users SET doc = ?2 WHERE _id = ?1",
        params![id, doc.to_string()],
    )?;
    change.commit()?;
    Ok(Some(written))
}

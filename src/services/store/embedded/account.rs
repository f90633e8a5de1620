//! The account in a user's record, in SQLite.

use rusqlite::{Connection, TransactionBehavior, params};
use secrecy::ExposeSecret;
use serde_json::json;

use super::tables::one;
use crate::services::store::documents::{MADE_BEFORE, named};
use crate::services::store::{NewAtproto, USERS};

/// Writes `users.atproto`; `None` where there is no record, or one with a DID that may not be replaced.
pub fn record(db: &mut Connection, id: &str, account: &NewAtproto) -> rusqlite::Result<Option<usize>> {
    let change = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let Some(mut doc) = one(&change, USERS, id)? else {
        return Ok(None);
    };
    let Ok(stands) = named(&doc) else {
        return Ok(None);
    };
    let fits = [Some(account.did.as_str()), account.replaces.as_deref()];
    if stands.did.is_some() && !fits.contains(&stands.did) {
        return Ok(None);
    }
    let is_same = stands.did == Some(account.did.as_str());
    let kept = stands.password.filter(|_| is_same).map(String::from);
    let made = doc[MADE_BEFORE].clone();
    let made = (is_same && stands.older.did && !made.is_null()).then_some(made);
    let at = account.at.to_string();
    let atproto = &mut doc["atproto"];
    if is_same {
        atproto["syncedAt"] = json!(at);
    } else {
        atproto["createdAt"] = json!(at);
    }
    if let Some(made) = made.filter(|_| atproto["createdAt"].is_null()) {
        atproto["createdAt"] = made;
    }
    atproto["did"] = json!(account.did);
    atproto["handle"] = json!(account.handle);
    let password = account
        .password
        .as_ref()
        .map(|password| password.expose_secret().to_string());
    if let Some(password) = password.or(kept) {
        atproto["password"] = json!(password);
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

//! Queries of the embedded store: the documents of a page of signups, and who has what.

use std::collections::HashMap;

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::tables::one;
use crate::domain::observed::Observed;
use crate::domain::signup::{Deletion, Intent, UserRecord, Verification};
use crate::services::store::journal::documents::stamp;
use crate::services::store::{
    DELETIONS, HANDLES, INTENTS, Lookup, Marks, TOMBSTONES, USERS, VERIFICATIONS, documents, tombstone_id,
};

/// Users, verifications, names and marks, by `_id`.
type Found = (
    HashMap<String, Observed<UserRecord>>,
    HashMap<String, Observed<Verification>>,
    HashMap<String, Observed<String>>,
    Marks,
);

/// Where a record may name an account: in its present form, and in the flat field of older scripts.
const DID_PATHS: [&str; 2] = ["$.atproto.did", "$.atproto_did"];

pub fn records(db: &Connection, ids: &[String]) -> rusqlite::Result<Found> {
    let mut records = (HashMap::new(), HashMap::new(), HashMap::new(), Marks::default());
    for id in ids {
        if let Some(doc) = one(db, USERS, id)? {
            records.0.insert(id.clone(), documents::user(id, &doc));
        }
        if let Some(doc) = one(db, VERIFICATIONS, id)? {
            records.1.insert(id.clone(), documents::verification(id, &doc));
        }
        if let Some(doc) = one(db, HANDLES, id)? {
            records.2.insert(id.clone(), documents::name(&doc));
        }
        if one(db, TOMBSTONES, &tombstone_id(id))?.is_some() {
            records.3.deletions.insert(id.clone(), Deletion::Tombstone);
        }
        if one(db, DELETIONS, id)?.is_some_and(|doc| documents::is_pending(&doc)) {
            records.3.deletions.insert(id.clone(), Deletion::Scheduled);
        }
        if let Some(doc) = one(db, INTENTS, id)? {
            let handle = doc["handle"].as_str().unwrap_or_default().to_string();
            let replaces = doc["replaces"].as_str().map(String::from);
            records.3.intents.insert(id.clone(), Intent { handle, replaces });
        }
    }
    Ok(records)
}

pub fn ids_after(
    db: &Connection,
    after: &str,
    since: Option<Timestamp>,
    limit: usize,
) -> rusqlite::Result<Vec<String>> {
    let mut found = db.prepare(
        "SELECT _id FROM users
         WHERE _id > ?1 AND (?2 IS NULL OR json_extract(doc, '$.when.\"$date\"') >= ?2)
         UNION SELECT _id FROM verifications WHERE _id > ?1 AND ?2 IS NULL
         UNION SELECT _id FROM \"@handles\" WHERE _id > ?1 AND ?2 IS NULL
         ORDER BY _id LIMIT ?3",
    )?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    found
        .query_map(params![after, since.map(stamp), limit], |row| row.get(0))?
        .collect()
}

pub fn holders(db: &Connection, dids: &[String]) -> rusqlite::Result<Vec<(String, String)>> {
    let mut holders = Vec::new();
    for path in DID_PATHS {
        let sql = format!("SELECT _id FROM users WHERE json_extract(doc, '{path}') = ?1");
        let mut query = db.prepare(&sql)?;
        for did in dids {
            for id in query.query_map([did], |row| row.get(0))? {
                holders.push((did.clone(), id?));
            }
        }
    }
    Ok(holders)
}

pub fn find(db: &Connection, by: &Lookup) -> rusqlite::Result<Vec<String>> {
    let (table, paths, value): (_, &[&str], _) = match by {
        Lookup::Name(name) => (HANDLES, &["$.handle"], name),
        Lookup::Code(code) => (USERS, &["$.code"], code),
        Lookup::Did(did) => (USERS, &DID_PATHS, did),
    };
    let found = ids_where(db, table, paths, value, "BINARY")?;
    match by {
        // Handles are compared without regard to case; the spelling as given comes first.
        Lookup::Name(_) if found.is_empty() => ids_where(db, table, paths, value, "NOCASE"),
        _ => Ok(found),
    }
}

/// The `_id`s of the first ten documents that have this value at one of these paths.
fn ids_where(
    db: &Connection,
    table: &str,
    paths: &[&str],
    value: &str,
    order: &str,
) -> rusqlite::Result<Vec<String>> {
    let any = paths
        .iter()
        .map(|path| format!("json_extract(doc, '{path}') = ?1 COLLATE {order}"));
    let any = any.collect::<Vec<_>>().join(" OR ");
    let sql = format!("SELECT _id FROM \"{table}\" WHERE {any} LIMIT 10");
    db.prepare(&sql)?.query_map([value], |row| row.get(0))?.collect()
}

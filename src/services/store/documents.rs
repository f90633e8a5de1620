//! How the documents look, for both stores: they come as JSON, with dates as `{"$date": …}`, and may hold anything.
//! A field of the wrong type is said to be unreadable, never taken for missing.

use jiff::Timestamp;
use serde_json::Value;

use crate::domain::observed::Observed;
use crate::domain::signup::{AtprotoRecord, Fallback, Older, UserRecord, Verification};

pub fn user(id: &str, doc: &Value) -> Observed<UserRecord> {
    Observed::Present(UserRecord {
        id: id.to_string(),
        code: text("the code", &doc["code"]),
        when: date(&doc["when"]),
        atproto: atproto(doc),
    })
}

pub fn verification(id: &str, doc: &Value) -> Observed<Verification> {
    match number(&doc["count"]) {
        Some(count) => Observed::Present(Verification {
            id: id.to_string(),
            count,
        }),
        None => Observed::Unreadable(format!("the count is {}, not a number", kind(&doc["count"]))),
    }
}

pub fn name(doc: &Value) -> Observed<String> {
    text("the handle", &doc["handle"])
}

/// Whether a row of `account-deletions` still means it: a restored account leaves a cancelled one.
pub fn is_pending(doc: &Value) -> bool {
    doc["state"].as_str() != Some("cancelled")
}

/// The account that a document of `users` names.
pub struct Named<'a> {
    pub did: Option<&'a str>,
    pub handle: Option<&'a str>,
    pub password: Option<&'a str>,
    /// What of it stands in the flat fields alone.
    pub older: Older,
}

/// The fields of `users` that `named` reads.
pub const NAMING: [&str; 4] = ["atproto", "atproto_did", "atproto_handle", "atproto_password"];
/// When the account was made, as the older scripts wrote it.
pub const MADE_BEFORE: &str = "atproto_created_at";

/// Reads which account a document of `users` names: what `atproto` lacks, the flat fields of older scripts say, unless
/// `atproto` names another DID than they do.
///
/// # Errors
/// What cannot be read, and why.
pub fn named(doc: &Value) -> Result<Named<'_>, String> {
    let value = &doc["atproto"];
    if !value.is_null() && !value.is_object() {
        return Err(format!("it is {}, not a document", kind(value)));
    }
    let did = filled("did", &value["did"])?;
    let handle = filled("handle", &value["handle"])?;
    let password = filled("password", &value["password"])?;
    let flat = |stands: Option<&str>, name: &str| match stands {
        Some(_) => Ok(None),
        None => filled(name, &doc[name]),
    };
    let older_did = flat(did, "atproto_did")?;
    // Beside another DID they are about another account.
    let is_another = did.is_some() && doc["atproto_did"].as_str() != did;
    let (older_handle, older_password) = match is_another {
        true => (None, None),
        false => (
            flat(handle, "atproto_handle")?,
            flat(password, "atproto_password")?,
        ),
    };
    Ok(Named {
        did: did.or(older_did),
        handle: handle.or(older_handle),
        password: password.or(older_password),
        older: Older {
            did: older_did.is_some(),
            handle: older_handle.is_some(),
            password: older_password.is_some(),
        },
    })
}

fn atproto(doc: &Value) -> Observed<AtprotoRecord> {
    let named = match named(doc) {
        Ok(named) => named,
        Err(why) => return Observed::Unreadable(why),
    };
    if doc["atproto"].is_null() && !named.older.any() {
        return Observed::Absent;
    }
    let fallback = &doc["atproto"]["handleFallback"];
    Observed::Present(AtprotoRecord {
        did: named.did.map(String::from),
        handle: named.handle.map(String::from),
        has_password: named.password.is_some(),
        older: named.older,
        fallback: fallback["wanted"].as_str().map(|wanted| Fallback {
            wanted: wanted.to_string(),
            reason: fallback["reason"].as_str().unwrap_or_default().to_string(),
        }),
    })
}

/// A text that says something: an empty one is none.
fn filled<'a>(what: &str, value: &'a Value) -> Result<Option<&'a str>, String> {
    match text(what, value) {
        Observed::Unreadable(why) => Err(why),
        _ => Ok(value.as_str().filter(|text| !text.is_empty())),
    }
}

fn text(what: &str, value: &Value) -> Observed<String> {
    match value {
        Value::Null => Observed::Absent,
        Value::String(text) => Observed::Present(text.clone()),
        other => Observed::Unreadable(format!("{what} is {}, not a text", kind(other))),
    }
}

fn number(value: &Value) -> Option<i64> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a count of 2⁶³ is none that we could tell from another"
    )]
    let float = |number: f64| number as i64;
    let long = || value["$numberLong"].as_str()?.parse().ok();
    value.as_i64().or_else(|| value.as_f64().map(float)).or_else(long)
}

/// A date of BSON, or a text in RFC 3339 as older scripts wrote it.
fn date(value: &Value) -> Option<Timestamp> {
    let inner = &value["$date"];
    let millis = inner["$numberLong"]
        .as_str()
        .and_then(|millis| millis.parse().ok());
    inner
        .as_str()
        .or_else(|| value.as_str())
        .and_then(|text| text.parse().ok())
        .or_else(|| Timestamp::from_millisecond(millis?).ok())
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a document",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn fields_of_the_wrong_type_are_unreadable_and_not_missing() {
        let read = |doc| user("auth0|1", &doc).present().cloned().unwrap();
        assert_eq!(read(json!({})).code, Observed::Absent);
        assert_eq!(
            read(json!({"code": 5})).code.unreadable(),
            Some("the code is a number, not a text")
        );
        assert_eq!(
            read(json!({"atproto": "x"})).atproto.unreadable(),
            Some("it is a text, not a document")
        );
        assert_eq!(
            read(json!({"atproto": {"did": 1}})).atproto.unreadable(),
            Some("did is a number, not a text")
        );
        assert_eq!(read(json!({"atproto": null})).atproto, Observed::Absent);
        let lacking = read(json!({"atproto": {"did": "did:plc:a", "password": ""}}));
        assert!(
            lacking
                .atproto
                .present()
                .is_some_and(|record| !record.has_password)
        );
    }

    #[test]
    fn counts_and_dates_come_in_several_shapes() {
        for (count, read) in [(json!(2), 2), (json!(1.0), 1), (json!({"$numberLong": "3"}), 3)] {
            let found = verification("a", &json!({"count": count}));
            assert_eq!(found.present().map(|found| found.count), Some(read));
        }
        assert!(verification("a", &json!({"count": "1"})).unreadable().is_some());
        assert!(verification("a", &json!({})).unreadable().is_some());
        let expected: Timestamp = "2025-10-14T10:00:00Z".parse().unwrap();
        for when in [
            json!({"$date": "2025-10-14T10:00:00Z"}),
            json!("2025-10-14T10:00:00Z"),
        ] {
            assert_eq!(date(&when), Some(expected));
        }
    }
}

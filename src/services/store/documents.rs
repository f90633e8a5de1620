//! How the documents look, for both stores: they come as JSON, with dates as `{"$date": …}`, and may hold anything.
//! A field of the wrong type is said to be unreadable, never taken for missing.

use jiff::Timestamp;
use serde_json::Value;

use crate::domain::observed::Observed;
use crate::domain::signup::{AtprotoRecord, Fallback, UserRecord, Verification};

pub fn user(id: &str, doc: &Value) -> Observed<UserRecord> {
    Observed::Present(UserRecord {
        id: id.to_string(),
        code: text("the code", &doc["code"]),
        when: date(&doc["when"]),
        atproto: atproto(&doc["atproto"]),
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

fn atproto(value: &Value) -> Observed<AtprotoRecord> {
    if value.is_null() {
        return Observed::Absent;
    }
    if !value.is_object() {
        return Observed::Unreadable(format!("it is {}, not a document", kind(value)));
    }
    let field = |name: &str| match text(name, &value[name]) {
        Observed::Unreadable(why) => Err(why),
        other => Ok(other.present().cloned().filter(|text| !text.is_empty())),
    };
    let (did, handle, password) = match (field("did"), field("handle"), field("password")) {
        (Ok(did), Ok(handle), Ok(password)) => (did, handle, password),
        (Err(why), ..) | (_, Err(why), _) | (.., Err(why)) => return Observed::Unreadable(why),
    };
    let fallback = &value["handleFallback"];
    Observed::Present(AtprotoRecord {
        did,
        handle,
        has_password: password.is_some(),
        fallback: fallback["wanted"].as_str().map(|wanted| Fallback {
            wanted: wanted.to_string(),
            reason: fallback["reason"].as_str().unwrap_or_default().to_string(),
        }),
    })
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

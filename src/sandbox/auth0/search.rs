//! What a query means for a user, and the order of what it finds. Reading the query's text lives
//! in `query.rs`.

use std::cmp::Ordering;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::query::{Bound, Query, Wanted};

/// Fields that are compared without case; all others are exact.
const CASELESS: [&str; 5] = ["email", "name", "given_name", "family_name", "nickname"];

/// Whether a user, as Auth0 shows it, is one that the query asks for.
pub(super) fn matches(query: &Query, user: &Value) -> bool {
    match query {
        Query::All(parts) => parts.iter().all(|part| matches(part, user)),
        Query::Any(parts) => parts.iter().any(|part| matches(part, user)),
        Query::Not(inner) => !matches(inner, user),
        Query::Term(field, wanted) => {
            let values = values(user, field);
            values.into_iter().any(|value| fits(value, field, wanted))
        }
    }
}

/// The values under a dotted path, through arrays.
fn values<'a>(value: &'a Value, path: &str) -> Vec<&'a Value> {
    if let Value::Array(items) = value {
        return items.iter().flat_map(|item| values(item, path)).collect();
    }
    match path.split_once('.') {
        Some((first, rest)) => value.get(first).map(|v| values(v, rest)).unwrap_or_default(),
        None => value.get(path).into_iter().collect(),
    }
}

fn fits(value: &Value, field: &str, wanted: &Wanted) -> bool {
    let fold = |text: &str| match CASELESS.contains(&field) {
        true => text.to_lowercase(),
        false => text.to_owned(),
    };
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match wanted {
        Wanted::Present => true,
        Wanted::Text(wanted) => match (time(&text), span(wanted)) {
            (Some(at), Some((from, to))) => (from..=to).contains(&at),
            _ => fold(&text) == fold(wanted),
        },
        Wanted::Prefix(prefix) => fold(&text).starts_with(&fold(prefix)),
        Wanted::Range(from, to) => within(&text, from, to),
    }
}

fn within(text: &str, from: &Bound, to: &Bound) -> bool {
    if let Some(at) = time(text) {
        // A day counts whole: after it means after its last moment.
        let after = |(first, last): (Timestamp, Timestamp)| match from.inclusive {
            true => at >= first,
            false => at > last,
        };
        let before = |(first, last): (Timestamp, Timestamp)| match to.inclusive {
            true => at <= last,
            false => at < first,
        };
        return bound_holds(from, after) && bound_holds(to, before);
    }
    let compared = |bound: &Bound, outside: Ordering| match &bound.value {
        None => true,
        Some(value) => match compare(text, value) {
            Ordering::Equal => bound.inclusive,
            order => order != outside,
        },
    };
    compared(from, Ordering::Less) && compared(to, Ordering::Greater)
}

fn bound_holds(bound: &Bound, holds: impl Fn((Timestamp, Timestamp)) -> bool) -> bool {
    match &bound.value {
        None => true,
        Some(value) => span(value).is_some_and(holds),
    }
}

/// Numbers as numbers, anything else as text.
fn compare(a: &str, b: &str) -> Ordering {
    match (a.parse::<f64>(), b.parse::<f64>()) {
        (Ok(a), Ok(b)) => a.total_cmp(&b),
        _ => a.cmp(b),
    }
}

fn time(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

/// A moment, or the first and last moment of a day. The index keeps milliseconds.
fn span(text: &str) -> Option<(Timestamp, Timestamp)> {
    if let Some(at) = time(text) {
        return Some((at, at));
    }
    let date: Date = text.parse().ok()?;
    let first = date.to_zoned(TimeZone::UTC).ok()?.timestamp();
    Some((first, first + SignedDuration::from_millis(86_400_000 - 1)))
}

/// Sorts by `field:1` or `field:-1`; users without the field come last.
pub(super) fn order(users: &mut [Value], sort: &str) -> Result<(), String> {
    let invalid = || {
        format!(
            "Query validation error: 'String does not match pattern ^(([a-zA-Z0-9_\\.]+))\\:(1|-1)$: {sort}' on property sort (Field to sort by.)"
        )
    };
    let (field, direction) = sort.rsplit_once(':').ok_or_else(invalid)?;
    let descending = match direction {
        "1" => false,
        "-1" => true,
        _ => return Err(invalid()),
    };
    users.sort_by_cached_key(|user| {
        let key = values(user, field).first().map(|value| match value {
            Value::String(text) => text.clone(),
            // Wide enough for every count, so that numbers sort as numbers.
            other => format!("{:>24}", other.to_string()),
        });
        (key.is_none(), key, user["user_id"].to_string())
    });
    if descending {
        let present = |user: &Value| !values(user, field).is_empty();
        let end = users.partition_point(present);
        users[..end].reverse();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::Auth0User;

    fn user() -> Auth0User {
        let at = "2026-03-04T10:00:00.500Z".parse().expect("a timestamp");
        let mut user = Auth0User::new("auth0|A1", "mona@example.com", at).verified();
        user.logins_count = 12;
        user
    }

    #[test]
    fn a_query_finds_what_it_names() {
        for (text, expected) in [
            ("email:\"MONA@example.com\"", true),
            ("user_id:\"auth0|A1\"", true),
            ("user_id:\"auth0|a1\"", false),
            ("user_id:auth0\\|A1", true),
            ("user_id:(\"auth0|B2\" OR \"auth0|A1\")", true),
            ("email:mon*", true),
            ("email_verified:true AND NOT blocked:true", true),
            ("blocked:true", false),
            ("blocked:true OR -email:\"other@example.com\"", true),
            ("logins_count:[2 TO 100]", true),
            ("logins_count:{12 TO *]", false),
            ("last_login:*", false),
            ("identities.connection:\"Username-Password-Authentication\"", true),
            ("created_at:[2026-03-04T10:00:00.500Z TO *}", true),
            ("created_at:{2026-03-04T10:00:00.500Z TO *}", false),
            ("created_at:[* TO 2026-03-04T10:00:00.500Z}", false),
            ("created_at:[* TO 2026-03-04T10:00:00.500Z]", true),
            ("created_at:[2026-03-04 TO 2026-03-04]", true),
            ("created_at:{2026-03-04 TO *}", false),
            ("created_at:[* TO 2026-03-04}", false),
        ] {
            let query = Query::parse(text).expect(text);
            assert_eq!(matches(&query, &user().to_json()), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_query_is_refused() {
        for text in [
            "created_at:[2026 TO",
            "email:",
            "\"x",
            "(blocked:true",
            "blocked:true)",
            "plain",
        ] {
            assert!(Query::parse(text).is_err(), "{text}");
        }
    }
}

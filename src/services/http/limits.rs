//! What the headers of an answer announce about a budget: how much it holds, how much is left, and when it is whole
//! again; and what time it is there. A moment that cannot be meant is not believed.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

use crate::domain::setting::clock::Clock;

/// The longest window that any of the services has is a day.
const LONGEST: SignedDuration = SignedDuration::from_hours(24);
/// As a moment this is in January 1970: whoever sends it means seconds from now.
const SECONDS_AT_MOST: i64 = 86_400 * 366;
/// As a moment in seconds this is beyond the year 5000: whoever sends it means milliseconds.
const MILLISECONDS_FROM: i64 = 100_000_000_000;
/// From so much on, the server's clock and ours do not agree, and its own tells how far away its moments are.
const SKEW: SignedDuration = SignedDuration::from_secs(5);

/// Half a second more than announced: the two clocks are not the same.
pub(super) const MARGIN: Duration = Duration::from_millis(500);

/// How long to wait for a moment that a server named.
pub(super) fn wait_for(until: Timestamp) -> Duration {
    let wait = until.duration_since(Timestamp::now());
    Duration::try_from(wait).unwrap_or_default() + MARGIN
}

/// What one answer says of its budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Announced {
    pub limit: Option<u64>,
    pub remaining: Option<u64>,
    pub reset: Option<Timestamp>,
}

/// Reads the headers of Auth0 (`x-ratelimit-*`) and of the PDS (`ratelimit-*`), and `Retry-After`.
pub(super) fn announced(headers: &HeaderMap, now: Timestamp) -> Announced {
    Announced {
        limit: count(headers, "limit"),
        remaining: count(headers, "remaining"),
        reset: reset(headers, now),
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

fn number(headers: &HeaderMap, name: &str) -> Option<i64> {
    text(headers, name)?.parse().ok()
}

fn count(headers: &HeaderMap, what: &str) -> Option<u64> {
    let value = number(headers, &format!("x-ratelimit-{what}"));
    value
        .or_else(|| number(headers, &format!("ratelimit-{what}")))
        .map(|count| count.max(0).unsigned_abs())
}

/// When the budget is whole again. Auth0 and the PDS name it in absolute Unix seconds, `Retry-After` in seconds from now
/// or as a date.
fn reset(headers: &HeaderMap, now: Timestamp) -> Option<Timestamp> {
    let theirs = date(text(headers, DATE.as_str()));
    let skew = theirs.map_or(SignedDuration::ZERO, |theirs| theirs.duration_since(now));
    let ours = |moment: Timestamp| match skew.abs() > SKEW {
        true => moment.checked_sub(skew).ok(),
        false => Some(moment),
    };
    let after = |seconds: i64| now.checked_add(SignedDuration::from_secs(seconds.max(0))).ok();
    let moment = |number: i64| match number {
        ..=SECONDS_AT_MOST => after(number),
        MILLISECONDS_FROM.. => Timestamp::from_millisecond(number).ok().and_then(ours),
        second => Timestamp::from_second(second).ok().and_then(ours),
    };
    let retry_after = || {
        let value = text(headers, RETRY_AFTER.as_str())?;
        match value.parse() {
            Ok(seconds) => after(seconds),
            Err(_) => date(Some(value)).and_then(ours),
        }
    };
    let rounded_down = || {
        // The PDS rounds its moments down to the second.
        let floor = number(headers, "ratelimit-reset").and_then(moment)?;
        floor.checked_add(SignedDuration::from_secs(1)).ok()
    };
    let named = [
        number(headers, "x-ratelimit-reset").and_then(moment),
        rounded_down(),
        retry_after(),
    ];
    named.into_iter().flatten().find(|until| {
        let believed = until.duration_since(now) <= LONGEST;
        if !believed {
            tracing::debug!(%until, "a budget's reset is more than a day away, which cannot be meant");
        }
        believed
    })
}

/// The server's clock against ours, from an answer that came `now` and took so long: its `Date` was written half-way, and
/// has no fractions of a second.
pub(super) fn clock(headers: &HeaderMap, now: Timestamp, took: Duration) -> Option<Clock> {
    const HALF_A_SECOND: SignedDuration = SignedDuration::from_millis(500);
    let half = SignedDuration::try_from(took / 2).ok()?;
    let theirs = date(text(headers, DATE.as_str()))?;
    let ahead = theirs.duration_since(now) + half + HALF_A_SECOND;
    let give = half + HALF_A_SECOND;
    Some(Clock { ahead, give })
}

/// A date of HTTP, which is one of RFC 2822 with `GMT` for the zone.
fn date(text: Option<&str>) -> Option<Timestamp> {
    let zoned = jiff::fmt::rfc2822::parse(text?).ok()?;
    Some(zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::{HeaderName, HeaderValue};

    const NOW: i64 = 1_795_000_000;

    fn now() -> Timestamp {
        Timestamp::from_second(NOW).unwrap()
    }

    fn read(headers: &[(&str, &str)]) -> Announced {
        let pairs = headers.iter().map(|(name, value)| {
            let name = HeaderName::try_from(*name).unwrap();
            (name, HeaderValue::from_str(value).unwrap())
        });
        announced(&pairs.collect(), now())
    }

    fn seconds(headers: &[(&str, &str)]) -> Option<i64> {
        read(headers).reset.map(|until| until.as_second() - NOW)
    }

    #[test]
    fn both_services_headers_are_read() {
        let auth0 = read(&[
            ("x-ratelimit-limit", "2"),
            ("x-ratelimit-remaining", "1"),
            ("x-ratelimit-reset", "1795000001"),
        ]);
        assert_eq!((auth0.limit, auth0.remaining), (Some(2), Some(1)));
        let pds = read(&[
            ("ratelimit-limit", "100"),
            ("ratelimit-remaining", "-3"),
            ("ratelimit-policy", "100;w=300"),
        ]);
        assert_eq!((pds.limit, pds.remaining, pds.reset), (Some(100), Some(0), None));
        assert_eq!(read(&[]), Announced::default());
    }

    #[test]
    fn the_way_of_an_answer_is_not_held_against_a_clock() {
        let date = now().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let headers = HeaderMap::from_iter([(DATE, HeaderValue::from_str(&date).unwrap())]);
        // Written half-way of four seconds, and somewhere within its second.
        let came = now() + SignedDuration::from_millis(2500);
        let clock = clock(&headers, came, Duration::from_secs(4)).unwrap();
        let give = SignedDuration::from_millis(2500);
        assert_eq!((clock.ahead, clock.give), (SignedDuration::ZERO, give));
        assert_eq!(super::clock(&HeaderMap::new(), came, Duration::ZERO), None);
    }

    #[test]
    fn moments_are_read_in_every_form_and_believed_within_a_day() {
        let http_date = |offset: i64| {
            let at = Timestamp::from_second(NOW + offset).unwrap();
            at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
        };
        for (headers, expected) in [
            (vec![("x-ratelimit-reset", "1795000030".to_string())], Some(30)),
            (vec![("ratelimit-reset", "1795000030".into())], Some(31)),
            // A delta where a moment belongs, and milliseconds.
            (vec![("x-ratelimit-reset", "30".into())], Some(30)),
            (vec![("x-ratelimit-reset", "1795000030000".into())], Some(30)),
            (vec![("retry-after", "7".into())], Some(7)),
            (vec![("retry-after", http_date(90))], Some(90)),
            // The server's clock is an hour ahead, and so are its moments.
            (
                vec![
                    ("date", http_date(3600)),
                    ("x-ratelimit-reset", "1795003610".into()),
                ],
                Some(10),
            ),
            (
                vec![("date", http_date(3600)), ("retry-after", http_date(3620))],
                Some(20),
            ),
            // Years, for whatever reason: the next best header, or nothing.
            (vec![("x-ratelimit-reset", "1995000030".into())], None),
            (
                vec![
                    ("x-ratelimit-reset", "1995000030".into()),
                    ("retry-after", "3".into()),
                ],
                Some(3),
            ),
            (vec![("retry-after", "999999999999".into())], None),
            (vec![("retry-after", "soon".into())], None),
            (vec![("x-ratelimit-reset", "9223372036854775807".into())], None),
            (vec![("x-ratelimit-reset", "-5".into())], Some(0)),
        ] {
            let borrowed: Vec<(&str, &str)> = headers
                .iter()
                .map(|(name, value)| (*name, value.as_str()))
                .collect();
            assert_eq!(seconds(&borrowed), expected, "{headers:?}");
        }
    }
}

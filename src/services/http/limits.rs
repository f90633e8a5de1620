//! What the headers of an answer announce about a budget.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::HeaderMap;

/// How long to wait for a moment that a server named.
pub(super) fn wait_for(until: Timestamp) -> Duration {
    // Half a second more than announced: the two clocks are not the same.
    let wait = until.duration_since(Timestamp::now());
    Duration::try_from(wait).unwrap_or_default() + Duration::from_millis(500)
}

fn number(headers: &HeaderMap, names: [&str; 2]) -> Option<i64> {
    names
        .iter()
        .find_map(|name| headers.get(*name)?.to_str().ok()?.trim().parse().ok())
}

/// How many calls are left.
pub(super) fn remaining(headers: &HeaderMap) -> Option<i64> {
    number(headers, ["x-ratelimit-remaining", "ratelimit-remaining"])
}

/// When the budget is whole again: Auth0 and the PDS name it in absolute Unix seconds, `Retry-After` in seconds from now.
pub(super) fn reset_of(headers: &HeaderMap) -> Option<Timestamp> {
    let absolute = number(headers, ["x-ratelimit-reset", "ratelimit-reset"]);
    let relative = number(headers, ["retry-after", "retry-after"]);
    absolute
        .and_then(|second| Timestamp::from_second(second).ok())
        .or_else(|| {
            relative.map(|seconds| Timestamp::now() + Duration::from_secs(seconds.max(0).unsigned_abs()))
        })
}

//! The PDS's rate limiter: fixed windows of five minutes, off unless a world asks for it. Which
//! method counts against which limit is said here; when it is asked is said in `mod.rs`.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::http::HeaderMap;
use jiff::Timestamp;

use super::answer::put;

const MINUTES_5: i64 = 300;
const DAY: i64 = 86_400;

/// Counters by limit and key. There is one caller's address in a sandbox, so IPs do not appear.
#[derive(Default)]
pub(in crate::sandbox) struct Limiter {
    pub enabled: bool,
    windows: BTreeMap<String, Window>,
}

struct Window {
    ends: i64,
    used: u64,
}

/// The standing of the tightest limit that a request touched.
#[derive(Clone, Copy)]
pub(super) struct Standing {
    points: u64,
    remaining: u64,
    reset: i64,
    seconds: i64,
    pub over: bool,
}

impl Limiter {
    /// Counts one request against each limit of `method`; `key` is the identifier or DID that the
    /// method's own limits go by. `None` while the limiter is off.
    pub(super) fn count(&mut self, method: &str, key: &str) -> Option<Standing> {
        if !self.enabled {
            return None;
        }
        let own: &[(u64, i64)] = match method {
            "com.atproto.server.createAccount" => &[(100, MINUTES_5)],
            "com.atproto.server.createSession" => &[(300, DAY), (30, MINUTES_5)],
            "com.atproto.identity.updateHandle" => &[(10, MINUTES_5), (50, DAY)],
            _ => &[],
        };
        let mut standings: Vec<Standing> = own
            .iter()
            .map(|&(points, seconds)| self.step(&format!("{method} {key} {seconds}"), points, seconds))
            .collect();
        standings.push(self.step("global", 3000, MINUTES_5));
        let over = standings.iter().copied().find(|standing| standing.over);
        over.or_else(|| standings.into_iter().min_by_key(|standing| standing.remaining))
    }

    fn step(&mut self, name: &str, points: u64, seconds: i64) -> Standing {
        let now = Timestamp::now().as_second();
        let fresh = || Window {
            ends: now + seconds,
            used: 0,
        };
        let window = self.windows.entry(name.to_owned()).or_insert_with(fresh);
        if window.ends <= now {
            *window = fresh();
        }
        window.used += 1;
        Standing {
            points,
            remaining: points.saturating_sub(window.used),
            reset: window.ends,
            seconds,
            over: window.used > points,
        }
    }
}

impl Standing {
    /// The answer to a request that a fault, not a counter, refuses for so long.
    pub fn exhausted(wait: Duration) -> Self {
        let reset = Timestamp::now()
            .as_second()
            .saturating_add_unsigned(wait.as_secs());
        Self {
            points: 3000,
            remaining: 0,
            reset,
            seconds: MINUTES_5,
            over: true,
        }
    }

    /// `RateLimit-*`, with the reset in Unix seconds. 0.4.217 sends no `Retry-After`.
    pub fn put_headers(&self, headers: &mut HeaderMap) {
        put(headers, "ratelimit-limit", self.points);
        put(headers, "ratelimit-remaining", self.remaining);
        put(headers, "ratelimit-reset", self.reset);
        put(
            headers,
            "ratelimit-policy",
            format!("{};w={}", self.points, self.seconds),
        );
    }
}

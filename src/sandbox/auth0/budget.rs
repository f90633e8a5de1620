//! A tenant's rate limit: a bucket that fills steadily, and the headers that tell its state.

use std::time::{Duration, Instant};

use axum::http::HeaderMap;
use jiff::Timestamp;

use super::put;

/// How many requests a tenant takes at once, and how many more each second.
#[derive(Debug, Clone, Copy)]
pub struct RateBudget {
    /// Requests at once; `x-ratelimit-limit`.
    pub burst: u32,
    /// Requests a second, sustained.
    pub per_second: f64,
}

impl RateBudget {
    /// What a tenant on the free plan gets: 2 a second, 2 at once, for the whole Management API.
    pub const FREE: Self = Self {
        burst: 2,
        per_second: 2.0,
    };
    /// So much that no test meets it by accident.
    pub const GENEROUS: Self = Self {
        burst: 100_000,
        per_second: 100_000.0,
    };
    /// The token endpoint of a free tenant.
    pub(super) const TOKENS: Self = Self {
        burst: 1000,
        per_second: 30.0,
    };
}

/// A budget in use.
pub(super) struct Bucket {
    budget: RateBudget,
    tokens: f64,
    filled: Instant,
}

/// What a request found in the bucket.
#[derive(Clone, Copy)]
pub(super) struct Found {
    limit: u32,
    remaining: u32,
    reset: i64,
    /// Whether there was a token for it.
    pub granted: bool,
}

impl Bucket {
    pub fn full(budget: RateBudget) -> Self {
        Self {
            budget,
            tokens: f64::from(budget.burst),
            filled: Instant::now(),
        }
    }

    pub fn take(&mut self) -> Found {
        let RateBudget { burst, per_second } = self.budget;
        let now = Instant::now();
        let gained = now.duration_since(self.filled).as_secs_f64() * per_second;
        self.tokens = (self.tokens + gained).min(f64::from(burst));
        self.filled = now;
        let granted = self.tokens >= 1.0;
        if granted {
            self.tokens -= 1.0;
        }
        // When the next token is there if none is left, else when the bucket is full again;
        // rounded up, so that whoever waits until then is served.
        let missing = match self.tokens < 1.0 {
            true => 1.0 - self.tokens,
            false => f64::from(burst) - self.tokens,
        };
        let reset = Timestamp::now().as_millisecond() as f64 / 1000.0 + missing / per_second;
        Found {
            limit: burst,
            remaining: self.tokens as u32,
            reset: reset.ceil() as i64,
            granted,
        }
    }
}

impl Found {
    /// What a request finds that a fault, not the bucket, refuses for so long.
    pub fn exhausted(wait: Duration) -> Self {
        let reset = Timestamp::now()
            .as_second()
            .saturating_add_unsigned(wait.as_secs());
        Self {
            limit: 2,
            remaining: 0,
            reset,
            granted: false,
        }
    }

    /// `x-ratelimit-*`, with the reset in Unix seconds.
    pub fn put_headers(&self, headers: &mut HeaderMap) {
        put(headers, "x-ratelimit-limit", self.limit);
        put(headers, "x-ratelimit-remaining", self.remaining);
        put(headers, "x-ratelimit-reset", self.reset);
    }
}

//! While a backend fails for everybody, all jobs wait together: what is down is asked by few, at ever longer intervals,
//! and nobody fails for it one by one.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The pauses after the first, second, … failure without a success between.
const PAUSES: [u64; 5] = [1, 2, 4, 8, 15];

#[derive(Default)]
pub struct Hold(Mutex<State>);

#[derive(Default)]
struct State {
    until: Option<Instant>,
    failures: usize,
}

impl Hold {
    /// A job met an outage: how long all wait, and whether it is this one that begins the waiting. Jobs that fail
    /// together count once.
    pub fn failed(&self, now: Instant) -> (Duration, bool) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(left) = left(&state, now) {
            return (left, false);
        }
        let pause = Duration::from_secs(PAUSES[state.failures.min(PAUSES.len() - 1)]);
        state.failures += 1;
        state.until = Some(now + pause);
        (pause, true)
    }

    /// Somebody's step went well: the outage is over.
    pub fn over(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = State::default();
    }

    /// How long there is still to wait.
    pub fn left(&self, now: Instant) -> Option<Duration> {
        left(&self.0.lock().unwrap_or_else(PoisonError::into_inner), now)
    }
}

fn left(state: &State, now: Instant) -> Option<Duration> {
    state
        .until?
        .checked_duration_since(now)
        .filter(|left| !left.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_is_asked_about_ever_more_seldom_until_it_is_over() {
        let hold = Hold::default();
        let mut now = Instant::now();
        for seconds in [1, 2, 4, 8, 15, 15] {
            assert_eq!(hold.left(now), None);
            assert_eq!(hold.failed(now), (Duration::from_secs(seconds), true));
            assert_eq!(
                hold.failed(now),
                (Duration::from_secs(seconds), false),
                "together"
            );
            now += Duration::from_secs(seconds);
        }
        hold.failed(now);
        hold.over();
        assert_eq!(hold.left(now), None);
        assert_eq!(hold.failed(now), (Duration::from_secs(1), true));
    }
}

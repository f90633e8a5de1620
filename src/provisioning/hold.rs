//! While a backend fails for everybody, all jobs wait together: what is down is asked by few, at ever longer intervals,
//! and nobody fails for it one by one.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::domain::breaker::ENOUGH;

/// The pauses after the first, second, … failure without a success between.
const PAUSES: [u64; 5] = [1, 2, 4, 8, 15];
/// After so many pauses, a minute of them, somebody has to repair something.
const HOPELESS: usize = 7;

#[derive(Default)]
pub struct Hold(Mutex<State>);

#[derive(Default)]
struct State {
    until: Option<Instant>,
    failures: usize,
    /// The users who met it.
    met: HashSet<String>,
}

/// Whose trouble an outage is, as far as is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// Perhaps only this user's: a request that always fails.
    Perhaps,
    Everybodys,
    /// Of so many users, for a minute now.
    EverybodysForLong(usize),
}

impl Hold {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A user's job met an outage.
    pub fn met_by(&self, key: &str, now: Instant) -> Whose {
        let mut state = self.state();
        state.met.insert(key.to_string());
        match state.met.len() {
            ..ENOUGH => Whose::Perhaps,
            many if state.failures >= HOPELESS && left(&state, now).is_none() => {
                Whose::EverybodysForLong(many)
            }
            _ => Whose::Everybodys,
        }
    }

    /// A job met an outage: how long all wait, and whether it is this one that begins the waiting. Jobs that fail
    /// together count once.
    pub fn failed(&self, now: Instant) -> (Duration, bool) {
        let mut state = self.state();
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
        *self.state() = State::default();
    }

    /// How long there is still to wait.
    pub fn left(&self, now: Instant) -> Option<Duration> {
        left(&self.state(), now)
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

    #[test]
    fn what_many_meet_is_nobodys_fault_and_hopeless_after_a_minute() {
        let hold = Hold::default();
        let mut now = Instant::now();
        let begun = now;
        for user in ["a", "b", "a", "c", "d", "a"] {
            assert_eq!(hold.met_by(user, now), Whose::Perhaps);
        }
        while now - begun < Duration::from_secs(60) {
            assert_eq!(hold.met_by("e", now), Whose::Everybodys);
            now += hold.failed(now).0;
        }
        assert_eq!(hold.met_by("e", now), Whose::EverybodysForLong(5));
        hold.over();
        assert_eq!(hold.met_by("e", now), Whose::Perhaps);
    }
}

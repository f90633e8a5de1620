//! How many of a backend's heavy calls run at once: fewer when it answers worse or slower, slowly more while all is
//! well. Production once fell over at fifty.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use crate::services::health::{AtOnce, Pulse};

const START: usize = 4;
const LEAST: usize = 1;
const MOST: usize = 16;
/// A call that takes so many times as long as usual is slow.
const SLOW: f64 = 2.5;
/// The usual time moves by this part of what a call took more or less.
const PACE: f64 = 1.0 / 16.0;
/// So many calls of a kind tell what is usual.
const ENOUGH: u32 = 4;

/// How a heavy call went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Went {
    Well(Duration),
    /// Answered with a refusal, whose time says nothing.
    Refused,
    /// A 429, a fault of the backend's own, or no answer.
    Badly,
}

/// The decision, without a clock: how wide the gate is.
#[derive(Debug)]
struct Width {
    now: usize,
    /// Good calls since the width changed.
    good: usize,
    /// How often it became narrower. Calls that began before the last time knew of the same trouble.
    cuts: u64,
    /// For each kind of call: how many told, and the usual milliseconds. A login takes five times as long as an account.
    usual: HashMap<String, (u32, f64)>,
}

impl Width {
    fn new() -> Self {
        Self {
            now: START,
            good: 0,
            cuts: 0,
            usual: HashMap::new(),
        }
    }

    /// `cuts` is what it was when the call began, `full` whether all places were taken: a width that nobody uses
    /// proves nothing.
    fn hear(&mut self, kind: &str, cuts: u64, went: Went, full: bool) {
        let slow = match went {
            Went::Well(took) => self.is_slow(kind, took.as_secs_f64() * 1000.0),
            _ => false,
        };
        if went == Went::Badly || slow {
            self.good = 0;
            if cuts == self.cuts {
                let fewer = if slow { self.now - 1 } else { self.now / 2 };
                self.now = fewer.max(LEAST);
                self.cuts += 1;
            }
            return;
        }
        self.good += 1;
        if self.good >= 2 * self.now && full && self.now < MOST {
            self.now += 1;
            self.good = 0;
        }
    }

    fn is_slow(&mut self, kind: &str, ms: f64) -> bool {
        let (count, usual) = self.usual.entry(kind.to_string()).or_insert((0, ms));
        *count = count.saturating_add(1);
        if *count <= ENOUGH {
            *usual += (ms - *usual) / f64::from(*count);
            return false;
        }
        let slow = ms > SLOW * *usual;
        // A slow call moves it too, but not far: what lasts becomes the usual.
        *usual += (ms.min(SLOW * *usual) - *usual) * PACE;
        slow
    }
}

struct Inside {
    width: Width,
    taken: usize,
}

pub(super) struct Gate {
    inside: Mutex<Inside>,
    /// Who waits, waits in order of arrival.
    turn: tokio::sync::Mutex<()>,
    changed: Notify,
    pulse: Pulse,
}

/// Leave to make one heavy call, until it is dropped.
pub(super) struct Pass<'a> {
    gate: &'a Gate,
    cuts: u64,
}

impl Gate {
    pub(super) fn new(pulse: Pulse) -> Self {
        let inside = Inside {
            width: Width::new(),
            taken: 0,
        };
        Self {
            inside: Mutex::new(inside),
            turn: tokio::sync::Mutex::new(()),
            changed: Notify::new(),
            pulse,
        }
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) async fn enter(&self) -> Pass<'_> {
        let _turn = self.turn.lock().await;
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            // From here on no change is missed.
            changed.as_mut().enable();
            if let Some(pass) = self.try_enter() {
                return pass;
            }
            changed.await;
        }
    }

    fn try_enter(&self) -> Option<Pass<'_>> {
        let mut inside = self.inside();
        if inside.taken >= inside.width.now {
            return None;
        }
        inside.taken += 1;
        Some(Pass {
            gate: self,
            cuts: inside.width.cuts,
        })
    }
}

impl Pass<'_> {
    pub(super) fn went(&self, kind: &str, went: Went) {
        let mut inside = self.gate.inside();
        let full = inside.taken >= inside.width.now;
        inside.width.hear(kind, self.cuts, went, full);
        self.gate.pulse.at_once(AtOnce {
            now: inside.width.now,
            most: MOST,
        });
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        self.gate.inside().taken -= 1;
        self.gate.changed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn well(ms: u64) -> Went {
        Went::Well(Duration::from_millis(ms))
    }

    fn hear(width: &mut Width, went: Went) -> usize {
        width.hear("createAccount", width.cuts, went, true);
        width.now
    }

    #[test]
    fn trouble_halves_it_once_and_good_calls_widen_it_slowly() {
        let mut width = Width::new();
        let began = width.cuts;
        for expected in [2, 2, 2, 2] {
            // Four calls that were under way together fail together.
            width.hear("createAccount", began, Went::Badly, true);
            assert_eq!(width.now, expected);
        }
        assert_eq!(hear(&mut width, Went::Badly), 1);
        assert_eq!(hear(&mut width, Went::Badly), 1, "one is always let in");
        let widths: Vec<usize> = (0..12).map(|_| hear(&mut width, well(70))).collect();
        assert_eq!(widths, [1, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 4]);
        for _ in 0..1_000 {
            hear(&mut width, well(70));
        }
        assert_eq!(width.now, MOST);
    }

    #[test]
    fn slow_is_what_takes_longer_than_usual_for_its_kind() {
        let mut width = Width::new();
        for _ in 0..5 {
            hear(&mut width, well(70));
        }
        width.hear("createSession", 0, well(350), true);
        assert_eq!(width.now, 4, "a login takes longer than an account");
        assert_eq!(hear(&mut width, well(170)), 4, "not slow yet");
        assert_eq!(hear(&mut width, well(200)), 3);
        // A refusal is quick, and says nothing about what is usual.
        let usual = width.usual["createAccount"];
        assert_eq!(hear(&mut width, Went::Refused), 3);
        assert_eq!(width.usual["createAccount"], usual);
        // A PDS that stays slow is slow for a while, and then as it is.
        let mut slow = 0;
        for _ in 0..100 {
            let before = width.cuts;
            hear(&mut width, well(400));
            slow += width.cuts - before;
        }
        assert!((1..20).contains(&slow), "{slow} of 100 calls were slow");
        assert!(width.now > 3);
    }

    #[test]
    fn a_width_that_nobody_uses_does_not_grow() {
        let mut width = Width::new();
        for _ in 0..100 {
            width.hear("createAccount", 0, well(70), false);
        }
        assert_eq!(width.now, START);
    }

    #[tokio::test]
    async fn who_waits_comes_in_in_order_and_may_leave() {
        let gate = Gate::new(Pulse::default());
        let mut held = Vec::new();
        for _ in 0..START {
            held.push(gate.enter().await);
        }
        let (mut first, mut second) = (Box::pin(gate.enter()), Box::pin(gate.enter()));
        let short = Duration::from_millis(10);
        assert!(tokio::time::timeout(short, &mut first).await.is_err());
        assert!(tokio::time::timeout(short, &mut second).await.is_err());
        // Who was first gives up; the place goes to the next.
        drop(first);
        held.pop();
        held.push(second.await);
        assert!(tokio::time::timeout(short, gate.enter()).await.is_err());
        held[0].went("createAccount", Went::Badly);
        assert_eq!(gate.pulse.read().at_once, Some(AtOnce { now: 2, most: MOST }));
        held.truncate(2);
        assert!(
            tokio::time::timeout(short, gate.enter()).await.is_err(),
            "it is narrower now"
        );
        held.truncate(1);
        gate.enter().await;
    }
}

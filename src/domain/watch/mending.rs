//! What a watch remembers of its mending: on whom a run is, what it did not help, and a run that stopped by itself, so
//! that nothing is tried again and again.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Followed, One, Standing};
use crate::domain::error::{Advice, Class, Problem};
use crate::domain::event::Outcome;
use crate::domain::finding::FindingId;

/// Nothing that is tried again is tried more seldom.
const LONGEST: SignedDuration = SignedDuration::from_hours(1);

/// A mending that did not make the signup whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Tried {
    findings: Vec<FindingId>,
    times: u32,
    /// `None`: not again, unless something else is found.
    again: Option<Timestamp>,
}

/// Why nothing is mended for now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Held {
    pub since: Timestamp,
    pub until: Timestamp,
    pub times: u32,
    pub run: String,
    /// A sentence.
    pub why: String,
    pub hint: String,
}

impl Followed {
    /// Whether a signup is to be mended now, where a plan has steps for it.
    pub fn is_to_be_mended(&self, sub: &str, now: Timestamp) -> bool {
        let Some(one) = self.signups.get(sub) else {
            return false;
        };
        let again = |tried: &Tried| tried.findings != one.findings || tried.again.is_some_and(|at| at <= now);
        one.standing == Standing::Broken && one.mending.is_none() && one.tried.as_ref().is_none_or(again)
    }

    /// A run of ours is on it.
    pub fn begin(&mut self, sub: &str, run: &str, now: Timestamp) {
        if let Some(one) = self.signups.get_mut(sub) {
            one.mending = Some((now, run.to_string()));
        }
    }

    /// A run of ours is no longer on it. `None`: it was left for later.
    pub fn end(
        &mut self,
        sub: &str,
        run: &str,
        ended: Option<(Outcome, Option<&Problem>)>,
        now: Timestamp,
        interval: SignedDuration,
    ) {
        let Some(one) = self.signups.get_mut(sub) else {
            return;
        };
        (one.mending, one.looked_at) = (None, None);
        let Some((outcome, problem)) = ended else { return };
        if outcome == Outcome::Done {
            one.run = Some(run.to_string());
        }
        let times = one.tried.as_ref().map_or(0, |tried| tried.times) + 1;
        one.tried = Some(Tried {
            findings: one.findings.clone(),
            times,
            again: again(outcome, problem, now, interval, times),
        });
    }

    /// A run stopped by itself: the next try comes later each time.
    pub fn hold(&mut self, run: &str, why: String, hint: String, now: Timestamp, interval: SignedDuration) {
        let before = self.held.take();
        let times = before.as_ref().map_or(0, |held| held.times) + 1;
        self.held = Some(Held {
            since: before.map_or(now, |held| held.since),
            until: later(now, interval, times),
            times,
            run: run.to_string(),
            why,
            hint,
        });
    }

    /// The run cannot be gone on with yet.
    pub fn hold_on(&mut self, now: Timestamp, interval: SignedDuration) {
        if let Some(held) = &mut self.held {
            held.times += 1;
            held.until = later(now, interval, held.times);
        }
    }

    /// The broken ones that a mending did not help, or could not yet.
    pub fn unmended(&self) -> usize {
        let tried = |one: &&One| one.tried.is_some() || self.held.is_some();
        let broken = self
            .signups
            .values()
            .filter(|one| one.standing == Standing::Broken);
        broken.filter(tried).count()
    }

    /// Signups whose run died with its process are nobody's any more; and a run that stopped is nobody's matter where
    /// nothing is broken.
    pub fn give_up(&mut self, now: Timestamp, patience: SignedDuration, ours: &BTreeSet<String>) {
        let broken = |one: &One| one.standing == Standing::Broken;
        if !self.signups.values().any(broken) {
            self.held = None;
        }
        for (sub, one) in &mut self.signups {
            let dead = |since: Timestamp| now.duration_since(since) > patience && !ours.contains(sub);
            one.mending.take_if(|(since, _)| dead(*since));
        }
    }
}

/// When a signup is tried again that is as it was. Never by itself where somebody does not want it, or has to decide; else
/// later: what nobody expected, and what left the signup as it was, may have passed by then.
fn again(
    outcome: Outcome,
    problem: Option<&Problem>,
    now: Timestamp,
    interval: SignedDuration,
    times: u32,
) -> Option<Timestamp> {
    let advice = problem.map(|problem| problem.advice);
    match (outcome, advice) {
        (Outcome::Cancelled, _) => None,
        // The PLC directory's limit of one DID: the same may be tried in an hour.
        (_, Some(Advice::Decide)) if problem.is_some_and(|problem| problem.class == Class::RateLimit) => {
            now.checked_add(LONGEST).ok()
        }
        // A setting that keeps everybody stops the run; what fails one user alone by it, somebody has to look at.
        (_, Some(Advice::Decide | Advice::Configure)) | (Outcome::Refused, _) => None,
        _ => Some(later(now, interval, times)),
    }
}

/// Ten intervals from now, and twice as many each time, but no more than an hour.
fn later(now: Timestamp, interval: SignedDuration, times: u32) -> Timestamp {
    let doubled = 2_i32.saturating_pow(times.saturating_sub(1).min(10));
    let wait = interval.saturating_mul(10).saturating_mul(doubled);
    now.checked_add(wait.min(LONGEST)).unwrap_or(Timestamp::MAX)
}

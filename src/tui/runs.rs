//! What the screen knows of runs: those of this session, folded from their news, and those that wait to be gone on with.

use std::collections::HashMap;

use jiff::Timestamp;

use crate::domain::run::Pause;
use crate::domain::{Outcome, Problem};

use super::message::OpenRun;
use super::state::RowId;

/// How far one user of a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    Open,
    Left,
    As(Outcome),
}

/// A backend fails for everybody, and all jobs wait for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Holding {
    pub until: Timestamp,
    pub why: Problem,
}

/// A run of this session.
#[derive(Debug, Clone)]
pub struct RunHere {
    /// Set as soon as it is written down.
    pub id: Option<String>,
    /// It could not be written down, and never gets an id.
    pub is_refused: bool,
    pub reason: Option<String>,
    pub started_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    /// When somebody began to work on it last, and how many were through by then: what its rate is made of.
    worked_from: (Timestamp, usize),
    /// What stopped it.
    pub pause: Option<Pause>,
    pub holding: Option<Holding>,
    /// It is one of those that are looked at together.
    pub is_current: bool,
    users: HashMap<RowId, End>,
    /// How many users the store counts, who may not all have been heard of yet.
    announced: usize,
}

/// How far the jobs have come that were started together, or while others still ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    pub total: usize,
    pub ended: usize,
    pub failed: usize,
    pub cancelled: usize,
    pub left: usize,
    /// How many were through before the work began that is going on.
    pub before: usize,
    pub worked_from: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
}

impl RunHere {
    pub fn new(id: Option<String>, reason: Option<String>, started_at: Timestamp) -> Self {
        Self {
            id,
            is_refused: false,
            reason,
            started_at,
            ended_at: None,
            worked_from: (started_at, 0),
            pause: None,
            holding: None,
            is_current: true,
            users: HashMap::new(),
            announced: 0,
        }
    }

    pub fn is(&self, id: &str) -> bool {
        self.id.as_deref() == Some(id)
    }

    /// It was asked for, and its id is yet to come.
    pub fn is_nameless(&self) -> bool {
        self.id.is_none() && !self.is_refused
    }

    pub fn announce(&mut self, total: usize) {
        self.announced = total;
        self.ended_at = None;
    }

    /// Somebody goes on with it. Those who failed are taken up again, or were not worked on since.
    pub fn go_on(&mut self, now: Timestamp) {
        let progress = self.progress();
        self.worked_from = (now, progress.ended.saturating_sub(progress.failed));
        self.pause = None;
        self.is_current = true;
    }

    /// Nobody could go on with it after all.
    pub fn stays(&mut self, offer: &Offer) {
        self.pause.clone_from(&offer.pause);
        self.announced = self.users.len();
        self.is_current &= !self.users.is_empty();
    }

    /// Whether it waits for somebody to go on with it, and nobody here does.
    pub fn waits(&self) -> bool {
        let left = self.users.values().any(|end| *end == End::Left);
        (self.pause.is_some() || left) && self.open().is_empty()
    }

    /// Nobody goes on with it here any more: what was left of it is none of ours.
    pub fn give_away(&mut self) {
        self.pause = None;
        self.users.retain(|_, end| *end != End::Left);
        self.announced = self.users.len();
        self.is_current &= !self.users.is_empty();
    }

    pub fn put(&mut self, id: RowId, end: End) {
        self.users.insert(id, end);
    }

    pub fn open(&self) -> Vec<RowId> {
        self.those(End::Open)
    }

    pub fn left(&self) -> Vec<RowId> {
        self.those(End::Left)
    }

    pub fn those(&self, end: End) -> Vec<RowId> {
        let those = self.users.iter().filter(|(_, its)| **its == end);
        those.map(|(id, _)| id.clone()).collect()
    }

    pub fn progress(&self) -> Progress {
        let count = |wanted: fn(&End) -> bool| self.users.values().filter(|end| wanted(end)).count();
        Progress {
            total: self.users.len().max(self.announced),
            ended: count(|end| matches!(end, End::As(_))),
            failed: count(|end| matches!(end, End::As(Outcome::Failed | Outcome::Refused))),
            cancelled: count(|end| *end == End::As(Outcome::Cancelled)),
            left: count(|end| *end == End::Left),
            before: self.worked_from.1,
            worked_from: Some(self.worked_from.0),
            ended_at: self.ended_at,
        }
    }
}

impl Progress {
    pub fn and(self, other: Self) -> Self {
        Self {
            total: self.total + other.total,
            ended: self.ended + other.ended,
            failed: self.failed + other.failed,
            cancelled: self.cancelled + other.cancelled,
            left: self.left + other.left,
            before: self.before + other.before,
            worked_from: self.worked_from.into_iter().chain(other.worked_from).min(),
            ended_at: self.ended_at.max(other.ended_at),
        }
    }

    /// How many are not through.
    pub fn open(&self) -> usize {
        self.total.saturating_sub(self.ended + self.left)
    }
}

/// A run that can be gone on with, as its dialog tells of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    pub run: String,
    /// The tenant, or `both`; `None` for a run of this session.
    pub tenant: Option<String>,
    /// Operator and host; `None` for a run of this session.
    pub by: Option<String>,
    pub started_at: Timestamp,
    pub reason: Option<String>,
    pub total: usize,
    pub left: usize,
    pub failed: usize,
    pub pause: Option<Pause>,
}

impl Offer {
    pub fn of(open: OpenRun) -> Self {
        let OpenRun { run, left, failed } = open;
        Self {
            by: Some(format!("{}@{}", run.operator, run.host)),
            tenant: Some(run.tenant),
            run: run.id,
            started_at: run.created_at,
            reason: run.reason,
            total: run.total,
            left,
            failed,
            pause: run.pause,
        }
    }
}

/// As much of an id as tells it from the others, four digits at least.
pub fn short<'a>(id: &'a str, others: impl Iterator<Item = &'a str> + Clone) -> &'a str {
    let is_enough = |length: &usize| {
        let Some(prefix) = id.get(..*length) else {
            return false;
        };
        others
            .clone()
            .filter(|other| *other != id)
            .all(|other| !other.starts_with(prefix))
    };
    (4..id.len())
        .find(is_enough)
        .and_then(|length| id.get(..length))
        .unwrap_or(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_as_short_as_it_can_be_told_apart() {
        let ids = ["7f3a09c1", "7f3a1000", "81bb0000"];
        let short = |id| short(id, ids.into_iter());
        assert_eq!(short("7f3a09c1"), "7f3a0");
        assert_eq!(short("81bb0000"), "81bb");
        assert_eq!(short("é"), "é");
        assert_eq!(short(""), "");
    }
}

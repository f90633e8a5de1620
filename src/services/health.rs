//! How each backend does right now: what the header of the dashboard and the `sources` of a report show.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use crate::domain::setting::clock::Clock;
use crate::domain::{Class, Problem, State};

/// What the last calls to a backend told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Liveness {
    /// Nothing was asked yet.
    #[default]
    Unasked,
    Up,
    /// It answers, but refuses for now: its budget is used up.
    Limited,
    /// It does not answer, or answers with a fault of its own, or refuses our credentials.
    Down,
}

impl Liveness {
    /// Of `sources` in JSON: a state of the contract, section 4.
    pub fn state(self) -> State {
        match self {
            Self::Up => State::Ok,
            Self::Unasked | Self::Limited | Self::Down => State::Unknown,
        }
    }
}

/// What a backend's headers announce about one kind of call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    /// `management` and `token` of Auth0, `createAccount` of the PDS; `all` for what every call counts in.
    pub name: &'static str,
    /// How many calls it holds when it is whole.
    pub limit: Option<u64>,
    /// How many are left; `None` where that is not known (any more).
    pub remaining: Option<u64>,
    /// When it is whole again, whether it is used up or not.
    pub free_at: Option<Timestamp>,
}

/// How many heavy calls may run at once: right now, and at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AtOnce {
    pub now: usize,
    pub most: usize,
}

/// One backend's state, as a value.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ServiceHealth {
    /// `auth0` (of one tenant), `mongo`, `pds` or `plc`.
    pub name: &'static str,
    /// The tenant whose Auth0 this is; empty for what all tenants share.
    pub tenant: String,
    pub liveness: Liveness,
    /// How long the newest answer took.
    pub latency: Option<Duration>,
    /// The newest failure, while it lasts.
    pub problem: Option<Problem>,
    /// When a used-up budget is free again.
    pub free_at: Option<Timestamp>,
    /// How many calls failed so far, after all their tries: an audit in which one did does not know everything, though the
    /// next one succeeded.
    pub failures: u64,
    /// The budgets that its answers announce, by name.
    pub budgets: Vec<Budget>,
    /// How many heavy calls it is given at once, where it was given any.
    pub at_once: Option<AtOnce>,
    /// How far its clock is from ours, by the answer that told it most closely.
    pub clock: Option<Clock>,
}

/// Where a client writes down how its calls went. Clones share one state.
#[derive(Debug, Clone, Default)]
pub struct Pulse(Arc<Mutex<ServiceHealth>>);

impl Pulse {
    pub fn new(name: &'static str, tenant: &str) -> Self {
        Self(Arc::new(Mutex::new(ServiceHealth {
            name,
            tenant: tenant.into(),
            ..ServiceHealth::default()
        })))
    }

    fn lock(&self) -> MutexGuard<'_, ServiceHealth> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn read(&self) -> ServiceHealth {
        let mut health = self.lock().clone();
        // After its reset nobody knows how a budget stands until the next answer tells.
        let now = Timestamp::now();
        for budget in &mut health.budgets {
            if budget.free_at.is_some_and(|free_at| free_at <= now) {
                (budget.remaining, budget.free_at) = (None, None);
            }
        }
        health
    }

    pub(super) fn budgets(&self, budgets: Vec<Budget>) {
        self.lock().budgets = budgets;
    }

    pub(super) fn at_once(&self, at_once: AtOnce) {
        self.lock().at_once = Some(at_once);
    }

    /// Its clock, as one answer told it.
    pub(super) fn clock(&self, clock: Clock) {
        let mut health = self.lock();
        if health.clock.is_none_or(|known| clock.give < known.give) {
            health.clock = Some(clock);
        }
    }

    /// It answered, whatever it said.
    pub fn answered(&self, after: Duration) {
        let mut health = self.lock();
        health.liveness = Liveness::Up;
        health.latency = Some(after);
        health.problem = None;
        health.free_at = None;
    }

    /// It answered a call that nobody had to be named for: a refused credential stays refused.
    pub fn answered_anybody(&self, after: Duration) {
        let refused = self
            .lock()
            .problem
            .as_ref()
            .is_some_and(|problem| problem.class == Class::Auth);
        if !refused {
            self.answered(after);
        }
    }

    /// Its budget is used up until then.
    pub fn limited(&self, until: Option<Timestamp>, problem: Problem) {
        let mut health = self.lock();
        health.liveness = Liveness::Limited;
        health.free_at = until;
        health.problem = Some(problem);
    }

    /// A call ended without an answer, after all its tries.
    pub fn gave_up(&self) {
        self.lock().failures += 1;
    }

    pub fn failed(&self, problem: Problem) {
        let mut health = self.lock();
        health.liveness = Liveness::Down;
        health.problem = Some(problem);
    }
}

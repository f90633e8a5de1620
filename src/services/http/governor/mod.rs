//! One backend's budgets, shared by everything in the process: a call takes a place in its budget before it is sent, so
//! that those under way together never ask for more than the headers said is left. What the headers mean stands in
//! `limits`; how many heavy calls run at once, in `gate`.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Notify;

use super::call::ONE_ACCOUNT;
use super::limits::{Announced, MARGIN, wait_for};
use crate::services::health::{Budget, Pulse};

/// How long a call waits by itself for a used-up budget. What takes longer is told to the caller, who can show it.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// The budget that every call to a backend counts in besides its own: the PDS's 3,000 in five minutes.
const EVERYTHING: &str = "";

/// How much is known of a budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Known {
    /// No call was answered yet.
    #[default]
    Nothing,
    /// Its answers announce nothing: there is no limit, or it is not told.
    Silent,
    Announced,
}

/// May a call be sent?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum May {
    Go,
    /// Those under way may use up what is left: the next answer tells.
    AwaitAnswer,
    /// Nothing is left until then.
    Await(Timestamp),
}

/// One budget, as the newest answer described it.
#[derive(Debug, Default)]
struct Purse {
    known: Known,
    limit: Option<u64>,
    remaining: Option<u64>,
    reset: Option<Timestamp>,
    under_way: u64,
    /// The newest call whose answer was heard.
    newest: u64,
}

impl Purse {
    /// After the reset nothing is known any more until an answer tells.
    fn expire(&mut self, now: Timestamp) {
        if self.reset.is_some_and(|reset| now >= reset + MARGIN) {
            (self.remaining, self.reset) = (None, None);
        }
    }

    /// `probes`: what is left is asked for with one call, before more are sent at once.
    fn may(&mut self, probes: bool, now: Timestamp) -> May {
        self.expire(now);
        match (self.remaining, self.reset) {
            (Some(0), Some(reset)) => May::Await(reset),
            (Some(left), _) if left > 0 => match self.under_way < left {
                true => May::Go,
                false => May::AwaitAnswer,
            },
            _ if probes && self.known != Known::Silent && self.under_way > 0 => May::AwaitAnswer,
            _ => May::Go,
        }
    }

    /// The answer to call number `call`, which may be older than one that was heard already.
    fn hear(&mut self, call: u64, said: Announced, now: Timestamp) {
        self.expire(now);
        if said.remaining.is_none() {
            if self.known == Known::Nothing {
                self.known = Known::Silent;
            }
            return;
        }
        self.known = Known::Announced;
        let same_window = match (self.reset, said.reset) {
            (Some(old), Some(new)) => old.duration_since(new).abs() <= jiff::SignedDuration::from_secs(1),
            _ => false,
        };
        if same_window && self.limit == said.limit {
            self.remaining = self.remaining.min(said.remaining).or(said.remaining);
            self.reset = self.reset.max(said.reset);
        } else if call >= self.newest {
            (self.limit, self.remaining, self.reset) = (said.limit, said.remaining, said.reset);
        }
        self.newest = self.newest.max(call);
    }
}

/// All budgets of one backend: pure, so that every order of answers can be tried.
#[derive(Debug, Default)]
struct Ledger {
    purses: BTreeMap<&'static str, Purse>,
    calls: u64,
}

impl Ledger {
    fn purse(&mut self, budget: &'static str) -> &mut Purse {
        self.purses.entry(budget).or_default()
    }

    /// Takes a place for one call in its budget and in that of everything, or tells what to wait for.
    fn take(&mut self, budget: &'static str, now: Timestamp) -> Result<u64, May> {
        for name in purses_of(budget) {
            match self.purse(name).may(name != EVERYTHING, now) {
                May::Go => {}
                wait => return Err(wait),
            }
        }
        for name in purses_of(budget) {
            self.purse(name).under_way += 1;
        }
        self.calls += 1;
        Ok(self.calls)
    }

    fn give_back(&mut self, budget: &'static str) {
        for name in purses_of(budget) {
            let purse = self.purse(name);
            purse.under_way = purse.under_way.saturating_sub(1);
        }
    }

    fn hear(&mut self, budget: &'static str, call: u64, said: Announced, now: Timestamp) {
        if budget != EVERYTHING {
            // Its headers speak of its own budget, but it counted in that of everything too.
            let all = self.purse(EVERYTHING);
            all.remaining = all.remaining.map(|left| left.saturating_sub(1));
        }
        if budget != ONE_ACCOUNT {
            self.purse(budget).hear(call, said, now);
        }
    }

    fn budgets(&self) -> Vec<Budget> {
        let announced = self.purses.iter().filter(|(_, purse)| purse.limit.is_some());
        announced
            .map(|(name, purse)| Budget {
                name: if *name == EVERYTHING { "all" } else { name },
                limit: purse.limit,
                remaining: purse.remaining,
                free_at: purse.reset,
            })
            .collect()
    }
}

/// In which purses a call counts. The limit of one account says nothing about the next.
fn purses_of(budget: &'static str) -> impl Iterator<Item = &'static str> {
    let own = (budget != EVERYTHING && budget != ONE_ACCOUNT).then_some(budget);
    std::iter::once(EVERYTHING).chain(own)
}

pub(super) struct Governor {
    ledger: Mutex<Ledger>,
    /// Who waits for a budget waits in order of arrival.
    turns: Mutex<BTreeMap<&'static str, Arc<tokio::sync::Mutex<()>>>>,
    changed: Notify,
    pulse: Pulse,
}

/// A place in a budget, taken until it is dropped.
pub(super) struct Place<'a> {
    governor: &'a Governor,
    budget: &'static str,
    call: u64,
}

impl Governor {
    pub(super) fn new(pulse: Pulse) -> Self {
        Self {
            ledger: Mutex::default(),
            turns: Mutex::default(),
            changed: Notify::new(),
            pulse,
        }
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a place in a budget.
    ///
    /// # Errors
    /// When it is free again, where that is longer away than we wait.
    pub(super) async fn reserve(&self, budget: &'static str) -> Result<Place<'_>, Timestamp> {
        let turn = {
            let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(turns.entry(budget).or_default())
        };
        let _turn = turn.lock().await;
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            // From here on no change is missed.
            changed.as_mut().enable();
            let taken = self.ledger().take(budget, Timestamp::now());
            match taken {
                Ok(call) => {
                    return Ok(Place {
                        governor: self,
                        budget,
                        call,
                    });
                }
                Err(May::Await(until)) => {
                    let wait = wait_for(until);
                    if wait > PATIENCE {
                        return Err(until);
                    }
                    // A late answer may know better before that.
                    tokio::time::timeout(wait, changed).await.ok();
                }
                Err(_) => changed.await,
            }
        }
    }
}

impl Place<'_> {
    /// Takes down what the answer to this call announced.
    pub(super) fn heard(&self, said: Announced) {
        let mut ledger = self.governor.ledger();
        ledger.hear(self.budget, self.call, said, Timestamp::now());
        self.governor.pulse.budgets(ledger.budgets());
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.governor.ledger().give_back(self.budget);
        self.governor.changed.notify_waiters();
    }
}

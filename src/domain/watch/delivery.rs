//! Which alerts wait for their delivery, and when it is tried again: later after each failure, and not for ever with what
//! is refused for itself.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::Memory;
use crate::domain::alert::Alert;

/// So often an alert is refused alone before it is dropped.
const REFUSALS: u32 = 3;
/// A delivery is tried no more seldom than this.
const SELDOM: SignedDuration = SignedDuration::from_mins(30);

/// How the deliveries went.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Delivery {
    /// So many failed since one was taken.
    times: u32,
    /// Before this moment none is tried.
    not_before: Option<Timestamp>,
    /// How often an alert was refused alone, by what it is about.
    refused: BTreeMap<String, u32>,
}

impl Delivery {
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.not_before.is_none_or(|at| at <= now)
    }

    /// These were taken.
    pub fn taken(&mut self, alerts: &[Alert]) {
        (self.times, self.not_before) = (0, None);
        for alert in alerts {
            self.refused.remove(&about(alert));
        }
    }

    /// Nothing was taken: the next look tries again, and then ever fewer of them do.
    pub fn failed(&mut self, now: Timestamp, interval: SignedDuration) {
        let spared = 2_i32.saturating_pow(self.times.min(20)) - 1;
        self.times = self.times.saturating_add(1);
        let wait = interval.saturating_mul(spared).min(SELDOM);
        self.not_before = Some(now.checked_add(wait).unwrap_or(Timestamp::MAX));
    }

    /// This one was refused, and alone; whether it was for the last time.
    pub fn refused(&mut self, alert: &Alert) -> bool {
        let times = self.refused.entry(about(alert)).or_default();
        *times += 1;
        let last = *times >= REFUSALS;
        if last {
            self.refused.remove(&about(alert));
        }
        last
    }
}

impl Memory {
    /// Keeps an alert until it is delivered. Of several of one kind the newest says what the others said.
    pub fn keep(&mut self, alert: Alert) {
        self.outbox.retain(|older| about(older) != about(&alert));
        self.outbox.push(alert);
    }
}

fn about(alert: &Alert) -> String {
    format!("{} {}", alert.state.word(), alert.fingerprint)
}

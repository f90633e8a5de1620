//! Which alerts are to be sent, from what is seen now and what was told before: one when a trouble begins, a reminder
//! at ever longer intervals while it lasts, and one when it is over. A trouble is told by its kind and never by its
//! users, so that an outage that five hundred people meet is one alert.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::text::mask_sub;

pub const SCHEMA: u32 = 1;
/// Reminders come no more seldom than this.
const SELDOM: SignedDuration = SignedDuration::from_hours(24);
/// How many users an alert names.
const NAMED: usize = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    /// Signups that share a finding.
    Signups,
    /// A backend that does not answer.
    Outage,
    /// A mending run that stopped by itself.
    Mending,
    /// Nothing happened: somebody tried whether alerts arrive.
    Test,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AlertState {
    Firing,
    /// It was told before, and lasts.
    Reminder,
    Recovered,
    Test,
}

impl AlertState {
    pub fn word(self) -> &'static str {
        match self {
            Self::Firing => "firing",
            Self::Reminder => "reminder",
            Self::Recovered => "recovered",
            Self::Test => "test",
        }
    }
}

/// One alert, as it is sent: free of secrets, and of what names a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Alert {
    pub schema: u32,
    pub kind: AlertKind,
    /// The same for all alerts about one trouble: `aesthetic/missing-user-record`, `outage/pds`, `aesthetic/mending`.
    pub fingerprint: String,
    /// `None` where all tenants are concerned.
    pub tenant: Option<String>,
    pub state: AlertState,
    /// Most of the newest signups share it: one accident, not many.
    pub systemic: bool,
    pub at: Timestamp,
    pub since: Timestamp,
    /// How many users it concerns now; when it is over, how many it concerned.
    pub affected: usize,
    /// How many of the newest signups could have had it, where it is systemic.
    pub of: Option<usize>,
    /// How many of them are whole again.
    pub mended: usize,
    pub message: String,
    pub hint: String,
    /// Some of those whom it concerns, masked.
    pub examples: Vec<String>,
}

impl Alert {
    /// One that says that alerts arrive.
    pub fn test(at: Timestamp) -> Self {
        Self {
            schema: SCHEMA,
            kind: AlertKind::Test,
            fingerprint: "test".into(),
            tenant: None,
            state: AlertState::Test,
            systemic: false,
            at,
            since: at,
            affected: 0,
            of: None,
            mended: 0,
            message: "A test: alerts of atriage arrive here.".into(),
            hint: "Nothing happened, and nothing is to be done.".into(),
            examples: Vec::new(),
        }
    }
}

/// One kind of trouble as it is seen now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    pub fingerprint: String,
    pub kind: AlertKind,
    pub tenant: Option<String>,
    pub systemic: bool,
    pub since: Timestamp,
    /// The subs of whom it concerns now. None, and somebody healed: it came and went between two looks.
    pub affected: BTreeSet<String>,
    pub of: Option<usize>,
    /// Who had it, and is whole since the last look.
    pub healed: BTreeSet<String>,
    /// How many had it still when they were no longer followed.
    pub unfollowed: usize,
    /// The runs of ours that mended somebody.
    pub runs: BTreeSet<String>,
    /// Without a full stop: `signups of aesthetic have no users record`, `pds does not answer`.
    pub what: String,
    /// A sentence, or nothing.
    pub cause: String,
    pub hint: String,
}

impl Trouble {
    fn is_there(&self) -> bool {
        self.kind != AlertKind::Signups || !self.affected.is_empty()
    }
}

/// What is remembered of a trouble.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Episode {
    pub kind: AlertKind,
    pub tenant: Option<String>,
    pub what: String,
    pub open: bool,
    pub since: Timestamp,
    systemic: bool,
    /// Everybody whom it concerned since then.
    ever: BTreeSet<String>,
    healed: BTreeSet<String>,
    unfollowed: usize,
    runs: BTreeSet<String>,
    /// How often it was told since it began.
    told: u32,
    /// Before this moment nothing is said about it.
    due: Timestamp,
    /// It came and went, and nobody was told: the next alert says so.
    owed: bool,
}

/// What was seen and told so far, by fingerprint.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ledger(BTreeMap<String, Episode>);

impl Ledger {
    /// Takes in what is seen now, and says which alerts follow. `judged` tells whether a trouble that is not seen is over:
    /// nothing is over that nobody could look at. Total: whatever is seen has an answer.
    pub fn step(
        &mut self,
        now: Timestamp,
        seen: Vec<Trouble>,
        judged: impl Fn(&str, &Episode) -> bool,
        cool_down: SignedDuration,
    ) -> Vec<Alert> {
        let there: BTreeSet<String> = seen
            .iter()
            .filter(|trouble| trouble.is_there())
            .map(|trouble| trouble.fingerprint.clone())
            .collect();
        let mut alerts = Vec::new();
        for trouble in seen {
            let episode = self
                .0
                .entry(trouble.fingerprint.clone())
                .or_insert_with(|| Episode::new(&trouble, now));
            alerts.extend(episode.see(&trouble, now, cool_down));
        }
        for (fingerprint, episode) in &mut self.0 {
            if episode.open && !there.contains(fingerprint) && judged(fingerprint, episode) {
                alerts.extend(episode.close(fingerprint, now, cool_down));
            } else if !episode.open && episode.owed && now >= episode.due {
                alerts.push(episode.over(fingerprint, now, cool_down));
            }
        }
        self.0
            .retain(|_, episode| episode.open || episode.owed || now < episode.due);
        alerts
    }

    /// The troubles that are there now.
    pub fn open(&self) -> impl Iterator<Item = (&str, &Episode)> {
        self.0
            .iter()
            .filter(|(_, episode)| episode.open)
            .map(|(fingerprint, episode)| (fingerprint.as_str(), episode))
    }
}

impl Episode {
    fn new(trouble: &Trouble, now: Timestamp) -> Self {
        Self {
            kind: trouble.kind,
            tenant: trouble.tenant.clone(),
            what: trouble.what.clone(),
            open: false,
            since: trouble.since,
            systemic: false,
            ever: BTreeSet::new(),
            healed: BTreeSet::new(),
            unfollowed: 0,
            runs: BTreeSet::new(),
            told: 0,
            due: now,
            owed: false,
        }
    }

    fn see(&mut self, trouble: &Trouble, now: Timestamp, cool_down: SignedDuration) -> Option<Alert> {
        if !self.open && !self.owed {
            self.since = trouble.since;
        }
        self.what.clone_from(&trouble.what);
        self.ever.extend(trouble.affected.iter().cloned());
        self.ever.extend(trouble.healed.iter().cloned());
        self.healed.extend(trouble.healed.iter().cloned());
        self.healed.retain(|sub| !trouble.affected.contains(sub));
        self.unfollowed += trouble.unfollowed;
        self.runs.extend(trouble.runs.iter().cloned());
        if !trouble.is_there() {
            // It came and went between two looks. Whoever closes the episode tells it.
            self.owed |= !self.open && !trouble.healed.is_empty();
            return None;
        }
        self.open = true;
        if now < self.due {
            return None;
        }
        let state = match self.told {
            0 => AlertState::Firing,
            _ => AlertState::Reminder,
        };
        self.systemic |= trouble.systemic;
        let doubled = 2_i32.saturating_pow(self.told.min(10));
        self.due = after(now, cool_down.saturating_mul(doubled).min(SELDOM.max(cool_down)));
        self.told += 1;
        self.owed = false;
        Some(self.alert(trouble, state, now))
    }

    fn alert(&self, trouble: &Trouble, state: AlertState, now: Timestamp) -> Alert {
        let (since, what) = (format!("{:.0}", self.since), &trouble.what);
        let count = trouble.affected.len();
        let mut message = match (trouble.kind, trouble.of) {
            (AlertKind::Signups, Some(of)) => format!("{what}: {count} of the newest {of}, since {since}."),
            (AlertKind::Signups, None) => format!("{what}: {count}, since {since}."),
            _ => format!("{what}, since {since}."),
        };
        if !trouble.cause.is_empty() {
            message = format!("{message} {}", trouble.cause);
        }
        Alert {
            schema: SCHEMA,
            kind: trouble.kind,
            fingerprint: trouble.fingerprint.clone(),
            tenant: trouble.tenant.clone(),
            state,
            systemic: trouble.systemic,
            at: now,
            since: self.since,
            affected: count,
            of: trouble.of,
            mended: self.healed.len(),
            message: match state {
                AlertState::Reminder => format!("Still: {message}"),
                // The name of a backend is written as everywhere.
                _ if trouble.kind == AlertKind::Outage => message,
                _ => capital(&message),
            },
            hint: trouble.hint.clone(),
            examples: trouble
                .affected
                .iter()
                .take(NAMED)
                .map(|sub| mask_sub(sub))
                .collect(),
        }
    }

    /// It is over: told where its beginning was told, owed where not.
    fn close(&mut self, fingerprint: &str, now: Timestamp, cool_down: SignedDuration) -> Option<Alert> {
        self.open = false;
        self.owed = self.told == 0;
        (self.told > 0).then(|| self.over(fingerprint, now, cool_down))
    }

    fn over(&mut self, fingerprint: &str, now: Timestamp, cool_down: SignedDuration) -> Alert {
        let since = format!("{:.0}", self.since);
        let (ever, healed) = (self.ever.len(), self.healed.len());
        let what = &self.what;
        let message = match self.kind {
            AlertKind::Signups => {
                let mut parts = vec![match healed == ever {
                    true => "whole again".to_string(),
                    false => format!("{healed} whole again"),
                }];
                let others = ever.saturating_sub(healed + self.unfollowed);
                if others > 0 {
                    parts.push(format!("{others} with another finding now"));
                }
                if !self.runs.is_empty() {
                    let runs: Vec<&str> = self.runs.iter().map(String::as_str).collect();
                    parts.push(format!("mended by run {}", runs.join(", ")));
                }
                if self.unfollowed > 0 {
                    parts.push(format!("{} no longer followed", self.unfollowed));
                }
                format!("Over: {what}: {ever}, since {since}; {}.", parts.join(", "))
            }
            _ => format!("Over: {what}, from {since} to {now:.0}."),
        };
        let hint = match self.unfollowed {
            0 => "",
            _ => {
                "Those were deleted, or signed up longer ago than the watch looks back: atriage audit --since tells how they stand."
            }
        };
        let alert = Alert {
            schema: SCHEMA,
            kind: self.kind,
            fingerprint: fingerprint.to_string(),
            tenant: self.tenant.clone(),
            state: AlertState::Recovered,
            systemic: self.systemic,
            at: now,
            since: self.since,
            affected: ever,
            of: None,
            mended: healed,
            message,
            hint: hint.into(),
            examples: Vec::new(),
        };
        // What comes back within the cool-down waits for its end: one pair of alerts an hour, however often it flaps.
        (self.due, self.told, self.owed, self.systemic) = (after(now, cool_down), 0, false, false);
        self.ever.clear();
        self.healed.clear();
        self.runs.clear();
        self.unfollowed = 0;
        alert
    }
}

/// A moment that far away, or the end of time.
fn after(now: Timestamp, wait: SignedDuration) -> Timestamp {
    now.checked_add(wait).unwrap_or(Timestamp::MAX)
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

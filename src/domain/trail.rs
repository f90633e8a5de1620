//! The audit trail: what was changed, by whom, when and why, before and after. Each step that changes something leaves
//! two entries, one before it acts and one when it ended; an entry without its end belongs to a process that died.
//! Never a password, a token or an invite.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::event::StepOutcome;
use super::plan::Step;

/// One entry as it lies in the store. Entries are only ever appended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrailEntry {
    /// Names the deed: the two entries of one step share it.
    pub deed: String,
    pub run: String,
    pub tenant: String,
    pub sub: String,
    pub key: String,
    pub step: Step,
    pub at: Timestamp,
    pub operator: String,
    pub host: String,
    pub reason: Option<String>,
    pub phase: Phase,
    pub changes: Vec<Change>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// It is about to act. `changes` say how things stand.
    Before,
    /// It ended so.
    After {
        outcome: StepOutcome,
        error: Option<String>,
    },
}

/// What stood somewhere before, and what stands there after. `None`: nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    pub field: Field,
    pub before: Option<String>,
    pub after: Option<String>,
}

/// What can be changed. A password is only said to have been set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    CodeIndex,
    VerificationCount,
    UserRecord,
    Code,
    /// On the PDS.
    Account,
    /// On the PDS.
    Handle,
    /// On the PDS: `set`, never more.
    Password,
    /// `users.atproto.did`.
    RecordedDid,
    /// `users.atproto.handle`.
    RecordedHandle,
}

impl Field {
    pub fn word(self) -> &'static str {
        match self {
            Self::CodeIndex => "code index",
            Self::VerificationCount => "verification count",
            Self::UserRecord => "user record",
            Self::Code => "code",
            Self::Account => "account",
            Self::Handle => "handle",
            Self::Password => "password",
            Self::RecordedDid => "recorded DID",
            Self::RecordedHandle => "recorded handle",
        }
    }

    /// Whether its values can name a person.
    pub fn is_personal(self) -> bool {
        matches!(self, Self::Handle | Self::RecordedHandle)
    }
}

/// A step as it stands in the trail: both its entries together.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Deed {
    pub run: String,
    pub tenant: String,
    pub sub: String,
    pub key: String,
    pub step: Step,
    pub at: Timestamp,
    pub ended_at: Option<Timestamp>,
    pub operator: String,
    pub host: String,
    pub reason: Option<String>,
    /// `None`: its process died, or still is at it. Whether it acted, only a look at the user tells.
    pub outcome: Option<StepOutcome>,
    pub changes: Vec<Change>,
    pub error: Option<String>,
}

/// What there is to tell of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// What stood before: what became of it, nobody wrote down.
    Was,
    /// What stood before, and what stands since.
    Became,
}

impl Deed {
    /// What is told of one of its changes; `None` where what was stayed, so that nothing happened there. Of a password
    /// nothing but `set` is known, so that it is told whenever it was set.
    pub fn tells(&self, change: &Change) -> Option<Told> {
        let set = change.field == Field::Password && self.outcome == Some(StepOutcome::Done);
        match self.outcome {
            None => Some(Told::Was),
            Some(_) => (set || change.before != change.after).then_some(Told::Became),
        }
    }
}

/// Puts entries together, newest deed first. Deeds that found everything done already are left out: they changed nothing.
pub fn deeds(entries: Vec<TrailEntry>) -> Vec<Deed> {
    let mut deeds: Vec<(String, Deed)> = Vec::new();
    let mut entries = entries;
    entries.sort_by_key(|entry| (entry.at, matches!(entry.phase, Phase::After { .. })));
    for entry in entries {
        let (outcome, error, ended_at) = match entry.phase {
            Phase::Before => (None, None, None),
            Phase::After { outcome, error } => (Some(outcome), error, Some(entry.at)),
        };
        match deeds.iter_mut().rfind(|(id, _)| *id == entry.deed) {
            Some((_, deed)) => {
                deed.outcome = outcome.or(deed.outcome);
                deed.error = error.or(deed.error.take());
                deed.ended_at = ended_at.or(deed.ended_at);
                if ended_at.is_some() {
                    deed.changes = entry.changes;
                }
            }
            None => deeds.push((
                entry.deed,
                Deed {
                    run: entry.run,
                    tenant: entry.tenant,
                    sub: entry.sub,
                    key: entry.key,
                    step: entry.step,
                    at: entry.at,
                    ended_at,
                    operator: entry.operator,
                    host: entry.host,
                    reason: entry.reason,
                    outcome,
                    changes: entry.changes,
                    error,
                },
            )),
        }
    }
    let changed = |(_, deed): (String, Deed)| (deed.outcome != Some(StepOutcome::Already)).then_some(deed);
    deeds.into_iter().rev().filter_map(changed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(deed: &str, second: i64, phase: Phase) -> TrailEntry {
        let after = matches!(phase, Phase::After { .. }).then(|| "ac26momez".to_string());
        TrailEntry {
            deed: deed.into(),
            run: "7f3a0000".into(),
            tenant: "aesthetic".into(),
            sub: "auth0|1".into(),
            key: "auth0|1".into(),
            step: Step::CreateUser,
            at: Timestamp::from_second(second).unwrap(),
            operator: "mira".into(),
            host: "desk".into(),
            reason: None,
            phase,
            changes: vec![Change {
                field: Field::Code,
                before: None,
                after,
            }],
        }
    }

    fn ended(outcome: StepOutcome) -> Phase {
        Phase::After { outcome, error: None }
    }

    /// What failed stays as it was, as far as is known, and what nobody heard of again only tells how it stood.
    #[test]
    fn what_stayed_as_it_was_is_no_change() {
        let change = |field, before: &str, after: Option<&str>| Change {
            field,
            before: Some(before.into()),
            after: after.map(String::from),
        };
        let same = |field| change(field, "x", Some("x"));
        let (done, failed) = (Some(StepOutcome::Done), Some(StepOutcome::Failed));
        let found = deeds(vec![entry("a", 10, Phase::Before)]).remove(0);
        for (outcome, change, told) in [
            (done, change(Field::Handle, "a", Some("b")), Some(Told::Became)),
            (done, change(Field::Account, "a", None), Some(Told::Became)),
            (done, same(Field::RecordedDid), None),
            (done, same(Field::Password), Some(Told::Became)),
            (failed, same(Field::Password), None),
            (failed, same(Field::Handle), None),
            (None, change(Field::Handle, "a", None), Some(Told::Was)),
            (None, same(Field::Handle), Some(Told::Was)),
        ] {
            let deed = Deed {
                outcome,
                ..found.clone()
            };
            assert_eq!(deed.tells(&change), told, "{outcome:?} {change:?}");
        }
    }

    #[test]
    fn the_two_entries_of_a_step_are_one_deed() {
        let found = deeds(vec![
            entry("b", 30, Phase::Before),
            entry("a", 12, ended(StepOutcome::Done)),
            entry("a", 10, Phase::Before),
            entry("c", 40, Phase::Before),
            entry("c", 40, ended(StepOutcome::Already)),
        ]);
        let told: Vec<_> = found
            .iter()
            .map(|deed| {
                (
                    deed.at.as_second(),
                    deed.outcome,
                    deed.changes[0].after.as_deref(),
                )
            })
            .collect();
        assert_eq!(
            told,
            [(30, None, None), (10, Some(StepOutcome::Done), Some("ac26momez"))],
            "newest first; what changed nothing is left out; what never ended says so"
        );
    }
}

//! How a user stood when somebody looked: the five columns and the findings, without a word that names a person. A job
//! keeps the first look at its user, so that a report can tell what was mended.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::diagnosis::{Column, Diagnosis, State, Verdict};
use super::finding::FindingId;
use super::plan::Step;
use super::signup::Signup;

/// One look at one user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Look {
    pub at: Timestamp,
    /// When the user signed up; `None` where nobody could say.
    pub created_at: Option<Timestamp>,
    pub verdict: Verdict,
    pub columns: BTreeMap<Column, State>,
    pub findings: Vec<FindingId>,
}

impl Look {
    pub fn of(signup: &Signup, diagnosis: &Diagnosis, at: Timestamp) -> Self {
        Self {
            at,
            created_at: signup.created_at(),
            verdict: diagnosis.verdict(),
            columns: Column::ALL.map(|column| (column, diagnosis.state(column))).into(),
            findings: diagnosis.findings.iter().map(|finding| finding.id).collect(),
        }
    }

    /// What must have been wrong, since these steps had something to do; `None` where they tell nothing. All that no
    /// step speaks of is unknown.
    pub fn before_steps(done: impl IntoIterator<Item = Step>, at: Timestamp) -> Option<Self> {
        let mut findings: Vec<FindingId> = done.into_iter().filter_map(mended_by).collect();
        findings.sort();
        findings.dedup();
        let mut columns = BTreeMap::new();
        for finding in &findings {
            let missing = |columns: &mut BTreeMap<_, _>, column| columns.insert(column, State::Missing);
            match finding {
                FindingId::MissingUserRecord => {
                    missing(&mut columns, Column::Mongo);
                    missing(&mut columns, Column::Code);
                }
                FindingId::MissingCode => {
                    missing(&mut columns, Column::Code);
                }
                FindingId::MissingAccount => {
                    missing(&mut columns, Column::Did);
                    missing(&mut columns, Column::Pds);
                }
                FindingId::UnrecordedAccount => {
                    missing(&mut columns, Column::Did);
                }
                other => {
                    columns.entry(other.column()).or_insert(State::Drift);
                }
            }
        }
        (!findings.is_empty()).then_some(Self {
            at,
            created_at: None,
            verdict: Verdict::Broken,
            columns,
            findings,
        })
    }

    pub fn state(&self, column: Column) -> State {
        self.columns.get(&column).copied().unwrap_or(State::Unknown)
    }

    pub fn has(&self, id: FindingId) -> bool {
        self.findings.contains(&id)
    }
}

/// What a step finds, where it has something to do.
fn mended_by(step: Step) -> Option<FindingId> {
    match step {
        Step::CreateVerification => Some(FindingId::MissingVerificationRecord),
        Step::SetVerificationCount => Some(FindingId::VerificationCount),
        Step::CreateUser => Some(FindingId::MissingUserRecord),
        Step::AssignCode => Some(FindingId::MissingCode),
        Step::CreateAccount => Some(FindingId::MissingAccount),
        Step::AdoptAccount => Some(FindingId::UnrecordedAccount),
        Step::SyncHandle => Some(FindingId::HandleDrift),
        // Several things lead to these.
        Step::EnsureCodeIndex
        | Step::ResetPassword
        | Step::RecordAccount
        | Step::Verify
        | Step::RemoveRehearsal => None,
    }
}

/// How many of some users are ok in one column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, schemars::JsonSchema)]
pub struct Count {
    pub ok: usize,
    /// Of how many that is expected, and is known.
    pub of: usize,
    /// Not expected yet.
    pub waiting: usize,
    pub unknown: usize,
}

impl Count {
    /// Of one column. `None`: nobody looked at this user.
    pub fn of<'a>(column: Column, looks: impl IntoIterator<Item = Option<&'a Look>>) -> Self {
        let mut count = Self::default();
        for look in looks {
            match look.map_or(State::Unknown, |look| look.state(column)) {
                State::Ok => (count.ok, count.of) = (count.ok + 1, count.of + 1),
                State::Missing | State::Drift => count.of += 1,
                State::Waiting => count.waiting += 1,
                State::Unknown | State::Running => count.unknown += 1,
            }
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_tell_what_was_wrong_before_them() {
        use Column::{Code, Did, Mongo, Pds};
        let at = Timestamp::UNIX_EPOCH;
        let told = |steps: &[Step]| {
            let look = Look::before_steps(steps.iter().copied(), at)?;
            Some((look.findings, look.columns.into_iter().collect::<Vec<_>>()))
        };
        let missing = |columns: &[Column]| columns.iter().map(|c| (*c, State::Missing)).collect();
        assert_eq!(
            told(&[Step::CreateUser, Step::CreateAccount, Step::RecordAccount]),
            Some((
                vec![FindingId::MissingUserRecord, FindingId::MissingAccount],
                missing(&[Mongo, Code, Did, Pds])
            ))
        );
        assert_eq!(
            told(&[Step::SyncHandle]),
            Some((vec![FindingId::HandleDrift], vec![(Pds, State::Drift)]))
        );
        assert_eq!(told(&[Step::EnsureCodeIndex, Step::Verify]), None);
    }

    #[test]
    fn who_is_not_expected_to_have_it_is_not_counted_as_lacking_it() {
        let look = |state| Look {
            at: Timestamp::UNIX_EPOCH,
            created_at: None,
            verdict: Verdict::Broken,
            columns: [(Column::Did, state)].into(),
            findings: Vec::new(),
        };
        let looks = [
            State::Ok,
            State::Missing,
            State::Drift,
            State::Waiting,
            State::Unknown,
        ]
        .map(look);
        let count = Count::of(Column::Did, looks.iter().map(Some).chain([None]));
        let expected = Count {
            ok: 1,
            of: 3,
            waiting: 1,
            unknown: 2,
        };
        assert_eq!(count, expected);
    }
}

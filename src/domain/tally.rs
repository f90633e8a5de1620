//! Many signups at once: how many are whole, and whether what is broken is one accident or many.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::code_index::{Index, conflict, is_guarded};
use super::diagnosis::{Column, Diagnosis, Verdict};
use super::finding::{FindingId, Severity};
use super::observed::Observed;
use super::run::Pause;
use super::signup::Signup;
use super::text::clean;

/// The totals of the contract, section 6. `whole + waiting + broken + unknown = checked`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, schemars::JsonSchema)]
pub struct Totals {
    pub checked: usize,
    pub whole: usize,
    pub waiting: usize,
    pub broken: usize,
    pub unknown: usize,
}

impl Totals {
    pub fn count(&mut self, verdict: Verdict) {
        self.checked += 1;
        *self.of(verdict) += 1;
    }

    /// Somebody who was counted turned out to be something else.
    pub fn correct(&mut self, was: Verdict, is: Verdict) {
        *self.of(was) -= 1;
        *self.of(is) += 1;
    }

    fn of(&mut self, verdict: Verdict) -> &mut usize {
        match verdict {
            Verdict::Whole => &mut self.whole,
            Verdict::Waiting => &mut self.waiting,
            Verdict::Broken => &mut self.broken,
            Verdict::Unknown => &mut self.unknown,
        }
    }
}

/// A finding that most of the newest signups share: one accident, not many.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Systemic {
    pub finding: FindingId,
    pub column: Column,
    pub affected: usize,
    /// How many signups since the first affected one could have had the finding.
    pub of: usize,
    /// The signup of the oldest of the affected.
    pub since: Option<Timestamp>,
    /// What the evidence says, or what would tell.
    pub cause: String,
}

impl Systemic {
    /// Whether the cause is more than where to look first.
    pub fn has_evidence(&self) -> bool {
        // What could not be looked at may follow.
        !self.cause.starts_with(self.suspicion())
    }

    /// Where to look first as long as nothing is known.
    pub fn suspicion(&self) -> &'static str {
        suspicion(self.finding)
    }
}

/// From how many affected users on a finding is no coincidence any more.
const ENOUGH: usize = 3;

/// What is known beyond the signups themselves, asked only where something is systemic.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Evidence {
    /// The indexes of `users` on the code; `None` where they could not be read.
    pub code_indexes: Option<Vec<Index>>,
    /// The newest run on these signups that stopped by itself and was not resumed: its id, and why. `Unknown` where nobody
    /// asked, `Unreadable` where the runs could not be read.
    pub stopped: Observed<(String, Pause)>,
}

/// The name under which the signup code of the site makes the index.
pub const CODE_INDEX: &str = "code_unique";

/// What the missing index has to do with users who are not written.
pub const NO_INDEX: &str =
    "There is no unique index on users.code, though the site's code makes one before it writes users.";

/// One signup, as far as it counts for what many share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    pub created_at: Option<Timestamp>,
    pub verified: bool,
    pub findings: Vec<FindingId>,
}

impl Case {
    /// `None` for who is left alone.
    pub fn of(signup: &Signup, diagnosis: &Diagnosis) -> Option<Self> {
        (!diagnosis.is_left_alone()).then(|| Self {
            created_at: signup.created_at(),
            verified: signup.verified() == Some(true),
            findings: diagnosis.findings.iter().map(|finding| finding.id).collect(),
        })
    }
}

/// Whether a signup could have the finding for a reason of its own: nobody gets an account before the e-mail is verified,
/// nor where an earlier column lacks what the account is made from.
pub fn concerns(finding: FindingId, case: &Case) -> bool {
    let column = finding.column();
    let breaks_earlier = |found: &FindingId| found.severity() == Severity::Error && found.column() < column;
    !needs_verified(finding) || (case.verified && !case.findings.iter().any(breaks_earlier))
}

/// Whether only verified signups can have it.
pub fn needs_verified(finding: FindingId) -> bool {
    matches!(finding.column(), Column::Did | Column::Pds)
}

/// What most signups since some moment share, counted one signup at a time, so that none has to be kept. Looks at
/// findings of severity error that a pipeline can cause.
#[derive(Debug, Clone)]
pub struct Streaks(Vec<Streak>);

/// How one finding is spread over the newest signups.
#[derive(Debug, Clone)]
struct Streak {
    id: FindingId,
    of: usize,
    affected: usize,
    /// The longest stretch from the newest on of which at least two thirds have it: affected, of, and since when.
    best: Option<(usize, usize, Option<Timestamp>)>,
}

impl Default for Streaks {
    fn default() -> Self {
        let candidates = FindingId::ALL
            .into_iter()
            .filter(|id| id.severity() == Severity::Error && *id != FindingId::OrphanRecord);
        let empty = |id| Streak {
            id,
            of: 0,
            affected: 0,
            best: None,
        };
        Self(candidates.map(empty).collect())
    }
}

impl Streaks {
    /// Counts a signup. They come newest first.
    pub fn count(&mut self, case: &Case) {
        for streak in &mut self.0 {
            if !concerns(streak.id, case) {
                continue;
            }
            streak.of += 1;
            if case.findings.contains(&streak.id) {
                streak.affected += 1;
                if streak.affected >= ENOUGH && streak.affected * 3 >= streak.of * 2 {
                    streak.best = Some((streak.affected, streak.of, case.created_at));
                }
            }
        }
    }

    /// Cases in any order, counted from the newest on.
    pub fn of(cases: impl IntoIterator<Item = Case>) -> Self {
        let mut cases: Vec<Case> = cases.into_iter().collect();
        cases.sort_by_key(|case| std::cmp::Reverse(case.created_at));
        let mut streaks = Self::default();
        cases.iter().for_each(|case| streaks.count(case));
        streaks
    }

    /// Whether anything is shared, so that it is worth asking for evidence.
    pub fn is_any(&self) -> bool {
        self.0.iter().any(|streak| streak.best.is_some())
    }

    /// The earliest column's one only: what comes after it is its consequence.
    pub fn systemic(&self, evidence: &Evidence) -> Option<Systemic> {
        let found = self.0.iter().filter_map(|streak| {
            let (affected, of, since) = streak.best?;
            Some(Systemic {
                finding: streak.id,
                column: streak.id.column(),
                affected,
                of,
                since,
                cause: cause(streak.id, evidence),
            })
        });
        found.min_by_key(|systemic| (systemic.column, std::cmp::Reverse(systemic.affected)))
    }
}

/// The same of signups that are at hand, in any order.
pub fn systemic<'a>(
    rows: impl IntoIterator<Item = (&'a Signup, &'a Diagnosis)>,
    evidence: &Evidence,
) -> Option<Systemic> {
    streaks(rows).systemic(evidence)
}

/// Signups that are at hand, in any order, counted from the newest on.
pub fn streaks<'a>(rows: impl IntoIterator<Item = (&'a Signup, &'a Diagnosis)>) -> Streaks {
    let cases = rows.into_iter();
    Streaks::of(cases.filter_map(|(signup, diagnosis)| Case::of(signup, diagnosis)))
}

/// Whether a finding comes of a code that was never written.
pub fn is_of_the_code(finding: FindingId) -> bool {
    matches!(finding, FindingId::MissingUserRecord | FindingId::MissingCode)
}

/// What the evidence says; else where to look first.
fn cause(id: FindingId, evidence: &Evidence) -> String {
    if is_of_the_code(id)
        && let Some(told) = evidence.code_indexes.as_deref().and_then(index)
    {
        return told;
    }
    match &evidence.stopped {
        Observed::Present((run, pause)) => format!("Run {run} {}", pause.sentence()),
        Observed::Unreadable(why) => {
            format!("{} Whether a run stopped is not known: {why}", suspicion(id))
        }
        Observed::Absent | Observed::Unknown => suspicion(id).to_string(),
    }
}

/// What the index on the code has to do with codes that are never written.
fn index(indexes: &[Index]) -> Option<String> {
    hindrance(indexes).or_else(|| (!is_guarded(indexes)).then(|| NO_INDEX.into()))
}

/// The incident of October 2025: the index has another name or form, and MongoDB refuses to make the one that the site's
/// code wants. It lasts when everybody is mended.
pub fn hindrance(indexes: &[Index]) -> Option<String> {
    conflict(indexes).map(|conflict| {
        let how = match conflict.code {
            85 => format!(
                "it is called {}, and the site's code wants to make it as {CODE_INDEX}",
                clean(&conflict.index)
            ),
            _ => format!(
                "another one is called {CODE_INDEX}, and is not unique and sparse as the site's code wants to make it"
            ),
        };
        format!("The code index refuses ({}): {how}.", conflict.code)
    })
}

fn suspicion(id: FindingId) -> &'static str {
    match id {
        of_code if is_of_the_code(of_code) => {
            "The step that draws the code and writes users fails for everybody: look at the index on users.code first."
        }
        FindingId::MissingAccount => {
            "The step that makes the account fails for everybody: look at the PDS and its admin password first."
        }
        FindingId::UnrecordedAccount => {
            "Accounts are made, but not written down: look at what happens after createAccount."
        }
        FindingId::AccountGone => {
            "Recorded accounts are gone: was the PDS restored from an old copy, or is PDS_URL another one?"
        }
        _ => "Most of the newest signups share it: look for one cause, not many.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::diagnose;
    use crate::domain::observed::Observed;
    use crate::domain::signup::{Auth0User, UserRecord, Verification};

    fn signup(n: usize, has_record: bool) -> Signup {
        let sub = format!("auth0|{n}");
        let mut signup = Signup::named("aesthetic", &sub, &sub);
        signup.auth0 = Observed::Present(Auth0User {
            sub: sub.clone(),
            email: Some(format!("user{n}@example.com")),
            email_verified: false,
            created_at: Timestamp::from_second(1_700_000_000 - n as i64).unwrap(),
            blocked: false,
        });
        signup.verification = Observed::Present(Verification {
            id: sub.clone(),
            count: 0,
        });
        signup.user = if has_record {
            Observed::Present(UserRecord {
                id: sub,
                code: Observed::Present("ac25momez".into()),
                atproto: Observed::Absent,
                ..UserRecord::default()
            })
        } else {
            Observed::Absent
        };
        signup
    }

    fn find(broken: &[bool]) -> Option<Systemic> {
        let signups: Vec<_> = broken
            .iter()
            .enumerate()
            .map(|(n, broken)| signup(n, !broken))
            .collect();
        let diagnoses: Vec<_> = signups.iter().map(diagnose).collect();
        systemic(signups.iter().zip(&diagnoses), &Evidence::default())
    }

    #[test]
    fn the_cause_is_what_the_evidence_says() {
        let told = |evidence: &Evidence| cause(FindingId::MissingUserRecord, evidence);
        let of = |indexes: Vec<Index>| Evidence {
            code_indexes: Some(indexes),
            stopped: Observed::Absent,
        };
        let named = |name: &str, sparse| of(vec![Index::on_code(name, true, sparse)]);
        assert!(told(&named("code_1", true)).contains("refuses (85): it is called code_1"));
        assert!(told(&named(CODE_INDEX, false)).contains("refuses (86)"));
        // All are judged, as MongoDB does: another one that guards the codes does not help the site's code.
        let both = of(vec![
            Index::on_code("code_1", true, false),
            Index::on_code(CODE_INDEX, false, false),
        ]);
        assert!(told(&both).contains("refuses (86)"));
        let repaired = Index {
            partial: Some("{}".into()),
            ..Index::on_code(crate::domain::code_index::TEMPORARY, true, false)
        };
        // Beside one that is not sparse and has another name MongoDB makes the other without complaint.
        for harmless in [
            named("code_1", false),
            named(CODE_INDEX, true),
            of(vec![repaired]),
            Evidence::default(),
        ] {
            assert!(told(&harmless).contains("look at the index"), "{harmless:?}");
        }
        let none = of(Vec::new());
        assert!(told(&none).contains("no unique index"));
        assert!(!cause(FindingId::MissingAccount, &none).contains("index"));
        let problem = crate::domain::Problem::new(crate::domain::Class::Auth, "pds refused it.", "");
        let pause = Pause {
            at: Timestamp::UNIX_EPOCH,
            after: 5,
            signature: crate::domain::run::Signature::of(None, &problem),
            problem,
        };
        let stopped = Evidence {
            stopped: Observed::Present(("7f3a0000".into(), pause)),
            ..Evidence::default()
        };
        assert_eq!(
            cause(FindingId::MissingAccount, &stopped),
            "Run 7f3a0000 stopped after 5: looking at the user fails: pds refused it."
        );
        // That the runs could not be read is no evidence, and is not the same as that none stopped.
        let unread = Evidence {
            stopped: Observed::Unreadable("mongo did not answer.".into()),
            ..Evidence::default()
        };
        let told = Systemic {
            cause: cause(FindingId::MissingAccount, &unread),
            ..find(&[true; 4])
                .map(|found| Systemic {
                    finding: FindingId::MissingAccount,
                    ..found
                })
                .unwrap()
        };
        assert!(
            told.cause
                .ends_with("Whether a run stopped is not known: mongo did not answer.")
        );
        assert!(told.cause.starts_with(told.suspicion()) && !told.has_evidence());
    }
}

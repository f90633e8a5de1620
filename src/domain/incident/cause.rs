//! Why so many broke at once: as it was known when a run was started, else as it shows now.

use jiff::Timestamp;
use serde::Serialize;

use super::words::{Tense, counted, minute};
use super::{Affected, Facts};
use crate::domain::finding::FindingId;
use crate::domain::observed::Observed;
use crate::domain::tally::{CODE_INDEX, CodeIndex, Systemic};

/// The root cause, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Cause {
    pub known: bool,
    /// What the evidence says; `not known: …` where it says nothing.
    pub sentence: String,
    /// What speaks for it, a sentence each.
    pub evidence: Vec<String>,
    /// What the signups share: first what the sentence is about.
    pub shared: Vec<Shared>,
    /// The index on the code, now, where it has to do with it.
    pub index: Option<Index>,
}

/// What the newest signups of a tenant shared at some moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Shared {
    /// The tenant, or `both`.
    pub tenant: String,
    pub at: Timestamp,
    #[serde(flatten)]
    pub systemic: Systemic,
}

/// The unique index on exactly `users.code`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Index {
    /// `None`: there is none.
    pub name: Option<String>,
    pub sparse: bool,
    /// With which code MongoDB refuses to make the index as the site's code makes it; `None`: it does not.
    pub refused_with: Option<i32>,
}

/// MongoDB's `IndexOptionsConflict`: the same index is there under another name.
const OPTIONS_CONFLICT: i32 = 85;

pub(super) fn cause(facts: &Facts, users: &[Affected]) -> Cause {
    let shared = shared(facts);
    let of_the_code = shared.iter().any(|one| is_of_the_code(one.systemic.finding));
    let index = index(&facts.code_index).filter(|_| of_the_code);
    let lines = shared.iter().map(Shared::line);
    let first = shared.first().map(|one| &one.systemic);
    Cause {
        known: first.is_some_and(Systemic::has_evidence),
        sentence: match first {
            Some(systemic) if systemic.has_evidence() => systemic.cause.clone(),
            Some(systemic) => format!("not known for sure. {}", systemic.cause),
            None => unknown(facts, users),
        },
        evidence: lines.chain(index.as_ref().map(Index::line)).collect(),
        shared,
        index,
    }
}

/// What was shared when the runs were started, and then what is shared now; each thing once.
fn shared(facts: &Facts) -> Vec<Shared> {
    let kept = facts.runs.iter().filter_map(|(run, _)| {
        Some(Shared {
            tenant: run.tenant.clone(),
            at: run.created_at,
            systemic: run.systemic.clone()?,
        })
    });
    let now = facts.systemic.iter().map(|(tenant, systemic)| Shared {
        tenant: tenant.clone(),
        at: facts.at,
        systemic: systemic.clone(),
    });
    let mut all: Vec<Shared> = Vec::new();
    for one in kept.chain(now) {
        let same =
            |other: &Shared| other.tenant == one.tenant && other.systemic.finding == one.systemic.finding;
        if !all.iter().any(same) {
            all.push(one);
        }
    }
    all
}

impl Shared {
    /// Reads after "signups of".
    pub(super) fn whose(&self) -> &str {
        match self.tenant.as_str() {
            "both" => "both tenants",
            one => one,
        }
    }

    fn line(&self) -> String {
        let since = self
            .systemic
            .since
            .map(|since| format!(" since {}", minute(since)));
        format!(
            "Of the newest {} signups of {}{}, {}.",
            self.systemic.of,
            self.whose(),
            since.unwrap_or_default(),
            counted(self.systemic.finding, self.systemic.affected, Tense::Was)
        )
    }
}

impl Index {
    fn line(&self) -> String {
        match (&self.name, self.refused_with) {
            (Some(name), Some(code)) => format!(
                "The unique, sparse index on users.code is called {name} now: MongoDB refuses to make it as {CODE_INDEX} (code {code})."
            ),
            (Some(name), None) => {
                format!("The unique index on users.code is called {name} now, which hinders nobody.")
            }
            (None, _) => "There is no unique index on users.code now.".into(),
        }
    }
}

/// Whether a finding comes of a code that was never written.
fn is_of_the_code(finding: FindingId) -> bool {
    matches!(finding, FindingId::MissingUserRecord | FindingId::MissingCode)
}

fn index(found: &Observed<CodeIndex>) -> Option<Index> {
    match found {
        Observed::Present(CodeIndex { name, sparse }) => Some(Index {
            name: Some(name.clone()),
            sparse: *sparse,
            refused_with: (*sparse && name != CODE_INDEX).then_some(OPTIONS_CONFLICT),
        }),
        Observed::Absent => Some(Index {
            name: None,
            sparse: false,
            refused_with: None,
        }),
        Observed::Unknown | Observed::Unreadable(_) => None,
    }
}

fn unknown(facts: &Facts, users: &[Affected]) -> String {
    let broken = users.iter().filter(|user| user.was_broken()).count();
    let forgotten = facts
        .runs
        .iter()
        .any(|(_, jobs)| jobs.iter().any(|job| job.attempts > 0 && job.before.is_none()));
    match broken {
        0 => "not known: nobody was found broken.".into(),
        _ if forgotten => "not known: the run was made by an older version, which kept no cause.".into(),
        1 => "not known: one user alone tells of no common cause.".into(),
        _ => "not known: the affected do not share enough to tell one cause from several.".into(),
    }
}

//! Why so many broke at once: as it was known when a run was started, else as it shows now.

use jiff::Timestamp;
use serde::Serialize;

use super::words::{Tense, minute, shared};
use super::{Affected, Facts};
use crate::domain::finding::FindingId;
use crate::domain::observed::Observed;
use crate::domain::tally::{CODE_INDEX, CodeIndex, Systemic};

/// The root cause, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cause {
    pub known: bool,
    /// What the evidence says; `not known: …` where it says nothing.
    pub sentence: String,
    /// What speaks for it, a sentence each.
    pub evidence: Vec<String>,
    /// What the signups share.
    pub systemic: Option<Systemic>,
    /// When that was so; `None` where nothing is shared.
    pub known_at: Option<Timestamp>,
    /// The index on the code, now, where it has to do with it.
    pub index: Option<Index>,
}

/// The unique index on exactly `users.code`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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
    let kept = facts
        .runs
        .iter()
        .filter_map(|(run, _)| Some((run.systemic.clone()?, run.created_at)))
        .next();
    let shared = kept.or_else(|| Some((facts.systemic.first()?.clone(), facts.at)));
    let index = shared
        .as_ref()
        .filter(|(systemic, _)| is_of_the_code(systemic.finding))
        .and_then(|_| index(&facts.code_index));
    match shared {
        Some((systemic, at)) => Cause {
            known: true,
            sentence: systemic.cause.clone(),
            evidence: evidence(&systemic, index.as_ref()),
            systemic: Some(systemic),
            known_at: Some(at),
            index,
        },
        None => Cause {
            known: false,
            sentence: unknown(facts, users),
            evidence: Vec::new(),
            systemic: None,
            known_at: None,
            index: None,
        },
    }
}

fn evidence(systemic: &Systemic, index: Option<&Index>) -> Vec<String> {
    let since = systemic.since.map(|since| format!(" since {}", minute(since)));
    let shared = format!(
        "Of the newest {} signups{}, {}.",
        systemic.of,
        since.unwrap_or_default(),
        shared(systemic.finding, systemic.affected, Tense::Was)
    );
    let index = index.map(|index| match (&index.name, index.refused_with) {
        (Some(name), Some(code)) => format!(
            "The unique, sparse index on users.code is called {name} now: MongoDB refuses to make it as {CODE_INDEX} (code {code})."
        ),
        (Some(name), None) => format!("The unique index on users.code is called {name} now, which hinders nobody."),
        (None, _) => "There is no unique index on users.code now.".into(),
    });
    std::iter::once(shared).chain(index).collect()
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

//! Why so many broke at once: as it was known when a run was started, else as it shows now.

use jiff::Timestamp;
use serde::Serialize;

use super::words::{Tense, counted, minute};
use super::{Affected, Facts};
use crate::domain::code_index::{self, conflict};
use crate::domain::event::StepOutcome;
use crate::domain::tally::{CODE_INDEX, Systemic, is_of_the_code};
use crate::domain::text::clean;
use crate::domain::trail::Field;

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

/// Of the indexes on `users.code` the one that matters: which the site's code stumbles over; else the one that it wants; else
/// one that keeps two users from getting one code.
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
/// MongoDB's `IndexKeySpecsConflict`: another index is there under this name.
const NAME_CONFLICT: i32 = 86;
/// How the index that the site's code makes is described.
const AS_MADE: &str = "unique sparse";

pub(super) fn cause(facts: &Facts, users: &[Affected]) -> Cause {
    let shared = shared(facts);
    let of_the_code = shared.iter().any(|one| is_of_the_code(one.systemic.finding));
    let index = facts.code_indexes.as_deref().filter(|_| of_the_code).map(index);
    let first = shared.first();
    // A look after the repair finds the index in order: what was wrong with it, the trail keeps.
    let mended = first.filter(|one| !one.systemic.has_evidence());
    let mended = mended.and_then(|one| index_deeds(facts).find(|deed| deed.explains(one)));
    let lines = shared.iter().map(Shared::line);
    let lines = lines.chain(mended.as_ref().map(IndexDeed::line));
    let evidence = lines.chain(index.as_ref().map(Index::line)).collect();
    let (known, sentence) = match (first.map(|one| &one.systemic), &mended) {
        (_, Some(deed)) => (true, deed.sentence()),
        (Some(systemic), None) if systemic.has_evidence() => (true, systemic.cause.clone()),
        (Some(systemic), None) => (false, format!("not known for sure. {}", systemic.cause)),
        (None, None) => (false, unknown(facts, users)),
    };
    Cause {
        known,
        sentence,
        evidence,
        shared,
        index,
    }
}

/// The index on the code brought to its good form, as the trail tells it.
pub(super) struct IndexDeed<'a> {
    pub run: &'a str,
    /// When it was done.
    pub at: Timestamp,
    /// `operator@host`.
    pub by: String,
    /// How it stood: `code_1 {code: 1} unique sparse`. `None`: there was none.
    pub before: Option<&'a str>,
}

pub(super) fn index_deeds(facts: &Facts) -> impl Iterator<Item = IndexDeed<'_>> {
    facts.deeds.iter().filter_map(|deed| {
        let change = deed
            .changes
            .iter()
            .find(|change| change.field == Field::CodeIndex)?;
        let at = deed
            .ended_at
            .filter(|_| deed.outcome == Some(StepOutcome::Done))?;
        Some(IndexDeed {
            run: &deed.run,
            at,
            by: format!("{}@{}", deed.operator, deed.host),
            before: change.before.as_deref(),
        })
    })
}

impl IndexDeed<'_> {
    /// Whether it was done after the first signup of the accident, and before somebody looked what they share.
    fn explains(&self, shared: &Shared) -> bool {
        let began = shared.systemic.since.is_some_and(|since| since <= self.at);
        is_of_the_code(shared.systemic.finding) && began && self.at <= shared.at
    }

    fn sentence(&self) -> String {
        let Some(before) = self.before else {
            return "There was no unique index on users.code, though the site's code makes one before it writes users.".into();
        };
        let indexes = || {
            let all = before.split("; ");
            all.filter_map(|index| index.split_once(" {code: 1} "))
        };
        // As MongoDB judges: the one that has the name decides, and only without it one that is alike.
        let named = indexes().find(|(name, _)| *name == CODE_INDEX);
        let alike = indexes().find(|(_, form)| *form == AS_MADE);
        match (named, alike) {
            (Some((_, form)), _) if form != AS_MADE => format!(
                "The code index refused ({NAME_CONFLICT}): another one was called {CODE_INDEX}, and was not unique and sparse as the site's code wants to make it."
            ),
            (None, Some((name, _))) => format!(
                "The code index refused ({OPTIONS_CONFLICT}): it was called {name}, and the site's code wants to make it as {CODE_INDEX}."
            ),
            _ => format!("The index on users.code was not as the site's code makes it: {before}."),
        }
    }

    fn line(&self) -> String {
        let was = self.before.unwrap_or("none");
        format!(
            "{} brought the index on users.code to its good form at {}: before, it was {was}.",
            self.by,
            minute(self.at)
        )
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
            (Some(name), Some(code)) if name == CODE_INDEX => format!(
                "The index called {CODE_INDEX} is not unique and sparse on users.code now: MongoDB refuses to make it as the site's code does (code {code})."
            ),
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

fn index(indexes: &[code_index::Index]) -> Index {
    let conflict = conflict(indexes);
    let find = |fits: &dyn Fn(&&code_index::Index) -> bool| indexes.iter().find(fits);
    let shown = match &conflict {
        Some(conflict) => find(&|index| index.name == conflict.index),
        None => find(&|index| index.is_good())
            .or_else(|| find(&|index| index.guards()))
            .or_else(|| find(&|index| index.is_temporary())),
    };
    Index {
        name: shown.map(|index| clean(&index.name)),
        sparse: shown.is_some_and(|index| index.sparse),
        refused_with: conflict.map(|conflict| i32::from(conflict.code)),
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

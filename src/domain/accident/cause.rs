//! Which cause an accident most likely has, and how sure that is.

use super::{Certainty, Known, Source, Standing, failures, stopped};
use crate::domain::finding::FindingId;
use crate::domain::plan::Step;
use crate::domain::suspect::{
    self, Suspect, despite_the_index, go_on_with_the_repair, of_indexes, of_service,
};
use crate::domain::tally::{NO_INDEX, Systemic, is_of_the_code};

pub(super) struct Cause {
    pub certainty: Certainty,
    pub message: String,
    /// What mends the cause itself.
    pub first: Option<String>,
}

/// First what comes first in the pipeline, then whatever our own jobs met at the same place, then where to look.
pub(super) fn cause(found: &Systemic, known: Known) -> Cause {
    let told = |certainty, message: String, first: Option<String>| Cause {
        certainty,
        message,
        first,
    };
    if is_of_the_code(found.finding)
        && let Some(looked) = known.looked
    {
        match &looked.indexes {
            Err(problem) => {
                let message = format!(
                    "What stands on users.code could not be looked at: {}",
                    problem.message
                );
                return told(Certainty::Unknown, message, Some(problem.hint.clone()));
            }
            Ok(indexes) => {
                if let Some(cause) = of_indexes(indexes) {
                    let none = cause.suspect == Suspect::NoUniqueIndex;
                    let message = if none { NO_INDEX.into() } else { cause.message };
                    return told(Certainty::Shown, message, Some(cause.hint));
                }
            }
        }
    }
    if let Some(cause) = failing(found.finding, known.sources) {
        // It fails now; these signed up before now.
        let message = cause.message.trim_end_matches('.');
        let message = format!("{message}. Whether it failed when they signed up is not known.");
        return told(Certainty::Suspected, message, Some(cause.hint));
    }
    if let Some((run, pause)) = stopped(known)
        && fits(pause.signature.step, found.finding)
    {
        let message = format!("Run {run} {}", pause.sentence());
        return told(Certainty::Shown, message, Some(pause.problem.hint.clone()));
    }
    let failures = failures(known);
    if let Some(failed) = failures
        .iter()
        .find(|failed| fits(failed.signature.step, found.finding))
    {
        let message = format!("A backfill meets it too: {}", failed.describe());
        return told(Certainty::Suspected, message, Some(failed.hint.clone()));
    }
    match known.looked {
        Some(looked) if is_of_the_code(found.finding) => {
            let indexes = looked.indexes.as_deref().unwrap_or_default();
            let who = format!(
                "{} of the newest {} {}",
                found.affected,
                found.of,
                found.finding.fragment()
            );
            let message = despite_the_index(&who, indexes);
            told(Certainty::Suspected, message, go_on_with_the_repair(indexes))
        }
        // What the last audit saw, until the new answers are here.
        None if found.has_evidence() => told(Certainty::Shown, found.cause.clone(), None),
        _ => told(Certainty::Suspected, found.suspicion().into(), None),
    }
}

/// A backend that fails and without which this step of the pipeline cannot be taken.
fn failing(finding: FindingId, sources: &[Source]) -> Option<suspect::Cause> {
    let needed: &[&str] = match finding {
        FindingId::MissingAccount => &["pds", "plc"],
        FindingId::UnrecordedAccount => &["mongo"],
        _ => &[],
    };
    sources.iter().find_map(|source| {
        let problem = source.service.problem.as_ref()?;
        let fails = source.standing == Standing::Fails && needed.contains(&source.service.name);
        fails.then(|| of_service(&source.service, problem))
    })
}

/// Whether a step that fails is the one whose work the finding misses.
fn fits(step: Option<Step>, finding: FindingId) -> bool {
    match finding {
        FindingId::MissingUserRecord | FindingId::MissingCode => matches!(
            step,
            Some(Step::EnsureCodeIndex | Step::CreateUser | Step::AssignCode)
        ),
        FindingId::MissingAccount => matches!(step, Some(Step::CreateAccount)),
        FindingId::UnrecordedAccount => matches!(step, Some(Step::AdoptAccount | Step::RecordAccount)),
        _ => false,
    }
}

//! What is left of an incident, and what is not known.

use serde::Serialize;

use super::words::{Tense, counted, people};
use super::{Affected, Facts};
use crate::domain::diagnosis::{Column, State, Verdict};
use crate::domain::error::{Advice, Class, Problem};
use crate::domain::event::Outcome;
use crate::domain::finding::{FindingId, Repair};
use crate::domain::run::Signature;

/// Something that nobody has mended, or that needs nobody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Left {
    /// How many users it concerns.
    pub users: usize,
    /// Set where it is a finding of the users as they stand now.
    pub finding: Option<FindingId>,
    pub repair: Option<Repair>,
    /// Set where a job failed.
    pub class: Option<Class>,
    pub advice: Option<Advice>,
    /// A sentence with the count in it.
    pub text: String,
    /// What to do about it. May be empty.
    pub hint: String,
}

pub(super) fn left(facts: &Facts, users: &[Affected]) -> Vec<Left> {
    let mut left: Vec<Left> = Vec::new();
    for id in FindingId::ALL {
        let count = users.iter().filter(|user| user.now.has(id)).count();
        if count > 0 {
            left.push(Left {
                finding: Some(id),
                repair: Some(id.repair()),
                ..plain(count, format!("{}.", counted(id, count, Tense::Is)), id.hint())
            });
        }
    }
    let waiting = users
        .iter()
        .filter(|user| user.now.verdict == Verdict::Waiting)
        .count();
    if waiting > 0 {
        let verb = if waiting == 1 { "has" } else { "have" };
        let text = format!("{waiting} {verb} not verified the e-mail yet.");
        left.push(plain(
            waiting,
            text,
            "Nothing to mend: the account is made when they do.",
        ));
    }
    for (problem, count) in failures(users) {
        left.push(Left {
            class: Some(problem.class),
            advice: Some(problem.advice),
            ..plain(
                count,
                format!("{count} failed: {}", problem.message),
                &problem.hint,
            )
        });
    }
    for (run, jobs) in &facts.runs {
        let open = jobs.iter().filter(|job| job.is_open()).count();
        if open > 0 {
            let text = format!(
                "{} of run {} {} not come to an end.",
                people(open),
                run.id,
                have(open)
            );
            left.push(plain(open, text, ""));
        }
    }
    let unclear = facts.deeds.iter().filter(|deed| deed.outcome.is_none()).count();
    if unclear > 0 {
        let what = if unclear == 1 { "step" } else { "steps" };
        let text = format!("{unclear} {what} began and left no word of the end.");
        left.push(plain(
            unclear,
            text,
            "How the users stand now is told above; a backfill goes on behind it.",
        ));
    }
    left
}

fn plain(users: usize, text: String, hint: &str) -> Left {
    Left {
        users,
        finding: None,
        repair: None,
        class: None,
        advice: None,
        text,
        hint: hint.into(),
    }
}

fn have(count: usize) -> &'static str {
    if count == 1 { "has" } else { "have" }
}

/// Whom a job failed for who is not whole since, by what is the same for all whom one cause stops.
fn failures(users: &[Affected]) -> Vec<(Problem, usize)> {
    let mut found: Vec<(Problem, usize)> = Vec::new();
    let failed = users.iter().filter(|user| {
        let failed = matches!(user.outcome, Some(Outcome::Failed | Outcome::Refused));
        failed && matches!(user.now.verdict, Verdict::Broken | Verdict::Unknown)
    });
    for problem in failed.filter_map(|user| user.error.as_ref()) {
        let problem = Problem {
            message: Signature::of(None, problem).message,
            ..problem.clone()
        };
        match found.iter_mut().find(|(one, _)| *one == problem) {
            Some((_, count)) => *count += 1,
            None => found.push((problem, 1)),
        }
    }
    found
}

/// What nobody can tell, a sentence each.
pub(super) fn unknown(facts: &Facts, users: &[Affected]) -> Vec<String> {
    let mut unknown = facts.unknown.clone();
    let inferred = users.iter().filter(|user| user.before_is_inferred).count();
    let none = users.iter().filter(|user| user.before.is_none()).count();
    if inferred > 0 {
        unknown.push(format!(
            "How {} stood before was not kept; what the steps had to do tells some of it.",
            people(inferred)
        ));
    }
    if none > 0 {
        unknown.push(format!(
            "How {} stood before was not kept, or nobody looked yet.",
            people(none)
        ));
    }
    for column in Column::ALL {
        let count = users
            .iter()
            .filter(|user| user.now.state(column) == State::Unknown)
            .count();
        if count > 0 {
            unknown.push(format!("The column {} of {}, now.", column.word(), people(count)));
        }
    }
    let others = facts
        .people
        .iter()
        .filter(|person| person.now.verdict == Verdict::Unknown)
        .filter(|person| !users.iter().any(|user| user.key == person.key))
        .count();
    if others > 0 {
        unknown.push(format!(
            "{others}{} could not be judged: not everything about them is known.",
            if users.is_empty() { "" } else { " more" }
        ));
    }
    unknown
}

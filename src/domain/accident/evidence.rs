//! What was looked at when an accident is explained, each with its answer: the index on the code, the runs that stopped,
//! what jobs failed by, the backends. What was not asked, or did not answer, says so.

use super::{Known, Looked, Source, Standing, failures};
use crate::domain::check::{Check, CheckState};
use crate::domain::checkup::{Failures, index_check};

pub(super) fn check(id: &str, state: CheckState, message: impl Into<String>) -> Check {
    Check {
        id: id.into(),
        state,
        message: message.into(),
        hint: String::new(),
    }
}

/// The index on the code, and what MongoDB would answer to the site's code.
pub(super) fn index(known: Known) -> Option<Check> {
    Some(match &known.looked?.indexes {
        Ok(indexes) => index_check(indexes),
        Err(problem) => check(
            "code-index",
            CheckState::Unknown,
            format!("The index on users.code: {}", problem.message),
        ),
    })
}

/// What speaks for or against any cause: runs, failures, backends.
pub(super) fn gather(evidence: &mut Vec<Check>, known: Known) {
    match known.looked {
        None => evidence.push(check(
            "being-asked",
            CheckState::Unknown,
            "The index on users.code and the newest runs are being asked…",
        )),
        Some(looked) => evidence.push(match &looked.stopped {
            Ok(None) => check("stopped", CheckState::Ok, nothing_stopped(looked)),
            Ok(Some((run, pause))) => check(
                "stopped",
                CheckState::Problem,
                format!("Run {run} {}", pause.sentence()),
            ),
            Err(problem) => check(
                "stopped",
                CheckState::Unknown,
                format!("Whether a run stopped: {}", problem.message),
            ),
        }),
    }
    let all = failures(known);
    let class = |failed: &Failures| {
        let here = known
            .here
            .iter()
            .find(|here| here.failures.signature == failed.signature);
        here.map_or(String::new(), |here| format!(" ({})", here.class.word()))
    };
    let told = all.iter().map(|failed| {
        let message = format!("{}{}", failed.describe(), class(failed));
        check("failures", CheckState::Warning, message)
    });
    evidence.extend(told);
    if let Some(Err(problem)) = known.looked.map(|looked| &looked.failures) {
        evidence.push(check(
            "failures",
            CheckState::Unknown,
            format!("What the newest runs failed by: {}", problem.message),
        ));
    }
    evidence.extend(services(known.sources));
}

/// Where nobody is left failed either, in one line.
fn nothing_stopped(looked: &Looked) -> &'static str {
    match &looked.failures {
        Ok(failures) if failures.is_empty() => {
            "No run stopped, and no user of the newest runs is left failed."
        }
        _ => "No run stopped by itself.",
    }
}

/// Those that answer in one line, and one line for each of the others.
pub(super) fn services(sources: &[Source]) -> Vec<Check> {
    let several = |name: &str| {
        let mut named = sources.iter().filter(|source| source.service.name == name);
        named.nth(1).is_some()
    };
    let name = |source: &Source| match source.service.tenant.as_str() {
        tenant if several(source.service.name) => format!("{} of {tenant}", source.service.name),
        _ => source.service.name.to_string(),
    };
    let those = |wanted: fn(&Standing) -> bool| {
        let those = sources.iter().filter(move |source| wanted(&source.standing));
        those.map(move |source| match source.standing {
            Standing::Answers(Some(ms)) => format!("{} {ms} ms", name(source)),
            _ => name(source),
        })
    };
    let mut told = Vec::new();
    for source in sources {
        if let (Standing::Fails | Standing::Limited, Some(problem)) =
            (source.standing, &source.service.problem)
        {
            let state = match source.standing {
                Standing::Fails => CheckState::Problem,
                _ => CheckState::Warning,
            };
            told.push(check(
                source.service.name,
                state,
                format!("{}: {}", name(source), problem.message),
            ));
        }
    }
    let up: Vec<String> = those(|standing| matches!(standing, Standing::Answers(_))).collect();
    if !up.is_empty() {
        let all = if up.len() == sources.len() {
            "All answer"
        } else {
            "Answer"
        };
        let message = format!("{all}: {}.", up.join(", "));
        told.push(check("services", CheckState::Ok, message));
    }
    let unasked: Vec<String> = those(|standing| *standing == Standing::Unasked).collect();
    if !unasked.is_empty() {
        let verb = if unasked.len() == 1 { "was" } else { "were" };
        told.push(check(
            "services-not-asked",
            CheckState::Unknown,
            format!("{} {verb} not asked yet.", listed(&unasked)),
        ));
    }
    told
}

/// `a, b and c`
fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [all @ .., last] => format!("{} and {last}", all.join(", ")),
    }
}

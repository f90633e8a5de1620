//! What to do next: what to type, and who has to decide.

use serde::Serialize;

use super::cause::{Cause, Index};
use super::words::people;
use super::{Affected, Facts, Scope};
use crate::domain::code_index::{self, TEMPORARY, next_step};
use crate::domain::error::Advice;
use crate::domain::finding::Repair;
use crate::domain::run::RunState;
use crate::domain::tally::CODE_INDEX;

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Next {
    /// A sentence.
    pub text: String,
    /// What to type.
    pub command: Option<String>,
}

/// From so many users on they are not named one by one.
const NAMED: usize = 3;

pub(super) fn next(facts: &Facts, users: &[Affected], cause: &Cause) -> Vec<Next> {
    let indexes = facts.code_indexes.as_deref().unwrap_or_default();
    let index = cause
        .index
        .as_ref()
        .and_then(|index| repair_index(index, indexes));
    let mut next: Vec<Next> = index.into_iter().collect();
    next.extend(runs(facts, users));
    next.extend(backfills(facts, users));
    let decide: Vec<&str> = users
        .iter()
        .filter(|user| user.now.findings.iter().any(|id| id.repair() == Repair::Manual))
        .map(|user| user.sub.as_str())
        .collect();
    if !decide.is_empty() {
        let text = format!(
            "Decide by hand about {}; the hints above say what there is to know.",
            some(&decide)
        );
        next.push(step(text, None));
    }
    if !facts.all_is_known() {
        let again = match &facts.scope {
            Scope::Run(id) => format!("atriage report --run {id}"),
            Scope::Since(since) => format!("atriage report --since {since:.0}"),
        };
        next.push(step(
            "Write this report again when all backends answer.".into(),
            Some(again),
        ));
    }
    next
}

fn step(text: String, command: Option<String>) -> Next {
    Next { text, command }
}

/// The cause itself: who mends users and not that, mends the next ones tomorrow.
fn repair_index(index: &Index, indexes: &[code_index::Index]) -> Option<Next> {
    if let Err(problem) = next_step(indexes) {
        return Some(step(format!("{} {}", problem.message, problem.hint), None));
    }
    let command = Some("atriage diagnose --fix-index".to_string());
    match (&index.name, index.refused_with) {
        (Some(name), Some(code)) if name == CODE_INDEX => Some(step(
            format!(
                "The index called {CODE_INDEX} is not unique and sparse on users.code still, as the site's code makes it: have it made so. \
                 Until then the next signups may break the same way (code {code})."
            ),
            command,
        )),
        (Some(name), Some(code)) => Some(step(
            format!(
                "The index on users.code is called {name} still: let the site's code accept any unique index on it, \
                 or have the index renamed to {CODE_INDEX}. Until then the next signups may break the same way (code {code})."
            ),
            command,
        )),
        (Some(name), None) if name == TEMPORARY => Some(step(
            "A repair of the index on users.code was interrupted: have it ended.".into(),
            command,
        )),
        (None, _) => Some(step(
            "There is no unique index on users.code: have it made.".into(),
            command,
        )),
        _ => None,
    }
}

fn runs(facts: &Facts, users: &[Affected]) -> Vec<Next> {
    let mut next = Vec::new();
    for (run, _) in &facts.runs {
        let id = &run.id;
        let resume = format!("atriage runs resume {id}");
        // Whom a later run took, or who is mended since, needs nothing of this one any more.
        let failed = users
            .iter()
            .filter(|user| user.has_failed() && user.run.as_ref() == Some(id));
        let (decide, again): (Vec<&Affected>, Vec<&Affected>) =
            failed.partition(|user| user.advice() == Some(Advice::Decide));
        let (decide, again) = (decide.len(), again.len());
        match (run.state, &run.pause) {
            (RunState::Paused, Some(pause)) => next.push(step(
                format!(
                    "Repair what stopped run {id}, then go on with it. {}",
                    pause.problem.hint
                )
                .trim_end()
                .into(),
                Some(resume.clone()),
            )),
            (RunState::Paused, None) => {
                next.push(step(format!("Go on with run {id}."), Some(resume.clone())))
            }
            (RunState::Running, _) => next.push(step(
                format!("Run {id} is not over: unless somebody works on it, go on with it."),
                Some(resume.clone()),
            )),
            (RunState::Finished | RunState::Cancelled, _) => {}
        }
        if again + decide > 0 && !run.state.is_open() {
            let text = match (again, decide) {
                (_, 0) => format!("Try {} of run {id} that failed again.", people(again)),
                (0, _) => format!(
                    "Decide about {} of run {id} that failed, as said above; then try again.",
                    people(decide)
                ),
                _ => format!(
                    "Try {} of run {id} that failed again; about {decide} of them somebody has to decide first.",
                    people(again + decide)
                ),
            };
            next.push(step(text, Some(format!("{resume} --failed"))));
        }
    }
    next
}

/// For each tenant, what mends those whom a backfill mends and no run will.
fn backfills(facts: &Facts, users: &[Affected]) -> Vec<Next> {
    let taken = |user: &&Affected| {
        let mut jobs = facts
            .runs
            .iter()
            .flat_map(|(run, jobs)| jobs.iter().map(move |job| (run, job)));
        user.has_failed()
            || jobs.any(|(run, job)| job.key == user.key && job.is_open() && run.state.is_open())
    };
    let mended = |user: &&Affected| user.now.findings.iter().any(|id| id.repair() == Repair::Auto);
    let open: Vec<&Affected> = users.iter().filter(|user| mended(user) && !taken(user)).collect();
    let mut tenants: Vec<&str> = open.iter().map(|user| user.tenant.as_str()).collect();
    tenants.sort_unstable();
    tenants.dedup();
    let one = |tenant: &str| {
        let ours: Vec<&&Affected> = open.iter().filter(|user| user.tenant == tenant).collect();
        let first = ours.iter().filter_map(|user| user.created_at).min();
        let whom = match (ours.iter().all(|user| is_plain(&user.sub)), first) {
            (false, Some(first)) => format!("--since {}", first.strftime("%Y-%m-%d")),
            (true, Some(first)) if ours.len() > NAMED => format!("--since {}", first.strftime("%Y-%m-%d")),
            (true, _) => {
                let subs: Vec<String> = ours.iter().map(|user| format!("'{}'", user.sub)).collect();
                subs.join(" ")
            }
            (false, None) => "--all".into(),
        };
        step(
            format!(
                "Look at the plans of {} of {tenant}, then carry them out with --fix.",
                people(ours.len())
            ),
            Some(format!("atriage backfill {whom} --tenant {tenant}")),
        )
    };
    tenants.into_iter().map(one).collect()
}

/// Whether a shell takes an id, put in quotes, for nothing but that.
fn is_plain(sub: &str) -> bool {
    sub.chars()
        .all(|c| c.is_ascii_alphanumeric() || "|_-.:@".contains(c))
}

fn some(subs: &[&str]) -> String {
    match subs.len() {
        ..=NAMED => subs.join(", "),
        many => people(many),
    }
}

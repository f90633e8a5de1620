//! What happened when: from the first broken signup to now.

use jiff::Timestamp;
use serde::Serialize;

use super::cause::index_deeds;
use super::words::{listed, people, standing};
use super::{Affected, Cause, Facts, by};
use crate::domain::event::Outcome;
use crate::domain::run::{JobRecord, Move, Run, RunState};
use crate::domain::tally::Totals;

/// One line of the timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Moment {
    pub at: Timestamp,
    pub what: What,
    pub run: Option<String>,
    /// A sentence.
    pub text: String,
}

/// In the order in which they stand where they happened at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum What {
    FirstBroken,
    /// From here on most signups share a finding.
    Shared,
    LastBroken,
    /// Somebody brought the index on the code to its good form.
    IndexMended,
    /// The first look of ours.
    Seen,
    Started,
    Paused,
    Resumed,
    Finished,
    Cancelled,
    /// This report.
    Now,
}

pub(super) fn timeline(facts: &Facts, users: &[Affected], cause: &Cause, now: Totals) -> Vec<Moment> {
    let mut moments = signups(users);
    moments.extend(accidents(cause));
    let ours = users
        .iter()
        .filter(|user| user.run.is_some() && !user.before_is_inferred);
    let looks = ours
        .filter(|user| user.was_broken())
        .filter_map(|user| user.before.as_ref());
    if let Some(at) = looks.map(|look| look.at).min() {
        let text = "atriage saw the first of them, and wrote down how they stood.";
        moments.push(moment(at, What::Seen, None, text.into()));
    }
    for (run, jobs) in &facts.runs {
        moments.extend(course(run, jobs));
    }
    moments.extend(repairs(facts));
    let text = match standing(now) {
        told if told.is_empty() => "This report.".into(),
        told => format!("This report: {told}."),
    };
    moments.push(moment(facts.at, What::Now, None, text));
    moments.sort_by_key(|moment| (moment.at, moment.what));
    moments
}

fn moment(at: Timestamp, what: What, run: Option<&Run>, text: String) -> Moment {
    Moment {
        at,
        what,
        run: run.map(|run| run.id.clone()),
        text,
    }
}

fn signups(users: &[Affected]) -> Vec<Moment> {
    let broken = users.iter().filter(|user| user.was_broken());
    let mut dated: Vec<_> = broken.filter_map(|user| Some((user.created_at?, user))).collect();
    dated.sort_by_key(|(at, _)| *at);
    let Some((first, one)) = dated.first() else {
        return Vec::new();
    };
    let text = format!("{} signed up: the first of the broken.", one.sub);
    let mut moments = vec![moment(*first, What::FirstBroken, None, text)];
    if let [_, .., (last, one)] = dated.as_slice() {
        let text = format!("{} signed up: the last of the broken so far.", one.sub);
        moments.push(moment(*last, What::LastBroken, None, text));
    }
    moments
}

/// Where each accident began.
fn accidents(cause: &Cause) -> impl Iterator<Item = Moment> {
    cause.shared.iter().filter_map(|shared| {
        let found = &shared.systemic;
        let text = format!(
            "From here on {} of {} signups of {} had {}.",
            found.affected,
            found.of,
            shared.whose(),
            found.finding.name()
        );
        Some(moment(found.since?, What::Shared, None, text))
    })
}

/// Repairs of the index by itself; what a run did to it stands among its steps.
fn repairs(facts: &Facts) -> impl Iterator<Item = Moment> {
    index_deeds(facts).filter_map(|deed| {
        let was = deed.before.map(|before| format!(", which was {before}"));
        let text = format!(
            "{} brought the index on users.code to its good form{}.",
            deed.by,
            was.unwrap_or_default()
        );
        (!facts.runs.iter().any(|(run, _)| run.id == deed.run))
            .then(|| moment(deed.at, What::IndexMended, None, text))
    })
}

/// How a run went.
fn course(run: &Run, jobs: &[JobRecord]) -> Vec<Moment> {
    let reason = run.reason.as_ref().map(|reason| format!(", because: {reason}"));
    let text = format!(
        "{} started run {} for {}{}.",
        by(run),
        run.id,
        people(run.total),
        reason.unwrap_or_default().trim_end_matches('.')
    );
    let mut moments = vec![moment(run.created_at, What::Started, Some(run), text)];
    moments.extend(run.moves.iter().map(|step| turn(run, jobs, step)));
    if run.moves.is_empty() {
        // An older version kept only the last of them.
        let last = |at, to, pause| Move {
            at,
            to,
            pause,
            by: None,
        };
        let paused = run
            .pause
            .as_ref()
            .map(|pause| last(pause.at, RunState::Paused, Some(pause.clone())));
        let ended = run.ended_at.map(|at| last(at, run.state, None));
        let known = paused.into_iter().chain(ended);
        moments.extend(known.map(|step| turn(run, jobs, &step)));
    }
    moments
}

fn turn(run: &Run, jobs: &[JobRecord], step: &Move) -> Moment {
    let id = &run.id;
    let (what, text) = match (step.to, &step.by) {
        (RunState::Running, Some(by)) => (What::Resumed, format!("{by} resumed run {id}.")),
        (RunState::Running, None) => (What::Resumed, format!("Run {id} was resumed.")),
        (RunState::Paused, _) => {
            let why = step.pause.as_ref().map(|pause| pause.sentence());
            let why = why.unwrap_or_else(|| "stopped.".into());
            (What::Paused, format!("Run {id} {why}"))
        }
        (RunState::Finished, _) => (
            What::Finished,
            format!("Run {id} finished{}.", outcomes(run, jobs, step.at)),
        ),
        (RunState::Cancelled, Some(by)) => (What::Cancelled, format!("{by} cancelled run {id}.")),
        (RunState::Cancelled, None) => (What::Cancelled, format!("Run {id} was cancelled.")),
    };
    moment(step.at, what, Some(run), text)
}

/// What came of the users, where the run ended for good then.
fn outcomes(run: &Run, jobs: &[JobRecord], at: Timestamp) -> String {
    if run.ended_at != Some(at) {
        return String::new();
    }
    let all = [
        Outcome::Done,
        Outcome::Nothing,
        Outcome::Failed,
        Outcome::Refused,
        Outcome::Cancelled,
    ];
    let told = listed(all.into_iter().map(|outcome| {
        let count = jobs.iter().filter(|job| job.outcome == Some(outcome)).count();
        (count, outcome.word())
    }));
    match told.is_empty() {
        true => String::new(),
        false => format!(": {told}"),
    }
}

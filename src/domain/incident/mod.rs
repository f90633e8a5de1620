//! An incident as a value: what was wrong with whom, why, since when, what was done and what is left, from the records of
//! runs and a look at the users now. What the people of October 2025 wrote by hand.

mod cause;
mod next;
mod remains;
mod timeline;
mod words;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;
use serde::Serialize;

pub use cause::{Cause, Index, Shared};
pub use next::Next;
pub use remains::Left;
pub use timeline::{Moment, What};
pub use words::minute;

use super::code_index;
use super::diagnosis::{Column, Verdict};
use super::error::{Advice, Problem};
use super::event::{Outcome, StepOutcome};
use super::look::{Count, Look};
use super::plan::Step;
use super::run::{JobRecord, Run};
use super::tally::{Systemic, Totals};
use super::text::clean;
use super::trail::Deed;

/// Everything that a report is made of.
pub struct Facts {
    pub scope: Scope,
    /// Now.
    pub at: Timestamp,
    /// Everybody who was looked at now.
    pub people: Vec<Person>,
    /// Each with its users, oldest first.
    pub runs: Vec<(Run, Vec<JobRecord>)>,
    pub deeds: Vec<Deed>,
    /// What the newest signups share now, with their tenant.
    pub systemic: Vec<(String, Systemic)>,
    /// The indexes of `users` on the code, now; `None` where they could not be read.
    pub code_indexes: Option<Vec<code_index::Index>>,
    /// Without it nothing is known of what was done.
    pub journal_was_read: bool,
    /// What could not be read or asked: a sentence each.
    pub unknown: Vec<String>,
}

impl Facts {
    /// Whether everything was read, and everybody could be judged.
    fn all_is_known(&self) -> bool {
        let unknown = |person: &Person| person.now.verdict == Verdict::Unknown;
        self.unknown.is_empty() && !self.people.iter().any(unknown)
    }
}

/// Which incident is meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Of this run.
    Run(String),
    /// All that happened since.
    Since(Timestamp),
}

/// A user as they stand now.
#[derive(Debug, Clone)]
pub struct Person {
    pub tenant: String,
    pub sub: String,
    pub key: String,
    /// As it may be shown.
    pub email: Option<String>,
    pub now: Look,
}

/// The report.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Incident {
    pub scope: Scope,
    pub made_at: Timestamp,
    pub tenants: Vec<String>,
    pub standing: Standing,
    /// From the first broken signup on; `None` where nothing was broken.
    pub from: Option<Timestamp>,
    /// When the last of it was done; `None` unless it is over.
    pub to: Option<Timestamp>,
    /// `operator@host` of whoever started a run, went on with it or ended it.
    pub operators: Vec<String>,
    /// A paragraph.
    pub problem: String,
    pub cause: Cause,
    pub timeline: Vec<Moment>,
    pub numbers: Vec<Numbers>,
    /// How the affected stand now.
    pub now: Totals,
    pub users: Vec<Affected>,
    pub done: Vec<Done>,
    /// Without it nothing is known of what was done.
    pub journal_was_read: bool,
    pub left: Vec<Left>,
    pub next: Vec<Next>,
    pub unknown: Vec<String>,
}

/// Whether it is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Nobody was found broken.
    Nothing,
    /// Somebody is broken, or a run has not come to its end.
    Open,
    /// Nobody is known to be broken, but not everything is known.
    Unknown,
    Over,
}

/// One column of the affected, before anything was done and now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Numbers {
    pub column: Column,
    pub before: Count,
    pub now: Count,
}

/// Somebody whom it concerned.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Affected {
    pub tenant: String,
    pub sub: String,
    pub key: String,
    pub email: Option<String>,
    pub created_at: Option<Timestamp>,
    /// The run that worked on them last.
    pub run: Option<String>,
    /// Before anything was done; `None` where nobody kept it.
    pub before: Option<Look>,
    /// `before` was not kept: what the steps had to do tells that much of it.
    pub before_is_inferred: bool,
    /// The steps that changed something, in the order of a plan, each once.
    pub steps: Vec<Step>,
    /// How the last run ended with them; `None` where none did.
    pub outcome: Option<Outcome>,
    /// Why it failed, was refused, or waits.
    pub error: Option<Problem>,
    pub now: Look,
}

/// A step of a run, with how many users it was carried out for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Done {
    pub run: String,
    pub step: Step,
    pub done: usize,
    pub failed: usize,
    /// It began, and was never heard of again.
    pub unclear: usize,
    pub by: String,
    pub reason: Option<String>,
}

/// Makes the report. Total: whatever is not known is told as that.
pub fn incident(facts: &Facts) -> Incident {
    let users = affected(facts);
    let broken = || users.iter().filter(|user| user.was_broken());
    let created = || broken().filter_map(|user| user.created_at);
    let mut now = Totals::default();
    users.iter().for_each(|user| now.count(user.now.verdict));
    let open = facts.runs.iter().any(|(run, _)| run.state.is_open());
    let standing = match broken().next() {
        _ if open || now.broken > 0 => Standing::Open,
        _ if !facts.all_is_known() => Standing::Unknown,
        None => Standing::Nothing,
        Some(_) => Standing::Over,
    };
    let runs = facts.runs.iter().filter_map(|(run, _)| run.ended_at);
    let ended = runs
        .chain(facts.deeds.iter().filter_map(|deed| deed.ended_at))
        .max();
    let mut tenants: Vec<String> = Vec::new();
    for tenant in facts.people.iter().map(|person| &person.tenant) {
        if !tenants.contains(tenant) {
            tenants.push(tenant.clone());
        }
    }
    let operators: BTreeSet<String> = facts
        .runs
        .iter()
        .flat_map(|(run, _)| {
            let later = run.moves.iter().filter_map(|step| step.by.clone());
            later.chain([by(run)])
        })
        .collect();
    let cause = cause::cause(facts, &users);
    let left = remains::left(facts, &users);
    Incident {
        scope: facts.scope.clone(),
        made_at: facts.at,
        problem: words::problem(facts, &users, &tenants, now),
        timeline: timeline::timeline(facts, &users, &cause, now),
        numbers: numbers(&users),
        next: next::next(facts, &users, &cause),
        unknown: remains::unknown(facts, &users),
        from: created().min(),
        to: ended.filter(|_| standing == Standing::Over),
        standing,
        operators: operators.into_iter().collect(),
        done: done(facts),
        journal_was_read: facts.journal_was_read,
        tenants,
        cause,
        now,
        left,
        users,
    }
}

impl Affected {
    /// Whether something was wrong with them when they were looked at first, or is now.
    pub fn was_broken(&self) -> bool {
        self.first().verdict == Verdict::Broken || self.now.verdict == Verdict::Broken
    }

    /// Whether their last job failed, and they are not known to be mended since.
    fn has_failed(&self) -> bool {
        let failed = matches!(self.outcome, Some(Outcome::Failed | Outcome::Refused));
        failed && matches!(self.now.verdict, Verdict::Broken | Verdict::Unknown)
    }

    /// What the last failure asks for; `None` where it left no word.
    fn advice(&self) -> Option<Advice> {
        self.error.as_ref().map(|error| error.advice)
    }

    /// The first look that is known.
    fn first(&self) -> &Look {
        self.before.as_ref().unwrap_or(&self.now)
    }
}

/// The users of the runs, whoever else was worked on, and who is broken now; oldest signup first.
fn affected(facts: &Facts) -> Vec<Affected> {
    let mut jobs: HashMap<&str, Vec<&JobRecord>> = HashMap::new();
    for job in facts.runs.iter().flat_map(|(_, jobs)| jobs) {
        jobs.entry(&job.key).or_default().push(job);
    }
    let mut deeds: HashMap<&str, Vec<&Deed>> = HashMap::new();
    for deed in &facts.deeds {
        deeds.entry(&deed.key).or_default().push(deed);
    }
    let of = |person: &Person| {
        let jobs = jobs.get(person.key.as_str()).cloned().unwrap_or_default();
        let deeds = deeds.get(person.key.as_str()).cloned().unwrap_or_default();
        one(facts.at, person, &jobs, deeds)
    };
    let mut users: Vec<Affected> = facts.people.iter().filter_map(of).collect();
    users.sort_by(|a, b| (a.created_at, &a.key).cmp(&(b.created_at, &b.key)));
    users
}

/// `None`: it did not concern them.
fn one(at: Timestamp, person: &Person, jobs: &[&JobRecord], mut deeds: Vec<&Deed>) -> Option<Affected> {
    let untouched = jobs.is_empty() && deeds.is_empty();
    if untouched && person.now.verdict != Verdict::Broken {
        return None;
    }
    deeds.sort_by_key(|deed| deed.at);
    let ended = deeds
        .iter()
        .filter(|deed| deed.outcome == Some(StepOutcome::Done));
    let mut steps: Vec<Step> = ended.map(|deed| deed.step).collect();
    // A second attempt may have come to a step again.
    steps.sort();
    steps.dedup();
    let kept = jobs
        .iter()
        .filter_map(|job| job.before.as_ref())
        .min_by_key(|look| look.at);
    let began = deeds.first().map_or(at, |deed| deed.at);
    let inferred = || Look::before_steps(steps.iter().copied(), began);
    let before = match kept {
        Some(look) => Some(look.clone()),
        // Nobody did anything: they stand as they stood.
        None if untouched => Some(person.now.clone()),
        None => inferred(),
    };
    let last = jobs.last();
    Some(Affected {
        tenant: person.tenant.clone(),
        sub: person.sub.clone(),
        key: clean(&person.key),
        email: person.email.clone(),
        created_at: person.now.created_at.or(kept.and_then(|look| look.created_at)),
        run: last.map(|job| job.run.clone()),
        before_is_inferred: kept.is_none() && !untouched && before.is_some(),
        before,
        steps,
        outcome: last.and_then(|job| job.outcome),
        error: last.and_then(|job| job.error.clone()),
        now: person.now.clone(),
    })
}

fn numbers(users: &[Affected]) -> Vec<Numbers> {
    let of = |column| Numbers {
        column,
        before: Count::of(column, users.iter().map(|user| user.before.as_ref())),
        now: Count::of(column, users.iter().map(|user| Some(&user.now))),
    };
    Column::ALL.map(of).into()
}

/// What the trail says was carried out, by run and step.
fn done(facts: &Facts) -> Vec<Done> {
    let place = |id: &str| facts.runs.iter().position(|(run, _)| run.id == id);
    let mut by_step: BTreeMap<(Option<usize>, &str, Step), Done> = BTreeMap::new();
    for deed in &facts.deeds {
        let one = by_step
            .entry((place(&deed.run), &deed.run, deed.step))
            .or_insert_with(|| Done {
                run: deed.run.clone(),
                step: deed.step,
                done: 0,
                failed: 0,
                unclear: 0,
                by: format!("{}@{}", deed.operator, deed.host),
                reason: deed.reason.clone(),
            });
        match deed.outcome {
            Some(StepOutcome::Failed) => one.failed += 1,
            Some(StepOutcome::Done | StepOutcome::Already) => one.done += 1,
            None => one.unclear += 1,
        }
    }
    by_step.into_values().collect()
}

/// `operator@host`.
fn by(run: &Run) -> String {
    format!("{}@{}", run.operator, run.host)
}

#[cfg(test)]
mod tests;

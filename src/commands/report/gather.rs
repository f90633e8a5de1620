//! The facts of a report: what the journal keeps of runs and deeds, and a look at everybody concerned. What does not
//! answer is told in the report itself.

use std::collections::{BTreeMap, HashSet};

use jiff::Timestamp;

use super::super::json::shown;
use super::super::output::Output;
use super::super::setup::Setup;
use super::super::{Failure, progress};
use super::ReportArgs;
use crate::audit::named::observe_named;
use crate::audit::page::Depth;
use crate::audit::report::{self, Part, audit};
use crate::domain::filter::Filter;
use crate::domain::incident::{Facts, Person, Scope};
use crate::domain::look::Look;
use crate::domain::run::{JobRecord, Move, Run};
use crate::domain::tally::{Systemic, is_of_the_code};
use crate::domain::text::{clean, mask_email};
use crate::domain::trail::{TrailEntry, deeds};
use crate::domain::{Diagnosis, Problem, Signup, diagnose};
use crate::provisioning::code_index::INDEX;
use crate::provisioning::runs::find;
use crate::services::Error;
use crate::services::health::Liveness;
use crate::services::store::Store;
use crate::services::store::journal::{Listed, TrailFilter};
use crate::services::store::upkeep::REHEARSAL;

/// How many of the newest runs are looked through for those of the time.
const RUNS: usize = 1000;

pub struct Gathered {
    pub facts: Facts,
    /// Whether every backend that was asked answered.
    pub complete: bool,
}

/// What the journal keeps.
#[derive(Default)]
struct Kept {
    runs: Vec<(Run, Vec<JobRecord>)>,
    entries: Vec<TrailEntry>,
    /// Nothing of it could be read.
    is_dark: bool,
    /// What of it could not be read.
    unread: Vec<String>,
}

/// Who was looked at, and what of them is one accident.
#[derive(Default)]
struct Looked {
    people: Vec<Person>,
    systemic: Vec<(String, Systemic)>,
    failed: Vec<Problem>,
}

pub async fn gather(setup: &Setup, args: &ReportArgs, output: &Output) -> Result<Gathered, Failure> {
    let store = setup.backends.store.as_ref();
    let (scope, mut kept) = match &args.run {
        Some(id) => {
            let run = find(store, id).await?;
            (Scope::Run(run.id.clone()), of_run(store, run).await?)
        }
        None => {
            let kept = of_time(store, args.since).await;
            // The report is of the signups then: they can be asked about without the journal.
            (Scope::Since(args.since), kept.unwrap_or_else(Kept::unread))
        }
    };
    let mut looked = Looked::default();
    if let Scope::Since(since) = scope {
        looked.at_signups(setup, since, output).await;
    }
    looked.at_others(setup, &kept, output).await;
    let indexes = store.code_indexes().await;
    let mut outages = outages(setup, &looked.failed);
    let complete = outages.is_empty() && kept.unread.is_empty();
    outages.retain(|told| !kept.unread.iter().any(|line| line.contains(told)));
    kept.unread.extend(outages);
    kept.runs.sort_by_key(|(run, _)| run.created_at);
    Ok(Gathered {
        complete,
        facts: Facts {
            scope,
            at: Timestamp::now(),
            people: looked.people,
            systemic: looked.systemic,
            code_indexes: indexes.ok(),
            journal_was_read: !kept.is_dark,
            unknown: kept.unread,
            deeds: deeds(kept.entries),
            runs: kept.runs,
        },
    })
}

async fn of_run(store: &dyn Store, run: Run) -> Result<Kept, Error> {
    let mut kept = Kept::default();
    kept.add(store, run).await?;
    Ok(kept)
}

/// The runs that something happened to since then, and what was done since.
async fn of_time(store: &dyn Store, since: Timestamp) -> Result<Kept, Error> {
    let mut kept = Kept::default();
    let runs = store.runs(RUNS).await?;
    let runs = kept.read(runs);
    let filter = TrailFilter {
        since: Some(since),
        ..TrailFilter::default()
    };
    let trail = store.trail(&filter, usize::MAX).await?;
    let entries = kept.read(trail);
    let named: HashSet<&str> = entries.iter().map(|entry| entry.run.as_str()).collect();
    for run in runs {
        if named.contains(run.id.as_str()) || has_news(&run, since) {
            kept.add(store, run).await?;
        }
    }
    // Of the runs there is all of the trail already.
    let whole: HashSet<String> = kept.runs.iter().map(|(run, _)| run.id.clone()).collect();
    // A throw-away user was never anybody's accident, and is gone.
    let others = entries
        .into_iter()
        .filter(|entry| !whole.contains(&entry.run) && !entry.key.starts_with(REHEARSAL));
    kept.entries.extend(others.map(cleaned));
    Ok(kept)
}

fn has_news(run: &Run, since: Timestamp) -> bool {
    let paused = run.pause.as_ref().map(|pause| pause.at);
    let moved = run.moves.iter().map(|step| step.at);
    let all = moved.chain(paused).chain(run.ended_at).chain([run.created_at]);
    all.max().is_some_and(|newest| newest >= since)
}

impl Kept {
    fn unread(error: Error) -> Self {
        let told = format!(
            "What was done before: the runs and the trail could not be read. {} {}",
            error.what, error.hint
        );
        Self {
            is_dark: true,
            unread: vec![told.trim_end().into()],
            ..Self::default()
        }
    }

    /// A run with its users and its trail.
    async fn add(&mut self, store: &dyn Store, run: Run) -> Result<(), Error> {
        let filter = TrailFilter {
            run: Some(run.id.clone()),
            ..TrailFilter::default()
        };
        let jobs = store.jobs(&run.id).await?;
        let jobs = self.read(jobs);
        let trail = store.trail(&filter, usize::MAX).await?;
        let entries = self.read(trail);
        self.entries.extend(entries.into_iter().map(cleaned));
        self.add_repairs(store, &run).await?;
        let run = Run {
            operator: clean(&run.operator),
            host: clean(&run.host),
            reason: run.reason.as_deref().map(clean),
            moves: run.moves.into_iter().map(cleaned_move).collect(),
            ..run
        };
        self.runs.push((run, jobs));
        Ok(())
    }

    /// What was done to the index on the code between the accident that a run found and the run: by then nothing else
    /// tells why the users have no record.
    async fn add_repairs(&mut self, store: &dyn Store, run: &Run) -> Result<(), Error> {
        let of_the_code = run.systemic.iter().filter(|found| is_of_the_code(found.finding));
        let Some(since) = of_the_code.filter_map(|found| found.since).next() else {
            return Ok(());
        };
        let filter = TrailFilter {
            key: Some(INDEX.into()),
            since: Some(since),
            ..TrailFilter::default()
        };
        let trail = store.trail(&filter, usize::MAX).await?;
        let entries = self.read(trail).into_iter();
        let before = entries.filter(|entry| entry.at <= run.created_at);
        self.entries.extend(before.map(cleaned));
        Ok(())
    }

    fn read<T>(&mut self, listed: Listed<T>) -> Vec<T> {
        let told = listed.unreadable.iter();
        self.unread
            .extend(told.map(|error| format!("{} {}", error.what, error.hint)));
        listed.found
    }

    /// The users of the runs and of the trail, by tenant.
    fn users(&self) -> BTreeMap<String, Vec<(String, String)>> {
        let jobs = self.runs.iter().flat_map(|(_, jobs)| jobs);
        let of_jobs = jobs.map(|job| (&job.tenant, &job.sub, &job.key));
        let of_trail = self
            .entries
            .iter()
            .filter(|entry| entry.key != INDEX)
            .map(|entry| (&entry.tenant, &entry.sub, &entry.key));
        let mut users: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
        let mut seen = HashSet::new();
        for (tenant, sub, key) in of_jobs.chain(of_trail) {
            if seen.insert((tenant, key)) {
                users
                    .entry(tenant.clone())
                    .or_default()
                    .push((sub.clone(), key.clone()));
            }
        }
        users
    }
}

fn cleaned_move(step: Move) -> Move {
    Move {
        by: step.by.as_deref().map(clean),
        ..step
    }
}

fn cleaned(entry: TrailEntry) -> TrailEntry {
    TrailEntry {
        operator: clean(&entry.operator),
        host: clean(&entry.host),
        reason: entry.reason.as_deref().map(clean),
        ..entry
    }
}

impl Looked {
    /// The signups since then, of each tenant that can be asked.
    async fn at_signups(&mut self, setup: &Setup, since: Timestamp, output: &Output) {
        for tenant in setup.backends.configured() {
            let bar = progress::bar(output, None, &format!("checking {tenant}"));
            let scope = report::Scope {
                limit: None,
                since: Some(since),
                depth: Depth::default(),
                orphans: false,
                filter: Filter::default(),
            };
            let mut rows = Vec::new();
            let found = audit(&setup.backends, &tenant, scope, |part| {
                if let Part::Signups { rows: more, done, of } = part {
                    progress::show(&bar, done, of);
                    rows.extend_from_slice(more);
                }
            })
            .await;
            bar.finish_and_clear();
            match found {
                Ok(summary) => {
                    for shared in &summary.shared_emails {
                        shared.correct(&mut rows);
                    }
                    let shared = summary.systemic.into_iter();
                    self.systemic.extend(shared.map(|found| (tenant.clone(), found)));
                    self.failed
                        .extend(summary.broke_off.map(|problem| of_tenant(&tenant, problem)));
                }
                Err(error) => self.failed.push(of_tenant(&tenant, error.problem())),
            }
            for (signup, diagnosis) in &rows {
                self.add(signup, diagnosis, output);
            }
        }
    }

    /// Whoever else was worked on.
    async fn at_others(&mut self, setup: &Setup, kept: &Kept, output: &Output) {
        let seen = self
            .people
            .iter()
            .map(|one| (one.tenant.clone(), one.key.clone()));
        let seen: HashSet<(String, String)> = seen.collect();
        for (tenant, mut users) in kept.users() {
            users.retain(|(_, key)| !seen.contains(&(tenant.clone(), key.clone())));
            if users.is_empty() {
                continue;
            }
            let subs: Vec<String> = users.iter().map(|(sub, _)| sub.clone()).collect();
            let bar = progress::bar(output, Some(subs.len()), &format!("checking {tenant}"));
            let tell = |done| progress::show(&bar, done, None);
            let found = observe_named(&setup.backends, &tenant, &subs, tell).await;
            bar.finish_and_clear();
            let signups = found.unwrap_or_else(|error| {
                self.failed.push(of_tenant(&tenant, error.problem()));
                let unknown = users.iter().map(|(sub, key)| Signup::named(&tenant, sub, key));
                unknown.collect()
            });
            for signup in &signups {
                self.add(signup, &diagnose(signup), output);
            }
        }
    }

    fn add(&mut self, signup: &Signup, diagnosis: &Diagnosis, output: &Output) {
        self.people.push(Person {
            tenant: signup.tenant.clone(),
            sub: clean(&signup.sub),
            key: signup.key.clone(),
            email: signup
                .email()
                .map(|email| shown(email, output.unmask, mask_email)),
            now: Look::of(signup, diagnosis, Timestamp::now()),
        });
    }
}

fn of_tenant(tenant: &str, problem: Problem) -> Problem {
    Problem {
        message: format!(
            "The users of {tenant} could not be looked at. {}",
            problem.message
        ),
        ..problem
    }
}

/// Which backends did not answer, a sentence each.
fn outages(setup: &Setup, failed: &[Problem]) -> Vec<String> {
    let told = |problem: &Problem| {
        format!("{} {}", problem.message, problem.hint)
            .trim_end()
            .to_string()
    };
    let mut outages: Vec<String> = failed.iter().map(told).collect();
    for service in setup.backends.health() {
        let down = matches!(service.liveness, Liveness::Down | Liveness::Limited);
        match service.problem.filter(|_| down) {
            // One line a backend, whatever the different calls met.
            Some(_) if outages.iter().any(|told| told.contains(service.name)) => {}
            Some(problem) => outages.push(told(&problem)),
            None if service.failures > 0 => outages.push(format!(
                "A call to {} failed, though a later one did not: something about the users may be unknown.",
                service.name
            )),
            None => {}
        }
    }
    outages
}

//! What the screen knows of jobs: one a user, folded from their events. Decides nothing about them.

use std::collections::HashMap;

use jiff::Timestamp;

use crate::domain::event::StepReport;
use crate::domain::{Column, JobEvent, JobNews, Outcome, Plan, Problem, Step};

use super::message::Target;
use super::state::RowId;

/// Where a job is.
#[derive(Debug, Clone, PartialEq)]
pub enum Phase {
    Queued,
    /// It looks at the user.
    Observing,
    Step(Step),
    /// It tries again at that moment.
    Waiting {
        until: Timestamp,
        why: Problem,
    },
    /// Somebody else works on this user.
    Busy {
        by: String,
    },
    /// Left for later: it stands in the store.
    Left,
    Ended(Outcome),
}

/// The newest job of one user.
#[derive(Debug, Clone)]
pub struct Job {
    pub target: Target,
    pub phase: Phase,
    pub plan: Option<Plan>,
    pub trace: Vec<StepReport>,
    pub error: Option<Problem>,
    /// Somebody asked it to stop at the next step.
    pub stopping: bool,
    pub queued_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    run: u32,
}

impl Job {
    pub fn id(&self) -> RowId {
        RowId::new(&self.target.tenant, &self.target.key)
    }

    pub fn is_active(&self) -> bool {
        !matches!(self.phase, Phase::Ended(_) | Phase::Left)
    }

    pub fn outcome(&self) -> Option<Outcome> {
        match self.phase {
            Phase::Ended(outcome) => Some(outcome),
            _ => None,
        }
    }

    pub fn failed(&self) -> bool {
        self.outcome() == Some(Outcome::Failed)
    }

    /// What its steps took together.
    pub fn milliseconds(&self) -> u64 {
        self.trace.iter().map(|report| report.ms).sum()
    }

    /// The column that the step in hand is about.
    pub fn column(&self) -> Option<Column> {
        match self.phase {
            Phase::Step(step) => Some(column_of(step)),
            _ => None,
        }
    }
}

fn column_of(step: Step) -> Column {
    match step {
        Step::CreateVerification | Step::SetVerificationCount | Step::CreateUser => Column::Mongo,
        Step::EnsureCodeIndex | Step::AssignCode => Column::Code,
        Step::CreateAccount | Step::AdoptAccount | Step::RecordAccount => Column::Did,
        Step::ResetPassword | Step::SyncHandle | Step::Verify => Column::Pds,
    }
}

/// How far the jobs have come that were started together, or while others still ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    pub total: usize,
    pub ended: usize,
    pub failed: usize,
    pub cancelled: usize,
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
}

/// All jobs of this session, in the order in which they were started; the newest one of each user.
#[derive(Debug, Clone, Default)]
pub struct Jobs {
    list: Vec<Job>,
    place: HashMap<RowId, usize>,
    active: usize,
    failed: usize,
    run: u32,
    progress: Progress,
}

impl Jobs {
    pub fn get(&self, id: &RowId) -> Option<&Job> {
        self.place.get(id).map(|place| &self.list[*place])
    }

    /// The jobs of the current run, in the order of their start.
    pub fn of_this_run(&self) -> impl DoubleEndedIterator<Item = &Job> {
        self.list.iter().filter(|job| job.run == self.run)
    }

    pub fn all(&self) -> impl Iterator<Item = &Job> {
        self.list.iter()
    }

    pub fn active(&self) -> impl Iterator<Item = &Job> {
        self.list.iter().filter(|job| job.is_active())
    }

    pub fn active_count(&self) -> usize {
        self.active
    }

    pub fn failed_count(&self) -> usize {
        self.failed
    }

    pub fn is_active(&self, id: &RowId) -> bool {
        self.get(id).is_some_and(Job::is_active)
    }

    pub fn progress(&self) -> Progress {
        self.progress
    }

    /// Registers jobs before they are asked for, so that counts are never wrong.
    pub fn register(&mut self, targets: &[Target], now: Timestamp) {
        if self.active == 0 {
            self.run += 1;
        }
        for target in targets {
            self.put(target.clone(), now);
        }
        self.count();
    }

    fn put(&mut self, target: Target, now: Timestamp) {
        let id = RowId::new(&target.tenant, &target.key);
        let job = Job {
            target,
            phase: Phase::Queued,
            plan: None,
            trace: Vec::new(),
            error: None,
            stopping: false,
            queued_at: now,
            ended_at: None,
            run: self.run,
        };
        match self.place.get(&id) {
            Some(place) => self.list[*place] = job,
            None => {
                self.place.insert(id, self.list.len());
                self.list.push(job);
            }
        }
    }

    pub fn stop(&mut self, id: &RowId) {
        if let Some(place) = self.place.get(id) {
            self.list[*place].stopping = true;
        }
    }

    /// Takes an event in. A job that somebody else started is shown too.
    pub fn fold(&mut self, event: JobEvent) {
        let id = RowId::new(&event.tenant, &event.key);
        let starts_anew = matches!(event.news, JobNews::Queued | JobNews::Started) && !self.is_active(&id);
        if starts_anew || !self.place.contains_key(&id) {
            let (tenant, sub, key) = (event.tenant, event.sub, event.key);
            self.register(&[Target { tenant, sub, key }], event.at);
        }
        let job = &mut self.list[self.place[&id]];
        match event.news {
            JobNews::Queued => job.phase = Phase::Queued,
            JobNews::Started => job.phase = Phase::Observing,
            JobNews::Planned(plan) => job.plan = Some(plan),
            JobNews::StepStarted(step) => job.phase = Phase::Step(step),
            JobNews::StepDone(report) => job.trace.push(report),
            JobNews::Waiting { until, why } => job.phase = Phase::Waiting { until, why },
            JobNews::Busy { by } => job.phase = Phase::Busy { by },
            JobNews::Left => {
                job.phase = Phase::Left;
                job.ended_at = Some(event.at);
                self.count();
            }
            JobNews::Finished { outcome, error } => {
                job.phase = Phase::Ended(outcome);
                job.error = error;
                job.ended_at = Some(event.at);
                self.count();
            }
        }
    }

    fn count(&mut self) {
        self.active = self.active().count();
        self.failed = self.list.iter().filter(|job| job.failed()).count();
        let mut progress = Progress::default();
        for job in self.of_this_run() {
            progress.total += 1;
            progress.ended += usize::from(!job.is_active());
            progress.failed += usize::from(matches!(job.outcome(), Some(Outcome::Failed | Outcome::Refused)));
            progress.cancelled += usize::from(job.outcome() == Some(Outcome::Cancelled));
            progress.started_at = progress.started_at.or(Some(job.queued_at));
            progress.ended_at = progress.ended_at.max(job.ended_at);
        }
        self.progress = progress;
    }
}

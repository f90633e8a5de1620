//! What the screen knows of jobs: one a user, folded from their events and from those of their runs. Decides nothing
//! about them.

mod elsewhere;

use std::collections::HashMap;

use jiff::Timestamp;

use crate::domain::{JobEvent, JobNews, Outcome, Plan, Problem, RunEvent, RunNews, StepOutcome};

pub use super::job::{Job, Phase};
use super::message::Target;
use super::runs::{End, Holding, Offer, Progress, RunHere};
use super::state::RowId;

/// All jobs of this session, in the order in which they were started; the newest one of each user.
#[derive(Debug, Clone, Default)]
pub struct Jobs {
    list: Vec<Job>,
    place: HashMap<RowId, usize>,
    active: usize,
    failed: usize,
    runs: Vec<RunHere>,
    progress: Progress,
}

impl Jobs {
    pub fn get(&self, id: &RowId) -> Option<&Job> {
        self.place.get(id).map(|place| &self.list[*place])
    }

    /// The jobs of the current runs, in the order of their start.
    pub fn of_these_runs(&self) -> impl DoubleEndedIterator<Item = &Job> {
        self.list.iter().filter(|job| self.runs[job.run].is_current)
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

    /// The id of the run that a user's newest job belongs to.
    pub fn run_of(&self, id: &RowId) -> Option<&str> {
        self.runs[self.get(id)?.run].id.as_deref()
    }

    pub fn progress(&self) -> Progress {
        self.progress
    }

    pub fn runs(&self) -> &[RunHere] {
        &self.runs
    }

    /// The runs that are looked at together: those since the last time when nothing ran.
    pub fn current(&self) -> impl Iterator<Item = &RunHere> {
        self.runs.iter().filter(|run| run.is_current)
    }

    pub fn run(&self, id: &str) -> Option<&RunHere> {
        self.runs.iter().rfind(|run| run.is(id))
    }

    /// Registers the jobs of a run before it is asked for, so that counts are never wrong. Its id is told later.
    pub fn register(
        &mut self,
        users: impl IntoIterator<Item = (Target, Plan)>,
        reason: Option<String>,
        now: Timestamp,
    ) {
        let run = self.add(RunHere::new(None, reason, now));
        for (target, plan) in users {
            self.put(target, Some(plan), run, now);
        }
        self.count();
    }

    /// Makes a run known that somebody goes on with here.
    pub fn resume(&mut self, offer: &Offer, now: Timestamp) {
        let known = self.runs.iter().rposition(|run| run.is(&offer.run));
        match known {
            Some(known) => {
                self.begin_anew_if_idle();
                self.runs[known].go_on(now);
            }
            None => {
                let run = self.add(RunHere::new(Some(offer.run.clone()), offer.reason.clone(), now));
                self.runs[run].announce(offer.left);
            }
        }
        self.count();
    }

    /// A run that was to go on does not.
    pub fn stays(&mut self, offer: &Offer) {
        if let Some(place) = self.place_of(&offer.run) {
            self.runs[place].stays(offer);
        }
        self.count();
    }

    /// What was left of a run is never taken up again.
    pub fn drop_run(&mut self, id: &str) {
        let Some(run) = self.runs.iter_mut().rfind(|run| run.is(id)) else {
            return;
        };
        run.pause = None;
        for user in run.left() {
            run.put(user.clone(), End::As(Outcome::Cancelled));
            let job = self.place.get(&user).map(|place| &mut self.list[*place]);
            if let Some(job) = job.filter(|job| job.phase == Phase::Left) {
                job.phase = Phase::Ended(Outcome::Cancelled);
            }
        }
        self.count();
    }

    /// The newest run of this session that stopped with users left to work off.
    pub fn resumable(&self) -> Option<Offer> {
        self.runs.iter().rev().find_map(|run| {
            let id = run.id.clone()?;
            let progress = run.progress();
            if !run.waits() {
                return None;
            }
            Some(Offer {
                run: id.clone(),
                tenant: None,
                by: None,
                started_at: run.started_at,
                reason: run.reason.clone(),
                total: progress.total,
                left: progress.left,
                failed: progress.failed,
                pause: run.pause.clone(),
            })
        })
    }

    fn add(&mut self, run: RunHere) -> usize {
        self.begin_anew_if_idle();
        self.runs.push(run);
        self.runs.len() - 1
    }

    fn begin_anew_if_idle(&mut self) {
        if self.active == 0 {
            self.runs.iter_mut().for_each(|run| run.is_current = false);
        }
    }

    fn put(&mut self, target: Target, plan: Option<Plan>, run: usize, now: Timestamp) {
        let id = RowId::new(&target.tenant, &target.key);
        self.runs[run].put(id.clone(), End::Open);
        let job = Job {
            target,
            phase: Phase::Queued,
            plan,
            planned_at: 0,
            trace: Vec::new(),
            error: None,
            stopping: false,
            queued_at: now,
            ended_at: None,
            run,
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

    /// The run of a job's event. The first one gives the run its id that was asked for with this user; one that nobody here
    /// asked for is of somebody else.
    fn run_of_event(&mut self, name: &str, user: &RowId, at: Timestamp) -> usize {
        if let Some(known) = self.place_of(name) {
            return known;
        }
        let asked = self.get(user).map(|job| job.run);
        match asked.filter(|run| self.runs[*run].is_nameless()) {
            Some(place) => {
                self.runs[place].id = Some(name.into());
                place
            }
            None => self.add(RunHere::new(Some(name.into()), None, at)),
        }
    }

    fn place_of(&self, name: &str) -> Option<usize> {
        self.runs.iter().rposition(|run| run.is(name))
    }

    fn nameless(&self) -> impl Iterator<Item = usize> {
        let places = self.runs.iter().enumerate();
        places
            .filter(|(_, run)| run.is_nameless())
            .map(|(place, _)| place)
    }

    /// Takes a piece of news of one job in. A job that somebody else started is shown too.
    pub fn fold(&mut self, event: JobEvent) {
        let id = RowId::new(&event.tenant, &event.key);
        let run = self.run_of_event(&event.run, &id, event.at);
        self.release(&event);
        let end = match &event.news {
            JobNews::Finished { outcome, .. } => End::As(*outcome),
            JobNews::Left => End::Left,
            _ => End::Open,
        };
        let there = self.get(&id);
        let is_another = there.is_none_or(|job| job.run != run);
        if is_another && there.is_some_and(Job::is_active) {
            // The job of another run is still on this user: this one shows as soon as that one ended.
            self.runs[run].put(id, end);
            self.count();
            return;
        }
        let was_over = there.is_none_or(|job| !job.is_active());
        if is_another || (was_over && end == End::Open) {
            let (tenant, sub, key) = (event.tenant, event.sub, event.key);
            self.put(Target { tenant, sub, key }, None, run, event.at);
        }
        let job = &mut self.list[self.place[&id]];
        match event.news {
            JobNews::Queued => job.phase = Phase::Queued,
            JobNews::Started => job.phase = Phase::Observing,
            JobNews::Planned(plan) => {
                job.plan = Some(plan);
                job.planned_at = job.trace.len();
            }
            JobNews::StepStarted(step) => job.phase = Phase::Step(step),
            JobNews::StepDone(report) => job.trace.push(report),
            JobNews::Waiting { until, why } => job.phase = Phase::Waiting { until, why },
            JobNews::Busy { by } => job.phase = Phase::Busy { by },
            JobNews::Left => job.phase = Phase::Left,
            JobNews::Finished { outcome, error } => {
                job.phase = Phase::Ended(outcome);
                job.error = error;
            }
        }
        if end != End::Open {
            job.ended_at = Some(event.at);
            self.runs[run].ended_at = self.runs[run].ended_at.max(Some(event.at));
        }
        self.runs[run].put(id, end);
        if is_another || was_over || end != End::Open {
            self.count();
        }
    }

    /// The backend answers again where a job got on, or works on after the wait was over: for all runs, since all wait for
    /// the same.
    fn release(&mut self, event: &JobEvent) {
        let gets_on = match &event.news {
            JobNews::StepDone(report) => report.outcome != StepOutcome::Failed,
            JobNews::Finished { outcome, .. } => {
                matches!(outcome, Outcome::Done | Outcome::Nothing | Outcome::Refused)
            }
            _ => false,
        };
        let goes_on = matches!(event.news, JobNews::StepStarted(_));
        for run in &mut self.runs {
            run.holding
                .take_if(|holding| gets_on || (goes_on && holding.until <= event.at));
        }
    }

    /// Takes a piece of news of a run in.
    pub fn fold_run(&mut self, event: &RunEvent) {
        let known = self.place_of(&event.run);
        if let RunNews::Refused(problem) = &event.news {
            // One that is known already only does not go on.
            let asked = self.nameless().next().filter(|_| known.is_none());
            if let Some(run) = asked {
                self.runs[run].is_refused = true;
                let failed = Phase::Ended(Outcome::Failed);
                self.end_all(run, failed, Some(problem), event.at);
                self.count();
            }
            return;
        }
        let run = match known {
            Some(known) => known,
            None => {
                // Where several were asked for at once, the first user whom one names tells which it is.
                let mut asked = self.nameless();
                let (only, another) = (asked.next(), asked.next());
                match (only, another) {
                    (Some(only), None) => {
                        drop(asked);
                        self.runs[only].id = Some(event.run.clone());
                        only
                    }
                    (Some(_), Some(_)) => return,
                    (None, _) => {
                        drop(asked);
                        self.add(RunHere::new(Some(event.run.clone()), None, event.at))
                    }
                }
            }
        };
        match &event.news {
            RunNews::Registered { total } => self.runs[run].announce(*total),
            RunNews::Holding { until, why } => {
                let (until, why) = (*until, why.clone());
                self.runs[run].holding = Some(Holding { until, why });
            }
            RunNews::Paused(pause) => {
                self.runs[run].pause = Some(pause.clone());
                self.runs[run].holding = None;
            }
            RunNews::Ended => self.end_all(run, Phase::Left, None, event.at),
            RunNews::Unwritten(_) | RunNews::Refused(_) => {}
        }
        self.count();
    }

    /// Nothing more is heard of those that were not through.
    fn end_all(&mut self, run: usize, phase: Phase, error: Option<&Problem>, at: Timestamp) {
        self.runs[run].holding = None;
        self.runs[run].ended_at = Some(at);
        let end = if phase == Phase::Left {
            End::Left
        } else {
            End::As(Outcome::Failed)
        };
        for user in self.runs[run].open() {
            self.runs[run].put(user.clone(), end);
            let job = self.place.get(&user).map(|place| &mut self.list[*place]);
            if let Some(job) = job.filter(|job| job.run == run) {
                job.phase = phase.clone();
                job.error = error.cloned();
                job.ended_at = Some(at);
            }
        }
    }

    fn count(&mut self) {
        self.active = self.active().count();
        self.failed = self.list.iter().filter(|job| job.failed()).count();
        let progress = self.current().map(RunHere::progress);
        self.progress = progress.reduce(Progress::and).unwrap_or_default();
    }
}

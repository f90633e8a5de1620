//! The work of one process: runs are registered in the store before anything starts, worked off a few users at a time,
//! one job a user across all processes, and stopped, left for later or cancelled at a step boundary. What is live stands
//! in `live`, how one job is worked off in `worker`.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use tokio::sync::mpsc;

use super::live::Shared;
use super::runs;
use crate::domain::Class;
use crate::domain::Problem;
use crate::domain::event::{Event, Outcome, RunNews};
use crate::domain::run::{JobRecord, JobState, Run, RunState};
use crate::domain::tally::Systemic;
use crate::services::Error;
use crate::services::observe::Backends;
use crate::services::owner::Owner;
use crate::services::store::journal::{JobChange, run_lease};

/// createAccount takes about 70 ms of the PDS's two cores; production once fell over at 50 at a time.
pub const CONCURRENCY: usize = 4;
/// How many records of a run are changed at once when it is gone on with or cancelled: the line to the store may be long.
pub(super) const AT_ONCE: usize = 16;
/// One user to work on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Job {
    pub tenant: String,
    pub sub: String,
    pub key: String,
    /// The recorded DID that may be replaced by a new account, where the old one is gone.
    pub replaces: Option<String>,
}

/// What is to be done, as the operator confirmed it.
#[derive(Debug, Clone)]
pub struct NewRun {
    /// The tenant, or `both`.
    pub tenant: String,
    pub reason: Option<String>,
    /// The recorded passwords are tried too.
    pub deep: bool,
    /// What the users share, as whoever starts it knows.
    pub systemic: Option<Systemic>,
    pub jobs: Vec<Job>,
    /// Who belongs to it and could not be looked at: they stand in it as ended so, and are begun when somebody asks for
    /// those that failed.
    pub ended: Vec<(Job, Outcome, Problem)>,
}

/// Which users of a run are taken up again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Those that were not ended, and those that failed by what stopped the run.
    Open,
    /// Those that failed or were refused.
    Failed,
}

/// Starts runs and tells what happens to them. Clones share one queue.
#[derive(Clone)]
pub struct Queue {
    shared: Arc<Shared>,
}

impl Queue {
    pub fn new(
        backends: Arc<Backends>,
        owner: Arc<Owner>,
        concurrency: usize,
        events: mpsc::UnboundedSender<Event>,
    ) -> Self {
        Self {
            shared: Arc::new(Shared::new(backends, owner, concurrency, events)),
        }
    }

    /// Says that jobs on these users are about to be started, so that they can be cancelled from now on.
    pub fn announce(&self, keys: impl IntoIterator<Item = String>) {
        let mut announced = self.shared.announced();
        announced.extend(keys.into_iter().map(|key| (key, false)));
    }

    /// Registers a run with all its jobs in the store, then starts them; returns its id. A user who has a job in this
    /// process already gets no second one.
    ///
    /// # Errors
    /// Those of the store: then nothing was started.
    pub async fn start(&self, new: NewRun) -> Result<String, Error> {
        let shared = &self.shared;
        let leavings = shared.leavings.load(Ordering::Acquire);
        let at = Timestamp::now();
        let mut jobs = new.jobs;
        let mut keys = HashSet::new();
        jobs.retain(|job| {
            let busy = shared.live().contains_key(&job.key);
            if busy {
                shared.announced().remove(&job.key);
            }
            !busy && keys.insert(job.key.clone())
        });
        let id = format!("{:08x}", rand::random::<u32>());
        let run = Run {
            id: id.clone(),
            tenant: new.tenant,
            operator: shared.owner.operator.clone(),
            host: shared.owner.host.clone(),
            reason: new.reason,
            deep: new.deep,
            total: jobs.len() + new.ended.len(),
            created_at: at,
            state: RunState::Running,
            pause: None,
            ended_at: None,
            systemic: new.systemic,
            moves: Vec::new(),
        };
        let record = |place, job: &Job| JobRecord {
            replaces: job.replaces.clone(),
            ..JobRecord::new(&id, place, (&job.tenant, &job.sub, &job.key), at)
        };
        let begun = jobs.iter().enumerate().map(|(place, job)| record(place, job));
        let ended = new.ended.iter().zip(jobs.len()..);
        let ended = ended.map(|((job, outcome, error), place)| JobRecord {
            state: JobState::Ended,
            outcome: Some(*outcome),
            error: Some(error.clone()),
            ..record(place, job)
        });
        let records: Vec<JobRecord> = begun.chain(ended).collect();
        let written = async {
            shared.take_run(&id).await?;
            let put = shared.backends.store.put_run(&run, &records);
            shared.leases.kept_during(put).await
        };
        match written.await {
            Ok(()) => {
                shared.take_up(run, jobs, false, leavings).await;
                Ok(id)
            }
            Err(error) => {
                for job in jobs {
                    shared.announced().remove(&job.key);
                }
                Err(self.refused(&id, error).await)
            }
        }
    }

    /// Goes on with a run that nobody works on; returns the run and how many users are worked on.
    ///
    /// # Errors
    /// `NotFound` where there is no such run, `Conflict` where somebody works on it.
    pub async fn resume(&self, id: &str, which: Which) -> Result<(Run, usize), Error> {
        let shared = &self.shared;
        let leavings = shared.leavings.load(Ordering::Acquire);
        let store = &shared.backends.store;
        let run = match runs::find(store.as_ref(), id).await {
            Ok(run) => run,
            Err(error) => return Err(self.refused(id, error).await),
        };
        if shared.runs().contains_key(&run.id) {
            // Its lease is ours, so that taking it would refuse nothing, and its end would end the new one.
            let error = Error::new(
                "mongo",
                Class::Conflict,
                format!("The run {} is still finishing here.", run.id),
                "Try again in a moment.",
            );
            shared.tell_run(&run.id, RunNews::Refused(error.problem()));
            return Err(error);
        }
        let mut ours = run.clone();
        let taken = async {
            shared.take_run(&run.id).await?;
            shared.leases.kept_during(self.reopen(&mut ours, which)).await
        };
        match taken.await {
            Ok((jobs, rest)) => {
                let count = jobs.len();
                shared.take_up(ours, jobs, rest, leavings).await;
                Ok((run, count))
            }
            Err(error) => Err(self.refused(&run.id, error).await),
        }
    }

    /// Nothing was started: tells so, and gives back what was taken.
    async fn refused(&self, run: &str, error: Error) -> Error {
        self.shared.leases.release(&run_lease(run)).await;
        self.shared.tell_run(run, RunNews::Refused(error.problem()));
        error
    }

    /// `run` gets the change of its state that this is.
    async fn reopen(&self, run: &mut Run, which: Which) -> Result<(Vec<Job>, bool), Error> {
        let store = &self.shared.backends.store;
        let at = Timestamp::now();
        let change = JobChange {
            state: JobState::Queued,
            outcome: None,
            next_try: None,
            error: None,
            at,
        };
        let (mut jobs, mut rest, mut changed) = (Vec::new(), false, Vec::new());
        for record in store.jobs(&run.id).await?.all()? {
            if !runs::is_taken_up(run, &record, which) || self.shared.live().contains_key(&record.key) {
                // Who is open and not taken along keeps the run from being finished.
                rest |= record.is_open();
                continue;
            }
            // Whom nobody has begun stands as he has to.
            if record.state != JobState::Queued || record.error.is_some() {
                changed.push(record.key.clone());
            }
            jobs.push(Job {
                tenant: record.tenant,
                sub: record.sub,
                key: record.key,
                replaces: record.replaces,
            });
        }
        stream::iter(changed)
            .map(Ok)
            .try_for_each_concurrent(AT_ONCE, async |key: String| {
                store.change_job(&run.id, &key, &change, false).await.map(|_| ())
            })
            .await?;
        let all = [
            RunState::Running,
            RunState::Paused,
            RunState::Finished,
            RunState::Cancelled,
        ];
        if !jobs.is_empty() || run.state.is_open() {
            let resumed = self.shared.owner.move_to(RunState::Running, None, at);
            store.change_run(&run.id, &all, &resumed).await?;
            run.moves.push(resumed);
        }
        Ok((jobs, rest))
    }

    /// Ends the user's job for good at its next step boundary; a waiting one at once, and one that was only announced when
    /// it is registered.
    pub fn cancel(&self, key: &str) {
        if let Some(live) = self.shared.live().get(key) {
            live.cancel.cancel();
        } else if let Some(cancelled) = self.shared.announced().get_mut(key) {
            *cancelled = true;
        }
    }

    /// Ends every job for good at its next step boundary.
    pub fn cancel_all(&self) {
        for live in self.shared.live().values() {
            live.cancel.cancel();
        }
    }

    /// Lets every job finish the step in hand, and leaves the rest in the store for later.
    pub fn leave(&self) {
        self.shared.leavings.fetch_add(1, Ordering::AcqRel);
        for run in self.shared.runs().values() {
            run.leave.cancel();
        }
    }

    /// How many jobs wait or run here.
    pub fn live(&self) -> usize {
        self.shared.live().len()
    }

    /// How many runs are worked on here: one more moment after its last job, until that is written down.
    pub fn open_runs(&self) -> usize {
        self.shared.runs().len()
    }
}

/// What is to be said of an ended job in one line, beside its outcome.
pub fn advice(problem: &Problem) -> String {
    if problem.hint.is_empty() {
        problem.message.clone()
    } else {
        format!("{} {}", problem.message, problem.hint)
    }
}

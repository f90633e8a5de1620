//! What a store must keep beside the records of signups: runs and their jobs, leases, and the audit trail. All of it
//! lies in collections of ours, and none of it holds a password, a token or an invite.

pub(super) mod documents;

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use super::super::error::Error;
use crate::domain::Problem;
use crate::domain::event::{Outcome, StepReport};
use crate::domain::look::Look;
use crate::domain::run::{JobRecord, JobState, Move, Run, RunState};
use crate::domain::trail::TrailEntry;

pub const RUNS: &str = "atriage-runs";
pub const JOBS: &str = "atriage-jobs";
pub const LEASES: &str = "atriage-leases";
pub const HISTORY: &str = "atriage-history";

/// Who holds a lease now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lease {
    /// Whoever asked.
    Ours,
    Theirs {
        owner: String,
        /// By the store's clock.
        until: Timestamp,
    },
}

/// What becomes of a job.
#[derive(Debug, Clone, PartialEq)]
pub struct JobChange {
    pub state: JobState,
    pub outcome: Option<Outcome>,
    pub next_try: Option<Timestamp>,
    pub error: Option<Problem>,
    pub at: Timestamp,
}

/// How far the jobs of a run are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct JobCounts {
    /// Queued, running or waiting.
    pub open: usize,
    /// Failed or refused.
    pub failed: usize,
}

/// Which entries of the trail.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrailFilter {
    /// The `_id` of one user.
    pub key: Option<String>,
    pub run: Option<String>,
    pub since: Option<Timestamp>,
}

/// A list from the store. What cannot be read, since somebody edited it, does not hide the rest: each has its error.
#[derive(Debug)]
pub struct Listed<T> {
    pub found: Vec<T>,
    pub unreadable: Vec<Error>,
}

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Self {
            found: Vec::new(),
            unreadable: Vec::new(),
        }
    }
}

impl<T> Listed<T> {
    /// All of it or nothing: for work, which must not pass over what it cannot read.
    pub fn all(self) -> Result<Vec<T>, Error> {
        match self.unreadable.into_iter().next() {
            Some(error) => Err(error),
            None => Ok(self.found),
        }
    }
}

#[async_trait]
pub trait Journal: Send + Sync {
    /// Writes a run down with its jobs: the jobs first, so that a run that is there is complete. Once more changes nothing.
    ///
    /// # Errors
    /// `Conflict` where another run has this id.
    async fn put_run(&self, run: &Run, jobs: &[JobRecord]) -> Result<(), Error>;
    /// The newest runs, newest first.
    async fn runs(&self, limit: usize) -> Result<Listed<Run>, Error>;
    async fn run(&self, id: &str) -> Result<Option<Run>, Error>;
    /// Changes the state of a run where it is one of `from`, and returns whether it was. `finished` and `cancelled` set
    /// `ended_at`, other states remove it. The run's `moves` keep each change.
    async fn change_run(&self, id: &str, from: &[RunState], step: &Move) -> Result<bool, Error>;

    /// The jobs of a run, by their position.
    async fn jobs(&self, run: &str) -> Result<Listed<JobRecord>, Error>;
    /// How many of a run's jobs are open, and how many failed. The store counts: not one of them is read.
    async fn count_jobs(&self, run: &str) -> Result<JobCounts, Error>;
    /// Those of a run's jobs that failed or were refused, by their position.
    async fn failed_jobs(&self, run: &str) -> Result<Listed<JobRecord>, Error>;
    /// One job of a run.
    async fn job(&self, run: &str, key: &str) -> Result<Option<JobRecord>, Error>;
    /// Marks a job as begun by an owner: state `running`, one attempt more, no error, of the steps only those that changed
    /// something; `lease_until` set.
    /// `false` where the job is not there or has ended: somebody else cancelled or did it.
    async fn begin_job(
        &self,
        run: &str,
        key: &str,
        owner: &str,
        lease_until: Timestamp,
        at: Timestamp,
    ) -> Result<bool, Error>;
    /// Keeps how the user of a job stood, where nothing is kept yet: a later look changes nothing.
    async fn note_look(&self, run: &str, key: &str, look: &Look) -> Result<(), Error>;
    /// Appends a step to a job. The same report once more changes nothing.
    ///
    /// # Errors
    /// `NotFound` where the job is not there.
    async fn note_step(&self, run: &str, key: &str, report: &StepReport) -> Result<(), Error>;
    /// Sets `lease_until` of the running jobs of an owner.
    async fn note_leases(&self, run: &str, owner: &str, until: Timestamp) -> Result<(), Error>;
    /// Changes a job; removes `lease_until`. `only_open`: not one that has ended. Returns whether it was changed.
    async fn change_job(
        &self,
        run: &str,
        key: &str,
        change: &JobChange,
        only_open: bool,
    ) -> Result<bool, Error>;

    /// Takes a lease that is free, over, ours already, or held by `dead` (an owner who is known not to live any more).
    /// Time is the store's, so that clocks of machines need not agree.
    async fn lease(
        &self,
        name: &str,
        owner: &str,
        life: Duration,
        dead: Option<&str>,
    ) -> Result<Lease, Error>;
    /// Prolongs all leases of an owner that are still theirs, and returns their names. Never shortens one.
    async fn renew(&self, owner: &str, life: Duration) -> Result<Vec<String>, Error>;
    /// Gives a lease back, where it is this owner's.
    async fn release(&self, name: &str, owner: &str) -> Result<(), Error>;
    /// The leases of these names that somebody holds: name, owner, until.
    async fn leases(&self, names: &[String]) -> Result<Vec<(String, String, Timestamp)>, Error>;

    /// Appends to the trail. The same entry once more changes nothing.
    async fn append(&self, entry: &TrailEntry) -> Result<(), Error>;
    /// The newest entries that match, newest first.
    async fn trail(&self, filter: &TrailFilter, limit: usize) -> Result<Listed<TrailEntry>, Error>;
}

/// The name of a run's lease. No user's key looks like it.
pub fn run_lease(run: &str) -> String {
    format!("run/{run}")
}

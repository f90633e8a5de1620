//! What is live in this process: the runs that it works on, their jobs, and whoever prolongs the leases as long as there
//! are any. How one job is worked off stands in `worker`.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore, mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::hold::Hold;
use super::leases::{LIFE, Leases, RENEWAL};
use super::queue::Job;
use crate::domain::breaker::Breaker;
use crate::domain::event::{Event, JobEvent, JobNews, RunEvent, RunNews};
use crate::domain::run::{Pause, Run, RunState};
use crate::domain::{Class, Problem};
use crate::services::Error;
use crate::services::observe::Backends;
use crate::services::owner::{Owner, spoken};
use crate::services::store::journal::run_lease;

/// How often it is looked whether somebody cancelled a run from elsewhere.
const LOOK: Duration = Duration::from_secs(2);

/// The wait for a place among those that run; granted in the order in which it was asked for.
pub(super) type Turn = BoxFuture<'static, Result<OwnedSemaphorePermit, AcquireError>>;

pub(super) struct Shared {
    pub backends: Arc<Backends>,
    pub owner: Arc<Owner>,
    pub leases: Leases,
    pub hold: Hold,
    pub turns: Arc<Semaphore>,
    events: mpsc::UnboundedSender<Event>,
    live: Mutex<HashMap<String, Live>>,
    runs: Mutex<HashMap<String, Arc<RunWork>>>,
    /// Users whose jobs are about to be registered, and whether they were cancelled before that.
    announced: Mutex<HashMap<String, bool>>,
    /// Whether somebody prolongs the leases.
    kept: AtomicBool,
    /// How often all was left for later: what was being registered then is left too.
    pub leavings: AtomicUsize,
}

/// A job under way.
pub(super) struct Live {
    run: String,
    pub cancel: CancellationToken,
}

/// A run that this process works on.
pub(super) struct RunWork {
    /// With each change of its state up to now: whoever makes another one has taken it over.
    pub run: Run,
    breaker: Mutex<Breaker>,
    /// Tells whoever waits to know whether a failure is theirs alone that something happened.
    pub news: watch::Sender<()>,
    /// How many of its jobs wait for that.
    pub doubtful: AtomicUsize,
    /// Its jobs are to be left for later.
    pub leave: CancellationToken,
    /// How many of its jobs have not come to an end here.
    pub open: AtomicUsize,
    /// Whether some were left for later.
    left: AtomicBool,
}

impl RunWork {
    pub fn breaker(&self) -> MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Somebody's account could be worked on.
    pub fn prove(&self) {
        let mut breaker = self.breaker();
        if !breaker.is_proven() {
            breaker.prove();
            self.news.send_replace(());
        }
    }
}

impl Shared {
    pub fn new(
        backends: Arc<Backends>,
        owner: Arc<Owner>,
        concurrency: usize,
        events: mpsc::UnboundedSender<Event>,
    ) -> Self {
        Self {
            leases: Leases::new(backends.store.clone(), owner.clone()),
            backends,
            owner,
            hold: Hold::default(),
            turns: Arc::new(Semaphore::new(concurrency.max(1))),
            events,
            live: Mutex::default(),
            runs: Mutex::default(),
            announced: Mutex::default(),
            kept: AtomicBool::new(false),
            leavings: AtomicUsize::new(0),
        }
    }

    pub(super) fn live(&self) -> MutexGuard<'_, HashMap<String, Live>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn runs(&self) -> MutexGuard<'_, HashMap<String, Arc<RunWork>>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn announced(&self) -> MutexGuard<'_, HashMap<String, bool>> {
        self.announced.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) async fn take_run(&self, id: &str) -> Result<(), Error> {
        self.leases.take(&run_lease(id)).await?.map_err(|owner| {
            Error::new(
                "mongo",
                Class::Conflict,
                format!("The run {id} is being worked on by {}.", spoken(&owner)),
                "Wait until it has ended, or cancel it.",
            )
        })
    }

    /// Starts the jobs of a run that is in the store and whose lease is ours. `rest`: others of the run stay
    /// open. `leavings` is of when it was asked for.
    pub(super) async fn take_up(self: &Arc<Self>, run: Run, jobs: Vec<Job>, rest: bool, leavings: usize) {
        let work = Arc::new(RunWork {
            breaker: Mutex::default(),
            news: watch::Sender::new(()),
            doubtful: AtomicUsize::new(0),
            leave: CancellationToken::new(),
            open: AtomicUsize::new(jobs.len()),
            left: AtomicBool::new(rest),
            run,
        });
        if self.runs().is_empty() {
            // Whoever starts or resumes a run takes what stopped the last one for repaired.
            self.hold.over();
        }
        let total = jobs.len();
        self.tell_run(&work.run.id, RunNews::Registered { total });
        self.runs().insert(work.run.id.clone(), work.clone());
        if self.leavings.load(Ordering::Acquire) != leavings {
            work.leave.cancel();
        }
        let mut registered = Vec::new();
        for job in jobs {
            let cancel = CancellationToken::new();
            if self.announced().remove(&job.key) == Some(true) {
                cancel.cancel();
            }
            let live = Live {
                run: work.run.id.clone(),
                cancel: cancel.clone(),
            };
            self.live().insert(job.key.clone(), live);
            self.tell(&work, &job, JobNews::Queued);
            registered.push((job, cancel));
        }
        if registered.is_empty() {
            self.end_run(&work).await;
            return;
        }
        self.keep();
        for (job, cancel) in registered {
            // Each asks for its turn here, in the order of the list, and not when its task happens to begin.
            let mut turn = self.turn();
            if let Some(granted) = turn.as_mut().now_or_never() {
                turn = Box::pin(std::future::ready(granted));
            }
            let (shared, work) = (self.clone(), work.clone());
            tokio::spawn(async move {
                shared.work(&work, &job, &cancel, turn).await;
                shared.live().remove(&job.key);
                if work.open.fetch_sub(1, Ordering::AcqRel) == 1 {
                    shared.end_run(&work).await;
                }
                work.news.send_replace(());
            });
        }
    }

    pub(super) fn turn(&self) -> Turn {
        Box::pin(self.turns.clone().acquire_owned())
    }

    pub(super) fn left_for_later(&self, work: &RunWork) {
        work.left.store(true, Ordering::Release);
    }

    /// None of its jobs is left here.
    async fn end_run(&self, work: &RunWork) {
        if !work.left.load(Ordering::Acquire) {
            let finished = self.owner.move_to(RunState::Finished, None, Timestamp::now());
            let ended = surely(PATIENTLY, || {
                let (store, id) = (&self.backends.store, &work.run.id);
                store.change_run(id, &[RunState::Running], &finished)
            })
            .await;
            if let Err(error) = ended {
                self.tell_run(&work.run.id, RunNews::Unwritten(error.problem()));
            }
        }
        self.leases.release(&run_lease(&work.run.id)).await;
        self.runs().remove(&work.run.id);
        self.tell_run(&work.run.id, RunNews::Ended);
    }

    /// Stops a run by itself, once: its jobs are left for later.
    pub(super) async fn pause(&self, work: &RunWork, pause: Pause) {
        if work.leave.is_cancelled() {
            return;
        }
        work.leave.cancel();
        let paused = self
            .owner
            .move_to(RunState::Paused, Some(pause.clone()), pause.at);
        let written = surely(PATIENTLY, || {
            let (store, id) = (&self.backends.store, &work.run.id);
            store.change_run(id, &[RunState::Running], &paused)
        })
        .await;
        // Where it cannot be written down, it counts as interrupted, and can be resumed all the same.
        if let Err(error) = written {
            self.tell_run(&work.run.id, RunNews::Unwritten(error.problem()));
        }
        self.tell_run(&work.run.id, RunNews::Paused(pause));
    }

    /// Prolongs the leases and looks for runs that were cancelled elsewhere, as long as there are runs.
    fn keep(self: &Arc<Self>) {
        if self.kept.swap(true, Ordering::AcqRel) {
            return;
        }
        let shared = self.clone();
        tokio::spawn(async move {
            let mut renewed = tokio::time::Instant::now();
            loop {
                tokio::time::sleep(LOOK).await;
                let works: Vec<Arc<RunWork>> = shared.runs().values().cloned().collect();
                if works.is_empty() {
                    shared.kept.store(false, Ordering::Release);
                    // A run that came in this very moment found somebody who keeps.
                    if shared.runs().is_empty() || shared.kept.swap(true, Ordering::AcqRel) {
                        return;
                    }
                    continue;
                }
                let due = renewed.elapsed() >= RENEWAL;
                // What fails here shows at the next step boundary: leases that cannot be prolonged run out.
                if due && shared.leases.renew().await.is_ok() {
                    renewed = tokio::time::Instant::now();
                }
                for work in works {
                    shared.look_after(&work, due).await;
                }
            }
        });
    }

    async fn look_after(&self, work: &RunWork, due: bool) {
        let store = &self.backends.store;
        if due {
            let until = Timestamp::now() + SignedDuration::try_from(LIFE).unwrap_or_default();
            store.note_leases(&work.run.id, &self.owner.id, until).await.ok();
        }
        match store.run(&work.run.id).await {
            Ok(Some(run)) if run.state == RunState::Cancelled => {
                for live in self.live().values().filter(|live| live.run == work.run.id) {
                    live.cancel.cancel();
                }
            }
            Ok(_) if !self.leases.holds(&run_lease(&work.run.id)) => {
                // Somebody took the run over, because we seemed to be dead. Where the store does not say so, the next look
                // asks again; each job needs its own lease meanwhile.
                if let Ok(false) = self.is_ours_again(&work.run).await {
                    work.leave.cancel();
                }
            }
            _ => {}
        }
    }

    /// Takes the lease of a run again that ran out, as in an outage of the store; `false` where somebody else has it, or
    /// has changed the run meanwhile.
    async fn is_ours_again(&self, ours: &Run) -> Result<bool, Error> {
        let lease = run_lease(&ours.id);
        if self.leases.take(&lease).await?.is_err() {
            return Ok(false);
        }
        // Read only now: whoever had the lease changes it no more.
        let stands = self.backends.store.run(&ours.id).await;
        let ended = !self.runs().contains_key(&ours.id);
        if ended || stands.is_err() {
            // It ended here meanwhile; or nobody knows, and the next look asks again.
            self.leases.release(&lease).await;
        }
        let is_ours = |run: Run| run.state == RunState::Running && run.moves.len() == ours.moves.len();
        Ok(ended || stands?.is_some_and(is_ours))
    }

    pub(super) fn tell(&self, work: &RunWork, job: &Job, news: JobNews) {
        // Nobody listens any more when the program ends: the job itself goes on to its step boundary.
        drop(self.events.send(Event::Job(JobEvent {
            run: work.run.id.clone(),
            tenant: job.tenant.clone(),
            key: job.key.clone(),
            sub: job.sub.clone(),
            at: Timestamp::now(),
            news,
        })));
    }

    pub(super) fn tell_run(&self, run: &str, news: RunNews) {
        let event = RunEvent {
            run: run.to_string(),
            at: Timestamp::now(),
            news,
        };
        drop(self.events.send(Event::Run(event)));
    }

    /// All runs of this process wait for the same backend.
    pub(super) fn tell_hold(&self, until: Timestamp, why: &Problem) {
        let works: Vec<Arc<RunWork>> = self.runs().values().cloned().collect();
        for work in works {
            let why = why.clone();
            self.tell_run(&work.run.id, RunNews::Holding { until, why });
        }
    }
}

/// How often a write is tried again by which a user or a run ends: nothing comes after it.
pub(super) const PATIENTLY: usize = 8;
/// The same of one amid the work: all others wait for an outage, and have to hear of it long before the leases run out.
pub(super) const BRIEFLY: usize = 2;

/// A write that is worth some patience: what it says is true already.
pub(super) async fn surely<T, F>(times: usize, write: impl Fn() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    use backon::{ExponentialBuilder, Retryable};
    let patience = ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(200))
        .with_max_delay(Duration::from_secs(3))
        .with_max_times(times);
    write
        .retry(patience)
        .when(|error: &Error| error.kind == Class::Unavailable)
        .await
}

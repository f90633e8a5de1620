//! The jobs of one process: registered before they start, a few at a time, one a user, tried again by themselves where
//! that may help, and cancelled at a step boundary.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_util::sync::CancellationToken;

use super::run::provision;
use crate::domain::event::{JobEvent, JobNews, Outcome};
use crate::domain::{Class, Problem};
use crate::services::Error;
use crate::services::observe::Backends;

/// How often a job that failed for a passing reason is tried in all.
const TRIES: u32 = 4;
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// A budget that is free again later than this fails the job: somebody should know.
const LONGEST_PAUSE: Duration = Duration::from_secs(330);
/// createAccount takes about 70 ms of the PDS's two cores; production once fell over at 50 at a time.
pub const CONCURRENCY: usize = 4;

/// The wait for a place among those that run; granted in the order in which it was asked for.
type Turn = BoxFuture<'static, Result<OwnedSemaphorePermit, AcquireError>>;

/// One user to work on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Job {
    pub tenant: String,
    pub sub: String,
    pub key: String,
}

/// Starts jobs and tells what happens to them. Clones share one queue.
#[derive(Clone)]
pub struct Queue {
    shared: Arc<Shared>,
}

struct Shared {
    backends: Arc<Backends>,
    events: mpsc::UnboundedSender<JobEvent>,
    turns: Arc<Semaphore>,
    deep: bool,
    live: Mutex<HashMap<String, CancellationToken>>,
}

impl Queue {
    /// `deep`: the recorded password is tried too.
    pub fn new(
        backends: Arc<Backends>,
        concurrency: usize,
        deep: bool,
        events: mpsc::UnboundedSender<JobEvent>,
    ) -> Self {
        let turns = Arc::new(Semaphore::new(concurrency.max(1)));
        Self {
            shared: Arc::new(Shared {
                backends,
                events,
                turns,
                deep,
                live: Mutex::default(),
            }),
        }
    }

    /// Registers the jobs, all of them, then starts them. A user who has a job already gets no second one.
    pub fn start(&self, jobs: impl IntoIterator<Item = Job>) {
        let mut registered = Vec::new();
        for job in jobs {
            let mut live = self.shared.live.lock().unwrap_or_else(PoisonError::into_inner);
            if !live.contains_key(&job.key) {
                let cancel = CancellationToken::new();
                live.insert(job.key.clone(), cancel.clone());
                drop(live);
                self.shared.tell(&job, JobNews::Queued);
                registered.push((job, cancel));
            }
        }
        for (job, cancel) in registered {
            // Each asks for its turn here, in the order of the list, and not when its task happens to begin.
            let mut turn: Turn = Box::pin(self.shared.turns.clone().acquire_owned());
            if let Some(granted) = turn.as_mut().now_or_never() {
                turn = Box::pin(std::future::ready(granted));
            }
            let shared = self.shared.clone();
            tokio::spawn(async move { shared.work(job, cancel, turn).await });
        }
    }

    /// Ends the user's job at its next step boundary; a waiting one at once.
    pub fn cancel(&self, key: &str) {
        if let Some(cancel) = self
            .shared
            .live
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(key)
        {
            cancel.cancel();
        }
    }

    pub fn cancel_all(&self) {
        for cancel in self
            .shared
            .live
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .values()
        {
            cancel.cancel();
        }
    }

    /// How many jobs wait or run.
    pub fn live(&self) -> usize {
        self.shared
            .live
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .len()
    }
}

impl Shared {
    async fn work(&self, job: Job, cancel: CancellationToken, turn: Turn) {
        let ended = self.tries(&job, &cancel, turn).await;
        self.live
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&job.key);
        let (outcome, error) = match ended {
            Ok(outcome) => (outcome, None),
            Err(error) if error.kind == Class::Refused => (Outcome::Refused, Some(error.problem())),
            Err(error) => (Outcome::Failed, Some(error.problem())),
        };
        self.tell(&job, JobNews::Finished { outcome, error });
    }

    async fn tries(&self, job: &Job, cancel: &CancellationToken, mut turn: Turn) -> Result<Outcome, Error> {
        for try_number in 1.. {
            let permit = tokio::select! {
                permit = turn => permit,
                () = cancel.cancelled() => return Ok(Outcome::Cancelled),
            };
            self.tell(job, JobNews::Started);
            let tell = |news| self.tell(job, news);
            let ended = provision(&self.backends, &job.tenant, &job.sub, self.deep, cancel, tell).await;
            // Others may have the turn while this one waits.
            drop(permit);
            match ended {
                Err(error) if try_number < TRIES && error.advice == crate::domain::Advice::Retry => {
                    let Some(pause) = pause(try_number, &error) else {
                        return Err(error);
                    };
                    let until = Timestamp::now() + pause;
                    self.tell(
                        job,
                        JobNews::Waiting {
                            until,
                            why: error.problem(),
                        },
                    );
                    tokio::select! {
                        () = tokio::time::sleep(pause) => {}
                        () = cancel.cancelled() => return Ok(Outcome::Cancelled),
                    }
                    turn = Box::pin(self.turns.clone().acquire_owned());
                }
                ended => return ended,
            }
        }
        unreachable!("the last try returns whatever came")
    }

    fn tell(&self, job: &Job, news: JobNews) {
        let event = JobEvent {
            run: String::new(),
            tenant: job.tenant.clone(),
            key: job.key.clone(),
            sub: job.sub.clone(),
            at: Timestamp::now(),
            news,
        };
        // Nobody listens any more when the program ends: the job itself goes on to its step boundary.
        self.events.send(event).ok();
    }
}

/// How long to wait before the next try: until the budget is free, or twice as long each time.
fn pause(try_number: u32, error: &Error) -> Option<Duration> {
    let announced = error
        .until
        .map(|until| Duration::try_from(until.duration_since(Timestamp::now())).unwrap_or_default());
    let pause = announced.map_or(FIRST_PAUSE * 2u32.pow(try_number - 1), |wait| {
        wait + Duration::from_secs(1)
    });
    (pause <= LONGEST_PAUSE).then_some(pause)
}

/// What is to be said of an ended job in one line, beside its outcome.
pub fn advice(problem: &Problem) -> String {
    if problem.hint.is_empty() {
        problem.message.clone()
    } else {
        format!("{} {}", problem.message, problem.hint)
    }
}

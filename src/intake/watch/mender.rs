//! Mends what the watch found: one run of a tenant at a time, through the queue that every backfill goes through, and
//! none for now where one stopped by itself.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::News;
use crate::domain::event::{Event, JobNews, Outcome, RunNews};
use crate::domain::run::{Pause, Run, RunState};
use crate::domain::tally::Systemic;
use crate::domain::watch::{Followed, Memory};
use crate::domain::{Class, Problem};
use crate::provisioning::queue::{Job, NewRun, Queue, Which};
use crate::provisioning::runs;
use crate::services::Error;
use crate::services::observe::Backends;
use crate::services::owner::Owner;

/// Kept in the audit trail.
const REASON: &str = "watch";

pub struct Mender {
    backends: Arc<Backends>,
    owner: Arc<Owner>,
    queue: Queue,
    inbox: UnboundedReceiver<Event>,
    /// By id: those at work, and those that ended and stand in no memory yet.
    runs: BTreeMap<String, Work>,
    /// Runs that stopped, and whose users a newer one has: they end when that stands in the memory.
    replaced: Vec<Run>,
}

struct Work {
    tenant: String,
    /// By sub: `None` until it ended.
    users: BTreeMap<String, Option<(Outcome, Option<Problem>)>>,
    pause: Option<Pause>,
    ended: bool,
}

impl Mender {
    pub fn new(backends: Arc<Backends>, owner: Arc<Owner>, concurrency: usize) -> Self {
        let (events, inbox) = unbounded_channel();
        Self {
            queue: Queue::new(backends.clone(), owner.clone(), concurrency, events),
            owner,
            backends,
            inbox,
            runs: BTreeMap::new(),
            replaced: Vec::new(),
        }
    }

    pub fn is_at_work(&self) -> bool {
        self.runs.values().any(|work| !work.ended)
    }

    /// Whom its runs are about.
    pub fn users(&self) -> BTreeSet<String> {
        let all = self.runs.values().flat_map(|work| work.users.keys());
        all.cloned().collect()
    }

    /// Begins to mend these users of a tenant, or goes on with the run that stopped; nothing where a run is at work, or
    /// where it is too early.
    pub async fn begin(
        &mut self,
        tenant: &str,
        followed: &mut Followed,
        jobs: Vec<Job>,
        systemic: Option<Systemic>,
        now: Timestamp,
        interval: SignedDuration,
    ) -> Result<(), Problem> {
        if jobs.is_empty() || self.runs.values().any(|work| work.tenant == tenant) {
            return Ok(());
        }
        let mut replaced = None;
        if let Some(held) = &followed.held {
            if now < held.until {
                return Ok(());
            }
            let id = held.run.clone();
            let resumed = match self.gives_way(&id, &jobs).await {
                Ok(Some(run)) => {
                    replaced = Some(run);
                    None
                }
                Ok(None) => Some(self.queue.resume(&id, Which::Open).await),
                Err(error) => Some(Err(error)),
            };
            match resumed {
                // It is told of as held until the new one ends well.
                None => {}
                Some(Ok((run, 0))) if run.state == RunState::Cancelled => {
                    // Somebody does not want it: none of its users is begun again by itself.
                    let of_it = self
                        .backends
                        .store
                        .jobs(&id)
                        .await
                        .and_then(|listed| listed.all());
                    let of_it = of_it.map_err(|error| error.problem())?;
                    for job in of_it
                        .iter()
                        .filter(|job| jobs.iter().any(|broken| broken.sub == job.sub))
                    {
                        followed.end(&job.sub, &id, Some((Outcome::Cancelled, None)), now, interval);
                    }
                    followed.held = None;
                    return Ok(());
                }
                Some(Ok(_)) => {
                    self.take_up(id, tenant, []);
                    return Ok(());
                }
                Some(Err(error)) if error.kind == Class::NotFound => followed.held = None,
                Some(Err(error)) => {
                    followed.hold_on(now, interval);
                    return Err(error.problem());
                }
            }
        }
        let users: Vec<String> = jobs.iter().map(|job| job.sub.clone()).collect();
        let run = NewRun {
            tenant: tenant.to_string(),
            reason: Some(REASON.into()),
            deep: false,
            systemic,
            jobs,
            ended: Vec::new(),
        };
        let id = self.queue.start(run).await.map_err(|error| error.problem())?;
        for sub in &users {
            followed.begin(sub, &id, now);
        }
        if let (Some(run), Some(held)) = (replaced, &mut followed.held) {
            held.hint = held.hint.replace(&held.run, &id);
            held.run.clone_from(&id);
            self.replaced.push(run);
        }
        self.take_up(id, tenant, users);
        Ok(())
    }

    /// The run that stopped, where others are broken by now: a new one takes them all, so that nobody waits for what may be
    /// wrong with the old ones alone.
    async fn gives_way(&self, id: &str, jobs: &[Job]) -> Result<Option<Run>, Error> {
        let store = self.backends.store.as_ref();
        let run = store.run(id).await?;
        let Some(run) = run.filter(|run| run.state == RunState::Paused) else {
            return Ok(None);
        };
        let of_it = store.jobs(id).await?.all()?;
        let is_of_it = |job: &Job| of_it.iter().any(|old| old.sub == job.sub);
        Ok((!jobs.iter().all(is_of_it)).then_some(run))
    }

    fn take_up(&mut self, id: String, tenant: &str, users: impl IntoIterator<Item = String>) {
        let work = Work {
            tenant: tenant.to_string(),
            users: users.into_iter().map(|sub| (sub, None)).collect(),
            pause: None,
            ended: false,
        };
        self.runs.insert(id, work);
    }

    /// Takes the next piece of news; whether a run has ended with it.
    pub async fn next(&mut self, tell: &mut impl FnMut(News)) -> bool {
        let Some(event) = self.inbox.recv().await else {
            return true;
        };
        match event {
            Event::Job(event) => {
                if let Some(work) = self.runs.get_mut(&event.run) {
                    let user = work.users.entry(event.sub).or_default();
                    if let JobNews::Finished { outcome, error } = event.news {
                        *user = Some((outcome, error));
                    }
                }
                false
            }
            Event::Run(event) => {
                let Some(work) = self.runs.get_mut(&event.run) else {
                    return false;
                };
                if let RunNews::Paused(pause) = &event.news {
                    work.pause = Some(pause.clone());
                }
                work.ended |= matches!(event.news, RunNews::Ended | RunNews::Refused(_));
                let ended = work.ended;
                tell(News::Run(event.run, event.news));
                ended
            }
        }
    }

    /// Finishes the steps in hand, and leaves the rest for later.
    pub async fn leave(&mut self, tell: &mut impl FnMut(News)) {
        if !self.is_at_work() {
            return;
        }
        self.queue.leave();
        while self.is_at_work() {
            self.next(tell).await;
        }
    }

    /// Writes down what became of the users of ended runs.
    pub fn report(&self, memory: &mut Memory, now: Timestamp, interval: SignedDuration) {
        for (id, work) in self.runs.iter().filter(|(_, work)| work.ended) {
            let Some(followed) = memory.tenants.get_mut(&work.tenant) else {
                continue;
            };
            for (sub, ended) in &work.users {
                let ended = ended
                    .as_ref()
                    .map(|(outcome, problem)| (*outcome, problem.as_ref()));
                followed.end(sub, id, ended, now, interval);
            }
            match &work.pause {
                Some(pause) => {
                    let hint = format!(
                        "{} The watch tries again by itself; atriage runs resume {id} does so now.",
                        pause.problem.hint
                    );
                    followed.hold(
                        id,
                        format!("It {}", pause.sentence()),
                        hint.trim().into(),
                        now,
                        interval,
                    );
                }
                None => followed.held = None,
            }
        }
    }

    /// What was reported stands in the memory by now.
    ///
    /// # Errors
    /// Where a run that a newer one has replaced could not be ended: it stands as stopped, and does no harm.
    pub async fn is_written_down(&mut self) -> Result<(), Problem> {
        self.runs.retain(|_, work| !work.ended);
        while let Some(run) = self.replaced.pop() {
            let ended = runs::cancel(self.backends.store.as_ref(), &self.owner, &run).await;
            ended.map_err(|error| error.problem())?;
        }
        Ok(())
    }
}

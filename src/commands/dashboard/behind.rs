//! What stands behind the screen: carries out what it asks for, each in a task of its own, so that nothing waits for
//! anything, and passes the news of runs on. What nobody hears any more, because the screen is gone, is not kept: the
//! store has it.

use std::sync::Arc;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_util::task::TaskTracker;

use crate::audit::cause::look;
use crate::audit::live::{older, refresh};
use crate::domain::event::{Event, Outcome};
use crate::domain::practice::Practice;
use crate::domain::run::RunState;
use crate::domain::tally::Systemic;
use crate::domain::trail::deeds;
use crate::domain::{Class, JobEvent, JobNews, Problem};
use crate::provisioning::queue::{Job, NewRun, Queue, Which};
use crate::provisioning::runs;
use crate::sandbox::Practices;
use crate::services::Error;
use crate::services::observe::Backends;
use crate::services::owner::{Owner, spoken};
use crate::services::store::journal::TrailFilter;
use crate::tui::export::Export;
use crate::tui::message::{Effect, Elsewhere, Fate, Message, OpenRun, Target};

/// How many of the newest signups are kept in view.
const NEWEST: usize = 50;
/// How far back interrupted runs are looked for.
const RECENT: usize = 50;
/// How many entries of a user's history are read.
const ENTRIES: usize = 400;

#[derive(Clone)]
pub struct Behind {
    pub backends: Arc<Backends>,
    pub owner: Arc<Owner>,
    pub queue: Queue,
    pub messages: UnboundedSender<Message>,
    /// What writes and is under way: the program does not end before it.
    pub writes: TaskTracker,
    /// What breaks the sandbox on purpose; `None` for the real thing.
    pub practices: Option<Practices>,
}

impl Behind {
    fn tell(&self, message: Message) {
        // The screen is gone when nobody hears; what runs then ends with the program.
        drop(self.messages.send(message));
    }

    pub async fn serve(self, mut wishes: UnboundedReceiver<Effect>) {
        // What writes is begun in the order in which it was asked for.
        let (writes, mut begun) = unbounded_channel();
        let behind = self.clone();
        self.writes.spawn(async move {
            while let Some(effect) = begun.recv().await {
                behind.clone().carry_out(effect).await;
            }
        });
        while let Some(effect) = wishes.recv().await {
            match effect {
                Effect::Refresh { tenants } => {
                    tokio::spawn(self.clone().offer());
                    for tenant in tenants {
                        let behind = self.clone();
                        tokio::spawn(async move {
                            refresh(&behind.backends, &tenant, NEWEST, |news| {
                                behind.tell(Message::Audit(news))
                            })
                            .await;
                        });
                    }
                }
                // Whoever takes them lives as long as this loop.
                effect @ (Effect::Start { .. } | Effect::Resume { .. } | Effect::CancelRun { .. }) => {
                    if let Effect::Start { targets, .. } = &effect {
                        self.queue
                            .announce(targets.iter().map(|target| target.key.clone()));
                    }
                    drop(writes.send(effect));
                }
                // These only raise a flag.
                Effect::Cancel(target) => self.queue.cancel(&target.key),
                Effect::Leave => self.queue.leave(),
                // The shell does these itself.
                Effect::Copy { .. } | Effect::Notify(_) | Effect::Bell | Effect::Suspend | Effect::Quit => {}
                effect => {
                    tokio::spawn(self.clone().carry_out(effect));
                }
            }
        }
    }

    async fn carry_out(self, effect: Effect) {
        let done = match effect {
            Effect::LoadOlder { tenant, before } => {
                older(&self.backends, &tenant, before, |news| {
                    self.tell(Message::Audit(news))
                })
                .await;
                Ok(())
            }
            Effect::Observe(target) => self.observe(&target).await,
            Effect::Start {
                targets,
                reason,
                systemic,
            } => {
                // Whether it was refused, the news of the run say.
                self.queue.start(new_run(targets, reason, systemic)).await.ok();
                Ok(())
            }
            Effect::Resume { run } => {
                self.queue.resume(&run, Which::Open).await.ok();
                Ok(())
            }
            Effect::CancelRun { run } => self.cancel_run(&run).await,
            Effect::LookAtRuns => {
                self.offer().await;
                return;
            }
            Effect::LookIntoCause(tenant) => {
                let looked = look(&self.backends, &tenant).await;
                self.tell(Message::Looked(Box::new(looked)));
                Ok(())
            }
            Effect::History(target) => {
                self.history(target).await;
                Ok(())
            }
            Effect::Practise(practice) => self.practise(practice).await,
            Effect::Export(export) => {
                self.export(*export).await;
                Ok(())
            }
            Effect::Refresh { .. }
            | Effect::Cancel(_)
            | Effect::Leave
            | Effect::Copy { .. }
            | Effect::Notify(_)
            | Effect::Bell
            | Effect::Suspend
            | Effect::Quit => Ok(()),
        };
        if let Err(error) = done {
            self.tell(Message::Failed(error.problem()));
        }
    }

    async fn observe(&self, target: &Target) -> Result<(), Error> {
        let (signup, _) = self.backends.observe(&target.tenant, &target.sub).await?;
        self.tell(Message::Observed(Box::new(signup)));
        Ok(())
    }

    async fn cancel_run(&self, id: &str) -> Result<(), Error> {
        let store = self.backends.store.as_ref();
        let run = runs::find(store, id).await?;
        // The offer was made a while ago: somebody may have gone on with it since.
        let standing = runs::standing(store, &self.owner, vec![run.clone()]).await?;
        if let Some(by) = standing.first().and_then(|found| found.worked_on_by.as_deref()) {
            return Err(Error::new(
                "mongo",
                Class::Conflict,
                format!(
                    "Run {} is worked on by {}, and was not cancelled.",
                    run.id,
                    spoken(by)
                ),
                "atriage runs cancel does it all the same.",
            ));
        }
        runs::cancel(store, &self.owner, &run).await.map(|_| ())
    }

    async fn practise(&self, practice: Practice) -> Result<(), Error> {
        if let Some(practices) = &self.practices {
            practices.carry_out(practice).await?;
            self.tell(Message::Broken(practices.on().await));
            self.tell(Message::Practised(practice));
        }
        Ok(())
    }

    async fn history(&self, target: Target) {
        let filter = TrailFilter {
            key: Some(target.key.clone()),
            ..TrailFilter::default()
        };
        let told = self
            .backends
            .store
            .trail(&filter, ENTRIES)
            .await
            .and_then(|told| told.all());
        let told = told.map(deeds).map_err(|error| error.problem());
        self.tell(Message::History { target, told });
    }

    async fn export(&self, export: Export) {
        let (rows, health) = (export.rows.len(), self.backends.health());
        let writing = tokio::task::spawn_blocking(move || super::export::export(&export, &health));
        let told = writing.await.unwrap_or_else(|error| {
            let hint = "Try again.";
            Err(Problem::new(
                Class::Internal,
                format!("The writing broke off: {error}."),
                hint,
            ))
        });
        self.tell(Message::Exported { rows, told });
    }

    /// Tells of the runs that nobody works on. Where the store does not answer, its state says so, and `runs list` tells.
    /// Tells of the runs that nobody works on, and what became of those at other hands. Where the store does not answer,
    /// its state says so, and it is asked again at the next refresh, or as soon as it does.
    pub async fn offer(self) {
        if let Ok((open, elsewhere)) = self.runs().await {
            self.tell(Message::Elsewhere(elsewhere));
            self.tell(Message::Interrupted(open));
        }
    }

    async fn runs(&self) -> Result<(Vec<OpenRun>, Vec<Elsewhere>), Error> {
        let store = self.backends.store.as_ref();
        let runs = store.runs(RECENT).await?.found;
        let (mut open, mut elsewhere) = (Vec::new(), Vec::new());
        for standing in runs::standing(store, &self.owner, runs).await? {
            if !standing.is_interrupted() {
                elsewhere.extend(self.fate(&standing).map(|fate| Elsewhere {
                    run: standing.run.id,
                    fate,
                }));
                continue;
            }
            let jobs = store.jobs(&standing.run.id).await?.found;
            let failed = |outcome| matches!(outcome, Some(Outcome::Failed | Outcome::Refused));
            let taken = jobs
                .iter()
                .filter(|job| runs::is_taken_up(&standing.run, job, Which::Open));
            let left = taken.count();
            if left > 0 {
                open.push(OpenRun {
                    left,
                    failed: jobs.iter().filter(|job| failed(job.outcome)).count(),
                    run: standing.run,
                });
            }
        }
        Ok((open, elsewhere))
    }

    /// What became of a run at other hands; `None` for one that we work on.
    fn fate(&self, standing: &runs::Standing) -> Option<Fate> {
        match (&standing.worked_on_by, standing.run.state) {
            (Some(by), _) => (*by != self.owner.id).then(|| Fate::WorkedOn(spoken(by))),
            (None, RunState::Finished) => Some(Fate::Finished),
            (None, RunState::Cancelled) => Some(Fate::Cancelled),
            (None, RunState::Running | RunState::Paused) => None,
        }
    }

    /// Passes the news on; a user whose job ended is looked at again at once.
    pub async fn forward(self, mut events: UnboundedReceiver<Event>) {
        while let Some(event) = events.recv().await {
            match event {
                Event::Run(event) => self.tell(Message::Run(event)),
                Event::Job(event) => self.job(event),
            }
        }
    }

    fn job(&self, event: JobEvent) {
        let ended = matches!(event.news, JobNews::Finished { .. } | JobNews::Left);
        let (tenant, sub, key) = (event.tenant.clone(), event.sub.clone(), event.key.clone());
        self.tell(Message::Job(event));
        if ended {
            let behind = self.clone();
            tokio::spawn(async move {
                // Where this look fails, the next refresh tells.
                behind.observe(&Target { tenant, sub, key }).await.ok();
            });
        }
    }
}

fn new_run(targets: Vec<Target>, reason: Option<String>, systemic: Option<Systemic>) -> NewRun {
    let mut tenants: Vec<String> = targets.iter().map(|target| target.tenant.clone()).collect();
    tenants.dedup();
    let jobs = targets.into_iter().map(|target| Job {
        tenant: target.tenant,
        sub: target.sub,
        key: target.key,
        replaces: None,
    });
    NewRun {
        tenant: match tenants.as_slice() {
            [one] => one.clone(),
            _ => "both".into(),
        },
        reason,
        deep: false,
        systemic,
        jobs: jobs.collect(),
    }
}

//! What stands behind the screen: carries out what it asks for, each in a task of its own, so that nothing waits for
//! anything, and passes the news of runs on. What nobody hears any more, because the screen is gone, is not kept: the
//! store has it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_util::task::TaskTracker;

use super::closing::{Ended, LastRepair};
use super::offers::Offers;
use crate::audit::cause::look;
use crate::audit::live::{older, refresh};
use crate::domain::code_index::IndexStep;
use crate::domain::event::Event;
use crate::domain::practice::Practice;
use crate::domain::tally::Systemic;
use crate::domain::trail::deeds;
use crate::domain::{Class, JobEvent, JobNews, Problem};
use crate::provisioning::code_index::{mend_index, plan_index};
use crate::provisioning::queue::{Job, NewRun, Queue, Which};
use crate::provisioning::runs;
use crate::sandbox::Practices;
use crate::services::Error;
use crate::services::observe::Backends;
use crate::services::owner::{Owner, spoken};
use crate::services::store::journal::TrailFilter;
use crate::tui::Repair;
use crate::tui::export::Export;
use crate::tui::message::{Effect, Message, Target};

/// How many of the newest signups each refresh reads; of those before them the screen asks for a page.
const NEWEST: usize = 50;
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
    /// How the last repair of the index ended, for when no screen hears of it.
    pub repair: LastRepair,
    pub offers: Arc<Offers>,
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
                    let behind = self.clone();
                    tokio::spawn(async move {
                        // One look at a time: where another is under way, that one tells.
                        behind.offers.try_tell(|message| behind.tell(message)).await;
                    });
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
                // The program ends once these are done, whoever quits meanwhile.
                effect @ (Effect::Export(_) | Effect::MendIndex(_)) => {
                    drop(self.writes.spawn(self.clone().carry_out(effect)));
                }
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
            Effect::CancelRun { run } => {
                self.cancel_run(run).await;
                Ok(())
            }
            Effect::LookAtRuns => {
                self.offers.tell(|message| self.tell(message)).await;
                Ok(())
            }
            Effect::LookIntoCause(tenant) => {
                let looked = look(&self.backends, &tenant).await;
                self.tell(Message::Looked(Box::new(looked)));
                Ok(())
            }
            Effect::AskWhom { run } => {
                let told = self.offers.whom(&run).await.map_err(|error| error.problem());
                self.tell(Message::Whom { run, told });
                Ok(())
            }
            Effect::PlanIndex => {
                self.tell(Message::IndexPlanned(plan_index(&self.backends).await));
                Ok(())
            }
            Effect::MendIndex(agreed) => {
                self.mend_index(&agreed).await;
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

    /// No look at the runs goes on meanwhile: it would tell of this one as it was.
    async fn cancel_run(&self, run: String) {
        let looking = self.offers.hold().await;
        let told = self.cancelled(&run).await.map_err(|error| error.problem());
        self.tell(Message::RunCancelled { run, told });
        drop(looking);
    }

    async fn cancelled(&self, id: &str) -> Result<(), Error> {
        let store = self.backends.store.as_ref();
        let run = runs::find(store, id).await?;
        // The offer was made a while ago: somebody may have gone on with it since.
        let standing = runs::standing(store, &self.owner, vec![run.clone()]).await?;
        if let Some(by) = standing.first().and_then(|found| found.worked_on_by.as_deref()) {
            return Err(Error::new(
                "mongo",
                Class::Conflict,
                format!("It is worked on by {}.", spoken(by)),
                "atriage runs cancel cancels it all the same.",
            ));
        }
        runs::cancel(store, &self.owner, &run).await.map(|_| ())
    }

    async fn practise(&self, practice: Practice) -> Result<(), Error> {
        if let Some(practices) = &self.practices {
            practices.carry_out(practice).await?;
            // What is broken now `sandbox::follow` tells alone: told from here too, what ends before it looks would stay.
            self.tell(Message::Practised(practice));
        }
        Ok(())
    }

    /// As `diagnose --fix-index` does.
    async fn mend_index(&self, agreed: &[IndexStep]) {
        self.repair.begins();
        let carried_out = AtomicUsize::new(0);
        let done = mend_index(&self.backends, &self.owner, agreed, |deed| {
            carried_out.fetch_add(1, Ordering::Relaxed);
            self.tell(Message::IndexStep(deed.clone()));
        });
        let told = done.await.map(|done| done.len());
        // Where they cannot be read, the next reading tells.
        let indexes = self.backends.store.code_indexes().await.ok();
        let repair = Repair {
            steps: agreed.len(),
            done: carried_out.into_inner(),
        };
        self.repair.ends(Ended {
            sentence: repair.ended(&told, indexes.as_deref()),
            failed: told.as_ref().err().map(|problem| problem.class),
        });
        self.tell(Message::IndexMended { told, indexes });
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
        let rows = export.rows.len();
        let writing = tokio::task::spawn_blocking(move || super::export::export(&export));
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
        ended: Vec::new(),
    }
}

//! One look: who signed up, how those stand whose time has come, who does not answer; and what follows: mending, alerts,
//! and what is remembered until the next.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;
use std::time::Duration;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::deliver::deliver;
use super::{Looked, News, Open, Watch};
use crate::audit::cause::evidence;
use crate::audit::page::{Depth, observe_page};
use crate::domain::alert::AlertKind;
use crate::domain::signup::Auth0User;
use crate::domain::watch::{Memory, SCHEMA, Standing};
use crate::domain::{Class, Policy, Problem, diagnose, plan};
use crate::provisioning::queue::Job;
use crate::services::Error;
use crate::services::auth0::Range;
use crate::services::notebook::{Entry, Notebook};

/// The name of the file in the state folder: who watches with a webhook must find nothing told that went nowhere.
const MEMORY: &str = "watch";
const UNTOLD: &str = "watch-untold";
/// Accounts are asked for a hundred at a time.
const PAGE: usize = 100;
/// How many broken ones are looked at again at each look: each may cost the PDS a call.
const BROKEN: usize = 100;
/// How long another watch may have the memory open.
const TURN: Duration = Duration::from_secs(10);

/// How a look ended.
pub(super) enum Look {
    Done(Looked),
    /// Another watch has the memory.
    Busy(Problem),
    /// Before there was anything to remember.
    Stopped,
}

/// What was found at one look, beside what is remembered.
#[derive(Default)]
struct Found {
    /// The tenants whose list was read.
    listed: BTreeSet<String>,
    silent: BTreeMap<String, Problem>,
    news: Vec<News>,
    /// Whom a plan would mend, by tenant.
    jobs: BTreeMap<String, Vec<Job>>,
}

impl Watch {
    pub(super) async fn look(
        &mut self,
        stop: &CancellationToken,
        tell: &mut impl FnMut(News),
    ) -> Result<Look, Problem> {
        let Some(opened) = stop.run_until_cancelled(self.open(tell)).await else {
            return Ok(Look::Stopped);
        };
        let Some((notebook, mut memory)) = opened? else {
            return Ok(Look::Busy(Problem::new(
                Class::Unavailable,
                "Another watch of this machine is at work, and has the memory of both.",
                "Wait until it has ended, or give this one an ATRIAGE_STATE_DIR of its own.",
            )));
        };
        let now = Timestamp::now();
        let orders = &self.orders;
        if let Some(mender) = &self.mender {
            mender.report(&mut memory, now, orders.interval);
        }
        let Some(mut found) = stop.run_until_cancelled(self.find(&mut memory, now)).await else {
            return Ok(Look::Stopped);
        };
        found.news.drain(..).for_each(&mut *tell);
        let ours = self
            .mender
            .as_ref()
            .map_or_else(BTreeSet::new, super::Mender::users);
        for (tenant, followed) in &mut memory.tenants {
            followed.give_up(now, orders.patience, &ours);
            let jobs = found.jobs.remove(tenant).unwrap_or_default();
            let Some(mender) = &mut self.mender else { continue };
            let streaks = followed.streaks();
            let systemic = match jobs.is_empty() {
                true => None,
                false => streaks.systemic(&evidence(&self.backends, tenant, &streaks).await),
            };
            let begun = mender.begin(tenant, followed, jobs, systemic, now, orders.interval);
            if let Err(problem) = begun.await {
                tell(News::Trouble(problem));
            }
        }
        self.decide(&mut memory, &found, now, tell).await;
        let mut written = self.write(&notebook, &memory);
        if let Some(courier) = &self.courier {
            for problem in deliver(courier, &mut memory, now, self.orders.interval).await {
                tell(News::Trouble(problem));
            }
            written = self.write(&notebook, &memory);
        }
        // What could not be written down was sent first: rather twice than never.
        written?;
        if let Some(mender) = &mut self.mender
            && let Err(problem) = mender.is_written_down().await
        {
            tell(News::Trouble(problem));
        }
        let watched = |tenant: &String| self.orders.tenants.contains(tenant);
        let tenants = || memory.tenants.iter().filter(|(tenant, _)| watched(tenant));
        Ok(Look::Done(Looked {
            at: now,
            totals: tenants()
                .map(|(tenant, followed)| (tenant.clone(), followed.totals()))
                .collect(),
            unmended: match self.mender {
                Some(_) => tenants().map(|(_, followed)| followed.unmended()).sum(),
                None => 0,
            },
            silent: found.silent,
            troubles: memory
                .ledger
                .open()
                .map(|(fingerprint, episode)| Open {
                    fingerprint: fingerprint.to_string(),
                    since: episode.since,
                    what: episode.what.clone(),
                })
                .collect(),
            undelivered: memory.outbox.len(),
        }))
    }

    /// Writes down what became of the mending after the last look.
    pub(super) async fn settle(&mut self) -> Result<(), Problem> {
        let Some(mender) = self.mender.as_ref() else {
            return Ok(());
        };
        // Who has the memory now may take the marks of this run for those of a dead one, and looks again.
        if let Some((notebook, mut memory)) = self.open(&mut |_| {}).await? {
            mender.report(&mut memory, Timestamp::now(), self.orders.interval);
            self.write(&notebook, &memory)?;
        }
        Ok(())
    }

    /// Opens the memory; `None` where another watch has it for too long.
    async fn open(&self, tell: &mut impl FnMut(News)) -> Result<Option<(Notebook, Memory)>, Problem> {
        let begun = tokio::time::Instant::now();
        let name = if self.courier.is_some() { MEMORY } else { UNTOLD };
        let turn = if self.orders.once { TURN * 6 } else { TURN };
        let notebook = loop {
            match Notebook::open(&self.folder, name).map_err(|error| self.unusable(&error))? {
                Some(notebook) => break notebook,
                None if begun.elapsed() > turn => return Ok(None),
                None => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        };
        let known = |memory: &Memory| memory.schema == SCHEMA;
        let memory = match notebook.read(known).map_err(|error| self.unusable(&error))? {
            Entry::Written(memory) => memory,
            Entry::Empty => Memory::new(),
            Entry::Broken(aside) => {
                tell(News::Trouble(Problem::new(
                    Class::Internal,
                    format!(
                        "What the watch remembered cannot be read, and lies in {} now: it begins anew, and may tell again what \
                         it told before.",
                        aside.display()
                    ),
                    "Was it written by a newer atriage?",
                )));
                Memory::new()
            }
        };
        Ok(Some((notebook, memory)))
    }

    fn write(&self, notebook: &Notebook, memory: &Memory) -> Result<(), Problem> {
        notebook.write(memory).map_err(|error| self.unusable(&error))
    }

    fn unusable(&self, error: &io::Error) -> Problem {
        Problem::new(
            Class::Auth,
            format!(
                "The state folder {} cannot be used: {error}.",
                self.folder.display()
            ),
            "Set ATRIAGE_STATE_DIR to a folder of yours.",
        )
    }

    /// Asks everybody. Nothing of it changes anything outside, so that it may be broken off anywhere.
    async fn find(&self, memory: &mut Memory, now: Timestamp) -> Found {
        let mut found = Found::default();
        let before = self.backends.health();
        // Where nobody signs up nothing else asks them, and their outage would be found by the next who does.
        let (mongo, pds) = tokio::join!(self.backends.store.ping(), self.backends.pds.ping());
        for error in [mongo.err(), pds.err()].into_iter().flatten() {
            found.silent.insert(error.service.into(), error.problem());
        }
        for tenant in &self.orders.tenants {
            if let Err(error) = self.tenant(memory, tenant, now, &mut found).await {
                let backend = match error.service {
                    "auth0" => format!("auth0/{tenant}"),
                    other => other.to_string(),
                };
                found.silent.insert(backend, error.problem());
            }
        }
        for (health, before) in self.backends.health().into_iter().zip(before) {
            let failed = health.failures > before.failures;
            if let (true, "mongo" | "pds", Some(problem)) = (failed, health.name, health.problem) {
                found.silent.entry(health.name.into()).or_insert(problem);
            }
        }
        found
    }

    async fn tenant(
        &self,
        memory: &mut Memory,
        tenant: &str,
        now: Timestamp,
        found: &mut Found,
    ) -> Result<(), Error> {
        let mut walk = self.backends.auth0(tenant)?.walk(Range {
            from: now.checked_sub(self.orders.back).ok(),
            to: None,
        });
        let mut users: HashMap<String, Auth0User> = HashMap::new();
        while let Some(page) = walk.next(usize::MAX).await? {
            users.extend(page.into_iter().map(|user| (user.sub.clone(), user)));
        }
        // Who is met for the first time with all who came before is told only where something is wrong.
        let fresh = !memory.tenants.contains_key(tenant);
        let followed = memory.tenants.entry(tenant.to_string()).or_default();
        let list: Vec<Auth0User> = users.values().cloned().collect();
        followed.list(&list, now, self.orders.grace);
        found.listed.insert(tenant.to_string());
        let most = if self.orders.once { usize::MAX } else { BROKEN };
        let due = followed.due(now, most);
        for chunk in due.chunks(PAGE) {
            let chunk = chunk.iter().filter_map(|sub| users.get(sub).cloned()).collect();
            for signup in observe_page(&self.backends, tenant, chunk, Depth::default(), |_, _| {}).await? {
                let diagnosis = diagnose(&signup);
                let change = followed.take(&signup.sub, &diagnosis, now, self.orders.grace);
                let mendable = !plan(&signup, &diagnosis, Policy::default()).is_empty();
                if mendable && followed.is_to_be_mended(&signup.sub, now) {
                    found.jobs.entry(tenant.to_string()).or_default().push(Job {
                        tenant: tenant.to_string(),
                        sub: signup.sub.clone(),
                        key: signup.key.clone(),
                        replaces: None,
                    });
                }
                let Some(change) = change.filter(|change| !fresh || change.to == Standing::Broken) else {
                    continue;
                };
                let first = change.findings.first();
                let finding = diagnosis
                    .findings
                    .iter()
                    .find(|finding| Some(&finding.id) == first);
                found.news.push(News::Signup {
                    tenant: tenant.to_string(),
                    email: signup.email().map(String::from),
                    message: finding.map_or_else(String::new, |finding| finding.message.clone()),
                    hint: finding.map_or_else(String::new, |finding| finding.hint.to_string()),
                    change,
                });
            }
        }
        Ok(())
    }

    /// What is to be told to whom sleeps.
    async fn decide(&self, memory: &mut Memory, found: &Found, now: Timestamp, tell: &mut impl FnMut(News)) {
        let orders = &self.orders;
        let mut seen = Vec::new();
        let mut undecided = BTreeSet::new();
        let auth0 = orders.tenants.iter().map(|tenant| format!("auth0/{tenant}"));
        let asked: Vec<String> = ["mongo".into(), "pds".into()].into_iter().chain(auth0).collect();
        for backend in &asked {
            let problem = found.silent.get(backend);
            memory.hear(backend, problem, now);
            seen.extend(problem.and_then(|problem| memory.outage(backend, problem, now, orders.patience)));
        }
        for tenant in &orders.tenants {
            let Some(followed) = memory.tenants.get_mut(tenant) else {
                continue;
            };
            let evidence = evidence(&self.backends, tenant, &followed.streaks()).await;
            undecided.extend(followed.undecided(tenant, now, orders.patience));
            seen.extend(followed.troubles(tenant, &evidence, now, orders.patience));
        }
        let alerts = memory.ledger.step(
            now,
            seen,
            |fingerprint, episode| match episode.kind {
                AlertKind::Outage => asked
                    .iter()
                    .any(|backend| fingerprint == format!("outage/{backend}")),
                _ => {
                    let listed = |tenant: &String| found.listed.contains(tenant);
                    episode.tenant.as_ref().is_some_and(listed) && !undecided.contains(fingerprint)
                }
            },
            orders.cool_down,
        );
        for alert in alerts {
            tell(News::Alert(alert.clone()));
            if self.courier.is_some() {
                memory.keep(alert);
            }
        }
    }
}

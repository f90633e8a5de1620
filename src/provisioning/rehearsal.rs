//! The whole signup of a throw-away user, by the very steps of the pipeline: first what an `ss` event starts, then what an
//! `sv` does. Whatever happens, it is removed again; what a killed one left, the next one removes. Auth0 is asked for
//! nothing: what it would say is made up. How it is removed stands in `removal`.

mod removal;

use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::leases::{Leases, RENEWAL};
use super::queue::Job;
use super::steps::{Work, report};
use super::trail::Scribe;
use crate::domain::checkup::Tried;
use crate::domain::event::StepReport;
use crate::domain::observed::Observed;
use crate::domain::plan::Step;
use crate::domain::run::{Run, RunState};
use crate::domain::signup::{Auth0User, Signup};
use crate::domain::{Class, Problem};
use crate::services::Error;
use crate::services::observe::Backends;
use crate::services::owner::{Owner, spoken};
use crate::services::store::upkeep::REHEARSAL;

pub use removal::clear_away;

/// What an `ss` event starts.
const ON_SIGNUP: [Step; 2] = [Step::CreateVerification, Step::CreateUser];
/// What an `sv` event starts.
const ON_VERIFICATION: [Step; 4] = [
    Step::SetVerificationCount,
    Step::CreateAccount,
    Step::RecordAccount,
    Step::Verify,
];

/// What a rehearsal writes, in words that follow "would write".
pub const WRITES: &str = "verifications, users, an intent, an invite, an account on the PDS with its DID in the PLC directory (which stays), and the audit trail";

/// The key of a new throw-away user.
pub fn new_key() -> String {
    format!("{REHEARSAL}{:08x}", rand::random::<u32>())
}

/// The address of a throw-away user: of a domain that never exists, and accepted by the PDS.
fn address(key: &str) -> String {
    format!("{key}@rehearsal.invalid")
}

/// Who rehearses.
#[derive(Clone)]
struct Stage {
    backends: Arc<Backends>,
    owner: Arc<Owner>,
    leases: Arc<Leases>,
    run: Run,
    job: Job,
}

/// Goes through it, and removes it again. `tell` hears of each step when it has ended; `stop` ends it at the next step.
pub async fn rehearse(
    backends: &Arc<Backends>,
    owner: &Arc<Owner>,
    key: &str,
    stop: &CancellationToken,
    tell: impl Fn(&StepReport),
) -> Tried {
    let stage = Stage::new(backends, owner, key);
    let mut tried = Tried {
        key: key.into(),
        steps: Vec::new(),
        failure: None,
        removed: Ok(Vec::new()),
    };
    if let Err(problem) = stage.take().await {
        tried.failure = Some((None, problem));
        return tried;
    }
    // Whoever may not remove it shall not make it. Nothing is there yet: this only asks for the right.
    if let Err(error) = backends.store.remove_rehearsal(key).await {
        tried.failure = Some((None, error.problem()));
        stage.leases.release(key).await;
        return tried;
    }
    let renewing = stage.renew();
    let (told, mut heard) = mpsc::unbounded_channel();
    // In a task of its own: a panic ends it, and not us.
    let making = tokio::spawn(stage.clone().make(stop.clone(), told));
    while let Some(report) = heard.recv().await {
        tell(&report);
        tried.steps.push(report);
    }
    tried.failure = failure(making).await;
    let (removed, report) = stage.remove().await;
    tell(&report);
    tried.steps.push(report);
    tried.removed = removed.map_err(Problem::from);
    renewing.abort();
    stage.leases.release(key).await;
    tried
}

/// What ended it early; a panic is a failure like others, after which it is removed.
async fn failure(making: JoinHandle<Result<(), Stopped>>) -> Option<Stopped> {
    let died = match making.await {
        Ok(ended) => return ended.err(),
        Err(died) => died,
    };
    let problem = Problem::new(
        Class::Internal,
        format!(
            "The rehearsal itself died: {}.",
            crate::domain::text::clean(&died.to_string())
        ),
        "This is a fault of this program: tell its makers.",
    );
    Some((None, problem))
}

/// Which step ended it, and how.
type Stopped = (Option<Step>, Problem);

impl Stage {
    fn new(backends: &Arc<Backends>, owner: &Arc<Owner>, key: &str) -> Self {
        let tenant = backends.namings.first().map(|naming| naming.tenant.clone());
        let tenant = tenant.unwrap_or_default();
        Self {
            leases: Arc::new(Leases::new(backends.store.clone(), owner.clone())),
            backends: backends.clone(),
            owner: owner.clone(),
            // Never stored: it only names the entries in the trail.
            run: Run {
                id: "diagnose".into(),
                tenant: tenant.clone(),
                operator: owner.operator.clone(),
                host: owner.host.clone(),
                reason: Some("a rehearsal with a throw-away user".into()),
                deep: false,
                total: 1,
                created_at: Timestamp::now(),
                state: RunState::Running,
                pause: None,
                ended_at: None,
                systemic: None,
                moves: Vec::new(),
            },
            job: Job {
                tenant,
                sub: key.into(),
                key: key.into(),
                replaces: None,
            },
        }
    }

    async fn take(&self) -> Result<(), Problem> {
        let taken = self.leases.take(&self.job.key).await?;
        taken.map_err(|other| {
            Problem::new(
                Class::Conflict,
                format!("{} is being worked on by {}.", self.job.key, spoken(&other)),
                "Wait until it has ended.",
            )
        })
    }

    /// Prolongs the lease until it is aborted.
    fn renew(&self) -> JoinHandle<()> {
        let leases = self.leases.clone();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(RENEWAL).await;
                // Where that fails the lease runs out, and the next step is not begun.
                leases.renew().await.ok();
            }
        })
    }

    fn scribe(&self) -> Scribe<'_> {
        Scribe {
            store: self.backends.store.as_ref(),
            owner: &self.owner,
            run: &self.run,
            job: &self.job,
        }
    }

    async fn make(
        self,
        stop: CancellationToken,
        told: mpsc::UnboundedSender<StepReport>,
    ) -> Result<(), Stopped> {
        let holds = || self.leases.holds(&self.job.key);
        let mut work = Work {
            backends: &self.backends,
            signup: newcomer(&self.job),
            replaces: None,
            account: None,
            wrote_intent: false,
            holds: &holds,
        };
        for step in ON_SIGNUP {
            self.carry_out(&mut work, step, &stop, &told).await?;
        }
        if let Observed::Present(user) = &mut work.signup.auth0 {
            user.email_verified = true;
        }
        for step in ON_VERIFICATION {
            self.carry_out(&mut work, step, &stop, &told).await?;
        }
        Ok(())
    }

    async fn carry_out(
        &self,
        work: &mut Work<'_>,
        step: Step,
        stop: &CancellationToken,
        told: &mpsc::UnboundedSender<StepReport>,
    ) -> Result<(), Stopped> {
        let ended_by = |problem: Problem| (Some(step), problem);
        if stop.is_cancelled() {
            let problem = Problem::new(Class::Refused, "Somebody ended it.", "");
            return Err(ended_by(problem));
        }
        if !self.leases.holds(&self.job.key) {
            let problem = Problem::new(
                Class::Unavailable,
                "The lease on the throw-away user ran out.",
                "MongoDB answers too slowly, or this machine slept.",
            );
            return Err(ended_by(problem));
        }
        let scribe = self.scribe();
        let written = |error: Error| ended_by(error.problem());
        let deed = scribe.before(step, work).await.map_err(written)?;
        let (at, begun) = (Timestamp::now(), Instant::now());
        let ended = match self.know_the_domain(work, step).await {
            Ok(()) => work.carry_out(step).await,
            Err(error) => Err(error),
        };
        let report = report(step, at, begun, &ended);
        // Nobody hears it any more where the program is about to leave.
        told.send(report.clone()).ok();
        let kept = match &deed {
            Some(deed) => scribe.after(deed, work, &report).await,
            None => Ok(()),
        };
        ended.map_err(|error| ended_by(error.problem()))?;
        kept.map_err(|error| ended_by(error.problem()))
    }

    /// The handle of an account ends in the PDS's domain, which is asked for when it is needed.
    async fn know_the_domain(&self, work: &mut Work<'_>, step: Step) -> Result<(), Error> {
        if step == Step::CreateAccount {
            work.signup.domain = Some(self.backends.pds.about().await?.domain.clone());
        }
        Ok(())
    }
}

/// Somebody who has just signed up, and of whom nothing is there.
fn newcomer(job: &Job) -> Signup {
    Signup {
        auth0: Observed::Present(Auth0User {
            sub: job.sub.clone(),
            email: Some(address(&job.key)),
            email_verified: false,
            created_at: Timestamp::now(),
            blocked: false,
        }),
        same_email: Observed::Present(Vec::new()),
        verification: Observed::Absent,
        user: Observed::Absent,
        name: Observed::Absent,
        deletion: Observed::Absent,
        intent: Observed::Absent,
        found: Observed::Absent,
        ..Signup::named(&job.tenant, &job.sub, &job.key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::tenant::{Naming, is_sub};

    #[test]
    fn nobody_takes_a_throw_away_user_for_one_of_auth0() {
        let key = new_key();
        assert!(!is_sub(&key));
        let all = [Naming::new("aesthetic", ""), Naming::new("sotce", "sotce-")];
        for naming in &all {
            assert_eq!(naming.sub(&key, &all), None);
            assert_eq!(naming.sub(&naming.key(&key), &all), None);
        }
        assert_ne!(key, new_key());
    }

    #[tokio::test]
    async fn a_panic_is_a_failure_like_others() {
        let dies = tokio::spawn(async { panic!("nobody expected it") });
        let (step, problem) = failure(dies).await.expect("it failed");
        assert_eq!((step, problem.class), (None, Class::Internal));
        assert!(problem.message.contains("nobody expected it"), "{problem}");
        assert_eq!(failure(tokio::spawn(async { Ok(()) })).await, None);
    }
}

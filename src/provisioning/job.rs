//! One user's job from the first look to the last step: observe, diagnose, plan, carry out. The list that somebody saw a
//! minute ago decides who is looked at, never what is done.

use std::time::Instant;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::steps::{Work, report};
use super::trail::Scribe;
use crate::domain::event::{JobNews, Outcome};
use crate::domain::plan::{Plan, Policy, Recreate, Step, plan, replaceable};
use crate::domain::signup::Signup;
use crate::domain::{Class, Column, Diagnosis, FindingId, State, diagnose};
use crate::services::Error;
use crate::services::observe::Backends;
use crate::services::store::wrong_database;

/// The plan for one user, from facts that were gathered just now.
pub struct Prepared {
    pub signup: Signup,
    pub diagnosis: Diagnosis,
    pub plan: Plan,
}

/// Observes a user and plans; writes nothing. `deep` tries the recorded password too.
///
/// # Errors
/// `NotFound` where Auth0 has no such user, `Unavailable` where a backend that the plan needs did not answer.
pub async fn prepare(
    backends: &Backends,
    tenant: &str,
    sub: &str,
    deep: bool,
    recreate: Recreate<'_>,
) -> Result<Prepared, Error> {
    let (mut signup, why) = backends.observe(tenant, sub).await?;
    if deep {
        // The password is the question: without an answer nothing is said of the user.
        backends.password(&mut signup).await?;
        backends.search_in_earnest(&mut signup).await?;
    }
    if signup.auth0.is_absent() && signup.user.is_absent() {
        return Err(Error::new(
            "auth0",
            Class::NotFound,
            format!(
                "Auth0 has no user {} in the tenant {tenant}.",
                crate::domain::text::clean(sub)
            ),
            "Check the id, and the tenant.",
        ));
    }
    let empty = signup.user.is_absent() && signup.verification.is_absent() && signup.name.is_absent();
    if empty && !backends.store.has_collections().await? {
        return Err(wrong_database());
    }
    let diagnosis = diagnose(&signup);
    let policy = Policy {
        recreate,
        ..Policy::default()
    };
    let plan = plan(&signup, &diagnosis, policy);
    if is_unanswered(&signup, &diagnosis, &plan, recreate) {
        return Err(unanswered(backends, tenant, why));
    }
    Ok(Prepared {
        signup,
        diagnosis,
        plan,
    })
}

/// A plan made of half the facts would be another plan: where a backend did not answer, nothing is begun.
fn is_unanswered(signup: &Signup, diagnosis: &Diagnosis, plan: &Plan, recreate: Recreate<'_>) -> bool {
    // Whether somebody else has the e-mail decides whether an account may be made or taken over.
    let takes = plan
        .steps
        .iter()
        .any(|step| matches!(step, Step::CreateAccount | Step::AdoptAccount));
    // No column shows what decides whether a new account may take the place of one that is gone.
    let replaces = !diagnosis.is_left_alone() && replaceable(signup, diagnosis, recreate).is_some();
    // Nor what says that there can be no account yet, since nobody knows under which domain.
    let lacks = [FindingId::MissingAccount, FindingId::UnrecordedAccount];
    let nameless = signup.domain.is_none() && lacks.into_iter().any(|id| diagnosis.has(id));
    signup.auth0.is_unknown()
        || nameless
        || signup.deletion.is_unknown()
        || signup.name.is_unknown()
        || (takes && signup.same_email.is_unknown())
        || (replaces && (signup.plc.is_unknown() || signup.found.is_unknown() || signup.domain.is_none()))
        || (diagnosis.notes.is_empty()
            && Column::ALL
                .iter()
                .any(|column| diagnosis.state(*column) == State::Unknown))
}

/// The error of the backend that fails; `why`: the one that left something unknown, though its backend answers by now.
fn unanswered(backends: &Backends, tenant: &str, why: Option<Error>) -> Error {
    if let Some(error) = why.as_ref().filter(|error| error.forbids()) {
        // It may be so for this user alone: how the backend answers others is another matter.
        return error.clone();
    }
    let health = backends.health();
    let failing = health
        .iter()
        .find(|service| service.problem.is_some() && (service.tenant.is_empty() || service.tenant == tenant));
    if let Some((name, problem, free_at)) =
        failing.and_then(|service| Some((service.name, service.problem.clone()?, service.free_at)))
    {
        return Error::new(name, problem.class, problem.message, problem.hint)
            .advised(problem.advice)
            .until(free_at);
    }
    let (service, reason) = match &why {
        Some(error) => (error.service, format!(": {}", error.what)),
        None => ("pds", ".".into()),
    };
    Error::new(
        service,
        Class::Unavailable,
        format!("Not everything about the user is known{reason}"),
        "Try again in a moment.",
    )
}

/// What a job looks at before each step.
pub struct Orders<'a> {
    /// Somebody wants it to end for good.
    pub cancel: &'a CancellationToken,
    /// It is to be left for later.
    pub leave: &'a CancellationToken,
    /// Whether we may still work on this user.
    pub holds: &'a (dyn Fn() -> bool + Send + Sync),
}

/// How a job came to its end without an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    Outcome(Outcome),
    /// Left for later at a step boundary.
    Left,
    /// Our lease ran out: somebody else may be at work.
    Lost,
}

impl Orders<'_> {
    fn end(&self) -> Option<End> {
        if self.cancel.is_cancelled() {
            Some(End::Outcome(Outcome::Cancelled))
        } else if self.leave.is_cancelled() {
            Some(End::Left)
        } else {
            (!(self.holds)()).then_some(End::Lost)
        }
    }
}

/// Does one user's job and tells what happens: stops at the next step boundary when it is told to.
///
/// # Errors
/// The error that ended it; the steps before it stay done, and a second run goes on behind them.
pub async fn provision(
    backends: &Backends,
    scribe: &Scribe<'_>,
    orders: &Orders<'_>,
    tell: &(dyn Fn(JobNews) + Send + Sync),
) -> Result<End, Error> {
    let job = scribe.job;
    let recreate = job.replaces.as_deref().map_or(Recreate::No, Recreate::This);
    let prepared = prepare(backends, &job.tenant, &job.sub, scribe.run.deep, recreate).await?;
    scribe.look(&prepared.signup, &prepared.diagnosis).await?;
    tell(JobNews::Planned(prepared.plan.clone()));
    let mut work = Work {
        backends,
        signup: prepared.signup,
        replaces: prepared.plan.replaces,
        account: None,
        wrote_intent: false,
        holds: orders.holds,
    };
    let mut outcome = Outcome::Nothing;
    for step in prepared.plan.steps {
        if let Some(end) = orders.end() {
            return Ok(end);
        }
        tell(JobNews::StepStarted(step));
        let ended = carry_out(&mut work, step, scribe, tell).await;
        if ended.is_err() && !(orders.holds)() {
            return Ok(End::Lost);
        }
        ended?;
        outcome = Outcome::Done;
    }
    Ok(End::Outcome(outcome))
}

/// One step, with its entries in the trail before and after it.
async fn carry_out(
    work: &mut Work<'_>,
    step: Step,
    scribe: &Scribe<'_>,
    tell: &(dyn Fn(JobNews) + Send + Sync),
) -> Result<(), Error> {
    let (at, started) = (Timestamp::now(), Instant::now());
    let deed = scribe.before(step, work).await?;
    let ended = work.carry_out(step).await;
    let report = report(step, at, started, &ended);
    tell(JobNews::StepDone(report.clone()));
    let written = async {
        if let Some(deed) = &deed {
            scribe.after(deed, work, &report).await?;
        }
        match (work.holds)() || ended.is_ok() {
            true => scribe.note(&report).await,
            // The record is a successor's now, for whom nothing failed.
            false => Ok(()),
        }
    };
    let written = written.await;
    // What ended the step says more than that it could not be written down.
    ended.map(|_| ())?;
    written
}

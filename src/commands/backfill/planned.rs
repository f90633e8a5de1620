//! What each user's plan is, before anything is written. How it is told stands in `lines`.

use futures_util::{StreamExt, stream};

use super::super::json::{PlannedChangeView, UserView};
use super::super::output::Output;
use super::super::progress;
use super::super::setup::Setup;
use super::BackfillArgs;
use crate::audit::cause::evidence;
use crate::domain::change::changes;
use crate::domain::event::Outcome;
use crate::domain::finding::Repair;
use crate::domain::plan::{Plan, Recreate};
use crate::domain::tally::{Case, Streaks, Systemic};
use crate::domain::text::clean;
use crate::domain::{Advice, Class, Diagnosis, Finding, FindingId, Verdict};
use crate::provisioning::job::{Prepared, prepare};
use crate::provisioning::queue::{CONCURRENCY, Job};
use crate::services::Error;

/// A user with the plan that was made for them.
pub struct Planned {
    pub job: Job,
    pub view: UserView,
    /// How the user counts for what many share; `None` where that could not be looked at.
    seen: Option<Case>,
    /// Why it is planned so, in a few words.
    pub why: String,
    /// Something is left that no step of the plan mends, and somebody has to decide about.
    pub for_somebody: bool,
    /// What kept us from looking is nothing of this user's: the run looks again, and waits for it as a whole.
    is_everybodys: bool,
    /// It was forbidden, perhaps for this user alone.
    forbidden: bool,
    /// Whether somebody wants an account that is gone replaced.
    recreate: bool,
}

impl Planned {
    /// What kept us from looking at the user passes, or somebody repairs it: the run looks again, and waits as long as it
    /// takes. Which account it may replace it would not know, for nobody could be asked about that: such a user is told as
    /// not looked at.
    pub fn is_not_known_yet(&self) -> bool {
        self.is_everybodys && !self.recreate
    }

    pub fn is_worked_on(&self) -> bool {
        !self.view.plan.is_empty() || self.is_not_known_yet()
    }
}

/// Looks at each of these users with all means.
pub async fn prepare_all(
    setup: &Setup,
    args: &BackfillArgs,
    jobs: Vec<Job>,
    output: &Output,
) -> Vec<Planned> {
    let bar = progress::bar(output, Some(jobs.len()), "planning");
    let planned = stream::iter(jobs)
        .map(|job| {
            let bar = bar.clone();
            async move {
                let recreate = match args.recreates() {
                    true => Recreate::Recorded,
                    false => Recreate::No,
                };
                let prepared = prepare(&setup.backends, &job.tenant, &job.sub, args.deep, recreate).await;
                bar.inc(1);
                planned(job, args.recreates(), prepared, output.unmask)
            }
        })
        .buffered(CONCURRENCY)
        .collect()
        .await;
    bar.finish_and_clear();
    let mut planned: Vec<Planned> = planned;
    leave_alone_who_is_refused_alone(&mut planned);
    planned
}

/// A service that refuses our credential refuses everybody. Where another user could be looked at, or a service did not
/// answer, so that nobody knows, what is forbidden for one user is their own failure, and keeps nobody else waiting. The run
/// judges likewise, in `domain::breaker`.
fn leave_alone_who_is_refused_alone(planned: &mut [Planned]) {
    let advised = |user: &Planned| user.view.error.as_ref().map(|problem| problem.advice);
    let may_be_alone = planned
        .iter()
        .any(|user| matches!(advised(user), None | Some(Advice::Retry)));
    for user in planned.iter_mut().filter(|_| may_be_alone) {
        user.is_everybodys &= !user.forbidden;
    }
}

/// What these users share, with its cause: for the record of their run.
pub async fn shared(setup: &Setup, tenant: &str, planned: &[Planned]) -> Option<Systemic> {
    let streaks = Streaks::of(planned.iter().filter_map(|user| user.seen.clone()));
    streaks.systemic(&evidence(&setup.backends, tenant, &streaks).await)
}

/// Whether an error passes, or waits for a setting that is mended, where it is everybody's. Where MongoDB refuses us, or is another database, no
/// run can be written down that waits.
fn is_everybodys(error: &Error) -> bool {
    match error.advice {
        Advice::Retry => true,
        Advice::Configure => error.service != "mongo",
        Advice::Decide | Advice::Look => false,
    }
}

fn planned(mut job: Job, recreate: bool, prepared: Result<Prepared, Error>, unmask: bool) -> Planned {
    let is_everybodys = prepared.as_ref().is_err_and(is_everybodys);
    let forbidden = prepared.as_ref().is_err_and(Error::forbids);
    let mut view = UserView {
        tenant: job.tenant.clone(),
        sub: clean(&job.sub),
        outcome: None,
        plan: Vec::new(),
        changes: Vec::new(),
        replaces: None,
        left: Vec::new(),
        steps: Vec::new(),
        error: None,
        state: None,
        attempts: 0,
        next_try: None,
    };
    let (mut why, mut seen, mut for_somebody) = (String::new(), None, false);
    match prepared {
        Ok(Prepared {
            signup,
            diagnosis,
            plan,
        }) => {
            seen = Case::of(&signup, &diagnosis);
            why = reasons(&diagnosis, &plan);
            for_somebody = match diagnosis.verdict() {
                Verdict::Broken => {
                    plan.is_empty() || diagnosis.findings.iter().any(|finding| is_manual(finding, &plan))
                }
                // A note says what cannot be told.
                Verdict::Unknown => plan.is_empty(),
                Verdict::Whole | Verdict::Waiting => false,
            };
            view.plan.clone_from(&plan.steps);
            let changes = changes(&signup, &plan);
            view.changes = changes
                .iter()
                .map(|change| PlannedChangeView::new(change, unmask))
                .collect();
            view.left = plan
                .left
                .iter()
                .chain(&diagnosis.notes)
                .map(|text| clean(text))
                .collect();
            view.outcome = plan.is_empty().then_some(Outcome::Nothing);
            view.replaces.clone_from(&plan.replaces);
            // What an interrupted job began, its intent tells; what is confirmed now, the job has to.
            job.replaces = plan.replaces.filter(|_| recreate);
        }
        Err(error) => {
            let refused = error.kind == Class::Refused;
            view.outcome = Some(if refused {
                Outcome::Refused
            } else {
                Outcome::Failed
            });
            view.error = Some(error.problem());
        }
    }
    Planned {
        job,
        view,
        seen,
        why,
        for_somebody,
        is_everybodys,
        forbidden,
        recreate,
    }
}

/// Whether a finding is left to somebody by this plan.
fn is_manual(finding: &Finding, plan: &Plan) -> bool {
    let replaced = finding.id == FindingId::AccountGone && plan.replaces.is_some();
    finding.repair == Repair::Manual && !replaced
}

/// The findings that the steps mend; where there is no step, what the signup counts as.
fn reasons(diagnosis: &Diagnosis, plan: &Plan) -> String {
    if plan.is_empty() {
        return match diagnosis.verdict() {
            Verdict::Whole => "whole",
            Verdict::Waiting => "waiting",
            Verdict::Broken => "left to you",
            Verdict::Unknown => "not known",
        }
        .into();
    }
    let mended = |finding: &&Finding| {
        finding.repair == Repair::Auto || finding.id == FindingId::AccountGone && plan.replaces.is_some()
    };
    let names: Vec<&str> = diagnosis
        .findings
        .iter()
        .filter(mended)
        .map(|finding| finding.id.name())
        .collect();
    match names.is_empty() {
        true => "an interrupted job left something".into(),
        false => names.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::error::Refusal;

    /// What becomes of users whose look-ups ended so; `None` went well. Who goes into the run because of an error.
    fn taken_along(errors: &[Option<(&'static str, Class, u16)>]) -> Vec<bool> {
        let mut all: Vec<Planned> = errors
            .iter()
            .map(|error| {
                let (service, class, status) = error.unwrap_or(("pds", Class::Internal, 500));
                let job = Job {
                    tenant: "aesthetic".into(),
                    sub: "auth0|1".into(),
                    key: "auth0|1".into(),
                    replaces: None,
                };
                let reply = Refusal {
                    status,
                    name: String::new(),
                    message: String::new(),
                };
                let failed = Err(Error::new(service, class, "It did not work.", "").with_reply(reply));
                let mut user = planned(job, false, failed, false);
                if error.is_none() {
                    user.view.error = None;
                    user.is_everybodys = false;
                }
                user
            })
            .collect();
        leave_alone_who_is_refused_alone(&mut all);
        all.iter().map(Planned::is_not_known_yet).collect()
    }

    /// What forbids one user keeps nobody else waiting; what forbids everybody waits for the setting.
    #[test]
    fn a_refusal_is_everybodys_only_where_it_may_be() {
        let forbidden = Some(("pds", Class::Auth, 403));
        let refused = Some(("pds", Class::Auth, 401));
        let silent = Some(("pds", Class::Unavailable, 503));
        for (errors, taken) in [
            (vec![forbidden, forbidden], vec![true, true]),
            (vec![forbidden, None], vec![false, false]),
            (vec![None, forbidden, None], vec![false; 3]),
            (vec![forbidden, silent], vec![false, true]),
            (vec![silent, silent], vec![true, true]),
            // Nobody fails for a credential that is refused, though others needed none so far.
            (vec![refused, None], vec![true, false]),
            (vec![refused, silent, forbidden], vec![true, true, false]),
            (vec![Some(("auth0", Class::Auth, 403)), None], vec![true, false]),
            (vec![Some(("mongo", Class::Auth, 401))], vec![false]),
            (vec![Some(("auth0", Class::NotFound, 404))], vec![false]),
        ] {
            assert_eq!(taken_along(&errors), taken, "{errors:?}");
        }
    }
}

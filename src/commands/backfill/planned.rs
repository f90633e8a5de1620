//! What each user's plan is, before anything is written.

use futures_util::{StreamExt, stream};

use super::super::follow::NOBODY;
use super::super::json::UserView;
use super::super::output::Output;
use super::super::progress;
use super::super::setup::Setup;
use super::BackfillArgs;
use crate::audit::cause::evidence;
use crate::domain::event::Outcome;
use crate::domain::tally::{Systemic, streaks};
use crate::domain::text::clean;
use crate::domain::{Advice, Class, Diagnosis, Problem, Signup};
use crate::provisioning::job::{Prepared, prepare};
use crate::provisioning::queue::{CONCURRENCY, Job, advice};

/// A user with the plan that was made for them.
pub struct Planned {
    pub job: Job,
    pub view: UserView,
    /// How the user stood; `None` where that could not be looked at.
    seen: Option<(Signup, Diagnosis)>,
}

impl Planned {
    /// What kept us from looking at the user passes: the run looks again, and waits as long as it takes.
    pub fn is_not_known_yet(&self) -> bool {
        let error = self.view.error.as_ref();
        error.is_some_and(|problem| problem.advice == Advice::Retry)
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
                let prepared = prepare(&setup.backends, &job.tenant, &job.sub, args.deep).await;
                bar.inc(1);
                let seen = prepared.as_ref().ok();
                Planned {
                    seen: seen.map(|seen| (seen.signup.clone(), seen.diagnosis.clone())),
                    view: view(&job, prepared.map_err(Problem::from)),
                    job,
                }
            }
        })
        .buffered(CONCURRENCY)
        .collect()
        .await;
    bar.finish_and_clear();
    planned
}

/// What these users share, with its cause: for the record of their run.
pub async fn shared(setup: &Setup, planned: &[Planned]) -> Option<Systemic> {
    let seen = planned.iter().filter_map(|user| user.seen.as_ref());
    let streaks = streaks(seen.map(|(signup, diagnosis)| (signup, diagnosis)));
    streaks.systemic(&evidence(&setup.backends, &streaks).await)
}

fn view(job: &Job, prepared: Result<Prepared, Problem>) -> UserView {
    let mut view = UserView {
        tenant: job.tenant.clone(),
        sub: clean(&job.sub),
        outcome: None,
        plan: Vec::new(),
        left: Vec::new(),
        steps: Vec::new(),
        error: None,
        state: None,
        attempts: 0,
        next_try: None,
    };
    match prepared {
        Ok(prepared) => {
            view.plan = prepared.plan.names();
            view.left = prepared
                .plan
                .left
                .iter()
                .chain(&prepared.diagnosis.notes)
                .map(|text| clean(text))
                .collect();
            view.outcome = prepared.plan.is_empty().then_some(Outcome::Nothing);
        }
        Err(problem) => {
            let refused = problem.class == Class::Refused;
            view.outcome = Some(if refused {
                Outcome::Refused
            } else {
                Outcome::Failed
            });
            view.error = Some(problem);
        }
    }
    view
}

/// Each user with the plan and what is left.
pub fn lines(planned: &[Planned]) -> String {
    if planned.is_empty() {
        return NOBODY.into();
    }
    let mut lines = Vec::new();
    for user in planned {
        let view = &user.view;
        let plan = if view.plan.is_empty() {
            "nothing".to_string()
        } else {
            view.plan.join(" ")
        };
        lines.push(format!(
            "{}  {}  {}",
            view.tenant,
            view.sub,
            view.error.as_ref().map_or(plan, advice)
        ));
        lines.extend(view.left.iter().map(|left| format!("    left: {left}")));
    }
    lines.join("\n")
}

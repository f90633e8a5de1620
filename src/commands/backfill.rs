//! `atriage backfill`: prints each user's plan, and with `--fix` carries the plans out.

use futures_util::{StreamExt, stream};
use tokio::sync::mpsc;

use super::args::{BackfillArgs, Global, is_number, limit};
use super::consent::{confirm, must_not_be_read_only};
use super::follow::{Followed, follow};
use super::json::{BackfillView, OutcomeTotals, SCHEMA, UserView};
use super::output::Output;
use super::setup::{Setup, open, tenants};
use super::{Failure, Status, progress};
use crate::audit::page::Depth;
use crate::audit::report::{Scope, audit};
use crate::audit::who::who;
use crate::domain::event::Outcome;
use crate::domain::text::clean;
use crate::domain::{Advice, Class, Problem, Verdict};
use crate::provisioning::job::{Prepared, prepare};
use crate::provisioning::queue::{CONCURRENCY, Job, NewRun, Queue, advice};

const DEFAULT_LIMIT: usize = 10;
const NOBODY: &str = "Nothing to mend: every signup is whole or waiting.";

/// A user with the plan that was made for them.
struct Planned {
    job: Job,
    view: UserView,
}

impl Planned {
    /// What kept us from looking at the user passes: the run looks again, and waits as long as it takes.
    fn is_not_known_yet(&self) -> bool {
        let error = self.view.error.as_ref();
        error.is_some_and(|problem| problem.advice == Advice::Retry)
    }

    fn is_worked_on(&self) -> bool {
        !self.view.plan.is_empty() || self.is_not_known_yet()
    }
}

pub async fn run(global: &Global, args: BackfillArgs, output: &Output) -> Result<Status, Failure> {
    let wanted = wanted(&args)?;
    let setup = open(global, output).await?;
    if args.fix {
        must_not_be_read_only(&setup)?;
    }
    let jobs = match wanted {
        Wanted::Users(words) => named(&setup, &args, &words).await?,
        Wanted::Newest(number) => broken(&setup, &args, number, output).await?,
    };
    let planned = prepare_all(&setup, &args, jobs, output).await;
    let doable = planned.iter().filter(|user| !user.view.plan.is_empty()).count();
    if !args.fix {
        print_dry(&args, &planned, doable, output);
        return Ok(dry_status(&planned, doable));
    }
    // Who is asked sees what for, wherever the data goes.
    if !args.yes || !output.is_json() {
        output.say(&lines(&planned));
    }
    let unknown = planned.iter().filter(|user| user.is_not_known_yet()).count();
    if unknown > 0 {
        output.say(&format!(
            "{unknown} could not be looked at, and will be when their turn comes."
        ));
    }
    let reason = confirm(&args, doable + unknown, output)?;
    carry_out(&setup, &args, reason, planned, output).await
}

enum Wanted {
    Newest(Option<usize>),
    Users(Vec<String>),
}

fn wanted(args: &BackfillArgs) -> Result<Wanted, Failure> {
    let told = |message: String, hint: &str| Failure::from(Problem::new(Class::Usage, message, hint));
    let range = args.range.all || args.range.since.is_some();
    match args.words.as_slice() {
        [] if range => Ok(Wanted::Newest(None)),
        [] => Ok(Wanted::Newest(Some(DEFAULT_LIMIT))),
        [one] if is_number(one) => match limit(one) {
            Ok(_) if args.range.all => Err(told(
                "A limit and --all contradict each other.".into(),
                "Leave one of them out.",
            )),
            Ok(limit) => Ok(Wanted::Newest(Some(limit))),
            Err(message) => Err(told(
                message,
                "Say how many of the newest signups, such as 50; or --all.",
            )),
        },
        _ if range => Err(told(
            "Named users and --all or --since contradict each other.".into(),
            "Leave one of them out.",
        )),
        users => Ok(Wanted::Users(users.to_vec())),
    }
}

/// The named users, each once.
async fn named(setup: &Setup, args: &BackfillArgs, words: &[String]) -> Result<Vec<Job>, Failure> {
    let tenant = if args.tenant == "both" {
        "aesthetic"
    } else {
        &args.tenant
    };
    let mut jobs: Vec<Job> = Vec::new();
    for word in words {
        let (tenant, sub) = who(&setup.backends, tenant, word).await?;
        let key = setup.backends.naming(&tenant)?.key(&sub);
        let job = Job { tenant, sub, key };
        if !jobs.contains(&job) {
            jobs.push(job);
        }
    }
    Ok(jobs)
}

/// The users of the range that are broken at first sight, or not known well enough.
async fn broken(
    setup: &Setup,
    args: &BackfillArgs,
    limit: Option<usize>,
    output: &Output,
) -> Result<Vec<Job>, Failure> {
    let depth = Depth {
        plc: args.deep,
        passwords: args.deep,
    };
    let scope = Scope {
        limit,
        since: args.range.since,
        depth,
        orphans: false,
    };
    let mut jobs = Vec::new();
    for tenant in tenants(setup, &args.tenant, output)? {
        let bar = progress::bar(output, limit, &format!("checking {tenant}"));
        let report = audit(&setup.backends, &tenant, scope, |checked| {
            bar.set_position(checked as u64)
        })
        .await;
        bar.finish_and_clear();
        for (signup, diagnosis) in report?.rows {
            // An intent that outlived its job holds a password, though nothing is broken.
            let remains = signup.intent.present().is_some();
            if remains || matches!(diagnosis.verdict(), Verdict::Broken | Verdict::Unknown) {
                jobs.push(Job {
                    tenant: tenant.clone(),
                    sub: signup.sub,
                    key: signup.key,
                });
            }
        }
    }
    Ok(jobs)
}

/// Looks at each of these users with all means.
async fn prepare_all(setup: &Setup, args: &BackfillArgs, jobs: Vec<Job>, output: &Output) -> Vec<Planned> {
    let bar = progress::bar(output, Some(jobs.len()), "planning");
    let planned = stream::iter(jobs)
        .map(|job| {
            let bar = bar.clone();
            async move {
                let prepared = prepare(&setup.backends, &job.tenant, &job.sub, args.deep).await;
                bar.inc(1);
                Planned {
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

async fn carry_out(
    setup: &Setup,
    args: &BackfillArgs,
    reason: Option<String>,
    mut planned: Vec<Planned>,
    output: &Output,
) -> Result<Status, Failure> {
    let mut doable: Vec<Job> = Vec::new();
    for user in planned.iter_mut().filter(|user| user.is_worked_on()) {
        doable.push(user.job.clone());
        (user.view.outcome, user.view.error) = (None, None);
    }
    let users = planned
        .into_iter()
        .map(|user| (user.job.key, user.view))
        .collect();
    if doable.is_empty() {
        let followed = Followed::nothing(users);
        return Ok(finish(args.tenant.clone(), followed, output));
    }
    let (events, inbox) = mpsc::unbounded_channel();
    let queue = Queue::new(
        setup.backends.clone(),
        setup.owner()?,
        args.concurrency.into(),
        events,
    );
    let run = NewRun {
        tenant: args.tenant.clone(),
        reason,
        deep: args.deep,
        jobs: doable,
    };
    let count = run.jobs.len();
    let id = queue.start(run).await?;
    let followed = follow(&queue, inbox, &id, count, users, output).await?;
    Ok(finish(args.tenant.clone(), followed, output))
}

/// Prints what came of a run, and says with which status to leave.
pub(super) fn finish(tenant: String, followed: Followed, output: &Output) -> Status {
    let users = followed.users;
    let totals = OutcomeTotals::of(&users);
    let status = match (followed.signal, &followed.pause) {
        (Some(signal), _) => signal,
        (None, Some(pause)) => match pause.problem.class {
            Class::Auth => Status::Configuration,
            Class::Unavailable => Status::Unavailable,
            _ => Status::SomeFailed,
        },
        // What keeps everybody from being looked at is no matter of some users.
        (None, None) if totals.done == 0 && misconfigured(&users) => Status::Configuration,
        // Left without a signal: somebody else took the run over.
        (None, None)
            if totals.failed + totals.refused > 0 || users.iter().any(|user| user.outcome.is_none()) =>
        {
            Status::SomeFailed
        }
        (None, None) => Status::Good,
    };
    if output.is_json() {
        output.json(&BackfillView {
            schema: SCHEMA,
            run: followed.run,
            tenant,
            dry_run: false,
            pause: followed.pause,
            users,
            totals,
        });
        return status;
    }
    if users.is_empty() {
        output.data(NOBODY);
        return status;
    }
    output.data(&format!(
        "{} done, {} nothing, {} failed, {} refused, {} cancelled",
        totals.done, totals.nothing, totals.failed, totals.refused, totals.cancelled
    ));
    let left = users.iter().filter(|user| user.outcome.is_none()).count();
    let Some(run) = followed.run else { return status };
    if let Some(pause) = &followed.pause {
        output.say(&format!("run {run} {} {}", pause.sentence(), pause.problem.hint));
        output.say(&format!("atriage runs resume {run} goes on after the repair."));
    } else if left > 0 {
        output.say(&format!(
            "{left} left for later: atriage runs resume {run} goes on."
        ));
    } else if totals.failed + totals.refused > 0 {
        output.say(&format!(
            "atriage runs show {run} lists them; atriage runs resume {run} --failed tries them again."
        ));
    }
    status
}

fn misconfigured(users: &[UserView]) -> bool {
    users.iter().any(|user| {
        user.error
            .as_ref()
            .is_some_and(|error| error.class == Class::Auth)
    })
}

fn views(planned: &[Planned]) -> Vec<UserView> {
    planned.iter().map(|user| user.view.clone()).collect()
}

fn print_dry(args: &BackfillArgs, planned: &[Planned], doable: usize, output: &Output) {
    if output.is_json() {
        let users = views(planned);
        return output.json(&BackfillView {
            schema: SCHEMA,
            run: None,
            tenant: args.tenant.clone(),
            dry_run: true,
            pause: None,
            totals: OutcomeTotals::of(&users),
            users,
        });
    }
    output.data(&lines(planned));
    if doable > 0 {
        output.say(&format!(
            "A dry run: nothing was written. --fix carries out the plans of {doable}."
        ));
    }
}

/// Each user with the plan and what is left.
fn lines(planned: &[Planned]) -> String {
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

fn dry_status(planned: &[Planned], doable: usize) -> Status {
    let errors = || planned.iter().filter_map(|user| user.view.error.as_ref());
    if doable > 0 {
        Status::NeedsRepair
    } else if let Some(problem) = errors().next() {
        Status::of(problem)
    } else {
        Status::Good
    }
}

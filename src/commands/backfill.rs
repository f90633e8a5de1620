//! `atriage backfill`: prints each user's plan, and with `--fix` carries the plans out.

use std::collections::HashMap;

use futures_util::{StreamExt, stream};
use tokio::sync::mpsc;

use super::args::{BackfillArgs, Global, is_number, limit};
use super::json::{BackfillView, OutcomeTotals, SCHEMA, UserView};
use super::output::Output;
use super::setup::{Setup, open, tenants};
use super::signals::Signals;
use super::{Failure, Status, progress};
use crate::audit::page::Depth;
use crate::audit::report::{Scope, audit};
use crate::audit::who::who;
use crate::domain::event::{JobEvent, JobNews, Outcome, StepOutcome};
use crate::domain::text::clean;
use crate::domain::{Class, Problem, Verdict};
use crate::provisioning::queue::{CONCURRENCY, Job, Queue, advice};
use crate::provisioning::run::{Prepared, prepare};

const DEFAULT_LIMIT: usize = 10;

/// A user with the plan that was made for them.
struct Planned {
    job: Job,
    view: UserView,
}

pub async fn run(global: &Global, args: BackfillArgs, output: &Output) -> Result<Status, Failure> {
    let wanted = wanted(&args)?;
    let setup = open(global, output).await?;
    if args.fix && setup.config.read_only {
        return Err(Problem::new(
            Class::Refused,
            "Nothing is written in read-only mode.",
            "Leave --fix out, or start without --read-only and ATRIAGE_READ_ONLY.",
        )
        .into());
    }
    let jobs = match wanted {
        Wanted::Users(words) => named(&setup, &args, &words).await?,
        Wanted::Newest(number) => broken(&setup, &args, number, output).await?,
    };
    let planned = prepare_all(&setup, &args, jobs, output).await;
    let run = format!("{:08x}", rand::random::<u32>());
    let doable = planned.iter().filter(|user| !user.view.plan.is_empty()).count();
    if !args.fix {
        print(&run, &args, true, &planned, output);
        return Ok(dry_status(&planned, doable));
    }
    // Who is asked sees what for, wherever the data goes.
    if !args.yes || !output.is_json() {
        output.say(&lines(&planned));
    }
    confirm(&args, doable, output)?;
    carry_out(&setup, &args, &run, planned, output).await
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
            if matches!(diagnosis.verdict(), Verdict::Broken | Verdict::Unknown) {
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

fn confirm(args: &BackfillArgs, doable: usize, output: &Output) -> Result<(), Failure> {
    if doable == 0 || args.yes {
        return Ok(());
    }
    let refused = |message: &str, hint: &str| Err(Problem::new(Class::Refused, message, hint).into());
    if !output.can_ask {
        return refused(
            "Nothing was written: there is nobody to ask.",
            "Add --yes to write without being asked.",
        );
    }
    let people = if doable == 1 {
        "1 user".into()
    } else {
        format!("{doable} users")
    };
    if output.ask(&format!("Carry out the plans of {people} in {}?", args.tenant)) {
        Ok(())
    } else {
        refused("Nothing was written.", "")
    }
}

async fn carry_out(
    setup: &Setup,
    args: &BackfillArgs,
    run: &str,
    mut planned: Vec<Planned>,
    output: &Output,
) -> Result<Status, Failure> {
    let (events, mut inbox) = mpsc::unbounded_channel();
    let queue = Queue::new(setup.backends.clone(), args.concurrency.into(), args.deep, events);
    let doable: Vec<Job> = planned
        .iter()
        .filter(|user| !user.view.plan.is_empty())
        .map(|user| user.job.clone())
        .collect();
    let places: HashMap<String, usize> = planned
        .iter()
        .enumerate()
        .map(|(at, user)| (user.job.key.clone(), at))
        .collect();
    let bar = progress::bar(output, Some(doable.len()), "mending");
    let mut left = doable.len();
    let mut signals = Signals::new()?;
    queue.start(doable);
    while left > 0 {
        let event = tokio::select! {
            event = inbox.recv() => event,
            signal = signals.next() => {
                if signals.count() > 1 {
                    return Ok(signal);
                }
                bar.suspend(|| output.say("Finishing the steps in hand; once more to leave at once."));
                queue.cancel_all();
                continue;
            }
        };
        let Some(event) = event else { break };
        let Some(user) = places.get(&event.key).map(|at| &mut planned[*at].view) else {
            continue;
        };
        if matches!(event.news, JobNews::Finished { .. }) {
            left -= 1;
            bar.inc(1);
        }
        if let Some(line) = fold(user, &event)
            && !output.is_json()
        {
            bar.suspend(|| output.say(&line));
        }
    }
    bar.finish_and_clear();
    print(run, args, false, &planned, output);
    let totals = OutcomeTotals::of(&views(&planned));
    Ok(match signals.last() {
        Some(signal) => signal,
        None if totals.failed + totals.refused > 0 => Status::SomeFailed,
        None => Status::Good,
    })
}

/// Takes a piece of news into the user's result, and says it in a line where people want to know.
fn fold(user: &mut UserView, event: &JobEvent) -> Option<String> {
    match &event.news {
        JobNews::Started => {
            user.steps.clear();
            None
        }
        JobNews::Planned(plan) => {
            user.plan = plan.names();
            None
        }
        JobNews::StepDone(report) => {
            user.steps.push(report.clone());
            None
        }
        JobNews::Waiting { until, why } => {
            Some(format!("{}  waits until {until:.0}: {}", user.sub, why.message))
        }
        JobNews::Finished { outcome, error } => {
            user.outcome = Some(*outcome);
            user.error.clone_from(error);
            let detail = match error {
                Some(problem) => advice(problem),
                None => made(user),
            };
            Some(format!("{}  {}  {detail}", user.sub, outcome.word()))
        }
        JobNews::Busy { by } => Some(format!("{}  waits: {by} works on this user", user.sub)),
        JobNews::Left => Some(format!("{}  left for later", user.sub)),
        JobNews::Queued | JobNews::StepStarted(_) => None,
    }
}

/// The steps that changed something, by name.
fn made(user: &UserView) -> String {
    let done = user
        .steps
        .iter()
        .filter(|report| report.outcome == StepOutcome::Done);
    done.map(|report| report.step.name())
        .collect::<Vec<_>>()
        .join(" ")
}

fn views(planned: &[Planned]) -> Vec<UserView> {
    planned.iter().map(|user| user.view.clone()).collect()
}

fn print(run: &str, args: &BackfillArgs, dry_run: bool, planned: &[Planned], output: &Output) {
    let users = views(planned);
    let totals = OutcomeTotals::of(&users);
    if output.is_json() {
        let tenant = args.tenant.clone();
        return output.json(&BackfillView {
            schema: SCHEMA,
            run: run.to_string(),
            tenant,
            dry_run,
            users,
            totals,
        });
    }
    if dry_run {
        output.data(&lines(planned));
        let doable = users.iter().filter(|user| !user.plan.is_empty()).count();
        if doable > 0 {
            output.say(&format!(
                "A dry run: nothing was written. --fix carries out the plans of {doable}."
            ));
        }
        return;
    }
    if planned.is_empty() {
        return output.data(&lines(planned));
    }
    output.data(&format!(
        "{} done, {} nothing, {} failed, {} refused, {} cancelled",
        totals.done, totals.nothing, totals.failed, totals.refused, totals.cancelled
    ));
}

/// Each user with the plan and what is left.
fn lines(planned: &[Planned]) -> String {
    if planned.is_empty() {
        return "Nothing to mend: every signup is whole or waiting.".into();
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

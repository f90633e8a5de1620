//! `atriage runs`: the runs that the store keeps; one with its users; one gone on with, or cancelled.

use clap::{Args, Subcommand};
use jiff::Timestamp;
use tokio::sync::mpsc;

use super::args::Global;
use super::consent::{agreed, must_not_be_read_only, tell};
use super::follow::{finish, follow};
use super::json::{MoveView, RunView, RunWithUsersView, RunsView, SCHEMA, UserView};
use super::output::Output;
use super::setup::{Setup, open};
use super::table::{age, bold, empty, text};
use super::{Failure, Status};
use crate::domain::Class;
use crate::domain::Problem;
use crate::domain::event::StepReport;
use crate::domain::run::{JobRecord, JobState};
use crate::domain::text::{self, clean};
use crate::provisioning::queue::{Queue, Which, advice};
use crate::provisioning::runs::{Standing, cancel, find, is_taken_up, standing};

/// How many are listed where nobody says.
const LISTED: u16 = 20;

#[derive(Args)]
#[command(
    after_help = "Examples:\n  atriage runs                     the newest runs\n  atriage runs show 7f3a           its users, and why some failed; any unambiguous beginning of the id will do\n  atriage runs resume 7f3a         go on where it stopped\n  atriage runs resume 7f3a --failed  once more those that failed\n  atriage runs cancel 7f3a         cancel what is left of it, after asking"
)]
pub struct RunsArgs {
    #[command(subcommand)]
    pub command: Option<RunsCommand>,
}

impl RunsArgs {
    pub fn writes(&self) -> bool {
        matches!(
            self.command,
            Some(RunsCommand::Resume { .. } | RunsCommand::Cancel { .. })
        )
    }
}

#[derive(Subcommand)]
pub enum RunsCommand {
    /// The newest runs
    List {
        /// How many
        #[arg(long, value_name = "N", default_value = "20", value_parser = clap::value_parser!(u16).range(1..=1000))]
        limit: u16,
    },
    /// One run with each of its users
    Show {
        /// The id, or its beginning
        id: String,
    },
    /// Go on with a run that was interrupted or stopped
    Resume {
        /// The id, or its beginning
        id: String,
        /// Only those that failed, or were refused
        #[arg(long)]
        failed: bool,
        /// Do not ask before writing
        #[arg(long)]
        yes: bool,
        /// How many users at once
        #[arg(long, value_name = "N", default_value = "4", value_parser = clap::value_parser!(u8).range(1..=16))]
        concurrency: u8,
    },
    /// Cancel what is left of a run; users in hand end at their next step
    Cancel {
        /// The id, or its beginning
        id: String,
        /// Do not ask before cancelling
        #[arg(long)]
        yes: bool,
    },
}

pub async fn run(global: &Global, args: RunsArgs, output: &Output) -> Result<Status, Failure> {
    let setup = open(global).await?;
    match args.command.unwrap_or(RunsCommand::List { limit: LISTED }) {
        RunsCommand::List { limit } => list(&setup, limit, output).await,
        RunsCommand::Show { id } => show(&setup, &id, output).await,
        RunsCommand::Resume {
            id,
            failed,
            yes,
            concurrency,
        } => {
            let which = if failed { Which::Failed } else { Which::Open };
            resume(&setup, &id, which, yes, concurrency.into(), output).await
        }
        RunsCommand::Cancel { id, yes } => cancel_one(&setup, &id, yes, output).await,
    }
}

async fn list(setup: &Setup, limit: u16, output: &Output) -> Result<Status, Failure> {
    let store = setup.backends.store.as_ref();
    let owner = setup.owner()?;
    let runs = store.runs(limit.into()).await?;
    output.unreadable(&runs.unreadable);
    let mut views = Vec::new();
    for standing in standing(store, &owner, runs.found).await? {
        let jobs = store.jobs(&standing.run.id).await?;
        output.unreadable(&jobs.unreadable);
        let jobs = jobs.found;
        views.push(RunView::new(&standing, &jobs));
    }
    let view = RunsView {
        schema: SCHEMA,
        runs: views,
    };
    output.print(&view, || table(&view.runs, output));
    for run in &view.runs {
        if let Some(pause) = &run.pause {
            output.say(&format!("run {} {}", run.run, pause.sentence()));
        }
    }
    Ok(Status::Good)
}

fn table(runs: &[RunView], output: &Output) -> String {
    if runs.is_empty() {
        return "There were no runs yet: atriage backfill --fix starts one.".into();
    }
    let now = Timestamp::now();
    let mut table = empty(output);
    table.set_header(
        [
            "RUN", "AGE", "STATE", "TENANT", "DONE", "FAILED", "LEFT", "WHO", "WHY",
        ]
        .map(bold),
    );
    for view in runs {
        table.add_row([
            view.run.clone(),
            age(view.created_at, now),
            view.state.to_string(),
            view.tenant.clone(),
            (view.totals.done + view.totals.nothing).to_string(),
            (view.totals.failed + view.totals.refused).to_string(),
            view.left.to_string(),
            format!("{}@{}", clean(&view.operator), clean(&view.host)),
            view.reason.clone().unwrap_or_else(|| "–".into()),
        ]);
    }
    text(table)
}

async fn show(setup: &Setup, id: &str, output: &Output) -> Result<Status, Failure> {
    let store = setup.backends.store.as_ref();
    let run = find(store, id).await?;
    let found = one(standing(store, &*setup.owner()?, vec![run]).await?)?;
    let jobs = store.jobs(&found.run.id).await?;
    output.unreadable(&jobs.unreadable);
    let jobs = jobs.found;
    let view = RunView::new(&found, &jobs);
    let view = RunWithUsersView {
        schema: SCHEMA,
        run: view,
        users: jobs.iter().map(UserView::of).collect(),
    };
    output.print(&view, || whole(&view.run, &jobs));
    let run = &view.run;
    if found.is_interrupted() {
        output.say(&format!("atriage runs resume {} goes on with it.", run.run));
    } else if run.totals.failed + run.totals.refused > 0 {
        output.say(&format!(
            "atriage runs resume {} --failed tries those that failed again.",
            run.run
        ));
    }
    Ok(Status::Good)
}

/// One run with each of its users.
fn whole(view: &RunView, jobs: &[JobRecord]) -> String {
    let mut lines = vec![format!(
        "run {}  {}  {} of {}  by {}@{}  {}",
        view.run,
        view.state,
        view.total - view.left,
        view.total,
        clean(&view.operator),
        clean(&view.host),
        format_args!("{:.0}", view.created_at)
    )];
    lines.extend(view.reason.iter().map(|reason| format!("why: {reason}")));
    lines.extend(view.moves.iter().filter_map(MoveView::spoken));
    if let Some(by) = &view.worked_on_by {
        lines.push(format!("worked on by {}", clean(by)));
    }
    if let Some(pause) = &view.pause {
        lines.push(format!("{} {}", pause.sentence(), pause.problem.hint));
    }
    lines.extend(jobs.iter().map(line));
    lines.join("\n")
}

/// One user of a run: how they stand, the steps, and why they failed or wait.
fn line(job: &JobRecord) -> String {
    let state = job.outcome.map_or(job.state.word(), |outcome| outcome.word());
    let steps: Vec<&str> = job.steps.iter().map(|report| report.step.name()).collect();
    let mut line = format!(
        "{}  {}  {state}  {}",
        job.tenant,
        clean(&job.sub),
        steps.join(" ")
    );
    if let Some(at) = job.next_try.filter(|_| job.state == JobState::Waiting) {
        line.push_str(&format!("  tries again at {at:.0}"));
    }
    let mut lines = vec![line.trim_end().to_string()];
    lines.extend(job.error.iter().map(|problem| {
        format!(
            "    {} ({}): {}",
            problem.class.word(),
            problem.advice.word(),
            advice(problem)
        )
    }));
    lines.join("\n")
}

fn one(mut found: Vec<Standing>) -> Result<Standing, Failure> {
    found
        .pop()
        .ok_or_else(|| Problem::new(Class::Internal, "The run vanished.", "").into())
}

async fn resume(
    setup: &Setup,
    id: &str,
    which: Which,
    yes: bool,
    concurrency: usize,
    output: &Output,
) -> Result<Status, Failure> {
    must_not_be_read_only(setup)?;
    let store = &setup.backends.store;
    let run = find(store.as_ref(), id).await?;
    let jobs = store.jobs(&run.id).await?.all()?;
    let taken: Vec<&JobRecord> = jobs.iter().filter(|job| is_taken_up(&run, job, which)).collect();
    if !yes && !taken.is_empty() {
        let list: Vec<String> = taken.iter().map(|job| line(job)).collect();
        tell(&list.join("\n"), yes, output);
        let people = text::count(taken.len(), "user");
        agreed(&format!("Go on with {people} of run {}?", run.id), output)?;
    }
    let users = taken
        .iter()
        .map(|job| {
            let mut view = UserView {
                outcome: None,
                error: None,
                ..UserView::of(job)
            };
            view.steps.retain(StepReport::has_changed);
            (job.key.clone(), view)
        })
        .collect();
    let (events, inbox) = mpsc::unbounded_channel();
    let queue = Queue::new(setup.backends.clone(), setup.owner()?, concurrency, events);
    let (run, count) = queue.resume(&run.id, which).await?;
    let followed = follow(&queue, inbox, &run.id, count, users, output).await?;
    Ok(finish(run.tenant, followed, false, output))
}

async fn cancel_one(setup: &Setup, id: &str, yes: bool, output: &Output) -> Result<Status, Failure> {
    must_not_be_read_only(setup)?;
    let store = setup.backends.store.as_ref();
    let run = find(store, id).await?;
    let jobs = store.jobs(&run.id).await?.all()?;
    let open: Vec<&JobRecord> = jobs.iter().filter(|job| job.is_open()).collect();
    if !yes && !open.is_empty() {
        let list: Vec<String> = open.iter().map(|job| line(job)).collect();
        tell(&list.join("\n"), yes, output);
        let people = text::count(open.len(), "user");
        agreed(&format!("Cancel {people} of run {} for good?", run.id), output)?;
    }
    let owner = setup.owner()?;
    let cancelled = cancel(store, &owner, &run).await?;
    let found = one(standing(store, &owner, vec![find(store, &run.id).await?]).await?)?;
    let jobs = store.jobs(&run.id).await?.all()?;
    let view = RunView::new(&found, &jobs);
    let view = RunWithUsersView {
        schema: SCHEMA,
        users: jobs.iter().map(UserView::of).collect(),
        run: view,
    };
    output.print(&view, || format!("run {}: {cancelled} cancelled", run.id));
    if let Some(by) = &found.worked_on_by {
        output.say(&format!(
            "{} works on it, and stops after the steps in hand.",
            crate::services::owner::spoken(by)
        ));
    }
    Ok(Status::Good)
}

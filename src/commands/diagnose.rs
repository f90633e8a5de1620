//! `atriage diagnose`: where the pipeline breaks. Read-only by itself; `--fix` goes through a whole signup of a throw-away
//! user, `--fix-index` mends the index on the code.

use clap::{ArgGroup, Args};
use comfy_table::{Cell, Color};
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::args::Global;
use super::consent::{agreed, must_not_be_read_only, tell};
use super::json::{DiagnoseView, IndexStepView, SCHEMA};
use super::output::Output;
use super::setup::{Setup, open};
use super::signals::Signals;
use super::{Failure, Status, progress, table};
use crate::audit::checkup::{leftovers, look};
use crate::domain::check::{Check, CheckState};
use crate::domain::checkup::{Rehearsal, Tried, checks};
use crate::domain::event::{StepOutcome, StepReport};
use crate::domain::suspect::{Asks, Cause, Suspect, cause};
use crate::domain::text::clean;
use crate::provisioning::code_index::{mend_index, plan_index};
use crate::provisioning::rehearsal::{WRITES, clear_away, new_key, rehearse};
use crate::services::store::wrong_database;

#[derive(Args)]
#[command(
    group(ArgGroup::new("writes").args(["fix", "fix_index"]).multiple(true)),
    after_help = "Examples:\n  atriage diagnose                 look; nothing is written\n  atriage diagnose --fix           also go through a whole signup with a throw-away user, and remove it again\n  atriage diagnose --fix-index     bring the index on users.code to the form that the site's code wants\n  atriage diagnose -o json         the checks and the most likely cause, for a script"
)]
pub struct DiagnoseArgs {
    /// Go through a whole signup with a throw-away user, and remove it again
    #[arg(long)]
    pub fix: bool,
    /// Make the index on users.code the one that the site's code makes: unique, sparse, code_unique
    #[arg(long)]
    pub fix_index: bool,
    /// Do not ask before writing
    #[arg(long, requires = "writes")]
    pub yes: bool,
}

pub async fn run(global: &Global, args: DiagnoseArgs, output: &Output) -> Result<Status, Failure> {
    let setup = open(global).await?;
    if args.fix || args.fix_index {
        must_not_be_read_only(&setup)?;
        if !setup.backends.store.has_collections().await? {
            return Err(wrong_database().into());
        }
    }
    let index_steps = match args.fix_index {
        true => fix_index(&setup, &args, output).await?,
        false => Vec::new(),
    };
    let key = new_key();
    let rehearsal = match args.fix {
        true => match fix(&setup, &args, &key, output).await? {
            Ok(tried) => Rehearsal::Tried(tried),
            Err(signal) => return Ok(signal),
        },
        false => Rehearsal::Would {
            key,
            writes: WRITES.to_string(),
        },
    };
    let bar = progress::bar(output, None, "looking");
    // Where the state folder cannot be written, nobody is known to be dead, and a lease has to run out.
    let owner = setup.owner().ok();
    let facts = look(&setup.backends, owner.as_deref(), rehearsal, Timestamp::now()).await;
    bar.finish_and_clear();
    let (checks, cause) = (checks(&facts), cause(&facts));
    let steps = match facts.rehearsal {
        Rehearsal::Tried(tried) => tried.steps,
        Rehearsal::Would { .. } => Vec::new(),
    };
    let view = DiagnoseView {
        schema: SCHEMA,
        dry_run: !args.fix && !args.fix_index,
        checks,
        index_steps,
        steps,
        cause: (&cause).into(),
    };
    output.print(&view, || lines(&view.checks, &view.steps, &cause, output));
    if output.is_for_people() {
        output.say(&cause.hint);
    }
    Ok(status(&cause))
}

fn status(cause: &Cause) -> Status {
    match cause.asks {
        Asks::Nothing => Status::Good,
        Asks::Repair => Status::NeedsRepair,
        Asks::Configuration => Status::Configuration,
        Asks::Patience => Status::Unavailable,
    }
}

async fn fix_index(
    setup: &Setup,
    args: &DiagnoseArgs,
    output: &Output,
) -> Result<Vec<IndexStepView>, Failure> {
    let steps = plan_index(&setup.backends).await?;
    if steps.is_empty() {
        output.say("The index on users.code has its good form already: nothing was written.");
        return Ok(Vec::new());
    }
    let mut plan = vec!["The index on users.code would get its good form like this:".to_string()];
    plan.extend(steps.iter().map(|step| format!("  {}", step.describe())));
    tell(&plan.join("\n"), args.yes, output);
    if !args.yes {
        agreed("Do so?", output)?;
    }
    let owner = setup.owner()?;
    let done = mend_index(&setup.backends, &owner, &steps, |deed| {
        let ms = deed.took.as_millis();
        output.say(&format!("✓ {} ({ms} ms)", deed.step.describe()));
    });
    let done = done.await?;
    Ok(done.iter().map(IndexStepView::from).collect())
}

/// Removes what earlier ones left, and rehearses. A signal ends it after the step in hand, when what was made is removed:
/// then it is the status to leave with.
async fn fix(
    setup: &Setup,
    args: &DiagnoseArgs,
    key: &str,
    output: &Output,
) -> Result<Result<Tried, Status>, Failure> {
    let (backends, owner) = (&setup.backends, setup.owner()?);
    let left = leftovers(backends.store.as_ref(), Some(&owner)).await;
    let left = left.unwrap_or_default();
    let mut plan = Vec::new();
    if !left.is_empty() {
        plan.push(format!(
            "An interrupted rehearsal left {}, which would be removed.",
            clean(&left.join(", "))
        ));
    }
    plan.push(format!(
        "A signup of the throw-away user {key} would write {WRITES}, and remove it again."
    ));
    tell(&plan.join("\n"), args.yes, output);
    if !args.yes {
        agreed("Do so?", output)?;
    }
    let mut signals = Signals::new()?;
    let (gone, stays) = clear_away(backends, &owner, &left).await;
    if !gone.is_empty() {
        output.say(&format!("✓ removed what was left of {}", clean(&gone.join(", "))));
    }
    if let Some(problem) = stays {
        output.say(&format!("error: {} {}", problem.message, problem.hint));
    }
    let stop = CancellationToken::new();
    let bar = progress::bar(output, None, "rehearsing");
    let tell = |report: &StepReport| bar.set_message(format!("rehearsing, after {}", report.step.name()));
    let rehearsing = rehearse(backends, &owner, key, &stop, tell);
    tokio::pin!(rehearsing);
    loop {
        tokio::select! {
            tried = &mut rehearsing => {
                bar.finish_and_clear();
                let Some(signal) = signals.last() else { return Ok(Ok(tried)) };
                for report in &tried.steps {
                    output.say(&step_line(report));
                }
                return Ok(Err(signal));
            }
            status = signals.next() => {
                if signals.count() > 1 {
                    output.say("What is left of it is removed by the next atriage diagnose --fix.");
                    return Ok(Err(status));
                }
                output.say("Finishing the step in hand and removing what was made; once more to leave at once.");
                stop.cancel();
            }
        }
    }
}

fn step_line(report: &StepReport) -> String {
    let glyph = match report.outcome {
        StepOutcome::Done => "✓",
        StepOutcome::Already => "·",
        StepOutcome::Failed => "✗",
    };
    let line = format!(
        "{glyph} {} {} ms  {}",
        report.step.name(),
        report.ms,
        clean(&report.detail)
    );
    line.trim_end().to_string()
}

/// A row a check with its hint below, the steps of the rehearsal, and last the most likely cause.
fn lines(checks: &[Check], steps: &[StepReport], cause: &Cause, output: &Output) -> String {
    let mut table = table::empty(output);
    for check in checks {
        let colour = match check.state {
            CheckState::Ok => Color::Green,
            CheckState::Warning => Color::Yellow,
            CheckState::Problem => Color::Red,
            CheckState::Unknown => Color::Magenta,
        };
        let mut text = vec![check.message.clone()];
        if !check.hint.is_empty() {
            text.push(format!("→ {}", check.hint));
        }
        if check.id == "rehearsal" {
            text.extend(steps.iter().map(step_line));
        }
        let mark = format!("{} {}", check.state.glyph(), check.id);
        table.add_row([Cell::new(mark).fg(colour), Cell::new(text.join("\n"))]);
    }
    let last = match cause.suspect {
        Suspect::Nothing => cause.message.clone(),
        _ => format!("The most likely cause: {}", cause.message),
    };
    let rows = table::text(table);
    let rows: Vec<&str> = rows.lines().map(str::trim_end).collect();
    format!("{}\n\n{last}", rows.join("\n"))
}

//! `atriage check-config`: everything that has to be right before anything works, tried for real; never writes.

use clap::Args;

use super::args::Global;
use super::json::ChecksView;
use super::output::Output;
use super::setup::examine;
use super::{Failure, Status};
use crate::audit::configuration::check;
use crate::domain::check::{Check, CheckState};
use crate::domain::setting::{Matter, worst};

#[derive(Args)]
#[command(
    after_help = "Examples:\n  atriage check-config             every line\n  atriage check-config --problems  only what is not as it should be\n  atriage doctor -o json           for a script\n\nExit status: 0 nothing to mend but warnings, 3 something outside needs repair, 4 a variable, credential or right is wrong, 6 a service does not answer."
)]
pub struct CheckConfigArgs {
    /// Leave out what is as it should be
    #[arg(long)]
    pub problems: bool,
}

pub async fn run(global: &Global, args: CheckConfigArgs, output: &Output) -> Result<Status, Failure> {
    // The sandbox's servers live until everything was asked.
    let (configuration, _sandbox) = examine(global, output).await?;
    let lines = check(&configuration).await;
    let status = match worst(&lines) {
        None => Status::Good,
        Some(Matter::Configuration) => Status::Configuration,
        Some(Matter::Repair) => Status::NeedsRepair,
        Some(Matter::Service) => Status::Unavailable,
    };
    let mut view = ChecksView::new(lines.into_iter().map(|line| line.check).collect());
    if args.problems {
        view.checks.retain(|check| check.state != CheckState::Ok);
    }
    output.print(&view, || text(&view, output.colours));
    Ok(status)
}

fn text(view: &ChecksView, colours: bool) -> String {
    let widest = view.checks.iter().map(|check| check.id.chars().count()).max();
    let widest = widest.unwrap_or_default();
    let mut lines: Vec<String> = view
        .checks
        .iter()
        .map(|check| line(check, widest, colours))
        .collect();
    let totals = view.totals;
    let several = |count: usize, word: &str| match count {
        1 => format!("1 {word}"),
        count => format!("{count} {word}s"),
    };
    lines.push(format!(
        "{} ok, {}, {}, {} unknown",
        totals.ok,
        several(totals.warning, "warning"),
        several(totals.problem, "problem"),
        totals.unknown
    ));
    lines.join("\n")
}

fn line(check: &Check, widest: usize, colours: bool) -> String {
    let colour = match check.state {
        CheckState::Ok => 32,
        CheckState::Warning => 33,
        CheckState::Problem => 31,
        CheckState::Unknown => 35,
    };
    let glyph = match colours {
        true => format!("\u{1b}[{colour}m{}\u{1b}[0m", check.state.glyph()),
        false => check.state.glyph().to_string(),
    };
    let line = format!("{glyph} {:widest$}  {}", check.id, check.message);
    match check.hint.is_empty() {
        true => line,
        false => format!("{line}\n  {:widest$}  → {}", "", check.hint),
    }
}

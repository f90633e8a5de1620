//! `atriage check-config`: everything that has to be right before anything works, tried for real; leaves nothing behind.

use std::collections::HashSet;

use clap::Args;
use comfy_table::{Cell, Color, ColumnConstraint};

use super::args::Global;
use super::json::{CheckTotals, ChecksView};
use super::output::Output;
use super::setup::examine;
use super::{Failure, Status, table};
use crate::audit::configuration::check;
use crate::domain::check::{Check, CheckState};
use crate::domain::setting::{Matter, worst};

/// The sign of a variable that is not set.
const UNSET: &str = "·";

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
    let (configuration, _sandbox) = examine(global).await?;
    let lines = check(&configuration).await;
    let status = match worst(&lines) {
        None => Status::Good,
        Some(Matter::Configuration) => Status::Configuration,
        Some(Matter::Repair) => Status::NeedsRepair,
        Some(Matter::Service) => Status::Unavailable,
    };
    let unset: HashSet<String> = lines
        .iter()
        .filter(|line| line.unset)
        .map(|line| line.check.id.clone())
        .collect();
    let mut view = ChecksView::new(lines.into_iter().map(|line| line.check).collect());
    if args.problems {
        view.checks.retain(|check| check.state != CheckState::Ok);
    }
    output.print(&view, || text(&view, &unset, output));
    Ok(status)
}

/// `unset`: what need not be set and is not. Nothing was tried there, so that it gets no tick and is counted apart.
fn text(view: &ChecksView, unset: &HashSet<String>, output: &Output) -> String {
    let mut table = table::empty(output);
    for several in view.checks.chunk_by(are_one) {
        let check = &several[0];
        let glyph = match unset.contains(&check.id) {
            true => Cell::new(UNSET).fg(Color::DarkGrey),
            false => Cell::new(check.state.glyph()).fg(colour(check.state)),
        };
        let id = match several.len() {
            1 => check.id.clone(),
            count => format!("{} and {} more", check.id, count - 1),
        };
        table.add_row([glyph, Cell::new(id), Cell::new(&check.message)]);
        if !check.hint.is_empty() {
            table.add_row(["", "", &format!("→ {}", check.hint)]);
        }
    }
    for (column, padding) in table.column_iter_mut().zip([(0, 1), (0, 1), (1, 0)]) {
        column.set_padding(padding);
    }
    // The message gives way where the terminal is narrow: ids are looked for.
    for column in table.column_iter_mut().take(2) {
        column.set_constraint(ColumnConstraint::ContentWidth);
    }
    let mut lines: Vec<String> = table::text(table)
        .lines()
        .map(|line| line.trim_end().to_string())
        .collect();
    lines.push(totals(view.totals, unset.len()));
    lines.join("\n")
}

/// Whether two lines say the same: what was not asked, for one reason.
fn are_one(one: &Check, next: &Check) -> bool {
    let service = |check: &Check| check.id.split('.').next().map(String::from);
    one.state == CheckState::Unknown
        && (one.state, &one.message, &one.hint) == (next.state, &next.message, &next.hint)
        && service(one) == service(next)
}

fn totals(totals: CheckTotals, unset: usize) -> String {
    let several = |count: usize, word: &str| match count {
        1 => format!("1 {word}"),
        count => format!("{count} {word}s"),
    };
    let not_set = match unset {
        0 => String::new(),
        some => format!(", {some} not set"),
    };
    format!(
        "{} ok{not_set}, {}, {}, {} unknown",
        totals.ok.saturating_sub(unset),
        several(totals.warning, "warning"),
        several(totals.problem, "problem"),
        totals.unknown
    )
}

fn colour(state: CheckState) -> Color {
    match state {
        CheckState::Ok => Color::Green,
        CheckState::Warning => Color::Yellow,
        CheckState::Problem => Color::Red,
        CheckState::Unknown => Color::Magenta,
    }
}

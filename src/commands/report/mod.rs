//! `atriage report`: an incident in the words of a report, for whoever has to tell others. Reads, never writes.

mod gather;
mod markdown;

use clap::Args;
use jiff::Timestamp;

use self::gather::{Gathered, gather};
use super::args::{Global, since};
use super::json::{ReportView, SCHEMA};
use super::output::{Answer, Output};
use super::setup::open;
use super::{Failure, Status};
use crate::domain::incident::incident;

pub use markdown::markdown;

#[derive(Args)]
#[command(
    after_help = "Examples:\n  atriage report                   what broke and was mended in the last 24 hours\n  atriage report --since 7d > incident.md\n  atriage report --run 7f3a        the incident that one run mended; any unambiguous beginning of the id will do\n  atriage report -o json           the same facts, for a script"
)]
pub struct ReportArgs {
    /// The incident that this run was about: its users, as they stood before and stand now
    #[arg(long, value_name = "ID", conflicts_with = "since")]
    pub run: Option<String>,
    /// Everything since then, of every tenant: 7d, 2h, 90m, or a date such as 2025-10-01
    #[arg(long, value_name = "WHEN", default_value = "24h", value_parser = since)]
    pub since: Timestamp,
}

pub async fn run(global: &Global, args: ReportArgs, output: &Output) -> Result<Status, Failure> {
    let setup = open(global, output).await?;
    let Gathered { facts, complete } = gather(&setup, &args, output).await?;
    let view = ReportView {
        schema: SCHEMA,
        incident: incident(&facts),
    };
    output.print(&view, || view.markdown());
    Ok(if view.incident.now.broken > 0 {
        Status::NeedsRepair
    } else if !complete {
        Status::Unavailable
    } else {
        Status::Good
    })
}

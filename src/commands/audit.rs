//! `atriage audit`: reads, tells, never writes.

use clap::Args;
use jiff::Timestamp;

use super::args::{FilterArg, Global, RangeArgs, is_number, limit};
use super::json::{AuditAnswer, AuditView, AuditsView, SCHEMA};
use super::output::Output;
use super::setup::{Setup, open, tenants};
use super::{Failure, Status, progress, table};
use crate::audit::page::Depth;
use crate::audit::report::{Report, Scope, audit};
use crate::domain::filter::Filter;
use crate::domain::{Class, Problem};

const DEFAULT_LIMIT: usize = 10;

#[derive(Args)]
#[command(
    after_help = "Examples:\n  atriage audit                    the 10 newest signups of aesthetic\n  atriage audit sotce 50           the 50 newest of sotce\n  atriage audit both --since 7d    a week of both tenants\n  atriage audit --all -o json      every signup, for a script"
)]
pub struct AuditArgs {
    /// The tenant (aesthetic, sotce or both) and how many of the newest signups [default: aesthetic 10]
    #[arg(value_name = "TENANT LIMIT", num_args = 0..=2, allow_negative_numbers = true)]
    pub words: Vec<String>,
    #[command(flatten)]
    pub range: RangeArgs,
    #[command(flatten)]
    pub filter: FilterArg,
    /// Also try each stored password and ask the PLC directory
    #[arg(long)]
    pub deep: bool,
    /// Also what Mongo holds of users whom Auth0 does not have
    #[arg(long)]
    pub orphans: bool,
}

pub async fn run(global: &Global, args: AuditArgs, output: &Output) -> Result<Status, Failure> {
    let (tenant, number) = words(&args.words)?;
    if args.range.all && number.is_some() {
        let hint = "Leave one of them out.";
        return Err(Problem::new(Class::Usage, "A limit and --all contradict each other.", hint).into());
    }
    let setup = open(global, output).await?;
    let filter = args.filter.read(&setup.config)?;
    let scope = Scope {
        limit: number.or((!args.range.all && args.range.since.is_none()).then_some(DEFAULT_LIMIT)),
        since: args.range.since,
        depth: Depth {
            plc: args.deep,
            passwords: args.deep,
        },
        orphans: args.orphans,
    };
    let names = tenants(&setup, &tenant, output)?;
    let (mut reports, problems) = all(&setup, &names, scope, output).await;
    if reports.is_empty() {
        return Err(Failure(problems));
    }
    narrow(&mut reports, &filter, output);
    print(&reports, tenant == "both", output);
    for problem in &problems {
        output.say(&format!("error: {} {}", problem.message, problem.hint));
    }
    Ok(status(&reports, &problems))
}

/// `[TENANT] [LIMIT]`, either alone too.
fn words(words: &[String]) -> Result<(String, Option<usize>), Failure> {
    let told = |message: String| {
        Failure::from(Problem::new(
            Class::Usage,
            message,
            "Say how many of the newest signups, such as 50; or --all.",
        ))
    };
    let (tenant, number) = match words {
        [] => ("aesthetic", None),
        [one] if is_number(one) => ("aesthetic", Some(one)),
        [tenant] => (tenant.as_str(), None),
        [tenant, number, ..] => (tenant.as_str(), Some(number)),
    };
    Ok((
        tenant.to_string(),
        number.map(|number| limit(number)).transpose().map_err(told)?,
    ))
}

/// One report a tenant, and why another has none: one tenant that cannot be asked does not hide the others.
async fn all(
    setup: &Setup,
    tenants: &[String],
    scope: Scope,
    output: &Output,
) -> (Vec<Report>, Vec<Problem>) {
    let (mut reports, mut problems) = (Vec::new(), Vec::new());
    for tenant in tenants {
        let bar = progress::bar(output, scope.limit, &format!("checking {tenant}"));
        let report = audit(&setup.backends, tenant, scope, |checked| {
            bar.set_position(checked as u64)
        })
        .await;
        bar.finish_and_clear();
        match report {
            Ok(report) => reports.push(report),
            Err(error) => problems.push(error.problem()),
        }
    }
    (reports, problems)
}

/// Leaves out whom the filter does not let through. The table says itself how many are left.
fn narrow(reports: &mut [Report], filter: &Filter, output: &Output) {
    for report in reports {
        report.narrow(filter);
        if let Some(matching) = report.matching().filter(|_| !output.is_for_people()) {
            output.say(&format!("{}: {matching}.", report.tenant));
        }
    }
}

fn print(reports: &[Report], both: bool, output: &Output) {
    if output.is_for_people() {
        let now = Timestamp::now();
        let tables: Vec<String> = reports
            .iter()
            .map(|report| table::audit(report, output, now))
            .collect();
        return output.data(&tables.join("\n\n"));
    }
    let mut views: Vec<AuditView> = reports
        .iter()
        .map(|report| AuditView::new(report, output.unmask))
        .collect();
    let answer = match views.pop() {
        Some(only) if !both => AuditAnswer::One(Box::new(only)),
        last => {
            views.extend(last);
            AuditAnswer::Both(AuditsView {
                schema: SCHEMA,
                tenants: views,
            })
        }
    };
    output.json(&answer);
}

/// What is broken comes first: it is sure. Then what hinders us to know, and last what nobody can read.
fn status(reports: &[Report], problems: &[Problem]) -> Status {
    let outages = || {
        reports
            .iter()
            .flat_map(|report| report.outages().filter_map(|source| source.problem.as_ref()))
    };
    let unknown = || reports.iter().any(|report| report.totals().unknown > 0);
    if reports.iter().any(table::is_broken) {
        Status::NeedsRepair
    } else if let Some(problem) = problems
        .iter()
        .chain(outages())
        .find(|problem| problem.class == Class::Auth)
    {
        Status::of(problem)
    } else if !problems.is_empty() || reports.iter().any(|report| report.outages().next().is_some()) {
        Status::Unavailable
    } else if unknown() {
        Status::NeedsRepair
    } else {
        Status::Good
    }
}

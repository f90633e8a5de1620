//! `atriage audit`: reads, tells, never writes.

mod digest;
mod lines;
mod object;
pub mod rows;
mod table;
pub mod telling;

use clap::Args;

use self::telling::{Sweep, Telling, telling};
use super::args::{FilterArg, Global, RangeArgs, is_number, limit};
use super::output::Output;
use super::setup::{Setup, open, tenants};
use super::{Failure, Status, progress};
use crate::audit::page::Depth;
use crate::audit::report::{Part, Scope, Summary, audit};
use crate::audit::strays::sweep;
use crate::domain::{Advice, Class, Problem};

const DEFAULT_LIMIT: usize = 10;

#[derive(Args)]
#[command(
    after_help = "Examples:\n  atriage audit                    the 10 newest signups of aesthetic\n  atriage audit sotce 50           the 50 newest of sotce\n  atriage audit 50 --filter 'pds:missing age<2h'\n                                   of these, whose account is missing since a short time\n  atriage audit both --since 7d    a week of both tenants\n  atriage audit --all -o json      every signup, for a script\n  atriage audit both --all --orphans\n                                   also what Mongo and the PDS hold that Auth0 does not\n\nUsers who share an e-mail are told where both were looked at. The one who signed up later was told before that was\nknown: where their row does not say it, the summary does (shared_emails in JSON), and the totals count it."
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
    /// Also what Mongo and the PDS hold that Auth0 does not: users records made since the oldest signup that is listed
    /// (with --all every record, also one in verifications or @handles alone), and all accounts
    #[arg(long)]
    pub orphans: bool,
}

pub async fn run(global: &Global, args: AuditArgs, output: &Output) -> Result<Status, Failure> {
    let (tenant, number) = words(&args.words)?;
    if args.range.all && number.is_some() {
        let hint = "Leave one of them out.";
        return Err(Problem::new(Class::Usage, "A limit and --all contradict each other.", hint).into());
    }
    let setup = open(global).await?;
    let scope = Scope {
        limit: number.or((!args.range.all && args.range.since.is_none()).then_some(DEFAULT_LIMIT)),
        since: args.range.since,
        depth: Depth {
            plc: args.deep,
            passwords: args.deep,
        },
        orphans: args.orphans,
        filter: args.filter.read(&setup.config)?,
    };
    let names = tenants(&setup, &tenant, output)?;
    let mut telling = telling(output, tenant == "both");
    let mut told = all(&setup, &names, scope, output, telling.as_mut()).await;
    if told.summaries.is_empty() {
        return Err(Failure(told.unlisted));
    }
    if args.orphans {
        told.sweep = Some(strays(&setup, output, telling.as_mut(), &mut told.strays).await);
    }
    telling.finish(told.sweep.as_ref());
    for problem in told.problems(output.is_for_people()) {
        output.complain(problem);
    }
    Ok(told.status())
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
        [number, tenant] if is_number(number) && !is_number(tenant) => {
            return Err(Problem::new(
                Class::Usage,
                "The tenant comes before the limit.",
                format!("atriage audit {} {number}", crate::domain::text::clean(tenant)),
            )
            .into());
        }
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

/// What was told, but for the rows.
#[derive(Default)]
struct Told {
    summaries: Vec<Summary>,
    /// Why tenants could not be listed at all.
    unlisted: Vec<Problem>,
    strays: usize,
    sweep: Option<Sweep>,
}

/// Audits one tenant after the other: one that cannot be asked does not hide the others.
async fn all(
    setup: &Setup,
    tenants: &[String],
    scope: Scope,
    output: &Output,
    telling: &mut dyn Telling,
) -> Told {
    let mut told = Told::default();
    let mut unlisted = Vec::new();
    for tenant in tenants {
        let bar = progress::bar(output, scope.limit, &format!("checking {tenant}"));
        let mut begun = false;
        let mut begin = |telling: &mut dyn Telling| {
            if !std::mem::replace(&mut begun, true) {
                telling.begin(tenant);
            }
        };
        let summary = audit(&setup.backends, tenant, scope.clone(), |part| {
            bar.suspend(|| {
                begin(telling);
                match part {
                    Part::Signups { rows, .. } => telling.signups(rows),
                    Part::Orphans(rows) => telling.orphans(rows),
                }
            });
            if let Part::Signups { done, of, .. } = part {
                progress::show(&bar, done, of);
            }
        })
        .await;
        bar.finish_and_clear();
        match summary {
            Ok(summary) => {
                begin(telling);
                telling.end(&summary);
                // The table says so itself.
                if let Some(matching) = summary.matching().filter(|_| !output.is_for_people()) {
                    output.say(&format!("{tenant}: {matching}."));
                }
                told.summaries.push(summary);
            }
            Err(error) => unlisted.push((tenant, error.problem())),
        }
    }
    for (tenant, problem) in unlisted {
        // Where nothing at all was told, the problem alone is the answer.
        if !told.summaries.is_empty() {
            telling.begin(tenant);
            telling.end(&Summary::unlisted(tenant, problem.clone()));
        }
        told.unlisted.push(problem);
    }
    told
}

/// Looks through the accounts of the PDS, which all tenants share.
async fn strays(setup: &Setup, output: &Output, telling: &mut dyn Telling, found: &mut usize) -> Sweep {
    let bar = progress::bar(output, None, "looking through the accounts of the PDS");
    let swept = sweep(&setup.backends, |stray| {
        *found += 1;
        bar.suspend(|| telling.stray(&stray));
        bar.inc(1);
    })
    .await;
    bar.finish_and_clear();
    Sweep {
        of_others: swept.as_ref().ok().copied(),
        problem: swept.err().map(|error| error.problem()),
    }
}

impl Told {
    /// What keeps the answer from being whole; `told`: but for what the answer itself says.
    fn problems(&self, told: bool) -> impl Iterator<Item = &Problem> {
        let early = self.early().filter(move |_| !told);
        let unlisted = self.unlisted.iter().filter(move |_| !told);
        unlisted.chain(early)
    }

    /// What ended a list early.
    fn early(&self) -> impl Iterator<Item = &Problem> {
        let broke_off = self
            .summaries
            .iter()
            .filter_map(|summary| summary.broke_off.as_ref());
        broke_off.chain(self.sweep.iter().filter_map(|sweep| sweep.problem.as_ref()))
    }

    /// That a list is not whole comes first. Then what is broken: it is sure. Then what hinders us to know, and last what
    /// nobody can read.
    fn status(&self) -> Status {
        let any = |counts: fn(&Summary) -> bool| self.summaries.iter().any(counts);
        let outages = || {
            let sources = self.summaries.iter().flat_map(Summary::outages);
            sources.filter_map(|source| source.problem.as_ref())
        };
        let refused = || {
            let mut problems = self.unlisted.iter().chain(outages());
            problems.find(|problem| problem.advice == Advice::Configure)
        };
        if let Some(problem) = self.early().next() {
            Status::of(problem)
        } else if self.strays > 0 || any(|summary| summary.totals.broken > 0) {
            Status::NeedsRepair
        } else if let Some(problem) = refused() {
            Status::of(problem)
        } else if !self.unlisted.is_empty() || any(|summary| summary.outages().next().is_some()) {
            Status::Unavailable
        } else if any(|summary| summary.totals.unknown > 0) {
            Status::NeedsRepair
        } else {
            Status::Good
        }
    }
}

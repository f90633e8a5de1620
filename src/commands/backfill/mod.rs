//! `atriage backfill`: prints each user's plan, and with `--fix` carries the plans out.

mod chosen;
mod lines;
mod planned;

use clap::Args;
use tokio::sync::mpsc;

use self::chosen::{Chosen, Found};
use self::lines::{lines, room};
use self::planned::{Planned, prepare_all, shared};
use super::args::{FilterArg, Global, RangeArgs};
use super::consent::{confirm, must_not_be_read_only, tell};
use super::follow::{Followed, finish, follow, unlooked};
use super::json::{BackfillView, OutcomeTotals, SCHEMA, UserView};
use super::output::Output;
use super::setup::{Setup, open};
use super::{Failure, Status};
use crate::provisioning::queue::{NewRun, Queue};

#[derive(Args)]
#[command(
    after_help = "Examples:\n  atriage backfill 5               what would be done to the 5 newest\n  atriage backfill 5 --fix         do it, after asking\n  atriage backfill --filter 'did:missing age<2h' --fix   those of the 10 newest who match\n  atriage backfill 'auth0|68ee0c5d1f7a2b3c4d5e6f70' --fix --yes\n  atriage backfill --all --tenant both --fix\n  atriage backfill mira@example.com --recreate --fix   a new account where the old one is gone for good"
)]
pub struct BackfillArgs {
    /// How many of the newest signups [default: 10], or users: an Auth0 sub, an e-mail, @handle, a user code or a DID
    #[arg(value_name = "LIMIT | USER", allow_negative_numbers = true)]
    pub words: Vec<String>,
    /// The tenant: aesthetic, sotce or both
    #[arg(long, value_name = "TENANT", default_value = "aesthetic")]
    pub tenant: String,
    #[command(flatten)]
    pub range: RangeArgs,
    #[command(flatten)]
    pub filter: FilterArg,
    /// Also try each stored password, and replace those that no longer open their account
    #[arg(long)]
    pub deep: bool,
    /// Carry the plans out; without it nothing is written
    #[arg(long, visible_alias = "apply")]
    pub fix: bool,
    /// Make a new account, with another DID, for named users whose recorded account is gone from the PDS. Asks apart;
    /// where nobody is asked, the DIDs that are given up have to be named
    #[arg(long, value_name = "DID", num_args = 0..=1, require_equals = true, default_missing_value = "", value_delimiter = ',')]
    pub recreate: Vec<String>,
    /// Do not ask before writing
    #[arg(long, requires = "fix")]
    pub yes: bool,
    /// Why, in a few words: kept in the audit trail
    #[arg(long, value_name = "TEXT", requires = "fix")]
    pub reason: Option<String>,
    /// How many users at once
    #[arg(long, value_name = "N", requires = "fix", default_value = "4", value_parser = clap::value_parser!(u8).range(1..=16))]
    pub concurrency: u8,
}

impl BackfillArgs {
    pub fn recreates(&self) -> bool {
        !self.recreate.is_empty()
    }
}

pub async fn run(global: &Global, args: BackfillArgs, output: &Output) -> Result<Status, Failure> {
    let chosen = Chosen::of(&args)?;
    let setup = open(global).await?;
    if args.fix {
        must_not_be_read_only(&setup)?;
    }
    let Found { jobs, nobody } = chosen.find(&setup, &args, output).await?;
    let planned = prepare_all(&setup, &args, jobs, output).await;
    let mut list = match planned.is_empty() {
        true => nobody.clone(),
        false if args.fix => lines(&planned, room(&std::io::stderr())),
        false => lines(&planned, room(&std::io::stdout())),
    };
    let doable = planned.iter().filter(|user| !user.view.plan.is_empty()).count();
    if !args.fix {
        print_dry(&args, &planned, list, doable, output);
        return Ok(dry_status(&planned));
    }
    let for_somebody = planned.iter().any(|user| user.for_somebody);
    let unknown = planned.iter().filter(|user| user.is_not_known_yet()).count();
    if unknown > 0 {
        list.push_str(&format!(
            "\n{unknown} could not be looked at, and will be when their turn comes."
        ));
    }
    tell(&list, args.yes, output);
    let replaced: Vec<(&str, &str)> = planned
        .iter()
        .filter_map(|user| Some((user.view.sub.as_str(), user.job.replaces.as_deref()?)))
        .collect();
    let reason = confirm(&args, doable + unknown, &replaced, output)?;
    if doable + unknown == 0 {
        let followed = Followed::nothing(views(planned), nobody);
        return Ok(finish(args.tenant.clone(), followed, for_somebody, output));
    }
    let followed = carry_out(&setup, &args, reason, planned, output).await?;
    Ok(finish(args.tenant.clone(), followed, for_somebody, output))
}

async fn carry_out(
    setup: &Setup,
    args: &BackfillArgs,
    reason: Option<String>,
    mut planned: Vec<Planned>,
    output: &Output,
) -> Result<Followed, Failure> {
    let systemic = shared(setup, &args.tenant, &planned).await;
    let (mut doable, mut ended) = (Vec::new(), Vec::new());
    for user in &mut planned {
        if user.is_worked_on() {
            doable.push(user.job.clone());
            (user.view.outcome, user.view.error) = (None, None);
        } else if let (Some(outcome), Some(error)) = (user.view.outcome, &user.view.error) {
            // The run keeps them too: whoever asks for those that failed means them.
            ended.push((user.job.clone(), outcome, error.clone()));
        }
    }
    let users = views(planned);
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
        systemic,
        jobs: doable,
        ended,
    };
    let count = run.jobs.len();
    let id = queue.start(run).await?;
    follow(&queue, inbox, &id, count, users, output).await
}

/// The users by key.
fn views(planned: Vec<Planned>) -> Vec<(String, UserView)> {
    let by_key = planned.into_iter().map(|user| (user.job.key, user.view));
    by_key.collect()
}

fn print_dry(args: &BackfillArgs, planned: &[Planned], list: String, doable: usize, output: &Output) {
    let users: Vec<_> = planned.iter().map(|user| user.view.clone()).collect();
    let view = BackfillView {
        schema: SCHEMA,
        run: None,
        tenant: args.tenant.clone(),
        dry_run: true,
        pause: None,
        totals: OutcomeTotals::of(&users),
        users,
    };
    output.print(&view, || list);
    if doable > 0 && output.is_for_people() {
        output.say(&format!(
            "A dry run: nothing was written. --fix carries out the plans of {doable}."
        ));
    }
}

/// What is sure comes first: that somebody is broken, be it that no step mends them.
fn dry_status(planned: &[Planned]) -> Status {
    let broken = |user: &Planned| !user.view.plan.is_empty() || user.for_somebody;
    if planned.iter().any(broken) {
        Status::NeedsRepair
    } else {
        unlooked(planned.iter().map(|user| &user.view)).unwrap_or(Status::Good)
    }
}

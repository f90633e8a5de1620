//! `atriage watch`: follows new signups, tells what changes, alerts, and with `--fix` mends. What is told stands in
//! `telling`.

mod telling;

use std::time::Duration;

use clap::Args;
use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;

use self::telling::Telling;
use super::args::{Format, Global, lasting};
use super::consent::{agreed, must_not_be_read_only};
use super::output::Output;
use super::setup::{Setup, open, tenants, webhook};
use super::signals::Signals;
use super::{Failure, Status};
use crate::domain::{Class, Problem};
use crate::intake::watch::{Looked, Mender, Orders, Watch};
use crate::services::alerts::Courier;

#[derive(Args)]
#[command(
    after_help = "Examples:\n  atriage watch                    follows aesthetic until ctrl-c\n  atriage watch both --fix         mends what breaks, after asking once\n  atriage watch --once --fix --yes   for cron; alerts are told once, however often it runs\n  atriage watch -o ndjson          a line for each change, for a script\n\nAlerts go to ATRIAGE_ALERT_WEBHOOK; atriage alert-test tries it. A signup is followed for as long as --since looks back:\nwho verifies their e-mail later than that is not seen, and atriage audit finds them.\n\nExit status of --once: 0 all whole or waiting, 3 something is broken, 4 a credential is refused, 5 some could not be\nmended, 6 a backend is silent, an alert could not be delivered, or another\nwatch has the memory. Without --once: 130/143 on a signal."
)]
pub struct WatchArgs {
    /// The tenant: aesthetic, sotce or both
    #[arg(value_name = "TENANT", default_value = "aesthetic")]
    pub tenant: String,
    /// Look once and leave, as from cron; what was seen and told before is remembered
    #[arg(long)]
    pub once: bool,
    /// Mend what is broken, without asking again
    #[arg(long)]
    pub fix: bool,
    /// Do not ask before the first mending
    #[arg(long, requires = "fix")]
    pub yes: bool,
    /// How many users are mended at once
    #[arg(long, value_name = "N", default_value = "4", value_parser = clap::value_parser!(u8).range(1..=16))]
    pub concurrency: u8,
    /// Between two looks; one costs a request of Auth0's budget for each hundred signups
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = lasting)]
    pub interval: SignedDuration,
    /// How long a signup, or an e-mail just verified, may take until everything is there
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = lasting)]
    pub grace: SignedDuration,
    /// How far each look goes back
    #[arg(long, value_name = "TIME", default_value = "3d", value_parser = lasting)]
    pub since: SignedDuration,
    /// How soon a trouble that lasts is told again; twice as long after each time, up to a day
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = lasting)]
    pub cool_down: SignedDuration,
    /// How long a backend may be silent, or a mending take, before it is told
    #[arg(long, value_name = "TIME", default_value = "3m", value_parser = lasting)]
    pub patience: SignedDuration,
}

pub async fn run(global: &Global, args: WatchArgs, output: &Output) -> Result<Status, Failure> {
    if output.format == Format::Json && !args.once {
        return Err(Problem::new(
            Class::Usage,
            "A watch has no end, and one object of JSON has.",
            "Use -o ndjson, a line for each change; or --once.",
        )
        .into());
    }
    let setup = open(global).await?;
    let names = tenants(&setup, &args.tenant, output)?;
    if args.fix {
        must_not_be_read_only(&setup)?;
        if !args.yes {
            agreed(
                &format!(
                    "Mend from now on what breaks in {}, without asking again?",
                    names.join(" and ")
                ),
                output,
            )?;
        }
    }
    let mut watch = prepared(global, &setup, &args, names, output)?;
    let mut telling = Telling::new(output, &args);
    let stop = CancellationToken::new();
    let mut signals = Signals::new()?;
    let looked = {
        let mut tell = |news| telling.take(news);
        let kept = watch.keep(&stop, &mut tell);
        tokio::pin!(kept);
        loop {
            tokio::select! {
                looked = &mut kept => break looked?,
                status = signals.next() => {
                    if signals.count() > 1 {
                        return Ok(status);
                    }
                    output.say("Finishing what is in hand; once more to leave at once.");
                    stop.cancel();
                }
            }
        }
    };
    telling.end(&looked);
    Ok(signals.last().unwrap_or_else(|| status(&looked)))
}

fn prepared(
    global: &Global,
    setup: &Setup,
    args: &WatchArgs,
    tenants: Vec<String>,
    output: &Output,
) -> Result<Watch, Failure> {
    // Invented people wake nobody.
    let address = if setup.is_sandbox() {
        None
    } else {
        webhook(global)?
    };
    if address.is_none() {
        output.say(match setup.is_sandbox() {
            true => "In the sandbox alerts are told here only.",
            false => "ATRIAGE_ALERT_WEBHOOK is not set: alerts are told here only.",
        });
    }
    let courier = address.map(|address| Courier::new(&address, Duration::from_secs(global.timeout)));
    let mender = match args.fix {
        true => Some(Mender::new(
            setup.backends.clone(),
            setup.owner()?,
            args.concurrency.into(),
        )),
        false => None,
    };
    Ok(Watch {
        backends: setup.backends.clone(),
        folder: setup.config.state_dir.clone(),
        courier: courier.transpose()?,
        mender,
        orders: Orders {
            tenants,
            interval: args.interval,
            grace: args.grace,
            back: args.since,
            cool_down: args.cool_down,
            patience: args.patience,
            once: args.once,
        },
    })
}

/// An alert that nobody heard is the worst; then what is sure.
fn status(looked: &Looked) -> Status {
    let totals = looked.total();
    let refused = || looked.silent.values().any(|problem| problem.class == Class::Auth);
    if looked.undelivered > 0 {
        Status::Unavailable
    } else if looked.unmended > 0 {
        Status::SomeFailed
    } else if totals.broken > 0 {
        Status::NeedsRepair
    } else if refused() {
        Status::Configuration
    } else if !looked.silent.is_empty() {
        Status::Unavailable
    } else if totals.unknown > 0 {
        Status::NeedsRepair
    } else {
        Status::Good
    }
}

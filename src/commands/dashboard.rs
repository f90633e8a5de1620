//! `atriage` without a command: the dashboard, with the audits and jobs that it asks for behind it.

use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::args::{ColorChoice, Format, Global};
use super::output::Output;
use super::setup::{Setup, open};
use super::{Failure, Status};
use crate::audit::live::{older, refresh};
use crate::domain::{Class, Event, JobNews, Problem};
use crate::provisioning::queue::{CONCURRENCY, Job, NewRun, Queue};
use crate::services::observe::Backends;
use crate::tui::message::{Effect, Message, Target};
use crate::tui::{self, ColourChoice, ColourDepth, State};

/// How many of the newest signups are kept in view.
const NEWEST: usize = 50;
const REFRESH_EVERY: Duration = Duration::from_secs(15);
/// How often the services' state is looked at, and how often those that nothing else asks are asked.
const LOOK: Duration = Duration::from_millis(500);
const PINGS: u32 = 30;
/// How long the last steps may take after the screen is gone.
const LAST_STEP: Duration = Duration::from_secs(15);

pub async fn run(global: &Global, output: &Output) -> Result<Status, Failure> {
    let variable = |name: &str| std::env::var(name).ok();
    let there = std::io::stdout().is_terminal() && std::io::stdin().is_terminal();
    if !there || variable("TERM").as_deref() == Some("dumb") {
        return Err(usage(
            "There is no terminal for the dashboard.",
            "atriage audit and atriage backfill do the same without one.",
        ));
    }
    if global.output != Format::Table {
        return Err(usage(
            "The dashboard has no output format.",
            "atriage audit -o json prints what it shows.",
        ));
    }
    if global.verbose {
        return Err(usage(
            "-v would write over the dashboard.",
            "Use it with atriage audit or atriage backfill.",
        ));
    }
    // The screen says itself that this is the sandbox.
    let setup = open(
        global,
        &Output {
            quiet: true,
            ..*output
        },
    )
    .await?;
    let choice = match global.color {
        ColorChoice::Auto => ColourChoice::Auto,
        ColorChoice::Always => ColourChoice::Always,
        ColorChoice::Never => ColourChoice::Never,
    };
    let state = State::new(screen(
        &setup,
        ColourDepth::detect(variable, choice),
        tui::wants_ascii(variable),
    ));

    let (messages, inbox) = unbounded_channel();
    let (effects, wishes) = unbounded_channel();
    let (events, jobs) = unbounded_channel();
    let queue = Queue::new(setup.backends.clone(), setup.owner()?, CONCURRENCY, events);
    if setup.is_sandbox_by_default() {
        messages.send(Message::Notice(super::setup::SANDBOX.into())).ok();
    }
    tokio::spawn(forward(setup.backends.clone(), jobs, messages.clone()));
    tokio::spawn(watch_health(setup.backends.clone(), messages.clone()));
    tokio::spawn(serve(setup.backends.clone(), queue.clone(), wishes, messages));

    let leave = tui::run(state, inbox, effects).await.map_err(|error| {
        Problem::new(
            Class::Usage,
            format!("The terminal cannot be used: {error:#}."),
            "atriage audit does without one.",
        )
    })?;
    if let Some(line) = leave.line {
        output.say(&line);
    }
    if !leave.at_once {
        end(&queue).await;
    }
    Ok(match leave.code {
        0 => Status::Good,
        130 => Status::Interrupted,
        _ => Status::Terminated,
    })
}

fn usage(message: &str, hint: &str) -> Failure {
    Problem::new(Class::Usage, message, hint).into()
}

fn screen(setup: &Setup, colours: ColourDepth, ascii: bool) -> tui::Setup {
    let tenants = setup.backends.configured();
    let unconfigured = setup.config.namings().into_iter().map(|naming| naming.tenant);
    tui::Setup {
        unconfigured: unconfigured.filter(|tenant| !tenants.contains(tenant)).collect(),
        tenants,
        badge: setup.config.label.clone(),
        read_only: setup.config.read_only,
        utc: true,
        ascii,
        colours,
        now: Timestamp::now(),
        refresh_every: REFRESH_EVERY,
    }
}

/// Carries out what the screen asks for, each in a task of its own, so that nothing waits for anything.
async fn serve(
    backends: Arc<Backends>,
    queue: Queue,
    mut wishes: UnboundedReceiver<Effect>,
    messages: UnboundedSender<Message>,
) {
    while let Some(effect) = wishes.recv().await {
        // The screen is gone when nobody hears; what runs then ends with the program.
        let tell = {
            let messages = messages.clone();
            move |message| drop(messages.send(message))
        };
        match effect {
            Effect::Refresh { tenants } => {
                for tenant in tenants {
                    let (backends, tell) = (backends.clone(), tell.clone());
                    tokio::spawn(async move {
                        refresh(&backends, &tenant, NEWEST, |news| tell(Message::Audit(news))).await;
                    });
                }
            }
            Effect::LoadOlder { tenant, before } => {
                let backends = backends.clone();
                tokio::spawn(async move {
                    older(&backends, &tenant, before, |news| tell(Message::Audit(news))).await;
                });
            }
            Effect::Observe(target) => {
                let backends = backends.clone();
                tokio::spawn(async move {
                    match backends.observe(&target.tenant, &target.sub, false).await {
                        Ok(signup) => tell(Message::Observed(Box::new(signup))),
                        Err(error) => tell(Message::Notice(error.to_string())),
                    }
                });
            }
            Effect::Start { targets, reason } => {
                let queue = queue.clone();
                tokio::spawn(async move {
                    let run = NewRun {
                        tenant: String::new(),
                        reason,
                        deep: false,
                        jobs: targets.into_iter().map(job).collect(),
                    };
                    if let Err(error) = queue.start(run).await {
                        tell(Message::Notice(error.to_string()));
                    }
                });
            }
            Effect::Cancel(target) => queue.cancel(&target.key),
            Effect::Leave => queue.leave(),
            Effect::Resume { .. } | Effect::CancelRun { .. } | Effect::History(_) => {
                tell(Message::Notice("This is not there yet.".into()));
            }
            // The shell does these itself.
            Effect::Suspend | Effect::Quit => {}
        }
    }
}

/// Lets running jobs finish the step in hand. Who pressed ctrl-c twice does not want to wait, and loses nothing either:
/// every step can be done again.
async fn end(queue: &Queue) {
    queue.cancel_all();
    let patience = tokio::time::Instant::now() + LAST_STEP;
    while queue.live() > 0 && tokio::time::Instant::now() < patience {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Passes the news of jobs on; a user whose job ended is looked at again at once. What nobody hears any more, because
/// the screen is gone, is not kept: the next start reads it anew.
async fn forward(
    backends: Arc<Backends>,
    mut jobs: UnboundedReceiver<Event>,
    messages: UnboundedSender<Message>,
) {
    while let Some(event) = jobs.recv().await {
        let event = match event {
            Event::Job(event) => event,
            Event::Run(event) => {
                messages.send(Message::Run(event)).ok();
                continue;
            }
        };
        let ended = matches!(event.news, JobNews::Finished { .. });
        let (tenant, sub) = (event.tenant.clone(), event.sub.clone());
        messages.send(Message::Job(event)).ok();
        if ended {
            let (backends, messages) = (backends.clone(), messages.clone());
            tokio::spawn(async move {
                // Where this look fails, the next refresh tells.
                if let Ok(signup) = backends.observe(&tenant, &sub, false).await {
                    messages.send(Message::Observed(Box::new(signup))).ok();
                }
            });
        }
    }
}

fn job(target: Target) -> Job {
    Job {
        tenant: target.tenant,
        sub: target.sub,
        key: target.key,
    }
}

/// Tells how each backend does, when that changes.
async fn watch_health(backends: Arc<Backends>, messages: UnboundedSender<Message>) {
    let mut told = Vec::new();
    for round in 0_u32.. {
        if round.is_multiple_of(PINGS) {
            // What they answer stands in their pulse.
            drop(tokio::join!(backends.store.ping(), backends.pds.ping()));
        }
        let health = backends.health();
        if health != told {
            told.clone_from(&health);
            if messages.send(Message::Health(health)).is_err() {
                return;
            }
        }
        tokio::time::sleep(LOOK).await;
    }
}

//! `atriage` without a command: opens the dashboard, and ends what runs behind it. What it asks for is carried out in
//! `behind`.

mod behind;
mod closing;
mod export;
mod memory;
mod offers;
mod sandbox;

use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio_util::task::TaskTracker;

use self::behind::Behind;
use self::closing::LastRepair;
use self::offers::Offers;
use super::args::{ColorChoice, Format, Global};
use super::output::Output;
use super::screen;
use super::setup::{Setup, open_for_the_screen};
use super::{Failure, Status};
use crate::domain::{Class, Problem};
use crate::provisioning::queue::{CONCURRENCY, Queue};
use crate::services::links::Places;
use crate::services::observe::Backends;
use crate::tui::message::Message;
use crate::tui::{self, Clipboard, ColourChoice, ColourDepth, Passage, Reach, State, Visit};

const REFRESH_EVERY: Duration = Duration::from_secs(15);
/// How often the services' state is looked at, and how often those that nothing else asks are asked.
const LOOK: Duration = Duration::from_millis(500);
const PINGS: u32 = 30;

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
    let setup = open_for_the_screen(global).await?;
    let choice = match global.color {
        ColorChoice::Auto => ColourChoice::Auto,
        ColorChoice::Always => ColourChoice::Always,
        ColorChoice::Never => ColourChoice::Never,
    };
    let colours = ColourDepth::detect(variable, choice).for_look(setup.config.screen.look, choice);
    let ascii = global.ascii || setup.config.screen.ascii || tui::wants_ascii(variable);
    let prepared = prepared(global, &setup, colours, ascii)?;
    let again = (prepared.sandbox == Some(Visit::Again)).then(|| prepared.keys.spell(sandbox::AGAIN));
    let mut state = State::new(prepared);

    let (messages, inbox) = unbounded_channel();
    let (effects, wishes) = unbounded_channel();
    let (events, jobs) = unbounded_channel();
    let owner = setup.owner()?;
    let queue = Queue::new(setup.backends.clone(), owner.clone(), CONCURRENCY, events);
    match memory::recall(&setup.config.state_dir) {
        Ok(memory) => memory.iter().for_each(|memory| state.recall(memory)),
        Err(line) => drop(messages.send(Message::Notice(line))),
    }
    if let Some(line) = again {
        messages.send(Message::Notice(line)).ok();
    }
    let behind = Behind {
        backends: setup.backends.clone(),
        offers: Arc::new(Offers::new(setup.backends.clone(), owner.clone())),
        owner,
        queue: queue.clone(),
        messages,
        writes: TaskTracker::new(),
        repair: LastRepair::default(),
        practices: setup.practices().cloned(),
    };
    if let Some(practices) = setup.practices() {
        tokio::spawn(sandbox::follow(practices.clone(), behind.messages.clone(), LOOK));
    }
    let (writes, repair) = (behind.writes.clone(), behind.repair.clone());
    tokio::spawn(watch_health(setup.backends.clone(), behind.messages.clone()));
    tokio::spawn(behind.clone().forward(jobs));
    tokio::spawn(behind.serve(wishes));

    let leave = tui::run(state, inbox, effects).await.map_err(|error| {
        Problem::new(
            Class::Usage,
            format!("The terminal cannot be used: {error:#}."),
            "atriage audit does without one.",
        )
    })?;
    if let Err(error) = memory::keep(&setup.config.state_dir, &leave.memory) {
        output.say(&format!("How the screen was left could not be kept: {error}."));
    }
    if let Some(line) = leave.line {
        output.say(&line);
    }
    let status = match leave.code {
        0 => Status::Good,
        130 => Status::Interrupted,
        _ => Status::Terminated,
    };
    if leave.at_once {
        return Ok(status);
    }
    closing::end(&queue, &writes, leave.mending.then_some(&repair), status, output).await
}

fn usage(message: &str, hint: &str) -> Failure {
    Problem::new(Class::Usage, message, hint).into()
}

fn prepared(
    global: &Global,
    setup: &Setup,
    colours: ColourDepth,
    ascii: bool,
) -> Result<tui::Setup, Failure> {
    let of_file = &setup.config.screen;
    let tenants = setup.backends.configured();
    let unconfigured = setup.config.namings().into_iter().map(|naming| naming.tenant);
    Ok(tui::Setup {
        places: Places::of(&setup.config),
        views: screen::views(&setup.config).map_err(Failure)?,
        unconfigured: unconfigured.filter(|tenant| !tenants.contains(tenant)).collect(),
        tenants,
        badge: setup.config.label.clone(),
        sandbox: setup.is_sandbox().then(|| sandbox::visit(&setup.home)),
        read_only: setup.config.read_only,
        utc: true,
        ascii,
        colours,
        look: of_file.look,
        reduced_motion: of_file.reduced_motion,
        mouse: of_file.mouse,
        bell: of_file.bell,
        notification: of_file.notification,
        folder: std::env::current_dir().unwrap_or_else(|_| ".".into()),
        reach: reach(global, setup.is_sandbox()),
        clipboard: Clipboard {
            passage: Passage::detect(|name| std::env::var(name).ok()),
            folder: setup.config.state_dir.clone(),
        },
        keys: screen::keys(&setup.config).map_err(Failure)?,
        now: Timestamp::now(),
        refresh_every: REFRESH_EVERY,
    })
}

/// The files that the dashboard was told to read, as another command is told, from wherever it is typed.
fn reach(global: &Global, sandbox: bool) -> Reach {
    let files = [("--config", &global.config), ("--env-file", &global.env_file)];
    let flags = files.into_iter().filter_map(|(flag, file)| {
        let file = file.as_ref()?;
        let whole = std::path::absolute(file).unwrap_or_else(|_| file.clone());
        Some([flag.to_string(), whole.display().to_string()])
    });
    Reach {
        flags: flags.flatten().collect(),
        sandbox,
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

//! The loop: waits for whatever comes first, lets `update` take it in, and draws once when nothing more is waiting.

use std::collections::VecDeque;
use std::task::Poll;
use std::time::{Duration, Instant};

use anyhow::Context;
use crossterm::event::{Event, EventStream};
use futures_util::StreamExt;
use jiff::Timestamp;
use signal_hook::consts::{SIGCONT, SIGTSTP};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

use crate::domain::{Class, Problem};

use super::memory::Memory;
use super::message::{Effect, Message, Target};
use super::passage::{Clipboard, Copied, Passage};
use super::repair::BROKEN_OFF;
use super::runs::RunHere;
use super::state::State;
use super::terminal::{Screen, give_back};
use super::update::update;
use super::words;

/// How the dashboard was left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leave {
    /// 0, 130 after ctrl-c or SIGINT, 143 after SIGTERM, SIGHUP, or when the terminal vanished.
    pub code: u8,
    /// Whose jobs had not ended.
    pub running: Vec<Target>,
    /// What stays queued or was broken off, in a line each.
    pub line: Option<String>,
    /// Somebody pressed ctrl-c twice: nothing is waited for.
    pub at_once: bool,
    /// The index on the code was being mended: its end is waited for and told behind the closed screen. Never in the
    /// sandbox, which ends with it.
    pub mending: bool,
    /// How the screen was left.
    pub memory: Memory,
}

/// How often the time is looked at, and how often while something runs.
const CALM: Duration = Duration::from_secs(1);
const BUSY: Duration = Duration::from_millis(250);

/// How many messages are taken in before the screen is drawn all the same.
const DRAUGHT: usize = 4_000;

/// Why the loop goes on, or ends.
enum Turn {
    Heard(Message),
    /// The time went on.
    Ticked,
    /// Somebody wants the terminal for a while.
    Stop,
    /// And now it is ours again.
    Continue,
    End(u8),
}

/// Shows the dashboard until somebody leaves it. Effects are carried out by whoever holds the other end of `effects`;
/// what comes of them arrives in `inbox`. Fails where the terminal cannot be used at all.
pub async fn run(
    mut state: State,
    mut inbox: UnboundedReceiver<Message>,
    effects: UnboundedSender<Effect>,
) -> anyhow::Result<Leave> {
    let mut signals = Signals::new()?;
    let mut screen = Screen::open()?;
    let mut terminal = EventStream::new();
    let (width, height) = screen.size()?;
    let mut heard = vec![
        Message::Terminal(Event::Resize(width, height)),
        Message::Tick(Timestamp::now()),
    ];
    let mut inbox_is_open = true;
    let mut ticked = Instant::now();

    let code = loop {
        let mut suspends = false;
        let mut quits = false;
        let changed = !heard.is_empty();
        let resized = heard
            .iter()
            .any(|message| matches!(message, Message::Terminal(Event::Resize(..))));
        let mut waiting = VecDeque::from(std::mem::take(&mut heard));
        while let Some(message) = waiting.pop_front() {
            for effect in update(&mut state, message) {
                match effect {
                    Effect::Copy { what, text } => {
                        let to = copy(&screen, &state.setup.clipboard, &text);
                        waiting.push_front(Message::Copied { what, to });
                    }
                    Effect::Quit => quits = true,
                    Effect::Suspend => suspends = true,
                    Effect::Bell => screen.ring(),
                    Effect::Notify(text) => {
                        let sequence = state.setup.clipboard.passage.notify(&text);
                        sequence.iter().for_each(|sequence| screen.send(sequence));
                    }
                    // Nobody carries effects out any more: the inbox says so too.
                    effect => drop(effects.send(effect)),
                }
            }
        }
        if quits {
            break if state.interrupted { 130 } else { 0 };
        }
        if suspends {
            suspend(&mut screen)?;
        }
        if screen.is_lost() && screen.reopen().is_err() {
            break 143;
        }
        screen.listen_to_mouse(state.mouse);
        if (changed || suspends) && screen.draw(&state).is_err() {
            // The terminal vanished, and with it whoever could read about that.
            break 143;
        }
        if resized {
            screen.nudge();
        }

        let every = if state.is_busy() { BUSY } else { CALM };
        let next_tick = tokio::time::sleep_until((ticked + every).into());
        let turn = tokio::select! {
            biased;
            turn = signals.next() => turn,
            event = terminal.next() => match event {
                Some(Ok(event)) => Turn::Heard(Message::Terminal(event)),
                Some(Err(_)) | None => Turn::End(143),
            },
            () = next_tick => Turn::Ticked,
            message = inbox.recv(), if inbox_is_open => match message {
                Some(message) => Turn::Heard(message),
                None => {
                    inbox_is_open = false;
                    let what = "What reads the backends has ended: nothing here is renewed.";
                    let hint = "Quit and start again.";
                    Turn::Heard(Message::Failed(Problem::new(Class::Internal, what, hint)))
                }
            },
        };
        match turn {
            Turn::Heard(message) => heard.push(message),
            Turn::Ticked => {
                ticked = Instant::now();
                // Of a key and a change of size at the same moment the stream tells one, whichever it is.
                screen.nudge();
                if let Ok((width, height)) = screen.size()
                    && (width, height) != state.size
                {
                    heard.push(Message::Terminal(Event::Resize(width, height)));
                }
                heard.push(Message::Tick(Timestamp::now()));
            }
            Turn::Stop => suspend(&mut screen)?,
            Turn::Continue => {
                screen.reopen()?;
                heard.push(Message::Tick(Timestamp::now()));
            }
            Turn::End(code) => break code,
        }
        // All that came meanwhile is taken in before the next picture.
        while heard.len() < DRAUGHT
            && let Some(Ok(event)) = ready(&mut terminal).await
        {
            heard.push(Message::Terminal(event));
        }
        while heard.len() < DRAUGHT
            && let Ok(message) = inbox.try_recv()
        {
            heard.push(message);
        }
    };
    drop(screen);
    Ok(leave(&state, code))
}

/// The next event, if it is there already. Asks with the waker of this very task: the stream remembers whom to wake, and
/// asking it with one that wakes nobody (as `now_or_never` does) would leave the next key lying until the next tick.
async fn ready(terminal: &mut EventStream) -> Option<std::io::Result<Event>> {
    std::future::poll_fn(|context| match terminal.poll_next_unpin(context) {
        Poll::Ready(event) => Poll::Ready(event),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}

/// Hands a text to the terminal's clipboard; what it does not take goes into a file.
fn copy(screen: &Screen, clipboard: &Clipboard, text: &str) -> Copied {
    if let Some(sequence) = clipboard.passage.copy(text) {
        screen.send(&sequence);
        return Copied::Sent(clipboard.passage);
    }
    match clipboard.keep(text) {
        Ok(path) => Copied::Kept {
            path,
            too_long: clipboard.passage != Passage::Closed,
        },
        Err(error) => Copied::Lost(format!("{}: {error}", clipboard.file().display())),
    }
}

/// Gives the terminal back, stops until the shell continues us, and takes it over again.
fn suspend(screen: &mut Screen) -> anyhow::Result<()> {
    give_back();
    signal_hook::low_level::emulate_default_handler(SIGTSTP).context("the program cannot be suspended")?;
    screen.reopen()?;
    Ok(())
}

fn leave(state: &State, code: u8) -> Leave {
    let lines: Vec<String> = left_behind(state).into_iter().chain(broken_off(state)).collect();
    Leave {
        code,
        running: state.jobs.active().map(|job| job.target.clone()).collect(),
        line: (!lines.is_empty()).then(|| lines.join("\n")),
        at_once: state.interrupted,
        mending: state.repair.is_some() && state.setup.sandbox.is_none(),
        memory: state.memory(),
    }
}

/// The repair of the code index, where somebody did not want to wait for its end.
pub fn broken_off(state: &State) -> Option<String> {
    let goes_on = state.interrupted && state.repair.is_some() && state.setup.sandbox.is_none();
    goes_on.then(|| BROKEN_OFF.into())
}

/// What stays in the store for later, and how somebody goes on with it.
pub fn left_behind(state: &State) -> Option<String> {
    let mut waits = 0;
    let mut runs = Vec::new();
    // Nobody is to go on with what is being cancelled.
    let is_cancelled = |run: &RunHere| run.id.as_deref().is_some_and(|id| state.is_cancelling(id));
    for run in state.jobs.runs().iter().filter(|run| !is_cancelled(run)) {
        let progress = run.progress();
        let queued = progress.open() + progress.left;
        if queued > 0 {
            waits += queued;
            runs.extend(run.id.as_deref().map(words::show));
        }
    }
    let are = if waits == 1 { "is" } else { "are" };
    let users = words::count(waits, "user");
    match runs.as_slice() {
        _ if waits == 0 => None,
        _ if state.setup.sandbox.is_some() => {
            let were = if waits == 1 { "was" } else { "were" };
            Some(format!(
                "The sandbox ended, and with it the run of {users} that {were} queued."
            ))
        }
        // They were asked for a moment ago: whether the store has them, it alone knows.
        [] => Some(format!(
            "Left before the run of {users} had an id: atriage runs list tells of it."
        )),
        [one] => Some(format!(
            "Left run {one}: {users} {are} queued; atriage runs resume {one} goes on."
        )),
        many => Some(format!(
            "Left runs {}: {users} {are} queued; atriage runs resume goes on with each.",
            many.join(" and ")
        )),
    }
}

/// The signals that concern a program with a terminal.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hang_up: Signal,
    stop: Signal,
    go_on: Signal,
}

impl Signals {
    fn new() -> anyhow::Result<Self> {
        let listen = |kind| signal(kind).context("signals cannot be listened to");
        Ok(Self {
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
            hang_up: listen(SignalKind::hangup())?,
            stop: listen(SignalKind::from_raw(SIGTSTP))?,
            go_on: listen(SignalKind::from_raw(SIGCONT))?,
        })
    }

    async fn next(&mut self) -> Turn {
        tokio::select! {
            biased;
            _ = self.terminate.recv() => Turn::End(143),
            _ = self.hang_up.recv() => Turn::End(143),
            _ = self.interrupt.recv() => Turn::End(130),
            _ = self.stop.recv() => Turn::Stop,
            _ = self.go_on.recv() => Turn::Continue,
        }
    }
}

//! Runs as a whole: their news, which of them wait, and the history of a user.

use super::super::keys::Command;
use super::super::message::{Effect, Elsewhere, Fate, OpenRun, Target};
use super::super::runs::Offer;
use super::super::state::{History, Mode, State, Story};
use super::super::toast::Tone;
use super::super::words;
use super::telling::{self, tell};
use super::{detail, toast};
use crate::domain::trail::Deed;
use crate::domain::{Observed, Problem, RunEvent, RunNews};
use crate::services::health::{Liveness, ServiceHealth};

pub fn news(state: &mut State, event: RunEvent) {
    let was_known = state.jobs.run(&event.run).is_some();
    state.jobs.fold_run(&event);
    state.stale_order = true;
    telling::run(state, &event);
    let asked = state.resuming.iter().position(|offer| offer.run == event.run);
    match event.news {
        RunNews::Registered { .. } => {
            asked.map(|place| state.resuming.remove(place));
        }
        RunNews::Refused(problem) => {
            let (message, hint) = (words::show(&problem.message), words::show(&problem.hint));
            let what = if was_known {
                format!("Run {} does not go on", words::show(state.short_run(&event.run)))
            } else {
                "Nothing was started".into()
            };
            tell(state, Tone::Bad, format!("{what}: {message} {hint}"));
            if let Some(place) = asked {
                let offer = state.resuming.remove(place);
                state.jobs.stays(&offer);
                // One of this session is offered by its jobs.
                if offer.by.is_some() {
                    state.offers.insert(0, offer);
                }
            }
        }
        RunNews::Unwritten(problem) => {
            let (message, hint) = (words::show(&problem.message), words::show(&problem.hint));
            let name = words::show(state.short_run(&event.run));
            tell(
                state,
                Tone::Bad,
                format!("What became of run {name} could not be written down: {message} {hint}"),
            );
        }
        RunNews::Ended => ended(state, &event.run),
        // Their lines above the table say it.
        RunNews::Holding { .. } | RunNews::Paused(_) => {}
    }
}

/// What became of its users, in one sentence.
fn ended(state: &mut State, id: &str) {
    let Some(run) = state.jobs.run(id) else { return };
    if run.pause.is_some() || state.leaving {
        return;
    }
    let progress = run.progress();
    let mut parts = vec![match progress.failed {
        0 => "none failed".to_string(),
        failed => format!("{failed} failed"),
    }];
    if progress.cancelled > 0 {
        parts.push(format!("{} cancelled", progress.cancelled));
    }
    let again = state.key(Command::Retry);
    let then = match (progress.left, progress.failed) {
        (0, 0) => String::new(),
        (0, _) => format!(" Who failed stays marked; {again} retries them."),
        (left, _) => format!(" {left} left for later: {again} goes on."),
    };
    let jobs = words::count(progress.ended, "job");
    let tone = match (progress.failed, progress.left + progress.cancelled) {
        (0, 0) => Tone::Good,
        (0, _) => Tone::Warning,
        _ => Tone::Bad,
    };
    tell(state, tone, format!("{jobs} ended: {}.{then}", parts.join(", ")));
}

/// The runs that nobody works on. What this session works on itself, or left, is offered by its jobs.
pub fn interrupted(state: &mut State, open: Vec<OpenRun>) {
    let first = !std::mem::replace(&mut state.runs_told, true);
    for open in &open {
        state.jobs.stands(&open.run.id, &open.run.pause);
    }
    let is_ours = |state: &State, id: &str| state.jobs.has_open(id) || state.is_asked_about(id);
    let open = open.into_iter().filter(|open| !is_ours(state, &open.run.id));
    state.offers = open.map(Offer::of).collect();
    // Later ones are there for whoever looks; only the start asks.
    let Some(newest) = state.offers.first().filter(|_| first) else {
        return;
    };
    if state.setup.read_only {
        let kind = if newest.pause.is_some() {
            "A paused"
        } else {
            "An interrupted"
        };
        let (left, total) = (newest.left, newest.total);
        toast(
            state,
            format!(
                "{kind} run waits: {left} of {} left.",
                words::count(total, "user")
            ),
        );
    } else {
        // A dialog that opens by itself would be answered by a key that was meant for the table.
        state.offer_waits = true;
    }
}

/// Runs that were taken up, finished or cancelled by somebody else: what was said and offered about them here is over.
pub fn elsewhere(state: &mut State, fates: Vec<Elsewhere>) {
    for Elsewhere { run, fate } in fates {
        if state.is_asked_about(&run) {
            continue;
        }
        let asks = matches!(state.mode.beneath(), Mode::Resume { offer, .. } if offer.run == run);
        let was_ours = state.jobs.elsewhere(&run, &fate);
        if was_ours || asks {
            let name = words::show(state.short_run(&run));
            let told = match &fate {
                Fate::WorkedOn(by) => format!("Run {name} is worked on by {} now.", words::show(by)),
                Fate::Finished => format!("Run {name} was finished elsewhere."),
                Fate::Cancelled => format!("Run {name} was cancelled elsewhere."),
            };
            toast(state, told);
        }
        if asks {
            *state.mode.beneath() = Mode::Table;
        }
        state.offers.retain(|offer| offer.run != run);
        forget_stop(state, &run);
    }
    state.stale_order = true;
}

/// What an audit or a look found stopped is not stopped any more.
fn forget_stop(state: &mut State, run: &str) {
    for walk in state.walks.values_mut() {
        let stopped = &mut walk.evidence.stopped;
        if stopped.present().is_some_and(|(stopped, _)| stopped == run) {
            *stopped = Observed::Absent;
        }
    }
    if let Some(Ok(stopped)) = state.looked.as_mut().map(|looked| &mut looked.stopped) {
        stopped.take_if(|(stopped, _)| stopped == run);
    }
}

/// How the backends do. Once the store answers again, it is asked which runs wait.
pub fn health(state: &mut State, health: Vec<ServiceHealth>, effects: &mut Vec<Effect>) {
    let store = |all: &[ServiceHealth]| {
        let store = all.iter().find(|health| health.name == "mongo");
        store.map(|health| health.liveness)
    };
    if store(&state.health) == Some(Liveness::Down) && store(&health) == Some(Liveness::Up) {
        effects.push(Effect::LookAtRuns);
    }
    state.health = health;
}

/// A run that was to be cancelled is, or is offered again.
pub fn cancelled(state: &mut State, run: &str, told: Result<(), Problem>) {
    let Some(place) = state.cancelling.iter().position(|offer| offer.run == run) else {
        return;
    };
    let name = words::show(state.short_run(run));
    let offer = state.cancelling.remove(place);
    match told {
        Ok(()) => {
            let left = words::count(offer.left, "user");
            toast(
                state,
                format!("Run {name} is cancelled: nothing more is done to {left}."),
            );
            state.jobs.drop_run(run);
            forget_stop(state, run);
        }
        Err(problem) => {
            let why = telling::whole(&problem);
            tell(
                state,
                Tone::Bad,
                format!("Run {name} could not be cancelled: {why}"),
            );
            // One of this session is offered by its jobs.
            if offer.by.is_some() {
                state.offers.insert(0, offer);
            }
        }
    }
    state.stale_order = true;
}

pub fn open_history(state: &mut State, effects: &mut Vec<Effect>) {
    let Some(target) = state.row_under_cursor().map(|row| row.target()) else {
        return;
    };
    effects.push(Effect::History(target.clone()));
    state.mode = Mode::History(History {
        story: Story::asked(target),
        scroll: 0,
    });
}

/// An answer that nobody waits for any more is only kept in the log, where it failed.
pub fn history(
    state: &mut State,
    target: &Target,
    told: Result<Vec<Deed>, Problem>,
    effects: &mut Vec<Effect>,
) {
    if let Err(problem) = &told {
        telling::unread(state, target, problem);
    }
    detail::told(state, target, &told, effects);
    if let Mode::History(history) = state.mode.beneath()
        && history.story.target == *target
    {
        history.story.take(told);
    }
}

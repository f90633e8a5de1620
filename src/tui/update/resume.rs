//! The question whether to go on with a run: opened, told whom that would touch, and answered.

use super::super::applies;
use super::super::keys::Command;
use super::super::message::{Effect, TakenUp};
use super::super::state::{Mode, Resuming, State};
use super::super::words;
use super::toast;
use crate::domain::Problem;

/// The answers, the harmless one first.
pub const BUTTONS: [Resuming; 3] = [Resuming::Later, Resuming::GoOn, Resuming::Cancel];

/// What `R` asks where a run stopped; `false` where none did.
pub fn open(state: &mut State, effects: &mut Vec<Effect>) -> bool {
    let Some(offer) = applies::to_resume(state) else {
        return false;
    };
    state.offer_waits = false;
    effects.push(Effect::AskWhom {
        run: offer.run.clone(),
    });
    state.mode = Mode::Resume {
        offer,
        whom: None,
        focus: Resuming::Later,
        scroll: 0,
    };
    true
}

/// An answer about another run than is asked about comes too late.
pub fn whom(state: &mut State, run: &str, told: Result<Vec<TakenUp>, Problem>) {
    if let Mode::Resume { offer, whom, .. } = state.mode.beneath()
        && offer.run == run
    {
        *whom = Some(told);
    }
}

pub fn answer(state: &mut State, command: Command, effects: &mut Vec<Effect>) {
    let Mode::Resume { focus, .. } = &mut state.mode else {
        return;
    };
    let here = BUTTONS.iter().position(|button| button == focus).unwrap_or(0);
    let choice = match command {
        Command::NextButton | Command::PreviousButton => {
            let by = if command == Command::NextButton { 1 } else { 2 };
            *focus = BUTTONS[(here + by) % BUTTONS.len()];
            return;
        }
        Command::Press => *focus,
        Command::Yes => Resuming::GoOn,
        Command::CancelRun => Resuming::Cancel,
        _ => Resuming::Later,
    };
    if choice == Resuming::GoOn
        && let Err(why) = applies::may_go_on(state)
    {
        return toast(state, why);
    }
    if let Mode::Resume { offer, .. } = std::mem::replace(&mut state.mode, Mode::Table) {
        let run = offer.run.clone();
        let name = words::show(state.short_run(&run));
        match choice {
            Resuming::Later => {
                let key = state.key(Command::Retry);
                toast(state, format!("Run {name} waits: {key} goes on with it."));
            }
            Resuming::GoOn => {
                toast(state, format!("Going on with run {name}."));
                state.jobs.resume(&offer, state.now);
                state.offers.retain(|other| other.run != run);
                state.resuming.push(offer);
                effects.push(Effect::Resume { run });
            }
            Resuming::Cancel => {
                toast(state, format!("Cancelling run {name}."));
                state.offers.retain(|other| other.run != run);
                state.cancelling.push(offer);
                effects.push(Effect::CancelRun { run });
            }
        }
        state.stale_order = true;
    }
}

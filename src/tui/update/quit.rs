//! The question before leaving: its answers, and what becomes of it when what it asked about is over.

use super::super::keys::Command;
use super::super::message::Effect;
use super::super::state::{Leaving, Mode, State};
use super::{filter, toast};

/// Asks over whatever is open.
pub fn ask(state: &mut State) {
    let below = Box::new(std::mem::replace(&mut state.mode, Mode::Table));
    let focus = Leaving::Stay;
    state.mode = Mode::Quit { focus, below };
}

pub fn answer(
    state: &mut State,
    command: Command,
    focus: Leaving,
    below: Box<Mode>,
    effects: &mut Vec<Effect>,
) {
    let buttons = buttons(state);
    let here = buttons.iter().position(|button| *button == focus).unwrap_or(0);
    let choice = match command {
        Command::NextButton => {
            let focus = buttons[(here + 1) % buttons.len()];
            state.mode = Mode::Quit { focus, below };
            return;
        }
        Command::PreviousButton => {
            let focus = buttons[(here + buttons.len() - 1) % buttons.len()];
            state.mode = Mode::Quit { focus, below };
            return;
        }
        Command::Press => focus,
        Command::QuitWaiting => Leaving::Wait,
        Command::QuitLeaving => Leaving::Leave,
        Command::Yes => Leaving::Now,
        _ => Leaving::Stay,
    };
    if choice == Leaving::Stay {
        state.mode = *below;
    } else {
        close(state, *below);
    }
    match choice {
        Leaving::Stay if state.leaving => stay(state),
        Leaving::Stay => {}
        Leaving::Wait => state.leaving = true,
        Leaving::Leave => {
            if !state.told_to_leave {
                effects.push(Effect::Leave);
            }
            state.told_to_leave = true;
            state.leaving = true;
        }
        Leaving::Now => effects.push(Effect::Quit),
    }
}

/// Whoever leaves asks for nothing more. A filter that was still being typed does not go on holding.
fn close(state: &mut State, below: Mode) {
    if let Mode::Filter {
        input, before, home, ..
    } = below
    {
        filter::answer(state, Command::DropFilter, input, before, home);
    }
}

/// Takes back what can be taken back of leaving.
pub fn stay(state: &mut State) {
    state.leaving = false;
    let told = if state.told_to_leave {
        let key = state.key(Command::Retry);
        format!("Staying. The jobs were told to stop already; {key} goes on with them.")
    } else {
        "Staying.".into()
    };
    toast(state, told);
}

/// The ways out, the harmless one first.
pub fn buttons(state: &State) -> &'static [Leaving] {
    if state.jobs.active_count() > 0 {
        &[Leaving::Stay, Leaving::Wait, Leaving::Leave]
    } else if state.repair.is_some() {
        &[Leaving::Stay, Leaving::Wait, Leaving::Now]
    } else {
        &[Leaving::Stay, Leaving::Now]
    }
}

/// What it asked about is over; who wanted to leave is not to wonder where the question went. `had`: whether jobs ran, and
/// whether the index was being mended, before this message.
pub fn follow(state: &mut State, had: (bool, bool)) {
    let buttons = buttons(state);
    if let Mode::Quit { focus, .. } = &mut state.mode
        && !buttons.contains(focus)
    {
        *focus = Leaving::Stay;
    }
    if !state.is_at_rest() || !matches!(state.mode, Mode::Quit { .. }) {
        return;
    }
    let told = match had {
        (true, _) => "All jobs have ended; {quit} quits.",
        (false, true) => "The repair of the code index is over; {quit} quits.",
        (false, false) => return,
    };
    state.mode = std::mem::replace(state.mode.beneath(), Mode::Table);
    toast(state, state.spell(told));
}

//! The palette: opened, gone through, and what is chosen in it done, exactly as its key would.

use tui_input::Input;

use super::super::message::Effect;
use super::super::palette::{RECENT, entries};
use super::super::state::{Mode, State};

pub fn open(state: &mut State) {
    state.mode = Mode::Palette {
        input: Input::default(),
        chosen: 0,
    };
}

/// Another line, as far as there are any.
pub fn choose(state: &mut State, by: isize) {
    let Mode::Palette { input, chosen } = &state.mode else {
        return;
    };
    let last = entries(state, input.value()).len().saturating_sub(1);
    let to = chosen.saturating_add_signed(by).min(last);
    if let Mode::Palette { chosen, .. } = &mut state.mode {
        *chosen = to;
    }
}

pub fn run(state: &mut State, effects: &mut Vec<Effect>) {
    let Mode::Palette { input, chosen } = &state.mode else {
        return;
    };
    let found = entries(state, input.value());
    let Some(binding) = found.get(*chosen).map(|entry| entry.bound.row()) else {
        return;
    };
    state.mode = Mode::Table;
    state.recent.retain(|command| *command != binding.command);
    state.recent.insert(0, binding.command);
    state.recent.truncate(RECENT);
    super::obey(state, binding, effects);
}

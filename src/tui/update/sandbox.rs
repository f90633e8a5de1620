//! The first minute in the sandbox, and what is broken in it on purpose.

use super::super::keys::{Command, Scope};
use super::super::message::Effect;
use super::super::state::{Mode, State};
use super::{is_due, obey, refresh, toast};
use crate::domain::practice::Practice;

/// A key that the welcome has no use for closes it, and does what it does in the table: nobody has to press it twice. What
/// writes is not taken from who did not see the table yet.
pub fn pass_on(state: &mut State, pressed: Option<String>, effects: &mut Vec<Effect>) {
    state.mode = Mode::Table;
    let Some(binding) = pressed.and_then(|pressed| state.setup.keys.command(Scope::now(state), &pressed))
    else {
        return;
    };
    if binding.writes {
        let key = state.key(binding.command);
        toast(
            state,
            format!("{key} writes: press it again, now that you see the table."),
        );
    } else {
        obey(state, binding, effects);
    }
}

/// Says what to look for, and looks.
pub fn practised(state: &mut State, practice: Practice, effects: &mut Vec<Effect>) {
    toast(state, state.spell(practice.lesson().look));
    for walk in state.walks.values_mut() {
        walk.again = true;
        // What failed before says nothing of how it is now.
        walk.failures = 0;
    }
    if !state.frozen {
        refresh(state, effects, is_due);
    }
}

/// What is asked for by name alone.
pub fn carry_out(state: &mut State, command: Command, effects: &mut Vec<Effect>) {
    match command {
        Command::Practise(practice) => effects.push(Effect::Practise(practice)),
        _ => state.mode = Mode::Welcome,
    }
}

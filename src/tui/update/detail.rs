//! The detail of one user: a pane, then the whole screen, and back; what it asks for; and what is copied there.

use jiff::Timestamp;

use super::super::keys::{Binding, Command, Scope};
use super::super::message::{Effect, Target};
use super::super::state::{Asking, Detail, Extent, State, Story};
use super::super::words;
use super::{SILENCE, patience, toast};
use crate::domain::Problem;
use crate::domain::trail::Deed;
use crate::services::links::Kind;

type Told = Result<Vec<Deed>, Problem>;

/// Opens the pane; gives it the whole screen, and takes that back.
pub fn open(state: &mut State, effects: &mut Vec<Effect>) {
    if state.whole_detail().is_some() {
        step_back(state);
    } else if state.detail.is_some() {
        grow(state, effects);
    } else {
        state.detail = Some(Detail {
            asked: state.cursor.clone(),
            ..Detail::default()
        });
        effects.extend(state.row_under_cursor().map(|row| Effect::Observe(row.target())));
    }
}

fn grow(state: &mut State, effects: &mut Vec<Effect>) {
    let Some(target) = state.row_under_cursor().map(|row| row.target()) else {
        return;
    };
    if let Some(detail) = &mut state.detail {
        detail.scroll = 0;
        detail.extent = Extent::Whole {
            story: Story::asked(target.clone()),
            asking: Asking::at(state.now),
        };
        effects.push(Effect::History(target));
    }
}

/// From the whole screen to the pane, from there to the table.
pub fn step_back(state: &mut State) {
    match &mut state.detail {
        Some(detail) if matches!(detail.extent, Extent::Whole { .. }) => {
            detail.extent = Extent::Pane;
            detail.scroll = 0;
            state.stale_order = true;
        }
        detail => *detail = None,
    }
}

/// A command that is about the table wants it seen, whether it came by its key or from the palette.
pub fn make_room_for(state: &mut State, binding: &Binding) {
    let is_of_table = matches!(binding.scope, Scope::Table | Scope::Sandbox)
        && !matches!(binding.command, Command::Interrupt | Command::Suspend);
    let is_of_here = {
        let mut here = state.setup.keys.of(Scope::Detail);
        here.any(|bound| bound.command == binding.command)
    };
    if state.whole_detail().is_some() && is_of_table && !is_of_here {
        step_back(state);
    }
}

/// The user under the cursor is observed with all means, and their history is read, once the cursor rests on them. The
/// history of whoever has the whole screen is read again from time to time: somebody else may work on them. Frozen, nothing
/// is read by itself, but whom a key brought to the whole screen is asked about once.
pub fn rest(state: &mut State, effects: &mut Vec<Effect>) {
    let Some(target) = state.row_under_cursor().map(|row| row.target()) else {
        return;
    };
    let now = state.now;
    let (comes, due) = match state.detail.as_ref().map(|detail| &detail.extent) {
        Some(Extent::Whole { story, asking }) => {
            let waited = now.duration_since(asking.at);
            let patience = if asking.waits {
                SILENCE
            } else {
                patience(state, asking.failures)
            };
            (story.target != target, waited >= patience)
        }
        _ => (false, false),
    };
    let Some(detail) = &mut state.detail else { return };
    if state.frozen && !comes {
        return;
    }
    if detail.asked != state.cursor {
        detail.asked.clone_from(&state.cursor);
        effects.push(Effect::Observe(target.clone()));
    }
    if comes || due {
        ask_history(state, effects);
    }
}

/// Asks for the history of the user under the cursor, where it is shown; while an answer about them is on its way, right
/// after that. What was told of them stays until the answer.
pub fn ask_history(state: &mut State, effects: &mut Vec<Effect>) {
    let Some(target) = state.row_under_cursor().map(|row| row.target()) else {
        return;
    };
    let now: Timestamp = state.now;
    if let Some(detail) = &mut state.detail
        && let Extent::Whole { story, asking } = &mut detail.extent
    {
        if story.target != target {
            *story = Story::asked(target.clone());
            *asking = Asking::at(now);
        } else if asking.waits && now.duration_since(asking.at) < SILENCE {
            asking.again = true;
            return;
        }
        let failures = asking.failures;
        *asking = Asking {
            failures,
            ..Asking::at(now)
        };
        effects.push(Effect::History(target));
    }
}

/// Takes in the history of somebody, where it is they who have the whole screen.
pub fn told(state: &mut State, target: &Target, told: &Told, effects: &mut Vec<Effect>) {
    let extent = state.detail.as_mut().map(|detail| &mut detail.extent);
    let Some(Extent::Whole { story, asking }) = extent else {
        return;
    };
    if story.target != *target {
        return;
    }
    story.take(told.clone());
    asking.waits = false;
    asking.failures = if told.is_err() { asking.failures + 1 } else { 0 };
    if std::mem::take(&mut asking.again) {
        ask_history(state, effects);
    }
}

/// Copies what stands under this number, from 1 on.
pub fn copy_link(state: &mut State, number: usize, effects: &mut Vec<Effect>) {
    let Some(row) = state.row_under_cursor() else {
        return;
    };
    let links = state.setup.places.links(&row.signup);
    let Some(link) = number.checked_sub(1).and_then(|at| links.get(at)) else {
        return;
    };
    match &link.text {
        Ok(text) => {
            let what = match link.kind {
                // Neither an address that fills the line nor what is masked.
                Kind::Address | Kind::Handle => format!("the {}", link.noun),
                Kind::Id => format!("the {}: {}", link.noun, words::show(text)),
            };
            let text = text.clone();
            effects.push(Effect::Copy { what, text });
        }
        Err(why) => toast(state, format!("Nothing was copied. {}: {why}.", link.noun)),
    }
}

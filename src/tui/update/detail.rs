//! The detail of one user: a pane, then the whole screen, and back; what it asks for; and what is copied there.

use jiff::{SignedDuration, Timestamp};

use super::super::keys::{Command, Scope};
use super::super::message::Effect;
use super::super::state::{Detail, Extent, State, Story};
use super::super::words;
use super::toast;
use crate::services::links::Kind;

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
            asked_at: state.now,
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

/// A command that is about the table wants it seen.
pub fn make_room_for(state: &mut State, command: Command) {
    let is_of_here = state
        .setup
        .keys
        .of(Scope::Detail)
        .any(|bound| bound.command == command);
    if state.whole_detail().is_some() && !is_of_here {
        step_back(state);
    }
}

/// The user under the cursor is observed with all means, and their history is read, once the cursor rests on them. The
/// history of whoever has the whole screen is read again from time to time: somebody else may work on them.
pub fn rest(state: &mut State, effects: &mut Vec<Effect>) {
    let Some(target) = state.row_under_cursor().map(|row| row.target()) else {
        return;
    };
    let Some(detail) = &mut state.detail else { return };
    if state.frozen {
        return;
    }
    if detail.asked != state.cursor {
        detail.asked.clone_from(&state.cursor);
        effects.push(Effect::Observe(target.clone()));
    }
    let every = SignedDuration::try_from(state.setup.refresh_every).unwrap_or(SignedDuration::MAX);
    if let Extent::Whole { story, asked_at } = &detail.extent
        && (story.target != target || state.now.duration_since(*asked_at) >= every)
    {
        ask_history(state, effects);
    }
}

/// Asks for the history of the user under the cursor, where it is shown. What was told of them stays until the answer.
pub fn ask_history(state: &mut State, effects: &mut Vec<Effect>) {
    let Some(target) = state.row_under_cursor().map(|row| row.target()) else {
        return;
    };
    let now: Timestamp = state.now;
    if let Some(detail) = &mut state.detail
        && let Extent::Whole { story, asked_at } = &mut detail.extent
    {
        if story.target != target {
            *story = Story::asked(target.clone());
        }
        *asked_at = now;
        effects.push(Effect::History(target));
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

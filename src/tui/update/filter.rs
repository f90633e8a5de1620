//! The filter being typed: what it says holds at once, as soon as it can be understood; until then what held before goes
//! on holding.

use tui_input::Input;

use super::super::filter::{Filter, Proposals};
use super::super::keys::Command;
use super::super::state::{Mode, RowId, State};
use super::order;

pub fn open(state: &mut State) {
    let mut text = state.filter.text.clone();
    if !text.is_empty() {
        text.push(' ');
    }
    let input = Input::new(text);
    state.mode = Mode::Filter {
        proposals: Proposals::of(&input, &state.known()),
        input,
        before: state.filter.clone(),
        error: None,
        home: state.cursor.clone(),
    };
}

/// Enter or Esc.
pub fn answer(state: &mut State, command: Command, input: Input, before: Filter, home: Option<RowId>) {
    if command != Command::AcceptFilter {
        return apply(state, before, home);
    }
    match Filter::parse(input.value(), &state.known()) {
        Ok(filter) => {
            arrange_as_saved(state, &filter);
            apply(state, filter, home);
        }
        Err(error) => {
            state.mode = Mode::Filter {
                input,
                before,
                error: Some(error),
                // What may follow would hide what is wrong.
                proposals: Proposals::default(),
                home,
            }
        }
    }
}

fn apply(state: &mut State, filter: Filter, home: Option<RowId>) {
    state.filter = filter;
    state.stale_order = true;
    if let Some(home) = home
        && state
            .rows
            .get(&home)
            .is_some_and(|row| order::is_shown(state, &home, row))
    {
        state.cursor = Some(home);
    }
}

/// The order and the columns of the saved view that the filter begins with.
fn arrange_as_saved(state: &mut State, filter: &Filter) {
    let first = filter.text.split_whitespace().next();
    let name = first.and_then(|word| word.strip_prefix('@'));
    let view = state
        .setup
        .views
        .iter()
        .find(|view| Some(view.name.as_str()) == name);
    if let Some(view) = view {
        state.sort = view.sort.unwrap_or(state.sort);
        if let Some(columns) = &view.columns {
            state.layout = columns.clone();
        }
    }
}

/// Puts the proposal that was clicked into the line: what may follow it is proposed next.
pub fn take(state: &mut State, n: usize) {
    let known = state.known();
    if let Mode::Filter { input, proposals, .. } = &mut state.mode {
        proposals.take(input, n, &known);
        look_while_typing(state);
    }
}

/// Puts the next proposal into the line, or the one before.
pub fn propose(state: &mut State, forward: bool) {
    let known = state.known();
    let Mode::Filter { input, proposals, .. } = &mut state.mode else {
        return;
    };
    proposals.take(input, proposals.next(forward), &known);
    let kept = proposals.clone();
    look_while_typing(state);
    // Those that Tab goes through stay until something is typed.
    if let (Mode::Filter { proposals, .. }, Some(_)) = (&mut state.mode, kept.chosen()) {
        *proposals = kept;
    }
}

/// What is typed holds at once. A word that may still become a whole one neither holds nor is complained of before Enter:
/// `pd` would let nobody through on the way to `pds:missing`.
pub fn look_while_typing(state: &mut State) {
    let known = state.known();
    let Mode::Filter {
        input,
        error,
        proposals,
        home,
        ..
    } = &mut state.mode
    else {
        return;
    };
    let text = input.value();
    *proposals = Proposals::of(input, &known);
    let parsed = Filter::parse(text, &known);
    let is_last = |at: &std::ops::Range<usize>| at.end == text.len();
    *error = parsed.as_ref().err().cloned();
    if let Some(wrong) = error
        && is_last(&wrong.at)
        && (!proposals.all().is_empty() || wrong.may_go_on(text))
    {
        *error = None;
    }
    if let Ok(filter) = parsed
        && !proposals.await_more()
    {
        let home = home.clone();
        apply(state, filter, home);
    }
}

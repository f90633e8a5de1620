//! The dialog of the columns: each key acts on the table at once, which shows through below it.

use super::super::keys::Command;
use super::super::layout::Layout;
use super::super::state::{Mode, State};
use super::toast;

pub fn open(state: &mut State) {
    state.mode = Mode::Columns { at: 0 };
}

pub fn carry_out(state: &mut State, command: Command) {
    let Mode::Columns { at } = &mut state.mode else {
        return;
    };
    let column = state.layout.all()[*at].0;
    match command {
        Command::ShowColumn => {
            let is_free = state.layout.toggle(*at);
            if !is_free {
                toast(state, format!("{} is always shown.", column.header()));
            }
        }
        Command::ShiftColumn(by) => *at = state.layout.shift(*at, by),
        Command::SortHere => {
            state.sort = state.sort.asked(column);
            state.stale_order = true;
        }
        Command::ResetColumns => state.layout = Layout::default(),
        _ => {}
    }
}

/// The column that was clicked.
pub fn go_to(state: &mut State, to: usize) {
    if let Mode::Columns { at } = &mut state.mode {
        *at = to;
    }
}

/// Another column, as far as there are any.
pub fn choose(state: &mut State, by: isize) {
    if let Mode::Columns { at } = &mut state.mode {
        let last = state.layout.all().len().saturating_sub(1);
        *at = at.saturating_add_signed(by).min(last);
    }
}

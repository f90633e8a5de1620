//! The mouse, where the operator gave it to the dashboard: what a click and the wheel mean is what some key means.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};

use super::super::keys::{Command, Scope};
use super::super::message::Effect;
use super::super::state::{Mode, State};
use super::super::view::{self, Under};
use super::{columns, commands, export, filter, order, palette};

/// How far one notch of the wheel goes.
const NOTCH: isize = 3;

pub fn event(state: &mut State, event: MouseEvent, effects: &mut Vec<Effect>) {
    // One that was under way when the mouse was given back.
    if !state.mouse {
        return;
    }
    let under = view::under(state, event.column, event.row);
    match event.kind {
        MouseEventKind::ScrollUp => wheel(state, &under, -NOTCH, effects),
        MouseEventKind::ScrollDown => wheel(state, &under, NOTCH, effects),
        MouseEventKind::Down(MouseButton::Left) => click(state, under, effects),
        _ => {}
    }
}

fn wheel(state: &mut State, under: &Under, by: isize, effects: &mut Vec<Effect>) {
    let command = match (&state.mode, under) {
        (Mode::Palette { .. } | Mode::Columns { .. } | Mode::Export { .. }, _) => {
            Command::Choose(by.signum())
        }
        (Mode::Table | Mode::Filter { .. }, Under::Detail) => Command::Scroll(by),
        (Mode::Table, _) if state.whole_detail().is_some() => Command::Scroll(by),
        (Mode::Table, _) => Command::Move(by),
        (Mode::Filter { .. }, _) => return,
        _ => Command::Scroll(by),
    };
    commands::carry_out(state, command, effects);
}

/// The first click on a row puts the cursor there, the second opens the detail; one at its left edge marks it. So it is
/// with columns too: the second one, or the first at the edge, shows or hides; and with the formats of an export, where a
/// click on the chosen one writes it.
fn click(state: &mut State, under: Under, effects: &mut Vec<Effect>) {
    match (under, &state.mode) {
        (Under::Entry(at), Mode::Palette { .. }) => {
            if let Mode::Palette { chosen, .. } = &mut state.mode {
                *chosen = at;
            }
            palette::run(state, effects);
        }
        (Under::Link(number), Mode::Table) => press(state, Command::CopyLink(number), effects),
        (Under::Entry(at), Mode::Export { .. }) => format(state, at, effects),
        (Under::Row { at, edge }, Mode::Table) => {
            let again = at == state.cursor_at;
            if !again {
                commands::end_passing_range(state);
                order::move_to(state, at);
            }
            if edge {
                commands::mark_here(state);
            } else if again {
                commands::carry_out(state, Command::Detail, effects);
            }
        }
        (Under::Row { at, edge }, Mode::Columns { at: before }) => {
            let again = at == *before;
            columns::go_to(state, at);
            if edge || again {
                commands::carry_out(state, Command::ShowColumn, effects);
            }
        }
        (Under::Proposal(n), Mode::Filter { .. }) => filter::take(state, n),
        (Under::Header(column), Mode::Table) => {
            state.sort = state.sort.asked(column);
            state.stale_order = true;
        }
        (Under::Button(answer), _) => press(state, answer, effects),
        // One entry stands for nine keys: a click says none of them.
        (Under::Key(binding), _) if matches!(binding.command, Command::CopyLink(_)) => {
            super::toast(state, "1 to 9 copy what stands beside them.".into());
        }
        (Under::Key(binding), _) => super::obey(state, binding, effects),
        (_, Mode::Welcome) => state.mode = Mode::Table,
        _ => {}
    }
}

fn format(state: &mut State, at: usize, effects: &mut Vec<Effect>) {
    let was_chosen = !export::go_to(state, at);
    if was_chosen {
        press(state, Command::Press, effects);
    }
}

/// Does what the key of a command is for here.
fn press(state: &mut State, command: Command, effects: &mut Vec<Effect>) {
    if let Some(bound) = state.setup.keys.binding(Scope::now(state), command) {
        super::obey(state, bound, effects);
    }
}

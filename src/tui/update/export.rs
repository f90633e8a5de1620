//! The dialog that asks for the format of an export, and what became of it.

use std::path::PathBuf;

use super::super::export::{Export, Format};
use super::super::keys::Command;
use super::super::message::Effect;
use super::super::state::{Mode, State};
use super::super::toast::Tone;
use super::super::words;
use super::telling::{tell, whole};
use crate::domain::Problem;

pub fn open(state: &mut State) {
    let (format, at) = (Format::Csv, state.now);
    state.mode = Mode::Export { format, at };
}

/// Another format, round and round.
pub fn choose(state: &mut State, by: isize) {
    if let Mode::Export { format, .. } = &mut state.mode {
        let here = Format::ALL.iter().position(|known| known == format).unwrap_or(0);
        let count = Format::ALL.len();
        let to = here as isize + by.signum() + count as isize;
        *format = Format::ALL[to as usize % count];
    }
}

/// The format at this place of the list; whether it is another one than before.
pub fn go_to(state: &mut State, at: usize) -> bool {
    match (&mut state.mode, Format::ALL.get(at)) {
        (Mode::Export { format, .. }, Some(wanted)) => std::mem::replace(format, *wanted) != *wanted,
        _ => false,
    }
}

pub fn answer(
    state: &mut State,
    command: Command,
    format: Format,
    at: jiff::Timestamp,
    effects: &mut Vec<Effect>,
) {
    if command == Command::Press {
        match Export::of(state, format, at) {
            Ok(export) => effects.push(Effect::Export(Box::new(export))),
            // New ones may have come while the dialog stood there.
            Err(why) => tell(state, Tone::Plain, format!("Nothing was exported: {why}")),
        }
    }
}

pub fn written(state: &mut State, rows: usize, told: Result<PathBuf, Problem>) {
    match told {
        Ok(path) => {
            let text = format!("Wrote {} to {}", words::count(rows, "row"), path.display());
            tell(state, Tone::Good, words::show(&text));
        }
        Err(problem) => tell(
            state,
            Tone::Bad,
            format!("Nothing was exported: {}", whole(&problem)),
        ),
    }
}

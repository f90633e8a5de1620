//! The dashboard: a live table of signups, and what can be done about them.
//!
//! ```text
//! terminal ─┐
//! audit ────┤ Message → update(&mut State) → Effects → carried out by whoever runs the dashboard
//! jobs ─────┤                    │
//! services ─┘                 draw(&State)
//! ```

mod accidents;
mod applies;
mod asked;
mod columns;
mod command;
mod estimate;
pub mod export;
mod filter;
mod hours;
mod hues;
mod job;
mod jobs;
mod keymap;
mod keyname;
mod keys;
#[cfg(test)]
mod keysheet;
mod label;
mod layout;
mod line;
mod log;
mod memory;
pub mod message;
mod mode;
mod palette;
mod passage;
mod repair;
mod row;
mod runs;
mod scope;
mod setup;
mod sheet;
mod shell;
mod state;
mod terminal;
#[cfg(test)]
mod tests;
mod theme;
mod toast;
mod update;
mod view;
mod words;

pub use keymap::Keys;
pub use line::Reach;
pub use memory::{Memory, View};
pub use passage::{Clipboard, Passage};
pub use repair::{BROKEN_OFF, Repair};
pub use setup::Setup;
pub use shell::{Leave, run};
pub use state::{State, Visit};
pub use theme::{ColourChoice, ColourDepth, wants_ascii};

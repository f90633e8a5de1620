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
mod columns;
mod command;
mod estimate;
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
mod layout;
mod memory;
pub mod message;
mod mode;
mod palette;
mod runs;
mod sheet;
mod shell;
mod state;
mod terminal;
#[cfg(test)]
mod tests;
mod theme;
mod update;
mod view;
mod words;

pub use keymap::Keys;
pub use memory::{Memory, View};
pub use shell::{Leave, run};
pub use state::{Setup, State};
pub use theme::{ColourChoice, ColourDepth, wants_ascii};

//! The dashboard: a live table of signups, and what can be done about them.
//!
//! ```text
//! terminal ─┐
//! audit ────┤ Message → update(&mut State) → Effects → carried out by whoever runs the dashboard
//! jobs ─────┤                    │
//! services ─┘                 draw(&State)
//! ```

mod applies;
mod columns;
mod estimate;
mod filter;
mod hours;
mod job;
mod jobs;
mod keys;
mod layout;
mod memory;
pub mod message;
mod mode;
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

pub use memory::{Memory, View};
pub use shell::{Leave, run};
pub use state::{Setup, State};
pub use theme::{ColourChoice, ColourDepth, Theme, wants_ascii};

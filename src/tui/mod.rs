//! The dashboard: a live table of signups, and what can be done about them.

pub mod message;

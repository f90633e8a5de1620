//! `atriage` finds broken signups of aesthetic.computer and mends them.
//!
//! ```text
//!        tui/        commands/           faces: read keys or flags, show values
//!           \          /
//!             intake/                    unattended work: the watch
//!                │
//!     audit/ ────┴──── provisioning/     work: gather facts │ carry out plans, the only room that writes
//!           \          /
//!            services/                   the outside: auth0 · pds · plc · store{mongo, embedded}
//!                │      (config.rs)
//!             domain/                    values only: no clock, no network, no terminal, no async
//!
//!  sandbox/  beside: a small HTTP world with an Auth0, a PDS and a PLC directory in it
//! ```
//!
//! An import goes down this picture, never up, never sideways; `tests/house.rs` checks it.

pub mod audit;
pub mod commands;
pub mod config;
pub mod domain;
pub mod intake;
pub mod provisioning;
pub mod sandbox;
pub mod services;
pub mod tui;

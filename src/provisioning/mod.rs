//! Carries plans out, step by step, and tells what happens. The only room that writes.

mod account;
mod invites;
mod password;
pub mod queue;
pub mod run;
mod steps;

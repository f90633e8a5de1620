//! Carries plans out, step by step, and tells what happens. The only room that writes.

mod account;
pub mod code_index;
mod doubt;
mod handles;
mod hold;
mod invites;
pub mod job;
mod leases;
mod live;
mod password;
pub mod queue;
pub mod rehearsal;
pub mod runs;
mod steps;
mod trail;
mod worker;

//! What the backends still let through, as the header and the line of a run say it.

use jiff::Timestamp;

use super::super::estimate::Room;
use super::super::state::State;
use super::super::words;
use crate::services::health::{Budget, ServiceHealth};

/// The budget of a service that is used up or nearly so: at most a tenth is left. The one that is free last.
pub fn short(health: &ServiceHealth) -> Option<&Budget> {
    let is_short = |budget: &&Budget| match (budget.limit, budget.remaining) {
        (Some(limit), Some(remaining)) => remaining.saturating_mul(10) <= limit,
        (None, Some(remaining)) => remaining == 0,
        _ => false,
    };
    health
        .budgets
        .iter()
        .filter(is_short)
        .max_by_key(|budget| budget.free_at)
}

/// `new accounts 0 of 100, free in 3 min`.
pub fn words(budget: &Budget, now: Timestamp) -> String {
    let name = match budget.name {
        "all" => "budget",
        "createAccount" => "new accounts",
        name => name,
    };
    let of = budget.limit.map_or(String::new(), |limit| format!(" of {limit}"));
    let left = budget
        .remaining
        .map_or(String::new(), |remaining| format!(" {remaining}{of}"));
    let free = budget
        .free_at
        .map_or(String::new(), |at| format!(", free {}", words::until(at, now)));
    format!("{name}{left}{free}")
}

/// The budget that accounts are made from, where the PDS announces one.
pub fn of_accounts(state: &State) -> Option<&Budget> {
    let pds = state.health.iter().find(|health| health.name == "pds")?;
    pds.budgets.iter().find(|budget| budget.name == "createAccount")
}

pub fn room(budget: &Budget, now: Timestamp) -> Option<Room> {
    let free_in = budget.free_at?.as_second().saturating_sub(now.as_second());
    Some(Room {
        limit: budget.limit?,
        remaining: budget.remaining?,
        free_in: u64::try_from(free_in).unwrap_or(0),
    })
}

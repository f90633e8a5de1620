//! Pages older than the newest: loaded when the cursor nears the end or somebody asks, and read again in turn, one after
//! each refresh, so that no row stands there for ever as it once was.

use jiff::Timestamp;

use super::super::layout::Sort;
use super::super::message::Effect;
use super::super::state::{Doing, Row, RowId, State};
use super::super::view;
use super::budget_is_free_at;

/// How many rows from the end are near it, at most.
const NEAR: usize = 8;

/// Asks for older signups once the cursor comes near the end of what is loaded. Only where the oldest are at the end, and
/// while reading by itself is wanted: a filter may let none of them through, and then the end stays near.
pub fn load_near_the_end(state: &mut State, effects: &mut Vec<Effect>) {
    let near = state.cursor_at + (view::table_rows(state) / 2).clamp(3, NEAR) >= state.shown.len();
    if !near || state.frozen || state.sort != Sort::default() || narrows(state) {
        return;
    }
    let is_read = |tenant: &&String| {
        let walk = &state.walks[*tenant];
        walk.ended_at.is_some() && walk.failure.is_none()
    };
    let tenants: Vec<String> = state.chosen().iter().filter(is_read).cloned().collect();
    load(state, &tenants, effects);
}

fn narrows(state: &State) -> bool {
    state.broken_only || !state.filter.is_empty()
}

/// Asks for signups older than the oldest row of each of these tenants; while one is being read, right afterwards:
/// whether that is so.
pub fn load(state: &mut State, tenants: &[String], effects: &mut Vec<Effect>) -> bool {
    let now = state.now;
    let mut waits = false;
    for tenant in tenants {
        let oldest = state
            .rows
            .iter()
            .filter(|(id, _)| id.tenant == *tenant)
            .filter_map(|(_, row)| row.signup.created_at())
            .min();
        let Some(walk) = state.walks.get_mut(tenant) else {
            continue;
        };
        if walk.exhausted {
            continue;
        }
        if walk.doing != Doing::Nothing {
            walk.wants_older |= !matches!(walk.doing, Doing::Older { .. });
            waits = true;
        } else if let Some(before) = oldest {
            walk.doing = Doing::Older { before };
            walk.heard_at = Some(now);
            effects.push(Effect::LoadOlder {
                tenant: tenant.clone(),
                before,
            });
        }
    }
    waits
}

/// Reads one older page again after a refresh. One request of each backend more, and none while the budget of Auth0 is
/// used up, or reading by itself is stopped.
pub fn read_again(state: &mut State, tenant: &str, effects: &mut Vec<Effect>) {
    if state.frozen || budget_is_free_at(state, tenant).is_some() {
        return;
    }
    let now = state.now;
    let before = longest_unread(state, tenant);
    if let (Some(before), Some(walk)) = (before, state.walks.get_mut(tenant)) {
        walk.doing = Doing::Again { before };
        walk.heard_at = Some(now);
        let tenant = tenant.to_string();
        effects.push(Effect::LoadOlder { tenant, before });
    }
}

/// How many are looked at after a refresh whom no page names: each costs a request of Auth0's budget.
const UNLISTED: usize = 4;

/// Whom Auth0's list does not have stands on no page: those whom the refresh did not find either are observed by id, a
/// few after each, whose reading is oldest first. Not where `read_again` would read nothing.
pub fn observe_unlisted(state: &State, tenant: &str, effects: &mut Vec<Effect>) {
    let Some(walk) = state.walks.get(tenant) else {
        return;
    };
    if state.frozen || budget_is_free_at(state, tenant).is_some() {
        return;
    }
    let its = state.rows.iter().filter(|(id, _)| id.tenant == tenant);
    let mut unlisted: Vec<(&RowId, &Row)> = its
        .filter(|(_, row)| row.walk != walk.number && row.signup.auth0.present().is_none())
        .collect();
    unlisted.sort_by_key(|(id, row)| (row.read_at, *id));
    let targets = unlisted.into_iter().map(|(_, row)| row.target());
    effects.extend(targets.take(UNLISTED).map(Effect::Observe));
}

/// Where the page begins that no walk named for longest: at the row above it, so that whoever lies between the two and
/// was never listed comes too. `None` where the newest walk named all. Whom Auth0 does not have, no page names.
fn longest_unread(state: &State, tenant: &str) -> Option<Timestamp> {
    let number = state.walks.get(tenant)?.number;
    let rows = || {
        let its = state.rows.iter().filter(|(id, _)| id.tenant == tenant);
        let listed = its.filter(|(_, row)| !row.signup.auth0.is_absent());
        listed.filter_map(|(_, row)| Some((row.walk, row.signup.created_at()?)))
    };
    let least = rows().map(|(walk, _)| walk).min().filter(|walk| *walk < number)?;
    let of_it = rows().filter(|(walk, _)| *walk == least);
    let newest = of_it.map(|(_, created)| created).max()?;
    let above = rows()
        .map(|(_, created)| created)
        .filter(|created| *created > newest);
    Some(above.min().unwrap_or(newest))
}

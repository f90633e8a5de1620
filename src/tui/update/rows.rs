//! What the audit tells becomes rows. Rows come at once and fill in; on later walks nothing flickers, nothing is lost
//! while a backend fails, and what is gone goes.

use std::collections::HashSet;

use jiff::Timestamp;

use crate::audit::{AuditNews, Stage};
use crate::domain::{Observed, Signup};

use super::super::message::Effect;
use super::super::state::{Doing, Row, RowId, State, Walk};
use super::older;
use super::shared_emails;

pub fn audit(state: &mut State, news: AuditNews, effects: &mut Vec<Effect>) {
    let tenant = match &news {
        AuditNews::Started { tenant }
        | AuditNews::Rows { tenant, .. }
        | AuditNews::Finished { tenant, .. }
        | AuditNews::Failed { tenant, .. } => tenant.clone(),
    };
    let now = state.now;
    let Some(walk) = state.walks.get_mut(&tenant) else {
        return;
    };
    walk.heard_at = Some(now);
    match news {
        AuditNews::Started { .. } => {
            let rows = state.rows.iter().filter(|(id, _)| id.tenant == tenant);
            walk.known_since = rows.filter_map(|(_, row)| row.signup.created_at()).min();
            walk.number += 1;
            walk.oldest = None;
            if walk.doing == Doing::Nothing {
                walk.doing = Doing::Refresh;
            }
        }
        AuditNews::Rows { stage, signups, .. } => {
            for signup in signups {
                take(state, &tenant, stage, signup);
            }
        }
        AuditNews::Finished {
            at,
            whole_tenant,
            evidence,
            orphans_unknown,
            ..
        } => {
            if let Some(evidence) = evidence {
                walk.evidence = *evidence;
                walk.orphans_unknown = orphans_unknown;
            }
            finished(state, &tenant, at, whole_tenant, effects);
        }
        AuditNews::Failed { problem, .. } => {
            // The newest were listed a moment ago: the page comes again in its turn.
            let again = matches!(walk.doing, Doing::Again { .. });
            let wants_older = std::mem::take(&mut walk.wants_older);
            if !again {
                walk.failures += 1;
                walk.failure = Some(problem);
            }
            end(walk, now);
            shared_emails::share(state, &tenant, &HashSet::new());
            settle_rows(state, &tenant);
            if again && wants_older {
                older::load(state, &[tenant], effects);
            }
        }
    }
    state.stale_order = true;
    state.by_news = true;
}

fn end(walk: &mut Walk, now: Timestamp) {
    walk.doing = Doing::Nothing;
    walk.ended_at = Some(now);
}

fn take(state: &mut State, tenant: &str, stage: Stage, signup: Signup) {
    let Some(walk) = state.walks.get_mut(tenant) else {
        return;
    };
    if let Some(created) = signup.created_at() {
        walk.oldest = Some(walk.oldest.map_or(created, |oldest| oldest.min(created)));
    }
    let (number, now) = (walk.number, state.now);
    let signup = shared_emails::kept(&state.rows, signup);
    let arrives = walk.fresh_at.is_some() && signup.created_at() > walk.known_since;
    match state.rows.entry(RowId::of(&signup)) {
        std::collections::hash_map::Entry::Vacant(place) => {
            if arrives {
                state.fresh.insert(place.key().clone());
            }
            place.insert(Row::new(signup, stage, number, now));
        }
        std::collections::hash_map::Entry::Occupied(mut place) => {
            let row = place.get_mut();
            row.walk = number;
            if row.observed_in == Some(number) {
                // What this walk read may be older than what was just observed.
                return;
            }
            // A row that was read once is never on its way again, so that what was unknown stays it until it is known.
            row.stage = row.stage.max(stage);
            if stage == Stage::Complete {
                row.read_at = now;
            }
            let merged = if stage == Stage::Complete {
                signup
            } else {
                merge(&row.signup, signup)
            };
            if merged != row.signup {
                row.take(merged);
            }
        }
    }
}

/// The new facts, and the old ones where the new are not in yet.
fn merge(old: &Signup, new: Signup) -> Signup {
    fn newer<T: Clone>(new: Observed<T>, old: &Observed<T>) -> Observed<T> {
        if new.is_unknown() { old.clone() } else { new }
    }
    let user = newer(new.user, &old.user);
    let did = |user: &Observed<crate::domain::signup::UserRecord>| {
        user.present()
            .and_then(|user| user.atproto.present())
            .and_then(|record| record.did.clone())
    };
    // What was known of one account says nothing of another.
    let same_account = did(&user) == did(&old.user);
    let nothing = Signup::default();
    let before = if same_account { old } else { &nothing };
    Signup {
        auth0: newer(new.auth0, &old.auth0),
        same_email: newer(new.same_email, &old.same_email),
        verification: newer(new.verification, &old.verification),
        user,
        name: newer(new.name, &old.name),
        deletion: newer(new.deletion, &old.deletion),
        intent: newer(new.intent, &old.intent),
        domain: new.domain.or_else(|| old.domain.clone()),
        account: newer(new.account, &before.account),
        found: newer(new.found, &before.found),
        plc: newer(new.plc, &before.plc),
        password_opens: newer(new.password_opens, &before.password_opens),
        tenant: new.tenant,
        sub: new.sub,
        key: new.key,
    }
}

fn finished(state: &mut State, tenant: &str, at: Timestamp, whole: bool, effects: &mut Vec<Effect>) {
    let now = state.now;
    let Some(walk) = state.walks.get_mut(tenant) else {
        return;
    };
    let (number, oldest, doing) = (walk.number, walk.oldest, walk.doing);
    walk.failures = 0;
    walk.failure = None;
    walk.exhausted |= whole;
    let before = match doing {
        Doing::Older { before } | Doing::Again { before } => Some(before),
        Doing::Nothing | Doing::Refresh => None,
    };
    if before.is_none() {
        walk.fresh_at = Some(at);
    }
    end(walk, now);
    let wants_older = std::mem::take(&mut walk.wants_older);

    // Only within what this walk looked at is silence an answer: rows older than its oldest stay, with whoever signed up
    // at the very moment of that one, and where older ones were read, the newer ones stay too.
    let orphans_unknown = walk.orphans_unknown.is_some();
    let looked_at = |row: &Row| {
        // Older signups are read without a look at what lost its Auth0 user.
        let looks_for_orphans = !orphans_unknown && before.is_none();
        if row.signup.auth0.is_absent() && !looks_for_orphans {
            return false;
        }
        let Some(created) = row.signup.created_at() else {
            return whole;
        };
        let below = before.is_none_or(|before| created < before);
        below && (whole || oldest.is_some_and(|oldest| created > oldest))
    };
    let mut gone = HashSet::new();
    state.rows.retain(|id, row| {
        let stays = id.tenant != tenant || row.walk == number || !looked_at(row);
        if !stays {
            gone.insert(row.signup.sub.clone());
        }
        stays
    });
    forget_the_gone(state);
    shared_emails::share(state, tenant, &gone);
    settle_rows(state, tenant);
    if wants_older {
        older::load(state, &[tenant.to_string()], effects);
    }
    if before.is_none() {
        older::observe_unlisted(state, tenant, effects);
    }
    if before.is_none() && !wants_older {
        older::read_again(state, tenant, effects);
    }
}

/// Marks never outlive their rows.
fn forget_the_gone(state: &mut State) {
    state.marks.retain(|id| state.rows.contains_key(id));
    state.fresh.retain(|id| state.rows.contains_key(id));
    if let Some(range) = &mut state.range {
        range.base.retain(|id| state.rows.contains_key(id));
    }
}

/// Nothing more is coming: what is unknown now is unknown.
fn settle_rows(state: &mut State, tenant: &str) {
    for (id, row) in &mut state.rows {
        if id.tenant == tenant {
            row.stage = Stage::Complete;
        }
    }
}

/// Whom neither Auth0 nor any collection has.
fn is_gone(signup: &Signup) -> bool {
    let has_no_record = signup.user.is_absent() && signup.verification.is_absent() && signup.name.is_absent();
    signup.auth0.is_absent() && has_no_record
}

/// One user observed by itself. Somebody who is no longer in the table does not come back this way.
pub fn observed(state: &mut State, signup: Signup) {
    let id = RowId::of(&signup);
    let Some(walk) = state.walks.get(&id.tenant) else {
        return;
    };
    let reading = (walk.doing != Doing::Nothing).then_some(walk.number);
    if is_gone(&signup) {
        if state.rows.remove(&id).is_some() {
            forget_the_gone(state);
            shared_emails::share(state, &id.tenant, &HashSet::from([signup.sub]));
            state.stale_order = true;
            state.by_news = true;
        }
        return;
    }
    if let Some(row) = state.rows.get_mut(&id) {
        row.stage = Stage::Complete;
        row.read_at = state.now;
        row.observed_in = reading;
        row.take(signup);
        state.stale_order = true;
        state.by_news = true;
    }
}

//! Who has the e-mail of somebody else in the table. A walk tells that only within one page, and the table knows all
//! pages: both rows say so.

use std::collections::{HashMap, HashSet};

use crate::domain::{Observed, Signup};

use super::super::state::{Row, RowId, State};

type Rows = HashMap<RowId, Row>;

/// What a page read, with whom the table knew to share the e-mail where the page names nobody: until its walk ends, those
/// are there.
pub fn kept(rows: &Rows, mut signup: Signup) -> Signup {
    if signup.same_email.is_unknown()
        && let Some(row) = rows.get(&RowId::of(&signup))
        && let Observed::Present(others) = &row.signup.same_email
        && row.signup.email() == signup.email()
    {
        let prefix = signup.key.strip_suffix(signup.sub.as_str()).unwrap_or_default();
        let there = others
            .iter()
            .filter(|sub| rows.contains_key(&RowId::new(&signup.tenant, &format!("{prefix}{sub}"))));
        let there: Vec<String> = there.cloned().collect();
        if !there.is_empty() {
            signup.same_email = Observed::Present(there);
        }
    }
    signup
}

/// Names in each row of a tenant the others that have its e-mail. `gone`: who left the table, since Auth0 has them no more.
pub fn share(state: &mut State, tenant: &str, gone: &HashSet<String>) {
    let mut bearers: HashMap<String, Vec<String>> = HashMap::new();
    let mut loaded = HashSet::new();
    for (_, row) in state.rows.iter().filter(|(id, _)| id.tenant == tenant) {
        let signup = &row.signup;
        loaded.insert(signup.sub.clone());
        if let Some(email) = signup.email() {
            let bearers = bearers.entry(email.to_lowercase()).or_default();
            bearers.push(signup.sub.clone());
        }
    }
    bearers.retain(|_, subs| subs.len() > 1);
    bearers.values_mut().for_each(|subs| subs.sort());
    for (_, row) in state.rows.iter_mut().filter(|(id, _)| id.tenant == tenant) {
        let before = row.signup.same_email.present();
        let bearers = row
            .signup
            .email()
            .and_then(|email| bearers.get(&email.to_lowercase()));
        let here = bearers
            .into_iter()
            .flatten()
            .filter(|sub| **sub != row.signup.sub);
        // Whom the look at this one user named, and the table does not have.
        let elsewhere = before
            .into_iter()
            .flatten()
            .filter(|sub| !loaded.contains(*sub) && !gone.contains(*sub));
        let now: Vec<String> = here.chain(elsewhere).cloned().collect();
        let now = match (now.is_empty(), before) {
            // That nobody has it was asked, or nothing is known.
            (true, None) => continue,
            (true, Some(before)) if before.is_empty() => continue,
            (true, Some(_)) => Observed::Unknown,
            (false, _) => Observed::Present(now),
        };
        if now != row.signup.same_email {
            let mut signup = row.signup.clone();
            signup.same_email = now;
            row.take(signup);
        }
    }
}

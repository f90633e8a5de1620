//! Records in Mongo whose Auth0 user is gone. A search of Auth0 lags, so that each is confirmed by id.

use std::collections::HashSet;

use futures_util::{StreamExt, stream};
use jiff::Timestamp;

use super::page::{Depth, fill};
use crate::domain::observed::Observed;
use crate::domain::signup::Signup;
use crate::services::Error;
use crate::services::observe::Backends;

/// How many records without a listed user are confirmed at most: each costs a request of Auth0's budget.
const MOST: usize = 20;

/// The orphans among the users recorded since a moment. `listed` are the subs that the list of Auth0 named.
pub async fn observe_orphans(
    backends: &Backends,
    tenant: &str,
    since: Timestamp,
    listed: &HashSet<String>,
    depth: Depth,
) -> Result<Vec<Signup>, Error> {
    let naming = backends.naming(tenant)?;
    let auth0 = backends.auth0(tenant)?;
    let ids = backends
        .store
        .users_since(since, listed.len() + 10 * MOST)
        .await?;
    let unlisted = ids.into_iter().filter_map(|id| {
        let sub = naming.sub(&id, &backends.namings)?.to_string();
        (!listed.contains(&sub)).then_some((id, sub))
    });
    let unlisted: Vec<(String, String)> = unlisted.take(MOST).collect();
    let confirmed: Vec<Option<Signup>> = stream::iter(unlisted)
        .map(|(id, sub)| async move {
            let gone = matches!(auth0.by_id(&sub).await, Ok(None));
            gone.then(|| Signup {
                auth0: Observed::Absent,
                ..Signup::named(tenant, &sub, &id)
            })
        })
        .buffered(4)
        .collect()
        .await;
    let mut orphans: Vec<Signup> = confirmed.into_iter().flatten().collect();
    if !orphans.is_empty() {
        fill(backends, &mut orphans, depth, |_, _| {}).await?;
    }
    Ok(orphans)
}

//! Records in Mongo whose Auth0 user is gone. A search of Auth0 lags, so that each is confirmed by id.

use std::collections::HashSet;

use futures_util::{StreamExt, stream};
use jiff::Timestamp;

use super::page::{Depth, fill};
use crate::domain::observed::Observed;
use crate::domain::signup::Signup;
use crate::services::Error;
use crate::services::observe::Backends;

/// The orphans among the users recorded since a moment. `listed` are the subs that the list of Auth0 named; at most
/// `most` others are confirmed, since each costs a request of Auth0's budget.
pub async fn observe_orphans(
    backends: &Backends,
    tenant: &str,
    since: Timestamp,
    listed: &HashSet<String>,
    depth: Depth,
    most: usize,
) -> Result<Vec<Signup>, Error> {
    let naming = backends.naming(tenant)?;
    let auth0 = backends.auth0(tenant)?;
    let ids = backends
        .store
        .users_since(since, listed.len().saturating_add(most.saturating_mul(10)))
        .await?;
    let unlisted = ids.into_iter().filter_map(|id| {
        let sub = naming.sub(&id, &backends.namings)?.to_string();
        (!listed.contains(&sub)).then_some((id, sub))
    });
    let unlisted: Vec<(String, String)> = unlisted.take(most).collect();
    let confirmed: Vec<Result<Option<Signup>, Error>> = stream::iter(unlisted)
        .map(|(id, sub)| async move {
            let gone = auth0.by_id(&sub).await?.is_none() && !is_anothers(backends, tenant, &id).await?;
            Ok(gone.then(|| Signup {
                auth0: Observed::Absent,
                ..Signup::named(tenant, &sub, &id)
            }))
        })
        .buffered(4)
        .collect()
        .await;
    let confirmed = confirmed.into_iter().collect::<Result<Vec<_>, Error>>()?;
    let mut orphans: Vec<Signup> = confirmed.into_iter().flatten().collect();
    if !orphans.is_empty() {
        fill(backends, &mut orphans, depth, |_, _| {}).await?;
    }
    Ok(orphans)
}

/// Whether an unprefixed record is an older one of a tenant that has a prefix by now.
async fn is_anothers(backends: &Backends, tenant: &str, id: &str) -> Result<bool, Error> {
    for naming in backends.namings.iter().filter(|naming| naming.tenant != tenant) {
        if let (Some(sub), Ok(auth0)) = (naming.legacy_key(id), backends.auth0(&naming.tenant))
            && auth0.by_id(sub).await?.is_some()
        {
            return Ok(true);
        }
    }
    Ok(false)
}

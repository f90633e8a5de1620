//! Records in Mongo whose Auth0 user is gone, in whichever of the three collections they lie. A search of Auth0 lags, so
//! that each is confirmed by id.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use futures_util::{StreamExt, stream};
use jiff::Timestamp;

use super::page::{Depth, fill};
use crate::domain::observed::Observed;
use crate::domain::signup::{Auth0User, Signup};
use crate::services::Error;
use crate::services::observe::Backends;

/// Ids of Mongo a query.
const PAGE: usize = 1000;
/// Users of Auth0 that are asked for at once, and how many orphans are looked at together.
const AT_ONCE: usize = 4;
const TOGETHER: usize = 100;

/// Whom the list of Auth0 named, in eight bytes each: a tenant's subs would be a hundred. That two subs share theirs is
/// less likely than a broken disk, and would hide an orphan until the next audit.
#[derive(Default)]
pub struct Listed {
    prints: HashSet<u64>,
    keys: RandomState,
}

impl Listed {
    pub fn add(&mut self, users: &[Auth0User]) {
        let prints = users.iter().map(|user| self.keys.hash_one(&user.sub));
        self.prints.extend(prints);
    }

    pub fn len(&self) -> usize {
        self.prints.len()
    }

    fn has(&self, sub: &str) -> bool {
        self.prints.contains(&self.keys.hash_one(sub))
    }
}

/// Tells the orphans among the users that Mongo recorded since a moment, a page at a time. `None`: all, also those without
/// a moment and those who lie in `verifications` or `@handles` alone. At most `most` users that the list did not name are confirmed, since each costs a request of Auth0's budget.
pub async fn observe_orphans(
    backends: &Backends,
    tenant: &str,
    since: Option<Timestamp>,
    listed: &Listed,
    depth: Depth,
    most: usize,
    mut tell: impl FnMut(Vec<Signup>),
) -> Result<(), Error> {
    let naming = backends.naming(tenant)?;
    let (mut after, mut left) = (String::new(), most);
    while left > 0 {
        let ids = backends.store.ids_after(&after, since, PAGE).await?;
        let Some(last) = ids.last() else { break };
        let at_end = ids.len() < PAGE;
        after.clone_from(last);
        let unlisted = ids.into_iter().filter_map(|id| {
            let sub = naming.sub(&id, &backends.namings)?.to_string();
            (!listed.has(&sub)).then_some((id, sub))
        });
        let unlisted: Vec<(String, String)> = unlisted.take(left).collect();
        left -= unlisted.len();
        for some in unlisted.chunks(TOGETHER) {
            let mut orphans = confirmed(backends, tenant, some).await?;
            if !orphans.is_empty() {
                fill(backends, &mut orphans, depth, |_, _| {}).await?;
                tell(orphans);
            }
        }
        if at_end {
            break;
        }
    }
    Ok(())
}

/// Those of these users whom Auth0 does not have.
async fn confirmed(
    backends: &Backends,
    tenant: &str,
    some: &[(String, String)],
) -> Result<Vec<Signup>, Error> {
    let auth0 = backends.auth0(tenant)?;
    let answers: Vec<Result<Option<Signup>, Error>> = stream::iter(some.iter().cloned())
        .map(|(id, sub)| async move {
            let gone = auth0.by_id(&sub).await?.is_none() && !is_anothers(backends, tenant, &id).await?;
            Ok(gone.then(|| Signup {
                auth0: Observed::Absent,
                ..Signup::named(tenant, &sub, &id)
            }))
        })
        .buffered(AT_ONCE)
        .collect()
        .await;
    let confirmed = answers.into_iter().collect::<Result<Vec<_>, Error>>()?;
    Ok(confirmed.into_iter().flatten().collect())
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

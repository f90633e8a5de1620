//! Records in Mongo whose Auth0 user is gone, in whichever of the three collections they lie. A search of Auth0 lags, so
//! that each is confirmed by id.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use futures_util::{StreamExt, stream};
use jiff::Timestamp;

use super::page::{Depth, fill};
use crate::domain::Class;
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
    let mut undecided = None;
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
            let (mut orphans, why) = confirmed(backends, tenant, some).await?;
            undecided = undecided.or(why);
            if !orphans.is_empty() {
                fill(backends, &mut orphans, depth, |_, _| {}).await?;
                tell(orphans);
            }
        }
        if at_end {
            break;
        }
    }
    undecided.map_or(Ok(()), |why| Err(not_decided(&why)))
}

/// Those of these users whom Auth0 does not have, and why of some it is not sure that nobody has them.
async fn confirmed(
    backends: &Backends,
    tenant: &str,
    some: &[(String, String)],
) -> Result<(Vec<Signup>, Option<String>), Error> {
    let auth0 = backends.auth0(tenant)?;
    let answers: Vec<Result<Observed<Signup>, Error>> = stream::iter(some.iter().cloned())
        .map(|(id, sub)| async move {
            if auth0.by_id(&sub).await?.is_some() {
                return Ok(Observed::Absent);
            }
            Ok(match backends.older_record_of(tenant, &id).await? {
                Observed::Absent => Observed::Present(Signup {
                    auth0: Observed::Absent,
                    ..Signup::named(tenant, &sub, &id)
                }),
                Observed::Unreadable(why) => Observed::Unreadable(why),
                Observed::Present(_) | Observed::Unknown => Observed::Absent,
            })
        })
        .buffered(AT_ONCE)
        .collect()
        .await;
    let (mut orphans, mut undecided) = (Vec::new(), None);
    for answer in answers {
        match answer? {
            Observed::Present(orphan) => orphans.push(orphan),
            Observed::Unreadable(why) => undecided = Some(why),
            Observed::Absent | Observed::Unknown => {}
        }
    }
    Ok((orphans, undecided))
}

/// Records that no tenant which can be asked has a user of: they may be those of one that cannot.
fn not_decided(why: &str) -> Error {
    Error::new(
        "auth0",
        Class::Auth,
        format!("Some records without a user may be older ones of another tenant: {why}."),
        "Set the client id and the secret of its M2M application.",
    )
}

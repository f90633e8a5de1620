//! Users who are named, as they stand now: in Auth0 by a search for many at once, the rest at the cost of a page.

use std::collections::HashMap;

use futures_util::{StreamExt, stream};

use super::page::{Depth, fill};
use crate::domain::Signup;
use crate::domain::observed::Observed;
use crate::domain::signup::Auth0User;
use crate::services::Error;
use crate::services::auth0::Auth0;
use crate::services::observe::Backends;

/// How many ids are looked up in Auth0 at once, and how many users are one page.
const AT_ONCE: usize = 4;
const PAGE: usize = 100;

/// Observes these users of a tenant, in their order. What does not answer stays unknown. `tell` is called with how many
/// are done.
///
/// # Errors
/// `Usage` where there is no such tenant, `Auth` where it is not configured, or the database is the wrong one.
pub async fn observe_named(
    backends: &Backends,
    tenant: &str,
    subs: &[String],
    mut tell: impl FnMut(usize),
) -> Result<Vec<Signup>, Error> {
    let naming = backends.naming(tenant)?;
    let auth0 = backends.auth0(tenant)?;
    let mut signups = Vec::with_capacity(subs.len());
    for subs in subs.chunks(PAGE) {
        let users = look_up(auth0, subs).await;
        let named = subs.iter().zip(users).map(|(sub, auth0)| Signup {
            auth0,
            ..Signup::named(tenant, sub, &naming.key(sub))
        });
        let mut page: Vec<Signup> = named.collect();
        fill(backends, &mut page, Depth::default(), |_, _| {}).await?;
        signups.extend(page);
        tell(signups.len());
    }
    Ok(signups)
}

/// What Auth0 knows of each. Whom the search does not name is asked about by id: it lags. Where it does not answer, they
/// stay unknown, for their ids would not be answered either.
async fn look_up(auth0: &Auth0, subs: &[String]) -> Vec<Observed<Auth0User>> {
    let Ok(found) = auth0.search_ids(subs).await else {
        return subs.iter().map(|_| Observed::Unknown).collect();
    };
    let found: HashMap<String, Auth0User> = found.into_iter().map(|user| (user.sub.clone(), user)).collect();
    let found = &found;
    let one = |sub: &String| {
        let sub = sub.clone();
        async move {
            match found.get(&sub) {
                Some(user) => Observed::Present(user.clone()),
                None => auth0.by_id(&sub).await.map(Observed::found).unwrap_or_default(),
            }
        }
    };
    stream::iter(subs).map(one).buffered(AT_ONCE).collect().await
}

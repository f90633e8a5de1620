//! Users who are named, as they stand now: each by id in Auth0, the rest at the cost of a page.

use futures_util::{StreamExt, stream};

use super::page::{Depth, fill};
use crate::domain::Signup;
use crate::domain::observed::Observed;
use crate::services::Error;
use crate::services::observe::Backends;

/// How many ids are looked up in Auth0 at once, and how many users are one page.
const AT_ONCE: usize = 4;
const PAGE: usize = 100;

/// Observes these users of a tenant, in their order. What does not answer stays unknown.
///
/// # Errors
/// `Usage` where there is no such tenant, `Auth` where it is not configured, or the database is the wrong one.
pub async fn observe_named(backends: &Backends, tenant: &str, subs: &[String]) -> Result<Vec<Signup>, Error> {
    let naming = backends.naming(tenant)?;
    let auth0 = backends.auth0(tenant)?;
    let mut signups: Vec<Signup> = stream::iter(subs)
        .map(|sub| async move {
            Signup {
                auth0: auth0.by_id(sub).await.map(Observed::found).unwrap_or_default(),
                ..Signup::named(tenant, sub, &naming.key(sub))
            }
        })
        .buffered(AT_ONCE)
        .collect()
        .await;
    for page in signups.chunks_mut(PAGE) {
        fill(backends, page, Depth::default(), |_, _| {}).await?;
    }
    Ok(signups)
}

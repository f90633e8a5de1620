//! Who is meant by a word: an Auth0 sub, an e-mail, `@handle`, a user code or a DID.

use crate::domain::code::is_well_formed;
use crate::domain::tenant::is_sub;
use crate::domain::{Class, text};
use crate::services::Error;
use crate::services::observe::Backends;
use crate::services::store::Lookup;

/// The tenant and the sub that a word names. `tenant` decides where the word alone does not; with `both`, whichever of
/// the configured tenants has such a user.
///
/// # Errors
/// `NotFound` where nobody has it, `Usage` where several have it or it has none of the forms.
pub async fn who(backends: &Backends, tenant: &str, word: &str) -> Result<(String, String), Error> {
    let tenants = match tenant {
        "both" => backends.configured(),
        one => vec![one.to_string()],
    };
    let lookup = if let Some(name) = word.strip_prefix('@') {
        Lookup::Name(name.to_string())
    } else if word.starts_with("did:") {
        Lookup::Did(word.to_string())
    } else if is_well_formed(word) {
        Lookup::Code(word.to_string())
    } else if is_sub(word) {
        return by_sub(backends, &tenants, word).await;
    } else if word.contains('@') {
        return by_email(backends, &tenants, word).await;
    } else {
        return Err(Error::new(
            "auth0",
            Class::Usage,
            format!("{:?} names nobody.", text::clean(word)),
            "A user is an Auth0 sub (auth0|…), an e-mail, @handle, a user code (ac25momez) or a DID (did:plc:…).",
        ));
    };
    let keys = backends.store.find(&lookup).await?;
    match keys.as_slice() {
        [key] if is_users(backends, key) => by_sub(backends, &tenants, key).await,
        [key] => Err(no_user(word, key)),
        [] => Err(nobody(word)),
        several => Err(ambiguous(word, several)),
    }
}

/// Whether a record is that of a user of Auth0: the guest's, say, is not.
fn is_users(backends: &Backends, key: &str) -> bool {
    let mut namings = backends.namings.iter();
    namings.any(|naming| naming.sub(key, &backends.namings).is_some())
}

/// The tenant whose prefix the key has. A bare sub is the given tenant's; of several, the one's that has such a user.
async fn by_sub(backends: &Backends, tenants: &[String], key: &str) -> Result<(String, String), Error> {
    let owners = backends.namings.iter().filter(|naming| !naming.prefix.is_empty());
    let mut prefixed = owners.filter_map(|naming| Some((naming, naming.sub(key, &backends.namings)?)));
    if let Some((naming, sub)) = prefixed.next() {
        return Ok((naming.tenant.clone(), sub.to_string()));
    }
    if let [tenant] = tenants {
        lives_elsewhere(backends, tenant, key).await?;
        return Ok((tenant.clone(), key.to_string()));
    }
    let mut found = Vec::new();
    for tenant in tenants {
        if backends.auth0(tenant)?.by_id(key).await?.is_some() {
            found.push((tenant.clone(), key.to_string()));
        }
    }
    the_one(key, found)
}

/// A bare key is at home in the tenant without a prefix; another one may have older records with such a key. Where its
/// Auth0 does not know the user, and another one does, the user is that one's, and not a record that somebody left behind.
///
/// # Errors
/// `Usage` where the user is another tenant's.
async fn lives_elsewhere(backends: &Backends, tenant: &str, key: &str) -> Result<(), Error> {
    let knows = async |tenant: &str| match backends.auth0(tenant) {
        Ok(auth0) => auth0.by_id(key).await.map(|found| found.is_some()),
        Err(error) => Err(error),
    };
    // Who does not answer is asked again by whoever looks at the user.
    if backends.naming(tenant)?.prefix.is_empty() || !matches!(knows(tenant).await, Ok(false)) {
        return Ok(());
    }
    for other in backends.configured().iter().filter(|other| *other != tenant) {
        if let Ok(true) = knows(other).await {
            return Err(Error::new(
                "auth0",
                Class::Usage,
                format!("{} is a user of {other}, not of {tenant}.", text::clean(key)),
                format!("Name the tenant with --tenant {other}."),
            ));
        }
    }
    Ok(())
}

async fn by_email(backends: &Backends, tenants: &[String], email: &str) -> Result<(String, String), Error> {
    let mut found = Vec::new();
    for tenant in tenants {
        let users = backends.auth0(tenant)?.by_email(email).await?;
        found.extend(users.into_iter().map(|user| (tenant.clone(), user.sub)));
    }
    the_one(email, found)
}

fn the_one(word: &str, mut found: Vec<(String, String)>) -> Result<(String, String), Error> {
    match (found.pop(), found.is_empty()) {
        (Some(one), true) => Ok(one),
        (None, _) => Err(nobody(word)),
        (Some(last), false) => {
            found.push(last);
            let all: Vec<String> = found
                .into_iter()
                .map(|(tenant, sub)| format!("{sub} in {tenant}"))
                .collect();
            Err(ambiguous(word, &all))
        }
    }
}

fn nobody(word: &str) -> Error {
    let word = text::clean(word);
    Error::new(
        "auth0",
        Class::NotFound,
        format!("Nobody is known as {word}."),
        "Check the spelling, and --tenant.",
    )
}

fn no_user(word: &str, key: &str) -> Error {
    let (word, key) = (text::clean(word), text::clean(key));
    Error::new(
        "auth0",
        Class::Usage,
        format!("{word} is that of {key}, which is no Auth0 user."),
        "Such a record is left alone, and is nobody's orphan.",
    )
}

fn ambiguous(word: &str, keys: &[String]) -> Error {
    Error::new(
        "auth0",
        Class::Usage,
        format!(
            "{} means several users: {}.",
            text::clean(word),
            text::clean(&keys.join(", "))
        ),
        "Name one of them by the sub, and the tenant with --tenant.",
    )
}

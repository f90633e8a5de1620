//! Who is meant by a word: an Auth0 sub, an e-mail, `@handle`, a user code or a DID.

use crate::domain::code::is_well_formed;
use crate::domain::tenant::is_sub;
use crate::domain::{Class, text};
use crate::services::Error;
use crate::services::observe::Backends;
use crate::services::store::Lookup;

/// The tenant and the sub that a word names. `tenant` decides where the word alone does not.
///
/// # Errors
/// `NotFound` where nobody has it, `Usage` where several have it or it has none of the forms.
pub async fn who(backends: &Backends, tenant: &str, word: &str) -> Result<(String, String), Error> {
    let lookup = if let Some(name) = word.strip_prefix('@') {
        Lookup::Name(name.to_string())
    } else if word.starts_with("did:") {
        Lookup::Did(word.to_string())
    } else if is_well_formed(word) {
        Lookup::Code(word.to_string())
    } else if is_sub(word) {
        return Ok(by_key(backends, tenant, word));
    } else if word.contains('@') {
        return by_email(backends, tenant, word).await;
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
        [key] => Ok(by_key(backends, tenant, key)),
        [] => Err(nobody(word)),
        several => Err(ambiguous(word, several)),
    }
}

/// The tenant whose prefix the key has; a bare sub is the given tenant's.
fn by_key(backends: &Backends, tenant: &str, key: &str) -> (String, String) {
    let owners = backends.namings.iter().filter(|naming| !naming.prefix.is_empty());
    let prefixed = owners.filter_map(|naming| Some((naming, naming.sub(key, &backends.namings)?)));
    match prefixed
        .map(|(naming, sub)| (naming.tenant.clone(), sub.to_string()))
        .next()
    {
        Some(found) => found,
        None => (tenant.to_string(), key.to_string()),
    }
}

async fn by_email(backends: &Backends, tenant: &str, email: &str) -> Result<(String, String), Error> {
    let users = backends.auth0(tenant)?.by_email(email).await?;
    match users.as_slice() {
        [user] => Ok((tenant.to_string(), user.sub.clone())),
        [] => Err(nobody(email)),
        several => Err(ambiguous(
            email,
            &several.iter().map(|user| user.sub.clone()).collect::<Vec<_>>(),
        )),
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

fn ambiguous(word: &str, keys: &[String]) -> Error {
    Error::new(
        "auth0",
        Class::Usage,
        format!(
            "{} means several users: {}.",
            text::clean(word),
            text::clean(&keys.join(", "))
        ),
        "Name one of them by the sub.",
    )
}

//! Accounts on the PDS that no record in Mongo names, and those that several name: a sweep of the whole PDS, page by page.

use std::collections::{BTreeMap, HashMap};

use crate::domain::handle::tagged_email;
use crate::domain::signup::{Account, Auth0User, Signup, Standing};
use crate::domain::stray::{Stray, Swept};
use crate::services::Error;
use crate::services::observe::Backends;

/// How many unnamed accounts are looked into together.
const TOGETHER: usize = 100;

/// A DID with the state of its repository.
type Repo = (String, Standing);

/// Tells each stray account, and returns how many accounts of other services there are, which are left alone.
///
/// # Errors
/// Where a backend does not answer: then the rest is unknown.
pub async fn sweep(backends: &Backends, mut tell: impl FnMut(Stray)) -> Result<usize, Error> {
    let (mut of_others, mut cursor) = (0, None);
    loop {
        let (repos, next) = backends.pds.repos_after(cursor.as_deref()).await?;
        let dids: Vec<String> = repos.iter().map(|(did, _)| did.clone()).collect();
        let mut holders: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (did, id) in backends.store.holders(&dids).await? {
            holders.entry(did).or_default().push(id);
        }
        let several = |did: &String| holders.get(did).filter(|ids| people(backends, ids) > 1);
        let shared: Vec<Repo> = repos
            .iter()
            .filter(|(did, _)| several(did).is_some())
            .cloned()
            .collect();
        for swept in accounts(backends, &shared).await? {
            let ids = several(&swept.account.did).cloned().unwrap_or_default();
            tell(swept.shared(&ids));
        }
        let unnamed: Vec<Repo> = repos
            .into_iter()
            .filter(|(did, _)| !holders.contains_key(did))
            .collect();
        for some in unnamed.chunks(TOGETHER) {
            for judged in judge(backends, some).await? {
                match judged {
                    Some(stray) => tell(stray),
                    None => of_others += 1,
                }
            }
        }
        match next {
            Some(next) => cursor = Some(next),
            None => return Ok(of_others),
        }
    }
}

/// How many people these records are of: a prefixed one and an older one of the same sub are one person's.
fn people(backends: &Backends, ids: &[String]) -> usize {
    let mut people: Vec<&str> = ids
        .iter()
        .map(|id| {
            let namings = backends.namings.iter();
            let mut subs = namings.filter_map(|naming| naming.sub(id, &backends.namings));
            subs.next().unwrap_or(id)
        })
        .collect();
    people.sort_unstable();
    people.dedup();
    people.len()
}

/// The accounts of these repositories. Whoever was deleted since the list was read is nobody's stray.
async fn accounts(backends: &Backends, repos: &[Repo]) -> Result<Vec<Swept>, Error> {
    if repos.is_empty() {
        return Ok(Vec::new());
    }
    let dids: Vec<String> = repos.iter().map(|(did, _)| did.clone()).collect();
    let mut accounts = backends.pds.accounts(&dids).await?;
    let swept = repos.iter().filter_map(|(did, standing)| {
        let swept = accounts.remove(did)?;
        let account = Account {
            standing: *standing,
            ..swept.account
        };
        Some(Swept { account, ..swept })
    });
    Ok(swept.collect())
}

/// What each of these accounts is; `None` for another service's.
async fn judge(backends: &Backends, some: &[Repo]) -> Result<Vec<Option<Stray>>, Error> {
    let swept = accounts(backends, some).await?;
    let known = Owners::searched(backends, &swept).await?;
    let mut judged = Vec::new();
    for swept in swept {
        judged.push(judge_one(backends, &known, swept).await?);
    }
    Ok(judged)
}

async fn judge_one(backends: &Backends, known: &Owners, swept: Swept) -> Result<Option<Stray>, Error> {
    let mut owner = owner_of(backends, known, &swept.account).await?;
    // A search may lag: before an account is called nobody's, each address is asked for exactly.
    if owner.is_none() && swept.clone().of_nobody().is_some() {
        let exactly = Owners::exactly(backends, &swept.account).await?;
        owner = owner_of(backends, &exactly, &swept.account).await?;
    }
    let stray = match &owner {
        Some(owner) => swept.of(owner),
        None => swept.of_nobody(),
    };
    let Some(stray) = stray else { return Ok(None) };
    // Somebody may have recorded it while we looked.
    let did = [stray.account.did.clone()];
    let named = !backends.store.holders(&did).await?.is_empty();
    Ok((!named).then_some(stray))
}

/// The user whose verified e-mail an account has: of several, the first who has no other account.
async fn owner_of(backends: &Backends, known: &Owners, account: &Account) -> Result<Option<Signup>, Error> {
    let mut owners = Vec::new();
    for (tenant, address) in addresses(backends, account) {
        for user in known.of(&tenant, &address) {
            owners.push(backends.listed(backends.naming(&tenant)?, user.clone()));
        }
    }
    let ids: Vec<String> = owners.iter().flat_map(|owner| backends.ids(owner)).collect();
    if ids.is_empty() {
        return Ok(None);
    }
    let records = backends.store.records(&ids).await;
    for owner in &mut owners {
        backends.read_records(owner, &records);
    }
    let unread = owners
        .iter()
        .any(|owner| owner.user.is_unknown() || owner.deletion.is_unknown());
    if unread {
        let errors = [records.users.err(), records.marks.err()];
        return errors.into_iter().flatten().next().map_or(Ok(None), Err);
    }
    let free = owners.iter().position(|owner| owner.did().is_none());
    Ok(Some(owners.swap_remove(free.unwrap_or(0))))
}

/// The addresses of users who may have this account, each with the tenant: in one with a prefix an account may go under
/// a tagged address.
fn addresses(backends: &Backends, account: &Account) -> Vec<(String, String)> {
    let Some(email) = account.email.as_deref().map(str::to_lowercase) else {
        return Vec::new();
    };
    let configured = backends.configured();
    let mut addresses = Vec::new();
    for tenant in &configured {
        if let Some(plain) = untagged(&email, tenant)
            && backends
                .naming(tenant)
                .is_ok_and(|naming| !naming.prefix.is_empty())
        {
            addresses.push((tenant.clone(), plain));
        }
    }
    addresses.extend(configured.into_iter().map(|tenant| (tenant, email.clone())));
    addresses
}

/// `local@domain` for `local+tag@domain`.
fn untagged(email: &str, tag: &str) -> Option<String> {
    let (local, domain) = email.rsplit_once('@')?;
    let plain = format!("{}@{domain}", local.strip_suffix(tag)?.strip_suffix('+')?);
    (tagged_email(&plain, tag).as_deref() == Some(email)).then_some(plain)
}

/// Verified users by tenant and e-mail.
#[derive(Default)]
struct Owners(HashMap<(String, String), Vec<Auth0User>>);

impl Owners {
    /// Those whom the search of Auth0 names, for many accounts in few requests.
    async fn searched(backends: &Backends, swept: &[Swept]) -> Result<Self, Error> {
        let mut wanted: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (tenant, address) in swept.iter().flat_map(|swept| addresses(backends, &swept.account)) {
            let emails = wanted.entry(tenant).or_default();
            if !emails.contains(&address) {
                emails.push(address);
            }
        }
        let mut owners = Self::default();
        for (tenant, emails) in wanted {
            let users = backends.auth0(&tenant)?.search_emails(&emails).await?;
            owners.add(&tenant, users);
        }
        Ok(owners)
    }

    /// Those whom Auth0 names when it is asked for each address.
    async fn exactly(backends: &Backends, account: &Account) -> Result<Self, Error> {
        let mut owners = Self::default();
        for (tenant, address) in addresses(backends, account) {
            let users = backends.auth0(&tenant)?.by_exact_email(&address).await?;
            owners.add(&tenant, users);
        }
        Ok(owners)
    }

    /// An address that nobody proved to be theirs makes no account theirs.
    fn add(&mut self, tenant: &str, users: Vec<Auth0User>) {
        for user in users.into_iter().filter(|user| user.email_verified) {
            let Some(email) = user.email.as_deref().map(str::to_lowercase) else {
                continue;
            };
            let known = self.0.entry((tenant.to_string(), email)).or_default();
            known.push(user);
        }
    }

    fn of(&self, tenant: &str, email: &str) -> &[Auth0User] {
        let key = (tenant.to_string(), email.to_string());
        self.0.get(&key).map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_taken_off_only_where_it_stands() {
        assert_eq!(
            untagged("mira+sotce@example.com", "sotce").as_deref(),
            Some("mira@example.com")
        );
        for other in [
            "mira@example.com",
            "sotce@example.com",
            "+sotce@example.com",
            "mira+other@example.com",
        ] {
            assert_eq!(untagged(other, "sotce"), None, "{other}");
        }
    }
}

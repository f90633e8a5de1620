//! Whose each old intent of an account is, and what became of the account. Only looks.

use jiff::Timestamp;

use super::{refused, within};
use crate::config::Reading;
use crate::domain::setting::intents::{Account, Intent, NAMED, OLD, Owner, judge};
use crate::domain::setting::{Line, Mongo, Setting};
use crate::domain::signup::Signup;
use crate::services::Error;
use crate::services::observe::Backends;
use crate::services::store::upkeep::REHEARSAL;
use crate::services::store::{NewIntent, Store};

/// How many are counted.
const MOST: usize = 1000;

pub(super) async fn check(reading: &Reading, store: &dyn Store) -> Line {
    let now = Timestamp::now();
    let mut old = match store.old_intents(now - OLD, MOST).await {
        Ok(old) => old,
        Err(error) => return refused(Setting::Mongo(Mongo::Intents), &error),
    };
    // What a killed rehearsal left, `diagnose` tells and removes.
    old.retain(|(key, _)| !key.starts_with(REHEARSAL));
    if old.is_empty() {
        return judge(&[], 0, now);
    }
    // Where a client cannot even be made, its own line says why.
    let backends = Backends::open(&reading.config).await.ok();
    let more = old.len().saturating_sub(NAMED);
    let mut some = Vec::new();
    for (key, at) in old.into_iter().take(NAMED) {
        let (owner, account) = match &backends {
            Some(backends) => look(reading, backends, &key).await,
            None => (Owner::Unknown, Account::Unknown),
        };
        some.push(Intent {
            key,
            at,
            owner,
            account,
        });
    }
    judge(&some, more, now)
}

/// What is not told in time is not known.
async fn look(reading: &Reading, backends: &Backends, key: &str) -> (Owner, Account) {
    let namings = &backends.namings;
    let of = namings
        .iter()
        .find_map(|naming| Some((&naming.tenant, naming.sub(key, namings)?)));
    let Some((tenant, sub)) = of else {
        return (Owner::Unknown, Account::Unknown);
    };
    let limit = reading.config.timeout;
    let Ok((signup, _)) = within(limit, "auth0", backends.observe(tenant, sub)).await else {
        return (Owner::Unknown, Account::Unknown);
    };
    let account = async {
        match backends.store.intent(key).await? {
            Some(intent) => account(backends, &signup, &intent).await,
            // It was used or dropped just now.
            None => Ok(Account::Unknown),
        }
    };
    let account = within(limit, "pds", account).await;
    (owner(&signup), account.unwrap_or(Account::Unknown))
}

fn owner(signup: &Signup) -> Owner {
    match signup.auth0.present() {
        _ if signup.deletion.present().is_some() => Owner::Leaving,
        Some(user) if user.blocked => Owner::Blocked,
        Some(_) if signup.deletion.is_absent() => Owner::Living,
        None if signup.auth0.is_absent() => Owner::Gone,
        _ => Owner::Unknown,
    }
}

/// An account that was made with the invite is it, whatever its record says; else any that has the address and that no
/// record names may be.
async fn account(backends: &Backends, signup: &Signup, intent: &NewIntent) -> Result<Account, Error> {
    if signup.user.is_unknown() {
        return Ok(Account::Unknown);
    }
    let used_by = match &intent.invite {
        Some(invite) => backends.pds.invite_used_by(invite).await?,
        None => None,
    };
    if let Some(did) = used_by.filter(|did| signup.did() != Some(did)) {
        let dids = [did];
        let is_there = !backends.pds.accounts(&dids).await?.is_empty();
        if is_there && backends.store.holders(&dids).await?.is_empty() {
            return Ok(Account::Unrecorded);
        }
    }
    if signup.did().is_some() {
        return Ok(Account::Recorded);
    }
    for account in backends.pds.by_email(&intent.email, false).await? {
        if backends.store.holders(&[account.did]).await?.is_empty() {
            return Ok(Account::Unrecorded);
        }
    }
    Ok(Account::Unmade)
}

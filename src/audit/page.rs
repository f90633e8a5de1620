//! A page of signups at the lowest cost: one query a collection, the PDS in batches, no login. What is dearer (the state
//! of each repository, the sweep by e-mail) is left to the look at a single user.

use std::collections::{HashMap, HashSet};

use futures_util::{StreamExt, stream};

use super::Stage;
use crate::domain::handle;
use crate::domain::observed::Observed;
use crate::domain::signup::{Account, Auth0User, Signup};
use crate::services::Error;
use crate::services::observe::Backends;
use crate::services::store::wrong_database;

/// How many look-ups of one kind are under way at once.
const AT_ONCE: usize = 8;
/// Logins take a third of a second of the PDS each.
const LOGINS_AT_ONCE: usize = 4;

/// What to ask beyond the records and the accounts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Depth {
    /// Ask the PLC directory about each DID.
    pub plc: bool,
    /// Try each recorded password.
    pub passwords: bool,
}

/// Observes the users of one page. `tell` is called after each stage with all the rows.
///
/// # Errors
/// `Auth` where the database has none of the collections: then it is the wrong one, and nothing is missing in truth.
pub async fn observe_page(
    backends: &Backends,
    tenant: &str,
    users: Vec<Auth0User>,
    depth: Depth,
    mut tell: impl FnMut(Stage, &[Signup]),
) -> Result<Vec<Signup>, Error> {
    let naming = backends.naming(tenant)?.clone();
    let mut signups: Vec<Signup> = users
        .into_iter()
        .map(|user| backends.listed(&naming, user))
        .collect();
    mark_shared_emails(&mut signups);
    tell(Stage::Listed, &signups);
    fill(backends, &mut signups, depth, tell).await?;
    Ok(signups)
}

/// Fills in what the other backends know of these signups.
pub(super) async fn fill(
    backends: &Backends,
    signups: &mut [Signup],
    depth: Depth,
    mut tell: impl FnMut(Stage, &[Signup]),
) -> Result<(), Error> {
    records(backends, signups).await?;
    tell(Stage::Mongo, signups);
    accounts(backends, signups).await;
    tell(Stage::Pds, signups);
    if depth.plc {
        plc(backends, signups).await;
    }
    if depth.passwords {
        passwords(backends, signups).await;
    }
    tell(Stage::Complete, signups);
    Ok(())
}

/// Two users of one page with one e-mail need no further question. Of a user who is alone on the page nothing is known.
fn mark_shared_emails(signups: &mut [Signup]) {
    let mut by_email: HashMap<String, Vec<String>> = HashMap::new();
    for signup in signups.iter() {
        if let Some(email) = signup.email() {
            by_email
                .entry(email.to_lowercase())
                .or_default()
                .push(signup.sub.clone());
        }
    }
    for signup in signups {
        let subs = signup
            .email()
            .and_then(|email| by_email.get(&email.to_lowercase()));
        if let Some(subs) = subs.filter(|subs| subs.len() > 1) {
            signup.same_email =
                Observed::Present(subs.iter().filter(|sub| **sub != signup.sub).cloned().collect());
        }
    }
}

async fn records(backends: &Backends, signups: &mut [Signup]) -> Result<(), Error> {
    let ids: Vec<String> = signups.iter().flat_map(|signup| backends.ids(signup)).collect();
    let records = backends.store.records(&ids).await;
    let empty = records.users.as_ref().is_ok_and(HashMap::is_empty)
        && records.verifications.as_ref().is_ok_and(HashMap::is_empty)
        && records.names.as_ref().is_ok_and(HashMap::is_empty);
    if empty && !ids.is_empty() && !backends.store.has_collections().await? {
        return Err(wrong_database());
    }
    for signup in signups {
        backends.read_records(signup, &records);
    }
    Ok(())
}

async fn accounts(backends: &Backends, signups: &mut [Signup]) {
    let Ok(about) = backends.pds.about().await else {
        return;
    };
    for signup in signups.iter_mut() {
        signup.domain = Some(about.domain.clone());
    }
    let candidates = candidates(backends, signups).await;
    let recorded = signups.iter().filter_map(|signup| signup.did().map(String::from));
    let looked_up = candidates.values().flatten();
    let looked_up = looked_up.filter_map(|candidate| candidate.did.present().cloned());
    let wanted: HashSet<String> = recorded.chain(looked_up).collect();
    let wanted: Vec<String> = wanted.into_iter().collect();
    let answer = backends.pds.accounts_with_standing(&wanted).await;
    let taken: HashSet<String> = signups
        .iter()
        .filter_map(|signup| signup.did().map(String::from))
        .collect();
    for (at, signup) in signups.iter_mut().enumerate() {
        if let Some(did) = signup.did().map(String::from) {
            signup.account = match &answer {
                Ok(accounts) => Observed::found(accounts.get(&did).cloned()),
                Err(_) => Observed::Unknown,
            };
        } else if let Some(candidates) = candidates.get(&at) {
            signup.found = match &answer {
                Ok(accounts) => first_of_theirs(candidates, accounts, |account| {
                    !taken.contains(&account.did) && backends.has_their_address(signup, account)
                }),
                Err(_) => Observed::Unknown,
            };
        }
    }
}

/// What is behind a handle under which the account of a user may be.
struct Candidate {
    /// The handle is recorded, without a DID.
    recorded: bool,
    did: Observed<String>,
}

/// The first account that is theirs. The recorded handle comes first, and what it leads to decides.
fn first_of_theirs(
    candidates: &[Candidate],
    accounts: &HashMap<String, Account>,
    is_theirs: impl Fn(&Account) -> bool,
) -> Observed<Account> {
    let mut found = Observed::Absent;
    for candidate in candidates {
        let account = match &candidate.did {
            Observed::Present(did) => accounts.get(did),
            Observed::Absent => None,
            Observed::Unknown | Observed::Unreadable(_) if candidate.recorded => return Observed::Unknown,
            Observed::Unknown | Observed::Unreadable(_) => {
                found = Observed::Unknown;
                None
            }
        };
        match account {
            Some(account) if is_theirs(account) => return Observed::Present(account.clone()),
            // A login would tell; a list makes none.
            Some(_) if candidate.recorded => {
                return Observed::Unreadable(
                    "the recorded handle leads to an account with another e-mail or another record, and no password was tried"
                        .into(),
                );
            }
            _ => {}
        }
    }
    found
}

/// For each verified user without a recorded account: the DIDs behind the handles that their account may have. A look-up
/// for each handle: mostly the code is the only one.
async fn candidates(backends: &Backends, signups: &[Signup]) -> HashMap<usize, Vec<Candidate>> {
    let open = signups.iter().enumerate().filter(|(_, signup)| {
        let readable = signup.user.is_absent()
            || signup
                .user
                .present()
                .is_some_and(|user| user.atproto.unreadable().is_none());
        let is_expected = signup.verified() == Some(true) || signup.handle_without_did().is_some();
        is_expected && signup.did().is_none() && readable
    });
    // Without a name, a code and an intent, the pipeline cannot have made an account.
    let mut found: HashMap<usize, Vec<Candidate>> = HashMap::new();
    let mut lookups: Vec<(usize, bool, String)> = Vec::new();
    for (at, signup) in open {
        found.insert(at, Vec::new());
        let recorded = signup.handle_without_did().map(String::from);
        let intended = signup.intent.present().map(|intent| intent.handle.clone());
        // The code stands in for a name that the PDS refuses.
        let others = [intended, signup.wanted_handle(), signup.code_handle()];
        let recorded = recorded.into_iter().map(|handle| (true, handle));
        let others = others.into_iter().flatten().map(|handle| (false, handle));
        for (recorded, handle) in recorded.chain(others) {
            let mut known = lookups.iter();
            if !known.any(|(of, _, known)| *of == at && handle::same(known, &handle)) {
                lookups.push((at, recorded, handle));
            }
        }
    }
    let mut answers = stream::iter(lookups)
        .map(|(at, recorded, handle)| async move {
            let did = backends.pds.resolve(&handle).await;
            let did = did.map(Observed::found).unwrap_or_default();
            (at, Candidate { recorded, did })
        })
        .buffered(AT_ONCE);
    while let Some((at, candidate)) = answers.next().await {
        found.entry(at).or_default().push(candidate);
    }
    found
}

async fn plc(backends: &Backends, signups: &mut [Signup]) {
    let Ok(about) = backends.pds.about().await else {
        return;
    };
    let hosts = &about.hosts;
    let answers: Vec<(usize, Observed<_>)> = stream::iter(dids(signups))
        .map(|(at, did)| async move {
            (
                at,
                backends
                    .plc
                    .data(&did, hosts)
                    .await
                    .map(Observed::found)
                    .unwrap_or_default(),
            )
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    for (at, answer) in answers {
        signups[at].plc = answer;
    }
}

async fn passwords(backends: &Backends, signups: &mut [Signup]) {
    stream::iter(signups.iter_mut())
        .for_each_concurrent(LOGINS_AT_ONCE, async |signup| {
            // What kept us from it stands in the signup.
            backends.password(signup).await.ok();
        })
        .await;
}

fn dids(signups: &[Signup]) -> Vec<(usize, String)> {
    let any = |signup: &Signup| {
        let found = signup.found.present().map(|account| account.did.clone());
        signup.did().map(String::from).or(found)
    };
    signups
        .iter()
        .enumerate()
        .filter_map(|(at, signup)| Some((at, any(signup)?)))
        .collect()
}

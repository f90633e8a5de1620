//! The accounts of a PDS: by DID, by handle, by e-mail, and whether their repositories are there.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use proto_blue_syntax::{Did, Handle};
use serde_json::Value;

use super::{Pds, unreadable, xrpc};
use crate::domain::signup::{Account, Standing};
use crate::domain::stray::Swept;
use crate::services::Error;
use crate::services::http::call::Call;

/// DIDs a call: their names go into the request's header, which proxies cut at 8 KiB.
const BATCH: usize = 100;
const REPOS_A_PAGE: usize = 1000;
/// How long the index of all e-mails serves, where a newer one is not asked for.
const INDEX_LIFE: Duration = Duration::from_secs(60);

impl Pds {
    /// The accounts of these DIDs, without their repositories' state. What is missing in the answer, the PDS does not
    /// know. A text that is no DID is nobody's: one of them would fail the whole batch.
    pub async fn accounts(&self, dids: &[String]) -> Result<HashMap<String, Swept>, Error> {
        let mut found = HashMap::new();
        let valid: Vec<&String> = dids.iter().filter(|did| Did::new(did.as_str()).is_ok()).collect();
        for batch in valid.chunks(BATCH) {
            let mut call = self.admin(Call::get(xrpc("com.atproto.admin.getAccountInfos")));
            call.query = batch.iter().map(|did| ("dids", (*did).clone())).collect();
            let answer = self.http.send(call).await?;
            for info in answer["infos"].as_array().ok_or_else(|| unreadable("infos"))? {
                let account = read_account(info)?;
                let swept = Swept {
                    made_at: info["indexedAt"].as_str().and_then(|text| text.parse().ok()),
                    meant_for: info["invitedBy"]["forAccount"].as_str().map(String::from),
                    account,
                };
                found.insert(swept.account.did.clone(), swept);
            }
        }
        Ok(found)
    }

    /// The accounts of these DIDs with their repositories' state, in as few calls as can be: one look at the list of
    /// repositories, from the oldest of these accounts on. A ghost, whose repository is listed but gone, looks active
    /// here; `standing` tells.
    pub async fn accounts_with_standing(&self, dids: &[String]) -> Result<HashMap<String, Account>, Error> {
        let found = self.accounts(dids).await?;
        let Some(oldest) = found.values().map(|swept| swept.made_at).min() else {
            return Ok(HashMap::new());
        };
        let listed = self
            .repos(oldest, |did| found.contains_key(did), found.len())
            .await?;
        Ok(found
            .into_iter()
            .map(|(did, Swept { account, .. })| {
                let standing = match account.standing {
                    Standing::Deactivated => Standing::Deactivated,
                    _ => listed.get(&did).copied().unwrap_or(Standing::Broken),
                };
                (did, Account { standing, ..account })
            })
            .collect())
    }

    /// The state of one repository, exactly. `Broken` where the account has none.
    pub async fn standing(&self, did: &str) -> Result<Standing, Error> {
        match self
            .http
            .send(Call::get(xrpc("com.atproto.sync.getRepoStatus")).query("did", did))
            .await
        {
            Ok(answer) => Ok(read_standing(&answer)),
            Err(error) if error.says("RepoNotFound") || error.says("NotFound") => Ok(Standing::Broken),
            Err(error) => Err(error),
        }
    }

    /// The DID of the active account with this handle. Inactive accounts do not resolve, though they hold their handle.
    pub async fn resolve(&self, handle: &str) -> Result<Option<String>, Error> {
        // A PDS answers with a fault to what can be nobody's handle, and would look broken for one odd name.
        if Handle::new(handle).is_err() {
            return Ok(None);
        }
        let call = Call::get(xrpc("com.atproto.identity.resolveHandle")).query("handle", handle);
        match self.http.send(call).await {
            Ok(answer) => Ok(answer["did"].as_str().map(String::from)),
            // "Unable to resolve handle" and its later spellings; a bare 404 comes from no PDS.
            Err(error) if error.reply.as_ref().is_some_and(|reply| reply.status == 400) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Every account with this e-mail, whatever its state: the PDS cannot be asked for it, so that all accounts are
    /// swept. The sweep serves for a minute unless `anew`.
    pub async fn by_email(&self, email: &str, anew: bool) -> Result<Vec<Account>, Error> {
        let all = self.everybody(anew).await?;
        let same = |account: &&Account| {
            account
                .email
                .as_deref()
                .is_some_and(|theirs| theirs.eq_ignore_ascii_case(email))
        };
        Ok(all.iter().filter(same).cloned().collect())
    }

    /// The account with this handle, whatever its state: inactive ones do not resolve. From the same sweep.
    pub async fn by_handle(&self, handle: &str, anew: bool) -> Result<Option<Account>, Error> {
        let all = self.everybody(anew).await?;
        let mut same = all
            .iter()
            .filter(|account| account.handle.eq_ignore_ascii_case(handle));
        Ok(same.next().cloned())
    }

    /// Whether an account that is taken down or deactivated has this handle. It does not resolve, and the PDS answers
    /// whoever asks for it with a fault, after it has told the PLC directory.
    /// The sweep serves for a minute unless `anew`.
    pub async fn handle_held_by_inactive(&self, handle: &str, anew: bool) -> Result<bool, Error> {
        let all = self.everybody(anew).await?;
        let inactive =
            |account: &Account| matches!(account.standing, Standing::TakenDown | Standing::Deactivated);
        Ok(all
            .iter()
            .any(|account| inactive(account) && account.handle.eq_ignore_ascii_case(handle)))
    }

    /// Whether an account that is taken down or deactivated has this e-mail: then too a creation ends in a fault.
    pub async fn email_held_by_inactive(&self, email: &str) -> Result<bool, Error> {
        let all = self.everybody(false).await?;
        let inactive =
            |account: &Account| matches!(account.standing, Standing::TakenDown | Standing::Deactivated);
        let same = |account: &Account| {
            account
                .email
                .as_deref()
                .is_some_and(|theirs| theirs.eq_ignore_ascii_case(email))
        };
        Ok(all.iter().any(|account| inactive(account) && same(account)))
    }

    async fn everybody(&self, anew: bool) -> Result<Arc<Vec<Account>>, Error> {
        let mut cached = self.emails.lock().await;
        if let Some((at, all)) = cached.as_ref()
            && !anew
            && at.elapsed() < INDEX_LIFE
        {
            return Ok(all.clone());
        }
        let listed = self.repos(None, |_| true, usize::MAX).await?;
        let dids: Vec<String> = listed.keys().cloned().collect();
        let accounts = self
            .accounts(&dids)
            .await?
            .into_values()
            .map(|Swept { account, .. }| {
                let standing = listed.get(&account.did).copied().unwrap_or(Standing::Broken);
                Account { standing, ..account }
            });
        let all = Arc::new(accounts.collect::<Vec<_>>());
        *cached = Some((Instant::now(), all.clone()));
        Ok(all)
    }

    /// The repositories that `wanted` names, with their state, from accounts made at `from` on; ends when `enough`
    /// were seen.
    async fn repos(
        &self,
        from: Option<Timestamp>,
        wanted: impl Fn(&str) -> bool,
        enough: usize,
    ) -> Result<HashMap<String, Standing>, Error> {
        let mut seen = HashMap::new();
        // The list is ordered by the accounts' age, and its cursor is `<ms>::<did>`: a moment earlier is before them all.
        let mut cursor = from.map(|from| format!("{}::did", from.as_millisecond().saturating_sub(1)));
        loop {
            let (repos, next) = self.repos_after(cursor.as_deref()).await?;
            seen.extend(repos.into_iter().filter(|(did, _)| wanted(did)));
            cursor = next;
            if cursor.is_none() || seen.len() >= enough {
                return Ok(seen);
            }
        }
    }

    /// A page of all repositories with their state, oldest account first, and the cursor of the next page; `None` at the
    /// end.
    pub async fn repos_after(
        &self,
        cursor: Option<&str>,
    ) -> Result<(Vec<(String, Standing)>, Option<String>), Error> {
        let mut call = Call::get(xrpc("com.atproto.sync.listRepos")).query("limit", REPOS_A_PAGE);
        if let Some(cursor) = cursor {
            call = call.query("cursor", cursor);
        }
        let answer = self.http.send(call).await?;
        let repos = answer["repos"].as_array().ok_or_else(|| unreadable("repos"))?;
        let read = repos.iter().map(|repo| {
            let did = repo["did"].as_str().ok_or_else(|| unreadable("a did"))?;
            Ok((did.to_string(), read_standing(repo)))
        });
        let read = read.collect::<Result<Vec<_>, Error>>()?;
        // The last page names a cursor too.
        let next = answer["cursor"].as_str().filter(|_| read.len() == REPOS_A_PAGE);
        Ok((read, next.map(String::from)))
    }
}

fn read_account(info: &Value) -> Result<Account, Error> {
    let text = |name: &str| info[name].as_str().map(String::from);
    Ok(Account {
        did: text("did").ok_or_else(|| unreadable("a did"))?,
        handle: text("handle").ok_or_else(|| unreadable("a handle"))?,
        email: text("email"),
        standing: if info["deactivatedAt"].is_string() {
            Standing::Deactivated
        } else {
            Standing::Unknown
        },
    })
}

fn read_standing(repo: &Value) -> Standing {
    match (repo["active"].as_bool(), repo["status"].as_str()) {
        (Some(true), _) => Standing::Active,
        (_, Some("takendown" | "suspended")) => Standing::TakenDown,
        (_, Some("deactivated")) => Standing::Deactivated,
        _ => Standing::Unknown,
    }
}

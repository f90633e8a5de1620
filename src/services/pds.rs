//! The PDS, through XRPC: accounts, invites, handles and passwords.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use proto_blue_syntax::Did;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use tokio::sync::{Mutex, OnceCell};

use super::error::Error;
use super::health::Pulse;
use super::http::Http;
use super::http::call::{Auth, Call};
use crate::config::address::host_of;
use crate::domain::Class;
use crate::domain::signup::{Account, Standing};

const SERVICE: &str = "pds";
/// DIDs a call: their names go into the request's header, which proxies cut at 8 KiB.
const BATCH: usize = 100;
const REPOS_A_PAGE: usize = 1000;
/// How long the index of all e-mails serves, where a newer one is not asked for.
const INDEX_LIFE: Duration = Duration::from_secs(60);

pub struct Pds {
    http: Http,
    password: SecretString,
    /// `PDS_HANDLE_DOMAIN`, where it is set.
    domain: Option<String>,
    about: OnceCell<About>,
    emails: Mutex<Option<(Instant, Arc<Vec<Account>>)>>,
}

/// What `describeServer` says.
#[derive(Debug, Clone)]
pub struct About {
    /// Without a leading dot.
    pub domain: String,
    /// The hosts under which this PDS is known: the one we ask, and the one of its own DID.
    pub hosts: Vec<String>,
}

/// What an account is asked for with.
pub struct NewAccount<'a> {
    pub handle: &'a str,
    pub email: &'a str,
    pub password: &'a SecretString,
    pub invite: &'a SecretString,
}

impl Pds {
    pub fn new(
        base: &str,
        password: SecretString,
        domain: Option<String>,
        timeout: Duration,
    ) -> Result<Self, Error> {
        let http = Http::new(
            SERVICE,
            base,
            "PDS_ADMIN_PASSWORD",
            timeout,
            Pulse::new(SERVICE, ""),
        )?;
        Ok(Self {
            http,
            password,
            domain,
            about: OnceCell::new(),
            emails: Mutex::new(None),
        })
    }

    pub fn pulse(&self) -> &Pulse {
        self.http.pulse()
    }

    /// Asked once; the answer does not change while a PDS runs.
    pub async fn about(&self) -> Result<&About, Error> {
        self.about
            .get_or_try_init(|| async {
                let answer = self
                    .http
                    .send(Call::get(xrpc("com.atproto.server.describeServer")))
                    .await?;
                let first = answer["availableUserDomains"][0].as_str().unwrap_or_default();
                let domain = self
                    .domain
                    .as_deref()
                    .unwrap_or(first)
                    .trim_start_matches('.')
                    .to_lowercase();
                if domain.is_empty() {
                    return Err(Error::new(
                        SERVICE,
                        Class::Internal,
                        "The PDS names no domain for handles.",
                        "Set PDS_HANDLE_DOMAIN, or check that PDS_URL is a PDS.",
                    ));
                }
                let own = answer["did"]
                    .as_str()
                    .and_then(|did| did.strip_prefix("did:web:"));
                let own = own.map(|host| host.split("%3A").next().unwrap_or(host).to_lowercase());
                Ok(About {
                    domain,
                    hosts: own.into_iter().chain(host_of(self.http.base())).collect(),
                })
            })
            .await
    }

    /// Whether it is alive; the pulse tells how fast.
    pub async fn ping(&self) -> Result<(), Error> {
        self.http.send(Call::get(xrpc("_health"))).await.map(|_| ())
    }

    /// The accounts of these DIDs, without their repositories' state. What is missing in the answer, the PDS does not
    /// know. A text that is no DID is nobody's: one of them would fail the whole batch.
    pub async fn accounts(
        &self,
        dids: &[String],
    ) -> Result<HashMap<String, (Account, Option<Timestamp>)>, Error> {
        let mut found = HashMap::new();
        let valid: Vec<&String> = dids.iter().filter(|did| Did::new(did.as_str()).is_ok()).collect();
        for batch in valid.chunks(BATCH) {
            let mut call = self.admin(Call::get(xrpc("com.atproto.admin.getAccountInfos")));
            call.query = batch.iter().map(|did| ("dids", (*did).clone())).collect();
            let answer = self.http.send(call).await?;
            for info in answer["infos"].as_array().ok_or_else(|| unreadable("infos"))? {
                let account = read_account(info)?;
                let made_at = info["indexedAt"].as_str().and_then(|text| text.parse().ok());
                found.insert(account.did.clone(), (account, made_at));
            }
        }
        Ok(found)
    }

    /// The accounts of these DIDs with their repositories' state, in as few calls as can be: one look at the list of
    /// repositories, from the oldest of these accounts on. A ghost, whose repository is listed but gone, looks active
    /// here; `standing` tells.
    pub async fn accounts_with_standing(&self, dids: &[String]) -> Result<HashMap<String, Account>, Error> {
        let found = self.accounts(dids).await?;
        let Some(oldest) = found.values().map(|(_, made_at)| *made_at).min() else {
            return Ok(HashMap::new());
        };
        let listed = self
            .repos(oldest, |did| found.contains_key(did), found.len())
            .await?;
        Ok(found
            .into_iter()
            .map(|(did, (account, _))| {
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
        let call = Call::get(xrpc("com.atproto.identity.resolveHandle")).query("handle", handle);
        match self.http.send(call).await {
            Ok(answer) => Ok(answer["did"].as_str().map(String::from)),
            Err(error) if matches!(error.kind, Class::Validation | Class::NotFound) => Ok(None),
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

    /// Whether an account that is taken down or deactivated has this handle. It does not resolve, and the PDS answers
    /// whoever asks for it with a fault, after it has told the PLC directory.
    pub async fn handle_held_by_inactive(&self, handle: &str) -> Result<bool, Error> {
        let all = self.everybody(false).await?;
        let inactive =
            |account: &Account| matches!(account.standing, Standing::TakenDown | Standing::Deactivated);
        Ok(all
            .iter()
            .any(|account| inactive(account) && account.handle.eq_ignore_ascii_case(handle)))
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
        let accounts = self.accounts(&dids).await?.into_values().map(|(account, _)| {
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
            let mut call = Call::get(xrpc("com.atproto.sync.listRepos")).query("limit", REPOS_A_PAGE);
            if let Some(cursor) = &cursor {
                call = call.query("cursor", cursor);
            }
            let answer = self.http.send(call).await?;
            let repos = answer["repos"].as_array().ok_or_else(|| unreadable("repos"))?;
            for repo in repos {
                let did = repo["did"].as_str().ok_or_else(|| unreadable("a did"))?;
                if wanted(did) {
                    seen.insert(did.to_string(), read_standing(repo));
                }
            }
            cursor = answer["cursor"].as_str().map(String::from);
            if repos.len() < REPOS_A_PAGE || cursor.is_none() || seen.len() >= enough {
                return Ok(seen);
            }
        }
    }

    /// A fresh invite that can be used once.
    pub async fn new_invite(&self) -> Result<SecretString, Error> {
        // Not repeated after an unclear answer by us, but harmless if it were: an unused invite opens nothing by itself.
        let call = self.admin(Call::post(
            xrpc("com.atproto.server.createInviteCode"),
            json!({"useCount": 1}),
        ));
        let answer = self.http.send(call).await?;
        answer["code"]
            .as_str()
            .map(SecretString::from)
            .ok_or_else(|| unreadable("a code"))
    }

    /// The DID of the account that was made with this invite; `None` where it is unused.
    pub async fn invite_used_by(&self, invite: &SecretString) -> Result<Option<String>, Error> {
        let mut cursor: Option<String> = None;
        loop {
            let mut call = self.admin(Call::get(xrpc("com.atproto.admin.getInviteCodes")));
            call = call.query("sort", "recent").query("limit", 500);
            if let Some(cursor) = &cursor {
                call = call.query("cursor", cursor);
            }
            let answer = self.http.send(call).await?;
            let codes = answer["codes"].as_array().ok_or_else(|| unreadable("codes"))?;
            if let Some(ours) = codes
                .iter()
                .find(|code| code["code"].as_str() == Some(invite.expose_secret()))
            {
                return Ok(ours["uses"][0]["usedBy"].as_str().map(String::from));
            }
            cursor = answer["cursor"].as_str().map(String::from);
            // The last page names a cursor too: the end is an empty page.
            if codes.is_empty() || cursor.is_none() {
                return Ok(None);
            }
        }
    }

    /// Makes an account and returns its DID and handle. Never repeated by itself: see `Error::unclear`.
    pub async fn create_account(&self, new: NewAccount<'_>) -> Result<(String, String), Error> {
        let body = json!({
            "handle": new.handle,
            "email": new.email,
            "password": new.password.expose_secret(),
            "inviteCode": new.invite.expose_secret(),
        });
        let call = Call::post(xrpc("com.atproto.server.createAccount"), body)
            .once()
            .budget("createAccount");
        let answer = self.http.send(call).await?;
        match (answer["did"].as_str(), answer["handle"].as_str()) {
            (Some(did), Some(handle)) => Ok((did.to_string(), handle.to_string())),
            _ => Err(unreadable("a did and a handle").unclear(true)),
        }
    }

    /// Whether this password opens the account. A login: 350 ms, and 30 of them in 5 minutes for one account.
    pub async fn opens(&self, did: &str, password: &SecretString) -> Result<bool, Error> {
        let body = json!({"identifier": did, "password": password.expose_secret()});
        match self
            .http
            .send(Call::post(xrpc("com.atproto.server.createSession"), body))
            .await
        {
            Ok(_) => Ok(true),
            // The right password of an account that was taken down.
            Err(error) if error.says("AccountTakedown") => Ok(true),
            Err(error) if error.reply.as_ref().is_some_and(|reply| reply.status == 401) => Ok(false),
            Err(error) => Err(error),
        }
    }

    pub async fn set_handle(&self, did: &str, handle: &str) -> Result<(), Error> {
        let body = json!({"did": did, "handle": handle});
        self.http
            .send(self.admin(Call::post(xrpc("com.atproto.admin.updateAccountHandle"), body)))
            .await
            .map(|_| ())
    }

    /// Answers well for a DID that does not exist too: only a login tells whether it worked.
    pub async fn set_password(&self, did: &str, password: &SecretString) -> Result<(), Error> {
        let body = json!({"did": did, "password": password.expose_secret()});
        self.http
            .send(self.admin(Call::post(xrpc("com.atproto.admin.updateAccountPassword"), body)))
            .await
            .map(|_| ())
    }

    fn admin<'a>(&'a self, call: Call<'a>) -> Call<'a> {
        call.auth(Auth::Basic {
            user: "admin",
            password: &self.password,
        })
    }
}

fn xrpc(method: &str) -> String {
    format!("/xrpc/{method}")
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

fn unreadable(wanted: &str) -> Error {
    Error::new(
        SERVICE,
        Class::Internal,
        format!("The PDS answered without {wanted} where one belongs."),
        "Check that PDS_URL is a PDS.",
    )
}

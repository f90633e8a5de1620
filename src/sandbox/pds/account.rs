//! An account and an invite as the PDS keeps them, and the questions asked of the whole collection.
//! The methods that change them over HTTP live beside.

use std::collections::BTreeMap;
use std::time::Instant;

use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::{Value, json};

use super::limiter::Limiter;
use crate::sandbox::chance;

/// The condition of an account, as a scenario sets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountState {
    /// Whole and in use.
    Active,
    /// Taken down by the moderators.
    Takendown,
    /// Deactivated.
    Deactivated,
    /// Half-made: `getAccountInfo` knows it, `listRepos` does not, `getRepoStatus` answers
    /// `RepoNotFound`.
    NoRepo,
    /// An account row without an actor store: `getAccountInfo`, `createSession` and `listRepos`
    /// say that all is well, `getRepoStatus` answers `NotFound`.
    Ghost,
}

/// An account of the PDS. The password is kept in plain, as only a simulation may; it has no
/// `Debug` output.
#[derive(Debug, Clone)]
pub struct Account {
    /// `did:plc:…`
    pub did: String,
    /// Full and lower case: `name.at.aesthetic.computer`.
    pub handle: String,
    /// Lower case. `None`: made without a password, so without an e-mail and without a login.
    pub email: Option<String>,
    /// `None` together with `email`.
    pub password: Option<SecretString>,
    /// `indexedAt`, and the place in `listRepos`.
    pub created_at: Timestamp,
    /// The invite that made it.
    pub invite: Option<String>,
    pub(in crate::sandbox) email_confirmed_at: Option<Timestamp>,
    pub(super) takedown: Option<String>,
    pub(super) deactivated_at: Option<Timestamp>,
    pub(super) repo: Repo,
    pub(super) rev: String,
    pub(super) head: String,
}

/// How much of the repository there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repo {
    Whole,
    NoRoot,
    NoStore,
}

impl Account {
    /// An active account with a fresh DID. `handle` is full; e-mail and handle are lower-cased, as
    /// the PDS does.
    pub fn new(handle: &str, email: &str, password: &str, created_at: Timestamp) -> Self {
        Self {
            did: chance::did(),
            handle: handle.to_lowercase(),
            email: Some(email.to_lowercase()),
            password: Some(password.to_owned().into()),
            created_at,
            invite: None,
            email_confirmed_at: None,
            takedown: None,
            deactivated_at: None,
            repo: Repo::Whole,
            rev: chance::revision(),
            head: chance::cid(),
        }
    }

    /// The same account in another state.
    pub fn in_state(mut self, state: AccountState) -> Self {
        self.set_state(state);
        self
    }

    pub(in crate::sandbox) fn set_state(&mut self, state: AccountState) {
        let now = Timestamp::now();
        self.takedown = (state == AccountState::Takendown).then(|| format!("{now:.3}"));
        self.deactivated_at = (state == AccountState::Deactivated).then_some(now);
        self.repo = match state {
            AccountState::NoRepo => Repo::NoRoot,
            AccountState::Ghost => Repo::NoStore,
            _ => Repo::Whole,
        };
    }

    /// Neither taken down nor deactivated.
    pub(super) fn is_active(&self) -> bool {
        self.status().is_none()
    }

    /// `takendown`, `deactivated`, or nothing while active.
    pub(super) fn status(&self) -> Option<&'static str> {
        match (&self.takedown, &self.deactivated_at) {
            (Some(_), _) => Some("takendown"),
            (None, Some(_)) => Some("deactivated"),
            (None, None) => None,
        }
    }

    /// Adds `active` and, where there is one, `status`.
    pub(super) fn put_status(&self, body: &mut Value) {
        body["active"] = json!(self.is_active());
        if let Some(status) = self.status() {
            body["status"] = json!(status);
        }
    }
}

/// An invite code. `available` is the total number of uses, as the PDS counts.
#[derive(Debug, Clone)]
pub(in crate::sandbox) struct Invite {
    pub available: i64,
    pub for_account: String,
    pub created_at: Timestamp,
    /// DID and time of each use, oldest first.
    pub uses: Vec<(String, Timestamp)>,
    pub disabled: bool,
}

impl Invite {
    pub fn new(available: i64, for_account: &str) -> Self {
        Self {
            available,
            for_account: for_account.to_owned(),
            created_at: Timestamp::now(),
            uses: Vec::new(),
            disabled: false,
        }
    }

    pub fn is_open(&self) -> bool {
        !self.disabled && (self.uses.len() as i64) < self.available
    }

    pub fn view(&self, code: &str) -> Value {
        let uses = self.uses.iter().rev();
        json!({
            "code": code,
            "available": self.available,
            "forAccount": self.for_account,
            "createdBy": "admin",
            "createdAt": format!("{:.3}", self.created_at),
            "uses": uses.map(|(did, at)| json!({"usedBy": did, "usedAt": format!("{at:.3}")}))
                .collect::<Value>(),
            "disabled": self.disabled,
        })
    }
}

/// What a token that was handed out stands for.
pub(super) struct Session {
    pub did: String,
    pub refresh: bool,
    pub until: Instant,
}

/// Everything the PDS keeps.
pub(in crate::sandbox) struct Accounts {
    /// Where handles live, with its leading dot: `.at.aesthetic.computer`.
    pub handle_domain: String,
    pub admin_password: SecretString,
    pub accounts: BTreeMap<String, Account>,
    pub invites: BTreeMap<String, Invite>,
    pub(super) sessions: BTreeMap<String, Session>,
    pub limiter: Limiter,
    /// The next account is made, then its making fails: a ghost.
    pub break_next_account: bool,
}

impl Accounts {
    pub fn new(handle_domain: &str) -> Self {
        Self {
            handle_domain: handle_domain.to_owned(),
            admin_password: chance::secret(32).into(),
            accounts: BTreeMap::new(),
            invites: BTreeMap::new(),
            sessions: BTreeMap::new(),
            limiter: Limiter::default(),
            break_next_account: false,
        }
    }

    /// By DID or by lower-case handle, in whatever state.
    pub fn find(&self, did_or_handle: &str) -> Option<&Account> {
        match did_or_handle.starts_with("did:") {
            true => self.accounts.get(did_or_handle),
            false => self.by_handle(did_or_handle),
        }
    }

    /// By lower-case handle, in whatever state.
    pub fn by_handle(&self, handle: &str) -> Option<&Account> {
        self.accounts.values().find(|a| a.handle == handle)
    }

    /// By e-mail in any case, in whatever state.
    pub fn by_email(&self, email: &str) -> Option<&Account> {
        let email = email.to_lowercase();
        let has_it = |a: &&Account| a.email.as_deref() == Some(email.as_str());
        self.accounts.values().find(has_it)
    }

    /// A new code of this PDS: its host name with dashes, then ten base32 characters.
    pub fn mint_invite(&mut self, available: i64, for_account: &str) -> String {
        let host = self.handle_domain.trim_start_matches('.').replace('.', "-");
        let code = format!("{host}-{}", chance::invite_token());
        self.invites
            .insert(code.clone(), Invite::new(available, for_account));
        code
    }

    /// Remembers that this account was made with this invite.
    pub fn use_invite(&mut self, code: &str, did: &str, at: Timestamp) {
        if let Some(invite) = self.invites.get_mut(code) {
            invite.uses.push((did.to_owned(), at));
        }
    }

    /// As `use_invite`, for a seeded account: an unknown code is taken for a single-use one.
    pub fn record_invite(&mut self, code: &str, did: &str, at: Timestamp) {
        let invite = self.invites.entry(code.to_owned());
        invite.or_insert_with(|| Invite {
            created_at: at,
            ..Invite::new(1, "admin")
        });
        self.use_invite(code, did, at);
    }
}

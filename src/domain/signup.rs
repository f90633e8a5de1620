//! One signup with every fact about it, each as far as it is known.

use jiff::Timestamp;
use serde::Serialize;

use super::observed::Observed;

/// Everything the backends said of one user of one tenant.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Signup {
    pub tenant: String,
    /// Auth0's `user_id`.
    pub sub: String,
    /// The `_id` in Mongo: the tenant's prefix and `sub`. New records are written under it.
    pub key: String,
    pub auth0: Observed<Auth0User>,
    /// Subs of other Auth0 users of the tenant with the same e-mail.
    pub same_email: Observed<Vec<String>>,
    pub verification: Observed<Verification>,
    pub user: Observed<UserRecord>,
    /// The name in the `@handles` row of exactly this key.
    pub name: Observed<String>,
    /// A row in `account-deletions` or `account-tombstones`.
    pub deletion: Observed<Deletion>,
    /// What an unfinished creation left behind.
    pub intent: Observed<Intent>,
    /// The handle domain of the PDS, without a leading dot.
    pub domain: Option<String>,
    /// The account of the DID that `users.atproto` records.
    pub account: Observed<Account>,
    /// Where no DID is recorded: the account on the PDS that has this user's e-mail or our own invite, or that the
    /// recorded handle leads to. `Unreadable`: there is one, and whose it is cannot be told.
    pub found: Observed<Account>,
    /// What the PLC directory says of the recorded (or found) DID. `Absent`: it does not know it.
    pub plc: Observed<PlcData>,
    /// Whether the recorded password opens the account. Only asked for when the password itself is the question.
    pub password_opens: Observed<bool>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Auth0User {
    pub sub: String,
    pub email: Option<String>,
    pub email_verified: bool,
    pub created_at: Timestamp,
    pub blocked: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    pub id: String,
    pub count: i64,
}

/// A document of `users`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UserRecord {
    /// The `_id` under which it lies: the key, or an older unprefixed form of it.
    pub id: String,
    pub code: Observed<String>,
    pub when: Option<Timestamp>,
    pub atproto: Observed<AtprotoRecord>,
}

/// `users.atproto`, and what the flat fields of older scripts say in its place. The password itself stays in the store:
/// what counts is whether there is one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AtprotoRecord {
    pub did: Option<String>,
    pub handle: Option<String>,
    pub has_password: bool,
    pub older: Older,
    pub fallback: Option<Fallback>,
}

/// What stands in the flat fields alone (`atproto_did`, `atproto_handle`, `atproto_password`): nothing but this program
/// reads it there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Older {
    pub did: bool,
    pub handle: bool,
    pub password: bool,
}

impl Older {
    pub fn any(self) -> bool {
        self.did || self.handle || self.password
    }
}

/// `users.atproto.handleFallback`: the PDS refused the wanted handle, and the code stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fallback {
    /// The full handle that was refused.
    pub wanted: String,
    /// The PDS's own words.
    pub reason: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deletion {
    /// In `account-deletions`: scheduled, running, restoring or failed.
    Scheduled,
    /// In `account-tombstones`: gone.
    Tombstone,
}

/// What was written down before an account was asked for. Password and invite stay in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intent {
    /// The full handle that was asked for first.
    pub handle: String,
    /// The recorded DID whose place the new account takes: somebody confirmed that.
    pub replaces: Option<String>,
}

/// An account as the PDS's admin calls describe it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub did: String,
    pub handle: String,
    pub email: Option<String>,
    pub standing: Standing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    Active,
    TakenDown,
    Deactivated,
    /// There is an account row, but no repository.
    Broken,
    /// The repository's state was not asked, or not answered.
    Unknown,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlcData {
    /// The account lives on the PDS at this address. `here` tells whether that is ours.
    Lives { endpoint: String, here: bool },
    /// The last operation was a tombstone.
    Tombstoned,
}

impl Signup {
    /// A signup of which nothing is known but its ids.
    pub fn named(tenant: &str, sub: &str, key: &str) -> Self {
        Self {
            tenant: tenant.into(),
            sub: sub.into(),
            key: key.into(),
            ..Self::default()
        }
    }

    pub fn created_at(&self) -> Option<Timestamp> {
        match &self.auth0 {
            Observed::Present(user) => Some(user.created_at),
            _ => self.user.present().and_then(|user| user.when),
        }
    }

    pub fn email(&self) -> Option<&str> {
        self.auth0.present()?.email.as_deref()
    }

    /// Whether Auth0 says that the e-mail is verified; `None` where Auth0 did not say anything.
    pub fn verified(&self) -> Option<bool> {
        self.auth0.present().map(|user| user.email_verified)
    }

    pub fn code(&self) -> Option<&str> {
        self.user.present()?.code.present().map(String::as_str)
    }

    pub fn atproto(&self) -> Option<&AtprotoRecord> {
        self.user.present()?.atproto.present()
    }

    pub fn did(&self) -> Option<&str> {
        self.atproto()?.did.as_deref()
    }

    /// The handle that is recorded without a DID, which alone tells what account is meant.
    pub fn handle_without_did(&self) -> Option<&str> {
        let record = self.atproto().filter(|record| record.did.is_none())?;
        record.handle.as_deref()
    }

    /// The account this user has on the PDS: the recorded one, else the one that was found for them.
    pub fn any_account(&self) -> Option<&Account> {
        if self.did().is_some() {
            self.account.present()
        } else {
            self.found.present()
        }
    }

    /// The full handle that follows from the chosen name, or from the code where no name was chosen.
    /// `None` while either is unknown.
    pub fn wanted_handle(&self) -> Option<String> {
        let domain = self.domain.as_deref()?;
        match &self.name {
            Observed::Present(name) => Some(super::handle::full(name, domain)),
            Observed::Absent => self.code_handle(),
            Observed::Unknown | Observed::Unreadable(_) => None,
        }
    }

    /// The full handle made from the code.
    pub fn code_handle(&self) -> Option<String> {
        Some(super::handle::full(self.code()?, self.domain.as_deref()?))
    }
}

//! Accounts on the PDS that no record in Mongo names, and what is to be thought of each. Many a PDS serves others too: what
//! nothing connects with us is theirs.

use jiff::Timestamp;
use serde::Serialize;

use super::code::is_well_formed;
use super::diagnosis::diagnose;
use super::signup::{Account, Signup};

/// What an invite of ours is meant for begins so.
pub const OURS: &str = "did:atriage:";

/// An account as a sweep of the PDS finds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Swept {
    pub account: Account,
    pub made_at: Option<Timestamp>,
    /// What the invite that made it was meant for.
    pub meant_for: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StrayKind {
    /// It was made for a user of ours, and nobody has it.
    OrphanAccount,
    /// A user has its e-mail, and no recorded account.
    UnrecordedAccount,
    /// A user has its e-mail, and another account is recorded for them.
    SecondAccount,
    /// The records of several users name it.
    SharedAccount,
}

impl StrayKind {
    /// The name, as in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::OrphanAccount => "orphan-account",
            Self::UnrecordedAccount => "unrecorded-account",
            Self::SecondAccount => "second-account",
            Self::SharedAccount => "shared-account",
        }
    }
}

/// An account that should not be as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stray {
    pub kind: StrayKind,
    pub account: Account,
    pub made_at: Option<Timestamp>,
    /// The tenant and the sub of the user to whom it belongs.
    pub belongs_to: Option<(String, String)>,
    /// A sentence free of personal data.
    pub message: String,
    pub hint: &'static str,
}

impl Swept {
    /// What an account is whose e-mail is that of a user, and that no record names; `None` where the user is left alone,
    /// and so is what they have.
    pub fn of(self, owner: &Signup) -> Option<Stray> {
        if diagnose(owner).is_left_alone() {
            return None;
        }
        let (kind, message, hint) = match owner.did() {
            Some(other) => (
                StrayKind::SecondAccount,
                format!("{} has its e-mail, and {other} is recorded for them.", owner.sub),
                "Look at both before anything is removed: the user may have used either.",
            ),
            None => (
                StrayKind::UnrecordedAccount,
                format!("It is that of {}, but no record says so.", owner.sub),
                "A backfill of the user adopts it.",
            ),
        };
        let owner = (owner.tenant.clone(), owner.sub.clone());
        Some(self.stray(kind, Some(owner), message, hint))
    }

    /// What an account is whose e-mail no user has, and that no record names; `None` where it is another service's.
    pub fn of_nobody(self) -> Option<Stray> {
        let invited = self.meant_for.as_ref().is_some_and(|name| name.starts_with(OURS));
        let label = self.account.handle.split('.').next().unwrap_or_default();
        let message = if invited {
            "An invite of ours made it, but no record names it and no login has its e-mail.".to_string()
        } else if is_well_formed(label) {
            format!("It goes by the code {label}, but no record names it and no login has its e-mail.")
        } else {
            return None;
        };
        let hint = "Its user may have been deleted, or may have another e-mail by now: look before removing anything.";
        Some(self.stray(StrayKind::OrphanAccount, None, message, hint))
    }

    /// An account that the records of several users name.
    pub fn shared(self, ids: &[String]) -> Stray {
        let message = format!("The records of {} name it.", ids.join(" and "));
        let hint = "One of them is wrong: the account's e-mail and handle tell whose it is.";
        self.stray(StrayKind::SharedAccount, None, message, hint)
    }

    fn stray(
        self,
        kind: StrayKind,
        belongs_to: Option<(String, String)>,
        message: String,
        hint: &'static str,
    ) -> Stray {
        Stray {
            kind,
            account: self.account,
            made_at: self.made_at,
            belongs_to,
            // Handles and ids are part of some sentences.
            message: super::text::clean(&message),
            hint,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::observed::Observed;
    use crate::domain::signup::{AtprotoRecord, Deletion, Standing, UserRecord};

    fn swept(handle: &str, meant_for: Option<&str>) -> Swept {
        Swept {
            account: Account {
                did: "did:plc:a".into(),
                handle: handle.into(),
                email: Some("mira@example.com".into()),
                standing: Standing::Active,
            },
            made_at: None,
            meant_for: meant_for.map(String::from),
        }
    }

    #[test]
    fn what_nothing_connects_with_us_is_anothers() {
        let cases = [
            ("zhuxin.at.example.com", None, None),
            ("zhuxin.at.example.com", Some("admin"), None),
            (
                "zhuxin.at.example.com",
                Some("did:atriage:0"),
                Some(StrayKind::OrphanAccount),
            ),
            ("ac25momez.at.example.com", None, Some(StrayKind::OrphanAccount)),
            ("ac25.at.example.com", Some("did:plc:b"), None),
        ];
        for (handle, meant_for, kind) in cases {
            let found = swept(handle, meant_for).of_nobody();
            assert_eq!(found.map(|stray| stray.kind), kind, "{handle} {meant_for:?}");
        }
    }

    #[test]
    fn an_owner_has_it_beside_another_or_unrecorded_and_may_be_left_alone() {
        let mut owner = Signup::named("aesthetic", "auth0|1", "auth0|1");
        owner.user = Observed::Absent;
        let kind = |owner: &Signup| swept("a.example.com", None).of(owner).map(|stray| stray.kind);
        assert_eq!(kind(&owner), Some(StrayKind::UnrecordedAccount));
        owner.user = Observed::Present(UserRecord {
            atproto: Observed::Present(AtprotoRecord {
                did: Some("did:plc:b".into()),
                ..AtprotoRecord::default()
            }),
            ..UserRecord::default()
        });
        assert_eq!(kind(&owner), Some(StrayKind::SecondAccount));
        owner.deletion = Observed::Present(Deletion::Scheduled);
        assert_eq!(kind(&owner), None);
    }

    #[test]
    fn the_names_are_those_that_serde_writes() {
        for kind in [
            StrayKind::OrphanAccount,
            StrayKind::UnrecordedAccount,
            StrayKind::SecondAccount,
            StrayKind::SharedAccount,
        ] {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
        }
    }
}

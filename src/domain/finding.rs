//! The findings of the contract, section 5: their names, columns, repair, severity and words. Screen, report and JSON
//! all print these same words.

use serde::{Deserialize, Serialize};

use super::diagnosis::Column;

#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum FindingId {
    MissingUserRecord,
    MissingVerificationRecord,
    VerificationCount,
    MissingCode,
    MalformedCode,
    MissingAccount,
    UnrecordedAccount,
    IncompleteCredentials,
    DidElsewhere,
    DidTombstoned,
    DidUnresolvable,
    AccountGone,
    AccountTakenDown,
    AccountDeactivated,
    AccountBroken,
    HandleDrift,
    HandleFallback,
    RecordDrift,
    PasswordRejected,
    OrphanRecord,
    Blocked,
    DeletionPending,
    DuplicateEmail,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Repair {
    /// A backfill mends it.
    Auto,
    /// An operator has to decide or to act.
    Manual,
    /// Information: there is nothing to mend.
    None,
    /// Left alone on purpose.
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Nothing to mend: the signup counts as whole.
    Info,
    /// Something drifted.
    Warning,
    /// Something is missing.
    Error,
}

/// One thing that is not as it should be with one user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Finding {
    pub id: FindingId,
    pub column: Column,
    pub severity: Severity,
    pub repair: Repair,
    /// A sentence about this user. Free of personal data: it may name a DID, a code or a sub, never a chosen name.
    pub message: String,
    /// What to do about it.
    pub hint: &'static str,
}

/// The row of a finding in the table of section 5.
struct Row {
    name: &'static str,
    column: Column,
    severity: Severity,
    repair: Repair,
    /// Reads after a count: "7 have no users record".
    fragment: &'static str,
    hint: &'static str,
}

impl FindingId {
    pub const ALL: [Self; 23] = [
        Self::MissingUserRecord,
        Self::MissingVerificationRecord,
        Self::VerificationCount,
        Self::MissingCode,
        Self::MalformedCode,
        Self::MissingAccount,
        Self::UnrecordedAccount,
        Self::IncompleteCredentials,
        Self::DidElsewhere,
        Self::DidTombstoned,
        Self::DidUnresolvable,
        Self::AccountGone,
        Self::AccountTakenDown,
        Self::AccountDeactivated,
        Self::AccountBroken,
        Self::HandleDrift,
        Self::HandleFallback,
        Self::RecordDrift,
        Self::PasswordRejected,
        Self::OrphanRecord,
        Self::Blocked,
        Self::DeletionPending,
        Self::DuplicateEmail,
    ];

    #[rustfmt::skip]
    fn row(self) -> Row {
        use Column::{Auth0, Code, Did, Mongo, Pds};
        use Repair::{Auto, Manual, Never, None};
        use Severity::{Error, Info, Warning};
        let (name, column, severity, repair, fragment, hint) = match self {
            Self::MissingUserRecord => ("missing-user-record", Mongo, Error, Auto, "have no users record",
                "A backfill makes the record, with a code of the signup year."),
            Self::MissingVerificationRecord => ("missing-verification-record", Mongo, Warning, Auto, "have no verifications record",
                "A backfill makes the record."),
            Self::VerificationCount => ("verification-count", Mongo, Warning, Auto, "are verified, but counted as never verified",
                "A backfill sets the count to 1."),
            Self::MissingCode => ("missing-code", Code, Error, Auto, "have a users record without a code",
                "A backfill draws a code of the signup year."),
            Self::MalformedCode => ("malformed-code", Code, Warning, Manual, "have a malformed code",
                "People may know this code: decide by hand whether it is to be replaced."),
            Self::MissingAccount => ("missing-account", Did, Error, Auto, "are verified and have no account",
                "A backfill makes the account on the PDS."),
            Self::UnrecordedAccount => ("unrecorded-account", Did, Error, Auto, "have an account that Mongo does not know",
                "A backfill adopts the account; no second one is made."),
            Self::IncompleteCredentials => ("incomplete-credentials", Did, Warning, Auto, "have incomplete credentials",
                "A backfill completes DID, handle and password."),
            Self::DidElsewhere => ("did-elsewhere", Did, Warning, Manual, "moved their account to another PDS",
                "The user took the account along; nothing here may change it any more."),
            Self::DidTombstoned => ("did-tombstoned", Did, Warning, Manual, "have a tombstoned DID",
                "The DID is gone for good; decide with the user whether a new account is made."),
            Self::DidUnresolvable => ("did-unresolvable", Did, Warning, Manual, "have a DID that the PLC directory does not know",
                "Check that PLC_URL is the directory this PDS writes to; else decide as for a lost account."),
            Self::AccountGone => ("account-gone", Pds, Error, Manual, "have an account that is gone from the PDS",
                "Look for a backup of the PDS first; else backfill --recreate makes a new account, with another DID."),
            Self::AccountTakenDown => ("account-taken-down", Pds, Warning, Manual, "have an account that is taken down",
                "A moderator took it down on purpose; lift the takedown on the PDS if that is over."),
            Self::AccountDeactivated => ("account-deactivated", Pds, Warning, Manual, "have a deactivated account",
                "The user switched it off, or a migration is under way; ask before activating it."),
            Self::AccountBroken => ("account-broken", Pds, Warning, Manual, "have an account without a repository",
                "Only deleting the account on the PDS and making a new one helps; the DID changes."),
            Self::HandleDrift => ("handle-drift", Pds, Warning, Auto, "have another handle on the PDS than they chose",
                "A backfill sets the handle on the PDS."),
            Self::HandleFallback => ("handle-fallback", Pds, Info, None, "go by their code, since the PDS refuses their handle",
                "Nothing to mend: the user may choose another handle."),
            Self::RecordDrift => ("record-drift", Did, Warning, Auto, "have another handle in Mongo than on the PDS",
                "A backfill writes down the handle that the PDS has."),
            Self::PasswordRejected => ("password-rejected", Pds, Warning, Auto, "have a password that no longer opens the account",
                "A backfill with --deep sets a new password on the PDS and writes it down."),
            Self::OrphanRecord => ("orphan-record", Auth0, Error, Manual, "are in Mongo but not in Auth0",
                "Perhaps deleted, or merged into another login: look before removing anything."),
            Self::Blocked => ("blocked", Auth0, Info, Never, "are blocked in Auth0",
                "Blocked users are left alone."),
            Self::DeletionPending => ("deletion-pending", Auth0, Info, Never, "are being deleted",
                "Users who asked to be deleted are left alone."),
            Self::DuplicateEmail => ("duplicate-email", Auth0, Warning, Manual, "share their e-mail with another login",
                "Link the logins in Auth0, or ask the user which one to keep."),
        };
        Row { name, column, severity, repair, fragment, hint }
    }

    /// The stable name, as in JSON.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    pub fn column(self) -> Column {
        self.row().column
    }

    pub fn severity(self) -> Severity {
        self.row().severity
    }

    pub fn repair(self) -> Repair {
        self.row().repair
    }

    /// Reads after a count: "7 have no users record".
    pub fn fragment(self) -> &'static str {
        self.row().fragment
    }

    pub fn hint(self) -> &'static str {
        self.row().hint
    }

    /// The finding with its sentence about one user.
    pub fn with(self, message: impl Into<String>) -> Finding {
        let row = self.row();
        Finding {
            id: self,
            column: row.column,
            severity: row.severity,
            repair: row.repair,
            // What services and documents said is part of some sentences.
            message: super::text::clean(&message.into()),
            hint: row.hint,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_those_that_serde_writes() {
        for id in FindingId::ALL {
            assert_eq!(serde_json::to_value(id).unwrap(), id.name());
        }
    }
}

//! What should be done about a diagnosis: the missing steps, in their order. Whoever carries a plan out has nothing
//! left to decide.

use serde::{Deserialize, Serialize};

use super::diagnosis::{Column, Diagnosis, State};
use super::finding::{Finding, FindingId as Id, Repair};
use super::observed::Observed;
use super::signup::{PlcData, Signup, Standing};

/// The steps of the contract, section 5.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    EnsureCodeIndex,
    CreateVerification,
    SetVerificationCount,
    CreateUser,
    AssignCode,
    CreateAccount,
    AdoptAccount,
    ResetPassword,
    SyncHandle,
    RecordAccount,
    Verify,
    /// Takes a throw-away user away again: in no plan, but in the audit trail.
    RemoveRehearsal,
}

impl Step {
    pub fn name(self) -> &'static str {
        match self {
            Self::EnsureCodeIndex => "ensure-code-index",
            Self::CreateVerification => "create-verification",
            Self::SetVerificationCount => "set-verification-count",
            Self::CreateUser => "create-user",
            Self::AssignCode => "assign-code",
            Self::CreateAccount => "create-account",
            Self::AdoptAccount => "adopt-account",
            Self::ResetPassword => "reset-password",
            Self::SyncHandle => "sync-handle",
            Self::RecordAccount => "record-account",
            Self::Verify => "verify",
            Self::RemoveRehearsal => "remove-rehearsal",
        }
    }

    /// Whether it changes an account on the PDS, so that whoever may do it may work on accounts.
    pub fn is_about_an_account(self) -> bool {
        matches!(
            self,
            Self::CreateAccount | Self::AdoptAccount | Self::ResetPassword | Self::SyncHandle
        )
    }
}

/// What is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Policy<'a> {
    /// Nothing may be written at all: every plan is empty.
    pub read_only: bool,
    pub recreate: Recreate<'a>,
}

/// Whether a new account may take the place of a recorded one that is gone from the PDS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Recreate<'a> {
    #[default]
    No,
    /// Of whichever is recorded: to show what would be done, before somebody confirms it.
    Recorded,
    /// Of this DID and no other, as somebody confirmed.
    This(&'a str),
}

/// The steps for one user, and what will be left.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    pub steps: Vec<Step>,
    /// The recorded DID whose place a new account takes.
    pub replaces: Option<String>,
    /// What no step mends: findings left to manual work, and columns that are unknown, each a sentence.
    pub left: Vec<String>,
}

impl Plan {
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// The names of the steps, in order.
    pub fn names(&self) -> Vec<&'static str> {
        self.steps.iter().map(|step| step.name()).collect()
    }
}

/// Steps by name, in order.
pub fn spoken(steps: &[Step]) -> String {
    steps.iter().map(|step| step.name()).collect::<Vec<_>>().join(" ")
}

/// Says what should be done. Total, and touches nothing that is unknown.
pub fn plan(signup: &Signup, diagnosis: &Diagnosis, policy: Policy<'_>) -> Plan {
    let gone = replaceable(signup, diagnosis, policy.recreate);
    let steps = match policy.read_only || diagnosis.is_left_alone() || !may_be_touched(signup) {
        true => Vec::new(),
        false => steps(signup, diagnosis, gone),
    };
    let replaces = gone.filter(|_| steps.contains(&Step::RecordAccount));
    Plan {
        left: left(signup, diagnosis, gone, replaces.is_some()),
        replaces: replaces.map(String::from),
        steps,
    }
}

fn steps(signup: &Signup, diagnosis: &Diagnosis, gone: Option<&str>) -> Vec<Step> {
    let mut steps = Vec::new();
    let has = |id| diagnosis.has(id);
    let mut add = |step| steps.push(step);
    let new_user = has(Id::MissingUserRecord);
    if new_user || has(Id::MissingCode) {
        add(Step::EnsureCodeIndex);
    }
    let mongo_answered = diagnosis.state(Column::Mongo) != State::Unknown;
    if mongo_answered && has(Id::MissingVerificationRecord) {
        add(Step::CreateVerification);
    }
    if mongo_answered && has(Id::VerificationCount) {
        add(Step::SetVerificationCount);
    }
    if new_user {
        add(Step::CreateUser);
    }
    if has(Id::MissingCode) {
        add(Step::AssignCode);
    }
    account(signup, diagnosis, gone, &mut add);
    if !steps.is_empty() {
        steps.push(Step::Verify);
    }
    steps
}

/// The part of the plan that is about the account. A record-account follows every change that it has to write down.
fn account(signup: &Signup, d: &Diagnosis, gone: Option<&str>, add: &mut impl FnMut(Step)) {
    let has = |id| d.has(id);
    let settled = [Id::DidElsewhere, Id::DidTombstoned, Id::DidUnresolvable]
        .into_iter()
        .chain([Id::AccountTakenDown, Id::AccountDeactivated, Id::AccountBroken])
        .any(has)
        || has(Id::AccountGone) && gone.is_none();
    let unknown = [Column::Did, Column::Pds]
        .into_iter()
        .any(|column| d.state(column) == State::Unknown);
    if settled || unknown || !is_name_known(signup) || signup.plc.unreadable().is_some() {
        return;
    }
    if wants_account(signup, d) || gone.is_some() {
        if obstacle(signup, gone).is_none() {
            add(match signup.found.present() {
                Some(_) => Step::AdoptAccount,
                None => Step::CreateAccount,
            });
            add(Step::RecordAccount);
        }
        return;
    }
    let recorded = signup.atproto().filter(|record| record.did.is_some());
    let recorded = recorded.filter(|_| signup.account.present().is_some());
    let adopts = has(Id::UnrecordedAccount);
    let resets = has(Id::PasswordRejected) && !adopts || recorded.is_some_and(|record| !record.has_password);
    let lacks = recorded.is_some_and(|record| record.handle.is_none() || record.older.any());
    // Where the PDS refuses the name, the code has to stand in.
    let syncs = has(Id::HandleDrift) && has_or_gets_code(signup);
    if adopts {
        add(Step::AdoptAccount);
    }
    if resets {
        add(Step::ResetPassword);
    }
    // A job that died between record and drop leaves its intent, with the password in it.
    let remains = recorded.is_some() && signup.intent.present().is_some();
    if adopts || resets || (!syncs && (has(Id::RecordDrift) || lacks || remains)) {
        add(Step::RecordAccount);
    }
    if syncs {
        add(Step::SyncHandle);
        add(Step::RecordAccount);
    }
}

/// Whether only a new account can mend it: none is recorded, and none was found.
fn wants_account(signup: &Signup, d: &Diagnosis) -> bool {
    d.has(Id::MissingAccount) || (signup.did().is_none() && d.has(Id::IncompleteCredentials))
}

/// The recorded DID whose account is gone and may be replaced: somebody confirms it now, or confirmed it to a job that
/// did not come to its end, which its intent tells.
pub fn replaceable<'a>(signup: &'a Signup, d: &Diagnosis, recreate: Recreate<'_>) -> Option<&'a str> {
    let did = signup.did().filter(|_| d.has(Id::AccountGone))?;
    let begun = signup
        .intent
        .present()
        .and_then(|intent| intent.replaces.as_deref());
    let confirmed = match recreate {
        Recreate::No => false,
        Recreate::Recorded => true,
        Recreate::This(confirmed) => confirmed == did,
    };
    (confirmed || begun == Some(did)).then_some(did)
}

/// Why no account can be made or taken over now, though one is wanted. A sentence.
fn obstacle(signup: &Signup, gone: Option<&str>) -> Option<String> {
    match signup.found.unreadable() {
        Some(why) => Some(format!(
            "No account is made or taken over, since {why}: decide whose it is."
        )),
        None => plain_obstacle(signup, gone).map(String::from),
    }
}

fn plain_obstacle(signup: &Signup, gone: Option<&str>) -> Option<&'static str> {
    let lived_here = matches!(&signup.plc, Observed::Present(PlcData::Lives { here: true, .. }));
    if gone.is_some() && !lived_here {
        // Who is gone from here may have moved.
        Some("The PLC directory does not say that the old account lives here, so that none takes its place.")
    } else if let Some(found) = signup.found.present().filter(|_| gone.is_some()) {
        (found.standing != Standing::Active)
            .then_some("Another account of the user on the PDS is not active, so that no new one is made.")
    } else if signup.verified() != Some(true) {
        Some("The e-mail is not verified, so that no account is made yet.")
    } else if !signup.found.is_absent() {
        Some("Whether the PDS has an account already is unknown, so that no second one is made.")
    } else if signup
        .same_email
        .present()
        .is_some_and(|others| !others.is_empty())
    {
        Some(
            "Another login has the same e-mail, and the PDS takes an address once: no account is made until they are linked.",
        )
    } else if signup.email().is_none() {
        Some("The user has no e-mail in Auth0, so that no account can be made.")
    } else if !has_or_gets_code(signup) {
        Some("The code is unknown or unreadable, so that no account can be made.")
    } else if signup.domain.is_none() {
        Some("The handle domain of the PDS is unknown, so that no account is made.")
    } else {
        None
    }
}

/// Whether there is a code, or one will have been drawn before the account's turn.
fn has_or_gets_code(signup: &Signup) -> bool {
    match &signup.user {
        Observed::Present(user) => user.code.present().is_some() || user.code.is_absent(),
        other => other.is_absent(),
    }
}

/// Whether a name was chosen, and which, decides the handle.
fn is_name_known(signup: &Signup) -> bool {
    signup.name.present().is_some() || signup.name.is_absent()
}

/// Auth0 has to say that this is a living user, and the deletion collections that they want to stay.
fn may_be_touched(signup: &Signup) -> bool {
    signup.auth0.present().is_some() && signup.deletion.is_absent()
}

/// `gone`: whose place a new account may take; `replaced`: it does.
fn left(signup: &Signup, diagnosis: &Diagnosis, gone: Option<&str>, replaced: bool) -> Vec<String> {
    let manual = |finding: &&Finding| match finding.id {
        Id::AccountGone => !replaced,
        _ => matches!(finding.repair, Repair::Manual | Repair::Never),
    };
    let findings = diagnosis
        .findings
        .iter()
        .filter(manual)
        .map(|finding| format!("{}: {} {}", finding.id.name(), finding.message, finding.hint));
    let unknown = Column::ALL
        .into_iter()
        .filter(|column| diagnosis.state(*column) == State::Unknown)
        .map(|column| format!("{} is unknown, so that nothing is done about it.", column.word()));
    findings
        .chain(unknown)
        .chain(doubts(signup, diagnosis, gone))
        .collect()
}

/// What keeps a plan from mending what is neither left to somebody nor an unknown column.
fn doubts(signup: &Signup, d: &Diagnosis, gone: Option<&str>) -> Vec<String> {
    if d.is_left_alone() {
        return Vec::new();
    }
    let mut doubts = Vec::new();
    if signup.auth0.is_absent() {
        doubts.push("Auth0 has no such user, so that nothing is done.".into());
    }
    if let Some(why) = signup.auth0.unreadable() {
        doubts.push(format!("Nothing is done: {why}."));
    }
    if signup.deletion.is_unknown() || signup.deletion.unreadable().is_some() {
        doubts.push("Whether the user asked to be deleted is unknown, so that nothing is done.".into());
    }
    if !is_name_known(signup) {
        doubts.push("The chosen name is unknown, so that nothing is done about the account.".into());
    }
    if signup.plc.unreadable().is_some() {
        doubts.push("Where the account lives is unreadable, so that nothing is done about it.".into());
    }
    let is_doubtful = signup.did().is_none() && signup.found.unreadable().is_some();
    if (wants_account(signup, d) || gone.is_some() || is_doubtful) && signup.auth0.present().is_some() {
        doubts.extend(obstacle(signup, gone));
    }
    doubts
}

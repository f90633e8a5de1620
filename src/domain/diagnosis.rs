//! What a combination of facts means: the state of each column, and the findings.

use serde::Serialize;

use super::code::is_well_formed;
use super::finding::{Finding, FindingId as Id, Severity};
use super::handle;
use super::observed::Observed;
use super::signup::{Account, Deletion, PlcData, Signup, Standing};

/// The five columns, in the order in which a signup passes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Column {
    Auth0,
    Mongo,
    Code,
    Did,
    Pds,
}

impl Column {
    pub const ALL: [Self; 5] = [Self::Auth0, Self::Mongo, Self::Code, Self::Did, Self::Pds];

    pub fn word(self) -> &'static str {
        match self {
            Self::Auth0 => "auth0",
            Self::Mongo => "mongo",
            Self::Code => "code",
            Self::Did => "did",
            Self::Pds => "pds",
        }
    }
}

/// The states of the contract, section 4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Missing,
    Drift,
    Unknown,
    /// A job is on it. Never diagnosed: the faces put it in where a job of theirs runs.
    Running,
    /// Not expected yet.
    Waiting,
    Ok,
}

impl State {
    pub const ALL: [Self; 6] = [
        Self::Ok,
        Self::Waiting,
        Self::Missing,
        Self::Drift,
        Self::Running,
        Self::Unknown,
    ];

    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Waiting => "waiting",
            Self::Missing => "missing",
            Self::Drift => "drift",
            Self::Running => "running",
            Self::Unknown => "unknown",
        }
    }
}

/// What a signup counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Broken,
    Unknown,
    Waiting,
    Whole,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Diagnosis {
    columns: [Option<State>; 5],
    pub findings: Vec<Finding>,
    /// Why a column is unknown although its backend answered: one sentence each.
    pub notes: Vec<String>,
}

impl Diagnosis {
    pub fn state(&self, column: Column) -> State {
        self.columns[column as usize].unwrap_or(State::Unknown)
    }

    pub fn has(&self, id: Id) -> bool {
        self.findings.iter().any(|finding| finding.id == id)
    }

    /// Blocked, or about to be deleted: no plan is made for such a user.
    pub fn is_left_alone(&self) -> bool {
        self.has(Id::Blocked) || self.has(Id::DeletionPending)
    }

    pub fn verdict(&self) -> Verdict {
        let any = |state| Column::ALL.iter().any(|column| self.state(*column) == state);
        if self
            .findings
            .iter()
            .any(|finding| finding.severity > Severity::Info)
        {
            Verdict::Broken
        } else if self.is_left_alone() {
            Verdict::Whole
        } else if any(State::Unknown) {
            Verdict::Unknown
        } else if any(State::Waiting) {
            Verdict::Waiting
        } else {
            Verdict::Whole
        }
    }

    fn set(&mut self, column: Column, state: State) {
        self.columns[column as usize] = Some(state);
    }

    fn find(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    fn unreadable<T>(&mut self, what: &str, fact: &Observed<T>) {
        if let Some(why) = fact.unreadable() {
            self.notes.push(format!("{what} cannot be read: {why}"));
        }
    }
}

/// Says what the facts mean. Total: every combination of facts has a diagnosis.
pub fn diagnose(signup: &Signup) -> Diagnosis {
    let mut d = Diagnosis::default();
    auth0(signup, &mut d);
    mongo(signup, &mut d);
    code(signup, &mut d);
    did(signup, &mut d);
    pds(signup, &mut d);
    if d.is_left_alone() {
        // Nothing will be done for them, so that nothing else about them is an error.
        d.findings.retain(|finding| finding.severity == Severity::Info);
    }
    d
}

fn auth0(signup: &Signup, d: &mut Diagnosis) {
    let mut state = match &signup.auth0 {
        Observed::Unknown | Observed::Unreadable(_) => State::Unknown,
        Observed::Absent => State::Missing,
        Observed::Present(user) if user.blocked => State::Drift,
        Observed::Present(user) if user.email_verified => State::Ok,
        Observed::Present(_) => State::Waiting,
    };
    d.unreadable("The Auth0 user", &signup.auth0);
    match &signup.auth0 {
        Observed::Absent => d.find(Id::OrphanRecord.with(format!(
            "Mongo has records of {}, but Auth0 has no such user.",
            signup.sub
        ))),
        Observed::Present(user) if user.blocked => {
            d.find(Id::Blocked.with("The user is blocked in Auth0."));
        }
        _ => {}
    }
    if let Observed::Present(deletion) = signup.deletion {
        d.find(Id::DeletionPending.with(match deletion {
            Deletion::Scheduled => "The user asked to be deleted: account-deletions names them.",
            Deletion::Tombstone => "The user was deleted: account-tombstones names them.",
        }));
    }
    d.unreadable("The deletion record", &signup.deletion);
    if let Some(others) = signup.same_email.present().filter(|others| !others.is_empty()) {
        state = if state == State::Missing {
            state
        } else {
            State::Drift
        };
        d.find(Id::DuplicateEmail.with(format!(
            "The same e-mail belongs to {} too.",
            others.join(" and ")
        )));
    }
    d.set(Column::Auth0, state);
}

fn mongo(signup: &Signup, d: &mut Diagnosis) {
    d.unreadable("The users record", &signup.user);
    d.unreadable("The verifications record", &signup.verification);
    let mut state = match (&signup.user, &signup.verification) {
        (Observed::Absent, _) => State::Missing,
        (Observed::Present(_), Observed::Present(_)) => State::Ok,
        (Observed::Present(_), Observed::Absent) => State::Drift,
        _ => State::Unknown,
    };
    if signup.user.is_absent() {
        d.find(Id::MissingUserRecord.with(if signup.verified() == Some(true) {
            "There is no users record, so that there can be neither a code nor an account."
        } else {
            "There is no users record, and so no code."
        }));
    }
    match &signup.verification {
        Observed::Absent => {
            d.find(Id::MissingVerificationRecord.with("There is no verifications record."));
        }
        Observed::Present(verification) if verification.count < 1 && signup.verified() == Some(true) => {
            if state == State::Ok {
                state = State::Drift;
            }
            d.find(Id::VerificationCount.with(format!(
                "Auth0 says that the e-mail is verified, but verifications counts {}.",
                verification.count
            )));
        }
        _ => {}
    }
    d.set(Column::Mongo, state);
}

fn code(signup: &Signup, d: &mut Diagnosis) {
    let state = match &signup.user {
        Observed::Unknown | Observed::Unreadable(_) => State::Unknown,
        Observed::Absent => State::Missing,
        Observed::Present(user) => match &user.code {
            Observed::Unknown => State::Unknown,
            Observed::Absent => {
                d.find(Id::MissingCode.with("The users record has no code."));
                State::Missing
            }
            Observed::Present(code) if is_well_formed(code) => State::Ok,
            Observed::Present(_) => {
                d.find(Id::MalformedCode.with("The code does not look like acYYcvcvc."));
                State::Drift
            }
            Observed::Unreadable(why) => {
                d.find(Id::MalformedCode.with(format!("The code is no text: {why}.")));
                State::Drift
            }
        },
    };
    d.set(Column::Code, state);
}

fn did(signup: &Signup, d: &mut Diagnosis) {
    let state = match &signup.user {
        Observed::Unknown | Observed::Unreadable(_) => State::Unknown,
        Observed::Present(user) if user.atproto.unreadable().is_some() => {
            d.unreadable("users.atproto", &user.atproto);
            State::Unknown
        }
        _ => match signup.atproto() {
            Some(record) if record.did.is_some() => recorded(signup, d),
            other => {
                // A handle or a password without a DID is no account, but it is not nothing either.
                let remains = other.is_some_and(|record| record.handle.is_some() || record.has_password);
                unrecorded(signup, remains, d)
            }
        },
    };
    d.set(Column::Did, state);
}

fn recorded(signup: &Signup, d: &mut Diagnosis) -> State {
    let mut state = State::Ok;
    let Some(record) = signup.atproto() else {
        return State::Unknown;
    };
    let lacking: Vec<&str> = [
        ("handle", record.handle.is_none()),
        ("password", !record.has_password),
    ]
    .iter()
    .filter_map(|(name, lacks)| lacks.then_some(*name))
    .collect();
    if !lacking.is_empty() {
        state = State::Drift;
        d.find(
            Id::IncompleteCredentials.with(format!("users.atproto lacks the {}.", lacking.join(" and the "))),
        );
    }
    if let (Some(theirs), Some(ours)) = (signup.account.present(), &record.handle)
        && !handle::same(&theirs.handle, ours)
    {
        state = State::Drift;
        d.find(Id::RecordDrift.with("users.atproto has another handle than the PDS."));
    }
    d.unreadable("The PLC directory's document", &signup.plc);
    match &signup.plc {
        Observed::Present(PlcData::Lives {
            here: false,
            endpoint,
        }) => {
            state = State::Drift;
            d.find(Id::DidElsewhere.with(format!(
                "The PLC directory says that the account lives at {endpoint}."
            )));
        }
        Observed::Present(PlcData::Tombstoned) => {
            state = State::Drift;
            d.find(Id::DidTombstoned.with("The PLC directory says that the DID is tombstoned."));
        }
        Observed::Absent => {
            state = State::Drift;
            d.find(Id::DidUnresolvable.with("The PLC directory does not know the DID."));
        }
        _ => {}
    }
    state
}

fn unrecorded(signup: &Signup, remains: bool, d: &mut Diagnosis) -> State {
    if let Observed::Present(account) = &signup.found {
        d.find(Id::UnrecordedAccount.with(format!(
            "The PDS has the account {} of this user, but Mongo does not say so.",
            account.did
        )));
        return State::Missing;
    }
    match (signup.verified(), &signup.found) {
        (None, _) => State::Unknown,
        (Some(false), _) if !remains => State::Waiting,
        (Some(_), _) if remains => {
            d.find(Id::IncompleteCredentials.with("users.atproto lacks the DID."));
            State::Drift
        }
        (Some(_), Observed::Absent) => {
            d.find(
                Id::MissingAccount
                    .with("The e-mail is verified, but no account is recorded and the PDS shows none."),
            );
            State::Missing
        }
        // Nothing is recorded: that much is sure. Whether the PDS has an account is not.
        (Some(_), _) => State::Missing,
    }
}

fn pds(signup: &Signup, d: &mut Diagnosis) {
    let fact = if signup.did().is_some() {
        &signup.account
    } else {
        &signup.found
    };
    d.unreadable("The PDS's account", fact);
    let state = match (fact, signup.did(), signup.verified()) {
        (Observed::Present(account), ..) => account_state(signup, account, d),
        (Observed::Absent, Some(did), _) => {
            d.find(Id::AccountGone.with(format!("The PDS does not know the recorded account {did}.")));
            State::Missing
        }
        (_, None, _) if d.state(Column::Did) == State::Unknown => State::Unknown,
        (_, None, Some(false)) if d.state(Column::Did) == State::Waiting => State::Waiting,
        (Observed::Absent, None, _) => State::Missing,
        (Observed::Unknown | Observed::Unreadable(_), ..) => State::Unknown,
    };
    d.set(Column::Pds, state);
}

fn account_state(signup: &Signup, account: &Account, d: &mut Diagnosis) -> State {
    match account.standing {
        Standing::TakenDown => {
            d.find(Id::AccountTakenDown.with("The account is taken down."));
            return State::Drift;
        }
        Standing::Deactivated => {
            d.find(Id::AccountDeactivated.with("The account is deactivated."));
            return State::Drift;
        }
        Standing::Broken => {
            d.find(Id::AccountBroken.with("The account has no repository on the PDS."));
            return State::Drift;
        }
        Standing::Unknown => return State::Unknown,
        Standing::Active => {}
    }
    let mut state = State::Ok;
    if signup.password_opens == Observed::Present(false) {
        state = State::Drift;
        d.find(Id::PasswordRejected.with("The recorded password does not open the account."));
    }
    let Some(wanted) = signup.wanted_handle() else {
        return if state == State::Ok { State::Unknown } else { state };
    };
    if handle::same(&wanted, &account.handle) {
        return state;
    }
    let fallback = signup.atproto().and_then(|record| record.fallback.as_ref());
    let by_code = signup
        .code_handle()
        .is_some_and(|code| handle::same(&code, &account.handle));
    match fallback.filter(|fallback| by_code && handle::same(&fallback.wanted, &wanted)) {
        Some(fallback) => {
            d.find(Id::HandleFallback.with(format!(
                "The PDS refuses the wanted handle (\"{}\"), and the code stands in.",
                fallback.reason
            )));
            state
        }
        None => {
            d.find(Id::HandleDrift.with("The handle on the PDS is not the wanted one."));
            State::Drift
        }
    }
}

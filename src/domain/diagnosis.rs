//! What a combination of facts means: the state of each column, and the findings. What is meant for the account (the
//! columns `did` and `pds`) stands in `account`.

mod account;

use serde::{Deserialize, Serialize};

use super::code::is_well_formed;
use super::finding::{Finding, FindingId as Id, Severity};
use super::observed::Observed;
use super::signup::{Deletion, Signup};

/// The five columns, in the order in which a signup passes them.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
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
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
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
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Broken,
    Unknown,
    Waiting,
    Whole,
}

impl Verdict {
    pub const ALL: [Self; 4] = [Self::Broken, Self::Unknown, Self::Waiting, Self::Whole];

    pub fn word(self) -> &'static str {
        match self {
            Self::Broken => "broken",
            Self::Unknown => "unknown",
            Self::Waiting => "waiting",
            Self::Whole => "whole",
        }
    }
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
    account::did(signup, &mut d);
    account::pds(signup, &mut d);
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
        Observed::Absent => {
            if let Some(places) = places(signup) {
                d.find(Id::OrphanRecord.with(format!(
                    "Mongo has {} in {places}, but Auth0 has no such user.",
                    signup.key
                )));
            }
        }
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

/// Whether Mongo said that it has something of this user, readable or not.
pub fn has_records(signup: &Signup) -> bool {
    places(signup).is_some()
}

/// Where Mongo said that it has something of this user, readable or not: `users and @handles`. An older record lies under
/// another `_id` than the key, which is told.
fn places(signup: &Signup) -> Option<String> {
    let place = |collection: &str, id: Option<&String>| match id.filter(|id| **id != signup.key) {
        Some(older) => format!("{collection} (as {older})"),
        None => collection.to_string(),
    };
    let user = signup.user.present().map(|user| &user.id);
    let verification = signup.verification.present().map(|found| &found.id);
    let mut places = Vec::new();
    if is_there(&signup.user) {
        places.push(place("users", user));
    }
    if is_there(&signup.verification) {
        places.push(place("verifications", verification));
    }
    if is_there(&signup.name) {
        places.push(place("@handles", None));
    }
    let last = places.pop()?;
    Some(match places.is_empty() {
        true => last,
        false => format!("{} and {last}", places.join(", ")),
    })
}

fn is_there<T>(fact: &Observed<T>) -> bool {
    !fact.is_absent() && !fact.is_unknown()
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
    // Of somebody who is not in Auth0 nothing is missing: where their records lie was told.
    let expected = !d.has(Id::OrphanRecord);
    if signup.user.is_absent() && expected {
        d.find(Id::MissingUserRecord.with(if signup.verified() == Some(true) {
            "There is no users record, so that there can be neither a code nor an account."
        } else {
            "There is no users record, and so no code."
        }));
    }
    match &signup.verification {
        Observed::Absent if expected => {
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

//! What the facts about the account mean: the columns `did` (what is recorded) and `pds` (what the PDS has).

use super::{Column, Diagnosis, State};
use crate::domain::finding::FindingId as Id;
use crate::domain::handle;
use crate::domain::observed::Observed;
use crate::domain::signup::{Account, PlcData, Signup, Standing};

/// Whether an account is expected. Of a user whom Auth0 does not have, none is; `None` where Auth0 did not say.
fn expected(signup: &Signup) -> Option<bool> {
    match &signup.auth0 {
        Observed::Present(user) => Some(user.email_verified),
        Observed::Absent => Some(false),
        Observed::Unknown | Observed::Unreadable(_) => None,
    }
}

pub(super) fn did(signup: &Signup, d: &mut Diagnosis) {
    let state = match &signup.user {
        Observed::Unknown | Observed::Unreadable(_) => State::Unknown,
        Observed::Present(user) if user.atproto.is_unknown() || user.atproto.unreadable().is_some() => {
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
    let older = record.older;
    let lacking: Vec<&str> = [
        ("DID", older.did),
        ("handle", older.handle || record.handle.is_none()),
        ("password", older.password || !record.has_password),
    ]
    .iter()
    .filter_map(|(name, lacks)| lacks.then_some(*name))
    .collect();
    if !lacking.is_empty() {
        state = State::Drift;
        let lacking = lacking.join(" and the ");
        let beside = match older.any() {
            true => "; older fields of the record name the account",
            false => "",
        };
        d.find(Id::IncompleteCredentials.with(format!("users.atproto lacks the {lacking}{beside}.")));
    }
    if let (Some(theirs), Some(ours)) = (signup.account.present(), &record.handle)
        && !handle::same(&theirs.handle, ours)
    {
        state = State::Drift;
        d.find(Id::RecordDrift.with("users.atproto has another handle than the PDS."));
    }
    if directory(signup, d) { State::Drift } else { state }
}

/// What the PLC directory says of the recorded or found DID; true where it speaks against the account.
fn directory(signup: &Signup, d: &mut Diagnosis) -> bool {
    d.unreadable("The PLC directory's document", &signup.plc);
    match &signup.plc {
        Observed::Present(PlcData::Lives {
            here: false,
            endpoint,
        }) => {
            d.find(Id::DidElsewhere.with(format!(
                "The PLC directory says that the account lives at {endpoint}."
            )));
        }
        Observed::Present(PlcData::Tombstoned) => {
            d.find(Id::DidTombstoned.with("The PLC directory says that the DID is tombstoned."));
        }
        Observed::Absent => {
            d.find(Id::DidUnresolvable.with("The PLC directory does not know the DID."));
        }
        _ => return false,
    }
    true
}

fn unrecorded(signup: &Signup, remains: bool, d: &mut Diagnosis) -> State {
    if let Observed::Present(account) = &signup.found {
        d.find(Id::UnrecordedAccount.with(format!(
            "The PDS has the account {} of this user, but Mongo does not say so.",
            account.did
        )));
        directory(signup, d);
        return State::Missing;
    }
    match (expected(signup), &signup.found) {
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

pub(super) fn pds(signup: &Signup, d: &mut Diagnosis) {
    let fact = if signup.did().is_some() {
        &signup.account
    } else {
        &signup.found
    };
    match (signup.did(), fact.unreadable()) {
        (None, Some(why)) => d.notes.push(format!(
            "Whether the PDS has this user's account cannot be told: {why}"
        )),
        _ => d.unreadable("The PDS's account", fact),
    }
    let state = match (fact, signup.did()) {
        // Whether an account is recorded is not known: no account can be said to be the one.
        _ if d.state(Column::Did) == State::Unknown => State::Unknown,
        (Observed::Present(account), _) => account_state(signup, account, d),
        (Observed::Absent, Some(did)) => {
            d.find(Id::AccountGone.with(format!("The PDS does not know the recorded account {did}.")));
            State::Missing
        }
        (_, None) if expected(signup) == Some(false) => State::Waiting,
        (Observed::Absent, None) => State::Missing,
        (Observed::Unknown | Observed::Unreadable(_), _) => State::Unknown,
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
    if signup.password_opens.unreadable().is_some() {
        d.unreadable("Whether the password opens the account", &signup.password_opens);
        return State::Unknown;
    }
    let Some(wanted) = signup.wanted_handle() else {
        return if awaits_code(signup) {
            d.find(Id::HandleDrift.with("The handle on the PDS follows from no code, since there is none."));
            State::Drift
        } else {
            d.unreadable("The @handles row", &signup.name);
            if let Some(user) = signup.user.present().filter(|_| signup.name.is_absent()) {
                d.unreadable("The code that the handle is made of", &user.code);
            }
            if state == State::Ok { State::Unknown } else { state }
        };
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

/// Whether the wanted handle is the code that a backfill has yet to draw: no account can bear it already.
fn awaits_code(signup: &Signup) -> bool {
    let no_code = match &signup.user {
        Observed::Present(user) => user.code.is_absent(),
        other => other.is_absent(),
    };
    no_code && signup.name.is_absent() && signup.domain.is_some()
}

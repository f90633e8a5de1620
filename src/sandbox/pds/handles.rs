//! The rules for handles and the two ways to change one, with their known traps. The words that
//! are kept back live in `reserved.rs`, what the PLC directory does with a change in `plc/`.

use super::account::Accounts;
use super::answer::{Answered, Call, Refusal, Reply, unfit};
use super::reserved::is_reserved;
use crate::sandbox::plc::directory::{PlcFailure, submit};

/// Stands for the reference's list of slurs, which is not repeated here.
pub(super) const SLUR: &str = "naughtyword";

const NO_TLDS: [&str; 8] = [
    "local",
    "arpa",
    "invalid",
    "localhost",
    "internal",
    "example",
    "alt",
    "onion",
];

/// Who asks for a handle decides which rules hold.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Asker {
    /// A new account: only handles of the service domain.
    Newcomer,
    /// An account's owner.
    Owner,
    /// An administrator, whom reserved words and slurs do not bind.
    Admin,
}

/// The handle of the input in lower case, if this asker may have it.
pub(super) fn wanted(call: &Call, asker: Asker) -> Result<String, Refusal> {
    let sent = call.text("handle")?;
    let handle = sent.to_ascii_lowercase();
    if !is_handle(&handle) {
        return Err(unfit("handle", sent, "handle"));
    }
    let domain = call.world.lock().pds.handle_domain.clone();
    allow(&handle, &domain, asker)?;
    Ok(handle)
}

fn allow(handle: &str, domain: &str, asker: Asker) -> Result<(), Refusal> {
    let refuse = |message| Err(Refusal::bad("InvalidHandle", message));
    if NO_TLDS.iter().any(|tld| handle.ends_with(&format!(".{tld}"))) {
        return refuse("Handle TLD is invalid or disallowed");
    }
    if asker != Asker::Admin && handle.contains(SLUR) {
        return refuse("Inappropriate language in handle");
    }
    let Some(label) = handle.strip_suffix(domain) else {
        return Err(match asker {
            Asker::Newcomer => Refusal::bad("UnsupportedDomain", "Not a supported handle domain"),
            // No DNS in a sandbox, so no foreign domain ever answers.
            Asker::Owner | Asker::Admin => Refusal::invalid("External handle did not resolve to DID"),
        });
    };
    match label {
        _ if label.contains('.') => refuse("Invalid characters in handle"),
        _ if label.len() < 3 => refuse("Handle too short"),
        _ if label.len() > 18 => refuse("Handle too long"),
        _ if asker != Asker::Admin && is_reserved(label) => {
            Err(Refusal::bad("HandleNotAvailable", "Reserved handle"))
        }
        _ => Ok(()),
    }
}

/// The protocol's syntax: dotted ASCII labels of 1–63, no `-` at their ends, a last one that
/// begins with a letter, at most 253 in all.
pub(super) fn is_handle(handle: &str) -> bool {
    let labels: Vec<&str> = handle.split('.').collect();
    let fits = |label: &&str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    handle.len() <= 253
        && labels.len() >= 2
        && labels.iter().all(fits)
        && labels
            .last()
            .is_some_and(|tld| tld.starts_with(|c: char| c.is_ascii_alphabetic()))
}

/// What the PDS tells of a failed PLC operation.
pub(super) fn plc_failure(failure: PlcFailure) -> Refusal {
    match failure {
        PlcFailure::Refused(message) => Refusal::invalid(message),
        PlcFailure::Tombstoned => Refusal::internal(),
        PlcFailure::Unclear => {
            let status = axum::http::StatusCode::BAD_GATEWAY;
            let message = "Unable to perform PLC operation";
            Refusal::new(status, "UpstreamFailure", message)
        }
    }
}

/// Whose handle it is, as the asker's own check sees it.
type Holder = fn(&Accounts, &str) -> Option<String>;

/// `com.atproto.admin.updateAccountHandle`
pub(super) async fn update_by_admin(call: &Call) -> Answered {
    let did = call.did("did")?.to_owned();
    let handle = wanted(call, Asker::Admin)?;
    let anybody: Holder = |pds, handle| pds.by_handle(handle).map(|a| a.did.clone());
    update(call, &did, &handle, anybody).await
}

/// `com.atproto.identity.updateHandle`
pub(super) async fn update_own(call: &Call) -> Answered {
    let did = call.bearer()?;
    let handle = wanted(call, Asker::Owner)?;
    // The trap: this check does not see accounts that are taken down, so their handle goes to PLC
    // before the database refuses it.
    let unless_taken_down: Holder = |pds, handle| {
        let holder = pds.by_handle(handle).filter(|a| a.takedown.is_none());
        holder.map(|a| a.did.clone())
    };
    update(call, &did, &handle, unless_taken_down).await
}

async fn update(call: &Call, did: &str, handle: &str, holder: Holder) -> Answered {
    let holder = holder(&call.world.lock().pds, handle);
    match holder {
        // The other trap: the handle that the database already has is not sent to PLC again.
        Some(holder) if holder == did => return Ok(Reply::Empty),
        Some(_) => return Err(Refusal::invalid(format!("Handle already taken: {handle}"))),
        None => {}
    }
    submit(&call.world, did, handle, false)
        .await
        .map_err(plc_failure)?;
    let mut state = call.world.lock();
    if state.pds.by_handle(handle).is_some() {
        return Err(Refusal::internal());
    }
    match state.pds.accounts.get_mut(did) {
        Some(account) => account.handle = handle.to_owned(),
        None => return Err(Refusal::internal()),
    }
    Ok(Reply::Empty)
}

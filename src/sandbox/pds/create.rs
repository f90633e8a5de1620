//! `com.atproto.server.createAccount`: its checks in the reference's order, and what is left
//! behind where it fails half-way.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;

use super::account::{Account, Repo};
use super::answer::{Answered, Call, Refusal, Reply, unfit};
use super::handles::{Asker, is_handle, plc_failure, wanted};
use super::session::open;
use crate::sandbox::chance;
use crate::sandbox::plc::directory::submit;

const LONGEST_PASSWORD: usize = 256;
const LONGEST_LOCAL_PART: usize = 64;

/// A few of the throw-away mail domains that the reference refuses.
const DISPOSABLE: [&str; 5] = [
    "mailinator.com",
    "guerrillamail.com",
    "10minutemail.com",
    "yopmail.com",
    "trashmail.com",
];

/// What the input must look like, before anything is counted or looked up.
pub(super) fn check_input(call: &Call) -> Result<(), Refusal> {
    call.optional_text("email")?;
    let handle = call.text("handle")?;
    if !is_handle(&handle.to_ascii_lowercase()) {
        return Err(unfit("handle", handle, "handle"));
    }
    if call.input.get("did").is_some() {
        call.did("did")?;
    }
    call.optional_text("inviteCode")?;
    call.optional_text("password")?;
    Ok(())
}

/// `com.atproto.server.createAccount`, after `check_input` and the limiter.
pub(super) async fn create_account(call: &Call, delay: Duration) -> Answered {
    let email = call.optional_text("email")?.unwrap_or_default();
    let password = call.optional_text("password")?.unwrap_or_default();
    let code = call.optional_text("inviteCode")?.unwrap_or_default();
    if call.input.get("plcOp").is_some() {
        return Err(Refusal::invalid("Unsupported input: \"plcOp\""));
    }
    if password.encode_utf16().count() > LONGEST_PASSWORD {
        let message = format!("Password too long. Maximum length is {LONGEST_PASSWORD} characters.");
        return Err(Refusal::invalid(message));
    }
    if code.is_empty() {
        return Err(Refusal::bad("InvalidInviteCode", "No invite code provided"));
    }
    if email.is_empty() {
        return Err(Refusal::invalid("Email is required"));
    }
    if !is_supported(email) {
        let message = "This email address is not supported, please use a different email.";
        return Err(Refusal::invalid(message));
    }
    let handle = wanted(call, Asker::Newcomer)?;
    let open_invite = |code: &str| {
        let state = call.world.lock();
        match state.pds.invites.get(code) {
            Some(invite) if invite.is_open() => Ok(()),
            _ => {
                let message = "Provided invite code not available";
                Err(Refusal::bad("InvalidInviteCode", message))
            }
        }
    };
    open_invite(code)?;
    {
        // Accounts that are not active are not seen here, only by the database later on.
        let state = call.world.lock();
        if state.pds.by_handle(&handle).is_some_and(Account::is_active) {
            return Err(Refusal::invalid(format!("Handle already taken: {handle}")));
        }
        if state.pds.by_email(email).is_some_and(Account::is_active) {
            return Err(Refusal::invalid(format!("Email already taken: {email}")));
        }
    }
    if let Some(did) = call.optional_text("did")? {
        let message = format!("Missing auth to create account with did: {did}");
        return Err(Refusal::unauthorized("AuthenticationRequired", message));
    }

    tokio::time::sleep(delay).await;
    // From here on a failure leaves the DID behind.
    let did = chance::did();
    submit(&call.world, &did, &handle, true)
        .await
        .map_err(plc_failure)?;
    open_invite(code)?;
    let mut account = Account::new(&handle, email, password, Timestamp::now());
    account.did = did.clone();
    account.invite = Some(code.to_owned());
    if password.is_empty() {
        account.email = None;
        account.password = None;
    }
    let mut state = call.world.lock();
    let conflict = state.pds.by_handle(&handle).is_some()
        || account.email.is_some() && state.pds.by_email(email).is_some();
    if conflict {
        return Err(Refusal::internal());
    }
    let broken = std::mem::take(&mut state.pds.break_next_account);
    if broken {
        account.repo = Repo::NoStore;
    }
    state.pds.use_invite(code, &did, account.created_at);
    state.pds.accounts.insert(did.clone(), account);
    if broken {
        return Err(Refusal::internal());
    }
    let (access, refresh) = open(&mut state.pds, &did, "com.atproto.access");
    let document = state.plc.did_document(&did);
    Ok(Reply::Body(json!({
        "handle": handle,
        "did": did,
        "didDoc": document,
        "accessJwt": access,
        "refreshJwt": refresh,
    })))
}

/// The reference's idea of an e-mail address, near enough: dotted domain, plain local part, not a
/// throw-away.
fn is_supported(email: &str) -> bool {
    let Some((local, domain)) = email.rsplit_once('@') else {
        return false;
    };
    let local_fits = (1..=LONGEST_LOCAL_PART).contains(&local.len())
        && local.split('.').all(|part| !part.is_empty())
        && !local.contains(|c: char| c.is_whitespace() || c.is_control() || "\"@(),:;<>[]\\".contains(c));
    let labels: Vec<&str> = domain.split('.').collect();
    let label_fits = |label: &&str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    let domain_fits = labels.len() >= 2 && labels.iter().all(label_fits);
    local_fits && domain_fits && !DISPOSABLE.contains(&domain.to_lowercase().as_str())
}

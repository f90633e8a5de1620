//! What administrators read of accounts, and their writes to password, e-mail and existence. Their
//! changes of handles live in `handles.rs`, of takedowns in `subjects.rs`.

use serde_json::{Value, json};

use super::account::{Account, Accounts};
use super::answer::{Answered, Call, Refusal, Reply, is_did, unfit};
use super::handles::is_handle;

const LONGEST_PASSWORD: usize = 256;

/// `com.atproto.admin.getAccountInfo`
pub(super) fn account_info(call: &Call) -> Answered {
    let did = call.did_param("did")?;
    call.moderator()?;
    let state = call.world.lock();
    match state.pds.accounts.get(did) {
        Some(account) => Ok(Reply::Body(view(&state.pds, account))),
        None => Err(Refusal::bad("NotFound", "Account not found")),
    }
}

/// `com.atproto.admin.getAccountInfos`: unknown DIDs are left out, duplicates merged; a malformed
/// one, or none at all, fails the whole call.
pub(super) fn account_infos(call: &Call) -> Answered {
    let mut dids: Vec<&str> = Vec::new();
    for (key, did) in &call.query {
        match key.as_str() {
            "dids" if is_did(did) => dids.push(did),
            "dids" => return Err(Refusal::internal()),
            _ => {}
        }
    }
    if dids.is_empty() {
        return Err(Refusal::internal());
    }
    call.moderator()?;
    dids.sort_unstable();
    dids.dedup();
    let state = call.world.lock();
    let known = dids.into_iter().filter_map(|did| state.pds.accounts.get(did));
    let infos: Value = known.map(|account| view(&state.pds, account)).collect();
    Ok(Reply::Body(json!({"infos": infos})))
}

/// `com.atproto.admin.defs#accountView`
fn view(pds: &Accounts, account: &Account) -> Value {
    let own = pds
        .invites
        .iter()
        .filter(|(_, invite)| invite.for_account == account.did);
    let mut body = json!({
        "did": account.did,
        "handle": account.handle,
        "indexedAt": format!("{:.3}", account.created_at),
        "invites": own.map(|(code, invite)| invite.view(code)).collect::<Value>(),
        "invitesDisabled": false,
    });
    if let Some(email) = &account.email {
        body["email"] = json!(email);
    }
    if let Some(at) = account.email_confirmed_at {
        body["emailConfirmedAt"] = json!(format!("{at:.3}"));
    }
    if let Some(at) = account.deactivated_at {
        body["deactivatedAt"] = json!(format!("{at:.3}"));
    }
    if let Some(code) = &account.invite
        && let Some(invite) = pds.invites.get(code)
    {
        body["invitedBy"] = invite.view(code);
    }
    body
}

/// `com.atproto.admin.updateAccountPassword`: 200 for an unknown DID as well, and for an account
/// without a login, which stays without one.
pub(super) fn update_password(call: &Call) -> Answered {
    let did = call.did("did")?;
    let password = call.text("password")?;
    if password.encode_utf16().count() > LONGEST_PASSWORD {
        return Err(Refusal::invalid("Invalid password length."));
    }
    let mut state = call.world.lock();
    if let Some(account) = state.pds.accounts.get_mut(did)
        && account.password.is_some()
    {
        account.password = Some(password.to_owned().into());
    }
    // Access tokens live on; only refresh tokens are revoked.
    state
        .pds
        .sessions
        .retain(|_, session| !session.refresh || session.did != did);
    Ok(Reply::Empty)
}

/// `com.atproto.admin.updateAccountEmail`: no check of the address; one that is taken is a 500.
pub(super) fn update_email(call: &Call) -> Answered {
    let who = call.text("account")?;
    if !is_did(who) && !is_handle(&who.to_ascii_lowercase()) {
        return Err(unfit("AT identifier", who, "account"));
    }
    let email = call.text("email")?.to_lowercase();
    let mut state = call.world.lock();
    let Some(did) = state.pds.find(who).map(|account| account.did.clone()) else {
        return Err(Refusal::invalid(format!("Account does not exist: {who}")));
    };
    if state.pds.by_email(&email).is_some_and(|holder| holder.did != did) {
        return Err(Refusal::internal());
    }
    if let Some(account) = state.pds.accounts.get_mut(&did)
        && account.email.is_some()
    {
        account.email = Some(email);
        account.email_confirmed_at = None;
    }
    Ok(Reply::Empty)
}

/// `com.atproto.admin.deleteAccount`: 200 whether or not it was there; PLC keeps the document.
pub(super) fn delete(call: &Call) -> Answered {
    let did = call.did("did")?;
    call.world.lock().pds.accounts.remove(did);
    Ok(Reply::Empty)
}

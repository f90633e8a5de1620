//! Logging in, and what a session's token tells. Padding of the answer's time happens in `mod.rs`.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::account::{Account, Accounts, Session};
use super::answer::{Answered, Call, Refusal, Reply, unlike};
use crate::sandbox::chance;

const LONGEST_PASSWORD: usize = 512;
const ACCESS_LIFE: Duration = Duration::from_secs(2 * 3600);
const REFRESH_LIFE: Duration = Duration::from_secs(90 * 86_400);

/// What the input must look like, before anything is counted.
pub(super) fn check_input(call: &Call) -> Result<(), Refusal> {
    call.text("identifier")?;
    call.text("password")?;
    match call.input.get("allowTakendown") {
        None | Some(Value::Bool(_)) => Ok(()),
        Some(other) => Err(unlike("boolean", other, "allowTakendown")),
    }
}

/// Whether the password is too long to be looked at, which is said at once.
pub(super) fn check_length(call: &Call) -> Result<(), Refusal> {
    if call.text("password")?.encode_utf16().count() > LONGEST_PASSWORD {
        let message = "Password too long. Consider resetting your password.";
        return Err(Refusal::unauthorized("AuthenticationRequired", message));
    }
    Ok(())
}

/// `com.atproto.server.createSession`, after the checks above.
pub(super) fn create_session(call: &Call) -> Answered {
    let identifier = call.text("identifier")?.to_lowercase();
    let password = call.text("password")?;
    let allow_takendown = call.input.get("allowTakendown") == Some(&json!(true));
    let mut state = call.world.lock();
    let account = match identifier.contains('@') {
        true => state.pds.by_email(&identifier),
        false => state.pds.find(&identifier),
    };
    let opened = account.filter(|account| {
        let kept = account.password.as_ref().map(ExposeSecret::expose_secret);
        kept == Some(password)
    });
    let Some(account) = opened.cloned() else {
        let message = "Invalid identifier or password";
        return Err(Refusal::unauthorized("AuthenticationRequired", message));
    };
    let scope = match account.takedown {
        Some(_) if !allow_takendown => return Err(taken_down()),
        Some(_) => "com.atproto.takendown",
        None => "com.atproto.access",
    };
    let (access, refresh) = open(&mut state.pds, &account.did, scope);
    let mut body = view(&account);
    body["accessJwt"] = json!(access);
    body["refreshJwt"] = json!(refresh);
    Ok(Reply::Body(body))
}

/// `com.atproto.server.getSession`
pub(super) fn get_session(call: &Call) -> Answered {
    let did = call.bearer()?;
    let state = call.world.lock();
    match state.pds.accounts.get(&did) {
        Some(account) if account.takedown.is_none() => Ok(Reply::Body(view(account))),
        _ => {
            let message = format!("Could not find user info for account: {did}");
            Err(Refusal::invalid(message))
        }
    }
}

/// 401 `AccountTakedown`
pub(super) fn taken_down() -> Refusal {
    Refusal::unauthorized("AccountTakedown", "Account has been taken down")
}

fn view(account: &Account) -> Value {
    let mut body = json!({
        "did": account.did,
        "handle": account.handle,
        "emailConfirmed": account.email_confirmed_at.is_some(),
    });
    if let Some(email) = &account.email {
        body["email"] = json!(email);
    }
    account.put_status(&mut body);
    body
}

/// A new pair of tokens, access and refresh.
pub(super) fn open(pds: &mut Accounts, did: &str, scope: &str) -> (String, String) {
    let issued = Timestamp::now().as_second();
    let host = pds.handle_domain.trim_start_matches('.').to_owned();
    let mut token = |kind: &str, scope: &str, life: Duration| {
        let claims = json!({
            "scope": scope,
            "aud": format!("did:web:{host}"),
            "sub": did,
            "jti": chance::secret(16),
            "iat": issued,
            "exp": issued + life.as_secs() as i64,
        });
        let token = chance::jwt(kind, &claims);
        let session = Session {
            did: did.to_owned(),
            refresh: kind == "refresh+jwt",
            until: Instant::now() + life,
        };
        pds.sessions.insert(token.clone(), session);
        token
    };
    let access = token("at+jwt", scope, ACCESS_LIFE);
    let refresh = token("refresh+jwt", "com.atproto.refresh", REFRESH_LIFE);
    (access, refresh)
}

//! Who is calling the PDS: the admin password, a session's token, nobody. Says which refusal each
//! wrong way earns; making sessions lives in `session.rs`.

use std::time::Instant;

use axum::http::StatusCode;
use secrecy::ExposeSecret;

use super::answer::{Call, Refusal};
use crate::sandbox::chance;

impl Call {
    /// Basic `admin:<password>`, for methods that administrators alone may call.
    pub(super) fn admin(&self) -> Result<(), Refusal> {
        let state = self.world.lock();
        let expected = chance::basic("admin", state.pds.admin_password.expose_secret());
        match self.authorization.as_deref() {
            Some(given) if same_credentials(given, &expected) => Ok(()),
            _ => Err(denied("AuthenticationRequired")),
        }
    }

    /// As `admin`, for methods that a moderation service may call as well: it would bring a Bearer
    /// token, and this PDS trusts none.
    pub(super) fn moderator(&self) -> Result<(), Refusal> {
        match scheme(self.authorization.as_deref()) {
            Some("bearer") => Err(Refusal::unauthorized("UntrustedIss", "Untrusted issuer")),
            _ => self.admin(),
        }
    }

    /// No `Authorization` at all, as `createAccount` wants it.
    pub(super) fn anonymous(&self) -> Result<(), Refusal> {
        match scheme(self.authorization.as_deref()) {
            None => Ok(()),
            Some("bearer") => Err(Refusal::unauthorized("BadJwt", "poorly formatted jwt")),
            Some(_) => {
                let message = "Invalid authorization header";
                Err(Refusal::unauthorized("AuthenticationRequired", message))
            }
        }
    }

    /// The DID whose access token this is, whatever has become of the account.
    pub(super) fn bearer(&self) -> Result<String, Refusal> {
        let invalid = |message: &str| Refusal::bad("InvalidToken", message);
        let Some(header) = self.authorization.as_deref() else {
            return Err(denied("AuthMissing"));
        };
        if scheme(Some(header)) != Some("bearer") {
            return Err(invalid("Unexpected authorization type"));
        }
        let token = header["bearer ".len()..].trim();
        let state = self.world.lock();
        match state.pds.sessions.get(token) {
            None => Err(invalid("Token could not be verified")),
            Some(session) if session.refresh => Err(invalid("Invalid token type")),
            Some(session) if session.until < Instant::now() => {
                Err(Refusal::bad("ExpiredToken", "Token has expired"))
            }
            Some(session) => Ok(session.did.clone()),
        }
    }

    /// As `bearer`, but the account must exist and must not be taken down.
    pub(super) fn bearer_in_good_standing(&self) -> Result<String, Refusal> {
        let did = self.bearer()?;
        let state = self.world.lock();
        match state.pds.accounts.get(&did) {
            None => {
                let status = StatusCode::FORBIDDEN;
                Err(Refusal::new(status, "AccountNotFound", "Account not found"))
            }
            Some(account) if account.takedown.is_some() => Err(super::session::taken_down()),
            Some(_) => Ok(did),
        }
    }
}

fn denied(error: &'static str) -> Refusal {
    Refusal::unauthorized(error, "Authentication Required")
}

/// `basic`, `bearer`, or whatever else the header begins with, as far as this PDS tells apart.
fn scheme(header: Option<&str>) -> Option<&'static str> {
    let (name, _) = header?.split_once(' ').unwrap_or((header?, ""));
    Some(match name {
        name if name.eq_ignore_ascii_case("basic") => "basic",
        name if name.eq_ignore_ascii_case("bearer") => "bearer",
        _ => "other",
    })
}

/// The scheme's name may come in any case, the credentials may not.
fn same_credentials(given: &str, expected: &str) -> bool {
    let credentials = |header: &str| header.split_once(' ').map(|(_, rest)| rest.to_owned());
    scheme(Some(given)) == Some("basic") && credentials(given) == credentials(expected)
}

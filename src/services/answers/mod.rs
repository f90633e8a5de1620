//! What each answer of the outside means: of what class a refusal is, what is to be done about it and by whom, and the
//! mend in one sentence. A table of what Auth0, the PDS and the PLC directory are known to say; the first row that fits
//! decides, and what fits none is shown in the service's own words.

#[cfg(test)]
mod tests;

use super::error::Refusal;
use crate::domain::{Advice, Class};

/// What was asked, as far as it changes what an answer means.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    pub service: &'static str,
    /// The call's name, such as `com.atproto.server.createAccount`.
    pub call: &'a str,
    /// It was sent with the admin's password.
    pub admin: bool,
    pub base: &'a str,
    /// The variables that hold this service's credential.
    pub credential: &'a str,
}

/// What an answer means.
#[derive(Debug, PartialEq, Eq)]
pub struct Meaning {
    pub class: Class,
    pub advice: Advice,
    pub hint: String,
}

/// One row. An empty text fits anything.
struct Row {
    service: &'static str,
    /// A part of the call's name.
    call: &'static str,
    /// Only calls with the admin's password.
    admin: bool,
    /// From and to, both inclusive.
    status: (u16, u16),
    /// The name of the refusal, or a part of its message.
    says: &'static str,
    class: Class,
    advice: Advice,
    /// `{credential}`, `{base}` and `{scopes}` are filled in.
    hint: &'static str,
}

const fn row(
    service: &'static str,
    status: (u16, u16),
    says: &'static str,
    class: Class,
    advice: Advice,
    hint: &'static str,
) -> Row {
    Row {
        service,
        call: "",
        admin: false,
        status,
        says,
        class,
        advice,
        hint,
    }
}

impl Row {
    const fn to(self, call: &'static str) -> Self {
        Self { call, ..self }
    }

    const fn by_admin(self) -> Self {
        Self { admin: true, ..self }
    }

    fn fits(&self, asked: Asked<'_>, reply: &Refusal) -> bool {
        (self.service.is_empty() || self.service == asked.service)
            && asked.call.contains(self.call)
            && (asked.admin || !self.admin)
            && (self.status.0..=self.status.1).contains(&reply.status)
            && (self.says.is_empty() || reply.name == self.says || reply.message.contains(self.says))
    }
}

const ANY: (u16, u16) = (300, 599);
const CLIENT: (u16, u16) = (400, 499);
const AUTH0: &str = "auth0";
const PDS: &str = "pds";
const PLC: &str = "plc";

/// The rows, the closest first. Sources: the services' documentation and sources, and calls to the real ones.
#[rustfmt::skip]
const ROWS: &[Row] = {
    use Advice::{Configure, Decide, Look, Retry};
    use Class::{Auth, Conflict, Internal, NotFound, RateLimit, Refused, Unavailable, Validation};
    &[
        // --- budgets. Auth0 says so in words, sometimes with 403 or 500, and beside `access_denied`.
        row("", ANY, "Global limit has been reached", RateLimit, Retry, "Its budget is shared by everything that uses this tenant; it is tried again by itself."),
        row("", (429, 429), "", RateLimit, Retry, "The budget is used up; it is free again by itself."),
        // The PLC directory's limit of one DID, passed on by the PDS; both spellings are in use.
        row("", CLIENT, "operations within last hour", RateLimit, Decide, "The PLC directory allows ten handle changes an hour for one DID; try this user again in an hour."),
        row("", CLIENT, "operations within last day", RateLimit, Decide, "The PLC directory allows thirty handle changes a day for one DID; try this user again tomorrow."),
        row("", CLIENT, "operations within last week", RateLimit, Decide, "The PLC directory allows a hundred handle changes a week for one DID; try this user again next week."),

        // --- Auth0
        row(AUTH0, CLIENT, "Client is not authorized to access", Auth, Configure, "The application of {credential} has no grant for the Management API: authorize it there, in Auth0 under Applications, APIs."),
        row(AUTH0, (403, 403), "insufficient_scope", Auth, Configure, "Grant the application of {credential} {scopes}, in Auth0 under Applications, APIs."),
        row(AUTH0, ANY, "access_denied", Auth, Configure, "Check {credential}: Auth0 does not know this client, or its secret is another one."),
        row(AUTH0, (400, 403), "invalid_client", Auth, Configure, "Check {credential}: Auth0 does not know this client, or its secret is another one."),
        row(AUTH0, (401, 401), "", Auth, Configure, "Check {credential} and what it is allowed to do."),
        row(AUTH0, (403, 403), "", Auth, Configure, "Check {credential} and what it is allowed to do."),
        row(AUTH0, (400, 400), "invalid_paging", Internal, Look, "Ask for a shorter range with --since and --until."),
        row(AUTH0, (414, 414), "", Internal, Look, "The query is too long for Auth0."),
        // A user who is not there is said in these words; any other 404 comes from no Auth0, or from before it.
        row(AUTH0, (404, 404), "inexistent_user", NotFound, Decide, ""),
        row(AUTH0, (404, 404), "The user does not exist", NotFound, Decide, ""),
        row(AUTH0, (404, 405), "", Auth, Configure, "No Auth0 answers so: is {base} the right address?"),
        row(AUTH0, (503, 503), "", Unavailable, Retry, "A search of Auth0 took longer than two seconds; it is tried again by itself."),

        // --- the PLC directory behind the PDS
        row(PDS, (502, 502), "UpstreamFailure", Unavailable, Retry, "The PLC directory behind the PDS is the matter, not the PDS itself; it is tried again by itself."),
        row(PDS, (500, 599), "Unable to perform PLC operation", Unavailable, Retry, "The PLC directory behind the PDS is the matter, not the PDS itself; it is tried again by itself."),
        row(PDS, CLIENT, "Invalid signature on op", Refused, Decide, "The DID's keys are not this PDS's any more: the account has moved away. Look at the DID on the PLC directory."),

        // --- the admin's password, and methods that are not there
        row(PDS, (401, 401), "AuthenticationRequired", Auth, Configure, "Check {credential}.").by_admin(),
        row(PDS, (400, 400), "InvalidToken", Auth, Configure, "This PDS does not have that method, or a proxy before it changes the Authorization header: check PDS_URL and the PDS's version.").by_admin(),
        row(PDS, (401, 401), "", Auth, Configure, "Check {credential}, and whether a proxy stands before the PDS.").by_admin(),
        row(PDS, (403, 403), "", Auth, Configure, "Something before the PDS forbids this call: check {credential}, and the proxy behind {base}.").by_admin(),
        row(PDS, (404, 405), "", NotFound, Configure, "No PDS answers so: is {base} the right address?"),
        row(PDS, (501, 501), "", Internal, Configure, "This PDS does not have that method; check its version."),

        // --- logins
        row(PDS, (401, 401), "AccountTakedown", Refused, Decide, "Find out why the account was taken down.").to("createSession"),
        row(PDS, (401, 401), "", Validation, Decide, "The password does not open the account; backfill --deep sets a new one.").to("createSession"),

        // --- a new account
        row(PDS, CLIENT, "This email address is not supported", Validation, Decide, "The PDS takes no throw-away or malformed address: the user has to give another one in Auth0."),
        row(PDS, CLIENT, "Email already taken", Conflict, Decide, "Find out whose the account is; one person may have two logins."),
        row(PDS, CLIENT, "Email is required", Validation, Decide, "An account needs an e-mail; ask the user."),
        row(PDS, CLIENT, "Password too long", Validation, Decide, "Set a shorter password; the PDS takes 256 characters."),
        row(PDS, CLIENT, "Invalid password length", Validation, Decide, "Set a shorter password; the PDS takes 256 characters."),
        row(PDS, CLIENT, "UnsupportedDomain", Validation, Configure, "Check PDS_HANDLE_DOMAIN: the PDS gives no handles under it."),
        row(PDS, CLIENT, "Handle already taken", Conflict, Decide, "Find out whose the handle is."),
        row(PDS, CLIENT, "Reserved handle", Validation, Decide, "The PDS keeps this handle back; another name has to be chosen."),
        // A later PDS names a taken handle so.
        row(PDS, CLIENT, "HandleNotAvailable", Conflict, Decide, "Another name has to be chosen."),
        row(PDS, CLIENT, "InvalidHandle", Validation, Decide, "Another name has to be chosen."),
        row(PDS, CLIENT, "Invalid handle", Validation, Decide, "Another name has to be chosen."),
        row(PDS, CLIENT, "must be a valid handle", Validation, Decide, "Another name has to be chosen."),
        row(PDS, CLIENT, "External handle did not resolve", Validation, Configure, "Check PDS_HANDLE_DOMAIN: the PDS gives no handles under it."),
        row(PDS, CLIENT, "InvalidInviteCode", Conflict, Look, "The invite was used or disabled by somebody else; try again, and look who disables invites."),

        // --- accounts that are not there, or not active
        row(PDS, CLIENT, "RepoNotFound", NotFound, Decide, ""),
        row(PDS, CLIENT, "NotFound", NotFound, Decide, ""),
        row(PDS, CLIENT, "Account not found", NotFound, Decide, ""),
        row(PDS, CLIENT, "DID not registered", NotFound, Decide, ""),
        row(PDS, CLIENT, "Account does not exist", NotFound, Decide, ""),
        row(PDS, CLIENT, "RepoTakendown", Refused, Decide, "Find out why the account was taken down."),
        row(PDS, CLIENT, "RepoDeactivated", Refused, Decide, "Its owner deactivated the account."),
        row(PDS, CLIENT, "AccountDeactivated", Refused, Decide, "Its owner deactivated the account."),

        // The code answers 404 for a tombstone, the specification says 410.
        row(PLC, CLIENT, "DID not available", NotFound, Decide, "The DID was given up for good."),
        row(PLC, CLIENT, "DID not registered", NotFound, Decide, ""),
        row(PLC, (404, 405), "", Auth, Configure, "No PLC directory answers so: is {base} the right address?"),
        row(PLC, (410, 410), "", Auth, Configure, "No PLC directory answers so: is {base} the right address?"),

        // --- anybody
        row("", (300, 399), "", Internal, Configure, "The address sends us elsewhere; is {base} the right one?"),
        row("", (401, 401), "", Auth, Configure, "Check {credential} and what it is allowed to do."),
        row("", (403, 403), "", Auth, Configure, "Check {credential} and what it is allowed to do."),
        row("", (404, 404), "", NotFound, Decide, ""),
        row("", (408, 408), "", Unavailable, Retry, "Look at the service behind {base}."),
        row("", (425, 425), "", Unavailable, Retry, "Look at the service behind {base}."),
        row("", (500, 599), "", Unavailable, Retry, "Look at the service behind {base}."),
        row("", (409, 409), "", Conflict, Look, ""),
    ]
};

/// What a refusal means. `reply` has its secrets taken out already.
pub fn meaning(asked: Asked<'_>, reply: &Refusal) -> Meaning {
    match ROWS.iter().find(|row| row.fits(asked, reply)) {
        Some(row) => Meaning {
            class: row.class,
            advice: row.advice,
            hint: row
                .hint
                .replace("{credential}", asked.credential)
                .replace("{base}", asked.base)
                .replace("{scopes}", &scopes(&reply.message)),
        },
        None => Meaning {
            class: Class::Validation,
            advice: Advice::Look,
            hint: format!(
                "{} is not known to answer so; its own words are all there is.",
                asked.service
            ),
        },
    }
}

/// The scopes that Auth0 misses: "Insufficient scope, expected any of: read:users,read:user_idp_tokens".
fn scopes(message: &str) -> String {
    let named: Vec<&str> = message
        .rsplit_once(": ")
        .map_or("", |(_, named)| named)
        .split([',', ' '])
        .filter(|scope| scope.contains(':'))
        .collect();
    match named.as_slice() {
        [] => "the scope that it misses".into(),
        [one] => format!("the scope {one}"),
        several => format!("one of the scopes {}", several.join(", ")),
    }
}

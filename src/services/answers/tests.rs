//! Each documented answer, held to its class, its advice and a hint that says the mend.

use super::*;
use crate::domain::Advice::{Configure, Decide, Look, Retry};
use crate::domain::Class::{Auth, Conflict, Internal, NotFound, RateLimit, Refused, Unavailable, Validation};

const CREATE: &str = "com.atproto.server.createAccount";
const ADMIN: &str = "com.atproto.admin.getInviteCodes";
const SET_HANDLE: &str = "com.atproto.admin.updateAccountHandle";
const LOGIN: &str = "com.atproto.server.createSession";
const TOKEN: &str = "oauth/token";
const USERS: &str = "api/v2/users";

fn read(service: &'static str, call: &str, status: u16, name: &str, message: &str) -> Meaning {
    let asked = Asked {
        service,
        call,
        admin: call.contains("admin") || call.contains("Invite"),
        base: "https://there.example.com",
        credential: "THE_CREDENTIAL",
    };
    let reply = Refusal {
        status,
        name: name.into(),
        message: message.into(),
    };
    meaning(asked, &reply)
}

/// Service, call, status, name, message; class, advice, a part of the hint.
type Answer = (
    &'static str,
    &'static str,
    u16,
    &'static str,
    &'static str,
    Class,
    Advice,
    &'static str,
);

#[rustfmt::skip]
const ANSWERS: &[Answer] = &[
    (PDS, CREATE, 429, "RateLimitExceeded", "Rate Limit Exceeded", RateLimit, Retry, "by itself"),
    (PDS, CREATE, 502, "UpstreamFailure", "Unable to perform PLC operation", Unavailable, Retry, "PLC directory behind the PDS"),
    (PDS, CREATE, 502, "UpstreamFailure", "Internal Server Error", Unavailable, Retry, "PLC directory behind the PDS"),
    (PDS, CREATE, 500, "InternalServerError", "Internal Server Error", Unavailable, Retry, "there.example.com"),
    (PDS, CREATE, 502, "", "", Unavailable, Retry, "there.example.com"),
    (PDS, CREATE, 503, "", "", Unavailable, Retry, "there.example.com"),
    (PDS, SET_HANDLE, 400, "InvalidRequest", "To many operations within last hour (max 10)", RateLimit, Decide, "an hour"),
    (PDS, SET_HANDLE, 400, "InvalidRequest", "Too many operations within last hour (max 10)", RateLimit, Decide, "an hour"),
    (PDS, SET_HANDLE, 400, "InvalidRequest", "Too many operations within last day (max 30)", RateLimit, Decide, "a day"),
    (PDS, SET_HANDLE, 400, "InvalidRequest", "Invalid signature on op: {}", Refused, Decide, "moved away"),
    (PDS, SET_HANDLE, 400, "InvalidRequest", "Some new word of the directory", Validation, Look, "own words"),
    (PDS, CREATE, 400, "InvalidRequest", "Handle already taken", Conflict, Decide, "whose"),
    (PDS, CREATE, 400, "HandleNotAvailable", "Handle already taken", Conflict, Decide, "whose"),
    (PDS, CREATE, 400, "InvalidRequest", "Email already taken", Conflict, Decide, "whose"),
    (PDS, CREATE, 400, "HandleNotAvailable", "Reserved handle", Validation, Decide, "another name"),
    (PDS, CREATE, 400, "InvalidHandle", "Handle too short", Validation, Decide, "Another name"),
    (PDS, CREATE, 400, "InvalidHandle", "Inappropriate language in handle", Validation, Decide, "Another name"),
    (PDS, CREATE, 400, "InvalidRequest", "Invalid handle at $.handle", Validation, Decide, "Another name"),
    (PDS, CREATE, 400, "InvalidRequest", "Input/handle must be a valid handle", Validation, Decide, "Another name"),
    (PDS, CREATE, 400, "UnsupportedDomain", "Not a supported handle domain", Validation, Configure, "PDS_HANDLE_DOMAIN"),
    (PDS, CREATE, 400, "InvalidInviteCode", "Provided invite code not available", Conflict, Look, "invite"),
    (PDS, CREATE, 400, "InvalidRequest", "Email is required", Validation, Decide, "ask the user"),
    (PDS, CREATE, 400, "InvalidRequest", "This email address is not supported, please use a different email", Validation, Decide, "in Auth0"),
    (PDS, CREATE, 400, "InvalidRequest", "Password too long. Maximum length is 256 characters", Validation, Decide, "256"),
    (PDS, CREATE, 413, "PayloadTooLargeError", "request entity too large", Validation, Look, "own words"),
    (PDS, ADMIN, 401, "AuthenticationRequired", "Authentication Required", Auth, Configure, "THE_CREDENTIAL"),
    (PDS, ADMIN, 400, "InvalidToken", "Unexpected authorization type", Auth, Configure, "does not have that method"),
    (PDS, ADMIN, 401, "", "", Auth, Configure, "proxy"),
    (PDS, ADMIN, 403, "", "Forbidden", Auth, Configure, "proxy"),
    (PDS, ADMIN, 404, "", "", NotFound, Configure, "right address"),
    (PDS, ADMIN, 301, "", "", Internal, Configure, "right one"),
    (PDS, ADMIN, 501, "MethodNotImplemented", "Method Not Implemented", Internal, Configure, "version"),
    (PDS, LOGIN, 401, "AuthenticationRequired", "Invalid identifier or password", Validation, Decide, "--deep"),
    (PDS, LOGIN, 401, "AccountTakedown", "Account has been taken down", Refused, Decide, "taken down"),
    (PDS, LOGIN, 429, "RateLimitExceeded", "Rate Limit Exceeded", RateLimit, Retry, "by itself"),
    (PDS, "com.atproto.sync.getRepoStatus", 400, "RepoNotFound", "Could not find repo for DID: did:plc:a", NotFound, Decide, ""),
    (PDS, SET_HANDLE, 400, "InvalidRequest", "DID not registered: did:plc:a", NotFound, Decide, ""),
    (PDS, "com.atproto.repo.describeRepo", 400, "RepoTakendown", "", Refused, Decide, "taken down"),
    (PDS, "com.atproto.repo.describeRepo", 400, "RepoDeactivated", "", Refused, Decide, "deactivated"),
    (AUTH0, USERS, 429, "too_many_requests", "Global limit has been reached", RateLimit, Retry, "tenant"),
    (AUTH0, TOKEN, 403, "access_denied", "Global limit has been reached", RateLimit, Retry, "tenant"),
    (AUTH0, TOKEN, 500, "access_denied", "Global limit has been reached", RateLimit, Retry, "tenant"),
    (AUTH0, TOKEN, 401, "access_denied", "Unauthorized", Auth, Configure, "Check THE_CREDENTIAL"),
    (AUTH0, TOKEN, 403, "access_denied", "Client is not authorized to access \"https://t.example.com/api/v2/\". You need to create a \"client-grant\"", Auth, Configure, "no grant"),
    (AUTH0, USERS, 403, "insufficient_scope", "Insufficient scope, expected any of: read:users", Auth, Configure, "the scope read:users,"),
    (AUTH0, USERS, 403, "insufficient_scope", "Insufficient scope, expected any of: read:users,read:user_idp_tokens", Auth, Configure, "read:users, read:user_idp_tokens"),
    (AUTH0, USERS, 403, "insufficient_scope", "Insufficient scope", Auth, Configure, "the scope that it misses"),
    (AUTH0, USERS, 401, "invalid_token", "Invalid token", Auth, Configure, "THE_CREDENTIAL"),
    (AUTH0, USERS, 404, "inexistent_user", "The user does not exist", NotFound, Decide, ""),
    (AUTH0, USERS, 404, "Not Found", "The user does not exist", NotFound, Decide, ""),
    (AUTH0, USERS, 404, "Not Found", "Cannot GET /api/v2/users", Auth, Configure, "right address"),
    (AUTH0, USERS, 404, "", "", Auth, Configure, "there.example.com"),
    (AUTH0, TOKEN, 404, "", "", Auth, Configure, "right address"),
    (AUTH0, TOKEN, 405, "", "Method Not Allowed", Auth, Configure, "right address"),
    (AUTH0, USERS, 503, "", "", Unavailable, Retry, "two seconds"),
    (AUTH0, USERS, 414, "", "", Internal, Look, "too long"),
    (AUTH0, USERS, 400, "invalid_paging", "You can only page through the first 1000 records", Internal, Look, "shorter range"),
    (AUTH0, USERS, 400, "invalid_query_string", "Query validation error", Validation, Look, "own words"),
    (PLC, "did:plc:a/data", 404, "", "DID not registered: did:plc:a", NotFound, Decide, ""),
    (PLC, "did:plc:a/data", 404, "", "DID not available: did:plc:a", NotFound, Decide, "for good"),
    (PLC, "did:plc:a/data", 410, "", "DID not available: did:plc:a", NotFound, Decide, "for good"),
    (PLC, "did:plc:a/data", 404, "", "", Auth, Configure, "right address"),
    (PLC, "did:plc:a/data", 404, "Not Found", "Cannot GET /did:plc:a/data", Auth, Configure, "there.example.com"),
    (PLC, "did:plc:a/data", 410, "", "", Auth, Configure, "right address"),
    (PLC, "did:plc:a/data", 500, "", "", Unavailable, Retry, "there.example.com"),
];

#[test]
fn every_documented_answer_has_its_class_and_its_advice() {
    for (service, call, status, name, message, class, advice, word) in ANSWERS {
        let found = read(service, call, *status, name, message);
        assert_eq!(
            (found.class, found.advice),
            (*class, *advice),
            "{service} {call} {status} {name} {message}"
        );
        assert!(found.hint.contains(word), "{status} {message}: {}", found.hint);
        assert!(!found.hint.contains('{'), "{}", found.hint);
    }
}

#[test]
fn an_admin_password_is_only_blamed_for_calls_that_carried_it() {
    assert_eq!(
        read(PDS, "com.atproto.sync.listRepos", 400, "InvalidToken", "").advice,
        Look
    );
    assert_eq!(read(PDS, ADMIN, 400, "InvalidToken", "").advice, Configure);
}

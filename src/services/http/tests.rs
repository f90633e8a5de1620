//! What is kept of a refusal: the service's words, and nothing of what was sent.

use secrecy::SecretString;
use serde_json::json;

use super::*;

fn http() -> Http {
    let pulse = Pulse::new("pds", "");
    Http::new(
        "pds",
        "https://pds.example.com",
        "PDS_ADMIN_PASSWORD",
        Duration::from_secs(1),
        pulse,
    )
    .unwrap()
}

fn create(body: &Value) -> Call<'static> {
    Call::post("/xrpc/com.atproto.server.createAccount", body.clone()).once()
}

fn refuse(call: &Call<'_>, status: u16, body: &str) -> Error {
    let status = StatusCode::from_u16(status).unwrap();
    http().refused(call, status, refusal(call, status, body.as_bytes()), None)
}

#[test]
fn the_sentence_names_neither_the_user_nor_a_secret() {
    let body = json!({
        "handle": "mira_x.at.example.com", "email": "mira@example.org", "password": "pass-word-1",
        "inviteCode": "at-example-com-abcde-fghij",
    });
    let call = create(&body);
    for (status, answer) in [
        (
            400,
            json!({"error": "InvalidRequest", "message": "Handle already taken: mira_x.at.example.com"}),
        ),
        (
            400,
            json!({"error": "InvalidRequest", "message": "Email already taken: Mira@Example.org"}),
        ),
        (
            400,
            json!({"error": "InvalidRequest", "message": "Invalid handle (got \"mira_x.at.example.com\") at $.handle"}),
        ),
        (
            400,
            json!({"error": "InvalidHandle", "message": "no, mira_x.at.example.com will not do"}),
        ),
        (
            400,
            json!({"error": "mira@example.org", "message": "pass-word-1"}),
        ),
        (418, json!({"error": "Echo", "message": body.to_string()})),
        (
            502,
            json!({"error": "Echo", "message": body.to_string().to_uppercase()}),
        ),
    ] {
        let error = refuse(&call, status, &answer.to_string());
        let all = format!("{error:?} {:?}", error.problem()).to_lowercase();
        for kept in ["mira", "pass-word-1", "abcde-fghij"] {
            assert!(!all.contains(kept), "{kept}: {error:?}");
        }
    }
    // Text that is no JSON is quoted too, a page is not.
    assert_eq!(
        refuse(&call, 400, "no pass-word-1 here").what,
        "pds refused com.atproto.server.createAccount: no (secret) here."
    );
    assert_eq!(
        refuse(&call, 502, "<html>pass-word-1</html>").what,
        "pds refused com.atproto.server.createAccount: 502 Bad Gateway."
    );
}

#[test]
fn tokens_and_admin_passwords_that_come_back_are_taken_out() {
    let (password, token) = (
        SecretString::from("hunter22"),
        SecretString::from("opaque-token-1"),
    );
    let basic = Call::get("/xrpc/com.atproto.admin.getInviteCodes").auth(Auth::Basic {
        user: "admin",
        password: &password,
    });
    let error = refuse(
        &basic,
        400,
        r#"{"error":"InvalidToken","message":"got Basic YWRtaW46aHVudGVyMjI= hunter22"}"#,
    );
    assert_eq!(
        error.what,
        "pds refused com.atproto.admin.getInviteCodes: got Basic (secret) (secret)."
    );
    assert_eq!((error.kind, error.advice), (Class::Auth, Advice::Configure));
    let bearer = Call::get("/x").auth(Auth::Bearer(&token));
    let error = refuse(
        &bearer,
        400,
        r#"{"message":"opaque-token-1, eyJhbGciOiJI.eyJzdWIiOi.c2ln and so on"}"#,
    );
    assert_eq!(error.what, "pds refused x: (secret), (token) and so on.");
    assert_eq!(error.advice, Advice::Look);
}

#[test]
fn only_what_passes_by_itself_names_a_moment() {
    let call = create(&json!({}));
    let reset = Timestamp::from_second(1_795_000_300).ok();
    let status = StatusCode::BAD_REQUEST;
    let plc = refusal(
        &call,
        status,
        br#"{"message":"To many operations within last hour (max 10)"}"#,
    );
    let error = http().refused(&call, status, plc, reset);
    assert_eq!(
        (error.kind, error.advice, error.until),
        (Class::RateLimit, Advice::Decide, None)
    );
    let status = StatusCode::TOO_MANY_REQUESTS;
    let error = http().refused(&call, status, refusal(&call, status, b""), reset);
    assert_eq!(
        (error.kind, error.advice, error.until),
        (Class::RateLimit, Advice::Retry, reset)
    );
    assert!(!error.unclear, "it was surely not carried out");
    let error = refuse(
        &call,
        502,
        r#"{"error":"UpstreamFailure","message":"Unable to perform PLC operation"}"#,
    );
    assert!(error.unclear && error.hint.contains("PLC directory"), "{error:?}");
}

//! The test support keeps its own promises: a tap that lies on demand, a terminal that is one, services that
//! survive a kill, the program in a clean environment. Without these a green test elsewhere means little.

use std::time::Duration;

use mongodb::bson::{Document, doc};
use serde_json::{Value, json};

use crate::support::clients;
use crate::support::command::atriage;
use crate::support::mongo::{self, Mongo};
use crate::support::services::{ADMIN_PASSWORD, Pds, PdsOptions, services};
use crate::support::tap::{Fault, Tap};
use crate::support::terminal::{Color, Signal, Terminal};

const DESCRIBE: &str = "/xrpc/com.atproto.server.describeServer";
const INVITE: &str = "/xrpc/com.atproto.server.createInviteCode";

async fn invite(url: &str, uses: u32) -> reqwest::Result<reqwest::Response> {
    rustls::crypto::ring::default_provider().install_default().ok();
    let request = reqwest::Client::new()
        .post(format!("{url}{INVITE}"))
        .basic_auth("admin", Some(ADMIN_PASSWORD));
    request.json(&json!({ "useCount": uses })).send().await
}

/// How many invite codes with so many uses the PDS gave out: what really happened behind a tap.
async fn given(uses: u32) -> usize {
    let url = format!(
        "{}/xrpc/com.atproto.admin.getInviteCodes?limit=500",
        services().pds_url
    );
    let request = reqwest::Client::new()
        .get(url)
        .basic_auth("admin", Some(ADMIN_PASSWORD));
    let codes: Value = request.send().await.unwrap().json().await.unwrap();
    codes["codes"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|code| code["available"] == uses)
        .count()
}

#[tokio::test]
async fn a_tap_forwards_and_writes_down() {
    let tap = Tap::start(&services().pds_url);
    let answer = invite(&tap.url, 7001).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert!(answer.json::<Value>().await.unwrap()["code"].is_string());
    assert_eq!(tap.calls("com.atproto.server.createInviteCode"), 1);
    let call = &tap.log()[0];
    assert_eq!(
        (call.line(), call.body.as_str(), call.status),
        (format!("POST {INVITE}"), r#"{"useCount":7001}"#, Some(200))
    );
    assert_eq!(given(7001).await, 1);
}

#[tokio::test]
async fn a_tap_answers_in_the_services_place_the_times_it_was_told() {
    let tap = Tap::start(&services().pds_url);
    let limited = Fault::Answer(
        429,
        vec![("ratelimit-reset", "5".into())],
        json!({ "error": "RateLimitExceeded" }),
    );
    tap.rule("createInviteCode", 1, 1, limited);
    assert_eq!(invite(&tap.url, 7002).await.unwrap().status(), 200);
    let refused = invite(&tap.url, 7002).await.unwrap();
    assert_eq!(
        (refused.status().as_u16(), &refused.headers()["ratelimit-reset"]),
        (429, &"5".parse().unwrap())
    );
    assert_eq!(invite(&tap.url, 7002).await.unwrap().status(), 200);
    assert_eq!(given(7002).await, 2);
}

#[tokio::test]
async fn a_lost_answer_was_carried_out_and_a_refused_request_was_not() {
    let tap = Tap::start(&services().pds_url);
    tap.once("createInviteCode", Fault::LoseAnswer);
    invite(&tap.url, 7003).await.unwrap_err();
    assert_eq!(given(7003).await, 1);
    tap.once("createInviteCode", Fault::Refuse);
    invite(&tap.url, 7003).await.unwrap_err();
    assert_eq!(given(7003).await, 1);
    assert_eq!(tap.calls("createInviteCode"), 2);
    tap.once("createInviteCode", Fault::Delay(Duration::from_millis(50)));
    invite(&tap.url, 7003).await.unwrap();
    assert_eq!(given(7003).await, 2);
}

#[tokio::test]
async fn a_request_that_is_held_is_carried_out_when_it_is_let_go() {
    let tap = Tap::start(&services().pds_url);
    tap.once("createInviteCode", Fault::Hold);
    let url = tap.url.clone();
    let held = tokio::spawn(async move { invite(&url, 7004).await });
    let tap = tokio::task::spawn_blocking(move || {
        tap.wait_for_calls("createInviteCode", 1);
        tap
    });
    let tap = tap.await.unwrap();
    // The rule is used up: another one passes it.
    invite(&tap.url, 7004).await.unwrap();
    assert_eq!(given(7004).await, 1);
    tap.release();
    held.await.unwrap().unwrap();
    assert_eq!(given(7004).await, 2);
}

#[tokio::test]
async fn a_hanging_request_is_seen_and_ends_with_its_client() {
    let tap = Tap::start(&services().pds_url);
    tap.always("describeServer", Fault::Hang);
    let url = format!("{}{DESCRIBE}", tap.url);
    let waiting = [
        tokio::spawn(reqwest::get(url.clone())),
        tokio::spawn(reqwest::get(url.clone())),
    ];
    let tap = tokio::task::spawn_blocking(move || {
        tap.wait_for_calls("describeServer", 2);
        tap
    });
    let tap = tap.await.unwrap();
    assert_eq!(tap.most_at_once("describeServer"), 2);
    waiting.iter().for_each(|task| task.abort());
    tap.heal();
    assert_eq!(reqwest::get(url).await.unwrap().status(), 200);
}

/// The answers are made up: what counts is that the official client can be pointed here, and what it asks.
#[test]
fn the_official_auth0_client_asks_a_server_of_ours() {
    let tap = Tap::start("http://127.0.0.1:1");
    let token = json!({ "access_token": "a.b.c", "token_type": "Bearer", "scope": "read:users", "expires_in": 86400 });
    tap.always("POST /oauth/token", Fault::answer(200, token));
    let ada = json!({ "user_id": "auth0|1", "email": "ada@example.com", "email_verified": true });
    let users = json!({ "start": 0, "limit": 5, "length": 1, "total": 1, "users": [ada] });
    tap.always("GET /api/v2/users?", Fault::answer(200, users));
    let unknown = json!({ "statusCode": 404, "error": "Not Found", "message": "The user does not exist." });
    tap.always("GET /api/v2", Fault::answer(404, unknown));
    let seen = clients::auth0_client(&tap.url, "id", "secret", "https://aesthetic.us.auth0.com/api/v2/");
    assert_eq!(
        seen["token"]["keys"],
        json!(["access_token", "expires_in", "scope", "token_type"])
    );
    assert_eq!(seen["users"]["ok"]["users"][0]["email"], "ada@example.com");
    assert_eq!(
        (
            &seen["user: unknown"]["status"],
            &seen["user: unknown"]["body"]["error"]
        ),
        (&json!(404), &json!("Not Found"))
    );
    assert_eq!(tap.calls("GET /api/v2/users/auth0%7Cnobody"), 1);
    assert!(tap.calls("page=10&per_page=100&include_totals=true&sort=created_at%3A1") > 0);
}

#[tokio::test]
async fn a_killed_pds_comes_back_with_its_data() {
    let mut pds = Pds::start(PdsOptions::default());
    invite(pds.url(), 1).await.unwrap();
    pds.kill();
    invite(pds.url(), 1).await.unwrap_err();
    pds.restart();
    let url = format!("{}/xrpc/com.atproto.admin.getInviteCodes", pds.url());
    let request = reqwest::Client::new()
        .get(url)
        .basic_auth("admin", Some(ADMIN_PASSWORD));
    let codes: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(codes["codes"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_killed_mongodb_comes_back_with_its_data_and_fails_on_demand() {
    let mut mongo = Mongo::start();
    let write = async |uri: &str, id: i32| {
        let users = mongo::client(uri)
            .await
            .database("test")
            .collection::<Document>("users");
        users.insert_one(doc! { "_id": id }).await
    };
    write(&mongo.uri(), 1).await.unwrap();
    mongo.kill();
    mongo.restart();
    let client = mongo::client(&mongo.uri()).await;
    let users = client.database("test").collection::<Document>("users");
    assert_eq!(users.count_documents(doc! {}).await.unwrap(), 1);
    mongo::fail_commands(&client, "tests", &["insert"], 13, 1).await;
    let refused = write(&mongo.uri(), 2).await.unwrap_err();
    assert!(refused.to_string().contains("13"), "{refused}");
    write(&mongo.uri(), 2).await.unwrap();
}

#[test]
fn a_terminal_takes_keys_and_shows_colours() {
    // Raw mode, as a full-screen program has: each key is echoed as it is read, in hexadecimal.
    let script = r"stty raw -echo; printf '\033[?1049h\033[1;38;2;10;20;30mready\033[0m';
        while true; do key=$(dd bs=64 count=1 2>/dev/null | od -An -tx1 | tr -d ' \n'); printf '%s ' $key >> keys;
        printf '\033[3;1H\033[K%s.' $key; [ $key = 71 ] && break; done; printf '\033[?1049l'; exit 3";
    let folder = tempfile::tempdir().unwrap();
    let script = format!("cd {}; {script}", folder.path().display());
    let mut terminal = Terminal::spawn("/bin/sh", &["-c", &script], &[], 80, 24);
    terminal.wait_for("ready");
    assert!(terminal.alternate_screen());
    let (row, col) = terminal.find("eady").unwrap();
    assert_eq!((row, col), (0, 1));
    assert_eq!(
        (terminal.cell(row, col).fgcolor(), terminal.cell(row, col).bold()),
        (Color::Rgb(10, 20, 30), true)
    );
    terminal.keys("j<esc>F<pgdn><ctrl-d><lt>");
    terminal.wait_for("3c.");
    assert_eq!(
        std::fs::read_to_string(folder.path().join("keys")).unwrap(),
        "6a 1b 46 1b5b367e 04 3c "
    );
    terminal.press("q");
    assert_eq!(terminal.wait_exit().code(), Some(3));
    assert!(!terminal.alternate_screen());
    assert!(terminal.raw().ends_with(b"\x1b[?1049l"));
}

#[test]
fn a_terminal_answers_resizes_and_signals() {
    let script = r#"stty raw -echo; trap 'stty size; printf resized' WINCH; trap 'printf stopped; exit 5' TERM;
        printf '\r\nab\033[6n'; dd bs=6 count=1 2>/dev/null | od -An -c; printf '\r\n%s %s' $TERM "$HOME$MORE";
        while true; do sleep 0.05; done"#;
    let mut terminal = Terminal::spawn(
        "/bin/sh",
        &["-c", script],
        &[("HOME", "/nowhere"), ("MORE", "/else")],
        60,
        10,
    );
    terminal.wait_for("[   2   ;   3   R");
    terminal.wait_for("xterm-256color /nowhere/else");
    terminal.resize(100, 30);
    terminal.wait_for("30 100");
    terminal.wait_gone("no such text");
    terminal.signal(Signal::TERM);
    assert_eq!(terminal.wait_exit().code(), Some(5));
    assert!(terminal.screen().contains("stopped"));
}

#[test]
fn the_program_runs_in_a_clean_environment() {
    let outcome = atriage(&["--version"], &[]);
    assert_eq!(outcome.code, 0, "{outcome:?}");
}

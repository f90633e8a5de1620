//! Accounts of the PDS: how they are made, read and opened.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{DOMAIN, NOBODY, Stage, error, newcomer};
use crate::sandbox::{AccountState, Options};

#[tokio::test]
async fn an_account_is_whole_everywhere_once_it_is_made() {
    let stage = Stage::new().await;
    let invite = stage.world.add_invite(1);
    let (status, made) = stage
        .anyone("server.createAccount", newcomer("Fia", &invite))
        .await;
    assert_eq!((status, &made["handle"]), (200, &json!(format!("fia.{DOMAIN}"))));
    let did = made["did"].as_str().expect("a DID");
    let (_, info) = stage
        .admin(&format!("admin.getAccountInfo?did={did}"), None)
        .await;
    assert_eq!(info["email"], "fia@example.com");
    assert_eq!(info["invitedBy"]["uses"][0]["usedBy"], did);
    let (_, data) = stage.plc(&format!("{did}/data")).await;
    assert_eq!(data["alsoKnownAs"], json!([format!("at://fia.{DOMAIN}")]));
    assert_eq!(
        data["services"]["atproto_pds"]["endpoint"],
        stage.servers.pds_url()
    );
    let again = stage
        .anyone("server.createAccount", newcomer("fia", &invite))
        .await;
    let used = error("InvalidInviteCode", "Provided invite code not available");
    assert_eq!(again, (400, used));
    let invite = stage.world.add_invite(1);
    let again = stage
        .anyone("server.createAccount", newcomer("fia", &invite))
        .await;
    let taken = error("InvalidRequest", &format!("Handle already taken: fia.{DOMAIN}"));
    assert_eq!(again, (400, taken));
}

#[tokio::test]
async fn a_request_is_refused_by_the_first_rule_it_breaks() {
    let stage = Stage::new().await;
    stage.seed("held", 1);
    let invite = stage.world.add_invite(1);
    let unsupported = "This email address is not supported, please use a different email.";
    let long = "Password too long. Maximum length is 256 characters.";
    let cases: [(&str, Value, &str, &str); 13] = [
        ("password", json!("x".repeat(257)), "InvalidRequest", long),
        (
            "inviteCode",
            json!(""),
            "InvalidInviteCode",
            "No invite code provided",
        ),
        (
            "inviteCode",
            json!("other"),
            "InvalidInviteCode",
            "Provided invite code not available",
        ),
        ("email", json!("nobody"), "InvalidRequest", unsupported),
        (
            "email",
            json!("HELD@example.com"),
            "InvalidRequest",
            "Email already taken: HELD@example.com",
        ),
        (
            "handle",
            json!(format!("ab.{DOMAIN}")),
            "InvalidHandle",
            "Handle too short",
        ),
        (
            "handle",
            json!(format!("{}.{DOMAIN}", "a".repeat(19))),
            "InvalidHandle",
            "Handle too long",
        ),
        (
            "handle",
            json!(format!("a.b.{DOMAIN}")),
            "InvalidHandle",
            "Invalid characters in handle",
        ),
        (
            "handle",
            json!(format!("music.{DOMAIN}")),
            "HandleNotAvailable",
            "Reserved handle",
        ),
        (
            "handle",
            json!("fia.example.com"),
            "UnsupportedDomain",
            "Not a supported handle domain",
        ),
        (
            "handle",
            json!("fia.local"),
            "InvalidHandle",
            "Handle TLD is invalid or disallowed",
        ),
        (
            "handle",
            json!("f_a.net"),
            "InvalidRequest",
            "Invalid handle (got \"f_a.net\") at $.handle",
        ),
        (
            "handle",
            json!(7),
            "InvalidRequest",
            "Expected string value type (got 7) at $.handle",
        ),
    ];
    for (field, value, name, message) in cases {
        let mut input = newcomer("fia", &invite).expect("an input");
        input[field] = value;
        let answer = stage.anyone("server.createAccount", Some(input)).await;
        assert_eq!(answer, (400, error(name, message)));
    }
    assert_eq!(stage.world.accounts().len(), 1);
    assert_eq!(stage.world.known_dids().len(), 1);
}

#[tokio::test]
async fn a_handle_held_by_an_inactive_account_costs_a_did() {
    let stage = Stage::new().await;
    for state in [AccountState::Takendown, AccountState::Deactivated] {
        let name = format!("{state:?}").to_lowercase();
        let did = stage.seed(&name, 1);
        stage.world.set_account_state(&did, state);
        let known = stage.world.known_dids().len();
        let invite = stage.world.add_invite(1);
        let answer = stage
            .anyone("server.createAccount", newcomer(&name, &invite))
            .await;
        assert_eq!(
            answer,
            (500, error("InternalServerError", "Internal Server Error"))
        );
        assert_eq!(stage.world.known_dids().len(), known + 1);
        assert!(stage.world.invite_uses(&invite).is_empty());
    }
}

#[tokio::test]
async fn of_six_at_once_one_wins_and_six_dids_remain() {
    let create_delay = Duration::from_millis(50);
    let stage = Stage::with(Options {
        create_delay,
        ..Options::default()
    })
    .await;
    let invites: Vec<String> = (0..6).map(|_| stage.world.add_invite(1)).collect();
    let calls = invites
        .iter()
        .map(|i| stage.anyone("server.createAccount", newcomer("fia", i)));
    let mut statuses: Vec<u16> = join_all(calls).await.into_iter().map(|(s, _)| s).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 500, 500, 500, 500, 500]);
    assert_eq!(stage.world.accounts().len(), 1);
    assert_eq!(stage.world.known_dids().len(), 6);
}

#[tokio::test]
async fn a_list_goes_by_age_and_ends_only_on_an_empty_page() {
    let stage = Stage::new().await;
    let oldest = stage.seed("carl", 100);
    let youngest = stage.seed("anna", 300);
    let half_made = stage.seed("bert", 200);
    stage.world.set_account_state(&half_made, AccountState::NoRepo);
    stage.world.set_account_state(&oldest, AccountState::Takendown);
    let mut cursor = String::new();
    let mut seen = Vec::new();
    for _ in 0..3 {
        let (_, page) = stage
            .anyone(&format!("sync.listRepos?limit=1{cursor}"), None)
            .await;
        let repo = &page["repos"][0];
        seen.push((
            repo["did"].clone(),
            repo["status"].clone(),
            page["cursor"].clone(),
        ));
        cursor = format!("&cursor={}", page["cursor"].as_str().unwrap_or_default());
    }
    let expected = [
        (
            json!(oldest),
            json!("takendown"),
            json!(format!("100000::{oldest}")),
        ),
        (json!(youngest), Value::Null, json!(format!("300000::{youngest}"))),
        (Value::Null, Value::Null, Value::Null),
    ];
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn a_ghost_shows_only_where_its_repository_is_read() {
    let stage = Stage::new().await;
    let ghost = stage.seed("gwen", 1);
    let half_made = stage.seed("hugo", 2);
    stage.world.set_account_state(&ghost, AccountState::Ghost);
    stage.world.set_account_state(&half_made, AccountState::NoRepo);
    let (_, list) = stage.anyone("sync.listRepos", None).await;
    assert_eq!(list["repos"].as_array().map(Vec::len), Some(1));
    assert_eq!(list["repos"][0]["active"], true);
    let status = stage
        .anyone(&format!("sync.getRepoStatus?did={ghost}"), None)
        .await;
    assert_eq!(status, (400, error("NotFound", "Repo not found")));
    let status = stage
        .anyone(&format!("sync.getRepoStatus?did={half_made}"), None)
        .await;
    let message = format!("Could not find repo for DID: {half_made}");
    assert_eq!(status, (400, error("RepoNotFound", &message)));
    for did in [&ghost, &half_made] {
        assert_eq!(
            stage
                .admin(&format!("admin.getAccountInfo?did={did}"), None)
                .await
                .0,
            200
        );
    }
}

#[tokio::test]
async fn a_batch_leaves_out_the_unknown_and_fails_on_the_malformed() {
    let stage = Stage::new().await;
    let dids = [stage.seed("ida", 1), stage.seed("jon", 2)];
    let [a, b] = &dids;
    let batch = format!("admin.getAccountInfos?dids={a}&dids={NOBODY}&dids={b}&dids={a}");
    let (_, body) = stage.admin(&batch, None).await;
    let infos = body["infos"].as_array().expect("a list");
    let found: BTreeSet<_> = infos.iter().filter_map(|info| info["did"].as_str()).collect();
    assert_eq!(
        (infos.len(), found),
        (2, dids.iter().map(String::as_str).collect())
    );
    let internal = error("InternalServerError", "Internal Server Error");
    assert_eq!(
        stage.admin(&format!("{batch}&dids=ida"), None).await,
        (500, internal)
    );
}

#[tokio::test]
async fn a_wrong_password_looks_and_lasts_like_an_unknown_account() {
    let login_padding = Duration::from_millis(60);
    let stage = Stage::with(Options {
        login_padding,
        ..Options::default()
    })
    .await;
    let did = stage.seed("kai", 1);
    let rejected = error("AuthenticationRequired", "Invalid identifier or password");
    for (identifier, password) in [
        (did.as_str(), "wrong"),
        (NOBODY, "open-sesame"),
        ("kai", "open-sesame"),
    ] {
        let began = Instant::now();
        let input = json!({"identifier": identifier, "password": password});
        let answer = stage.anyone("server.createSession", Some(input)).await;
        assert_eq!(answer, (401, rejected.clone()));
        assert!(began.elapsed() >= login_padding);
    }
    stage.world.set_account_state(&did, AccountState::Takendown);
    let mut input = json!({"identifier": "KAI@example.com", "password": "open-sesame"});
    let answer = stage.anyone("server.createSession", Some(input.clone())).await;
    assert_eq!(
        answer,
        (401, error("AccountTakedown", "Account has been taken down"))
    );
    input["allowTakendown"] = json!(true);
    let (status, body) = stage.anyone("server.createSession", Some(input)).await;
    assert_eq!((status, &body["status"]), (200, &json!("takendown")));
}

#[tokio::test]
async fn a_password_for_nobody_is_accepted_and_changes_nothing() {
    let stage = Stage::new().await;
    let did = stage.seed("lea", 1);
    for did in [did.as_str(), NOBODY] {
        let input = json!({"did": did, "password": "another"});
        assert_eq!(
            stage.admin("admin.updateAccountPassword", Some(input)).await,
            (200, Value::Null)
        );
    }
    for (password, status) in [("open-sesame", 401), ("another", 200)] {
        let input = json!({"identifier": did, "password": password});
        assert_eq!(stage.anyone("server.createSession", Some(input)).await.0, status);
    }
    assert_eq!(stage.world.accounts().len(), 1);
}

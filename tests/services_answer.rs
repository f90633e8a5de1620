//! The real services answer as the rest of the tests take for granted: the PDS of our domain, its directory, and a
//! MongoDB that shows the index conflict of the incident.

use mongodb::IndexModel;
use mongodb::bson::{Document, doc};
use mongodb::error::ErrorKind;
use mongodb::options::IndexOptions;
use serde_json::Value;

use crate::support::mongo::{fresh_database, profile, queries};
use crate::support::secrets::by_form;
use crate::support::services::{Pds, PdsOptions, services};
use crate::support::town::Town;
use crate::support::{clients, mongo, runtime};

async fn get(url: &str) -> (u16, Value) {
    rustls::crypto::ring::default_provider().install_default().ok();
    let answer = reqwest::get(url)
        .await
        .unwrap_or_else(|why| panic!("{url}: {why}"));
    (answer.status().as_u16(), answer.json().await.unwrap_or_default())
}

#[tokio::test]
async fn the_pds_is_the_one_of_our_domain() {
    let (status, server) = get(&format!(
        "{}/xrpc/com.atproto.server.describeServer",
        services().pds_url
    ))
    .await;
    assert_eq!(status, 200);
    assert_eq!(
        server["availableUserDomains"],
        serde_json::json!([".at.aesthetic.computer"])
    );
    assert_eq!(server["inviteCodeRequired"], true);
}

#[tokio::test]
async fn the_directory_does_not_know_an_unknown_did() {
    let did = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa";
    let (status, body) = get(&format!("{}/{did}", services().plc_url)).await;
    assert_eq!(
        (status, &body["message"]),
        (404, &Value::from(format!("DID not registered: {did}")))
    );
}

#[tokio::test]
async fn mongodb_is_the_primary_of_a_replica_set() {
    let (client, _) = fresh_database().await;
    let hello = client
        .database("admin")
        .run_command(doc! { "hello": 1 })
        .await
        .unwrap();
    assert!(hello.get_bool("isWritablePrimary").unwrap());
    assert_eq!(hello.get_str("setName").unwrap(), "rs0");
}

/// What broke signups in October 2025: the same index asked for under another name.
#[tokio::test]
async fn an_index_under_another_name_is_conflict_85() {
    let (client, database) = fresh_database().await;
    let users = client.database(&database).collection::<Document>("users");
    let index = |name: Option<&str>| {
        let options = IndexOptions::builder()
            .unique(true)
            .sparse(true)
            .name(name.map(str::to_owned))
            .build();
        IndexModel::builder()
            .keys(doc! { "code": 1 })
            .options(options)
            .build()
    };
    users.create_index(index(None)).await.unwrap();
    let refused = users.create_index(index(Some("code_unique"))).await.unwrap_err();
    let ErrorKind::Command(refused) = *refused.kind else {
        panic!("{refused}")
    };
    assert_eq!(refused.code, 85);
    assert_eq!(refused.code_name, "IndexOptionsConflict");
    assert_eq!(
        refused.message,
        "Index already exists with a different name: code_1"
    );
}

#[tokio::test]
async fn the_profiler_counts_one_programs_queries() {
    let (client, database) = fresh_database().await;
    let db = client.database(&database);
    db.collection("users")
        .insert_many([doc! { "_id": "auth0|1" }, doc! { "_id": "auth0|2" }])
        .await
        .unwrap();
    profile(&db).await;
    db.collection::<Document>("users")
        .find_one(doc! { "_id": "auth0|1" })
        .await
        .unwrap();
    db.collection::<Document>("users")
        .insert_one(doc! { "_id": "auth0|3" })
        .await
        .unwrap();
    let operations = mongo::operations(&db, "tests").await;
    assert_eq!(
        operations
            .iter()
            .filter(|operation| operation.op == "insert")
            .count(),
        1,
        "{operations:#?}"
    );
    let queries = queries(&db, "tests").await;
    let of_users: Vec<_> = queries
        .iter()
        .filter(|query| query.collection == "users")
        .collect();
    assert_eq!(of_users.len(), 1, "{queries:#?}");
    assert_eq!((of_users[0].returned, of_users[0].docs_examined), (1, 1));
    assert!(mongo::operations(&db, "somebody else").await.is_empty());
}

#[tokio::test]
async fn the_rate_limiter_of_a_private_pds_shows_its_headers() {
    let env = vec![("PDS_RATE_LIMITS_ENABLED", "true")];
    let limited = Pds::start(PdsOptions {
        env,
        ..PdsOptions::default()
    });
    let route = "/xrpc/com.atproto.server.describeServer";
    let headers = |answer: reqwest::Response| answer.headers().contains_key("ratelimit-remaining");
    assert!(headers(
        reqwest::get(format!("{}{route}", limited.url())).await.unwrap()
    ));
    assert!(!headers(
        reqwest::get(format!("{}{route}", services().pds_url))
            .await
            .unwrap()
    ));
}

/// The same program runs against the sandbox's PDS, where its object has to be equal to this one.
#[test]
fn the_official_client_sees_what_the_facts_say() {
    let seen = clients::atproto_client(&services().pds_url, &services().pds_admin_password);
    let refusal = |name: &str| {
        let refused = &seen[name];
        let text = |key: &str| refused[key].as_str().unwrap_or("(nothing)").to_owned();
        (refused["status"].as_u64(), text("error"), text("message"))
    };
    for (name, status, error, message) in [
        (
            "createInviteCode: not admin",
            401,
            "AuthenticationRequired",
            "Authentication Required",
        ),
        (
            "createAccount: handle taken",
            400,
            "InvalidRequest",
            "Handle already taken: ada-RUN.at.aesthetic.computer",
        ),
        (
            "createAccount: e-mail taken",
            400,
            "InvalidRequest",
            "Email already taken: ada-RUN@example.com",
        ),
        (
            "createAccount: invite used",
            400,
            "InvalidInviteCode",
            "Provided invite code not available",
        ),
        (
            "createAccount: reserved",
            400,
            "HandleNotAvailable",
            "Reserved handle",
        ),
        (
            "createAccount: too short",
            400,
            "InvalidHandle",
            "Handle too short",
        ),
        ("createAccount: too long", 400, "InvalidHandle", "Handle too long"),
        (
            "createSession: wrong password",
            401,
            "AuthenticationRequired",
            "Invalid identifier or password",
        ),
        (
            "createSession: unknown",
            401,
            "AuthenticationRequired",
            "Invalid identifier or password",
        ),
        (
            "getRepoStatus: unknown",
            400,
            "RepoNotFound",
            "Could not find repo for DID: DID",
        ),
        (
            "takedown: login",
            401,
            "AccountTakedown",
            "Account has been taken down",
        ),
    ] {
        assert_eq!(
            refusal(name),
            (Some(status), error.to_owned(), message.to_owned()),
            "{name}"
        );
    }
    assert_eq!(
        seen["createAccount"]["ok"]["handle"],
        "ada-RUN.at.aesthetic.computer"
    );
    assert_eq!(seen["getAccountInfos"]["ok"]["count"], 2);
    assert_eq!(seen["updateAccountPassword: unknown DID"]["ok"], "done");
}

/// What the program marks its invites with is no DID that anybody has; the PDS only keeps it.
#[test]
fn an_invite_can_be_marked_as_ours_and_switched_off() {
    let town = Town::with_pds(PdsOptions::default());
    let mark = "did:atriage:0123456789abcdef0123456789abcdef";
    let mint = || {
        let body = serde_json::json!({"useCount": 1, "forAccount": mark});
        let (status, answer) = town.ask("com.atproto.server.createInviteCode", &body, true);
        assert_eq!(status, 200, "{answer}");
        answer["code"].as_str().expect("a code").to_owned()
    };
    let make = |name: &str, invite: &str| {
        let body = serde_json::json!({
            "handle": format!("{name}.at.aesthetic.computer"), "email": format!("{name}@example.com"),
            "password": "a password of this test", "inviteCode": invite,
        });
        town.ask("com.atproto.server.createAccount", &body, false)
    };
    let (used, off) = (mint(), mint());
    assert_eq!(by_form(&format!("invite {used}.")), Some("an invite of the PDS"));
    let marks: Vec<Value> = town
        .invites()
        .iter()
        .map(|code| code["forAccount"].clone())
        .collect();
    assert_eq!(marks, [mark, mark]);
    let mut unused = town.unused_invites();
    unused.sort();
    let mut both = vec![used.clone(), off.clone()];
    both.sort();
    assert_eq!(unused, both);

    let (status, answer) = make("ida", &used);
    assert_eq!(status, 200, "{answer}");
    assert_eq!(town.unused_invites(), std::slice::from_ref(&off));
    let body = serde_json::json!({"codes": [off]});
    let (status, answer) = town.ask("com.atproto.admin.disableInviteCodes", &body, true);
    assert_eq!(status, 200, "{answer}");
    assert!(town.unused_invites().is_empty());
    let (status, answer) = make("ole", &off);
    assert_eq!(
        (status, &answer["error"]),
        (400, &Value::from("InvalidInviteCode"))
    );
}

#[test]
fn an_account_whose_repository_is_lost_stays_listed() {
    let town = Town::with_pds(PdsOptions::default());
    let invite = serde_json::json!({"useCount": 1});
    let (_, invite) = town.ask("com.atproto.server.createInviteCode", &invite, true);
    let body = serde_json::json!({
        "handle": "ghost.at.aesthetic.computer", "email": "ghost@example.com",
        "password": "a password of this test", "inviteCode": invite["code"],
    });
    let (status, account) = town.ask("com.atproto.server.createAccount", &body, false);
    assert_eq!(status, 200, "{account}");
    let did = account["did"].as_str().expect("a DID");
    town.make_ghost(did);
    assert_eq!(town.accounts_of("ghost@example.com").len(), 1);
    let status = format!(
        "{}/xrpc/com.atproto.sync.getRepoStatus?did={did}",
        town.pds_itself()
    );
    let (status, answer) = runtime().block_on(get(&status));
    // Not `RepoNotFound`, which is the answer for a DID that the PDS never had.
    assert_eq!((status, &answer["error"]), (400, &Value::from("NotFound")));
}

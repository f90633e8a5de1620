//! What an audit costs its backends, counted on the real ones.

use bson::doc;

use crate::support::mongo::{operations, profile};
use crate::support::runtime;
use crate::support::services::services;
use crate::support::tap::Tap;
use crate::support::town::Town;

#[test]
fn an_audit_of_fifty_users_is_cheap_and_never_logs_in() {
    let mut town = Town::new();
    town.old_index();
    let subs: Vec<String> = (0..50)
        .map(|n| town.sign_up("aesthetic", &format!("user{n}"), true))
        .collect();
    for sub in &subs {
        town.verification(sub, 1);
    }
    // Forty of them get accounts; the other ten stay without.
    let mut args = vec!["backfill", "--fix", "--yes"];
    args.extend(subs.iter().take(40).map(String::as_str));
    let made = town.run(&args);
    assert_eq!(made.code, 0, "{made:?}");
    for sub in &subs[40..] {
        town.user(sub, &crate::support::codes::fresh());
    }

    let tap = Tap::start(&services().pds_url);
    town.pds_url.clone_from(&tap.url);
    runtime().block_on(profile(&town.db()));
    town.world.clear_calls();
    let (status, report) = town.json(&["audit", "aesthetic", "50"]);
    assert_eq!(status, 3, "{report:#}");
    assert_eq!(
        (
            report["totals"]["whole"].as_i64(),
            report["totals"]["broken"].as_i64()
        ),
        (Some(40), Some(10)),
        "{report:#}"
    );

    assert_eq!(town.world.calls_to("/oauth/token"), 1);
    assert_eq!(town.world.calls_to("/api/v2/users"), 1);
    assert_eq!(town.world.calls().len(), 2, "{:?}", town.world.calls());
    let lookups = tap.calls("com.atproto.identity.resolveHandle");
    assert_eq!(
        lookups, 10,
        "one look-up for each verified user without a recorded account"
    );
    let lines: Vec<String> = tap.log().iter().map(|call| call.line()).collect();
    assert!(lines.len() - lookups <= 3, "{lines:#?}");
    assert_eq!(tap.calls("createSession"), 0);
    let asked = runtime().block_on(operations(&town.db(), "atriage"));
    let asked: Vec<_> = asked
        .into_iter()
        .filter(|operation| operation.op != "getmore")
        .collect();
    // The ten newest share a finding: what may be behind it is asked once, whatever the number of signups.
    let (cause, page): (Vec<_>, Vec<_>) = asked.into_iter().partition(|operation| {
        operation.collection == "atriage-runs" || operation.command.contains_key("listIndexes")
    });
    assert!(cause.len() <= 2, "{cause:#?}");
    assert!(!page.is_empty() && page.len() <= 4, "{page:#?}");
}

#[test]
fn found_by_their_handle_accounts_are_unrecorded_and_not_missing() {
    let mut town = Town::new();
    town.old_index();
    let sub = town.sign_up("aesthetic", "rosa", true);
    let (status, _) = town.json(&["backfill", &sub, "--fix", "--yes"]);
    assert_eq!(status, 0);
    let user = town.get("users", &sub).expect("a record");
    let did = user
        .get_document("atproto")
        .and_then(|a| a.get_str("did"))
        .expect("a DID")
        .to_string();
    town.set("users", &sub, doc! {"atproto": null});

    let (status, report) = town.json(&["audit"]);
    assert_eq!(status, 3);
    assert_eq!(
        report["signups"][0]["findings"][0]["id"], "unrecorded-account",
        "{report:#}"
    );
    let (status, result) = town.json(&["backfill", "--fix", "--yes"]);
    assert_eq!(status, 0, "{result:#}");
    let user = town.get("users", &sub).expect("a record");
    let atproto = user.get_document("atproto").expect("an account");
    assert_eq!(
        atproto.get_str("did").expect("a DID"),
        did,
        "the account was adopted, not made again"
    );
    assert!(town.opens(&did, atproto.get_str("password").expect("a password")));
    assert_eq!(town.accounts_of(&town.email("rosa")).len(), 1);
}

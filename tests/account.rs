//! The account, exactly once: unclear answers, remains of a crash, refused handles and accounts of others, on the real
//! PDS.

use bson::doc;

use crate::support::runs::{fix, killed_while_it_waits, without_account};
use crate::support::services::services;
use crate::support::tap::{Fault, Tap};
use crate::support::town::Town;

fn recorded(town: &Town, sub: &str, field: &str) -> Option<String> {
    let user = town.get("users", sub)?;
    user.get_document("atproto")
        .ok()?
        .get_str(field)
        .ok()
        .map(String::from)
}

/// One account for the address, recorded, and opened by the recorded password; nothing else remains.
fn is_whole(town: &Town, sub: &str, local: &str) {
    let accounts = town.accounts_of(&town.email(local));
    assert_eq!(accounts.len(), 1, "{accounts:#?}");
    let did = recorded(town, sub, "did").expect("a DID");
    assert_eq!(accounts[0]["did"], did);
    assert!(town.opens(&did, &recorded(town, sub, "password").expect("a password")));
    assert!(town.all("atriage-intents").is_empty());
}

#[test]
fn an_account_whose_answer_was_lost_is_adopted_and_not_made_again() {
    let mut town = Town::new();
    town.old_index();
    let sub = without_account(&mut town, "mira");
    let tap = Tap::start(&services().pds_url);
    town.pds_url.clone_from(&tap.url);
    tap.once("createAccount", Fault::LoseAnswer);
    let (status, user) = fix(&town, &sub);
    assert_eq!((status, user["outcome"].as_str()), (0, Some("done")), "{user:#}");
    assert_eq!(tap.calls("createAccount"), 1, "it was asked for again");
    is_whole(&town, &sub, "mira");
}

#[test]
fn what_a_crash_left_is_gone_on_with() {
    let mut town = Town::new();
    town.old_index();
    let sub = without_account(&mut town, "koji");
    let tap = Tap::start(&services().pds_url);
    town.pds_url.clone_from(&tap.url);
    // The account is made, the answer lost, and whoever asked cannot look any more either.
    tap.always("createAccount", Fault::LoseAnswer);
    tap.always("getInviteCodes", Fault::Refuse);
    tap.rule("listRepos", 1, usize::MAX, Fault::Refuse);
    let (status, user) = fix(&town, &sub);
    assert_eq!(status, 5, "{user:#}");
    assert_eq!(user["error"]["class"], "unavailable");
    let intents = town.all("atriage-intents");
    assert_eq!(intents.len(), 1);
    let saved = intents[0].get_str("password").expect("a password").to_string();

    tap.heal();
    let (status, user) = fix(&town, &sub);
    assert_eq!((status, user["outcome"].as_str()), (0, Some("done")), "{user:#}");
    is_whole(&town, &sub, "koji");
    assert_eq!(
        recorded(&town, &sub, "password").as_deref(),
        Some(saved.as_str()),
        "the saved password opens it"
    );
}

#[test]
fn an_intent_without_an_account_is_used_and_not_replaced() {
    let mut town = Town::new();
    town.old_index();
    let sub = without_account(&mut town, "vesna");
    let tap = Tap::start(&services().pds_url);
    town.pds_url.clone_from(&tap.url);
    tap.always(
        "createAccount",
        Fault::answer(503, serde_json::json!({"error": "Busy", "message": "Busy"})),
    );
    killed_while_it_waits(&town, &sub);
    let before = town.all("atriage-intents");
    assert_eq!(before.len(), 1);
    tap.heal();
    let (status, _) = fix(&town, &sub);
    assert_eq!(status, 0);
    is_whole(&town, &sub, "vesna");
    let password = before[0].get_str("password").expect("a password");
    assert_eq!(recorded(&town, &sub, "password").as_deref(), Some(password));
}

#[test]
fn a_reserved_handle_is_replaced_by_the_code_until_another_is_chosen() {
    let mut town = Town::new();
    town.old_index();
    let sub = without_account(&mut town, "zara");
    town.name(&sub, "music");
    let (status, user) = fix(&town, &sub);
    assert_eq!(status, 0, "{user:#}");
    let code = town
        .get("users", &sub)
        .and_then(|user| user.get_str("code").ok().map(String::from))
        .expect("a code");
    assert_eq!(
        recorded(&town, &sub, "handle"),
        Some(format!("{code}.at.aesthetic.computer"))
    );
    let (status, report) = town.json(&["audit"]);
    assert_eq!(status, 0, "{report:#}");
    let finding = &report["signups"][0]["findings"][0];
    assert_eq!(finding["id"], "handle-fallback");
    assert!(
        finding["message"]
            .as_str()
            .is_some_and(|message| message.contains("Reserved handle")),
        "{finding}"
    );

    let chosen = format!("Zara_{}", town.tag);
    town.set("@handles", &sub, doc! {"handle": &chosen});
    let (status, report) = town.json(&["audit"]);
    assert_eq!(
        (status, report["signups"][0]["findings"][0]["id"].as_str()),
        (3, Some("handle-drift")),
        "{report:#}"
    );
    assert_eq!(
        report["signups"][0]["plan"],
        serde_json::json!(["sync-handle", "record-account", "verify"])
    );
    let (status, user) = fix(&town, &sub);
    assert_eq!(status, 0, "{user:#}");
    let handle = format!("zara-{}.at.aesthetic.computer", town.tag);
    let did = recorded(&town, &sub, "did").expect("a DID");
    assert_eq!(town.account(&did)["handle"], handle);
    assert_eq!(recorded(&town, &sub, "handle"), Some(handle));
    assert_eq!(town.json(&["audit"]).0, 0);
}

#[test]
fn an_address_that_belongs_to_somebody_else_is_not_taken_over() {
    let mut town = Town::new();
    town.old_index();
    let first = without_account(&mut town, "viktor");
    assert_eq!(fix(&town, &first).0, 0);
    let did = recorded(&town, &first, "did").expect("a DID");
    let password = recorded(&town, &first, "password").expect("a password");
    // The same person once more: Auth0 knows two users, the PDS takes the address once.
    let second = without_account(&mut town, "viktor");
    let (status, user) = fix(&town, &second);
    assert_eq!(
        (status, user["outcome"].as_str()),
        (3, Some("nothing")),
        "{user:#}"
    );
    assert!(user["left"].to_string().contains("duplicate-email"), "{user:#}");
    // And the same where the first login is gone from Auth0, but its record still holds the account.
    town.world.remove_user("aesthetic", &first);
    let (status, user) = fix(&town, &second);
    assert_eq!(
        (status, user["error"]["class"].as_str()),
        (5, Some("conflict")),
        "{user:#}"
    );
    assert_eq!(recorded(&town, &second, "did"), None);
    assert!(
        town.opens(&did, &password),
        "the password of somebody else's account was changed"
    );
}

#[test]
fn an_inactive_account_is_neither_adopted_nor_doubled() {
    let mut town = Town::new();
    town.old_index();
    let sub = without_account(&mut town, "quinn");
    assert_eq!(fix(&town, &sub).0, 0);
    let did = recorded(&town, &sub, "did").expect("a DID");
    town.set("users", &sub, doc! {"atproto": null});
    town.take_down(&did);
    let tap = Tap::start(&services().pds_url);
    town.pds_url.clone_from(&tap.url);
    let (status, user) = fix(&town, &sub);
    assert_eq!(
        (status, user["outcome"].as_str()),
        (3, Some("nothing")),
        "{user:#}"
    );
    assert!(
        user["left"].to_string().contains("account-taken-down"),
        "{user:#}"
    );
    assert_eq!(tap.calls("createAccount"), 0, "each try leaves a DID behind");
}

#[test]
fn a_lost_password_is_replaced_when_it_was_tried() {
    let mut town = Town::new();
    town.old_index();
    let sub = without_account(&mut town, "leo");
    assert_eq!(fix(&town, &sub).0, 0);
    town.set("users", &sub, doc! {"atproto.password": "not-the-password"});
    assert_eq!(town.json(&["audit"]).0, 0, "no login without --deep");
    let (status, report) = town.json(&["audit", "--deep"]);
    assert_eq!(
        (status, report["signups"][0]["findings"][0]["id"].as_str()),
        (3, Some("password-rejected")),
        "{report:#}"
    );
    let (status, result) = town.json(&["backfill", &sub, "--deep", "--fix", "--yes"]);
    assert_eq!(status, 0, "{result:#}");
    is_whole(&town, &sub, "leo");
}

#[test]
fn another_database_adopts_nothing() {
    let mut town = Town::new();
    town.old_index();
    let sub = without_account(&mut town, "wanda");
    assert_eq!(fix(&town, &sub).0, 0);
    let (did, password) = (
        recorded(&town, &sub, "did").expect("a DID"),
        recorded(&town, &sub, "password").expect("one"),
    );
    let elsewhere = ("MONGODB_NAME", "a-misspelt-database");
    let outcome = town.run_with(&["backfill", &sub, "--fix", "--yes", "-o", "json"], &[elsewhere]);
    assert_eq!(outcome.code, 4, "{outcome:?}");
    assert!(
        outcome.stdout.contains("Check MONGODB_NAME"),
        "{}",
        outcome.stdout
    );
    assert!(
        town.opens(&did, &password),
        "the password of a living account was replaced"
    );
}

#[test]
fn an_address_that_nobody_verified_opens_no_account() {
    let mut town = Town::new();
    town.old_index();
    let victim = without_account(&mut town, "nora");
    assert_eq!(fix(&town, &victim).0, 0);
    let (did, password) = (
        recorded(&town, &victim, "did").expect("a DID"),
        recorded(&town, &victim, "password").expect("one"),
    );
    // The record is lost, so that nobody holds the account; then somebody signs up with the address.
    town.set("users", &victim, doc! {"atproto": null});
    town.world.remove_user("aesthetic", &victim);
    let stranger = town.sign_up("aesthetic", "nora", false);
    let (status, user) = fix(&town, &stranger);
    assert_eq!(status, 0, "{user:#}");
    assert_eq!(recorded(&town, &stranger, "did"), None);
    assert!(town.opens(&did, &password), "the account was taken over");
}

#[test]
fn an_address_held_by_an_inactive_account_leaves_no_did_behind() {
    let mut town = Town::new();
    town.old_index();
    let here = without_account(&mut town, "otto");
    assert_eq!(fix(&town, &here).0, 0);
    town.take_down(&recorded(&town, &here, "did").expect("a DID"));
    let there = town.sign_up("sotce", "otto", true);
    let tap = Tap::start(&services().pds_url);
    town.pds_url.clone_from(&tap.url);
    let (status, result) = town.json(&["backfill", &there, "--tenant", "sotce", "--fix", "--yes"]);
    assert_eq!(status, 0, "{result:#}");
    assert_eq!(
        tap.calls("createAccount"),
        1,
        "the plain address was asked for all the same"
    );
    let did = recorded(&town, &format!("sotce-{there}"), "did").expect("a DID");
    assert_eq!(
        town.account(&did)["email"],
        town.email("otto").replace('@', "+sotce@")
    );
}

#[test]
fn two_processes_make_one_account() {
    let mut town = Town::new();
    town.old_index();
    let subs: Vec<String> = (0..6)
        .map(|n| town.sign_up("sotce", &format!("both{n}"), true))
        .collect();
    for (at, sub) in subs.iter().enumerate() {
        town.name(&format!("sotce-{sub}"), &format!("b{at}{}", town.tag));
    }
    let run = || town.json(&["backfill", "--tenant", "sotce", "--fix", "--yes"]);
    let ((first, one), (second, other)) = std::thread::scope(|scope| {
        let other = scope.spawn(run);
        (run(), other.join().expect("it ends"))
    });
    assert_eq!((first, second), (0, 0), "{one:#}\n{other:#}");
    for (at, sub) in subs.iter().enumerate() {
        let local = format!("both{at}");
        let tagged = town.email(&local).replace('@', "+sotce@");
        let accounts = town.accounts_of(&town.email(&local)).len() + town.accounts_of(&tagged).len();
        assert_eq!(accounts, 1, "{local} has {accounts} accounts");
        let key = format!("sotce-{sub}");
        let did = recorded(&town, &key, "did").expect("a DID");
        assert!(
            town.opens(&did, &recorded(&town, &key, "password").expect("a password")),
            "{local}"
        );
    }
    assert_eq!(town.json(&["audit", "sotce"]).0, 0);
    assert!(town.all("atriage-intents").is_empty());
}

#[test]
fn the_password_that_opens_the_account_outlives_a_crash() {
    let mut town = Town::new();
    town.old_index();
    let sub = without_account(&mut town, "paz");
    assert_eq!(fix(&town, &sub).0, 0);
    let opens = recorded(&town, &sub, "password").expect("a password");
    // A reset that died before its record: the PDS has the intent's password, the record an older one; and the handle
    // drifted meanwhile.
    town.set("users", &sub, doc! {"atproto.password": "an-older-password"});
    town.insert(
        "atriage-intents",
        doc! {"_id": &sub, "handle": "x", "email": "x", "password": &opens, "invite": null},
    );
    town.name(&sub, &format!("paz{}", town.tag));
    let (status, user) = fix(&town, &sub);
    assert_eq!(status, 0, "{user:#}");
    is_whole(&town, &sub, "paz");
    assert_eq!(recorded(&town, &sub, "password"), Some(opens));
}

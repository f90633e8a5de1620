//! Whose an account is, where the records say it in another form, in part, or not at all, and where Auth0 knows one person
//! under several logins: on the real MongoDB and PDS.

use atriage::sandbox::Auth0User;
use bson::{Document, doc};
use serde_json::{Value, json};

use crate::support::codes;
use crate::support::command::{Outcome, atriage};
use crate::support::runs::{fix, without_account};
use crate::support::town::Town;

/// What is recorded of an account.
struct Recorded {
    did: String,
    handle: String,
    password: String,
}

fn atproto(town: &Town, id: &str) -> Document {
    let user = town.get("users", id).expect("a record");
    user.get_document("atproto").cloned().unwrap_or_default()
}

/// Somebody with an account that the program made and recorded.
fn with_account(town: &mut Town, local: &str) -> (String, Recorded) {
    let sub = without_account(town, local);
    assert_eq!(fix(town, &sub).0, 0);
    let atproto = atproto(town, &sub);
    let field = |name| atproto.get_str(name).expect("it is recorded").to_string();
    let recorded = Recorded {
        did: field("did"),
        handle: field("handle"),
        password: field("password"),
    };
    (sub, recorded)
}

/// The record as older scripts wrote it.
fn in_older_form(town: &Town, sub: &str, account: &Recorded) {
    town.unset("users", sub, &["atproto"]);
    let older = doc! {
        "atproto_did": &account.did, "atproto_handle": &account.handle, "atproto_password": &account.password,
        "atproto_created_at": "2025-01-01T00:00:00Z",
    };
    town.set("users", sub, older);
}

fn rename(town: &Town, did: &str, handle: &str) {
    let body = json!({"did": did, "handle": handle});
    let (status, answer) = town.ask("com.atproto.admin.updateAccountHandle", &body, true);
    assert_eq!(status, 200, "{answer}");
}

/// Auth0 has another address of the user by now; the PDS keeps the one that the account was made with.
fn move_to(town: &Town, sub: &str, local: &str) {
    let email = town.email(local);
    town.world
        .change_user("aesthetic", sub, |user| user.email = Some(email));
}

/// Runs the program without credentials for `sotce`.
fn without_sotce(town: &Town, args: &[&str]) -> (Outcome, Value) {
    let variables = town.variables();
    let env: Vec<(&str, &str)> = variables
        .iter()
        .filter(|(name, _)| !name.starts_with("SOTCE_"))
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let outcome = atriage(&[args, &["-o", "json"]].concat(), &env);
    let value = serde_json::from_str(&outcome.stdout).unwrap_or_else(|error| panic!("{error}: {outcome:?}"));
    (outcome, value)
}

fn finding_of<'a>(report: &'a Value, sub: &str) -> &'a Value {
    let signups = report["signups"].as_array().expect("a list");
    let signup = signups.iter().find(|signup| signup["sub"] == sub);
    &signup.expect("the list names them")["findings"][0]
}

#[test]
fn an_account_in_an_older_record_is_the_user_s_and_is_recorded_anew() {
    let mut town = Town::new();
    town.old_index();
    let (sub, account) = with_account(&mut town, "mira");
    in_older_form(&town, &sub, &account);
    move_to(&town, &sub, "mira-new");

    let (status, report) = town.json(&["audit"]);
    let finding = finding_of(&report, &sub);
    assert_eq!(
        (status, finding["id"].as_str()),
        (3, Some("incomplete-credentials")),
        "{report:#}"
    );
    assert!(
        finding["message"]
            .to_string()
            .contains("older fields of the record"),
        "{finding:#}"
    );
    assert_eq!(report["signups"][0]["did"], account.did);
    assert_eq!(report["signups"][0]["plan"], json!(["record-account", "verify"]));

    let (status, user) = fix(&town, &sub);
    assert_eq!((status, user["outcome"].as_str()), (0, Some("done")), "{user:#}");
    let present = atproto(&town, &sub);
    for (field, value) in [
        ("did", account.did.as_str()),
        ("handle", &account.handle),
        ("password", &account.password),
        ("createdAt", "2025-01-01T00:00:00Z"),
    ] {
        assert_eq!(present.get_str(field).ok(), Some(value), "{field}");
    }
    let user = town.get("users", &sub).expect("a record");
    assert_eq!(
        user.get_str("atproto_password").ok(),
        Some(account.password.as_str())
    );
    assert!(
        town.accounts_of(&town.email("mira-new")).is_empty(),
        "a second account was made"
    );
    assert!(town.opens(&account.did, &account.password));
    assert_eq!(town.json(&["audit"]).0, 0);
}

#[test]
fn an_account_in_another_s_older_record_is_not_taken_over() {
    let mut town = Town::new();
    town.old_index();
    let (first, account) = with_account(&mut town, "viktor");
    in_older_form(&town, &first, &account);
    town.world.remove_user("aesthetic", &first);
    let second = without_account(&mut town, "viktor");
    let (status, user) = fix(&town, &second);
    assert_eq!(
        (status, user["error"]["class"].as_str()),
        (5, Some("conflict")),
        "{user:#}"
    );
    assert!(atproto(&town, &second).is_empty());
    assert!(
        town.opens(&account.did, &account.password),
        "the password of somebody else's account was changed"
    );
}

#[test]
fn a_record_without_a_did_leads_to_its_account_by_handle_and_password() {
    let mut town = Town::new();
    town.old_index();
    let (sub, account) = with_account(&mut town, "koji");
    town.unset("users", &sub, &["atproto.did"]);
    move_to(&town, &sub, "koji-new");
    // The list does not log in, so that it cannot tell.
    let (status, report) = town.json(&["audit"]);
    let user = &report["signups"][0];
    assert_eq!(
        (status, user["columns"]["pds"].as_str()),
        (3, Some("unknown")),
        "{report:#}"
    );
    assert_eq!(user["plan"], json!([]));
    let (status, dry) = town.json(&["backfill", &sub]);
    let left = dry["users"][0]["left"].to_string();
    assert!(status == 3 && left.contains("only --deep tries"), "{dry:#}");

    let (status, fixed) = town.json(&["backfill", &sub, "--deep", "--fix", "--yes"]);
    let user = &fixed["users"][0];
    assert_eq!((status, user["outcome"].as_str()), (0, Some("done")), "{user:#}");
    let present = atproto(&town, &sub);
    assert_eq!(present.get_str("did").ok(), Some(account.did.as_str()));
    assert_eq!(
        present.get_str("password").ok(),
        Some(account.password.as_str()),
        "it was set anew"
    );
    assert!(
        town.accounts_of(&town.email("koji-new")).is_empty(),
        "a second account was made"
    );
    assert!(town.all("atriage-intents").is_empty());
}

#[test]
fn a_recorded_handle_that_leads_to_a_doubtful_account_is_left_to_somebody() {
    let mut town = Town::new();
    town.old_index();
    let (sub, account) = with_account(&mut town, "vesna");
    // The handle is another one than would be wanted, so that nothing on the PDS stands in the way of a second account.
    let handle = format!("vesna-{}.at.aesthetic.computer", town.tag);
    rename(&town, &account.did, &handle);
    town.unset("users", &sub, &["atproto.did"]);
    town.set(
        "users",
        &sub,
        doc! {"atproto.handle": &handle, "atproto.password": "another-one"},
    );
    move_to(&town, &sub, "vesna-new");
    let (status, user) = fix(&town, &sub);
    assert_eq!(
        (status, user["outcome"].as_str()),
        (3, Some("nothing")),
        "{user:#}"
    );
    assert!(
        user["left"].to_string().contains("decide whose it is"),
        "{user:#}"
    );
    let present = atproto(&town, &sub);
    assert_eq!(present.get_str("did").ok(), None);
    assert_eq!(present.get_str("password").ok(), Some("another-one"));
    assert!(
        town.accounts_of(&town.email("vesna-new")).is_empty(),
        "a second account was made"
    );
    assert!(town.opens(&account.did, &account.password));
    assert!(town.all("atriage-intents").is_empty());
}

#[test]
fn a_recorded_password_that_opens_the_account_is_kept_when_it_is_adopted() {
    let mut town = Town::new();
    town.old_index();
    let (sub, account) = with_account(&mut town, "nuno");
    town.unset("users", &sub, &["atproto.did"]);
    let (status, report) = town.json(&["audit"]);
    assert_eq!(
        (status, finding_of(&report, &sub)["id"].as_str()),
        (3, Some("unrecorded-account")),
        "{report:#}"
    );
    let (status, user) = fix(&town, &sub);
    assert_eq!((status, user["outcome"].as_str()), (0, Some("done")), "{user:#}");
    assert_eq!(
        atproto(&town, &sub).get_str("password").ok(),
        Some(account.password.as_str())
    );
    assert!(town.opens(&account.did, &account.password));
}

/// Auth0 keeps an address of a social login as its provider spells it, and asks for the spelling.
#[test]
fn the_same_address_in_another_spelling_is_another_login() {
    let mut town = Town::new();
    town.old_index();
    let (sub, account) = with_account(&mut town, "zara");
    rename(
        &town,
        &account.did,
        &format!("zara-{}.at.aesthetic.computer", town.tag),
    );
    town.unset("users", &sub, &["atproto"]);
    let social = format!("google-oauth2|{}", town.tag);
    let spelt = format!("Zara.{}@Example.com", town.tag);
    let at = "2025-10-14T10:00:00Z".parse().expect("it is a moment");
    town.world
        .add_user("aesthetic", Auth0User::new(&social, &spelt, at).verified());
    // The second one gets a record, and all that can be done is done; for the first one nothing can.
    for (one, left_with) in [(&sub, 3), (&social, 0)] {
        let (status, user) = fix(&town, one);
        assert_eq!(status, left_with, "{one}: {user:#}");
        assert!(
            user["left"].to_string().contains("duplicate-email"),
            "{one}: {user:#}"
        );
        assert!(atproto(&town, one).is_empty(), "{one}");
    }
    assert!(town.opens(&account.did, &account.password), "it was taken over");
    for word in [town.email("zara"), spelt.to_uppercase()] {
        let outcome = town.run(&["backfill", &word]);
        assert!(outcome.stderr.contains("several users"), "{word}: {outcome:?}");
    }
    // In the other tenant too: the plain address is not theirs alone.
    let there = town.sign_up("sotce", "zara", true);
    let (status, result) = town.json(&["backfill", &there, "--tenant", "sotce", "--fix", "--yes"]);
    assert_eq!(status, 0, "{result:#}");
    assert!(town.opens(&account.did, &account.password), "it was taken over");
}

#[test]
fn an_account_may_be_that_of_a_tenant_that_cannot_be_asked() {
    let mut town = Town::new();
    town.old_index();
    let there = town.sign_up("sotce", "teo", true);
    let (status, result) = town.json(&["backfill", &there, "--tenant", "sotce", "--fix", "--yes"]);
    assert_eq!(status, 0, "{result:#}");
    let key = format!("sotce-{there}");
    let recorded = atproto(&town, &key);
    let did = recorded.get_str("did").expect("a DID");
    let password = recorded.get_str("password").expect("a password");
    town.unset("users", &key, &["atproto"]);
    let here = without_account(&mut town, "teo");
    let (outcome, result) = without_sotce(&town, &["backfill", &here, "--fix", "--yes"]);
    assert_eq!(outcome.code, 3, "{result:#}");
    let user = &result["users"][0];
    assert_eq!(user["outcome"], "nothing", "{user:#}");
    assert!(user["left"].to_string().contains("sotce"), "{user:#}");
    assert!(town.opens(did, password), "it was taken over");
    // With credentials it is known whose it is.
    assert_eq!(fix(&town, &here).0, 5);
    assert!(town.opens(did, password), "it was taken over");
}

#[test]
fn a_record_of_a_tenant_that_cannot_be_asked_is_no_orphan() {
    let mut town = Town::new();
    let older = town.sign_up("sotce", "otto", false);
    town.user(&older, &codes::fresh());
    // A social login is the same in every tenant, so that its record lies under the prefix in the other.
    town.user("google-oauth2|gone", &codes::fresh());
    let (outcome, report) = without_sotce(&town, &["audit", "--all", "--orphans"]);
    let orphans = report["orphans"].as_array().expect("a list");
    let subs: Vec<&str> = orphans
        .iter()
        .filter_map(|orphan| orphan["sub"].as_str())
        .collect();
    assert_eq!(subs, ["google-oauth2|gone"], "{report:#}");
    assert!(report["error"].to_string().contains("sotce"), "{report:#}");
    assert_eq!(outcome.code, 4, "{report:#}");
    // One by one the same is said.
    let (_, result) = without_sotce(&town, &["backfill", &older]);
    assert!(!result.to_string().contains("orphan-record"), "{result:#}");
    assert!(result.to_string().contains("sotce"), "{result:#}");
}

/// The PDS refused the name and the code stood in; then the record was lost.
#[test]
fn an_account_under_the_code_is_found_though_a_name_was_chosen() {
    let mut town = Town::new();
    town.old_index();
    let sub = without_account(&mut town, "paz");
    town.name(&sub, "music");
    assert_eq!(fix(&town, &sub).0, 0);
    town.unset("users", &sub, &["atproto"]);
    let (status, report) = town.json(&["audit"]);
    let finding = finding_of(&report, &sub);
    assert_eq!(
        (status, finding["id"].as_str()),
        (3, Some("unrecorded-account")),
        "{report:#}"
    );
    assert_eq!(report["signups"][0]["plan"][0], "adopt-account", "{report:#}");
}

#[test]
fn whom_a_record_alone_names_is_no_orphan_unless_they_are_one() {
    let mut town = Town::new();
    town.old_index();
    town.user("art-guest", &codes::fresh());
    town.set(
        "users",
        "art-guest",
        doc! {"atproto": {"did": "did:plc:artguest", "handle": "art", "password": "p"}},
    );
    town.name("art-guest", "art");
    for word in ["did:plc:artguest", "@art"] {
        let outcome = town.run(&["backfill", word]);
        assert_eq!(outcome.code, 2, "{word}: {outcome:?}");
        assert!(outcome.stderr.contains("is no Auth0 user"), "{word}: {outcome:?}");
    }
    let code = codes::fresh();
    let older = town.sign_up("sotce", "otto", false);
    town.user(&older, &code);
    town.verification(&older, 0);
    let (status, result) = town.json(&["backfill", &code]);
    assert!(!result.to_string().contains("orphan-record"), "{result:#}");
    assert!(result.to_string().contains("a user of sotce"), "{result:#}");
    assert_eq!(status, 3, "{result:#}");
    let (status, report) = town.json(&["backfill", &code, "--tenant", "sotce"]);
    assert_eq!(
        (status, report["users"][0]["sub"].as_str()),
        (0, Some(older.as_str())),
        "{report:#}"
    );
    // Who is in no tenant is one.
    town.world.remove_user("sotce", &older);
    let (_, result) = town.json(&["backfill", &code]);
    assert!(result.to_string().contains("orphan-record"), "{result:#}");
}

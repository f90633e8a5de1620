//! `sotce` works like `aesthetic`: its own keys, codes and accounts; and one person in both keeps two accounts.

use bson::doc;

use crate::support::command::atriage;
use crate::support::runs::runs;
use crate::support::town::Town;

/// Whoever lives in the other tenant is no record that somebody left behind.
#[test]
fn a_user_of_another_tenant_is_told_as_such() {
    let mut town = Town::new();
    town.old_index();
    let sub = town.sign_up("aesthetic", "teo", true);
    let handle = format!("teo{}", town.tag);
    town.name(&sub, &handle);
    let (status, _) = town.json(&["backfill", &sub, "--fix", "--yes"]);
    assert_eq!(status, 0);
    let user = town.get("users", &sub).expect("a record");
    let code = user.get_str("code").expect("a code");
    let did = user
        .get_document("atproto")
        .and_then(|account| account.get_str("did"));
    let handle = format!("@{handle}");
    for word in [handle.as_str(), &sub, code, did.expect("a DID")] {
        for command in ["backfill", "history"] {
            let (status, told) = town.json(&[command, word, "--tenant", "sotce"]);
            let error = &told["error"];
            assert_eq!(
                (
                    status,
                    error["class"].as_str(),
                    error["message"].as_str(),
                    error["hint"].as_str()
                ),
                (
                    2,
                    Some("usage"),
                    Some(format!("{sub} is a user of aesthetic, not of sotce.").as_str()),
                    Some("Name the tenant with --tenant aesthetic.")
                ),
                "{command} {word}: {told:#}"
            );
        }
    }
    // A record of nobody stays what it is.
    let gone = "auth0|0123456789abcdef01234567";
    town.user(gone, "ac25momez");
    let (_, told) = town.json(&["backfill", gone, "--tenant", "sotce"]);
    assert!(
        told["users"][0]["left"].to_string().contains("orphan-record"),
        "{told:#}"
    );
}

#[test]
fn a_person_in_both_tenants_has_two_records_and_two_accounts() {
    let mut town = Town::new();
    town.old_index();
    let here = town.sign_up("aesthetic", "petra", true);
    let there = town.sign_up("sotce", "petra", true);
    let alone = town.sign_up("sotce", "emil", true);
    let named = format!("emil{}", town.tag);
    town.name(&format!("sotce-{alone}"), &named);

    let (status, report) = town.json(&["audit", "both"]);
    assert_eq!(status, 3, "{report:#}");
    assert_eq!(report["tenants"][0]["totals"]["broken"], 1);
    assert_eq!(report["tenants"][1]["totals"]["broken"], 2);
    assert_eq!(
        report["tenants"][1]["signups"][0]["key"],
        format!("sotce-{alone}")
    );

    let (status, result) = town.json(&[
        "backfill",
        "--tenant",
        "both",
        "--fix",
        "--yes",
        "--concurrency",
        "1",
    ]);
    assert_eq!(
        (status, result["totals"]["done"].as_i64()),
        (0, Some(3)),
        "{result:#}"
    );

    let keys = [here.clone(), format!("sotce-{there}"), format!("sotce-{alone}")];
    let records = keys
        .each_ref()
        .map(|key| town.get("users", key).expect("a record"));
    let dids = records.each_ref().map(|user| {
        user.get_document("atproto")
            .and_then(|a| a.get_str("did"))
            .expect("a DID")
            .to_string()
    });
    assert_ne!(dids[0], dids[1]);
    assert_eq!(town.account(&dids[0])["email"], town.email("petra"));
    let tagged = town.email("petra").replace('@', "+sotce@");
    assert_eq!(town.account(&dids[1])["email"], tagged);
    assert_eq!(
        town.account(&dids[2])["handle"],
        format!("{named}.at.aesthetic.computer")
    );
    assert_eq!(
        town.all("users").len(),
        3,
        "a record was written under an unprefixed key"
    );

    let (status, report) = town.json(&["audit", "both"]);
    assert_eq!(status, 0, "{report:#}");
}

#[test]
fn an_unprefixed_legacy_record_is_read_where_it_lies() {
    let mut town = Town::new();
    let sub = town.sign_up("sotce", "otto", false);
    town.user(&sub, "ac25momez");
    town.verification(&sub, 0);
    let (status, report) = town.json(&["audit", "sotce"]);
    assert_eq!(status, 0, "{report:#}");
    assert_eq!(report["signups"][0]["code"], "ac25momez");

    town.world
        .change_user("sotce", &sub, |user| user.email_verified = true);
    let (status, result) = town.json(&["backfill", "--tenant", "sotce", "--fix", "--yes"]);
    assert_eq!(status, 0, "{result:#}");
    let legacy = town.get("users", &sub).expect("the legacy record");
    assert!(
        legacy.get_document("atproto").is_ok(),
        "the account is recorded where the record lies"
    );
    assert_eq!(town.all("users").len(), 1);
}

/// An unrecorded account with the plain address belongs to whom the handle says, not to whoever is mended first.
#[test]
fn an_account_is_not_taken_from_the_other_tenant() {
    let mut town = Town::new();
    town.old_index();
    let here = town.sign_up("aesthetic", "teo", true);
    town.verification(&here, 1);
    let (status, _) = town.json(&["backfill", &here, "--fix", "--yes"]);
    assert_eq!(status, 0);
    let before = town.get("users", &here).expect("a record");
    let did = before
        .get_document("atproto")
        .and_then(|a| a.get_str("did"))
        .expect("a DID")
        .to_string();
    // The record is lost, the account stays: and now the same person signs up in the other tenant.
    crate::support::runtime().block_on(async {
        let users = town.db().collection::<bson::Document>("users");
        users
            .update_one(doc! {"_id": &here}, doc! {"$unset": {"atproto": ""}})
            .await
            .expect("mongod answers");
    });
    let there = town.sign_up("sotce", "teo", true);
    let (status, result) = town.json(&["backfill", &there, "--tenant", "sotce", "--fix", "--yes"]);
    assert_eq!(status, 0, "{result:#}");
    let (status, result) = town.json(&["backfill", &here, "--fix", "--yes"]);
    assert_eq!(status, 0, "{result:#}");
    let after = town.get("users", &here).expect("a record");
    assert_eq!(
        after
            .get_document("atproto")
            .and_then(|a| a.get_str("did"))
            .expect("a DID"),
        did
    );
    let other = town.get("users", &format!("sotce-{there}")).expect("a record");
    assert_ne!(
        other
            .get_document("atproto")
            .and_then(|a| a.get_str("did"))
            .expect("a DID"),
        did
    );
}

/// Whoever is provisioned first, the plain address stays for the tenant that has no tagged one.
#[test]
fn the_order_of_the_tenants_does_not_matter() {
    let mut town = Town::new();
    town.old_index();
    let here = town.sign_up("aesthetic", "yara", true);
    let there = town.sign_up("sotce", "yara", true);
    for (tenant, sub) in [("sotce", &there), ("aesthetic", &here)] {
        let (status, result) = town.json(&["backfill", sub, "--tenant", tenant, "--fix", "--yes"]);
        assert_eq!(status, 0, "{tenant}: {result:#}");
    }
    assert_eq!(town.accounts_of(&town.email("yara")).len(), 1);
    assert_eq!(
        town.accounts_of(&town.email("yara").replace('@', "+sotce@"))
            .len(),
        1
    );
    let (status, report) = town.json(&["audit", "both"]);
    assert_eq!(status, 0, "{report:#}");
}

/// Nobody there can be looked at, today or when a run is gone on with: no run is left that waits.
#[test]
fn a_named_user_of_a_tenant_without_credentials_leaves_no_run() {
    let town = Town::new();
    town.user("auth0|somebody", "ac25momez");
    let variables = town.variables();
    let env: Vec<(&str, &str)> = variables
        .iter()
        .filter(|(name, _)| !name.starts_with("SOTCE_"))
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    for args in [["--fix", "--yes"].as_slice(), &[]] {
        let args = [&["backfill", "auth0|x", "--tenant", "sotce"], args].concat();
        let outcome = atriage(&args, &env);
        assert_eq!(outcome.code, 4, "{outcome:?}");
        assert!(
            outcome.stderr.contains("sotce is not configured"),
            "{}",
            outcome.stderr
        );
    }
    assert_eq!(runs(&town), [] as [serde_json::Value; 0]);
}

//! The incident of October 2025, replayed on the real MongoDB and the real PDS: found, shown, mended, and nothing left.

use std::time::Duration;

use serde_json::Value;

use crate::support::town::Town;
use crate::support::yardstick::one_of_three;

fn totals(report: &Value) -> [i64; 3] {
    ["checked", "whole", "broken"].map(|name| report["totals"][name].as_i64().expect("a count"))
}

#[test]
fn five_broken_signups_are_found_planned_mended_and_whole() {
    let mut town = Town::of_october();
    let [unverified, short, longer, plain, other] = town.incident();

    let (status, report) = town.json(&["audit", "aesthetic", "5"]);
    assert_eq!((status, totals(&report)), (3, [5, 0, 5]), "{report:#}");
    let systemic = &report["systemic"][0];
    assert_eq!(systemic["finding"], "missing-user-record");
    assert_eq!(
        (systemic["affected"].as_i64(), systemic["of"].as_i64()),
        (Some(5), Some(5))
    );

    let dry = town.run(&["backfill", "5"]);
    assert_eq!(dry.code, 3, "{dry:?}");
    let plan = "create-user create-account record-account verify";
    assert_eq!(dry.stdout.matches(plan).count(), 4, "{}", dry.stdout);
    assert!(dry.stderr.contains("nothing was written"), "{}", dry.stderr);
    assert!(town.all("users").is_empty() && town.all("atriage-intents").is_empty());

    let fix = town.run(&["backfill", "5", "--fix", "--yes", "-o", "json"]);
    assert_eq!(fix.code, 0, "{fix:?}");
    let result: Value = serde_json::from_str(&fix.stdout).expect("JSON");
    assert_eq!(result["totals"]["done"], 5, "{result:#}");

    let users = town.all("users");
    assert_eq!(users.len(), 5);
    for user in &users {
        let code = user.get_str("code").expect("a code");
        assert!(
            atriage::domain::code::is_well_formed(code) && code.starts_with("ac25"),
            "{code}"
        );
    }
    assert!(
        town.get("users", &unverified)
            .is_some_and(|user| !user.contains_key("atproto"))
    );
    for sub in [&short, &longer, &plain, &other] {
        let user = town.get("users", sub).expect("a record");
        let atproto = user.get_document("atproto").expect("an account");
        let (did, handle) = (
            atproto.get_str("did").expect("a DID"),
            atproto.get_str("handle").expect("a handle"),
        );
        let code = user.get_str("code").expect("a code");
        let label = if *sub == longer {
            format!("zara-{}", town.tag)
        } else {
            code.to_string()
        };
        assert_eq!(handle, format!("{label}.at.aesthetic.computer"));
        assert_eq!(town.account(did)["handle"], handle);
        assert!(town.opens(did, atproto.get_str("password").expect("a password")));
    }
    let user = town.get("users", &short).expect("a record");
    let fallback = user
        .get_document("atproto")
        .and_then(|atproto| atproto.get_document("handleFallback"));
    let fallback = fallback.expect("the refusal is recorded");
    assert_eq!(fallback.get_str("wanted").ok(), Some("43.at.aesthetic.computer"));
    assert_eq!(fallback.get_str("reason").ok(), Some("Handle too short"));
    assert!(
        town.all("atriage-intents").is_empty(),
        "an intent with its password remains"
    );

    let (status, report) = town.json(&["audit", "aesthetic", "5"]);
    assert_eq!((status, totals(&report)), (0, [5, 4, 0]), "{report:#}");
    assert_eq!(report["totals"]["waiting"], 1);

    let before = (town.all("users"), town.all("verifications"));
    let again = town.run(&["backfill", "5", "--fix", "--yes"]);
    assert_eq!(again.code, 0, "{again:?}");
    assert!(again.stdout.contains("Nothing to mend"), "{}", again.stdout);
    let (status, named) = town.json(&["backfill", &plain, &unverified, "--fix", "--yes"]);
    assert_eq!(
        (status, named["totals"]["nothing"].as_i64()),
        (0, Some(2)),
        "{named:#}"
    );
    assert_eq!((town.all("users"), town.all("verifications")), before);
    assert_eq!(town.accounts_of(&town.email("mira")).len(), 1);
}

#[test]
fn nothing_is_written_without_a_yes() {
    let mut town = Town::new();
    town.incident();
    let refused = town.run(&["backfill", "5", "--fix"]);
    assert_eq!(refused.code, 7, "{refused:?}");
    assert!(refused.stderr.contains("--yes"), "{}", refused.stderr);
    let read_only = town.run_with(
        &["backfill", "5", "--fix", "--yes"],
        &[("ATRIAGE_READ_ONLY", "1")],
    );
    assert_eq!(read_only.code, 7, "{read_only:?}");
    let read_only = town.run(&["backfill", "5", "--fix", "--yes", "--read-only"]);
    assert_eq!(read_only.code, 7, "{read_only:?}");
    assert!(town.all("users").is_empty() && town.all("atriage-intents").is_empty());
}

/// The old tools needed up to 30 s for this backfill and 10 s for the audit.
#[test]
fn it_is_over_in_seconds() {
    one_of_three(Duration::from_millis(500), || {
        let mut town = Town::new();
        town.incident();
        let audit = town.run(&["audit", "aesthetic", "5"]);
        assert_eq!(audit.code, 3, "{audit:?}");
        audit.took
    });
    one_of_three(Duration::from_secs(3), || {
        let mut town = Town::new();
        town.incident();
        let fix = town.run(&["backfill", "5", "--fix", "--yes"]);
        assert_eq!(fix.code, 0, "{fix:?}");
        fix.took
    });
}

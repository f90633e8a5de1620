//! The records that `audit --orphans` finds, whose Auth0 user is gone, in whichever collections they lie. Accounts that no
//! record names stand in `orphans.rs`.

use std::collections::BTreeMap;

use bson::oid::ObjectId;
use bson::{DateTime, doc};
use serde_json::{Value, json};

use crate::orphans::recorded;
use crate::support::tap::{Fault, Tap};
use crate::support::town::Town;

#[test]
fn records_without_a_user_are_told_with_and_without_a_moment() {
    let mut town = Town::new();
    let there = recorded(&mut town, "mira", "ac25momez", false);
    let lagging = recorded(&mut town, "omar", "ac25nayad", false);
    town.world.hide_from_search("aesthetic", &lagging, true);
    let newer = recorded(&mut town, "zara", "ac25zobeb", false);
    town.world.remove_user("aesthetic", &newer);
    town.insert("users", doc! {"_id": "auth0|timeless", "code": "ac25tohov"});
    town.insert(
        "users",
        doc! {"_id": "google-oauth2|old", "code": "ac25bedug", "when": DateTime::from_millis(0)},
    );
    town.insert("users", doc! {"_id": "art-guest", "code": "ac25gubab"});
    town.insert("users", doc! {"_id": "sotce-auth0|gone", "code": "ac25hakek"});
    // An older record of sotce's, without its prefix.
    let unprefixed = town.sign_up("sotce", "petra", false);
    town.user(&unprefixed, "ac25jumun");

    let orphans = |args: &[&str]| {
        let (status, report) = town.json(args);
        assert_eq!(status, 3, "{report:#}");
        let told = report["orphans"].as_array().expect("a list").iter();
        let told = told.inspect(|orphan| {
            assert_eq!(orphan["columns"]["auth0"], "missing");
            assert_eq!(orphan["findings"][0]["id"], "orphan-record", "{orphan:#}");
        });
        let mut subs: Vec<String> = told
            .map(|orphan| orphan["sub"].as_str().expect("a sub").into())
            .collect();
        subs.sort();
        (subs, report)
    };
    let mut expected = vec![newer.clone(), "auth0|timeless".into(), "google-oauth2|old".into()];
    expected.sort();
    let (subs, report) = orphans(&["audit", "--all", "--orphans"]);
    assert_eq!(subs, expected);
    assert_eq!(report["totals"]["checked"], 4, "{}", report["totals"]);
    assert_eq!(
        orphans(&["audit", "sotce", "--all", "--orphans"]).0,
        ["auth0|gone"]
    );
    // Of a part of the tenant: what was recorded since its oldest signup.
    assert_eq!(orphans(&["audit", "1", "--orphans"]).0, [newer]);
    let (status, report) = town.json(&["audit", "--all"]);
    assert_eq!(
        (status, &report["orphans"]),
        (0, &json!([])),
        "{there} is there, {report:#}"
    );
}

#[test]
fn what_a_gateway_refuses_is_nobody_s_absence() {
    let mut town = Town::new();
    recorded(&mut town, "mira", "ac25momez", false);
    let lagging = recorded(&mut town, "omar", "ac25nayad", false);
    town.world.hide_from_search("aesthetic", &lagging, true);
    let tap = Tap::start(&town.auth0_urls[0].1);
    town.auth0_urls[0].1.clone_from(&tap.url);
    let gateway = json!({"error": "Bad Request"});
    tap.always("/api/v2/users/auth0", Fault::answer(400, gateway));
    let (status, report) = town.json(&["audit", "--all", "--orphans"]);
    assert_ne!(status, 0, "{report:#}");
    assert_eq!(report["orphans"], json!([]), "{report:#}");
    // In Auth0's own words an id that is malformed is the id of nobody.
    let malformed =
        json!({"statusCode": 400, "error": "Bad Request", "message": "…", "errorCode": "invalid_uri"});
    tap.heal();
    tap.always("/api/v2/users/auth0", Fault::answer(400, malformed));
    let (_, report) = town.json(&["audit", "--all", "--orphans"]);
    assert_eq!(report["orphans"][0]["sub"], lagging, "{report:#}");
}

/// The orphans of a report: the ids and messages of what is found of each, by their sub.
fn found(report: &Value) -> BTreeMap<&str, Vec<(&str, &str)>> {
    let orphans = report["orphans"].as_array().expect("a list").iter();
    orphans
        .map(|orphan| {
            let findings = orphan["findings"].as_array().expect("a list").iter();
            let findings = findings.map(|finding| (text(&finding["id"]), text(&finding["message"])));
            (text(&orphan["sub"]), findings.collect())
        })
        .collect()
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

/// A town in which people of both tenants left records in one collection or several.
fn left_behind() -> Town {
    let mut town = Town::new();
    town.verification("auth0|clicked", 1);
    town.name("auth0|named", "nora");
    town.verification("auth0|both", 0);
    town.name("auth0|both", "bruno");
    town.verification("auth0|three", 0);
    town.name("auth0|three", "thea");
    town.user("auth0|three", "ac25tohov");
    town.insert("verifications", doc! {"_id": "auth0|odd", "count": "many"});
    // Sotce's: with its prefix, and an older one beside it.
    town.verification("sotce-google-oauth2|7", 1);
    town.name("sotce-auth0|older", "olga");
    town.verification("auth0|older", 2);
    // Nobody's orphans: users whom Auth0 has, one of them not in its search yet, one under an older id of sotce's.
    let mira = town.sign_up("aesthetic", "mira", false);
    town.name(&mira, "mira");
    let lagging = town.sign_up("aesthetic", "omar", false);
    town.verification(&lagging, 0);
    town.world.hide_from_search("aesthetic", &lagging, true);
    let petra = town.sign_up("sotce", "petra", false);
    town.verification(&petra, 0);
    town.name(&petra, "petra");
    let dora = town.sign_up("sotce", "dora", false);
    town.name(&format!("sotce-{dora}"), "dora");
    // Nor what is no user of Auth0's, a throw-away user, or somebody who asked to be deleted.
    for id in [
        "art-guest",
        "atriage-rehearsal-0badcafe",
        "|x",
        "auth0|",
        "sotce-art-guest",
    ] {
        town.verification(id, 0);
    }
    town.name("art-guest", "art");
    town.name("atriage-rehearsal-1badcafe", "rehearsal");
    town.insert("verifications", doc! {"_id": ObjectId::new(), "count": 0});
    town.insert("@handles", doc! {"_id": 5, "handle": "five"});
    town.verification("auth0|leaving", 0);
    town.insert(
        "account-deletions",
        doc! {"_id": "auth0|leaving", "state": "running"},
    );
    town
}

#[test]
fn a_record_that_lies_in_one_collection_alone_is_told_with_where_it_lies() {
    let town = left_behind();
    let (status, report) = town.json(&["audit", "--all", "--orphans"]);
    assert_eq!(status, 3, "{report:#}");
    let orphan = |what: &'static str| vec![("orphan-record", what)];
    let expected = BTreeMap::from([
        (
            "auth0|clicked",
            orphan("Mongo has auth0|clicked in verifications, but Auth0 has no such user."),
        ),
        (
            "auth0|named",
            orphan("Mongo has auth0|named in @handles, but Auth0 has no such user."),
        ),
        (
            "auth0|both",
            orphan("Mongo has auth0|both in verifications and @handles, but Auth0 has no such user."),
        ),
        (
            "auth0|three",
            orphan("Mongo has auth0|three in users, verifications and @handles, but Auth0 has no such user."),
        ),
        (
            "auth0|odd",
            orphan("Mongo has auth0|odd in verifications, but Auth0 has no such user."),
        ),
        // Without its prefix it may have been anybody's.
        (
            "auth0|older",
            orphan("Mongo has auth0|older in verifications, but Auth0 has no such user."),
        ),
        (
            "auth0|leaving",
            vec![(
                "deletion-pending",
                "The user asked to be deleted: account-deletions names them.",
            )],
        ),
    ]);
    assert_eq!(found(&report), expected);
    let [clicked] = ["auth0|clicked"].map(|sub| {
        let mut told = report["orphans"].as_array().expect("a list").iter();
        told.find(|orphan| orphan["sub"] == sub).expect("it is told")
    });
    assert_eq!(clicked["columns"]["mongo"], "missing", "{clicked:#}");
    assert_eq!(clicked["plan"], json!([]), "{clicked:#}");

    let (status, report) = town.json(&["audit", "sotce", "--all", "--orphans"]);
    assert_eq!(status, 3, "{report:#}");
    let expected = BTreeMap::from([
        (
            "google-oauth2|7",
            orphan("Mongo has sotce-google-oauth2|7 in verifications, but Auth0 has no such user."),
        ),
        (
            "auth0|older",
            orphan(
                "Mongo has sotce-auth0|older in verifications (as auth0|older) and @handles, but Auth0 has no such user.",
            ),
        ),
    ]);
    assert_eq!(found(&report), expected);
}

#[test]
fn every_format_tells_them_and_a_part_of_the_tenant_does_not() {
    let town = left_behind();
    let run = |format: &str| town.run(&["audit", "--all", "--orphans", "-o", format]).stdout;
    let told = "Mongo has auth0|clicked in verifications, but Auth0 has no such user.";
    let lines = run("ndjson");
    let mut lines = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let line = lines.find(|line| line["orphan"]["sub"] == "auth0|clicked");
    assert_eq!(line.expect("a line")["orphan"]["findings"][0]["message"], told);
    let csv = run("csv");
    assert!(
        csv.contains(&format!(
            ",missing,missing,missing,waiting,waiting,orphan-record,\"{told}\","
        )),
        "{csv}"
    );
    let markdown = run("markdown");
    assert!(
        markdown.contains(&format!("| orphan-record | {} |", told.replace('|', "\\|"))),
        "{markdown}"
    );
    let table = run("table");
    assert!(
        table.contains("✗ orphan-record: 6 are in Mongo but not in Auth0."),
        "{table}"
    );
    assert!(!table.contains("missing-user-record: 6"), "{table}");
    // When they signed up is not written down, so that they belong to no part of the tenant.
    for part in [
        &["audit", "1", "--orphans"][..],
        &["audit", "--since", "1d", "--orphans"],
    ] {
        let (_, report) = town.json(part);
        let subs: Vec<&str> = found(&report).into_keys().collect();
        assert_eq!(subs, ["auth0|three"], "{part:?}");
    }
}

#[test]
fn where_auth0_does_not_answer_nothing_is_an_orphan() {
    let mut town = left_behind();
    let tap = Tap::start(&town.auth0_urls[0].1);
    town.auth0_urls[0].1.clone_from(&tap.url);
    let busy = json!({"statusCode": 503, "error": "Service Unavailable", "message": "Busy"});
    tap.always("/api/v2/users/auth0", Fault::answer(503, busy));
    let (status, report) = town.json(&["audit", "--all", "--orphans"]);
    assert_eq!(status, 6, "{report:#}");
    assert_eq!(report["orphans"], json!([]), "{report:#}");
    assert_eq!(report["error"]["class"], "unavailable", "{report:#}");
}

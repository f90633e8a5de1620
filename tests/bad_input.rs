//! Bad input: each gets one clear sentence with a hint and the right exit status, and nothing is lost.

use bson::doc;
use serde_json::Value;

use crate::support::command::atriage;
use crate::support::town::Town;

/// A configuration that is complete, and leads nowhere.
const NOWHERE: [(&str, &str); 7] = [
    ("AUTH0_BASE_URL", "http://127.0.0.1:9"),
    ("AUTH0_M2M_CLIENT_ID", "id"),
    ("AUTH0_M2M_SECRET", "a-secret-of-auth0"),
    (
        "MONGODB_CONNECTION_STRING",
        "mongodb://user:a-secret-of-mongo@127.0.0.1:9",
    ),
    ("MONGODB_NAME", "aesthetic"),
    ("PDS_URL", "http://127.0.0.1:9"),
    ("PDS_ADMIN_PASSWORD", "a-secret-of-the-pds"),
];

fn without(name: &str) -> Vec<(&'static str, &'static str)> {
    NOWHERE.into_iter().filter(|(other, _)| *other != name).collect()
}

#[test]
fn each_missing_or_empty_variable_is_named() {
    for name in [
        "AUTH0_M2M_CLIENT_ID",
        "AUTH0_M2M_SECRET",
        "MONGODB_CONNECTION_STRING",
        "MONGODB_NAME",
        "PDS_ADMIN_PASSWORD",
    ] {
        let missing = atriage(&["audit"], &without(name));
        assert_eq!(missing.code, 4, "{missing:?}");
        assert!(
            missing.stderr.contains(&format!("error: {name} is not set.")),
            "{}",
            missing.stderr
        );
        assert!(missing.stderr.contains("hint: "), "{}", missing.stderr);
        let mut env = without(name);
        env.push((name, ""));
        let empty = atriage(&["audit"], &env);
        assert_eq!(empty.code, 4);
        assert!(
            empty.stderr.contains(&format!("error: {name} is empty.")),
            "{}",
            empty.stderr
        );
    }
    let all = atriage(&["audit"], &[("MONGODB_NAME", "aesthetic")]);
    assert_eq!(
        (all.code, all.stderr.matches("is not set.").count()),
        (4, 4),
        "{}",
        all.stderr
    );
}

#[test]
fn malformed_variables_are_told_and_never_printed() {
    for (name, value) in [
        (
            "MONGODB_CONNECTION_STRING",
            "mongodb://user:hunter2@host:notaport",
        ),
        ("MONGODB_CONNECTION_STRING", "redis://user:hunter2@host"),
        ("PDS_URL", "http://pds.example.com"),
        ("AUTH0_BASE_URL", "hunter2"),
    ] {
        let mut env = without(name);
        env.push((name, value));
        let outcome = atriage(&["audit"], &env);
        assert!([2, 4].contains(&outcome.code), "{outcome:?}");
        assert!(outcome.stderr.contains(name), "{}", outcome.stderr);
        assert!(!outcome.stderr.contains("hunter2"), "{}", outcome.stderr);
    }
}

#[test]
fn services_that_cannot_be_reached_end_with_six() {
    let outcome = atriage(&["audit", "-o", "json"], &NOWHERE);
    assert_eq!(outcome.code, 6, "{outcome:?}");
    let told: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    assert_eq!(told["error"]["class"], "unavailable");
    assert_eq!(
        told["error"]["message"],
        "auth0 cannot be reached at http://127.0.0.1:9."
    );
    for secret in ["a-secret-of-auth0", "a-secret-of-mongo", "a-secret-of-the-pds"] {
        assert!(!format!("{outcome:?}").contains(secret));
    }
}

#[test]
fn limits_and_words_that_make_no_sense_end_with_two() {
    for (args, sentence) in [
        (
            &["audit", "aesthetic", "0"] as &[&str],
            "A limit of 0 checks nobody.",
        ),
        (&["audit", "aesthetic", "-1"], "A limit of -1 checks nobody."),
        (&["audit", "aesthetic", "abc"], "\"abc\" is no number of signups."),
        (
            &["audit", "1000000000"],
            "A limit of 1000000000 is more than the 100000 that are read by number.",
        ),
        (&["audit", "nowhere"], "There is no tenant nowhere."),
        (&["backfill", "0"], "A limit of 0 checks nobody."),
        (
            &["backfill", "5", "--all"],
            "A limit and --all contradict each other.",
        ),
        (&["backfill", "nonsense"], "\"nonsense\" names nobody."),
        (
            &["backfill", "auth0|nobody"],
            "Auth0 has no user auth0|nobody in the tenant aesthetic.",
        ),
        (
            &["backfill", "nobody@example.com"],
            "Nobody is known as nobody@example.com.",
        ),
        (
            &["backfill", "@nobody-at-all"],
            "Nobody is known as @nobody-at-all.",
        ),
        (
            &["backfill", "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"],
            "Nobody is known as did:plc:aaaaaaaaaaaaaaaaaaaaaaaa.",
        ),
        (&["audit", "--since", "yesterday"], "yesterday"),
        (&["history", "--tenant", "sotce"], "<USER>"),
        (&["audit", "--no-such-flag"], "--no-such-flag"),
        (&["-o", "json"], "There is no terminal for the dashboard."),
        (&[], "There is no terminal for the dashboard."),
    ] {
        let outcome = atriage(&[args, &["--sandbox"]].concat(), &[]);
        assert_eq!(outcome.code, 2, "{args:?}: {outcome:?}");
        assert!(
            format!("{}{}", outcome.stdout, outcome.stderr).contains(sentence),
            "{args:?}: {outcome:?}"
        );
    }
}

#[test]
fn refused_credentials_say_which() {
    let mut town = Town::new();
    town.old_index();
    let sub = town.sign_up("aesthetic", "mira", true);
    town.verification(&sub, 1);

    let wrong = town.run_with(&["audit"], &[("AUTH0_M2M_SECRET", "wrong")]);
    assert_eq!(wrong.code, 4, "{wrong:?}");
    assert!(
        wrong.stderr.contains("AUTH0_M2M_CLIENT_ID and AUTH0_M2M_SECRET"),
        "{}",
        wrong.stderr
    );

    let wrong = town.run_with(
        &["backfill", "--fix", "--yes", "-o", "json"],
        &[("PDS_ADMIN_PASSWORD", "wrong")],
    );
    assert_eq!(wrong.code, 4, "{wrong:?}");
    let told: Value = serde_json::from_str(&wrong.stdout).expect("JSON");
    let problem = &told["pause"]["problem"];
    assert_eq!(problem["class"], "auth", "{told:#}");
    assert!(
        problem["hint"]
            .as_str()
            .is_some_and(|hint| hint.contains("PDS_ADMIN_PASSWORD")),
        "{told:#}"
    );

    town.world.set_scopes("aesthetic", &["read:stats"]);
    let scopeless = town.run(&["audit"]);
    assert_eq!(scopeless.code, 4, "{scopeless:?}");
    assert!(
        scopeless.stderr.contains("Insufficient scope"),
        "{}",
        scopeless.stderr
    );
}

#[test]
fn another_database_is_not_taken_for_broken_signups() {
    let mut town = Town::new();
    town.sign_up("aesthetic", "mira", true);
    let outcome = town.run_with(&["audit"], &[("MONGODB_NAME", "no-such-database")]);
    assert_eq!(outcome.code, 4, "{outcome:?}");
    assert!(outcome.stderr.contains("MONGODB_NAME"), "{}", outcome.stderr);
}

#[test]
fn documents_of_the_wrong_types_are_unknown_and_left_alone() {
    let mut town = Town::new();
    town.old_index();
    let text = town.sign_up("aesthetic", "text", true);
    let number = town.sign_up("aesthetic", "number", true);
    let count = town.sign_up("aesthetic", "count", true);
    town.insert(
        "users",
        doc! {"_id": &text, "code": "ac25momez", "atproto": "did:plc:x"},
    );
    town.insert("users", doc! {"_id": &number, "code": 5, "atproto": {"did": 7}});
    town.insert("users", doc! {"_id": &count, "code": "ac25nayad"});
    town.insert("verifications", doc! {"_id": &count, "count": "one"});
    for sub in [&text, &number] {
        town.verification(sub, 1);
    }
    let (status, report) = town.json(&["audit"]);
    assert_eq!(status, 3, "{report:#}");
    let row = |sub: &str| {
        let rows = report["signups"].as_array().expect("a list");
        rows.iter()
            .find(|row| row["sub"] == sub)
            .cloned()
            .expect("the row")
    };
    assert_eq!(row(&text)["columns"]["did"], "unknown");
    assert_eq!(
        row(&text)["notes"][0],
        "users.atproto cannot be read: it is a text, not a document"
    );
    assert_eq!(row(&number)["columns"]["code"], "drift");
    assert_eq!(row(&number)["columns"]["did"], "unknown");
    assert_eq!(row(&count)["columns"]["mongo"], "unknown");
    let before = town
        .all("users")
        .into_iter()
        .filter(|user| user.get_str("_id").ok() != Some(&count))
        .collect::<Vec<_>>();
    let fix = town.run(&["backfill", "--fix", "--yes"]);
    assert_eq!(fix.code, 0, "{fix:?}");
    let after = town
        .all("users")
        .into_iter()
        .filter(|user| user.get_str("_id").ok() != Some(&count))
        .collect::<Vec<_>>();
    assert_eq!(after, before);
    assert!(
        town.get("verifications", &count)
            .is_some_and(|found| found.get_str("count").is_ok()),
        "it was overwritten"
    );
}

#[test]
fn hostile_names_reach_neither_the_terminal_nor_a_plan() {
    let mut town = Town::new();
    town.old_index();
    let names = [
        "\u{1b}[2J\u{1b}[31mred",
        "abc\u{202e}cba",
        "fox\u{1f98a}",
        "zero\u{200b}width",
    ];
    let subs = names.each_ref().map(|_| String::new());
    let mut subs = subs;
    for (at, name) in names.iter().enumerate() {
        subs[at] = town.sign_up("aesthetic", &format!("user{at}"), true);
        town.verification(&subs[at], 1);
        town.name(&subs[at], &format!("{name}{}", town.tag));
    }
    let shown = town.run(&["audit", "--unmask", "--color", "always"]);
    assert_eq!(shown.code, 3);
    for harm in ["\u{1b}[2J", "\u{202e}", "\u{200b}"] {
        assert!(!shown.stdout.contains(harm), "{:?}", shown.stdout);
    }
    assert!(shown.stdout.contains("\\u{1b}[2J"), "{}", shown.stdout);
    // The PDS refuses such handles: the code stands in.
    let (status, result) = town.json(&["backfill", "--fix", "--yes"]);
    assert_eq!(
        (status, result["totals"]["done"].as_i64()),
        (0, Some(4)),
        "{result:#}"
    );
    for sub in &subs {
        let user = town.get("users", sub).expect("a record");
        let handle = user
            .get_document("atproto")
            .and_then(|a| a.get_str("handle"))
            .expect("a handle");
        assert_eq!(
            handle,
            format!("{}.at.aesthetic.computer", user.get_str("code").expect("a code"))
        );
    }
    let (status, report) = town.json(&["audit"]);
    assert_eq!(status, 0, "{report:#}");
}

#[test]
fn an_outage_is_unknown_and_not_missing() {
    let mut town = Town::new();
    town.incident();
    let fixed = town.run(&["backfill", "5", "--fix", "--yes"]);
    assert_eq!(fixed.code, 0, "{fixed:?}");
    let outcome = town.run_with(&["audit", "-o", "json"], &[("PDS_URL", "http://127.0.0.1:9")]);
    assert_eq!(outcome.code, 6, "{outcome:?}");
    let report: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    assert_eq!(report["sources"]["pds"], "unknown");
    assert_eq!(
        (
            report["totals"]["broken"].as_i64(),
            report["totals"]["unknown"].as_i64()
        ),
        (Some(0), Some(4)),
        "{report:#}"
    );
    let nowhere = ("MONGODB_CONNECTION_STRING", "mongodb://127.0.0.1:9");
    let outcome = town.run_with(&["audit", "-o", "json"], &[nowhere]);
    assert_eq!(outcome.code, 6, "{outcome:?}");
    let report: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    assert_eq!(report["totals"]["unknown"], 5, "{report:#}");
}

#[test]
fn what_an_audit_could_not_ask_is_never_status_zero() {
    let mut town = Town::new();
    town.incident();
    assert_eq!(town.run(&["backfill", "5", "--fix", "--yes"]).code, 0);
    let wrong = town.run_with(&["audit", "-o", "json"], &[("PDS_ADMIN_PASSWORD", "wrong")]);
    assert_eq!(wrong.code, 4, "{wrong:?}");
    // Another server at the address of the PDS: it answers, but not as one, and PDS_URL is to be corrected.
    let elsewhere = town.plc_url.clone();
    let other = town.run_with(&["audit", "-o", "json"], &[("PDS_URL", &elsewhere)]);
    assert_eq!(other.code, 4, "{other:?}");
    let report: Value = serde_json::from_str(&other.stdout).expect("JSON");
    assert_eq!(report["sources"]["pds"], "unknown", "{report:#}");
}

#[test]
fn mistakes_of_the_command_line_are_json_where_json_is_asked_for() {
    for args in [
        &["audit", "--bogus", "-o", "json"] as &[&str],
        &["audit", "--since", "x", "-o", "json"],
        &["backfill", "--yes", "--output=json"],
    ] {
        let outcome = atriage(args, &[]);
        assert_eq!(outcome.code, 2, "{outcome:?}");
        let told: Value =
            serde_json::from_str(&outcome.stdout).unwrap_or_else(|error| panic!("{error}: {outcome:?}"));
        assert_eq!(told["error"]["class"], "usage", "{told:#}");
    }
}

#[test]
fn an_unconfigured_tenant_does_not_hide_the_other() {
    let mut town = Town::new();
    town.incident();
    let variables = town.variables();
    let env: Vec<(&str, &str)> = variables
        .iter()
        .filter(|(name, _)| !name.starts_with("SOTCE_"))
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let outcome = atriage(&["audit", "both"], &env);
    assert_eq!(outcome.code, 3, "{outcome:?}");
    assert!(
        outcome.stderr.contains("sotce is not configured"),
        "{}",
        outcome.stderr
    );
    let alone = atriage(&["audit", "sotce"], &env);
    assert_eq!(alone.code, 4, "{alone:?}");
}

/// A call that succeeds at its second try leaves nothing unknown.
#[test]
fn a_blip_is_no_outage() {
    use crate::support::services::services;
    use crate::support::tap::{Fault, Tap};
    let mut town = Town::new();
    town.incident();
    assert_eq!(town.run(&["backfill", "5", "--fix", "--yes"]).code, 0);
    let tap = Tap::start(&services().pds_url);
    town.pds_url.clone_from(&tap.url);
    tap.once(
        "getAccountInfos",
        Fault::answer(503, serde_json::json!({"error": "Busy", "message": "Busy"})),
    );
    let (status, report) = town.json(&["audit"]);
    assert_eq!(status, 0, "{report:#}");
    assert_eq!(report["sources"]["pds"], "ok");
    assert_eq!(tap.calls("getAccountInfos"), 2);
}

/// What is right for one command is said in the words of the other.
#[test]
fn a_tenant_in_the_wrong_place_is_shown_the_right_one() {
    for (args, message, hint) in [
        (
            ["backfill", "sotce", "5"].as_slice(),
            "sotce is a tenant, not a user.",
            "atriage backfill --tenant sotce 5",
        ),
        (
            &["backfill", "both"],
            "both is a tenant, not a user.",
            "atriage backfill --tenant both",
        ),
        (
            &["audit", "5", "sotce"],
            "The tenant comes before the limit.",
            "atriage audit sotce 5",
        ),
    ] {
        let outcome = atriage(&[args, &["--sandbox"]].concat(), &[]);
        let said = format!("error: {message}\n  hint: {hint}\n");
        assert_eq!(
            (outcome.code, outcome.stderr.as_str()),
            (2, said.as_str()),
            "{args:?}"
        );
    }
}

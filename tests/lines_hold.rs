//! The fuse and the look for secrets hold: what is said to be counted is, what is killed gets no further, and a leak is
//! found wherever it is planted.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use bson::doc;

use crate::support::command::LIMIT;
use crate::support::fuse::{Blow, Chance};
use crate::support::services::PdsOptions;
use crate::support::town::Town;
use crate::support::wiring::Wiring;

const KILLED: i32 = -9;

#[test]
fn every_request_of_a_run_is_counted_and_writes_can_be_repeated() {
    let mut town = Town::new();
    town.old_index();
    let wiring = Wiring::of(&mut town);
    let sub = town.sign_up("aesthetic", "vera", true);
    wiring.fuse.arm(Blow::Never);
    let outcome = town.run(&["backfill", &sub, "--fix", "--yes"]);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    let points = wiring.fuse.points();
    for label in [
        "mongo find users",
        "mongo insert users",
        "mongo insert atriage-intents",
        "mongo update users",
        "mongo delete atriage-intents",
        "pds POST /xrpc/com.atproto.server.createAccount",
        "auth0 POST /oauth/token",
    ] {
        for side in ["before", "answered"] {
            let point = format!("{label} {side}");
            assert!(points.contains(&point), "no {point} in {points:#?}");
        }
    }
    assert!(
        points
            .iter()
            .all(|point| !point.contains("hello") && !point.contains("mongo ping")),
        "{points:#?}"
    );
    let writes: Vec<_> = wiring
        .mongo
        .commands()
        .into_iter()
        .filter(|command| ["insert", "update", "delete"].contains(&command.name.as_str()))
        .collect();
    assert!(
        writes.len() >= 4 && writes.iter().all(|write| write.retryable),
        "{writes:#?}"
    );
}

#[test]
fn a_blown_fuse_kills_and_lets_nothing_more_through() {
    let mut town = Town::new();
    town.old_index();
    let wiring = Wiring::of(&mut town);
    let sub = town.sign_up("aesthetic", "iwan", true);
    wiring.fuse.arm(Blow::On("mongo insert verifications before"));
    let outcome = town.run(&["backfill", &sub, "--fix", "--yes"]);
    assert_eq!(outcome.code, KILLED, "{outcome:?}");
    let blown = wiring.fuse.blown().expect("it blew");
    assert_eq!(blown, "mongo insert verifications before");
    assert_eq!(
        town.get("verifications", &sub),
        None,
        "what was not let through arrived"
    );

    wiring.fuse.arm(Blow::On("mongo insert verifications answered"));
    let outcome = town.run(&["backfill", &sub, "--fix", "--yes"]);
    assert_eq!(outcome.code, KILLED, "{outcome:?}");
    assert_eq!(
        wiring.fuse.blown().as_deref(),
        Some("mongo insert verifications answered")
    );
    assert!(
        town.get("verifications", &sub).is_some(),
        "what was carried out is gone"
    );
    assert_eq!(town.get("users", &sub), None, "it went on after its death");

    wiring.fuse.arm(Blow::Never);
    let outcome = town.run(&["backfill", &sub, "--fix", "--yes"]);
    assert_eq!(
        (outcome.code, wiring.fuse.blown()),
        (0, None),
        "a new child was killed: {outcome:?}"
    );
}

#[test]
fn a_child_can_be_killed_at_any_moment() {
    let mut town = Town::new();
    town.incident();
    let wiring = Wiring::of(&mut town);
    let time = Duration::from_millis(3);
    wiring.fuse.arm(Blow::After(time));
    let outcome = town.run(&["backfill", "5", "--fix", "--yes"]);
    assert_eq!(outcome.code, KILLED, "{outcome:?}");
    assert!(outcome.took >= time);
    let blown = wiring.fuse.blown().expect("it blew");
    assert!(blown.starts_with("3ms after the start"), "{blown}");
    let draw = |seed| {
        let mut chance = Chance::of(seed);
        [0; 3].map(|_| chance.below(Duration::from_secs(1)))
    };
    assert_eq!(draw(7), draw(7), "a seed gives its moments back");
    assert_ne!(draw(7), draw(8));
}

#[test]
fn the_pds_and_its_directory_are_a_line_too() {
    let (mut town, wiring) = Wiring::with_pds(PdsOptions::default());
    town.old_index();
    let sub = town.sign_up("aesthetic", "ulla", true);
    wiring.fuse.arm(Blow::Never);
    assert_eq!(town.run(&["backfill", &sub, "--fix", "--yes"]).code, 0);
    let points = wiring.fuse.points();
    let within: Vec<&String> = points
        .iter()
        .skip_while(|point| *point != "pds POST /xrpc/com.atproto.server.createAccount before")
        .take_while(|point| *point != "pds POST /xrpc/com.atproto.server.createAccount answered")
        .collect();
    assert!(
        within
            .iter()
            .any(|point| point.starts_with("pds to plc POST /did")),
        "{points:#?}"
    );
}

#[test]
fn a_run_may_take_as_long_as_a_test_says() {
    let mut town = Town::new();
    town.limit = Duration::from_millis(300);
    let begun = Instant::now();
    town.world
        .set_fault(atriage::sandbox::Service::Auth0, atriage::sandbox::Fault::Hang);
    let outcome = town.run(&["audit"]);
    assert_eq!(outcome.code, KILLED, "{outcome:?}");
    assert!(begun.elapsed() < LIMIT / 2, "{:?}", begun.elapsed());
}

/// Each kind of secret in each kind of place, and not a word of it where nothing leaks.
#[test]
fn a_planted_leak_is_found() {
    let town = Town::new();
    let password = "Xq7rT2mB9wLk4ZpV8sNc3HdF6gJy5aQe";
    town.insert(
        "users",
        doc! {"_id": "auth0|1", "atproto": {"password": password}},
    );
    town.insert(
        "atriage-intents",
        doc! {"_id": "auth0|2", "password": "an intent's own", "invite": "marked-invite"},
    );
    let leak = |text: &str| town.secrets.leak(&[("its stdout", text)], &[town.state()]);
    assert_eq!(leak("all is well with did:plc:abc and eyJ, and eyJx.y"), None);
    for (text, what) in [
        (format!("…{password}…"), "the password of"),
        ("an intent's own".into(), "the password of the intent of"),
        ("(marked-invite)".into(), "the invite of the intent of"),
        ("correct horse battery staple".into(), "the admin password"),
        (
            "?p=correct%20horse%20battery%20staple".into(),
            "the admin password",
        ),
        (
            // `admin:correct horse battery staple`
            "Basic YWRtaW46Y29ycmVjdCBob3JzZSBiYXR0ZXJ5IHN0YXBsZQ==".into(),
            "the admin password of the PDS, in base64",
        ),
        ("at-aesthetic-computer-zhjss-slc52".into(), "an invite of the PDS"),
        ("Bearer eyJhbGciOi.eyJpc3MiOi.sig".into(), "a token"),
    ] {
        let found = leak(&text).unwrap_or_else(|| panic!("{text} was not found"));
        assert!(
            found.contains(what) && found.ends_with("in its stdout"),
            "{text}: {found}"
        );
        assert!(!found.contains(&text), "the finding shows it: {found}");
    }
    let variables = town.variables();
    for (name, secret) in &variables {
        let must = name.ends_with("_SECRET") || name.ends_with("_PASSWORD");
        assert_eq!(leak(secret).is_some(), must, "{name}");
    }

    std::fs::create_dir(town.state().join("log")).expect("the folder is new");
    let file = town.state().join("log/today");
    std::fs::write(&file, format!("tried {password}")).expect("it was just made");
    assert!(leak("").is_some_and(|found| found.ends_with("log/today")));
    std::fs::remove_file(file).expect("it was just written");
    assert_eq!(leak(""), None);

    for collection in [
        "atriage-runs",
        "atriage-jobs",
        "atriage-leases",
        "atriage-history",
    ] {
        town.insert(
            collection,
            doc! {"_id": 1, "steps": [{"error": format!("no {password}")}]},
        );
        let found = leak("").unwrap_or_else(|| panic!("nothing was found in {collection}"));
        assert!(found.ends_with(&format!("in {collection} 1")), "{found}");
        town.clear(collection);
    }
}

/// The look comes by itself after each way to run the program.
#[test]
fn whatever_a_run_leaves_is_looked_through() {
    let mut town = Town::new();
    town.incident();
    // What every audit prints is made a secret.
    let word = "missing-user-record";
    let fails = |run: &dyn Fn()| catch_unwind(AssertUnwindSafe(run)).is_err();
    assert!(!fails(&|| drop(town.run(&["audit"]))));
    town.secrets.add(word, "a word");
    assert!(fails(&|| drop(town.run(&["audit"]))));
    assert!(fails(&|| drop(town.json(&["audit"]))));
    assert!(fails(&|| drop(town.start(&["audit"]).wait())));
    assert!(fails(&|| _ = town.open(&["audit"], 120, 40).wait_exit()));
    assert!(fails(&|| {
        let mut screen = town.open(&[], 120, 40);
        screen.wait_for(word);
        screen.press("q");
        screen.wait_exit();
    }));
    assert!(fails(&|| town.open(&[], 120, 40).wait_for(word)));
}

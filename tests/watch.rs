//! `atriage watch`: what it tells when, which alerts arrive, and what is remembered between two runs. On the real services,
//! with a webhook that writes down what it takes.

use atriage::sandbox::{Fault as Auth0Fault, Service};
use bson::{DateTime, Document, doc};
use jiff::{SignedDuration, Timestamp};
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::support::codes;
use crate::support::command::Outcome;
use crate::support::runtime;
use crate::support::services::services;
use crate::support::tap::{Fault, Tap};
use crate::support::watched::{OFTEN, Watched};

fn lines(outcome: &Outcome) -> Vec<Value> {
    let lines = outcome.stdout.lines();
    lines
        .map(|line| serde_json::from_str(line).expect("a line of JSON"))
        .collect()
}

/// `event who: findings`, of each line of a stream but the last.
fn events(outcome: &Outcome, people: &[(&str, &str)]) -> Vec<String> {
    let mut lines = lines(outcome);
    lines.pop();
    let told = lines.iter().map(|line| {
        let who = people.iter().find(|(sub, _)| line["sub"] == *sub);
        let who = who.map_or_else(|| line["fingerprint"].as_str().unwrap_or("?"), |(_, local)| local);
        let findings = line["findings"].as_array().expect("a list");
        let findings: Vec<&str> = findings.iter().filter_map(Value::as_str).collect();
        let state = line["state"].as_str().unwrap_or_default();
        let event = line["event"].as_str().expect("a word");
        format!("{event} {who} {}{state}", findings.join(" "))
            .trim()
            .to_string()
    });
    told.collect()
}

/// The whole course: within its grace time nothing is told, then each change once, until it is stopped.
#[test]
fn each_change_is_told_once_and_nothing_before_its_grace_time_is_over() {
    let watched = Watched::new();
    let town = &watched.town;
    let old = watched.arrive("old", 3600, false);
    watched.record(&old, 0);
    let args = ["watch", "--interval", OFTEN, "--grace", "2s", "-o", "ndjson"];
    let address = watched.address();
    let mut running = town.start_with(&args, &[("ATRIAGE_ALERT_WEBHOOK", &address)]);
    running.wait_for("1 followed, 0 whole, 1 waiting");
    let (good, bad) = (watched.arrive("good", 0, false), watched.arrive("bad", 0, false));
    watched.record(&good, 0);
    town.verification(&bad, 0);
    running.wait_for(&bad);
    running.wait_for(&good);
    watched.hook.wait_for_calls("POST", 1);
    // The e-mail is verified, and the site's webhook makes no account.
    town.set("verifications", &good, doc! {"count": 1});
    town.world
        .change_user("aesthetic", &good, |user| user.email_verified = true);
    running.wait_for("missing-account");
    watched.hook.wait_for_calls("POST", 2);
    // Somebody mends both.
    let fix = town.run(&["backfill", &good, &bad, "--fix", "--yes"]);
    assert_eq!(fix.code, 0, "{fix:?}");
    watched.hook.wait_for_calls("POST", 4);
    running.signal(Signal::TERM);
    let outcome = running.wait();
    assert_eq!(outcome.code, 143, "{outcome:?}");

    let people = [(old.as_str(), "old"), (&good, "good"), (&bad, "bad")];
    let mut told = events(&outcome, &people);
    // Those of one look come in the order of their ids.
    told[..2].sort();
    told.sort_by_key(|line| line.starts_with("mended") || line.ends_with("recovered"));
    told[5..].sort();
    assert_eq!(
        told,
        [
            "broken bad missing-user-record",
            "waiting good",
            "alert aesthetic/missing-user-record firing",
            "broken good missing-account",
            "alert aesthetic/missing-account firing",
            "alert aesthetic/missing-account recovered",
            "alert aesthetic/missing-user-record recovered",
            "mended bad",
            "mended good",
        ],
        "{outcome:?}"
    );
    let lines = lines(&outcome);
    let broken = lines.iter().find(|line| line["event"] == "broken").expect("one");
    assert_eq!(broken["email"], "b…@example.com", "masked");
    let moment = |value: &Value| value.as_str().unwrap().parse::<Timestamp>().unwrap();
    let signed_up = moment(&watched.alerts()[0]["since"]);
    assert!(
        moment(&broken["at"]).duration_since(signed_up) >= SignedDuration::from_secs(2),
        "within its grace time: {broken:#}"
    );
    let last = lines.last().expect("a summary");
    assert_eq!(
        last["tenants"],
        json!([{"tenant": "aesthetic", "totals": {"checked": 3, "whole": 1, "waiting": 2, "broken": 0, "unknown": 0}}])
    );
    assert_eq!(last["troubles"], json!([]));
    let all: String = watched.hook.log().iter().map(|call| call.body.clone()).collect();
    for personal in ["@example.com", &bad, &good] {
        assert!(!all.contains(personal), "{personal} left the house: {all}");
    }
}

/// Five hundred people meet one outage: one alert, whoever looks how often; and one when it is over.
#[test]
fn an_outage_of_five_hundred_is_one_alert_and_one_when_it_is_over() {
    let watched = Watched::new();
    let town = &watched.town;
    let subs: Vec<String> = (0..500)
        .map(|n| watched.arrive(&format!("p{n}"), 600 + n, false))
        .collect();
    let insert = |collection: &str, documents: Vec<Document>| {
        runtime().block_on(async {
            let collection = town.db().collection::<Document>(collection);
            collection.insert_many(documents).await.expect("they are new");
        });
    };
    insert(
        "verifications",
        subs.iter().map(|sub| doc! {"_id": sub, "count": 0}).collect(),
    );
    // Two at once, and two more.
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let outcome = watched.once(&[]);
                assert_eq!(outcome.code, 3, "{outcome:?}");
            });
        }
    });
    for _ in 0..2 {
        let outcome = watched.once(&[]);
        assert_eq!(outcome.code, 3, "{outcome:?}");
        assert_eq!(
            outcome.stdout.lines().count(),
            2,
            "nothing is repeated: {}",
            outcome.stdout
        );
    }
    let mut alerts = watched.alerts();
    assert_eq!(alerts.len(), 1, "{alerts:#?}");
    let alert = &mut alerts[0];
    let since = alert["since"].as_str().expect("a moment").to_string();
    let since: Timestamp = since.parse().expect("a moment");
    for field in ["at", "since", "examples"] {
        assert!(!alert[field].take().is_null());
    }
    let message = format!(
        "Signups of aesthetic have no users record: 500 of the newest 500, since {since:.0}. The code index refuses (85): it \
         is called code_1, and the site's code wants to make it as code_unique."
    );
    assert_eq!(
        *alert,
        json!({
            "schema": 1, "kind": "signups", "fingerprint": "aesthetic/missing-user-record", "tenant": "aesthetic",
            "state": "firing", "systemic": true, "at": null, "since": null, "affected": 500, "of": 500, "mended": 0,
            "message": message, "hint": "A backfill makes the record, with a code of the signup year.", "examples": null,
        })
    );

    let records = subs.iter().map(|sub| (sub, codes::fresh()));
    insert(
        "users",
        records
            .map(|(sub, code)| doc! {"_id": sub, "code": code, "when": DateTime::now()})
            .collect(),
    );
    for _ in 0..2 {
        let outcome = watched.once(&[]);
        assert_eq!(outcome.code, 0, "{outcome:?}");
    }
    let alerts = watched.alerts();
    assert_eq!(alerts.len(), 2, "{alerts:#?}");
    assert_eq!(
        (
            alerts[1]["state"].as_str(),
            alerts[1]["message"].as_str(),
            &alerts[1]["mended"]
        ),
        (
            Some("recovered"),
            Some(
                format!(
                    "Over: signups of aesthetic have no users record: 500, since {since:.0}; whole again."
                )
                .as_str()
            ),
            &json!(500)
        )
    );
}

#[test]
fn what_lasts_is_told_again_after_its_cool_down_and_what_nobody_can_see_is_not_over() {
    let watched = Watched::new();
    let sub = watched.arrive("mira", 600, false);
    watched.town.verification(&sub, 0);
    let look = |status, cool_down| {
        let outcome = watched.once(&["--cool-down", cool_down]);
        assert_eq!(outcome.code, status, "{outcome:?}");
        outcome
    };
    // What is told says when it may be told again: after the first look at once, after the second not for long.
    look(3, "1ms");
    assert_eq!(watched.told(), ["firing aesthetic/missing-user-record 1"]);
    look(3, "1h");
    look(3, "1h");
    assert_eq!(watched.told().len(), 2, "{:?}", watched.told());
    assert_eq!(watched.told()[1], "reminder aesthetic/missing-user-record 1");
    // Auth0 does not answer: nobody is whole for that.
    let code = codes::fresh();
    watched.town.user(&sub, &code);
    watched.town.world.set_fault(Service::Auth0, Auth0Fault::Down);
    let outcome = look(3, "1h");
    assert!(
        outcome.stdout.contains("? auth0/aesthetic: "),
        "{}",
        outcome.stdout
    );
    assert_eq!(watched.told().len(), 2, "{:?}", watched.told());
    watched.town.world.set_fault(Service::Auth0, Auth0Fault::None);
    look(0, "1h");
    assert_eq!(watched.told()[2..], ["recovered aesthetic/missing-user-record 1"]);
}

/// The PDS is away: whoever waits for an account is unknown, and one alert says that the PDS is silent.
#[test]
fn an_outage_is_one_alert_for_all_tenants_and_breaks_nobody() {
    let mut watched = Watched::new();
    let tap = Tap::start(&services().pds_url);
    watched.town.pds_url.clone_from(&tap.url);
    for n in 0..5 {
        let sub = watched.arrive(&format!("p{n}"), 600, true);
        watched.record(&sub, 1);
    }
    tap.always("", Fault::Refuse);
    let look = |status, patience| {
        let args = ["both", "--patience", patience, "-o", "json"];
        let outcome = watched.once(&args);
        assert_eq!(outcome.code, status, "{outcome:?}");
        serde_json::from_str::<Value>(&outcome.stdout).expect("JSON")
    };
    let told = look(6, "1h");
    assert_eq!(told["tenants"][0]["totals"]["unknown"], 5, "{told:#}");
    assert_eq!(told["silent"][0]["backend"], "pds", "{told:#}");
    assert_eq!(watched.told(), [""; 0], "it may be over in a moment");
    let told = look(6, "1ms");
    assert_eq!(told["troubles"][0]["what"], "pds does not answer", "{told:#}");
    look(6, "1ms");
    assert_eq!(watched.told(), ["firing outage/pds 0"]);
    tap.heal();
    let told = look(3, "1ms");
    assert_eq!(told["tenants"][0]["totals"]["broken"], 5, "{told:#}");
    assert_eq!(told["events"].as_array().map(Vec::len), Some(7), "{told:#}");
    let mut after = watched.told()[1..].to_vec();
    after.sort();
    assert_eq!(
        after,
        ["firing aesthetic/missing-account 5", "recovered outage/pds 0"]
    );
}

#[test]
fn a_memory_that_cannot_be_read_is_laid_aside_and_told() {
    let watched = Watched::new();
    let sub = watched.arrive("mira", 600, false);
    watched.town.verification(&sub, 0);
    assert_eq!(watched.once(&[]).code, 3);
    let memory = watched.town.state().join("watch.json");
    let written = std::fs::read_to_string(&memory).expect("it was written");
    assert!(!written.contains("@example.com"), "no address is kept: {written}");
    for broken in [
        "{\"schema\":1",
        &written.replace("\"schema\":1,", "\"schema\":9,"),
    ] {
        std::fs::write(&memory, broken).expect("the folder is ours");
        let outcome = watched.once(&[]);
        assert_eq!(outcome.code, 3, "{outcome:?}");
        assert!(outcome.stderr.contains("watch.json.broken"), "{}", outcome.stderr);
    }
}

#[test]
fn what_makes_no_sense_is_refused() {
    let watched = Watched::new();
    let outcome = watched.town.run(&["watch", "-o", "json"]);
    assert_eq!(outcome.code, 2, "{outcome:?}");
    let told: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    assert_eq!(
        told["error"]["hint"],
        "Use -o ndjson, a line for each change; or --once."
    );
    for args in [
        ["watch", "--once", "--grace", "0s"],
        ["watch", "nowhere", "--once", "-q"],
        ["watch", "--once", "--interval", "soon"],
    ] {
        assert_eq!(watched.town.run(&args).code, 2, "{args:?}");
    }
    let outcome = watched.town.run_with(
        &["watch", "--once"],
        &[("ATRIAGE_ALERT_WEBHOOK", "hooks.slack.com/services/s3cr3t-p4th")],
    );
    assert_eq!(outcome.code, 4, "{outcome:?}");
    let outcome = watched.town.run(&["watch", "--once"]);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    assert!(
        outcome.stderr.contains("alerts are told here only"),
        "{}",
        outcome.stderr
    );
}

//! `atriage watch`: what it tells when, which alerts arrive, what is remembered between two runs, and how it mends. On the
//! real services, with a webhook that writes down what it takes.

use std::time::Duration;

use atriage::sandbox::{Auth0User, Fault as Auth0Fault, Service};
use bson::{DateTime, Document, doc};
use jiff::{SignedDuration, Timestamp};
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::support::command::Outcome;
use crate::support::runs::{id, is_whole, only_run, runs};
use crate::support::runtime;
use crate::support::services::services;
use crate::support::tap::{Fault, Tap};
use crate::support::town::Town;
use crate::support::whole::Person;

/// The part of the webhook's address that lets somebody write there.
const DOOR: &str = "/hook/s3cr3t-p4th?token=s3cr3t-qu3ry";
/// Between the looks of a test that watches on.
const OFTEN: &str = "200ms";

/// A town with a webhook that takes everything.
struct Watched {
    town: Town,
    hook: Tap,
}

impl Watched {
    fn new() -> Self {
        let town = Town::new();
        town.old_index();
        for secret in ["s3cr3t-p4th", "s3cr3t-qu3ry"] {
            town.secrets.add(secret, "the address of the webhook");
        }
        let hook = Tap::start("http://127.0.0.1:1");
        hook.always("", Fault::answer(200, json!("ok")));
        Self { town, hook }
    }

    fn address(&self) -> String {
        format!("{}{DOOR}", self.hook.url)
    }

    /// Somebody signed up so many seconds ago; returns the sub.
    fn arrive(&self, local: &str, seconds: i64, verified: bool) -> String {
        let sub = format!("auth0|{:024x}", rand::random::<u128>() >> 32);
        let at = Timestamp::now() - SignedDuration::from_secs(seconds);
        let mut user = Auth0User::new(&sub, &self.town.email(local), at);
        user.email_verified = verified;
        self.town.world.add_user("aesthetic", user);
        sub
    }

    /// What the webhook of the site writes while it works, but for the account.
    fn record(&self, sub: &str, count: i32) {
        self.town.verification(sub, count);
        let code = atriage::domain::code::draw(2026, &mut rand::rng());
        self.town.user(sub, &code);
    }

    /// One look, as from cron.
    fn once(&self, more: &[&str]) -> Outcome {
        let args = [&["watch", "--once", "--timeout", "3"], more].concat();
        self.town
            .run_with(&args, &[("ATRIAGE_ALERT_WEBHOOK", &self.address())])
    }

    /// The alerts that the webhook took, oldest first.
    fn alerts(&self) -> Vec<Value> {
        let calls = self.hook.log();
        let taken = calls.iter().filter(|call| call.status == Some(200));
        taken
            .map(|call| serde_json::from_str(&call.body).expect("JSON"))
            .collect()
    }

    /// The same, as `state fingerprint affected`.
    fn told(&self) -> Vec<String> {
        let word = |value: &Value| value.as_str().unwrap_or_default().to_string();
        self.alerts()
            .iter()
            .map(|alert| {
                format!(
                    "{} {} {}",
                    word(&alert["state"]),
                    word(&alert["fingerprint"]),
                    alert["affected"]
                )
            })
            .collect()
    }
}

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

    let mut codes = std::collections::BTreeSet::new();
    while codes.len() < subs.len() {
        codes.insert(atriage::domain::code::draw(2026, &mut rand::rng()));
    }
    let records = subs.iter().zip(&codes);
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
    let look = |status| {
        let outcome = watched.once(&["--cool-down", "1s"]);
        assert_eq!(outcome.code, status, "{outcome:?}");
        outcome
    };
    look(3);
    look(3);
    assert_eq!(watched.told(), ["firing aesthetic/missing-user-record 1"]);
    std::thread::sleep(Duration::from_secs(1));
    look(3);
    look(3);
    assert_eq!(watched.told().len(), 2, "{:?}", watched.told());
    assert_eq!(watched.told()[1], "reminder aesthetic/missing-user-record 1");
    // Auth0 does not answer: nobody is whole for that.
    let code = atriage::domain::code::draw(2026, &mut rand::rng());
    watched.town.user(&sub, &code);
    watched.town.world.set_fault(Service::Auth0, Auth0Fault::Down);
    let outcome = look(3);
    assert!(
        outcome.stdout.contains("? auth0/aesthetic: "),
        "{}",
        outcome.stdout
    );
    assert_eq!(watched.told().len(), 2, "{:?}", watched.told());
    watched.town.world.set_fault(Service::Auth0, Auth0Fault::None);
    look(0);
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
    let look = |status| {
        let args = ["both", "--patience", "1s", "-o", "json"];
        let outcome = watched.once(&args);
        assert_eq!(outcome.code, status, "{outcome:?}");
        serde_json::from_str::<Value>(&outcome.stdout).expect("JSON")
    };
    let told = look(6);
    assert_eq!(told["tenants"][0]["totals"]["unknown"], 5, "{told:#}");
    assert_eq!(told["silent"][0]["backend"], "pds", "{told:#}");
    assert_eq!(watched.told(), [""; 0], "it may be over in a moment");
    std::thread::sleep(Duration::from_secs(1));
    let told = look(6);
    assert_eq!(told["troubles"][0]["what"], "pds does not answer", "{told:#}");
    look(6);
    assert_eq!(watched.told(), ["firing outage/pds 0"]);
    tap.heal();
    let told = look(3);
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
fn an_alert_that_is_not_taken_is_kept_told_and_sent_later() {
    let watched = Watched::new();
    let sub = watched.arrive("mira", 600, false);
    watched.town.verification(&sub, 0);
    watched.hook.heal();
    for fault in [
        Fault::answer(404, json!({"message": format!("no {DOOR}")})),
        Fault::Refuse,
    ] {
        watched.hook.always("", fault);
        let outcome = watched.once(&[]);
        assert_eq!(outcome.code, 6, "{outcome:?}");
        assert!(
            outcome.stderr.contains("error: The webhook "),
            "{}",
            outcome.stderr
        );
        assert!(
            outcome.stdout.contains("1 alerts wait for their delivery."),
            "{}",
            outcome.stdout
        );
        watched.hook.heal();
    }
    watched.hook.always("", Fault::answer(200, json!("ok")));
    for _ in 0..2 {
        let outcome = watched.once(&[]);
        assert_eq!(outcome.code, 3, "{outcome:?}");
    }
    assert_eq!(watched.told(), ["firing aesthetic/missing-user-record 1"]);
}

#[test]
fn with_fix_it_mends_and_says_so() {
    let watched = Watched::new();
    let people: Vec<Person> = (0..3)
        .map(|n| {
            let local = format!("p{n}");
            let sub = watched.arrive(&local, 600 + n, true);
            Person { sub, local }
        })
        .collect();
    watched.arrive("within", 5, true);
    let refused = watched.once(&["--fix"]);
    assert_eq!(refused.code, 7, "{refused:?}");
    assert!(refused.stderr.contains("--yes"), "{}", refused.stderr);
    let refused = watched.once(&["--fix", "--yes", "--read-only"]);
    assert_eq!(refused.code, 7, "{refused:?}");
    assert!(watched.town.all("users").is_empty());

    let outcome = watched.once(&["--fix", "--yes"]);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    is_whole(&watched.town, &people);
    assert_eq!(
        watched.town.all("users").len(),
        3,
        "whoever is within the grace time is left to the site"
    );
    let run = only_run(&watched.town);
    assert_eq!(
        (run["reason"].as_str(), run["total"].as_i64()),
        (Some("watch"), Some(3)),
        "{run:#}"
    );
    assert_eq!(watched.told(), ["recovered aesthetic/missing-user-record 3"]);
    let message = watched.alerts()[0]["message"].as_str().expect("text").to_string();
    assert!(
        message.ends_with(&format!("; whole again, mended by run {}.", id(&run))),
        "{message}"
    );
    for person in &people {
        let told = outcome.stdout.lines().filter(|line| line.contains(&person.sub));
        let told: Vec<&str> = told.collect();
        assert!(
            told.len() == 2 && told[0].contains("✗ broken") && told[1].contains("✓ mended"),
            "{}",
            outcome.stdout
        );
    }
    // What comes back within the hour is mended, and told at its end.
    let later = watched.arrive("later", 600, true);
    let outcome = watched.once(&["--fix", "--yes", "-o", "csv"]);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    let header = "at,event,tenant,sub,email,findings,run,fingerprint,state,message,hint\r\n";
    assert!(outcome.stdout.starts_with(header), "{}", outcome.stdout);
    assert!(
        outcome
            .stdout
            .contains(&format!(",mended,aesthetic,{later},l…@example.com,,")),
        "{}",
        outcome.stdout
    );
    assert_eq!(watched.told().len(), 1);
}

/// A credential is refused: the run stops, which is told once; it is not begun anew at each look, and gone on with later.
#[test]
fn a_run_that_stops_is_told_once_and_gone_on_with_later() {
    let mut watched = Watched::new();
    let tap = Tap::start(&services().pds_url);
    watched.town.pds_url.clone_from(&tap.url);
    let people: Vec<Person> = (0..3)
        .map(|n| {
            let local = format!("p{n}");
            let sub = watched.arrive(&local, 600 + n, true);
            watched.record(&sub, 1);
            Person { sub, local }
        })
        .collect();
    let answer = json!({"error": "AuthenticationRequired", "message": "Authentication Required"});
    tap.always("createInviteCode", Fault::answer(401, answer));
    for _ in 0..2 {
        let outcome = watched.once(&["--fix", "--yes", "--interval", "300ms"]);
        assert_eq!(outcome.code, 5, "{outcome:?}");
    }
    let run = only_run(&watched.town);
    assert_eq!(run["state"], "paused", "{run:#}");
    let mut told = watched.told();
    told.sort();
    assert_eq!(
        told,
        ["firing aesthetic/mending 0", "firing aesthetic/missing-account 3"]
    );
    let alerts = watched.alerts();
    let mending = alerts
        .iter()
        .find(|alert| alert["kind"] == "mending")
        .expect("one of them");
    assert!(
        mending["hint"]
            .as_str()
            .is_some_and(|hint| hint.contains("Check PDS_ADMIN_PASSWORD") && hint.contains("runs resume")),
        "{mending:#}"
    );
    tap.heal();
    // Ten intervals after it stopped it is tried again.
    std::thread::sleep(Duration::from_secs(3));
    let outcome = watched.once(&["--fix", "--yes", "--interval", "300ms"]);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    is_whole(&watched.town, &people);
    assert_eq!(only_run(&watched.town)["state"], "finished", "the same run");
    let mut told = watched.told()[2..].to_vec();
    told.sort();
    assert_eq!(
        told,
        [
            "recovered aesthetic/mending 0",
            "recovered aesthetic/missing-account 3"
        ]
    );
}

#[test]
fn a_user_whom_only_somebody_else_can_help_is_tried_once() {
    let watched = Watched::new();
    let sub = watched.arrive("p0", 600, true);
    watched.record(&sub, 1);
    watched.town.world.change_user("aesthetic", &sub, |user| {
        user.email = Some(format!("{}@mailinator.com", watched.town.tag));
    });
    for _ in 0..3 {
        let outcome = watched.once(&["--fix", "--yes", "--interval", "100ms"]);
        assert_eq!(outcome.code, 5, "{outcome:?}");
    }
    assert_eq!(runs(&watched.town).len(), 1);
    assert_eq!(watched.told(), ["firing aesthetic/missing-account 1"]);
}

#[test]
fn a_signal_finishes_what_is_in_hand_and_leaves_the_rest() {
    let mut watched = Watched::new();
    let tap = Tap::start(&services().pds_url);
    watched.town.pds_url.clone_from(&tap.url);
    for n in 0..4 {
        let sub = watched.arrive(&format!("p{n}"), 600 + n, true);
        watched.record(&sub, 1);
    }
    tap.rule("createAccount", 0, 1, Fault::Delay(Duration::from_secs(1)));
    let args = [
        "watch",
        "--fix",
        "--yes",
        "--concurrency",
        "1",
        "--interval",
        OFTEN,
    ];
    let address = watched.address();
    let mut running = watched
        .town
        .start_with(&args, &[("ATRIAGE_ALERT_WEBHOOK", &address)]);
    tap.wait_for_calls("createAccount", 1);
    running.signal(Signal::INT);
    running.wait_for("once more to leave at once");
    let outcome = running.wait();
    assert_eq!(outcome.code, 130, "{outcome:?}");
    assert_eq!(tap.calls("createAccount"), 1, "nothing new was begun");
    let run = only_run(&watched.town);
    assert_eq!(run["state"], "interrupted", "{run:#}");
    assert_eq!(watched.told(), [""; 0], "what a run is on is not told");
    let outcome = watched.once(&["--fix", "--yes"]);
    assert_eq!(outcome.code, 0, "it is nobody's any more: {outcome:?}");
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

//! What stops a run by itself: one cause behind many failures, or a wrong credential; and how it goes on after the repair.

use std::time::Duration;

use atriage::domain::run::{Pause, Run, RunState, Signature};
use atriage::domain::{Class, Problem};
use atriage::services::store::open;
use bson::doc;
use secrecy::SecretString;
use serde_json::Value;

use crate::journal::{at, run};
use crate::support::mongo::{client, fail_commands};
use crate::support::runs::{id, is_whole, only_run, people, runs, without_account};
use crate::support::runtime;
use crate::support::services::{PdsOptions, services};
use crate::support::tap::{Fault, Tap};
use crate::support::town::Town;
use crate::support::whole::Person;

/// MongoDB refuses the index for everybody: the run stops after five, and goes on after the repair.
#[test]
fn one_cause_behind_many_stops_the_run_once() {
    let mut town = Town::with_pds_and_mongo(PdsOptions::default());
    let uri = town.mongo.as_ref().expect("the town has its own").uri();
    let people: Vec<Person> = (0..12)
        .map(|n| {
            let local = format!("p{n}");
            Person {
                sub: town.sign_up("aesthetic", &local, true),
                local,
            }
        })
        .collect();
    let admin = runtime().block_on(client(&uri));
    runtime().block_on(fail_commands(&admin, "atriage", &["createIndexes"], 85, 10_000));
    // The database is new, and every collection in it: without one it would count as the wrong one.
    town.verification("auth0|somebody", 1);
    let outcome = town.run(&["backfill", "20", "--fix", "--yes", "--concurrency", "1"]);
    assert_eq!(outcome.code, 5, "{outcome:?}");
    let stopped = "stopped after 5: ensure-code-index fails";
    assert_eq!(
        outcome.stderr.matches(stopped).count(),
        2,
        "when it happens and at the end: {}",
        outcome.stderr
    );
    assert!(outcome.stderr.contains("code 85"), "{}", outcome.stderr);
    assert!(town.all("users").is_empty());
    let run = only_run(&town);
    assert_eq!(
        (run["state"].as_str(), run["left"].as_i64()),
        (Some("paused"), Some(7)),
        "{run:#}"
    );
    let (_, report) = town.json(&["audit", "aesthetic", "12"]);
    let cause = report["systemic"][0]["cause"].as_str().expect("a cause");
    assert!(cause.contains("index"), "{cause}");

    runtime().block_on(async {
        let off = doc! {"configureFailPoint": "failCommand", "mode": "off"};
        admin.database("admin").run_command(off).await.expect("it may");
    });
    let outcome = town.run(&["runs", "resume", &id(&run), "--yes"]);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    assert!(
        outcome.stdout.contains("12 done"),
        "those that failed by the cause too: {}",
        outcome.stdout
    );
    is_whole(&town, &people);
}

/// A wrong credential fails nobody: the run waits until it is right.
#[test]
fn a_wrong_credential_pauses_the_run() {
    let mut town = Town::new();
    let people = people(&mut town, 6);
    let tap = Tap::start(&services().pds_url);
    town.pds_url.clone_from(&tap.url);
    // It is refused from the first account on, when the plans are made and confirmed.
    let answer = serde_json::json!({"error": "AuthenticationRequired", "message": "Authentication Required"});
    tap.always("createInviteCode", Fault::answer(401, answer));
    let outcome = town.run(&["backfill", "--fix", "--yes", "-o", "json"]);
    assert_eq!(outcome.code, 4, "{outcome:?}");
    let told: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    assert_eq!(told["totals"]["failed"], 0, "{told:#}");
    assert_eq!(told["pause"]["problem"]["advice"], "configure", "{told:#}");
    assert!(
        told["pause"]["problem"]["hint"]
            .as_str()
            .is_some_and(|hint| hint.contains("PDS_ADMIN_PASSWORD")),
        "{told:#}"
    );
    let run = only_run(&town);
    assert_eq!(run["state"], "paused", "{run:#}");
    tap.heal();
    let outcome = town.run(&["runs", "resume", &id(&run), "--yes"]);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    is_whole(&town, &people);

    let shown = town.run(&["runs", "show", &id(&run)]).stdout;
    let line = shown.lines().find(|line| line.starts_with("resumed by "));
    assert!(line.is_some_and(|line| line.contains('@')), "{shown}");
    let (_, told) = town.json(&["runs", "show", &id(&run)]);
    let moves = told["run"]["moves"].as_array().expect("a list");
    let to: Vec<_> = moves.iter().filter_map(|change| change["to"].as_str()).collect();
    assert_eq!(to, ["paused", "running", "finished"], "{told:#}");
    assert!(
        moves[1]["by"].as_str().is_some_and(|by| by.contains('@')),
        "{told:#}"
    );
}

/// What one user alone is forbidden keeps nobody else from being mended, though nobody knew yet that others are allowed it.
#[test]
fn who_is_forbidden_something_alone_stops_nobody() {
    let mut town = Town::new();
    let people = people(&mut town, 4);
    let tap = Tap::start(&services().pds_url);
    town.pds_url.clone_from(&tap.url);
    tap.once("createInviteCode", forbidden());
    let args = ["backfill", "--fix", "--yes", "--concurrency", "1", "-o", "json"];
    let outcome = town.run(&args);
    assert_eq!(outcome.code, 5, "{outcome:?}");
    let told: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    let totals = &told["totals"];
    assert_eq!(
        (totals["done"].as_i64(), totals["failed"].as_i64()),
        (Some(3), Some(1)),
        "{told:#}"
    );
    assert!(told["pause"].is_null(), "{told:#}");
    let users = told["users"].as_array().expect("a list");
    let failed: Vec<&Value> = users.iter().filter(|user| user["outcome"] == "failed").collect();
    assert_eq!(failed[0]["error"]["advice"], "configure", "{told:#}");
    assert_eq!(
        failed[0]["attempts"], 1,
        "it waited for the others, and did not ask again: {told:#}"
    );
    let run = only_run(&town);
    assert_eq!(run["state"], "finished", "{run:#}");
    let outcome = town.run(&["runs", "resume", &id(&run), "--failed", "--yes"]);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    is_whole(&town, &people);
}

/// Where nobody is allowed it, it is everybody's: the run waits for the repair, and nobody has failed.
#[test]
fn what_everybody_is_forbidden_pauses_the_run() {
    let mut town = Town::new();
    let mut people = people(&mut town, 3);
    let tap = Tap::start(&services().pds_url);
    town.pds_url.clone_from(&tap.url);
    for (more, asked) in [(0, 3), (4, 5)] {
        people.extend(others(&mut town, more));
        let before = tap.calls("createInviteCode");
        tap.always("createInviteCode", forbidden());
        let outcome = town.run(&["backfill", "--fix", "--yes", "--concurrency", "1", "-o", "json"]);
        assert_eq!(outcome.code, 4, "{outcome:?}");
        let told: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
        assert_eq!(told["totals"]["failed"], 0, "{told:#}");
        assert_eq!(told["pause"]["problem"]["advice"], "configure", "{told:#}");
        assert_eq!(told["pause"]["after"], asked, "{told:#}");
        assert_eq!(tap.calls("createInviteCode") - before, asked, "{told:#}");
        let run = runs(&town).remove(0);
        assert_eq!(
            (run["state"].as_str(), run["left"].as_u64()),
            (Some("paused"), Some(3 + more)),
            "{run:#}"
        );
        tap.heal();
        if more > 0 {
            let outcome = town.run(&["runs", "resume", &id(&run), "--yes"]);
            assert_eq!(outcome.code, 0, "{outcome:?}");
        }
    }
    is_whole(&town, &people);
}

fn forbidden() -> Fault {
    Fault::answer(
        403,
        serde_json::json!({"error": "Forbidden", "message": "Forbidden"}),
    )
}

/// More people without anything.
fn others(town: &mut Town, count: u64) -> Vec<Person> {
    (0..count)
        .map(|n| {
            let local = format!("q{n}");
            let sub = town.sign_up("aesthetic", &local, true);
            town.name(&sub, &format!("{local}-{}", town.tag));
            Person { sub, local }
        })
        .collect()
}

/// A wrong address is a matter of the configuration, whatever its answers are called.
#[test]
fn a_pds_url_at_another_server_is_the_configurations_matter() {
    let mut town = Town::new();
    let people = people(&mut town, 2);
    let whole = town.run(&["backfill", "--fix", "--yes"]);
    assert_eq!(whole.code, 0, "{whole:?}");
    town.clear("atriage-runs");
    let tap = Tap::start(&services().pds_url);
    tap.always(
        "",
        Fault::answer(404, serde_json::json!({"message": "Not Found"})),
    );
    town.pds_url.clone_from(&tap.url);
    let subs: Vec<&str> = people.iter().map(|person| person.sub.as_str()).collect();
    let dry = town.run(&[&["backfill"], subs.as_slice()].concat());
    assert_eq!(dry.code, 4, "{dry:?}");
    let args = [&["backfill", "--fix", "--yes", "-o", "json"], subs.as_slice()].concat();
    let outcome = town.run(&args);
    assert_eq!(outcome.code, 4, "{outcome:?}");
    let told: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    assert_eq!(told["totals"]["failed"], 0, "{told:#}");
    assert_eq!(told["pause"]["problem"]["advice"], "configure", "{told:#}");
}

/// The same where it is refused before the run, while the plans are made.
#[test]
fn a_wrong_credential_that_the_plans_meet_pauses_the_run_too() {
    let mut town = Town::new();
    let people = people(&mut town, 2);
    let whole = town.run(&["backfill", "--fix", "--yes"]);
    assert_eq!(whole.code, 0, "{whole:?}");
    town.clear("atriage-runs");
    // Whoever has an account is asked about with the admin's password.
    for person in &people {
        let name = format!("{}-n{}", person.local, town.tag);
        town.set("@handles", &person.sub, doc! {"handle": name});
    }
    let subs: Vec<&str> = people.iter().map(|person| person.sub.as_str()).collect();
    let args = [&["backfill", "--fix", "--yes", "-o", "json"], subs.as_slice()].concat();
    let wrong = [("PDS_ADMIN_PASSWORD", "another-password-altogether")];
    let outcome = town.run_with(&args, &wrong);
    assert_eq!(outcome.code, 4, "{outcome:?}");
    let told: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    assert_eq!(told["totals"]["failed"], 0, "{told:#}");
    assert_eq!(told["pause"]["problem"]["advice"], "configure", "{told:#}");
    let run = only_run(&town);
    assert_eq!(
        (run["state"].as_str(), run["left"].as_i64()),
        (Some("paused"), Some(2)),
        "{run:#}"
    );
    let outcome = town.run(&["runs", "resume", &id(&run), "--yes"]);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    is_whole(&town, &people);
}

/// What stopped a run on the users of another tenant explains nothing here.
#[test]
fn a_stopped_run_of_another_tenant_is_no_cause() {
    let mut town = Town::new();
    town.code_index("code_unique");
    for n in 0..3 {
        without_account(&mut town, &format!("p{n}"));
    }
    let uri = SecretString::from(town.mongo_uri.as_str());
    let stop = |id: &str, tenant: &str| {
        let problem = Problem::new(Class::Auth, "pds refused it.", "");
        let pause = Pause {
            at: at(1),
            after: 0,
            signature: Signature::of(None, &problem),
            problem,
        };
        let stopped = Run {
            tenant: tenant.into(),
            state: RunState::Paused,
            pause: Some(pause),
            ..run(id, at(0))
        };
        runtime().block_on(async {
            let store = open(&uri, &town.database, Duration::from_secs(10)).await;
            let written = store.expect("it opens").put_run(&stopped, &[]).await;
            written.expect("it is written");
        });
    };
    let cause = || {
        let (_, told) = town.json(&["audit", "aesthetic", "3"]);
        let cause = told["systemic"][0]["cause"].as_str();
        cause.unwrap_or_else(|| panic!("{told:#}")).to_owned()
    };
    stop("00000001", "sotce");
    assert!(cause().contains("look at the PDS"), "{}", cause());
    for (id, tenant) in [("00000002", "both"), ("00000003", "aesthetic")] {
        town.clear("atriage-runs");
        stop(id, tenant);
        let told = cause();
        assert!(told.starts_with(&format!("Run {id} stopped")), "{tenant}: {told}");
    }
}

#[test]
fn those_that_failed_are_tried_again_alone() {
    let mut town = Town::new();
    let people = people(&mut town, 3);
    town.world.change_user("aesthetic", &people[1].sub, |user| {
        user.email = Some("nobody@mailinator.com".into())
    });
    let outcome = town.run(&["backfill", "--fix", "--yes"]);
    assert_eq!(outcome.code, 5, "{outcome:?}");
    let run = only_run(&town);
    assert_eq!(
        (run["state"].as_str(), run["totals"]["failed"].as_i64()),
        (Some("finished"), Some(1)),
        "{run:#}"
    );
    let shown = town.run(&["runs", "show", &id(&run)]).stdout;
    assert!(
        shown.contains("(decide)") && !shown.contains("mailinator"),
        "{shown}"
    );
    town.world.change_user("aesthetic", &people[1].sub, |user| {
        user.email = Some(town.email("p1"));
    });
    let (status, told) = town.json(&["runs", "resume", &id(&run), "--failed", "--yes"]);
    assert_eq!(
        (status, told["totals"]["done"].as_i64()),
        (0, Some(1)),
        "{told:#}"
    );
    assert_eq!(told["users"].as_array().map(Vec::len), Some(1), "{told:#}");
    is_whole(&town, &people);
}

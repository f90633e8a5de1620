//! Runs that outlive their process: registered, left, resumed, cancelled, taken over, shared by two operators, stopped by
//! one cause; and the trail of what they changed. On the real services.

use std::time::{Duration, Instant};

use bson::doc;
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::support::fuse::Blow;
use crate::support::runs::{id, is_whole, only_run, people};
use crate::support::services::services;
use crate::support::tap::{Fault, PATIENT, Tap};
use crate::support::town::Town;
use crate::support::wiring::Wiring;

/// Each step that changed something, as `key step`, in the order of the trail.
fn done(town: &Town) -> Vec<String> {
    let (status, told) = town.json(&["history", "--limit", "1000"]);
    assert_eq!(status, 0, "{told:#}");
    let deeds = told["deeds"].as_array().expect("a list");
    let done = deeds.iter().filter(|deed| deed["outcome"] == "done");
    done.map(|deed| {
        format!(
            "{} {}",
            deed["key"].as_str().unwrap(),
            deed["step"].as_str().unwrap()
        )
    })
    .collect()
}

fn no_step_twice(town: &Town) {
    let mut done = done(town);
    // The index is one for all, and a record follows each change that it writes down.
    done.retain(|step| !step.ends_with("record-account"));
    let count = done.len();
    done.sort();
    done.dedup();
    assert_eq!(done.len(), count, "{done:#?}");
}

#[test]
fn a_run_is_kept_with_its_users_and_the_trail_says_who_did_what_and_why() {
    let mut town = Town::new();
    let people = people(&mut town, 2);
    let name = format!("mira{}", town.tag);
    town.set("@handles", &people[0].sub, doc! {"handle": name});
    let args = ["backfill", "--fix", "--yes", "--reason", "the index of October"];
    let outcome = town.run_with(&args, &[("ATRIAGE_OPERATOR", "june")]);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    let run = only_run(&town);
    assert!(
        outcome.stderr.contains(&format!("run {}", id(&run))),
        "{}",
        outcome.stderr
    );
    for (field, value) in [
        ("state", "finished"),
        ("operator", "june"),
        ("reason", "the index of October"),
        ("tenant", "aesthetic"),
    ] {
        assert_eq!(run[field], value, "{run:#}");
    }
    assert_eq!(
        (
            run["total"].as_i64(),
            run["left"].as_i64(),
            run["totals"]["done"].as_i64()
        ),
        (Some(2), Some(0), Some(2))
    );

    let (status, told) = town.json(&["runs", "show", &id(&run)[..4]]);
    assert_eq!(status, 0, "{told:#}");
    for user in told["users"].as_array().expect("a list") {
        assert_eq!(
            (user["outcome"].as_str(), user["attempts"].as_i64()),
            (Some("done"), Some(1)),
            "{user:#}"
        );
        assert_eq!(user["steps"][0]["step"], "ensure-code-index", "{user:#}");
        assert!(user["steps"][0]["at"].is_string(), "{user:#}");
    }

    let (_, told) = town.json(&["history", &people[0].sub]);
    let deeds = told["deeds"].as_array().expect("a list");
    let steps: Vec<&str> = deeds.iter().map(|deed| deed["step"].as_str().unwrap()).collect();
    assert_eq!(
        steps,
        [
            "record-account",
            "create-account",
            "create-user",
            "create-verification"
        ],
        "newest first; the index was good already and verify changes nothing: {told:#}"
    );
    let user = town.get("users", &people[0].sub).expect("a record");
    let code = user.get_str("code").expect("a code");
    let create = &deeds[2];
    assert_eq!(
        (create["operator"].as_str(), create["reason"].as_str()),
        (Some("june"), Some("the index of October"))
    );
    assert_eq!(create["changes"][1]["field"], "code", "{create:#}");
    assert_eq!(
        (
            create["changes"][1]["before"].as_str(),
            create["changes"][1]["after"].as_str()
        ),
        (None, Some(code))
    );
    let handle = |deed: &Value| deed["changes"][1]["after"].as_str().map(String::from);
    assert_eq!(
        handle(&deeds[1]).as_deref(),
        Some("m….at.aesthetic.computer"),
        "masked"
    );
    let (_, told) = town.json(&["history", &people[0].sub, "--unmask"]);
    assert_eq!(
        handle(&told["deeds"][1]),
        Some(format!("mira{}.at.aesthetic.computer", town.tag))
    );
    let text = town.run(&["history"]).stdout;
    assert!(
        text.contains("why: the index of October") && text.contains(&format!("code: – → {code}\n")),
        "{text}"
    );
}

#[test]
fn a_first_signal_leaves_the_rest_for_later_and_resume_goes_on() {
    for signal in [Signal::TERM, Signal::INT] {
        let mut town = Town::new();
        let people = people(&mut town, 8);
        let tap = Tap::start(&services().pds_url);
        town.pds_url.clone_from(&tap.url);
        tap.rule("createAccount", 2, 2, Fault::Hold);
        let mut running = town.start(&["backfill", "--fix", "--yes", "--concurrency", "2", PATIENT]);
        running.wait_for("run ");
        tap.wait_for_calls("createAccount", 4);
        running.signal(signal);
        running.wait_for("once more to leave at once");
        tap.let_go();
        let outcome = running.wait();
        let status = if signal == Signal::TERM { 143 } else { 130 };
        assert_eq!(outcome.code, status, "{outcome:?}");
        assert!(outcome.stderr.contains("runs resume"), "{}", outcome.stderr);
        assert_eq!(tap.calls("createAccount"), 4, "nothing new was begun");
        let run = only_run(&town);
        assert_eq!(run["state"], "interrupted", "{run:#}");
        let left = run["left"].as_u64().expect("a count");
        assert!((4..=6).contains(&left), "{run:#}");

        let outcome = town.run(&["runs", "resume", &id(&run), "--yes"]);
        assert_eq!(outcome.code, 0, "{outcome:?}");
        is_whole(&town, &people);
        assert_eq!(only_run(&town)["state"], "finished");
        no_step_twice(&town);
        let again = town.run(&["runs", "resume", &id(&run), "--yes"]);
        let nobody = format!("Nobody of run {} is left to go on with.\n", id(&run));
        assert_eq!((again.code, again.stdout), (0, nobody));
    }
}

#[test]
fn a_second_signal_leaves_at_once_and_loses_nothing() {
    let mut town = Town::new();
    let people = people(&mut town, 4);
    let tap = Tap::start(&services().pds_url);
    town.pds_url.clone_from(&tap.url);
    // The first of a process goes alone.
    tap.once("createAccount", Fault::Hang);
    let mut running = town.start(&["backfill", "--fix", "--yes", "--concurrency", "2", PATIENT]);
    running.wait_for("run ");
    tap.wait_for_calls("createAccount", 1);
    running.signal(Signal::INT);
    running.wait_for("once more to leave at once");
    let begun = Instant::now();
    running.signal(Signal::INT);
    let outcome = running.wait();
    assert_eq!(outcome.code, 130, "{outcome:?}");
    // The calls in hand would be given up only after two minutes.
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
    let outcome = town.run(&["runs", "resume", &id(&only_run(&town)), "--yes"]);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    is_whole(&town, &people);
}

/// Killed on this machine: taken over at once, since its lock is free. Killed on another: when its leases have run out.
#[test]
fn what_a_killed_process_held_is_taken_over() {
    let elsewhere = tempfile::tempdir().expect("the machine has a temporary folder");
    let elsewhere = elsewhere.path().display().to_string();
    for (machine, least) in [(None, 0), (Some(elsewhere.as_str()), 10)] {
        let mut town = Town::new();
        let people = people(&mut town, 3);
        let wiring = Wiring::of(&mut town);
        wiring.fuse.arm(Blow::On(
            "pds POST /xrpc/com.atproto.server.createAccount answered",
        ));
        let killed = town.run(&["backfill", "--fix", "--yes"]);
        assert_eq!(killed.code, -9, "{killed:?}");
        wiring.fuse.arm(Blow::Never);
        let run = only_run(&town);
        assert_eq!(run["state"], "interrupted", "its process is dead: {run:#}");
        let other: Vec<(&str, &str)> = machine
            .iter()
            .map(|folder| ("ATRIAGE_STATE_DIR", *folder))
            .collect();
        let begun = Instant::now();
        // Another run: the run's own lease plays no part, those on the users do.
        let outcome = town.run_with(&["backfill", "--fix", "--yes"], &other);
        assert_eq!(outcome.code, 0, "{outcome:?}");
        let took = begun.elapsed().as_secs();
        assert!(took >= least, "{machine:?}: {took} s");
        // Whoever takes it over at once waits for nobody.
        assert_eq!(
            machine.is_some(),
            outcome.stderr.contains("works on this user"),
            "{}",
            outcome.stderr
        );
        is_whole(&town, &people);
        let outcome = town.run(&["runs", "resume", &id(&run), "--yes", "-o", "json"]);
        assert_eq!(outcome.code, 0, "{outcome:?}");
        let told: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
        // Each had something from this run, before the other one did the rest.
        assert_eq!(told["totals"]["done"], 3, "{told:#}");
    }
}

#[test]
fn a_run_that_somebody_works_on_is_neither_resumed_nor_called_interrupted() {
    let mut town = Town::new();
    let people = people(&mut town, 2);
    let tap = Tap::start(&services().pds_url);
    town.pds_url.clone_from(&tap.url);
    tap.once("createAccount", Fault::Hold);
    let mut running = town.start(&["backfill", "--fix", "--yes", PATIENT]);
    running.wait_for("run ");
    tap.wait_for_calls("createAccount", 1);
    let run = only_run(&town);
    assert_eq!(run["state"], "running", "{run:#}");
    let (status, told) = town.json(&["runs", "resume", &id(&run), "--yes"]);
    assert_eq!(
        (status, told["error"]["class"].as_str()),
        (1, Some("conflict")),
        "{told:#}"
    );
    tap.let_go();
    let outcome = running.wait();
    assert_eq!(outcome.code, 0, "{outcome:?}");
    is_whole(&town, &people);
}

/// It cannot be taken back: somebody has to say yes.
#[test]
fn a_run_is_cancelled_only_where_somebody_says_yes() {
    let mut town = Town::new();
    people(&mut town, 3);
    let tap = Tap::start(&services().pds_url);
    town.pds_url.clone_from(&tap.url);
    let answer = json!({"error": "AuthenticationRequired", "message": "Authentication Required"});
    tap.always("createInviteCode", Fault::answer(401, answer));
    town.run(&["backfill", "--fix", "--yes", "--concurrency", "1"]);
    let run = only_run(&town);
    let run = id(&run);
    let cancel = ["runs", "cancel", &run];
    for args in [["--no-input"].as_slice(), &[]] {
        let refused = town.run(&[cancel.as_slice(), args].concat());
        assert_eq!((refused.code, refused.stdout.as_str()), (7, ""), "{refused:?}");
        let said = "error: Nothing was written: there is nobody to ask.
  hint: Add --yes to write without being asked.
";
        assert!(refused.stderr.ends_with(said), "{}", refused.stderr);
    }
    let question = format!("Cancel 3 users of run {run} for good? [y/N]");
    for (answer, status, state) in [("n\n", 7, "paused"), ("y\n", 0, "cancelled")] {
        let mut screen = town.open(&cancel, 130, 30);
        screen.wait_for(&question);
        screen.press(answer);
        assert_eq!(screen.wait_exit().code(), Some(status));
        assert_eq!(only_run(&town)["state"], state);
    }
    let again = town.run(&cancel);
    assert_eq!(again.code, 0, "nobody is left to cancel: {again:?}");
}

#[test]
fn a_run_is_cancelled_from_elsewhere() {
    let mut town = Town::new();
    people(&mut town, 8);
    let tap = Tap::start(&services().pds_url);
    town.pds_url.clone_from(&tap.url);
    tap.once("createAccount", Fault::Hold);
    tap.always("createAccount", Fault::Delay(Duration::from_secs(1)));
    let mut running = town.start(&[
        "backfill",
        "--fix",
        "--yes",
        "--concurrency",
        "1",
        "-o",
        "json",
        PATIENT,
    ]);
    running.wait_for("run ");
    tap.wait_for_calls("createAccount", 1);
    let run = only_run(&town);
    let cancel = town.run(&["runs", "cancel", &id(&run), "--yes"]);
    assert_eq!(cancel.code, 0, "{cancel:?}");
    tap.release();
    let outcome = running.wait();
    assert_eq!(outcome.code, 5, "not everybody was mended: {outcome:?}");
    let told: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    assert!(told["totals"]["cancelled"].as_i64() >= Some(4), "{told:#}");
    assert!(tap.calls("createAccount") <= 4, "it went on");
    let run = only_run(&town);
    assert_eq!(
        (run["state"].as_str(), run["left"].as_i64()),
        (Some("cancelled"), Some(0)),
        "{run:#}"
    );
    assert_eq!(
        town.run(&["runs", "cancel", "ffffffff", "--yes"]).code,
        2,
        "there is no such run"
    );
}

/// Somebody else has ended a user of ours: what they wrote down is told, not that it was cancelled.
#[test]
fn what_somebody_else_ended_is_told_as_they_ended_it() {
    let mut town = Town::new();
    let people = people(&mut town, 3);
    let tap = Tap::start(&services().pds_url);
    town.pds_url.clone_from(&tap.url);
    tap.rule("createAccount", 0, 1, Fault::Hold);
    let subs: Vec<&str> = people.iter().map(|person| person.sub.as_str()).collect();
    let args = [
        "backfill",
        "--fix",
        "--yes",
        "--concurrency",
        "1",
        "-o",
        "json",
        PATIENT,
    ];
    let running = town.start(&[args.as_slice(), &subs].concat());
    tap.wait_for_calls("createAccount", 1);
    let run = id(&only_run(&town));
    let problem = doc! {"class": "conflict", "advice": "decide", "message": "So it is.", "hint": ""};
    for (sub, outcome, error) in [(subs[1], "done", None), (subs[2], "failed", Some(problem))] {
        let ended = doc! {"state": "ended", "outcome": outcome, "error": error};
        town.set("atriage-jobs", &format!("{run}/{sub}"), ended);
    }
    tap.let_go();
    let outcome = running.wait();
    assert_eq!(outcome.code, 5, "{outcome:?}");
    let told: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    assert_eq!(told["totals"]["done"], 2, "{told:#}");
    assert_eq!(told["users"][2]["error"]["message"], "So it is.", "{told:#}");
    assert_eq!(tap.calls("createAccount"), 1);
}

/// Over a slow line, with many users to be put back: the run's lease is not lost before its first user begins, since they
/// are not put back one after the other.
#[test]
fn a_long_run_is_gone_on_with_over_a_slow_line() {
    /// More than the few that are under way at once where the users wait for each other.
    const AT_ONCE: usize = 8;
    let mut town = Town::new();
    let people = people(&mut town, 1);
    let tap = Tap::start(&services().pds_url);
    town.pds_url.clone_from(&tap.url);
    tap.always(
        "createInviteCode",
        Fault::answer(401, json!({"error": "AuthenticationRequired"})),
    );
    assert_eq!(town.run(&["backfill", &people[0].sub, "--fix", "--yes"]).code, 4);
    let run = only_run(&town);
    let one = town.all("atriage-jobs").remove(0);
    for n in 1..200 {
        let mut job = one.clone();
        let key = format!("auth0|nobody{n}");
        job.insert("_id", format!("{}/{key}", id(&run)));
        job.insert("state", "waiting");
        job.extend(doc! {"key": &key, "sub": &key, "position": n});
        town.insert("atriage-jobs", job);
    }
    let wiring = Wiring::of(&mut town);
    wiring.mongo.delay(Duration::from_millis(80));
    wiring.fuse.arm(Blow::Never);
    wiring.mongo.most_at_once();
    let mut running = town.start(&["runs", "resume", &id(&run), "--yes"]);
    running.wait_for(&format!("run {}", id(&run)));
    let most = wiring.mongo.most_at_once();
    assert!(most >= AT_ONCE, "one after the other: {most} at once");
    drop(running);

    // So is one that is cancelled.
    wiring.fuse.arm(Blow::Never);
    wiring.mongo.most_at_once();
    let outcome = town.run(&["runs", "cancel", &id(&run), "--yes"]);
    let most = wiring.mongo.most_at_once();
    assert_eq!(outcome.code, 0, "{outcome:?}");
    assert!(most >= AT_ONCE, "one after the other: {most} at once");
}

/// Forty users, two operators at once: forty accounts, nobody sees a failure, nothing is done twice.
#[test]
fn two_operators_do_everything_once() {
    let mut town = Town::new();
    let people = people(&mut town, 40);
    let subs: Vec<&str> = people.iter().map(|person| person.sub.as_str()).collect();
    let args = [["backfill", "--fix", "--yes"].as_slice(), &subs].concat();
    let elsewhere = tempfile::tempdir().expect("the machine has a temporary folder");
    let elsewhere = elsewhere.path().display().to_string();
    let run = |folder: Option<&str>| {
        let more: Vec<(&str, &str)> = folder
            .iter()
            .map(|folder| ("ATRIAGE_STATE_DIR", *folder))
            .collect();
        town.run_with(&[args.as_slice(), &["-o", "json"]].concat(), &more)
    };
    let (one, other) = std::thread::scope(|scope| {
        let other = scope.spawn(|| run(Some(&elsewhere)));
        (run(None), other.join().expect("it ends"))
    });
    let mut done_by = [0, 0];
    for (at, outcome) in [&one, &other].into_iter().enumerate() {
        assert_eq!(outcome.code, 0, "{outcome:?}");
        let told: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
        let count = |name: &str| told["totals"][name].as_i64().expect("a count");
        assert_eq!(count("done") + count("nothing"), 40, "{told:#}");
        done_by[at] = count("done");
    }
    assert!(
        done_by.iter().sum::<i64>() >= 40 && done_by.iter().all(|done| *done > 0),
        "{done_by:?}"
    );
    is_whole(&town, &people);
    no_step_twice(&town);
}

/// The list was made a minute ago; by the time of the yes somebody else has mended the user.
#[test]
fn a_plan_that_went_stale_does_nothing() {
    let mut town = Town::new();
    let people = people(&mut town, 1);
    let mut screen = town.open(&["backfill", &people[0].sub, "--fix"], 100, 30);
    screen.wait_for("[y/N]");
    assert_eq!(town.run(&["backfill", &people[0].sub, "--fix", "--yes"]).code, 0);
    let before = (town.all("users"), town.all("verifications"));
    screen.press("y\n");
    screen.wait_for("0 done, 1 nothing, 0 failed");
    assert_eq!(screen.wait_exit().code(), Some(0));
    assert_eq!((town.all("users"), town.all("verifications")), before);
    is_whole(&town, &people);
}

#[test]
fn for_many_users_somebody_has_to_say_why() {
    let mut town = Town::new();
    let people = people(&mut town, 11);
    let mut screen = town.open(&["backfill", "20", "--fix"], 120, 40);
    screen.wait_for("[y/N]");
    screen.press("y\n");
    screen.wait_for("Why?");
    screen.press("\n");
    assert_eq!(screen.wait_exit().code(), Some(7));
    assert!(town.all("users").is_empty() && town.all("atriage-runs").is_empty());
    let mut screen = town.open(&["backfill", "20", "--fix"], 120, 40);
    screen.wait_for("[y/N]");
    screen.press("y\n");
    screen.wait_for("Why?");
    screen.press("the webhook was down\n");
    screen.wait_for("11 done");
    assert_eq!(screen.wait_exit().code(), Some(0));
    assert_eq!(only_run(&town)["reason"], "the webhook was down");
    is_whole(&town, &people);
}

#[test]
fn read_only_shows_runs_and_neither_resumes_nor_cancels() {
    let mut town = Town::new();
    people(&mut town, 1);
    assert_eq!(town.run(&["backfill", "--fix", "--yes"]).code, 0);
    let run = id(&only_run(&town));
    for args in [["runs", "resume", &run], ["runs", "cancel", &run]] {
        let refused = town.run_with(&args, &[("ATRIAGE_READ_ONLY", "1")]);
        assert_eq!(refused.code, 7, "{refused:?}");
    }
    let refused = town.run(&["runs", "resume", &run, "--failed"]);
    assert_eq!(
        refused.code, 0,
        "nobody is left, so that nothing is asked: {refused:?}"
    );
}

//! Every exit status of the contract, section 3, as a script sees it, with the JSON that comes with it.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::support::command::{ATRIAGE, Outcome, atriage};
use crate::support::runs::people;
use crate::support::services::services;
use crate::support::tap::{Fault, PATIENT, Tap};
use crate::support::town::Town;

/// The class of the error that a run told as JSON.
fn class(outcome: &Outcome) -> String {
    let told: Value =
        serde_json::from_str(&outcome.stdout).unwrap_or_else(|error| panic!("{error}: {outcome:?}"));
    told["error"]["class"].as_str().expect("a class").to_owned()
}

#[test]
fn zero_where_all_is_whole_or_done_and_three_where_something_is_to_be_mended() {
    let mut town = Town::new();
    people(&mut town, 2);
    assert_eq!(town.json(&["audit"]).0, 3);
    assert_eq!(town.json(&["backfill"]).0, 3, "a dry run that finds work");
    assert_eq!(town.json(&["backfill", "--fix", "--yes"]).0, 0);
    assert_eq!(town.json(&["audit"]).0, 0);
    assert_eq!(town.json(&["backfill"]).0, 0);
    for args in [["runs"].as_slice(), &["history"]] {
        assert_eq!(town.json(args).0, 0, "{args:?}");
    }
}

#[test]
fn one_where_a_backend_answers_what_nobody_expects() {
    let mut town = Town::new();
    people(&mut town, 1);
    let tap = Tap::start(&town.auth0_urls[0].1);
    tap.always("/api/v2/users", Fault::answer(200, json!({"hello": 1})));
    town.auth0_urls[0].1.clone_from(&tap.url);
    let outcome = town.run(&["audit", "-o", "json"]);
    assert_eq!(
        (outcome.code, class(&outcome).as_str()),
        (1, "internal"),
        "{outcome:?}"
    );
    assert!(
        outcome.stdout.contains("without a list of users"),
        "{}",
        outcome.stdout
    );
}

#[test]
fn two_where_the_command_line_cannot_be_meant() {
    let town = Town::new();
    for args in [
        ["audti"].as_slice(),
        &["audit", "--sicne", "7d"],
        &["audit", "nowhere"],
        &["audit", "0"],
        &["audit", "5", "--all"],
        &["audit", "--since", "yesterday"],
        &["backfill", "@nobody-has-this"],
        &["backfill", "--yes"],
        &["runs", "show", "7f3a7f3a"],
        &["completions", "bash"],
        &["man"],
    ] {
        let outcome = town.run(&[args, &["-o", "json"]].concat());
        assert_eq!(outcome.code, 2, "{args:?}: {outcome:?}");
        let class = class(&outcome);
        assert!(
            ["usage", "not_found"].contains(&class.as_str()),
            "{args:?}: {class}"
        );
    }
}

#[test]
fn four_where_the_configuration_or_a_credential_is_wrong() {
    let mut town = Town::new();
    town.incident();
    for (name, value, told) in [
        ("MONGODB_NAME", "", "MONGODB_NAME"),
        ("PDS_URL", "http://pds.example.com", "PDS_URL"),
        ("AUTH0_M2M_SECRET", "another", "AUTH0_M2M_SECRET"),
    ] {
        let outcome = town.run_with(&["audit", "-o", "json"], &[(name, value)]);
        assert_eq!(outcome.code, 4, "{outcome:?}");
        assert_eq!(class(&outcome), "auth");
        assert!(outcome.stdout.contains(told), "{}", outcome.stdout);
    }
    // What is invented must not be taken for an answer.
    for args in [
        ["audit"].as_slice(),
        &["backfill", "--fix", "--yes"],
        &["watch", "--once"],
        &["report"],
    ] {
        let outcome = atriage(&[args, &["-q", "-o", "json"]].concat(), &[]);
        assert_eq!(
            (outcome.code, class(&outcome).as_str()),
            (4, "auth"),
            "{outcome:?}"
        );
        assert!(outcome.stdout.contains("--sandbox"), "{}", outcome.stdout);
    }
    let nothing_but = [("PDS_ADMIN_PASSWORD", "x")];
    let outcome = atriage(&["audit", "-o", "json"], &nothing_but);
    assert_eq!((outcome.code, class(&outcome).as_str()), (4, "auth"));
}

#[test]
fn five_where_some_users_failed_and_the_run_is_kept() {
    let mut town = Town::new();
    let people = people(&mut town, 2);
    town.world.change_user("aesthetic", &people[0].sub, |user| {
        user.email = Some("nobody@mailinator.com".into());
    });
    let (status, told) = town.json(&["backfill", "--fix", "--yes"]);
    assert_eq!(
        (status, told["totals"]["failed"].as_i64()),
        (5, Some(1)),
        "{told:#}"
    );
    let (status, kept) = town.json(&["runs", "show", told["run"].as_str().expect("a run")]);
    assert_eq!(
        (status, kept["run"]["totals"]["failed"].as_i64()),
        (0, Some(1)),
        "{kept:#}"
    );
}

#[test]
fn six_where_a_backend_does_not_answer_or_its_budget_ran_out() {
    let mut town = Town::new();
    let person = people(&mut town, 1).remove(0);
    town.json(&["backfill", "--fix", "--yes"]);
    let nobody = "http://127.0.0.1:9";
    let outcome = town.run_with(&["audit", "-o", "json"], &[("PDS_URL", nobody)]);
    assert_eq!(outcome.code, 6, "{outcome:?}");
    let outcome = town.run_with(&["audit", "-o", "json"], &[("AUTH0_BASE_URL", nobody)]);
    assert_eq!(
        (outcome.code, class(&outcome).as_str()),
        (6, "unavailable"),
        "{outcome:?}"
    );
    let outcome = town.run_with(&["backfill", &person.sub, "-o", "json"], &[("PDS_URL", nobody)]);
    assert_eq!(outcome.code, 6, "{outcome:?}");
    let mongo = "mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=100";
    let outcome = town.run_with(&["runs", "-o", "json"], &[("MONGODB_CONNECTION_STRING", mongo)]);
    assert_eq!(
        (outcome.code, class(&outcome).as_str()),
        (6, "unavailable"),
        "{outcome:?}"
    );
}

#[test]
fn seven_where_nothing_may_be_written_or_nobody_said_yes() {
    let mut town = Town::new();
    town.incident();
    for args in [
        ["backfill", "--fix"].as_slice(),
        &["backfill", "--fix", "--yes", "--read-only"],
        &["backfill", "--fix", "--no-input"],
        &["runs", "resume", "7f3a7f3a", "--yes", "--read-only"],
    ] {
        let outcome = town.run(&[args, &["-o", "json"]].concat());
        assert_eq!(
            (outcome.code, class(&outcome).as_str()),
            (7, "refused"),
            "{args:?}: {outcome:?}"
        );
    }
    assert!(town.all("users").is_empty());
}

#[test]
fn a_hundred_and_thirty_and_a_hundred_and_forty_three_on_a_signal() {
    for (signal, status) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let mut town = Town::new();
        people(&mut town, 3);
        let tap = Tap::start(&services().pds_url);
        town.pds_url.clone_from(&tap.url);
        tap.once("createAccount", Fault::Hold);
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
        let mut running = town.start(&args);
        tap.wait_for_calls("createAccount", 1);
        running.signal(signal);
        running.wait_for("once more to leave at once");
        tap.let_go();
        let outcome = running.wait();
        assert_eq!(outcome.code, status, "{outcome:?}");
        let told: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
        let users = told["users"].as_array().expect("users");
        assert!(
            users.iter().all(|user| user["outcome"].is_null()),
            "left for later: {told:#}"
        );
        let in_hand = users
            .iter()
            .flat_map(|user| user["steps"].as_array().expect("steps").last());
        let in_hand: Vec<&Value> = in_hand.collect();
        assert_eq!(
            (in_hand.len(), &in_hand[0]["step"]),
            (1, &json!("create-account")),
            "{told:#}"
        );
        assert_eq!(
            in_hand[0]["outcome"], "done",
            "the step in hand was finished: {told:#}"
        );
    }
}

/// An answer that did not arrive is no success.
#[test]
fn an_answer_that_could_not_be_written_is_told() {
    let full = std::fs::File::options()
        .write(true)
        .open("/dev/full")
        .expect("the machine has one");
    let child = Command::new(ATRIAGE)
        .args(["completions", "bash"])
        .stdout(full)
        .stderr(Stdio::piped())
        .spawn();
    let ended = child
        .and_then(std::process::Child::wait_with_output)
        .expect("it runs");
    assert_eq!(ended.status.code(), Some(1));
    let told = String::from_utf8_lossy(&ended.stderr);
    assert!(told.contains("The answer could not be written"), "{told}");
}

/// `| head -1`: the rest would only use up Auth0's budget.
#[test]
fn nothing_is_read_for_a_reader_who_left() {
    let mut town = Town::new();
    for n in 0..600 {
        town.sign_up("aesthetic", &format!("p{n}"), false);
    }
    town.verification("auth0|somebody", 0);
    let tap = Tap::start(&town.auth0_urls[0].1);
    town.auth0_urls[0].1.clone_from(&tap.url);
    // The second page comes when the reader has left, if it is asked for.
    tap.rule("/api/v2/users", 1, 1, Fault::Hold);
    let mut child = Command::new(ATRIAGE)
        .args(["audit", "--all", "-o", "ndjson"])
        .env_clear()
        .envs(town.variables())
        .stdout(Stdio::piped())
        .spawn()
        .expect("cargo built it");
    let mut line = String::new();
    let stdout = child.stdout.take().expect("it was asked for");
    BufReader::new(stdout).read_line(&mut line).expect("a line comes");
    assert!(line.starts_with('{'), "{line}");
    tap.let_go();
    let status = child.wait().expect("it ends");
    assert_eq!(status.code(), Some(0));
    let pages = tap.calls("/api/v2/users");
    assert!(pages < 4, "{pages} of 7 pages were asked for");
}

/// A command line that cannot be read says as JSON all that it says in words.
#[test]
fn what_is_missing_is_told_as_json_too() {
    for (args, message, hint) in [
        (
            ["completions", "-ojson"].as_slice(),
            "the following required arguments were not provided: <SHELL>",
            "Usage:",
        ),
        (
            &["-qojson", "audit", "--zzz"],
            "unexpected argument '--zzz' found",
            "Usage:",
        ),
        (
            &["audit", "--sandbox=nope", "-o", "json"],
            "invalid value 'nope'",
            "[possible values: incident]",
        ),
        (
            &["audit", "--filter", "mira pds:mising", "-o", "json"],
            "invalid value 'mira pds:mising' for '--filter <TEXT>': column 10: a state is one of ok, waiting, missing, drift, \
             running, unknown",
            "atriage --help tells what there is.",
        ),
        (
            &["audit", "--sicne", "7d", "--output=ndjson"],
            "unexpected argument '--sicne' found",
            "a similar argument exists: '--since'",
        ),
    ] {
        let outcome = atriage(args, &[]);
        let told: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
        assert_eq!(outcome.code, 2, "{outcome:?}");
        for rubbish in ["^", "--help", "\n"] {
            let message = told["error"]["message"].as_str().expect("a text");
            assert!(!message.contains(rubbish), "{args:?}: {message}");
        }
        let says = |field: &str, text: &str| {
            told["error"][field]
                .as_str()
                .is_some_and(|told| told.contains(text))
        };
        assert!(
            says("message", message) && says("hint", hint),
            "{args:?}: {told:#}"
        );
    }
}

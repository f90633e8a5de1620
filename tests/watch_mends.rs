//! `atriage watch --fix`: it mends what breaks, says so once, and neither begins anew what stopped nor tries again what
//! does not help. On the real services.

use rustix::process::Signal;
use serde_json::json;

use crate::support::runs::{id, is_whole, only_run, runs};
use crate::support::services::services;
use crate::support::tap::{Fault, PATIENT, Tap};
use crate::support::watched::{OFTEN, Watched};
use crate::support::whole::Person;

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

/// What was told before is over when it is mended, and not while a run is on it.
#[test]
fn what_was_told_is_over_when_it_is_mended_and_not_before() {
    let watched = Watched::new();
    for n in 0..3 {
        watched.arrive(&format!("p{n}"), 600 + n, true);
    }
    assert_eq!(watched.once(&[]).code, 3);
    let outcome = watched.once(&["--fix", "--yes"]);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    assert_eq!(
        watched.told(),
        [
            "firing aesthetic/missing-user-record 3",
            "recovered aesthetic/missing-user-record 3"
        ]
    );
    let over = &watched.alerts()[1];
    let message = over["message"].as_str().expect("a text");
    let run = only_run(&watched.town);
    assert!(
        over["mended"] == 3 && message.ends_with(&format!("; whole again, mended by run {}.", id(&run))),
        "{over:#}"
    );
}

#[test]
fn on_a_terminal_it_asks_once_before_it_mends() {
    let watched = Watched::new();
    let sub = watched.arrive("mira", 600, true);
    let args = ["watch", "--fix", "--interval", OFTEN];
    let mut screen = watched.town.open(&args, 120, 30);
    screen.wait_for("Mend from now on what breaks in aesthetic, without asking again? [y/N]");
    assert!(watched.town.all("users").is_empty());
    screen.press("y\n");
    screen.wait_for("mended");
    // Whoever breaks later is mended without a question.
    let later = watched.arrive("later", 600, true);
    screen.wait_for(&later);
    screen.keys("<ctrl-c>");
    assert_eq!(screen.wait_exit().code(), Some(130));
    assert!(watched.town.get("users", &sub).is_some());

    let mut screen = watched.town.open(&args, 120, 30);
    screen.wait_for("[y/N]");
    screen.press("n\n");
    assert_eq!(screen.wait_exit().code(), Some(7));
}

/// Three people who wait for their accounts, whom the PDS refuses to make: the watch's credential is no good.
fn refused() -> (Watched, Tap, Vec<Person>) {
    let mut watched = Watched::new();
    let tap = Tap::start(&services().pds_url);
    watched.town.pds_url.clone_from(&tap.url);
    let people = (0..3).map(|n| {
        let local = format!("p{n}");
        let sub = watched.arrive(&local, 600 + n, true);
        watched.record(&sub, 1);
        Person { sub, local }
    });
    let people = people.collect();
    let answer = json!({"error": "AuthenticationRequired", "message": "Authentication Required"});
    tap.always("createInviteCode", Fault::answer(401, answer));
    (watched, tap, people)
}

/// A credential is refused: the run stops, which is told once; it is not begun anew at each look.
#[test]
fn a_run_that_stops_is_told_once_and_not_tried_at_each_look() {
    let (watched, tap, _) = refused();
    // Ten intervals would have to go by.
    let look = || watched.once(&["--fix", "--yes", "--interval", "1h"]);
    assert_eq!(look().code, 5);
    let asked = tap.calls("createInviteCode");
    for _ in 0..2 {
        let outcome = look();
        assert_eq!(outcome.code, 5, "{outcome:?}");
    }
    assert_eq!(tap.calls("createInviteCode"), asked, "it was tried again");
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
}

/// Later it is gone on with: the same run, and again told once however often it stopped.
#[test]
fn a_run_that_stops_is_gone_on_with_later() {
    let (watched, tap, people) = refused();
    // Each look comes later than ten intervals after the one before.
    let look = || watched.once(&["--fix", "--yes", "--interval", "1ms"]);
    assert_eq!(look().code, 5);
    let asked = tap.calls("createInviteCode");
    assert_eq!(look().code, 5);
    assert!(tap.calls("createInviteCode") > asked, "it was not tried again");
    assert_eq!(watched.told().len(), 2, "{:?}", watched.told());
    tap.heal();
    let outcome = look();
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

/// An operator cancels the run that stands still: the watch begins no other for the same people.
#[test]
fn a_run_that_somebody_cancelled_is_not_begun_anew() {
    let mut watched = Watched::new();
    let tap = Tap::start(&services().pds_url);
    watched.town.pds_url.clone_from(&tap.url);
    let sub = watched.arrive("p0", 600, true);
    watched.record(&sub, 1);
    let answer = json!({"error": "AuthenticationRequired", "message": "Authentication Required"});
    tap.always("createInviteCode", Fault::answer(401, answer));
    let look = || watched.once(&["--fix", "--yes", "--interval", "1ms"]);
    assert_eq!(look().code, 5);
    let run = only_run(&watched.town);
    let outcome = watched.town.run(&["runs", "cancel", &id(&run), "--yes"]);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    tap.heal();
    // Each look comes later than the ten milliseconds after which it would be tried again.
    for _ in 0..3 {
        let outcome = look();
        assert_eq!(outcome.code, 5, "{outcome:?}");
    }
    assert_eq!(only_run(&watched.town)["state"], "cancelled", "and no other");
}

/// One user is forbidden an account, and alone in the run, so that it stops: whoever breaks next is mended all the same.
#[test]
fn a_run_that_stopped_gives_way_to_whoever_breaks_next() {
    let mut watched = Watched::new();
    let tap = Tap::start(&services().pds_url);
    watched.town.pds_url.clone_from(&tap.url);
    let mut people = Vec::new();
    let arrives = |watched: &Watched, people: &mut Vec<Person>, local: &str| {
        let sub = watched.arrive(local, 600, true);
        watched.record(&sub, 1);
        people.push(Person {
            sub,
            local: local.into(),
        });
    };
    arrives(&watched, &mut people, "p0");
    let forbidden = || Fault::answer(403, json!({"error": "Forbidden", "message": "Forbidden"}));
    tap.always("createInviteCode", forbidden());
    let look = || watched.once(&["--fix", "--yes", "--interval", "1ms"]);
    for _ in 0..2 {
        let outcome = look();
        assert_eq!(outcome.code, 5, "{outcome:?}");
        assert_eq!(only_run(&watched.town)["state"], "paused", "it is gone on with");
    }
    arrives(&watched, &mut people, "p1");
    tap.heal();
    tap.once("createInviteCode", forbidden());
    let outcome = look();
    assert_eq!(outcome.code, 5, "{outcome:?}");
    let told = runs(&watched.town);
    let states: Vec<&str> = told.iter().filter_map(|run| run["state"].as_str()).collect();
    assert_eq!(states, ["finished", "cancelled"], "{told:#?}");
    assert_eq!(
        (told[0]["total"].as_i64(), told[0]["left"].as_i64()),
        (Some(2), Some(0)),
        "{told:#?}"
    );
    let accounts: Vec<usize> = people
        .iter()
        .map(|person| watched.town.accounts_of(&watched.town.email(&person.local)).len())
        .collect();
    assert_eq!(accounts.iter().sum::<usize>(), 1, "the other one is mended");
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
        let outcome = watched.once(&["--fix", "--yes", "--interval", "1ms"]);
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
    tap.rule("createAccount", 0, 1, Fault::Hold);
    let args = [
        "watch",
        "--fix",
        "--yes",
        "--concurrency",
        "1",
        "--interval",
        OFTEN,
        PATIENT,
    ];
    let address = watched.address();
    let mut running = watched
        .town
        .start_with(&args, &[("ATRIAGE_ALERT_WEBHOOK", &address)]);
    tap.wait_for_calls("createAccount", 1);
    running.signal(Signal::INT);
    running.wait_for("once more to leave at once");
    tap.let_go();
    let outcome = running.wait();
    assert_eq!(outcome.code, 130, "{outcome:?}");
    assert_eq!(tap.calls("createAccount"), 1, "nothing new was begun");
    let run = only_run(&watched.town);
    assert_eq!(run["state"], "interrupted", "{run:#}");
    assert_eq!(watched.told(), [""; 0], "what a run is on is not told");
    let outcome = watched.once(&["--fix", "--yes"]);
    assert_eq!(outcome.code, 0, "it is nobody's any more: {outcome:?}");
}

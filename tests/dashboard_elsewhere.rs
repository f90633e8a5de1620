//! The dashboard beside others, and when it is told to go: runs that another process cancelled, a store that was down at the
//! start, and a second signal while the steps in hand are waited for.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::support::mongo::Mongo;
use crate::support::runs::{id, only_run, people};
use crate::support::services::services;
use crate::support::tap::{Fault, Tap};
use crate::support::town::Town;

/// The line of a run that stopped goes as soon as somebody else cancelled the run.
#[test]
fn a_run_that_is_cancelled_elsewhere_stops_shouting() {
    let mut town = Town::new();
    people(&mut town, 6);
    let tap = Tap::start(&services().pds_url);
    let answer = serde_json::json!({"error": "AuthenticationRequired", "message": "Authentication Required"});
    tap.always("createInviteCode", Fault::answer(401, answer));
    town.pds_url.clone_from(&tap.url);
    let mut screen = town.open(&[], 120, 36);
    screen.wait_for("6 broken");
    screen.wait_gone("reading…");
    screen.keys("aF");
    screen.wait_for("Mend 6 users");
    screen.press("y");
    screen.wait_for("create-account fails");
    screen.wait_for("R resume ");
    let cancelled = town.run(&["runs", "cancel", &id(&only_run(&town)), "--yes"]);
    assert_eq!(cancelled.code, 0, "{cancelled:?}");
    screen.press_until_shown("r", "was cancelled elsewhere.");
    screen.wait_gone("create-account fails: ");
    screen.press("q");
    assert_eq!(screen.wait_exit().code(), Some(0));
}

/// What the store could not tell at the start, it tells when it is back.
#[test]
fn an_interrupted_run_is_offered_when_the_store_is_back() {
    let mut town = Town::with_mongo(Mongo::start());
    people(&mut town, 2);
    let tap = Tap::start(&services().pds_url);
    tap.always("createAccount", Fault::Hang);
    town.pds_url.clone_from(&tap.url);
    let mut killed = town.start(&["backfill", "--fix", "--yes"]);
    killed.wait_for("run ");
    tap.wait_for_calls("createAccount", 1);
    killed.signal(Signal::KILL);
    killed.wait();
    tap.heal();
    town.mongo.as_mut().expect("its own").kill();
    let mut screen = town.open(&["--timeout", "2"], 120, 36);
    screen.wait_for("mongo is down");
    town.mongo.as_mut().expect("its own").restart();
    screen.press_until_shown("r", "R resumes it.");
    screen.press("R");
    screen.wait_for("Nobody works on it now.");
    screen.press("x");
    screen.wait_for("is cancelled");
    screen.press("q");
    assert_eq!(screen.wait_exit().code(), Some(0));
}

/// After SIGTERM one line says what is waited for, and ctrl-c does not wait.
#[test]
fn a_second_signal_does_not_wait_for_the_step_in_hand() {
    let mut town = Town::new();
    people(&mut town, 3);
    let tap = Tap::start(&services().pds_url);
    tap.always("createAccount", Fault::Hang);
    town.pds_url.clone_from(&tap.url);
    let mut screen = town.open(&[], 120, 36);
    screen.wait_for("3 broken");
    screen.wait_gone("reading…");
    screen.keys("aF");
    screen.wait_for("Mend 3 users");
    screen.press("y");
    tap.wait_for_calls("createAccount", 1);
    screen.signal(Signal::TERM);
    screen.wait_for("15 s at most; ctrl-c ends at once, and loses nothing.");
    assert!(
        screen.screen().contains("Waiting for the step in hand of"),
        "{}",
        screen.screen()
    );
    assert!(!screen.alternate_screen());
    let asked = Instant::now();
    screen.keys("<ctrl-c>");
    assert_eq!(screen.wait_exit().code(), Some(130));
    // It would have waited for another fourteen seconds.
    assert!(asked.elapsed() < Duration::from_secs(10), "{:?}", asked.elapsed());
    tap.heal();
    let mut screen = town.open(&[], 120, 36);
    screen.wait_for("of 3 users are left");
    screen.press("R");
    screen.wait_for("Nobody works on it now.");
    screen.press("x");
    screen.wait_for("is cancelled");
    screen.press("q");
    assert_eq!(screen.wait_exit().code(), Some(0));
}

//! Durable runs through the dashboard, in a real pseudo-terminal on the real services: left, offered again, gone on with,
//! cancelled, explained.

use std::time::Duration;

use rustix::process::Signal;

use crate::support::fuse::Blow;
use crate::support::runs::{is_whole, people};
use crate::support::services::services;
use crate::support::tap::{Fault, PATIENT, Tap};
use crate::support::terminal::Terminal;
use crate::support::town::Town;
use crate::support::wiring::Wiring;

/// A dashboard that has read everything, in a town whose PDS takes its time with each account.
fn opened(town: &mut Town, tap: &Tap, broken: usize) -> Terminal {
    town.pds_url.clone_from(&tap.url);
    let screen = town.open(&[PATIENT], 120, 36);
    screen.wait_for(&format!("{broken} broken"));
    screen.wait_gone("reading…");
    screen
}

/// The key that a start names for a run that waits, and the question that it opens: nothing opens by itself, for the next
/// key may be meant for the table.
fn asks_about_the_run(screen: &mut Terminal) {
    screen.wait_for("R resumes it.");
    screen.press("R");
    screen.wait_for("Nobody works on it now.");
    screen.wait_for("y: Go on with");
}

/// Left in the middle, named in one line; the next start offers to go on, and `y` ends it whole.
#[test]
fn a_run_is_left_and_the_next_start_goes_on_with_it() {
    let mut town = Town::new();
    let people = people(&mut town, 8);
    let tap = Tap::start(&services().pds_url);
    tap.always("createAccount", Fault::Hold);
    let mut screen = opened(&mut town, &tap, 8);
    screen.keys("aF");
    screen.wait_for("Mend 8 users of aesthetic");
    screen.press("y");
    screen.wait_for("create-account");
    screen.press("q");
    screen.wait_for("Quit?");
    // The focus is on staying: Enter stays.
    screen.keys("<enter>");
    screen.wait_gone("Quit?");
    screen.press("q");
    screen.wait_for("Leave them for later");
    screen.press("l");
    screen.wait_alternate(false);
    tap.let_go();
    assert_eq!(screen.wait_exit().code(), Some(0));
    let last = screen.screen();
    assert!(last.contains("atriage runs resume"), "{last}");
    // Of all that the terminal was told, this one line comes after it was given back.
    let raw = screen.raw();
    let left = raw.windows(8).rposition(|window| window == b"\x1b[?1049l");
    let after = String::from_utf8_lossy(&raw[left.expect("it was left") + 8..]).into_owned();
    let after = after.replace("\x1b[?25h", "");
    // Where the step in hand took a while, another one said before what was waited for.
    let lines: Vec<&str> = after
        .lines()
        .filter(|line| !line.starts_with("Waiting for "))
        .collect();
    assert!(
        matches!(lines[..], [line] if line.starts_with("Left run ")),
        "{after:?}"
    );
    assert!(!screen.alternate_screen() && screen.cursor_shown());
    assert!(tap.calls("createAccount") <= 4, "new ones were begun");

    let mut screen = town.open(&[], 100, 30);
    screen.wait_for("of 8 users are left");
    asks_about_the_run(&mut screen);
    screen.press("y");
    screen.wait_for("8 whole");
    assert_eq!(screen.quit().code(), Some(0));
    is_whole(&town, &people);
    // Nothing is offered any more.
    let mut screen = town.open(&[], 100, 30);
    screen.wait_for("8 whole");
    assert!(!screen.screen().contains("left"), "{}", screen.screen());
    screen.press("q");
    screen.wait_exit();
}

/// Killed without a chance to say anything: the next start offers it too, and `x` there cancels what is left.
#[test]
fn a_killed_run_is_offered_and_can_be_cancelled() {
    let mut town = Town::new();
    people(&mut town, 6);
    let tap = Tap::start(&services().pds_url);
    tap.always("createAccount", Fault::Hang);
    let mut screen = opened(&mut town, &tap, 6);
    screen.keys("aF");
    screen.wait_for("Mend 6 users");
    screen.press("y");
    // The first of a process goes alone.
    tap.wait_for_calls("createAccount", 1);
    screen.signal(Signal::KILL);
    screen.wait_exit();
    tap.heal();
    let mut screen = town.open(&[], 80, 24);
    screen.wait_for("6 of 6 users are left");
    asks_about_the_run(&mut screen);
    screen.press("x");
    screen.wait_for("is cancelled");
    screen.press("q");
    assert_eq!(screen.wait_exit().code(), Some(0));
    let (_, told) = town.json(&["runs"]);
    assert_eq!(told["runs"][0]["state"], "cancelled", "{told:#}");
    assert_eq!(told["runs"][0]["totals"]["cancelled"], 6, "{told:#}");
}

/// SIGTERM finishes the steps in hand, as `l` does; two ctrl-c leave at once. Nothing is lost either way.
#[test]
fn signals_leave_the_rest_for_later() {
    let mut town = Town::new();
    let people = people(&mut town, 6);
    let tap = Tap::start(&services().pds_url);
    tap.always("createAccount", Fault::Hold);
    let mut screen = opened(&mut town, &tap, 6);
    screen.keys("aF");
    screen.wait_for("Mend 6 users");
    screen.press("y");
    tap.wait_for_calls("createAccount", 1);
    screen.signal(Signal::TERM);
    screen.wait_for("Waiting for the step in hand of");
    tap.let_go();
    assert_eq!(screen.wait_exit().code(), Some(143));
    let made = tap.calls("createAccount");
    tap.always("createAccount", Fault::Hang);
    let mut screen = town.open(&[], 100, 30);
    screen.wait_for("of 6 users are left");
    asks_about_the_run(&mut screen);
    screen.press("y");
    // The first of a process goes alone, and however many accounts were made before the signal.
    tap.wait_for_calls("createAccount", made + 1);
    screen.keys("<ctrl-c><ctrl-c>");
    assert_eq!(screen.wait_exit().code(), Some(130));
    tap.heal();
    let mut screen = town.open(&[], 100, 30);
    screen.wait_for("of 6 users are left");
    asks_about_the_run(&mut screen);
    screen.press("y");
    screen.wait_for("6 whole");
    assert_eq!(screen.quit().code(), Some(0));
    is_whole(&town, &people);
}

/// More than ten users want a reason, and the history says it, with what was changed.
#[test]
fn the_reason_is_asked_for_and_stands_in_the_history() {
    let mut town = Town::new();
    let people = people(&mut town, 11);
    let mut screen = town.open(&[], 120, 36);
    screen.wait_for("11 broken");
    screen.wait_gone("reading…");
    screen.keys("aF");
    screen.wait_for("Mend 11 users");
    screen.press("y");
    screen.wait_for("Why?");
    screen.keys("<enter>");
    screen.wait_for("Why?");
    assert!(town.all("atriage-runs").is_empty());
    screen.press("the webhook was down");
    screen.keys("<enter>");
    screen.wait_for("11 whole");
    screen.press("H");
    screen.wait_for("the webhook was down");
    screen.wait_for("create-account");
    screen.wait_for("– → did:plc:");
    screen.keys("<esc>");
    screen.press("q");
    assert_eq!(screen.wait_exit().code(), Some(0));
    is_whole(&town, &people);
}

/// A wrong credential stops the run once, above the table, and `R` goes on after the repair.
#[test]
fn a_stopped_run_says_why_and_goes_on_after_the_repair() {
    let mut town = Town::new();
    let people = people(&mut town, 6);
    let tap = Tap::start(&services().pds_url);
    let answer = serde_json::json!({"error": "AuthenticationRequired", "message": "Authentication Required"});
    tap.always("createInviteCode", Fault::answer(401, answer));
    let mut screen = opened(&mut town, &tap, 6);
    screen.keys("aF");
    screen.wait_for("Mend 6 users");
    screen.press("y");
    screen.wait_for("stopped");
    screen.wait_for("create-account fails");
    assert!(!screen.screen().contains("6 failed"), "{}", screen.screen());
    tap.heal();
    screen.wait_until("R to apply", |screen| {
        screen
            .lines()
            .last()
            .is_some_and(|keys| keys.contains("R resume "))
    });
    screen.press("R");
    screen.wait_for("A run that stopped by itself");
    screen.wait_for("y: Go on with 6 users");
    screen.press("y");
    screen.wait_for("6 whole");
    screen.wait_gone("stopped");
    assert_eq!(screen.quit().code(), Some(0));
    is_whole(&town, &people);
}

/// Another operator is at work on the same users: the screen says who, and nothing fails.
#[test]
fn somebody_elses_work_is_waited_for() {
    let mut town = Town::new();
    let people = people(&mut town, 3);
    let tap = Tap::start(&services().pds_url);
    tap.always("createAccount", Fault::Hold);
    town.pds_url.clone_from(&tap.url);
    let mut screen = town.open(&[PATIENT], 140, 36);
    screen.wait_for("3 broken");
    screen.wait_gone("reading…");
    screen.keys("aF");
    screen.wait_for("Mend 3 users");
    let mut other = town.start(&["backfill", "--fix", "--yes", PATIENT]);
    other.wait_for("run ");
    tap.wait_for_calls("createAccount", 1);
    screen.press("y");
    screen.wait_for("waits for process");
    tap.let_go();
    screen.wait_for("3 whole");
    assert_eq!(other.wait().code, 0);
    screen.wait_for("3 jobs ended: none failed");
    screen.press("q");
    assert_eq!(screen.wait_exit().code(), Some(0));
    is_whole(&town, &people);
    assert_eq!(tap.calls("createAccount"), 3);
}

/// Over a slow line a run takes its time to be registered: whom `x` names meanwhile is cancelled all the same.
#[test]
fn a_job_can_be_cancelled_before_it_is_registered() {
    let mut town = Town::new();
    people(&mut town, 1);
    let wiring = Wiring::of(&mut town);
    wiring.fuse.arm(Blow::Never);
    let mut screen = town.open(&[], 120, 36);
    screen.wait_for("1 broken");
    screen.wait_gone("reading…");
    screen.press("F");
    screen.wait_for("Mend 1 user");
    wiring.mongo.delay(Duration::from_secs(2));
    screen.press("y");
    screen.wait_gone("Mend 1 user");
    assert!(town.all("atriage-runs").is_empty(), "the test is too late");
    screen.press("x");
    wiring.mongo.delay(Duration::ZERO);
    screen.wait_for("1 cancelled");
    screen.press("q");
    assert_eq!(screen.wait_exit().code(), Some(0));
    assert!(town.all("users").is_empty());
    assert_eq!(
        town.all("atriage-jobs")[0].get_str("outcome").ok(),
        Some("cancelled")
    );
}

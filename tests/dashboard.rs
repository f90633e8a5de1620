//! The dashboard in a real pseudo-terminal: on the real services, and on the sandbox at every size.

use crate::support::command::ATRIAGE;
use crate::support::terminal::{Signal, Terminal};
use crate::support::town::Town;

/// The sandbox.
fn open(env: &[(&str, &str)], cols: u16, rows: u16) -> Terminal {
    Terminal::spawn(ATRIAGE, &["--sandbox"], env, cols, rows)
}

fn in_town(town: &Town, cols: u16, rows: u16) -> Terminal {
    town.open(&[], cols, rows)
}

/// Whether the terminal is as it was: the alternate screen left, the cursor shown.
fn is_restored(terminal: &Terminal) -> bool {
    !terminal.alternate_screen() && terminal.cursor_shown()
}

/// The incident, mended through the screen: mark, fix, confirm, watch, all green.
#[test]
fn the_incident_is_mended_on_the_real_services() {
    let mut town = Town::new();
    let subs = town.incident();
    let mut screen = in_town(&town, 120, 40);
    screen.wait_for("5 broken");
    screen.wait_for("5 missing-user-record");
    screen.wait_for("4 missing-account");
    screen.wait_gone("reading…");
    assert!(screen.screen().contains("AESTHETIC"), "{}", screen.screen());

    screen.press("a");
    screen.press("F");
    screen.wait_for("Mend 5 users of aesthetic");
    assert!(
        screen.screen().contains("create-user → create-account"),
        "{}",
        screen.screen()
    );
    // The focus is on Cancel: Enter writes nothing.
    screen.keys("<enter>");
    screen.wait_gone("Mend 5 users");
    assert!(town.all("users").is_empty());

    screen.press("F");
    screen.wait_for("Mend 5 users of aesthetic");
    screen.press("y");
    screen.wait_for("4 whole");
    screen.wait_for("1 waiting");
    assert!(!screen.screen().contains("missing"), "{}", screen.screen());
    for sub in &subs {
        let user = town.get("users", sub).expect("a record");
        assert_eq!(user.contains_key("atproto"), *sub != subs[0]);
    }
    assert!(town.all("atriage-intents").is_empty());

    // Once more over the same users: nothing is left to do, and the screen says so.
    screen.keys("aF");
    screen.wait_gone("Mend");
    screen.press("q");
    assert_eq!(screen.wait_exit().code(), Some(0));
    assert!(is_restored(&screen));
}

#[test]
fn an_outage_of_the_pds_is_unknown_and_ends_by_itself() {
    use crate::support::services::services;
    use crate::support::tap::{Fault, Tap};
    let mut town = Town::new();
    town.incident();
    let fixed = town.run(&["backfill", "5", "--fix", "--yes"]);
    assert_eq!(fixed.code, 0, "{fixed:?}");
    let tap = Tap::start(&services().pds_url);
    town.pds_url.clone_from(&tap.url);
    tap.always("/xrpc/", Fault::Refuse);
    let mut screen = in_town(&town, 120, 30);
    screen.wait_for("? unknown");
    screen.wait_for("pds ✗");
    assert!(!screen.screen().contains("✗ missing"), "{}", screen.screen());
    tap.heal();
    // While it is being read, r is refused.
    screen.wait_gone("reading…");
    screen.press("r");
    screen.wait_for("4 whole");
    screen.wait_gone("? unknown");
    assert_eq!(screen.quit().code(), Some(0));
}

#[test]
fn the_sandbox_opens_by_itself_and_says_so() {
    // Nothing is set, and no `.env` is found.
    let mut screen = Terminal::spawn(ATRIAGE, &[], &[], 80, 24);
    screen.wait_for("sandbox");
    screen.wait_for("broken");
    for column in ["AUTH0", "MONGO", "CODE", "DID", "PDS"] {
        assert!(
            screen.screen().contains(column),
            "{column} is not shown at 80 columns:\n{}",
            screen.screen()
        );
    }
    screen.press("t");
    screen.wait_for("SOTCE");
    screen.press("?");
    screen.wait_for("F");
    screen.keys("<esc>");
    screen.press("q");
    assert_eq!(screen.wait_exit().code(), Some(0));
    assert!(is_restored(&screen));
}

#[test]
fn every_size_is_survived() {
    let mut screen = open(&[], 120, 40);
    screen.wait_for("broken");
    for (cols, rows) in [(20, 5), (1, 1), (59, 14), (200, 60), (80, 24)] {
        screen.resize(cols, rows);
        std::thread::sleep(std::time::Duration::from_millis(80));
    }
    screen.wait_for("broken");
    screen.resize(20, 5);
    screen.wait_for("too small");
    screen.resize(120, 40);
    screen.wait_for("AUTH0");
    screen.press("q");
    assert_eq!(screen.wait_exit().code(), Some(0));
}

#[test]
fn the_terminal_is_restored_on_every_way_out() {
    for (signal, status) in [(Signal::TERM, 143), (Signal::INT, 130), (Signal::HUP, 143)] {
        let mut screen = open(&[], 80, 24);
        screen.wait_for("broken");
        screen.signal(signal);
        assert_eq!(screen.wait_exit().code(), Some(status), "{signal:?}");
        assert!(is_restored(&screen), "{signal:?}");
    }
    let mut screen = open(&[], 80, 24);
    screen.wait_for("broken");
    screen.keys("<ctrl-c><ctrl-c>");
    screen.wait_exit();
    assert!(is_restored(&screen));
}

#[test]
fn read_only_offers_nothing_that_writes() {
    let mut screen = open(&[("ATRIAGE_READ_ONLY", "1")], 120, 30);
    screen.wait_for("broken");
    assert!(!screen.screen().contains("F fix"), "{}", screen.screen());
    screen.press("F");
    screen.wait_until("a sentence about read-only", |screen| {
        screen.to_lowercase().contains("read-only")
    });
    screen.press("q");
    assert_eq!(screen.wait_exit().code(), Some(0));
}

#[test]
fn a_dumb_terminal_is_refused_with_a_hint() {
    let mut screen = open(&[("TERM", "dumb")], 80, 24);
    assert_eq!(screen.wait_exit().code(), Some(2));
    assert!(screen.screen().contains("atriage audit"), "{}", screen.screen());
}

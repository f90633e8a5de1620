//! The first minute in a real pseudo-terminal: who comes for the first time is welcomed at every size, and practises on a
//! sandbox that breaks on demand.

use crate::support::command::ATRIAGE;
use crate::support::terminal::Terminal;

/// The sandbox, for who kept this.
fn open(state: &tempfile::TempDir, cols: u16, rows: u16) -> Terminal {
    let folder = state.path().to_str().expect("temporary folders have plain names");
    Terminal::spawn(
        ATRIAGE,
        &["--sandbox"],
        &[("ATRIAGE_STATE_DIR", folder)],
        cols,
        rows,
    )
}

fn home() -> tempfile::TempDir {
    tempfile::tempdir().expect("the machine has a temporary folder")
}

/// Asks the palette for a command by its name.
fn ask(screen: &mut Terminal, name: &str) {
    screen.press(":");
    screen.wait_for("Commands");
    screen.press(name);
    screen.wait_for(&format!(": {name} "));
    screen.keys("<enter>");
    screen.wait_gone("Commands");
}

fn quit(mut screen: Terminal) {
    screen.press("q");
    assert_eq!(screen.wait_exit().code(), Some(0));
}

const NARROW: &str = "
  ┌ Welcome to the sandbox ──────────────────────────────────────────────────┐
  │ The people here are invented, and so are the services: nothing real is   │
  │ touched. Their signups broke a while ago, and more arrive. Try:          │
  │                                                                          │
  │   Enter  says what is wrong with the user under the cursor, and why      │
  │       F  mends that user, or all whom a marked; it asks first            │
  │       :  finds every command; type practise and choose what to break     │
  │                                                                          │
  │ The real thing: set its variables or a .env, and leave out --sandbox;    │
  │ atriage check-config names each and tries it.                            │
  └──────────────────────────────────────────────────────────────────────────┘
";
const WIDE: &str = "
┌ Welcome to the sandbox ──────────────────────────────────────────────────────────────────────┐
│ The people here are invented, and so are the services: nothing real is touched. Their        │
│ signups broke a while ago, and more arrive. Try:                                             │
│                                                                                              │
│   Enter  says what is wrong with the user under the cursor, and why                          │
│       F  mends that user, or all whom a marked; it asks first                                │
│       :  finds every command; type practise and choose what to break                         │
│                                                                                              │
│ The real thing: set its variables or a .env, and leave out --sandbox; atriage check-config   │
│ names each and tries it.                                                                     │
└──────────────────────────────────────────────────────────────────────────────────────────────┘
";

/// Whether these lines stand on the screen, each with the same text at the same place of its line, one below the other.
fn shows(screen: &str, picture: &str) -> bool {
    let wanted: Vec<&str> = picture.trim_matches('\n').lines().map(str::trim).collect();
    let lines: Vec<&str> = screen.lines().collect();
    let begins = lines.iter().position(|line| line.contains(wanted[0]));
    begins.is_some_and(|begins| {
        let here = lines[begins..].iter();
        lines.len() >= begins + wanted.len() && here.zip(&wanted).all(|(line, wanted)| line.contains(wanted))
    })
}

#[test]
fn who_comes_for_the_first_time_is_welcomed_at_every_size() {
    let state = home();
    let mut screen = open(&state, 80, 24);
    screen.wait_until("the welcome at 80 by 24", |text| shows(text, NARROW));
    for (cols, rows) in [(120, 40), (200, 60)] {
        screen.resize(cols, rows);
        screen.wait_until("the welcome on a wide screen", |text| shows(text, WIDE));
    }
    screen.resize(80, 24);
    screen.wait_until("the welcome at 80 by 24", |text| shows(text, NARROW));
    screen.keys("<enter>");
    screen.wait_gone("Welcome");
    screen.wait_for("Enter detail");
    quit(screen);

    // Who comes again is told how to see it once more.
    let mut screen = open(&state, 80, 24);
    screen.wait_for("This is the sandbox, with invented people. : welcome says what to try.");
    assert!(!screen.screen().contains("Welcome"), "{}", screen.screen());
    ask(&mut screen, "welcome");
    screen.wait_for("Welcome to the sandbox");
    // A key for the table is not lost.
    screen.press("?");
    screen.wait_for("┌ Keys ");
    screen.keys("<esc>");
    quit(screen);
}

#[test]
fn a_pds_that_was_broken_on_purpose_is_unknown_until_it_is_mended() {
    let mut screen = open(&home(), 80, 24);
    screen.wait_for("Welcome to the sandbox");
    screen.keys("<esc>");
    screen.wait_gone("reading…");
    screen.wait_until("accounts that are well", |text| text.contains("whole"));
    assert!(!screen.screen().contains("? unknown"), "{}", screen.screen());
    ask(&mut screen, "break-pds");
    screen.wait_for("sandbox · PDS down");
    screen.wait_for("The PDS is down: what it knows turns unknown, not red. mend-sandbox ends it.");
    screen.wait_for("? unknown");
    screen.wait_for("pds ✗");
    screen.wait_for("pds is down, so that what it knows shows as unknown");
    ask(&mut screen, "mend-sandbox");
    screen.wait_gone("PDS down");
    screen.wait_gone("? unknown");
    screen.wait_for("pds ✓");
    quit(screen);
}

#[test]
fn the_incident_comes_back_on_demand_and_is_mended_again() {
    let mut screen = open(&home(), 120, 40);
    screen.wait_for("Welcome to the sandbox");
    screen.keys("<esc>");
    screen.wait_for("have no users record");
    ask(&mut screen, "mend-sandbox");
    screen.wait_for("All answers again");
    screen.wait_gone("reading…");
    screen.press("aF");
    screen.wait_for("┌ Mend ");
    screen.press("y");
    screen.wait_for("Why?");
    screen.press("to practise");
    screen.keys("<enter>");
    screen.wait_gone("have no users record");

    ask(&mut screen, "break-index");
    screen.wait_for("sandbox · index conflict");
    screen.wait_for("Four people signed up and got no users record.");
    screen.wait_until("one accident and its cause", |text| {
        text.contains("have no users record since") && text.contains("The code index refuses (85)")
    });
    screen.wait_gone("◐");
    screen.wait_gone("reading…");
    // Whoever mends the index has ended the practice.
    screen.press("i");
    screen.wait_for("1 Press I, which brings the index");
    screen.press("I");
    screen.wait_for("[ y: Mend the index ]");
    screen.press("y");
    screen.wait_for("✓ users has code_unique {code: 1} unique sparse.");
    screen.keys("<esc><esc>");
    screen.wait_gone("index conflict");
    screen.wait_gone("The code index refuses");
    screen.press("uaF");
    screen.wait_for("┌ Mend ");
    screen.press("y");
    screen.wait_gone("have no users record");
    ask(&mut screen, "mend-sandbox");
    screen.wait_for("All answers again");
    // The last job may be about to end.
    screen.keys("<ctrl-c><ctrl-c>");
    screen.wait_exit();
}

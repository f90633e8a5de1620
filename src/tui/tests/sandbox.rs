//! The first minute in the sandbox: the welcome at every size and what closes it; what is broken on purpose, and that the
//! real thing knows nothing of all this.

use crossterm::event::{Event, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use crate::domain::practice::{LESSONS, Practice};
use crate::tui::keys::Scope;
use crate::tui::message::{Effect, Message};
use crate::tui::state::{Mode, State, Visit};

use super::{App, demo, dialog, press, said};

fn app(visit: Option<Visit>, read_only: bool, width: u16, height: u16) -> App {
    let mut setup = demo::setup();
    setup.sandbox = visit;
    setup.read_only = read_only;
    let mut app = App::with(State::new(setup), width, height);
    app.refresh(demo::signups());
    app.send(Message::Health(demo::health()));
    app.effects.clear();
    app
}

fn first(width: u16, height: u16) -> App {
    app(Some(Visit::First), false, width, height)
}

fn refreshes(app: &App) -> usize {
    let is_one = |effect: &&Effect| matches!(effect, Effect::Refresh { .. });
    app.effects.iter().filter(is_one).count()
}

#[test]
fn the_welcome_at_80_by_24() {
    assert_eq!(
        dialog(&mut first(80, 24)),
        "
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
"
    );
    let screen = first(80, 24).screen();
    assert!(screen.ends_with("\n Enter close"), "{screen}");
}

#[test]
fn the_welcome_on_wide_screens() {
    let wide = "
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
    for (width, height) in [(120, 40), (200, 60)] {
        assert_eq!(dialog(&mut first(width, height)), wide, "{width}");
    }
}

/// In fewer words: it cannot be scrolled.
#[test]
fn the_welcome_on_the_smallest_terminal_says_all_of_it() {
    assert_eq!(
        dialog(&mut first(60, 15)),
        "
┌ Welcome to the sandbox ──────────────────────────────┐
│ The people and the services are invented: nothing    │
│ real is touched. Try:                                │
│                                                      │
│   Enter  says what is wrong with a user, and why     │
│       F  mends that user; it asks first              │
│       :  finds every command; type practise and      │
│          choose what to break                        │
│                                                      │
│ The real thing: set its variables, leave out         │
│ --sandbox; atriage check-config tries each.          │
└──────────────────────────────────────────────────────┘
"
    );
    for read_only in [false, true] {
        for (width, height) in [(60, 15), (60, 18), (79, 15), (120, 15), (80, 16), (60, 24)] {
            let small = said(&dialog(&mut app(Some(Visit::First), read_only, width, height)));
            for text in [
                "type practise and choose what to break",
                "The real thing:",
                "atriage check-config",
            ] {
                assert!(small.contains(text), "{width}x{height}: {small}");
            }
        }
    }
}

#[test]
fn what_closes_the_welcome_is_not_taken_for_a_command() {
    for key in ["<enter>", "<esc>", "<space>", "q"] {
        let mut app = first(80, 24);
        press(&mut app, key);
        assert!(matches!(app.state.mode, Mode::Table), "{key}");
        assert!(app.state.detail.is_none() && app.state.marked == 0, "{key}");
        assert!(app.effects.is_empty(), "{key}: {:?}", app.effects);
    }
    let mut app = first(80, 24);
    app.state.mouse = true;
    app.send(Message::Terminal(Event::Mouse(MouseEvent {
        kind: MouseEventKind::Down(MouseButton::Left),
        column: 20,
        row: 8,
        modifiers: KeyModifiers::NONE,
    })));
    assert!(matches!(app.state.mode, Mode::Table));
}

#[test]
fn every_other_key_closes_it_and_does_what_it_is_for() {
    let mut app = first(80, 24);
    press(&mut app, "j");
    assert!(matches!(app.state.mode, Mode::Table) && app.state.cursor_at == 1);
    for (key, opened) in [(":", "Commands"), ("?", "Keys"), ("c", "Columns")] {
        let mut app = first(80, 24);
        press(&mut app, key);
        assert!(dialog(&mut app).contains(opened), "{key}");
    }
    // One that means nothing closes it and no more.
    let mut app = first(80, 24);
    press(&mut app, "w");
    assert!(matches!(app.state.mode, Mode::Table) && app.state.toasts.is_empty());
    // Whoever wants to get out is asked as everywhere.
    let mut app = first(80, 24);
    press(&mut app, "<ctrl-c>");
    assert!(matches!(app.state.mode, Mode::Quit { .. }));
}

#[test]
fn what_writes_is_not_begun_before_the_table_is_seen() {
    let mut app = first(80, 24);
    press(&mut app, "F");
    assert!(matches!(app.state.mode, Mode::Table));
    let told = "F writes: press it again, now that you see the table.";
    assert!(app.screen().contains(told), "{}", app.screen());
    press(&mut app, "F");
    assert!(matches!(app.state.mode, Mode::Confirm { .. }));
}

#[test]
fn read_only_is_told_what_it_may() {
    let mut app = app(Some(Visit::First), true, 80, 24);
    let shown = dialog(&mut app);
    assert!(
        shown.contains("d  says what would be done to mend that user; this is read-only"),
        "{shown}"
    );
    // What is practised changes nothing but the sandbox.
    press(&mut app, "<esc>:break-pds<enter>");
    assert_eq!(app.effects, [Effect::Practise(Practice::BreakPds)]);
}

#[test]
fn the_welcome_names_the_keys_that_hold() {
    let mut setup = demo::setup();
    setup.sandbox = Some(Visit::First);
    let wishes = [
        ("fix", "M"),
        ("detail", "o"),
        ("mark-all", "A"),
        ("palette", "f5"),
    ];
    let wishes = wishes.map(|(name, key)| (name.to_string(), vec![key.to_string()]));
    setup.keys = crate::tui::Keys::remapped(&wishes.into()).unwrap();
    let mut app = App::with(State::new(setup), 80, 24);
    let shown = dialog(&mut app);
    for line in [
        "│    o  says what",
        "│    M  mends that user, or all whom A marked",
        "│   F5  finds",
    ] {
        assert!(shown.contains(line), "{line}: {shown}");
    }
}

#[test]
fn who_comes_again_is_welcomed_by_name_only() {
    let mut app = app(Some(Visit::Again), false, 80, 24);
    assert!(matches!(app.state.mode, Mode::Table));
    press(&mut app, ":welcome<enter>");
    assert!(dialog(&mut app).contains("Welcome to the sandbox"));
}

#[test]
fn the_palette_tells_what_each_practice_does_and_asks_for_it() {
    for lesson in &LESSONS {
        let mut app = app(Some(Visit::Again), false, 120, 30);
        press(&mut app, &format!(":{}", lesson.name));
        let shown = dialog(&mut app);
        let chosen = shown.lines().find(|line| line.contains('▸')).unwrap_or_default();
        assert_eq!(chosen.split_whitespace().nth(2), Some(lesson.name), "{shown}");
        assert!(app.screen().contains(lesson.does), "{}", app.screen());
        press(&mut app, "<enter>");
        assert_eq!(app.effects, [Effect::Practise(lesson.practice)]);
        // Nothing is said before it is done.
        assert!(app.state.toasts.is_empty());
        app.effects.clear();
        app.send(Message::Practised(lesson.practice));
        let told = app.state.spell(lesson.look);
        assert!(app.screen().contains(&told), "{told}: {}", app.screen());
        assert_eq!(refreshes(&app), 1);
    }
    let mut app = app(Some(Visit::Again), false, 120, 30);
    press(&mut app, ":practise");
    let shown = dialog(&mut app);
    assert!(
        LESSONS.iter().all(|lesson| shown.contains(lesson.name)),
        "{shown}"
    );
}

#[test]
fn what_was_being_read_is_read_again() {
    let mut app = app(Some(Visit::Again), false, 80, 24);
    press(&mut app, "r");
    assert_eq!(refreshes(&app), 1);
    app.send(Message::Practised(Practice::BreakPds));
    assert_eq!(refreshes(&app), 1, "one reading at a time");
    app.refresh(demo::signups());
    app.pass(1);
    assert_eq!(refreshes(&app), 2);
    app.refresh(demo::signups());
    app.pass(1);
    assert_eq!(refreshes(&app), 2);
    // Who froze the screen does not want it to move.
    press(&mut app, "z");
    app.send(Message::Practised(Practice::Mend));
    assert_eq!(refreshes(&app), 2);
}

#[test]
fn the_header_says_what_is_broken_on_purpose() {
    let mut app = app(Some(Visit::Again), false, 80, 24);
    let header = |app: &mut App| app.screen().lines().next().unwrap().to_string();
    app.send(Message::Broken(vec![Practice::BreakPds]));
    assert_eq!(
        header(&mut app),
        " AESTHETIC  sandbox · PDS down   just now        auth0 ✓  mongo ✓  pds ✓  plc ✓"
    );
    app.send(Message::Broken(vec![Practice::BreakPds, Practice::BreakIndex]));
    assert!(header(&mut app).starts_with(" AESTHETIC  sandbox · 2 faults on   just now"));
    app.resize(120, 40);
    assert!(header(&mut app).starts_with(" AESTHETIC  sandbox · 2 faults on   newest "));
    app.send(Message::Broken(Vec::new()));
    assert!(header(&mut app).starts_with(" AESTHETIC  sandbox   newest "));
}

#[test]
fn the_real_thing_knows_nothing_of_the_sandbox() {
    let mut app = app(None, false, 120, 60);
    assert!(matches!(app.state.mode, Mode::Table));
    press(&mut app, ":break-pds");
    assert!(dialog(&mut app).contains("No command is called so."));
    press(&mut app, "<esc>?");
    let help = dialog(&mut app);
    let keys = app.state.setup.keys.clone();
    let names = keys.of(Scope::Sandbox).map(|bound| bound.command.name());
    let told: Vec<&str> = names.filter(|name| help.contains(name)).collect();
    assert!(told.is_empty(), "{told:?}");
    assert!(!help.contains("sandbox"), "{help}");
    let mut app = super::App::with(State::new(sandbox_setup()), 120, 60);
    press(&mut app, "?");
    let help = dialog(&mut app);
    let mut names = keys.of(Scope::Sandbox).map(|bound| bound.command.name());
    assert!(names.all(|name| help.contains(name)), "{help}");
}

fn sandbox_setup() -> crate::tui::Setup {
    let mut setup = demo::setup();
    setup.sandbox = Some(Visit::Again);
    setup
}

//! The table as the operator arranges it: columns, order, older signups at its end, new ones above it, and the bars.

use crate::tui::message::Effect;
use crate::tui::state::State;

use super::{App, demo, dialog, press};

#[test]
fn columns_are_hidden_moved_and_sorted_by() {
    let mut app = App::of_demo(80, 24);
    press(&mut app, "c");
    assert_eq!(
        dialog(&mut app),
        "
┌ Columns ─────────────────────────────────────────────────────────────────┐
│ ▸ [x] AGE     ▾  how long ago they signed up                             │
│   [x] TENANT     where they signed up; seen when all tenants are         │
│   [•] USER       the e-mail, else the id                                 │
│   [x] HANDLE     the name that was chosen  no room now                   │
│   [•] AUTH0      the user, the e-mail verified                           │
│   [•] MONGO      the records in users and verifications                  │
│   [•] CODE       the user code                                           │
│   [•] DID        DID, handle and password, written down                  │
│   [•] PDS        the account, under the wanted handle                    │
│   [x] FINDING    the worst thing that was found  no room now             │
│   [x] JOB        what a job does about them  no room now                 │
│   [ ] SUB        the id in Auth0                                         │
└──────────────────────────────────────────────────────────────────────────┘
"
    );
    // Hidden, AGE makes no room for another; moved, PDS stands first.
    press(&mut app, "<space>jj<space>");
    assert!(app.screen().contains("USER is always shown."), "{}", app.screen());
    press(&mut app, "jjjjjjKKKKKKKK<esc>");
    let screen = app.screen();
    let header = screen.lines().find(|line| line.contains("AUTH0")).unwrap();
    assert!(
        header.starts_with("    PDS       USER  ") && !header.contains("AGE"),
        "{header}"
    );
    // By any column, and round; then all as at first.
    press(&mut app, "cs<esc>");
    assert_eq!(app.state.sort.name(), "pds");
    assert_eq!(
        app.state.cursor.as_ref().unwrap().key,
        "auth0|mira",
        "it stays on its user"
    );
    press(&mut app, "css<esc>");
    assert_eq!(app.state.sort.name(), "pds", "twice round");
    press(&mut app, "cs<esc>");
    assert_eq!(app.state.sort.name(), "-pds");
    press(&mut app, "cr<esc>");
    assert!(app.screen().contains("    AGE  USER"), "{}", app.screen());
}

#[test]
fn a_wide_screen_says_what_is_wrong() {
    let mut app = App::of_demo(200, 30);
    let screen = app.screen();
    assert!(screen.contains("FINDING"), "{screen}");
    for text in ["missing-user-record", "account-taken-down", "handle-fallback"] {
        assert!(screen.contains(text), "{text}: {screen}");
    }
    press(&mut app, "ss");
    let mut app = App::of_demo(200, 30);
    press(&mut app, "cGkkk");
    assert!(app.screen().contains("▸"), "{}", app.screen());
}

#[test]
fn older_signups_are_loaded_when_the_cursor_nears_the_end() {
    let mut app = App::of_demo(80, 24);
    press(&mut app, "jjjjjjjjj");
    assert!(app.effects.is_empty(), "far from the end: {:?}", app.effects);
    press(&mut app, "j");
    assert!(matches!(app.effects.as_slice(), [Effect::LoadOlder { tenant, .. }] if tenant == "aesthetic"));
    assert!(
        app.screen().contains("newest 18 · just now · older…"),
        "{}",
        app.screen()
    );
    press(&mut app, "jj");
    assert_eq!(app.effects.len(), 1, "once is enough");
    let cursor = app.state.cursor.clone();
    let older: Vec<_> = (0..50)
        .map(|n| demo::whole(&format!("older{n}"), 5_000 + n))
        .collect();
    assert!(app.answer_older(&older));
    assert_eq!((app.state.shown.len(), &app.state.cursor), (68, &cursor));
    assert!(!app.screen().contains('↑'), "they are old: {}", app.screen());
    // Not when the oldest stand elsewhere, and not while reading by itself is stopped.
    for keys in ["sG", "SG", "zG"] {
        let mut app = App::of_demo(80, 24);
        press(&mut app, keys);
        assert!(app.effects.is_empty(), "{keys}");
    }
}

#[test]
fn who_arrives_is_told_of_and_moves_no_row() {
    // Where all fit, where they do not, and with the cursor further down.
    for (height, keys) in [(40, ""), (40, "jj"), (16, ""), (16, "jjj")] {
        let mut app = App::of_demo(80, height);
        press(&mut app, keys);
        let before = app.screen();
        let mut signups = demo::signups();
        for n in 1..=4 {
            signups.insert(0, demo::whole(&format!("new{n}"), 0));
            app.refresh(signups.clone());
            let screen = app.screen();
            assert!(screen.contains(&format!("↑ {n} new")), "{screen}");
            let rows = |screen: &str| {
                let all = screen.lines().filter(|line| line.contains("@example.com"));
                all.map(String::from).collect::<Vec<_>>()
            };
            // All but the last, where there was no room below.
            let (before, now) = (rows(&before), rows(&screen));
            assert_eq!(before[..before.len() - 1], now[..before.len() - 1], "{screen}");
        }
        press(&mut app, "g");
        let screen = app.screen();
        assert!(!screen.contains('↑'), "{screen}");
        let first = screen.lines().find(|line| line.starts_with('▸')).unwrap();
        assert!(first.contains("n…@example.com"), "{screen}");
    }
}

#[test]
fn who_is_seen_one_by_one_is_not_new_any_more() {
    let mut app = App::of_demo(80, 40);
    let mut signups = demo::signups();
    signups.extend([demo::whole("newa", 0), demo::whole("newb", 1)]);
    app.refresh(signups);
    assert!(app.screen().contains("↑ 2 new"));
    press(&mut app, "k");
    assert!(app.screen().contains("↑ 1 new"), "{}", app.screen());
    press(&mut app, "k");
    assert!(!app.screen().contains('↑'));
    // Whom the filter hides is counted once the filter goes.
    press(&mut app, "/mira<enter>");
    let mut signups = demo::signups();
    signups.push(demo::whole("newc", 0));
    app.refresh(signups);
    assert!(!app.screen().contains('↑'), "{}", app.screen());
    press(&mut app, "<esc>");
    let shown = app.screen();
    assert!(
        shown.contains("↑ 1 new") || shown.contains("n…@example.com"),
        "{shown}"
    );
}

#[test]
fn the_first_reading_is_seen_from_its_beginning() {
    let mut app = App::new(80, 24);
    app.start();
    let signups = demo::signups();
    app.news(crate::audit::Stage::Complete, signups[5..].to_vec());
    app.news(crate::audit::Stage::Complete, signups.clone());
    app.finish();
    assert_eq!((app.state.top, app.state.unseen), (0, (0, 0)));
}

#[test]
fn the_signups_of_an_hour_are_bars_with_the_share_that_is_whole() {
    let mut app = App::of_demo(160, 40);
    let tally = |app: &mut App| app.screen().lines().nth(1).unwrap().to_string();
    // 18 signups of 7 hours, of which the eighth is known in part.
    let line = tally(&mut app);
    assert!(
        line.ends_with("▁▁▂▁▁▂█ signups an hour, 7 h, 62 to 68 % whole"),
        "one is unknown: {line}"
    );
    let mut app = App::of_demo(80, 24);
    assert!(!tally(&mut app).contains(" h, "), "no room: {}", tally(&mut app));
    let mut setup = demo::setup();
    setup.ascii = true;
    let mut app = App::with(State::new(setup), 160, 40);
    app.refresh(demo::signups());
    assert!(app.screen().is_ascii());
    assert!(
        tally(&mut app).contains("# signups an hour, 7 h, "),
        "{}",
        tally(&mut app)
    );
}

/// A filter may let none of the older ones through: then the end would stay near, and the whole tenant be read.
#[test]
fn a_key_that_moves_nothing_loads_nothing_and_under_a_filter_only_its_own_key_does() {
    for keys in ["/mira<enter>", "/pds:missing<enter>", "!"] {
        let mut app = App::of_demo(80, 24);
        press(&mut app, keys);
        press(&mut app, "jjjjjjG<pgdn>j");
        assert!(app.effects.is_empty(), "{keys}: {:?}", app.effects);
        press(&mut app, "+");
        assert!(
            matches!(app.effects.as_slice(), [Effect::LoadOlder { .. }]),
            "{keys}"
        );
    }
    let mut app = App::of_demo(80, 24);
    press(&mut app, "G");
    assert!(app.answer_older(&[]));
    press(&mut app, "jjjj<pgdn>G");
    assert!(app.effects.is_empty(), "{:?}", app.effects);
    press(&mut app, "kj");
    assert_eq!(app.effects.len(), 1, "it moved");
}

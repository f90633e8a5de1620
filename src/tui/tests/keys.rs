//! Other keys than usual: they work, they are told wherever a key is told, and those that cannot be are refused.

use std::collections::BTreeMap;

use crate::tui::keymap::Keys;
use crate::tui::keys::{Scope, TABLE};
use crate::tui::state::{Mode, State};

use super::{App, demo, dialog, press};

fn remapped(wishes: &[(&str, &[&str])]) -> Result<Keys, Vec<String>> {
    let wishes: BTreeMap<String, Vec<String>> = wishes
        .iter()
        .map(|(name, keys)| (name.to_string(), keys.iter().map(|key| key.to_string()).collect()))
        .collect();
    Keys::remapped(&wishes).map_err(|problems| {
        let told = |problem: crate::domain::Problem| format!("{} {}", problem.message, problem.hint);
        problems.into_iter().map(told).collect()
    })
}

fn app_with(wishes: &[(&str, &[&str])], width: u16) -> App {
    let mut setup = demo::setup();
    setup.keys = remapped(wishes).unwrap();
    let mut app = App::with(State::new(setup), width, 24);
    app.refresh(demo::signups());
    app.effects.clear();
    app
}

#[test]
fn the_usual_keys_have_one_meaning_in_each_place() {
    assert!(remapped(&[]).is_ok());
}

#[test]
fn in_the_table_only_capitals_write_and_x() {
    let writing = TABLE
        .iter()
        .filter(|binding| binding.scope == Scope::Table && binding.writes);
    for binding in writing {
        let capital = |key: &&str| *key == "x" || key.chars().all(char::is_uppercase);
        assert!(binding.keys.iter().all(capital), "{:?}", binding.command);
    }
}

#[test]
fn every_command_that_a_sentence_names_is_one() {
    let names: Vec<&str> = TABLE
        .iter()
        .filter(|binding| binding.scope == Scope::Table)
        .map(|binding| binding.command.name())
        .collect();
    for binding in TABLE {
        for named in binding.help.split('{').skip(1) {
            let name = named.split('}').next().unwrap();
            assert!(names.contains(&name), "{name}");
        }
        for key in binding.keys.iter().filter_map(|key| key.strip_prefix('@')) {
            assert!(names.contains(&key), "{key}");
        }
    }
    let mut unique = names.clone();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), names.len(), "two commands share a name");
}

#[test]
fn a_key_of_ones_own_works_and_is_told_wherever_the_usual_one_was() {
    let mut app = app_with(
        &[
            ("fix", &["M"]),
            ("help", &["F1"]),
            ("refresh", &["r", "f5"]),
            ("detail", &["o"]),
            ("back", &["b"]),
            ("broken-only", &["B"]),
        ],
        120,
    );
    let footer = |app: &mut App| app.screen().lines().last().unwrap().to_string();
    assert_eq!(
        footer(&mut app),
        " o detail  M fix  Space mark  d plan  / filter  B broken  a mark all  t sotce  r refresh  p unmask  : palette  F1 help"
    );
    press(&mut app, "F");
    assert!(matches!(app.state.mode, Mode::Table), "F has no meaning any more");
    press(&mut app, "M");
    assert!(dialog(&mut app).contains("Mend 1 user of aesthetic"));
    press(&mut app, "nd");
    assert!(footer(&mut app).contains("M fix"), "{}", footer(&mut app));
    press(&mut app, "M");
    assert!(matches!(app.state.mode, Mode::Confirm { .. }), "in the plan too");
    press(&mut app, "n<f5>");
    assert!(app.screen().contains("It is being read right now.") || !app.effects.is_empty());
    // Its own key closes the help again.
    press(&mut app, "<f1>");
    app.resize(120, 60);
    let help = dialog(&mut app);
    for line in [
        "         M  mend the marked, or the user under the cursor; asks first",
        "         d  what M would do, without doing it",
        "      r F5  read the newest signups again, now",
        "        F1  this help",
    ] {
        assert!(help.contains(line), "{line}: {help}");
    }
    press(&mut app, "<f1>");
    assert!(matches!(app.state.mode, Mode::Table));
    // Hints.
    press(&mut app, "]");
    assert!(
        app.screen()
            .contains("o opens the detail, which this key scrolls.")
    );
    press(&mut app, "/nobody<enter>");
    assert!(app.screen().contains("No signup matches the filter. b drops it."));
    press(&mut app, "b");
    assert!(!app.state.shown.is_empty());
}

/// Whoever moves by other keys in the table does so in a dialog.
#[test]
fn dialogs_are_scrolled_with_the_keys_of_the_table() {
    let mut app = app_with(&[("down", &["n", "down"]), ("up", &["b", "up"])], 80);
    press(&mut app, "n?nn");
    assert_eq!(app.state.cursor_at, 1);
    assert!(matches!(app.state.mode, Mode::Help { scroll: 2 }));
    press(&mut app, "b");
    assert!(matches!(app.state.mode, Mode::Help { scroll: 1 }));
    // But what a dialog needs for an answer is its answer.
    press(&mut app, "<esc>Fn");
    assert!(matches!(app.state.mode, Mode::Table));
    assert!(app.effects.is_empty());
}

#[test]
fn the_columns_follow_the_keys_of_the_table() {
    let mut app = app_with(
        &[
            ("down", &["n", "down"]),
            ("columns", &["C"]),
            ("sort", &["o"]),
            ("quit", &["Q"]),
        ],
        120,
    );
    press(&mut app, "c");
    assert!(matches!(app.state.mode, Mode::Table), "c has no meaning any more");
    press(&mut app, "Cnno");
    assert_eq!(app.state.sort.name(), "user");
    assert!(app.screen().contains(" o sort by it "), "{}", app.screen());
    press(&mut app, "sq");
    assert!(matches!(app.state.mode, Mode::Columns { at: 2 }));
    for keys in ["C", "CQ"] {
        press(&mut app, keys);
        assert!(matches!(app.state.mode, Mode::Table), "{keys}");
    }
    // By its name too.
    press(&mut app, ":columns<enter>");
    assert!(matches!(app.state.mode, Mode::Columns { .. }));
}

#[test]
fn keys_that_cannot_be_are_refused_one_by_one() {
    assert_eq!(
        remapped(&[
            ("fix", &["m"]),
            ("fixx", &["X"]),
            ("quit", &["ctrl-c"]),
            ("refresh", &["hyper-r"]),
            ("sort", &["ctrl-i"]),
            ("tenant", &[""]),
            ("yes", &["j"]),
        ])
        .unwrap_err(),
        [
            "[keys] fix = \"m\": it writes, and a small letter is pressed too easily. Lower case looks, upper case \
             writes: choose a capital, a ctrl key or a function key.",
            "[keys] names fixx, which is no command of the dashboard. Is it fix? The palette lists all commands.",
            "[keys] quit = \"ctrl-c\": ctrl-c always asks whether to quit. Choose another key.",
            "[keys] refresh = \"hyper-r\": no terminal tells of such a key. A key is one character, or such as f5, \
             ctrl-r, space, enter, tab, home, pgdn, shift-up.",
            "[keys] sort = \"ctrl-i\": terminals cannot tell it from Tab or Enter. Choose another key.",
            "[keys] tenant = \"\": no terminal tells of such a key. A key is one character, or such as f5, ctrl-r, \
             space, enter, tab, home, pgdn, shift-up.",
            "[keys] names yes, which is no command of the dashboard. The palette of the dashboard lists all commands; \
             assets/keys.md does too.",
        ]
    );
    assert_eq!(
        remapped(&[("fix", &["R"])]).unwrap_err(),
        ["[keys] makes R mean both fix and retry in the table. Give one of them another key."]
    );
    // Exchanged, they do not clash; and what cancels a job keeps the small letter that it has.
    assert!(remapped(&[("fix", &["R"]), ("retry", &["F"]), ("cancel", &["x", "X"])]).is_ok());
    assert!(remapped(&[("refresh", &["Ctrl+R", "F5", "PgDn"]), ("page-down", &["ctrl-f"])]).is_ok());
}

#[test]
fn what_suspends_holds_in_every_dialog() {
    let mut app = app_with(&[("suspend", &["ctrl-s"])], 80);
    for keys in ["?<ctrl-s>", "<esc>/<ctrl-s>", "<esc>:<ctrl-s>"] {
        app.effects.clear();
        press(&mut app, keys);
        assert_eq!(app.effects, [crate::tui::message::Effect::Suspend], "{keys}");
    }
}

//! The screen comes back as it was left, and without what must not be kept.

use crate::tui::memory::{Memory, View};
use crate::tui::state::State;

use super::{App, demo, press};

fn again(memory: &Memory, change: impl FnOnce(&mut crate::tui::setup::Setup)) -> App {
    let mut setup = demo::setup();
    change(&mut setup);
    let mut state = State::new(setup);
    state.recall(&Memory::read(&memory.write()).unwrap());
    let mut app = App::with(state, 120, 40);
    app.refresh(demo::signups());
    app
}

#[test]
fn the_screen_comes_back_as_it_was_left() {
    let mut app = App::of_demo(120, 40);
    press(
        &mut app,
        "<space><space>p:freeze<enter>z:zone<enter>/pds:missing<enter>!sScJ<esc>",
    );
    let memory = app.state.memory();
    assert_eq!(
        memory.write(),
        r#"{
  "version": 1,
  "tenant": "aesthetic",
  "filter": "pds:missing",
  "broken_only": true,
  "sort": "-user",
  "columns": [
    "tenant",
    "age",
    "user",
    "handle",
    "auth0",
    "mongo",
    "code",
    "did",
    "pds",
    "finding",
    "job"
  ],
  "utc": false,
  "recent": [
    "zone",
    "freeze"
  ]
}
"#
    );
    let back = again(&memory, |_| {});
    assert_eq!(back.state.memory(), memory);
    assert_eq!(back.state.shown, app.state.shown);
    assert!(back.state.marks.is_empty() && back.state.masked);
}

#[test]
fn what_is_not_there_any_more_is_left_out() {
    let mut app = App::of_demo(120, 40);
    press(&mut app, "tt/mira<enter>");
    let all = app.state.memory();
    assert!(again(&all, |_| {}).state.shows_all_tenants());
    press(&mut app, "tt");
    let sotce = app.state.memory();
    assert_eq!(again(&sotce, |_| {}).state.chosen(), ["sotce"]);
    let alone = |setup: &mut crate::tui::setup::Setup| drop(setup.tenants.pop());
    for memory in [&all, &sotce] {
        assert_eq!(again(memory, alone).state.chosen(), ["aesthetic"]);
    }
    // A view that is gone is a handle that nobody has; the filter is on the screen, and Esc drops it.
    let mut setup = demo::setup();
    setup.views = vec![View::new("night", "pds:missing", None, None).unwrap()];
    let mut app = App::with(State::new(setup), 120, 40);
    press(&mut app, "/@night<enter>");
    let mut back = again(&app.state.memory(), |_| {});
    assert!(
        back.screen().contains("filter @night  0 of 18"),
        "{}",
        back.screen()
    );
}

#[test]
fn what_the_palette_was_used_for_is_kept_and_unknown_names_are_dropped() {
    let mut app = App::of_demo(80, 24);
    press(&mut app, ":freeze<enter>:copy command<enter>:mark all<enter>");
    let memory = app.state.memory();
    let mut back = again(&memory, |_| {});
    assert_eq!(back.state.recent, app.state.recent);
    press(&mut back, ":");
    let shown = crate::tui::tests::dialog(&mut back);
    let third = |n: usize| {
        shown
            .lines()
            .nth(n)
            .unwrap()
            .contains(["mark-all", "copy-command", "freeze"][n - 3])
    };
    assert!((3..6).all(third), "{shown}");
    let strange = memory
        .write()
        .replace("\"freeze\"", "\"teleport\", \"yes\", \"freeze\"");
    let memory = Memory::read(&strange).unwrap();
    assert_eq!(again(&memory, |_| {}).state.recent, app.state.recent);
    // A dialog's answer is no command of the palette; and no file makes the list longer than it is.
    let many = memory.write().replace(
        "\"freeze\"",
        &["\"fix\", \"plan\", \"jobs\", \"log\""; 3].join(", "),
    );
    assert_eq!(again(&Memory::read(&many).unwrap(), |_| {}).state.recent.len(), 5);
}

/// As the version before wrote it.
#[test]
fn an_older_memory_is_still_read() {
    let text = r#"{"version": 1, "tenant": "aesthetic", "filter": "pds:missing", "broken_only": false,
        "sort": "age", "columns": ["age", "user"], "utc": true}"#;
    let memory = Memory::read(text).unwrap();
    let app = again(&memory, |_| {});
    assert_eq!(app.state.filter.text, "pds:missing");
    assert!(app.state.recent.is_empty());
}

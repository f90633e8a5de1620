//! How it behaves: what is told below it, whom its keys mean, what it does when its user goes, and how it asks for a history.

use crossterm::event::{Event, MouseButton, MouseEventKind};

use super::*;
use crate::tui::columns::Column;
use crate::tui::state::Mode;
use crate::tui::tests::mouse::{click, mouse};

#[test]
fn what_is_told_stands_below_it_and_not_over_it() {
    let mut app = whole(80, 24, 0);
    tell(&mut app, "mira", Ok(deeds("mira")));
    press(&mut app, "123");
    let screen = app.screen();
    let last: Vec<&str> = screen.lines().skip(18).collect();
    assert_eq!(
        last.join("\n"),
        "\
│            users.atproto.did       – → the DID from the PDS                  │
│            users.atproto.handle    – → ac26….at.example.com (by the code)   ↓│
└──────────────────────────────────────────────────────────────────────────────┘
 Nothing was copied. PLC document: no DID yet.
 Nothing was copied. PLC log: no DID yet.
 Esc back  F fix  ↑↓ user  [ scroll  1-9 copy  p unmask  : palette  ? help"
    );
    // Its end is reached all the same.
    press(&mut app, "<pgdn><pgdn><pgdn><pgdn><pgdn>");
    let screen = app.screen();
    assert!(
        screen.contains("o….at.example.com → m….at.example.com"),
        "{screen}"
    );
    app.resize(60, 15);
    for toasts in ["", "1", "23", "45678"] {
        press(&mut app, toasts);
        let screen = app.screen();
        let frame = |corner| screen.lines().filter(|line| line.starts_with(corner)).count();
        assert_eq!((frame('┌'), frame('└')), (1, 1), "{screen}");
    }
}

#[test]
fn it_never_becomes_another_users_by_itself() {
    let mut app = whole(80, 24, 0);
    let mut others = demo::signups();
    others.retain(|signup| signup.key != "auth0|mira");
    app.refresh(others.clone());
    assert!(app.state.whole_detail().is_none() && app.state.detail.is_some());
    let screen = app.screen();
    assert!(
        screen.contains("auth0|mira is not among the signups any more: back to the table."),
        "{screen}"
    );
    app.effects.clear();
    press(&mut app, "5");
    assert!(app.effects.is_empty(), "a digit means nobody else");
    // Whom a walk did not look at stays there.
    let mut app = App::new(80, 24);
    app.refresh(vec![demo::whole("chen", 5)]);
    press(&mut app, "<enter><enter>");
    let newer = demo::whole("mira", 4);
    app.refresh(vec![newer]);
    assert!(
        app.state.whole_detail().is_some(),
        "older than what was looked at"
    );
}

#[test]
fn fix_in_a_plan_is_about_the_users_of_that_plan() {
    let mut app = whole(80, 24, 0);
    press(&mut app, "d");
    let mut others = demo::signups();
    others.retain(|signup| signup.key != "auth0|mira");
    app.refresh(others);
    press(&mut app, "F");
    assert!(matches!(app.state.mode, Mode::Plan(_)), "{}", app.screen());
    assert!(
        said(&app.screen()).contains("whom this is about is not among the signups any more"),
        "{}",
        app.screen()
    );
    // And so it is where the cursor went on meanwhile.
    let mut app = App::of_demo(80, 24);
    press(&mut app, "d");
    app.state.cursor = app.state.shown.get(4).cloned();
    press(&mut app, "Fy");
    let started: Vec<String> = app.started().into_iter().map(|target| target.key).collect();
    assert_eq!(started, ["auth0|mira"]);
}

#[test]
fn frozen_whom_a_key_brought_there_is_asked_about_once() {
    let mut app = whole(120, 40, 0);
    tell(&mut app, "mira", Ok(Vec::new()));
    press(&mut app, "z");
    app.effects.clear();
    press(&mut app, "j");
    for _ in 0..40 {
        app.pass(1);
    }
    assert_eq!(asked_for_history(&app), ["auth0|kato"]);
    tell(&mut app, "kato", Ok(Vec::new()));
    assert!(!app.screen().contains("reading…"), "{}", app.screen());
    app.pass(60);
    assert_eq!(asked_for_history(&app), ["auth0|kato"]);
}

fn fails(app: &mut App, name: &str) {
    let outcome = Outcome::Failed;
    let error = Some(Problem::new(
        Class::Unavailable,
        "The PDS did not answer.",
        "Wait, and retry.",
    ));
    app.job(&target(name), JobNews::Finished { outcome, error });
}

#[test]
fn retry_there_is_about_the_user_who_is_shown() {
    let mut app = App::of_demo(80, 24);
    press(&mut app, "<space><space>Fy");
    app.run(RunNews::Registered { total: 2 });
    for name in ["mira", "kato"] {
        app.job(&target(name), JobNews::Started);
        fails(&mut app, name);
    }
    app.run(RunNews::Ended);
    app.effects.clear();
    press(&mut app, "g");
    app.resize(160, 40);
    assert!(footer(&mut app).contains("R retry 2"), "{}", footer(&mut app));
    press(&mut app, "<enter><enter>");
    assert!(footer(&mut app).contains("R retry  "), "{}", footer(&mut app));
    press(&mut app, "R");
    assert!(dialog(&mut app).contains("Retry 1 user"), "{}", app.screen());
    press(&mut app, "y");
    let started: Vec<String> = app.started().into_iter().map(|target| target.key).collect();
    assert_eq!(started, ["auth0|mira"]);
    // Of whom nothing failed, it says so, from the palette too.
    for keys in ["jjR", ":retry<enter>"] {
        press(&mut app, keys);
        let screen = app.screen();
        assert!(
            screen.contains(
                "No job failed on this user; Esc goes back to the table, where R is about everybody."
            ),
            "{screen}"
        );
        assert!(app.state.whole_detail().is_some(), "{keys}");
        app.pass(30);
    }
}

#[test]
fn the_keys_of_the_table_go_back_to_it_and_do_what_they_do() {
    for keys in [
        "a",
        "v",
        "e",
        "J",
        "/",
        "!",
        "t",
        "s",
        "S",
        "c",
        "+",
        "<shift-down>",
    ] {
        let mut app = whole(80, 24, 0);
        press(&mut app, "Fy");
        app.run(RunNews::Registered { total: 1 });
        let before = app.state.clone();
        press(&mut app, keys);
        assert!(app.state.whole_detail().is_none(), "{keys}");
        let did = match keys {
            "a" => app.state.marks.len() == app.state.shown.len(),
            "v" => app.state.range.is_some(),
            "e" => matches!(app.state.mode, Mode::Export { .. }),
            "J" => app.state.jobs_open,
            "/" => matches!(app.state.mode, Mode::Filter { .. }),
            "!" => app.state.broken_only,
            "t" => app.state.choice == before.choice + 1,
            "s" => app.state.sort.by != Column::Age,
            "S" => app.state.sort.reversed,
            "c" => matches!(app.state.mode, Mode::Columns { .. }),
            "+" => app
                .effects
                .iter()
                .any(|effect| matches!(effect, Effect::LoadOlder { .. })),
            _ => app.state.cursor_at == before.cursor_at + 1 && app.state.marks.len() == 2,
        };
        assert!(did, "{keys}: {}", app.screen());
    }
    // What does nothing now says why, and moves nothing.
    for (key, why) in [("u", "Nobody is marked."), ("i", "concerns many")] {
        let mut app = App::new(80, 24);
        app.refresh(vec![demo::whole("chen", 5)]);
        press(&mut app, "<enter><enter>");
        press(&mut app, key);
        assert!(app.screen().contains(why), "{key}: {}", app.screen());
        assert!(app.state.whole_detail().is_some(), "{key}");
    }
    // What is about no table leaves it alone.
    let mut app = whole(80, 24, 0);
    press(&mut app, "<ctrl-z><ctrl-c><esc>");
    assert!(app.state.whole_detail().is_some());
}

fn silent() -> Problem {
    Problem::new(
        Class::Unavailable,
        "mongo does not answer.",
        "Look whether it runs.",
    )
}

#[test]
fn a_history_that_was_read_stays_when_it_cannot_be_read_anew() {
    let mut app = whole(120, 60, 0);
    tell(&mut app, "mira", Ok(deeds("mira")));
    tell(&mut app, "mira", Err(silent()));
    let shown = said(&frame(&mut app));
    assert!(
        shown.contains("History mongo does not answer. What follows was read before that. run 81bb"),
        "{shown}"
    );
    tell(&mut app, "mira", Ok(deeds("mira")));
    assert!(
        !app.screen().contains("mongo does not answer. What"),
        "{}",
        app.screen()
    );
    // In the dialog too.
    press(&mut app, "H");
    tell(&mut app, "mira", Ok(deeds("mira")));
    tell(&mut app, "mira", Err(silent()));
    assert!(
        dialog(&mut app).contains("why: the PDS was moved"),
        "{}",
        app.screen()
    );
}

#[test]
fn it_asks_one_at_a_time_slower_where_it_fails_and_where_nobody_looks() {
    let mut app = whole(120, 40, 0);
    app.effects.clear();
    let asked_within = |app: &mut App, seconds: i64| {
        app.effects.clear();
        for _ in 0..seconds {
            app.pass(1);
        }
        asked_for_history(app).len()
    };
    assert_eq!(asked_within(&mut app, 60), 0, "the answer is on its way");
    tell(&mut app, "mira", Err(silent()));
    let waited = asked_within(&mut app, 1);
    assert_eq!(waited, 1, "long enough ago");
    tell(&mut app, "mira", Err(silent()));
    assert_eq!(asked_within(&mut app, 59), 0, "it failed twice");
    assert_eq!(asked_within(&mut app, 1), 1);
    tell(&mut app, "mira", Ok(Vec::new()));
    app.send(Message::Terminal(Event::FocusLost));
    assert_eq!(asked_within(&mut app, 59), 0, "nobody looks");
    assert_eq!(asked_within(&mut app, 1), 1);
    // A job that ends while it waits: what is on its way may be of before.
    app.effects.clear();
    fails(&mut app, "mira");
    assert!(asked_for_history(&app).is_empty());
    tell(&mut app, "mira", Ok(Vec::new()));
    assert_eq!(asked_for_history(&app), ["auth0|mira"]);
    // An answer that never comes is given up.
    assert_eq!(asked_within(&mut app, 121), 1);
}

#[test]
fn the_wheel_scrolls_it_everywhere_and_a_click_copies_nothing_by_chance() {
    let mut app = whole(120, 24, 0);
    press(&mut app, "m");
    app.effects.clear();
    for row in [0, 10, 22, 23] {
        mouse(&mut app, MouseEventKind::ScrollDown, 5, row);
        assert!(app.screen().contains("auth0|mira ── 1 of 18"), "{row}");
    }
    let scrolled = app.state.detail.as_ref().map(|detail| detail.scroll);
    assert!(scrolled > Some(3), "{scrolled:?}");
    app.pass(30);
    click(&mut app, "1-9 copy");
    assert!(
        !app.effects
            .iter()
            .any(|effect| matches!(effect, Effect::Copy { .. }))
    );
    assert!(app.screen().contains("1 to 9 copy what stands beside them."));
    mouse(&mut app, MouseEventKind::Down(MouseButton::Left), 5, 10);
    assert!(app.state.whole_detail().is_some());
}

#[test]
fn what_stayed_as_it_was_is_no_change() {
    let mut app = whole(120, 60, 0);
    let mut told = deeds("mira");
    let same = |field| Change {
        field,
        before: Some("did:plc:same".into()),
        after: Some("did:plc:same".into()),
    };
    told[1]
        .changes
        .extend([same(Field::RecordedDid), same(Field::Password)]);
    tell(&mut app, "mira", Ok(told.clone()));
    let shown = frame(&mut app);
    assert!(!shown.contains("recorded DID"), "{shown}");
    assert!(
        shown.contains("sync-handle") && shown.contains("password"),
        "{shown}"
    );
    // What became of it nobody wrote down: what was is all there is.
    told[1].outcome = None;
    tell(&mut app, "mira", Ok(told));
    assert!(said(&frame(&mut app)).contains("recorded DID was did:plc:same"));
}

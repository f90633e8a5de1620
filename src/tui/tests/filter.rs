//! A filter as it is typed: what is proposed, what is complained of and when, and the saved views.

use crate::tui::columns::Column;
use crate::tui::memory::View;
use crate::tui::state::{Mode, State};

use super::{App, demo, press};

/// The line that is typed, and the one below it.
fn end(app: &mut App) -> (String, String) {
    let screen = app.screen();
    let mut lines = screen.lines().rev().map(String::from);
    let (below, typed) = (lines.next().unwrap(), lines.next().unwrap());
    (typed, below)
}

fn of_views(width: u16) -> App {
    let mut setup = demo::setup();
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_string()).collect::<Vec<_>>();
    let columns = names(&["sub", "user"]);
    setup.views = vec![
        View::new("night", "pds:missing", Some("-user"), Some(&columns)).unwrap(),
        View::new("drift", "finding:*drift", None, None).unwrap(),
    ];
    let mut app = App::with(State::new(setup), width, 24);
    app.refresh(demo::signups());
    app
}

#[test]
fn a_word_that_cannot_be_understood_is_pointed_at() {
    let mut app = App::of_demo(100, 24);
    press(&mut app, "/pds:missing ");
    assert_eq!(app.state.shown.len(), 3);
    press(&mut app, "auth0:mi");
    let (_, below) = end(&mut app);
    assert_eq!(below, " Tab  missing", "it may become a word");
    press(&mut app, "ssing age>2m auth0:x");
    let (typed, below) = end(&mut app);
    assert_eq!(typed, " / pds:missing auth0:missing age>2m auth0:x");
    assert_eq!(
        below,
        " a state is one of ok, waiting, missing, drift, running, unknown"
            .trim_end()
            .to_string()
    );
    // What was understood last goes on holding.
    assert_eq!(app.state.filter.text, "pds:missing auth0:missing age>2m");
    press(&mut app, "<esc>/pds:mising");
    let (_, below) = end(&mut app);
    assert_eq!(
        below,
        "       ^^^^^^ a state is one of ok, waiting, missing, drift, running, unknown"
    );
    press(&mut app, "<enter>");
    assert!(
        matches!(app.state.mode, Mode::Filter { .. }),
        "it is not accepted"
    );
    press(&mut app, "<esc>");
    assert_eq!(app.state.shown.len(), 18);
}

#[test]
fn what_is_unfinished_is_complained_of_by_enter_alone() {
    for typed in ["pds:", "-", "age>2", "\"free wor", "finding:", "job:"] {
        let mut app = App::of_demo(120, 24);
        press(&mut app, "/");
        press(&mut app, typed);
        assert!(!end(&mut app).1.contains('^'), "{typed}");
        press(&mut app, "<enter>");
        assert!(end(&mut app).1.contains('^'), "{typed}: {}", end(&mut app).1);
        press(&mut app, "<left>");
        press(&mut app, "<esc>");
        assert_eq!(app.state.shown.len(), 18, "{typed}");
    }
}

#[test]
fn tab_goes_through_what_may_follow() {
    let mut app = App::of_demo(80, 24);
    press(&mut app, "/");
    let (_, below) = end(&mut app);
    assert_eq!(
        below,
        " Tab  auth0:  mongo:  code:  did:  pds:  finding:  is:  tenant:  email:  handle:…"
            .replace("  handle:…", " …")
    );
    press(&mut app, "pd<tab>");
    let (typed, below) = end(&mut app);
    assert_eq!(typed, " / pds:");
    assert_eq!(
        below, " Tab  ok  waiting  missing  drift  running  unknown",
        "there was only one"
    );
    press(&mut app, "<tab><tab><tab>");
    assert_eq!(end(&mut app).0, " / pds:missing");
    assert_eq!(app.state.shown.len(), 3, "it holds at once");
    press(&mut app, "<backtab>");
    assert_eq!(end(&mut app).0, " / pds:waiting");
    press(&mut app, "<tab><tab><tab><tab><tab><tab>");
    assert_eq!(end(&mut app).0, " / pds:waiting", "it goes round");
    press(&mut app, "<tab> -fin<tab>drift<tab><enter>");
    assert_eq!(app.state.filter.text, "pds:missing -finding:handle-drift");
    assert!(matches!(app.state.mode, Mode::Table));
    // In the middle of a line, what stands behind stays.
    press(&mut app, "/<esc>/<ctrl-a>is<tab>bro<tab> ");
    assert!(
        end(&mut app).0.starts_with(" / is:broken pds:missing"),
        "{}",
        end(&mut app).0
    );
}

#[test]
fn a_saved_view_is_chosen_by_its_name() {
    let mut app = of_views(120);
    press(&mut app, "/@");
    assert_eq!(end(&mut app).1, " Tab  @night  @drift");
    press(&mut app, "n<tab>");
    assert_eq!(app.state.shown.len(), 3);
    assert_eq!(app.state.sort.by, Column::Age, "looked at, not yet chosen");
    press(&mut app, "<enter>");
    assert_eq!(app.state.sort.name(), "-user");
    assert_eq!(app.state.layout.names()[..2], ["sub", "user"]);
    let screen = app.screen();
    assert!(screen.contains("filter @night  3 of 18"), "{screen}");
    assert!(screen.contains("   SUB"), "{screen}");
    let keys: Vec<&str> = app.state.shown.iter().map(|id| id.key.as_str()).collect();
    assert_eq!(keys, ["auth0|orla", "auth0|mira", "auth0|kato"]);
    press(&mut app, "/kato<enter>");
    assert_eq!(
        (app.state.filter.text.as_str(), app.state.shown.len()),
        ("@night kato", 1)
    );
    press(&mut app, "<esc>/@drift<enter>");
    assert_eq!(app.state.shown.len(), 1);
    assert_eq!(
        app.state.layout.names()[..2],
        ["sub", "user"],
        "it says nothing of columns"
    );
}

#[test]
fn an_age_holds_on_while_time_passes() {
    let mut app = App::of_demo(120, 24);
    press(&mut app, "/");
    for key in ["a", "g", "e", "<"] {
        let code = crossterm::event::KeyCode::Char(key.chars().next().unwrap());
        let event = crossterm::event::KeyEvent::from(code);
        app.send(crate::tui::message::Message::Terminal(
            crossterm::event::Event::Key(event),
        ));
    }
    press(&mut app, "5m<enter>");
    assert_eq!(app.state.shown.len(), 1);
    app.pass(130);
    assert_eq!(app.state.shown.len(), 0);
}

#[test]
fn the_cursor_comes_home_while_a_filter_is_typed() {
    let mut app = App::of_demo(80, 24);
    press(&mut app, "jjj");
    let home = app.state.cursor.clone();
    press(&mut app, "/ka");
    assert_eq!(app.state.cursor.as_ref().unwrap().key, "auth0|kato");
    press(&mut app, "<backspace><backspace>");
    assert_eq!(app.state.cursor, home);
    press(&mut app, "kato<esc>");
    assert_eq!(app.state.cursor, home);
    // On the way to a field nothing flickers.
    for typed in ["/p", "d", "s", ":", "mi", "ss"] {
        press(&mut app, typed);
        assert_eq!(app.state.shown.len(), 18, "{typed}");
    }
    press(&mut app, "ing");
    assert_eq!(app.state.shown.len(), 3);
}

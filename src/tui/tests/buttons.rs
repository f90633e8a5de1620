//! Dialogs under the mouse: a button does what its key does, and nothing else does anything. And what the question before a
//! fix says of whom.

use crossterm::event::{MouseButton, MouseEventKind};

use super::mouse::{click, mouse};
use super::resumes::open;
use super::runs::{broken, running};
use super::{App, demo, dialog, press, said};
use crate::tui::message::{Effect, Message};
use crate::tui::state::{Mode, State};

const LEFT: MouseEventKind = MouseEventKind::Down(MouseButton::Left);

fn asked() -> App {
    let mut app = App::of_demo(80, 24);
    press(&mut app, "mF");
    assert!(dialog(&mut app).contains("Mend 1 user"));
    app
}

/// Clicks every cell but those of these texts.
fn click_all_but(app: &mut App, spared: &[&str]) {
    let screen = app.screen();
    for (row, line) in screen.lines().enumerate() {
        let cells: Vec<char> = line.chars().collect();
        for column in (row % 4..80).step_by(4) {
            let is_spared = spared.iter().any(|text| {
                let (at, length) = match line.find(text) {
                    Some(at) => (line[..at].chars().count(), text.chars().count()),
                    None => return false,
                };
                (at..at + length).contains(&column)
            });
            // The last line has keys of its own.
            if !is_spared && row + 1 < screen.lines().count() && column < cells.len() {
                mouse(app, LEFT, column as u16, row as u16);
            }
        }
    }
}

#[test]
fn nothing_but_a_button_answers() {
    let mut app = asked();
    let before = app.screen();
    click_all_but(&mut app, &["[ n: Cancel ]", "[ y: Mend 1 user ]"]);
    assert_eq!(app.screen(), before);
    assert!(app.effects.is_empty());
    click(&mut app, "[ n: Cancel ]");
    assert!(matches!(app.state.mode, Mode::Table) && app.started().is_empty());
    assert!(app.screen().contains("Nothing was changed."));
}

#[test]
fn a_click_on_go_does_what_its_key_does() {
    let mut app = asked();
    click(&mut app, "y: Mend 1 user ]");
    assert_eq!(app.started().len(), 1);
    // While the mouse is off, it is the terminal's.
    let mut app = App::of_demo(80, 24);
    press(&mut app, "F");
    click(&mut app, "y: Mend 1 user ]");
    assert!(app.started().is_empty());
}

#[test]
fn the_offer_and_the_question_before_quitting_are_answered_too() {
    let run = || "81bb0000".to_string();
    for (button, wanted) in [
        ("n: Later", None),
        ("y: Go on", Some(Effect::Resume { run: run() })),
        ("x: Cancel the run", Some(Effect::CancelRun { run: run() })),
    ] {
        let mut app = App::of_demo(80, 24);
        press(&mut app, "m");
        let open = open(&app, "81bb0000", None);
        app.send(Message::Interrupted(vec![open]));
        press(&mut app, "R");
        click(&mut app, button);
        assert_eq!(app.effects.pop(), wanted, "{button}");
        assert!(matches!(app.state.mode, Mode::Table), "{button}");
    }
    for (button, leaving, effects) in [
        ("n: Stay", false, vec![]),
        ("w: Wait", true, vec![]),
        ("l: Leave them", true, vec![Effect::Leave]),
    ] {
        let (mut app, _) = running(3, (80, 24));
        press(&mut app, "mq");
        click(&mut app, button);
        assert_eq!(
            (app.state.leaving, app.effects.clone()),
            (leaving, effects),
            "{button}"
        );
    }
    let mut idle = App::of_demo(80, 24);
    press(&mut idle, "m<ctrl-c>");
    click(&mut idle, "y: Quit");
    assert_eq!(idle.effects, [Effect::Quit]);
}

#[test]
fn the_question_says_how_many_are_below() {
    let mut app = broken(30, (80, 24));
    press(&mut app, "aF");
    let below = |app: &mut App| {
        let told = dialog(app);
        let last = told.trim_end().lines().last().unwrap().to_string();
        said(&last)
    };
    let first = below(&mut app);
    assert!(first.ends_with("more users below"), "{first}");
    // Below the two lines of their steps, each has a line.
    assert_eq!(first, "15 more users below");
    press(&mut app, "<down><down>");
    assert_eq!(below(&mut app), "13 more users below");
    press(&mut app, &"<pgdn>".repeat(9));
    assert_eq!(below(&mut app), "", "all are seen: {}", app.screen());
}

/// Whom it touches, whom not and why, whom the filter hides, in which tenants, and whether that is the real thing.
#[test]
fn the_question_says_all_that_will_be_done() {
    let mut setup = demo::setup();
    setup.badge = "at.example.com".into();
    let mut app = App::with(State::new(setup), 120, 50);
    app.refresh(demo::signups());
    press(&mut app, "a/-mira<enter>F");
    let told = said(&dialog(&mut app));
    for part in [
        "Mend 4 users of aesthetic · at.example.com",
        "1 of them is marked, but hidden by the filter, and stands at the end.",
        "2 users: ensure-code-index → create-user → create-account → record-account → verify k…@example.com auth0|kato o…@example.com auth0|orla",
        "1 user: ensure-code-index → create-user → create-account → record-account → verify hidden by the filter m…@example.com auth0|mira",
        "Nothing is done to 14 users: 1 user: Nothing is missing yet: the e-mail is not verified. v…@example.com auth0|vasil 11 users: This signup is whole.",
        "1 user: account-taken-down: The account is taken down. A moderator took it down on purpose; lift the takedown on the PDS if that is over. d…@example.com auth0|dina",
        "1 user: pds is unknown, so that nothing is done about it. e…@example.com auth0|emil",
        "[ n: Cancel ] [ y: Mend 4 users ]",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    press(&mut app, "y");
    let mut keys: Vec<String> = app.started().into_iter().map(|target| target.key).collect();
    keys.sort();
    assert_eq!(keys, ["auth0|kato", "auth0|mira", "auth0|orla", "auth0|zhuxin"]);
}

//! The question before quitting lies over whatever is open: who stays finds that again as it was.

use super::resumes::open;
use super::runs::{broken, ends, running};
use super::{App, dialog, press};
use crate::domain::Outcome;
use crate::domain::code_index::{Index, all_steps};
use crate::tui::message::{Effect, Message};
use crate::tui::state::Mode;

#[test]
fn who_stays_finds_the_reason_that_was_typed() {
    let mut app = broken(12, (80, 24));
    press(&mut app, "aFythe webhook was<ctrl-c>");
    assert!(app.screen().contains("Quit?"), "{}", app.screen());
    press(&mut app, "<tab><tab>n");
    assert!(dialog(&mut app).contains("> the webhook was"), "{}", app.screen());
    press(&mut app, " down<enter>");
    assert!(
        matches!(app.effects.as_slice(), [Effect::Start { reason: Some(reason), .. }] if reason == "the webhook was down"),
        "{:?}",
        app.effects
    );
}

#[test]
fn who_stays_finds_the_filter_with_its_way_back() {
    let mut app = App::of_demo(80, 24);
    let all = app.state.shown.len();
    press(&mut app, "/mira<ctrl-c><esc>");
    assert!(matches!(app.state.mode, Mode::Filter { .. }), "{}", app.screen());
    assert_eq!(app.state.shown.len(), 1);
    press(&mut app, "<esc>");
    assert_eq!(app.state.shown.len(), all);
    // Who leaves instead has not agreed to it.
    let (mut app, _) = running(3, (80, 24));
    press(&mut app, "/zzz<ctrl-c>w");
    assert!(
        app.state.leaving && app.state.filter.is_empty(),
        "{}",
        app.screen()
    );
    assert_eq!(app.state.shown.len(), 3);
}

#[test]
fn a_question_that_is_over_gives_back_what_lay_below_it() {
    let (mut app, targets) = running(1, (80, 24));
    press(&mut app, "?<ctrl-c>");
    ends(&mut app, &targets[0], Outcome::Done);
    assert!(matches!(app.state.mode, Mode::Help { .. }), "{}", app.screen());
    assert!(
        app.screen().contains("All jobs have ended; q quits."),
        "{}",
        app.screen()
    );
}

/// What was asked for goes on arriving, and what is over there is over.
#[test]
fn what_lies_below_is_told_of_meanwhile() {
    let mut app = super::systemic::answered(80, 24);
    press(&mut app, "I<ctrl-c>");
    let steps = all_steps(&[Index::on_code("code_1", true, true)]).unwrap();
    app.send(Message::IndexPlanned(Ok(steps)));
    press(&mut app, "n");
    assert!(dialog(&mut app).contains("drop code_1"), "{}", app.screen());

    let mut app = App::of_demo(80, 24);
    let run = open(&app, "81bb0000", None);
    app.send(Message::Interrupted(vec![run]));
    press(&mut app, "R<ctrl-c>");
    super::elsewhere::fate(&mut app, "81bb0000", crate::tui::message::Fate::Finished);
    assert!(app.screen().contains("Quit?"), "{}", app.screen());
    press(&mut app, "n");
    assert!(matches!(app.state.mode, Mode::Table), "{}", app.screen());
}

//! A run that is cancelled: what is said of it, before and after the store has heard of it.

use super::elsewhere::fate;
use super::resumes::open;
use super::runs::{pause, running, stops};
use super::{App, press};
use crate::domain::{Class, Problem};
use crate::tui::message::{Effect, Fate, Message};
use crate::tui::state::Mode;

#[test]
fn a_cancelled_run_stops_shouting() {
    let (mut app, targets) = running(12, (80, 24));
    stops(&mut app, &targets);
    press(&mut app, "Rx");
    assert_eq!(
        app.effects,
        [Effect::CancelRun {
            run: "7f3a0000".into()
        }]
    );
    // Nothing was done yet: it is neither said, nor offered again by a look that came too early.
    let run = open(&app, "7f3a0000", Some(pause(&app)));
    app.send(Message::Interrupted(vec![run]));
    fate(&mut app, "7f3a0000", Fate::Cancelled);
    let screen = app.screen();
    assert!(screen.contains("Cancelling run 7f3a."), "{screen}");
    assert!(
        !screen.contains("is cancelled") && !screen.contains("R resume"),
        "{screen}"
    );
    cancelled(&mut app, "7f3a0000", Ok(()));
    let screen = app.screen();
    assert!(
        screen.contains("Run 7f3a is cancelled: nothing more is done to 7 users."),
        "{screen}"
    );
    assert!(!screen.contains("stopped after"), "{screen}");
    assert!(screen.contains("R retry 5"), "{screen}");
}

pub fn cancelled(app: &mut App, run: &str, told: Result<(), Problem>) {
    let run = run.to_string();
    app.send(Message::RunCancelled { run, told });
}

#[test]
fn a_run_that_could_not_be_cancelled_is_offered_again() {
    let refused = || Problem::new(Class::Conflict, "It is worked on by ivo@desk.", "Wait.");
    let (mut app, targets) = running(12, (80, 24));
    stops(&mut app, &targets);
    press(&mut app, "Rx");
    cancelled(&mut app, "7f3a0000", Err(refused()));
    let screen = app.screen();
    assert!(
        screen.contains("Run 7f3a could not be cancelled: It is worked on by ivo@desk. Wait."),
        "{screen}"
    );
    assert!(screen.contains("run 7f3a stopped after 5"), "{screen}");
    press(&mut app, "R");
    assert!(matches!(app.state.mode, Mode::Resume { .. }));

    let mut app = App::of_demo(80, 24);
    let run = || open(&App::of_demo(80, 24), "81bb0000", None);
    app.send(Message::Interrupted(vec![run()]));
    press(&mut app, "Rx");
    app.send(Message::Interrupted(vec![run()]));
    assert!(!app.screen().contains("R resume 81bb"), "{}", app.screen());
    cancelled(&mut app, "81bb0000", Err(refused()));
    assert!(app.screen().contains("R resume 81bb"), "{}", app.screen());
}

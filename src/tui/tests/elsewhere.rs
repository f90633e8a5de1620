//! Runs at other hands: what this screen said and offered about them is over, and comes back when they stop again.

use super::resumes::open;
use super::runs::{pause, running, stops};
use super::{App, demo, dialog, press};
use crate::domain::{Class, JobNews, Outcome, Problem, RunNews};
use crate::services::health::Liveness;
use crate::tui::message::{Effect, Elsewhere, Fate, Message};
use crate::tui::shell::left_behind;
use crate::tui::state::Mode;

pub fn fate(app: &mut App, run: &str, fate: Fate) {
    let run = run.to_string();
    app.send(Message::Elsewhere(vec![Elsewhere { run, fate }]));
}

fn by_ivo() -> Fate {
    Fate::WorkedOn("ivo@desk".into())
}

#[test]
fn a_run_that_somebody_else_goes_on_with_stops_shouting() {
    let (mut app, targets) = running(12, (200, 40));
    stops(&mut app, &targets);
    app.effects.clear();
    // Not before it says so.
    app.send(Message::Elsewhere(Vec::new()));
    assert!(app.screen().contains("stopped after 5"));
    fate(&mut app, "7f3a0000", by_ivo());
    let screen = app.screen();
    assert!(
        screen.contains("Run 7f3a is worked on by ivo@desk now."),
        "{screen}"
    );
    assert!(!screen.contains("stopped after 5"), "{screen}");
    assert!(screen.contains("· worked on by ivo@desk"), "{screen}");
    assert!(
        screen.contains("R retry 5"),
        "those who failed here stay: {screen}"
    );
    assert_eq!(left_behind(&app.state), None, "it is nobody's here");
    fate(&mut app, "7f3a0000", Fate::Finished);
    assert!(
        app.screen().contains("· worked off elsewhere"),
        "{}",
        app.screen()
    );
}

#[test]
fn one_that_stops_again_elsewhere_is_offered_again() {
    let (mut app, targets) = running(3, (120, 40));
    for target in &targets {
        app.job(target, JobNews::Left);
    }
    app.run(RunNews::Ended);
    fate(&mut app, "7f3a0000", by_ivo());
    press(&mut app, "R");
    assert!(
        app.screen().contains("No job failed and no run stopped"),
        "{}",
        app.screen()
    );
    let run = open(&app, "7f3a0000", Some(pause(&app)));
    app.send(Message::Interrupted(vec![run]));
    press(&mut app, "R");
    let told = dialog(&mut app);
    assert!(
        told.contains("Run 7f3a of aesthetic: 15 of 20 users are left"),
        "{told}"
    );
}

#[test]
fn a_paused_run_that_stopped_of_another_cause_meanwhile_tells_that_one() {
    let (mut app, targets) = running(12, (120, 40));
    stops(&mut app, &targets);
    let problem = Problem::new(Class::Auth, "pds refused it.", "");
    let mut later = pause(&app);
    later.signature = crate::domain::run::Signature::of(None, &problem);
    later.problem = problem;
    let run = open(&app, "7f3a0000", Some(later));
    app.send(Message::Interrupted(vec![run]));
    let screen = app.screen();
    assert!(
        screen.contains("stopped after 5: looking at the user fails: pds refused it."),
        "{screen}"
    );
}

#[test]
fn one_that_was_cancelled_elsewhere_is_cancelled_here() {
    let (mut app, targets) = running(12, (120, 40));
    stops(&mut app, &targets);
    fate(&mut app, "7f3a0000", Fate::Cancelled);
    let screen = app.screen();
    assert!(screen.contains("Run 7f3a was cancelled elsewhere."), "{screen}");
    assert!(!screen.contains("stopped after"), "{screen}");
    assert_eq!(screen.matches("· cancelled").count(), 7, "{screen}");
}

#[test]
fn an_offer_that_is_over_closes_and_is_not_made_again() {
    let mut app = App::of_demo(80, 24);
    let run = open(&app, "81bb0000", None);
    app.send(Message::Interrupted(vec![run]));
    press(&mut app, "R");
    assert!(dialog(&mut app).contains("An interrupted run"));
    fate(&mut app, "81bb0000", by_ivo());
    app.send(Message::Interrupted(Vec::new()));
    assert!(matches!(app.state.mode, Mode::Table));
    assert!(
        app.screen().contains("Run 81bb is worked on by ivo@desk now."),
        "{}",
        app.screen()
    );
    app.pass(10);
    press(&mut app, "R");
    assert!(app.screen().contains("No job failed and no run stopped"));
}

#[test]
fn only_the_first_telling_asks_and_later_ones_wait_for_the_key() {
    let mut app = App::of_demo(120, 24);
    app.send(Message::Interrupted(Vec::new()));
    let run = open(&app, "81bb0000", None);
    app.send(Message::Interrupted(vec![run]));
    app.pass(1);
    let screen = app.screen();
    assert!(
        screen.contains("R resume 81bb") && !screen.contains("R resumes it."),
        "{screen}"
    );
}

/// What is gone on with here is not undone by what was true a moment ago.
#[test]
fn an_old_answer_takes_nothing_from_a_run_that_goes_on_here() {
    let (mut app, targets) = running(12, (120, 40));
    stops(&mut app, &targets);
    press(&mut app, "Ry");
    fate(&mut app, "7f3a0000", Fate::Finished);
    app.run(RunNews::Registered { total: 12 });
    let run = open(&app, "7f3a0000", Some(pause(&app)));
    app.job(&targets[0], JobNews::Queued);
    app.send(Message::Interrupted(vec![run]));
    let screen = app.screen();
    assert!(!screen.contains("stopped after"), "{screen}");
    assert_eq!(app.state.jobs.progress().total, 12);
}

#[test]
fn the_store_is_asked_about_runs_when_it_answers_again() {
    let store = |liveness| {
        let mut health = demo::health();
        let mongo = health.iter_mut().find(|health| health.name == "mongo");
        mongo.unwrap().liveness = liveness;
        Message::Health(health)
    };
    let mut app = App::of_demo(80, 24);
    app.send(store(Liveness::Down));
    assert!(app.effects.is_empty());
    app.send(store(Liveness::Up));
    assert_eq!(app.effects, [Effect::LookAtRuns]);
    app.send(store(Liveness::Up));
    assert_eq!(app.effects, [Effect::LookAtRuns]);
    // It never answered before: that is when the start asks.
    let run = open(&app, "81bb0000", None);
    app.send(Message::Interrupted(vec![run]));
    assert!(app.screen().contains("R resumes it."), "{}", app.screen());
}

#[test]
fn who_was_refused_is_retried_as_who_failed() {
    let (mut app, targets) = running(2, (120, 40));
    let error = || Some(Problem::new(Class::Refused, "Somebody has to decide.", ""));
    for (target, outcome) in targets.iter().zip([Outcome::Failed, Outcome::Refused]) {
        let error = error();
        app.job(target, JobNews::Finished { outcome, error });
    }
    app.run(RunNews::Ended);
    let screen = app.screen();
    assert!(screen.contains("R retry 2"), "{screen}");
    assert!(screen.contains("! refused: Somebody"), "{screen}");
    press(&mut app, "R");
    assert!(dialog(&mut app).contains("Retry 2 users"), "{}", app.screen());
}

#[test]
fn a_resumed_run_counts_those_whom_the_store_has() {
    let mut app = App::of_demo(120, 24);
    let run = open(&app, "7f3a0000", None);
    app.send(Message::Interrupted(vec![run]));
    press(&mut app, "Ry");
    let total = |app: &App| app.state.jobs.progress().total;
    assert_eq!(total(&app), 15, "as it was offered");
    // Somebody else did three of them meanwhile.
    app.run(RunNews::Registered { total: 12 });
    assert_eq!(total(&app), 12);
}

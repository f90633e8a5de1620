//! Who is counted in which run, and as what, whatever order the news come in.

use super::runs::{broken, ends, line, running};
use super::{App, demo, press};
use crate::domain::{Class, JobNews, Outcome, Problem, RunNews, Step};
use crate::tui::message::{Effect, Message, Target};
use crate::tui::shell::left_behind;

#[test]
fn what_could_not_be_written_down_was_not_started() {
    let mut app = broken(3, (120, 40));
    press(&mut app, "aFy");
    let problem = Problem::new(Class::Unavailable, "mongo does not answer.", "Try again.");
    app.run(RunNews::Refused(problem));
    let screen = app.screen();
    assert!(
        screen.contains("Nothing was started: mongo does not answer. Try again."),
        "{screen}"
    );
    assert_eq!(screen.matches("✗ failed: mongo").count(), 3);
    let progress = app.state.jobs.progress();
    assert_eq!(
        (progress.total, progress.failed, app.state.jobs.active_count()),
        (3, 3, 0)
    );
    app.effects.clear();
    press(&mut app, "q");
    assert!(app.effects.contains(&Effect::Quit), "nothing is left behind");
    assert_eq!(left_behind(&app.state), None);
}

#[test]
fn runs_that_are_asked_for_at_once_get_their_own_ids() {
    let mut app = broken(3, (120, 40));
    press(&mut app, "<space><space>FyujjFy");
    let targets = app.started();
    assert_eq!(targets.len(), 3);
    // The second one is written down first.
    let event = |target: &Target, run: &str, news| {
        let Target { tenant, sub, key } = target.clone();
        let (run, at) = (run.to_string(), demo::now());
        let event = crate::domain::JobEvent {
            run,
            tenant,
            key,
            sub,
            at,
            news,
        };
        Message::Job(event)
    };
    app.run(RunNews::Registered { total: 1 });
    app.job(&targets[2], JobNews::Queued);
    app.send(event(&targets[0], "81bb0000", JobNews::Queued));
    app.send(event(&targets[1], "81bb0000", JobNews::Queued));
    ends(&mut app, &targets[2], Outcome::Done);
    let progress = |app: &App, id: &str| app.state.jobs.run(id).unwrap().progress();
    assert_eq!(
        (progress(&app, "7f3a0000").ended, progress(&app, "81bb0000").total),
        (1, 2)
    );
    assert_eq!(line(&mut app, "2 runs"), " 2 runs  1 of 3  ██████░░░░░░░░░░░░░░");
}

#[test]
fn an_end_that_cannot_be_written_down_fails_nobody() {
    let (mut app, targets) = running(2, (120, 40));
    ends(&mut app, &targets[0], Outcome::Done);
    let problem = Problem::new(Class::Unavailable, "mongo does not answer.", "");
    app.run(RunNews::Unwritten(problem));
    let screen = app.screen();
    assert!(
        screen.contains("What became of run 7f3a could not be written down: mongo does not answer."),
        "{screen}"
    );
    let progress = app.state.jobs.progress();
    assert_eq!((progress.ended, progress.failed), (1, 0));
}

#[test]
fn the_end_counts_who_was_cancelled_or_left_apart() {
    let (mut app, targets) = running(4, (80, 24));
    ends(&mut app, &targets[0], Outcome::Done);
    ends(&mut app, &targets[1], Outcome::Failed);
    ends(&mut app, &targets[2], Outcome::Cancelled);
    app.job(&targets[3], JobNews::Left);
    app.run(RunNews::Ended);
    let screen = app.screen();
    assert!(
        screen.contains("3 jobs ended: 1 failed, 1 cancelled. 1 left for later: R goes on."),
        "{screen}"
    );
}

#[test]
fn a_job_of_another_run_on_the_same_user_is_counted_in_its_own() {
    let (mut app, targets) = running(2, (120, 40));
    app.job(&targets[0], JobNews::StepStarted(Step::CreateUser));
    let elsewhere = |app: &mut App, news| {
        let Target { tenant, sub, key } = targets[0].clone();
        let (run, at) = ("81bb0000".to_string(), app.now());
        app.send(Message::Job(crate::domain::JobEvent {
            run,
            tenant,
            key,
            sub,
            at,
            news,
        }));
    };
    elsewhere(&mut app, JobNews::Queued);
    assert!(app.screen().contains("◐ create-user"), "{}", app.screen());
    let of = |app: &App, id: &str| {
        let progress = app.state.jobs.run(id).unwrap().progress();
        (progress.ended, progress.total)
    };
    assert_eq!((of(&app, "7f3a0000"), of(&app, "81bb0000")), ((0, 2), (0, 1)));
    assert_eq!(line(&mut app, "2 runs"), " 2 runs  0 of 3  ░░░░░░░░░░░░░░░░░░░░");
    ends(&mut app, &targets[0], Outcome::Done);
    elsewhere(&mut app, JobNews::Started);
    assert!(app.screen().contains("◐ looks at the user"), "{}", app.screen());
    let outcome = Outcome::Nothing;
    elsewhere(&mut app, JobNews::Finished { outcome, error: None });
    assert_eq!((of(&app, "7f3a0000"), of(&app, "81bb0000")), ((1, 2), (1, 1)));
}

/// Whoever is through is unmarked. Who failed, was refused, cancelled or left for later stays marked: nothing was mended
/// about them, and the next key is meant for them.
#[test]
fn what_stays_marked_is_whom_nothing_was_mended_for() {
    let mut app = broken(6, (120, 40));
    press(&mut app, "aFy");
    app.run(RunNews::Registered { total: 6 });
    let targets = app.started();
    let outcomes = [
        Outcome::Done,
        Outcome::Nothing,
        Outcome::Failed,
        Outcome::Refused,
        Outcome::Cancelled,
    ];
    for (target, outcome) in targets.iter().zip(outcomes) {
        ends(&mut app, target, outcome);
    }
    app.job(&targets[5], JobNews::Left);
    app.run(RunNews::Ended);
    let marked: Vec<&str> = app.state.marks.iter().map(|id| id.key.as_str()).collect();
    let kept: Vec<&str> = targets[2..].iter().map(|target| target.key.as_str()).collect();
    assert_eq!(marked, kept);
    // A later try that succeeds unmarks them too.
    app.job(&targets[2], JobNews::Queued);
    ends(&mut app, &targets[2], Outcome::Done);
    assert_eq!(app.state.marks.len(), 3);
}

#[test]
fn the_rate_and_the_time_left_follow_what_is_done() {
    let (mut app, targets) = running(8, (80, 24));
    let said = |app: &mut App| line(app, "run 7f3a");
    assert_eq!(
        said(&mut app),
        " run 7f3a  0 of 8  ░░░░░░░░░░░░░░░░░░░░",
        "nothing is known yet"
    );
    app.pass(2);
    ends(&mut app, &targets[0], Outcome::Done);
    assert_eq!(
        said(&mut app),
        " run 7f3a  1 of 8  ██░░░░░░░░░░░░░░░░░░  0.5/s  14 s to go"
    );
    for target in &targets[1..4] {
        ends(&mut app, target, Outcome::Done);
    }
    assert_eq!(
        said(&mut app),
        " run 7f3a  4 of 8  ██████████░░░░░░░░░░  2.0/s  2 s to go"
    );
    // It stands still, and so the time grows.
    app.pass(6);
    assert_eq!(
        said(&mut app),
        " run 7f3a  4 of 8  ██████████░░░░░░░░░░  0.5/s  8 s to go"
    );
}

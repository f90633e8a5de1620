//! Manners: personal data is masked again, nothing turns for who asked for that, the bell rings for who asked for it, and
//! nobody's budget is spent on a screen that nobody looks at.

use crossterm::event::Event;

use crate::audit::AuditNews;
use crate::domain::{Class, JobNews, Outcome, Problem, RunNews, Step};
use crate::services::health::Liveness;
use crate::tui::message::{Effect, Message};
use crate::tui::state::State;

use super::{App, demo, press};

fn last_line(app: &mut App) -> String {
    app.screen().lines().last().unwrap().to_string()
}

#[test]
fn personal_data_is_masked_again_after_two_minutes() {
    let mut app = App::of_demo(80, 24);
    let email = demo::signups()[0].email().unwrap().to_string();
    let (local, _) = email.split_once('@').unwrap();
    assert!(!app.screen().contains(local));
    press(&mut app, "p");
    assert!(app.screen().contains(local), "{}", app.screen());
    assert!(
        app.screen()
            .contains("E-mails and handles are shown for 2 minutes; p masks them again.")
    );
    assert!(last_line(&mut app).starts_with(" p mask (2 min left)  Enter detail"));
    // A minute that has begun counts.
    app.pass(1);
    assert!(last_line(&mut app).starts_with(" p mask (2 min left)  "));
    app.pass(69);
    assert!(last_line(&mut app).starts_with(" p mask (50 s left)  "));
    app.pass(49);
    assert!(app.screen().contains(local));
    app.pass(1);
    assert!(!app.screen().contains(local), "{}", app.screen());
    assert!(app.screen().contains("E-mails and handles are masked again."));
    assert!(!last_line(&mut app).contains("p mask"));
    // Shown anew, the time begins anew; hidden by hand, nothing is left to come.
    press(&mut app, "p");
    app.pass(100);
    press(&mut app, "pp");
    app.pass(60);
    assert!(app.screen().contains(local));
    press(&mut app, "p");
    app.pass(70);
    assert!(!app.screen().contains("masked again"), "{}", app.screen());
}

fn running(reduced_motion: bool) -> App {
    let mut setup = demo::setup();
    setup.reduced_motion = reduced_motion;
    let mut app = App::with(State::new(setup), 120, 24);
    app.refresh(demo::signups());
    press(&mut app, "Fy");
    let targets = app.started();
    app.job(&targets[0], JobNews::StepStarted(Step::CreateUser));
    app
}

#[test]
fn with_reduced_motion_nothing_turns() {
    let glyphs = |app: &mut App| {
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..4 {
            let now = app.state.now + jiff::SignedDuration::from_millis(250);
            app.send(Message::Tick(now));
            let screen = app.screen();
            seen.extend(screen.chars().filter(|c| "◐◓◑◒".contains(*c)));
        }
        seen.into_iter().collect::<String>()
    };
    assert_eq!(glyphs(&mut running(false)).chars().count(), 4);
    assert_eq!(glyphs(&mut running(true)), "◐");
    assert!(running(false).state.is_busy() && !running(true).state.is_busy());
}

/// What a run of two calls for at its end, where one of them failed after so many seconds.
fn called(bell: bool, notification: bool, seconds: i64) -> Vec<Effect> {
    let mut setup = demo::setup();
    (setup.bell, setup.notification) = (bell, notification);
    let mut app = App::with(State::new(setup), 120, 24);
    app.refresh(demo::signups());
    press(&mut app, "<space><space>Fy");
    let targets = app.started();
    app.run(RunNews::Registered { total: 2 });
    app.job(&targets[0], JobNews::StepStarted(Step::CreateUser));
    app.pass(seconds);
    for (target, outcome) in targets.iter().zip([Outcome::Done, Outcome::Failed]) {
        app.job(target, JobNews::Finished { outcome, error: None });
    }
    app.effects.clear();
    app.run(RunNews::Ended);
    app.effects
}

#[test]
fn a_long_run_calls_at_its_end_who_asked_for_that() {
    let words = || Effect::Notify("atriage: a run ended: 2 of 2 users, 1 failed".into());
    let cases = [
        (false, false, 60, vec![]),
        (true, true, 19, vec![]),
        (true, false, 20, vec![Effect::Bell]),
        (false, true, 20, vec![words()]),
        (true, true, 60, vec![Effect::Bell, words()]),
    ];
    for (bell, notification, seconds, effects) in cases {
        let called = called(bell, notification, seconds);
        assert_eq!(called, effects, "{bell} {notification} {seconds}");
    }
}

#[test]
fn a_run_that_stopped_calls_too_and_names_nobody() {
    let mut setup = demo::setup();
    setup.notification = true;
    let mut app = App::with(State::new(setup), 120, 24);
    app.refresh(demo::signups());
    press(&mut app, "<space><space>Fy");
    let targets = app.started();
    app.run(RunNews::Registered { total: 2 });
    app.pass(30);
    super::runs::ends(&mut app, &targets[0], Outcome::Failed);
    app.effects.clear();
    let pause = super::runs::pause(&app);
    app.run(RunNews::Paused(pause));
    let words = "atriage: a run stopped: 1 of 2 users, 1 failed";
    assert_eq!(app.effects, [Effect::Notify(words.into())]);
    // That the steps in hand ended since is no news.
    app.run(RunNews::Ended);
    assert_eq!(app.effects, [Effect::Notify(words.into())]);
}

#[test]
fn who_looks_elsewhere_is_not_read_for_so_often() {
    let refreshes = |app: &App| {
        app.effects
            .iter()
            .filter(|effect| matches!(effect, Effect::Refresh { .. }))
            .count()
    };
    let mut app = App::of_demo(80, 24);
    app.send(Message::Terminal(Event::FocusLost));
    app.pass(59);
    assert_eq!(refreshes(&app), 0);
    app.pass(1);
    assert_eq!(refreshes(&app), 1);
    app.refresh(demo::signups());
    app.pass(20);
    assert_eq!(refreshes(&app), 1);
    // Back again, what is late is read at the next tick.
    app.send(Message::Terminal(Event::FocusGained));
    app.pass(1);
    assert_eq!(refreshes(&app), 2);
}

/// What fails is asked ever more seldom; but a budget names the moment from which on asking makes sense again.
#[test]
fn a_used_up_budget_of_auth0_is_asked_again_when_it_is_free() {
    let fail = |app: &mut App| {
        let problem = Problem::new(Class::RateLimit, "The budget of auth0 is used up.", "");
        app.start();
        let tenant = "aesthetic".into();
        app.send(Message::Audit(AuditNews::Failed { tenant, problem }));
    };
    // With the seconds from now until it is free, and those after which it is asked.
    for (free, asked) in [(None, 30), (Some(10), 15), (Some(50), 51)] {
        let mut app = App::of_demo(80, 24);
        let mut health = demo::health();
        if let Some(seconds) = free {
            health[0].liveness = Liveness::Limited;
            health[0].free_at = Some(demo::now() + jiff::SignedDuration::from_secs(seconds));
        }
        app.send(Message::Health(health));
        fail(&mut app);
        app.pass(asked - 1);
        assert!(app.effects.is_empty(), "{free:?}: {:?}", app.effects);
        app.pass(1);
        let tenants = vec!["aesthetic".to_string()];
        assert_eq!(app.effects, [Effect::Refresh { tenants }], "{free:?}");
    }
}

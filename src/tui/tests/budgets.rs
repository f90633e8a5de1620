//! What the backends still let through, and how long a run will take because of it.

use jiff::SignedDuration;

use super::runs::{broken, line, running};
use super::{App, demo, press};
use crate::domain::{JobNews, Outcome, Plan, Step};
use crate::services::health::{AtOnce, Budget, Liveness, ServiceHealth};
use crate::tui::message::Message;
use crate::tui::state::State;

fn limited(remaining: u64, seconds: i64) -> Vec<ServiceHealth> {
    let mut health = demo::health();
    let free_at = Some(demo::now() + SignedDuration::from_secs(seconds));
    health[3].budgets = vec![Budget {
        name: "createAccount",
        limit: Some(100),
        remaining: Some(remaining),
        free_at,
    }];
    if remaining == 0 {
        health[3].liveness = Liveness::Limited;
        health[3].free_at = free_at;
    }
    health
}

#[test]
fn a_budget_that_is_used_up_says_when_it_is_free() {
    let cases = [
        (0, 120, "pds ! new accounts 0 of 100, free in 3 min"),
        (0, 80, "pds ! limited, free in 3 min"),
        (8, 140, "pds ! new accounts 8 of 100, free in 3 min"),
        (8, 80, "pds !"),
        (88, 120, "pds ✓ 12 ms"),
    ];
    for (remaining, width, text) in cases {
        let mut app = broken(12, (width, 24));
        app.send(Message::Health(limited(remaining, 180)));
        let screen = app.screen();
        let first = screen.lines().next().unwrap();
        assert!(first.contains(text), "{width}: {first}");
    }
    // A production host leaves less room.
    let mut setup = demo::setup();
    setup.badge = "at.example.com".into();
    let mut app = App::with(State::new(setup), 80, 24);
    app.refresh(demo::signups());
    app.pass(12);
    app.send(Message::Health(limited(0, 192)));
    let screen = app.screen();
    assert!(
        screen
            .lines()
            .next()
            .unwrap()
            .ends_with("12 s ago  pds ! limited, free in 3 min"),
        "{screen}"
    );
    let mut app = broken(12, (140, 24));
    let mut health = demo::health();
    health[3].at_once = Some(AtOnce { now: 2, most: 4 });
    app.send(Message::Health(health));
    assert!(
        app.screen().contains("pds ✓ 12 ms, slowed to 2 at once"),
        "{}",
        app.screen()
    );
}

#[test]
fn a_run_says_how_long_it_takes_and_what_decides_it() {
    for (width, text) in [(80, ""), (120, " · new accounts 2 of 100, free in 3 min")] {
        let (mut app, targets) = running(12, (width, 24));
        app.pass(2);
        let (outcome, steps) = (Outcome::Done, vec![Step::CreateUser, Step::Verify]);
        for target in &targets[..4] {
            app.job(target, JobNews::Finished { outcome, error: None });
        }
        let bar = "██████░░░░░░░░░░░░░░";
        let sure = format!(" run 7f3a  4 of 12  {bar}  2.0/s  4 s to go");
        assert_eq!(line(&mut app, "run 7f3a"), sure);
        app.send(Message::Health(limited(2, 182)));
        let screen = app.screen();
        let told = screen.lines().find(|line| line.starts_with(" run 7f3a")).unwrap();
        assert!(told.ends_with(&format!("2.0/s  3 min to go{text}")), "{told}");
        // Those who need no account do not wait for one.
        for target in &targets[4..10] {
            let (steps, left) = (steps.clone(), Vec::new());
            let replaces = None;
            app.job(
                target,
                JobNews::Planned(Plan {
                    steps,
                    left,
                    replaces,
                }),
            );
        }
        assert_eq!(line(&mut app, "run 7f3a"), sure);
    }
}

#[test]
fn of_two_tenants_each_auth0_is_told_apart_in_little_room() {
    let mut app = App::of_demo(80, 24);
    let mut health = demo::health();
    health[1].liveness = Liveness::Down;
    app.send(Message::Health(health));
    press(&mut app, "tt");
    let first = app.screen().lines().next().unwrap().to_string();
    assert!(first.contains("auth0 a:✓ s:✗"), "{first}");
}

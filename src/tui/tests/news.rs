//! What the backends tell, and what the screen makes of it while they are slow, wrong or gone.

use crate::audit::{AuditNews, Stage};
use crate::domain::{Class, Column, FindingId, Observed, Problem, State as Fact};
use crate::services::health::Liveness;
use crate::tui::message::{Effect, Message};
use crate::tui::state::RowId;

use super::{App, demo, press};

fn refreshes(app: &App) -> usize {
    app.effects
        .iter()
        .filter(|effect| matches!(effect, Effect::Refresh { .. }))
        .count()
}

fn fact(app: &App, name: &str, column: Column) -> Fact {
    app.state.rows[&RowId::new("aesthetic", &format!("auth0|{name}"))].state(column, None)
}

#[test]
fn rows_stand_there_at_once_and_fill_in() {
    let mut app = App::new(80, 24);
    app.start();
    app.news(Stage::Listed, demo::signups().iter().map(demo::listed).collect());
    let screen = app.screen();
    assert!(
        screen.contains("m…@example.com      ✓ ok      …         …"),
        "{screen}"
    );
    assert!(
        !screen
            .lines()
            .skip(2)
            .any(|line| line.contains('?') && !line.contains("help")),
        "{screen}"
    );
    app.news(Stage::Complete, demo::signups());
    app.finish();
    assert!(app.screen().contains("✗ missing"));
}

#[test]
fn nothing_flickers_while_a_later_refresh_is_under_way() {
    let mut app = App::of_demo(80, 24);
    let before = app.screen();
    app.start();
    app.news(Stage::Listed, demo::signups().iter().map(demo::listed).collect());
    assert_eq!(app.screen(), before);
    // What is unknown in the end is unknown.
    let mut blind = demo::whole("chen", 21);
    blind.account = Observed::Unknown;
    app.news(Stage::Mongo, vec![blind.clone()]);
    assert_eq!(fact(&app, "chen", Column::Pds), Fact::Ok);
    app.news(Stage::Complete, vec![blind]);
    assert_eq!(fact(&app, "chen", Column::Pds), Fact::Unknown);
}

#[test]
fn what_was_just_observed_is_not_overwritten_by_a_walk_that_began_before() {
    let mut app = App::of_demo(80, 24);
    app.start();
    app.send(Message::Observed(Box::new(demo::whole("mira", 3))));
    app.news(Stage::Complete, demo::signups());
    assert_eq!(fact(&app, "mira", Column::Pds), Fact::Ok);
    app.finish();
    app.refresh(demo::signups());
    assert_eq!(fact(&app, "mira", Column::Pds), Fact::Missing);
}

#[test]
fn only_what_the_walk_looked_at_can_vanish() {
    let mut app = App::of_demo(80, 24);
    press(&mut app, "+");
    assert!(matches!(app.effects.as_slice(), [Effect::LoadOlder { tenant, .. }] if tenant == "aesthetic"));
    // The older page names none of the newer rows, which stay.
    app.refresh(vec![demo::whole("older", 5_000), demo::whole("oldest", 6_000)]);
    assert_eq!(app.state.rows.len(), 20);
    // A refresh of the newest names no older ones, which stay; who is gone among the newest goes, and the mark too.
    press(&mut app, "g<space>");
    let mut signups = demo::signups();
    signups.remove(0);
    app.refresh(signups);
    assert_eq!(app.state.rows.len(), 19);
    assert!(app.state.marks.is_empty());
}

#[test]
fn an_outage_of_auth0_keeps_the_rows_and_ends_by_itself() {
    let mut app = App::of_demo(120, 24);
    let problem = Problem::new(
        Class::Unavailable,
        "Auth0 did not answer.",
        "Look at its status page.",
    );
    app.start();
    app.pass(90);
    app.send(Message::Audit(AuditNews::Failed {
        tenant: "aesthetic".into(),
        problem,
    }));
    let screen = app.screen();
    assert_eq!(app.state.rows.len(), 18);
    assert!(
        screen.contains("aesthetic cannot be listed, what is shown is of 14:32 UTC: Auth0 did not answer."),
        "{screen}"
    );
    assert!(screen.contains("newest 18 · 1 min ago"), "{screen}");
    app.refresh(demo::signups());
    assert!(!app.screen().contains("cannot be listed"));
}

#[test]
fn an_outage_of_the_pds_paints_nothing_red() {
    let mut app = App::new(120, 24);
    let whole = || (0..10).map(|n| demo::whole(&format!("user{n}"), 10 + n));
    app.refresh(whole().collect());
    let mut health = demo::health();
    health[3].liveness = Liveness::Down;
    health[3].problem = Some(Problem::new(Class::Unavailable, "The PDS did not answer.", ""));
    app.send(Message::Health(health));
    app.refresh(
        whole()
            .map(|mut signup| {
                signup.account = Observed::Unknown;
                signup
            })
            .collect(),
    );
    let screen = app.screen();
    assert!(
        screen.contains("pds is down, so that what it knows shows as unknown"),
        "{screen}"
    );
    assert!(
        screen.contains("10 unknown") && !screen.contains("missing") && !screen.contains("drift"),
        "{screen}"
    );
    app.send(Message::Health(demo::health()));
    app.refresh(whole().collect());
    assert!(app.screen().contains("10 whole") && !app.screen().contains("is down"));
}

#[test]
fn refreshing_goes_on_by_itself_and_never_twice_at_once() {
    let mut app = App::new(80, 24);
    app.pass(0);
    assert_eq!(refreshes(&app), 1);
    app.pass(60);
    press(&mut app, "r");
    assert_eq!(refreshes(&app), 1, "one is under way");
    app.refresh(demo::signups());
    app.pass(14);
    assert_eq!(refreshes(&app), 1);
    app.pass(1);
    assert_eq!(refreshes(&app), 2);
    app.refresh(demo::signups());
    press(&mut app, "z");
    app.pass(100);
    assert_eq!(refreshes(&app), 2, "frozen");
    press(&mut app, "z");
    app.send(Message::Terminal(crossterm::event::Event::FocusLost));
    app.pass(0);
    app.refresh(demo::signups());
    app.pass(30);
    assert_eq!(refreshes(&app), 3, "slower while nobody looks");
    app.pass(30);
    assert_eq!(refreshes(&app), 4);
    // An answer that never comes does not end the refreshing for good.
    app.pass(121);
    app.pass(61);
    assert_eq!(refreshes(&app), 5);
}

/// Who shares an e-mail may stand on two pages: with the walk's end both rows say so, later walks do not make it flicker,
/// and it goes with one of the two.
#[test]
fn a_shared_email_is_told_of_both_however_far_apart_they_stand() {
    let mut app = App::new(120, 36);
    let of_page = |name: &str, minutes, email: &str| {
        let mut signup = demo::whole(name, minutes);
        signup.same_email = Observed::Unknown;
        if let Observed::Present(user) = &mut signup.auth0 {
            user.email = Some(email.into());
        }
        signup
    };
    let new = || of_page("mira", 3, "Mira@example.com");
    let old = || of_page("mira-two", 900, "mira@example.com");
    let shares = |app: &App, name: &str| {
        let row = &app.state.rows[&RowId::new("aesthetic", &format!("auth0|{name}"))];
        row.diagnosis.has(FindingId::DuplicateEmail)
    };
    let walk = |app: &mut App, pages: Vec<Vec<crate::domain::Signup>>| {
        app.start();
        for page in pages {
            app.news(Stage::Complete, page);
        }
    };
    let end = |app: &mut App, whole_tenant| {
        let (tenant, at) = ("aesthetic".to_string(), app.now());
        app.send(Message::Audit(AuditNews::Finished {
            tenant,
            at,
            whole_tenant,
            evidence: None,
            orphans_unknown: None,
        }));
    };
    let chen = || of_page("chen", 20, "chen@example.com");
    walk(&mut app, vec![vec![new(), chen()], vec![old()]]);
    end(&mut app, true);
    assert_eq!(
        ["mira", "mira-two", "chen"].map(|name| shares(&app, name)),
        [true, true, false]
    );
    // The next walk has read the first page only.
    walk(&mut app, vec![vec![new(), chen()]]);
    assert!(shares(&app, "mira") && shares(&app, "mira-two"));
    end(&mut app, true);
    assert!(!shares(&app, "mira"), "the other one is gone");
    // Somebody who changed their e-mail shares none any more.
    walk(&mut app, vec![vec![new(), chen()], vec![old()]]);
    end(&mut app, false);
    assert!(shares(&app, "mira") && shares(&app, "mira-two"));
    let elsewhere = of_page("mira", 3, "elsewhere@example.com");
    walk(&mut app, vec![vec![elsewhere], vec![old()]]);
    end(&mut app, false);
    assert!(!shares(&app, "mira") && !shares(&app, "mira-two"));
}

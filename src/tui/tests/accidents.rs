//! What concerns many, told no surer and of no one else than it is known: a tenant that cannot be listed, whom the filter
//! hides, a screen that is frozen, answers about another tenant.

use super::{App, demo, dialog, press, said};
use crate::audit::{AuditNews, Stage};
use crate::domain::accident::Looked;
use crate::domain::code_index::Index;
use crate::domain::tally::Evidence;
use crate::domain::{Class, JobNews, Outcome, Problem};
use crate::services::health::Liveness;
use crate::services::store::wrong_database;
use crate::tui::message::{Effect, Message, Target};
use crate::tui::state::{State, Visit};

fn fails_to_list(app: &mut App, problem: Problem) {
    let tenant = "aesthetic".to_string();
    app.send(Message::Audit(AuditNews::Failed { tenant, problem }));
}

fn calm() -> App {
    let mut app = App::new(120, 40);
    app.refresh(vec![demo::whole("chen", 3)]);
    app.send(Message::Health(demo::health()));
    app
}

#[test]
fn a_tenant_that_cannot_be_listed_is_told_in_the_words_of_what_failed() {
    let mut app = calm();
    fails_to_list(&mut app, wrong_database().problem());
    press(&mut app, "i");
    let text = said(&dialog(&mut app));
    for part in [
        "aesthetic cannot be listed · sandbox",
        "The table is of 2026-11-22 14:32:20 UTC.",
        "The database has neither users nor verifications nor @handles.",
        "All answer: auth0 84 ms, mongo 3 ms",
        "Do 1 Check MONGODB_NAME: this looks like another database.",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    for part in ["is down", "Auth0 of", "✗"] {
        assert!(!text.contains(part), "{part}: {text}");
    }
}

#[test]
fn a_used_up_budget_is_no_service_that_is_down() {
    let mut app = calm();
    let problem = Problem::new(Class::RateLimit, "auth0 has no budget left.", "It is shared.");
    let mut health = demo::health();
    health[0].liveness = Liveness::Limited;
    health[0].problem = Some(problem.clone());
    app.send(Message::Health(health));
    fails_to_list(&mut app, problem);
    press(&mut app, "i");
    let text = said(&dialog(&mut app));
    assert!(text.contains("aesthetic cannot be listed"), "{text}");
    assert!(text.contains("! auth0: auth0 has no budget left."), "{text}");
    assert!(
        !text.contains("is down") && !text.contains("check-config"),
        "{text}"
    );
}

/// One outage is one page, though it shows twice.
#[test]
fn an_auth0_that_is_down_is_told_once() {
    let mut app = calm();
    let problem = Problem::new(Class::Unavailable, "auth0 does not answer.", "Is it up?");
    let mut health = demo::health();
    health[0].liveness = Liveness::Down;
    health[0].problem = Some(problem.clone());
    app.send(Message::Health(health));
    fails_to_list(&mut app, problem);
    press(&mut app, "i");
    let text = said(&dialog(&mut app));
    assert!(text.contains("auth0 of aesthetic is down · sandbox"), "{text}");
    assert!(!text.contains("1 of 2"), "{text}");
}

#[test]
fn where_the_filter_hides_all_it_is_said_with_the_key_that_drops_it() {
    let mut app = App::of_demo(120, 40);
    press(&mut app, "/chen<enter>i");
    let text = said(&dialog(&mut app));
    assert!(
        text.contains("The filter hides all, 3 users; close this, and Esc in the table drops it."),
        "{text}"
    );
    press(&mut app, "a");
    let screen = said(&app.screen());
    assert!(
        screen.contains("The filter hides all who have it; close this, and Esc in the table drops it."),
        "{screen}"
    );
    press(&mut app, "<esc><esc>i");
    assert!(said(&dialog(&mut app)).contains("Press a to mark the 3 users"));
}

#[test]
fn only_the_sandbox_says_that_command_lines_open_another_one() {
    let of = |badge: &str, sandbox| {
        let mut setup = demo::setup();
        (setup.badge, setup.sandbox) = (badge.into(), sandbox);
        let mut app = App::with(State::new(setup), 120, 40);
        app.refresh(demo::signups());
        press(&mut app, "i");
        said(&dialog(&mut app))
    };
    let told = "A command line opens a sandbox of its own";
    assert!(of("at.example.com", Some(Visit::Again)).contains(told));
    assert!(!of("sandbox", None).contains(told));
    // Where only waiting is told, no command line is.
    let mut app = calm();
    app.state.setup.sandbox = Some(Visit::Again);
    fails_to_list(
        &mut app,
        Problem::new(Class::RateLimit, "auth0 has no budget left.", "Wait."),
    );
    press(&mut app, "i");
    assert!(!said(&dialog(&mut app)).contains(told));
}

#[test]
fn while_frozen_nothing_is_tried_by_itself() {
    let mut app = calm();
    fails_to_list(&mut app, wrong_database().problem());
    press(&mut app, "zi");
    let text = said(&dialog(&mut app));
    assert!(!text.contains("It is tried again by itself"), "{text}");
    assert!(
        text.contains("Frozen: it is not tried by itself. r asks now; z in the table goes on."),
        "{text}"
    );
}

#[test]
fn what_failed_in_another_tenant_is_no_evidence() {
    let mut app = App::of_demo(120, 40);
    let other = demo::of("sotce", "art-", "bela", 4);
    let target = Target {
        tenant: other.tenant,
        sub: other.sub,
        key: other.key,
    };
    app.job(&target, JobNews::Queued);
    app.job(
        &target,
        JobNews::Finished {
            outcome: Outcome::Failed,
            error: Some(Problem::new(Class::Validation, "pds refused Bela.", "")),
        },
    );
    press(&mut app, "i");
    let text = said(&dialog(&mut app));
    assert!(text.contains("One accident · aesthetic"), "{text}");
    assert!(!text.contains("pds refused Bela."), "{text}");
}

/// Each of two tenants has its accident; whoever answers late answers for the one that was asked about.
#[test]
fn an_answer_about_another_tenant_is_no_evidence() {
    let mut app = App::of_demo(120, 40);
    let tenant = "sotce".to_string();
    let broken = ["bela", "cyra", "dino"].map(|name| {
        let mut signup = demo::of("sotce", "art-", name, 4);
        signup.user = demo::without_record(name, 4).user;
        signup
    });
    app.send(Message::Audit(AuditNews::Rows {
        tenant,
        stage: Stage::Complete,
        signups: broken.to_vec(),
    }));
    press(&mut app, "tt");
    let asked = |app: &mut App| {
        let effects = std::mem::take(&mut app.effects);
        let asked = effects.into_iter().filter_map(|effect| match effect {
            Effect::LookIntoCause(tenant) => Some(tenant),
            _ => None,
        });
        asked.collect::<Vec<_>>()
    };
    let answers = |app: &mut App, tenant: &str| {
        app.send(Message::Looked(Box::new(Looked {
            tenant: tenant.into(),
            at: demo::now(),
            indexes: Ok(Vec::new()),
            stopped: Ok(None),
            failures: Ok(Vec::new()),
        })));
    };
    let waits = |app: &mut App| said(&dialog(app)).contains("being asked…");
    press(&mut app, "i<tab>");
    assert_eq!(asked(&mut app), ["aesthetic", "sotce"]);
    answers(&mut app, "aesthetic");
    assert!(waits(&mut app), "{}", app.screen());
    answers(&mut app, "sotce");
    assert!(!waits(&mut app), "{}", app.screen());
    press(&mut app, "<tab>");
    assert_eq!(asked(&mut app), ["aesthetic"]);
    assert!(waits(&mut app), "{}", app.screen());
}

#[test]
fn an_index_that_is_in_the_way_is_told_when_everybody_is_mended() {
    let mut app = App::new(80, 24);
    let finished = |app: &mut App, indexes: Vec<Index>| {
        let (tenant, at) = ("aesthetic".to_string(), app.now());
        app.start();
        app.news(Stage::Complete, vec![demo::whole("chen", 3)]);
        app.send(Message::Audit(AuditNews::Finished {
            tenant,
            at,
            whole_tenant: false,
            evidence: Some(Box::new(Evidence {
                code_indexes: Some(indexes),
                ..Evidence::default()
            })),
            orphans_unknown: None,
        }));
    };
    finished(&mut app, vec![Index::on_code("code_1", true, true)]);
    let screen = app.screen();
    assert!(
        screen.contains(" ! The code index refuses (85): it is called code_1"),
        "{screen}"
    );
    assert!(screen.contains("i explains"), "{screen}");
    press(&mut app, "i");
    let text = said(&dialog(&mut app));
    for part in [
        "The code index",
        "Nobody who signed up lately is broken by it now; who signs up next may get no record.",
        "MongoDB refuses with error 85",
        "Do 1 Press I, which brings the index to the form that the site's code wants; it asks first.",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    press(&mut app, "<esc>");
    finished(&mut app, vec![Index::on_code("code_unique", true, true)]);
    assert!(!app.screen().contains("refuses"), "{}", app.screen());
    press(&mut app, "i");
    assert!(app.screen().contains("Nothing concerns many"), "{}", app.screen());
    // One that the site's code makes first is no hindrance.
    finished(&mut app, Vec::new());
    assert!(!app.screen().contains("i explains"), "{}", app.screen());
    finished(&mut app, vec![Index::on_code("code_unique", true, true)]);
    // Who broke before it was mended is not said to break by it.
    let broken = ["mira", "kato", "orla"]
        .map(|name| demo::without_record(name, 4))
        .to_vec();
    app.start();
    app.news(Stage::Complete, broken);
    let screen = said(&app.screen());
    assert!(
        screen.contains("though the index is as the site's code wants it: they signed up before it was"),
        "{screen}"
    );
    assert!(!screen.contains("fails for everybody"), "{screen}");
}

#[test]
fn who_is_verified_is_said_so_once() {
    let without_account = |n: i64| {
        let mut signup = demo::waiting(&format!("user{n}"), n);
        if let crate::domain::Observed::Present(auth0) = &mut signup.auth0 {
            auth0.email_verified = true;
        }
        signup
    };
    let mut app = App::new(120, 40);
    app.refresh((1..5).map(without_account).collect());
    press(&mut app, "i");
    let text = said(&dialog(&mut app));
    assert!(
        text.contains("4 of the newest 4 verified signups have no account since"),
        "{text}"
    );
}

/// The newest were mended by hand, the others still lack their record: that is why they have no account.
#[test]
fn nobody_is_sent_to_the_pds_for_whom_a_missing_record_keeps_from_an_account() {
    let mut app = App::new(120, 40);
    let mended = (1..3).map(|n| demo::whole(&format!("mended{n}"), n));
    let waiting = (3..6).map(|n| demo::waiting(&format!("new{n}"), n));
    let broken = (6..10).map(|n| demo::without_record(&format!("old{n}"), n));
    app.refresh(mended.chain(waiting).chain(broken).collect());
    let screen = app.screen();
    assert!(
        screen.contains("4 broken") && !screen.contains("look at the PDS"),
        "{screen}"
    );
}

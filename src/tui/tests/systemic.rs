//! What concerns many, explained on one screen: the cause, the evidence, the way out.

use super::resumes::open;
use super::runs::{SIZES, pause, running, stops};
use super::{App, demo, dialog, press, said};
use crate::audit::AuditNews;
use crate::domain::accident::Looked;
use crate::domain::code_index::Index;
use crate::domain::{Class, Problem};
use crate::services::health::Liveness;
use crate::tui::message::{Effect, Message};
use crate::tui::state::{Mode, State, Visit};

pub fn looked(indexes: Vec<Index>) -> Looked {
    Looked {
        tenant: "aesthetic".into(),
        at: demo::now(),
        indexes: Ok(indexes),
        stopped: Ok(None),
        failures: Ok(Vec::new()),
    }
}

pub fn look() -> Effect {
    Effect::LookIntoCause("aesthetic".into())
}

/// The demo, in the sandbox.
pub fn practised(width: u16, height: u16) -> App {
    let mut setup = demo::setup();
    setup.sandbox = Some(Visit::Again);
    let mut app = App::with(State::new(setup), width, height);
    app.refresh(demo::signups());
    app.send(Message::Health(demo::health()));
    app.effects.clear();
    app
}

fn opened(width: u16, height: u16) -> App {
    let mut app = practised(width, height);
    press(&mut app, "i");
    assert_eq!(app.effects, [look()]);
    app
}

pub fn answered(width: u16, height: u16) -> App {
    let mut app = opened(width, height);
    app.send(Message::Looked(Box::new(looked(vec![Index::on_code(
        "code_1", true, true,
    )]))));
    app.effects.clear();
    app
}

#[test]
fn cause_evidence_and_way_out_on_one_screen() {
    let mut app = answered(80, 24);
    assert_eq!(
        dialog(&mut app),
        "
┌ One accident · aesthetic · sandbox · asked 14:32:20 ─────────────────────┐
│ 3 of the newest 3 signups have no users record since 14:24 (2026-11-22   │
│ 14:24:20 UTC), 8 min ago.                                                │
│ Before  2026-11-22 14:23:20 UTC the last without it, 1 min earlier.      │
│ Hours   13:00 0 of 3 · 14:00 3 of 7                                      │
│ Cause   Shown by the evidence: The site's code makes the index on        │
│         users.code as code_unique, and MongoDB refuses with error 85,    │
│         since the same index is there as code_1: where that error is     │
│         swallowed, no users record is written.                           │
│ Seen    ✗ users has code_1 {code: 1} unique sparse. To code_unique       │
│           MongoDB would answer error 85.                                 │
│         ✓ No run stopped, and no user of the newest runs is left failed. │
│         ✓ All answer: auth0 84 ms, mongo 3 ms, pds 12 ms, plc 41 ms.     │
│         ? Not asked: a whole signup, and Auth0's log stream.             │
│ Do      1 Press I, which brings the index to the form that the site's    │
│           code wants; it asks first.                                     │
│         2 atriage diagnose --fix tries a whole signup, and removes it.   │
│         3 Press a to mark the 3 users, then F, which asks first.         │
│         A command line opens a sandbox of its own; here only keys act.   │
└──────────────────────────────────────────────────────────────────────────┘
"
    );
    let last = app.screen().lines().last().unwrap().to_string();
    assert_eq!(
        last,
        " Esc close  I fix index  a mark 3  r ask again  ↑↓ scroll  Y copy command"
    );
}

#[test]
fn where_there_is_room_it_is_set_apart() {
    for size in [(120, 40), (200, 60)] {
        let mut app = answered(size.0, size.1);
        assert_eq!(
            dialog(&mut app),
            "
┌ One accident · aesthetic · sandbox · asked 14:32:20 ─────────────────────────────────────────┐
│ 3 of the newest 3 signups have no users record since 14:24 (2026-11-22 14:24:20 UTC), 8 min  │
│ ago.                                                                                         │
│ Before  2026-11-22 14:23:20 UTC the last without it, 1 min earlier.                          │
│ Hours   13:00 0 of 3 · 14:00 3 of 7                                                          │
│                                                                                              │
│ Cause   Shown by the evidence: The site's code makes the index on users.code as code_unique, │
│         and MongoDB refuses with error 85, since the same index is there as code_1: where    │
│         that error is swallowed, no users record is written.                                 │
│                                                                                              │
│ Seen    ✗ users has code_1 {code: 1} unique sparse. To code_unique MongoDB would answer      │
│           error 85.                                                                          │
│         ✓ No run stopped, and no user of the newest runs is left failed.                     │
│         ✓ All answer: auth0 84 ms, mongo 3 ms, pds 12 ms, plc 41 ms.                         │
│         ? Not asked: a whole signup, and Auth0's log stream.                                 │
│                                                                                              │
│ Do      1 Press I, which brings the index to the form that the site's code wants; it asks    │
│           first.                                                                             │
│         2 atriage diagnose --fix tries a whole signup, and removes it.                       │
│         3 Press a to mark the 3 users, then F, which asks first.                             │
│         A command line opens a sandbox of its own; here only keys act.                       │
└──────────────────────────────────────────────────────────────────────────────────────────────┘
",
            "{size:?}"
        );
    }
}

#[test]
fn the_banner_names_the_key_and_a_calm_screen_refuses_it() {
    let banner = |app: &mut App| {
        let screen = app.screen();
        let lines: Vec<&str> = screen.lines().skip(2).take(2).collect();
        lines.join("\n")
    };
    let mut app = App::of_demo(80, 24);
    assert_eq!(
        banner(&mut app),
        " ! 3 of the newest 3 have no users record since 14:24 UTC. The step that draws
   the code and writes users fails for everybody: look at the in… · i explains"
    );
    let mut setup = demo::setup();
    setup.keys =
        super::super::keymap::Keys::remapped(&[("systemic".to_string(), vec!["W".to_string()])].into())
            .unwrap();
    let mut app = App::with(State::new(setup), 120, 24);
    app.refresh(demo::signups());
    assert!(banner(&mut app).contains("· W explains"), "{}", app.screen());

    let mut calm = App::new(80, 24);
    calm.refresh(vec![demo::whole("chen", 3)]);
    calm.send(Message::Health(demo::health()));
    calm.effects.clear();
    press(&mut calm, "i");
    assert!(matches!(calm.state.mode, Mode::Table) && calm.effects.is_empty());
    assert!(
        calm.screen()
            .contains("Nothing concerns many: no cause is shared, no run stopped, no service is down."),
        "{}",
        calm.screen()
    );
    assert!(!calm.screen().contains("explain"), "{}", calm.screen());
}

#[test]
fn while_it_is_asked_it_says_so_and_what_fails_is_unknown() {
    let mut app = opened(80, 24);
    let text = said(&dialog(&mut app));
    assert!(text.contains("· being asked…"), "{text}");
    assert!(
        text.contains("? The index on users.code and the newest runs are being asked…"),
        "{text}"
    );
    // Asked once, whatever is pressed meanwhile.
    press(&mut app, "r<esc>i");
    let asked = app.effects.iter().filter(|effect| **effect == look());
    assert_eq!(asked.count(), 1);
    let problem = || Problem::new(Class::Unavailable, "mongo does not answer.", "Is it up?");
    let failed = Looked {
        indexes: Err(problem()),
        stopped: Err(problem()),
        failures: Err(problem()),
        at: demo::now(),
        tenant: "aesthetic".into(),
    };
    app.send(Message::Looked(Box::new(failed)));
    let text = said(&dialog(&mut app));
    for part in [
        "Cause Not known: What stands on users.code could not be looked at: mongo does not answer.",
        "? The index on users.code: mongo does not answer.",
        "? Whether a run stopped: mongo does not answer.",
        "? What the newest runs failed by: mongo does not answer.",
        "Do 1 Is it up?",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    app.effects.clear();
    press(&mut app, "r");
    assert!(app.effects.contains(&look()), "it is asked again");
}

#[test]
fn the_affected_are_marked_and_the_fix_asks_about_exactly_them() {
    let mut app = answered(120, 40);
    press(&mut app, "F");
    assert!(
        app.screen()
            .contains("Nobody is marked: a marks those who have it."),
        "{}",
        app.screen()
    );
    press(&mut app, "a");
    assert!(app.started().is_empty());
    assert!(
        app.screen()
            .contains("3 users marked; F asks what is done to them."),
        "{}",
        app.screen()
    );
    press(&mut app, "F");
    assert!(dialog(&mut app).contains("Mend 3 users of aesthetic · sandbox"));
    press(&mut app, "y");
    let mut keys: Vec<String> = app.started().into_iter().map(|target| target.key).collect();
    keys.sort();
    assert_eq!(keys, ["auth0|kato", "auth0|mira", "auth0|orla"]);
}

#[test]
fn whom_the_filter_hides_is_not_marked_and_said() {
    let mut app = App::of_demo(120, 40);
    press(&mut app, "/-mira<enter>i");
    app.send(Message::Looked(Box::new(looked(vec![Index::on_code(
        "code_1", true, true,
    )]))));
    let text = said(&dialog(&mut app));
    assert!(
        text.contains("Press a to mark the 2 users, then F, which asks first. The filter hides 1 more."),
        "{text}"
    );
    press(&mut app, "a");
    assert_eq!(app.state.marked, 2);
    assert!(
        app.screen().contains("One more is hidden by the filter."),
        "{}",
        app.screen()
    );
}

#[test]
fn read_only_names_no_key_that_writes() {
    let mut setup = demo::setup();
    setup.read_only = true;
    let mut app = App::with(State::new(setup), 80, 24);
    app.refresh(demo::signups());
    press(&mut app, "i");
    let text = said(&dialog(&mut app));
    assert!(
        text.contains("atriage backfill mends them, where writing is allowed."),
        "{text}"
    );
    press(&mut app, "aF");
    assert!(
        app.screen().contains("Read-only: nothing is written from here."),
        "{}",
        app.screen()
    );
}

#[test]
fn a_run_that_stopped_is_told_there_and_gone_on_with() {
    for size in SIZES {
        let (mut app, targets) = running(12, size);
        stops(&mut app, &targets);
        app.effects.clear();
        press(&mut app, "i");
        app.send(Message::Looked(Box::new(looked(vec![Index::on_code(
            "code_1", true, true,
        )]))));
        let text = said(&dialog(&mut app));
        for part in [
            "Run 7f3a stopped · sandbox · 1 of 2",
            "Run 7f3a0000 stopped by itself, just now (2026-11-22 14:32:20 UTC).",
            "Left 7 of 12 users are left, 5 failed.",
            "Shown by the evidence: Run 7f3a0000 stopped after 5: ensure-code-index fails: mongo refused createIndexes",
            "! ensure-code-index failed for 5 users, last in run 7f3a0000:",
            "(internal)",
            "1 Drop the index code_1 on users, then go on.",
            "2 Press I, which brings the index to the form that the site's code wants; it asks first.",
            "3 R goes on with run 7f3a, after asking.",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        press(&mut app, "<tab>");
        assert!(dialog(&mut app).contains("One accident · aesthetic · sandbox · 2 of 2"));
        press(&mut app, "<left>");
        assert!(dialog(&mut app).contains("Run 7f3a stopped"));
        press(&mut app, "Ry");
        let run = "7f3a0000".to_string();
        assert!(app.effects.contains(&Effect::Resume { run }));
    }
}

#[test]
fn a_service_that_is_down_is_told_first_until_it_answers() {
    let mut app = practised(80, 24);
    let mut health = demo::health();
    let pds = health.iter_mut().find(|health| health.name == "pds").unwrap();
    pds.liveness = Liveness::Down;
    pds.problem = Some(Problem::new(
        Class::Unavailable,
        "pds does not answer.",
        "Is it up?",
    ));
    app.send(Message::Health(health));
    press(&mut app, "i");
    assert_eq!(
        dialog(&mut app),
        "
┌ pds is down · sandbox · 1 of 2 · being asked… ───────────────────────────┐
│ What pds knows shows as unknown, and no plan touches that.               │
│                                                                          │
│ Cause   Shown by the evidence: The PDS fails, so that no account can be  │
│         made: pds does not answer.                                       │
│                                                                          │
│ Seen    ✗ pds: pds does not answer.                                      │
│         ✓ Answer: auth0 84 ms, mongo 3 ms, plc 41 ms.                    │
│                                                                          │
│ Do      1 Is it up?                                                      │
│         2 atriage check-config tries each variable, credential and       │
│           right.                                                         │
│         3 It is tried again by itself; r asks now.                       │
│         A command line opens a sandbox of its own; here only keys act.   │
└──────────────────────────────────────────────────────────────────────────┘
"
    );
    // The page stays under the eyes of who reads it.
    app.send(Message::Health(demo::health()));
    assert!(dialog(&mut app).contains("This is over: it does not show any more."));
    press(&mut app, "<tab>");
    assert!(dialog(&mut app).contains("One accident"));
}

#[test]
fn orphans_that_could_not_be_looked_for_are_unknown_and_stay() {
    let mut app = App::new(120, 24);
    let mut orphan = demo::whole("wanda", 30);
    orphan.auth0 = crate::domain::Observed::Absent;
    app.refresh(vec![demo::whole("chen", 3), orphan]);
    app.send(Message::Health(demo::health()));
    let refresh = |app: &mut App, orphans_unknown| {
        app.start();
        app.news(crate::audit::Stage::Complete, vec![demo::whole("chen", 3)]);
        let (tenant, at) = ("aesthetic".to_string(), app.now());
        app.send(Message::Audit(AuditNews::Finished {
            tenant,
            at,
            whole_tenant: true,
            evidence: Some(Box::default()),
            orphans_unknown,
        }));
    };
    let problem = Problem::new(Class::RateLimit, "auth0 has no budget left.", "");
    refresh(&mut app, Some(problem));
    let screen = app.screen();
    assert!(
        screen.contains(
            "? Whether records of aesthetic lost their Auth0 user is unknown: auth0 has no budget left."
        ),
        "{screen}"
    );
    assert!(screen.contains("orphan-record"), "{screen}");
    refresh(&mut app, None);
    let screen = app.screen();
    assert!(
        !screen.contains("lost their Auth0 user") && !screen.contains("orphan-record"),
        "{screen}"
    );
}

/// R goes on with one run at a time: of another one the command line is named.
#[test]
fn the_key_is_named_for_the_run_that_it_goes_on_with() {
    let mut app = App::of_demo(120, 40);
    let runs = ["7f3a09c1", "81bb0000"].map(|id| open(&app, id, Some(pause(&app))));
    app.send(Message::Interrupted(runs.to_vec()));
    press(&mut app, "Rn");
    app.pass(10);
    press(&mut app, "i");
    let way_out = |app: &mut App| said(&dialog(app));
    assert!(way_out(&mut app).contains("R goes on with run 7f3a, after asking."));
    press(&mut app, "<tab>");
    let text = way_out(&mut app);
    assert!(text.contains("Run 81bb stopped · sandbox · 2 of 3"), "{text}");
    assert!(
        text.contains("atriage runs resume 81bb goes on with it."),
        "{text}"
    );
    assert!(text.contains("Left 15 of 20 users are left, 2 failed."), "{text}");
}

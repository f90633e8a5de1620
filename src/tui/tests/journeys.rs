//! What an operator does, key by key.

use crossterm::event::Event;

use crate::audit::{AuditNews, Stage};
use crate::domain::event::StepReport;
use crate::domain::{Class, JobNews, Outcome, Problem, RunNews, Step, StepOutcome};
use crate::tui::message::{Effect, Message};
use crate::tui::state::State;

use super::{App, demo, press};

fn subs(app: &App) -> Vec<String> {
    app.started().into_iter().map(|target| target.sub).collect()
}

#[test]
fn broken_signups_are_filtered_marked_and_mended() {
    let mut app = App::of_demo(80, 24);
    press(&mut app, "/pds:missing<enter>aF");
    assert_eq!(
        app.screen(),
        "
 AESTHETIC  sandbox   newest 18 · just now       auth0 ✓  mongo ✓  pds ✓  plc ✓
 11 whole  1 waiting  5 broken  1 unknown           filter pds:missing  3 of 18
 ! 3 of the newest 3 have no users record since 14:24 UTC. The step that draws
   the code and writes users fails for everybody: look at the in… · i explains
    AGE▾ USER                AUTH0     MONGO     CODE        DID       PDS
▸●┌ Mend 3 users of aesthetic · sandbox ─────────────────────────────────────┐ng
 ●│ 3 users: ensure-code-index → create-user → create-account →              │ng
 ●│          record-account → verify                                         │ng
  │   m…@example.com  auth0|mira                                             │
  │   k…@example.com  auth0|kato                                             │
  │   o…@example.com  auth0|orla                                             │
  │                                                                          │
  │ [ n: Cancel ]  [ y: Mend 3 users ]                                       │
  └──────────────────────────────────────────────────────────────────────────┘









 y do it  n cancel  Enter press  Tab other button  ↑↓ scroll  c what changes"
            .trim_start_matches('\n')
    );
    assert!(app.started().is_empty());
    press(&mut app, "y");
    assert_eq!(subs(&app), ["auth0|mira", "auth0|kato", "auth0|orla"]);
    assert_eq!(app.state.jobs.progress().total, 3);

    let targets = app.started();
    for (n, target) in targets.iter().enumerate() {
        app.job(target, JobNews::Started);
        app.job(target, JobNews::StepStarted(Step::CreateUser));
        assert!(app.screen().contains("running"), "{}", app.screen());
        let (step, outcome) = (Step::CreateUser, StepOutcome::Done);
        app.job(
            target,
            JobNews::StepDone(StepReport {
                at: super::demo::now(),
                step,
                outcome,
                ms: 4,
                detail: "ac26momez".into(),
            }),
        );
        let failed = n == 1;
        let outcome = if failed { Outcome::Failed } else { Outcome::Done };
        let error =
            failed.then(|| Problem::new(Class::Unavailable, "The PDS did not answer.", "Wait, and retry."));
        app.job(target, JobNews::Finished { outcome, error });
    }
    app.run(RunNews::Ended);
    // What stays marked is what failed, and R takes up exactly that.
    let marked: Vec<&str> = app.state.marks.iter().map(|id| id.key.as_str()).collect();
    assert_eq!(marked, ["auth0|kato"]);
    assert!(
        app.screen()
            .contains("3 jobs ended: 1 failed. Who failed stays marked; R retries them."),
        "{}",
        app.screen()
    );
    press(&mut app, "J");
    assert!(app.screen().contains("3 of 3"));
    assert!(app.screen().contains("failed: The PDS did not answer."));
    app.effects.clear();
    press(&mut app, "Ry");
    assert_eq!(subs(&app), ["auth0|kato"]);
}

#[test]
fn the_focus_is_on_cancel_and_enter_cancels() {
    for keys in ["F<enter>", "Fn", "F<esc>", "F<tab><tab><enter>"] {
        let mut app = App::of_demo(80, 24);
        press(&mut app, keys);
        assert!(app.started().is_empty(), "{keys}");
        assert!(app.screen().contains("Nothing was changed."), "{keys}");
    }
    let mut app = App::of_demo(80, 24);
    press(&mut app, "F<tab><enter>");
    assert_eq!(subs(&app), ["auth0|mira"]);
}

#[test]
fn what_was_listed_is_what_is_started_even_when_rows_move() {
    let mut app = App::of_demo(80, 24);
    press(&mut app, "F");
    let mut signups = demo::signups();
    signups.insert(0, demo::without_record("newcomer", 1));
    app.refresh(signups);
    press(&mut app, "y");
    assert_eq!(subs(&app), ["auth0|mira"]);
}

#[test]
fn marks_that_the_filter_hides_are_said_aloud() {
    let mut app = App::of_demo(100, 30);
    press(&mut app, "<space><space>/sub:<esc>/orla<enter>a");
    press(&mut app, "F");
    let screen = app.screen();
    assert!(
        screen.contains("2 of them are marked, but hidden by the filter"),
        "{screen}"
    );
    assert!(
        screen.contains("hidden by the filter  k…@example.com  auth0|kato"),
        "{screen}"
    );
    press(&mut app, "y");
    assert_eq!(subs(&app), ["auth0|orla", "auth0|kato", "auth0|mira"]);
}

#[test]
fn filters_hold_while_they_are_typed() {
    let cases = [
        ("/pds:missing", 3),
        ("/-pds:missing", 15),
        ("/finding:handle-drift", 1),
        ("/pds:drift -finding:handle-drift", 1),
        ("/MIRA@", 1),
        ("/did:plc:chen", 1),
        ("/auth0:waiting", 1),
        ("/age>1h -verified", 0),
        ("/is:broken -finding:missing-*", 2),
        ("!", 5),
        ("!/mongo:ok", 2),
    ];
    for (keys, count) in cases {
        let mut app = App::of_demo(100, 24);
        press(&mut app, keys);
        assert_eq!(app.state.shown.len(), count, "{keys}");
    }
    let mut app = App::of_demo(100, 24);
    press(&mut app, "/");
    app.send(Message::Terminal(Event::Paste(
        "mi\u{1b}[31mra\nsecond line".into(),
    )));
    assert!(app.screen().contains("mi\\u{1b}[31mra"));
}

#[test]
fn a_range_grows_with_the_cursor() {
    let mut app = App::of_demo(80, 24);
    press(&mut app, "jvjjk");
    assert_eq!(app.state.marks.len(), 2);
    press(&mut app, "vjj");
    assert_eq!(app.state.marks.len(), 2);
    press(&mut app, "u<shift-down><shift-down>");
    assert_eq!(app.state.marks.len(), 3);
    press(&mut app, "j");
    assert_eq!(app.state.marks.len(), 3);
    press(&mut app, "a");
    assert_eq!(app.state.marks.len(), 18);
}

#[test]
fn keys_that_do_not_apply_say_why() {
    let cases = [
        ("GF", "Nothing is done: This signup is whole."),
        ("jjjF", "Nothing is missing yet"),
        ("jjjjjjjF", "Nothing is done: account-taken-down"),
        ("R", "No job failed"),
        ("x", "No job runs on this user."),
        ("u", "Nobody is marked."),
        ("J", "There were no jobs in this session yet; F starts some."),
        ("<esc>", "q quits"),
    ];
    for (keys, why) in cases {
        let mut app = App::of_demo(100, 24);
        press(&mut app, keys);
        let screen = app.screen();
        assert!(screen.contains(why), "{keys}: {screen}");
        app.answer_older(&[]);
        assert!(app.effects.is_empty(), "{keys}");
    }
}

#[test]
fn read_only_offers_no_writing_and_answers_with_one_sentence() {
    let mut setup = demo::setup();
    setup.read_only = true;
    let mut app = App::with(State::new(setup), 100, 45);
    app.refresh(demo::signups());
    app.effects.clear();
    assert!(app.screen().contains("read-only"));
    assert!(!app.screen().contains("F fix"));
    for key in ["F", "R", "x", "dF"] {
        press(&mut app, key);
        assert!(
            app.screen().contains("Read-only: nothing is written from here."),
            "{key}"
        );
    }
    press(&mut app, "<esc>?");
    let help = app.screen();
    assert!(
        help.contains("what F would do") && !help.contains("mend the marked"),
        "{help}"
    );
    let writes = |effect: &Effect| matches!(effect, Effect::Start { .. } | Effect::Cancel(_));
    assert!(!app.effects.iter().any(writes));
}

#[test]
fn tenants_go_round_and_marks_of_another_are_not_acted_on() {
    let mut app = App::of_demo(100, 24);
    press(&mut app, "<space>t");
    assert_eq!(
        app.effects,
        [Effect::Refresh {
            tenants: vec!["sotce".into()]
        }]
    );
    assert!(app.screen().starts_with(" SOTCE"));
    assert_eq!((app.state.marked, app.state.marks.len()), (0, 1));
    press(&mut app, "F");
    assert!(app.started().is_empty());
    press(&mut app, "t");
    assert!(app.screen().starts_with(" BOTH") && app.screen().contains("TENANT"));
    press(&mut app, "t");
    assert_eq!(app.state.marked, 1);
    let mut setup = demo::setup();
    setup.unconfigured = vec![setup.tenants.remove(1)];
    let mut one = App::with(State::new(setup), 100, 24);
    press(&mut one, "t");
    assert!(one.screen().contains("sotce is not configured"));
}

#[test]
fn the_detail_tells_what_is_wrong_and_what_would_be_done() {
    let mut app = App::of_demo(120, 40);
    press(&mut app, "<enter>");
    assert!(matches!(app.effects.as_slice(), [Effect::Observe(target)] if target.sub == "auth0|mira"));
    let screen = app.screen();
    for text in [
        "Signed up 3 min ago (2026-11-22 14:29:20 UTC), e-mail verified.",
        "✗ There is no users record",
        "Plan    ensure-code-index → create-user",
    ] {
        assert!(screen.contains(text), "{screen}");
    }
    // Whom the cursor only passes is not asked for; where it rests, once.
    app.effects.clear();
    press(&mut app, "jjjj");
    assert!(app.effects.is_empty());
    app.pass(1);
    app.pass(1);
    let observed = app
        .effects
        .iter()
        .filter(|effect| matches!(effect, Effect::Observe(_)))
        .count();
    assert_eq!(observed, 1);
    assert!(!app.screen().contains("zhuxin@"));
    press(&mut app, "p");
    assert!(app.screen().contains("zhuxin@example.com"));
}

#[test]
fn marks_are_counted_and_dropped_of_the_tenants_that_are_shown() {
    let mut app = App::of_demo(120, 24);
    press(&mut app, "<space><space>t");
    let of_sotce = |name, minutes| demo::of("sotce", "sotce-", name, minutes);
    let tenant = || "sotce".to_string();
    for news in [
        AuditNews::Started { tenant: tenant() },
        AuditNews::Rows {
            tenant: tenant(),
            stage: Stage::Complete,
            signups: vec![of_sotce("bela", 3), of_sotce("cyra", 4), of_sotce("dora", 5)],
        },
        AuditNews::Finished {
            tenant: tenant(),
            at: app.now(),
            whole_tenant: true,
            evidence: None,
            orphans_unknown: None,
        },
    ] {
        app.send(Message::Audit(news));
    }
    // Nobody of this tenant is marked: what would unmark is not offered, and takes nothing from the other.
    assert!(!app.screen().contains("u unmark"), "{}", app.screen());
    press(&mut app, "u");
    assert!(
        app.screen()
            .contains("Nobody is marked here: the marks are of another tenant."),
        "{}",
        app.screen()
    );
    assert_eq!(app.state.marks.len(), 2);
    press(&mut app, "vjv");
    let screen = app.screen();
    assert!(
        screen.contains("2 users marked.") && screen.contains("mark (2)"),
        "{screen}"
    );
    press(&mut app, "u");
    assert_eq!((app.state.marked, app.state.marks.len()), (0, 2));
    press(&mut app, "tt");
    assert_eq!(app.state.marked, 2, "those of aesthetic are still there");
}

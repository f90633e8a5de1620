//! What outlives a session: leaving jobs for later, and going on with a run.

use jiff::SignedDuration;

use super::cancels::cancelled;
use super::runs::{SIZES, pause, running, stops};
use super::{App, demo, dialog, press, said};
use crate::domain::run::{Pause, Run, RunState};
use crate::domain::{Class, JobNews, Outcome, Problem, RunNews, Step};
use crate::tui::message::{Effect, Message, OpenRun};
use crate::tui::shell::left_behind;
use crate::tui::state::{Mode, State};

pub fn open(app: &App, id: &str, pause: Option<Pause>) -> OpenRun {
    let run = Run {
        id: id.into(),
        tenant: "aesthetic".into(),
        operator: "mira".into(),
        host: "desk".into(),
        reason: Some("the code index was broken".into()),
        deep: false,
        total: 20,
        created_at: app.now() - SignedDuration::from_mins(12),
        state: if pause.is_some() {
            RunState::Paused
        } else {
            RunState::Running
        },
        pause,
        ended_at: None,
        systemic: None,
        moves: Vec::new(),
    };
    OpenRun {
        run,
        left: 15,
        failed: 2,
    }
}

#[test]
fn leaving_asks_while_jobs_run() {
    let (mut app, targets) = running(3, (80, 24));
    app.job(&targets[0], JobNews::StepStarted(Step::CreateAccount));
    press(&mut app, "q");
    assert_eq!(
        dialog(&mut app),
        "
┌ Quit? ───────────────────────────────────────────────────────────────────┐
│ 3 jobs have not ended yet. Wait for them, or leave them for later: each  │
│ finishes the step in hand, the rest stays queued, and atriage runs       │
│ resume 7f3a0000 or the next start goes on. ctrl-c once more quits at     │
│ once, and loses nothing either.                                          │
│                                                                          │
│ [ n: Stay ]  [ w: Wait, then quit ]  [ l: Leave them for later ]         │
└──────────────────────────────────────────────────────────────────────────┘
"
    );
    press(&mut app, "<enter>");
    assert!(app.effects.is_empty(), "the focus is on staying");
    press(&mut app, "qw");
    assert!(
        app.screen()
            .contains("Leaving as soon as 3 jobs ended. Esc stays.")
    );
    press(&mut app, "<esc>");
    assert!(app.screen().contains("Staying.") && app.effects.is_empty());

    press(&mut app, "ql");
    assert_eq!(app.effects, [Effect::Leave]);
    assert!(
        app.screen()
            .contains("Leaving as soon as 3 jobs finished the step in hand. Esc stays."),
        "{}",
        app.screen()
    );
    // It cannot be taken back, and is not said twice.
    press(&mut app, "<esc>");
    let screen = app.screen();
    assert!(
        screen.contains("Staying. The jobs were told to stop already; R goes on with them."),
        "{screen}"
    );
    assert!(screen.contains("3 jobs will be left for later"), "{screen}");
    press(&mut app, "ql");
    assert_eq!(app.effects, [Effect::Leave]);
    // A run that was written down meanwhile is left too.
    app.effects.clear();
    app.job(&targets[1], JobNews::Queued);
    assert_eq!(app.effects, [Effect::Leave]);
    app.job(&targets[1], JobNews::Left);
    app.job(&targets[2], JobNews::Left);
    let outcome = Outcome::Done;
    app.job(&targets[0], JobNews::Finished { outcome, error: None });
    assert!(app.effects.contains(&Effect::Quit));
    assert_eq!(
        left_behind(&app.state).unwrap(),
        "Left run 7f3a0000: 2 users are queued; atriage runs resume 7f3a0000 goes on."
    );
}

#[test]
fn the_question_that_is_over_says_so() {
    let (mut app, targets) = running(1, (80, 24));
    press(&mut app, "q");
    let outcome = Outcome::Done;
    app.job(&targets[0], JobNews::Finished { outcome, error: None });
    assert!(matches!(app.state.mode, Mode::Table) && !app.effects.contains(&Effect::Quit));
    assert!(
        app.screen().contains("All jobs have ended; q quits."),
        "{}",
        app.screen()
    );
}

#[test]
fn who_stays_after_all_goes_on_with_r() {
    let (mut app, targets) = running(3, (80, 24));
    press(&mut app, "ql<esc>");
    for target in &targets {
        app.job(target, JobNews::Left);
    }
    app.run(RunNews::Ended);
    assert!(!app.effects.contains(&Effect::Quit) && !app.screen().contains("will be left"));
    app.effects.clear();
    press(&mut app, "Ry");
    assert_eq!(
        app.effects,
        [Effect::Resume {
            run: "7f3a0000".into()
        }]
    );
    // What nobody can go on with any more says why.
    let problem = Problem::new(Class::Conflict, "ivo@desk works on it.", "");
    app.run(RunNews::Refused(problem));
    assert!(app.screen().contains("ivo@desk works on it."), "{}", app.screen());
    press(&mut app, "R");
    assert!(
        dialog(&mut app).contains("3 of 3 users are left"),
        "{}",
        app.screen()
    );
    press(&mut app, "x");
    assert!(app.effects.contains(&Effect::CancelRun {
        run: "7f3a0000".into()
    }));
    assert_eq!(left_behind(&app.state), None);
    cancelled(&mut app, "7f3a0000", Ok(()));
    app.effects.clear();
    press(&mut app, "R");
    assert!(
        app.screen().contains("No job failed and no run stopped"),
        "{}",
        app.screen()
    );
}

#[test]
fn ctrl_c_asks_first_and_leaves_at_once_the_second_time() {
    let (mut app, _) = running(3, (80, 24));
    press(&mut app, "<ctrl-c>");
    assert!(app.effects.is_empty() && app.screen().contains("Quit?"));
    press(&mut app, "<ctrl-c>");
    assert!(app.effects.contains(&Effect::Quit) && app.state.interrupted);
    assert!(
        left_behind(&app.state)
            .unwrap()
            .starts_with("Left run 7f3a0000: 3 users are queued;")
    );

    let mut idle = App::of_demo(80, 24);
    press(&mut idle, "q");
    assert!(idle.effects.contains(&Effect::Quit) && !idle.state.interrupted);
    assert_eq!(left_behind(&idle.state), None);
    let mut twice = App::of_demo(80, 24);
    press(&mut twice, "<ctrl-c>");
    assert!(!twice.effects.contains(&Effect::Quit));
    press(&mut twice, "<ctrl-c>");
    assert!(twice.effects.contains(&Effect::Quit) && twice.state.interrupted);
}

#[test]
fn an_interrupted_run_is_offered_at_the_start() {
    let mut app = App::of_demo(80, 24);
    let runs = ["7f3a09c1", "81bb0000", "91bb0000"].map(|id| open(&app, id, None));
    app.send(Message::Interrupted(runs.to_vec()));
    press(&mut app, "R");
    assert_eq!(
        dialog(&mut app),
        "
┌ An interrupted run · sandbox ────────────────────────────────────────────┐
│ Run 7f3a of aesthetic: 15 of 20 users are left, 2 failed.                │
│ Started by mira@desk 12 min ago (2026-11-22 14:20:20 UTC).               │
│ Why  the code index was broken                                           │
│ Nobody works on it now. Each user is looked at again first.              │
│ And 2 more wait: atriage runs list.                                      │
│                                                                          │
│ 15 users:                                                                │
│   not loaded  auth0|user0                                                │
│   not loaded  auth0|user1                                                │
│   not loaded  auth0|user2                                                │
│   not loaded  auth0|user3                                                │
│   not loaded  auth0|user4                                                │
│   not loaded  auth0|user5                                                │
│   not loaded  auth0|user6                                                │
│   not loaded  auth0|user7                                                │
│   not loaded  auth0|user8                                                │
│   not loaded  auth0|user9                                               ↓│
│                                                                          │
│ [ n: Later ]  [ y: Go on with 15 users ]  [ x: Cancel the run ]          │
└───────────────────────────────────────────────────── 5 more users below ─┘
"
    );
    press(&mut app, "<enter>");
    assert!(app.effects.is_empty(), "the focus is on later");
    assert!(app.screen().contains("Run 7f3a waits: R goes on with it."));
    press(&mut app, "Ry");
    let run = "7f3a09c1".to_string();
    assert_eq!(app.effects, [Effect::Resume { run: run.clone() }]);

    // Nobody registered its jobs here: they are counted as they come.
    let event = |app: &App, key: &str, news| {
        let (sub, key) = (format!("auth0|{key}"), format!("auth0|{key}"));
        let (run, tenant, at) = (run.clone(), "aesthetic".to_string(), app.now());
        Message::Job(crate::domain::JobEvent {
            run,
            tenant,
            key,
            sub,
            at,
            news,
        })
    };
    app.send(event(&app, "mira", JobNews::Queued));
    app.send(event(&app, "kato", JobNews::Queued));
    let outcome = Outcome::Done;
    app.send(event(&app, "mira", JobNews::Finished { outcome, error: None }));
    app.pass(6);
    assert!(
        app.screen().contains(" run 7f3a  1 of 15  █░"),
        "{}",
        app.screen()
    );
    app.send(event(&app, "kato", JobNews::Finished { outcome, error: None }));
    press(&mut app, "R");
    assert!(
        app.screen().contains("resume 81bb") || dialog(&mut app).contains("Run 81bb"),
        "{}",
        app.screen()
    );
    press(&mut app, "x");
    assert!(app.effects.contains(&Effect::CancelRun {
        run: "81bb0000".into()
    }));
}

/// It opens no dialog by itself: a key that was meant for the table would answer it.
#[test]
fn no_key_that_was_meant_for_the_table_answers_the_offer() {
    for keys in ["", "y", "x", "<enter>", "<tab><enter>", "j<space>y"] {
        let mut app = App::of_demo(80, 24);
        let run = open(&app, "7f3a09c1", None);
        app.send(Message::Interrupted(vec![run]));
        press(&mut app, keys);
        app.pass(1);
        let of_runs = |effect: &Effect| matches!(effect, Effect::Resume { .. } | Effect::CancelRun { .. });
        assert!(!app.effects.iter().any(of_runs), "{keys}: {:?}", app.effects);
        assert!(matches!(app.state.mode, Mode::Table), "{keys}");
    }
}

/// The line stands above the table until somebody looked at the run.
#[test]
fn the_offer_waits_for_its_key() {
    const LINE: &str = " ! Run 7f3a of aesthetic: 15 of 20 users are left, 2 failed. R resumes it.";
    for keys in ["", "F<esc>", "/mi<esc>", "?<esc>", "<ctrl-c><esc>"] {
        let mut app = App::of_demo(80, 24);
        let run = open(&app, "7f3a09c1", None);
        app.send(Message::Interrupted(vec![run.clone()]));
        press(&mut app, keys);
        app.send(Message::Interrupted(vec![run]));
        app.pass(60);
        assert!(app.screen().contains(LINE), "{keys}: {}", app.screen());
        press(&mut app, "R");
        assert!(dialog(&mut app).contains("An interrupted run"), "{keys}");
        press(&mut app, "n");
        app.pass(60);
        assert!(
            !app.screen().contains(LINE),
            "it is offered once: {}",
            app.screen()
        );
        assert!(app.screen().contains("R resume 7f3a"), "{}", app.screen());
    }
    // Where the key means another run or those who failed here, it is not promised.
    let (mut app, targets) = running(12, (120, 40));
    let run = open(&app, "81bb0000", None);
    app.send(Message::Interrupted(vec![run]));
    stops(&mut app, &targets);
    assert!(!app.screen().contains("R resumes it."), "{}", app.screen());
}

#[test]
fn a_paused_run_of_before_says_what_stopped_it() {
    for (width, height) in SIZES {
        let mut app = App::of_demo(width, height);
        let run = open(&app, "7f3a09c1", Some(pause(&app)));
        app.send(Message::Interrupted(vec![run]));
        press(&mut app, "R");
        let text = said(&dialog(&mut app));
        for part in [
            "A run that stopped by itself",
            "Run 7f3a of aesthetic: 15 of 20 users are left, 2 failed.",
            "Started by mira@desk 12 min ago (2026-11-22 14:20:20 UTC).",
            "Why the code index was broken",
            "stopped after 5: ensure-code-index fails: mongo refused createIndexes: an equivalent index exists already \
             (code 85).",
            "Drop the index code_1 on users, then go on.",
            "[ n: Later ] [ y: Go on with 15 users ] [ x: Cancel the run ]",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
}

#[test]
fn read_only_only_tells_of_an_interrupted_run() {
    let mut setup = demo::setup();
    setup.read_only = true;
    let mut app = App::with(State::new(setup), 80, 24);
    app.refresh(demo::signups());
    app.effects.clear();
    let run = open(&app, "7f3a09c1", None);
    app.send(Message::Interrupted(vec![run]));
    app.pass(1);
    let screen = app.screen();
    assert!(
        screen.contains("An interrupted run waits: 15 of 20 users left."),
        "{screen}"
    );
    assert!(matches!(app.state.mode, Mode::Table));
    press(&mut app, "H");
    assert!(
        matches!(app.effects.as_slice(), [.., Effect::History(_)]),
        "H only looks"
    );
}

#[test]
fn what_failed_here_is_retried_before_an_older_run_is_gone_on_with() {
    let mut app = App::of_demo(120, 24);
    let run = open(&app, "81bb0000", None);
    app.send(Message::Interrupted(vec![run]));
    press(&mut app, "Fy");
    let target = app.started().remove(0);
    let outcome = Outcome::Failed;
    app.job(&target, JobNews::Finished { outcome, error: None });
    app.run(RunNews::Ended);
    assert!(app.screen().contains("R retry 1"), "{}", app.screen());
    press(&mut app, "R");
    assert!(dialog(&mut app).contains("Retry 1 user"));
}

#[test]
fn a_run_that_cannot_go_on_says_why_and_waits_again() {
    let refused = || Problem::new(Class::Conflict, "ivo@desk works on it.", "Wait.");
    let (mut app, targets) = running(12, (80, 24));
    stops(&mut app, &targets);
    press(&mut app, "Ry");
    app.run(RunNews::Refused(refused()));
    let screen = app.screen();
    assert!(
        screen.contains("Run 7f3a does not go on: ivo@desk works on it. Wait."),
        "{screen}"
    );
    assert!(screen.contains("run 7f3a stopped after 5"), "{screen}");

    let mut app = App::of_demo(80, 24);
    let run = open(&app, "7f3a0000", None);
    app.send(Message::Interrupted(vec![run]));
    press(&mut app, "Ry");
    app.run(RunNews::Refused(refused()));
    assert!(app.screen().contains("R resume 7f3a"), "{}", app.screen());
    assert_eq!(left_behind(&app.state), None, "it is nobody's here");
}

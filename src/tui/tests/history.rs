//! What the audit trail tells of one user.

use jiff::SignedDuration;

use super::{App, demo, dialog, press, said};
use crate::domain::trail::{Change, Deed, Field};
use crate::domain::{Class, JobNews, Outcome, Problem, RunNews, Step, StepOutcome};
use crate::tui::message::{Effect, Message, Target};
use crate::tui::state::Mode;

fn mira() -> Target {
    Target {
        tenant: "aesthetic".into(),
        sub: "auth0|mira".into(),
        key: "auth0|mira".into(),
    }
}

fn deed(
    run: &str,
    step: Step,
    outcome: Option<StepOutcome>,
    changes: &[(Field, Option<&str>, Option<&str>)],
) -> Deed {
    let Target { tenant, sub, key } = mira();
    let change = |(field, before, after): &(Field, Option<&str>, Option<&str>)| Change {
        field: *field,
        before: before.map(String::from),
        after: after.map(String::from),
    };
    Deed {
        run: run.into(),
        tenant,
        sub,
        key,
        step,
        at: demo::now() - SignedDuration::from_mins(3),
        ended_at: None,
        operator: "ivo".into(),
        host: "desk".into(),
        reason: (run == "7f3a09c1").then(|| "the code index was broken".into()),
        outcome,
        changes: changes.iter().map(change).collect(),
        error: (outcome == Some(StepOutcome::Failed)).then(|| "pds does not answer.".into()),
    }
}

#[test]
fn the_history_tells_who_changed_what_and_why() {
    let mut app = App::of_demo(80, 24);
    press(&mut app, "H");
    assert_eq!(app.effects, [Effect::History(mira())]);
    assert!(dialog(&mut app).contains("│ reading…"));
    let handle = |name: &str| format!("{name}.at.example.com");
    let (old, new) = (handle("mira"), handle("miranda"));
    let told = vec![
        deed(
            "81bb0000",
            Step::RecordAccount,
            None,
            &[(Field::RecordedHandle, Some(&old), None)],
        ),
        deed(
            "81bb0000",
            Step::SyncHandle,
            Some(StepOutcome::Done),
            &[(Field::Handle, Some(&old), Some(&new))],
        ),
        deed("7f3a09c1", Step::CreateAccount, Some(StepOutcome::Failed), &[]),
        deed(
            "7f3a09c1",
            Step::CreateUser,
            Some(StepOutcome::Done),
            &[
                (Field::Code, None, Some("ac26momez")),
                (Field::Password, None, Some("set")),
            ],
        ),
    ];
    let target = Target {
        sub: "auth0|kato".into(),
        key: "auth0|kato".into(),
        ..mira()
    };
    app.send(Message::History {
        target,
        told: Ok(Vec::new()),
    });
    assert!(
        dialog(&mut app).contains("│ reading…"),
        "an answer about somebody else"
    );
    app.send(Message::History {
        target: mira(),
        told: Ok(told),
    });
    assert_eq!(
        dialog(&mut app),
        "
┌ History of m…@example.com ── auth0|mira ─────────────────────────────────┐
│ run 81bb · ivo@desk                                                      │
│   2026-11-22 14:29:20 UTC  ? record-account                              │
│       began, and was never heard of again                                │
│       recorded handle     was m….at.example.com                          │
│   2026-11-22 14:29:20 UTC  ✓ sync-handle                                 │
│       handle              m….at.example.com → another m….at.example.com  │
│ run 7f3a · ivo@desk                                                      │
│ why: the code index was broken                                           │
│   2026-11-22 14:29:20 UTC  ✗ create-account failed                       │
│       error               pds does not answer.                           │
│   2026-11-22 14:29:20 UTC  ✓ create-user                                 │
│       code                – → ac26momez                                  │
│       password            – → set                                        │
└──────────────────────────────────────────────────────────────────────────┘
"
    );
    press(&mut app, "p");
    let shown = dialog(&mut app);
    assert!(
        shown.contains("handle              mira.at.example.com → miranda.at.example.com"),
        "{shown}"
    );
    assert!(shown.contains("History of mira@example.com"), "{shown}");
    // A small screen scrolls.
    app.resize(80, 15);
    assert!(!dialog(&mut app).contains("ac26momez"));
    press(&mut app, "<pgdn>");
    assert!(dialog(&mut app).contains("ac26momez"), "{}", app.screen());
    press(&mut app, "<esc>");
    assert!(matches!(app.state.mode, Mode::Table));
}

#[test]
fn a_history_that_is_empty_or_cannot_be_read_says_so() {
    let failed = Problem::new(
        Class::Unavailable,
        "mongo does not answer.",
        "Look whether it runs.",
    );
    let cases = [
        (Ok(Vec::new()), "Nothing was changed by atriage so far."),
        (Err(failed), "mongo does not answer. Look whether it runs."),
    ];
    for (told, text) in cases {
        let mut app = App::of_demo(80, 24);
        press(&mut app, "H");
        app.send(Message::History { target: mira(), told });
        assert!(said(&dialog(&mut app)).contains(text), "{}", app.screen());
    }
}

#[test]
fn a_step_of_the_job_in_hand_is_under_way_and_not_lost() {
    let mut app = App::of_demo(80, 24);
    press(&mut app, "FyH");
    app.run(RunNews::Registered { total: 1 });
    let told = vec![deed("7f3a0000", Step::CreateUser, None, &[])];
    app.send(Message::History {
        target: mira(),
        told: Ok(told),
    });
    assert!(
        dialog(&mut app).contains("◐ create-user is under way"),
        "{}",
        app.screen()
    );
    let outcome = Outcome::Failed;
    app.job(&mira(), JobNews::Finished { outcome, error: None });
    assert!(dialog(&mut app).contains("? create-user"), "{}", app.screen());
    assert!(app.screen().contains("began, and was never heard of again"));
}

#[test]
fn a_history_that_is_open_is_read_again_when_a_job_of_that_user_ends() {
    for news in [
        JobNews::Finished {
            outcome: Outcome::Done,
            error: None,
        },
        JobNews::Left,
    ] {
        let mut app = App::of_demo(80, 24);
        press(&mut app, "FyH");
        app.run(RunNews::Registered { total: 1 });
        let told = Ok(Vec::new());
        app.send(Message::History { target: mira(), told });
        assert!(dialog(&mut app).contains("Nothing was changed by atriage so far."));
        app.effects.clear();
        let kato = Target {
            sub: "auth0|kato".into(),
            key: "auth0|kato".into(),
            ..mira()
        };
        app.job(&kato, news.clone());
        assert!(
            app.effects.is_empty(),
            "a job of somebody else: {:?}",
            app.effects
        );
        app.job(&mira(), news);
        assert_eq!(app.effects, [Effect::History(mira())]);
        let told = vec![deed("7f3a0000", Step::CreateUser, Some(StepOutcome::Done), &[])];
        app.send(Message::History {
            target: mira(),
            told: Ok(told),
        });
        assert!(dialog(&mut app).contains("✓ create-user"), "{}", app.screen());
    }
}

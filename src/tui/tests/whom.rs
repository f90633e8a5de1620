//! Whom going on with a run would touch: asked of the store, and seen before anybody agrees to it.

use super::resumes::open;
use super::runs::pause;
use super::{App, dialog, press, said};
use crate::domain::{Class, Problem};
use crate::tui::jobs::Phase;
use crate::tui::message::{Effect, Message, TakenUp, Target};
use crate::tui::state::{Mode, State};

/// What a store that counts as the screen does tells of the run that is asked about.
pub fn of(state: &State) -> Vec<TakenUp> {
    let Mode::Resume { offer, .. } = &state.mode else {
        return Vec::new();
    };
    if offer.by.is_some() {
        return (0..offer.left)
            .map(|n| user(&format!("user{n}"), false))
            .collect();
    }
    let here = state.jobs.all();
    let taken_up = here.filter(|job| job.phase == Phase::Left || (job.failed() && offer.pause.is_some()));
    taken_up
        .map(|job| TakenUp {
            target: job.target.clone(),
            failed: job.failed(),
        })
        .collect()
}

fn user(name: &str, failed: bool) -> TakenUp {
    let sub = format!("auth0|{name}");
    TakenUp {
        target: Target {
            tenant: "aesthetic".into(),
            key: sub.clone(),
            sub,
        },
        failed,
    }
}

/// A run of before, asked about while the store takes its time.
fn asked(width: u16, height: u16) -> App {
    let mut app = App::of_demo(width, height);
    app.tells_whom = false;
    let run = open(&app, "7f3a09c1", Some(pause(&app)));
    app.send(Message::Interrupted(vec![run]));
    press(&mut app, "R");
    let run = "7f3a09c1".to_string();
    assert_eq!(app.effects, [Effect::AskWhom { run }]);
    app.effects.clear();
    app
}

fn told(app: &mut App, run: &str, told: Result<Vec<TakenUp>, Problem>) {
    let run = run.to_string();
    app.send(Message::Whom { run, told });
}

#[test]
fn nobody_agrees_before_it_is_seen_whom_that_touches() {
    let mut app = asked(80, 30);
    for keys in ["y", "<tab><enter>"] {
        press(&mut app, keys);
        assert!(app.effects.is_empty(), "{keys}: {:?}", app.effects);
        let screen = app.screen();
        assert!(
            screen.contains("Whom this would touch is being asked…"),
            "{screen}"
        );
        assert!(
            screen.contains("Whom it would touch is still being asked"),
            "{screen}"
        );
    }
    press(&mut app, "<backtab>");
    // What was asked about another run is none of this one.
    told(&mut app, "81bb0000", Ok(vec![user("chen", false)]));
    assert!(app.screen().contains("is being asked…"), "{}", app.screen());
    let users = vec![
        user("mira", true),
        user("kato", false),
        user("nobody-here", false),
    ];
    told(&mut app, "7f3a09c1", Ok(users));
    app.pass(10);
    assert_eq!(
        dialog(&mut app),
        "
┌ A run that stopped by itself · sandbox ──────────────────────────────────┐
│ Run 7f3a of aesthetic: 15 of 20 users are left, 2 failed.                │
│ Started by mira@desk 12 min ago (2026-11-22 14:20:20 UTC).               │
│ Why  the code index was broken                                           │
│ It   stopped after 5: ensure-code-index fails: mongo refused             │
│      createIndexes: an equivalent index exists already (code 85).        │
│      Drop the index code_1 on users, then go on.                         │
│ Repair that first; those whom it failed for are taken up again too.      │
│                                                                          │
│ 3 users:                                                                 │
│   failed by it  m…@example.com  auth0|mira                               │
│   k…@example.com  auth0|kato                                             │
│   not loaded  auth0|nobody-here                                          │
│                                                                          │
│ [ n: Later ]  [ y: Go on with 3 users ]  [ x: Cancel the run ]           │
└──────────────────────────────────────────────────────────────────────────┘
"
    );
    press(&mut app, "p");
    assert!(
        app.screen().contains("mira@example.com  auth0|mira"),
        "{}",
        app.screen()
    );
    press(&mut app, "y");
    let run = "7f3a09c1".to_string();
    assert_eq!(app.effects, [Effect::Resume { run }]);
}

#[test]
fn a_long_list_is_gone_through_and_says_how_many_are_below() {
    let mut app = asked(80, 24);
    let users = (0..40).map(|n| user(&format!("left{n}"), false)).collect();
    told(&mut app, "7f3a09c1", Ok(users));
    let text = dialog(&mut app);
    assert!(
        text.contains("auth0|left0 ") && text.contains("more users below"),
        "{text}"
    );
    assert!(!text.contains("auth0|left39"), "{text}");
    press(&mut app, &"<pgdn>".repeat(6));
    let text = dialog(&mut app);
    assert!(
        text.contains("auth0|left39") && !text.contains("users below"),
        "{text}"
    );
}

#[test]
fn where_the_store_does_not_tell_nobody_can_agree() {
    let mut app = asked(80, 30);
    let problem = Problem::new(Class::Unavailable, "mongo does not answer.", "Is it up?");
    told(&mut app, "7f3a09c1", Err(problem));
    let text = said(&dialog(&mut app));
    assert!(
        text.contains("Whom this would touch is not known: mongo does not answer. Is it up?"),
        "{text}"
    );
    press(&mut app, "y");
    assert!(app.effects.is_empty(), "{:?}", app.effects);
    assert!(
        app.screen().contains("is not known: the reason stands above."),
        "{}",
        app.screen()
    );
    // Closed, it is asked again.
    press(&mut app, "nR");
    assert!(
        matches!(app.effects.as_slice(), [Effect::AskWhom { .. }]),
        "{:?}",
        app.effects
    );
}

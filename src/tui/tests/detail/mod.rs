//! One user on the whole screen: what stands there at each size, what it asks for, what can be copied, and how one leaves.

mod links;
mod looks;
mod manners;
mod pane;
mod pictures;

use jiff::SignedDuration;

use super::{App, demo, dialog, press, said};
use crate::audit::Stage;
use crate::domain::event::StepReport;
use crate::domain::trail::{Change, Deed, Field};
use crate::domain::{Class, JobNews, Observed, Outcome, Plan, Problem, RunNews, Step, StepOutcome};
use crate::tui::message::{Effect, Message, Target};
use crate::tui::state::State;

fn target(name: &str) -> Target {
    Target {
        tenant: "aesthetic".into(),
        sub: format!("auth0|{name}"),
        key: format!("auth0|{name}"),
    }
}

/// What a colleague did three hours ago.
fn deeds(name: &str) -> Vec<Deed> {
    let Target { tenant, sub, key } = target(name);
    let deed = |step, outcome, error: Option<&str>, changes: Vec<Change>| Deed {
        run: "81bb0000".into(),
        tenant: tenant.clone(),
        sub: sub.clone(),
        key: key.clone(),
        step,
        at: demo::now() - SignedDuration::from_hours(3),
        ended_at: None,
        operator: "ivo".into(),
        host: "desk".into(),
        reason: Some("the PDS was moved".into()),
        outcome: Some(outcome),
        changes,
        error: error.map(String::from),
    };
    let handle = Change {
        field: Field::Handle,
        before: Some("old.at.example.com".into()),
        after: Some(format!("{name}.at.example.com")),
    };
    vec![
        deed(
            Step::RecordAccount,
            StepOutcome::Failed,
            Some("mongo does not answer."),
            Vec::new(),
        ),
        deed(Step::SyncHandle, StepOutcome::Done, None, vec![handle]),
    ]
}

fn tell(app: &mut App, name: &str, told: Result<Vec<Deed>, Problem>) {
    let target = target(name);
    app.send(Message::History { target, told });
}

/// One whose detail has the whole screen, after so many keys down.
fn whole(width: u16, height: u16, down: usize) -> App {
    let mut app = App::of_demo(width, height);
    press(&mut app, &"j".repeat(down));
    press(&mut app, "<enter><enter>");
    app
}

/// The frame and what stands in it, down to the last line that says something.
fn frame(app: &mut App) -> String {
    let screen = app.screen();
    let mut lines: Vec<&str> = screen
        .lines()
        .skip(1)
        .take_while(|line| !line.starts_with('└'))
        .collect();
    let says = |line: &&str| line.chars().any(|c| !matches!(c, '│' | ' '));
    while lines.last().is_some_and(|line| !says(line)) {
        lines.pop();
    }
    format!("\n{}\n", lines.join("\n"))
}

fn asked_for_history(app: &App) -> Vec<&str> {
    app.effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::History(target) => Some(target.key.as_str()),
            _ => None,
        })
        .collect()
}

fn footer(app: &mut App) -> String {
    app.screen().lines().last().unwrap_or_default().to_string()
}

#[test]
fn enter_gives_it_the_whole_screen_and_esc_goes_back_step_by_step() {
    let mut app = App::of_demo(80, 24);
    press(&mut app, "<enter>");
    assert!(
        footer(&mut app).contains("Enter all of it"),
        "{}",
        footer(&mut app)
    );
    assert!(asked_for_history(&app).is_empty());
    press(&mut app, "<enter>");
    assert_eq!(asked_for_history(&app), ["auth0|mira"]);
    assert!(
        app.screen()
            .contains("┌ m…@example.com ── auth0|mira ── 1 of 18 ─")
    );
    assert!(!app.screen().contains("MONGO     CODE"), "{}", app.screen());
    assert!(
        footer(&mut app).starts_with(" Esc back  F fix  ↑↓ user"),
        "{}",
        footer(&mut app)
    );
    press(&mut app, "<esc>");
    assert!(app.screen().contains("MONGO     CODE") && app.state.detail.is_some());
    press(&mut app, "<enter><enter>");
    assert!(
        app.state.whole_detail().is_none() && app.state.detail.is_some(),
        "Enter makes it smaller again"
    );
    press(&mut app, "<esc>");
    assert!(app.state.detail.is_none());
    // A dialog over it, and back to it.
    press(&mut app, "<enter><enter>?<esc>H<esc>d<esc>:<esc>");
    assert!(app.state.whole_detail().is_some());
    // What is about the table shows it.
    press(&mut app, ":filter<enter>");
    assert!(app.state.whole_detail().is_none() && app.screen().contains("MONGO     CODE"));
}

/// Mira's job has made a record, and is at the account.
fn at_work(app: &mut App) {
    press(app, "Fy");
    app.run(RunNews::Registered { total: 1 });
    app.job(&target("mira"), JobNews::Started);
    let steps = vec![
        Step::CreateUser,
        Step::CreateAccount,
        Step::RecordAccount,
        Step::Verify,
    ];
    let plan = Plan {
        steps,
        ..Plan::default()
    };
    app.job(&target("mira"), JobNews::Planned(plan));
    step(app, Step::CreateUser, StepOutcome::Done, 4, "ac26momez");
    app.job(&target("mira"), JobNews::StepStarted(Step::CreateAccount));
}

fn step(app: &mut App, step: Step, outcome: StepOutcome, ms: u64, detail: &str) {
    let report = StepReport {
        step,
        at: app.now(),
        outcome,
        ms,
        detail: detail.into(),
    };
    app.job(&target("mira"), JobNews::StepDone(report));
}

#[test]
fn the_next_user_is_looked_at_once_the_cursor_rests_on_them() {
    let mut app = whole(120, 40, 0);
    tell(&mut app, "mira", Ok(deeds("mira")));
    app.effects.clear();
    press(&mut app, "jjj");
    assert!(
        app.effects.is_empty(),
        "whom the cursor only passes is not asked about"
    );
    assert!(
        app.screen()
            .contains("┌ v…@example.com ── auth0|vasil ── 4 of 18 ─")
    );
    // Nothing of the one is told of the other.
    assert!(app.screen().contains("│ History  reading…"), "{}", app.screen());
    app.pass(1);
    app.pass(1);
    assert_eq!(asked_for_history(&app), ["auth0|vasil"]);
    assert!(app.effects.contains(&Effect::Observe(target("vasil"))));
    tell(&mut app, "mira", Ok(deeds("mira")));
    assert!(
        app.screen().contains("│ History  reading…"),
        "an answer about somebody else"
    );
    tell(&mut app, "vasil", Ok(deeds("vasil")));
    assert!(app.screen().contains("why: the PDS was moved"));
    // Somebody else may work on them: it is read again, and stays meanwhile.
    app.effects.clear();
    app.pass(15);
    assert_eq!(asked_for_history(&app), ["auth0|vasil"]);
    assert!(app.screen().contains("why: the PDS was moved"));
    press(&mut app, "z");
    app.effects.clear();
    app.pass(15);
    assert!(asked_for_history(&app).is_empty(), "frozen");
}

#[test]
fn a_history_that_cannot_be_read_is_said_calmly() {
    let mut app = whole(120, 40, 0);
    let problem = Problem::new(
        Class::Unavailable,
        "mongo does not answer.",
        "Look whether it runs.",
    );
    tell(&mut app, "mira", Err(problem));
    let shown = said(&frame(&mut app));
    assert!(
        shown.ends_with("History mongo does not answer. Look whether it runs."),
        "{shown}"
    );
}

/// Whom the filter does not let through any more stays there until one goes on.
#[test]
fn a_user_who_was_mended_stays_on_the_screen_though_only_the_broken_are_shown() {
    let mut app = App::of_demo(120, 40);
    press(&mut app, "!<enter><enter>");
    assert!(app.screen().contains("auth0|mira ── 1 of 5 ─"));
    at_work(&mut app);
    let (outcome, error) = (Outcome::Done, None);
    app.job(&target("mira"), JobNews::Finished { outcome, error });
    app.send(Message::Observed(Box::new(demo::whole("mira", 3))));
    let shown = app.screen();
    assert!(shown.contains("auth0|mira ── 1 of 5 ─"), "{shown}");
    assert!(
        shown.contains("✓ Whole: nothing is wrong.") && shown.contains("✓ done in 4 ms"),
        "{shown}"
    );
    press(&mut app, "j");
    assert!(
        app.screen().contains("auth0|kato ── 1 of 4 ─"),
        "{}",
        app.screen()
    );
    press(&mut app, "<esc><esc>");
    assert!(!app.state.shown.iter().any(|id| id.key == "auth0|mira"));
}

/// Whoever looks at one user alone means that one, whoever is marked.
#[test]
fn what_is_done_there_is_done_to_the_user_who_is_shown() {
    let mut app = App::of_demo(80, 24);
    press(&mut app, "<space><space><enter>");
    assert!(footer(&mut app).contains("F fix 2"));
    press(&mut app, "<enter>");
    assert!(app.screen().contains("auth0|orla"));
    assert!(footer(&mut app).contains("F fix  "), "{}", footer(&mut app));
    press(&mut app, "F");
    assert!(
        dialog(&mut app).contains("Mend 1 user of aesthetic"),
        "{}",
        app.screen()
    );
    press(&mut app, "y");
    let started: Vec<String> = app.started().into_iter().map(|target| target.key).collect();
    assert_eq!(started, ["auth0|orla"]);
    // And so it is with x; the others' marks stay.
    press(&mut app, "x");
    assert!(
        app.effects
            .iter()
            .any(|effect| matches!(effect, Effect::Cancel(target) if target.key == "auth0|orla"))
    );
    assert_eq!(app.state.marks.len(), 2);
}

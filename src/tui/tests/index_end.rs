//! The repair of the index on the code, told as it was: where its key stands, how it fails, and who leaves meanwhile.

use super::index::{done, ends, good, log, old, steps, under_way};
use super::runs::{running, stops};
use super::systemic::{answered, looked, practised};
use super::{App, demo, dialog, press, said};
use crate::domain::code_index::Index;
use crate::domain::{Class, JobNews, Problem};
use crate::services::health::Liveness;
use crate::tui::message::{Effect, Message};
use crate::tui::state::{Leaving, Mode};

fn refused() -> Problem {
    Problem::new(
        Class::Auth,
        "mongo refused dropIndexes.",
        "Grant dropIndex on users.",
    )
}

fn footer(app: &mut App) -> String {
    app.screen().lines().last().unwrap_or_default().to_string()
}

fn copied(app: &mut App) -> Option<String> {
    app.effects.clear();
    press(app, "Y");
    app.effects.iter().find_map(|effect| match effect {
        Effect::Copy { text, .. } => Some(text.clone()),
        _ => None,
    })
}

#[test]
fn who_waits_to_leave_reads_that_it_failed() {
    let mut app = under_way();
    press(&mut app, "<esc>qw");
    done(&mut app, steps().into_iter().take(1));
    ends(&mut app, Err(refused()), None);
    assert!(!app.effects.contains(&Effect::Quit), "{:?}", app.effects);
    let screen = said(&app.screen());
    assert!(
        screen.contains("The code index was not mended, after 1 of 4 steps: mongo refused dropIndexes."),
        "{screen}"
    );
    assert!(!screen.contains("Leaving as soon as"), "{screen}");
    press(&mut app, "q");
    assert!(app.effects.contains(&Effect::Quit));
}

#[test]
fn the_question_says_what_becomes_of_it() {
    let mut app = under_way();
    app.state.setup.sandbox = None;
    press(&mut app, "<esc>q");
    assert_eq!(
        dialog(&mut app),
        "
┌ Quit? ───────────────────────────────────────────────────────────────────┐
│ The code index is being mended. Wait for its end, or quit: then it is    │
│ finished behind the closed screen, which may take minutes, and how it    │
│ ended is printed. ctrl-c once more quits at once; atriage diagnose       │
│ --fix-index goes on with what is left then.                              │
│                                                                          │
│ [ n: Stay ]  [ w: Wait, then quit ]  [ y: Quit ]                         │
└──────────────────────────────────────────────────────────────────────────┘
"
    );
}

#[test]
fn what_was_mended_is_not_called_unmended() {
    let told = "The index is mended, but the audit trail was not written: mongo does not answer.";
    let unwritten = || Problem::new(Class::Unavailable, "mongo does not answer.", "");
    let mut app = under_way();
    done(&mut app, steps());
    ends(&mut app, Err(unwritten()), None);
    assert!(said(&app.screen()).contains(told), "{}", app.screen());
    // Somebody else did the first steps meanwhile: what counts is how the index stands.
    let mut app = under_way();
    done(&mut app, steps().into_iter().skip(2));
    ends(&mut app, Err(unwritten()), Some(good()));
    assert!(said(&app.screen()).contains(told), "{}", app.screen());
    // Where it was good before anything was done, nothing of ours mended it.
    let mut app = under_way();
    ends(&mut app, Err(unwritten()), Some(good()));
    let told = "The code index was not mended: mongo does not answer.";
    assert!(said(&app.screen()).contains(told), "{}", app.screen());
}

#[test]
fn how_far_it_is_stands_in_the_banner_and_no_toast_is_left_of_it() {
    let mut app = under_way();
    let begun = "The code index is being mended: 0 of 4 steps done.";
    assert_eq!(log(&app).last(), Some(&begun));
    press(&mut app, "<esc>");
    assert_eq!(said(&app.screen()).matches(begun).count(), 1, "{}", app.screen());
    done(&mut app, steps());
    ends(&mut app, Ok(4), Some(good()));
    let screen = said(&app.screen());
    assert!(
        screen.contains("has its good form now") && !screen.contains("being mended"),
        "{screen}"
    );
}

/// To ask only reads, and what was read before may be old.
#[test]
fn from_the_table_it_asks_whatever_was_read_before() {
    let asks = |app: &mut App| {
        app.effects.clear();
        press(app, "I");
        std::mem::take(&mut app.effects).contains(&Effect::PlanIndex)
    };
    // Never read.
    let mut app = practised(120, 24);
    assert!(asks(&mut app));
    press(&mut app, "n");
    // Read as good, and spoiled since.
    press(&mut app, "i");
    app.send(Message::Looked(Box::new(looked(good()))));
    assert!(!footer(&mut app).contains("I fix index"), "{}", app.screen());
    press(&mut app, "<esc>");
    assert!(asks(&mut app));
    app.send(Message::IndexPlanned(Ok(steps())));
    assert!(dialog(&mut app).contains("y: Mend the index"), "{}", app.screen());
    press(&mut app, "n");
    // Read as one that only somebody who knows it can move: the answer says so.
    let compound = Index {
        is_on_code_alone: false,
        keys: "{code: 1, when: -1}".into(),
        ..Index::on_code("code_unique", false, false)
    };
    press(&mut app, "i");
    app.send(Message::Looked(Box::new(looked(vec![compound]))));
    let text = said(&dialog(&mut app));
    assert!(
        text.contains("Do 1 The index code_unique has a name that is needed"),
        "{text}"
    );
    assert!(!text.contains("Press I,"), "{text}");
    press(&mut app, "<esc>");
    assert!(asks(&mut app));
    press(&mut app, "n");
    // While it is mended, once is enough.
    let mut app = under_way();
    press(&mut app, "<esc>");
    assert!(!asks(&mut app));
    assert!(app.screen().contains("0 of 4 steps done."), "{}", app.screen());
}

#[test]
fn its_keys_stand_only_on_pages_that_lead_to_it() {
    let mut app = answered(80, 24);
    let last = footer(&mut app);
    assert!(
        last.contains("I fix index") && last.contains("Y copy command"),
        "{last}"
    );
    // A service that is down is another matter.
    let mut health = demo::health();
    let pds = health.iter_mut().find(|health| health.name == "pds");
    let pds = pds.expect("the demo has one");
    pds.liveness = Liveness::Down;
    pds.problem = Some(Problem::new(Class::Unavailable, "pds does not answer.", ""));
    app.send(Message::Health(health));
    press(&mut app, "<esc>i");
    app.send(Message::Looked(Box::new(looked(old()))));
    assert!(dialog(&mut app).contains("pds is down"), "{}", app.screen());
    let last = footer(&mut app);
    assert!(
        !last.contains("I fix index") && !last.contains("Y copy command"),
        "{last}"
    );
    app.effects.clear();
    press(&mut app, "I");
    assert!(app.effects.is_empty(), "{:?}", app.effects);
    assert!(
        said(&app.screen()).contains("This page is not about the code index; Esc goes back to the table"),
        "{}",
        app.screen()
    );
    assert_eq!(copied(&mut app), None);
}

#[test]
fn on_the_page_of_a_run_that_stopped_its_own_line_is_copied() {
    let (mut app, targets) = running(20, (120, 40));
    stops(&mut app, &targets);
    press(&mut app, "i");
    assert!(dialog(&mut app).contains("Run 7f3a stopped"), "{}", app.screen());
    app.send(Message::Looked(Box::new(looked(old()))));
    let last = footer(&mut app);
    assert!(last.contains("Y copy command"), "{last}");
    assert_eq!(copied(&mut app).as_deref(), Some("atriage runs resume 7f3a0000"));
}

/// The button that had the focus may be gone.
#[test]
fn the_question_before_leaving_never_has_its_focus_on_no_button() {
    let mut app = under_way();
    press(&mut app, "<esc><esc>");
    let target = app.state.rows.values().next().map(|row| row.target());
    let target = target.expect("the demo has rows");
    app.job(&target, JobNews::Queued);
    press(&mut app, "q<tab><tab>");
    let focus = |app: &App| match app.state.mode {
        Mode::Quit { focus, .. } => Some(focus),
        _ => None,
    };
    assert_eq!(focus(&app), Some(Leaving::Leave));
    // The job ends, and nothing is left to be left for later.
    app.job(&target, JobNews::Left);
    assert_eq!(focus(&app), Some(Leaving::Stay), "{}", app.screen());
    press(&mut app, "<enter>");
    assert!(!app.state.leaving && !app.effects.contains(&Effect::Quit));
    assert!(matches!(app.state.mode, Mode::Table));
}

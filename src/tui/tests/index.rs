//! The index on the code, mended from the dashboard: asked about with exactly the steps, carried out, and told at once.

use std::time::Duration;

use super::systemic::{answered, look, looked};
use super::{App, demo, dialog, press, said};
use crate::domain::code_index::{Index, IndexStep, all_steps};
use crate::domain::{Class, JobNews, Problem};
use crate::provisioning::code_index::IndexDeed;
use crate::tui::message::{Effect, Message};
use crate::tui::shell::broken_off;
use crate::tui::state::{Mode, State};

pub fn old() -> Vec<Index> {
    vec![Index::on_code("code_1", true, true)]
}

pub fn good() -> Vec<Index> {
    vec![Index::on_code("code_unique", true, true)]
}

pub fn steps() -> Vec<IndexStep> {
    all_steps(&old()).unwrap()
}

/// The page that explains the accident, and the question that it leads to.
fn asked(width: u16, height: u16) -> App {
    let mut app = answered(width, height);
    press(&mut app, "I");
    assert_eq!(app.effects, [Effect::PlanIndex]);
    app.effects.clear();
    app.send(Message::IndexPlanned(Ok(steps())));
    app
}

pub fn under_way() -> App {
    let mut app = asked(80, 24);
    press(&mut app, "y");
    assert_eq!(app.effects, [Effect::MendIndex(steps())]);
    app.effects.clear();
    app
}

pub fn done(app: &mut App, steps: impl IntoIterator<Item = IndexStep>) {
    for step in steps {
        let took = Duration::from_millis(12);
        app.send(Message::IndexStep(IndexDeed { step, took }));
    }
}

pub fn ends(app: &mut App, told: Result<usize, Problem>, indexes: Option<Vec<Index>>) {
    app.send(Message::IndexMended { told, indexes });
}

fn banner(app: &mut App) -> String {
    press(app, "<esc><esc>");
    let screen = app.screen();
    let lines: Vec<&str> = screen.lines().skip(2).take(2).collect();
    said(&lines.join(" "))
}

pub fn log(app: &App) -> Vec<&str> {
    app.state.log.entries().map(|entry| entry.text.as_str()).collect()
}

#[test]
fn the_question_lists_the_steps_and_the_focus_is_on_cancel() {
    let picture = "
┌ Mend the code index · sandbox ───────────────────────────────────────────┐
│ The index on users.code would get its good form like this:               │
│   1 make atriage_code_temporary                                          │
│   2 drop code_1, while atriage_code_temporary guards the codes           │
│   3 make code_unique                                                     │
│   4 drop atriage_code_temporary, while code_unique guards the codes      │
│                                                                          │
│ No users record is touched, and at no moment could two users get one     │
│ code.                                                                    │
│                                                                          │
│ [ n: Cancel ]  [ y: Mend the index ]                                     │
└──────────────────────────────────────────────────────────────────────────┘
";
    let mut app = asked(80, 24);
    assert_eq!(dialog(&mut app), picture);
    let last = app.screen().lines().last().unwrap().to_string();
    assert_eq!(
        last,
        " y do it  n cancel  Enter press  Tab other button  ↑↓ scroll  Y copy command"
    );
    // Enter answers what has the focus, and the page that it was asked from is there again.
    press(&mut app, "<enter>");
    assert!(dialog(&mut app).contains("One accident"), "{}", app.screen());
    assert!(app.screen().contains("Nothing was changed."));
    assert!(app.effects.is_empty());
    press(&mut app, "I");
    app.send(Message::IndexPlanned(Ok(steps())));
    app.effects.clear();
    press(&mut app, "<tab><enter>");
    assert_eq!(app.effects, [Effect::MendIndex(steps())]);
}

#[test]
fn nobody_agrees_to_steps_that_were_not_shown() {
    let mut app = answered(80, 24);
    press(&mut app, "I");
    app.effects.clear();
    let text = said(&dialog(&mut app));
    assert!(text.contains("What would be done is being asked…"), "{text}");
    assert!(!text.contains("y: "), "{text}");
    press(&mut app, "y");
    assert!(
        app.screen()
            .contains("What would be done is still being asked; a moment."),
        "{}",
        app.screen()
    );
    press(&mut app, "<tab><enter>");
    assert!(app.effects.is_empty() && app.state.repair.is_none());
    // An answer after the question was closed changes nothing.
    app.send(Message::IndexPlanned(Ok(steps())));
    assert!(matches!(app.state.mode, Mode::Systemic { .. }));
}

#[test]
fn a_refusal_is_told_with_its_reason_and_its_hint() {
    let mut app = answered(80, 24);
    press(&mut app, "I");
    app.effects.clear();
    let problem = Problem::new(
        Class::Refused,
        "No unique index can be made. One code belongs to several users: ac25momez (auth0|1, auth0|2).",
        "Nothing was changed. Give all but one of them another code by hand first.",
    );
    app.send(Message::IndexPlanned(Err(problem)));
    let text = said(&dialog(&mut app));
    for part in [
        "✗ No unique index can be made. One code belongs to several users: ac25momez (auth0|1, auth0|2).",
        "Nothing was changed. Give all but one of them another code by hand first. (refused,",
        "[ n: Close ]",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    press(&mut app, "y");
    assert!(app.screen().contains("There is nothing to agree to"));
    press(&mut app, "<enter>");
    assert!(app.effects.is_empty() && matches!(app.state.mode, Mode::Systemic { .. }));
}

#[test]
fn what_is_done_is_told_and_the_index_is_asked_anew() {
    let mut app = under_way();
    let text = said(&dialog(&mut app));
    assert!(
        text.contains("Do 1 The code index is being mended: 0 of 4 steps done."),
        "{text}"
    );
    press(&mut app, "I");
    assert!(app.effects.is_empty(), "one at a time");
    done(&mut app, steps().into_iter().take(2));
    let before = banner(&mut app);
    assert!(
        before.contains("The code index is being mended: 2 of 4 steps done."),
        "{before}"
    );
    press(&mut app, "i");
    app.send(Message::Looked(Box::new(looked(old()))));
    app.effects.clear();
    done(&mut app, steps().into_iter().skip(2));
    ends(&mut app, Ok(4), Some(good()));
    assert!(
        app.screen()
            .contains("✓ The index on users.code has its good form now, after 4 steps."),
        "{}",
        app.screen()
    );
    assert!(app.effects.contains(&look()), "{:?}", app.effects);
    let refreshes = |effect: &Effect| matches!(effect, Effect::Refresh { .. });
    assert!(app.effects.iter().any(refreshes), "{:?}", app.effects);
    assert_eq!(
        log(&app)[log(&app).len() - 5..],
        [
            "The code index: make atriage_code_temporary (12 ms)",
            "The code index: drop code_1, while atriage_code_temporary guards the codes (12 ms)",
            "The code index: make code_unique (12 ms)",
            "The code index: drop atriage_code_temporary, while code_unique guards the codes (12 ms)",
            "The index on users.code has its good form now, after 4 steps.",
        ]
    );
    app.send(Message::Looked(Box::new(looked(good()))));
    let text = said(&dialog(&mut app));
    assert!(
        text.contains("✓ users has code_unique {code: 1} unique sparse."),
        "{text}"
    );
    assert!(
        !text.contains("Press I,") && !text.contains("--fix-index"),
        "{text}"
    );
    let last = app.screen().lines().last().unwrap().to_string();
    assert_eq!(last, " Esc close  a mark 3  r ask again  ↑↓ scroll");
    // Nobody is sent to look at it any more.
    let after = banner(&mut app);
    assert!(
        after.contains("though the index is as the site's code wants it"),
        "{after}"
    );
}

/// What was asked before the repair ended tells of before.
#[test]
fn an_answer_of_before_the_repair_is_asked_for_again() {
    let mut app = under_way();
    press(&mut app, "r");
    app.effects.clear();
    ends(&mut app, Ok(4), Some(good()));
    assert!(!app.effects.contains(&look()), "{:?}", app.effects);
    app.send(Message::Looked(Box::new(looked(old()))));
    assert!(app.effects.contains(&look()), "{:?}", app.effects);
    assert!(said(&dialog(&mut app)).contains("being asked…"));
}

#[test]
fn a_failure_is_told_with_how_far_it_came() {
    let mut app = under_way();
    done(&mut app, steps().into_iter().take(1));
    let problem = Problem::new(
        Class::Auth,
        "mongo refused dropIndexes.",
        "Grant dropIndex on users.",
    );
    ends(&mut app, Err(problem), None);
    let told = "The code index was not mended, after 1 of 4 steps: mongo refused dropIndexes. Grant dropIndex on users. (auth, configure)";
    assert!(said(&app.screen()).contains(told), "{}", app.screen());
    assert_eq!(log(&app).last(), Some(&told));
    // It can be tried again.
    press(&mut app, "I");
    assert!(app.effects.contains(&Effect::PlanIndex), "{:?}", app.effects);
}

#[test]
fn where_somebody_mended_it_meanwhile_nothing_is_left_to_agree_to() {
    let mut app = answered(80, 24);
    press(&mut app, "I");
    app.effects.clear();
    app.send(Message::IndexPlanned(Ok(Vec::new())));
    assert!(dialog(&mut app).contains("One accident"));
    let already = "The index on users.code has its good form already: nothing was written.";
    assert!(app.screen().contains(already), "{}", app.screen());
    assert!(app.effects.contains(&look()), "{:?}", app.effects);
}

#[test]
fn the_command_line_is_copied_in_the_question_and_on_the_page() {
    let copied = |app: &mut App| {
        app.effects.clear();
        press(app, "Y");
        match app.effects.as_slice() {
            [Effect::Copy { what, text }] => format!("{what}: {text}"),
            other => panic!("{other:?}"),
        }
    };
    let told = "the command line for mending the code index: atriage diagnose --fix-index";
    let mut app = asked(80, 24);
    assert_eq!(copied(&mut app), told);
    press(&mut app, "n");
    assert_eq!(copied(&mut app), told);
}

#[test]
fn read_only_names_the_command_line_and_refuses_the_key() {
    let mut setup = demo::setup();
    setup.read_only = true;
    let mut app = App::with(State::new(setup), 120, 40);
    app.refresh(demo::signups());
    press(&mut app, "i");
    app.send(Message::Looked(Box::new(looked(old()))));
    app.effects.clear();
    let text = said(&dialog(&mut app));
    let line = "Do 1 atriage diagnose --fix-index brings the index to the form that the site's code wants, where writing is allowed.";
    assert!(text.contains(line), "{text}");
    let last = app.screen().lines().last().unwrap().to_string();
    assert!(!last.contains(" I ") && last.contains("Y copy command"), "{last}");
    press(&mut app, "I");
    assert!(
        app.screen().contains("Read-only: nothing is written from here."),
        "{}",
        app.screen()
    );
    assert!(app.effects.is_empty());
    press(&mut app, "<esc>:fix-index<enter>");
    assert!(app.effects.is_empty());
}

/// From the table too, and by its name; then the table is there again.
#[test]
fn the_palette_has_it_everywhere() {
    let mut app = answered(80, 24);
    press(&mut app, "<esc>:fix-index<enter>");
    assert_eq!(app.effects, [Effect::PlanIndex]);
    app.send(Message::IndexPlanned(Ok(steps())));
    press(&mut app, "n");
    assert!(matches!(app.state.mode, Mode::Table));
}

#[test]
fn who_quits_meanwhile_is_asked_and_can_wait_for_its_end() {
    let mut app = under_way();
    press(&mut app, "<esc>q");
    let text = said(&dialog(&mut app));
    for part in [
        "The code index is being mended. Wait for its end, or quit",
        "[ n: Stay ] [ w: Wait, then quit ] [ y: Quit ]",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(app.screen().contains("w wait for the index"), "{}", app.screen());
    press(&mut app, "w");
    assert!(
        app.screen()
            .contains("Leaving as soon as the code index is mended. Esc stays."),
        "{}",
        app.screen()
    );
    assert!(!app.effects.contains(&Effect::Quit));
    ends(&mut app, Ok(4), Some(good()));
    assert!(app.effects.contains(&Effect::Quit));

    // Who does not wait at all is told how it goes on.
    let mut app = under_way();
    press(&mut app, "<ctrl-c>");
    assert_eq!(broken_off(&app.state), None);
    press(&mut app, "<ctrl-c>");
    let left = "Left while the code index was being mended: atriage diagnose --fix-index goes on with it.";
    app.state.setup.sandbox = None;
    assert!(app.effects.contains(&Effect::Quit));
    assert_eq!(broken_off(&app.state).as_deref(), Some(left));

    // Who still thinks about it is told that it is over.
    let mut app = under_way();
    press(&mut app, "<esc>q");
    ends(&mut app, Ok(4), Some(good()));
    assert!(matches!(app.state.mode, Mode::Table));
    assert!(
        app.screen()
            .contains("The repair of the code index is over; q quits."),
        "{}",
        app.screen()
    );

    // Jobs that end do not end the waiting for it.
    let mut app = under_way();
    press(&mut app, "<esc><esc>");
    let target = app.state.rows.values().next().unwrap().target();
    app.job(&target, JobNews::Queued);
    press(&mut app, "qw");
    app.job(&target, JobNews::Left);
    assert!(!app.effects.contains(&Effect::Quit));
    ends(&mut app, Ok(4), None);
    assert!(app.effects.contains(&Effect::Quit));
}

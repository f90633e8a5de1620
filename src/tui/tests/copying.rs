//! What `y` and `Y` hand to the clipboard, and what is said of it.

use super::runs::{broken, running, stops};
use super::{App, demo, press};
use crate::domain::trail::Deed;
use crate::tui::line::Reach;
use crate::tui::message::{Effect, Message};
use crate::tui::passage::{Copied, Passage};
use crate::tui::state::State;

/// What is copied by these keys: what it is called, and the text.
fn copied(app: &mut App, keys: &str) -> (String, String) {
    app.effects.clear();
    press(app, keys);
    let copies: Vec<(String, String)> = std::mem::take(&mut app.effects)
        .into_iter()
        .filter_map(|effect| match effect {
            Effect::Copy { what, text } => Some((what, text)),
            _ => None,
        })
        .collect();
    let [one] = copies.as_slice() else {
        panic!("{keys} copies {copies:?}: {}", app.screen());
    };
    one.clone()
}

fn both(text: (&str, &str)) -> (String, String) {
    (text.0.to_string(), text.1.to_string())
}

fn with_a_second_tenant(change: impl FnOnce(&mut crate::tui::setup::Setup)) -> App {
    let mut setup = demo::setup();
    change(&mut setup);
    let mut app = App::with(State::new(setup), 120, 40);
    let mut all = vec![demo::without_record("mira", 3), demo::whole("chen", 5)];
    app.refresh(all.clone());
    all = vec![demo::of("sotce", "sotce-", "ivo", 4)];
    all[0].user = crate::domain::Observed::Absent;
    app.send(Message::Audit(crate::audit::AuditNews::Rows {
        tenant: "sotce".into(),
        stage: crate::audit::Stage::Complete,
        signups: all,
    }));
    app
}

#[test]
fn the_id_under_the_cursor_or_those_of_the_marked() {
    let mut app = App::of_demo(80, 24);
    assert_eq!(copied(&mut app, "y"), both(("the id: auth0|mira", "auth0|mira")));
    assert_eq!(
        copied(&mut app, "j<space><space>gy"),
        both(("the ids of 2 users", "auth0|kato\nauth0|orla")),
        "in the order of the table"
    );
    // Masked or not, it is the id.
    assert_eq!(copied(&mut app, "py").1, "auth0|kato\nauth0|orla");
    let hidden = copied(&mut app, "/kato<enter>y");
    assert_eq!(
        hidden,
        both((
            "the ids of 2 users, 1 of them hidden by the filter",
            "auth0|kato\nauth0|orla"
        ))
    );
    let what = hidden.0;
    let to = Copied::Sent(Passage::Open);
    app.send(Message::Copied { what, to });
    assert!(
        app.screen()
            .contains(" Sent to the terminal's clipboard: the ids of 2 users, 1 of them hidden by"),
        "{}",
        app.screen()
    );
}

#[test]
fn nobody_is_no_id() {
    let mut app = App::of_demo(80, 24);
    press(&mut app, "/xyzzy<enter>y");
    assert!(
        app.screen().contains("No signup is shown here."),
        "{}",
        app.screen()
    );
    assert!(app.effects.is_empty());
}

#[test]
fn the_line_is_for_whom_fix_would_mend() {
    let mut app = with_a_second_tenant(|_| {});
    let line = "atriage backfill --tenant aesthetic 'auth0|mira' --fix";
    assert_eq!(
        copied(&mut app, "Y"),
        both(("the command line for mending 1 user", line))
    );
    // Whole users are not mended; all tenants, a line for each.
    let of_both = copied(&mut app, "ttaY");
    assert_eq!(
        of_both,
        both((
            "a command line a tenant for mending 2 users",
            "atriage backfill --tenant aesthetic 'auth0|mira' --fix\natriage backfill --tenant sotce 'auth0|ivo' --fix"
        ))
    );
    let asked = copied(&mut app, "FY");
    assert_eq!(asked, of_both, "the dialog is about the same");
    assert!(app.screen().contains("Mend 2 users"), "it stays open");
    app.effects.clear();
    press(&mut app, "n");
    let plan = copied(&mut app, "dY");
    assert_eq!(
        plan,
        both((
            "a command line a tenant for the plan of 3 users",
            "atriage backfill --tenant aesthetic 'auth0|mira' 'auth0|chen'\natriage backfill --tenant sotce 'auth0|ivo'"
        ))
    );
}

#[test]
fn whom_nothing_is_done_to_and_a_screen_that_only_looks_get_a_dry_run() {
    let mut app = with_a_second_tenant(|_| {});
    let line = "atriage backfill --tenant aesthetic 'auth0|chen'";
    assert_eq!(
        copied(&mut app, "jY"),
        both(("the command line for the plan of 1 user", line))
    );
    let mut app = with_a_second_tenant(|setup| setup.read_only = true);
    let line = "atriage backfill --tenant aesthetic 'auth0|mira'";
    assert_eq!(copied(&mut app, "Y").1, line);
}

#[test]
fn the_line_reaches_the_same_world_or_says_that_it_does_not() {
    let mut app = with_a_second_tenant(|setup| {
        setup.reach = Reach {
            flags: vec!["--env-file".into(), "/srv/site/.env".into()],
            sandbox: false,
        };
    });
    let line = "atriage --env-file /srv/site/.env backfill --tenant aesthetic 'auth0|mira' --fix";
    assert_eq!(copied(&mut app, "Y").1, line);
    let mut app = with_a_second_tenant(|setup| setup.reach.sandbox = true);
    assert_eq!(
        copied(&mut app, "Y").0,
        "the command line for mending 1 user; nothing else sees this sandbox"
    );
}

#[test]
fn where_nobody_is_shown_the_line_is_the_list() {
    let mut app = with_a_second_tenant(|_| {});
    let told = copied(&mut app, "/pds:drift verified<enter>!Y");
    let line = "atriage audit aesthetic 2 --filter 'pds:drift verified is:broken'";
    assert_eq!(told, both(("the command line for the list", line)));
    let told = copied(&mut app, "<esc>!tt/job:failed<enter>Y");
    assert_eq!(
        told,
        both((
            "the command line for the list, without the filter, which no command understands",
            "atriage audit both 2"
        ))
    );
}

#[test]
fn a_history_and_a_run_that_stopped_have_their_lines() {
    let mut app = with_a_second_tenant(|_| {});
    press(&mut app, "H");
    let target = match app.effects.as_slice() {
        [.., Effect::History(target)] => target.clone(),
        other => panic!("{other:?}"),
    };
    let told = Ok(Vec::<Deed>::new());
    app.send(Message::History { target, told });
    let line = "atriage history --tenant aesthetic 'auth0|mira'";
    assert_eq!(
        copied(&mut app, "Y"),
        both(("the command line for the history", line))
    );
    assert_eq!(copied(&mut app, "y"), both(("the id: auth0|mira", "auth0|mira")));
    let (mut app, targets) = running(12, (80, 24));
    stops(&mut app, &targets);
    assert_eq!(
        copied(&mut app, "RY"),
        both((
            "the command line for going on with run 7f3a",
            "atriage runs resume 7f3a0000"
        ))
    );
}

#[test]
fn an_id_that_is_unsafe_to_paste_is_left_out_and_that_is_said() {
    let mut app = broken(2, (120, 40));
    let mut odd = demo::without_record("odd", 1);
    odd.sub = "auth0|a\n;id".into();
    odd.key.clone_from(&odd.sub);
    let mut all: Vec<_> = (0..2)
        .map(|n| demo::without_record(&format!("u{n}"), 4 + n))
        .collect();
    all.push(odd);
    app.refresh(all);
    assert_eq!(
        copied(&mut app, "aY"),
        both((
            "the command line for mending 2 users; without 1 user whose id is unsafe to paste",
            "atriage backfill --tenant aesthetic 'auth0|u0' 'auth0|u1' --fix"
        ))
    );
    assert_eq!(copied(&mut app, "y").1, "auth0|a\\u{a};id\nauth0|u0\nauth0|u1");
    press(&mut app, "ugY");
    assert!(app.effects.is_empty());
    assert!(
        app.screen()
            .contains("! Not copied: the id holds characters that are unsafe to paste."),
        "{}",
        app.screen()
    );
}

#[test]
fn what_no_clipboard_takes_is_said_to_lie_in_a_file() {
    let mut app = App::of_demo(120, 24);
    let kept = |too_long| Copied::Kept {
        path: "/state/copied.txt".into(),
        too_long,
    };
    let what = || "the ids of 9000 users".to_string();
    let cases = [
        (
            kept(true),
            " ! Too long for a clipboard, written to /state/copied.txt: the ids of 9000 users",
        ),
        (
            kept(false),
            " ! This terminal has no clipboard, written to /state/copied.txt: the ids of 9000 users",
        ),
        (
            Copied::Sent(Passage::Tmux),
            " Sent to the terminal's clipboard: the ids of 9000 users (not there? tmux needs allow-passthrough or set-clipboard on)",
        ),
        (
            Copied::Sent(Passage::Tmux),
            " Sent to the terminal's clipboard: the ids of 9000 users",
        ),
    ];
    for (to, said) in cases {
        press(&mut app, "<esc>");
        app.send(Message::Copied { what: what(), to });
        let screen = app.screen();
        assert!(screen.lines().any(|line| line == said), "{said}: {screen}");
    }
}

#[test]
fn no_line_is_made_of_half_the_facts() {
    let mut app = App::of_demo(80, 24);
    let signups = vec![demo::without_record("nadia", 1)];
    app.state.rows.clear();
    app.news(crate::audit::Stage::Listed, signups);
    press(&mut app, "gY");
    let copies = |effect: &Effect| matches!(effect, Effect::Copy { .. });
    assert!(!app.effects.iter().any(copies), "{:?}", app.effects);
    assert!(
        app.screen()
            .contains("One of them is still being read; a moment."),
        "{}",
        app.screen()
    );
}

#[test]
fn the_log_is_copied_whole_and_masked_as_it_is_shown() {
    let (mut app, targets) = running(2, (80, 24));
    super::runs::ends(&mut app, &targets[0], crate::domain::Outcome::Done);
    press(&mut app, "L");
    let (what, text) = copied(&mut app, "y");
    assert_eq!(what, "the log, 2 entries");
    assert_eq!(
        text,
        "2026-11-22 14:32:20 UTC    Run 7f3a began: 2 users.
2026-11-22 14:32:20 UTC  ✓ a…@example.com: mended"
    );
    let (what, text) = copied(&mut app, "py");
    assert_eq!(what, "the log, 3 entries, with e-mails in full");
    assert!(text.contains("✓ auser0@example.com: mended"), "{text}");
    // In the table it is the id again.
    assert_eq!(copied(&mut app, "<esc>y").1, "auth0|auser0");
}

#[test]
fn what_became_of_the_log_is_seen_where_it_is_read() {
    let mut app = App::of_demo(80, 24);
    press(&mut app, "Ly");
    assert!(
        !app.effects
            .iter()
            .any(|effect| matches!(effect, Effect::Copy { .. }))
    );
    press(&mut app, "<esc>");
    (0..100).for_each(|n| app.send(Message::Notice(format!("sentence {n}"))));
    press(&mut app, "Lg");
    let (what, _) = copied(&mut app, "y");
    let to = Copied::Sent(Passage::Open);
    app.send(Message::Copied { what, to });
    let screen = app.screen();
    let last: Vec<&str> = screen.lines().rev().take(3).collect();
    assert!(last[0].contains("y copy all of it"), "{screen}");
    assert!(
        last[1].starts_with(" Sent to the terminal's clipboard: the log, 101 entries"),
        "{screen}"
    );
    assert!(last[2].starts_with('└'), "{screen}");
    assert!(
        screen.contains("sentence 0"),
        "it stays where it is read: {screen}"
    );
}

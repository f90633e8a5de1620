//! The cursor, the marks and the window follow ids, whatever arrives and vanishes.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::domain::Signup;

use crate::tui::state::{Mode, RowId};

use super::{App, demo, press};

/// What moves no cursor by itself: it may only leave its user where that user is not shown any more.
const ARRANGE: [&str; 14] = [
    "s",
    "S",
    "!",
    "/user1<enter>",
    "/pds:missing<enter>",
    "/-verified<enter>",
    "/age>2h<enter>",
    "/pds:mising<enter><esc>",
    "/@nobody<esc>",
    "<esc>",
    "cs<esc>",
    "cJ<space>r<esc>",
    "u",
    "J",
];
const MOVE: [&str; 10] = [
    "j",
    "k",
    "<space>",
    "G",
    "g",
    "<pgdn>",
    "<pgup>",
    "vjjv",
    "<shift-down>",
    "a",
];

/// The cursor stays on its user where they are shown; it is where `cursor_at` says, and in the window.
fn check(app: &App, before: Option<RowId>, after: &str) {
    let state = &app.state;
    if let Some(before) = before.filter(|before| state.shown.contains(before)) {
        assert_eq!(state.cursor.as_ref(), Some(&before), "after {after}");
    }
    assert_eq!(
        state.shown.get(state.cursor_at),
        state.cursor.as_ref(),
        "after {after}"
    );
    let window = state.top..state.top + crate::tui::view::table_rows(state);
    assert!(window.contains(&state.cursor_at), "after {after}");
    for ids in [&state.marks, &state.fresh] {
        assert!(
            ids.iter().all(|id| state.rows.contains_key(id)),
            "one outlived its user, after {after}"
        );
    }
}

#[test]
fn cursor_and_marks_follow_their_users_through_a_thousand_refreshes() {
    let mut rng = StdRng::seed_from_u64(7);
    let mut app = App::new(80, 24);
    let (mut next, mut fixed) = (0, 0);
    let mut arrive = |minutes: i64| {
        next += 1;
        let name = format!("user{next}");
        match next % 4 {
            0 => demo::whole(&name, minutes),
            1 => demo::waiting(&name, minutes),
            _ => demo::without_record(&name, minutes),
        }
    };
    let mut present: Vec<Signup> = (0..30).map(|n| arrive(n * 10)).collect();
    for turn in 0..1_000 {
        // While a dialog asks, too.
        let asks = turn % 20 == 0;
        let mut listed = None;
        if asks {
            press(&mut app, "F");
            listed = match &app.state.mode {
                Mode::Confirm { sheet, .. } => Some(sheet.touched.clone()),
                _ => None,
            };
        }
        let before = app.state.cursor.clone();
        for _ in 0..rng.random_range(0..3) {
            present.push(arrive(rng.random_range(0..400)));
        }
        for _ in 0..rng.random_range(0..3) {
            if present.len() > 5 {
                present.swap_remove(rng.random_range(0..present.len()));
            }
        }
        // The oldest stays, so that each refresh looks at all that is there.
        present.push(demo::whole("eldest", 100_000));
        app.refresh(present.clone());
        present.pop();
        assert_eq!(app.state.rows.len(), present.len() + 1, "turn {turn}");
        check(&app, before, "a refresh");

        if let Some(listed) = listed {
            app.effects.clear();
            press(&mut app, "y");
            let why = matches!(app.state.mode, Mode::Reason { .. });
            if why {
                press(&mut app, "because<enter>");
            }
            let listed: Vec<_> = listed.into_iter().map(|planned| planned.target).collect();
            assert_eq!(app.started(), listed, "turn {turn}");
            fixed += listed.len();
            app.state.jobs = Default::default();
        }
        press(&mut app, "<esc>");
        let before = app.state.cursor.clone();
        let keys = ARRANGE[rng.random_range(0..ARRANGE.len())];
        press(&mut app, keys);
        check(&app, before, keys);
        let keys = MOVE[rng.random_range(0..MOVE.len())];
        press(&mut app, keys);
        app.answer_older(&[]);
        check(&app, None, keys);
    }
    assert!(fixed > 100, "{fixed}");
}

#[test]
fn the_row_keeps_its_line_while_others_arrive_above() {
    let mut app = App::new(80, 24);
    let mut signups: Vec<Signup> = (0..60)
        .map(|n| demo::whole(&format!("user{n}"), 10 + n))
        .collect();
    app.refresh(signups.clone());
    press(&mut app, "<pgdn><pgdn>");
    let line = app.state.cursor_at - app.state.top;
    let cursor = app.state.cursor.clone();
    signups.insert(0, demo::whole("newcomer", 1));
    app.refresh(signups);
    assert_eq!(app.state.cursor, cursor);
    assert_eq!(app.state.cursor_at - app.state.top, line);
}

//! The cursor, the marks and the window follow ids, whatever arrives and vanishes.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::domain::Signup;

use super::{App, demo, press};

#[test]
fn cursor_and_marks_follow_their_users_through_a_thousand_refreshes() {
    let mut rng = StdRng::seed_from_u64(7);
    let mut app = App::new(80, 24);
    let mut next = 0;
    let mut arrive = |minutes: i64| {
        next += 1;
        demo::without_record(&format!("user{next}"), minutes)
    };
    let mut present: Vec<Signup> = (0..30).map(|n| arrive(n * 10)).collect();
    for turn in 0..1_000 {
        let before = app.state.cursor.clone();
        let neighbours = app.state.shown.clone();
        let at = app.state.cursor_at;
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

        let there = |key: &str| app.state.rows.keys().any(|id| id.key == key);
        assert_eq!(app.state.rows.len(), present.len() + 1, "turn {turn}");
        assert!(
            app.state.marks.iter().all(|id| there(&id.key)),
            "a mark outlived its user"
        );
        if let Some(before) = before {
            let cursor = app.state.cursor.clone().unwrap();
            if there(&before.key) {
                assert_eq!(cursor, before, "turn {turn}");
            } else {
                let below = neighbours
                    .iter()
                    .skip(at + 1)
                    .chain(neighbours.iter().take(at).rev());
                let expected = below.into_iter().find(|id| there(&id.key));
                // Or on somebody who arrived in between.
                let arrived = !neighbours.contains(&cursor);
                assert!(
                    arrived || Some(&cursor) == expected.or(app.state.shown.first()),
                    "turn {turn}"
                );
            }
            assert_eq!(app.state.shown[app.state.cursor_at], cursor);
            let window = app.state.top..app.state.top + crate::tui::view::table_rows(&app.state);
            assert!(window.contains(&app.state.cursor_at));
        }
        press(
            &mut app,
            ["j", "k", "<space>", "G", "g", "<pgdn>", "s", "S"][rng.random_range(0..8)],
        );
        if turn % 50 == 0 && app.state.marked > 0 {
            app.effects.clear();
            press(&mut app, "Fy");
            let mut started: Vec<String> = app.started().into_iter().map(|target| target.key).collect();
            let mut marked: Vec<String> = app.state.marks.iter().map(|id| id.key.clone()).collect();
            started.sort();
            marked.sort();
            assert_eq!(started, marked);
            app.state.jobs = Default::default();
        }
    }
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

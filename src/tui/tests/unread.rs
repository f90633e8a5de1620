//! A tenant that nobody has read yet, and that is not read by itself: it is named, and a key says why it does nothing.

use super::{App, demo, press};
use crate::tui::message::Effect;

fn loads(app: &App) -> usize {
    let is_load = |effect: &&Effect| matches!(effect, Effect::LoadOlder { .. });
    app.effects.iter().filter(is_load).count()
}

#[test]
fn what_was_never_read_is_not_called_empty() {
    let mut app = App::new(100, 24);
    press(&mut app, "z");
    app.pass(1);
    press(&mut app, "t");
    assert!(app.effects.is_empty(), "frozen: {:?}", app.effects);
    let screen = app.screen();
    assert!(!screen.contains("There are no signups."), "{screen}");
    assert!(screen.contains("sotce was not read yet: r reads it."), "{screen}");
    assert!(screen.contains("not read yet · frozen"), "{screen}");
    press(&mut app, "+");
    assert_eq!(loads(&app), 0);
    assert_eq!(
        app.screen()
            .matches("sotce was not read yet: r reads it.")
            .count(),
        2,
        "the key says it too: {}",
        app.screen()
    );
    // No filter is to blame for that.
    press(&mut app, "/mira<enter>");
    assert!(!app.screen().contains("matches the filter"), "{}", app.screen());
    press(&mut app, "<esc>t");
    let screen = app.screen();
    assert!(
        screen.contains("aesthetic and sotce were not read yet: r reads them."),
        "{screen}"
    );
    // One that was read and is empty says so.
    let mut app = App::new(100, 24);
    app.refresh(Vec::new());
    press(&mut app, "z");
    assert!(app.screen().contains("There are no signups."), "{}", app.screen());
}

#[test]
fn of_both_the_one_that_was_not_read_is_named() {
    let mut app = App::new(120, 24);
    app.refresh(demo::signups());
    press(&mut app, "ztt");
    let screen = app.screen();
    assert!(screen.starts_with(" BOTH"), "{screen}");
    assert!(
        screen.contains("newest 18 · sotce not read yet · frozen"),
        "{screen}"
    );
    press(&mut app, "+");
    assert_eq!(loads(&app), 1);
    let screen = app.screen();
    assert!(screen.contains("sotce was not read yet: r reads it."), "{screen}");
}

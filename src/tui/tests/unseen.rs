//! Below the least size nothing is seen, and nothing is done but leaving and closing.

use crossterm::event::{Event, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use super::{App, press};
use crate::tui::message::{Effect, Message};
use crate::tui::state::Mode;

const TOO_SMALL: [(u16, u16); 3] = [(58, 14), (60, 14), (59, 15)];

#[test]
fn no_key_acts_where_nothing_is_seen() {
    for (width, height) in TOO_SMALL {
        let mut app = App::of_demo(80, 24);
        app.resize(width, height);
        assert!(app.screen().starts_with("terminal too small"), "{}", app.screen());
        press(&mut app, "aFyoops<enter>Rx!p");
        app.send(Message::Terminal(Event::Paste("oops".into())));
        assert!(app.effects.is_empty(), "{:?}", app.effects);
        app.resize(80, 24);
        assert!(matches!(app.state.mode, Mode::Table) && app.state.marks.is_empty());
        assert!(app.state.masked && !app.state.broken_only);
        press(&mut app, "Fy");
        assert_eq!(app.started().len(), 1, "seen again, they act again");
    }
}

#[test]
fn no_dialog_is_answered_where_it_is_not_seen() {
    for keys in ["y", "<enter>", "<tab><enter>", "<tab> <enter>"] {
        let mut app = App::of_demo(80, 24);
        press(&mut app, "mF");
        app.resize(58, 14);
        press(&mut app, keys);
        for column in 0..58 {
            app.send(Message::Terminal(Event::Mouse(MouseEvent {
                kind: MouseEventKind::Down(MouseButton::Left),
                column,
                row: 10,
                modifiers: KeyModifiers::NONE,
            })));
        }
        assert!(
            app.started().is_empty() && matches!(app.state.mode, Mode::Confirm { .. }),
            "{keys}"
        );
        press(&mut app, "<esc>");
        assert!(matches!(app.state.mode, Mode::Table), "{keys}: it closes");
    }
    // What is typed goes nowhere.
    let mut app = App::of_demo(80, 24);
    press(&mut app, "/mira");
    app.resize(58, 14);
    press(&mut app, "x<enter>");
    app.resize(80, 24);
    assert!(app.screen().contains(" / mira"), "{}", app.screen());
    assert!(matches!(app.state.mode, Mode::Filter { .. }));
}

#[test]
fn it_can_be_left_where_nothing_is_seen() {
    for (keys, effect) in [
        ("q", Effect::Quit),
        ("<ctrl-c><ctrl-c>", Effect::Quit),
        ("<ctrl-z>", Effect::Suspend),
        ("?<esc>q", Effect::Quit),
    ] {
        let mut app = App::of_demo(80, 24);
        app.resize(58, 14);
        press(&mut app, keys);
        assert_eq!(app.effects, [effect], "{keys}");
    }
}

/// A command of the palette, typed where a question is open, agrees to nothing.
#[test]
fn a_word_typed_into_a_question_does_not_press_its_button() {
    for word in [":limit-pds<enter>", "l<enter>", "h<enter>"] {
        let mut app = App::of_demo(80, 24);
        press(&mut app, "F");
        assert!(matches!(app.state.mode, Mode::Confirm { .. }));
        press(&mut app, word);
        assert!(app.started().is_empty(), "{word}");
    }
}

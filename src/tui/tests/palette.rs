//! The palette: what it lists, in which order, and that it does what a key does.

use crossterm::event::Event;
use unicode_width::UnicodeWidthStr;

use crate::tui::keymap::Keys;
use crate::tui::keys::{Command, Scope};
use crate::tui::message::Message;
use crate::tui::state::{Mode, State};
use crate::tui::theme::{ColourDepth, Role, Theme};

use super::{App, demo, dialog, press, text};

#[test]
fn it_lists_every_command_with_its_key_and_says_why_one_does_nothing() {
    let mut app = App::of_demo(80, 24);
    press(&mut app, ":mark");
    let shown = dialog(&mut app);
    let listed: Vec<&str> = shown.lines().take(11).collect();
    assert_eq!(
        format!("{}\n", listed.join("\n")),
        "
┌ Commands ────────────────────────────────────────────────────────────────┐
│ : mark                                                                   │
│ ▸     Space mark           mark or unmark the user, and go on to the ne… │
│    Shift-Up mark-up        mark upward                                   │
│  Shift-Down mark-down      mark downward                                 │
│           a mark-all       mark all that are shown                       │
│           u unmark-all     Nobody is marked.                             │
│           v range          mark all that the cursor passes               │
│           F fix            mend the marked, or the user under the curso… │
│           x cancel         No job runs on this user.                     │
"
    );
    // A reason is dim, and its command too; what has no room in its line stands below in full.
    let picture = app.picture();
    let screen = text(&picture);
    let theme = Theme {
        depth: ColourDepth::True,
        ..Theme::default()
    };
    let dim = theme.style(Role::Dim).fg.unwrap();
    for (line, is_dim) in [("a mark-all", false), ("u unmark-all", true), ("x cancel", true)] {
        let (y, x) = screen
            .lines()
            .enumerate()
            .find_map(|(y, text)| Some((y, text[..text.find(line)?].width())))
            .unwrap();
        assert_eq!(picture[(x as u16 + 2, y as u16)].fg == dim, is_dim, "{line}");
    }
    press(&mut app, "<down><down><down><down><down><down>");
    let screen = app.screen();
    let below = screen.lines().nth(22).unwrap();
    assert_eq!(
        below,
        " mend the marked, or the user under the cursor; asks first"
    );
}

#[test]
fn words_find_commands_by_what_they_do() {
    let names = |query: &str| {
        let mut app = App::of_demo(80, 24);
        press(&mut app, ":");
        press(&mut app, query);
        let state = &app.state;
        let found = crate::tui::palette::entries(state, query);
        found
            .iter()
            .map(|entry| entry.bound.command.name())
            .collect::<Vec<_>>()
    };
    assert_eq!(names("local time"), ["zone"]);
    assert_eq!(names("time local"), ["zone"]);
    assert_eq!(names("fix")[0], "fix");
    assert_eq!(names("page up"), ["page-up", "half-page-up"]);
    assert_eq!(names("unmask"), ["personal"]);
    assert_eq!(names("ctrl-z"), ["suspend"]);
    assert!(names("xyzzy").is_empty());
    let all = Keys::default().of(Scope::Table).count();
    assert_eq!(names("").len(), all - 1, "all but the palette itself");
}

/// The same screen and the same effects, whichever way a command is given.
#[test]
fn it_does_exactly_what_the_key_does() {
    for read_only in [false, true] {
        for bound in Keys::default().of(Scope::Table) {
            if bound.command == Command::Palette {
                continue;
            }
            let begin = || {
                let mut setup = demo::setup();
                setup.read_only = read_only;
                let mut app = App::with(State::new(setup), 100, 30);
                app.refresh(demo::signups());
                press(&mut app, "jj<space>");
                app.effects.clear();
                app
            };
            let (mut by_key, mut by_name) = (begin(), begin());
            let key = &bound.keys[0];
            let typed = if key.chars().count() == 1 {
                key.clone()
            } else {
                format!("<{key}>")
            };
            press(&mut by_key, &typed);
            press(&mut by_name, &format!(":{}<enter>", bound.command.name()));
            assert_eq!(by_key.screen(), by_name.screen(), "{:?}", bound.command);
            assert_eq!(by_key.effects, by_name.effects, "{:?}", bound.command);
        }
    }
}

#[test]
fn what_was_used_lately_stands_first() {
    let mut app = App::of_demo(80, 24);
    press(&mut app, ":freeze<enter><ctrl-p>older<enter>:");
    let second = |app: &mut App| {
        dialog(app)
            .lines()
            .skip(3)
            .take(3)
            .map(|line| line.split_whitespace().nth(2).unwrap_or_default().to_string())
            .collect::<Vec<_>>()
    };
    let first = dialog(&mut app);
    assert!(
        first.lines().nth(3).unwrap().contains("▸         + older"),
        "{first}"
    );
    assert_eq!(second(&mut app)[1..], ["freeze", "detail"]);
    // With words, those that fit better come first all the same.
    press(&mut app, "re<enter>");
    assert!(matches!(app.state.mode, Mode::Table));
    assert_eq!(app.state.recent[0], Command::Retry, "{:?}", app.state.recent);
}

#[test]
fn the_cursor_in_it_stays_within_what_matches() {
    let mut app = App::of_demo(80, 24);
    press(
        &mut app,
        ":q<pgdn><pgdn><backspace><pgdn><pgdn><pgdn><pgdn><pgdn>",
    );
    assert!(
        dialog(&mut app).contains("▸Shift-Down mark-down"),
        "{}",
        dialog(&mut app)
    );
    press(&mut app, "<up>");
    assert!(
        dialog(&mut app).contains("▸  Shift-Up mark-up"),
        "{}",
        dialog(&mut app)
    );
    // Other words, and it begins anew; nothing found, and Enter does nothing.
    app.send(Message::Terminal(Event::Paste("xyzzy".into())));
    press(&mut app, "<down><enter>");
    assert!(dialog(&mut app).contains("No command is called so."));
    // What is pasted is typed, and the cursor begins anew.
    press(
        &mut app,
        "<backspace><backspace><backspace><backspace><backspace><pgdn>",
    );
    app.send(Message::Terminal(Event::Paste("freeze".into())));
    assert!(dialog(&mut app).contains("▸         z freeze"));
    press(&mut app, "<esc>");
    assert!(matches!(app.state.mode, Mode::Table));
    assert!(app.effects.is_empty());
}

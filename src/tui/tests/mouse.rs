//! The mouse: nothing while it is off, and what a key means while it is on.

use crossterm::event::{Event, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use crate::tui::columns::Column;
use crate::tui::export::Format;
use crate::tui::message::{Effect, Message};
use crate::tui::state::Mode;

use super::{App, press};

pub fn mouse(app: &mut App, kind: MouseEventKind, column: u16, row: u16) {
    app.send(Message::Terminal(Event::Mouse(MouseEvent {
        kind,
        column,
        row,
        modifiers: KeyModifiers::NONE,
    })));
}

/// Clicks the first letter of a text.
pub fn click(app: &mut App, text: &str) {
    let screen = app.screen();
    let found = screen
        .lines()
        .enumerate()
        .find_map(|(row, line)| Some((row, line.find(text).map(|at| line[..at].chars().count())?)));
    let (row, column) = found.unwrap_or_else(|| panic!("no {text}: {screen}"));
    mouse(
        app,
        MouseEventKind::Down(MouseButton::Left),
        column as u16,
        row as u16,
    );
}

/// The line of the table's header.
fn header(app: &mut App) -> u16 {
    let screen = app.screen();
    screen.lines().position(|line| line.contains("AUTH0 ")).unwrap() as u16
}

fn on() -> App {
    let mut app = App::of_demo(80, 24);
    press(&mut app, "m");
    app
}

#[test]
fn off_at_first_and_then_it_means_nothing() {
    let mut app = App::of_demo(80, 24);
    assert!(!app.state.mouse);
    let before = app.screen();
    let row = header(&mut app) + 3;
    mouse(&mut app, MouseEventKind::Down(MouseButton::Left), 20, row);
    mouse(&mut app, MouseEventKind::ScrollDown, 20, row);
    assert_eq!(app.screen(), before);
    press(&mut app, "m");
    assert!(app.state.mouse);
    assert!(app.screen().contains("Shift selects text, m ends it."));
    press(&mut app, "m");
    assert!(!app.state.mouse);
    assert!(app.screen().contains("the terminal selects text with it again"));
}

#[test]
fn a_click_puts_the_cursor_there_and_a_second_opens_the_detail() {
    let mut app = on();
    let row = header(&mut app) + 4;
    let left = MouseEventKind::Down(MouseButton::Left);
    mouse(&mut app, left, 20, row);
    assert_eq!(app.state.cursor_at, 3);
    assert!(app.state.detail.is_none());
    mouse(&mut app, left, 20, row);
    assert!(app.state.detail.is_some());
    press(&mut app, "<esc>");
    // At the left edge it marks, and the cursor is where the mark is.
    mouse(&mut app, left, 1, row - 2);
    assert_eq!((app.state.cursor_at, app.state.marks.len()), (1, 1));
    mouse(&mut app, left, 1, row - 2);
    assert!(app.state.marks.is_empty());
    // Below the last row there is nobody.
    press(&mut app, "/pds:drift<enter>");
    let at = app.state.cursor_at;
    mouse(&mut app, left, 20, 20);
    assert_eq!(app.state.cursor_at, at);
}

#[test]
fn the_wheel_moves_what_lies_below_it() {
    let mut app = on();
    let row = header(&mut app) + 2;
    mouse(&mut app, MouseEventKind::ScrollDown, 20, row);
    assert_eq!(app.state.cursor_at, 3);
    mouse(&mut app, MouseEventKind::ScrollUp, 20, row);
    assert_eq!(app.state.cursor_at, 0);
    press(&mut app, "?");
    mouse(&mut app, MouseEventKind::ScrollDown, 20, row);
    assert!(matches!(app.state.mode, Mode::Help { scroll: 3 }));
    press(&mut app, "<esc>:");
    mouse(&mut app, MouseEventKind::ScrollDown, 20, row);
    assert!(matches!(app.state.mode, Mode::Palette { chosen: 1, .. }));
}

#[test]
fn a_click_on_a_header_sorts_and_another_turns_the_order_round() {
    let mut app = on();
    click(&mut app, "MONGO");
    let mongo = crate::domain::Column::Mongo;
    assert_eq!(
        (app.state.sort.by, app.state.sort.reversed),
        (Column::Status(mongo), false)
    );
    assert!(app.screen().contains("MONGO▾"));
    click(&mut app, "MONGO");
    assert!(app.screen().contains("MONGO▴"));
    click(&mut app, "USER");
    assert_eq!(
        (app.state.sort.by, app.state.sort.reversed),
        (Column::User, false)
    );
    // A click inside a dialog does not reach the table behind it.
    let header = header(&mut app);
    press(&mut app, "?");
    mouse(&mut app, MouseEventKind::Down(MouseButton::Left), 5, header);
    assert_eq!(app.state.sort.by, Column::User);
}

#[test]
fn a_column_is_chosen_by_a_click_and_shown_or_hidden_at_its_box_or_by_a_second() {
    let mut app = on();
    let shows = |app: &App, name: &str| app.state.layout.names().contains(&name.to_string());
    press(&mut app, "c");
    let at = |app: &App| match app.state.mode {
        Mode::Columns { at } => at,
        _ => panic!("the dialog is closed"),
    };
    click(&mut app, "HANDLE ");
    assert_eq!((at(&app), shows(&app, "handle")), (3, true));
    click(&mut app, "HANDLE ");
    assert_eq!((at(&app), shows(&app, "handle")), (3, false));
    click(&mut app, "[ ] SUB");
    assert_eq!((at(&app), shows(&app, "sub")), (11, true));
    click(&mut app, "[•] PDS");
    assert!(app.screen().contains("PDS is always shown."), "{}", app.screen());
    mouse(&mut app, MouseEventKind::ScrollUp, 20, 10);
    assert_eq!(at(&app), 7);
    // Its frame is nothing, and neither is the table behind it.
    click(&mut app, "┌ Columns");
    let row = header(&mut app);
    mouse(&mut app, MouseEventKind::Down(MouseButton::Left), 0, row);
    assert_eq!(at(&app), 7);
    // Where not all of them have room, what is seen is what is meant.
    app.resize(80, 15);
    press(&mut app, "jjjj");
    let before = shows(&app, "finding");
    click(&mut app, "FINDING ");
    click(&mut app, "FINDING ");
    assert_eq!((at(&app), shows(&app, "finding")), (9, !before));
    click(&mut app, "Esc close");
    assert!(matches!(app.state.mode, Mode::Table));
}

#[test]
fn a_proposal_is_taken_by_a_click() {
    let mut app = on();
    press(&mut app, "/");
    click(&mut app, "pds:");
    click(&mut app, "missing  drift");
    press(&mut app, "<enter>");
    assert_eq!(app.state.filter.text, "pds:missing");
    // What stands there is what is clicked, and not a key that it hides.
    press(&mut app, "/<tab><tab>");
    let screen = app.screen();
    click(&mut app, "Tab ");
    assert_eq!(app.screen(), screen);
    press(&mut app, "<esc>/mira pds:mising");
    let last = app.state.size.1 - 1;
    for column in 0..80 {
        mouse(&mut app, MouseEventKind::Down(MouseButton::Left), column, last);
    }
    assert!(matches!(app.state.mode, Mode::Filter { .. }));
}

#[test]
fn what_the_last_line_offers_can_be_clicked_and_so_can_the_palette() {
    let mut app = on();
    app.pass(10);
    click(&mut app, ": palette");
    assert!(matches!(app.state.mode, Mode::Palette { .. }));
    press(&mut app, "he");
    click(&mut app, "this help");
    assert!(matches!(app.state.mode, Mode::Help { .. }));
    click(&mut app, "Esc close");
    assert!(matches!(app.state.mode, Mode::Table));
}

#[test]
fn a_format_is_chosen_by_a_click_and_written_by_a_second() {
    let mut app = on();
    press(&mut app, "e");
    app.effects.clear();
    click(&mut app, "NDJSON ");
    let format = |app: &App| match app.state.mode {
        Mode::Export { format, .. } => format,
        _ => panic!("the dialog is closed"),
    };
    assert_eq!(format(&app), Format::Ndjson);
    assert!(app.effects.is_empty());
    // Neither the rest of the dialog nor its frame is a format.
    for text in ["All that are loaded", "┌ Export", "E-mails"] {
        click(&mut app, text);
        assert_eq!((format(&app), app.effects.len()), (Format::Ndjson, 0), "{text}");
    }
    click(&mut app, "NDJSON ");
    assert!(matches!(app.state.mode, Mode::Table));
    assert!(
        matches!(app.effects.as_slice(), [Effect::Export(export)] if export.format == Format::Ndjson),
        "{:?}",
        app.effects
    );
}

//! The palette: what is typed, and below it the commands that match, with their keys.
//!
//! ```text
//! ┌ Commands ────────────────────────────────────────────────────────────┐
//! │ : mark_                                                              │
//! │▸   Space mark       mark or unmark the user, and go on to the next   │
//! │        a mark-all   mark all that are shown                          │
//! │        u unmark-all Nobody is marked.                                │
//! └──────────────────────────────────────────────────────────────────────┘
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::Span;
use unicode_width::UnicodeWidthStr;

use super::super::palette::{Entry, entries};
use super::super::state::{Mode, State};
use super::super::theme::{Role, Theme};
use super::super::words;
use super::{framed, put};

const PROMPT: &str = ": ";
/// Columns of a key and of a command's name.
const KEY: u16 = 10;
const NAME: u16 = 14;
const WIDEST: u16 = 104;

pub fn draw(state: &State, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let Mode::Palette { input, chosen } = &state.mode else {
        return;
    };
    let title = Span::styled(" Commands ", theme.style(Role::Strong));
    let inner = framed(buffer, theme, frame(area), vec![title]);
    let room = usize::from(inner.width).saturating_sub(PROMPT.len() + 1);
    let typed = words::skip_columns(&words::show(input.value()), input.visual_scroll(room));
    let after = put(buffer, inner, 0, PROMPT, theme.style(Role::Key));
    let line = Rect {
        x: after,
        width: inner.right().saturating_sub(after),
        ..inner
    };
    put(buffer, line, 0, &typed, theme.style(Role::Text));

    let found = entries(state, input.value());
    let body = body(inner);
    if found.is_empty() {
        put(
            buffer,
            body,
            0,
            "No command is called so.",
            theme.style(Role::Dim),
        );
    }
    let first = first(*chosen, body);
    for (n, (row, entry)) in body.rows().zip(found.iter().skip(first)).enumerate() {
        draw_entry(entry, n + first == *chosen, theme, row, buffer);
    }
    if found.len() > first + usize::from(body.height) && body.height > 0 {
        buffer.set_string(inner.right(), body.bottom() - 1, "↓", theme.style(Role::Dim));
    }
    if first > 0 {
        buffer.set_string(inner.right(), body.y, "↑", theme.style(Role::Dim));
    }
}

fn draw_entry(entry: &Entry, chosen: bool, theme: &Theme, row: Rect, buffer: &mut Buffer) {
    let over = |style| {
        if chosen { theme.under_cursor(style) } else { style }
    };
    let applies = entry.refusal.is_none();
    let usual = if applies { Role::Text } else { Role::Dim };
    buffer.set_style(row, over(theme.style(Role::Text)));
    let sign = if chosen { "▸" } else { " " };
    let key = words::fit(&entry.bound.first(), usize::from(KEY));
    let lead = " ".repeat(usize::from(KEY).saturating_sub(key.width()));
    let strong = theme.style(if applies { Role::Key } else { Role::Dim });
    let mut at = |x: u16, width: u16, text: &str, style| {
        let place = Rect {
            x: row.x + x,
            width: width.min(row.width.saturating_sub(x)),
            ..row
        };
        put(buffer, place, 0, text, over(style));
    };
    at(0, 1, sign, theme.style(Role::Strong));
    at(1, KEY, &format!("{lead}{key}"), strong);
    at(KEY + 2, NAME, entry.bound.command.name(), theme.style(usual));
    let told = entry.refusal.as_deref().unwrap_or(&entry.help);
    at(KEY + NAME + 3, row.width, told, theme.style(Role::Dim));
}

/// The caret stands in the text.
pub fn caret(state: &State, area: Rect) -> Option<Position> {
    let Mode::Palette { input, .. } = &state.mode else {
        return None;
    };
    let frame = frame(area);
    let room = usize::from(frame.width).saturating_sub(4 + PROMPT.len() + 1);
    let before = input.visual_cursor().saturating_sub(input.visual_scroll(room));
    Some(Position::new(
        frame.x + 2 + PROMPT.len() as u16 + before.min(room) as u16,
        frame.y + 1,
    ))
}

/// Which entry lies there.
pub fn entry_at(state: &State, area: Rect, at: Position) -> Option<usize> {
    let Mode::Palette { chosen, .. } = &state.mode else {
        return None;
    };
    let frame = frame(area);
    let inside = Rect {
        x: frame.x + 2,
        y: frame.y + 1,
        width: frame.width.saturating_sub(4),
        height: frame.height.saturating_sub(2),
    };
    let body = body(inside);
    body.contains(at)
        .then(|| first(*chosen, body) + usize::from(at.y - body.y))
}

/// As high as there is room for, whatever matches: what is typed does not jump.
fn frame(area: Rect) -> Rect {
    let width = area.width.saturating_sub(4).min(WIDEST);
    let height = area.height.saturating_sub(4).min(24);
    Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + 2.min(area.height),
        width,
        height,
    }
}

fn body(inner: Rect) -> Rect {
    Rect {
        y: inner.y + 1.min(inner.height),
        height: inner.height.saturating_sub(1),
        ..inner
    }
}

/// The first entry that is seen, such that the chosen one is.
fn first(chosen: usize, body: Rect) -> usize {
    (chosen + 1).saturating_sub(usize::from(body.height))
}

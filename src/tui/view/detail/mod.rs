//! Everything about the user under the cursor: as a pane below the table, or on the whole screen. What both show has its own
//! file.

mod findings;
mod held;
mod links;
mod pane;
mod trace;
mod whole;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use super::super::state::{Row, State};
use super::super::theme::{Role, Theme};
use super::super::words;
use super::{changes, framed, hanging, history, scrolled};
use crate::domain::Plan;

/// How high the pane wishes to be.
pub fn height(state: &State, theme: &Theme, width: u16) -> u16 {
    let Some(row) = state.row_under_cursor().filter(|_| state.detail.is_some()) else {
        return 0;
    };
    pane::lines(row, state, theme, usize::from(width.saturating_sub(4))).len() as u16 + 2
}

pub fn draw(state: &State, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let (Some(detail), Some(row)) = (&state.detail, state.row_under_cursor()) else {
        return;
    };
    if area.height < 3 {
        return;
    }
    let mut title = vec![
        Span::styled(
            format!(" {} ", words::person(&row.signup, state.masked)),
            theme.style(Role::Strong),
        ),
        Span::styled(
            format!("── {} ", words::show(&row.signup.key)),
            theme.style(Role::Dim),
        ),
    ];
    if state.whole_detail().is_some() {
        let place = format!("── {} of {} ", state.cursor_at + 1, state.shown.len());
        title.push(Span::styled(place, theme.style(Role::Dim)));
    }
    let inner = framed(buffer, theme, area, title);
    let (width, room) = (usize::from(inner.width), usize::from(inner.height));
    let lines = lines(state, theme, width, room);
    scrolled(buffer, theme, inner, &lines, detail.scroll);
}

/// What it says, in lines of this width, where so many have room.
pub fn lines(state: &State, theme: &Theme, width: usize, room: usize) -> Vec<Line<'static>> {
    match (state.row_under_cursor(), state.whole_detail()) {
        (None, _) => Vec::new(),
        (Some(row), None) => pane::lines(row, state, theme, width),
        (Some(row), Some(story)) => whole::whole(row, story, state, theme, width, room).lines,
    }
}

/// The number of the link that lies there, where the detail has the whole screen.
pub fn link_at(state: &State, theme: &Theme, area: Rect, at: Position) -> Option<usize> {
    let (row, story) = (state.row_under_cursor()?, state.whole_detail()?);
    let inner = Rect {
        x: area.x + 2,
        y: area.y + 1,
        width: area.width.saturating_sub(4),
        height: area.height.saturating_sub(2),
    };
    if !inner.contains(at) {
        return None;
    }
    let (width, room) = (usize::from(inner.width), usize::from(inner.height));
    let whole = whole::whole(row, story, state, theme, width, room);
    let hidden = whole.lines.len().saturating_sub(room);
    let scroll = state
        .detail
        .as_ref()
        .map_or(0, |detail| detail.scroll)
        .min(hidden);
    let (line, column) = (scroll + usize::from(at.y - inner.y), usize::from(at.x - inner.x));
    whole::link_at(&whole, row, state, line, column)
}

/// What no step mends, below a label of this width.
fn left_to_you(row: &Row, plan: &Plan, label: usize, theme: &Theme, width: usize) -> Vec<Line<'static>> {
    if row.is_pending() {
        return Vec::new();
    }
    let mut lines = Vec::new();
    for (n, left) in plan.left.iter().enumerate() {
        let name = if n == 0 { "Left" } else { "" };
        let name = Span::styled(format!("{name:<label$}"), theme.style(Role::Dim));
        lines.extend(hanging(name, &words::show(left), theme.style(Role::Text), width));
    }
    lines
}

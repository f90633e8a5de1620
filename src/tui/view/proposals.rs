//! What may follow in the filter being typed: the candidates, in the footer's line, the chosen one marked.
//!
//! ```text
//!  / pds:mis
//!  Tab  missing
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;

use super::super::state::{Mode, State};
use super::super::theme::{Role, Theme};
use super::super::words;

/// Whether there was anything to draw.
pub fn draw(state: &State, theme: &Theme, area: Rect, buffer: &mut Buffer) -> bool {
    let Mode::Filter { input, proposals, .. } = &state.mode else {
        return false;
    };
    let all = proposals.all();
    if all.is_empty() {
        return false;
    }
    let entry = |n: usize| {
        let role = match proposals.chosen() {
            Some(chosen) if chosen == n => Role::Focus,
            _ => Role::Dim,
        };
        Span::styled(format!(" {} ", words::show(&all[n])), theme.style(role))
    };
    let mut spans = vec![Span::styled(" Tab ", theme.style(Role::Key))];
    let room = usize::from(area.width).saturating_sub(spans[0].width());
    // As many as fit, from one on such that the chosen one is seen, and a sign that there are more.
    let chosen = proposals.chosen().unwrap_or(0);
    let width = |from: usize| (from..=chosen).map(|n| entry(n).width()).sum::<usize>() + 4;
    let first = (0..=chosen).find(|from| width(*from) <= room).unwrap_or(chosen);
    let mut left = room;
    if first > 0 {
        spans.push(Span::styled("… ", theme.style(Role::Dim)));
        left = left.saturating_sub(2);
    }
    for n in first..all.len() {
        let entry = entry(n);
        let more = if n + 1 < all.len() { 2 } else { 0 };
        if entry.width() + more > left {
            spans.push(Span::styled("…", theme.style(Role::Dim)));
            break;
        }
        left -= entry.width();
        spans.push(entry);
    }
    if input.value().is_empty() {
        let hint = "  or any words";
        if hint.len() <= left {
            spans.push(Span::styled(hint, theme.style(Role::Dim)));
        }
    }
    Line::from(spans).render(area, buffer);
    true
}

//! The sentences above the last line: the newest at the bottom, older ones above it while they last.
//!
//! ```text
//! │  ✗ Nothing was started: mongo does not answer. Try again.
//! │  ✓ Copied the id: auth0|68ee50
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;
use unicode_width::UnicodeWidthStr;

use super::super::state::{Mode, State};
use super::super::theme::{Role, Theme};
use super::super::toast::{Toast, Tone};
use super::super::words;

/// Two that are told in full have room at least.
const LINES: usize = 4;

/// How many lines they want.
pub fn height(state: &State, theme: &Theme, width: u16) -> u16 {
    lines(state, theme, usize::from(width), LINES).len() as u16
}

/// Draws as many as there is room for, at the bottom of the area.
pub fn draw(state: &State, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let lines = lines(state, theme, usize::from(area.width), usize::from(area.height));
    let first = usize::from(area.height).saturating_sub(lines.len());
    for (row, line) in area.rows().skip(first).zip(lines) {
        line.render(row, buffer);
    }
}

/// Whole sentences, as many of the newest as fit; of one that is longer than everything, as much as fits.
fn lines(state: &State, theme: &Theme, width: usize, most: usize) -> Vec<Line<'static>> {
    let mut shown: Vec<Line> = Vec::new();
    // The log has them at its end; scrolled up, it leaves them the one line below it.
    let most = match state.mode {
        Mode::Log { scroll: None } => return shown,
        Mode::Log { .. } => most.min(1),
        _ => most,
    };
    for toast in state.toasts.all().iter().rev() {
        let room = most - shown.len();
        let longest = if shown.is_empty() { room } else { usize::MAX };
        let its = lines_of(toast, theme, width, longest);
        if its.len() > room {
            break;
        }
        shown.splice(0..0, its);
    }
    shown
}

fn lines_of(toast: &Toast, theme: &Theme, width: usize, longest: usize) -> Vec<Line<'static>> {
    let lead = match toast.tone.fact() {
        Some(fact) => format!(" {} ", theme.glyph(fact)),
        None => " ".to_string(),
    };
    let text_width = width.saturating_sub(lead.width());
    let mut parts = words::wrap(&toast.text, text_width);
    if parts.len() > longest && longest > 0 {
        let rest = parts.split_off(longest - 1).join(" ");
        parts.push(words::fit(&rest, text_width));
    }
    let glyph = toast.tone.fact().map_or(Role::Strong, Role::State);
    let text = if toast.tone == Tone::Bad {
        Role::Alarm
    } else {
        Role::Strong
    };
    let line = |(n, part)| {
        let lead = if n == 0 {
            lead.clone()
        } else {
            " ".repeat(lead.width())
        };
        Line::from(vec![
            Span::styled(lead, theme.style(glyph)),
            Span::styled(part, theme.style(text)),
        ])
    };
    parts.into_iter().enumerate().map(line).collect()
}

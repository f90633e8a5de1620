//! What may follow in the filter being typed: the candidates, in the footer's line, the chosen one marked.
//!
//! ```text
//!  / pds:mis
//!  Tab  missing
//! ```

use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;
use unicode_width::UnicodeWidthStr;

use super::super::filter::Proposals;
use super::super::state::{Mode, State};
use super::super::theme::{Role, Theme};
use super::super::words;

/// What says which key takes one.
const KEY: &str = " Tab ";
/// How wide the sign is that there are more.
const MORE: usize = 2;

/// Whether there was anything to draw.
pub fn draw(state: &State, theme: &Theme, area: Rect, buffer: &mut Buffer) -> bool {
    let Mode::Filter { input, proposals, .. } = &state.mode else {
        return false;
    };
    let all = proposals.all();
    if all.is_empty() {
        return false;
    }
    let (shown, left) = fitting(proposals, area);
    let more = |sign: &'static str| Span::styled(sign, theme.style(Role::Dim));
    let mut spans = vec![Span::styled(KEY, theme.style(Role::Key))];
    if shown.start > 0 {
        spans.push(more("… "));
    }
    for n in shown.clone() {
        let is_chosen = proposals.chosen() == Some(n);
        let role = if is_chosen { Role::Focus } else { Role::Dim };
        spans.push(Span::styled(entry(&all[n]), theme.style(role)));
    }
    if shown.end < all.len() {
        spans.push(more("…"));
    }
    if input.value().is_empty() {
        let hint = "  or any words";
        if hint.len() <= left {
            spans.push(more(hint));
        }
    }
    Line::from(spans).render(area, buffer);
    true
}

/// Which of them lies at a column of the line.
pub fn at(proposals: &Proposals, area: Rect, column: u16) -> Option<usize> {
    let (shown, _) = fitting(proposals, area);
    let mut x = usize::from(area.x) + KEY.len() + if shown.start > 0 { MORE } else { 0 };
    shown.into_iter().find(|n| {
        let from = x;
        x += entry(&proposals.all()[*n]).width();
        (from..x).contains(&usize::from(column))
    })
}

fn entry(candidate: &str) -> String {
    format!(" {} ", words::show(candidate))
}

/// As many as fit, from one on such that the chosen one is seen, and how many columns are left; there is room for a sign
/// that there are more.
fn fitting(proposals: &Proposals, area: Rect) -> (Range<usize>, usize) {
    let all = proposals.all();
    let width = |n: usize| entry(&all[n]).width();
    let room = usize::from(area.width).saturating_sub(KEY.len());
    let chosen = proposals.chosen().unwrap_or(0);
    let up_to_chosen = |from: usize| (from..=chosen).map(width).sum::<usize>() + 2 * MORE;
    let first = (0..=chosen)
        .find(|from| up_to_chosen(*from) <= room)
        .unwrap_or(chosen);
    let mut left = room.saturating_sub(if first > 0 { MORE } else { 0 });
    let mut end = first;
    while end < all.len() {
        let more = if end + 1 < all.len() { MORE } else { 0 };
        if width(end) + more > left {
            break;
        }
        left -= width(end);
        end += 1;
    }
    (first..end, left)
}

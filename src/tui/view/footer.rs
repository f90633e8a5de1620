//! The last two lines: what is being typed, told or done; and the keys that apply now.
//!
//! ```text
//!  / pds:mising_
//!    ^^^^^^^^^^ a state is one of ok, waiting, missing, drift, running, unknown
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;
use unicode_width::UnicodeWidthStr;

use super::super::filter::Misunderstood;
use super::super::keys::{Binding, Command, Scope, TABLE};
use super::super::state::{Mode, State};
use super::super::theme::{Role, Theme};
use super::super::words;
use super::{jobs, proposals, put};

/// What stands before the text of a filter.
const PROMPT: &str = " / ";

pub fn draw(state: &State, theme: &Theme, message: Rect, footer: Rect, buffer: &mut Buffer) {
    if let Mode::Filter { input, error, .. } = &state.mode {
        let (shift, room) = window(state, message);
        let after = put(buffer, message, 0, PROMPT, theme.style(Role::Key));
        let place = Rect {
            x: after,
            width: room,
            ..message
        };
        let shown: String = words::skip_columns(&words::show(input.value()), shift);
        buffer.set_stringn(
            place.x,
            place.y,
            &shown,
            usize::from(room),
            theme.style(Role::Text),
        );
        if let Some(error) = error {
            point_at(error, input.value(), shift, theme, place, footer, buffer);
            return;
        }
        if proposals::draw(state, theme, footer, buffer) {
            return;
        }
    } else if let Some(toast) = &state.toast {
        put(
            buffer,
            message,
            0,
            &format!(" {}", toast.text),
            theme.style(Role::Strong),
        );
    } else if state.range.as_ref().is_some_and(|range| range.sticky) {
        let text = format!(
            " Marking what the cursor passes: {} marked. v or Esc ends it.",
            state.marked
        );
        put(buffer, message, 0, &text, theme.style(Role::Dim));
    } else if state.jobs.active_count() > 0 && !state.jobs_open {
        let spans = jobs::progress(state, theme, usize::from(message.width));
        Line::from(spans).render(message, buffer);
    }
    keys(state, theme, footer, buffer);
}

/// Where the caret of the filter stands.
pub fn caret(state: &State, message: Rect) -> Option<Position> {
    let Mode::Filter { input, .. } = &state.mode else {
        return None;
    };
    let (shift, room) = window(state, message);
    let before = input.visual_cursor().saturating_sub(shift) as u16;
    Some(Position::new(
        message.x + PROMPT.len() as u16 + before.min(room),
        message.y,
    ))
}

/// How many columns of a long filter are out of sight on the left, and how many are seen.
fn window(state: &State, message: Rect) -> (usize, u16) {
    let room = message.width.saturating_sub(PROMPT.len() as u16 + 1);
    let shift = match &state.mode {
        Mode::Filter { input, .. } => input.visual_scroll(usize::from(room)),
        _ => 0,
    };
    (shift, room)
}

/// Underlines the word and says below it what is wrong.
fn point_at(
    error: &Misunderstood,
    text: &str,
    shift: usize,
    theme: &Theme,
    place: Rect,
    footer: Rect,
    buffer: &mut Buffer,
) {
    let start = text[..error.at.start]
        .width()
        .saturating_sub(shift)
        .min(usize::from(place.width)) as u16;
    let length = (text[error.at.clone()].width() as u16).min(place.width - start);
    let wrong = theme.style(Role::Wrong);
    buffer.set_style(
        Rect {
            x: place.x + start,
            width: length,
            ..place
        },
        wrong,
    );
    let carets = "^".repeat(usize::from(length));
    let room = usize::from(footer.width);
    let after = format!(
        "{}{carets} {}",
        " ".repeat(usize::from(place.x + start)),
        error.why
    );
    // Where the sentence has no room behind the carets, it stands before them.
    let line = if after.width() <= room {
        after
    } else {
        format!(" {}", error.why)
    };
    put(buffer, footer, 0, &line, theme.style(Role::Alarm));
}

fn keys(state: &State, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let scope = Scope::of(&state.mode);
    let mut bindings: Vec<&Binding> = TABLE
        .iter()
        .filter(|binding| binding.scope == scope && binding.footer > 0)
        .filter(|binding| binding.is_offered(state) && (binding.applies)(state).is_ok())
        .collect();
    bindings.sort_by_key(|binding| binding.footer);
    let entry = |binding: &Binding| {
        [
            Span::styled(
                format!(" {}", binding.shown.split(' ').next().unwrap_or_default()),
                theme.style(Role::Key),
            ),
            Span::styled(format!(" {} ", binding.label(state)), theme.style(Role::Dim)),
        ]
    };
    let width = |binding: &Binding| entry(binding).iter().map(Span::width).sum::<usize>();
    let help = bindings
        .iter()
        .copied()
        .find(|binding| binding.command == Command::Help);
    let mut room = usize::from(area.width).saturating_sub(help.map_or(0, width));
    let mut spans = Vec::new();
    for binding in bindings.iter().filter(|binding| binding.command != Command::Help) {
        if width(binding) > room {
            break;
        }
        room -= width(binding);
        spans.extend(entry(binding));
    }
    spans.extend(help.map(entry).into_iter().flatten());
    Line::from(spans).render(area, buffer);
}

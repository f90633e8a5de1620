//! What is exported, in which format, and where it will lie.
//!
//! ```text
//! ┌ Export 18 signups of aesthetic · sandbox ────────────────────────────┐
//! │ ▸ CSV       the columns that are shown, for a spreadsheet            │
//! │   JSON      everything about each, as audit -o json tells it         │
//! │                                                                      │
//! │ E-mails and handles are masked, as on the screen.                    │
//! │ /home/mira/atriage-aesthetic-2026-11-22T143220Z.csv                  │
//! └──────────────────────────────────────────────────────────────────────┘
//! ```

use jiff::Timestamp;
use ratatui::text::{Line, Span};

use super::super::export::{Format, path};
use super::super::keys::Command;
use super::super::state::State;
use super::super::theme::{Role, Theme};
use super::super::words;
use super::hanging;

pub fn title(state: &State) -> String {
    let tenants: Vec<String> = state.chosen().iter().map(|name| words::show(name)).collect();
    format!(
        "Export {} of {} · {}",
        words::count(state.shown.len(), "signup"),
        tenants.join(" and "),
        words::show(&state.setup.badge)
    )
}

pub fn lines(
    format: Format,
    at: Timestamp,
    state: &State,
    theme: &Theme,
    width: usize,
) -> Vec<Line<'static>> {
    let mut lines: Vec<Line> = Format::ALL
        .into_iter()
        .map(|other| {
            let here = other == format;
            let lead = if here { "▸ " } else { "  " };
            let role = if here { Role::Focus } else { Role::Text };
            Line::from(vec![
                Span::raw(lead),
                Span::styled(format!("{:<9}", other.name()), theme.style(role)),
                Span::styled(format!(" {}", other.meaning()), theme.style(Role::Dim)),
            ])
        })
        .collect();
    lines.push(Line::default());
    let filtered = if state.filter.is_empty() && !state.broken_only {
        "All that are loaded, in this order."
    } else {
        "Those that the filter lets through, in this order."
    };
    let people = if state.masked {
        let key = state.key(Command::Personal);
        format!("E-mails and handles are masked, as on the screen; {key} shows them.")
    } else {
        "E-mails and handles are written in full, as they are shown now.".to_string()
    };
    let warns = if state.masked { Role::Text } else { Role::Alarm };
    for (text, role) in [(filtered.to_string(), Role::Text), (people, warns)] {
        lines.extend(hanging(Span::raw(""), &text, theme.style(role), width));
    }
    let path = words::show(&path(state, format, at).display().to_string());
    lines.extend(hanging(Span::raw(""), &path, theme.style(Role::Strong), width));
    lines
}

//! The dialog of the columns: which there are, in their order, which are shown, and which have no room right now.
//!
//! ```text
//! │ ▸ [x] AGE      how long ago they signed up                  │
//! │   [ ] SUB      the id in Auth0                              │
//! │   [x] JOB      what a job does about them  no room now      │
//! ```

use ratatui::text::{Line, Span};

use super::super::state::State;
use super::super::theme::{Role, Theme};
use super::fitted;

/// How wide cursor and box are together.
pub const BOX: u16 = 5;

pub fn lines(at: usize, state: &State, theme: &Theme) -> Vec<Line<'static>> {
    let all_tenants = state.shows_all_tenants();
    let fitted = fitted(state, theme, state.size.0);
    let line = |(n, (column, shown)): (usize, &(_, bool))| {
        let column: super::super::columns::Column = *column;
        let here = n == at;
        let cursor = if here { "▸" } else { " " };
        let shows = match (column.is_always_shown(), shown) {
            (true, _) => "[•]",
            (false, true) => "[x]",
            (false, false) => "[ ]",
        };
        let sorted = match (state.sort.by == column, state.sort.reversed) {
            (false, _) => " ",
            (true, false) => "▾",
            (true, true) => "▴",
        };
        let role = if here { Role::Focus } else { Role::Text };
        let mut spans = vec![
            Span::styled(
                format!("{cursor} {shows} {:<8}{sorted} ", column.header()),
                theme.style(role),
            ),
            Span::styled(format!(" {}", column.meaning()), theme.style(Role::Dim)),
        ];
        let has_room = fitted.columns.iter().any(|(name, _)| *name == column);
        let wanted = *shown && (all_tenants || column != super::super::columns::Column::Tenant);
        if wanted && !has_room {
            spans.push(Span::styled("  no room now", theme.style(Role::Alarm)));
        }
        Line::from(spans)
    };
    state.layout.all().iter().enumerate().map(line).collect()
}

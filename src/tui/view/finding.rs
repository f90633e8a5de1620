//! What is wrong with the user under the cursor, in one line: where the table has no room for the column that says it.
//!
//! ```text
//!  ✗ missing-user-record +1 · There is no users record, so that there can be neither a code nor an account.
//! ```

use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::super::columns::{Column, fact_of, worst};
use super::super::state::{Mode, State};
use super::super::theme::{Role, Theme};
use super::super::words;
use super::fitted;
use crate::domain::State as Fact;

/// Whether the line is kept free: it stays empty for who has no finding, so that nothing jumps while the cursor moves.
pub fn has_line(state: &State, theme: &Theme, width: u16) -> bool {
    let mut chosen = state.layout.shown(state.shows_all_tenants());
    let typed = matches!(state.mode, Mode::Filter { .. } | Mode::Palette { .. });
    let is_told = typed || state.detail.is_some() || state.cursor.is_none();
    // Who hid the column does not want it.
    let wanted = !is_told && chosen.any(|column| column == Column::Finding);
    wanted && {
        let fitted = fitted(state, theme, width);
        fitted
            .columns
            .iter()
            .all(|(column, _)| *column != Column::Finding)
    }
}

/// The finding that weighs most, else what is not known. Nothing while a dialog asks about others.
pub fn line(state: &State, theme: &Theme, width: usize) -> Option<Line<'static>> {
    let at_table = matches!(state.mode, Mode::Table);
    let row = state.row_under_cursor().filter(|_| at_table)?;
    let diagnosis = &row.diagnosis;
    let (fact, name, text) = match worst(row) {
        Some(finding) => {
            let more = match diagnosis.findings.len() {
                1 => String::new(),
                all => format!(" +{}", all - 1),
            };
            let name = format!("{}{more} · ", finding.id.name());
            (fact_of(finding.severity), name, words::show(&finding.message))
        }
        None if row.is_pending() => return None,
        None => (
            Fact::Unknown,
            String::new(),
            words::show(diagnosis.notes.first()?),
        ),
    };
    let lead = format!(" {} {name}", theme.glyph(fact));
    let text = words::fit(&text, width.saturating_sub(lead.width()));
    Some(Line::from(vec![
        Span::styled(lead, theme.style(Role::State(fact))),
        Span::styled(text, theme.style(Role::Text)),
    ]))
}

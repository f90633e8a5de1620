//! The table: a header and the rows of the window. Draws only what is seen, so that ten thousand rows cost what fifty do.
//!
//! ```text
//!     AGE▾ USER               AUTH0     MONGO     CODE        DID       PDS
//! ▸●  3m   m…@example.com     ✓ ok      ✗ missing ✗ missing   ✗ missing ✗ missing
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::applies;
use super::super::columns::{self, Column, Seen};
use super::super::layout::Fitted;
use super::super::state::{Doing, RowId, State};
use super::super::theme::{Role, Theme};
use super::{fitted, put};

pub fn draw(state: &State, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let fitted = fitted(state, theme, area.width);
    header(state, theme, &fitted, area, buffer);
    let body = Rect {
        y: area.y + 1,
        height: area.height.saturating_sub(1),
        ..area
    };
    if state.shown.is_empty() {
        let middle = Rect {
            x: body.x + 4,
            width: body.width.saturating_sub(4),
            ..body
        };
        put(buffer, middle, 1, &empty(state), theme.style(Role::Dim));
        return;
    }
    let window = state.shown.iter().skip(state.top);
    for (line, id) in body.rows().zip(window) {
        row(state, theme, &fitted, id, line, buffer);
    }
}

/// Why there is no row.
fn empty(state: &State) -> String {
    let walks = || state.chosen().iter().map(|tenant| &state.walks[tenant]);
    let any = state.tally.totals.checked + state.tally.reading > 0;
    let why = if any && !state.filter.is_empty() {
        "No signup matches the filter. {back} drops it."
    } else if any && state.broken_only {
        "No signup is broken. {broken-only} shows all."
    } else if walks().any(|walk| walk.doing != Doing::Nothing) {
        "Reading the newest signups…"
    } else if walks().any(|walk| walk.failure.is_some()) {
        "Nothing could be read so far. {refresh} tries again."
    } else if let Some(told) = applies::unread(state) {
        return told;
    } else {
        "There are no signups."
    };
    state.spell(why)
}

fn header(state: &State, theme: &Theme, fitted: &Fitted, area: Rect, buffer: &mut Buffer) {
    let mut x = area.x;
    for (column, width) in &fitted.columns {
        let sorted = match (state.sort.by == *column, state.sort.reversed) {
            (false, _) => "",
            (true, false) => "▾",
            (true, true) => "▴",
        };
        let cell = Rect {
            x,
            width: *width,
            height: 1,
            ..area
        };
        put(
            buffer,
            cell,
            0,
            &format!("{}{sorted}", column.header()),
            theme.style(Role::Dim),
        );
        x += width + 1;
    }
}

fn row(state: &State, theme: &Theme, fitted: &Fitted, id: &RowId, line: Rect, buffer: &mut Buffer) {
    let Some(row) = state.rows.get(id) else { return };
    let seen = Seen {
        row,
        job: state.jobs.get(id),
        marked: state.marks.contains(id),
        cursor: state.cursor.as_ref() == Some(id),
    };
    let over = |style| {
        if seen.cursor {
            theme.under_cursor(style)
        } else {
            style
        }
    };
    if seen.cursor {
        buffer.set_style(line, over(theme.style(Role::Text)));
    }
    let mut x = line.x;
    for (column, width) in &fitted.columns {
        let cell = column.cell(&seen, state, theme, fitted.narrow);
        let place = Rect {
            x,
            width: *width,
            ..line
        };
        put(buffer, place, 0, &cell.text, over(theme.style(cell.role)));
        if let (Column::Mark, 3.., Some(job)) = (column, width, seen.job) {
            // The job's own column has no room.
            let fact = columns::job_state(job);
            let beside = Rect {
                x: x + 2,
                width: width - 2,
                ..line
            };
            put(
                buffer,
                beside,
                0,
                columns::turning(theme, fact, state),
                over(theme.style(Role::State(fact))),
            );
        }
        x += width + 1;
    }
}

//! What a plan changes, as old → new: below each other, in columns as wide as they have to be.
//!
//! ```text
//!          create-user     users record            – → made
//!                          users.code              – → ac26…, drawn then
//! ```

use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::super::state::State;
use super::super::theme::{Role, Theme};
use super::super::words;
use super::hanging;
use crate::domain::change::Change;

/// A line a change, set in by so many columns.
pub fn lines(
    changes: &[Change],
    state: &State,
    theme: &Theme,
    indent: usize,
    width: usize,
) -> Vec<Line<'static>> {
    let places = widest(changes);
    let told = |change: &Change| told(change, &" ".repeat(indent), places, state, theme, width);
    changes.iter().flat_map(told).collect()
}

/// From how wide on a step stands before what it changes.
const WIDE: usize = 88;

/// The same with the steps: before what they change, or above it where that has no room. `label` stands at the beginning.
pub fn by_step(
    changes: &[Change],
    label: &str,
    state: &State,
    theme: &Theme,
    width: usize,
) -> Vec<Line<'static>> {
    let indent = " ".repeat(label.width());
    let steps = changes.iter().map(|change| change.step.name().width());
    let steps = steps.max().unwrap_or(0) + 2;
    let places = widest(changes);
    let mut lines: Vec<Line> = Vec::new();
    let mut before = None;
    for (n, change) in changes.iter().enumerate() {
        let lead = if n == 0 { label } else { &indent };
        let begins = before.replace(change.step) != Some(change.step) || change_begins_anew(changes, n);
        let step = if begins { change.step.name() } else { "" };
        if width >= WIDE {
            let lead = format!("{lead}{step:<steps$}");
            lines.extend(told(change, &lead, places, state, theme, width));
        } else {
            if begins {
                lines.push(Line::from(vec![
                    Span::styled(lead.to_string(), theme.style(Role::Dim)),
                    Span::styled(step, theme.style(Role::Strong)),
                ]));
            }
            let lead = format!("{indent}  ");
            lines.extend(told(change, &lead, places, state, theme, width));
        }
    }
    lines
}

/// Whether the same step comes a second time, right after itself.
fn change_begins_anew(changes: &[Change], n: usize) -> bool {
    n > 0
        && changes[..n]
            .iter()
            .rev()
            .take_while(|before| before.step == changes[n].step)
            .any(|before| before.place == changes[n].place)
}

fn widest(changes: &[Change]) -> usize {
    let places = changes.iter().map(|change| change.place.word().width());
    places.max().unwrap_or(0) + 2
}

fn told(
    change: &Change,
    lead: &str,
    places: usize,
    state: &State,
    theme: &Theme,
    width: usize,
) -> Vec<Line<'static>> {
    let shown = |side: &crate::domain::change::Side| {
        words::show(&side.words(|handle| words::handle(handle, state.masked)))
    };
    let (old, new) = (shown(&change.old), format!("→ {}", shown(&change.new)));
    let lead = Span::styled(
        format!("{lead}{:<places$}", change.place.word()),
        theme.style(Role::Dim),
    );
    let style = theme.style(Role::Text);
    let fits = lead.width() + old.width() + 1 + new.width() <= width;
    // A sign alone needs no line of its own.
    if fits || old.width() == 1 {
        return hanging(lead, &format!("{old} {new}"), style, width);
    }
    let below = Span::raw(" ".repeat(lead.width()));
    let mut lines = hanging(lead, &old, style, width);
    lines.extend(hanging(below, &new, style, width));
    lines
}

//! The users of a plan and of the question before a fix: what will be done to each, what is left to people, and why nothing
//! is done to others.

use ratatui::text::{Line, Span};

use super::super::sheet::{Planned, Sheet};
use super::super::state::State;
use super::super::theme::{Role, Theme};
use super::super::words;
use super::{changes, hanging};

pub struct Lines {
    pub lines: Vec<Line<'static>>,
    /// Where each user begins.
    pub heads: Vec<usize>,
}

pub fn lines(sheet: &Sheet, state: &State, theme: &Theme, width: usize) -> Lines {
    let (mut lines, mut heads) = (Vec::new(), Vec::new());
    let hidden = sheet.hidden();
    if hidden > 0 {
        let (are, stand) = if hidden == 1 {
            ("is", "stands")
        } else {
            ("are", "stand")
        };
        let text =
            format!("{hidden} of them {are} marked, but hidden by the filter, and {stand} at the end.");
        lines.extend(hanging(Span::raw(""), &text, theme.style(Role::Alarm), width));
    }
    if sheet.touched.iter().any(|planned| planned.unsure) {
        let text = "Something is unknown now. Each job looks again: where that answers by then, what is missing is made too.";
        lines.extend(hanging(Span::raw(""), text, theme.style(Role::Alarm), width));
    }
    for planned in &sheet.touched {
        heads.push(lines.len());
        lines.push(who(planned, state, theme));
        let steps: Vec<&str> = planned.steps.iter().map(|step| step.name()).collect();
        lines.extend(hanging(
            Span::raw("    "),
            &steps.join(" → "),
            theme.style(Role::Text),
            width,
        ));
        // Of many, the steps say enough; of one, what they change has room.
        if sheet.touched.len() == 1 {
            lines.extend(changes::lines(&planned.changes, state, theme, 6, width));
        }
        for left in &planned.left {
            let text = format!("left to you: {}", words::show(left));
            lines.extend(hanging(Span::raw("    "), &text, theme.style(Role::Dim), width));
        }
    }
    if !sheet.spared.is_empty() {
        if !lines.is_empty() {
            lines.push(Line::default());
        }
        let whom = words::count(sheet.spared.len(), "user");
        lines.push(Line::styled(
            format!("Nothing is done to {whom}:"),
            theme.style(Role::Strong),
        ));
        for planned in &sheet.spared {
            heads.push(lines.len());
            lines.push(who(planned, state, theme));
            for left in &planned.left {
                lines.extend(hanging(
                    Span::raw("    "),
                    &words::show(left),
                    theme.style(Role::Dim),
                    width,
                ));
            }
        }
    }
    Lines { lines, heads }
}

fn who(planned: &Planned, state: &State, theme: &Theme) -> Line<'static> {
    let mut spans = vec![
        Span::styled(
            words::person(&planned.signup, state.masked),
            theme.style(Role::Strong),
        ),
        Span::styled(
            format!("  {}", words::show(&planned.target.key)),
            theme.style(Role::Dim),
        ),
    ];
    if planned.hidden {
        spans.push(Span::styled("  hidden by the filter", theme.style(Role::Alarm)));
    }
    Line::from(spans)
}

/// In which tenant, and whether it is the real thing.
pub fn place(sheet: &Sheet, state: &State) -> String {
    let tenants: Vec<String> = sheet.tenants().into_iter().map(words::show).collect();
    let of = if tenants.is_empty() {
        String::new()
    } else {
        format!(" of {}", tenants.join(" and "))
    };
    format!("{of} · {}", words::show(&state.setup.badge))
}

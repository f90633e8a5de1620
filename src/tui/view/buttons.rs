//! The buttons of a dialog: drawn in a row, and found again under the mouse. Each does what its key does.

use ratatui::text::{Line, Span};

use super::super::keys::Command;
use super::super::theme::{Role, Theme};

/// What stands between two of them.
const GAP: &str = "  ";

#[derive(Debug, Clone)]
pub struct Choice {
    pub answer: Command,
    /// With its key: `n: Cancel`.
    pub label: String,
    pub has_focus: bool,
}

impl Choice {
    fn text(&self) -> String {
        format!("[ {} ]", self.label)
    }
}

pub fn line(choices: &[Choice], theme: &Theme) -> Line<'static> {
    let mut spans = Vec::new();
    for choice in choices {
        let role = if choice.has_focus { Role::Focus } else { Role::Text };
        spans.push(Span::styled(choice.text(), theme.style(role)));
        spans.push(Span::raw(GAP));
    }
    Line::from(spans)
}

/// The answer whose button lies so many columns from the beginning of the row.
pub fn at(choices: &[Choice], column: u16) -> Option<Command> {
    let mut begins = 0;
    for choice in choices {
        let width = Span::raw(choice.text()).width();
        if (begins..begins + width).contains(&usize::from(column)) {
            return Some(choice.answer);
        }
        begins += width + GAP.len();
    }
    None
}

/// In full words, or in short ones where those have no room.
pub fn fitting(width: usize, choices: impl Fn(bool) -> Vec<Choice>) -> Vec<Choice> {
    let full = choices(false);
    let widths = full.iter().map(|choice| Span::raw(choice.text()).width());
    let all = widths.sum::<usize>() + GAP.len() * full.len().saturating_sub(1);
    if all <= width { full } else { choices(true) }
}

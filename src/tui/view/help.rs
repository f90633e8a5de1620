//! The help: the key table as it holds now, and what the glyphs mean.

use ratatui::text::{Line, Span};

use crate::domain::State as Fact;

use super::super::keys::{Scope, TABLE};
use super::super::state::State;
use super::super::theme::{Role, Theme};
use super::hanging;

pub fn lines(state: &State, theme: &Theme, width: usize) -> Vec<Line<'static>> {
    let mut lines = vec![legend(theme), Line::default()];
    let offered = TABLE.iter().filter(|binding| {
        binding.scope == Scope::Table && !binding.help.is_empty() && binding.is_offered(state)
    });
    for binding in offered {
        let applies = (binding.applies)(state);
        let role = if applies.is_ok() { Role::Text } else { Role::Dim };
        let lead = Span::styled(format!("{:>9}  ", binding.shown), theme.style(Role::Key));
        lines.extend(hanging(lead, binding.help, theme.style(role), width));
    }
    if state.setup.read_only {
        lines.push(Line::default());
        lines.push(Line::styled(
            "Read-only: nothing is written from here.",
            theme.style(Role::Dim),
        ));
    }
    lines
}

fn legend(theme: &Theme) -> Line<'static> {
    let shown = [
        Fact::Ok,
        Fact::Missing,
        Fact::Drift,
        Fact::Running,
        Fact::Waiting,
        Fact::Unknown,
    ];
    let mut spans = Vec::new();
    for fact in shown {
        let text = format!("{} {}   ", theme.glyph(fact), fact.word());
        spans.push(Span::styled(text, theme.style(Role::State(fact))));
    }
    Line::from(spans)
}

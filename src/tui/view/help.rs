//! The help: the key table as it holds now, and what the glyphs mean.

use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use crate::domain::State as Fact;

use super::super::keymap::Bound;
use super::super::keys::Scope;
use super::super::state::State;
use super::super::theme::{Role, Theme};
use super::hanging;

pub fn lines(state: &State, theme: &Theme, width: usize) -> Vec<Line<'static>> {
    let mut lines = vec![legend(theme), Line::default()];
    let keys = &state.setup.keys;
    let offered = || {
        let told = |bound: &&Bound| !bound.help.is_empty() && bound.is_offered(state);
        keys.of(Scope::Table).filter(told)
    };
    let widest = offered()
        .map(|bound| bound.shown.width())
        .max()
        .unwrap_or(0)
        .clamp(9, 24);
    for bound in offered() {
        let role = if bound.refusal(state).is_none() {
            Role::Text
        } else {
            Role::Dim
        };
        let before = " ".repeat(widest.saturating_sub(bound.shown.width()));
        let lead = Span::styled(format!("{before}{}  ", bound.shown), theme.style(Role::Key));
        lines.extend(hanging(lead, &keys.spell(bound.help), theme.style(role), width));
    }
    if state.setup.sandbox.is_some() {
        let told = "Only in the sandbox; {palette} takes their names, mend-sandbox ends them:";
        lines.push(Line::default());
        lines.push(Line::styled(keys.spell(told), theme.style(Role::Dim)));
        let widest = keys.of(Scope::Sandbox).map(|bound| bound.command.name().len());
        let widest = widest.max().unwrap_or(0);
        for bound in keys.of(Scope::Sandbox) {
            let name = format!("{:>widest$}  ", bound.command.name());
            let lead = Span::styled(name, theme.style(Role::Key));
            lines.extend(hanging(lead, bound.help, theme.style(Role::Text), width));
        }
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

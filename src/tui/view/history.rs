//! What atriage changed about one user, the newest first: when, what, who and why, before and after.
//!
//! ```text
//! ┌ History of m…@example.com ── auth0|68ee50 ─────────────────────────────┐
//! │ run 7f3a · mira@desk                                                   │
//! │ why: the code index was broken                                         │
//! │   2026-11-22 14:29:20 UTC  ✓ create-user                               │
//! │       code                – → ac26momez                                │
//! └────────────────────────────────────────────────────────────────────────┘
//! ```

use ratatui::text::{Line, Span};

use super::super::state::{RowId, State, Story};
use super::super::theme::{Role, Theme};
use super::super::words;
use super::hanging;
use crate::domain::text::became;
use crate::domain::trail::{Change, Deed, Told};
use crate::domain::{State as Fact, StepOutcome};

pub fn title(story: &Story, state: &State) -> String {
    let id = RowId::new(&story.target.tenant, &story.target.key);
    let key = words::show(&story.target.key);
    match state.rows.get(&id) {
        Some(row) => format!("History of {} ── {key}", words::person(&row.signup, state.masked)),
        None => format!("History of {key}"),
    }
}

pub fn lines(story: &Story, state: &State, theme: &Theme, width: usize) -> Vec<Line<'static>> {
    let say = |text: &str, role| hanging(Span::raw(""), text, theme.style(role), width);
    let told = match &story.told {
        None => say("reading…", Role::Dim),
        Some(Err(problem)) => {
            let mut lines = say(&words::show(&problem.message), Role::Alarm);
            if !problem.hint.is_empty() {
                lines.extend(say(&words::show(&problem.hint), Role::Text));
            }
            lines
        }
        Some(Ok(deeds)) if deeds.is_empty() => say("Nothing was changed by atriage so far.", Role::Text),
        Some(Ok(deeds)) => {
            let id = RowId::new(&story.target.tenant, &story.target.key);
            let works = state
                .jobs
                .is_active(&id)
                .then(|| state.jobs.run_of(&id))
                .flatten();
            let mut lines = Vec::new();
            let mut before = None;
            for deed in deeds {
                let by = (&deed.run, &deed.operator, &deed.host, &deed.reason);
                if before.replace(by) != Some(by) {
                    lines.extend(whose(deed, state, theme, width));
                }
                let is_under_way = deed.outcome.is_none() && works == Some(deed.run.as_str());
                lines.extend(told(deed, is_under_way, state, theme, width));
            }
            lines
        }
    };
    let Some(problem) = &story.unread else {
        return told;
    };
    let mut lines = say(&words::show(&problem.message), Role::Alarm);
    lines.extend(say("What follows was read before that.", Role::Dim));
    lines.extend(told);
    lines
}

/// Whose deeds they are: said once for all that follow each other.
fn whose(deed: &Deed, state: &State, theme: &Theme, width: usize) -> Vec<Line<'static>> {
    let run = words::show(state.short_run(&deed.run));
    let by = format!(
        "run {run} · {}@{}",
        words::show(&deed.operator),
        words::show(&deed.host)
    );
    let mut lines = hanging(Span::raw(""), &by, theme.style(Role::Strong), width);
    if let Some(reason) = &deed.reason {
        let label = Span::styled("why: ", theme.style(Role::Dim));
        lines.extend(hanging(
            label,
            &words::show(reason),
            theme.style(Role::Text),
            width,
        ));
    }
    lines
}

fn told(deed: &Deed, is_under_way: bool, state: &State, theme: &Theme, width: usize) -> Vec<Line<'static>> {
    let (fact, more) = match deed.outcome {
        Some(StepOutcome::Done | StepOutcome::Already) => (Fact::Ok, ""),
        Some(StepOutcome::Failed) => (Fact::Missing, "failed"),
        None if is_under_way => (Fact::Running, "is under way"),
        None => (Fact::Unknown, ""),
    };
    let style = theme.style(Role::State(fact));
    let at = words::absolute(deed.at, state.zone());
    let lead = Span::styled(format!("  {at}  "), theme.style(Role::Dim));
    let step = format!("{} {} {more}", theme.glyph(fact), deed.step.name());
    let mut lines = hanging(lead, step.trim_end(), style, width);
    if fact == Fact::Unknown {
        let lead = Span::raw(" ".repeat(6));
        lines.extend(hanging(lead, "began, and was never heard of again", style, width));
    }
    let mut say = |label: &str, said: &str| {
        let label = Span::styled(format!("{:6}{label:<20}", ""), theme.style(Role::Dim));
        lines.extend(hanging(label, said, theme.style(Role::Text), width));
    };
    if let Some(error) = &deed.error {
        say("error", &words::show(error));
    }
    for change in &deed.changes {
        if let Some(told) = deed.tells(change) {
            say(change.field.word(), &before_and_after(change, told, state));
        }
    }
    lines
}

fn before_and_after(change: &Change, told: Told, state: &State) -> String {
    let value = |value: &Option<String>| match value {
        Some(value) if change.field.is_personal() => words::handle(value, state.masked),
        value => words::or_nothing(value.as_deref()),
    };
    match told {
        Told::Was => format!("was {}", value(&change.before)),
        Told::Became if change.before == change.after => value(&change.after),
        Told::Became => became(&value(&change.before), &value(&change.after)),
    }
}

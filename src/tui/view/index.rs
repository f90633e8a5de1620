//! The question before the index on the code is mended, with the steps as `diagnose --fix-index` lists them; and how the
//! repair is told where something else is explained.

use ratatui::text::{Line, Span};

use super::super::applies::may_fix_index;
use super::super::keys::Command;
use super::super::repair::Question;
use super::super::state::{Button, State};
use super::super::theme::{Role, Theme};
use super::super::update::whole;
use super::super::words;
use super::buttons::Choice;
use super::hanging;
use crate::domain::State as Fact;
use crate::domain::suspect::FIX_INDEX;

pub fn title(state: &State) -> String {
    format!("Mend the code index · {}", words::show(&state.setup.badge))
}

pub fn lines(question: &Question, theme: &Theme, width: usize) -> Vec<Line<'static>> {
    let text = theme.style(Role::Text);
    let say = |sentence: &str, style| hanging(Span::raw(""), sentence, style, width);
    match &question.told {
        None => say("What would be done is being asked…", theme.style(Role::Dim)),
        Some(Err(problem)) => {
            let glyph = format!("{} ", theme.glyph(Fact::Missing));
            let sign = Span::styled(glyph, theme.style(Role::State(Fact::Missing)));
            hanging(sign, &whole(problem), text, width)
        }
        Some(Ok(steps)) => {
            let mut lines = say("The index on users.code would get its good form like this:", text);
            for (n, step) in steps.iter().enumerate() {
                let sign = Span::styled(format!("  {} ", n + 1), theme.style(Role::Strong));
                lines.extend(hanging(sign, &words::show(&step.describe()), text, width));
            }
            lines.push(Line::default());
            let told = "No users record is touched, and at no moment could two users get one code.";
            lines.extend(say(told, theme.style(Role::Dim)));
            lines
        }
    }
}

/// Where there is nothing to agree to, it can only be closed.
pub fn choices(question: &Question) -> Vec<Choice> {
    let choice = |button, answer, label: &str| Choice {
        answer,
        label: label.into(),
        has_focus: question.focus == button,
    };
    if question.steps().is_empty() {
        return vec![choice(Button::Cancel, Command::No, "n: Close")];
    }
    vec![
        choice(Button::Cancel, Command::No, "n: Cancel"),
        choice(Button::Go, Command::Yes, "y: Mend the index"),
    ]
}

/// A way out that begins with its command line: with the key, where that can be pressed.
pub fn way(line: &str, state: &State) -> String {
    let line = words::show(line);
    if let Some(repair) = &state.repair {
        return repair.sentence();
    }
    let what = line
        .strip_prefix(FIX_INDEX)
        .unwrap_or(&line)
        .trim_end_matches('.');
    if state.setup.read_only {
        format!("{FIX_INDEX}{what}, where writing is allowed.")
    } else if may_fix_index(state).is_ok() {
        state.spell(&format!("Press {{fix-index}}, which{what}; it asks first."))
    } else {
        line
    }
}

//! What is wrong with one user, in sentences with their hints.

use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::super::super::columns::fact_of;
use super::super::super::state::{Row, State};
use super::super::super::theme::{Role, Theme};
use super::super::super::words;
use super::super::hanging;
use crate::domain::{State as Fact, Verdict};

/// When they signed up, and whether the e-mail is verified.
pub fn signed_up(row: &Row, state: &State) -> String {
    let when = match row.signup.created_at() {
        Some(at) => {
            let (ago, at) = (words::ago(at, state.now), words::absolute(at, state.zone()));
            format!("Signed up {ago} ({at})")
        }
        None => "When they signed up is unknown".into(),
    };
    let verified = match row.signup.verified() {
        Some(true) => ", e-mail verified.",
        Some(false) => ", e-mail not verified.",
        None => ".",
    };
    format!("{when}{verified}")
}

pub fn findings(row: &Row, theme: &Theme, width: usize, lines: &mut Vec<Line<'static>>) {
    for finding in &row.diagnosis.findings {
        let fact = fact_of(finding.severity);
        let lead = Span::styled(format!("{} ", theme.glyph(fact)), theme.style(Role::State(fact)));
        let indent = Span::raw(" ".repeat(lead.width()));
        let message = words::show(&finding.message);
        let hint = Span::styled(format!("  {}", finding.hint), theme.style(Role::Dim));
        if lead.width() + message.width() + hint.width() <= width {
            lines.push(Line::from(vec![lead, Span::raw(message), hint]));
        } else {
            lines.extend(hanging(lead, &message, theme.style(Role::Text), width));
            lines.extend(hanging(indent, finding.hint, theme.style(Role::Dim), width));
        }
    }
    if row.diagnosis.findings.is_empty() {
        let (fact, sentence) = match row.verdict {
            _ if row.is_being_read() => (Fact::Waiting, "The facts are being read."),
            Verdict::Whole => (Fact::Ok, "Whole: nothing is wrong."),
            Verdict::Waiting => (
                Fact::Waiting,
                "Nothing is wrong: the e-mail has yet to be verified.",
            ),
            Verdict::Unknown | Verdict::Broken => (
                Fact::Unknown,
                "Nothing wrong was seen, but not everything is known.",
            ),
        };
        let role = theme.style(Role::State(fact));
        lines.extend(hanging(
            Span::styled(format!("{} ", theme.glyph(fact)), role),
            sentence,
            role,
            width,
        ));
    }
    for note in &row.diagnosis.notes {
        let role = theme.style(Role::State(Fact::Unknown));
        let lead = Span::styled(format!("{} ", theme.glyph(Fact::Unknown)), role);
        lines.extend(hanging(lead, &words::show(note), theme.style(Role::Dim), width));
    }
}

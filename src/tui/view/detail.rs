//! Everything about the user under the cursor: what is wrong and what would be done first, then the facts, then what a
//! job did.
//!
//! ```text
//! ┌ m…@example.com ── auth0|68ee50 ──────────────────────────────────────────────────────────┐
//! │ Signed up 3 min ago (2026-11-22 14:29:20 UTC), e-mail verified.                           │
//! │ ✗ There is no users record, so that there can be neither a code nor an account.           │
//! │   A backfill makes the record, with a code of the signup year.                            │
//! │ Plan    ensure-code-index → create-user → create-account → record-account → verify        │
//! │ Facts   code –   did –   handle –   pds –                                                 │
//! │ Job     create-account                                                                    │
//! │         ✓ create-user            4 ms  ac26momez                                          │
//! └───────────────────────────────────────────────────────────────────────────────────────────┘
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use crate::domain::event::StepReport;
use crate::domain::signup::{PlcData, Standing};
use crate::domain::{Observed, Policy, Severity, State as Fact, StepOutcome, Verdict, plan};

use super::super::columns::{job_state, job_words};
use super::super::jobs::{Job, Phase};
use super::super::state::{Row, RowId, State};
use super::super::theme::{Role, Theme};
use super::super::words;
use super::{framed, hanging, scrolled};

pub fn height(state: &State, theme: &Theme, width: u16) -> u16 {
    if state.detail.is_none() || state.cursor.is_none() {
        return 0;
    }
    lines(state, theme, usize::from(width.saturating_sub(4))).len() as u16 + 2
}

pub fn draw(state: &State, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let (Some(detail), Some(row)) = (&state.detail, state.row_under_cursor()) else {
        return;
    };
    if area.height < 3 {
        return;
    }
    let title = vec![
        Span::styled(
            format!(" {} ", words::person(&row.signup, state.masked)),
            theme.style(Role::Strong),
        ),
        Span::styled(
            format!("── {} ", words::show(&row.signup.key)),
            theme.style(Role::Dim),
        ),
    ];
    let inner = framed(buffer, theme, area, title);
    let lines = lines(state, theme, usize::from(inner.width));
    scrolled(buffer, theme, inner, &lines, detail.scroll);
}

/// What the pane says, in lines of this width.
pub fn lines(state: &State, theme: &Theme, width: usize) -> Vec<Line<'static>> {
    let Some(row) = state.row_under_cursor() else {
        return Vec::new();
    };
    let text = theme.style(Role::Text);
    let mut lines = hanging(Span::raw(""), &signed_up(row, state), text, width);
    findings(row, theme, width, &mut lines);
    plan_of(row, theme, width, &mut lines);
    let label = |name: &str| Span::styled(format!("{name:<8}"), theme.style(Role::Dim));
    for (n, fact) in facts(row, state).into_iter().enumerate() {
        lines.extend(hanging(
            label(if n == 0 { "Facts" } else { "" }),
            &fact,
            text,
            width,
        ));
    }
    if let Some(job) = state.jobs.get(&RowId::of(&row.signup)) {
        trace(job, state, theme, width, &mut lines);
    }
    lines
}

fn signed_up(row: &Row, state: &State) -> String {
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

fn findings(row: &Row, theme: &Theme, width: usize, lines: &mut Vec<Line<'static>>) {
    for finding in &row.diagnosis.findings {
        let fact = match finding.severity {
            Severity::Error => Fact::Missing,
            Severity::Warning => Fact::Drift,
            Severity::Info => Fact::Waiting,
        };
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

fn plan_of(row: &Row, theme: &Theme, width: usize, lines: &mut Vec<Line<'static>>) {
    let plan = plan(&row.signup, &row.diagnosis, Policy::default());
    let label = |name: &str| Span::styled(format!("{name:<8}"), theme.style(Role::Dim));
    if !plan.is_empty() {
        lines.extend(hanging(
            label("Plan"),
            &plan.names().join(" → "),
            theme.style(Role::Strong),
            width,
        ));
    }
    if !row.is_pending() {
        for (n, left) in plan.left.iter().enumerate() {
            let name = label(if n == 0 { "Left" } else { "" });
            lines.extend(hanging(name, &words::show(left), theme.style(Role::Text), width));
        }
    }
}

/// The ids and names, in three lines.
fn facts(row: &Row, state: &State) -> Vec<String> {
    let signup = &row.signup;
    let none = || "–".to_string();
    let masked = |text: &str| words::handle(text, state.masked);
    let code = signup.code().map_or_else(none, words::show);
    let chosen = signup
        .name
        .present()
        .map_or_else(none, |name| format!("@{}", words::chosen(name, state.masked)));
    let wanted = signup.wanted_handle().map_or_else(none, |handle| masked(&handle));
    let recorded = signup
        .atproto()
        .and_then(|record| record.handle.as_deref())
        .map_or_else(none, masked);
    let account = signup.any_account();
    let on_pds = account.map_or_else(none, |account| masked(&account.handle));
    let standing = account.map_or("", |account| match account.standing {
        Standing::Active => " (active)",
        Standing::TakenDown => " (taken down)",
        Standing::Deactivated => " (deactivated)",
        Standing::Broken => " (no repository)",
        Standing::Unknown => "",
    });
    let did = account
        .map(|account| account.did.as_str())
        .or(signup.did())
        .map_or_else(none, words::show);
    let plc = match &signup.plc {
        Observed::Present(PlcData::Lives { here: true, .. }) => "lives here".to_string(),
        Observed::Present(PlcData::Lives { endpoint, .. }) => format!("lives at {}", words::show(endpoint)),
        Observed::Present(PlcData::Tombstoned) => "tombstoned".into(),
        Observed::Absent => "unknown to the directory".into(),
        Observed::Unknown | Observed::Unreadable(_) => "directory not asked".into(),
    };
    let count = signup
        .verification
        .present()
        .map_or_else(none, |verification| verification.count.to_string());
    vec![
        format!("code {code} · chosen handle {chosen} · verifications {count}"),
        format!("did {did} · {plc}"),
        format!("handles: wanted {wanted} · in Mongo {recorded} · on the PDS {on_pds}{standing}"),
    ]
}

/// What the newest job did, step by step.
fn trace(job: &Job, state: &State, theme: &Theme, width: usize, lines: &mut Vec<Line<'static>>) {
    let fact = job_state(job);
    let label = Span::styled(format!("{:<8}", "Job"), theme.style(Role::Dim));
    let glyph = theme.glyph(fact);
    let at = words::clock_seconds(job.ended_at.unwrap_or(job.queued_at), state.zone());
    let summary = format!("{glyph} {} · {at}", job_words(job, state));
    lines.extend(hanging(label, &summary, theme.style(Role::State(fact)), width));
    lines.extend(job.trace.iter().map(|report| step(report, theme)));
    let more = match (&job.phase, &job.error) {
        (Phase::Waiting { why, .. }, _) => Some(why),
        (_, error) => error.as_ref(),
    };
    if let Some(problem) = more {
        let indent = Span::raw(" ".repeat(10));
        let message = words::show(&problem.message);
        lines.extend(hanging(indent.clone(), &message, theme.style(Role::Text), width));
        if !problem.hint.is_empty() {
            lines.extend(hanging(
                indent,
                &words::show(&problem.hint),
                theme.style(Role::Dim),
                width,
            ));
        }
    }
}

fn step(report: &StepReport, theme: &Theme) -> Line<'static> {
    let (fact, already) = match report.outcome {
        StepOutcome::Done => (Fact::Ok, ""),
        StepOutcome::Already => (Fact::Ok, "was so already  "),
        StepOutcome::Failed => (Fact::Missing, ""),
    };
    let dim: Style = theme.style(Role::Dim);
    Line::from(vec![
        Span::raw(" ".repeat(8)),
        Span::styled(format!("{} ", theme.glyph(fact)), theme.style(Role::State(fact))),
        Span::raw(format!("{:<22}", report.step.name())),
        Span::styled(format!("{:>8}  ", words::millis(report.ms.into())), dim),
        Span::styled(format!("{already}{}", words::show(&report.detail)), dim),
    ])
}

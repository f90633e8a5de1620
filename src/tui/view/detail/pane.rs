//! The detail as a pane below the table: what is wrong, what would be done, the facts in three lines, and what a job did.
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

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::super::super::columns::{job_state, job_words};
use super::super::super::jobs::Job;
use super::super::super::state::{Row, RowId, State};
use super::super::super::theme::{Role, Theme};
use super::super::super::words;
use super::super::hanging;
use super::trace::why;
use super::{findings, left_to_you};
use crate::domain::event::StepReport;
use crate::domain::signup::{PlcData, Standing};
use crate::domain::{Observed, Policy, State as Fact, StepOutcome, plan};

/// How wide the names of its parts are.
const LABEL: usize = 8;

pub fn lines(row: &Row, state: &State, theme: &Theme, width: usize) -> Vec<Line<'static>> {
    let text = theme.style(Role::Text);
    let mut lines = hanging(Span::raw(""), &findings::signed_up(row, state), text, width);
    findings::findings(row, theme, width, &mut lines);
    let label = |name: &str| Span::styled(format!("{name:<LABEL$}"), theme.style(Role::Dim));
    let plan = plan(&row.signup, &row.diagnosis, Policy::default());
    if !plan.is_empty() {
        let steps = plan.names().join(" → ");
        lines.extend(hanging(label("Plan"), &steps, theme.style(Role::Strong), width));
    }
    lines.extend(left_to_you(row, &plan, LABEL, theme, width));
    for (n, fact) in facts(row, state).into_iter().enumerate() {
        let name = label(if n == 0 { "Facts" } else { "" });
        lines.extend(hanging(name, &fact, text, width));
    }
    if let Some(job) = state.jobs.get(&RowId::of(&row.signup)) {
        trace(job, state, theme, width, &mut lines);
    }
    lines
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
    lines.extend(why(job, 10, theme, width));
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

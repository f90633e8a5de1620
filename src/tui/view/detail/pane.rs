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
use crate::domain::side_by_side::{FactRow, Held, Holder, side_by_side};
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
    let known = side_by_side(signup);
    let held = |fact, holder| said(&known, fact, holder, row, state);
    let unread = if row.is_pending() { READING } else { NO_ANSWER };
    let code = match &signup.user {
        Observed::Present(user) => one(&user.code, unread, |code| words::show(code)),
        record => one(record, unread, |_| String::new()),
    };
    let chosen = one(&signup.name, unread, |name| {
        format!("@{}", words::chosen(name, state.masked))
    });
    let wanted = held("handle", Holder::Wanted);
    let recorded = held("handle", Holder::Mongo);
    let on_pds = held("handle", Holder::Pds);
    let account = signup.any_account();
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
        .map(words::show);
    // Where the record has none, it is the PDS that knows of one.
    let did = did.unwrap_or_else(|| match held("DID", Holder::Mongo) {
        none if none == NONE && held("DID", Holder::Pds) == NO_ANSWER => NO_ANSWER.into(),
        told => told,
    });
    let plc = match &signup.plc {
        Observed::Present(PlcData::Lives { here: true, .. }) => "lives here".to_string(),
        Observed::Present(PlcData::Lives { endpoint, .. }) => format!("lives at {}", words::show(endpoint)),
        Observed::Present(PlcData::Tombstoned) => "tombstoned".into(),
        Observed::Absent => "unknown to the directory".into(),
        Observed::Unreadable(_) => "directory unreadable".into(),
        Observed::Unknown => match held("DID", Holder::Plc).as_str() {
            NO_ANSWER => "directory ? no answer".into(),
            told => format!("directory {told}"),
        },
    };
    let count = one(&signup.verification, unread, |found| found.count.to_string());
    vec![
        format!("code {code} · chosen handle {chosen} · verifications {count}"),
        format!("did {did} · {plc}"),
        format!("handles: wanted {wanted} · in Mongo {recorded} · on the PDS {on_pds}{standing}"),
    ]
}

/// What is there not, what nobody told, and what is on its way.
const NONE: &str = "–";
const NO_ANSWER: &str = "?";
const READING: &str = "…";

/// One fact, whatever is known of it.
fn one<T>(fact: &Observed<T>, unread: &str, say: impl Fn(&T) -> String) -> String {
    match fact {
        Observed::Present(value) => say(value),
        Observed::Absent => NONE.into(),
        Observed::Unknown => unread.into(),
        Observed::Unreadable(_) => "unreadable".into(),
    }
}

/// What somebody holds of a fact, in the sense of the whole screen.
fn said(known: &[FactRow], fact: &str, holder: Holder, row: &Row, state: &State) -> String {
    let column = Holder::ALL.iter().position(|other| *other == holder);
    let found = known.iter().find(|row| row.name == fact).zip(column);
    match found.map(|(row, at)| &row.cells[at].held) {
        Some(Held::Handle(handle)) => words::handle(handle, state.masked),
        Some(Held::Did(did)) => words::show(did),
        Some(Held::NotAsked | Held::NoAnswer) if row.is_pending() => READING.into(),
        Some(Held::NotAsked) => "not asked".into(),
        Some(Held::NoAnswer) => NO_ANSWER.into(),
        Some(Held::Unreadable) => "unreadable".into(),
        Some(Held::Blank | Held::Nothing | Held::Words(_) | Held::Email(_)) | None => NONE.into(),
    }
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

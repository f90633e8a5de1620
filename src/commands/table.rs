//! Tables for people: the audit, its findings and totals.

use comfy_table::{Attribute, Cell, Color, ContentArrangement, Table, presets};
use jiff::Timestamp;

use super::json::shown;
use super::output::Output;
use crate::audit::report::Report;
use crate::domain::signup::Signup;
use crate::domain::text::{clean, mask_email, mask_name};
use crate::domain::{Column, Diagnosis, FindingId, Severity, State, Verdict};

/// The report of one tenant, as lines.
pub fn audit(report: &Report, output: &Output, now: Timestamp) -> String {
    let mut lines = Vec::new();
    for systemic in report.systemic() {
        let since = systemic
            .since
            .map_or_else(String::new, |since| format!(" since {since:.0}"));
        lines.push(format!(
            "! {} of the newest {} {}{since}. {}",
            systemic.affected,
            systemic.of,
            systemic.finding.fragment(),
            systemic.cause
        ));
    }
    let rows: Vec<_> = report.rows.iter().chain(&report.orphans).collect();
    let mut table = empty(output);
    table.set_header(["AGE", "USER", "HANDLE", "AUTH0", "MONGO", "CODE", "DID", "PDS"].map(bold));
    for (signup, diagnosis) in &rows {
        table.add_row(row(signup, diagnosis, output, now));
    }
    if !rows.is_empty() {
        lines.push(table.to_string());
    }
    lines.extend(findings(&rows));
    for (signup, diagnosis) in &rows {
        lines.extend(
            diagnosis
                .notes
                .iter()
                .map(|note| format!("? {}: {}", clean(&signup.sub), clean(note))),
        );
    }
    for source in report.outages() {
        if let Some(problem) = &source.problem {
            lines.push(format!("? {}: {} {}", source.name, problem.message, problem.hint));
        }
    }
    let totals = report.totals();
    let matching = report
        .matching()
        .map_or_else(String::new, |matching| matching + ", ");
    lines.push(format!(
        "{}: {matching}{} checked, {} whole, {} waiting, {} broken, {} unknown ({} ms)",
        report.tenant,
        totals.checked,
        totals.whole,
        totals.waiting,
        totals.broken,
        totals.unknown,
        report.took.as_millis()
    ));
    lines.join("\n")
}

/// Each finding with whom it concerns: one user's own sentence, or a count.
fn findings(rows: &[&(Signup, Diagnosis)]) -> Vec<String> {
    let mut lines = Vec::new();
    for id in FindingId::ALL {
        let all = rows.iter().flat_map(|(signup, diagnosis)| {
            diagnosis
                .findings
                .iter()
                .filter(|finding| finding.id == id)
                .map(move |finding| (signup, finding))
        });
        let all: Vec<_> = all.collect();
        let Some((_, first)) = all.first() else { continue };
        let glyph = match first.severity {
            Severity::Error => "✗",
            Severity::Warning => "!",
            Severity::Info => "·",
        };
        let what = match all.len() {
            1 => first.message.clone(),
            several => format!("{several} {}.", id.fragment()),
        };
        lines.push(format!("{glyph} {}: {what} {}", id.name(), first.hint));
        let subs: Vec<String> = all.iter().map(|(signup, _)| clean(&signup.sub)).collect();
        lines.extend(subs.chunks(3).map(|subs| format!("    {}", subs.join("  "))));
    }
    lines
}

/// A table without lines, as wide as the terminal, coloured where wanted.
pub fn empty(output: &Output) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic);
    if output.colours {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    table
}

pub fn bold(text: &str) -> Cell {
    Cell::new(text).add_attribute(Attribute::Bold)
}

/// How a user is named in a line: by the e-mail, else by the sub.
pub fn user(signup: &Signup, unmask: bool) -> String {
    signup
        .email()
        .map_or_else(|| clean(&signup.sub), |email| shown(email, unmask, mask_email))
}

fn row(signup: &Signup, diagnosis: &Diagnosis, output: &Output, now: Timestamp) -> Vec<Cell> {
    let name = signup
        .name
        .present()
        .map(|name| format!("@{}", shown(name, output.unmask, mask_name)));
    let mut cells = vec![
        Cell::new(signup.created_at().map_or_else(|| "?".into(), |at| age(at, now))),
        Cell::new(user(signup, output.unmask)),
        Cell::new(name.unwrap_or_else(|| "–".into())),
    ];
    cells.extend(Column::ALL.map(|column| state(column, signup, diagnosis)));
    cells
}

fn state(column: Column, signup: &Signup, diagnosis: &Diagnosis) -> Cell {
    let state = diagnosis.state(column);
    let (glyph, colour) = match state {
        State::Ok => ("✓", Color::Green),
        State::Missing => ("✗", Color::Red),
        State::Drift => ("!", Color::Yellow),
        State::Running => ("◐", Color::Blue),
        State::Waiting => ("·", Color::DarkGrey),
        State::Unknown => ("?", Color::Magenta),
    };
    let word = match (column, state) {
        (Column::Code, State::Ok) => signup.code().map(clean),
        _ => None,
    };
    Cell::new(format!("{glyph} {}", word.as_deref().unwrap_or(state.word()))).fg(colour)
}

/// A duration in its largest unit: `12s`, `3m`, `5h`, `9d`.
pub fn age(at: Timestamp, now: Timestamp) -> String {
    let seconds = now.as_second().saturating_sub(at.as_second()).max(0);
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{}m", seconds / 60),
        3600..86_400 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86_400),
    }
}

/// Whether a report asks for something to be done.
pub fn is_broken(report: &Report) -> bool {
    report
        .rows
        .iter()
        .chain(&report.orphans)
        .any(|(_, diagnosis)| diagnosis.verdict() == Verdict::Broken)
}

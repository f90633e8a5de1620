//! What the newest job of one user did and has yet to do, step by step: when, how long, and with what answer.

use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::super::super::columns::{job_state, job_words, turning};
use super::super::super::jobs::{Job, Phase};
use super::super::super::state::State;
use super::super::super::theme::{Role, Theme};
use super::super::super::words;
use super::super::hanging;
use crate::domain::event::StepReport;
use crate::domain::{State as Fact, Step, StepOutcome};

/// In how few columns an id still tells something.
const SHORT: usize = 14;

/// A line a step, below a label of this width.
pub fn lines(job: &Job, state: &State, label: usize, theme: &Theme, width: usize) -> Vec<Line<'static>> {
    let fact = job_state(job);
    let at = job.ended_at.unwrap_or(job.queued_at);
    let run = state.jobs.run_of(&job.id());
    let run = run.map_or(String::new(), |run| {
        format!(" · run {}", words::show(state.short_run(run)))
    });
    let summary = format!(
        "{} {} · {}{run}",
        turning(theme, fact, state),
        job_words(job, state),
        words::clock_seconds(at, state.zone())
    );
    let name = Span::styled(format!("{:<label$}", "Job"), theme.style(Role::Dim));
    let mut lines = hanging(name, &summary, theme.style(Role::State(fact)), width);
    for report in &job.trace {
        lines.extend(ended(report, state, label, theme, width));
    }
    if let Phase::Step(step) = job.phase {
        lines.push(bare(
            step,
            turning(theme, Fact::Running, state),
            Fact::Running,
            label,
            theme,
        ));
    }
    for step in job.ahead() {
        lines.push(bare(
            step,
            theme.glyph(Fact::Waiting),
            Fact::Waiting,
            label,
            theme,
        ));
    }
    lines.extend(why(job, label + 2, theme, width));
    lines
}

fn ended(
    report: &StepReport,
    state: &State,
    label: usize,
    theme: &Theme,
    width: usize,
) -> Vec<Line<'static>> {
    let (fact, already) = match report.outcome {
        StepOutcome::Done => (Fact::Ok, ""),
        StepOutcome::Already => (Fact::Ok, "was so already  "),
        StepOutcome::Failed => (Fact::Missing, ""),
    };
    let mut line = bare(report.step, theme.glyph(fact), fact, label, theme);
    let at = words::clock_seconds(report.at, state.zone());
    let took = words::millis(report.ms.into());
    let times = format!("{at}  {took:>7}  ");
    let before = line.width() + times.width();
    line.spans.push(Span::styled(times, theme.style(Role::Dim)));
    let answer = format!("{already}{}", words::show(&report.detail));
    if answer.width() + before <= width {
        line.spans.push(Span::raw(answer));
        return vec![line];
    }
    let room = width.saturating_sub(before);
    // An id is told apart by its ends; a sentence goes below.
    if !answer.contains(' ') && room > SHORT {
        line.spans.push(Span::raw(words::middle(&answer, room)));
        return vec![line];
    }
    let mut lines = vec![line];
    let indent = Span::raw(" ".repeat(label + 2));
    lines.extend(hanging(indent, &answer, theme.style(Role::Text), width));
    lines
}

fn bare(step: Step, glyph: &str, fact: Fact, label: usize, theme: &Theme) -> Line<'static> {
    let role = match fact {
        Fact::Waiting => Role::Dim,
        _ => Role::Text,
    };
    Line::from(vec![
        Span::raw(" ".repeat(label)),
        Span::styled(format!("{glyph} "), theme.style(Role::State(fact))),
        Span::styled(format!("{:<23}", step.name()), theme.style(role)),
    ])
}

/// Why it failed, or what it waits for, and what helps.
pub fn why(job: &Job, indent: usize, theme: &Theme, width: usize) -> Vec<Line<'static>> {
    let problem = match (&job.phase, &job.error) {
        (Phase::Waiting { why, .. }, _) => why,
        (_, Some(error)) => error,
        (_, None) => return Vec::new(),
    };
    let indent = Span::raw(" ".repeat(indent));
    let message = words::show(&problem.message);
    let mut lines = hanging(indent.clone(), &message, theme.style(Role::Text), width);
    if !problem.hint.is_empty() {
        let hint = words::show(&problem.hint);
        lines.extend(hanging(indent, &hint, theme.style(Role::Dim), width));
    }
    lines
}

//! The jobs of the current run: how far it is, and each job, those that need an eye first.
//!
//! ```text
//! ┌ Jobs  12 of 20  ██████████░░░░░░░  1 failed  4.1/s ────────────────────────────┐
//! │ ◐ k…@example.com         create-account                                        │
//! │ ✗ m…@example.com         failed: the PDS does not answer                       │
//! └────────────────────────────────────────────────────────────────────────────────┘
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Span;

use crate::domain::State as Fact;

use super::super::columns::{job_state, job_words};
use super::super::jobs::Job;
use super::super::state::State;
use super::super::theme::{Role, Theme};
use super::super::words;
use super::framed;

/// The jobs that are listed at most: the others are in the table.
const MOST: usize = 10;

pub fn height(state: &State) -> u16 {
    if state.jobs_open {
        state.jobs.progress().total.clamp(1, MOST) as u16 + 2
    } else {
        0
    }
}

pub fn draw(state: &State, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    if area.height < 3 {
        return;
    }
    let mut title = vec![Span::styled(" Jobs ", theme.style(Role::Strong))];
    title.extend(progress(state, theme));
    let inner = framed(buffer, theme, area, title);
    let mut jobs: Vec<&Job> = state.jobs.of_this_run().collect();
    jobs.sort_by_key(|job| (urgency(job), std::cmp::Reverse(job.ended_at)));
    if jobs.is_empty() {
        super::put(buffer, inner, 0, "No job ran yet.", theme.style(Role::Dim));
    }
    for (row, job) in inner.rows().zip(jobs) {
        let fact = job_state(job);
        let style = theme.style(Role::State(fact));
        let left = Rect {
            width: row.width.min(32),
            ..row
        };
        let right = Rect {
            x: left.right() + 1,
            width: row.width.saturating_sub(left.width + 1),
            ..row
        };
        super::put(
            buffer,
            left,
            0,
            &format!("{} {}", theme.glyph(fact), who(job, state)),
            style,
        );
        super::put(buffer, right, 0, &job_words(job, state), theme.style(Role::Text));
    }
}

fn who(job: &Job, state: &State) -> String {
    match state.rows.get(&job.id()) {
        Some(row) => words::person(&row.signup, state.masked),
        None => words::show(&job.target.sub),
    }
}

fn urgency(job: &Job) -> u8 {
    match job_state(job) {
        Fact::Running => 0,
        Fact::Missing => 1,
        Fact::Drift => 2,
        Fact::Waiting | Fact::Unknown => 3,
        Fact::Ok => 4,
    }
}

/// `12 of 20  ██████░░░  1 failed  4.1/s`, for the pane's title and the line above the footer.
pub fn progress(state: &State, theme: &Theme) -> Vec<Span<'static>> {
    const BAR: usize = 20;
    let progress = state.jobs.progress();
    if progress.total == 0 {
        return Vec::new();
    }
    let full = BAR * progress.ended / progress.total;
    let mut spans = vec![
        Span::raw(format!("{} of {}  ", progress.ended, progress.total)),
        Span::styled("█".repeat(full), theme.style(Role::State(Fact::Running))),
        Span::styled("░".repeat(BAR - full), theme.style(Role::Dim)),
    ];
    if progress.failed > 0 {
        let text = format!("  {} failed", progress.failed);
        spans.push(Span::styled(text, theme.style(Role::State(Fact::Missing))));
    }
    if progress.cancelled > 0 {
        spans.push(Span::raw(format!("  {} cancelled", progress.cancelled)));
    }
    let end = if state.jobs.active_count() > 0 {
        Some(state.now)
    } else {
        progress.ended_at
    };
    if let (Some(start), Some(end)) = (progress.started_at, end) {
        let seconds = end.duration_since(start).as_secs_f64();
        if seconds >= 1.0 && progress.ended > 0 {
            let rate = progress.ended as f64 / seconds;
            spans.push(Span::styled(format!("  {rate:.1}/s"), theme.style(Role::Dim)));
        }
    }
    spans.push(Span::raw(" "));
    spans
}

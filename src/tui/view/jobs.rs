//! The jobs of the current run: how far it is, and each job, those that need an eye first.
//!
//! ```text
//! ┌ run 7f3a  12 of 20  ██████████░░░░░░░  1 failed  4.1/s  2 s to go ──────────────┐
//! │ ◐ k…@example.com         create-account                                        │
//! │ ✗ m…@example.com         failed: the PDS does not answer                       │
//! └────────────────────────────────────────────────────────────────────────────────┘
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Span;
use unicode_width::UnicodeWidthStr;

use crate::domain::State as Fact;

use super::super::columns::{job_state, job_words};
use super::super::estimate::Ahead;
use super::super::jobs::Job;
use super::super::runs::Progress;
use super::super::state::State;
use super::super::theme::{Role, Theme};
use super::super::words;
use super::{budget, framed};

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
    let title = progress(state, theme, usize::from(area.width).saturating_sub(2));
    let inner = framed(buffer, theme, area, title);
    let mut jobs: Vec<&Job> = state.jobs.of_these_runs().collect();
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

/// `run 7f3a  12 of 20  ██████░░░  1 failed  4.1/s  2 s to go`, for the pane's title and the line above the footer.
pub fn progress(state: &State, theme: &Theme, room: usize) -> Vec<Span<'static>> {
    let progress = state.jobs.progress();
    let mut spans = vec![Span::styled(
        format!(" {}  ", name(state)),
        theme.style(Role::Strong),
    )];
    if progress.total == 0 {
        return spans;
    }
    let dim = theme.style(Role::Dim);
    let mut after = Vec::new();
    if progress.failed > 0 {
        let text = format!("  {} failed", progress.failed);
        after.push(Span::styled(text, theme.style(Role::State(Fact::Missing))));
    }
    if progress.cancelled > 0 {
        after.push(Span::raw(format!("  {} cancelled", progress.cancelled)));
    }
    if progress.left > 0 {
        after.push(Span::raw(format!("  {} left for later", progress.left)));
    }
    let rate = rate(state, progress);
    if let Some(rate) = rate {
        after.push(Span::styled(format!("  {rate:.1}/s"), dim));
    }
    let ahead = rate.map(|rate| ahead(state, progress, rate));
    if let Some(seconds) = ahead.and_then(|ahead| ahead.seconds()).filter(|s| *s > 0) {
        after.push(Span::raw(format!("  {} to go", words::span(seconds as i64))));
    }
    let used = |after: &[Span]| after.iter().map(Span::width).sum::<usize>();
    if let Some(budget) = budget::of_accounts(state)
        && ahead.is_some_and(|ahead| ahead.is_up_to_the_budget())
    {
        let text = format!(" · {}", budget::words(budget, state.now));
        let fixed = used(&spans) + used(&after) + 2 * progress.total.to_string().len() + 8;
        if fixed + text.width() <= room {
            after.push(Span::styled(text, theme.style(Role::State(Fact::Drift))));
        }
    }
    let counted = format!("{} of {}  ", progress.ended, progress.total);
    let used = used(&spans) + used(&after) + counted.width() + 1;
    // What is counted needs its room; the bar takes what is left.
    let bar = room.saturating_sub(used).min(BAR);
    let bar = if bar < SHORTEST_BAR { 0 } else { bar };
    let full = (bar * progress.ended / progress.total).min(bar);
    spans.push(Span::raw(counted));
    spans.push(Span::styled(
        "█".repeat(full),
        theme.style(Role::State(Fact::Running)),
    ));
    spans.push(Span::styled("░".repeat(bar - full), dim));
    spans.extend(after);
    spans.push(Span::raw(" "));
    spans
}

const BAR: usize = 20;
const SHORTEST_BAR: usize = 6;

/// What is counted: one run by its id, or several.
fn name(state: &State) -> String {
    let mut runs = state.jobs.current();
    match (runs.next(), runs.count()) {
        (Some(run), 0) => match run.id.as_deref().filter(|id| !id.is_empty()) {
            Some(id) => format!("run {}", words::show(state.short_run(id))),
            None => "Jobs".into(),
        },
        (Some(_), others) => format!("{} runs", others + 1),
        (None, _) => "Jobs".into(),
    }
}

/// Jobs a second, once there is something to count.
fn rate(state: &State, progress: Progress) -> Option<f64> {
    let end = if state.jobs.active_count() > 0 {
        state.now
    } else {
        progress.ended_at?
    };
    let seconds = end.duration_since(progress.worked_from?).as_secs_f64();
    let ended = progress.ended.saturating_sub(progress.before);
    (seconds >= 1.0 && ended > 0).then(|| ended as f64 / seconds)
}

fn ahead(state: &State, progress: Progress, rate: f64) -> Ahead {
    if state.jobs.active_count() == 0 {
        return Ahead {
            jobs: 0,
            rate,
            accounts: 0,
            budget: None,
        };
    }
    let known = state.jobs.active().filter(|job| job.makes_account()).count();
    // Those who were not heard of yet may each need one.
    let unheard = progress.open().saturating_sub(state.jobs.active_count());
    Ahead {
        jobs: progress.open(),
        rate,
        accounts: known + unheard,
        budget: budget::of_accounts(state).and_then(|budget| budget::room(budget, state.now)),
    }
}

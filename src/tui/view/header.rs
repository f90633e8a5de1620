//! The first two lines: which tenant and is it production, how fresh are the rows, do the sources live; then what the
//! rows come to.
//!
//! ```text
//!  AESTHETIC  at.example.com   newest 50 · 12 s ago        auth0 ✓ 84 ms  mongo ✓ 3 ms  pds ✓ 12 ms  plc ✓ 41 ms
//!  38 whole  4 waiting  7 broken    7 missing-user-record  1 handle-drift              filter pds:missing  7 of 50
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::domain::{Severity, State as Fact};
use crate::services::health::{Liveness, ServiceHealth};

use super::super::state::{Doing, State};
use super::super::theme::{Role, Theme};
use super::super::words;
use super::put_right;
use ratatui::widgets::Widget;

pub fn draw(state: &State, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let mut left = vec![
        Span::styled(
            format!(" {} ", tenant(state)),
            theme.style(Role::Tenant(state.choice)),
        ),
        Span::styled(
            format!(" {}", words::show(&state.setup.badge)),
            theme.style(Role::Strong),
        ),
    ];
    if state.setup.read_only {
        left.push(Span::styled(" read-only", theme.style(Role::State(Fact::Drift))));
    }
    left.push(Span::raw("   "));
    left.extend(freshness(state, theme));
    let left = Line::from(left);
    let room = usize::from(area.width).saturating_sub(left.width() + 2);
    (&left).render(area, buffer);
    let services = [Detailed::Latency, Detailed::Words, Detailed::Glyphs]
        .map(|detailed| services(state, theme, detailed))
        .into_iter()
        .find(|line| line.width() <= room);
    if let Some(services) = services {
        put_right(buffer, area, services);
    }
}

fn tenant(state: &State) -> String {
    match state.chosen() {
        [one] => words::show(one).to_uppercase(),
        [_, _] => "BOTH".into(),
        _ => "ALL".into(),
    }
}

/// How many rows there are, and how old what they say is.
fn freshness(state: &State, theme: &Theme) -> Vec<Span<'static>> {
    let walks = || state.chosen().iter().map(|tenant| &state.walks[tenant]);
    let rows = state.tally.totals.checked + state.tally.reading;
    let whole = walks().all(|walk| walk.exhausted);
    let count = if whole {
        format!("all {rows}")
    } else {
        format!("newest {rows}")
    };
    let Some(oldest) = walks().map(|walk| walk.fresh_at).min().flatten() else {
        let reading = walks().any(|walk| walk.doing != Doing::Nothing);
        let text = match (reading, rows) {
            (true, 0) => "reading…".into(),
            (true, _) => format!("{count} · reading…"),
            (false, _) => "not read yet".to_string(),
        };
        return vec![Span::styled(text, theme.style(Role::Dim))];
    };
    let age = words::ago(oldest, state.now);
    let late =
        state.now.duration_since(oldest).as_secs_f64() > 4.0 * state.setup.refresh_every.as_secs_f64() + 10.0;
    let role = if late || state.frozen {
        Role::State(Fact::Drift)
    } else {
        Role::Dim
    };
    let frozen = if state.frozen { " · frozen" } else { "" };
    vec![
        Span::styled(format!("{count} · "), theme.style(Role::Dim)),
        Span::styled(format!("{age}{frozen}"), theme.style(role)),
    ]
}

#[derive(Clone, Copy, PartialEq)]
enum Detailed {
    Latency,
    Words,
    Glyphs,
}

fn services(state: &State, theme: &Theme, detailed: Detailed) -> Line<'static> {
    let mut spans = Vec::new();
    for health in &state.health {
        if !health.tenant.is_empty() && !state.is_chosen(&health.tenant) {
            continue;
        }
        let several = state.shows_all_tenants() && !health.tenant.is_empty() && detailed != Detailed::Glyphs;
        let name = if several {
            format!("{} {}", health.name, words::show(&health.tenant))
        } else {
            health.name.to_string()
        };
        let (fact, word) = liveness(health, state);
        let glyph = theme.glyph(fact);
        let text = match (detailed, health.liveness, health.latency) {
            (Detailed::Glyphs, ..) => glyph.to_string(),
            (Detailed::Latency, Liveness::Up, Some(latency)) => {
                format!("{glyph} {}", words::millis(latency.as_millis()))
            }
            (_, Liveness::Up | Liveness::Unasked, _) => glyph.to_string(),
            _ => format!("{glyph} {word}"),
        };
        if !spans.is_empty() {
            spans.push(Span::raw("  "));
        }
        spans.push(Span::styled(format!("{name} "), theme.style(Role::Dim)));
        spans.push(Span::styled(text, theme.style(Role::State(fact))));
    }
    spans.push(Span::raw(" "));
    Line::from(spans)
}

fn liveness(health: &ServiceHealth, state: &State) -> (Fact, String) {
    match health.liveness {
        Liveness::Up => (Fact::Ok, "ok".into()),
        Liveness::Unasked => (Fact::Waiting, "not asked".into()),
        Liveness::Down => (Fact::Missing, "down".into()),
        Liveness::Limited => match health.free_at {
            Some(at) => (
                Fact::Drift,
                format!("limited, free {}", words::until(at, state.now)),
            ),
            None => (Fact::Drift, "limited".into()),
        },
    }
}

pub fn tally(state: &State, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let right = narrowed(state, theme);
    let room = usize::from(area.width).saturating_sub(right.width() + 1);
    let totals = &state.tally.totals;
    let counts = [
        (totals.whole, "whole", Fact::Ok, true),
        (totals.waiting, "waiting", Fact::Waiting, true),
        (totals.broken, "broken", Fact::Missing, true),
        (totals.unknown, "unknown", Fact::Unknown, false),
        (state.tally.reading, "being read", Fact::Waiting, false),
    ];
    let mut spans = Vec::new();
    for (count, word, fact, always) in counts {
        if count > 0 || always {
            let role = if count > 0 { Role::State(fact) } else { Role::Dim };
            spans.push(Span::styled(format!(" {count} {word} "), theme.style(role)));
        }
    }
    spans.push(Span::raw("  "));
    let mut width = Line::from(spans.clone()).width();
    for (id, count) in state
        .tally
        .findings
        .iter()
        .filter(|(id, _)| id.severity() > Severity::Info)
    {
        let text = format!("{count} {}  ", id.name());
        width += text.len();
        if width > room + 2 {
            break;
        }
        spans.push(Span::styled(text, theme.style(Role::Dim)));
    }
    Line::from(spans).render(
        Rect {
            width: room as u16,
            ..area
        },
        buffer,
    );
    put_right(buffer, area, right);
}

/// What narrows the table down, and to how many.
fn narrowed(state: &State, theme: &Theme) -> Line<'static> {
    let mut spans = Vec::new();
    if state.broken_only {
        spans.push(Span::styled("broken only  ", theme.style(Role::Alarm)));
    }
    if !state.filter.is_empty() {
        let text = words::fit(&words::show(&state.filter.text), 30);
        spans.push(Span::styled("filter ", theme.style(Role::Dim)));
        spans.push(Span::styled(format!("{text}  "), theme.style(Role::Alarm)));
    }
    if !spans.is_empty() {
        let all = state.tally.totals.checked + state.tally.reading;
        spans.push(Span::raw(format!("{} of {all} ", state.shown.len())));
    }
    Line::from(spans)
}

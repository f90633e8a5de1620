//! The first two lines: which tenant and is it production, how fresh are the rows, do the sources live; then what the
//! rows come to.
//!
//! ```text
//!  AESTHETIC  at.example.com   newest 50 · 12 s ago        auth0 ✓ 84 ms  mongo ✓ 3 ms  pds ✓ 12 ms  plc ✓ 41 ms
//!  38 whole  4 waiting  7 broken    7 missing-user-record  1 handle-drift              filter pds:missing  7 of 50
//! ```

use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::domain::practice::badge;
use crate::domain::{Severity, State as Fact};
use crate::provisioning::queue::CONCURRENCY;
use crate::services::health::{Liveness, ServiceHealth};

use super::super::applies;
use super::super::state::{Doing, State};
use super::super::theme::{Role, Theme};
use super::super::words;
use super::{budget, put_right, spark};
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
    if !state.broken.is_empty() {
        let told = format!(" · {}", badge(&state.broken));
        left.push(Span::styled(told, theme.style(Role::State(Fact::Drift))));
    }
    if state.setup.read_only {
        left.push(Span::styled(" read-only", theme.style(Role::State(Fact::Drift))));
    }
    left.push(Span::raw("   "));
    let shown = Detailed::ALL
        .into_iter()
        .filter(|detailed| *detailed == Detailed::Glyphs || !detailed.only_short() || any_short(state));
    // Where something is broken on purpose, or the rows are not of one time, how many there are yields to what the services
    // do.
    let ways = if state.broken.is_empty() && behind(state).is_none() {
        &[true][..]
    } else {
        &[true, false]
    };
    let lines = ways.iter().flat_map(|counted| {
        let fresh = freshness(state, theme, *counted);
        let line = Line::from([left.as_slice(), fresh.as_slice()].concat());
        shown.clone().map(move |detailed| (line.clone(), detailed))
    });
    let mut fitting = lines.map(|(line, detailed)| (line, services(state, theme, detailed)));
    let width = usize::from(area.width);
    match fitting.find(|(line, services)| line.width() + 2 + services.width() <= width) {
        Some((line, services)) => {
            line.render(area, buffer);
            put_right(buffer, area, services);
        }
        None => {
            let fresh = freshness(state, theme, true);
            Line::from([left, fresh].concat()).render(area, buffer);
        }
    }
}

fn tenant(state: &State) -> String {
    match state.chosen() {
        [one] => words::show(one).to_uppercase(),
        [_, _] => "BOTH".into(),
        _ => "ALL".into(),
    }
}

/// How many rows there are, where that is `counted`, and how old what they say is.
fn freshness(state: &State, theme: &Theme, counted: bool) -> Vec<Span<'static>> {
    let walks = || state.chosen().iter().map(|tenant| &state.walks[tenant]);
    let rows = state.tally.totals.checked + state.tally.reading;
    let whole = walks().all(|walk| walk.exhausted);
    let count = match (counted, whole) {
        (false, _) => String::new(),
        (true, true) => format!("all {rows} · "),
        (true, false) => format!("newest {rows} · "),
    };
    let calm = if state.frozen {
        Role::State(Fact::Drift)
    } else {
        Role::Dim
    };
    let Some(oldest) = walks().map(|walk| walk.fresh_at).min().flatten() else {
        let reading = walks().any(|walk| walk.doing != Doing::Nothing);
        let unread = state
            .chosen()
            .iter()
            .filter(|tenant| applies::is_unread(state, tenant));
        let unread: Vec<String> = unread.map(|tenant| words::show(tenant)).collect();
        let text = match (reading, rows) {
            (true, 0) => "reading…".into(),
            (true, _) => format!("{count}reading…"),
            (false, _) if unread.len() < state.chosen().len() => {
                format!("{count}{} not read yet", unread.join(" and "))
            }
            (false, _) => "not read yet".to_string(),
        };
        let frozen = if state.frozen { " · frozen" } else { "" };
        return vec![Span::styled(format!("{text}{frozen}"), theme.style(calm))];
    };
    let age = match behind(state) {
        Some(read) => words::ago_to(oldest, read, state.now),
        None => words::ago(oldest, state.now),
    };
    let late =
        state.now.duration_since(oldest).as_secs_f64() > 4.0 * state.setup.refresh_every.as_secs_f64() + 10.0;
    let role = if late { Role::State(Fact::Drift) } else { calm };
    let older = walks().any(|walk| matches!(walk.doing, Doing::Older { .. }));
    let frozen = match (state.frozen, older) {
        (true, _) => " · frozen",
        (false, true) => " · older…",
        (false, false) => "",
    };
    vec![
        Span::styled(count, theme.style(Role::Dim)),
        Span::styled(format!("{age}{frozen}"), theme.style(role)),
    ]
}

/// When the row was read that was not read for longest, where that is long before the newest were: older pages are read
/// again in turn.
fn behind(state: &State) -> Option<Timestamp> {
    let newest = state.chosen().iter().map(|tenant| state.walks[tenant].fresh_at);
    let newest = newest.min().flatten()?;
    let apart = 2.0 * state.setup.refresh_every.as_secs_f64();
    let oldest = state.tally.oldest_read?;
    (newest.duration_since(oldest).as_secs_f64() > apart).then_some(oldest)
}

/// How much is said of the services, the most first.
#[derive(Clone, Copy, PartialEq)]
enum Detailed {
    Latency,
    /// No latencies, but how much is left of a budget that is short.
    Budgets,
    Words,
    /// Only of those whose budget is short: when it is free again matters more than that the others are well.
    Short,
    /// The same in fewer words.
    ShortTime,
    Glyphs,
}

impl Detailed {
    const ALL: [Self; 6] = [
        Self::Latency,
        Self::Budgets,
        Self::Words,
        Self::Short,
        Self::ShortTime,
        Self::Glyphs,
    ];

    fn only_short(self) -> bool {
        matches!(self, Self::Short | Self::ShortTime)
    }
}

/// Those that concern the tenants that are shown.
fn concerned(state: &State) -> impl Iterator<Item = &ServiceHealth> {
    let concerns = |health: &&ServiceHealth| health.tenant.is_empty() || state.is_chosen(&health.tenant);
    state.health.iter().filter(concerns)
}

fn any_short(state: &State) -> bool {
    concerned(state).any(|health| health.liveness == Liveness::Limited)
}

fn services(state: &State, theme: &Theme, detailed: Detailed) -> Line<'static> {
    let mut spans = Vec::new();
    let mut before = "";
    for health in concerned(state) {
        if detailed.only_short() && health.liveness != Liveness::Limited {
            continue;
        }
        let several = state.shows_all_tenants() && !health.tenant.is_empty();
        let name = match (several, detailed) {
            // Named once, with as much of each tenant as tells them apart.
            (true, Detailed::Glyphs) if before == health.name => {
                format!("{}:", initial(state, &health.tenant))
            }
            (true, Detailed::Glyphs) => format!("{} {}:", health.name, initial(state, &health.tenant)),
            (true, _) => format!("{} {} ", health.name, words::show(&health.tenant)),
            (false, _) => format!("{} ", health.name),
        };
        let gap = if name.contains(' ') { "  " } else { " " };
        before = health.name;
        let (fact, word) = liveness(health, detailed, state);
        let text = format!("{} {word}", theme.glyph(fact));
        if !spans.is_empty() {
            spans.push(Span::raw(gap));
        }
        spans.push(Span::styled(name, theme.style(Role::Dim)));
        spans.push(Span::styled(
            text.trim_end().to_string(),
            theme.style(Role::State(fact)),
        ));
    }
    spans.push(Span::raw(" "));
    Line::from(spans)
}

fn initial(state: &State, tenant: &str) -> String {
    let others = || state.chosen().iter().filter(|other| *other != tenant);
    let ends = tenant.char_indices().map(|(at, c)| at + c.len_utf8());
    let tells = |end: &usize| others().all(|other| !other.starts_with(&tenant[..*end]));
    words::show(&tenant[..ends.clone().find(tells).unwrap_or(tenant.len())])
}

/// The state of a service, and what is said of it.
fn liveness(health: &ServiceHealth, detailed: Detailed, state: &State) -> (Fact, String) {
    let wide = matches!(detailed, Detailed::Latency | Detailed::Budgets);
    let short = budget::short(health).map(|budget| budget::words(budget, state.now));
    let (fact, said) = match (health.liveness, short) {
        (Liveness::Up, Some(short)) if wide => (Fact::Drift, short),
        (Liveness::Up, short) => {
            let fact = if short.is_some() { Fact::Drift } else { Fact::Ok };
            let latency = health
                .latency
                .map(|latency| words::millis(latency.as_millis()))
                .filter(|_| detailed == Detailed::Latency);
            (fact, latency.unwrap_or_default())
        }
        (Liveness::Unasked, _) => (Fact::Waiting, String::new()),
        (Liveness::Down, _) => (Fact::Missing, "down".into()),
        (Liveness::Limited, Some(short)) if wide => (Fact::Drift, short),
        (Liveness::Limited, _) => {
            let free = health
                .free_at
                .map(|at| format!("free {}", words::until(at, state.now)));
            let said = match (free, detailed) {
                (Some(free), Detailed::ShortTime) => free,
                (Some(free), _) => format!("limited, {free}"),
                (None, _) => "limited".into(),
            };
            (Fact::Drift, said)
        }
    };
    let fewer = health
        .at_once
        .filter(|at_once| at_once.now < CONCURRENCY && wide)
        .map(|at_once| format!("slowed to {} at once", at_once.now));
    let said = match fewer {
        Some(fewer) if said.is_empty() => fewer,
        Some(fewer) => format!("{said}, {fewer}"),
        None => said,
    };
    if detailed == Detailed::Glyphs {
        (fact, String::new())
    } else {
        (fact, said)
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
    let width = Line::from(spans.clone()).width();
    // A wide screen has room for the bars beside the findings.
    let spark = [(true, 2 * ROOM_FOR_FINDINGS), (false, ROOM_FOR_FINDINGS)]
        .into_iter()
        .filter_map(|(wordy, findings)| Some((spark::line(state, theme, wordy)?, findings)))
        .find(|(spark, findings)| width + spark.width() + findings < room)
        .map(|(spark, _)| spark);
    let room = room - spark.as_ref().map_or(0, Line::width);
    let told = findings(state, room.saturating_sub(width));
    spans.push(Span::styled(told, theme.style(Role::Dim)));
    Line::from(spans).render(
        Rect {
            width: room as u16,
            ..area
        },
        buffer,
    );
    if let Some(spark) = spark {
        let before = Rect {
            width: area.width.saturating_sub(right.width() as u16),
            ..area
        };
        put_right(buffer, before, spark);
    }
    put_right(buffer, area, right);
}

/// What is found, the most frequent first: as many as have room, and how many more there are.
fn findings(state: &State, room: usize) -> String {
    let found = state.tally.findings.iter();
    let mut found: Vec<_> = found.filter(|(id, _)| id.severity() > Severity::Info).collect();
    // Which of them are worst stands in the table and the banner.
    found.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let all: Vec<String> = found
        .iter()
        .map(|(id, count)| format!("{count} {}", id.name()))
        .collect();
    let told = |shown: usize| match all.len() - shown {
        0 => all.join("  "),
        1 if shown == 0 => "1 kind of finding".into(),
        more if shown == 0 => format!("{more} kinds of finding"),
        more => format!("{}  +{}", all[..shown].join("  "), words::count(more, "kind")),
    };
    let mut fitting = (0..=all.len()).rev().map(told);
    fitting.find(|text| text.len() <= room).unwrap_or_default()
}

/// The bars leave at least so much to the findings, and more where they are said in words.
const ROOM_FOR_FINDINGS: usize = 30;

/// What narrows the table down, and to how many.
fn narrowed(state: &State, theme: &Theme) -> Line<'static> {
    let mut spans = Vec::new();
    let (above, below) = state.unseen;
    for (arrow, count) in [("↑", above), ("↓", below)] {
        if count > 0 {
            let text = format!("{arrow} {count} new  ");
            spans.push(Span::styled(text, theme.style(Role::State(Fact::Running))));
        }
    }
    let narrows = state.broken_only || !state.filter.is_empty();
    if state.broken_only {
        spans.push(Span::styled("broken only  ", theme.style(Role::Alarm)));
    }
    if !state.filter.is_empty() {
        let text = words::fit(&words::show(&state.filter.text), 30);
        spans.push(Span::styled("filter ", theme.style(Role::Dim)));
        spans.push(Span::styled(format!("{text}  "), theme.style(Role::Alarm)));
    }
    if narrows {
        let all = state.tally.totals.checked + state.tally.reading;
        spans.push(Span::raw(format!("{} of {all} ", state.shown.len())));
    }
    Line::from(spans)
}

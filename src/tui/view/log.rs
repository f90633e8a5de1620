//! The log: everything that happened in this session, the newest at the end.
//!
//! ```text
//! ┌ Log · 3 entries · UTC ─────────────────────────────────────────────────┐
//! │ 2026-11-22                                                             │
//! │ 14:32:20    Run 7f3a began: 2 users.                                   │
//! │ 14:32:21  ✓ m…@example.com: mended                                     │
//! │ 14:32:24  ✗ k…@example.com auth0|68ee50: failed: pds does not answer.  │
//! │             It is tried again. (unavailable, retry)                    │
//! └────────────────────────────────────────────────────────────────────────┘
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::super::log::{Entry, MOST};
use super::super::message::Target;
use super::super::state::{Mode, RowId, State};
use super::super::theme::{Role, Theme};
use super::super::toast::Tone;
use super::super::words;
use super::{framed, scrolled};

/// `14:32:20` and the space behind it.
const CLOCK: usize = 10;

pub fn draw(state: &State, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let Mode::Log { scroll } = &state.mode else {
        return;
    };
    let frame = frame(area);
    let count = words::count(state.log.entries().len(), "entry").replace("entrys", "entries");
    let zone = state
        .now
        .to_zoned(state.zone().clone())
        .strftime("%Z")
        .to_string();
    let mut title = vec![Span::styled(
        format!(" Log · {count} · {zone} "),
        theme.style(Role::Strong),
    )];
    if scroll.is_some() {
        let key = state.key(super::super::keys::Command::Last);
        let text = format!("· {key} follows the newest ");
        title.push(Span::styled(text, theme.style(Role::Dim)));
    }
    let inner = framed(buffer, theme, frame, title);
    let lines: Vec<Line> = lines(state, theme, usize::from(inner.width))
        .into_iter()
        .map(|(_, line)| line)
        .collect();
    scrolled(buffer, theme, inner, &lines, scroll.unwrap_or(usize::MAX));
}

/// How far it can be scrolled.
pub fn most_scroll(state: &State, theme: &Theme, area: Rect) -> usize {
    let height = frame(area).height.saturating_sub(2);
    lines(state, theme, width(area))
        .len()
        .saturating_sub(height.into())
}

/// Which entry stands at a line, by its number, and at which of its lines.
pub fn place(state: &State, theme: &Theme, area: Rect, line: usize) -> Option<(usize, usize)> {
    let lines = lines(state, theme, width(area));
    let number = lines.get(line)?.0;
    let before = lines[..line]
        .iter()
        .rev()
        .take_while(|(other, _)| *other == number);
    Some((number, before.count()))
}

/// At which line a place stands now: where its entry is gone, the one after it.
pub fn line_of(state: &State, theme: &Theme, area: Rect, (number, within): (usize, usize)) -> usize {
    let lines = lines(state, theme, width(area));
    let first = lines.partition_point(|(other, _)| *other < number);
    let is_there = |(other, _): &(usize, Line)| *other == number;
    let within = if lines.get(first).is_some_and(is_there) {
        within
    } else {
        0
    };
    first + within
}

/// How wide the lines are.
fn width(area: Rect) -> usize {
    frame(area).width.saturating_sub(4).into()
}

/// All but the header, the tally and the last two lines.
fn frame(area: Rect) -> Rect {
    Rect {
        y: area.y + 2.min(area.height),
        height: area.height.saturating_sub(4),
        ..area
    }
}

/// Each with the number of the entry to which it belongs.
fn lines(state: &State, theme: &Theme, width: usize) -> Vec<(usize, Line<'static>)> {
    let dim = theme.style(Role::Dim);
    let mut lines = Vec::new();
    if state.log.dropped() > 0 {
        let (kept, dropped) = (MOST, state.log.dropped());
        let text = format!("{kept} are kept; {dropped} older ones are not, what went well first.");
        lines.push((0, Line::styled(text, dim)));
    }
    if state.log.entries().len() == 0 {
        lines.push((0, Line::styled("Nothing happened yet.", dim)));
    }
    let mut day = None;
    for entry in state.log.entries() {
        let at = entry.at.to_zoned(state.zone().clone());
        if day.replace(at.date()) != Some(at.date()) {
            let day = Line::styled(at.strftime("%Y-%m-%d").to_string(), dim);
            lines.push((entry.number, day));
        }
        let told = told(entry, state, theme, width).into_iter();
        lines.extend(told.map(|line| (entry.number, line)));
    }
    lines
}

fn told(entry: &Entry, state: &State, theme: &Theme, width: usize) -> Vec<Line<'static>> {
    let dim = theme.style(Role::Dim);
    let clock = words::clock_seconds(entry.at, state.zone());
    let (glyph, role) = match entry.tone.fact() {
        Some(fact) => (theme.glyph(fact).to_string(), Role::State(fact)),
        None => (String::new(), Role::Text),
    };
    let glyph = format!("{glyph:<width$}", width = theme.glyph_width().into());
    let indent = CLOCK + glyph.width() + 1;
    let text = worded(entry, state);
    let style = theme.style(if entry.tone == Tone::Bad {
        Role::Strong
    } else {
        Role::Text
    });
    let mut lines = Vec::new();
    for (n, part) in words::wrap(&text, width.saturating_sub(indent))
        .into_iter()
        .enumerate()
    {
        let lead = if n == 0 {
            vec![
                Span::styled(format!("{clock:<CLOCK$}"), dim),
                Span::styled(format!("{glyph} "), theme.style(role)),
            ]
        } else {
            vec![Span::raw(" ".repeat(indent))]
        };
        let mut spans = lead;
        spans.push(Span::styled(part, style));
        lines.push(Line::from(spans));
    }
    lines
}

/// Whom it is about, what happened, and how often.
fn worded(entry: &Entry, state: &State) -> String {
    let who = entry.who.as_ref();
    let who = who.map_or(String::new(), |who| person(who, entry.tone, state) + ": ");
    let times = match entry.times {
        1 => String::new(),
        times => format!(" ({times} times)"),
    };
    format!("{who}{}{times}", entry.text)
}

/// All of it as a text, an entry a line, the oldest first: as it is shown, masked or not.
pub fn text(state: &State, theme: &Theme) -> String {
    let line = |entry: &Entry| {
        let at = words::absolute(entry.at, state.zone());
        let glyph = entry.tone.fact().map_or("", |fact| theme.glyph(fact));
        let width = theme.glyph_width().into();
        format!("{at}  {glyph:<width$} {}", worded(entry, state))
    };
    let lines: Vec<String> = state.log.entries().map(line).collect();
    lines.join("\n")
}

/// Whoever needs an eye is told by the id too: a masked address may be anybody's.
fn person(who: &Target, tone: Tone, state: &State) -> String {
    let id = words::show(&who.sub);
    match state.rows.get(&RowId::new(&who.tenant, &who.key)) {
        Some(row) if matches!(tone, Tone::Good | Tone::Plain) => words::person(&row.signup, state.masked),
        Some(row) if row.signup.email().is_some() => {
            format!("{} {id}", words::person(&row.signup, state.masked))
        }
        _ => id,
    }
}

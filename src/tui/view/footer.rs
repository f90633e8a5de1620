//! The last lines: what is being typed, told, found or done; and the keys that apply now.
//!
//! ```text
//!  / pds:mising_
//!    ^^^^^^^^^^ a state is one of ok, waiting, missing, drift, running, unknown
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;
use unicode_width::UnicodeWidthStr;

use super::super::applies::goes_back;
use super::super::filter::Misunderstood;
use super::super::keymap::Bound;
use super::super::keys::{Binding, Command, Scope};
use super::super::palette::entries as entries_of_palette;
use super::super::state::{Mode, State};
use super::super::theme::{Role, Theme};
use super::super::words;
use super::{Under, finding, jobs, proposals, put, toasts};

/// What stands before the text of a filter.
const PROMPT: &str = " / ";

pub fn draw(state: &State, theme: &Theme, message: Rect, footer: Rect, buffer: &mut Buffer) {
    let told = Rect {
        height: message.height.saturating_sub(u16::from(has_own_line(state))),
        ..message
    };
    toasts::draw(state, theme, told, buffer);
    let is_quiet = toasts::height(state, theme, told.width) == 0;
    let marks = is_quiet && !has_own_line(state) && state.range.as_ref().is_some_and(|range| range.sticky);
    if is_quiet && told.height > 0 && !marks && finding::has_line(state, theme, told.width) {
        let found = finding::line(state, theme, usize::from(told.width));
        found.into_iter().for_each(|line| line.render(last(told), buffer));
    }
    let message = last(message);
    if let Mode::Filter { input, error, .. } = &state.mode {
        let (shift, room) = window(state, message);
        let after = put(buffer, message, 0, PROMPT, theme.style(Role::Key));
        let place = Rect {
            x: after,
            width: room,
            ..message
        };
        let shown: String = words::skip_columns(&words::show(input.value()), shift);
        buffer.set_stringn(
            place.x,
            place.y,
            &shown,
            usize::from(room),
            theme.style(Role::Text),
        );
        if let Some(error) = error {
            point_at(error, input.value(), shift, theme, place, footer, buffer);
            return;
        }
        if proposals::draw(state, theme, footer, buffer) {
            return;
        }
    } else if let Mode::Palette { input, chosen } = &state.mode {
        // Its line in the box may have had no room for it.
        let found = entries_of_palette(state, input.value());
        let told = found
            .get(*chosen)
            .map(|entry| format!(" {}", entry.refusal.as_deref().unwrap_or(&entry.help)));
        let style = theme.style(Role::Strong);
        put(buffer, message, 0, &told.unwrap_or_default(), style);
    } else if shows_progress(state) {
        let spans = jobs::progress(state, theme, usize::from(message.width));
        Line::from(spans).render(message, buffer);
    } else if marks {
        let text = format!(
            " Marking what the cursor passes: {} marked. {} or {} ends it.",
            state.marked,
            state.key(Command::Range),
            state.key(Command::Back),
        );
        put(buffer, message, 0, &text, theme.style(Role::Dim));
    }
    keys(state, theme, footer, buffer);
}

/// How many lines the toasts want, and what stands below them.
pub fn height(state: &State, theme: &Theme, width: u16) -> u16 {
    let found = u16::from(finding::has_line(state, theme, width));
    toasts::height(state, theme, width).max(found) + u16::from(has_own_line(state))
}

/// Whether something stands in the line of messages for longer than a toast does.
fn has_own_line(state: &State) -> bool {
    matches!(state.mode, Mode::Filter { .. } | Mode::Palette { .. }) || shows_progress(state)
}

/// The pane of jobs has it in its title, where that has room.
fn shows_progress(state: &State) -> bool {
    state.jobs.active_count() > 0 && !super::shows_jobs(state)
}

/// The line that what is typed, and the progress, have.
fn last(message: Rect) -> Rect {
    Rect {
        y: message.bottom().saturating_sub(1),
        height: 1,
        ..message
    }
}

/// Where the caret of the filter stands.
pub fn caret(state: &State, message: Rect) -> Option<Position> {
    let Mode::Filter { input, .. } = &state.mode else {
        return None;
    };
    let message = last(message);
    let (shift, room) = window(state, message);
    let before = input.visual_cursor().saturating_sub(shift) as u16;
    Some(Position::new(
        message.x + PROMPT.len() as u16 + before.min(room),
        message.y,
    ))
}

/// How many columns of a long filter are out of sight on the left, and how many are seen.
fn window(state: &State, message: Rect) -> (usize, u16) {
    let room = message.width.saturating_sub(PROMPT.len() as u16 + 1);
    let shift = match &state.mode {
        Mode::Filter { input, .. } => input.visual_scroll(usize::from(room)),
        _ => 0,
    };
    (shift, room)
}

/// Underlines the word and says below it what is wrong.
fn point_at(
    error: &Misunderstood,
    text: &str,
    shift: usize,
    theme: &Theme,
    place: Rect,
    footer: Rect,
    buffer: &mut Buffer,
) {
    let start = text[..error.at.start]
        .width()
        .saturating_sub(shift)
        .min(usize::from(place.width)) as u16;
    let length = (text[error.at.clone()].width() as u16).min(place.width - start);
    let wrong = theme.style(Role::Wrong);
    buffer.set_style(
        Rect {
            x: place.x + start,
            width: length,
            ..place
        },
        wrong,
    );
    let carets = "^".repeat(usize::from(length));
    let room = usize::from(footer.width);
    let after = format!(
        "{}{carets} {}",
        " ".repeat(usize::from(place.x + start)),
        error.why
    );
    // Where the sentence has no room behind the carets, it stands before them.
    let line = if after.width() <= room {
        after
    } else {
        format!(" {}", error.why)
    };
    put(buffer, footer, 0, &line, theme.style(Role::Alarm));
}

/// What stands in the last line, and from which column on: the keys that apply now, as many as have room. The palette and
/// the help come last and always have theirs, since all others stand in them; and before everything else the key that
/// hides what others must not see.
fn entries(state: &State, area: Rect) -> Vec<(u16, &Bound)> {
    let scope = Scope::now(state);
    let applies =
        |bound: &&Bound| bound.footer > 0 && !bound.keys.is_empty() && bound.refusal(state).is_none();
    let mut bounds: Vec<&Bound> = state.setup.keys.of(scope).filter(applies).collect();
    bounds.sort_by_key(|bound| place(bound, state));
    let (last, first): (Vec<&Bound>, Vec<&Bound>) = bounds
        .into_iter()
        .partition(|bound| matches!(bound.command, Command::Palette | Command::Help));
    let width = |bound: &Bound| {
        key_and_label(bound, state)
            .iter()
            .map(|text| text.width())
            .sum::<usize>()
    };
    let mut room = usize::from(area.width).saturating_sub(last.iter().map(|bound| width(bound)).sum());
    let mut x = area.x;
    let mut placed = Vec::new();
    let fitting = first.into_iter().take_while(|bound| {
        let fits = width(bound) <= room;
        room = room.saturating_sub(width(bound));
        fits
    });
    for bound in fitting.chain(last) {
        placed.push((x, bound));
        x += width(bound) as u16;
    }
    placed
}

/// Where a key stands, the smallest first: as the table of keys has it, but for what is needed next in some states.
fn place(bound: &Bound, state: &State) -> u8 {
    let (works, worked) = (state.jobs.active_count() > 0, state.jobs.all().next().is_some());
    let usual = bound.footer;
    match bound.command {
        Command::Personal if !state.masked => 0,
        // Toasts come and go: the key that dismisses them moves no other.
        Command::Back if !goes_back(state) => u8::MAX,
        _ if bound.scope != Scope::Table => usual,
        // Who stopped the reading has to find the way back.
        Command::Freeze if state.frozen => 2,
        // While jobs run, they are looked at and stopped; then it matters what is left, and why.
        Command::Jobs | Command::Cancel if works => 2,
        Command::Retry if worked && !works => 2,
        Command::BrokenOnly | Command::Jobs if worked && !works => 3,
        Command::Mark if worked => 4,
        Command::BrokenOnly if state.broken_only => 6,
        _ => usual,
    }
}

fn key_and_label(bound: &Bound, state: &State) -> [String; 2] {
    let key = bound.shown.split(' ').next().unwrap_or_default();
    [format!(" {key}"), format!(" {} ", bound.label(state))]
}

/// What lies at a column of the last line: a proposal or a key.
pub fn under(state: &State, area: Rect, column: u16) -> Under {
    match &state.mode {
        Mode::Filter { error: Some(_), .. } => Under::Nothing,
        Mode::Filter { proposals, .. } if !proposals.all().is_empty() => {
            proposals::at(proposals, area, column).map_or(Under::Nothing, Under::Proposal)
        }
        _ => key_at(state, area, column).map_or(Under::Nothing, Under::Key),
    }
}

fn key_at(state: &State, area: Rect, column: u16) -> Option<&'static Binding> {
    let entries = entries(state, area);
    let (x, bound) = entries.into_iter().rev().find(|(x, _)| *x <= column)?;
    let width: usize = key_and_label(bound, state).iter().map(|text| text.width()).sum();
    (usize::from(column - x) < width).then(|| bound.row())
}

fn keys(state: &State, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let mut spans = Vec::new();
    for (_, bound) in entries(state, area) {
        let [key, label] = key_and_label(bound, state);
        spans.push(Span::styled(key, theme.style(Role::Key)));
        spans.push(Span::styled(label, theme.style(Role::Dim)));
    }
    Line::from(spans).render(area, buffer);
}

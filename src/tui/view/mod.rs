//! Draws the state. Reads it and changes nothing; each region has its own file.
//!
//! ```text
//! ┌ header ───────────────────────────────────────────────────┐  tenant, freshness, services
//! │ tally                                                     │  counts, filter
//! │ banner   (0 to 4 lines)                                   │  what concerns more than one user
//! │ table                                                     │  takes what is left
//! │ detail   (open with Enter; with a second, all but header, │
//! │           message and footer)                             │
//! │ jobs     (open with J)                                    │
//! │ message  (1 to 4 lines)                                   │  toasts, else the finding of the user under the cursor;
//! │                                                           │  below it what is typed, or the progress
//! └ footer ───────────────────────────────────────────────────┘  the keys that apply now
//! ```

mod banner;
mod budget;
mod buttons;
mod changes;
mod columns;
mod detail;
mod dialog;
mod export;
mod finding;
mod footer;
mod header;
mod help;
mod history;
mod index;
mod jobs;
mod log;
mod palette;
mod proposals;
mod quit;
mod resume;
mod sheet;
mod spark;
mod systemic;
mod table;
mod toasts;
mod under;
mod welcome;

pub use under::{Under, under};

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Borders, Clear, Widget};
use unicode_width::UnicodeWidthStr;

use super::layout::{self, Fitted};
use super::state::{Mode, State};
use super::theme::{Role, Theme};
use super::words;

/// Below this nothing can be told.
const LEAST: (u16, u16) = (60, 15);
/// How many lines a detail with the whole screen keeps, whatever is told below it.
const LEAST_DETAIL: u16 = 5;

/// Header, tally, the table's header, message and footer always have their lines.
const FIXED: u16 = 5;
/// A pane with less is nothing but its frame.
const LEAST_PANE: u16 = 3;

/// Where each region lies. Those that are closed have no height.
#[derive(Debug, Clone, Copy)]
pub struct Areas {
    header: Rect,
    tally: Rect,
    banner: Rect,
    table: Rect,
    detail: Rect,
    jobs: Rect,
    message: Rect,
    footer: Rect,
}

pub fn draw(state: &State, frame: &mut Frame) {
    let theme = theme(state);
    let area = frame.area();
    let buffer = frame.buffer_mut();
    buffer.set_style(area, theme.ground());
    if is_too_small(area.width, area.height) {
        let text = format!("terminal too small (need {}x{})", LEAST.0, LEAST.1);
        put(buffer, area, 0, &text, theme.style(Role::Text));
    } else {
        let areas = areas(state, area);
        header::draw(state, &theme, areas.header, buffer);
        if state.whole_detail().is_none() {
            header::tally(state, &theme, areas.tally, buffer);
            banner::draw(state, &theme, areas.banner, buffer);
            table::draw(state, &theme, areas.table, buffer);
            jobs::draw(state, &theme, areas.jobs, buffer);
        }
        detail::draw(state, &theme, areas.detail, buffer);
        footer::draw(state, &theme, areas.message, areas.footer, buffer);
        dialog::draw(state, &theme, area, buffer);
        palette::draw(state, &theme, area, buffer);
        log::draw(state, &theme, area, buffer);
        let caret = footer::caret(state, areas.message)
            .or_else(|| dialog::caret(state, area))
            .or_else(|| palette::caret(state, area));
        if let Some(at) = caret {
            frame.set_cursor_position(at);
        }
    }
    if theme.ascii {
        only_ascii(frame.buffer_mut());
    }
}

/// How many rows the table has room for right now.
pub fn table_rows(state: &State) -> usize {
    let (width, height) = state.size;
    if is_too_small(width, height) {
        return 1;
    }
    // Below a detail with the whole screen the table stays as it was.
    let table = beside_each_other(state, Rect::new(0, 0, width, height)).table;
    usize::from(table.height.saturating_sub(1))
}

/// Keeps what is scrolled within its text.
pub fn clamp_scroll(state: &mut State) {
    let (width, height) = state.size;
    if is_too_small(width, height) {
        return;
    }
    let area = Rect::new(0, 0, width, height);
    if state.detail.as_ref().is_some_and(|detail| detail.scroll > 0) {
        let room = usize::from(areas(state, area).detail.height.saturating_sub(2));
        let most = detail::lines(state, &theme(state), usize::from(width) - 4, room)
            .len()
            .saturating_sub(room);
        if let Some(detail) = &mut state.detail {
            detail.scroll = detail.scroll.min(most);
        }
    }
    // Laid out for every message it would be dear. What stands at its beginning is within its text, and so is what has
    // more users below it than the screen has lines.
    let listed = state.mode.listed();
    let is_within = |scroll: usize| scroll == 0 || scroll.saturating_add(usize::from(height)) <= listed;
    if state.mode.scroll().is_none_or(|scroll| is_within(*scroll)) {
        return;
    }
    let most = dialog::most_scroll(state, area);
    if let Some(scroll) = state.mode.scroll() {
        *scroll = (*scroll).min(most);
    }
}

/// How far the log can be scrolled. All of it is laid out for that: not to be asked with every piece of news.
pub fn most_log_scroll(state: &State) -> usize {
    let (width, height) = state.size;
    if is_too_small(width, height) {
        return 0;
    }
    log::most_scroll(state, &theme(state), Rect::new(0, 0, width, height))
}

/// All of the log as a text, an entry a line.
pub fn log_text(state: &State) -> String {
    log::text(state, &theme(state))
}

/// What stands at the upper edge of the log that is scrolled up: entries above it may go.
pub fn log_place(state: &State) -> Option<(usize, usize)> {
    let Mode::Log { scroll: Some(scroll) } = state.mode else {
        return None;
    };
    let (width, height) = state.size;
    log::place(state, &theme(state), Rect::new(0, 0, width, height), scroll)
}

/// How far the log must be scrolled for this to stand there.
pub fn log_scroll(state: &State, place: (usize, usize)) -> usize {
    let (width, height) = state.size;
    log::line_of(state, &theme(state), Rect::new(0, 0, width, height), place)
}

fn theme(state: &State) -> Theme {
    Theme {
        depth: state.setup.colours,
        ascii: state.setup.ascii,
        look: state.setup.look,
        still: state.setup.reduced_motion,
    }
}

/// Whether anything but that is drawn.
pub fn is_seen(state: &State) -> bool {
    !is_too_small(state.size.0, state.size.1)
}

fn is_too_small(width: u16, height: u16) -> bool {
    width < LEAST.0 || height < LEAST.1
}

fn areas(state: &State, area: Rect) -> Areas {
    let split = beside_each_other(state, area);
    if state.whole_detail().is_none() {
        return split;
    }
    let closed = Rect { height: 0, ..area };
    // What is told takes its lines from the detail, whose frame and a few lines stay.
    let most = area.height.saturating_sub(2 + LEAST_DETAIL).max(1);
    let told = footer::height(state, &theme(state), area.width).clamp(1, most);
    let message = Rect {
        y: split.footer.y.saturating_sub(told),
        height: told,
        ..area
    };
    Areas {
        tally: closed,
        banner: closed,
        table: closed,
        jobs: closed,
        detail: Rect {
            y: area.y + 1,
            height: message.y.saturating_sub(area.y + 1),
            ..area
        },
        message,
        ..split
    }
}

fn beside_each_other(state: &State, area: Rect) -> Areas {
    let banner = banner::lines(state).len() as u16;
    let room = area.height.saturating_sub(FIXED + banner);
    let jobs = jobs_within(state, room);
    let detail = detail::height(state, &theme(state), area.width).min((room - jobs) * 3 / 5);
    let detail = if detail < LEAST_PANE { 0 } else { detail };
    // What is told takes its lines from the table, whose header and cursor stay.
    let wanted = footer::height(state, &theme(state), area.width);
    let message = wanted.min((room - jobs - detail).saturating_sub(3) + 1).max(1);
    let heights = [1, 1, banner, 0, detail, jobs, message, 1]
        .into_iter()
        .enumerate()
        .map(|(n, height)| match n {
            3 => Constraint::Min(2),
            _ => Constraint::Length(height),
        });
    let [header, tally, banner, table, detail, jobs, message, footer] = Layout::vertical(heights).areas(area);
    Areas {
        header,
        tally,
        banner,
        table,
        detail,
        jobs,
        message,
        footer,
    }
}

/// How much of this room the pane of jobs gets: one job at least, or nothing.
fn jobs_within(state: &State, room: u16) -> u16 {
    let jobs = jobs::height(state).min((room / 3).max(LEAST_PANE));
    if jobs < LEAST_PANE || room < 2 * LEAST_PANE {
        0
    } else {
        jobs
    }
}

/// Whether the pane of jobs is seen, and not only wanted.
fn shows_jobs(state: &State) -> bool {
    if !state.jobs_open || state.whole_detail().is_some() {
        return false;
    }
    let banner = banner::lines(state).len() as u16;
    jobs_within(state, state.size.1.saturating_sub(FIXED + banner)) > 0
}

/// What is left for a dialog above what is told: one line of that is always kept free.
fn above_toasts(state: &State, area: Rect) -> Rect {
    let told = areas(state, area).message.height;
    Rect {
        height: area.height.saturating_sub(told.saturating_sub(1)),
        ..area
    }
}

/// How the chosen columns share this width.
fn fitted(state: &State, theme: &Theme, width: u16) -> Fitted {
    let (all_tenants, has_jobs) = (state.shows_all_tenants(), state.jobs.all().next().is_some());
    layout::fitted(&state.layout, width, all_tenants, has_jobs, theme)
}

/// Writes a text at the beginning of an area's line, within the area; returns the column after it.
fn put(buffer: &mut Buffer, area: Rect, line: u16, text: &str, style: Style) -> u16 {
    let area = area.intersection(buffer.area);
    if line >= area.height || area.width == 0 {
        return area.x;
    }
    let fitted = words::fit(text, usize::from(area.width));
    buffer
        .set_stringn(area.x, area.y + line, fitted, usize::from(area.width), style)
        .0
}

/// Writes at the end of an area's first line.
fn put_right(buffer: &mut Buffer, area: Rect, line: Line) {
    let width = (line.width() as u16).min(area.width);
    let area = Rect {
        x: area.right() - width,
        width,
        ..area
    }
    .intersection(buffer.area);
    line.render(area, buffer);
}

/// A framed box with a title, emptied; returns its inside, one column from the frame.
fn framed(buffer: &mut Buffer, theme: &Theme, area: Rect, title: Vec<Span>) -> Rect {
    let area = area.intersection(buffer.area);
    Clear.render(area, buffer);
    buffer.set_style(area, theme.ground());
    let block = Block::new()
        .borders(Borders::ALL)
        .border_style(theme.style(Role::Border))
        .title(Line::from(title));
    let inner = block.inner(area);
    block.render(area, buffer);
    Rect {
        x: inner.x + 1.min(inner.width),
        width: inner.width.saturating_sub(2),
        ..inner
    }
}

/// Lines from `scroll` on, with a sign where there are more below or above.
fn scrolled(buffer: &mut Buffer, theme: &Theme, area: Rect, lines: &[Line], scroll: usize) {
    let room = usize::from(area.height);
    let scroll = scroll.min(lines.len().saturating_sub(room));
    for (row, line) in area.rows().zip(lines.iter().skip(scroll)) {
        line.render(row, buffer);
    }
    let dim = theme.style(Role::Dim);
    if scroll > 0 && area.width > 0 {
        buffer.set_string(area.right(), area.y, "↑", dim);
    }
    if lines.len() > scroll + room && area.height > 0 {
        buffer.set_string(area.right(), area.bottom() - 1, "↓", dim);
    }
}

/// A text in lines of this width, those after the first set in by as much as the text before them is wide.
fn hanging(before: Span<'static>, text: &str, style: Style, width: usize) -> Vec<Line<'static>> {
    let indent = before.content.width();
    words::wrap(text, width.saturating_sub(indent))
        .into_iter()
        .enumerate()
        .map(|(n, part)| {
            let lead = if n == 0 {
                before.clone()
            } else {
                Span::raw(" ".repeat(indent))
            };
            Line::from(vec![lead, Span::styled(part, style)])
        })
        .collect()
}

/// Replaces what is not ASCII, whoever wrote it.
fn only_ascii(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        if !cell.symbol().is_ascii() {
            cell.set_symbol(Theme::in_ascii(cell.symbol()));
        }
    }
}

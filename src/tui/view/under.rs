//! What lies under a place of the screen: the same geometry that draws it, asked the other way round.

use ratatui::layout::{Position, Rect};

use super::super::columns::Column;
use super::super::export::Format;
use super::super::keys::{Binding, Command};
use super::super::state::{Mode, State};
use super::columns::BOX;
use super::{areas, detail, dialog, fitted, footer, is_too_small, palette, theme};

#[derive(Debug)]
pub enum Under {
    /// A row of the table, by its place among those that are shown; at its left edge lie cursor and mark. Or a line of the
    /// columns, where the box lies there.
    Row {
        at: usize,
        edge: bool,
    },
    /// The name of a column that can be sorted by.
    Header(Column),
    Detail,
    /// What can be copied of a user, by its number from 1 on.
    Link(usize),
    /// A line of the palette, or a format of the export.
    Entry(usize),
    /// What may follow in the filter that is typed, by its place.
    Proposal(usize),
    /// A button of a dialog, by what it answers.
    Button(Command),
    /// A key that the last line offers.
    Key(&'static Binding),
    Nothing,
}

pub fn under(state: &State, column: u16, row: u16) -> Under {
    let (width, height) = state.size;
    let (area, place) = (Rect::new(0, 0, width, height), Position::new(column, row));
    if is_too_small(width, height) || !area.contains(place) {
        return Under::Nothing;
    }
    let areas = areas(state, area);
    if areas.footer.contains(place) {
        return footer::under(state, areas.footer, column);
    }
    if let Mode::Columns { .. } = state.mode {
        return dialog::line_at(state, area, place)
            .map_or(Under::Nothing, |(at, x)| Under::Row { at, edge: x < BOX });
    }
    if let Mode::Export { .. } = state.mode {
        let line = dialog::line_at(state, area, place);
        let format = line.filter(|(at, _)| *at < Format::ALL.len());
        return format.map_or(Under::Nothing, |(at, _)| Under::Entry(at));
    }
    if !matches!(state.mode, Mode::Table | Mode::Filter { .. }) {
        let button = dialog::button_at(state, area, place).map(Under::Button);
        let entry = || palette::entry_at(state, area, place).map(Under::Entry);
        return button.or_else(entry).unwrap_or(Under::Nothing);
    }
    if areas.detail.contains(place) {
        let link = detail::link_at(state, &theme(state), areas.detail, place);
        return link.map_or(Under::Detail, Under::Link);
    }
    if !areas.table.contains(place) {
        return Under::Nothing;
    }
    match usize::from(row - areas.table.y).checked_sub(1) {
        None => header_at(state, areas.table, column).map_or(Under::Nothing, Under::Header),
        Some(line) if state.top + line < state.shown.len() => Under::Row {
            at: state.top + line,
            edge: column < areas.table.x + 2,
        },
        Some(_) => Under::Nothing,
    }
}

fn header_at(state: &State, table: Rect, column: u16) -> Option<Column> {
    let fitted = fitted(state, &theme(state), table.width);
    let mut x = table.x;
    for (name, width) in fitted.columns {
        // The gap behind a column belongs to it.
        if (x..=x + width).contains(&column) {
            return name.can_sort().then_some(name);
        }
        x += width + 1;
    }
    None
}

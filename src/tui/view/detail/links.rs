//! The addresses and ids of one user, each with the digit that copies it; and which of them lies under the mouse.

use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::super::super::state::{Row, State};
use super::super::super::theme::{Role, Theme};
use super::super::super::words;
use crate::services::links::{Kind, Link};

/// From how wide on the ids stand beside the addresses.
const WIDE: usize = 104;
/// How wide an id is, with its name.
const IDS: usize = 46;
/// Between the two columns.
const GAP: usize = 2;

/// Below each other, after a label of this width.
pub fn lines(row: &Row, state: &State, label: usize, theme: &Theme, width: usize) -> Vec<Line<'static>> {
    let links = state.setup.places.links(&row.signup);
    let links: Vec<(usize, &Link)> = links.iter().enumerate().collect();
    let (addresses, ids) = links.split_at(addresses(links.iter().map(|(_, link)| *link)));
    let told = |link: &(usize, &Link), names, room| told(link, names, room, state, theme);
    let name = |n: usize| {
        let name = if n == 0 { "Links" } else { "" };
        Span::styled(format!("{name:<label$}"), theme.style(Role::Dim))
    };
    let room = width.saturating_sub(label);
    let mut lines = Vec::new();
    if width >= WIDE {
        let left = left(room);
        for n in 0..addresses.len().max(ids.len()) {
            let mut spans = vec![name(n)];
            let mut used = 0;
            if let Some(link) = addresses.get(n) {
                let of_link = told(link, widest(addresses), left);
                used = of_link.iter().map(|span| span.content.width()).sum();
                spans.extend(of_link);
            }
            if let Some(link) = ids.get(n) {
                spans.push(Span::raw(" ".repeat(left + GAP - used)));
                spans.extend(told(link, widest(ids), IDS));
            }
            lines.push(Line::from(spans));
        }
    } else {
        for (n, link) in links.iter().enumerate() {
            let mut spans = vec![name(n)];
            spans.extend(told(link, widest(&links), room));
            lines.push(Line::from(spans));
        }
    }
    lines
}

/// The number of the link that stands in this line of them, so many columns from its beginning.
pub fn at(row: &Row, state: &State, label: usize, width: usize, line: usize, column: usize) -> Option<usize> {
    let links = state.setup.places.links(&row.signup);
    let addresses = addresses(links.iter());
    let column = column.checked_sub(label)?;
    let (place, end) = if width < WIDE {
        (line, links.len())
    } else if column < left(width - label) {
        (line, addresses)
    } else {
        (addresses + line, links.len())
    };
    (place < end).then_some(place + 1)
}

/// How many of them are addresses, which come first.
fn addresses<'a>(links: impl Iterator<Item = &'a Link>) -> usize {
    links.take_while(|link| link.kind == Kind::Address).count()
}

/// How wide the addresses are, where the ids stand beside them.
fn left(room: usize) -> usize {
    room - IDS - GAP
}

fn widest(links: &[(usize, &Link)]) -> usize {
    links.iter().map(|(_, link)| link.noun.width()).max().unwrap_or(0)
}

fn told(
    (at, link): &(usize, &Link),
    names: usize,
    room: usize,
    state: &State,
    theme: &Theme,
) -> Vec<Span<'static>> {
    let left = room.saturating_sub(names + 4);
    let (key, text, role) = match &link.text {
        Ok(text) if link.kind == Kind::Handle => (Role::Key, words::handle(text, state.masked), Role::Text),
        Ok(text) => (Role::Key, words::show(text), Role::Text),
        Err(why) => (Role::Dim, format!("– ({why})"), Role::Dim),
    };
    vec![
        Span::styled(format!("{} ", at + 1), theme.style(key)),
        Span::styled(format!("{:<names$}  ", link.noun), theme.style(Role::Dim)),
        Span::styled(words::middle(&text, left), theme.style(role)),
    ]
}

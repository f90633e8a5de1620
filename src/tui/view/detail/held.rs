//! What each backend holds of one user, side by side with what is wanted: a column each, as wide as it has to be, and what
//! differs with its glyph.
//!
//! ```text
//!          WANTED              MONGO                 PDS                   PLC
//! code     ac26momez           ac26momez
//! handle   zhuxin2.at.exampl…  ! zhuxin.at.example…  ! zhuxin.at.example…
//! DID      did:plc:…zhuxin       did:plc:…zhuxin       did:plc:…zhuxin       did:plc:…zhuxin
//! ```

use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::super::super::state::{Row, State};
use super::super::super::theme::{Role, Theme};
use super::super::super::words;
use crate::domain::State as Fact;
use crate::domain::side_by_side::{Cell, Held, Holder, side_by_side};
use crate::domain::text;

/// From how wide on Auth0 has a column of its own: what it says of the e-mail is what is wanted.
const WIDE: usize = 96;
/// Between two columns.
const GAP: usize = 2;
/// How wide a DID is that is told apart: its method, `…` and six characters.
const DID: usize = 15;
/// Below this a column tells nothing.
const LEAST: usize = 6;

/// A place as it is shown.
struct Shown {
    glyph: &'static str,
    text: String,
    role: Role,
    /// Both ends tell it apart, not its beginning.
    is_did: bool,
}

/// A line for the names of the columns, and one a fact, each after a name of this width.
pub fn lines(row: &Row, state: &State, label: usize, theme: &Theme, width: usize) -> Vec<Line<'static>> {
    let rows = side_by_side(&row.signup);
    let columns: Vec<usize> = (0..Holder::ALL.len())
        .filter(|at| width >= WIDE || Holder::ALL[*at] != Holder::Auth0)
        .collect();
    let cells: Vec<(&str, Vec<Shown>)> = rows
        .iter()
        .map(|fact| {
            let shown = |at: &usize| shown(&fact.cells[*at], row, state, theme);
            (fact.name, columns.iter().map(shown).collect())
        })
        .collect();
    // What is wanted differs from nothing, and has no glyph.
    let glyphs = |n: usize| {
        if n == 0 {
            0
        } else {
            usize::from(theme.glyph_width()) + 1
        }
    };
    // A DID is as well told apart where it is short.
    let widest = |n: usize, most: usize| {
        let width = |cell: &Shown| match cell.is_did {
            true => cell.text.width().min(most),
            false => cell.text.width(),
        };
        let texts = cells.iter().map(|(_, cells)| width(&cells[n]));
        texts.max().unwrap_or(0).max(Holder::ALL[columns[n]].word().len())
    };
    let places = 0..columns.len();
    let wished: Vec<(usize, usize)> = places.map(|n| (widest(n, DID), widest(n, usize::MAX))).collect();
    let taken: usize = (0..columns.len()).map(|n| glyphs(n) + GAP).sum::<usize>() + label - GAP;
    let widths = shared(&wished, width.saturating_sub(taken));
    // What is empty as far as the next column.
    let after = |n: usize, text: &str| match n + 1 == widths.len() {
        true => String::new(),
        false => " ".repeat(widths[n].saturating_sub(text.width()) + GAP),
    };
    let mut head = vec![Span::raw(" ".repeat(label))];
    for (n, at) in columns.iter().enumerate() {
        let name = Holder::ALL[*at].word().to_uppercase();
        let text = format!("{}{name}{}", " ".repeat(glyphs(n)), after(n, &name));
        head.push(Span::styled(text, theme.style(Role::Strong)));
    }
    let mut lines = vec![Line::from(head)];
    for (name, cells) in cells {
        let mut spans = vec![Span::styled(format!("{name:<label$}"), theme.style(Role::Dim))];
        for (n, cell) in cells.into_iter().enumerate() {
            let text = match cell.is_did {
                true => short_did(&cell.text, widths[n]),
                false => words::fit(&cell.text, widths[n]),
            };
            let glyph = cell.glyph;
            let before = " ".repeat(glyphs(n).saturating_sub(glyph.width() + 1));
            let between = if glyphs(n) == 0 { "" } else { " " };
            let after = after(n, &text);
            spans.push(Span::styled(
                format!("{glyph}{before}{between}{text}{after}"),
                theme.style(cell.role),
            ));
        }
        lines.push(Line::from(spans));
    }
    lines
}

/// How columns share the room, each of which wishes so much, and more where there is more. The widest give way first.
fn shared(wished: &[(usize, usize)], room: usize) -> Vec<usize> {
    let mut widths: Vec<usize> = wished.iter().map(|(width, _)| *width).collect();
    while widths.iter().sum::<usize>() > room {
        match widths.iter_mut().max() {
            Some(widest) if *widest > LEAST => *widest -= 1,
            _ => return widths,
        }
    }
    while widths.iter().sum::<usize>() < room {
        let grows = widths
            .iter_mut()
            .zip(wished)
            .filter(|(width, (_, most))| **width < *most);
        match grows.min_by_key(|(width, _)| **width) {
            Some((width, _)) => *width += 1,
            None => break,
        }
    }
    widths
}

/// A DID tells itself apart by its end.
fn short_did(did: &str, width: usize) -> String {
    const METHOD: &str = "did:plc:";
    if did.width() <= width {
        did.to_string()
    } else if width > METHOD.len() + 6 && did.starts_with(METHOD) {
        let rest = width - METHOD.len() - 1;
        format!("{METHOD}{}", words::tail(&did[METHOD.len()..], rest))
    } else {
        words::fit(&words::tail(did, width.saturating_sub(1)), width)
    }
}

fn shown(cell: &Cell, row: &Row, state: &State, theme: &Theme) -> Shown {
    let plain = |text: String| (text, false);
    let (text, is_did) = match &cell.held {
        Held::Blank => plain(String::new()),
        Held::Nothing => plain("–".into()),
        Held::Words(text) => plain(words::show(text)),
        Held::Email(email) if state.masked => plain(words::show(&text::mask_email(email))),
        Held::Email(email) => plain(words::show(email)),
        Held::Handle(handle) => plain(words::handle(handle, state.masked)),
        Held::Did(did) => (words::show(did), true),
        Held::NotAsked | Held::NoAnswer if row.is_pending() => plain("…".into()),
        Held::NotAsked => plain("not asked".into()),
        Held::NoAnswer => plain("no answer".into()),
        Held::Unreadable => plain("unreadable".into()),
    };
    let is_silent = matches!(cell.held, Held::NotAsked | Held::NoAnswer);
    let (glyph, role) = match cell.state {
        _ if is_silent && row.is_pending() => ("", Role::Dim),
        // There was nothing to ask about: that alarms nobody.
        Some(Fact::Unknown) if cell.held == Held::NotAsked => (theme.glyph(Fact::Unknown), Role::Dim),
        None if is_silent => (
            if cell.held == Held::NotAsked {
                ""
            } else {
                theme.glyph(Fact::Unknown)
            },
            Role::Dim,
        ),
        None | Some(Fact::Ok) => ("", Role::Text),
        Some(fact) => (theme.glyph(fact), Role::State(fact)),
    };
    Shown {
        glyph,
        text,
        role,
        is_did,
    }
}

//! What the tables for people share.

use comfy_table::{Attribute, Cell, ColumnConstraint, ContentArrangement, Table, Width, presets};
use jiff::Timestamp;
use unicode_width::UnicodeWidthStr;

use super::json::shown;
use super::output::Output;
use crate::domain::signup::Signup;
use crate::domain::text::{clean, mask_email};

/// Cells have a space on either side.
pub const PADDING: u16 = 2;

/// A table without lines, as wide as the terminal, coloured where wanted.
pub fn empty(output: &Output) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic);
    if output.colours {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    if let Some(width) = output.width {
        table.set_width(width);
    }
    table
}

/// The table as text. Where it is narrow, lines break between words: only a word that is longer than an id is broken.
pub fn text(mut table: Table) -> String {
    const LONGEST: u16 = 32;
    let mut longest = vec![0; table.column_count()];
    for row in table.header().into_iter().chain(table.row_iter()) {
        for (cell, longest) in row.cell_iter().zip(&mut longest) {
            let content = cell.content();
            let words = content.split_whitespace().map(UnicodeWidthStr::width);
            *longest = words.max().unwrap_or(0).max(*longest);
        }
    }
    for (column, longest) in table.column_iter_mut().zip(longest) {
        if column.constraint().is_none() {
            let least = u16::try_from(longest).unwrap_or(LONGEST).min(LONGEST) + PADDING;
            column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(least)));
        }
    }
    table.to_string()
}

pub fn bold(text: &str) -> Cell {
    Cell::new(text).add_attribute(Attribute::Bold)
}

/// How a user is named in a line: by the e-mail, else by the sub.
pub fn user(signup: &Signup, unmask: bool) -> String {
    signup
        .email()
        .map_or_else(|| clean(&signup.sub), |email| shown(email, unmask, mask_email))
}

/// A duration in its largest unit: `12s`, `3m`, `5h`, `9d`.
pub fn age(at: Timestamp, now: Timestamp) -> String {
    let seconds = now.as_second().saturating_sub(at.as_second()).max(0);
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{}m", seconds / 60),
        3600..86_400 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86_400),
    }
}

//! What the tables for people share.

use comfy_table::{Attribute, Cell, ContentArrangement, Table, presets};
use jiff::Timestamp;

use super::json::shown;
use super::output::Output;
use crate::domain::signup::Signup;
use crate::domain::text::{clean, mask_email};

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
    table
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

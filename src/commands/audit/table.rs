//! `-o table`: rows for people, as they come. What fits on one page is printed at the end, as wide as it needs and below
//! what matters most; longer lists flow in columns of fixed width, with what matters behind them.

use comfy_table::{Cell, Color, ColumnConstraint, Table, Width};
use jiff::Timestamp;

use super::digest::{Digest, more};
use super::telling::{Sweep, Telling};
use crate::audit::report::{Row, Summary};
use crate::commands::json::shown;
use crate::commands::output::Output;
use crate::commands::table::{PADDING, age, bold, empty, user};
use crate::domain::stray::{Stray, StrayKind};
use crate::domain::text::{clean, mask_handle, mask_name};
use crate::domain::{Column, State};

const HEADER: [&str; 8] = ["AGE", "USER", "HANDLE", "AUTH0", "MONGO", "CODE", "DID", "PDS"];
/// What each column takes at least where the rows that will come are not known.
const WIDTHS: [u16; 8] = [4, 24, 12, 9, 9, 11, 9, 9];
/// How narrow the handle and the e-mail may become.
const NARROWEST: [(usize, u16); 2] = [(2, 7), (1, 9)];
/// What is left out first where even that is too wide: the handle, the age.
const LEFT_OUT: [usize; 2] = [2, 0];
/// Rows that are held back until it is known whether there are more.
const A_PAGE: usize = 100;
/// So many stray accounts are told.
const STRAYS: usize = 30;

type Cells = Vec<Cell>;

pub struct Tables<'a> {
    output: &'a Output,
    now: Timestamp,
    /// A tenant was told before.
    others: bool,
    held: Vec<Cells>,
    /// Set where the rows flow.
    layout: Option<Layout>,
    digest: Digest,
    strays: usize,
}

impl<'a> Tables<'a> {
    pub fn new(output: &'a Output) -> Self {
        Self {
            output,
            now: Timestamp::now(),
            others: false,
            held: Vec::new(),
            layout: None,
            digest: Digest::default(),
            strays: 0,
        }
    }

    fn rows(&mut self, rows: &[Row]) {
        for row in rows {
            self.digest.count(row);
        }
        let cells = rows.iter().map(|row| cells(row, self.output, self.now));
        let cells: Vec<Cells> = cells.collect();
        if self.layout.is_none() && self.held.len() + cells.len() <= A_PAGE {
            self.held.extend(cells);
            return;
        }
        if self.layout.is_none() {
            let held = std::mem::take(&mut self.held);
            let mut head = self.table(held, true);
            let layout = fixed(&head);
            fix(&mut head, &layout);
            self.output.data(&head.to_string());
            self.layout = Some(layout);
        }
        let mut table = self.table(cells, false);
        if let Some(layout) = &self.layout {
            fix(&mut table, layout);
        }
        self.output.data(&table.to_string());
    }

    fn table(&self, rows: Vec<Cells>, header: bool) -> Table {
        let mut table = empty(self.output);
        if header {
            table.set_header(HEADER.map(bold));
        }
        table.add_rows(rows);
        table
    }
}

/// The widths of all pages, after the first page and the terminal.
fn fixed(first: &Table) -> Layout {
    let needed = first.column_max_content_widths().into_iter().zip(WIDTHS);
    let widths = needed.map(|(needed, least)| needed.max(least) + PADDING);
    fit(widths.collect(), first.width().unwrap_or(u16::MAX))
}

/// How wide each column is.
struct Layout {
    /// With the padding; 0: the column is left out.
    widths: Vec<u16>,
    /// A space on one side of a cell alone.
    close: bool,
}

/// What people chose is broken into several lines where the terminal is narrow, and left out where that is not enough, as
/// is the age at last; then cells stand closer. States are never broken.
fn fit(mut widths: Vec<u16>, terminal: u16) -> Layout {
    const USER: usize = 1;
    let wanted = widths[USER];
    let over = |widths: &[u16]| widths.iter().sum::<u16>().saturating_sub(terminal);
    for (column, least) in NARROWEST {
        let over = over(&widths);
        widths[column] -= over.min(widths[column].saturating_sub(least));
    }
    for column in LEFT_OUT {
        if over(&widths) > 0 {
            widths[column] = 0;
        }
    }
    let close = over(&widths) > 0;
    if close {
        widths
            .iter_mut()
            .for_each(|width| *width = width.saturating_sub(1));
    }
    let rest = terminal.saturating_sub(widths.iter().sum());
    widths[USER] += rest.min(wanted.saturating_sub(widths[USER]));
    Layout { widths, close }
}

fn fix(table: &mut Table, layout: &Layout) {
    for (column, width) in table.column_iter_mut().zip(&layout.widths) {
        column.set_constraint(match width {
            0 => ColumnConstraint::Hidden,
            width => ColumnConstraint::Absolute(Width::Fixed(*width)),
        });
        if layout.close {
            column.set_padding((0, 1));
        }
    }
}

impl Telling for Tables<'_> {
    fn begin(&mut self, _tenant: &str) {
        if self.others {
            self.output.piece("\n");
        }
        self.others = true;
    }

    fn signups(&mut self, rows: &[Row]) {
        self.rows(rows);
    }

    fn orphans(&mut self, rows: &[Row]) {
        self.rows(rows);
    }

    fn end(&mut self, summary: &Summary) {
        let mut lines = Vec::new();
        if let Some(systemic) = &summary.systemic {
            let since = systemic
                .since
                .map_or_else(String::new, |since| format!(" since {since:.0}"));
            lines.push(format!(
                "! {} of the newest {} {}{since}. {}",
                systemic.affected,
                systemic.of,
                systemic.finding.fragment(),
                systemic.cause
            ));
        }
        let held = std::mem::take(&mut self.held);
        if !held.is_empty() {
            let mut table = self.table(held, true);
            if let Some(terminal) = table.width() {
                let needed = table.column_max_content_widths().into_iter();
                let layout = fit(needed.map(|needed| needed + PADDING).collect(), terminal);
                fix(&mut table, &layout);
            }
            lines.push(table.to_string());
        }
        self.digest.correct(&summary.shared_emails);
        lines.extend(self.digest.lines());
        for source in summary.outages() {
            let problem = source.problem.as_ref();
            if let Some(problem) = problem.filter(|problem| summary.broke_off.as_ref() != Some(*problem)) {
                lines.push(format!("? {}: {} {}", source.name, problem.message, problem.hint));
            }
        }
        let totals = summary.totals;
        let matching = summary
            .matching()
            .map_or_else(String::new, |matching| matching + ", ");
        lines.push(format!(
            "{}: {matching}{} checked, {} whole, {} waiting, {} broken, {} unknown ({} ms)",
            summary.tenant,
            totals.checked,
            totals.whole,
            totals.waiting,
            totals.broken,
            totals.unknown,
            summary.took.as_millis()
        ));
        if let Some(problem) = &summary.broke_off {
            lines.push(format!(
                "? This is not all of {}: {} {}",
                summary.tenant, problem.message, problem.hint
            ));
        }
        self.output.data(&lines.join("\n"));
        (self.digest, self.layout) = (Digest::default(), None);
    }

    fn stray(&mut self, stray: &Stray) {
        if self.strays == 0 {
            self.output.piece("\n");
        }
        self.strays += 1;
        if self.strays > STRAYS {
            return;
        }
        let glyph = match stray.kind {
            StrayKind::OrphanAccount | StrayKind::UnrecordedAccount => "✗",
            StrayKind::SecondAccount | StrayKind::SharedAccount => "!",
        };
        let made = stray.made_at.map(|at| format!("  {} old", age(at, self.now)));
        self.output.data(&format!(
            "{glyph} {}: {} {}\n    {}  {}{}",
            stray.kind.name(),
            stray.message,
            stray.hint,
            clean(&stray.account.did),
            shown(&stray.account.handle, self.output.unmask, mask_handle),
            made.unwrap_or_default()
        ));
    }

    fn finish(&mut self, sweep: Option<&Sweep>) {
        let Some(sweep) = sweep else { return };
        let mut lines = Vec::new();
        lines.extend(more(self.strays.saturating_sub(STRAYS)));
        match (&sweep.problem, sweep.of_others) {
            (None, Some(others)) => lines.push(format!(
                "pds: {} to look at, {others} of other services left alone",
                accounts(self.strays)
            )),
            (problem, _) => {
                let (message, hint) = problem
                    .as_ref()
                    .map_or(("", ""), |problem| (&problem.message, &problem.hint));
                lines.push(format!(
                    "? The accounts of the PDS are not all looked at: {message} {hint}"
                ));
            }
        }
        self.output.data(&lines.join("\n"));
    }
}

fn accounts(count: usize) -> String {
    match count {
        1 => "1 account".into(),
        several => format!("{several} accounts"),
    }
}

fn cells((signup, diagnosis): &Row, output: &Output, now: Timestamp) -> Cells {
    let name = signup
        .name
        .present()
        .map(|name| format!("@{}", shown(name, output.unmask, mask_name)));
    let mut cells = vec![
        Cell::new(signup.created_at().map_or_else(|| "?".into(), |at| age(at, now))),
        Cell::new(user(signup, output.unmask)),
        Cell::new(name.unwrap_or_else(|| "–".into())),
    ];
    let code = signup.code().map(clean);
    cells.extend(Column::ALL.map(|column| {
        let state = diagnosis.state(column);
        let word = code
            .as_deref()
            .filter(|_| (column, state) == (Column::Code, State::Ok));
        cell(state, word)
    }));
    cells
}

/// A state, or a word that stands for it.
fn cell(state: State, word: Option<&str>) -> Cell {
    let (glyph, colour) = match state {
        State::Ok => ("✓", Color::Green),
        State::Missing => ("✗", Color::Red),
        State::Drift => ("!", Color::Yellow),
        State::Running => ("◐", Color::Blue),
        State::Waiting => ("·", Color::DarkGrey),
        State::Unknown => ("?", Color::Magenta),
    };
    Cell::new(format!("{glyph} {}", word.unwrap_or(state.word()))).fg(colour)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_narrow_terminal_cuts_the_handle_first_and_no_state() {
        let states = |widths: &[u16]| widths[3..].to_vec();
        let wide = WIDTHS.map(|width| width + PADDING).to_vec();
        let close = WIDTHS.map(|width| width + PADDING - 1).to_vec();
        for (terminal, age, user, handle, expected) in [
            (u16::MAX, 6, 26, 14, &wide),
            (100, 6, 26, 11, &wide),
            (80, 6, 10, 7, &wide),
            (79, 6, 9, 7, &wide),
            (78, 6, 15, 0, &wide),
            (70, 0, 13, 0, &wide),
            (60, 0, 8, 0, &close),
        ] {
            let fitted = fit(wide.clone(), terminal).widths;
            assert_eq!(
                (fitted[0], fitted[1], fitted[2]),
                (age, user, handle),
                "{terminal}"
            );
            assert_eq!(states(&fitted), states(expected), "{terminal}");
            assert!(fitted.iter().map(|width| u32::from(*width)).sum::<u32>() <= terminal.into());
        }
    }
}

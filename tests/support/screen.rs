//! What a program in a terminal has shown so far, and the questions to its terminal that want an answer.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::num::NonZeroU16;

use vt100::{Callbacks, Parser};

/// How a program says that a picture begins, and that it is whole: a terminal shows it as a whole too.
const BEGINS: &[u8] = b"\x1b[?2026h";
const ENDS: &[u8] = b"\x1b[?2026l";

pub struct Shown {
    pub parser: Parser<Asked>,
    pub raw: Vec<u8>,
    /// Every line that ever stood there, and every two with nothing between: what is long is broken over the edge.
    pub rows: BTreeSet<String>,
    /// A picture is half drawn: its end was not read yet.
    pub drawing: bool,
    pub ended: bool,
}

/// What a program asks its terminal, and the answers that wait to be sent.
#[derive(Default)]
pub struct Asked {
    pub answers: Vec<u8>,
}

impl Callbacks for Asked {
    fn unhandled_csi(
        &mut self,
        screen: &mut vt100::Screen,
        i1: Option<u8>,
        _: Option<u8>,
        params: &[&[u16]],
        last: char,
    ) {
        let (row, col) = screen.cursor_position();
        match (i1, last, params.first().and_then(|param| param.first())) {
            (None, 'n', Some(6)) => self
                .answers
                .extend(format!("\x1b[{};{}R", row + 1, col + 1).bytes()),
            (None, 'n', Some(5)) => self.answers.extend(b"\x1b[0n"),
            (None, 'c', _) => self.answers.extend(b"\x1b[?62;22c"),
            (Some(b'>'), 'c', _) => self.answers.extend(b"\x1b[>1;10;0c"),
            _ => {}
        }
    }
}

impl Shown {
    pub fn new(cols: u16, rows: u16) -> Self {
        let parser = Parser::new_with_callbacks(size(rows), size(cols), 0, Asked::default());
        Self {
            parser,
            raw: Vec::new(),
            rows: BTreeSet::new(),
            drawing: false,
            ended: false,
        }
    }

    pub fn take(&mut self, bytes: &[u8]) {
        // A sign may have come in two pieces.
        let fresh = self.raw.len().saturating_sub(BEGINS.len());
        self.raw.extend_from_slice(bytes);
        let last = |sign: &[u8]| {
            self.raw[fresh..]
                .windows(sign.len())
                .rposition(|found| found == sign)
        };
        match (last(BEGINS), last(ENDS)) {
            (None, None) => {}
            (begun, ended) => self.drawing = begun > ended,
        }
        self.parser.process(bytes);
        let text = self.text();
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        for pair in lines.windows(2) {
            let broken = pair.concat();
            if !self.rows.contains(&broken) {
                self.rows.insert(broken);
            }
        }
    }

    pub fn resize(&mut self, cols: u16, rows: u16) {
        self.parser.set_size(size(rows), size(cols));
    }

    /// A line a row, without the blanks at the ends.
    pub fn text(&self) -> String {
        let screen = self.parser.screen();
        let rows = screen
            .rows(0, screen.size().1.get())
            .map(|row| row.trim_end().to_owned());
        rows.collect::<Vec<_>>().join("\n").trim_end().to_owned()
    }

    /// Row and column, from 0, of the first cell of this text.
    pub fn find(&self, text: &str) -> Option<(u16, u16)> {
        let screen = self.parser.screen();
        let (rows, cols) = screen.size();
        (0..rows.get()).find_map(|row| {
            let mut line = String::new();
            let mut begins = Vec::new();
            for (col, cell) in (0..cols.get()).filter_map(|col| Some((col, screen.cell(row, col)?))) {
                begins.push((line.len(), col));
                // The second half of a wide character has no text of its own.
                let blank = if cell.is_wide_continuation() { "" } else { " " };
                line.push_str(if cell.has_contents() {
                    cell.contents()
                } else {
                    blank
                });
            }
            let at = line.find(text)?;
            begins
                .iter()
                .rfind(|(begin, _)| *begin <= at)
                .map(|(_, col)| (row, *col))
        })
    }
}

/// For failures: the edge shows where the lines begin.
pub fn framed(screen: &str) -> String {
    let mut framed = String::new();
    for line in screen.lines() {
        let _ = writeln!(framed, "│ {line}");
    }
    framed
}

fn size(cells: u16) -> NonZeroU16 {
    NonZeroU16::new(cells).expect("a terminal has at least one row and column")
}

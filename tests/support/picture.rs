//! What a terminal shows at one moment, cell by cell with its colours: to be compared, and to be drawn.

use vt100::Color;

/// Every cell that a terminal shows, and where its caret stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    pub rows: Vec<Vec<Cell>>,
    /// Row and column, from 0; `None` while it is hidden.
    pub caret: Option<(u16, u16)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// A blank where nothing stands; nothing in the second half of a wide character.
    pub text: String,
    pub ink: Ink,
}

/// How the text of a cell looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ink {
    pub letters: Color,
    pub ground: Color,
    pub reversed: bool,
    pub bold: bool,
    pub dim: bool,
    pub italic: bool,
    pub underlined: bool,
}

impl Picture {
    pub fn of(screen: &vt100::Screen) -> Self {
        let (rows, cols) = screen.size();
        let cell = |row, col| {
            let cell = screen.cell(row, col)?;
            let text = match (cell.has_contents(), cell.is_wide_continuation()) {
                (_, true) => "",
                (true, _) => cell.contents(),
                (false, _) => " ",
            };
            let ink = Ink {
                letters: cell.fgcolor(),
                ground: cell.bgcolor(),
                reversed: cell.inverse(),
                bold: cell.bold(),
                dim: cell.dim(),
                italic: cell.italic(),
                underlined: cell.underline(),
            };
            let text = text.to_owned();
            Some(Cell { text, ink })
        };
        let row = |row| (0..cols.get()).filter_map(|col| cell(row, col)).collect();
        Self {
            rows: (0..rows.get()).map(row).collect(),
            caret: (!screen.hide_cursor()).then(|| screen.cursor_position()),
        }
    }

    /// A line a row, without the blanks at the ends.
    pub fn text(&self) -> String {
        let line = |row: &Vec<Cell>| row.iter().map(|cell| cell.text.as_str()).collect::<String>();
        let lines = self.rows.iter().map(|row| line(row).trim_end().to_owned());
        lines.collect::<Vec<_>>().join("\n").trim_end().to_owned()
    }

    /// Whether these lines stand anywhere one below the other, beginning in the same column. An empty one fits anything,
    /// and so does what follows each.
    pub fn holds(&self, block: &str) -> bool {
        let wanted: Vec<&str> = block.trim_matches('\n').lines().collect();
        let fits = |row: usize, col: usize, wanted: &str| {
            let cells = self.rows.get(row).and_then(|row| row.get(col..));
            let text = cells.map(|cells| cells.iter().map(|cell| cell.text.as_str()).collect::<String>());
            text.is_some_and(|text| text.starts_with(wanted))
        };
        (0..self.rows.len()).any(|top| {
            (0..self.rows[top].len()).any(|col| {
                let mut lines = wanted.iter().enumerate();
                lines.all(|(n, line)| fits(top + n, col, line))
            })
        })
    }
}

//! Rows of text for a spreadsheet (CSV) or a ticket (Markdown). Names that people chose stand in them, and neither a
//! formula nor a table's own marks may come of one.

/// A header, and rows as long as it.
pub struct Sheet {
    header: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

impl Sheet {
    pub fn new(header: &[&'static str]) -> Self {
        Self {
            header: header.to_vec(),
            rows: Vec::new(),
        }
    }

    /// Adds a row; it has a cell for each word of the header.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        let cells: Vec<String> = cells.into_iter().collect();
        debug_assert_eq!(cells.len(), self.header.len(), "a row of another length");
        self.rows.push(cells);
    }

    /// With the header.
    pub fn csv(&self) -> String {
        csv_line(&self.header) + &self.csv_rows()
    }

    /// The rows alone: what follows a header that was printed before.
    pub fn csv_rows(&self) -> String {
        self.rows.iter().map(|row| csv_line(row)).collect()
    }

    /// With the header.
    pub fn markdown(&self) -> String {
        let rule = "|---".repeat(self.header.len()) + "|\n";
        markdown_line(&self.header) + &rule + &self.markdown_rows()
    }

    pub fn markdown_rows(&self) -> String {
        self.rows.iter().map(|row| markdown_line(row)).collect()
    }
}

/// RFC 4180: a cell with a comma, a quote or a line break stands in quotes.
fn csv_line(cells: &[impl AsRef<str>]) -> String {
    let cells: Vec<String> = cells
        .iter()
        .map(|cell| {
            let cell = not_a_formula(cell.as_ref());
            match cell.contains([',', '"', '\n', '\r']) {
                true => format!("\"{}\"", cell.replace('"', "\"\"")),
                false => cell,
            }
        })
        .collect();
    cells.join(",") + "\r\n"
}

/// What begins like a formula gets an apostrophe before it, which spreadsheets take as: this is text.
fn not_a_formula(cell: &str) -> String {
    match cell
        .trim_start()
        .starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
        || cell.starts_with(['\t', '\r'])
    {
        true => format!("'{cell}"),
        false => cell.to_string(),
    }
}

fn markdown_line(cells: &[impl AsRef<str>]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| escaped(cell.as_ref())).collect();
    format!("| {} |\n", cells.join(" | "))
}

/// Nothing of a cell is read as Markdown or HTML.
pub fn escaped(cell: &str) -> String {
    let mut text = String::with_capacity(cell.len());
    let mut rest = cell.chars().peekable();
    let mut within_word = false;
    while let Some(c) = rest.next() {
        let goes_on = rest.peek().is_some_and(|next| next.is_alphanumeric());
        match c {
            // Within a word it marks nothing: names such as code_1 stay as they are.
            '_' if within_word && goes_on => text.push(c),
            '\n' | '\r' => text.push(' '),
            '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '~' => text.extend(['\\', c]),
            c => text.push(c),
        }
        within_word = c.is_alphanumeric();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet() -> Sheet {
        let mut sheet = Sheet::new(&["user", "message"]);
        sheet.row(["=HYPERLINK(\"x\")".into(), "one, two".into()]);
        sheet.row(["a|b_c _d_".into(), "-1\nnext".into()]);
        sheet
    }

    #[test]
    fn a_spreadsheet_takes_no_cell_for_a_formula() {
        let expected =
            "user,message\r\n\"'=HYPERLINK(\"\"x\"\")\",\"one, two\"\r\na|b_c _d_,\"'-1\nnext\"\r\n";
        assert_eq!(sheet().csv(), expected);
    }

    #[test]
    fn a_ticket_shows_a_cell_as_it_is() {
        let expected = "| user | message |\n|---|---|\n| =HYPERLINK(\"x\") | one, two |\n| a\\|b_c \\_d\\_ | -1 next |\n";
        assert_eq!(sheet().markdown(), expected);
    }
}

//! Where lines go: data to stdout, everything else to stderr; and how data and problems are told in each format.

mod sheet;

use std::io::{ErrorKind, IsTerminal, Write};
use std::sync::{Mutex, OnceLock, PoisonError};

use serde::Serialize;
use serde_json::Value;
use tokio::sync::Notify;

pub use sheet::{Sheet, escaped};

use super::args::{ColorChoice, Format, Global};
use super::json::ErrorView;
use crate::domain::{Class, Problem};
use crate::services::Error;

/// What a command tells, in every format but the one for people.
pub trait Answer: Serialize {
    /// The field with the rows: each is a line of NDJSON, and the rest the last line.
    const ROWS: &'static str;
    /// The rows for a spreadsheet or a ticket.
    fn sheet(&self) -> Sheet;
    /// What is pasted into a ticket.
    fn markdown(&self) -> String {
        self.sheet().markdown()
    }
}

pub struct Output {
    pub format: Format,
    pub unmask: bool,
    pub quiet: bool,
    /// Whether tables are coloured.
    pub colours: bool,
    /// How many columns there are where the data goes to a terminal.
    pub width: Option<u16>,
    /// Whether a question can be asked and answered.
    pub can_ask: bool,
    /// Where data goes instead of stdout, for whoever makes a file of it.
    kept: Option<Mutex<String>>,
    /// Why data did not arrive.
    lost: OnceLock<std::io::Error>,
    losing: Notify,
}

impl Output {
    pub fn new(global: &Global) -> Self {
        let variable = |name: &str| std::env::var(name).ok();
        let terminal = std::io::stdout().is_terminal();
        let colours = coloured(global.color, terminal, variable);
        if colours {
            // What writes the tables asks for `NO_COLOR` itself, and would write empty colours where the flag wins.
            crossterm::style::force_color_output(true);
        }
        Self {
            format: global.output,
            unmask: global.unmask,
            quiet: global.quiet,
            colours,
            width: terminal
                .then(crossterm::terminal::size)
                .and_then(|size| Some(size.ok()?.0)),
            can_ask: !global.no_input && std::io::stdin().is_terminal() && std::io::stderr().is_terminal(),
            kept: None,
            lost: OnceLock::new(),
            losing: Notify::new(),
        }
    }

    /// Keeps the data for `into_text`, and tells nothing beside it.
    pub fn keeping(format: Format, unmask: bool) -> Self {
        Self {
            unmask,
            quiet: true,
            kept: Some(Mutex::default()),
            ..Self::only(format)
        }
    }

    /// The data that was kept.
    pub fn into_text(self) -> String {
        let kept = self.kept.map(Mutex::into_inner);
        kept.map(|text| text.unwrap_or_else(PoisonError::into_inner))
            .unwrap_or_default()
    }

    /// For a command line that could not be read but for the format.
    pub fn only(format: Format) -> Self {
        Self {
            format,
            unmask: false,
            quiet: false,
            colours: false,
            width: None,
            can_ask: false,
            kept: None,
            lost: OnceLock::new(),
            losing: Notify::new(),
        }
    }

    /// Whether the data is made for eyes, so that a sentence beside it is welcome.
    pub fn is_for_people(&self) -> bool {
        self.format == Format::Table
    }

    /// For what is text by nature.
    ///
    /// # Errors
    /// `Usage` where another format was asked for.
    pub fn must_be_text(&self, what: &str) -> Result<(), Problem> {
        match self.is_for_people() {
            true => Ok(()),
            false => Err(Problem::new(
                Class::Usage,
                format!("{what} has no other format than text."),
                "Leave --output out.",
            )),
        }
    }

    /// Whether problems are data too.
    fn is_json(&self) -> bool {
        matches!(self.format, Format::Json | Format::Ndjson)
    }

    /// Prints an answer; `text` is what people see of it.
    pub fn print<A: Answer>(&self, answer: &A, text: impl FnOnce() -> String) {
        match self.format {
            Format::Table => self.data(&text()),
            Format::Json => self.json(answer),
            Format::Ndjson => match serde_json::to_value(answer) {
                Ok(mut rest) => {
                    let rows = rest.as_object_mut().and_then(|rest| rest.remove(A::ROWS));
                    for row in rows.as_ref().and_then(Value::as_array).into_iter().flatten() {
                        self.data(&row.to_string());
                    }
                    self.data(&rest.to_string());
                }
                Err(error) => self.say(&unwritable(&error)),
            },
            Format::Csv => self.data(&answer.sheet().csv()),
            Format::Markdown => self.data(&answer.markdown()),
        }
    }

    /// Prints data.
    pub fn data(&self, text: &str) {
        self.write(&format!("{}\n", text.trim_end()));
    }

    fn write(&self, text: &str) {
        match &self.kept {
            Some(kept) => kept.lock().unwrap_or_else(PoisonError::into_inner).push_str(text),
            None => self.wrote(std::io::stdout().lock().write_all(text.as_bytes())),
        }
    }

    /// Keeps the first reason why data did not arrive.
    fn wrote(&self, written: std::io::Result<()>) {
        if let Err(error) = written
            && self.lost.set(error).is_ok()
        {
            self.losing.notify_one();
        }
    }

    /// Waits until whoever reads the data has seen enough.
    pub async fn reader_left(&self) {
        loop {
            self.losing.notified().await;
            if self
                .lost
                .get()
                .is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
            {
                return;
            }
        }
    }

    /// Why the data are not whole, where that is not the reader's own wish.
    pub fn loss(&self) -> Option<Problem> {
        let error = self
            .lost
            .get()
            .filter(|error| error.kind() != ErrorKind::BrokenPipe)?;
        Some(Problem::new(
            Class::Internal,
            format!("The answer could not be written: {error}."),
            "Is there room where stdout goes?",
        ))
    }

    /// Prints a piece of an answer that comes in pieces, as it is and at once.
    pub fn piece(&self, text: &str) {
        self.write(text);
        if self.kept.is_none() {
            self.wrote(std::io::stdout().lock().flush());
        }
    }

    /// A value on one line of JSON.
    pub fn line_of(&self, value: &impl Serialize) -> String {
        serde_json::to_string(value).unwrap_or_else(|error| {
            self.say(&unwritable(&error));
            "null".into()
        })
    }

    /// One value: for NDJSON a line.
    pub fn json(&self, value: &impl Serialize) {
        let text = match self.format {
            Format::Ndjson => serde_json::to_string(value),
            _ => serde_json::to_string_pretty(value),
        };
        match text {
            Ok(text) => self.data(&text),
            Err(error) => self.say(&unwritable(&error)),
        }
    }

    /// Tells something beside the data.
    pub fn say(&self, text: &str) {
        if !self.quiet {
            writeln!(std::io::stderr().lock(), "{text}").ok();
        }
    }

    /// Tells what went wrong while the answer was printed.
    pub fn complain(&self, problem: &Problem) {
        let mut stderr = std::io::stderr().lock();
        writeln!(stderr, "error: {}", problem.message).ok();
        if !problem.hint.is_empty() {
            writeln!(stderr, "  hint: {}", problem.hint).ok();
        }
    }

    /// Shows what a question is about: whoever is asked sees it, however quiet it is to be.
    pub fn show(&self, text: &str) {
        writeln!(std::io::stderr().lock(), "{text}").ok();
    }

    /// Tells what of a list could not be read.
    pub fn unreadable(&self, errors: &[Error]) {
        for error in errors {
            self.say(&format!("? {} {}", error.what, error.hint));
        }
    }

    /// Tells why the command ended: in JSON the first problem is the data.
    pub fn problems(&self, problems: &[Problem]) {
        if self.is_json()
            && let Some(first) = problems.first()
        {
            let all: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
            let told = Problem {
                message: all.join(" "),
                ..first.clone()
            };
            return self.json(&ErrorView { error: told });
        }
        for problem in problems {
            self.complain(problem);
        }
    }

    /// Asks for a line of text; `None` where nothing was said.
    pub fn ask_for(&self, question: &str) -> Option<String> {
        write!(std::io::stderr().lock(), "{question} ").ok();
        let mut answer = String::new();
        std::io::stdin().read_line(&mut answer).ok()?;
        let answer = crate::domain::text::clean(answer.trim());
        (!answer.is_empty()).then_some(answer)
    }

    /// Asks a question that only `y` or `yes` answers with yes.
    pub fn ask(&self, question: &str) -> bool {
        write!(std::io::stderr().lock(), "{question} [y/N] ").ok();
        let mut answer = String::new();
        std::io::stdin().read_line(&mut answer).is_ok()
            && matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")
    }
}

/// Whether there are colours: the flag wins over `NO_COLOR` (not empty), which wins over `CLICOLOR_FORCE` (neither empty nor
/// 0), which wins over what the terminal can do.
fn coloured(flag: ColorChoice, terminal: bool, variable: impl Fn(&str) -> Option<String>) -> bool {
    let is_set = |name: &str| variable(name).filter(|value| !value.is_empty());
    match flag {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto if is_set("NO_COLOR").is_some() => false,
        ColorChoice::Auto if is_set("CLICOLOR_FORCE").is_some_and(|value| value != "0") => true,
        ColorChoice::Auto => terminal && variable("TERM").as_deref() != Some("dumb"),
    }
}

fn unwritable(error: &serde_json::Error) -> String {
    format!("error: the answer could not be written as JSON: {error}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flag_wins_then_no_color_then_the_terminal() {
        use ColorChoice::{Always, Auto, Never};
        for (flag, terminal, variables, expected) in [
            (Auto, true, [].as_slice(), true),
            (Auto, false, &[], false),
            (Auto, true, &[("NO_COLOR", "1")], false),
            (Auto, true, &[("NO_COLOR", "0")], false),
            (Auto, true, &[("NO_COLOR", "")], true),
            (Auto, true, &[("TERM", "dumb")], false),
            (Auto, false, &[("CLICOLOR_FORCE", "1")], true),
            (Auto, false, &[("CLICOLOR_FORCE", "0")], false),
            (Auto, true, &[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")], false),
            (Always, false, &[("NO_COLOR", "1"), ("TERM", "dumb")], true),
            (Never, true, &[("CLICOLOR_FORCE", "1")], false),
        ] {
            let found = coloured(flag, terminal, |name| {
                let found = variables.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_string())
            });
            assert_eq!(found, expected, "{terminal} {variables:?}");
        }
    }
}

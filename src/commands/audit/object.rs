//! `-o json`: one object whose lists are written as they come, a line a row.

use super::telling::{Sweep, Telling};
use crate::audit::report::{Row, Summary};
use crate::commands::json::{AuditHead, AuditRest, SCHEMA, SignupView, StrayView};
use crate::commands::output::Output;
use crate::domain::stray::Stray;

pub struct Object<'a> {
    output: &'a Output,
    both: bool,
    tenants: usize,
    /// The list that stands open, and how many rows it has.
    list: Option<(&'static str, usize)>,
    /// Of the only tenant: it closes the object, and what comes after it stands before.
    rest: Option<AuditRest>,
}

impl<'a> Object<'a> {
    pub fn new(output: &'a Output, both: bool) -> Self {
        Self {
            output,
            both,
            tenants: 0,
            list: None,
            rest: None,
        }
    }

    /// Opens a list of this name, unless it is the one that stands open.
    fn open(&mut self, name: &'static str) {
        if self.list.is_none_or(|(open, _)| open != name) {
            self.close();
            self.output.piece(&format!(",\n\"{name}\":["));
            self.list = Some((name, 0));
        }
    }

    fn close(&mut self) {
        if let Some((_, rows)) = self.list.take() {
            self.output.piece(if rows > 0 { "\n]" } else { "]" });
        }
    }

    /// Writes rows into the list that stands open.
    fn rows(&mut self, lines: impl IntoIterator<Item = String>) {
        let mut text = String::new();
        for line in lines {
            if let Some((_, rows)) = &mut self.list {
                text += if *rows > 0 { ",\n" } else { "\n" };
                *rows += 1;
            }
            text += &line;
        }
        self.output.piece(&text);
    }

    fn views(&mut self, rows: &[Row]) {
        let output = self.output;
        self.rows(
            rows.iter()
                .map(|row| output.line_of(&SignupView::new(row, output.unmask))),
        );
    }

    /// The fields of an object after others.
    fn fields(&self, value: &impl serde::Serialize) {
        let line = self.output.line_of(value);
        let inner = line.trim_start_matches('{').strip_suffix('}').unwrap_or_default();
        self.output.piece(&format!(",\n{inner}"));
    }
}

impl Telling for Object<'_> {
    fn begin(&mut self, tenant: &str) {
        let head = self.output.line_of(&AuditHead::of(tenant));
        let head = head.trim_end_matches('}');
        let before = match (self.both, self.tenants) {
            (false, _) => String::new(),
            (true, 0) => format!("{{\"schema\":{SCHEMA},\"tenants\":[\n"),
            (true, _) => ",\n".into(),
        };
        self.tenants += 1;
        self.output.piece(&format!("{before}{head}"));
        self.open("signups");
    }

    fn signups(&mut self, rows: &[Row]) {
        self.views(rows);
    }

    fn orphans(&mut self, rows: &[Row]) {
        self.open("orphans");
        self.views(rows);
    }

    fn end(&mut self, summary: &Summary) {
        self.open("orphans");
        self.close();
        let rest = AuditRest::new(summary);
        if self.both {
            self.fields(&rest);
            self.output.piece("}");
        } else {
            self.rest = Some(rest);
        }
    }

    fn stray(&mut self, stray: &Stray) {
        self.after_the_tenants();
        self.open("orphan_accounts");
        let line = self.output.line_of(&StrayView::new(stray, self.output.unmask));
        self.rows([line]);
    }

    fn finish(&mut self, sweep: Option<&Sweep>) {
        self.after_the_tenants();
        self.open("orphan_accounts");
        self.close();
        let of_others = sweep.and_then(|sweep| sweep.of_others);
        let of_others = self.output.line_of(&of_others);
        self.output
            .piece(&format!(",\n\"accounts_of_others\":{of_others}"));
        let problem = sweep.and_then(|sweep| sweep.problem.clone());
        match self.rest.take() {
            Some(mut rest) => {
                rest.error = rest.error.or(problem);
                self.fields(&rest);
            }
            None => {
                let problem = self.output.line_of(&problem);
                self.output.piece(&format!(",\n\"error\":{problem}"));
            }
        }
        self.output.piece("}\n");
    }
}

impl Object<'_> {
    /// Closes the list of the tenants once.
    fn after_the_tenants(&mut self) {
        if self.both && self.tenants > 0 {
            self.tenants = 0;
            self.output.piece("\n]");
        }
    }
}

//! `-o ndjson`: a line a signup; what is no signup stands in an object of its name; and a line with the summary.

use super::telling::{Sweep, Telling};
use crate::audit::report::{Row, Summary};
use crate::commands::json::{AuditHead, AuditLine, AuditRest, AuditSummary, SCHEMA, SignupView, StrayView};
use crate::commands::output::Output;
use crate::domain::stray::Stray;

pub struct Lines<'a> {
    output: &'a Output,
    both: bool,
    /// Of the only tenant: it is the last line.
    last: Option<AuditSummary>,
}

impl<'a> Lines<'a> {
    pub fn new(output: &'a Output, both: bool) -> Self {
        Self {
            output,
            both,
            last: None,
        }
    }

    fn line(&self, line: AuditLine) {
        self.output.data(&self.output.line_of(&line));
    }
}

impl Telling for Lines<'_> {
    fn begin(&mut self, _tenant: &str) {}

    fn signups(&mut self, rows: &[Row]) {
        for row in rows {
            self.line(AuditLine::Signup(SignupView::new(row, self.output.unmask).into()));
        }
    }

    fn orphans(&mut self, rows: &[Row]) {
        for row in rows {
            let orphan = SignupView::new(row, self.output.unmask);
            self.line(AuditLine::Orphan {
                orphan: orphan.into(),
            });
        }
    }

    fn end(&mut self, summary: &Summary) {
        let last = AuditSummary {
            head: AuditHead::of(&summary.tenant),
            rest: AuditRest::new(summary),
            accounts_of_others: None,
        };
        if self.both {
            self.line(AuditLine::Summary(last.into()));
        } else {
            self.last = Some(last);
        }
    }

    fn stray(&mut self, stray: &Stray) {
        let orphan_account = StrayView::new(stray, self.output.unmask);
        self.line(AuditLine::OrphanAccount { orphan_account });
    }

    fn finish(&mut self, sweep: Option<&Sweep>) {
        let of_others = sweep.and_then(|sweep| sweep.of_others);
        let problem = sweep.and_then(|sweep| sweep.problem.clone());
        if let Some(mut last) = self.last.take() {
            last.accounts_of_others = of_others;
            last.rest.error = last.rest.error.or(problem);
            self.line(AuditLine::Summary(last.into()));
        } else if sweep.is_some() {
            self.line(AuditLine::Sweep {
                schema: SCHEMA,
                accounts_of_others: of_others,
                error: problem,
            });
        }
    }
}

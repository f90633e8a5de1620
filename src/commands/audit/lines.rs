//! `-o ndjson`: a line a signup; what is no signup stands in an object of its name; and a line with the summary.

use serde::Serialize;

use super::telling::{Sweep, Telling};
use crate::audit::report::{Row, Summary};
use crate::commands::json::{AuditHead, AuditRest, SCHEMA, SignupView, StrayView};
use crate::commands::output::Output;
use crate::domain::Problem;
use crate::domain::stray::Stray;

pub struct Lines<'a> {
    output: &'a Output,
    both: bool,
    /// Of the only tenant: it is the last line.
    last: Option<LastLine>,
}

#[derive(Serialize)]
struct OrphanLine {
    orphan: SignupView,
}

#[derive(Serialize)]
struct StrayLine {
    orphan_account: StrayView,
}

/// The summary of a tenant.
#[derive(Serialize)]
struct LastLine {
    #[serde(flatten)]
    head: AuditHead,
    #[serde(flatten)]
    rest: AuditRest,
    #[serde(skip_serializing_if = "Option::is_none")]
    accounts_of_others: Option<usize>,
}

/// With `both`, the summary of what the tenants share.
#[derive(Serialize)]
struct SweepLine {
    schema: u32,
    accounts_of_others: Option<usize>,
    error: Option<Problem>,
}

impl<'a> Lines<'a> {
    pub fn new(output: &'a Output, both: bool) -> Self {
        Self {
            output,
            both,
            last: None,
        }
    }

    fn line(&self, value: &impl Serialize) {
        self.output.data(&self.output.line_of(value));
    }
}

impl Telling for Lines<'_> {
    fn begin(&mut self, _tenant: &str) {}

    fn signups(&mut self, rows: &[Row]) {
        for row in rows {
            self.line(&SignupView::new(row, self.output.unmask));
        }
    }

    fn orphans(&mut self, rows: &[Row]) {
        for row in rows {
            let orphan = SignupView::new(row, self.output.unmask);
            self.line(&OrphanLine { orphan });
        }
    }

    fn end(&mut self, summary: &Summary) {
        let last = LastLine {
            head: AuditHead::of(&summary.tenant),
            rest: AuditRest::new(summary),
            accounts_of_others: None,
        };
        if self.both {
            self.line(&last);
        } else {
            self.last = Some(last);
        }
    }

    fn stray(&mut self, stray: &Stray) {
        let orphan_account = StrayView::new(stray, self.output.unmask);
        self.line(&StrayLine { orphan_account });
    }

    fn finish(&mut self, sweep: Option<&Sweep>) {
        let of_others = sweep.and_then(|sweep| sweep.of_others);
        let problem = sweep.and_then(|sweep| sweep.problem.clone());
        if let Some(mut last) = self.last.take() {
            last.accounts_of_others = of_others;
            last.rest.error = last.rest.error.or(problem);
            self.line(&last);
        } else if sweep.is_some() {
            self.line(&SweepLine {
                schema: SCHEMA,
                accounts_of_others: of_others,
                error: problem,
            });
        }
    }
}

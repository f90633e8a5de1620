//! The JSON of `diagnose`, as types, and its rows.

use serde::Serialize;

use super::super::output::{Answer, Sheet};
use crate::domain::check::Check;
use crate::domain::event::StepReport;
use crate::domain::suspect::{Cause, Suspect};
use crate::provisioning::code_index::IndexDeed;

#[derive(Serialize, schemars::JsonSchema)]
pub struct DiagnoseView {
    pub schema: u32,
    /// Nothing was to be written: neither `--fix` nor `--fix-index` was there.
    pub dry_run: bool,
    pub checks: Vec<Check>,
    /// What `--fix-index` did.
    pub index_steps: Vec<IndexStepView>,
    /// The steps of the rehearsal.
    pub steps: Vec<StepReport>,
    /// The most likely one.
    pub cause: CauseView,
}

#[derive(Serialize, schemars::JsonSchema)]
pub struct IndexStepView {
    /// `make code_unique`, `drop code_1, while code_unique guards the codes`.
    pub step: String,
    pub ms: u64,
}

#[derive(Serialize, schemars::JsonSchema)]
pub struct CauseView {
    pub id: Suspect,
    pub message: String,
    pub hint: String,
}

impl From<&IndexDeed> for IndexStepView {
    fn from(deed: &IndexDeed) -> Self {
        Self {
            step: deed.step.describe(),
            ms: u64::try_from(deed.took.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

impl From<&Cause> for CauseView {
    fn from(cause: &Cause) -> Self {
        Self {
            id: cause.suspect,
            message: cause.message.clone(),
            hint: cause.hint.clone(),
        }
    }
}

impl Answer for DiagnoseView {
    const ROWS: &'static str = "checks";

    fn sheet(&self) -> Sheet {
        let mut sheet = super::checks::checks(&self.checks);
        // What all the rows come to is what the reader came for.
        let cause = &self.cause;
        sheet.row([
            "cause".into(),
            String::new(),
            cause.message.clone(),
            cause.hint.clone(),
        ]);
        sheet
    }
}

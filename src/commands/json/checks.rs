//! The JSON of `check-config`, as types.

use serde::Serialize;

use super::super::output::{Answer, Sheet};
use super::SCHEMA;
use crate::domain::check::{Check, CheckState};

#[derive(Serialize, schemars::JsonSchema)]
pub struct ChecksView {
    schema: u32,
    pub checks: Vec<Check>,
    pub totals: CheckTotals,
}

#[derive(Serialize, schemars::JsonSchema, Clone, Copy)]
pub struct CheckTotals {
    pub ok: usize,
    pub warning: usize,
    pub problem: usize,
    pub unknown: usize,
}

impl ChecksView {
    pub fn new(checks: Vec<Check>) -> Self {
        let count = |state| checks.iter().filter(|check| check.state == state).count();
        Self {
            schema: SCHEMA,
            totals: CheckTotals {
                ok: count(CheckState::Ok),
                warning: count(CheckState::Warning),
                problem: count(CheckState::Problem),
                unknown: count(CheckState::Unknown),
            },
            checks,
        }
    }
}

impl Answer for ChecksView {
    const ROWS: &'static str = "checks";

    fn sheet(&self) -> Sheet {
        checks(&self.checks)
    }
}

pub(super) fn checks(checks: &[Check]) -> Sheet {
    let mut sheet = Sheet::new(&["id", "state", "message", "hint"]);
    for check in checks {
        sheet.row([
            check.id.clone(),
            check.state.word().to_string(),
            check.message.clone(),
            check.hint.clone(),
        ]);
    }
    sheet
}

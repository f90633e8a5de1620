//! The JSON of the contract, section 6, as types.

mod audit;
mod runs;
mod sheets;

use jiff::Timestamp;
use serde::Serialize;

pub use audit::{AuditHead, AuditRest, SignupView, StrayView};
pub use runs::{DeedView, HistoryView, RunView, RunWithUsersView, RunsView};

use crate::domain::Problem;
use crate::domain::event::{Outcome, StepReport};
use crate::domain::run::{JobState, Pause};
use crate::domain::text::clean;

pub const SCHEMA: u32 = 1;

/// Personal data as it is shown: cleaned always, masked unless asked otherwise.
pub fn shown(text: &str, unmask: bool, mask: impl Fn(&str) -> String) -> String {
    let text = clean(text);
    if unmask { text } else { mask(&text) }
}

#[derive(Serialize)]
pub struct BackfillView {
    pub schema: u32,
    /// The run's id; `None` for a dry run, of which nothing is kept.
    pub run: Option<String>,
    pub tenant: String,
    pub dry_run: bool,
    /// Why the run stopped by itself.
    pub pause: Option<Pause>,
    pub users: Vec<UserView>,
    pub totals: OutcomeTotals,
}

#[derive(Serialize, Clone)]
pub struct UserView {
    pub tenant: String,
    pub sub: String,
    /// `None` where nothing ended: in a dry run, and for whom is left for later.
    pub outcome: Option<Outcome>,
    /// What would be done, or was to be done.
    pub plan: Vec<&'static str>,
    /// What is left to manual work, and why.
    pub left: Vec<String>,
    pub steps: Vec<StepReport>,
    pub error: Option<Problem>,
    /// How the job stands in the store. `None` in a dry run.
    pub state: Option<JobState>,
    pub attempts: u32,
    pub next_try: Option<Timestamp>,
}

#[derive(Serialize, Default, Clone, Copy)]
pub struct OutcomeTotals {
    pub done: usize,
    pub nothing: usize,
    pub failed: usize,
    pub refused: usize,
    pub cancelled: usize,
}

impl OutcomeTotals {
    pub fn of(users: &[UserView]) -> Self {
        Self::counted(users.iter().filter_map(|user| user.outcome))
    }
}

/// The variables that point at a sandbox. Its secrets are worth nothing outside of it.
#[derive(Serialize)]
pub struct VariablesView {
    pub schema: u32,
    pub variables: Vec<VariableView>,
}

#[derive(Serialize)]
pub struct VariableView {
    pub name: String,
    pub value: String,
}

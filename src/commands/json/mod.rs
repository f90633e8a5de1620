//! The JSON of the contract, section 6, as types.

mod audit;
mod changes;
mod checks;
mod diagnose;
mod report;
mod runs;
mod schemas;
mod sheets;
mod watch;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

pub use audit::{AuditAnswer, AuditHead, AuditLine, AuditRest, AuditSummary, SignupView, StrayView};
pub use changes::PlannedChangeView;
pub use checks::{CheckTotals, ChecksView};
pub use diagnose::{DiagnoseView, IndexStepView};
pub use report::ReportView;
pub use runs::{DeedView, HistoryView, MoveView, RunView, RunWithUsersView, RunsView};
pub use schemas::schemas;
pub use watch::{
    AlertTestView, ReceiverView, SilentView, TroubleView, WatchEvent, WatchRow, WatchView, WatchedView,
};

use crate::domain::Problem;
use crate::domain::event::{Outcome, StepReport};
use crate::domain::plan::Step;
use crate::domain::run::{JobState, Pause};
use crate::domain::text::clean;

pub const SCHEMA: u32 = 1;

/// Personal data as it is shown: cleaned always, masked unless asked otherwise.
pub fn shown(text: &str, unmask: bool, mask: impl Fn(&str) -> String) -> String {
    let text = clean(text);
    if unmask { text } else { mask(&text) }
}

/// What a command prints that ended by an error.
#[derive(Serialize, JsonSchema)]
pub struct ErrorView {
    pub error: Problem,
}

#[derive(Serialize, JsonSchema)]
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

#[derive(Serialize, JsonSchema, Clone)]
pub struct UserView {
    pub tenant: String,
    pub sub: String,
    /// `None` where nothing ended: in a dry run, and for whom is left for later.
    pub outcome: Option<Outcome>,
    /// What would be done, or was to be done.
    pub plan: Vec<Step>,
    /// What the plan changes, in the order of its steps, as it was shown before anything was written. Empty where that is
    /// not kept, and where the job planned anew and otherwise.
    pub changes: Vec<PlannedChangeView>,
    /// The recorded DID whose account is gone, and whose place a new one takes.
    pub replaces: Option<String>,
    /// What is left to manual work, and why.
    pub left: Vec<String>,
    pub steps: Vec<StepReport>,
    pub error: Option<Problem>,
    /// How the job stands in the store. `None` in a dry run.
    pub state: Option<JobState>,
    pub attempts: u32,
    pub next_try: Option<Timestamp>,
}

#[derive(Serialize, JsonSchema, Default, Clone, Copy)]
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
#[derive(Serialize, JsonSchema)]
pub struct VariablesView {
    pub schema: u32,
    pub variables: Vec<VariableView>,
}

#[derive(Serialize, JsonSchema)]
pub struct VariableView {
    pub name: String,
    pub value: String,
}

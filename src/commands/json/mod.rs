//! The JSON of the contract, section 6, as types.

mod checks;
mod report;
mod runs;
mod schemas;
mod sheets;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

pub use checks::{CheckTotals, ChecksView};
pub use report::ReportView;
pub use runs::{DeedView, HistoryView, RunView, RunWithUsersView, RunsView};
pub use schemas::schemas;

use crate::audit::report::Report;
use crate::domain::event::{Outcome, StepReport};
use crate::domain::run::{JobState, Pause};
use crate::domain::signup::Signup;
use crate::domain::tally::{Systemic, Totals};
use crate::domain::text::{clean, mask_email, mask_handle, mask_name};
use crate::domain::{Column, Diagnosis, Finding, Policy, Problem, plan};

pub const SCHEMA: u32 = 1;

#[derive(Serialize, JsonSchema)]
pub struct AuditView {
    schema: u32,
    tenant: String,
    checked_at: Timestamp,
    duration_ms: u128,
    sources: Sources,
    totals: Totals,
    systemic: Vec<Systemic>,
    signups: Vec<SignupView>,
    orphans: Vec<SignupView>,
}

/// What an audit prints: one tenant, or several.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
pub enum AuditAnswer {
    One(Box<AuditView>),
    Both(AuditsView),
}

/// With `both`: one object whose `tenants` holds one audit each.
#[derive(Serialize, JsonSchema)]
pub struct AuditsView {
    pub schema: u32,
    pub tenants: Vec<AuditView>,
}

#[derive(Serialize, JsonSchema)]
struct Sources {
    auth0: &'static str,
    mongo: &'static str,
    pds: &'static str,
    plc: &'static str,
}

#[derive(Serialize, JsonSchema)]
struct SignupView {
    tenant: String,
    sub: String,
    key: String,
    created_at: Option<Timestamp>,
    email: Option<String>,
    email_verified: Option<bool>,
    handle: Option<String>,
    code: Option<String>,
    did: Option<String>,
    pds_handle: Option<String>,
    columns: Columns,
    findings: Vec<Finding>,
    /// Why a column is unknown although its backend answered.
    notes: Vec<String>,
    plan: Vec<&'static str>,
}

#[derive(Serialize, JsonSchema)]
struct Columns {
    auth0: &'static str,
    mongo: &'static str,
    code: &'static str,
    did: &'static str,
    pds: &'static str,
}

impl AuditView {
    pub fn new(report: &Report, unmask: bool) -> Self {
        let source = |name: &str| {
            let found = report.sources.iter().find(|source| source.name == name);
            found.map_or("unknown", |source| source.liveness.word())
        };
        let views = |rows: &[(Signup, Diagnosis)]| {
            rows.iter()
                .map(|(signup, diagnosis)| SignupView::new(signup, diagnosis, unmask))
                .collect()
        };
        Self {
            schema: SCHEMA,
            tenant: report.tenant.clone(),
            checked_at: report.checked_at,
            duration_ms: report.took.as_millis(),
            sources: Sources {
                auth0: source("auth0"),
                mongo: source("mongo"),
                pds: source("pds"),
                plc: source("plc"),
            },
            totals: report.totals(),
            systemic: report.systemic(),
            signups: views(&report.rows),
            orphans: views(&report.orphans),
        }
    }
}

impl SignupView {
    fn new(signup: &Signup, diagnosis: &Diagnosis, unmask: bool) -> Self {
        let word = |column| diagnosis.state(column).word();
        Self {
            tenant: signup.tenant.clone(),
            sub: clean(&signup.sub),
            key: clean(&signup.key),
            created_at: signup.created_at(),
            email: signup.email().map(|email| shown(email, unmask, mask_email)),
            email_verified: signup.verified(),
            handle: signup.name.present().map(|name| shown(name, unmask, mask_name)),
            code: signup.code().map(clean),
            did: signup.did().map(clean),
            pds_handle: signup
                .any_account()
                .map(|account| shown(&account.handle, unmask, mask_handle)),
            columns: Columns {
                auth0: word(Column::Auth0),
                mongo: word(Column::Mongo),
                code: word(Column::Code),
                did: word(Column::Did),
                pds: word(Column::Pds),
            },
            findings: diagnosis.findings.clone(),
            notes: diagnosis.notes.clone(),
            plan: plan(signup, diagnosis, Policy::default()).names(),
        }
    }
}

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

//! What is shown, as it is handed to whoever writes it into a file: in which format, under which name, and what of it.

use std::path::PathBuf;

use jiff::Timestamp;

use super::applies::may_export;
use super::columns::{Column, job_words};
use super::state::State;
use crate::domain::tally::Systemic;
use crate::domain::{Column as Status, Diagnosis, Signup};
use crate::services::health::ServiceHealth;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Csv,
    Json,
    Ndjson,
    Markdown,
}

impl Format {
    pub const ALL: [Self; 4] = [Self::Csv, Self::Json, Self::Ndjson, Self::Markdown];

    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::Json => "JSON",
            Self::Ndjson => "NDJSON",
            Self::Markdown => "Markdown",
        }
    }

    pub fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Markdown => "md",
        }
    }

    /// What it is good for.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Csv => "the columns that are shown, for a spreadsheet",
            Self::Json => "everything about each, as audit -o json tells it",
            Self::Ndjson => "the same, a line each",
            Self::Markdown => "the columns that are shown, for a ticket",
        }
    }
}

/// One row that is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    pub signup: Signup,
    pub diagnosis: Diagnosis,
    /// What a job does about them.
    pub job: Option<String>,
}

/// A tenant whose rows are shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    pub name: String,
    /// When those of its rows that are exported were read, the oldest reading of them.
    pub checked_at: Timestamp,
    /// How many of its rows are loaded, shown or not.
    pub loaded: usize,
    pub systemic: Option<Systemic>,
}

/// What is to be written, captured when somebody asked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    pub format: Format,
    /// Nothing is written over: where there is such a file, another name is found.
    pub path: PathBuf,
    pub unmask: bool,
    /// How the services did.
    pub health: Vec<ServiceHealth>,
    pub tenants: Vec<Tenant>,
    /// In the order of the screen.
    pub rows: Vec<Shown>,
    /// The columns of a sheet, by the names that `audit -o csv` has for them; `job` is one more.
    pub fields: Vec<&'static str>,
}

impl Export {
    /// # Errors
    /// Why what is shown cannot be exported yet, as a sentence.
    pub fn of(state: &State, format: Format, at: Timestamp) -> Result<Self, String> {
        may_export(state)?;
        let rows = state.shown.iter().filter_map(|id| {
            let row = state.rows.get(id)?;
            let job = state.jobs.get(id);
            Some(Shown {
                signup: row.signup.clone(),
                diagnosis: row.diagnosis.clone(),
                job: job.map(|job| job_words(job, state)),
            })
        });
        let tenants = state.chosen().iter().filter_map(|name| tenant(state, name));
        Ok(Self {
            format,
            path: path(state, format, at),
            unmask: !state.masked,
            health: state.health.clone(),
            tenants: tenants.collect(),
            rows: rows.collect(),
            fields: fields(state),
        })
    }
}

/// Where it will lie: the folder in which the dashboard was started, the tenant and the time.
pub fn path(state: &State, format: Format, at: Timestamp) -> PathBuf {
    let tenant: String = match state.chosen() {
        [one] => one
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || "-_".contains(*c))
            .collect(),
        _ => "all".into(),
    };
    let at = at.strftime("%Y-%m-%dT%H%M%SZ");
    let name = format!("atriage-{tenant}-{at}.{}", format.ending());
    state.setup.folder.join(name)
}

/// `None` where its rows were never read to their end.
fn tenant(state: &State, name: &str) -> Option<Tenant> {
    let systemic = state.tally.systemic.iter().find(|(tenant, _)| tenant == name);
    let exported = state.shown.iter().filter(|id| id.tenant == name);
    let read = exported.filter_map(|id| Some(state.rows.get(id)?.read_at));
    Some(Tenant {
        name: name.into(),
        checked_at: read.fold(state.walks.get(name)?.fresh_at?, Timestamp::min),
        loaded: state.rows.keys().filter(|id| id.tenant == name).count(),
        systemic: systemic.map(|(_, found)| found.clone()),
    })
}

/// What the chosen columns are in a sheet, in their order; the tenant first, without which no id says whose it is.
fn fields(state: &State) -> Vec<&'static str> {
    let has_jobs = state.jobs.all().next().is_some();
    let mut fields = vec!["tenant"];
    for column in state.layout.shown(state.shows_all_tenants()) {
        let its: &[&'static str] = match column {
            Column::Mark | Column::Tenant => &[],
            Column::Age => &["created_at"],
            Column::User => &["sub", "email", "email_verified"],
            Column::Sub => &["sub"],
            Column::Handle => &["handle"],
            Column::Status(Status::Auth0) => &["auth0_state"],
            Column::Status(Status::Mongo) => &["mongo_state"],
            Column::Status(Status::Code) => &["code", "code_state"],
            Column::Status(Status::Did) => &["did", "did_state"],
            Column::Status(Status::Pds) => &["pds_handle", "pds_state"],
            Column::Finding => &["findings", "messages", "plan"],
            Column::Job if has_jobs => &["job"],
            Column::Job => &[],
        };
        fields.extend(
            its.iter()
                .filter(|field| !fields.contains(field))
                .copied()
                .collect::<Vec<_>>(),
        );
    }
    fields
}

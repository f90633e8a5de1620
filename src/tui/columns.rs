//! The columns of the table: one enum, whose header, width, cell, sort key and priority each come from one `match`.
//!
//! ```text
//!     AGE USER                   HANDLE     AUTH0     MONGO     CODE        DID       PDS       JOB
//! ▸●  3m  m…@example.com         –          ✓ ok      ✗ missing ✗ missing   ✗ missing ✗ missing
//! ```

use std::cmp::Ordering;

use jiff::Timestamp;

use crate::domain::{Column as Status, Finding, Outcome, Severity, State as Fact};

use super::asked::in_plain_words;
use super::jobs::{Job, Phase};
use super::state::{Row, State};
use super::theme::{Role, Theme};
use super::words;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Column {
    /// The cursor, the mark, and a glyph of the job where the job's own column has no room.
    Mark,
    Age,
    Tenant,
    User,
    Handle,
    Status(Status),
    Job,
    /// The worst thing that was found.
    Finding,
    /// Auth0's id.
    Sub,
}

/// What stands in a cell.
pub struct Cell {
    pub text: String,
    pub role: Role,
}

impl Cell {
    fn new(text: impl Into<String>, role: Role) -> Self {
        Self {
            text: text.into(),
            role,
        }
    }

    fn nothing() -> Self {
        Self::new("–", Role::Dim)
    }
}

/// A row with what belongs to it, as cells see it.
pub struct Seen<'a> {
    pub row: &'a Row,
    pub job: Option<&'a Job>,
    pub marked: bool,
    pub cursor: bool,
}

impl Column {
    pub const ALL: [Self; 13] = [
        Self::Mark,
        Self::Age,
        Self::Tenant,
        Self::User,
        Self::Handle,
        Self::Status(Status::Auth0),
        Self::Status(Status::Mongo),
        Self::Status(Status::Code),
        Self::Status(Status::Did),
        Self::Status(Status::Pds),
        Self::Finding,
        Self::Job,
        Self::Sub,
    ];

    /// How the configuration and the memory of the screen call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mark => "mark",
            Self::Age => "age",
            Self::Tenant => "tenant",
            Self::User => "user",
            Self::Handle => "handle",
            Self::Status(column) => column.word(),
            Self::Job => "job",
            Self::Finding => "finding",
            Self::Sub => "sub",
        }
    }

    /// What stands in it, for whoever chooses.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Mark => "the cursor and the mark",
            Self::Age => "how long ago they signed up",
            Self::Tenant => "where they signed up; seen when all tenants are",
            Self::User => "the e-mail, else the id",
            Self::Handle => "the name that was chosen",
            Self::Status(Status::Auth0) => "the user, the e-mail verified",
            Self::Status(Status::Mongo) => "the records in users and verifications",
            Self::Status(Status::Code) => "the user code",
            Self::Status(Status::Did) => "DID, handle and password, written down",
            Self::Status(Status::Pds) => "the account, under the wanted handle",
            Self::Job => "what a job does about them",
            Self::Finding => "the worst thing that was found",
            Self::Sub => "the id in Auth0",
        }
    }

    /// Without these nobody can be told from others, or looks whole who is not.
    pub fn is_always_shown(self) -> bool {
        matches!(self, Self::Mark | Self::User | Self::Status(_))
    }

    pub fn header(self) -> &'static str {
        match self {
            Self::Mark => "",
            Self::Age => "AGE",
            Self::Tenant => "TENANT",
            Self::User => "USER",
            Self::Handle => "HANDLE",
            Self::Status(Status::Auth0) => "AUTH0",
            Self::Status(Status::Mongo) => "MONGO",
            Self::Status(Status::Code) => "CODE",
            Self::Status(Status::Did) => "DID",
            Self::Status(Status::Pds) => "PDS",
            Self::Job => "JOB",
            Self::Finding => "FINDING",
            Self::Sub => "SUB",
        }
    }

    /// The least width that is worth having, and the most that is of use.
    pub fn width(self, narrow: bool, theme: &Theme) -> (u16, u16) {
        let glyph = theme.glyph_width() + 1;
        match self {
            Self::Mark => (2, 2),
            Self::Age => (4, 4),
            Self::Tenant => (9, 12),
            Self::User => (7, 32),
            Self::Handle => (12, 22),
            Self::Status(_) if narrow => (glyph + 5, glyph + 5),
            Self::Status(Status::Code) => (glyph + 9, glyph + 10),
            Self::Status(_) => (glyph + 7, glyph + 9),
            Self::Job => (20, 44),
            Self::Finding => (22, 31),
            Self::Sub => (12, 30),
        }
    }

    /// Which column goes first when there is no room: the highest. Those without a number never go. As long as there are no
    /// jobs, theirs is the most useless.
    pub fn priority(self, has_jobs: bool) -> Option<u8> {
        match self {
            Self::Mark | Self::User | Self::Status(_) => None,
            Self::Age => Some(1),
            Self::Tenant => Some(2),
            Self::Job => Some(if has_jobs { 3 } else { 6 }),
            Self::Handle => Some(4),
            Self::Finding => Some(5),
            Self::Sub => Some(7),
        }
    }

    pub fn can_sort(self) -> bool {
        self != Self::Mark
    }

    /// The natural order of two rows: the newest, the worst, the first letter first.
    pub fn compare(self, a: &Seen, b: &Seen) -> Ordering {
        let text = |seen: &Seen| match self {
            Self::Tenant => Some(seen.row.signup.tenant.clone()),
            Self::Handle => handle_of(seen.row).map(str::to_lowercase),
            Self::Sub => Some(seen.row.signup.sub.clone()),
            _ => seen.row.signup.email().map(str::to_lowercase),
        };
        match self {
            Self::Mark => b.marked.cmp(&a.marked),
            Self::Age => newest_first(a).cmp(&newest_first(b)),
            Self::Tenant | Self::User | Self::Handle | Self::Sub => {
                let (a, b) = (text(a), text(b));
                // Those without a text come last.
                (a.is_none(), a).cmp(&(b.is_none(), b))
            }
            Self::Status(column) => a.row.state(column, a.job).cmp(&b.row.state(column, b.job)),
            Self::Job => job_rank(a.job).cmp(&job_rank(b.job)),
            Self::Finding => finding_rank(a.row).cmp(&finding_rank(b.row)),
        }
    }

    pub fn cell(self, seen: &Seen, state: &State, theme: &Theme, narrow: bool) -> Cell {
        let row = seen.row;
        match self {
            Self::Mark => {
                let cursor = if seen.cursor { "▸" } else { " " };
                let mark = if seen.marked { "●" } else { " " };
                Cell::new(format!("{cursor}{mark}"), Role::Strong)
            }
            Self::Age => match row.signup.created_at() {
                Some(at) => Cell::new(words::age(at, state.now), Role::Text),
                None => Cell::nothing(),
            },
            Self::Tenant => Cell::new(words::show(&row.signup.tenant), Role::Text),
            Self::User => Cell::new(words::person(&row.signup, state.masked), Role::Text),
            Self::Handle => match handle_of(row) {
                Some(name) => Cell::new(format!("@{}", words::chosen(name, state.masked)), Role::Text),
                None if row.is_pending() && row.signup.name.is_unknown() => Cell::new("…", Role::Dim),
                None if row.signup.name.is_unknown() => {
                    Cell::new(theme.glyph(Fact::Unknown), Role::State(Fact::Unknown))
                }
                None => Cell::nothing(),
            },
            Self::Status(column) => status(column, seen, state, theme, narrow),
            Self::Job => match seen.job {
                Some(job) => {
                    let fact = job_state(job);
                    let glyph = turning(theme, fact, state);
                    Cell::new(format!("{glyph} {}", job_words(job, state)), Role::State(fact))
                }
                None => Cell::new("", Role::Text),
            },
            Self::Finding => match worst(row) {
                Some(finding) => {
                    let more = match row.diagnosis.findings.len() {
                        1 => String::new(),
                        all => format!(" +{}", all - 1),
                    };
                    Cell::new(format!("{}{more}", finding.id.name()), severity(finding.severity))
                }
                None => Cell::new("", Role::Text),
            },
            Self::Sub => Cell::new(words::show(&row.signup.sub), Role::Dim),
        }
    }
}

/// The finding that weighs most; the first column's among equals.
pub fn worst(row: &Row) -> Option<&Finding> {
    let by_weight = |finding: &&Finding| (std::cmp::Reverse(finding.severity), finding.column, finding.id);
    row.diagnosis.findings.iter().min_by_key(by_weight)
}

/// What is worst comes first, and the same findings together.
fn finding_rank(row: &Row) -> impl Ord + use<> {
    let worst = worst(row).map(|finding| (std::cmp::Reverse(finding.severity), finding.column, finding.id));
    (worst.is_none(), worst)
}

fn severity(severity: Severity) -> Role {
    Role::State(fact_of(severity))
}

/// The state whose glyph and colour a finding has.
pub fn fact_of(severity: Severity) -> Fact {
    match severity {
        Severity::Error => Fact::Missing,
        Severity::Warning => Fact::Drift,
        Severity::Info => Fact::Waiting,
    }
}

fn status(column: Status, seen: &Seen, state: &State, theme: &Theme, narrow: bool) -> Cell {
    let fact = seen.row.state(column, seen.job);
    if fact == Fact::Unknown && seen.row.is_pending() {
        return Cell::new("…", Role::Dim);
    }
    let signup = &seen.row.signup;
    let word = match (column, fact) {
        (Status::Code, Fact::Ok) if !narrow => signup.code().map(words::show),
        (Status::Did, Fact::Ok) if !narrow => signup.did().map(|did| words::tail(&words::show(did), 6)),
        _ => None,
    };
    let word = word.unwrap_or_else(|| if narrow { short_word(fact) } else { fact.word() }.to_string());
    Cell::new(
        format!("{} {word}", turning(theme, fact, state)),
        Role::State(fact),
    )
}

/// The words of the states where a column has five letters.
fn short_word(fact: Fact) -> &'static str {
    match fact {
        Fact::Missing => "miss",
        Fact::Running => "run",
        Fact::Waiting => "wait",
        Fact::Unknown => "unkn",
        Fact::Ok | Fact::Drift => fact.word(),
    }
}

/// The glyph of a state; that of what runs turns with the time.
pub fn turning(theme: &Theme, fact: Fact, state: &State) -> &'static str {
    match fact {
        Fact::Running => theme.spinner(state.now.as_millisecond()),
        _ => theme.glyph(fact),
    }
}

/// The colour and glyph of a job.
pub fn job_state(job: &Job) -> Fact {
    match job.phase {
        Phase::Queued | Phase::Left | Phase::Elsewhere(_) => Fact::Waiting,
        Phase::Waiting { .. } | Phase::Busy { .. } => Fact::Drift,
        Phase::Observing | Phase::Step(_) => Fact::Running,
        Phase::Ended(Outcome::Done | Outcome::Nothing) => Fact::Ok,
        Phase::Ended(Outcome::Failed) => Fact::Missing,
        Phase::Ended(Outcome::Refused) => Fact::Drift,
        Phase::Ended(Outcome::Cancelled) => Fact::Waiting,
    }
}

/// What a job does, in a few words.
pub fn job_words(job: &Job, state: &State) -> String {
    let doing = match &job.phase {
        Phase::Queued => "queued".to_string(),
        Phase::Observing => "looks at the user".to_string(),
        Phase::Step(step) => step.name().to_string(),
        Phase::Waiting { until, .. } => format!("tries again {}", words::until(*until, state.now)),
        Phase::Busy { by } => format!("waits for {}", words::show(by)),
        Phase::Left => "left for later".to_string(),
        Phase::Elsewhere(Some(by)) => format!("worked on by {}", words::show(by)),
        Phase::Elsewhere(None) => "worked off elsewhere".to_string(),
        Phase::Ended(ended @ (Outcome::Failed | Outcome::Refused)) => {
            let outcome = ended.word();
            let why = job.error.as_ref().map_or(String::new(), |problem| {
                in_plain_words(&words::show(&problem.message))
            });
            return if why.is_empty() {
                outcome.into()
            } else {
                format!("{outcome}: {why}")
            };
        }
        Phase::Ended(Outcome::Nothing) => "nothing to do".to_string(),
        Phase::Ended(Outcome::Cancelled) => "cancelled".to_string(),
        Phase::Ended(Outcome::Done) => format!("done in {}", words::millis(job.milliseconds().into())),
    };
    match job.phase {
        Phase::Step(_) if job.stopping => format!("stops after {doing}"),
        _ if job.stopping && job.is_active() => "will be cancelled".into(),
        _ => doing,
    }
}

/// The name that was chosen, without the domain that all share.
fn handle_of(row: &Row) -> Option<&str> {
    row.signup.name.present().map(String::as_str)
}

fn newest_first(seen: &Seen) -> std::cmp::Reverse<Option<Timestamp>> {
    std::cmp::Reverse(seen.row.signup.created_at())
}

fn job_rank(job: Option<&Job>) -> u8 {
    match job.map(|job| &job.phase) {
        Some(Phase::Ended(Outcome::Failed)) => 0,
        Some(Phase::Ended(Outcome::Refused)) => 1,
        Some(Phase::Waiting { .. } | Phase::Busy { .. }) => 2,
        Some(Phase::Observing | Phase::Step(_)) => 3,
        Some(Phase::Queued) => 4,
        Some(Phase::Left | Phase::Elsewhere(_) | Phase::Ended(Outcome::Cancelled)) => 5,
        Some(Phase::Ended(Outcome::Done | Outcome::Nothing)) => 6,
        None => 7,
    }
}

//! The columns of the table: one enum, whose header, width, cell, sort key and priority each come from one `match`.
//!
//! ```text
//!     AGE USER                   HANDLE     AUTH0     MONGO     CODE        DID       PDS       JOB
//! ▸●  3m  m…@example.com         –          ✓ ok      ✗ missing ✗ missing   ✗ missing ✗ missing
//! ```

use std::cmp::Ordering;

use jiff::Timestamp;

use crate::domain::{Column as Status, Outcome, State as Fact};

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

/// How the columns share a width.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fitted {
    pub columns: Vec<(Column, u16)>,
    /// States are said in short words.
    pub narrow: bool,
}

impl Column {
    pub const ALL: [Self; 11] = [
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
        Self::Job,
    ];

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
        }
    }

    /// The least width that is worth having, and the most that is of use.
    fn width(self, narrow: bool, theme: &Theme) -> (u16, u16) {
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
        }
    }

    /// Which column goes first when there is no room: the highest. Those without a number never go.
    fn priority(self) -> Option<u8> {
        match self {
            Self::Mark | Self::User | Self::Status(_) => None,
            Self::Age => Some(1),
            Self::Tenant => Some(2),
            Self::Job => Some(3),
            Self::Handle => Some(4),
        }
    }

    pub fn can_sort(self) -> bool {
        self != Self::Mark
    }

    /// The column to sort by after this one, among those that the operator can know of.
    pub fn next_to_sort(self, all_tenants: bool) -> Self {
        let here = Self::ALL.iter().position(|column| *column == self).unwrap_or(0);
        Self::ALL
            .into_iter()
            .cycle()
            .skip(here + 1)
            .find(|column| column.can_sort() && (all_tenants || *column != Self::Tenant))
            .unwrap_or(Self::Age)
    }

    /// The natural order of two rows: the newest, the worst, the first letter first.
    pub fn compare(self, a: &Seen, b: &Seen) -> Ordering {
        let text = |seen: &Seen| match self {
            Self::Tenant => Some(seen.row.signup.tenant.clone()),
            Self::Handle => handle_of(seen.row).map(str::to_lowercase),
            _ => seen.row.signup.email().map(str::to_lowercase),
        };
        match self {
            Self::Mark => b.marked.cmp(&a.marked),
            Self::Age => newest_first(a).cmp(&newest_first(b)),
            Self::Tenant | Self::User | Self::Handle => {
                let (a, b) = (text(a), text(b));
                // Those without a text come last.
                (a.is_none(), a).cmp(&(b.is_none(), b))
            }
            Self::Status(column) => a.row.state(column, a.job).cmp(&b.row.state(column, b.job)),
            Self::Job => job_rank(a.job).cmp(&job_rank(b.job)),
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
                Some(name) => Cell::new(format!("@{}", words::handle(name, state.masked)), Role::Text),
                None if row.is_pending() && row.signup.name.is_unknown() => Cell::new("…", Role::Dim),
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
        }
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
        Phase::Queued | Phase::Left => Fact::Waiting,
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
        Phase::Ended(Outcome::Failed | Outcome::Refused) => {
            let outcome = if job.failed() { "failed" } else { "refused" };
            let why = job
                .error
                .as_ref()
                .map_or(String::new(), |problem| words::show(&problem.message));
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
        Some(Phase::Left | Phase::Ended(Outcome::Cancelled)) => 5,
        Some(Phase::Ended(Outcome::Done | Outcome::Nothing)) => 6,
        None => 7,
    }
}

/// Which columns fit into a width, and how wide each is. The five states and the user never go; when even they have no
/// room, states are said in shorter words.
pub fn fitted(width: u16, all_tenants: bool, theme: &Theme) -> Fitted {
    let narrow = width < 75 + 6 * (theme.glyph_width() - 1) + if all_tenants { 10 } else { 0 };
    let mut columns: Vec<Column> = Column::ALL
        .into_iter()
        .filter(|column| all_tenants || *column != Column::Tenant)
        .collect();
    // Without a column of its own, the job has a glyph beside the mark.
    let job_glyph = |columns: &[Column]| {
        if columns.contains(&Column::Job) {
            0
        } else {
            theme.glyph_width()
        }
    };
    let needed = |columns: &[Column]| {
        let widths: u16 = columns.iter().map(|column| least(*column, narrow, theme)).sum();
        widths + job_glyph(columns) + columns.len() as u16 - 1
    };
    while needed(&columns) > width {
        let Some(goes) = columns.iter().copied().max_by_key(|column| column.priority()) else {
            break;
        };
        if goes.priority().is_none() {
            break;
        }
        columns.retain(|column| *column != goes);
    }
    let mut fitted: Vec<(Column, u16)> = columns
        .iter()
        .map(|column| (*column, least(*column, narrow, theme)))
        .collect();
    fitted[0].1 += job_glyph(&columns);
    let mut spare = width.saturating_sub(needed(&columns));
    // The user's name is worth most, then what the job says, then the handle; the states breathe last.
    let first = [Column::User, Column::Job, Column::Handle];
    let then = Column::ALL.into_iter().filter(|column| !first.contains(column));
    for column in first.into_iter().chain(then) {
        for (name, width) in &mut fitted {
            if *name == column && *name != Column::Mark {
                let more = spare.min(column.width(narrow, theme).1.saturating_sub(*width));
                *width += more;
                spare -= more;
            }
        }
    }
    Fitted {
        columns: fitted,
        narrow,
    }
}

/// At a comfortable width the user's name gets more than the least before a further column comes in.
fn least(column: Column, narrow: bool, theme: &Theme) -> u16 {
    match column {
        Column::User if !narrow => 14,
        _ => column.width(narrow, theme).0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::theme::ColourDepth;

    #[test]
    fn the_five_states_and_the_user_are_there_at_every_width() {
        for ascii in [false, true] {
            let theme = Theme {
                depth: ColourDepth::None,
                ascii,
                ..Theme::default()
            };
            for all_tenants in [false, true] {
                for width in 60..220 {
                    let fitted = fitted(width, all_tenants, &theme);
                    let has = |column| fitted.columns.iter().any(|(name, _)| *name == column);
                    assert!(
                        Status::ALL.into_iter().all(|column| has(Column::Status(column))),
                        "{width}"
                    );
                    assert!(has(Column::User), "{width}");
                    let all: u16 = fitted.columns.iter().map(|(_, width)| width + 1).sum();
                    assert!(all <= width + 1, "{width}: {all}");
                }
            }
        }
    }

    #[test]
    fn a_usual_terminal_shows_whole_words_and_the_age() {
        let theme = Theme {
            depth: ColourDepth::None,
            ..Theme::default()
        };
        let fitted = fitted(80, false, &theme);
        assert!(!fitted.narrow);
        assert_eq!(fitted.columns[1], (Column::Age, 4));
        assert_eq!(fitted.columns[2], (Column::User, 19));
    }
}

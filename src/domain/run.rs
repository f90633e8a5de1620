//! A backfill that outlives its process: one record for the run and one for each of its users, as they lie in the store.
//! What makes a run stop by itself stands in `breaker`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::error::Problem;
use super::event::{Outcome, StepReport};
use super::look::Look;
use super::plan::Step;
use super::tally::Systemic;

/// The record of a run. Who works on it now stands in its lease.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Eight hexadecimal digits.
    pub id: String,
    /// The tenant, or `both`.
    pub tenant: String,
    pub operator: String,
    pub host: String,
    /// Why it was started, in the operator's words.
    pub reason: Option<String>,
    /// The recorded passwords are tried too.
    pub deep: bool,
    /// How many users it is about.
    pub total: usize,
    pub created_at: Timestamp,
    pub state: RunState,
    /// What stopped it; stands only while the state is `paused`.
    pub pause: Option<Pause>,
    pub ended_at: Option<Timestamp>,
    /// What its users shared when it was started; `None` where nothing, and where an older version wrote it.
    pub systemic: Option<Systemic>,
    /// Each change of its state after the start, oldest first; an older version kept none.
    #[serde(default)]
    pub moves: Vec<Move>,
}

/// What stands for a tenant where several are meant.
pub const BOTH: &str = "both";

impl Run {
    /// Whether it may tell something about users of this tenant, or of `both`.
    pub fn concerns(&self, tenant: &str) -> bool {
        tenant == BOTH || self.tenant == BOTH || self.tenant == tenant
    }
}

/// A change of the state of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Move {
    pub at: Timestamp,
    pub to: RunState,
    /// What stopped it, where it is paused by that.
    pub pause: Option<Pause>,
    /// `operator@host` of whoever changed it; an older version kept none.
    #[serde(default)]
    pub by: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// Somebody works on it, or did until they were interrupted: the run's lease tells which.
    Running,
    /// It stopped by itself and waits for a repair.
    Paused,
    Finished,
    Cancelled,
}

impl RunState {
    pub fn word(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Finished => "finished",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether there may be users left to work off.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Running | Self::Paused)
    }
}

/// The record of one user of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JobRecord {
    pub run: String,
    pub tenant: String,
    pub sub: String,
    /// The `_id` of the user in Mongo.
    pub key: String,
    /// Its place in the list that the operator saw.
    pub position: usize,
    pub state: JobState,
    /// Set when the state is `ended`.
    pub outcome: Option<Outcome>,
    /// How often somebody began to work on it.
    pub attempts: u32,
    /// Who began last.
    pub owner: Option<String>,
    /// Until when the owner's lease held when it was last renewed. Set while the state is `running`.
    pub lease_until: Option<Timestamp>,
    /// When it is tried again. Set while the state is `waiting`.
    pub next_try: Option<Timestamp>,
    /// How the user stood when a job of this run looked first; the first look counts, however many follow.
    pub before: Option<Look>,
    /// The recorded DID whose account is gone, and may be replaced by a new one: somebody confirmed that.
    pub replaces: Option<String>,
    /// What earlier attempts changed, and every step of the newest one.
    pub steps: Vec<StepReport>,
    /// Why it failed, was refused, or waits.
    pub error: Option<Problem>,
    pub updated_at: Timestamp,
}

impl JobRecord {
    /// One that nobody began yet.
    pub fn new(run: &str, position: usize, (tenant, sub, key): (&str, &str, &str), at: Timestamp) -> Self {
        Self {
            run: run.into(),
            tenant: tenant.into(),
            sub: sub.into(),
            key: key.into(),
            position,
            state: JobState::Queued,
            outcome: None,
            attempts: 0,
            owner: None,
            lease_until: None,
            next_try: None,
            before: None,
            replaces: None,
            steps: Vec::new(),
            error: None,
            updated_at: at,
        }
    }

    pub fn is_open(&self) -> bool {
        self.state != JobState::Ended
    }

    /// Whether something was changed, be it by an earlier attempt.
    pub fn has_changed(&self) -> bool {
        self.steps.iter().any(StepReport::has_changed)
    }

    /// The step that failed last, with what it said: what is compared between users.
    pub fn signature(&self) -> Option<Signature> {
        let problem = self.error.as_ref()?;
        let failed = self
            .steps
            .iter()
            .rfind(|report| report.outcome == super::event::StepOutcome::Failed);
        Some(Signature::of(failed.map(|report| report.step), problem))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    Queued,
    /// Somebody works on it, or did until they were interrupted.
    Running,
    /// It is tried again at `next_try`.
    Waiting,
    Ended,
}

impl JobState {
    pub fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Waiting => "waiting",
            Self::Ended => "ended",
        }
    }
}

/// How a job failed, without what is this user's own: the same for all whom one cause stops.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Signature {
    /// `None` where it failed before its first step.
    pub step: Option<Step>,
    pub message: String,
}

impl Signature {
    pub fn of(step: Option<Step>, problem: &Problem) -> Self {
        let words: Vec<&str> = problem
            .message
            .split(' ')
            .map(|word| if is_somebodys(word) { "…" } else { word })
            .collect();
        Self {
            step,
            message: words.join(" "),
        }
    }
}

/// A DID, or an Auth0 id.
fn is_somebodys(word: &str) -> bool {
    word.starts_with("did:") || word.contains('|')
}

/// Why a run stopped by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Pause {
    pub at: Timestamp,
    /// How many users in a row it failed for.
    pub after: usize,
    pub signature: Signature,
    pub problem: Problem,
}

impl Pause {
    /// `stopped after 5: ensure-code-index fails: mongo refused … (code 85).`
    pub fn sentence(&self) -> String {
        let what = match self.signature.step {
            Some(step) => format!("{} fails", step.name()),
            None => "looking at the user fails".into(),
        };
        let after = match self.after {
            0 | 1 => String::new(),
            many => format!(" after {many}"),
        };
        format!("stopped{after}: {what}: {}", self.signature.message)
    }
}

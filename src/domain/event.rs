//! What happens to a job, as the one type that every consumer folds: table row, jobs pane, lines of the command, JSON.

use jiff::Timestamp;
use serde::Serialize;

use super::error::Problem;
use super::plan::{Plan, Step};

/// One piece of news of one job.
#[derive(Debug, Clone, PartialEq)]
pub struct JobEvent {
    pub tenant: String,
    /// The `_id` in Mongo of the user whom the job is about: one job a user at a time.
    pub key: String,
    pub sub: String,
    pub at: Timestamp,
    pub news: JobNews,
}

#[derive(Debug, Clone, PartialEq)]
pub enum JobNews {
    /// It waits for its turn.
    Queued,
    /// It observes the user.
    Started,
    /// It knows what is to be done.
    Planned(Plan),
    StepStarted(Step),
    StepDone(StepReport),
    /// It waits before it tries again.
    Waiting {
        until: Timestamp,
        why: Problem,
    },
    Finished {
        outcome: Outcome,
        error: Option<Problem>,
    },
}

/// A step that ended.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StepReport {
    pub step: Step,
    pub outcome: StepOutcome,
    /// Milliseconds.
    pub ms: u64,
    /// What was found or made, in a few words; free of personal data and secrets.
    pub detail: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepOutcome {
    Done,
    /// It was so already: nothing was written.
    Already,
    Failed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Done,
    /// The user was whole, or nothing about them can be mended by itself.
    Nothing,
    Failed,
    /// Somebody has to decide first.
    Refused,
    Cancelled,
}

impl Outcome {
    pub fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Nothing => "nothing",
            Self::Failed => "failed",
            Self::Refused => "refused",
            Self::Cancelled => "cancelled",
        }
    }
}

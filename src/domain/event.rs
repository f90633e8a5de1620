//! What happens to runs and their jobs, as the one type that every consumer folds: table row, jobs pane, lines of the
//! command, JSON.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::error::Problem;
use super::plan::{Plan, Step};
use super::run::Pause;

/// What is told of the work under way, through one channel, in one order.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    Job(JobEvent),
    Run(RunEvent),
}

/// A piece of news of a run as a whole.
#[derive(Debug, Clone, PartialEq)]
pub struct RunEvent {
    pub run: String,
    pub at: Timestamp,
    pub news: RunNews,
}

#[derive(Debug, Clone, PartialEq)]
pub enum RunNews {
    /// Its jobs are in the store, so many of them to work off. Told before any of them starts.
    Registered { total: usize },
    /// A backend fails for everybody: all wait, and one tries again at that moment.
    Holding { until: Timestamp, why: Problem },
    /// It was stopped, and waits for somebody to repair what made it.
    Paused(Pause),
    /// None of its jobs is left to work off here: done, cancelled, or left for later.
    Ended,
    /// It could not be written down, so that nothing was started.
    Refused(Problem),
    /// What became of it could not be written down: it counts as interrupted, and can be resumed.
    Unwritten(Problem),
}

/// One piece of news of one job.
#[derive(Debug, Clone, PartialEq)]
pub struct JobEvent {
    pub run: String,
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
    /// Somebody else works on this user; it goes on when they have ended. `by` names the operator and the host.
    Busy {
        by: String,
    },
    /// It is left for later: it stands in the store, and whoever resumes the run goes on with it.
    Left,
    Finished {
        outcome: Outcome,
        error: Option<Problem>,
    },
}

/// A step that ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct StepReport {
    pub step: Step,
    /// When it began.
    pub at: Timestamp,
    pub outcome: StepOutcome,
    /// Milliseconds.
    pub ms: u64,
    /// What was found or made, in a few words; free of personal data and secrets.
    pub detail: String,
}

impl StepReport {
    /// Whether the step changed something.
    pub fn has_changed(&self) -> bool {
        self.outcome == StepOutcome::Done && self.step != Step::Verify
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepOutcome {
    Done,
    /// It was so already: nothing was written.
    Already,
    Failed,
}

impl StepOutcome {
    pub fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Already => "already",
            Self::Failed => "failed",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
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

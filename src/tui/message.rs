//! What comes into the screen and what goes out of it, as values.

use std::path::PathBuf;

use crossterm::event::Event;
use jiff::Timestamp;

use crate::audit::AuditNews;
use crate::domain::accident::Looked;
use crate::domain::code_index::{Index, IndexStep};
use crate::domain::practice::Practice;
use crate::domain::run::Run;
use crate::domain::tally::Systemic;
use crate::domain::trail::Deed;
use crate::domain::{JobEvent, Problem, RunEvent, Signup};
use crate::provisioning::code_index::IndexDeed;
use crate::services::health::ServiceHealth;

use super::export::Export;
use super::passage::Copied;

/// Everything that can change the screen, through one queue, in one order.
#[derive(Debug, Clone)]
pub enum Message {
    /// A key, the mouse, a resize, a paste, or the focus.
    Terminal(Event),
    /// The time went on; sent about once a second.
    Tick(Timestamp),
    Audit(AuditNews),
    /// One user was observed anew: after a job, or because the detail pane shows them.
    Observed(Box<Signup>),
    Job(JobEvent),
    Run(RunEvent),
    /// The runs that nobody works on now, the newest first. Sent after the start, and whenever the runs were looked at.
    Interrupted(Vec<OpenRun>),
    /// What became of the newest runs at other hands than ours.
    Elsewhere(Vec<Elsewhere>),
    /// The answer to `Effect::LookIntoCause`.
    Looked(Box<Looked>),
    /// What was changed about this user, the newest first; the answer to `Effect::History`.
    History {
        target: Target,
        told: Result<Vec<Deed>, Problem>,
    },
    /// Whom going on with this run would touch, in the order in which they were listed at its start; the answer to
    /// `Effect::AskWhom`.
    Whom {
        run: String,
        told: Result<Vec<TakenUp>, Problem>,
    },
    /// What would be done to the index on the code; the answer to `Effect::PlanIndex`.
    IndexPlanned(Result<Vec<IndexStep>, Problem>),
    /// One step of `Effect::MendIndex` is done.
    IndexStep(IndexDeed),
    /// The answer to `Effect::MendIndex`: how many steps were done, and how the indexes stand, where that could be read.
    IndexMended {
        told: Result<usize, Problem>,
        indexes: Option<Vec<Index>>,
    },
    Health(Vec<ServiceHealth>),
    /// One sentence for the operator, about something outside the table.
    Notice(String),
    /// The sandbox did as it was asked.
    Practised(Practice),
    /// What is broken in the sandbox on purpose; sent whenever that changes.
    Broken(Vec<Practice>),
    /// Something that was asked for failed.
    Failed(Problem),
    /// What became of `CancelRun`.
    RunCancelled {
        run: String,
        told: Result<(), Problem>,
    },
    /// The answer to `Effect::Export`: how many rows it had, and where it lies.
    Exported {
        rows: usize,
        told: Result<PathBuf, Problem>,
    },
    /// The answer to `Effect::Copy`, with what was copied.
    Copied {
        what: String,
        to: Copied,
    },
}

/// A run of the store that waits for somebody to go on with it.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenRun {
    pub run: Run,
    /// How many of its users nobody has come to an end with.
    pub left: usize,
    pub failed: usize,
}

/// A user of a run whom going on with it would touch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenUp {
    pub target: Target,
    /// Their job failed by what stopped the run, and would be tried again.
    pub failed: bool,
}

/// A run that needs nobody to go on with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elsewhere {
    pub run: String,
    pub fate: Fate,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// Somebody else works on it: the operator and the host.
    WorkedOn(String),
    Finished,
    Cancelled,
}

/// A user as an effect names them: captured when the key was pressed, so that nothing can redirect it later.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Target {
    pub tenant: String,
    pub sub: String,
    pub key: String,
}

/// What the screen asks for. Carried out elsewhere; the results come back as messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Audit the newest signups of these tenants again, and look at the runs as `LookAtRuns` does. Each answers with `Started`, `Rows`, then `Finished` or `Failed`.
    Refresh {
        tenants: Vec<String>,
    },
    /// Read a page of signups older than this moment: for the first time, or again. Answered by the same news as a refresh: `Started`, `Rows`, then `Finished` or
    /// `Failed`; never asked for while the tenant is being refreshed.
    LoadOlder {
        tenant: String,
        before: Timestamp,
    },
    /// Observe one user with all means, because the detail pane shows them.
    Observe(Target),
    /// Start one job for each of exactly these users, as one run. Answered by `Registered` or `Refused`.
    Start {
        targets: Vec<Target>,
        /// Why, for the audit trail.
        reason: Option<String>,
        /// What the signups on the screen share, for the record of the run.
        systemic: Option<Systemic>,
    },
    /// Cancel the job of this user at the next step boundary, for good.
    Cancel(Target),
    /// Stop every job of this process at its next step boundary, and leave them in the store for later. Each answers with
    /// `Left`, or with how it ended.
    Leave,
    /// Ask whom going on with this run would touch. Answered by `Whom`.
    AskWhom {
        run: String,
    },
    /// Go on with a run that nobody works on. Answered like `Start`.
    Resume {
        run: String,
    },
    /// Cancel what is left of a run that nobody works on. Answered by `RunCancelled`.
    CancelRun {
        run: String,
    },
    /// Look which runs wait and which were taken up elsewhere. Answered by `Elsewhere`, then `Interrupted`; by nothing where
    /// the store does not answer.
    LookAtRuns,
    /// Ask for what explains an accident of this tenant, or of `both`. Answered by `Looked`.
    LookIntoCause(String),
    /// Ask in which steps the index on the code gets its good form. Answered by `IndexPlanned`.
    PlanIndex,
    /// Carry out these steps, or those of them that are still left. Answered by an `IndexStep` each, then `IndexMended`.
    MendIndex(Vec<IndexStep>),
    /// Tell what was changed about this user, and by whom.
    History(Target),
    /// Break something in the sandbox, or end that. Answered by `Practised`, and by `Broken` a moment before or after.
    Practise(Practice),
    /// Write what is shown into a file. Answered by `Exported`.
    Export(Box<Export>),
    /// Hand a text to the operator's clipboard. Carried out by `run` itself, like those below; none of them reaches the
    /// other end. Always answered by `Copied`.
    Copy {
        /// As a sentence goes on after a colon: `the DID: did:plc:abc`, `the ids of 3 users`. It is kept in the log, and
        /// so must not hold what is masked.
        what: String,
        text: String,
    },
    /// Have the terminal show a notification: whoever passes its screen reads it, so that it names nobody.
    Notify(String),
    /// Ring the terminal's bell.
    Bell,
    /// Suspend the program (ctrl-z).
    Suspend,
    Quit,
}

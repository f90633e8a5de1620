//! One job as the screen knows it: where it is, what it did, and what follows from that.

use jiff::Timestamp;

use crate::domain::event::StepReport;
use crate::domain::run::Signature;
use crate::domain::{Column, Outcome, Plan, Problem, Step, StepOutcome};

use super::message::Target;
use super::state::RowId;

/// Where a job is.
#[derive(Debug, Clone, PartialEq)]
pub enum Phase {
    Queued,
    /// It looks at the user.
    Observing,
    Step(Step),
    /// It tries again at that moment.
    Waiting {
        until: Timestamp,
        why: Problem,
    },
    /// Somebody else works on this user.
    Busy {
        by: String,
    },
    /// Left for later: it stands in the store.
    Left,
    /// Somebody else went on with its run: the operator and the host, while they work on it.
    Elsewhere(Option<String>),
    Ended(Outcome),
}

/// The newest job of one user.
#[derive(Debug, Clone)]
pub struct Job {
    pub target: Target,
    pub phase: Phase,
    pub plan: Option<Plan>,
    /// How many steps had ended when the plan was made.
    pub planned_at: usize,
    pub trace: Vec<StepReport>,
    pub error: Option<Problem>,
    /// Somebody asked it to stop at the next step.
    pub stopping: bool,
    pub queued_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    /// The place of its run among those of the session.
    pub run: usize,
}

impl Job {
    pub fn id(&self) -> RowId {
        RowId::new(&self.target.tenant, &self.target.key)
    }

    pub fn is_active(&self) -> bool {
        !matches!(self.phase, Phase::Ended(_) | Phase::Left | Phase::Elsewhere(_))
    }

    pub fn outcome(&self) -> Option<Outcome> {
        match self.phase {
            Phase::Ended(outcome) => Some(outcome),
            _ => None,
        }
    }

    /// Failed or refused: whom a retry takes up, here as in `runs resume --failed`.
    pub fn failed(&self) -> bool {
        matches!(self.outcome(), Some(Outcome::Failed | Outcome::Refused))
    }

    /// How it failed, without what is this user's own.
    pub fn signature(&self) -> Option<Signature> {
        let problem = self.error.as_ref().filter(|_| self.failed())?;
        let failed = self
            .trace
            .iter()
            .rfind(|report| report.outcome == StepOutcome::Failed);
        Some(Signature::of(failed.map(|report| report.step), problem))
    }

    /// Whether it will make an account, as far as is known.
    pub fn makes_account(&self) -> bool {
        let made = self
            .trace
            .iter()
            .any(|report| report.step == Step::CreateAccount && report.outcome != StepOutcome::Failed);
        let plans = |plan: &Plan| plan.steps.contains(&Step::CreateAccount);
        !made && self.plan.as_ref().is_none_or(plans)
    }

    /// What its steps took together.
    pub fn milliseconds(&self) -> u64 {
        self.trace.iter().map(|report| report.ms).sum()
    }

    /// The steps of the plan that have not begun, as long as it goes on.
    pub fn ahead(&self) -> Vec<Step> {
        let plan = self.plan.as_ref().filter(|_| self.is_active());
        let mut steps = plan.map_or(Vec::new(), |plan| plan.steps.clone());
        let since = self.trace.iter().skip(self.planned_at);
        let ended = since.filter(|report| report.outcome != StepOutcome::Failed);
        let in_hand = match self.phase {
            Phase::Step(step) => Some(step),
            _ => None,
        };
        for step in ended.map(|report| report.step).chain(in_hand) {
            if let Some(place) = steps.iter().position(|ahead| *ahead == step) {
                steps.remove(place);
            }
        }
        steps
    }

    /// The column that the step in hand is about.
    pub fn column(&self) -> Option<Column> {
        match self.phase {
            Phase::Step(step) => Some(column_of(step)),
            _ => None,
        }
    }
}

fn column_of(step: Step) -> Column {
    match step {
        Step::CreateVerification | Step::SetVerificationCount | Step::CreateUser => Column::Mongo,
        Step::EnsureCodeIndex | Step::AssignCode => Column::Code,
        Step::CreateAccount | Step::AdoptAccount | Step::RecordAccount => Column::Did,
        Step::ResetPassword | Step::SyncHandle | Step::Verify | Step::RemoveRehearsal => Column::Pds,
    }
}

//! The JSON of `runs` and `history`, as types.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::{OutcomeTotals, UserView, shown};
use crate::domain::plan::Step;
use crate::domain::run::{JobRecord, Move, Pause, RunState};
use crate::domain::text::{became, clean, mask_handle};
use crate::domain::trail::{Deed, Field, Told};
use crate::domain::{StepOutcome, event::Outcome};
use crate::provisioning::runs::Standing;
use crate::services::owner::spoken;

#[derive(Serialize, JsonSchema)]
pub struct RunsView {
    pub schema: u32,
    pub runs: Vec<RunView>,
}

#[derive(Serialize, JsonSchema)]
pub struct RunWithUsersView {
    pub schema: u32,
    pub run: RunView,
    pub users: Vec<UserView>,
}

#[derive(Serialize, JsonSchema)]
pub struct RunView {
    pub run: String,
    pub tenant: String,
    /// `running`, `interrupted`, `paused`, `finished` or `cancelled`.
    pub state: &'static str,
    pub operator: String,
    pub host: String,
    pub reason: Option<String>,
    pub created_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    /// The process that works on it now.
    pub worked_on_by: Option<String>,
    pub pause: Option<Pause>,
    /// Each change of its state after the start, oldest first.
    pub moves: Vec<MoveView>,
    pub total: usize,
    /// How many users have not come to an end.
    pub left: usize,
    pub totals: OutcomeTotals,
}

/// Somebody resumed or cancelled the run, or it stopped or ended.
#[derive(Serialize, JsonSchema)]
pub struct MoveView {
    pub at: Timestamp,
    /// `running`, `paused`, `finished` or `cancelled`.
    pub to: &'static str,
    /// `operator@host`; `None`: an older version kept none.
    pub by: Option<String>,
}

impl MoveView {
    fn new(change: &Move) -> Self {
        Self {
            at: change.at,
            to: change.to.word(),
            by: change.by.as_deref().map(clean),
        }
    }

    /// `resumed by mira@desk  2025-10-14T10:04:00Z`; `None` for what the run did by itself.
    pub fn spoken(&self) -> Option<String> {
        let what = match self.to {
            to if to == RunState::Running.word() => "resumed",
            to if to == RunState::Cancelled.word() => "cancelled",
            _ => return None,
        };
        let by = self.by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
        Some(format!("{what}{by}  {:.0}", self.at))
    }
}

impl RunView {
    pub fn new(standing: &Standing, jobs: &[JobRecord]) -> Self {
        let run = &standing.run;
        Self {
            run: run.id.clone(),
            tenant: run.tenant.clone(),
            state: standing.word(),
            operator: run.operator.clone(),
            host: run.host.clone(),
            reason: run.reason.as_deref().map(clean),
            created_at: run.created_at,
            ended_at: run.ended_at,
            worked_on_by: standing.worked_on_by.as_deref().map(spoken),
            pause: run.pause.clone(),
            moves: run.moves.iter().map(MoveView::new).collect(),
            total: run.total,
            left: jobs.iter().filter(|job| job.is_open()).count(),
            totals: OutcomeTotals::counted(jobs.iter().filter_map(|job| job.outcome)),
        }
    }
}

impl UserView {
    /// A user of a run as the store has them.
    pub fn of(job: &JobRecord) -> Self {
        Self {
            tenant: job.tenant.clone(),
            sub: clean(&job.sub),
            outcome: job.outcome,
            plan: Vec::new(),
            changes: Vec::new(),
            replaces: job.replaces.clone(),
            left: Vec::new(),
            steps: job.steps.clone(),
            error: job.error.clone(),
            state: Some(job.state),
            attempts: job.attempts,
            next_try: job.next_try,
        }
    }
}

impl OutcomeTotals {
    pub fn counted(outcomes: impl Iterator<Item = Outcome>) -> Self {
        let mut totals = Self::default();
        for outcome in outcomes {
            let count = match outcome {
                Outcome::Done => &mut totals.done,
                Outcome::Nothing => &mut totals.nothing,
                Outcome::Failed => &mut totals.failed,
                Outcome::Refused => &mut totals.refused,
                Outcome::Cancelled => &mut totals.cancelled,
            };
            *count += 1;
        }
        totals
    }
}

#[derive(Serialize, JsonSchema)]
pub struct HistoryView {
    pub schema: u32,
    pub deeds: Vec<DeedView>,
}

#[derive(Serialize, JsonSchema)]
pub struct DeedView {
    pub at: Timestamp,
    pub ended_at: Option<Timestamp>,
    pub run: String,
    pub tenant: String,
    pub sub: String,
    pub key: String,
    pub step: Step,
    /// `None`: it began, and was never heard of again.
    pub outcome: Option<StepOutcome>,
    pub operator: String,
    pub host: String,
    pub reason: Option<String>,
    pub changes: Vec<ChangeView>,
    pub error: Option<String>,
    /// The changes in words, without what stayed as it was.
    #[serde(skip)]
    pub told: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
pub struct ChangeView {
    pub field: Field,
    pub before: Option<String>,
    pub after: Option<String>,
}

impl ChangeView {
    /// `code: – → ac25momez`; `alike`: what was stayed, as far as can be told.
    fn spoken(&self, told: Told, alike: bool) -> String {
        let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "–".into());
        let (before, after) = (shown(&self.before), shown(&self.after));
        let happened = match told {
            Told::Was => format!("was {before}"),
            Told::Became if alike => after,
            Told::Became => became(&before, &after),
        };
        format!("{}: {happened}", self.field.word())
    }
}

/// The changes of a deed in words. Where it was done and nothing of what is kept of it changed, it says so.
fn told(deed: &Deed, changes: &[ChangeView]) -> Vec<String> {
    let pairs = deed.changes.iter().zip(changes);
    let lines: Vec<String> = pairs
        .filter_map(|(change, view)| Some(view.spoken(deed.tells(change)?, change.before == change.after)))
        .collect();
    if !lines.is_empty() || deed.outcome != Some(StepOutcome::Done) || changes.is_empty() {
        return lines;
    }
    let fields: Vec<&str> = changes.iter().map(|change| change.field.word()).collect();
    vec![format!("as it was: {}", fields.join(", "))]
}

impl DeedView {
    pub fn new(deed: &Deed, unmask: bool) -> Self {
        let changes = deed.changes.iter().map(|change| {
            let value = |value: &Option<String>| {
                let unmask = unmask || !change.field.is_personal();
                value.as_deref().map(|value| shown(value, unmask, mask_handle))
            };
            ChangeView {
                field: change.field,
                before: value(&change.before),
                after: value(&change.after),
            }
        });
        let changes: Vec<ChangeView> = changes.collect();
        Self {
            at: deed.at,
            ended_at: deed.ended_at,
            run: deed.run.clone(),
            tenant: deed.tenant.clone(),
            sub: clean(&deed.sub),
            key: clean(&deed.key),
            step: deed.step,
            outcome: deed.outcome,
            operator: clean(&deed.operator),
            host: clean(&deed.host),
            reason: deed.reason.as_deref().map(clean),
            told: told(deed, &changes),
            changes,
            error: deed.error.as_deref().map(clean),
        }
    }
}

//! Runs as they lie in the store: found by the beginning of their id, told whether somebody works on them, cancelled,
//! and which of their users are taken up again.

use futures_util::{TryStreamExt, stream};
use jiff::Timestamp;

use super::queue::{AT_ONCE, Which};
use crate::domain::Class;
use crate::domain::event::Outcome;
use crate::domain::run::{JobRecord, JobState, Run, RunState};
use crate::domain::text::clean;
use crate::services::Error;
use crate::services::owner::Owner;
use crate::services::store::Store;
use crate::services::store::journal::{JobChange, run_lease};

/// How many of the newest runs are looked through for the beginning of an id.
const RECENT: usize = 1000;

/// A run, and who works on it now.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    pub run: Run,
    /// The owner who lives and holds its lease.
    pub worked_on_by: Option<String>,
}

impl Standing {
    /// It is not over, and nobody works on it.
    pub fn is_interrupted(&self) -> bool {
        self.run.state.is_open() && self.worked_on_by.is_none()
    }

    /// `running`, `interrupted`, `paused`, `finished` or `cancelled`.
    pub fn word(&self) -> &'static str {
        match (self.run.state, &self.worked_on_by) {
            (RunState::Running, None) => "interrupted",
            (state, _) => state.word(),
        }
    }
}

/// The run whose id is this, or begins so.
///
/// # Errors
/// `NotFound` where none does, `Usage` where several do.
pub async fn find(store: &dyn Store, id: &str) -> Result<Run, Error> {
    if let Some(run) = store.run(id).await? {
        return Ok(run);
    }
    let begins: Vec<Run> = match id.is_empty() {
        true => Vec::new(),
        false => store.runs(RECENT).await?.found,
    };
    let mut begins: Vec<Run> = begins.into_iter().filter(|run| run.id.starts_with(id)).collect();
    match (begins.pop(), begins.is_empty()) {
        (Some(run), true) => Ok(run),
        (Some(_), false) => Err(Error::new(
            "mongo",
            Class::Usage,
            format!("Several runs begin with {}.", clean(id)),
            "Give more digits; atriage runs list names them.",
        )),
        (None, _) => Err(Error::new(
            "mongo",
            Class::NotFound,
            format!("There is no run {}.", clean(id)),
            "atriage runs list names them.",
        )),
    }
}

/// Who works on each of these runs.
pub async fn standing(store: &dyn Store, owner: &Owner, runs: Vec<Run>) -> Result<Vec<Standing>, Error> {
    let names: Vec<String> = runs.iter().map(|run| run_lease(&run.id)).collect();
    let held = store.leases(&names).await?;
    let by = |run: &Run| {
        let (_, holder, _) = held.iter().find(|(name, ..)| *name == run_lease(&run.id))?;
        (!owner.is_dead(holder)).then(|| holder.clone())
    };
    Ok(runs
        .into_iter()
        .map(|run| Standing {
            worked_on_by: by(&run),
            run,
        })
        .collect())
}

/// Whether a user of a run is taken up again.
pub fn is_taken_up(run: &Run, job: &JobRecord, which: Which) -> bool {
    let failed = matches!(job.outcome, Some(Outcome::Failed | Outcome::Refused));
    match which {
        Which::Failed => failed,
        Which::Open => {
            let cause = run.pause.as_ref().map(|pause| &pause.signature);
            job.is_open() || (failed && cause.is_some() && job.signature().as_ref() == cause)
        }
    }
}

/// How many users of a run are taken up again, and how many failed. The store counts them; jobs are read only where the
/// run stopped by itself, and then those that failed alone: which of them are taken up depends on what stopped it.
pub async fn left(store: &dyn Store, run: &Run) -> Result<(usize, usize), Error> {
    let counts = store.count_jobs(&run.id).await?;
    let mut left = counts.open;
    if run.pause.is_some() && counts.failed > 0 {
        let failed = store.failed_jobs(&run.id).await?.found;
        let again = |job: &&JobRecord| !job.is_open() && is_taken_up(run, job, Which::Open);
        left += failed.iter().filter(again).count();
    }
    Ok((left, counts.failed))
}

/// Cancels a run: its queued users at once; those in hand end at their next step boundary, when whoever works on them
/// sees it. Returns how many were queued. The users come first, so that a run that says `cancelled` is.
pub async fn cancel(store: &dyn Store, owner: &Owner, run: &Run) -> Result<usize, Error> {
    let at = Timestamp::now();
    let worked_on = standing(store, owner, vec![run.clone()])
        .await?
        .iter()
        .any(|standing| standing.worked_on_by.is_some());
    let change = JobChange {
        state: JobState::Ended,
        outcome: Some(Outcome::Cancelled),
        next_try: None,
        error: None,
        at,
    };
    let queued = store.jobs(&run.id).await?.all()?.into_iter().filter(|job| {
        let in_hand = worked_on && job.state == JobState::Running;
        job.is_open() && !in_hand
    });
    let cancelled = stream::iter(queued.map(Ok::<_, Error>))
        .map_ok(async |job: JobRecord| store.change_job(&run.id, &job.key, &change, true).await)
        .try_buffer_unordered(AT_ONCE)
        .try_fold(0, async |count, changed| Ok(count + usize::from(changed)))
        .await?;
    let open = [RunState::Running, RunState::Paused];
    let cancel = owner.move_to(RunState::Cancelled, None, at);
    store.change_run(&run.id, &open, &cancel).await?;
    Ok(cancelled)
}

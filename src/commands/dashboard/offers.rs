//! Which runs wait for somebody to go on with them, and what became of those at other hands. Asked at every refresh, so that
//! it must cost little: the users of a run are counted again only where the run changed, or a while later.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{Mutex, MutexGuard};

use crate::domain::run::{Run, RunState};
use crate::provisioning::queue::Which;
use crate::provisioning::runs::{self, Standing};
use crate::services::Error;
use crate::services::observe::Backends;
use crate::services::owner::{Owner, spoken};
use crate::tui::message::{Elsewhere, Fate, Message, OpenRun, TakenUp, Target};

/// How far back they are looked for.
const RECENT: usize = 50;
/// How long the counts of a run are taken for true: nobody works on it, but it may be mended by hand in the store.
const TRUE_FOR: Duration = Duration::from_secs(60);

pub struct Offers {
    backends: Arc<Backends>,
    owner: Arc<Owner>,
    /// Held during a look: there is one at a time.
    counts: Mutex<Counts>,
}

/// What was counted of each run that waits, by its id.
#[derive(Default)]
pub struct Counts(HashMap<String, Counted>);

struct Counted {
    run: Run,
    at: Instant,
    left: usize,
    failed: usize,
}

impl Counts {
    /// What stands for this run still: how many are left, how many failed.
    fn of(&self, run: &Run, now: Instant) -> Option<(usize, usize)> {
        let counted = self.0.get(&run.id).filter(|counted| counted.run == *run)?;
        let fresh = now.duration_since(counted.at) < TRUE_FOR;
        fresh.then_some((counted.left, counted.failed))
    }

    fn keep(&mut self, run: &Run, (left, failed): (usize, usize), at: Instant) {
        let run = run.clone();
        self.0.insert(
            run.id.clone(),
            Counted {
                run,
                at,
                left,
                failed,
            },
        );
    }

    /// Whoever works on a run changes its counts.
    fn forget(&mut self, run: &str) {
        self.0.remove(run);
    }
}

impl Offers {
    pub fn new(backends: Arc<Backends>, owner: Arc<Owner>) -> Self {
        let counts = Mutex::default();
        Self {
            backends,
            owner,
            counts,
        }
    }

    /// Lets no look begin, once one that goes on is over. What is counted is forgotten: it is about to change.
    pub async fn hold(&self) -> MutexGuard<'_, Counts> {
        let mut counts = self.counts.lock().await;
        *counts = Counts::default();
        counts
    }

    /// Looks, and tells of it, once a look that goes on is over. Where the store does not answer, its state says so, and
    /// it is asked again at the next refresh, or as soon as it does.
    pub async fn tell(&self, tell: impl Fn(Message)) {
        self.look(&mut *self.counts.lock().await, tell).await;
    }

    /// The same, but not where a look goes on.
    pub async fn try_tell(&self, tell: impl Fn(Message)) {
        if let Ok(mut counts) = self.counts.try_lock() {
            self.look(&mut counts, tell).await;
        }
    }

    /// Whom going on with this run would touch.
    pub async fn whom(&self, id: &str) -> Result<Vec<TakenUp>, Error> {
        let store = self.backends.store.as_ref();
        let run = runs::find(store, id).await?;
        let jobs = store.jobs(&run.id).await?.all()?.into_iter();
        let taken_up = jobs.filter(|job| runs::is_taken_up(&run, job, Which::Open));
        Ok(taken_up
            .map(|job| TakenUp {
                failed: !job.is_open(),
                target: Target {
                    tenant: job.tenant,
                    sub: job.sub,
                    key: job.key,
                },
            })
            .collect())
    }

    async fn look(&self, counts: &mut Counts, tell: impl Fn(Message)) {
        if let Ok((open, elsewhere)) = self.runs(counts).await {
            tell(Message::Elsewhere(elsewhere));
            tell(Message::Interrupted(open));
        }
    }

    async fn runs(&self, counts: &mut Counts) -> Result<(Vec<OpenRun>, Vec<Elsewhere>), Error> {
        let store = self.backends.store.as_ref();
        let runs = store.runs(RECENT).await?.found;
        let (mut open, mut elsewhere) = (Vec::new(), Vec::new());
        for standing in runs::standing(store, &self.owner, runs).await? {
            if !standing.is_interrupted() {
                counts.forget(&standing.run.id);
                elsewhere.extend(self.fate(&standing).map(|fate| Elsewhere {
                    run: standing.run.id,
                    fate,
                }));
                continue;
            }
            let run = standing.run;
            let now = Instant::now();
            let (left, failed) = match counts.of(&run, now) {
                Some(known) => known,
                None => {
                    let counted = runs::left(store, &run).await?;
                    counts.keep(&run, counted, now);
                    counted
                }
            };
            if left > 0 {
                open.push(OpenRun { run, left, failed });
            }
        }
        Ok((open, elsewhere))
    }

    /// What became of a run at other hands; `None` for one that we work on.
    fn fate(&self, standing: &Standing) -> Option<Fate> {
        match (&standing.worked_on_by, standing.run.state) {
            (Some(by), _) => (*by != self.owner.id).then(|| Fate::WorkedOn(spoken(by))),
            (None, RunState::Finished) => Some(Fate::Finished),
            (None, RunState::Cancelled) => Some(Fate::Cancelled),
            (None, RunState::Running | RunState::Paused) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use jiff::Timestamp;

    #[test]
    fn a_run_is_counted_again_where_it_changed_and_after_a_while() {
        let mut run = Run {
            id: "7f3a0000".into(),
            tenant: "aesthetic".into(),
            operator: "mira".into(),
            host: "desk".into(),
            reason: None,
            deep: false,
            total: 20,
            created_at: Timestamp::UNIX_EPOCH,
            state: RunState::Running,
            pause: None,
            ended_at: None,
            systemic: None,
            moves: Vec::new(),
        };
        let begin = Instant::now();
        let mut counts = Counts::default();
        assert_eq!(counts.of(&run, begin), None, "the first time");
        counts.keep(&run, (15, 2), begin);
        let soon = begin + Duration::from_secs(59);
        assert_eq!(counts.of(&run, soon), Some((15, 2)));
        assert_eq!(counts.of(&run, begin + TRUE_FOR), None, "a while later");
        counts.forget(&run.id);
        assert_eq!(counts.of(&run, soon), None, "somebody worked on it");
        counts.keep(&run, (15, 2), begin);
        run.state = RunState::Paused;
        assert_eq!(counts.of(&run, soon), None, "it changed");
    }
}

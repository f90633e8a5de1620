//! Whoever is forbidden something waits until it shows whether it is so for them alone: then it is their failure. Where
//! nobody else gets on, the whole run stops, and nobody has failed.

use std::sync::atomic::Ordering;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::live::{BRIEFLY, RunWork, Shared, surely};
use super::queue::Job;
use crate::domain::Problem;
use crate::domain::breaker::Concerns;
use crate::domain::event::JobNews;
use crate::domain::run::JobState;
use crate::services::store::journal::JobChange;

impl Shared {
    /// Whose failure it turns out to be; `Unclear` where the job was cancelled or left before that showed.
    pub(super) async fn doubt(
        &self,
        work: &RunWork,
        job: &Job,
        cancel: &CancellationToken,
        problem: &Problem,
    ) -> Concerns {
        let mut news = work.news.subscribe();
        let change = JobChange {
            state: JobState::Queued,
            outcome: None,
            next_try: None,
            error: Some(problem.clone()),
            at: Timestamp::now(),
        };
        // A record that still says `running` is taken up as well, should we die meanwhile.
        surely(BRIEFLY, || {
            let (store, id) = (&self.backends.store, &work.run.id);
            store.change_job(id, &job.key, &change, true)
        })
        .await
        .ok();
        self.tell(work, job, JobNews::Queued);
        work.doubtful.fetch_add(1, Ordering::AcqRel);
        work.news.send_replace(());
        let whose = loop {
            if work.breaker().is_proven() {
                break Concerns::Alone;
            }
            if work.doubtful.load(Ordering::Acquire) >= work.open.load(Ordering::Acquire)
                && let Some(pause) = work.breaker().nobody_else(Timestamp::now())
            {
                break Concerns::Everybody(pause);
            }
            tokio::select! {
                biased;
                () = cancel.cancelled() => break Concerns::Unclear,
                () = work.leave.cancelled() => break Concerns::Unclear,
                // The sender lives as long as the run.
                _ = news.changed() => {}
            }
        };
        work.doubtful.fetch_sub(1, Ordering::AcqRel);
        whose
    }
}

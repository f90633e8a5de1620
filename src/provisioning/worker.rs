//! One job worked off: its turn, the lease on its user, the steps, and what follows from how they ended: another try,
//! a wait, an end, or a pause of the whole run.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use super::hold::Whose;
use super::job::{End, Orders, provision};
use super::leases::LIFE;
use super::live::{PATIENTLY, RunWork, Shared, Turn, surely};
use super::queue::Job;
use super::trail::Scribe;
use crate::domain::breaker::{Concerns, Failure};
use crate::domain::event::{JobNews, Outcome, StepOutcome};
use crate::domain::plan::Step;
use crate::domain::run::{JobState, Pause, Signature};
use crate::domain::{Advice, Class, Problem};
use crate::services::Error;
use crate::services::owner::spoken;
use crate::services::store::journal::JobChange;

/// How often a job that meets an outage is tried in all, before it counts as failed.
const TRIES: u32 = 6;
/// How often it is looked whether somebody else has ended with a user.
const BUSY: Duration = Duration::from_secs(1);
/// A budget is waited for however long it takes, but not longer than this at once.
const LONGEST_PAUSE: Duration = Duration::from_secs(3600);

/// How one attempt at a user came out.
enum Attempt {
    Ended(Outcome),
    /// Somebody else ended it meanwhile, and wrote that down.
    EndedElsewhere(Outcome, Option<Problem>),
    Left,
    /// Somebody else works on the user.
    Busy(String),
    /// Our lease ran out on the way.
    Lost,
    Failed(Error, Option<Step>),
}

/// What follows from a failed attempt.
enum Next {
    Wait(Duration),
    Fail,
    /// For the whole run, after so many users.
    Stop(usize),
}

impl Shared {
    /// Works a job off and tells how it ended.
    pub(super) async fn work(&self, work: &RunWork, job: &Job, cancel: &CancellationToken, mut turn: Turn) {
        let mut tries = 0;
        let mut told = None;
        loop {
            let permit = tokio::select! {
                biased;
                () = cancel.cancelled() => return self.end(work, job, Outcome::Cancelled, None).await,
                () = work.leave.cancelled() => return self.leave_job(work, job, None).await,
                permit = turn => permit,
            };
            let attempt = match self.hold.left(Instant::now()) {
                Some(left) => Err(left),
                None => Ok(self.attempt(work, job, cancel).await),
            };
            // Others may have the turn while this one waits.
            drop(permit);
            let pause = match attempt {
                Err(left) => left,
                Ok(attempt) => match attempt {
                    Attempt::Ended(outcome) => return self.end(work, job, outcome, None).await,
                    Attempt::EndedElsewhere(outcome, error) => {
                        return self.tell(work, job, JobNews::Finished { outcome, error });
                    }
                    Attempt::Left => return self.leave_job(work, job, None).await,
                    Attempt::Lost => Duration::ZERO,
                    Attempt::Busy(owner) => {
                        let by = spoken(&owner);
                        if told.as_ref() != Some(&by) {
                            self.tell(work, job, JobNews::Busy { by: by.clone() });
                            told = Some(by);
                        }
                        BUSY
                    }
                    Attempt::Failed(error, step) => match self.next(job, &error, &mut tries) {
                        Next::Wait(pause) => {
                            self.wait(work, job, pause, &error).await;
                            pause
                        }
                        Next::Fail => return self.fail(work, job, cancel, error, step).await,
                        Next::Stop(after) => return self.stop(work, job, error, step, after).await,
                    },
                },
            };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = cancel.cancelled() => {}
                () = work.leave.cancelled() => {}
            }
            turn = self.turn();
        }
    }

    async fn attempt(&self, work: &RunWork, job: &Job, cancel: &CancellationToken) -> Attempt {
        match self.leases.take(&job.key).await {
            Ok(Ok(())) => {}
            Ok(Err(owner)) => return Attempt::Busy(owner),
            Err(error) => return Attempt::Failed(error, None),
        }
        let attempt = self.attempt_under_lease(work, job, cancel).await;
        // How it ended is written down while nobody else can begin; only then the lease goes.
        let attempt = match attempt {
            Attempt::Ended(outcome) => match self.write_end(work, job, outcome, None).await {
                Ok(()) => Attempt::Ended(outcome),
                Err(error) => Attempt::Failed(error, None),
            },
            other => other,
        };
        self.leases.release(&job.key).await;
        attempt
    }

    async fn attempt_under_lease(&self, work: &RunWork, job: &Job, cancel: &CancellationToken) -> Attempt {
        let store = &self.backends.store;
        let at = Timestamp::now();
        let until = at + SignedDuration::try_from(LIFE).unwrap_or_default();
        match store
            .begin_job(&work.run.id, &job.key, &self.owner.id, until, at)
            .await
        {
            Ok(true) => {}
            Ok(false) => {
                return match store.job(&work.run.id, &job.key).await {
                    // A record that is gone was taken away by somebody who wants nothing more done.
                    Ok(record) => {
                        let (outcome, error) =
                            record.map_or((None, None), |record| (record.outcome, record.error));
                        Attempt::EndedElsewhere(outcome.unwrap_or(Outcome::Cancelled), error)
                    }
                    Err(error) => Attempt::Failed(error, None),
                };
            }
            Err(error) => return Attempt::Failed(error, None),
        }
        self.tell(work, job, JobNews::Started);
        let step_in_hand: Mutex<Option<Step>> = Mutex::new(None);
        let tell = |news: JobNews| {
            let mut step = step_in_hand.lock().unwrap_or_else(PoisonError::into_inner);
            match &news {
                JobNews::StepStarted(started) => *step = Some(*started),
                JobNews::StepDone(report) if report.outcome != StepOutcome::Failed => {
                    *step = None;
                    self.hold.over();
                    if report.step.is_about_an_account() {
                        work.prove();
                    }
                }
                _ => {}
            }
            drop(step);
            self.tell(work, job, news);
        };
        let scribe = Scribe {
            store: store.as_ref(),
            owner: &self.owner,
            run: &work.run,
            job,
        };
        let holds = || self.leases.holds(&job.key);
        let orders = Orders {
            cancel,
            leave: &work.leave,
            holds: &holds,
        };
        let ended = provision(&self.backends, &scribe, &orders, &tell).await;
        match ended {
            Ok(End::Outcome(outcome)) => {
                self.hold.over();
                match self.in_all(work, job, outcome).await {
                    Ok(outcome) => Attempt::Ended(outcome),
                    Err(error) => Attempt::Failed(error, None),
                }
            }
            Ok(End::Left) => Attempt::Left,
            Ok(End::Lost) => Attempt::Lost,
            Err(error) => {
                let step = *step_in_hand.lock().unwrap_or_else(PoisonError::into_inner);
                Attempt::Failed(error, step)
            }
        }
    }

    /// What became of the user in all attempts: the last one may find nothing left to do.
    async fn in_all(&self, work: &RunWork, job: &Job, outcome: Outcome) -> Result<Outcome, Error> {
        if outcome != Outcome::Nothing {
            return Ok(outcome);
        }
        let record = self.backends.store.job(&work.run.id, &job.key).await?;
        Ok(match record.is_some_and(|record| record.has_changed()) {
            true => Outcome::Done,
            false => outcome,
        })
    }

    fn next(&self, job: &Job, error: &Error, tries: &mut u32) -> Next {
        if error.advice != Advice::Retry {
            return Next::Fail;
        }
        if let (Class::RateLimit, Some(until)) = (error.kind, error.until) {
            // It costs no try: the backend said when it goes on.
            let wait = Duration::try_from(until.duration_since(Timestamp::now())).unwrap_or_default();
            return Next::Wait((wait + Duration::from_secs(1)).min(LONGEST_PAUSE));
        }
        match self.hold.met_by(&job.key, Instant::now()) {
            Whose::EverybodysForLong(many) => return Next::Stop(many),
            // It costs no try: nobody fails for what everybody meets.
            Whose::Everybodys => {}
            Whose::Perhaps => {
                *tries += 1;
                if *tries >= TRIES {
                    return Next::Fail;
                }
            }
        }
        let (pause, begins) = self.hold.failed(Instant::now());
        if begins {
            let until = Timestamp::now() + SignedDuration::try_from(pause).unwrap_or_default();
            self.tell_hold(until, &error.problem());
        }
        Next::Wait(pause)
    }

    /// An outage without an end stops the run: its users are left for whoever goes on after the repair.
    async fn stop(&self, work: &RunWork, job: &Job, error: Error, step: Option<Step>, after: usize) {
        let problem = error.problem();
        let pause = Pause {
            at: Timestamp::now(),
            after,
            signature: Signature::of(step, &problem),
            problem: problem.clone(),
        };
        // Together, since the store may be what fails, and then each write takes its time.
        tokio::join!(self.pause(work, pause), self.leave_job(work, job, Some(problem)));
    }

    async fn wait(&self, work: &RunWork, job: &Job, pause: Duration, error: &Error) {
        let at = Timestamp::now();
        let until = at + SignedDuration::try_from(pause).unwrap_or_default();
        let why = error.problem();
        let change = JobChange {
            state: JobState::Waiting,
            outcome: None,
            next_try: Some(until),
            error: Some(why.clone()),
            at,
        };
        self.tell(work, job, JobNews::Waiting { until, why });
        // It waits all the same where that cannot be written down: perhaps the store is what fails.
        self.backends
            .store
            .change_job(&work.run.id, &job.key, &change, true)
            .await
            .ok();
    }

    async fn fail(
        &self,
        work: &RunWork,
        job: &Job,
        cancel: &CancellationToken,
        error: Error,
        step: Option<Step>,
    ) {
        let problem = error.problem();
        let failure = Failure {
            signature: Signature::of(step, &problem),
            problem: problem.clone(),
            forbidden: error.forbids(),
        };
        let mut concerns = work.breaker().failed(failure, Timestamp::now());
        if concerns == Concerns::Unclear {
            concerns = self.doubt(work, job, cancel, &problem).await;
        }
        // Nobody fails for a wrong credential: the run waits until it is right.
        let waits = match concerns {
            Concerns::Alone => false,
            Concerns::Unclear => true,
            Concerns::Everybody(_) => problem.advice == Advice::Configure,
        };
        if concerns == Concerns::Unclear && cancel.is_cancelled() {
            self.end(work, job, Outcome::Cancelled, None).await;
        } else if waits {
            self.leave_job(work, job, Some(problem)).await;
        } else {
            let outcome = match problem.class {
                Class::Refused => Outcome::Refused,
                _ => Outcome::Failed,
            };
            self.end(work, job, outcome, Some(problem)).await;
        }
        if let Concerns::Everybody(pause) = concerns {
            self.pause(work, pause).await;
        }
    }

    async fn end(&self, work: &RunWork, job: &Job, outcome: Outcome, error: Option<Problem>) {
        if matches!(outcome, Outcome::Done | Outcome::Nothing) {
            work.breaker().went_well();
        } else if let Err(unwritten) = self.write_end(work, job, outcome, error.clone()).await {
            // The run may not call itself finished over a record that says otherwise.
            self.left_for_later(work);
            let error = Some(error.unwrap_or_else(|| unwritten.problem()));
            return self.tell(work, job, JobNews::Finished { outcome, error });
        }
        self.tell(work, job, JobNews::Finished { outcome, error });
    }

    async fn write_end(
        &self,
        work: &RunWork,
        job: &Job,
        outcome: Outcome,
        error: Option<Problem>,
    ) -> Result<(), Error> {
        let change = JobChange {
            state: JobState::Ended,
            outcome: Some(outcome),
            next_try: None,
            error,
            at: Timestamp::now(),
        };
        surely(PATIENTLY, || {
            self.backends
                .store
                .change_job(&work.run.id, &job.key, &change, true)
        })
        .await
        .map(|_| ())
    }

    /// Puts a job back into the queue of its run, for whoever resumes it.
    async fn leave_job(&self, work: &RunWork, job: &Job, error: Option<Problem>) {
        let change = JobChange {
            state: JobState::Queued,
            outcome: None,
            next_try: None,
            error,
            at: Timestamp::now(),
        };
        self.left_for_later(work);
        // A record that still says `running` is taken up as well as one that says `queued`.
        surely(PATIENTLY, || {
            self.backends
                .store
                .change_job(&work.run.id, &job.key, &change, true)
        })
        .await
        .ok();
        self.tell(work, job, JobNews::Left);
    }
}

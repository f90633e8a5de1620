//! Writes the audit trail and the job's own record: how things stand before each step, and how they stand after it.

use jiff::Timestamp;

use super::steps::{Made, Work};
use crate::domain::Diagnosis;
use crate::domain::event::{StepOutcome, StepReport};
use crate::domain::look::Look;
use crate::domain::plan::Step;
use crate::domain::run::Run;
use crate::domain::signup::Signup;
use crate::domain::trail::{Change, Field, Phase, TrailEntry};
use crate::services::Error;
use crate::services::owner::Owner;
use crate::services::store::Store;

use super::live::{BRIEFLY, surely};
use super::queue::Job;

/// Who writes what is done to one user in one run.
pub struct Scribe<'a> {
    pub store: &'a dyn Store,
    pub owner: &'a Owner,
    pub run: &'a Run,
    pub job: &'a Job,
}

/// A step that was announced in the trail, until it ended.
pub struct Deed {
    id: String,
    stood: Vec<(Field, Option<String>)>,
}

impl Scribe<'_> {
    /// Keeps how the user stood at the first look.
    pub async fn look(&self, signup: &Signup, diagnosis: &Diagnosis) -> Result<(), Error> {
        let look = Look::of(signup, diagnosis, Timestamp::now());
        self.store.note_look(&self.run.id, &self.job.key, &look).await
    }

    /// Announces a step that may change something; `None` for one that only looks.
    ///
    /// # Errors
    /// Those of the store: what cannot be written down is not done.
    pub async fn before(&self, step: Step, work: &Work<'_>) -> Result<Option<Deed>, Error> {
        if step == Step::Verify {
            return Ok(None);
        }
        let stood = before(step, work);
        let deed = Deed {
            id: format!("{}/{}/{:016x}", self.run.id, self.job.key, rand::random::<u64>()),
            stood,
        };
        let changes = deed.stood.iter().map(|(field, before)| Change {
            field: *field,
            before: before.clone(),
            after: None,
        });
        self.append(&deed, step, Phase::Before, changes.collect()).await?;
        Ok(Some(deed))
    }

    /// Says how an announced step ended.
    pub async fn after(&self, deed: &Deed, work: &Work<'_>, report: &StepReport) -> Result<(), Error> {
        let failed = report.outcome == StepOutcome::Failed;
        let stands = if failed { Vec::new() } else { after(report, work) };
        let value = |field: Field| stands.iter().find(|(name, _)| *name == field);
        let changes = deed.stood.iter().map(|(field, before)| Change {
            field: *field,
            before: before.clone(),
            after: match value(*field) {
                Some((_, after)) => after.clone(),
                None => before.clone(),
            },
        });
        let phase = Phase::After {
            outcome: report.outcome,
            error: failed.then(|| report.detail.clone()),
        };
        let changes: Vec<Change> = changes.collect();
        // It is true already: a trail that does not say so would say that nobody knows.
        surely(BRIEFLY, || {
            self.append(deed, report.step, phase.clone(), changes.clone())
        })
        .await
    }

    /// Adds an ended step to the job's record.
    pub async fn note(&self, report: &StepReport) -> Result<(), Error> {
        surely(BRIEFLY, || {
            self.store.note_step(&self.run.id, &self.job.key, report)
        })
        .await
    }

    async fn append(&self, deed: &Deed, step: Step, phase: Phase, changes: Vec<Change>) -> Result<(), Error> {
        let entry = TrailEntry {
            deed: deed.id.clone(),
            run: self.run.id.clone(),
            tenant: self.job.tenant.clone(),
            sub: self.job.sub.clone(),
            key: self.job.key.clone(),
            step,
            at: Timestamp::now(),
            operator: self.owner.operator.clone(),
            host: self.owner.host.clone(),
            reason: self.run.reason.clone(),
            phase,
            changes,
        };
        self.store.append(&entry).await
    }
}

/// What a step is about, and how it stands before.
fn before(step: Step, work: &Work) -> Vec<(Field, Option<String>)> {
    let signup = &work.signup;
    let record = signup.atproto();
    let made = || work.current_account().ok();
    match step {
        Step::EnsureCodeIndex => vec![(Field::CodeIndex, None)],
        Step::CreateVerification => vec![(Field::VerificationCount, None)],
        Step::SetVerificationCount => {
            let count = signup.verification.present().map(|found| found.count.to_string());
            vec![(Field::VerificationCount, count)]
        }
        Step::CreateUser => vec![(Field::UserRecord, None), (Field::Code, None)],
        Step::AssignCode => vec![(Field::Code, None)],
        Step::CreateAccount => vec![(Field::Account, work.replaces.clone()), (Field::Handle, None)],
        Step::AdoptAccount => {
            let did = signup.found.present().map(|account| account.did.clone());
            vec![(Field::Account, did), (Field::Password, Some("unknown".into()))]
        }
        Step::ResetPassword => {
            let known = record.is_some_and(|record| record.has_password);
            vec![(
                Field::Password,
                Some(if known { "refused" } else { "unknown" }.into()),
            )]
        }
        Step::SyncHandle => vec![(Field::Handle, made().map(|made| made.handle))],
        Step::RecordAccount => {
            // What stands in an older field alone does not stand where it is about to be written.
            let did = record.filter(|record| !record.older.did);
            let handle = record.filter(|record| !record.older.handle);
            vec![
                (Field::RecordedDid, did.and_then(|record| record.did.clone())),
                (
                    Field::RecordedHandle,
                    handle.and_then(|record| record.handle.clone()),
                ),
            ]
        }
        Step::RemoveRehearsal => {
            let made = signup.user.present().map(|_| "made".to_string());
            vec![
                (Field::UserRecord, made),
                (Field::Account, signup.did().map(String::from)),
            ]
        }
        Step::Verify => Vec::new(),
    }
}

/// How it stands after the step.
fn after(report: &StepReport, work: &Work) -> Vec<(Field, Option<String>)> {
    let made: Option<Made> = work.current_account().ok();
    let did = || made.as_ref().map(|made| made.did.clone());
    let handle = || made.as_ref().map(|made| made.handle.clone());
    let code = || work.signup.code().map(String::from);
    let detail = || Some(report.detail.clone());
    let set = || Some("set".to_string());
    match report.step {
        Step::EnsureCodeIndex => vec![(Field::CodeIndex, detail())],
        Step::CreateVerification | Step::SetVerificationCount => vec![(Field::VerificationCount, detail())],
        Step::CreateUser => vec![(Field::UserRecord, Some("made".into())), (Field::Code, code())],
        Step::AssignCode => vec![(Field::Code, code())],
        Step::CreateAccount => vec![(Field::Account, did()), (Field::Handle, handle())],
        Step::AdoptAccount => vec![(Field::Account, did()), (Field::Password, set())],
        Step::ResetPassword => vec![(Field::Password, set())],
        Step::SyncHandle => vec![(Field::Handle, handle())],
        Step::RecordAccount => vec![(Field::RecordedDid, did()), (Field::RecordedHandle, handle())],
        Step::RemoveRehearsal => vec![(Field::UserRecord, None), (Field::Account, None)],
        Step::Verify => Vec::new(),
    }
}

//! One signup as the table shows it: its facts, what they mean, and what names it.

use jiff::Timestamp;

use crate::audit::Stage;
use crate::domain::{Column, Diagnosis, Policy, Signup, State as Fact, Verdict, diagnose, plan};

use super::jobs::Job;
use super::message::Target;

/// What names a row: a user's key in Mongo, within the tenant. Never a row number.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RowId {
    pub tenant: String,
    pub key: String,
}

impl RowId {
    pub fn new(tenant: &str, key: &str) -> Self {
        Self {
            tenant: tenant.into(),
            key: key.into(),
        }
    }

    pub fn of(signup: &Signup) -> Self {
        Self::new(&signup.tenant, &signup.key)
    }
}

/// One signup as the table shows it.
#[derive(Debug, Clone)]
pub struct Row {
    pub signup: Signup,
    pub diagnosis: Diagnosis,
    pub verdict: Verdict,
    /// A backfill has something to do about it, as far as is known.
    pub mends: bool,
    /// How far its first walk has come with it. Before `Complete`, what is unknown is on its way.
    pub stage: Stage,
    /// The walk that named it last.
    pub walk: u64,
    /// When it was read last: as it stands here, or as it was listed first.
    pub read_at: Timestamp,
    /// The walk during which it was observed by itself: what that walk read may be older.
    pub observed_in: Option<u64>,
}

impl Row {
    pub fn new(signup: Signup, stage: Stage, walk: u64, read_at: Timestamp) -> Self {
        let diagnosis = diagnose(&signup);
        let verdict = diagnosis.verdict();
        let mends = has_plan(&signup, &diagnosis);
        Self {
            signup,
            diagnosis,
            verdict,
            mends,
            stage,
            walk,
            read_at,
            observed_in: None,
        }
    }

    pub fn take(&mut self, signup: Signup) {
        self.diagnosis = diagnose(&signup);
        self.verdict = self.diagnosis.verdict();
        self.mends = has_plan(&signup, &self.diagnosis);
        self.signup = signup;
    }

    pub fn is_pending(&self) -> bool {
        self.stage < Stage::Complete
    }

    /// Nothing is wrong as far as is known, but not everything is known yet.
    pub fn is_being_read(&self) -> bool {
        self.is_pending() && self.verdict == Verdict::Unknown
    }

    /// The state of a column, with the job's step in hand put in.
    pub fn state(&self, column: Column, job: Option<&Job>) -> Fact {
        match job.and_then(Job::column) {
            Some(running) if running == column => Fact::Running,
            _ => self.diagnosis.state(column),
        }
    }

    pub fn target(&self) -> Target {
        Target {
            tenant: self.signup.tenant.clone(),
            sub: self.signup.sub.clone(),
            key: self.signup.key.clone(),
        }
    }
}

fn has_plan(signup: &Signup, diagnosis: &Diagnosis) -> bool {
    !plan(signup, diagnosis, Policy::default()).steps.is_empty()
}

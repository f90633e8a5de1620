//! What `diagnose` finds out about the pipeline as a whole. What each of these facts means stands in `lines`, and which of
//! them is the most likely cause in `suspect`.

mod lines;

use super::code_index::Index;
use super::error::Problem;
use super::event::StepReport;
use super::plan::Step;
use super::run::Signature;
use super::tally::{Systemic, Totals};
use super::text::clean;

pub use lines::{checks, fill, index_check, shared_sentence};

/// From this share of a year's codes on, in percent, drawing one takes two tries on average.
const FULL: u64 = 50;
/// From this share on it takes twenty.
const TOO_FULL: u64 = 95;

/// Everything that was found out; what a backend did not tell is its problem.
#[derive(Debug, Clone)]
pub struct Facts {
    /// The year whose codes are drawn now.
    pub year: i16,
    pub services: Vec<Service>,
    pub indexes: Result<Vec<Index>, Problem>,
    pub census: Result<Census, Problem>,
    pub draws: Result<Vec<Draw>, Problem>,
    pub rehearsal: Rehearsal,
    /// The keys of throw-away users whom a killed rehearsal left.
    pub leftovers: Result<Vec<String>, Problem>,
    pub newest: Vec<Newest>,
    pub failures: Result<Vec<Failures>, Problem>,
}

/// A backend, and what is wrong with it.
#[derive(Debug, Clone)]
pub struct Service {
    /// `auth0`, `mongo`, `pds` or `plc`.
    pub name: &'static str,
    /// Empty for what all tenants share.
    pub tenant: String,
    pub problem: Option<Problem>,
}

/// The codes of all users, counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Census {
    /// How many are of the year.
    pub in_year: u64,
    /// How many users of Auth0 have a record and no code.
    pub without: u64,
    /// How many codes several users share.
    pub shared: u64,
    /// Some of these.
    pub examples: Vec<Shared>,
}

/// A code that several users have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shared {
    pub code: String,
    /// At most a handful of them.
    pub keys: Vec<String>,
}

impl Shared {
    pub fn describe(&self) -> String {
        format!("{} ({})", clean(&self.code), clean(&self.keys.join(", ")))
    }
}

/// A code that was drawn to see whether drawing works. It was given to nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draw {
    pub year: i16,
    pub code: String,
    /// Somebody has it.
    pub taken: bool,
}

/// The signup of a throw-away user.
#[derive(Debug, Clone)]
pub enum Rehearsal {
    /// It was not asked for: what would be written.
    Would {
        key: String,
        writes: String,
    },
    Tried(Tried),
}

/// A rehearsal that took place.
#[derive(Debug, Clone)]
pub struct Tried {
    pub key: String,
    pub steps: Vec<StepReport>,
    /// What ended it early, at which step.
    pub failure: Option<(Option<Step>, Problem)>,
    /// Whether nothing of it is left, and the DIDs that the PLC directory keeps for ever.
    pub removed: Result<Vec<String>, Problem>,
}

/// The newest signups of a tenant.
#[derive(Debug, Clone)]
pub struct Newest {
    pub tenant: String,
    pub audit: Result<(Totals, Vec<Systemic>), Problem>,
}

/// Users of runs whom one thing failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failures {
    pub signature: Signature,
    pub hint: String,
    pub users: usize,
    /// The newest run that met it.
    pub run: String,
}

impl Failures {
    pub fn describe(&self) -> String {
        let step = self.signature.step.map_or("looking at the user", Step::name);
        let users = people(self.users as u64);
        format!(
            "{step} failed for {users}, last in run {}: {}",
            clean(&self.run),
            clean(&self.signature.message)
        )
    }
}

fn people(many: u64) -> String {
    match many {
        1 => "1 user".into(),
        many => format!("{many} users"),
    }
}

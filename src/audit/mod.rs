//! Gathers facts: which to fetch, from whom first, how many at once. Writes nothing anywhere.

pub mod cause;
pub mod checkup;
pub mod configuration;
pub mod emails;
pub mod live;
pub mod named;
mod orphans;
pub mod page;
pub mod report;
pub mod strays;
pub mod who;

use jiff::Timestamp;

use crate::domain::tally::Evidence;
use crate::domain::{Problem, Signup};

/// How far the facts of a page have come. Rows are told after each stage, so that a screen fills in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Auth0 answered: the rows are there, everything else is still unknown.
    Listed,
    /// MongoDB answered, or failed to.
    Mongo,
    /// The PDS answered, or failed to.
    Pds,
    /// Everything that is going to be asked was asked.
    Complete,
}

/// What a running audit tells.
#[derive(Debug, Clone, PartialEq)]
pub enum AuditNews {
    Started {
        tenant: String,
    },
    /// The rows of one page, newest first, each with all the facts that are known so far.
    Rows {
        tenant: String,
        stage: Stage,
        signups: Vec<Signup>,
    },
    /// The tenant's list is complete: what it does not name is no longer there. `whole_tenant`: there are no older ones.
    Finished {
        tenant: String,
        at: Timestamp,
        whole_tenant: bool,
        /// About what many of them share; `None` where only a part was read.
        evidence: Option<Box<Evidence>>,
        /// Why it is not known which records lost their Auth0 user, or which accounts nobody has.
        orphans_unknown: Option<Problem>,
    },
    /// Auth0 could not be listed; the rows of before stay, and grow old.
    Failed {
        tenant: String,
        problem: Problem,
    },
}

//! Values only: what a signup is, what its facts mean and what should be done about it.
//! No clock, no network, no terminal and no async lives here; everything is a plain function of its arguments.

pub mod accident;
pub mod alert;
pub mod breaker;
pub mod change;
pub mod check;
pub mod checkup;
pub mod code;
pub mod code_index;
pub mod diagnosis;
pub mod error;
pub mod event;
pub mod filter;
pub mod finding;
pub mod handle;
pub mod incident;
pub mod look;
pub mod observed;
pub mod plan;
pub mod practice;
pub mod run;
pub mod setting;
pub mod side_by_side;
pub mod signup;
pub mod spelling;
pub mod spread;
pub mod stray;
pub mod suspect;
pub mod tally;
pub mod tenant;
pub mod text;
pub mod trail;
pub mod watch;

pub use diagnosis::{Column, Diagnosis, State, Verdict, diagnose, has_records};
pub use error::{Advice, Class, Problem};
pub use event::{Event, JobEvent, JobNews, Outcome, RunEvent, RunNews, StepOutcome};
pub use finding::{Finding, FindingId, Repair, Severity};
pub use observed::Observed;
pub use plan::{Plan, Policy, Step, plan};
pub use signup::Signup;

#[cfg(test)]
mod tests;

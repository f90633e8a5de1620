//! The repair of the index on the code, as the screen goes through it: asked about, and under way.

use super::accidents::Topic;
use super::mode::Button;
use super::state::State;
use super::update::whole;
use super::words;
use crate::domain::Problem;
use crate::domain::code_index::{Index, IndexStep, next_step};

pub const ALREADY: &str = "The index on users.code has its good form already: nothing was written.";
/// Where somebody did not want to wait for its end, or nobody could.
pub const BROKEN_OFF: &str =
    "Left while the code index was being mended: atriage diagnose --fix-index goes on with it.";

/// The question before it.
#[derive(Debug, Clone)]
pub struct Question {
    /// The page that it was asked from, and that it goes back to; `None` for the table.
    pub from: Option<Topic>,
    /// What would be done, or why nothing can be; `None` while that is asked.
    pub told: Option<Result<Vec<IndexStep>, Problem>>,
    pub focus: Button,
    pub scroll: usize,
}

impl Question {
    pub fn asked(from: Option<Topic>) -> Self {
        Self {
            from,
            told: None,
            focus: Button::Cancel,
            scroll: 0,
        }
    }

    /// What can be agreed to; nothing where there is nothing to agree to.
    pub fn steps(&self) -> &[IndexStep] {
        match &self.told {
            Some(Ok(steps)) => steps,
            Some(Err(_)) | None => &[],
        }
    }
}

/// One that is under way.
#[derive(Debug, Clone)]
pub struct Repair {
    /// What was agreed to.
    pub steps: usize,
    pub done: usize,
}

impl Repair {
    pub fn sentence(&self) -> String {
        let steps = words::count(self.steps, "step");
        format!("The code index is being mended: {} of {steps} done.", self.done)
    }

    /// How it ended. `told`: in how many steps. `indexes`: as they stand now, where that could be read.
    pub fn ended(&self, told: &Result<usize, Problem>, indexes: Option<&[Index]>) -> String {
        let problem = match told {
            Ok(0) => return ALREADY.into(),
            Ok(steps) => {
                let steps = words::count(*steps, "step");
                return format!("The index on users.code has its good form now, after {steps}.");
            }
            Err(problem) => whole(problem),
        };
        // Somebody else may have done the first of what was agreed to.
        let is_good = indexes.is_some_and(|indexes| matches!(next_step(indexes), Ok(None)));
        match self.done {
            0 => format!("The code index was not mended: {problem}"),
            done if done == self.steps || is_good => {
                format!("The index is mended, but the audit trail was not written: {problem}")
            }
            done => {
                let steps = words::count(self.steps, "step");
                format!("The code index was not mended, after {done} of {steps}: {problem}")
            }
        }
    }
}

impl State {
    /// Whether nothing is under way that is waited for before the screen is left.
    pub(super) fn is_at_rest(&self) -> bool {
        self.jobs.active_count() == 0 && self.repair.is_none()
    }
}

/// The indexes on the code as they were read last; `None` where they were not. All tenants share them.
pub fn indexes(state: &State) -> Option<&[Index]> {
    let looked = state.looked.as_ref();
    let looked = looked.and_then(|looked| Some((looked.at, looked.indexes.as_deref().ok()?)));
    let walks = state.walks.values();
    let walks = walks.filter_map(|walk| Some((walk.fresh_at?, walk.evidence.code_indexes.as_deref()?)));
    let newest = walks.chain(looked).max_by_key(|(at, _)| *at);
    newest.map(|(_, indexes)| indexes)
}

//! Why a key about the index on the code, or the line that goes with it, does nothing right now.

use super::super::accidents::{Topic, leads_to_the_index, stopped_runs};
use super::super::repair::indexes;
use super::super::state::{Mode, State};
use super::super::words;
use super::because;
use crate::domain::code_index::next_step;

/// Whether a repair of the index on the code would do anything, whoever carries it out.
pub fn index_needs_a_step(state: &State) -> Result<(), String> {
    match indexes(state).map(next_step) {
        Some(Ok(Some(_))) => Ok(()),
        Some(Ok(None)) => Err("The index on users.code has its good form: nothing is to be mended.".into()),
        Some(Err(problem)) => Err(words::show(&format!("{} {}", problem.message, problem.hint))),
        None => Err(state.spell("The index on users.code was not read yet; {refresh} reads it.")),
    }
}

/// To ask only reads: what was read before may be old, and the answer tells what is to be done, if anything.
pub fn may_ask_for_index(state: &State) -> Result<(), String> {
    match &state.repair {
        Some(repair) => Err(repair.sentence()),
        None => Ok(()),
    }
}

/// On a page that explains what concerns many.
pub fn may_fix_index(state: &State) -> Result<(), String> {
    may_ask_for_index(state)?;
    if let Mode::Systemic { topic, .. } = &state.mode {
        let why = "This page is not about the code index; {back} goes back to the table, where {fix-index} asks about it.";
        because(state, leads_to_the_index(state, topic), why)?;
    }
    index_needs_a_step(state)
}

/// Of the page that explains what concerns many: the run that stopped, else the index.
pub fn has_line(state: &State) -> Result<(), String> {
    match &state.mode {
        Mode::Systemic {
            topic: Topic::Stopped(run),
            ..
        } => because(
            state,
            stopped_runs(state).any(|(id, _)| id == run),
            "This is over: there is nothing to go on with.",
        ),
        Mode::Systemic { topic, .. } => {
            let why = "No command line mends what is explained here.";
            because(state, leads_to_the_index(state, topic), why)?;
            index_needs_a_step(state)
        }
        _ => Ok(()),
    }
}

/// Nobody agrees to what was not shown.
pub fn may_agree(state: &State) -> Result<(), String> {
    match &state.mode {
        Mode::Index(question) => because(
            state,
            !question.steps().is_empty(),
            match question.told {
                None => "What would be done is still being asked; a moment.",
                Some(_) => "There is nothing to agree to: what is in the way stands above.",
            },
        ),
        _ => Ok(()),
    }
}

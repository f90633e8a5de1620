//! The repair of the index on the code: the question with its steps, the way through it, and what is known afterwards.

use super::super::keys::Command;
use super::super::message::Effect;
use super::super::repair::{ALREADY, Question, Repair};
use super::super::state::{Button, Mode, State};
use super::super::toast::Tone;
use super::super::words;
use super::telling::{note, tell};
use super::{is_due, refresh, systemic, toast};
use crate::domain::Problem;
use crate::domain::code_index::{Index, IndexStep};
use crate::provisioning::code_index::IndexDeed;

/// Asks for the steps; who agrees to them has seen them.
pub fn open(state: &mut State, effects: &mut Vec<Effect>) {
    let from = match &state.mode {
        Mode::Systemic { topic, .. } => Some(topic.clone()),
        _ => None,
    };
    state.mode = Mode::Index(Question::asked(from));
    effects.push(Effect::PlanIndex);
}

/// An answer to a question that was closed meanwhile comes too late.
pub fn planned(state: &mut State, told: Result<Vec<IndexStep>, Problem>, effects: &mut Vec<Effect>) {
    let Mode::Index(question) = state.mode.beneath() else {
        return;
    };
    if question.told.is_some() {
        return;
    }
    let nothing = told.as_ref().is_ok_and(Vec::is_empty);
    question.told = Some(told);
    if nothing {
        close(state);
        toast(state, ALREADY.into());
        look_anew(state, effects);
    }
}

pub fn answer(state: &mut State, mut question: Question, command: Command, effects: &mut Vec<Effect>) {
    let steps = question.steps().to_vec();
    let agrees = command == Command::Yes || (command, question.focus) == (Command::Press, Button::Go);
    if matches!(command, Command::NextButton | Command::PreviousButton) {
        question.focus = match question.focus {
            Button::Cancel if !steps.is_empty() => Button::Go,
            _ => Button::Cancel,
        };
        state.mode = Mode::Index(question);
        return;
    }
    state.mode = Mode::Index(question);
    close(state);
    if steps.is_empty() {
        return;
    }
    if !agrees {
        return toast(state, "Nothing was changed.".into());
    }
    let repair = Repair {
        steps: steps.len(),
        done: 0,
    };
    // The banner shows how it goes on.
    note(state, Tone::Plain, repair.sentence());
    state.repair = Some(repair);
    effects.push(Effect::MendIndex(steps));
}

/// Back to where it was asked.
fn close(state: &mut State) {
    let open = state.mode.beneath();
    if let Mode::Index(question) = open {
        let from = question.from.take();
        *open = from.map_or(Mode::Table, |topic| Mode::Systemic { topic, scroll: 0 });
    }
}

pub fn step(state: &mut State, deed: &IndexDeed) {
    if let Some(repair) = &mut state.repair {
        repair.done += 1;
    }
    let (step, ms) = (words::show(&deed.step.describe()), deed.took.as_millis());
    note(state, Tone::Good, format!("The code index: {step} ({ms} ms)"));
}

/// It is over. `indexes`: as they stand now, where that could be read.
pub fn mended(
    state: &mut State,
    told: Result<usize, Problem>,
    indexes: Option<Vec<Index>>,
    effects: &mut Vec<Effect>,
) {
    let repair = state.repair.take().unwrap_or(Repair { steps: 0, done: 0 });
    let tone = match &told {
        Ok(0) => Tone::Plain,
        Ok(_) => Tone::Good,
        Err(_) => Tone::Bad,
    };
    if told.is_err() {
        // Who waits for its end to leave is to read that it failed.
        state.leaving = false;
    }
    tell(state, tone, repair.ended(&told, indexes.as_deref()));
    if let Some(indexes) = indexes {
        if let Some(looked) = &mut state.looked {
            looked.indexes = Ok(indexes.clone());
        }
        for walk in state.walks.values_mut() {
            walk.evidence.code_indexes = Some(indexes.clone());
        }
        state.stale_order = true;
    }
    look_anew(state, effects);
}

/// What was read before, or is being read, may be of before the repair.
fn look_anew(state: &mut State, effects: &mut Vec<Effect>) {
    for walk in state.walks.values_mut() {
        walk.again = true;
    }
    if !state.frozen {
        refresh(state, effects, is_due);
    }
    systemic::ask_again(state, effects);
}

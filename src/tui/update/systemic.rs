//! The screen that explains what concerns many: opened, gone through, and its users marked.

use super::super::accidents::{Topic, affected, topics};
use super::super::message::Effect;
use super::super::state::{Mode, State};
use super::super::words;
use super::toast;
use crate::domain::accident::Looked;

pub fn open(state: &mut State, effects: &mut Vec<Effect>) {
    let Some(topic) = topics(state).into_iter().next() else {
        return;
    };
    state.mode = Mode::Systemic { topic, scroll: 0 };
    ask(state, effects);
}

/// Asks for the evidence anew; what is on its way is not asked for twice.
pub fn ask(state: &mut State, effects: &mut Vec<Effect>) {
    if !state.looking {
        state.looking = true;
        effects.push(Effect::LookIntoCause(whose(state)));
    }
}

/// Whose accident is explained: what stopped a run on other people says nothing about it.
fn whose(state: &State) -> String {
    match (&state.mode, state.chosen()) {
        (
            Mode::Systemic {
                topic: Topic::Shared(tenant, _),
                ..
            },
            _,
        ) => tenant.clone(),
        (_, [one]) => one.clone(),
        _ => "both".into(),
    }
}

pub fn looked(state: &mut State, looked: Looked) {
    state.looking = false;
    state.looked = Some(looked);
}

/// The next topic, or the one before. From one that is over, the first.
pub fn turn(state: &mut State, forward: bool, effects: &mut Vec<Effect>) {
    let before = whose(state);
    let all = topics(state);
    let Mode::Systemic { topic, scroll } = &mut state.mode else {
        return;
    };
    let by = if forward { 1 } else { all.len().saturating_sub(1) };
    let next = match all.iter().position(|other| other == topic) {
        Some(here) => all.get((here + by) % all.len()),
        None => all.first(),
    };
    if let Some(next) = next {
        (*topic, *scroll) = (next.clone(), 0);
    }
    if whose(state) != before {
        ask(state, effects);
    }
}

/// Marks those of the topic that are shown: what is done to them is asked apart.
pub fn mark(state: &mut State) {
    let Mode::Systemic { topic, .. } = &state.mode else {
        return;
    };
    let topic: Topic = topic.clone();
    let (ids, hidden) = affected(state, &topic);
    let marked = words::count(ids.len(), "user");
    state.range = None;
    state.marks.extend(ids);
    let more = match hidden {
        0 => String::new(),
        1 => " One more is hidden by the filter.".into(),
        many => format!(" {many} more are hidden by the filter."),
    };
    let told = state.spell("marked; {fix} asks what is done to them.");
    toast(state, format!("{marked} {told}{more}"));
}

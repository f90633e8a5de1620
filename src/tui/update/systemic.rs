//! The screen that explains what concerns many: opened, gone through, and its users marked.

use super::super::accidents::{self, Topic, affected, topics, whose};
use super::super::message::Effect;
use super::super::state::{Mode, RowId, State};
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

/// Asks for the evidence anew; what is on its way about the same people is not asked for twice.
pub fn ask(state: &mut State, effects: &mut Vec<Effect>) {
    let Mode::Systemic { topic, .. } = state.mode.beneath() else {
        return;
    };
    let topic = topic.clone();
    let whose = whose(state, &topic);
    if state.looking.as_ref() != Some(&whose) {
        state.looking = Some(whose.clone());
        effects.push(Effect::LookIntoCause(whose));
    }
}

/// The same after something changed: what is on its way may be of before.
pub fn ask_again(state: &mut State, effects: &mut Vec<Effect>) {
    if state.looking.is_some() {
        state.look_again = true;
    } else {
        ask(state, effects);
    }
}

/// An answer about other people than were asked about last comes too late.
pub fn looked(state: &mut State, looked: Looked, effects: &mut Vec<Effect>) {
    if state.looking.as_ref() != Some(&looked.tenant) {
        return;
    }
    state.looking = None;
    if std::mem::take(&mut state.look_again) {
        ask(state, effects);
    } else {
        state.looked = Some(looked);
    }
}

/// The next topic, or the one before. From one that is over, the first.
pub fn turn(state: &mut State, forward: bool, effects: &mut Vec<Effect>) {
    let all = topics(state);
    let Mode::Systemic { topic, .. } = &state.mode else {
        return;
    };
    let before = whose(state, topic);
    let by = if forward { 1 } else { all.len().saturating_sub(1) };
    let next = match all.iter().position(|other| other == topic) {
        Some(here) => all.get((here + by) % all.len()),
        None => all.first(),
    };
    let Some(next) = next.cloned() else { return };
    let other = whose(state, &next) != before;
    state.mode = Mode::Systemic {
        topic: next,
        scroll: 0,
    };
    if other {
        ask(state, effects);
    }
}

/// Marks those of the topic that are shown: what is done to them is asked apart.
pub fn mark(state: &mut State) {
    let Mode::Systemic { topic, .. } = &state.mode else {
        return;
    };
    let Topic::Shared(tenant, finding) = topic else {
        return;
    };
    let hidden = accidents::counted(state, topic).map_or(0, |counted| counted.hidden);
    let ids: Vec<RowId> = affected(state, tenant, *finding).cloned().collect();
    let marked = words::count(ids.len(), "user");
    state.range = None;
    state.marks.extend(ids);
    let more = match hidden {
        0 => String::new(),
        1 => " One more is hidden by the filter.".into(),
        many => format!(" {many} more are hidden by the filter."),
    };
    let told = state.spell(match state.setup.read_only {
        true => "marked; {plan} in the table says what would be done to them.",
        false => "marked; {fix} asks what is done to them.",
    });
    toast(state, format!("{marked} {told}{more}"));
}

//! What may follow at a place of a filter that is being typed.

use std::ops::Range;

use super::parse::{Field, VERIFIED, split, words};
use super::{Doing, Known};
use crate::domain::diagnosis::{Column, State, Verdict};
use crate::domain::finding::FindingId;

/// Texts that may stand in the place of a part of the filter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Completion {
    /// The bytes that one of them would take the place of.
    pub replace: Range<usize>,
    pub candidates: Vec<String>,
}

/// What may stand where the caret is (a byte of the text): the nearest first, none where the word is whole already or
/// nothing is known of it.
pub fn complete(text: &str, caret: usize, known: &Known) -> Completion {
    let mut caret = caret.min(text.len());
    while !text.is_char_boundary(caret) {
        caret -= 1;
    }
    let before = &text[..caret];
    let last = words(before).into_iter().next_back();
    let (at, word) = match last.filter(|word| word.at.end == caret) {
        Some(word) if word.open.is_some() => return Completion::default(),
        Some(word) => (word.at.end - word.text.len(), word.text),
        None => (caret, ""),
    };
    // A field stays as it is: only what follows it is completed.
    let is_value = split(word).is_some();
    let (at, typed, all) = match split(word) {
        Some((name, sign, value)) => {
            let name = name.to_lowercase();
            let field = Field::named(&name).filter(|field| (*field == Field::Age) == (sign != ':'));
            let values = field.map_or(Vec::new(), |field| values(field, known));
            (at + word.len() - value.len(), value, values)
        }
        None => (at, word, names(known)),
    };
    let lower = typed.to_lowercase();
    let starts = |candidate: &&String| candidate.to_lowercase().starts_with(&lower);
    // What has the text somewhere within comes after what begins with it.
    let within =
        |candidate: &&String| is_value && lower.len() > 1 && candidate.to_lowercase().contains(&lower);
    let first = all.iter().filter(starts);
    let then = all
        .iter()
        .filter(|candidate| within(candidate) && !starts(candidate));
    let mut candidates: Vec<String> = first.chain(then).cloned().collect();
    if candidates.contains(&lower) {
        // It is whole already.
        candidates.clear();
    }
    Completion {
        replace: at..caret,
        candidates,
    }
}

/// What a word may begin with.
fn names(known: &Known) -> Vec<String> {
    let views = known.views.iter().map(|(name, _)| format!("@{name}"));
    let fields = Field::ALL.into_iter().filter(|field| field.holds_here(known));
    let fields = fields.flat_map(|field| match field {
        Field::Age => ["<", ">"].map(|sign| format!("{}{sign}", field.name())).to_vec(),
        _ => vec![format!("{}:", field.name())],
    });
    views.chain(fields).chain([VERIFIED.to_string()]).collect()
}

/// What may stand after a field.
fn values(field: Field, known: &Known) -> Vec<String> {
    let words = |words: &[&str]| -> Vec<String> { words.iter().map(|word| (*word).to_string()).collect() };
    match field {
        Field::State(Column::Code) => words(&State::ALL.map(State::word))
            .into_iter()
            .chain(["ac".into()])
            .collect(),
        Field::State(_) => words(&State::ALL.map(State::word)),
        Field::Finding => words(&FindingId::ALL.map(FindingId::name)),
        Field::Is => words(&Verdict::ALL.map(Verdict::word)),
        Field::Job => words(&Doing::ALL.map(Doing::word)),
        Field::Tenant => known.tenants.clone(),
        Field::Age => words(&["1h", "2h", "1d", "7d"]),
        Field::Email | Field::Handle | Field::Sub => Vec::new(),
    }
}

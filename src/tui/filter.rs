//! A filter while it is typed: what was in force before, what may follow where the caret is, and what of that was chosen.

use tui_input::Input;

use crate::domain::filter::{Completion, Known, Seen, complete};
pub use crate::domain::filter::{Filter, Misunderstood};

use super::jobs::{Job, Phase};
use super::state::Row;
use crate::domain::filter::Doing;

/// What may follow where the caret is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proposals {
    completion: Completion,
    chosen: Option<usize>,
}

impl Proposals {
    pub fn of(input: &Input, known: &Known) -> Self {
        let caret = input.value().char_indices().nth(input.cursor());
        let caret = caret.map_or(input.value().len(), |(at, _)| at);
        Self {
            completion: complete(input.value(), caret, known),
            chosen: None,
        }
    }

    pub fn all(&self) -> &[String] {
        &self.completion.candidates
    }

    /// Whether the word that is being typed may become one of them: it says nothing yet.
    pub fn await_more(&self) -> bool {
        !self.completion.candidates.is_empty() && !self.completion.replace.is_empty()
    }

    pub fn chosen(&self) -> Option<usize> {
        self.chosen
    }

    /// The one after that which was chosen last, or the one before; round and round.
    pub fn next(&self, forward: bool) -> usize {
        let count = self.completion.candidates.len().max(1);
        match (self.chosen, forward) {
            (None, true) => 0,
            (None, false) => count - 1,
            (Some(at), true) => (at + 1) % count,
            (Some(at), false) => (at + count - 1) % count,
        }
    }

    /// Puts this one into the line. Where there is only one, what may follow it is proposed at once.
    pub fn take(&mut self, input: &mut Input, next: usize, known: &Known) {
        let count = self.completion.candidates.len();
        let Some(candidate) = self.completion.candidates.get(next) else {
            return;
        };
        let mut text = input.value().to_string();
        let replace = self.completion.replace.clone();
        let end = replace.start + candidate.len();
        text.replace_range(replace.clone(), candidate);
        let cursor = text[..end].chars().count();
        *input = Input::new(text).with_cursor(cursor);
        self.completion.replace = replace.start..end;
        self.chosen = Some(next);
        if count == 1 {
            *self = Self::of(input, known);
        }
    }
}

/// Whether a row stays, whatever a job does with it just now.
pub fn lets_through(filter: &Filter, row: &Row, job: Option<&Job>, now: jiff::Timestamp) -> bool {
    filter.lets_through(&Seen {
        signup: &row.signup,
        diagnosis: &row.diagnosis,
        now,
        job: job.map(|job| match job.phase {
            Phase::Observing | Phase::Step(_) => Doing::Running,
            Phase::Waiting { .. } | Phase::Queued | Phase::Busy { .. } => Doing::Waiting,
            Phase::Left | Phase::Elsewhere(_) => Doing::Left,
            Phase::Ended(outcome) => Doing::Ended(outcome),
        }),
        running: job.and_then(Job::column),
    })
}

//! What happened in this session, one entry each, the newest last. Kept in memory alone, and no more than is worth reading.

use std::collections::VecDeque;

use jiff::Timestamp;

use super::message::Target;
use super::toast::Tone;

/// So many entries are kept. What went well makes room first: there is most of it, and what failed is looked for here.
pub const MOST: usize = 2_000;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Counts all that there ever were.
    pub number: usize,
    /// When it happened last.
    pub at: Timestamp,
    pub tone: Tone,
    /// Whom it is about: how they are called is decided when it is shown, masked or not.
    pub who: Option<Target>,
    /// Fit to be shown, and without personal data.
    pub text: String,
    /// How often it happened with nothing else in between.
    pub times: usize,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Log {
    entries: VecDeque<Entry>,
    dropped: usize,
}

impl Log {
    pub fn push(&mut self, at: Timestamp, tone: Tone, who: Option<Target>, text: String) {
        if let Some(last) = self.entries.back_mut()
            && (last.tone, &last.who, &last.text) == (tone, &who, &text)
        {
            last.at = at;
            last.times += 1;
            return;
        }
        if self.is_full() {
            let went_well = |entry: &Entry| matches!(entry.tone, Tone::Good | Tone::Plain);
            let oldest = self.entries.iter().position(went_well).unwrap_or_default();
            self.entries.remove(oldest);
            self.dropped += 1;
        }
        let (number, times) = (self.dropped + self.entries.len(), 1);
        self.entries.push_back(Entry {
            number,
            at,
            tone,
            who,
            text,
            times,
        });
    }

    /// The next entry makes another one go.
    pub fn is_full(&self) -> bool {
        self.entries.len() == MOST
    }

    /// The oldest first.
    pub fn entries(&self) -> impl ExactSizeIterator<Item = &Entry> {
        self.entries.iter()
    }

    /// How many were not kept.
    pub fn dropped(&self) -> usize {
        self.dropped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_bounded_and_counts_what_repeats_itself() {
        let at = |seconds| Timestamp::from_second(seconds).unwrap();
        let mut log = Log::default();
        for n in 0..3 {
            log.push(at(n), Tone::Bad, None, "pds does not answer.".into());
        }
        let entry = log.entries().next().unwrap();
        assert_eq!((entry.at, entry.times, log.entries().len()), (at(2), 3, 1));
        log.push(at(3), Tone::Good, None, "pds does not answer.".into());
        assert_eq!(log.entries().len(), 2, "another tone is another entry");
        for n in 0..MOST {
            log.push(at(4), Tone::Plain, None, n.to_string());
        }
        assert_eq!((log.entries().len(), log.dropped()), (MOST, 2));
        let texts = |log: &Log| {
            log.entries()
                .take(2)
                .map(|entry| entry.text.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(texts(&log), ["pds does not answer.", "1"], "what failed is kept");
        for n in 0..=MOST {
            log.push(at(5), Tone::Warning, None, n.to_string());
        }
        assert_eq!(log.entries().len(), MOST);
        assert_eq!(
            texts(&log),
            ["1", "2"],
            "where nothing went well, the oldest goes"
        );
    }
}

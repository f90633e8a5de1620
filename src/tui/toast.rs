//! Sentences that come and go above the last line: how long each stays, and which stay where there are too many.

use jiff::{SignedDuration, Timestamp};

use crate::domain::State as Fact;

/// How good the news are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// Neither good nor bad: what a key did, or why it does nothing.
    #[default]
    Plain,
    Good,
    /// Worth an eye, but nothing failed.
    Warning,
    Bad,
}

impl Tone {
    /// The state whose glyph and colour it has.
    pub fn fact(self) -> Option<Fact> {
        match self {
            Self::Plain => None,
            Self::Good => Some(Fact::Ok),
            Self::Warning => Some(Fact::Drift),
            Self::Bad => Some(Fact::Missing),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toast {
    pub tone: Tone,
    pub text: String,
    pub until: Timestamp,
}

/// The sentences that stand there, the oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Toasts(Vec<Toast>);

/// So many stand there at once; all are in the log.
pub const MOST: usize = 3;

impl Toasts {
    pub fn all(&self) -> &[Toast] {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One that stands there already stays longer. Where there are too many, what is not bad goes first.
    pub fn push(&mut self, tone: Tone, text: String, now: Timestamp) {
        self.0.retain(|toast| (toast.tone, &toast.text) != (tone, &text));
        let until = now.saturating_add(life(tone, &text)).unwrap_or(Timestamp::MAX);
        self.0.push(Toast { tone, text, until });
        if self.0.len() > MOST {
            let older = &self.0[..MOST];
            let least = older.iter().position(|toast| toast.tone != Tone::Bad);
            self.0.remove(least.unwrap_or(0));
        }
    }

    pub fn expire(&mut self, now: Timestamp) {
        self.0.retain(|toast| toast.until > now);
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }
}

/// As long as it takes to notice and to read it: what failed is worth more time.
fn life(tone: Tone, text: &str) -> SignedDuration {
    let letters = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
    let notice = if tone == Tone::Bad { 8 } else { 4 };
    SignedDuration::from_secs((notice + letters / 14).clamp(6, 24))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    fn texts(toasts: &Toasts) -> Vec<&str> {
        toasts.all().iter().map(|toast| toast.text.as_str()).collect()
    }

    #[test]
    fn long_ones_and_bad_ones_stay_longer() {
        for (tone, letters, seconds) in [
            (Tone::Plain, 0, 6),
            (Tone::Plain, 70, 9),
            (Tone::Good, 70, 9),
            (Tone::Bad, 0, 8),
            (Tone::Bad, 70, 13),
            (Tone::Bad, 10_000, 24),
        ] {
            let life = life(tone, &"é".repeat(letters));
            assert_eq!(life, SignedDuration::from_secs(seconds), "{tone:?} {letters}");
        }
    }

    #[test]
    fn three_stand_there_and_what_failed_is_not_pushed_out() {
        let mut toasts = Toasts::default();
        toasts.push(Tone::Bad, "failed".into(), at(0));
        for (n, text) in ["a", "b", "a", "c"].into_iter().enumerate() {
            toasts.push(Tone::Plain, text.into(), at(n as i64 + 1));
        }
        assert_eq!(texts(&toasts), ["failed", "a", "c"]);
        toasts.expire(at(8));
        assert_eq!(
            texts(&toasts),
            ["a", "c"],
            "each has its own time, renewed when it is said again"
        );
        toasts.expire(at(9));
        assert_eq!(texts(&toasts), ["c"]);
        for text in ["x", "y", "z"] {
            toasts.push(Tone::Bad, text.into(), at(9));
        }
        toasts.push(Tone::Good, "done".into(), at(9));
        assert_eq!(texts(&toasts), ["y", "z", "done"], "the newest is always seen");
        toasts.clear();
        assert!(toasts.is_empty());
    }
}

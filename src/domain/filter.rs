//! The filter language: words and `field:value` that are held against one signup each; all of them must hold. The
//! dashboard and the commands read the same one. What reads it stands in `parse`, what completes it in `complete`.
//!
//! ```text
//! pds:missing age<2h tenant:sotce finding:handle-drift email:*@example.com code:ac26* -verified "free words"
//! ```

mod complete;
mod parse;
mod pattern;

use std::ops::Range;

use jiff::{SignedDuration, Timestamp};

pub use complete::{Completion, complete};
use pattern::Pattern;

use super::diagnosis::{Column, Diagnosis, State, Verdict};
use super::event::Outcome;
use super::finding::FindingId;
use super::observed::Observed;
use super::signup::Signup;

/// A filter that was understood.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// As it was written, without what stands around it.
    pub text: String,
    terms: Vec<Term>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Term {
    negated: bool,
    test: Test,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Test {
    /// In lower case; somewhere in an id, the e-mail, a handle, the code or the DID.
    Words(String),
    State(Column, State),
    /// At least one of these.
    Finding(Vec<FindingId>),
    Is(Verdict),
    Verified,
    Text(Text, Pattern),
    Younger(SignedDuration),
    Older(SignedDuration),
    Job(Doing),
}

/// A text of a signup that a pattern is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Text {
    Tenant,
    Email,
    Handle,
    Sub,
    Code,
    Did,
}

/// How a user's newest job stands, where one is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doing {
    Running,
    Waiting,
    /// For later.
    Left,
    Ended(Outcome),
}

/// What a filter is held against.
#[derive(Clone, Copy)]
pub struct Seen<'a> {
    pub signup: &'a Signup,
    pub diagnosis: &'a Diagnosis,
    pub now: Timestamp,
    pub job: Option<Doing>,
    /// The column that a job works on: it counts as running.
    pub running: Option<Column>,
}

/// What a reader knows beside the language.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// To be proposed; others are no mistake.
    pub tenants: Vec<String>,
    /// Saved filters by name: `@name` stands for one.
    pub views: Vec<(String, String)>,
    /// Whether there are jobs, so that `job:` means something.
    pub jobs: bool,
}

/// What cannot be understood, where it stands, and what was expected there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misunderstood {
    /// Bytes of the text, never empty.
    pub at: Range<usize>,
    pub why: String,
}

impl Filter {
    /// Reads a filter. Total: every text is a filter or has a word that is pointed at.
    ///
    /// # Errors
    /// The first word that cannot be understood.
    pub fn parse(text: &str, known: &Known) -> Result<Self, Misunderstood> {
        let terms = parse::terms(text, known)?;
        let text = text.trim().to_string();
        Ok(Self { text, terms })
    }

    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether what jobs do changes what it lets through.
    pub fn follows_jobs(&self) -> bool {
        self.any(|test| matches!(test, Test::Job(_) | Test::State(..)))
    }

    /// Whether time alone changes what it lets through.
    pub fn follows_time(&self) -> bool {
        self.any(|test| matches!(test, Test::Younger(_) | Test::Older(_)))
    }

    fn any(&self, which: impl Fn(&Test) -> bool) -> bool {
        self.terms.iter().any(|term| which(&term.test))
    }

    /// Whether a signup that no job works on matches.
    pub fn matches(&self, signup: &Signup, diagnosis: &Diagnosis, now: Timestamp) -> bool {
        self.lets_through(&Seen {
            signup,
            diagnosis,
            now,
            job: None,
            running: None,
        })
    }

    /// Whether every term is known to hold. What is unknown matches neither a word nor its negation.
    pub fn lets_through(&self, seen: &Seen) -> bool {
        self.terms
            .iter()
            .all(|term| term.test.holds(seen).is_some_and(|holds| holds != term.negated))
    }
}

impl Misunderstood {
    /// At which character of the text it begins, from 1 on.
    pub fn column(&self, text: &str) -> usize {
        text[..self.at.start].chars().count() + 1
    }

    /// Whether more letters could mend it where it ends the text: an empty value, a quote that is open, a minus alone.
    pub fn may_go_on(&self, text: &str) -> bool {
        let word = &text[self.at.clone()];
        word == "-"
            || word.starts_with('"')
            || word.ends_with([':', '<', '>'])
            || word.ends_with(|c: char| c.is_ascii_digit())
    }

    /// The text, and a line below it that points at the place. Both are fit for a terminal.
    pub fn pointed(&self, text: &str) -> String {
        use super::text::clean;
        use unicode_width::UnicodeWidthStr;
        let before = clean(&text[..self.at.start]).width();
        let carets = clean(&text[self.at.clone()]).width().max(1);
        format!("{}\n{}{}", clean(text), " ".repeat(before), "^".repeat(carets))
    }
}

impl Doing {
    const ALL: [Self; 8] = [
        Self::Running,
        Self::Waiting,
        Self::Left,
        Self::Ended(Outcome::Done),
        Self::Ended(Outcome::Nothing),
        Self::Ended(Outcome::Failed),
        Self::Ended(Outcome::Refused),
        Self::Ended(Outcome::Cancelled),
    ];

    fn word(self) -> &'static str {
        match self {
            Self::Running => State::Running.word(),
            Self::Waiting => State::Waiting.word(),
            Self::Left => "left",
            Self::Ended(outcome) => outcome.word(),
        }
    }
}

impl Test {
    /// `None` where the fact that it asks about is unknown.
    fn holds(&self, seen: &Seen) -> Option<bool> {
        let Seen { signup, now, .. } = *seen;
        let age = || signup.created_at().map(|at| now.duration_since(at));
        match self {
            Self::Words(words) => Some(texts(signup).any(|text| text.to_lowercase().contains(words))),
            Self::State(column, state) if seen.running == Some(*column) => Some(*state == State::Running),
            Self::State(column, state) => Some(seen.diagnosis.state(*column) == *state),
            Self::Finding(ids) => Some(ids.iter().any(|id| seen.diagnosis.has(*id))),
            Self::Is(verdict) => Some(seen.diagnosis.verdict() == *verdict),
            Self::Verified => signup.verified(),
            Self::Text(text, pattern) => text.fits(signup, pattern),
            Self::Younger(than) => age().map(|age| age < *than),
            Self::Older(than) => age().map(|age| age > *than),
            Self::Job(doing) => Some(seen.job == Some(*doing)),
        }
    }
}

impl Text {
    fn fits(self, signup: &Signup, pattern: &Pattern) -> Option<bool> {
        let user = || told(&signup.user);
        match self {
            Self::Tenant => Some(pattern.fits(&signup.tenant)),
            Self::Sub => Some(pattern.fits(&signup.sub) || pattern.fits(&signup.key)),
            Self::Email => {
                told(&signup.auth0).map(|user| fits(pattern, user.and_then(|user| user.email.as_deref())))
            }
            Self::Code => {
                let code = |user: &super::signup::UserRecord| told(&user.code).map(|code| code.cloned());
                let code = user().and_then(|user| user.map_or(Some(None), code));
                code.map(|code| fits(pattern, code.as_deref()))
            }
            Self::Did => {
                let record = user().and_then(|user| user.map_or(Some(None), |user| told(&user.atproto)));
                record.map(|record| fits(pattern, record.and_then(|record| record.did.as_deref())))
            }
            Self::Handle => match handles(signup).any(|handle| pattern.fits(handle)) {
                true => Some(true),
                // Somebody whose chosen name is not known may have this one.
                false => told(&signup.name).map(|_| false),
            },
        }
    }
}

fn fits(pattern: &Pattern, text: Option<&str>) -> bool {
    text.is_some_and(|text| pattern.fits(text))
}

/// `None` where nothing is known, else what there is.
fn told<T>(fact: &Observed<T>) -> Option<Option<&T>> {
    match fact {
        Observed::Present(value) => Some(Some(value)),
        Observed::Absent => Some(None),
        Observed::Unknown | Observed::Unreadable(_) => None,
    }
}

/// The name that was chosen, and the full handles that Mongo and the PDS have.
fn handles(signup: &Signup) -> impl Iterator<Item = &str> {
    [
        signup.name.present().map(String::as_str),
        signup.atproto().and_then(|record| record.handle.as_deref()),
        signup.any_account().map(|account| account.handle.as_str()),
    ]
    .into_iter()
    .flatten()
}

/// What plain words are looked for in.
fn texts(signup: &Signup) -> impl Iterator<Item = &str> {
    let ids = [
        Some(signup.sub.as_str()),
        Some(signup.key.as_str()),
        signup.email(),
        signup.code(),
        signup.did(),
        signup.any_account().map(|account| account.did.as_str()),
    ];
    ids.into_iter().flatten().chain(handles(signup))
}

//! The filter: words typed by the operator, understood once, held against each row. All words must hold.

use std::ops::Range;

use crate::domain::{Column, FindingId, Outcome, State as Fact};

use super::jobs::{Job, Phase};
use super::state::Row;

/// A filter that was understood.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
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
    Word(String),
    State(Column, Fact),
    Finding(FindingId),
    Tenant(String),
    Job(JobTest),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum JobTest {
    Running,
    Waiting,
    Left,
    Ended(Outcome),
}

/// A word that cannot be understood, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misunderstood {
    /// Bytes of the text.
    pub at: Range<usize>,
    pub why: String,
}

impl Filter {
    pub fn parse(text: &str) -> Result<Self, Misunderstood> {
        let mut terms = Vec::new();
        for (start, word) in words(text) {
            let at = start..start + word.len();
            terms.push(term(word).map_err(|why| Misunderstood { at, why })?);
        }
        let text = text.trim().to_string();
        Ok(Self { text, terms })
    }

    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether what jobs do changes what it lets through.
    pub fn follows_jobs(&self) -> bool {
        self.terms
            .iter()
            .any(|term| matches!(term.test, Test::Job(_) | Test::State(..)))
    }

    pub fn lets_through(&self, row: &Row, job: Option<&Job>) -> bool {
        self.terms
            .iter()
            .all(|term| term.test.holds(row, job) != term.negated)
    }
}

impl Test {
    fn holds(&self, row: &Row, job: Option<&Job>) -> bool {
        match self {
            Self::Word(word) => texts(row).any(|text| text.to_lowercase().contains(word)),
            Self::State(column, state) => row.state(*column, job) == *state,
            Self::Finding(id) => row.diagnosis.has(*id),
            Self::Tenant(tenant) => row.signup.tenant == *tenant,
            Self::Job(test) => job.is_some_and(|job| match (test, &job.phase) {
                (JobTest::Waiting, Phase::Waiting { .. } | Phase::Queued | Phase::Busy { .. })
                | (JobTest::Left, Phase::Left) => true,
                (JobTest::Running, Phase::Observing | Phase::Step(_)) => true,
                (JobTest::Ended(wanted), Phase::Ended(outcome)) => wanted == outcome,
                _ => false,
            }),
        }
    }
}

/// What plain words are looked for in.
fn texts(row: &Row) -> impl Iterator<Item = &str> {
    let signup = &row.signup;
    let account = signup.any_account();
    [
        Some(signup.sub.as_str()),
        Some(signup.key.as_str()),
        signup.email(),
        signup.name.present().map(String::as_str),
        signup.code(),
        signup.did(),
        signup.atproto().and_then(|record| record.handle.as_deref()),
        account.map(|account| account.handle.as_str()),
        account.map(|account| account.did.as_str()),
    ]
    .into_iter()
    .flatten()
}

fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split_whitespace()
        .map(|word| (word.as_ptr() as usize - text.as_ptr() as usize, word))
}

fn term(word: &str) -> Result<Term, String> {
    let (negated, rest) = match word.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, word),
    };
    if rest.is_empty() {
        return Err("a minus wants a word right after it".into());
    }
    let test = match rest.split_once(':') {
        // A DID looks like a column and its state, but is a word to look for.
        Some(("did", value)) if value.starts_with("plc:") || value.starts_with("web:") => word_of(rest),
        Some((name, value)) => named(&name.to_lowercase(), value)?,
        None => word_of(rest),
    };
    Ok(Term { negated, test })
}

fn word_of(text: &str) -> Test {
    Test::Word(text.trim_start_matches('@').to_lowercase())
}

fn named(name: &str, value: &str) -> Result<Test, String> {
    if let Some(column) = Column::ALL.into_iter().find(|column| column.word() == name) {
        let state = Fact::ALL.into_iter().find(|state| state.word() == value);
        return state
            .map(|state| Test::State(column, state))
            .ok_or_else(|| format!("a state is one of {}", list(Fact::ALL.map(Fact::word))));
    }
    match name {
        "finding" => FindingId::ALL
            .into_iter()
            .find(|id| id.name() == value)
            .map(Test::Finding)
            .ok_or_else(|| finding_wanted(value)),
        "tenant" if !value.is_empty() => Ok(Test::Tenant(value.into())),
        "tenant" => Err("tenant: wants a name".into()),
        "job" => match value {
            "running" => Ok(JobTest::Running),
            "waiting" => Ok(JobTest::Waiting),
            "left" => Ok(JobTest::Left),
            "done" => Ok(JobTest::Ended(Outcome::Done)),
            "nothing" => Ok(JobTest::Ended(Outcome::Nothing)),
            "failed" => Ok(JobTest::Ended(Outcome::Failed)),
            "refused" => Ok(JobTest::Ended(Outcome::Refused)),
            "cancelled" => Ok(JobTest::Ended(Outcome::Cancelled)),
            _ => Err("a job is running, waiting, left, done, nothing, failed, refused or cancelled".into()),
        }
        .map(Test::Job),
        _ => Err(format!(
            "before the colon stands one of {}, finding, job, tenant",
            list(Column::ALL.map(Column::word))
        )),
    }
}

/// Names the findings that are near to what was typed, since there are too many for one line.
fn finding_wanted(value: &str) -> String {
    let near = |name: &&str| {
        value
            .split('-')
            .filter(|part| part.len() > 2)
            .any(|part| name.contains(part))
    };
    let names: Vec<&str> = FindingId::ALL
        .into_iter()
        .map(FindingId::name)
        .filter(near)
        .take(3)
        .collect();
    if names.is_empty() {
        "no finding has this name; handle-drift and missing-account are two".into()
    } else {
        format!("no finding has this name; meant {}?", names.join(" or "))
    }
}

fn list<const N: usize>(words: [&str; N]) -> String {
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_cannot_be_understood_is_pointed_at() {
        let cases = [
            ("pds:mising", 0..10, "a state is one of"),
            ("mira pds:", 5..9, "a state is one of"),
            ("é foo:bar", 3..10, "before the colon"),
            ("mira -", 5..6, "a minus wants"),
            ("finding:handle-drft", 0..19, "handle-drift"),
            ("job:lost", 0..8, "a job is"),
        ];
        for (text, at, why) in cases {
            let error = Filter::parse(text).unwrap_err();
            assert_eq!(error.at, at, "{text}");
            assert!(error.why.contains(why), "{text}: {}", error.why);
        }
    }

    #[test]
    fn a_did_is_a_word() {
        assert!(Filter::parse("did:plc:abc -did:missing did:ok @mira job:failed").is_ok());
        assert!(Filter::parse("  ").unwrap().is_empty());
    }
}

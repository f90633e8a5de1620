//! Reads a filter: text into terms, or the place of the first word that cannot be understood.

use std::ops::Range;

use jiff::SignedDuration;

use super::pattern::Pattern;
use super::{Doing, Filter, Known, Misunderstood, Term, Test, Text};
use crate::domain::diagnosis::{Column, State, Verdict};
use crate::domain::finding::FindingId;
use crate::domain::spelling::distance;

/// What may stand before a colon, or before `<` and `>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    State(Column),
    Finding,
    Is,
    Tenant,
    Email,
    Handle,
    Sub,
    Age,
    Job,
}

/// The one word that stands alone and is not looked for as it is written.
pub const VERIFIED: &str = "verified";

impl Field {
    pub const ALL: [Self; 13] = [
        Self::State(Column::Auth0),
        Self::State(Column::Mongo),
        Self::State(Column::Code),
        Self::State(Column::Did),
        Self::State(Column::Pds),
        Self::Finding,
        Self::Is,
        Self::Tenant,
        Self::Email,
        Self::Handle,
        Self::Sub,
        Self::Age,
        Self::Job,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::State(column) => column.word(),
            Self::Finding => "finding",
            Self::Is => "is",
            Self::Tenant => "tenant",
            Self::Email => "email",
            Self::Handle => "handle",
            Self::Sub => "sub",
            Self::Age => "age",
            Self::Job => "job",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.name() == name)
    }

    pub fn holds_here(self, known: &Known) -> bool {
        self != Self::Job || known.jobs
    }
}

/// A word of the text, taken apart.
pub struct Word<'a> {
    pub at: Range<usize>,
    pub negated: bool,
    /// Without the minus.
    pub text: &'a str,
    /// A quote that was opened and not closed.
    pub open: Option<usize>,
}

/// The words of a text: split at spaces that are not within quotes.
pub fn words(text: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut begun: Option<usize> = None;
    let mut quote: Option<usize> = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        let is_end = at == text.len();
        if c == '"' {
            quote = if quote.is_some() { None } else { Some(at) };
        }
        let parts = c.is_whitespace() && (quote.is_none() || is_end);
        match begun {
            None if !parts => begun = Some(at),
            Some(start) if parts => {
                let whole = &text[start..at];
                let rest = whole.strip_prefix('-');
                words.push(Word {
                    at: start..at,
                    negated: rest.is_some(),
                    text: rest.unwrap_or(whole),
                    open: quote,
                });
                begun = None;
            }
            _ => {}
        }
    }
    words
}

/// Splits `field:value` and `age<value` at the first sign outside of quotes: the name, the sign, the value.
pub fn split(word: &str) -> Option<(&str, char, &str)> {
    let at = word.find([':', '<', '>', '"'])?;
    let sign = word[at..].chars().next().filter(|sign| *sign != '"')?;
    Some((&word[..at], sign, &word[at + 1..]))
}

pub fn terms(text: &str, known: &Known) -> Result<Vec<Term>, Misunderstood> {
    let mut terms = Vec::new();
    for word in words(text) {
        let wrong = |at: Range<usize>, why: String| Misunderstood { at, why };
        if let Some(quote) = word.open {
            return Err(wrong(quote..text.len(), "this quote is not closed".into()));
        }
        if word.text.is_empty() {
            return Err(wrong(word.at, "a minus wants a word right after it".into()));
        }
        if let Some((name, filter)) = view(word.text, known) {
            if word.negated {
                return Err(wrong(word.at, "a saved view cannot be negated".into()));
            }
            // A view stands for words, never for another view.
            let within = Known {
                views: Vec::new(),
                ..known.clone()
            };
            let saved = Filter::parse(filter, &within)
                .map_err(|error| wrong(word.at, format!("the saved view {name}: {}", error.why)))?;
            terms.extend(saved.terms);
            continue;
        }
        if let Some(meant) = nearly(word.text, known) {
            let typed = word.text;
            let name = typed.trim_start_matches('@');
            let why =
                format!("no saved view is called {typed}: {meant} is one; handle:{name} looks for a handle");
            return Err(wrong(word.at, why));
        }
        let start = word.at.end - word.text.len();
        let test =
            test(word.text, known).map_err(|(at, why)| wrong(start + at.start..start + at.end, why))?;
        terms.push(Term {
            negated: word.negated,
            test,
        });
    }
    Ok(terms)
}

/// The saved view that a word names.
pub fn view<'a>(word: &str, known: &'a Known) -> Option<(&'a str, &'a str)> {
    let name = word.strip_prefix('@')?;
    let view = known.views.iter().find(|(view, _)| view == name)?;
    Some((&view.0, &view.1))
}

/// The saved view, with its `@`, that a word is meant to name which names none. Any other word with an `@` is a handle.
fn nearly(word: &str, known: &Known) -> Option<String> {
    let name = word.strip_prefix('@')?.to_lowercase();
    let away = |view: &str| distance(&name, &view.to_lowercase());
    // A short name is two characters away from too much.
    let near = |view: &&str| away(view) <= (view.chars().count() / 2).min(2);
    let views = known.views.iter().map(|(view, _)| view.as_str());
    let meant = views.filter(near).min_by_key(|view| away(view))?;
    Some(format!("@{meant}"))
}

/// Where within the word it is wrong, and why.
type Wrong = (Range<usize>, String);

fn test(word: &str, known: &Known) -> Result<Test, Wrong> {
    if word == VERIFIED {
        return Ok(Test::Verified);
    }
    let Some((name, sign, value)) = split(word) else {
        return words_of(word);
    };
    let whole = || 0..word.len();
    let named = name.to_lowercase();
    // A DID looks like a column and its state, but is a word to look for.
    if named == "did" && (value.starts_with("plc:") || value.starts_with("web:")) {
        return Ok(if value.contains('*') {
            Test::Text(Text::Did, Pattern::new(&word.replace('"', "")))
        } else {
            Test::Words(word.replace('"', "").to_lowercase())
        });
    }
    let field = Field::named(&named).filter(|field| (*field == Field::Age) == (sign != ':'));
    let Some(field) = field else {
        let at = 0..name.len() + 1;
        return Err((at, field_wanted(&named, sign, known)));
    };
    if !field.holds_here(known) {
        return Err((whole(), "jobs are known to the dashboard alone".into()));
    }
    let bare = value.replace('"', "");
    read(field, sign, &bare).map_err(|why| {
        // The value, unless there is none to point at.
        let at = if value.is_empty() {
            whole()
        } else {
            name.len() + 1..word.len()
        };
        (at, why)
    })
}

fn words_of(word: &str) -> Result<Test, Wrong> {
    let text = word.replace('"', "");
    let text = text.trim_start_matches('@').to_lowercase();
    if text.trim().is_empty() {
        return Err((0..word.len(), "there is no word to look for here".into()));
    }
    Ok(Test::Words(text))
}

/// The test that a field and its value make; else what was expected.
fn read(field: Field, sign: char, value: &str) -> Result<Test, String> {
    let lower = value.to_lowercase();
    let pattern = |text: Text, example: &str| match value {
        "" => Err(format!("{}: wants a text such as {example}", field.name())),
        _ => Ok(Test::Text(text, Pattern::new(value))),
    };
    match field {
        Field::State(column) => {
            if let Some(state) = State::ALL.into_iter().find(|state| state.word() == lower) {
                return Ok(Test::State(column, state));
            }
            let states = list(State::ALL.map(State::word));
            if column != Column::Code {
                Err(format!("a state is one of {states}"))
            } else if lower.starts_with("ac") || lower.contains('*') {
                Ok(Test::Text(Text::Code, Pattern::new(value)))
            } else {
                Err(format!("here stands a code such as ac26*, or one of {states}"))
            }
        }
        Field::Finding => {
            let pattern = Pattern::new(value);
            let ids: Vec<FindingId> = FindingId::ALL
                .into_iter()
                .filter(|id| pattern.fits(id.name()))
                .collect();
            if ids.is_empty() {
                Err(finding_wanted(&lower))
            } else {
                Ok(Test::Finding(ids))
            }
        }
        Field::Is => Verdict::ALL
            .into_iter()
            .find(|verdict| verdict.word() == lower)
            .map(Test::Is)
            .ok_or_else(|| format!("a signup is one of {}", list(Verdict::ALL.map(Verdict::word)))),
        Field::Tenant => pattern(Text::Tenant, "sotce"),
        Field::Email => pattern(Text::Email, "*@example.com"),
        Field::Handle => match value.trim_start_matches('@') {
            "" => pattern(Text::Handle, "zhuxin*"),
            name => Ok(Test::Text(Text::Handle, Pattern::new(name))),
        },
        Field::Sub => pattern(Text::Sub, "auth0|68ee*"),
        Field::Age => {
            let span = value.parse::<jiff::Span>().ok();
            let age = span.and_then(|span| span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).ok());
            match age.filter(|age| *age > SignedDuration::ZERO) {
                Some(age) if sign == '<' => Ok(Test::Younger(age)),
                Some(age) => Ok(Test::Older(age)),
                None => Err("an age is a number and a unit, such as 90m, 2h, 7d or 1d12h".into()),
            }
        }
        Field::Job => Doing::ALL
            .into_iter()
            .find(|doing| doing.word() == lower)
            .map(Test::Job)
            .ok_or_else(|| format!("a job is one of {}", list(Doing::ALL.map(Doing::word)))),
    }
}

fn field_wanted(name: &str, sign: char, known: &Known) -> String {
    if sign != ':' {
        return "before < and > stands age".into();
    }
    if name == Field::Age.name() {
        return "an age is compared: age<2h, age>7d".into();
    }
    let here = |field: &Field| *field != Field::Age && field.holds_here(known);
    let names: Vec<&str> = Field::ALL.into_iter().filter(here).map(Field::name).collect();
    format!("before the colon stands one of {}", names.join(", "))
}

/// Names the findings that are near to what was typed, since there are too many for one line.
fn finding_wanted(value: &str) -> String {
    let near = |name: &&str| {
        value
            .split('-')
            .filter(|part| part.len() > 2)
            .any(|part| name.contains(part))
    };
    let names = FindingId::ALL.into_iter().map(FindingId::name);
    let near: Vec<&str> = names.filter(near).take(3).collect();
    if near.is_empty() {
        let examples = [FindingId::HandleDrift, FindingId::MissingAccount].map(FindingId::name);
        format!("no finding has this name; {} are two", examples.join(" and "))
    } else {
        format!("no finding has this name; meant {}?", near.join(" or "))
    }
}

fn list<const N: usize>(words: [&str; N]) -> String {
    words.join(", ")
}

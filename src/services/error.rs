//! Errors of the outside as values: which backend, of what class, what happened, what to do, and whether the request
//! may have been carried out although no clear answer came.

use std::fmt;
use std::ops::Deref;

use jiff::Timestamp;

use crate::domain::text::{clean, mask_email};
use crate::domain::{Advice, Class, Problem};

/// An error of a backend. Small to pass around: the parts are boxed.
#[derive(Debug, Clone)]
pub struct Error(Box<Parts>);

#[derive(Debug, Clone)]
pub struct Parts {
    /// `auth0`, `mongo`, `pds`, `plc`.
    pub service: &'static str,
    pub kind: Class,
    pub advice: Advice,
    /// One sentence without secrets or personal data.
    pub what: String,
    pub hint: String,
    /// The backend's own answer, where it gave one.
    pub reply: Option<Refusal>,
    /// The request may have been carried out: only looking tells.
    pub unclear: bool,
    /// When the backend said that a new try makes sense.
    pub until: Option<Timestamp>,
}

/// A backend's refusal in its own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub status: u16,
    /// The `error` of the body: a name such as `InvalidHandle`.
    pub name: String,
    /// The `message` of the body, scrubbed.
    pub message: String,
}

impl Error {
    pub fn new(service: &'static str, kind: Class, what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            service,
            kind,
            advice: kind.advice(),
            what: what.into(),
            hint: hint.into(),
            reply: None,
            unclear: false,
            until: None,
        }))
    }

    pub fn with_reply(mut self, reply: Refusal) -> Self {
        self.0.reply = Some(reply);
        self
    }

    /// The same with a closer advice than its class gives.
    pub fn advised(mut self, advice: Advice) -> Self {
        self.0.advice = advice;
        self
    }

    pub fn unclear(mut self, unclear: bool) -> Self {
        self.0.unclear = unclear;
        self
    }

    pub fn until(mut self, until: Option<Timestamp>) -> Self {
        self.0.until = until;
        self
    }

    /// Whether the backend refused with this name, or a message that begins so.
    pub fn says(&self, text: &str) -> bool {
        self.reply
            .as_ref()
            .is_some_and(|reply| reply.name == text || reply.message.starts_with(text))
    }

    /// Whether something is forbidden, perhaps for one user alone: by the PDS or the PLC directory, or by what stands before
    /// them. What refuses our credential refuses everybody; and what Auth0 forbids, it forbids our client.
    pub fn forbids(&self) -> bool {
        let status = self.reply.as_ref().map(|reply| reply.status);
        self.advice == Advice::Configure && self.service != "auth0" && status == Some(403)
    }

    pub fn problem(&self) -> Problem {
        Problem::new(self.kind, self.what.clone(), self.hint.clone()).advised(self.advice)
    }
}

impl Deref for Error {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for Error {}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        error.problem()
    }
}

/// Makes a foreign text fit for a message: harmless to a terminal, addresses masked, without what looks like a token or
/// an invite, nor the name that follows "already taken:" or stands in `(got "…")`, and cut to a line.
pub fn scrub(text: &str) -> String {
    const LONGEST: usize = 200;
    let text = match text.find("already taken:") {
        Some(at) => &text[..at + "already taken".len()],
        None => text,
    };
    let text = match text.split_once(" (got \"") {
        Some((before, after)) => format!("{before}{}", after.split_once("\")").map_or("", |(_, rest)| rest)),
        None => text.to_string(),
    };
    let words: Vec<String> = clean(&text)
        .split_whitespace()
        .map(|word| {
            let word = without_secrets(word);
            if word.contains('@') {
                mask_email(&word)
            } else {
                word
            }
        })
        .collect();
    let line = words.join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// Takes out of a word what looks like a token (three parts in base64url, the first of an object of JSON) or like an
/// invite of a PDS (a host's name and twice five characters).
fn without_secrets(word: &str) -> String {
    let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let mut out = String::with_capacity(word.len());
    let mut rest = word;
    while !rest.is_empty() {
        let end = rest.find(|c| !part(c)).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        out.push_str(if is_token(run) {
            "(token)"
        } else if is_invite(run) {
            "(invite)"
        } else {
            run
        });
        let other = after.find(part).unwrap_or(after.len());
        out.push_str(&after[..other]);
        rest = &after[other..];
    }
    out
}

fn is_token(run: &str) -> bool {
    let parts: Vec<&str> = run.trim_end_matches('.').split('.').collect();
    parts.len() == 3 && parts[0].starts_with("eyJ") && parts.iter().all(|part| !part.is_empty())
}

fn is_invite(run: &str) -> bool {
    let parts: Vec<&str> = run.trim_end_matches('.').rsplit('-').collect();
    let base32 = |c: char| c.is_ascii_lowercase() || ('2'..='7').contains(&c);
    parts.len() >= 3
        && parts[..2]
            .iter()
            .all(|part| part.len() == 5 && part.chars().all(base32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_words_lose_what_is_personal() {
        assert_eq!(
            scrub("Email already taken: mira@example.com"),
            "Email already taken"
        );
        assert_eq!(
            scrub("no mail for mira@example.com\n\x1b[2J"),
            "no mail for m…@example.com\\u{a}\\u{1b}[2J"
        );
        assert_eq!(scrub("Handle too short"), "Handle too short");
        assert_eq!(
            scrub("Invalid handle (got \"mira_x.at.example.com\") at $.handle"),
            "Invalid handle at $.handle"
        );
        assert_eq!(
            scrub("got {\"t\":\"eyJhbGciOi.eyJzdWIi.c2ln-_\"} and at-example-com-abcde-23fgh."),
            "got {\"t\":\"(token)\"} and (invite)"
        );
        for harmless in [
            "did:plc:tliuubv7lyv2uiknsjbf4ppw",
            "com.atproto.server.createAccount",
            "well-known",
        ] {
            assert_eq!(scrub(harmless), harmless);
        }
        assert_eq!(scrub(&"x".repeat(500)).chars().count(), 201);
    }
}

//! What went wrong, as a value that every face can show: a class, a sentence and a hint.

use serde::{Deserialize, Serialize};

/// The classes of the contract, section 6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// The command was called wrongly.
    Usage,
    /// A credential was refused, or lacks a right.
    Auth,
    /// A value was refused as such.
    Validation,
    NotFound,
    /// The budget of a backend is used up.
    RateLimit,
    /// Something else stands where ours should go.
    Conflict,
    /// A backend did not answer, or answered with a fault of its own.
    Unavailable,
    /// We would not: read-only, not confirmed, or somebody has to decide.
    Refused,
    /// A fault of this program, or an answer that nobody expected.
    Internal,
}

impl Class {
    pub fn word(self) -> &'static str {
        match self {
            Self::Usage => "usage",
            Self::Auth => "auth",
            Self::Validation => "validation",
            Self::NotFound => "not_found",
            Self::RateLimit => "rate_limit",
            Self::Conflict => "conflict",
            Self::Unavailable => "unavailable",
            Self::Refused => "refused",
            Self::Internal => "internal",
        }
    }

    /// What an error of this class asks for, where nothing closer is known.
    pub fn advice(self) -> Advice {
        match self {
            Self::RateLimit | Self::Unavailable => Advice::Retry,
            Self::Auth => Advice::Configure,
            Self::Validation | Self::NotFound | Self::Conflict | Self::Refused => Advice::Decide,
            Self::Usage | Self::Internal => Advice::Look,
        }
    }
}

/// What is to be done about an error, and by whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Advice {
    /// It passes: we try again by ourselves.
    Retry,
    /// An operator has to decide about this user; others are not concerned.
    Decide,
    /// A setting or a credential is wrong: every user would fail the same way.
    Configure,
    /// Nobody expected it: the answer is shown as it came.
    Look,
}

impl Advice {
    pub fn word(self) -> &'static str {
        match self {
            Self::Retry => "retry",
            Self::Decide => "decide",
            Self::Configure => "configure",
            Self::Look => "look",
        }
    }
}

/// An error as people and scripts see it. It never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Problem {
    pub class: Class,
    pub advice: Advice,
    /// One sentence: what happened.
    pub message: String,
    /// One sentence: what to do about it. May be empty.
    pub hint: String,
}

impl Problem {
    pub fn new(class: Class, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            class,
            advice: class.advice(),
            message: message.into(),
            hint: hint.into(),
        }
    }

    /// The same with a closer advice than its class gives.
    pub fn advised(self, advice: Advice) -> Self {
        Self { advice, ..self }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Problem {}

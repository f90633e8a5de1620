//! What went wrong, as a value that every face can show: a class, a sentence and a hint.

use serde::Serialize;

/// The classes of the contract, section 6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
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

    /// Whether the same call may well succeed a moment later.
    pub fn is_transient(self) -> bool {
        matches!(self, Self::RateLimit | Self::Unavailable)
    }
}

/// An error as people and scripts see it. It never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    pub class: Class,
    /// One sentence: what happened.
    pub message: String,
    /// One sentence: what to do about it. May be empty.
    pub hint: String,
}

impl Problem {
    pub fn new(class: Class, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            class,
            message: message.into(),
            hint: hint.into(),
        }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Problem {}

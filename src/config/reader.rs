//! Reading one variable after the other, and noting what is wrong with each, so that all of it is told at once.

use secrecy::SecretString;

use super::address::{EMBEDDED_SCHEME, complaint};
use super::{Flaw, Variables};
use crate::domain::{Class, Problem};

pub(super) struct Reader<'a> {
    pub variables: &'a Variables,
    pub flaws: Vec<Flaw>,
}

impl Reader<'_> {
    /// `variable` is empty where a file is the matter.
    pub fn problem(&mut self, variable: &str, message: String, hint: impl Into<String>) {
        self.flaws.push(Flaw {
            variable: variable.to_string(),
            problem: Problem::new(Class::Auth, message, hint),
        });
    }

    pub fn required(&mut self, name: &str) -> String {
        if let Some(value) = self.variables.get(name) {
            return value.to_string();
        }
        let state = match self.variables.source(name) {
            Some(_) => "is empty",
            None => "is not set",
        };
        self.problem(
            name,
            format!("{name} {state}."),
            format!("Put {name} into the environment or into an .env file."),
        );
        String::new()
    }

    pub fn connection_string(&mut self) -> SecretString {
        let name = "MONGODB_CONNECTION_STRING";
        let value = self.required(name);
        let known = ["mongodb://", "mongodb+srv://", EMBEDDED_SCHEME];
        if !value.is_empty() && !known.iter().any(|scheme| value.starts_with(scheme)) {
            self.problem(
                name,
                format!("{name} is malformed."),
                "It begins with mongodb:// or mongodb+srv://.",
            );
        }
        value.into()
    }

    pub fn url(&mut self, name: &str, default: &str) -> String {
        let value = self
            .variables
            .get(name)
            .unwrap_or(default)
            .trim_end_matches('/')
            .to_string();
        if let Some((what, hint)) = complaint(&value) {
            self.problem(name, format!("{name} {what}."), hint);
        }
        value
    }
}

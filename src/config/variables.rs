//! Variables by name, each with where it came from: the process, an `.env`, or the sandbox.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::domain::{Class, Problem};

/// Variables by name. Values are secrets until proven otherwise: there is no way to print them.
#[derive(Clone, Default)]
pub struct Variables(BTreeMap<String, (String, Source)>);

/// Where a variable came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    Environment,
    File(PathBuf),
    /// The sandbox made it for itself.
    Sandbox,
}

/// What begins the name of a variable that says: the real thing is meant.
const REAL: [&str; 6] = [
    "AUTH0_",
    "SOTCE_AUTH0_",
    "MONGODB_",
    "PDS_URL",
    "PDS_ADMIN_PASSWORD",
    "PLC_URL",
];

impl Variables {
    /// The variables of the process; an `.env` adds those that it does not have.
    pub fn new(process: impl IntoIterator<Item = (String, String)>) -> Self {
        Self::from(Source::Environment, process)
    }

    /// Variables that all came from one place.
    pub fn from(source: Source, pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        let sourced = |(name, value)| (name, (value, source.clone()));
        Self(pairs.into_iter().map(sourced).collect())
    }

    /// Adds what an `.env` file says; what is set already stays.
    ///
    /// # Errors
    /// `Auth` where the file cannot be read or a line of it is malformed; the lines before it are taken. The line itself
    /// is never quoted.
    pub fn add_file(&mut self, path: &Path) -> Result<(), Problem> {
        let told = |what: &str| {
            Problem::new(
                Class::Auth,
                format!("{} {what}.", path.display()),
                "Each line is NAME=value; a value with spaces or # stands in quotes.",
            )
        };
        let text = std::fs::read_to_string(path).map_err(|_| told("cannot be read"))?;
        let text: String = text.lines().map(|line| as_written(line) + "\n").collect();
        for pair in dotenvy::from_read_iter(text.as_bytes()) {
            let (name, value) = pair.map_err(|error| match error {
                dotenvy::Error::LineParse(_, at) => {
                    told(&format!("has a line that cannot be read, at its character {at}"))
                }
                _ => told("cannot be read"),
            })?;
            let sourced = (value, Source::File(path.into()));
            self.0.entry(name).or_insert(sourced);
        }
        Ok(())
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        let (value, _) = self.0.get(name)?;
        Some(value.trim()).filter(|value| !value.is_empty())
    }

    /// Where it came from, be it empty; `None` where it is not set.
    pub fn source(&self, name: &str) -> Option<&Source> {
        self.0.get(name).map(|(_, source)| source)
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Whether any variable says that the real thing is meant, be it empty.
    pub fn mean_the_real_thing(&self) -> bool {
        self.names()
            .any(|name| REAL.iter().any(|real| name.starts_with(real)))
    }

    pub fn set(&mut self, name: &str, value: &str) {
        let sourced = (value.to_string(), Source::Environment);
        self.0.insert(name.to_string(), sourced);
    }
}

/// A line of an `.env` such that dotenvy reads it as the existing system does: a `$` is a `$`, and a value without quotes
/// ends at the line's end or at a `#`.
fn as_written(line: &str) -> String {
    let Some((name, value)) = line
        .split_once('=')
        .filter(|_| !line.trim_start().starts_with('#'))
    else {
        return line.to_string();
    };
    match value.trim().chars().next() {
        Some('\'') | None => line.to_string(),
        Some('"') => line.replace('$', "\\$"),
        Some(_) => {
            let bare = value.split('#').next().unwrap_or_default().trim();
            let escaped = bare
                .replace('\\', "\\\\")
                .replace('"', "\\\"")
                .replace('$', "\\$");
            format!("{name}=\"{escaped}\"")
        }
    }
}

/// The `.env` that is nearest, from a folder upward.
pub fn nearest_env_file(from: &Path) -> Option<PathBuf> {
    from.ancestors()
        .map(|folder| folder.join(".env"))
        .find(|path| path.is_file())
}

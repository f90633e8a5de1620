//! The saved views of `config.toml`: a filter with a name, and how the dashboard arranges its table for it.
//!
//! ```toml
//! [[view]]
//! name = "night"
//! filter = "pds:missing age<12h"
//! sort = "-age"                        # a column; - turns the order round
//! columns = ["age", "user", "job"]     # in this order; the five states are always shown
//! ```

use serde::Deserialize;

use super::reader::Reader;
use crate::domain::filter::{Filter, Known};
use crate::domain::text::clean;

/// A filter with a name. What the dashboard makes of `sort` and `columns` it says itself.
#[derive(Deserialize, Debug, Clone, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct View {
    pub name: String,
    pub filter: String,
    pub sort: Option<String>,
    pub columns: Option<Vec<String>>,
}

/// The views by name, for whoever reads filters.
pub fn known(views: &[View]) -> Vec<(String, String)> {
    views
        .iter()
        .map(|view| (view.name.clone(), view.filter.clone()))
        .collect()
}

impl Reader<'_> {
    /// Notes everything that is wrong with the views.
    pub(super) fn views(&mut self, views: &[View]) {
        for (message, hint) in problems(views) {
            self.problem("", message, hint);
        }
    }
}

/// Everything that is wrong with the names and filters of views.
fn problems(views: &[View]) -> Vec<(String, &'static str)> {
    let mut problems = Vec::new();
    let mut tell = |message: String, hint| problems.push((message, hint));
    // A saved view may ask about jobs: the dashboard knows them.
    let known = Known {
        jobs: true,
        ..Known::default()
    };
    for (n, view) in views.iter().enumerate() {
        let name = clean(&view.name);
        let is_word = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
        if name.is_empty() || !view.name.chars().all(is_word) {
            tell(
                format!("config.toml names a view {name:?}, which is no single word."),
                "A view is called by @ and its name: letters, digits, - and _.",
            );
        }
        if views[..n].iter().any(|other| other.name == view.name) {
            tell(
                format!("config.toml has two views that are called {name}."),
                "Each view has its own name.",
            );
        }
        if let Err(error) = Filter::parse(&view.filter, &known) {
            let column = error.column(&view.filter);
            tell(
                format!(
                    "The filter of the view {name} is wrong at column {column}: {}.",
                    error.why
                ),
                "It is written as in the dashboard: pds:missing age<2h -verified.",
            );
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_of_a_view_is_told() {
        let view = |name: &str, filter: &str| View {
            name: name.into(),
            filter: filter.into(),
            sort: None,
            columns: None,
        };
        let views = [
            view("night", "pds:missing job:failed"),
            view("two words", ""),
            view("night", "mira pds:mising"),
        ];
        let told: Vec<String> = problems(&views).into_iter().map(|(message, _)| message).collect();
        assert_eq!(
            told,
            [
                "config.toml names a view \"two words\", which is no single word.",
                "config.toml has two views that are called night.",
                "The filter of the view night is wrong at column 10: a state is one of ok, waiting, missing, drift, \
                 running, unknown.",
            ]
        );
        assert_eq!(problems(&views[..1]), []);
    }
}

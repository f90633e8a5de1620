//! What the configuration says about the dashboard, as the dashboard reads it: the keys of its commands, and its saved views.

use crate::config::Config;
use crate::config::views::View;
use crate::domain::{Class, Problem};
use crate::tui::{self, Keys};

/// The key table with the operator's own keys.
pub fn keys(config: &Config) -> Result<Keys, Vec<Problem>> {
    Keys::remapped(&config.screen.keys)
}

/// The saved views, with what the table makes of their columns.
pub fn views(config: &Config) -> Result<Vec<tui::View>, Vec<Problem>> {
    let (mut views, mut problems) = (Vec::new(), Vec::new());
    for made in config.views.iter().map(view) {
        match made {
            Ok(view) => views.push(view),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() {
        Ok(views)
    } else {
        Err(problems)
    }
}

/// Everything that would keep the dashboard from opening, though the file can be read.
pub fn problems(config: &Config) -> Vec<Problem> {
    let mut problems = keys(config).err().unwrap_or_default();
    problems.extend(views(config).err().unwrap_or_default());
    problems
}

fn view(view: &View) -> Result<tui::View, Problem> {
    let made = tui::View::new(
        &view.name,
        &view.filter,
        view.sort.as_deref(),
        view.columns.as_deref(),
    );
    made.map_err(|why| {
        let (name, hint) = (&view.name, "Mend sort and columns of that view in config.toml.");
        Problem::new(Class::Auth, format!("The view {name} is wrong: {why}."), hint)
    })
}

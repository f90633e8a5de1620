//! The files that were read, and who else may read or write them.

use std::path::Path;

use super::{Configuration, Files};
use crate::config::files::{mode, try_folder};
use crate::domain::Problem;
use crate::domain::setting::modes::{env_file, state_folder, unusable_state_folder};
use crate::domain::setting::{Line, Setting};

pub(super) fn check(configuration: &Configuration) -> Vec<Line> {
    let mut lines = Vec::new();
    match &configuration.files {
        Files::Real {
            env,
            env_problem,
            config,
        } => {
            lines.extend(env_lines(env.as_deref(), env_problem.as_ref()));
            lines.push(config_line(configuration, config.as_deref()));
        }
        Files::Sandbox { config: None } => {}
        Files::Sandbox { config } => lines.push(config_line(configuration, config.as_deref())),
    }
    let folder = &configuration.reading.config.state_dir;
    lines.push(match try_folder(folder) {
        Ok(()) => looked_at(Setting::StateMode, folder, state_folder),
        Err(error) => unusable_state_folder(&folder.display().to_string(), &error.to_string()),
    });
    lines
}

fn env_lines(path: Option<&Path>, problem: Option<&Problem>) -> Vec<Line> {
    let setting = Setting::EnvFile;
    let Some(path) = path else {
        return vec![setting.ok("There is no .env here or above; only the environment counts.")];
    };
    let read = match problem {
        Some(problem) => setting.problem(problem.message.clone(), problem.hint.clone()),
        None => setting.ok(format!("{} is read.", path.display())),
    };
    match path.exists() {
        true => vec![read, looked_at(Setting::EnvMode, path, env_file)],
        false => vec![read],
    }
}

fn config_line(configuration: &Configuration, path: Option<&Path>) -> Line {
    let setting = Setting::ConfigFile;
    let flaws = &configuration.reading.flaws;
    let wrong: Vec<_> = flaws
        .iter()
        .filter(|flaw| flaw.variable.is_empty())
        .map(|flaw| &flaw.problem)
        .collect();
    match (wrong.first(), path) {
        (Some(first), _) => {
            let messages: Vec<&str> = wrong.iter().map(|problem| problem.message.as_str()).collect();
            setting.problem(messages.join(" "), first.hint.clone())
        }
        (None, Some(path)) => setting.ok(format!("{} is read.", path.display())),
        (None, None) => setting.ok("There is no config.toml: the tenants are those that are built in."),
    }
}

fn looked_at(setting: Setting, path: &Path, judge: fn(&str, Option<u32>) -> Line) -> Line {
    let shown = path.display().to_string();
    match mode(path) {
        Ok(mode) => judge(&shown, mode),
        Err(error) => setting.unknown(format!("{shown} cannot be looked at: {error}."), ""),
    }
}

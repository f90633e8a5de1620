//! Each variable of ours: whether it is there, its shape, and where it came from. Values of secrets are never told.

use super::Configuration;
use crate::config::Source;
use crate::config::address::{EMBEDDED_SCHEME, complaint, host_of, hosts_of};
use crate::config::known::{Kind, Known, known, meant};
use crate::domain::setting::{Line, Setting};
use crate::domain::text::clean;

pub(super) fn check(configuration: &Configuration) -> Vec<Line> {
    let known = known(&configuration.reading.config.tenants);
    let mut lines: Vec<Line> = known.iter().map(|known| one(configuration, known)).collect();
    lines.extend(misspelled(configuration, &known));
    lines
}

fn one(configuration: &Configuration, known: &Known) -> Line {
    let name = &known.name;
    let setting = Setting::Variable(name.clone());
    let from = match configuration.variables.source(name) {
        None => "",
        Some(Source::Environment) => "from the environment",
        Some(Source::File(path)) => &format!("from {}", path.display()),
        Some(Source::Sandbox) => "from the sandbox",
    };
    if let Some(problem) = configuration.reading.flaw(name) {
        let message = match from {
            "" => problem.message.clone(),
            from => format!("{} It comes {from}.", problem.message),
        };
        return setting.problem(message, problem.hint.clone());
    }
    let Some(value) = configuration.variables.get(name) else {
        let otherwise = match known.otherwise.as_str() {
            "" => String::new(),
            otherwise => format!(": {otherwise}"),
        };
        return setting.not_set(format!("{name} is not set{otherwise}."));
    };
    let odd = value.contains(|c: char| c.is_whitespace() || matches!(c, '"' | '\''));
    let told = match known.kind {
        Kind::Secret if odd => {
            return setting.warning(
                format!("{name}, {from}, has a space or a quote in it, which such a value never has."),
                "Copy it once more from where it is made.",
            );
        }
        Kind::Address | Kind::SecretAddress if let Some((what, hint)) = complaint(value) => {
            return setting.problem(format!("{name} {what}. It comes {from}."), hint);
        }
        Kind::Secret | Kind::Password => "is set".to_string(),
        Kind::Address => {
            let shown = value.split(['?', '#']).next().unwrap_or_default();
            format!("is {}", clean(shown))
        }
        Kind::SecretAddress => format!("goes to {}", host_of(value).unwrap_or_default()),
        Kind::ConnectionString if value.starts_with(EMBEDDED_SCHEME) => format!("is {}", clean(value)),
        Kind::ConnectionString => format!("names {}", clean(&hosts_of(value))),
        // An address with a password in it may stand in the wrong line.
        Kind::Text if value.contains("://") || value.contains('@') => {
            "is set, and is not shown, since it looks like an address".to_string()
        }
        Kind::Text => format!("is {}", clean(value)),
    };
    setting.ok(format!("{name} {told}, {from}."))
}

/// Variables that are none of ours, and look as if they were meant to be.
fn misspelled(configuration: &Configuration, known: &[Known]) -> Vec<Line> {
    let variables = &configuration.variables;
    let names = variables.names();
    let meant = names.filter_map(|name| Some((name, meant(name, known)?)));
    meant
        .map(|(name, right)| {
            let name = clean(name);
            let hint = match variables.get(right) {
                Some(_) => format!("{right} is set too, and counts."),
                None => format!("Call it {right}."),
            };
            let message = format!("{name} is not read by anything here; {right} is.");
            Setting::Variable(name).warning(message, hint)
        })
        .collect()
}

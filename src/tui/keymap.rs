//! The keys as they hold for this operator: the key table with what `[keys]` in the configuration changes. Dispatch,
//! footer, help, palette and every hint ask here, so that none of them can name another key than the one that works.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;

use super::keyname::{Complaint, readable, spelled};
use super::keys::{Binding, Command, Scope, TABLE};
use super::state::State;
use crate::domain::{Class, Problem};

/// A line of the key table with the keys that it has now.
#[derive(Debug, Clone)]
pub struct Bound {
    binding: &'static Binding,
    pub keys: Vec<String>,
    /// The footer and the help spell it so.
    pub shown: String,
}

impl Deref for Bound {
    type Target = Binding;

    fn deref(&self) -> &Binding {
        self.binding
    }
}

impl Bound {
    pub fn row(&self) -> &'static Binding {
        self.binding
    }

    /// The key that is named where one is enough.
    pub fn first(&self) -> String {
        self.keys.first().map_or(String::new(), |key| spelled(key))
    }
}

#[derive(Debug, Clone)]
pub struct Keys(Vec<Bound>);

impl Default for Keys {
    fn default() -> Self {
        Self::with(&BTreeMap::new())
    }
}

impl Keys {
    /// The table, with other keys for the commands that are named.
    ///
    /// # Errors
    /// A name that no command of the table has, a key that no terminal sends, a key for two commands, and a lower-case
    /// letter for a command that writes: each as a sentence with a hint.
    pub fn remapped(wishes: &BTreeMap<String, Vec<String>>) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut read: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, wished) in wishes {
            let Some(binding) = remappable().find(|binding| binding.command.name() == name) else {
                problems.push(problem(
                    format!("[keys] names {name}, which is no command of the dashboard."),
                    nearest(name),
                ));
                continue;
            };
            let mut keys = Vec::new();
            for key in wished {
                match readable(key).and_then(|key| safe(binding, key)) {
                    Ok(key) if keys.contains(&key) => {}
                    Ok(key) => keys.push(key),
                    Err((why, hint)) => {
                        problems.push(problem(format!("[keys] {name} = {key:?}: {why}"), hint.into()));
                    }
                }
            }
            read.insert(name.clone(), keys);
        }
        let keys = Self::with(&read);
        // What cannot be read clashes with nothing: the other complaint is enough.
        if problems.is_empty() {
            problems = keys.clashes();
        }
        if problems.is_empty() {
            Ok(keys)
        } else {
            Err(problems)
        }
    }

    fn with(changed: &BTreeMap<String, Vec<String>>) -> Self {
        let of_table = |name: &str| -> Vec<String> {
            let usual = || {
                let binding = remappable().find(|binding| binding.command.name() == name);
                let keys = binding.map_or([].as_slice(), |binding| binding.keys);
                keys.iter().map(|key| key.to_string()).collect()
            };
            changed.get(name).cloned().unwrap_or_else(usual)
        };
        let is_changed = |binding: &Binding| {
            let refers = |key: &&str| {
                key.strip_prefix('@')
                    .is_some_and(|name| changed.contains_key(name))
            };
            let own = binding.scope == Scope::Table && changed.contains_key(binding.command.name());
            own || binding.keys.iter().any(refers)
        };
        // What a dialog needs for an answer stays its answer.
        let answers = |scope: Scope, key: &String| {
            let mut those = TABLE.iter().filter(|binding| binding.scope == scope);
            those.any(|binding| binding.keys.contains(&key.as_str()))
        };
        let bound = |binding: &'static Binding| {
            let own = |key: &'static str| match key.strip_prefix('@') {
                Some(name) => of_table(name)
                    .into_iter()
                    .filter(|key| !answers(binding.scope, key))
                    .collect(),
                None => vec![key.to_string()],
            };
            let keys: Vec<String> = match binding.scope {
                Scope::Table => of_table(binding.command.name()),
                _ => binding.keys.iter().flat_map(|key| own(key)).collect(),
            };
            let shown = binding.shown.to_string();
            Bound { binding, keys, shown }
        };
        let mut all: Vec<Bound> = TABLE.iter().map(bound).collect();
        for at in 0..all.len() {
            let group = at..at + 1 + followers(&all[at + 1..]);
            if !all[at].shown.is_empty() && all[group.clone()].iter().any(|bound| is_changed(bound)) {
                all[at].shown = spelled_together(&all[group]);
            }
        }
        Self(all)
    }

    fn clashes(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut told = BTreeSet::new();
        for (n, a) in self.0.iter().enumerate() {
            for b in self.0[n + 1..].iter().filter(|b| b.scope == a.scope) {
                for key in a.keys.iter().filter(|key| b.keys.contains(key)) {
                    let (one, other) = (a.command.name(), b.command.name());
                    if told.insert((key.clone(), one, other)) {
                        problems.push(problem(
                            format!(
                                "[keys] makes {} mean both {one} and {other} {}.",
                                spelled(key),
                                a.scope.place()
                            ),
                            "Give one of them another key.".into(),
                        ));
                    }
                }
            }
        }
        problems
    }

    pub fn all(&self) -> impl Iterator<Item = &Bound> {
        self.0.iter()
    }

    pub fn of(&self, scope: Scope) -> impl Iterator<Item = &Bound> {
        self.0.iter().filter(move |bound| bound.scope == scope)
    }

    /// ctrl-c holds everywhere, and so does what suspends by a ctrl key, so that nobody is ever caught in a dialog.
    pub fn command(&self, here: Scope, pressed: &str) -> Option<&'static Binding> {
        if pressed == "ctrl-c" {
            return Some(&super::keys::INTERRUPT);
        }
        let suspends =
            |bound: &&Bound| bound.command == Command::Suspend && bound.keys.iter().any(|key| key == pressed);
        let everywhere = pressed.starts_with("ctrl-");
        self.of(here)
            .find(|bound| bound.keys.iter().any(|key| key == pressed))
            .or_else(|| self.0.iter().filter(|_| everywhere).find(suspends))
            .map(|bound| bound.binding)
    }

    /// The line of the table that gives a dialog's button its meaning.
    pub fn binding(&self, scope: Scope, command: Command) -> Option<&'static Binding> {
        let mut bounds = self.of(scope);
        bounds
            .find(|bound| bound.command == command)
            .map(|bound| bound.binding)
    }

    /// The key of a command of the table, as it is told.
    pub fn key(&self, command: Command) -> String {
        self.of(Scope::Table)
            .find(|bound| bound.command == command)
            .map_or(String::new(), Bound::first)
    }

    /// A sentence with each `{command}` in it turned into the key.
    pub fn spell(&self, text: &str) -> String {
        let mut told = String::new();
        let mut rest = text;
        while let Some((before, (name, after))) = rest
            .split_once('{')
            .and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
        {
            let bound = self.of(Scope::Table).find(|bound| bound.command.name() == name);
            told.push_str(before);
            told.push_str(&bound.map_or(name.to_string(), Bound::first));
            rest = after;
        }
        told + rest
    }
}

impl State {
    /// The key of a command, for a hint.
    pub(super) fn key(&self, command: Command) -> String {
        self.setup.keys.key(command)
    }

    pub(super) fn spell(&self, text: &str) -> String {
        self.setup.keys.spell(text)
    }
}

/// What may have other keys: the commands of the table. In dialogs `y` and `n` answer, whoever sits there.
fn remappable() -> impl Iterator<Item = &'static Binding> {
    TABLE.iter().filter(|binding| binding.scope == Scope::Table)
}

/// How many bindings share the line of the one before them.
fn followers<T: Deref<Target = Binding>>(after: &[T]) -> usize {
    after
        .iter()
        .take_while(|bound| Deref::deref(*bound).shown.is_empty())
        .count()
}

fn problem(message: String, hint: String) -> Problem {
    Problem::new(Class::Auth, message, hint)
}

/// What somebody may have meant.
fn nearest(name: &str) -> String {
    let known = |binding: &&Binding| {
        let command = binding.command.name();
        command.contains(name) || name.contains(command) || binding.label == name
    };
    match remappable().find(known) {
        Some(binding) => format!(
            "Is it {}? The palette lists all commands.",
            binding.command.name()
        ),
        None => "The palette of the dashboard lists all commands; assets/keys.md does too.".into(),
    }
}

/// What writes must not lie under a key that is hit in passing. Its usual key was weighed when it was chosen.
fn safe(binding: &Binding, key: String) -> Result<String, Complaint> {
    let small = key.chars().count() == 1 && key.chars().all(char::is_lowercase);
    if binding.writes && small && !binding.keys.contains(&key.as_str()) {
        Err((
            "it writes, and a small letter is pressed too easily.",
            "Lower case looks, upper case writes: choose a capital, a ctrl key or a function key.",
        ))
    } else {
        Ok(key)
    }
}

/// The keys of a line that several commands share: the first of each, then the second of each.
fn spelled_together(group: &[Bound]) -> String {
    let most = group.iter().map(|bound| bound.keys.len()).max().unwrap_or(0);
    let nth = |n: usize| group.iter().filter_map(move |bound| bound.keys.get(n));
    let all: Vec<String> = (0..most).flat_map(nth).map(|key| spelled(key)).collect();
    all.join(" ")
}

//! What the palette lists: every command of the table with its key, those used lately first, and why one does nothing now;
//! in the sandbox what people practise on too.

use super::keymap::Bound;
use super::keys::{Command, Scope};
use super::state::State;

/// How many commands are remembered as used lately.
pub const RECENT: usize = 5;

pub struct Entry<'a> {
    pub bound: &'a Bound,
    /// What it does, in a sentence.
    pub help: String,
    /// Why pressing its key would do nothing now.
    pub refusal: Option<String>,
}

/// The commands that hold every word of the query, in their name, label, help or key. The one whose name it is comes first,
/// then those whose name begins with it, then those whose name has it; among equals those used lately, then in the order of the help.
pub fn entries<'a>(state: &'a State, query: &str) -> Vec<Entry<'a>> {
    let query = query.trim().to_lowercase();
    let words: Vec<&str> = query.split_whitespace().collect();
    let mut found = Vec::new();
    let keys = &state.setup.keys;
    let of_sandbox = keys.of(Scope::Sandbox).filter(|_| state.setup.sandbox.is_some());
    for bound in keys.of(Scope::Table).chain(of_sandbox) {
        if bound.command == Command::Palette {
            continue;
        }
        let help = state.spell(bound.sentence());
        let Some(rank) = rank(bound, &help, &query, &words) else {
            continue;
        };
        let recent = state.recent.iter().position(|command| *command == bound.command);
        let refusal = bound.refusal(state);
        let entry = Entry { bound, help, refusal };
        found.push(((rank, recent.unwrap_or(usize::MAX)), entry));
    }
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().map(|(_, entry)| entry).collect()
}

/// How well it fits, 0 best; `None` where it does not.
fn rank(bound: &Bound, help: &str, query: &str, words: &[&str]) -> Option<u8> {
    let name = bound.command.name();
    let spoken = name.replace('-', " ");
    let text = format!("{name} {spoken} {} {help}", bound.label).to_lowercase();
    let is_key = bound.keys.iter().any(|key| key.to_lowercase() == query);
    if query == name || query == spoken {
        Some(0)
    } else if query.is_empty() && moves(bound.command) {
        // Nobody opens the palette for these.
        Some(4)
    } else if query.is_empty() || name.starts_with(query) || spoken.starts_with(query) {
        Some(1)
    } else if words
        .iter()
        .all(|word| spoken.contains(word) || bound.label.contains(word))
    {
        Some(2)
    } else if is_key {
        Some(3)
    } else {
        words.iter().all(|word| text.contains(word)).then_some(4)
    }
}

fn moves(command: Command) -> bool {
    use Command::*;
    matches!(command, Move(_) | Extend(_) | Page(_) | First | Last | Scroll(_))
}

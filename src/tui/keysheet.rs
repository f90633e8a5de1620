//! The key sheet `assets/keys.md`: the key table as it is without a configuration, written for readers.

use std::fmt::Write as _;

use super::keymap::{Bound, Keys};
use super::keyname::spelled;
use super::keys::{Command, Scope};

const HEAD: &str = "\
# The keys

Made from the key table in `src/tui/keys.rs`; `ATRIAGE_WRITE_KEYS=1 cargo test --lib keysheet` writes it anew.

Lower case looks, upper case writes and asks first. `?` shows the keys that hold now, `:` all commands. A command of the
table gets other keys in `config.toml`, by its name:

```toml
[keys]
fix = \"M\"
refresh = [\"r\", \"f5\"]
```

Refused at the start are names that no command has, keys that no terminal sends, one key for two commands in one mode, and
a small letter for a command that writes. Dialogs follow the keys of the table, as far as they need none of them for
an answer: `y` and `n` always answer. `ctrl-c` asks whether to quit, wherever one is.
";

/// The whole file.
pub fn sheet() -> String {
    let keys = Keys::default();
    let mut text = HEAD.to_string();
    text += "\n## In the table\n\n| keys | command | what it does |\n|---|---|---|\n";
    for bound in keys.of(Scope::Table) {
        let writes = if bound.writes { " **Writes.**" } else { "" };
        let told = keys.spell(bound.sentence()).replace('|', "\\|");
        let name = bound.command.name();
        let _ = writeln!(text, "| {} | `{name}` | {told}{writes} |", all_keys(bound));
    }
    text += "\n## In the sandbox\n\nOnly there, and only by their names in the palette. `mend-sandbox` ends all that was broken.\n\n";
    text += "| command | what it does |\n|---|---|\n";
    for bound in keys.of(Scope::Sandbox) {
        let _ = writeln!(text, "| `{}` | {} |", bound.command.name(), bound.help);
    }
    for (scope, title) in [
        (Scope::Detail, "Where one user has the whole screen"),
        (Scope::Filter, "While a filter is typed"),
        (Scope::Columns, "In the columns"),
        (Scope::Palette, "In the palette"),
        (Scope::Confirm, "Before something is mended"),
        (Scope::Reason, "While a reason is typed"),
        (Scope::Resume, "In the offer to go on with a run"),
        (Scope::Plan, "In a plan"),
        (Scope::History, "In a history"),
        (Scope::Log, "In the log"),
        (Scope::Export, "Before an export"),
        (Scope::Help, "In the help"),
        (Scope::Quit, "Before quitting"),
        (Scope::Welcome, "In the welcome to the sandbox"),
    ] {
        let _ = write!(text, "\n## {title}\n\n| keys | |\n|---|---|\n");
        for bound in keys.of(scope) {
            let name = bound.command.name().replace('-', " ");
            // The label of these is about several of them.
            let both = matches!(
                bound.command,
                Command::Scroll(_)
                    | Command::Choose(_)
                    | Command::ShiftColumn(_)
                    | Command::Move(_)
                    | Command::CopyLink(_)
            );
            let told = if both || bound.label.is_empty() {
                &name
            } else {
                bound.label
            };
            let _ = writeln!(text, "| {} | {told} |", all_keys(bound));
        }
    }
    text
}

fn all_keys(bound: &Bound) -> String {
    let all = bound.keys.iter().map(|key| format!("`{}`", spelled(key)));
    all.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    /// Says to write the file anew.
    const WRITE: &str = "ATRIAGE_WRITE_KEYS";

    #[test]
    fn the_file_is_that_of_the_table() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/keys.md");
        let sheet = super::sheet();
        if std::env::var_os(WRITE).is_some() {
            std::fs::write(path, &sheet).unwrap();
        }
        let found = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            found == sheet,
            "{path} is another one: {WRITE}=1 cargo test --lib keysheet writes it anew"
        );
    }
}

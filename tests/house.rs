//! The rules of the house, read off the source itself: which room may import which, what the pure rooms may not know,
//! how long a file may be, how it begins, and what may not stand in it. Each rule is tried on a planted violation first.

mod planted;
mod reading;

use std::fs;
use std::path::Path;

use reading::{bare, heads, tokens};

const LONGEST: usize = 400;

/// What each room may import besides itself. `lib` and `main` are the door, and know everything.
const ROOMS: [(&str, &[&str]); 9] = [
    ("domain", &[]),
    ("config", &["domain"]),
    ("services", &["domain", "config"]),
    ("audit", &["services", "config", "domain"]),
    ("provisioning", &["services", "config", "domain"]),
    ("sandbox", &["services", "config", "domain"]),
    ("tui", &["audit", "provisioning", "services", "config", "domain"]),
    (
        "intake",
        &["audit", "provisioning", "services", "config", "domain"],
    ),
    (
        "commands",
        &[
            "tui",
            "intake",
            "sandbox",
            "audit",
            "provisioning",
            "services",
            "config",
            "domain",
        ],
    ),
];

/// The path of modules of a file: `src/services/store/mod.rs` is `services::store`.
fn module(path: &str) -> Vec<String> {
    let inner = path.trim_start_matches("src/").trim_end_matches(".rs");
    let mut parts: Vec<String> = inner.split('/').map(String::from).collect();
    if parts.last().is_some_and(|last| last == "mod") {
        parts.pop();
    }
    parts
}

/// The rooms that a file reaches, its own among them; `crate` where a glob or the root itself is meant.
fn reached(path: &str, source: &str) -> Vec<String> {
    let bare = bare(source);
    let tokens = tokens(&bare);
    let home = module(path);
    // How many `mod name {` stand open, each with the depth of its brace.
    let (mut depth, mut open, mut found) = (0usize, Vec::new(), Vec::new());
    let mut at = 0;
    while at < tokens.len() {
        match tokens[at] {
            "{" => {
                depth += 1;
                if at >= 2 && tokens[at - 2] == "mod" {
                    open.push(depth);
                }
            }
            "}" => {
                open.retain(|brace| *brace != depth);
                depth = depth.saturating_sub(1);
            }
            // `pub(crate)` is no path.
            "crate" if tokens.get(at + 1) == Some(&"::") => {
                found.extend(heads(&tokens[at + 2..]).into_iter().map(String::from));
            }
            "super" if at == 0 || tokens[at - 1] != "(" || tokens.get(at + 1) == Some(&"::") => {
                let mut ups = 1;
                while tokens.get(at + 1) == Some(&"::") && tokens.get(at + 2) == Some(&"super") {
                    (ups, at) = (ups + 1, at + 2);
                }
                // One `super` within `mod tests { … }` is the file itself.
                if (home.len() + open.len()).saturating_sub(ups) == 0 {
                    let from = (at + 2).min(tokens.len());
                    found.extend(heads(&tokens[from..]).into_iter().map(String::from));
                }
            }
            _ => {}
        }
        at += 1;
    }
    for head in &mut found {
        if !ROOMS.iter().any(|(room, _)| room == head) {
            *head = "crate".into();
        }
    }
    found
}

/// Every violation in one file: the rule, and where.
fn violations(path: &str, source: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut tell = |rule: &str, place: String| found.push((rule.to_string(), place));
    let room = module(path)[0].clone();
    match ROOMS.iter().find(|(name, _)| *name == room) {
        Some((_, allowed)) => {
            for to in reached(path, source) {
                if to != room && !allowed.contains(&to.as_str()) {
                    tell(&format!("imports {to}"), String::new());
                }
            }
        }
        None if matches!(room.as_str(), "lib" | "main") => {}
        None => tell("is in no known room", room.clone()),
    }
    let lines = source.lines().count();
    if lines > LONGEST {
        tell("long", format!("{lines} lines"));
    }
    if !source
        .lines()
        .next()
        .is_some_and(|line| line.starts_with("//! ") && line.len() > 10)
    {
        tell("begins without a sentence", String::new());
    }
    let bare = bare(source);
    let words = tokens(&bare);
    if room == "domain" {
        for word in impure(&words) {
            tell("impure", word);
        }
    }
    for pair in words.windows(3) {
        if matches!(pair, ["todo" | "unimplemented", "!", _]) || matches!(pair, ["#", "[", "ignore"]) {
            tell("unfinished", pair.concat());
        }
    }
    for line in unwraps(path, source, &bare) {
        tell("unwrap without a reason", format!("line {line}"));
    }
    found
}

/// What the pure room may not know: async, clocks, the process, files and the network.
fn impure(words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let qualified = |from: &str| at >= 2 && words[at - 1] == "::" && words[at - 2] == from;
        let bad = match *word {
            "async" | "await" | "Instant" | "SystemTime" => true,
            "now" => qualified("Timestamp") || qualified("Zoned"),
            "env" | "fs" | "net" => qualified("std"),
            "std" => heads(words.get(at + 2..).unwrap_or_default())
                .iter()
                .any(|head| words.get(at + 2) == Some(&"{") && matches!(*head, "env" | "fs" | "net")),
            _ => false,
        };
        if bad {
            found.push((*word).to_string());
        }
    }
    found
}

/// The lines with an `unwrap()` in production code that neither they nor the line before explain.
fn unwraps(path: &str, source: &str, bare: &str) -> Vec<usize> {
    if path.contains("/tests/") || path.ends_with("/tests.rs") {
        return Vec::new();
    }
    let lines: Vec<&str> = source.lines().collect();
    let (mut depth, mut found) = (0i32, Vec::new());
    // The depth at which the item behind a `#[cfg(test)]` began, and whether its brace is open yet.
    let mut test: Option<(i32, bool)> = None;
    for (n, line) in bare.lines().enumerate() {
        if test.is_none() && line.replace(' ', "").contains("#[cfg(test)]") {
            test = Some((depth, false));
        }
        let explained = lines[n].contains("// ") || (n > 0 && lines[n - 1].trim_start().starts_with("// "));
        if test.is_none() && line.contains(".unwrap()") && !explained {
            found.push(n + 1);
        }
        for c in line.chars() {
            match (c, &mut test) {
                ('{', test) => {
                    depth += 1;
                    if let Some((_, open)) = test {
                        *open = true;
                    }
                }
                ('}', _) => {
                    depth -= 1;
                    test = test.filter(|(start, _)| depth > *start);
                }
                // `#[cfg(test)] mod tests;` or a `use`.
                (';', Some((start, false))) if depth == *start => test = None,
                _ => {}
            }
        }
    }
    found
}

fn sources(folder: &Path, found: &mut Vec<(String, String)>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let name = path
                .strip_prefix(root)
                .unwrap()
                .to_string_lossy()
                .replace('\\', "/");
            found.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
}

#[test]
fn the_source_keeps_the_rules_of_the_house() {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    assert!(files.len() > 20, "where is the source?");
    let mut wrong = Vec::new();
    for (path, source) in &files {
        wrong.extend(
            violations(path, source)
                .into_iter()
                .map(|(rule, place)| format!("{path}: {rule} {place}")),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

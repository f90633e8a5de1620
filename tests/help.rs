//! What the program tells about itself: help with examples, suggestions, manual pages and completions.

use std::collections::BTreeSet;
use std::io::Write;
use std::process::{Command, Stdio};

use crate::support::command::{Outcome, atriage};

fn run(args: &[&str]) -> Outcome {
    let outcome = atriage(args, &[]);
    assert_eq!(
        (outcome.code, outcome.stderr.as_str()),
        (0, ""),
        "{args:?}: {outcome:?}"
    );
    outcome
}

/// The commands, as the help of the program lists them.
fn commands() -> Vec<String> {
    let help = run(&["--help"]).stdout;
    let list = help
        .split("Commands:")
        .nth(1)
        .and_then(|rest| rest.split("\n\n").next());
    let list = list.expect("the help lists the commands");
    let starts = list
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    starts
        .map(|line| line.split_whitespace().next().expect("a name").to_owned())
        .collect()
}

#[test]
fn every_command_has_help_with_examples_and_a_manual_page() {
    let commands = commands();
    for known in [
        "audit",
        "backfill",
        "runs",
        "history",
        "sandbox",
        "completions",
        "man",
    ] {
        assert!(
            commands.iter().any(|command| command == known),
            "{known}: {commands:?}"
        );
    }
    for command in &commands {
        let help = run(&[command, "--help"]).stdout;
        assert!(help.contains("Examples:\n  atriage "), "{command}: {help}");
        let page = run(&["man", command]).stdout;
        assert!(
            page.contains(&format!(".TH atriage-{command} 1")),
            "{command}: {page}"
        );
        assert!(
            page.replace('\\', "").contains(&format!("atriage {command}")),
            "{command}: {page}"
        );
    }
    let page = run(&["man", "runs", "resume"]).stdout;
    assert!(page.contains("interrupted or stopped"), "{page}");
    for (words, sections) in [
        (["man"].as_slice(), &["EXIT STATUS", "ENVIRONMENT"] as &[&str]),
        (&["man", "backfill"], &["EXIT STATUS", "ENVIRONMENT", "EXAMPLES"]),
        (
            &["man", "check-config"],
            &["EXIT STATUS", "ENVIRONMENT", "EXAMPLES"],
        ),
        (
            &["man", "audit"],
            &["EXIT STATUS", "ENVIRONMENT", "EXAMPLES", "NOTES"],
        ),
    ] {
        let page = run(words).stdout;
        let found: Vec<&str> = page
            .lines()
            .filter_map(|line| line.strip_prefix(".SH ")?.strip_prefix('"')?.strip_suffix('"'))
            .collect();
        assert_eq!(found[0], "OPTIONS EVERYWHERE", "{page}");
        assert_eq!(found[1..], *sections, "{words:?}: {page}");
        assert!(!page.contains("EXTRA"), "{page}");
        for required in ["AUTH0_M2M_SECRET", "MONGODB_CONNECTION_STRING"] {
            assert!(page.contains(&format!("\n{required}: required\n")), "{page}");
        }
    }
    // Other names are told where the one is.
    for (page, name) in [
        (run(&["man"]).stdout, "doctor"),
        (run(&["man", "check-config"]).stdout, "doctor"),
        (run(&["man", "backfill"]).stdout, "--apply"),
    ] {
        let page = page.replace('\\', "");
        assert!(page.contains(&format!("(also {name})")), "{page}");
    }
    let help = run(&["backfill", "--help"]).stdout;
    assert!(help.contains("[alias: --apply]"), "{help}");
}

/// A line of a README's block of commands: the words after `atriage`, and its comment.
type Listed = (Vec<String>, String);

fn listed_in_the_readme() -> Vec<Listed> {
    let readme = include_str!("../README.md");
    let block = readme
        .split("## The commands")
        .nth(1)
        .and_then(|rest| rest.split("```").nth(1));
    let block = block.expect("the README lists the commands");
    let lines = block.lines().filter_map(|line| line.strip_prefix("atriage "));
    let parts = |line: &str| {
        // A comment begins a word, or is all that follows.
        let begins = if line.starts_with('#') {
            Some(0)
        } else {
            line.find(" #")
        };
        let (told, comment) = line.split_at(begins.unwrap_or(line.len()));
        let words = told.split_whitespace().map(str::to_owned).collect();
        (words, comment.to_owned())
    };
    lines.map(parts).collect()
}

/// The words of a text, each without what stands around it: flags keep their dashes.
fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|mark: char| !(mark.is_ascii_alphanumeric() || mark == '-'))
}

/// Whoever reads the README is told of every command, and of none, and of no flag, that there is not; also in its comments.
#[test]
fn the_readme_lists_the_commands_that_there_are() {
    let listed = listed_in_the_readme();
    let named: BTreeSet<&str> = listed
        .iter()
        .filter_map(|(words, _)| Some(words.first()?.as_str()))
        .filter(|word| !word.starts_with('-'))
        .collect();
    let commands = commands();
    let there: BTreeSet<&str> = commands.iter().map(String::as_str).collect();
    let there = &there - &BTreeSet::from(["help"]);
    assert_eq!(named, there);
    let mut checked = 0;
    for (words, comment) in &listed {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let sub = match words[..] {
            ["runs", sub, ..] => vec!["runs", sub],
            [command, ..] if !command.starts_with('-') => vec![command],
            // The dashboard itself.
            _ => vec![],
        };
        let help = run(&[sub.as_slice(), &["--help"]].concat()).stdout;
        let told = words.iter().copied().filter(|word| word.starts_with('-'));
        let commented = words_of(comment).filter(|word| word.starts_with("--"));
        for flag in told.chain(commented) {
            let flag = flag.split('=').next().expect("one piece at least");
            assert!(
                words_of(&help).any(|word| word == flag),
                "{flag} of {sub:?}: {help}"
            );
            checked += 1;
        }
    }
    assert!(checked >= 10, "only {checked} flags are named");
}

#[test]
fn what_is_misspelt_is_answered_with_what_may_be_meant() {
    for (args, meant) in [
        (["audti"].as_slice(), "'audit'"),
        (&["audit", "--sicne", "7d"], "'--since'"),
        (&["runs", "resme", "7f3a"], "'resume'"),
        (&["audit", "-o", "jsn"], "'json'"),
        (&["man", "bakcfill"], "backfill"),
        (&["audit", "aestetic", "--sandbox"], "aesthetic"),
    ] {
        let outcome = atriage(args, &[]);
        assert_eq!(outcome.code, 2, "{args:?}: {outcome:?}");
        assert!(outcome.stderr.contains(meant), "{args:?}: {}", outcome.stderr);
        assert_eq!(outcome.stdout, "", "{args:?}");
    }
    let outcome = atriage(&["audti", "-o", "json"], &[]);
    assert!(
        outcome.stdout.contains("a similar subcommand exists: 'audit'"),
        "{outcome:?}"
    );
}

/// Bash itself completes with them: after `atriage ru` it offers `runs`.
#[test]
fn a_shell_completes_with_the_completions() {
    let mut script = run(&["completions", "bash"]).stdout;
    script.push_str(
        "\nCOMP_WORDS=(atriage ru); COMP_CWORD=1; _atriage atriage ru atriage; printf '%s\\n' \"${COMPREPLY[@]}\"\n\
         COMP_WORDS=(atriage audit --or); COMP_CWORD=2; _atriage atriage --or audit; printf '%s\\n' \"${COMPREPLY[@]}\"\n",
    );
    let mut bash = Command::new("bash")
        .args(["--norc", "-s"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the machine has a bash");
    let mut input = bash.stdin.take().expect("it was asked for");
    input.write_all(script.as_bytes()).expect("bash reads");
    drop(input);
    let told = bash.wait_with_output().expect("it ends");
    assert_eq!(String::from_utf8_lossy(&told.stdout), "runs\n--orphans\n");
    for shell in ["zsh", "fish", "elvish", "powershell"] {
        let script = run(&["completions", shell]).stdout;
        assert!(
            script.contains("backfill") && script.contains("read-only"),
            "{shell}"
        );
    }
}

//! Copying, exporting and the log in a real pseudo-terminal, on the sandbox.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::support::command::ATRIAGE;
use crate::support::schemas;
use crate::support::terminal::Terminal;
use crate::support::town::Town;

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 60)];

/// The sandbox's dashboard, started in this folder.
fn open_in(folder: &Path, env: &[(&str, &str)], (cols, rows): (u16, u16)) -> Terminal {
    let folder = folder.to_str().expect("temporary folders have plain names");
    let start = ["-c", "cd \"$0\" && exec \"$@\"", folder, ATRIAGE, "--sandbox"];
    let screen = Terminal::spawn("sh", &start, env, cols, rows);
    screen.wait_for("broken");
    screen.wait_gone("reading…");
    screen
}

fn open(env: &[(&str, &str)], size: (u16, u16)) -> (Terminal, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("the machine has a temporary folder");
    (open_in(folder.path(), env, size), folder)
}

fn quit(mut screen: Terminal) {
    screen.press("q");
    assert_eq!(screen.wait_exit().code(), Some(0));
    assert!(!screen.alternate_screen() && screen.cursor_shown());
}

/// The texts that were handed to the clipboard between these bytes, in their order.
fn copied(screen: &Terminal, begin: &str, end: &str) -> Vec<String> {
    let raw = String::from_utf8_lossy(&screen.raw()).into_owned();
    let begin = format!("{begin}]52;c;");
    raw.split(begin.as_str())
        .skip(1)
        .map(|rest| {
            let (code, _) = rest.split_once(end).expect("each has its end");
            let bytes = STANDARD
                .decode(code)
                .unwrap_or_else(|why| panic!("{code:?}: {why}"));
            String::from_utf8(bytes).expect("ids are text")
        })
        .collect()
}

/// The words that a shell makes of a line.
fn words(line: &str) -> Vec<String> {
    let script = format!("printf '%s\\n' {line}");
    let told = Command::new("sh")
        .args(["-c", &script])
        .output()
        .expect("there is a shell");
    assert!(told.status.success(), "{line}: {told:?}");
    let text = String::from_utf8(told.stdout).expect("words are text");
    text.lines().map(String::from).collect()
}

#[test]
fn ids_and_command_lines_reach_the_clipboard() {
    for size in SIZES {
        let (mut screen, _folder) = open(&[], size);
        screen.press("!y");
        screen.wait_for("Sent to the terminal's clipboard: the id: auth0|");
        screen.press("ay");
        screen.wait_for("Sent to the terminal's clipboard: the ids of ");
        screen.press("Y");
        screen.wait_for("Sent to the terminal's clipboard: the command line for mending ");
        screen.press("F");
        screen.wait_for("Mend ");
        screen.press("Y");
        screen.press("n");
        screen.wait_for("Nothing was changed.");
        screen.press("d");
        screen.wait_for("Plan for ");
        screen.press("Y");
        screen.wait_for("for the plan of ");
        let copies = copied(&screen, "\x1b", "\x1b\\");
        let [one, all, line, asked, plan] = copies.as_slice() else {
            panic!("{copies:?}");
        };
        let ids: Vec<&str> = all.lines().collect();
        assert!(ids.contains(&one.as_str()) && ids.len() > 5, "{one:?} {ids:?}");
        assert!(ids.iter().all(|id| id.starts_with("auth0|")), "{ids:?}");
        assert_eq!(asked, line, "the dialog is about the same users");
        let said = words(line);
        assert_eq!(said[..4], ["atriage", "backfill", "--tenant", "aesthetic"]);
        assert_eq!(said.last().map(String::as_str), Some("--fix"));
        let mended = &said[4..said.len() - 1];
        assert!(
            !mended.is_empty() && mended.iter().all(|id| ids.contains(&id.as_str())),
            "{said:?}"
        );
        assert!(!words(plan).contains(&"--fix".to_string()), "{plan}");
        screen.keys("<esc>");
        quit(screen);
    }
}

#[test]
fn tmux_passes_a_copy_on_and_a_terminal_without_a_clipboard_gets_a_file() {
    let (mut screen, _folder) = open(
        &[("TERM", "tmux-256color"), ("TMUX", "/tmp/tmux-1000/default,1,0")],
        (120, 40),
    );
    screen.press("y");
    screen.wait_for("(not there? tmux needs");
    let passed = copied(&screen, "\x1bPtmux;\x1b\x1b", "\x1b\x1b\\\x1b\\");
    assert_eq!(passed.len(), 1, "{passed:?}");
    assert!(
        screen.screen().contains(&format!(
            "Sent to the terminal's clipboard: the id: {}",
            passed[0]
        )),
        "{}",
        screen.screen()
    );
    let plain = copied(&screen, "\\\x1b", "\x1b\\");
    assert_eq!(plain, passed, "tmux itself may take it too");
    quit(screen);

    let (mut screen, _folder) = open(&[("TERM", "linux")], (200, 60));
    screen.press("y");
    screen.wait_for("This terminal has no clipboard, written to ");
    assert!(!String::from_utf8_lossy(&screen.raw()).contains("]52;"));
    let text = screen.screen();
    let told = text
        .lines()
        .find(|line| line.contains("no clipboard"))
        .expect("it is told");
    let (_, rest) = told.split_once("written to ").expect("with the place");
    let (path, id) = rest
        .split_once(" (it goes with the sandbox): the id: ")
        .expect("and what it is");
    assert_eq!(std::fs::read_to_string(path).expect("it is there"), id.trim_end());
    let mode = std::fs::metadata(path).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    quit(screen);
}

/// What is pasted into a shell is done: the list, the plan, the mending and the history of the same users.
#[test]
fn the_copied_lines_do_what_the_dashboard_would() {
    let mut town = Town::new();
    let subs = town.incident();
    let mut screen = town.open(&[], 120, 40);
    screen.wait_for("5 broken");
    screen.wait_gone("reading…");
    let line = |screen: &Terminal| copied(screen, "\x1b", "\x1b\\").pop().expect("it was copied");
    let said = |line: &str| words(line).split_off(1);
    let run = |town: &Town, words: &[String]| town.run(&words.iter().map(String::as_str).collect::<Vec<_>>());

    screen.press("/sub:nobody");
    screen.keys("<enter>");
    screen.press("Y");
    screen.wait_for("Sent to the terminal's clipboard: the command line for the list");
    let list = line(&screen);
    assert_eq!(list, "atriage audit aesthetic 5 --filter sub:nobody");
    let listed = run(&town, &said(&list));
    assert_eq!(listed.code, 0, "{listed:?}");
    screen.keys("<esc>");
    screen.press("ad");
    screen.wait_for("Plan for 5 users");
    screen.press("Y");
    screen.wait_for("Sent to the terminal's clipboard: the command line for the plan of 5 users");
    let planned = run(&town, &said(&line(&screen)));
    assert_eq!(planned.code, 3, "{planned:?}");
    assert!(
        subs.iter().all(|sub| planned.stdout.contains(sub.as_str())),
        "{planned:?}"
    );
    assert!(town.all("users").is_empty(), "it was a dry run");
    screen.keys("<esc>");

    screen.press("Y");
    screen.wait_for("Sent to the terminal's clipboard: the command line for mending 5 users");
    let mut mend = said(&line(&screen));
    mend.push("--yes".into());
    let mended = run(&town, &mend);
    assert_eq!(mended.code, 0, "{mended:?}");
    assert_eq!(town.all("users").len(), 5);
    screen.press("H");
    screen.wait_for("create-user");
    screen.press("Y");
    screen.wait_for("Sent to the terminal's clipboard: the command line for the history");
    let told = run(&town, &said(&line(&screen)));
    assert!(told.code == 0 && told.stdout.contains("create-user"), "{told:?}");
    screen.keys("<esc>");
    quit(screen);
}

/// The file of this ending in the folder; there is one.
fn exported(folder: &Path, ending: &str) -> PathBuf {
    let files = std::fs::read_dir(folder).expect("it is ours");
    let its: Vec<PathBuf> = files
        .map(|file| file.expect("it can be read").path())
        .filter(|path| path.extension().is_some_and(|its| its == ending))
        .collect();
    let [one] = its.as_slice() else {
        panic!("{ending}: {its:?}");
    };
    one.clone()
}

#[test]
fn what_is_shown_is_exported_in_every_format() {
    let (mut screen, folder) = open(&[], (200, 60));
    // Nobody new comes in between, and the ids stand on the screen.
    screen.press("z/mongo:missing");
    screen.keys("<enter>");
    screen.press("c");
    screen.wait_for("the id in Auth0");
    screen.keys("<up>");
    for (n, ending) in ["csv", "json", "ndjson", "md"].into_iter().enumerate() {
        if n == 0 {
            // The last of the columns is Auth0's id.
            screen
                .keys("<down><down><down><down><down><down><down><down><down><down><down><down><space><esc>");
            screen.wait_for("SUB");
        }
        screen.press("e");
        screen.wait_for("Export ");
        (0..n).for_each(|_| screen.keys("<down>"));
        screen.wait_for(&format!("Z.{ending}"));
        assert!(
            screen
                .screen()
                .contains("E-mails and handles are masked, as on the screen")
        );
        screen.keys("<enter>");
        screen.wait_for(&format!("Z.{ending}\n"));
        screen.wait_for("✓ Wrote ");
        let path = exported(folder.path(), ending);
        let name = path
            .file_name()
            .expect("it has one")
            .to_string_lossy()
            .into_owned();
        assert!(name.starts_with("atriage-aesthetic-20"), "{name}");
        let mode = std::fs::metadata(&path)
            .expect("it is there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    let text = screen.screen();
    let on_screen: Vec<&str> = text
        .lines()
        .filter_map(|line| line.split_whitespace().find(|word| word.starts_with("auth0|")))
        .collect();
    assert!(on_screen.len() > 2, "{text}");
    let read = |ending| std::fs::read_to_string(exported(folder.path(), ending)).expect("it is ours");

    let csv = read("csv");
    let mut lines = csv.split_terminator("\r\n");
    let header: Vec<&str> = lines.next().expect("a header").split(',').collect();
    assert_eq!(header[..4], ["tenant", "created_at", "sub", "email"]);
    let subs: Vec<&str> = lines.map(|line| line.split(',').nth(2).expect("a sub")).collect();
    let begins = |(sub, shown): (&&str, &&str)| sub.starts_with(shown.trim_end_matches('…'));
    let same = subs.len() == on_screen.len() && subs.iter().zip(&on_screen).all(begins);
    assert!(same, "other users, or another order: {on_screen:?} {csv}");
    assert!(csv.contains(",missing,"), "{csv}");

    let markdown = read("md");
    assert!(
        markdown.starts_with("| tenant | created\\_at |") || markdown.starts_with("| tenant | created_at |"),
        "{markdown}"
    );
    let rows: Vec<&str> = markdown.lines().skip(2).collect();
    assert_eq!(rows.len(), subs.len());
    for (row, sub) in rows.iter().zip(&subs) {
        assert!(row.contains(&sub.replace('|', "\\|")), "{row}");
    }

    let sub_of = |signup: &Value| signup["sub"].as_str().expect("a sub").to_string();
    let json = read("json");
    schemas::check(&["audit".into(), "-o".into(), "json".into()], &json);
    let whole: Value = serde_json::from_str(&json).expect("one object");
    let listed = whole["signups"].as_array().expect("a list").iter();
    assert_eq!(listed.map(sub_of).collect::<Vec<_>>(), subs);
    assert_eq!(whole["totals"]["checked"], subs.len());
    assert_eq!(whole["tenant"], "aesthetic");
    let ndjson = read("ndjson");
    schemas::check(&["audit".into(), "-o".into(), "ndjson".into()], &ndjson);
    let lines: Vec<Value> = ndjson
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line"))
        .collect();
    let (last, signups) = lines.split_last().expect("a summary");
    assert_eq!(signups.iter().map(sub_of).collect::<Vec<_>>(), subs);
    assert_eq!(last["totals"], whole["totals"]);
    // Masked as the screen is.
    for text in [&csv, &markdown, &json, &ndjson] {
        assert!(text.contains("…@"), "{text}");
    }
    quit(screen);
}

#[test]
fn where_nothing_can_be_written_the_export_says_so() {
    let (mut screen, folder) = open(&[], (200, 60));
    let gone = folder.path().to_path_buf();
    drop(folder);
    assert!(!gone.exists());
    screen.press("e");
    screen.wait_for("Export ");
    screen.keys("<enter>");
    screen.wait_for("✗ Nothing was exported: ");
    screen.wait_for("Start atriage in a folder that you may write to. (internal, look)");
    quit(screen);
}

#[test]
fn the_log_tells_of_a_run_at_every_size() {
    for size in SIZES {
        let (mut screen, _folder) = open(&[], size);
        screen.press("y");
        screen.wait_for("Sent to the terminal's clipboard: the id: ");
        screen.press("!");
        screen.press("aF");
        screen.wait_for("Mend ");
        screen.press("y");
        // More than ten of the sandbox's want mending, and so a reason.
        screen.wait_for("Why? It is kept");
        screen.press("a try");
        screen.keys("<enter>");
        screen.wait_for(" ended: ");
        screen.press("L");
        screen.wait_for("┌ Log · ");
        screen.wait_for(" ended: ");
        screen.wait_for(": mended");
        assert!(screen.screen().contains("UTC"), "{}", screen.screen());
        screen.press("g");
        screen.wait_for("Sent to the terminal's clipboard: the id:");
        screen.wait_until("the beginning of the run", |text| text.contains(" began: "));
        // All of it can be copied, from wherever it is read.
        screen.press("y");
        screen.wait_for("Sent to the terminal's clipboard: the log, ");
        screen.press("G");
        screen.wait_for(" ended: ");
        screen.keys("<esc>");
        screen.wait_gone("┌ Log · ");
        quit(screen);
    }
}

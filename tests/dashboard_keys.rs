//! Palette, keys of one's own, mouse and colours in a real pseudo-terminal, on the sandbox.

use std::path::PathBuf;

use crate::support::command::ATRIAGE;
use crate::support::terminal::{Color, Terminal};

/// A folder with a `config.toml`.
fn configured(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("the machine has a temporary folder");
    let file = folder.path().join("config.toml");
    std::fs::write(&file, text).expect("the folder is ours");
    (folder, file)
}

fn open(config: &str, env: &[(&str, &str)], cols: u16, rows: u16) -> (Terminal, tempfile::TempDir) {
    let (folder, file) = configured(config);
    let path = file
        .to_str()
        .expect("temporary folders have plain names")
        .to_owned();
    let mut all = vec![("ATRIAGE_CONFIG", path.as_str())];
    all.extend(env);
    let screen = Terminal::spawn(ATRIAGE, &["--sandbox"], &all, cols, rows);
    (screen, folder)
}

fn said(screen: &Terminal, bytes: &[u8]) -> bool {
    screen.raw().windows(bytes.len()).any(|window| window == bytes)
}

const MOUSE_ON: &[u8] = b"\x1b[?1000h";
const MOUSE_OFF: &[u8] = b"\x1b[?1000l";

#[test]
fn the_palette_a_remapped_key_and_the_mouse_at_80_by_24() {
    let (mut screen, _folder) = open("[keys]\nfix = \"M\"\nhelp = \"f1\"\n", &[], 80, 24);
    screen.wait_for("broken");
    screen.wait_for("M fix");
    screen.wait_for("F1 help");
    // The mouse is the terminal's: text can be selected.
    assert!(!said(&screen, MOUSE_ON));

    screen.press(":");
    screen.wait_for("Commands");
    screen.press("mouse");
    screen.wait_for("▸         m mouse");
    screen.keys("<enter>");
    screen.wait_for("The mouse is on");
    assert!(said(&screen, MOUSE_ON) && !said(&screen, b"\x1b[?1003h"));
    // A click on the third row, and one on a header: where they stand once the line above them says all it has to.
    screen.wait_for("(85)");
    let (header, column) = screen.find("MONGO").expect("there is a header");
    screen.press(&format!("\x1b[<0;20;{}M\x1b[<0;20;{}m", header + 4, header + 4));
    screen.wait_until("the cursor on the third row", |text| {
        text.lines()
            .nth(usize::from(header) + 3)
            .is_some_and(|line| line.starts_with('▸'))
    });
    screen.press(&format!("\x1b[<0;{};{}M", column + 1, header + 1));
    screen.wait_for("MONGO▾");
    screen.press("m");
    screen.wait_for("The mouse is off");
    assert!(said(&screen, MOUSE_OFF));

    // The usual key has no meaning any more, the own one has it; the sorted table has the worst at its head.
    screen.press("gF");
    screen.press("M");
    screen.wait_for("Mend 1 user");
    screen.press("n");
    screen.wait_for("Nothing was changed.");
    screen.keys("<ctrl-p>");
    screen.wait_for("▸         m mouse");
    screen.press("quit");
    screen.wait_for("▸         q quit");
    screen.keys("<enter>");
    assert_eq!(screen.wait_exit().code(), Some(0));
    assert!(!screen.alternate_screen() && screen.cursor_shown());
    // No job ran: nothing is written after the terminal was given back.
    let raw = screen.raw();
    let left = raw.windows(8).rposition(|window| window == b"\x1b[?1049l");
    let after = String::from_utf8_lossy(&raw[left.expect("it was left") + 8..]).into_owned();
    assert_eq!(
        after.replace("\x1b[?25h", ""),
        "",
        "more than the cursor was shown"
    );
}

#[test]
fn the_mouse_is_given_back_with_the_terminal() {
    let (mut screen, _folder) = open("[screen]\nmouse = true\n", &[], 80, 24);
    screen.wait_for("broken");
    assert!(said(&screen, MOUSE_ON));
    screen.keys("<ctrl-c><ctrl-c>");
    screen.wait_exit();
    let raw = screen.raw();
    let last = |bytes: &[u8]| raw.windows(bytes.len()).rposition(|window| window == bytes);
    assert!(last(MOUSE_OFF) > last(MOUSE_ON));
}

/// Whoever asks for no colours still sees the cursor: a reset of colours must not take the reversal with it.
#[test]
fn without_colours_the_cursor_is_seen_in_a_real_terminal() {
    let (mut screen, _folder) = open("", &[("NO_COLOR", "1")], 80, 24);
    screen.wait_for("broken");
    screen.press("jj");
    screen.wait_until("the cursor on the third row", |text| {
        text.lines().filter(|line| line.starts_with('▸')).count() == 1
    });
    let (row, _) = screen.find("▸").expect("there is a cursor");
    for column in [0, 10, 40, 79] {
        let cell = screen.cell(row, column);
        assert!(cell.inverse(), "{column}");
        assert!(!screen.cell(row + 1, column).inverse(), "{column}");
        assert_eq!((cell.fgcolor(), cell.bgcolor()), (Color::Default, Color::Default));
    }
    screen.press("q");
    screen.wait_exit();
}

#[test]
fn keys_and_looks_that_cannot_be_are_refused_at_the_start() {
    let wrong = "[screen]\ntheme = \"drak\"\n[keys]\nplan = 5\n";
    let (mut screen, _folder) = open(wrong, &[], 120, 24);
    assert_eq!(screen.wait_exit().code(), Some(4));
    let told = screen.screen();
    assert!(told.contains("[screen] theme = \"drak\" is no theme."), "{told}");
    assert!(told.contains("[keys] plan = 5 is no key."), "{told}");

    let wrong = "[keys]\nfix = \"m\"\nfixx = \"X\"\n";
    let (mut screen, _folder) = open(wrong, &[], 120, 24);
    assert_eq!(screen.wait_exit().code(), Some(4));
    let told = screen.screen();
    assert!(
        told.contains("[keys] fix = \"m\": it writes, and a small letter is pressed too easily."),
        "{told}"
    );
    assert!(told.contains("[keys] names fixx, which is no command"), "{told}");
    assert!(!said(&screen, b"\x1b[?1049h"), "the screen was opened");

    let (mut screen, _folder) = open("[keys]\nfix = \"R\"\n", &[], 120, 24);
    assert_eq!(screen.wait_exit().code(), Some(4));
    let told = screen.screen();
    assert!(
        told.contains("[keys] makes R mean both fix and retry in the table."),
        "{told}"
    );
}

#[test]
fn ascii_by_the_flag_and_a_look_by_the_configuration() {
    let (folder, file) = configured("[screen]\ntheme = \"high-contrast\"\n");
    let config = file.to_str().expect("temporary folders have plain names");
    let args = ["--sandbox", "--ascii", "--config", config];
    let mut screen = Terminal::spawn(ATRIAGE, &args, &[], 80, 24);
    screen.wait_for("XX miss");
    assert!(screen.screen().is_ascii(), "{}", screen.screen());
    assert_eq!(screen.cell(12, 79).bgcolor(), Color::Rgb(0, 0, 0));
    screen.press("q");
    screen.wait_exit();
    drop(folder);
}

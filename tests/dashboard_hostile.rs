//! People who call themselves what no terminal should be told, in a real pseudo-terminal at three sizes: nothing of it
//! reaches the terminal, and the columns stay where they are.

use jiff::SignedDuration;
use serde_json::json;

use crate::support::picture::{Cell, Picture};
use crate::support::quiet::Quiet;
use crate::support::terminal::{SIZES, Terminal};

/// E-mail and chosen name.
const PEOPLE: [(&str, &str); 8] = [
    ("\x1b]0;owned\x07\x1b[2Jclear@example.com", "\x1b[31mred"),
    ("\u{9b}31mcsi\u{90}dcs@example.com", "\u{9d}0;owned\u{9c}"),
    ("evil\u{202e}moc.elpmaxe@example.com", "\u{2066}isolated\u{2069}"),
    ("zero\u{200b}width\u{feff}@example.com", "\u{200d}joined\u{2060}"),
    ("纯纯纯纯纯纯纯纯@example.com", "ｗｉｄｅ"),
    (
        "👩\u{200d}👩\u{200d}👧\u{200d}👦🦊❤\u{fe0f}@example.com",
        "👍🏽🇩🇪🇫🇷",
    ),
    (
        "a\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}b@example.com",
        "e\u{20dd}\u{20dd}\u{20dd}",
    ),
    (
        "line\r\nbreak\ttab\u{2028}@example.com",
        "\u{7f}\u{8}\u{8}\u{8}back",
    ),
];

/// What must not be among the bytes. The program's own escape sequences are others.
const NEVER: [&str; 16] = [
    "\x1b]0;owned",
    "\x1b[31mred",
    "\x07",
    "\u{9b}",
    "\u{90}",
    "\u{9d}",
    "\u{202e}",
    "\u{2066}",
    "\u{200b}",
    "\u{feff}",
    "\u{200d}",
    "\u{2028}",
    "\u{fe0f}",
    "\u{7f}",
    "\x08",
    "\t",
];

/// Row and column, from 0, of the first cell of this text.
fn find(picture: &Picture, text: &str) -> Option<(usize, usize)> {
    let begins = |row: &[Cell]| {
        (0..row.len()).find(|col| {
            let rest: String = row[*col..].iter().map(|cell| cell.text.as_str()).collect();
            rest.starts_with(text)
        })
    };
    let mut rows = picture.rows.iter().enumerate();
    rows.find_map(|(n, row)| Some((n, begins(row)?)))
}

/// Each row has its states below their headers, whatever stands before them.
fn is_aligned(screen: &Terminal) {
    let picture = screen.picture();
    for header in ["AUTH0", "MONGO", "CODE", "DID", "PDS"] {
        let (row, col) = find(&picture, header).expect("the states are always shown");
        for line in 1..=10 {
            let cell = picture.rows[row + line][col].text.as_str();
            assert!(
                ["✓", "✗", "!", "·", "?"].contains(&cell),
                "{header} in line {line} begins with {cell:?}:\n{}",
                picture.text()
            );
        }
    }
}

/// The frame of the detail is closed: its right edge stands in one column.
fn is_framed(screen: &Terminal) {
    let picture = screen.picture();
    let (top, left) = find(&picture, "┌").expect("the detail is open");
    let edge = |row: usize, corners: [&str; 2]| {
        let row = &picture.rows[row];
        let last = row.last().expect("a row has cells");
        [row[left].text.as_str(), last.text.as_str()] == corners
    };
    assert!(edge(top, ["┌", "┐"]), "{}", picture.text());
    let mut below = top + 1..picture.rows.len();
    let ends = below.find(|row| !edge(*row, ["│", "│"]) && !edge(*row, ["│", "↓"]));
    let bottom = ends.expect("it ends");
    assert!(bottom > top + 3 && edge(bottom, ["└", "┘"]), "{}", picture.text());
}

#[test]
fn names_cannot_write_to_the_terminal_or_shift_a_column() {
    let quiet = Quiet::new();
    for (n, (email, name)) in PEOPLE.iter().enumerate() {
        let sub = quiet.sign_up(email, SignedDuration::from_secs(n as i64));
        let named = quiet.store.put("@handles", &sub, &json!({"handle": name}));
        named.expect("the store is there");
    }
    let (cols, rows) = SIZES[0];
    let mut screen = quiet.open(cols, rows);
    screen.wait_for("34 broken");
    screen.wait_gone("reading…");
    // Nobody can have such a handle, and the PDS is not bothered with it.
    screen.wait_for("pds ✓");
    assert!(!screen.screen().contains("unknown"), "{}", screen.screen());
    for (cols, rows) in SIZES {
        screen.resize(cols, rows);
        screen.wait_until("the picture at this size", |text| {
            text.lines().count() == usize::from(rows)
        });
        is_aligned(&screen);
        // Named in full, in the table, in the detail, before a fix and in what was filtered for.
        screen.press("pg");
        screen.wait_for("p mask");
        screen.wait_for("\\u{1b}]0;o");
        is_aligned(&screen);
        for _ in PEOPLE {
            screen.keys("<enter>");
            screen.wait_for("Signed up");
            is_framed(&screen);
            screen.keys("<esc>");
            screen.wait_gone("Signed up");
            screen.press("j");
        }
        screen.keys("gvjjjjjjj<esc>F");
        screen.wait_for("Mend 8 users");
        screen.wait_for("\\u{1b}]0;owned");
        screen.keys("n");
        screen.wait_gone("Mend 8 users");
        screen.keys("/纯纯<enter>");
        screen.wait_for("1 of 49");
        screen.keys("<esc>");
        screen.press("up");
        screen.wait_gone("p mask");
    }
    screen.keys("pgvjjjjjjj<esc>F");
    screen.wait_for("Mend 8 users");
    screen.press("y");
    screen.keys("J");
    screen.wait_for("8 of 8");
    // The code stands in for a name that can be no handle; to the PDS some of the addresses are none.
    screen.wait_for("3 failed");
    screen.wait_for("17 whole");
    is_aligned(&screen);
    screen.wait_for("@👍DEFR ");
    screen.wait_until("nothing of what stood there before", |text| {
        !text.contains(['🇪', '🇷', '🏽'])
    });
    screen.press("q");
    assert_eq!(screen.wait_exit().code(), Some(0));
    let raw = screen.raw();
    for bad in NEVER {
        let found = raw.windows(bad.len()).position(|window| window == bad.as_bytes());
        assert_eq!(found, None, "{bad:?} reached the terminal");
    }
}

//! The pictures of the README, `assets/pictures/*.svg`, are what the real program shows in a real pseudo-terminal on the
//! people of its sandbox; nobody new signs up meanwhile. A screen that changed makes this fail, and says how to write them
//! anew.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use crate::support::picture::Picture;
use crate::support::quiet::Quiet;
use crate::support::screen::framed;
use crate::support::steady::steady;
use crate::support::svg::svg;
use crate::support::terminal::Terminal;

/// Says to write the files anew.
const WRITE: &str = "ATRIAGE_WRITE_PICTURES";

/// Larger files are slow to load, and are no longer pictures of text.
const LARGEST: usize = 60_000;

/// How long nothing may change before a picture is written: more than a look at the services takes to show.
const STILL: Duration = Duration::from_millis(1_500);

/// How a picture comes about.
struct Journey {
    /// The file's name.
    name: &'static str,
    /// For who cannot see it.
    told: &'static str,
    cols: u16,
    rows: u16,
    steps: &'static [Step],
}

enum Step {
    /// In the notation of `support/keys.rs`.
    Keys(&'static str),
    Shows(&'static str),
    Gone(&'static str),
}

use Step::{Gone, Keys, Shows};

/// Everything was read, and every service has answered.
const READ: Step = Shows("plc ✓");

const JOURNEYS: &[Journey] = &[
    Journey {
        name: "table",
        told: "The newest signups of one tenant, each with its five states; above them what the broken ones have in common",
        cols: 120,
        rows: 36,
        steps: &[READ],
    },
    Journey {
        name: "user",
        told: "One user on the whole screen: what is wrong, what would be done about it, and the facts behind it",
        cols: 120,
        rows: 40,
        steps: &[
            READ,
            Keys("jjjjjjjjjj<enter>"),
            Shows("Enter all of it"),
            Keys("<enter>"),
            Shows("WANTED"),
        ],
    },
    Journey {
        name: "incident",
        told: "What concerns many, explained: the cause, the evidence for it, and the way out",
        cols: 100,
        rows: 30,
        steps: &[READ, Keys("i"), Shows("✗ users has code_1"), Shows("3 Press")],
    },
    Journey {
        name: "confirm",
        told: "Before anything is written: exactly whom it concerns, and what would be done for each",
        cols: 120,
        rows: 30,
        steps: &[READ, Keys("vjjjj<esc>F"), Shows("Mend 5 users")],
    },
    Journey {
        name: "run",
        told: "After the run: the rows are whole, each job and each of its steps is told",
        cols: 120,
        rows: 36,
        steps: &[
            READ,
            Keys("vjjjjjj<esc>F"),
            Shows("Mend 7 users"),
            Keys("y"),
            Shows("7 jobs ended"),
            Shows("18 whole"),
            // Takes the sentences away.
            Keys("<esc>"),
            Gone("7 jobs ended"),
            Keys("Jg<enter>"),
            Shows("7 of 7"),
        ],
    },
    Journey {
        name: "filter",
        told: "A filter being typed, with what may come next",
        cols: 100,
        rows: 24,
        steps: &[
            READ,
            Keys("/is:broken age<7d did:"),
            Shows("of 41"),
            Shows("Tab  ok  waiting"),
        ],
    },
    Journey {
        name: "palette",
        told: "Every command by its name, with its key, and why one does not apply right now",
        cols: 100,
        rows: 24,
        steps: &[READ, Keys(":mar"), Shows("mark-all")],
    },
];

/// Plays a journey; what is then on the screen may still move.
fn played(journey: &Journey) -> (Terminal, Quiet) {
    let quiet = Quiet::with("[screen]\nreduced_motion = true\n");
    let mut screen = quiet.open(journey.cols, journey.rows);
    for step in journey.steps {
        match step {
            Keys(keys) => screen.keys(keys),
            Shows(text) => screen.wait_for(text),
            Gone(text) => screen.wait_gone(text),
        }
    }
    (screen, quiet)
}

fn drawn(journey: &Journey, picture: Picture) -> String {
    svg(&steady(picture), "atriage --sandbox", journey.told)
}

/// Whether the program shows what the file says; else what it shows.
fn compared(journey: &Journey, file: &str) -> Result<(), String> {
    let (screen, _quiet) = played(journey);
    if screen.shows(|picture| drawn(journey, picture) == file) {
        return Ok(());
    }
    Err(steady(screen.picture()).text())
}

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/pictures"))
}

#[test]
fn the_pictures_are_what_the_program_shows() {
    let write = std::env::var_os(WRITE).is_some();
    for journey in JOURNEYS {
        let file = folder().join(format!("{}.svg", journey.name));
        if write {
            let (screen, _quiet) = played(journey);
            let picture = screen.settled(STILL, steady);
            std::fs::create_dir_all(folder()).expect("the checkout can be written");
            std::fs::write(&file, drawn(journey, picture)).expect("the folder can be written");
        }
        let found = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(
            found.len() <= LARGEST,
            "{} has {} bytes",
            file.display(),
            found.len()
        );
        if let Err(shown) = compared(journey, &found) {
            panic!(
                "{} is not what the program shows now. If the screen was meant to change, {WRITE}=1 cargo test --test \
                 main pictures writes all pictures anew; look at them before you keep them. The screen is\n{}",
                file.display(),
                framed(&shown)
            );
        }
    }
    let files = std::fs::read_dir(folder()).expect("the folder is there");
    let files = files.map(|entry| entry.expect("it can be read").file_name());
    let files: BTreeSet<String> = files.map(|name| name.to_string_lossy().into_owned()).collect();
    let names = JOURNEYS.iter().map(|journey| format!("{}.svg", journey.name));
    assert_eq!(files, names.collect(), "a picture that no journey makes");
}

/// What a text says between each of these openings and the next of its ends.
fn between<'a>(text: &'a str, opening: &str, end: char) -> impl Iterator<Item = &'a str> {
    let rests = text.split(opening).skip(1);
    rests.filter_map(move |rest| Some(rest.split_once(end)?.0))
}

/// Nobody made a picture that nobody sees, and no picture of the README is missing.
#[test]
fn the_readme_shows_every_picture_and_none_that_is_not_there() {
    let readme = include_str!("../README.md");
    let marked = between(readme, "![", ')').filter_map(|image| Some(image.split_once("](")?.1));
    let tagged = between(readme, "src=\"", '"').chain(between(readme, "srcset=\"", '"'));
    // A title may follow.
    let shown = marked
        .chain(tagged)
        .filter_map(|image| image.split_whitespace().next());
    let shown: BTreeSet<&str> = shown.filter(|image| !image.contains("://")).collect();
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    for image in &shown {
        assert!(
            root.join(image).is_file(),
            "README shows {image}, which is not there"
        );
    }
    for journey in JOURNEYS {
        let file = format!("assets/pictures/{}.svg", journey.name);
        assert!(
            shown.contains(file.as_str()),
            "README does not show {file}: {shown:?}"
        );
    }
}

fn picture(cols: u16, lines: &[&str]) -> Picture {
    use std::num::NonZeroU16;
    let size = |cells: usize| NonZeroU16::new(cells as u16).expect("there is at least one");
    let mut parser = vt100::Parser::new(size(lines.len()), size(cols.into()), 0);
    parser.process(lines.join("\r\n").as_bytes());
    Picture::of(parser.screen())
}

/// Every kind of thing that differs between two runs, with other widths, comes out the same; what else changes does not.
#[test]
fn what_differs_from_run_to_run_is_the_same_in_a_picture() {
    let one = [
        " BOTH  all 41 · just now                          auth0 ✓ 0 ms  pds ✓ 12 ms ",
        " AESTHETIC  sandbox  41 signups                                             ",
        "▸   1m   m…@example.com   ✓ ac26gakok ✓ …q2x7ab  done in 8 ms",
        "    10m  k…@example.com   ✓ ac26hepun ✓ …aaaaab  done in 1.2 s",
        "│ Signed up 9 min ago (2026-11-22 09:01:20 UTC), verified.                 │",
        "│ did did:plc:abcdefghijklmnopqrq2x7ab · auth0|0123456789abcdef01234567    │",
        "│ Job     ✓ done in 114 ms · 08:28:28                                      │",
        "│         ✓ create-user              27 ms  ac26gakok                      │",
        "┌ run 1a21  7 of 7  ████  4.1/s ───────────────────────────────────────────┐",
        "│ ✓ m…@example.com        done in 9 ms                                     │",
        "│ ✓ k…@example.com        done in 1.1 s                                    │",
        "│ Signed up since 19:02 (2026-11-22 19:02:50 UTC), 1h31m ago.              │",
        "│ Hours   22:00 7 of 9                                                     │",
        "│ DID did:plc:…2345q2x7ab  http://127.0.0.1:36367/did…7ab/log/audit        │",
    ];
    let other = [
        " BOTH  all 41 · 13 s ago   auth0 ✓ 1.0 s  pds ✓ 112 ms, slowed to 2 at once ",
        " AESTHETIC  127.0.0.1  41 signups                                           ",
        "▸   2m   m…@example.com   ✓ ac27hepun ✓ …zzzzzz  done in 1.0 s",
        "    6m   k…@example.com   ✓ ac27fufuf ✓ …q2x7ab  done in 114 ms",
        "│ Signed up 12 min ago (2027-01-02 19:01:20 UTC), verified.                │",
        "│ did did:plc:222222222222222222zzzzzz · auth0|7777777777abcdef01234567    │",
        "│ Job     ✓ done in 2 ms · 18:28:21                                        │",
        "│         ✓ create-user             127 ms  ac27hepun                      │",
        "┌ run 00ff  7 of 7  ████ ──────────────────────────────────────────────────┐",
        "│ ✓ k…@example.com        done in 11 ms                                    │",
        "│ ✓ m…@example.com        done in 999 ms                                   │",
        "│ Signed up since 07:13 (2027-01-02 07:13:02 UTC), 1h32m ago.              │",
        "│ Hours   07:00 0 of 1 · 08:00 1 of 1 · 09:00 5 of 5                       │",
        "│ DID did:plc:…7654zzzzzz  http://127.0.0.1:41111/did…zzz/log/audit        │",
    ];
    let (one, other) = (steady(picture(76, &one)), steady(picture(76, &other)));
    assert_eq!(one.text(), other.text());
    assert!(one == other);
    assert!(one.text().contains(" all 41 · 2 s ago "), "{}", one.text());
    for changed in [
        "▸   1m   m…@example.com",
        "8 of 9  filter age<30m",
        "accessing the PDS",
        "A run that stopped",
    ] {
        assert_eq!(steady(picture(40, &[changed])).text(), changed);
    }
}

#[test]
fn a_picture_is_drawn_with_its_looks_and_says_nothing_in_markup() {
    let lines = [
        "\x1b[1;38;2;1;2;3ma<b>&\"\x1b[0m  纯x ┌──┐",
        "\x1b[7mrow\x1b[0m \x1b[4mu\x1b[0m \x1b[2md\x1b[0m ▄░",
    ];
    let drawn = svg(&picture(20, &lines), "<t>", "told & titled");
    for part in [
        "<title>told &amp; titled</title>",
        "&lt;t&gt;</text>",
        ".a{fill:#010203;font-weight:bold}",
        "<tspan x=\"0\" textLength=\"50.4\" class=\"a\">a&lt;b&gt;&amp;&quot;</tspan>",
        // A wide character has two cells.
        "textLength=\"25.2\">纯x</tspan>",
        // Reversed: the ground has the letters' colour.
        "<rect x=\"0\" y=\"18\" width=\"25.2\" height=\"18\" fill=\"#d8dee9\"/>",
        "text-decoration:underline",
        "opacity:.65",
        "M109.2 9L126 9",
    ] {
        assert!(drawn.contains(part), "{part} is not in\n{drawn}");
    }
    assert!(!drawn.contains("─") && !drawn.contains("░"), "{drawn}");
}

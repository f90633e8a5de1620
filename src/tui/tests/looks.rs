//! How it looks whatever is in it: hostile names, any size, no colours, ASCII only, ten thousand rows.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use ratatui::style::Modifier;

use crate::domain::{Observed, Signup};
use crate::tui::state::State;
use crate::tui::theme::ColourDepth;

use super::{App, demo, press, text};

const HOSTILE: [&str; 8] = [
    "\u{1b}[2J\u{1b}[31mred",
    "\u{202e}gnp.exe",
    "a\u{200b}b\u{200d}c",
    "纯粹的名字很长很长很长很长",
    "👩\u{200d}👩\u{200d}👧 🦊🦊🦊🦊🦊🦊🦊🦊",
    "𝄞𝄞𝄞",
    "z\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}algo",
    "tab\tnew\nline\r\0",
];

fn named(n: usize, name: &str) -> Signup {
    let mut signup = demo::whole(&format!("user{n}"), 10 + n as i64);
    if let Observed::Present(auth0) = &mut signup.auth0 {
        auth0.email = Some(format!("{name}@{name}.example.com"));
    }
    signup.name = Observed::Present(name.into());
    signup.sub = format!("auth0|{name}");
    signup
}

#[test]
fn hostile_names_keep_the_layout() {
    for (width, height) in [(60, 15), (80, 24), (120, 40), (200, 60)] {
        let mut app = App::new(width, height);
        app.refresh(
            HOSTILE
                .iter()
                .enumerate()
                .map(|(n, name)| named(n, name))
                .collect(),
        );
        // Every column, the detail, a plan, and a filter of these very texts.
        let typed = format!("<esc><esc>/{}", HOSTILE.concat().replace(['<', '\0'], ""));
        for keys in [
            "",
            "p",
            "cG<space><esc>",
            "<enter>",
            "j",
            "d",
            &typed,
            "<enter><esc>",
        ] {
            press(&mut app, keys);
            let picture = app.picture();
            for cell in &picture.content {
                let hides = cell
                    .symbol()
                    .chars()
                    .any(|c| c.is_control() || matches!(c, '\u{202e}' | '\u{200b}'));
                assert!(!hides, "{:?}", cell.symbol());
            }
        }
        press(&mut app, "<esc><esc>");
        // The states stand in one line below each other, whatever stands before them.
        let picture = app.picture();
        let header = (0..height)
            .find(|y| {
                text(&picture)
                    .lines()
                    .nth(usize::from(*y))
                    .is_some_and(|line| line.contains("AUTH0"))
            })
            .unwrap();
        let x = (0..width)
            .find(|x| picture[(*x, header)].symbol() == "A" && picture[(x + 1, header)].symbol() == "U");
        let x = x.unwrap();
        for y in header + 1..=header + HOSTILE.len() as u16 {
            assert_eq!(picture[(x, y)].symbol(), "✓", "{}", text(&picture));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]
    #[test]
    fn no_size_and_no_order_of_keys_panics(
        sizes in prop::collection::vec((0u16..200, 0u16..60), 1..5),
        keys in prop::collection::vec(
            prop::sample::select(vec![
                "j", "k", "g", "G", "<pgdn>", "<enter>", "<esc>", "<space>", "v", "H", "l", "w", "a", "u", "/", "o", ":", "!", "s", "c", "@", "-", "\"", "<backtab>", "J", "K",
                "S", "t", "r", "z", "+", "d", "F", "y", "n", "R", "x", "J", "p", "T", "m", "?", "<tab>", "]", "[", "<ctrl-c>", "1", "9",
            ]),
            0..40,
        ),
        ascii in any::<bool>(),
    ) {
        let mut setup = demo::setup();
        setup.ascii = ascii;
        let mut app = App::with(State::new(setup), 80, 24);
        app.refresh(demo::signups());
        for (n, key) in keys.iter().enumerate() {
            let (width, height) = sizes[n % sizes.len()];
            app.resize(width, height);
            press(&mut app, key);
            let screen = app.screen();
            prop_assert!(!ascii || screen.is_ascii());
        }
    }
}

#[test]
fn every_size_is_drawn_and_a_small_one_says_so() {
    let mut app = App::of_demo(80, 24);
    press(&mut app, "<enter>");
    for width in (0..=200).step_by(5) {
        for height in [0, 1, 2, 5, 14, 15, 16, 24, 60] {
            app.resize(width, height);
            let screen = app.screen();
            if height > 0 && width >= 40 && (width < 60 || height < 15) {
                assert!(
                    screen.starts_with("terminal too small (need 60x15)"),
                    "{width}x{height}"
                );
            }
        }
    }
    for (width, height) in (0..=60).map(|n| (2 * n, n)) {
        app.resize(width, height);
        app.screen();
    }
    app.resize(80, 24);
    assert!(app.screen().contains("AESTHETIC"));
}

#[test]
fn without_colours_the_cursor_is_reversed_and_six_states_differ() {
    let mut setup = demo::setup();
    setup.colours = ColourDepth::None;
    let mut app = App::with(State::new(setup), 120, 24);
    app.refresh(demo::signups());
    press(&mut app, "jFyk");
    let targets = app.started();
    app.job(
        &targets[0],
        crate::domain::JobNews::StepStarted(crate::domain::Step::CreateUser),
    );
    let picture = app.picture();
    let screen = text(&picture);
    let cursor = screen.lines().position(|line| line.starts_with('▸')).unwrap() as u16;
    for y in 3..20 {
        let reversed = (0..120).all(|x| picture[(x, y)].modifier.contains(Modifier::REVERSED));
        assert_eq!(reversed, y == cursor, "line {y}");
    }
    for words in [
        "✓ ok",
        "✗ missing",
        "! drift",
        "· waiting",
        "? unknown",
        " running",
    ] {
        assert!(screen.contains(words), "{words}: {screen}");
    }
    use ratatui::style::Color::Reset;
    assert!(
        picture
            .content
            .iter()
            .all(|cell| cell.fg == Reset && cell.bg == Reset)
    );
}

#[test]
fn narrow_terminals_say_states_in_short_words() {
    let mut app = App::of_demo(60, 15);
    assert_eq!(
        app.screen()
            .lines()
            .skip(4)
            .take(3)
            .collect::<Vec<_>>()
            .join("\n"),
        "
    AGE▾ USER        AUTH0   MONGO   CODE    DID     PDS
▸   3m   m…@example… ✓ ok    ✗ miss  ✗ miss  ✗ miss  ✗ miss
    6m   k…@example… ✓ ok    ✗ miss  ✗ miss  ✗ miss  ✗ miss"
            .trim_start_matches('\n')
    );
}

#[test]
fn ten_thousand_rows_cost_what_fifty_do() {
    let cost = |count: usize| {
        let mut app = App::new(120, 40);
        app.refresh(
            (0..count)
                .map(|n| demo::whole(&format!("user{n}"), n as i64))
                .collect(),
        );
        press(&mut app, "aG");
        // The best of many, so that what else the machine does stays out of it.
        (0..40)
            .map(|_| {
                let start = Instant::now();
                app.picture();
                start.elapsed()
            })
            .min()
            .unwrap_or(Duration::MAX)
    };
    let (few, many) = (cost(50), cost(10_000));
    assert!(many < few * 3, "50 rows: {few:?}, 10,000 rows: {many:?}");
}

//! How the dashboard behaves in a real pseudo-terminal, at three sizes: who is named, in which time, in which colours; and
//! that it hears every key and every mouse.

use crate::support::command::ATRIAGE;
use crate::support::picture::{Ink, Picture};
use crate::support::quiet::Quiet;
use crate::support::steady::steady;
use crate::support::terminal::{Color, SIZES, Terminal};

fn quit(mut screen: Terminal) {
    screen.press("q");
    assert_eq!(screen.wait_exit().code(), Some(0));
}

/// Minutes of a day, of the time that stands before this zone.
fn minutes_before(screen: &Terminal, zone: &str) -> i32 {
    let text = screen.screen();
    let (before, _) = text
        .split_once(zone)
        .unwrap_or_else(|| panic!("no{zone}:\n{text}"));
    let clock = before.split_whitespace().last().unwrap_or_default();
    let parts: Vec<i32> = clock.split(':').filter_map(|part| part.parse().ok()).collect();
    assert_eq!(parts.len(), 2, "{clock}");
    parts[0] * 60 + parts[1]
}

#[test]
fn people_are_named_on_demand_times_follow_the_zone_and_z_freezes() {
    let quiet = Quiet::new();
    let (cols, rows) = SIZES[0];
    let mut screen = quiet.run(ATRIAGE, &[], &[("TZ", "IST-5:30")], cols, rows);
    screen.wait_for("26 broken");
    for (cols, rows) in SIZES {
        screen.resize(cols, rows);
        screen.press("p");
        screen.wait_for("mira.okafor@exam");
        // How long it goes on stands before every other key.
        screen.wait_block(" p mask (2 min left)");
        screen.press("p");
        screen.wait_gone("mira.okafor");
        screen.wait_for("m…@example.com");

        let utc = minutes_before(&screen, " UTC");
        screen.press("T");
        screen.wait_for(" IST");
        screen.wait_for("Times are in local time (+05:30).");
        let here = minutes_before(&screen, " IST");
        assert_eq!((here - utc).rem_euclid(24 * 60), 5 * 60 + 30);
        screen.press("T");
        screen.wait_for("Times are in UTC.");
        screen.wait_gone(" IST");

        screen.press("z");
        screen.wait_for(" · frozen");
        screen.press("z");
        screen.wait_gone("frozen");
    }
    // Frozen, it reads when it is asked to.
    screen.press("z");
    screen.wait_for(" · frozen");
    quiet.sign_up("new@example.com", jiff::SignedDuration::ZERO);
    screen.press_until_shown("r", "all 42");
    screen.wait_for(" · frozen");
    quit(screen);
}

/// All inks, row by row.
fn inks(picture: &Picture) -> Vec<Ink> {
    picture.rows.iter().flatten().map(|cell| cell.ink).collect()
}

/// Each look says the same in other colours, and those that promise few have few.
#[test]
fn every_look_is_another_one() {
    let quiet = Quiet::new();
    let names = [
        "dark",
        "light",
        "high-contrast",
        "colour-blind",
        "16-colours",
        "no-colour",
    ];
    let mut seen: Vec<(&str, Picture)> = Vec::new();
    for name in names {
        quiet.configure(&format!("[screen]\ntheme = \"{name}\"\n"));
        let mut screen = quiet.open(80, 24);
        screen.wait_for("plc ✓");
        screen.wait_for("26 broken");
        screen.keys("<space>");
        screen.wait_for("F fix 1");
        let picture = steady(screen.picture());
        quit(screen);
        let few = |colour: Color| matches!(colour, Color::Default | Color::Idx(0..16));
        for ink in inks(&picture) {
            let both = [ink.letters, ink.ground];
            match name {
                "no-colour" => assert_eq!(both, [Color::Default; 2]),
                "16-colours" => assert!(both.into_iter().all(few), "{both:?}"),
                "high-contrast" => assert_ne!(ink.ground, Color::Default, "it trusts no ground but its own"),
                _ => {}
            }
        }
        for (other, before) in &seen {
            assert_eq!(before.text(), picture.text(), "{other} and {name}");
            assert!(inks(before) != inks(&picture), "{other} and {name} look the same");
        }
        seen.push((name, picture));
    }
}

/// A left click, or a notch of the wheel, on a cell counted from 0: as terminals tell it.
fn mouse(screen: &mut Terminal, button: u8, (row, col): (u16, u16)) {
    screen.press(&format!("\x1b[<{button};{};{}M", col + 1, row + 1));
    if button == CLICK {
        screen.press(&format!("\x1b[<{button};{};{}m", col + 1, row + 1));
    }
}

/// A left click on the first letter of a text.
fn click(screen: &mut Terminal, text: &str) {
    let place = screen.find(text);
    let place = place.unwrap_or_else(|| panic!("no {text}:\n{}", screen.screen()));
    mouse(screen, CLICK, place);
}

const CLICK: u8 = 0;
const WHEEL_UP: u8 = 64;
const WHEEL_DOWN: u8 = 65;

/// Waits until the cursor is so many rows below the header.
fn wait_for_cursor(screen: &Terminal, line: usize) {
    screen.wait_until(&format!("the cursor in line {line} of the table"), |text| {
        let mut rows = text.lines().skip_while(|line| !line.contains("MONGO"));
        rows.nth(line).is_some_and(|row| row.starts_with('▸'))
    });
}

#[test]
fn the_mouse_is_heard_at_every_size() {
    let quiet = Quiet::with("[screen]\nmouse = true\n");
    let (cols, rows) = SIZES[0];
    let mut screen = quiet.open(cols, rows);
    screen.wait_for("26 broken");
    for (cols, rows) in SIZES {
        screen.resize(cols, rows);
        screen.wait_until("the picture at this size", |text| {
            text.lines().count() == usize::from(rows)
        });
        let (header, _) = screen.find("MONGO").expect("there is a header");
        let last = cols - 1;
        mouse(&mut screen, CLICK, (header + 3, last));
        wait_for_cursor(&screen, 3);
        mouse(&mut screen, WHEEL_DOWN, (header + 3, 20));
        wait_for_cursor(&screen, 6);
        mouse(&mut screen, WHEEL_UP, (header + 3, 20));
        wait_for_cursor(&screen, 3);
        // At the left edge it marks.
        mouse(&mut screen, CLICK, (header + 2, 1));
        wait_for_cursor(&screen, 2);
        screen.wait_for("Space mark (1)");
        mouse(&mut screen, CLICK, (header + 2, 1));
        screen.wait_gone("Space mark (1)");
        // A second click opens the detail, as Enter does.
        mouse(&mut screen, CLICK, (header + 2, 30));
        screen.wait_for("Signed up");
        // On the whole screen a link is copied by a click, as by its digit; the last line is in sight once it is scrolled.
        screen.keys("<enter>");
        screen.wait_for("── 2 of 41 ─");
        screen.press(&"]".repeat(40));
        // Until the history is there, the links move.
        screen.wait_for("Nothing was changed by atriage so far.");
        screen.press(&"]".repeat(40));
        screen.wait_for("6 Mongo id");
        click(&mut screen, "6 Mongo id");
        screen.wait_for("the Mongo id: auth0|");
        screen.keys("<esc><esc>");
        screen.wait_until("the table alone", |text| {
            text.contains("AGE▾") && !text.contains('┌')
        });
        // A header sorts, once more the other way round.
        click(&mut screen, "MONGO");
        screen.wait_for("MONGO▾");
        click(&mut screen, "MONGO");
        screen.wait_for("MONGO▴");
        click(&mut screen, "AGE");
        screen.wait_for("AGE▾");
        // A key of the last line.
        click(&mut screen, "! broken");
        screen.wait_for("broken only");
        click(&mut screen, "! all");
        screen.wait_gone("broken only");
        screen.press("g");
        wait_for_cursor(&screen, 1);
    }
    quit(screen);
}

/// The terminal says when it gains and loses the focus, also in the middle of a word: that is no text.
#[test]
fn the_focus_comes_and_goes_without_a_trace() {
    let quiet = Quiet::new();
    let mut screen = quiet.open(80, 24);
    screen.wait_for("26 broken");
    screen.keys("<blur>j<focus>j");
    wait_for_cursor(&screen, 3);
    screen.keys("/pds<blur>:mis<focus>sing");
    screen.wait_block(" / pds:missing\n");
    screen.wait_for("9 of 41");
    screen.keys("<enter><blur>");
    quit(screen);
}

/// A key that comes at the very moment at which the window changes its size is heard, and so is the size.
#[test]
fn no_key_is_lost_while_the_window_changes() {
    let quiet = Quiet::new();
    let mut screen = quiet.open(120, 48);
    screen.wait_for("26 broken");
    for (n, cols) in [80, 120].into_iter().cycle().take(40).enumerate() {
        screen.resize(cols, 48);
        screen.press("j");
        wait_for_cursor(&screen, n + 2);
        screen.wait_until("the columns of this width", |text| {
            text.contains("FINDING") == (cols == 120)
        });
    }
    quit(screen);
}

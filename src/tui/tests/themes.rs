//! Every look on every kind of terminal: the cursor, the marks and the six states can be told apart, on the cells that are
//! drawn, and never by colour alone.

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

use crate::config::screen::Look;
use crate::domain::{JobNews, State as Fact, Step};
use crate::tui::state::State;
use crate::tui::theme::{ColourChoice, ColourDepth, Theme};

use super::{App, demo, press, text};

const DEPTHS: [ColourDepth; 4] = [
    ColourDepth::None,
    ColourDepth::Sixteen,
    ColourDepth::Indexed,
    ColourDepth::True,
];

/// One with all six states, a mark on the third row, and the cursor on the first.
fn app(look: Look, depth: ColourDepth, ascii: bool) -> App {
    let mut setup = demo::setup();
    setup.look = look;
    setup.colours = depth.for_look(look, ColourChoice::Auto);
    setup.ascii = ascii;
    setup.reduced_motion = true;
    let mut app = App::with(State::new(setup), 120, 30);
    app.refresh(demo::signups());
    press(&mut app, "jFyj<space>g");
    let targets = app.started();
    app.job(&targets[0], JobNews::StepStarted(Step::CreateUser));
    app
}

/// The first cell of a text, on a line that the cursor is not on.
fn cell<'a>(picture: &'a Buffer, wanted: &str, cursor: u16) -> &'a Cell {
    let screen = text(picture);
    let found = screen.lines().enumerate().find_map(|(y, line)| {
        let at = line.find(wanted).filter(|_| y as u16 != cursor)?;
        Some((line[..at].width() as u16, y as u16))
    });
    let at = found.unwrap_or_else(|| panic!("no {wanted}: {screen}"));
    &picture[at]
}

fn look_of(cell: &Cell) -> (Color, Color, Modifier) {
    (cell.fg, cell.bg, cell.modifier)
}

fn every_app(check: impl Fn(&str, Theme, &mut App)) {
    for look in Look::ALL {
        for depth in DEPTHS {
            for ascii in [false, true] {
                let mut app = app(look, depth, ascii);
                let theme = Theme {
                    depth: app.state.setup.colours,
                    ascii,
                    look,
                    still: true,
                };
                let name = format!("{look:?} {depth:?} ascii: {ascii}");
                check(&name, theme, &mut app);
            }
        }
    }
}

fn every(check: impl Fn(&str, Theme, &Buffer, u16)) {
    every_app(|name, theme, app| {
        let picture = app.picture();
        let sign = if theme.ascii { '>' } else { '▸' };
        let cursor = text(&picture).lines().position(|line| line.starts_with(sign));
        check(name, theme, &picture, cursor.unwrap() as u16);
    });
}

#[test]
fn the_six_states_are_told_apart() {
    every(|name, theme, picture, cursor| {
        let mut signs = Vec::new();
        let mut looks = Vec::new();
        for fact in Fact::ALL {
            let sign = format!("{} {}", theme.glyph(fact), fact.word());
            looks.push(look_of(cell(picture, &sign, cursor)));
            signs.push(sign);
        }
        for n in 0..6 {
            for m in n + 1..6 {
                let glyph = |n: usize| signs[n].split(' ').next().unwrap().to_string();
                let word = |n: usize| signs[n].split(' ').nth(1).unwrap().to_string();
                assert!(glyph(n) != glyph(m) && word(n) != word(m), "{name}: {}", signs[n]);
                if theme.depth > ColourDepth::None {
                    assert_ne!(looks[n], looks[m], "{name}: {} {}", signs[n], signs[m]);
                }
            }
        }
        // What is missing stands out where there are no colours either.
        let missing = Fact::ALL.iter().position(|fact| *fact == Fact::Missing).unwrap();
        assert!(looks[missing].2.contains(Modifier::BOLD), "{name}");
        // On the cursor's row they are told apart by what they say.
        let line = text(picture)
            .lines()
            .nth(usize::from(cursor))
            .unwrap()
            .to_string();
        assert!(line.contains(Fact::Missing.word()), "{name}: {line}");
    });
}

#[test]
fn the_cursor_is_a_bar_over_the_whole_row_and_over_no_other() {
    every(|name, theme, picture, cursor| {
        let bar = |cell: &Cell| match theme.depth {
            ColourDepth::None | ColourDepth::Sixteen => cell.modifier.contains(Modifier::REVERSED),
            _ => cell.bg != theme.ground().bg.unwrap_or(Color::Reset),
        };
        for y in cursor..cursor + 12 {
            let over = (0..120).filter(|x| bar(&picture[(*x, y)])).count();
            assert_eq!(over, if y == cursor { 120 } else { 0 }, "{name}, line {y}");
        }
    });
}

#[test]
fn a_mark_is_seen_where_the_cursor_is_not() {
    every(|name, theme, picture, cursor| {
        let sign = if theme.ascii { "*" } else { "●" };
        let marked: Vec<u16> = (cursor..cursor + 12)
            .filter(|y| picture[(1, *y)].symbol() == sign)
            .collect();
        assert_eq!(marked, [cursor + 2], "{name}");
        assert!(
            picture[(1, cursor + 2)].modifier.contains(Modifier::BOLD),
            "{name}"
        );
    });
}

/// Nowhere on the screen, and the ground that the look wants is everywhere.
fn knows_its_colours(name: &str, theme: Theme, picture: &Buffer) {
    for cell in &picture.content {
        for colour in [cell.fg, cell.bg] {
            let known = match theme.depth {
                ColourDepth::None => colour == Color::Reset,
                ColourDepth::Sixteen => !matches!(colour, Color::Rgb(..) | Color::Indexed(_)),
                ColourDepth::Indexed => matches!(colour, Color::Reset | Color::Indexed(_)),
                ColourDepth::True => matches!(colour, Color::Reset | Color::Rgb(..)),
            };
            assert!(known, "{name}: {colour:?}");
        }
    }
    if theme.look == Look::HighContrast && theme.depth > ColourDepth::None {
        let bare = picture.content.iter().find(|cell| cell.bg == Color::Reset);
        assert!(bare.is_none(), "{name}: the ground is not everywhere");
    }
}

#[test]
fn a_terminal_gets_no_colour_that_it_does_not_know() {
    every_app(|name, theme, app| {
        for keys in ["", "c", "<esc>/pds:<tab>", "<esc>/mira pds:mising"] {
            press(app, keys);
            let picture = app.picture();
            knows_its_colours(&format!("{name} {keys}"), theme, &picture);
            let screen = text(&picture);
            assert!(!theme.ascii || screen.is_ascii(), "{name}: {screen}");
        }
    });
}

#[test]
fn an_hour_says_what_became_of_it() {
    every_app(|name, theme, app| {
        let mut app = App::with(State::new(app.state.setup.clone()), 160, 30);
        // Nothing known, none whole, one of two, all; and the hour before, which is known in part.
        app.refresh(vec![
            demo::whole("asa", 10),
            demo::whole("bea", 70),
            demo::without_record("cyd", 75),
            demo::without_record("dov", 130),
            demo::unknown("eli", 190),
            demo::whole("fin", 250),
        ]);
        let picture = app.picture();
        let bars = if theme.ascii { "--#-" } else { "▄▄█▄" };
        let line = text(&picture).lines().nth(1).unwrap().to_string();
        let at = line.find(bars).unwrap_or_else(|| panic!("{name}: {line}"));
        let x = line[..at].width() as u16;
        let looks: Vec<_> = (x..x + 4).map(|x| look_of(&picture[(x, 1)])).collect();
        for n in 0..4 {
            for m in n + 1..4 {
                assert_ne!(looks[n], looks[m], "{name}: {n} {m}");
            }
        }
    });
}

#[test]
fn the_wrong_word_the_proposal_and_the_column_stand_out() {
    every_app(|name, theme, app| {
        // Without its carets: there are other ways to read a line than to count columns.
        press(app, "/mira pds:mising");
        let picture = app.picture();
        let (good, wrong) = (cell(&picture, "mira pds", 0), cell(&picture, "mising", 0));
        let underlined = |cell: &Cell| cell.modifier.contains(Modifier::UNDERLINED);
        assert!(underlined(wrong) && !underlined(good), "{name}");
        assert!(theme.depth == ColourDepth::None || wrong.fg != good.fg, "{name}");

        let reversed = |cell: &Cell| cell.modifier.contains(Modifier::REVERSED);
        press(app, "<esc>/pds:<tab><tab>");
        let picture = app.picture();
        let (chosen, other) = (
            cell(&picture, "waiting  missing", 0),
            cell(&picture, "missing  drift", 0),
        );
        assert!(reversed(chosen) && !reversed(other), "{name}");

        press(app, "<esc>cj");
        let picture = app.picture();
        let (chosen, other) = (cell(&picture, "TENANT ", 0), cell(&picture, "HANDLE ", 0));
        assert!(reversed(chosen) && !reversed(other), "{name}");
        let always = if theme.ascii { "[*] USER" } else { "[•] USER" };
        cell(&picture, always, 0);
    });
}

#[test]
fn the_dialogs_have_the_ground_too() {
    for keys in ["?", ":", "d", "F", "q", "c"] {
        let mut app = app(Look::HighContrast, ColourDepth::True, false);
        press(&mut app, keys);
        let picture = app.picture();
        assert!(
            picture.content.iter().all(|cell| cell.bg != Color::Reset),
            "{keys}"
        );
    }
}

#[test]
fn a_tenant_has_a_badge_of_its_own() {
    for look in Look::ALL {
        for depth in [ColourDepth::Sixteen, ColourDepth::Indexed, ColourDepth::True] {
            let mut app = app(look, depth, false);
            let mut badges = Vec::new();
            for _ in 0..3 {
                let picture = app.picture();
                let badge = &picture[(2, 0)];
                badges.push((badge.fg, badge.bg, badge.modifier));
                press(&mut app, "t");
            }
            if look != Look::NoColour {
                assert!(
                    badges[0] != badges[1] && badges[1] != badges[2],
                    "{look:?} {badges:?}"
                );
            }
        }
    }
}

#[test]
fn a_look_may_ask_for_fewer_colours_and_the_flag_for_more() {
    use ColourChoice::{Always, Auto};
    let rich = ColourDepth::True;
    assert_eq!(rich.for_look(Look::Sixteen, Auto), ColourDepth::Sixteen);
    assert_eq!(rich.for_look(Look::NoColour, Auto), ColourDepth::None);
    assert_eq!(rich.for_look(Look::NoColour, Always), rich);
    assert_eq!(ColourDepth::None.for_look(Look::Sixteen, Auto), ColourDepth::None);
    assert_eq!(rich.for_look(Look::Light, Auto), rich);
}

//! What can be copied, and what there is none of; by a digit, or by a click on its line.

use crossterm::event::{MouseButton, MouseEventKind};

use super::super::mouse::{click, mouse};
use super::*;

const LEFT: MouseEventKind = MouseEventKind::Down(MouseButton::Left);

fn copied(app: &App) -> Vec<(&str, &str)> {
    app.effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Copy { what, text } => Some((what.as_str(), text.as_str())),
            _ => None,
        })
        .collect()
}

#[test]
fn a_digit_copies_what_stands_beside_it() {
    let mut app = whole(80, 24, 4);
    press(&mut app, "123456789");
    let did = "did:plc:zhuxinaaaaaaaaaaaaaaaaaa";
    assert_eq!(
        copied(&app),
        [
            (
                "the Auth0 dashboard",
                "https://manage.auth0.com/dashboard/us/aesthetic/users/YXV0aDAlN0N6aHV4aW4"
            ),
            ("the PLC document", &format!("https://plc.example.com/{did}")[..]),
            (
                "the PLC log",
                &format!("https://plc.example.com/{did}/log/audit")[..]
            ),
            (
                "the PDS repository",
                &format!("https://at.example.com/xrpc/com.atproto.repo.describeRepo?repo={did}")[..]
            ),
            ("the Auth0 id: auth0|zhuxin", "auth0|zhuxin"),
            ("the Mongo id: auth0|zhuxin", "auth0|zhuxin"),
            ("the user code: ac26xuzuv", "ac26xuzuv"),
            (&format!("the DID: {did}")[..], did),
            // It is masked on the screen, and so it is in the sentence.
            ("the handle", "zhuxin.at.example.com"),
        ]
    );
    // In the table a digit means nothing; of who has no account there is nothing to copy.
    let mut app = App::of_demo(80, 24);
    press(&mut app, "<enter>8");
    assert!(copied(&app).is_empty());
    press(&mut app, "<enter>8");
    assert!(copied(&app).is_empty());
    assert!(
        app.screen().contains("Nothing was copied. DID: none yet."),
        "{}",
        app.screen()
    );
}

#[test]
fn no_link_to_a_dashboard_is_made_up() {
    let mut setup = demo::setup();
    setup.places.auth0 = vec![("aesthetic".into(), "http://127.0.0.1:4000".into())];
    let mut app = App::with(State::new(setup), 120, 40);
    app.refresh(demo::signups());
    press(&mut app, "<enter><enter>1");
    assert!(copied(&app).is_empty());
    let shown = app.screen();
    assert!(
        shown.contains("1 Auth0 dashboard  – (the tenant is not at auth0.com)"),
        "{shown}"
    );
    assert!(
        shown.contains("Nothing was copied. Auth0 dashboard: the tenant is not at auth0.com."),
        "{shown}"
    );
}

/// Below each other, beside each other, and where what was done stands beside all of it; scrolled too.
#[test]
fn a_click_on_a_line_does_what_its_digit_does() {
    for (width, height, scroll) in [
        (80, 24, ""),
        (80, 24, "]]]]]]]]]"),
        (120, 40, ""),
        (120, 15, "]]]]]]"),
        (200, 60, ""),
    ] {
        let mut app = whole(width, height, 4);
        press(&mut app, scroll);
        let screen = app.screen();
        let mut seen = 0;
        for number in 1..=9 {
            let noun = app
                .state
                .setup
                .places
                .links(&app.state.row_under_cursor().unwrap().signup)[number - 1]
                .noun;
            let line = format!("{number} {noun}");
            if !screen.contains(&line) {
                continue;
            }
            seen += 1;
            app.effects.clear();
            // Off, the mouse is the terminal's.
            click(&mut app, &line);
            assert!(copied(&app).is_empty(), "{line}");
            press(&mut app, "m");
            for _ in 0..2 {
                app.effects.clear();
                click(&mut app, &line);
                let by_mouse: Vec<Effect> = app.effects.drain(..).collect();
                press(&mut app, &number.to_string());
                assert_eq!(by_mouse, app.effects, "{line}: {screen}");
                assert_eq!(copied(&app).len(), 1, "{line}: {screen}");
                app.effects.clear();
                // Anywhere in the line of it.
                let screen = app.screen();
                let row = screen.lines().position(|text| text.contains(&line)).unwrap();
                let text = screen.lines().nth(row).unwrap();
                let column = text[..text.find(&line).unwrap()].chars().count() + 15;
                mouse(&mut app, LEFT, column as u16, row as u16);
                assert_eq!(app.effects, by_mouse, "{noun}");
            }
            press(&mut app, "m<esc>");
            if app.state.whole_detail().is_none() {
                press(&mut app, "<enter>");
            }
            press(&mut app, scroll);
        }
        let most = if height == 24 && scroll.is_empty() { 1 } else { 4 };
        assert!(seen >= most, "{width}x{height}: {screen}");
    }
}

#[test]
fn a_click_beside_the_links_copies_nothing() {
    let mut app = whole(120, 40, 4);
    press(&mut app, "m");
    for text in ["History", "Links", "Signed up", "WANTED", "┌ z"] {
        click(&mut app, text);
    }
    assert!(copied(&app).is_empty(), "{:?}", app.effects);
}

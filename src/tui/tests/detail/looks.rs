//! How it looks whatever is in it: what is masked, on its way, hostile, or not ASCII.

use super::*;

#[test]
fn personal_data_is_masked_until_p() {
    let mut app = whole(140, 40, 4);
    let shown = app.screen();
    assert!(
        !shown.contains("zhuxin@") && !shown.contains("zhuxin.at"),
        "{shown}"
    );
    press(&mut app, "p");
    let shown = app.screen();
    for text in [
        "e-mail   zhuxin@example.com",
        "! zhuxin.at.example.com",
        "zhuxin.at.example.com → zhuxin2.at.example.com or the code",
        "9 handle     zhuxin.at.example.com",
    ] {
        assert!(shown.contains(text), "{text}: {shown}");
    }
}

#[test]
fn what_is_still_being_read_is_not_called_silent() {
    let mut app = App::new(120, 40);
    app.start();
    let bare = demo::listed(&demo::whole("chen", 5));
    app.news(Stage::Listed, vec![bare.clone()]);
    press(&mut app, "<enter><enter>");
    let shown = app.screen();
    assert!(shown.contains("The facts are being read."), "{shown}");
    assert!(
        !shown.contains("no answer") && !shown.contains("not asked"),
        "{shown}"
    );
    // Read, and nobody but Auth0 had an answer.
    app.news(Stage::Complete, vec![bare]);
    app.finish();
    let shown = app.screen();
    assert!(
        shown.contains("? no answer") && shown.contains("? not asked"),
        "{shown}"
    );
    assert!(!shown.contains('✗'), "{shown}");
}

const HOSTILE: &str = "\u{1b}[2J\u{202e}gnp\u{200b}纯粹的名字👩\u{200d}👧\u{301}\u{301}\u{301}\0";

#[test]
fn whatever_a_service_holds_the_columns_stand_below_each_other() {
    let mut signup = demo::whole("chen", 5);
    if let Observed::Present(account) = &mut signup.account {
        account.handle = format!("{HOSTILE}.at.example.com");
        account.did = format!("did:plc:{HOSTILE}");
        account.email = Some(format!("{HOSTILE}@example.com"));
    }
    if let Observed::Present(user) = &mut signup.user {
        user.code = Observed::Present(HOSTILE.repeat(4));
    }
    for (width, height) in [(60, 15), (80, 24), (120, 40), (200, 60)] {
        let mut app = App::new(width, height);
        app.refresh(vec![signup.clone()]);
        press(&mut app, "<enter><enter>p");
        tell(&mut app, "chen", Ok(Vec::new()));
        for _ in 0..4 {
            let picture = app.picture();
            for cell in &picture.content {
                let hides = |c: char| c.is_control() || matches!(c, '\u{202e}' | '\u{200b}' | '\u{200d}');
                assert!(!cell.symbol().chars().any(hides), "{:?}", cell.symbol());
            }
            // The frame stands: nothing is wider than it looks.
            let bottom = (2..height).find(|y| picture[(0, *y)].symbol() == "└").unwrap();
            assert!(bottom >= height - 5, "two lines are told below it at most");
            for y in 2..bottom {
                for x in [0, width - 1] {
                    assert_eq!(
                        picture[(x, y)].symbol(),
                        "│",
                        "{}",
                        crate::tui::tests::text(&picture)
                    );
                }
            }
            press(&mut app, "<pgdn>");
        }
    }
}

#[test]
fn it_can_be_shown_in_ascii_alone() {
    let mut setup = demo::setup();
    setup.ascii = true;
    for (width, height) in [(60, 15), (80, 24), (120, 40), (200, 60)] {
        let mut app = App::with(State::new(setup.clone()), width, height);
        app.refresh(demo::signups());
        press(&mut app, "<enter><enter>");
        let shown = app.screen();
        assert!(shown.is_ascii(), "{shown}");
        assert!(height < 40 || shown.contains("XX no record"), "{shown}");
    }
}

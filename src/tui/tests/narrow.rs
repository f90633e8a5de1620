//! Where there is little room, what tells one user from another stays, and what is counted is what is meant.

use super::runs::{broken, running};
use super::{App, demo, dialog, press, said};

/// How wide the name of a column's place is: from its header to the next.
fn width_of(app: &mut App, column: &str) -> Option<usize> {
    let screen = app.screen();
    let header = screen.lines().find(|line| line.contains("USER"))?;
    let from = header.find(column)?;
    let rest = &header[from + column.len()..];
    let gap = rest.find(|c: char| c != ' ')?;
    Some(column.len() + gap - 1)
}

#[test]
fn the_user_keeps_its_room_and_the_handle_goes_first() {
    for (width, least) in [(80, 14), (90, 14), (66, 11), (60, 11)] {
        let mut app = App::of_demo(width, 24);
        press(&mut app, "tt");
        let screen = app.screen();
        assert!(screen.starts_with(" BOTH"), "{screen}");
        assert!(width_of(&mut app, "USER").unwrap() >= least, "{width}: {screen}");
    }
    let mut app = App::of_demo(80, 24);
    press(&mut app, "tt");
    let screen = app.screen();
    assert!(
        screen.contains("TENANT") && !screen.contains("HANDLE"),
        "{screen}"
    );
}

/// Whom the filter hides is said first, and their ids are whole, however long they are.
#[test]
fn in_a_list_the_id_is_never_cut() {
    let long = "an-address-that-is-longer-than-most-addresses-are";
    for (width, height) in [(60, 30), (80, 24), (120, 40)] {
        let mut app = App::new(width, height);
        app.refresh(vec![
            demo::without_record("mira", 3),
            demo::without_record(long, 4),
        ]);
        press(&mut app, "ap/mira<enter>F");
        let told = said(&dialog(&mut app));
        assert!(told.contains("hidden by the filter an-address"), "{told}");
        // One that is longer than a line goes on in the next.
        let joined: String = told.split_whitespace().collect();
        assert!(joined.contains(&format!("auth0|{long}")), "{width}: {told}");
        let screen = app.screen();
        let row = screen
            .lines()
            .find(|line| line.contains("hidden by the filter  an"));
        assert!(row.is_some_and(|row| row.contains(".com")), "{screen}");
    }
}

#[test]
fn the_pane_of_jobs_is_seen_or_takes_nothing_away() {
    for (width, height) in [(60, 15), (80, 16), (80, 24), (120, 40)] {
        let (mut app, _) = running(30, (width, height));
        assert!(app.screen().contains("0 of 30"), "{}", app.screen());
        press(&mut app, "J");
        let screen = app.screen();
        assert!(screen.contains("0 of 30"), "{width}x{height}: {screen}");
        // Neither a gap nor an empty frame: every line above the messages says something.
        let blank = |line: &str| line.chars().all(|c| " │".contains(c));
        let mut above = screen.lines().rev().skip(2);
        assert!(!above.any(blank), "{width}x{height}: {screen}");
        assert!(screen.contains("queued"), "{width}x{height}: {screen}");
    }
}

#[test]
fn below_a_question_those_who_are_left_alone_are_counted_apart() {
    let mut app = broken(15, (60, 15));
    let mut signups: Vec<_> = (0..15)
        .map(|n| demo::without_record(&format!("{}user{n}", char::from(b'a' + n as u8)), 3 + n))
        .collect();
    signups.extend((0..23).map(|n| demo::whole(&format!("whole{n}"), 40 + n)));
    app.refresh(signups);
    press(&mut app, "aF");
    let edge = |app: &mut App| {
        let told = dialog(app);
        said(told.trim_end().lines().last().unwrap())
    };
    let text = dialog(&mut app);
    assert!(text.contains("Mend 15 users"), "{text}");
    let first = edge(&mut app);
    assert!(first.ends_with("more users below, 23 left alone"), "{first}");
    let count: usize = first.split(' ').next().unwrap().parse().unwrap();
    assert!(count < 15, "{first}");
    press(&mut app, "<pgdn><pgdn>");
    let later = edge(&mut app);
    assert!(later.ends_with(" more left alone below"), "{later}");
}

/// Whatever is in the list, one line up from its end is one line up.
#[test]
fn a_long_list_is_scrolled_to_its_end_and_no_further() {
    for (width, height) in [(60, 15), (80, 24), (120, 40)] {
        let mut app = broken(60, (width, height));
        press(&mut app, "aF");
        press(&mut app, &"<pgdn>".repeat(20));
        let end = dialog(&mut app);
        assert!(!end.contains(" below"), "{end}");
        press(&mut app, "<up>");
        let text = dialog(&mut app);
        assert!(text.contains("1 more user below"), "{text}");
    }
}

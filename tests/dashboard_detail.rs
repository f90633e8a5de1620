//! One user on the whole screen, in a real pseudo-terminal on the sandbox: looked at, mended, and looked at again.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::support::command::ATRIAGE;
use crate::support::picture::Picture;
use crate::support::steady::steady;
use crate::support::terminal::Terminal;

/// Somebody without any record is mended by `F`, and everything about them follows: at each size.
#[test]
fn one_user_is_explained_mended_and_explained_again() {
    for (cols, rows) in [(80, 24), (120, 40), (200, 60)] {
        journey(cols, rows);
    }
}

fn journey(cols: u16, rows: u16) {
    let mut screen = Terminal::spawn(ATRIAGE, &["--sandbox"], &[], cols, rows);
    screen.wait_for("broken");
    screen.wait_gone("reading…");
    // Who came first is the last of the list, whoever signs up meanwhile.
    screen.keys("/finding:missing-user-record<enter>");
    screen.wait_for("✗ miss");
    screen.keys("G<enter>");
    screen.wait_for("Enter all of it");
    screen.keys("<enter>");
    screen.wait_for("Plan     ensure-code-index");
    screen.wait_for("– → set, never shown");
    let sub = title(&screen);

    // What each holds, and what was done before; on a small screen further down.
    let small = rows < 30;
    let end = if small { "<pgdn><pgdn><pgdn><pgdn>" } else { "" };
    let begin = if small {
        "<pgup><pgup><pgup><pgup><pgup>"
    } else {
        ""
    };
    screen.keys(if small { "<pgdn>" } else { "" });
    screen.wait_for("WANTED");
    screen.wait_for("✗ no record");
    screen.keys(end);
    screen.wait_for("Nothing was changed by atriage so far.");
    screen.wait_for("8 DID");
    screen.wait_for("– (none yet)");

    // A digit copies.
    screen.keys("5");
    screen.wait_for("Sent to the terminal's clipboard: the Auth0 id: ");
    let raw = String::from_utf8_lossy(&screen.raw()).into_owned();
    let copied = format!("\x1b]52;c;{}", STANDARD.encode(&sub));
    assert!(raw.contains(&copied), "{sub} is not in the clipboard");

    screen.press("F");
    screen.wait_for("Mend 1 user of aesthetic");
    screen.press("y");
    screen.keys(begin);
    // The trace, with times and answers; the facts as they are now.
    screen.wait_for("✓ done in ");
    screen.wait_for("✓ Whole: nothing is wrong.");
    // The user stays, though the filter lets them through no more.
    screen.wait_for(&sub);
    for step in ["create-user", "create-account", "record-account", "verify"] {
        // However long it took: `steady` writes each time in the same way.
        let told = |picture: Picture| {
            let text = steady(picture).text();
            let mut lines = text.lines().filter(|line| line.contains(&format!("✓ {step} ")));
            lines.any(|line| line.contains(" 62 ms  "))
        };
        assert!(
            screen.shows(told),
            "{step} has no time and answer:\n{}",
            screen.screen()
        );
    }
    screen.wait_for("did:plc:");
    screen.wait_gone("✗");
    // And the history says the same.
    screen.keys(end);
    screen.wait_for("History  run ");
    screen.wait_for("✓ create-user");
    screen.wait_for("recorded DID        – → did:plc:");
    screen.wait_gone("Nothing was changed");

    screen.keys("<esc>");
    screen.wait_for("AUTH0 ");
    screen.keys("<esc>q");
    assert_eq!(screen.wait_exit().code(), Some(0));
}

/// Whose detail has the whole screen: the id in the frame.
fn title(screen: &Terminal) -> String {
    let text = screen.screen();
    let line = text
        .lines()
        .find(|line| line.starts_with('┌'))
        .expect("there is a frame");
    let mut parts = line.split(" ── ").skip(1);
    parts.next().expect("the key follows the person").to_string()
}

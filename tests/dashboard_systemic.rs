//! What concerns many, explained in a real pseudo-terminal: on the sandbox at three sizes, and on the real services, from
//! the banner to everybody whole.

use crate::support::quiet::Quiet;
use crate::support::town::Town;

/// Cause, evidence and way out of the sandbox's incident are on one screen, and its users are marked from there.
#[test]
fn the_sandbox_explains_its_incident_at_every_size() {
    for (cols, rows) in [(80, 24), (120, 40), (200, 60)] {
        let quiet = Quiet::new();
        let mut screen = quiet.open(cols, rows);
        screen.wait_for("i explains");
        screen.wait_gone("reading…");
        screen.press("i");
        screen.wait_for("asked");
        screen.wait_for("3 Press a to mark the 7 users");
        screen.wait_for("✗ users has code_1 {code: 1} unique sparse.");
        let told = screen.screen();
        for part in [
            "signups have no users record since",
            "Before",
            "Hours",
            "Shown by the evidence",
            "No run stopped",
            "mongo",
            "Not asked",
            "1 Press I, which brings the index",
            "2 atriage diagnose --fix tries",
        ] {
            assert!(told.contains(part), "{part} at {cols}x{rows}:\n{told}");
        }
        screen.press("a");
        screen.wait_for("7 users marked; F asks what is done to them.");
        screen.press("F");
        screen.wait_for("Mend 7 users of aesthetic · 127.0.0.1");
        // The focus is on Cancel.
        screen.keys("<enter>");
        screen.wait_gone("Mend 7 users");
        screen.press("q");
        assert_eq!(screen.wait_exit().code(), Some(0));
    }
}

/// The sandbox's incident, ended where it is explained: first its index, then its users.
#[test]
fn the_sandbox_s_incident_is_ended_from_the_page_that_explains_it() {
    let quiet = Quiet::new();
    let mut screen = quiet.open(120, 40);
    screen.wait_for("i explains");
    screen.wait_gone("reading…");
    screen.press("i");
    screen.wait_for("1 Press I, which brings the index");
    screen.press("I");
    screen.wait_for("4 drop atriage_code_temporary, while code_unique guards the codes");
    // The focus is on Cancel.
    screen.keys("<enter>");
    screen.wait_for("Nothing was changed.");
    // What was agreed to is done, and nothing else.
    screen.press("I");
    screen.wait_for("2 drop code_1,");
    quiet.store.leave_one_code_index("code_2").expect("it is there");
    screen.press("y");
    screen.wait_for("The code index was not mended: The indexes of users were changed since");
    screen.wait_for("✗ users has code_2");
    screen.press("I");
    screen.wait_for("2 drop code_2,");
    screen.press("y");
    screen.wait_for("The index on users.code has its good form now, after 4 steps.");
    screen.wait_for("✓ users has code_unique {code: 1} unique sparse.");
    screen.wait_gone("I fix index");
    screen.press("a");
    screen.wait_for("7 users marked");
    screen.press("F");
    screen.wait_for("Mend 7 users of aesthetic");
    screen.press("y");
    screen.wait_for("i explains");
    screen.wait_gone("i explains");
    screen.press("i");
    screen.wait_for("Nothing concerns many");
    assert_eq!(screen.quit().code(), Some(0));
}

/// The incident of the real services: seen, understood, its index brought in order and its users mended from there.
#[test]
fn the_way_out_leads_out() {
    let mut town = Town::new();
    town.incident();
    let mut screen = town.open(&[], 120, 40);
    screen.wait_for("5 broken");
    screen.wait_for("The code index refuses (85): it is called");
    screen.wait_gone("reading…");
    screen.press("i");
    screen.wait_for("✗ users has code_1 {code: 1} unique sparse.");
    screen.wait_for("1 Press I, which brings the index");
    screen.press("I");
    screen.wait_for("2 drop code_1, while atriage_code_temporary guards the codes");
    screen.press("y");
    screen.wait_for("The index on users.code has its good form now, after 4 steps.");
    assert_eq!(
        town.try_code_index("code_unique"),
        Ok(()),
        "the site's code makes it"
    );
    let (_, history) = town.json(&["history"]);
    let deed = &history["deeds"][0];
    assert_eq!(
        (&deed["step"], &deed["outcome"]),
        (&"ensure-code-index".into(), &"done".into()),
        "{history:#}"
    );
    screen.wait_for("✓ users has code_unique {code: 1} unique sparse.");
    screen.wait_for("Suspected, not shown:");
    screen.press("a");
    screen.wait_for("5 users marked");
    screen.press("F");
    screen.wait_for("Mend 5 users of aesthetic");
    screen.press("y");
    screen.wait_for("4 whole");
    screen.press("i");
    screen.wait_for("Nothing concerns many");
    assert_eq!(screen.quit().code(), Some(0));
}

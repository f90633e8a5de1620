//! Mending through the screen in a real pseudo-terminal, at three sizes: whom it is for, what would be done, how it goes,
//! and those that failed once more.

use std::time::Duration;

use atriage::sandbox::{Account, Fault, Service};
use jiff::Timestamp;
use serde_json::json;

use crate::support::quiet::Quiet;
use crate::support::terminal::{SIZES, Terminal};

/// How many rows have the mark.
fn wait_for_marks(screen: &Terminal, count: usize) {
    screen.wait_until(&format!("{count} marks"), |text| {
        text.matches('●').count() == count
    });
}

#[test]
fn marks_are_set_by_one_by_range_and_all_and_show_their_plan() {
    let quiet = Quiet::new();
    let (cols, rows) = SIZES[0];
    let mut screen = quiet.open(cols, rows);
    screen.wait_for("26 broken");
    for (cols, rows) in SIZES {
        screen.resize(cols, rows);
        screen.keys("g<space><space>");
        wait_for_marks(&screen, 2);
        screen.wait_for("F fix 2  Space mark (2)  d plan 2  u unmark");
        // A range is added to them; taken back by what it went over, and kept by Esc.
        screen.keys("jvjjj");
        wait_for_marks(&screen, 6);
        screen.wait_for("Marking what the cursor passes: 6 marked.");
        screen.keys("kk<esc>");
        wait_for_marks(&screen, 4);
        screen.keys("<s-down>");
        wait_for_marks(&screen, 5);
        screen.press("u");
        wait_for_marks(&screen, 0);
        screen.press("a");
        screen.wait_for("F fix 15 of 41  Space mark  d plan  u unmark");
        screen.press("u");
        wait_for_marks(&screen, 0);

        screen.keys("gvj<esc>jj<space>");
        wait_for_marks(&screen, 3);
        screen.press("d");
        screen.wait_block(
            plan(
                "Plan for 3 users of aesthetic · sandbox · nothing is written",
                cols,
            )
            .as_str(),
        );
        screen.keys("<esc>");
        screen.wait_gone("Plan for");
        screen.press("F");
        screen.wait_block(plan("Mend 3 users of aesthetic · sandbox", cols).as_str());
        screen.wait_for("[ n: Cancel ]  [ y: Mend 3 users ]");
        // The focus is on Cancel.
        let (row, col) = screen.find("[ n: Cancel ]").expect("it is shown");
        assert!(screen.cell(row, col + 2).inverse());
        screen.keys("<enter>");
        screen.wait_for("Nothing was changed.");
        screen.press("u");
        wait_for_marks(&screen, 0);
    }
    assert_eq!(quiet.world().calls_to("createAccount"), 0);
    screen.press("q");
    assert_eq!(screen.wait_exit().code(), Some(0));
}

/// The dialog's title, the plan that the three have whom the journey marks, and who they are.
fn plan(title: &str, cols: u16) -> String {
    let steps = if cols == 80 {
        "│ 3 users: ensure-code-index → create-user → create-account →\n│          record-account → verify"
    } else {
        "│ 3 users: ensure-code-index → create-user → create-account → record-account → verify"
    };
    format!(
        "┌ {title} ─\n{steps}\n│   m…@example.com  auth0|\n│   k…@example.com  auth0|\n│   z…@example.com  auth0|"
    )
}

/// The jobs are told while they go; who is whole is unmarked, who failed stays marked and is tried again with `R`.
#[test]
fn a_run_is_followed_and_who_failed_is_tried_again() {
    let quiet = Quiet::new();
    // Somebody else's account has mira's address, so that hers cannot be made.
    let other = Account::new(
        "other.at.aesthetic.computer",
        "mira.okafor@example.com",
        "secret",
        Timestamp::now(),
    );
    let did = quiet.world().add_account(other);
    let record = json!({"code": "ac25momez", "atproto": {"did": did, "handle": "other.at.aesthetic.computer", "password": "secret"}});
    quiet
        .store
        .put("users", "auth0|ffffffffffffffffffffffff", &record)
        .expect("the store is there");
    let (cols, rows) = SIZES[0];
    let mut screen = quiet.open(cols, rows);
    // The other one is an orphan, and one more.
    screen.wait_for("27 broken");
    let slow = Fault::Slow(Duration::from_millis(1_200));
    quiet
        .world()
        .set_fault_on(Service::Pds, "createAccount", slow, None);
    screen.keys("vjjjj<esc>F");
    screen.wait_for("Mend 5 users");
    screen.press("y");
    screen.keys("J");
    for (cols, rows) in SIZES {
        screen.resize(cols, rows);
        screen.wait_for(" of 5  ");
    }
    screen.wait_for("5 of 5  ████████████████████  1 failed");
    quiet.world().set_fault(Service::Pds, Fault::None);
    for (cols, rows) in SIZES {
        screen.resize(cols, rows);
        screen.wait_block(
            "
│ ✗ m…@example.com                 failed: The e-mail belongs to an acc
│ ✓ ",
        );
        // Of the four others they stand there who ended last.
        screen.wait_for("@example.com                 done in ");
        wait_for_marks(&screen, 1);
        screen.wait_for("F fix 1  R retry 1  J jobs  ! broken");
    }
    screen.resize(cols, rows);

    // While nothing has changed it fails again, for the same reason; once that is mended, it does not.
    for healed in [false, true] {
        if healed {
            quiet.world().forget_account(&did);
        }
        screen.press("R");
        screen.wait_for("Retry 1 user");
        screen.press("y");
        screen.wait_gone("Retry 1 user");
        screen.wait_for(if healed {
            "1 job ended: none failed."
        } else {
            "1 job ended: 1 failed."
        });
    }
    wait_for_marks(&screen, 0);
    screen.wait_for("16 whole");
    screen.wait_gone("R retry");
    assert_eq!(screen.quit().code(), Some(0));
}

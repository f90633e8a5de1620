//! The filter in a real pseudo-terminal, at three sizes: what is typed and completed, what cannot be understood, saved
//! views, and the broken ones alone.

use crate::support::quiet::Quiet;
use crate::support::terminal::SIZES;

const NIGHT: &str = "
[[view]]
name = \"night\"
filter = \"is:broken age<12h\"
sort = \"-age\"
columns = [\"age\", \"user\", \"finding\"]
";

/// What `@night` shows: its order, and its columns where there is room for more than the states.
const BY_NIGHT: [&str; 3] = [
    "
    AGE▴ USER                AUTH0     MONGO     CODE        DID       PDS
    11h  s…@example.com      ✓ ok      ✓ ok      ✓ ac26cuguz ✗ missing ✗ missing
    5h   j…@example.com      ✓ ok      ✓ ok      ✓ ac26kupew ✓ …peyesv ! drift",
    "
    AGE▴ USER                             FINDING                    AUTH0     MONGO     CODE        DID       PDS
    11h  s…@example.com                   missing-account            ✓ ok      ✓ ok      ✓ ac26cuguz ✗ missing ✗ missing
    5h   j…@example.com                   handle-drift               ✓ ok      ✓ ok      ✓ ac26kupew ✓ …peyesv ! drift",
    "
    AGE▴ USER                             FINDING                         AUTH0       MONGO       CODE         DID         PDS
    11h  s…@example.com                   missing-account                 ✓ ok        ✓ ok        ✓ ac26cuguz  ✗ missing   ✗ missing
    5h   j…@example.com                   handle-drift                    ✓ ok        ✓ ok        ✓ ac26kupew  ✓ …peyesv   ! drift",
];

#[test]
fn a_filter_is_typed_completed_and_understood() {
    let quiet = Quiet::with(NIGHT);
    let (cols, rows) = SIZES[0];
    let mut screen = quiet.open(cols, rows);
    screen.wait_for("26 broken");
    for ((cols, rows), by_night) in SIZES.into_iter().zip(BY_NIGHT) {
        screen.resize(cols, rows);
        // What may follow stands below what is typed; Tab takes it.
        screen.press("/pds:m");
        screen.wait_block(
            "
 / pds:m
 Tab  missing",
        );
        screen.keys("<tab>");
        screen.wait_block(" / pds:missing");
        screen.wait_for("filter pds:missing  9 of 41");
        // Several are gone through, there and back.
        screen.press(" is:");
        screen.wait_block(
            "
 / pds:missing is:
 Tab  broken  unknown  waiting  whole",
        );
        screen.keys("<tab><tab><s-tab>");
        screen.wait_block(" / pds:missing is:broken");
        screen.keys("<enter>");
        screen.wait_for("filter pds:missing is:broken  9 of 41");
        screen.keys("<esc>");
        screen.wait_gone("filter pds");

        // The word that is wrong is pointed at, and what held before holds.
        screen.keys("/pds:mising<enter>");
        screen.wait_block(
            "
 / pds:mising
       ^^^^^^ a state is one of ok, waiting, missing, drift, running, unknown",
        );
        let (row, col) = screen.find("mising").expect("it is shown");
        assert!(screen.cell(row, col).underline() && !screen.cell(row, col - 1).underline());
        screen.keys("<esc>");
        screen.wait_gone("mising");
        screen.wait_for("/ filter");

        screen.keys("/@ni<tab><enter>");
        screen.wait_for("filter @night  9 of 41");
        screen.wait_block(by_night);
        // Its order and columns stay when it goes: they are put back for the next size.
        screen.keys("<esc>crs<esc>");
        screen.wait_gone("filter @night");

        screen.press("!");
        screen.wait_for("broken only  26 of 41");
        screen.press("!");
        screen.wait_gone("broken only");
    }
    screen.press("q");
    assert_eq!(screen.wait_exit().code(), Some(0));
}

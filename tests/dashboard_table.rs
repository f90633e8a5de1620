//! The table in a real pseudo-terminal, at three sizes: columns as they are arranged and kept, one tenant and both, older
//! signups and new ones.

use jiff::SignedDuration;

use crate::support::quiet::Quiet;
use crate::support::terminal::{SIZES, Terminal};

fn quit(mut screen: Terminal) {
    screen.press("q");
    assert_eq!(screen.wait_exit().code(), Some(0));
}

/// The header and the first row, at each size: as they are at first, and as they are arranged below.
const AT_FIRST: [&str; 3] = [
    "
    AGE▾ USER                AUTH0     MONGO     CODE        DID       PDS
▸   1m   m…@example.com      ✓ ok      ✗ missing ✗ missing   ✗ missing ✗ missing
    6m   k…@example.com      ✓ ok      ✗ missing ✗ missing   ✗ missing ✗ missing
    13m  v…@example.com      · waiting ✗ missing ✗ missing   · waiting · waiting",
    "
    AGE▾ USER                    HANDLE       AUTH0     MONGO     CODE        DID       PDS       FINDING
▸   1m   m…@example.com          –            ✓ ok      ✗ missing ✗ missing   ✗ missing ✗ missing missing-user-record +1
    6m   k…@example.com          @k…          ✓ ok      ✗ missing ✗ missing   ✗ missing ✗ missing missing-user-record +1
    13m  v…@example.com          –            · waiting ✗ missing ✗ missing   · waiting · waiting missing-user-record",
    "
   AGE▾ USER                             HANDLE                 AUTH0       MONGO       CODE         DID         PDS        FINDING                         JOB
▸  1m   m…@example.com                   –                      ✓ ok        ✗ missing   ✗ missing    ✗ missing   ✗ missing  missing-user-record +1
   6m   k…@example.com                   @k…                    ✓ ok        ✗ missing   ✗ missing    ✗ missing   ✗ missing  missing-user-record +1
   13m  v…@example.com                   –                      · waiting   ✗ missing   ✗ missing    · waiting   · waiting  missing-user-record",
];

const ARRANGED: [&str; 3] = [
    "
    PDS▾      USER                     AUTH0     MONGO     CODE        DID
▸   ✗ missing m…@example.com           ✓ ok      ✗ missing ✗ missing   ✗ missing
    ✗ missing k…@example.com           ✓ ok      ✗ missing ✗ missing   ✗ missing",
    "
    PDS▾      USER                         HANDLE       AUTH0     MONGO     CODE        DID       FINDING
▸   ✗ missing m…@example.com               –            ✓ ok      ✗ missing ✗ missing   ✗ missing missing-user-record +1
    ✗ missing k…@example.com               @k…          ✓ ok      ✗ missing ✗ missing   ✗ missing missing-user-record +1",
    "
   PDS▾        USER                             HANDLE                 AUTH0       MONGO       CODE         DID         FINDING                         JOB
▸  ✗ missing   m…@example.com                   –                      ✓ ok        ✗ missing   ✗ missing    ✗ missing   missing-user-record +1
   ✗ missing   k…@example.com                   @k…                    ✓ ok        ✗ missing   ✗ missing    ✗ missing   missing-user-record +1",
];

/// Hidden, moved to the front, sorted by; and so again at the next start, at every size.
#[test]
fn columns_are_arranged_and_kept_at_the_next_start() {
    let quiet = Quiet::new();
    let (cols, rows) = SIZES[0];
    let mut screen = quiet.open(cols, rows);
    for ((cols, rows), at_first) in SIZES.into_iter().zip(AT_FIRST) {
        screen.resize(cols, rows);
        screen.wait_block(at_first);
    }
    for (cols, rows) in SIZES {
        screen.resize(cols, rows);
        screen.press("c");
        // What has no room is said at the smallest size alone.
        screen.wait_block(
            "
┌ Columns ──────────────────────────────────────────
│ ▸ [x] AGE     ▾  how long ago they signed up
│   [x] TENANT     where they signed up; seen when all tenants are
│   [•] USER       the e-mail, else the id
│   [x] HANDLE     the name that was chosen
│   [•] AUTH0      the user, the e-mail verified
│   [•] MONGO      the records in users and verifications
│   [•] CODE       the user code
│   [•] DID        DID, handle and password, written down
│   [•] PDS        the account, under the wanted handle
│   [x] FINDING    the worst thing that was found
│   [x] JOB        what a job does about them
│   [ ] SUB        the id in Auth0
└───────────────────────────────────────────────────",
        );
        let hidden = "HANDLE     the name that was chosen  no room now";
        if cols == 80 {
            screen.wait_for(hidden);
        } else {
            screen.wait_gone(hidden);
        }
        screen.keys("<esc>");
        screen.wait_gone("Columns");
    }
    screen.keys("c<space>jj<space>");
    screen.wait_for("USER is always shown.");
    screen.keys("jjjjjjKKKKKKKKs<esc>");
    for ((cols, rows), arranged) in SIZES.into_iter().zip(ARRANGED) {
        screen.resize(cols, rows);
        screen.wait_block(arranged);
    }
    quit(screen);
    let mut screen = quiet.open(cols, rows);
    for ((cols, rows), arranged) in SIZES.into_iter().zip(ARRANGED) {
        screen.resize(cols, rows);
        screen.wait_block(arranged);
    }
    // As at first, and by the age again, which stands at the top.
    screen.keys("crs<esc>");
    screen.wait_block(AT_FIRST[2]);
    quit(screen);
}

/// `t` goes round: one tenant, the other, both; and the next start is with what was left.
#[test]
fn one_tenant_the_other_and_both() {
    let quiet = Quiet::new();
    let both = [
        "
    AGE▾ TENANT    USER                  AUTH0   MONGO   CODE    DID     PDS
    1m   aesthetic m…@example.com        ✓ ok    ✗ miss  ✗ miss  ✗ miss  ✗ miss
▸   1m   sotce     d…@example.com        ✓ ok    ✗ miss  ✗ miss  ✗ miss  ✗ miss
    6m   aesthetic k…@example.com        ✓ ok    ✗ miss  ✗ miss  ✗ miss  ✗ miss",
        "
    AGE▾ TENANT    USER                             HANDLE           AUTH0     MONGO     CODE        DID       PDS
    1m   aesthetic m…@example.com                   –                ✓ ok      ✗ missing ✗ missing   ✗ missing ✗ missing
▸   1m   sotce     d…@example.com                   –                ✓ ok      ✗ missing ✗ missing   ✗ missing ✗ missing
    6m   aesthetic k…@example.com                   @k…              ✓ ok      ✗ missing ✗ missing   ✗ missing ✗ missing",
        "
   AGE▾ TENANT    USER                             HANDLE                 AUTH0     MONGO     CODE        DID       PDS       FINDING                       JOB
   1m   aesthetic m…@example.com                   –                      ✓ ok      ✗ missing ✗ missing   ✗ missing ✗ missing missing-user-record +1
▸  1m   sotce     d…@example.com                   –                      ✓ ok      ✗ missing ✗ missing   ✗ missing ✗ missing missing-user-record +1
   6m   aesthetic k…@example.com                   @k…                    ✓ ok      ✗ missing ✗ missing   ✗ missing ✗ missing missing-user-record +1",
    ];
    let (cols, rows) = SIZES[0];
    let mut screen = quiet.open(cols, rows);
    screen.wait_for("26 broken");
    screen.press("t");
    for (cols, rows) in SIZES {
        screen.resize(cols, rows);
        screen.wait_block(" SOTCE  sandbox   all 15 · 2 s ago");
        screen.wait_for(" 6 whole  1 waiting  8 broken");
    }
    screen.press("t");
    for ((cols, rows), block) in SIZES.into_iter().zip(both) {
        screen.resize(cols, rows);
        screen.wait_block(" BOTH  sandbox   all 56 · 2 s ago");
        // The cursor stays on its user, who has another place now.
        screen.wait_block(block);
        screen.wait_for(" 18 whole  4 waiting  34 broken");
    }
    quit(screen);
    let mut screen = quiet.open(80, 24);
    screen.wait_block(" BOTH  sandbox   all 56 · 2 s ago");
    screen.press("t");
    screen.wait_block(" AESTHETIC  sandbox   all 41 · 2 s ago");
    screen.press("g");
    screen.wait_block(AT_FIRST[0]);
    quit(screen);
}

/// Who stands in the first row that is seen, with whether the cursor does.
fn user_below_header(screen: &Terminal) -> String {
    let text = screen.screen();
    let row = below_header(&text);
    let words = [
        row.chars().next(),
        row.split('…').next().and_then(|before| before.chars().last()),
    ];
    words.into_iter().flatten().collect()
}

fn below_header(text: &str) -> &str {
    let mut lines = text.lines().skip_while(|line| !line.contains("MONGO "));
    lines.nth(1).unwrap_or_default()
}

/// The list goes on where the cursor nears its end; who signs up meanwhile is told of, and moves nobody's row.
#[test]
fn older_signups_are_loaded_near_the_end_and_new_ones_are_told_of() {
    let quiet = Quiet::new();
    for n in 0..120 {
        let ago = SignedDuration::from_hours(20 * 24 + n);
        quiet.sign_up(&format!("old{n}@example.com"), ago);
    }
    let (cols, rows) = SIZES[0];
    let mut screen = quiet.open(cols, rows);
    screen.wait_for("newest 51");
    screen.wait_gone("reading…");
    for ((cols, rows), loaded) in SIZES.into_iter().zip(["newest 100", "newest 149", "all 161"]) {
        screen.resize(cols, rows);
        screen.press("G");
        screen.wait_for(loaded);
        screen.wait_gone("older…");
    }
    screen.press("+");
    screen.wait_for("There are no older signups: all are loaded.");
    screen.press("g");
    let mut names = ["a", "b", "c", "d", "e", "f"].into_iter();
    for (cols, rows) in SIZES {
        screen.resize(cols, rows);
        screen.wait_until("the cursor on the first row, at this size", |text| {
            below_header(text).starts_with('▸') && text.lines().count() == usize::from(rows)
        });
        let before = user_below_header(&screen);
        for (n, name) in names.by_ref().take(2).enumerate() {
            quiet.sign_up(&format!("{name}@example.com"), SignedDuration::ZERO);
            screen.press_until_shown("r", &format!("↑ {} new", n + 1));
            assert_eq!(user_below_header(&screen), before, "rows moved");
        }
        // Seen is seen.
        screen.press("g");
        screen.wait_gone("↑");
        assert_ne!(user_below_header(&screen), before);
    }
    quit(screen);
}

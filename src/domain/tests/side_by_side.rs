//! The table of `side_by_side`: what each backend is said to hold, and how it is judged.

use proptest::prelude::*;

use super::arbitrary;
use super::sample::*;
use crate::domain::observed::Observed::{Absent, Present, Unknown, Unreadable};
use crate::domain::side_by_side::{Cell, Held, Holder, side_by_side};
use crate::domain::signup::{Deletion, PlcData, Signup, Standing};
use crate::domain::{Column, State, diagnose};

/// The facts, a row, and its five places: wanted, auth0, mongo, pds, plc. `!` differs, `✗` is missing, `·` is not expected
/// yet, `?` is not known.
type Row = (&'static str, Change, &'static str, [&'static str; 5]);

fn elsewhere(s: &mut Signup) {
    s.plc = Present(PlcData::Lives {
        endpoint: "https://else.example.com".into(),
        here: false,
    });
}

#[rustfmt::skip]
const TABLE: &[Row] = &[
    ("whole", |_| (), "e-mail", ["mira@example.com", "mira@example.com", "", "mira@example.com", ""]),
    ("whole", |_| (), "verified", ["yes", "yes", "count 1", "", ""]),
    ("whole", |_| (), "code", ["ac25momez", "", "ac25momez", "", ""]),
    ("whole", |_| (), "handle", [CODE_HANDLE, "", CODE_HANDLE, CODE_HANDLE, ""]),
    ("whole", |_| (), "DID", [DID, "", DID, DID, DID]),
    ("whole", |_| (), "lives", ["here", "", "", "here", "here"]),
    ("whole", |_| (), "standing", ["active", "active", "", "active", ""]),
    ("whole", |_| (), "password", ["recorded", "", "recorded", "not asked", ""]),

    ("not verified", unverified, "verified", ["not yet", "· not yet", "count 0", "", ""]),
    ("not verified", unverified, "handle", [CODE_HANDLE, "", "· –", "· –", ""]),
    ("not verified", unverified, "DID", ["not yet", "", "· –", "· –", "? not asked"]),
    ("not verified", unverified, "lives", ["", "", "", "", ""]),
    ("not verified", unverified, "password", ["not yet", "", "· –", "not asked", ""]),

    ("the incident", no_record, "code", ["ac70…", "", "✗ no record", "", ""]),
    ("the incident", no_record, "handle", ["ac70….at.example.com", "", "✗ –", "✗ –", ""]),
    ("the incident", no_record, "DID", ["to be made", "", "✗ –", "✗ –", "? not asked"]),
    ("an account to adopt", unrecorded, "DID", [DID, "", "✗ –", DID, DID]),
    ("gone", |s| s.account = Absent, "DID", [DID, "", DID, "✗ –", DID]),

    ("count 0", |s| s.verification = Absent, "verified", ["yes", "yes", "! no record", "", ""]),
    ("no code", |s| user(s).code = Absent, "code", ["ac70…", "", "✗ –", "", ""]),
    ("a malformed code", |s| user(s).code = Present("?".into()), "code", ["acYYcvcvc", "", "! ?", "", ""]),
    ("handle drift", |s| s.name = Present("mira".into()), "handle", ["mira.at.example.com", "", "! ac25momez.at.example.com", "! ac25momez.at.example.com", ""]),
    ("record drift", |s| record(s).handle = Some("old.at.example.com".into()), "handle", [CODE_HANDLE, "", "! old.at.example.com", CODE_HANDLE, ""]),
    ("case is no drift", |s| pds(s).handle = "AC25MOMEZ.at.example.com".into(), "handle", [CODE_HANDLE, "", CODE_HANDLE, "AC25MOMEZ.at.example.com", ""]),
    ("a name refused", fallback, "handle", ["admin.at.example.com", "", "· ac25momez.at.example.com", "· ac25momez.at.example.com", ""]),
    ("elsewhere", elsewhere, "lives", ["here", "", "", "here", "! https://else.example.com"]),
    ("tombstoned", |s| s.plc = Present(PlcData::Tombstoned), "DID", [DID, "", DID, DID, "! tombstoned"]),
    ("unresolvable", |s| s.plc = Absent, "DID", [DID, "", DID, DID, "! not known"]),
    ("taken down", |s| pds(s).standing = Standing::TakenDown, "standing", ["active", "active", "", "! taken down", ""]),
    ("blocked", |s| auth0(s).blocked = true, "standing", ["active", "! blocked", "", "active", ""]),
    ("to be deleted", |s| s.deletion = Present(Deletion::Scheduled), "standing", ["active", "active", "· to be deleted", "active", ""]),
    ("an orphan", orphan, "standing", ["active", "✗ no such user", "", "active", ""]),
    ("an orphan", orphan, "e-mail", ["–", "✗ –", "", "mira@example.com", ""]),
    ("no password", |s| record(s).has_password = false, "password", ["recorded", "", "! –", "not asked", ""]),
    ("a rejected password", |s| s.password_opens = Present(false), "password", ["recorded", "", "recorded", "! refused", ""]),

    // What is not known, and why.
    ("Auth0 silent", |s| s.auth0 = Unknown, "verified", ["no answer", "? no answer", "count 1", "", ""]),
    ("Mongo silent", silent_mongo, "code", ["no answer", "", "? no answer", "", ""]),
    // Without the record nobody knows which account to ask about.
    ("Mongo silent", |s| { silent_mongo(s); s.plc = Unknown; }, "DID", ["to be made", "", "? no answer", "? not asked", "? not asked"]),
    ("the PDS silent", silent_pds, "handle", ["no answer", "", "? ac25momez.at.example.com", "? no answer", ""]),
    ("the PDS silent, none recorded", |s| { no_account(s); silent_pds(s); }, "DID", ["to be made", "", "✗ –", "? no answer", "? not asked"]),
    ("the PDS silent, not verified", |s| { unverified(s); silent_pds(s); }, "DID", ["not yet", "", "· –", "? not asked", "? not asked"]),
    ("the directory silent", |s| s.plc = Unknown, "DID", [DID, "", DID, DID, "? no answer"]),
    ("the repository's state unknown", |s| pds(s).standing = Standing::Unknown, "standing", ["active", "active", "", "? no answer", ""]),
    ("an unreadable record", |s| s.user = Unreadable("why".into()), "code", ["unreadable", "", "? unreadable", "", ""]),
    ("unreadable credentials", |s| { user(s).atproto = Unreadable("why".into()); s.account = Unknown; s.plc = Unknown; }, "DID", ["to be made", "", "? unreadable", "? no answer", "? not asked"]),
    ("a password that could not be tried", |s| s.password_opens = Unreadable("why".into()), "password", ["recorded", "", "recorded", "? no answer", ""]),
];

fn said(cell: &Cell) -> String {
    let held = match &cell.held {
        Held::Blank => return String::new(),
        Held::Nothing => "–",
        Held::Words(text) | Held::Email(text) | Held::Handle(text) | Held::Did(text) => text,
        Held::NotAsked => "not asked",
        Held::NoAnswer => "no answer",
        Held::Unreadable => "unreadable",
    };
    let glyph = match cell.state {
        None | Some(State::Ok) => "",
        Some(State::Missing) => "✗ ",
        Some(State::Drift) => "! ",
        Some(State::Waiting) => "· ",
        Some(State::Unknown) => "? ",
        Some(State::Running) => panic!("nothing runs here"),
    };
    format!("{glyph}{held}")
}

#[test]
fn each_backend_is_said_to_hold_what_it_said() {
    for (facts, change, name, expected) in TABLE {
        let rows = side_by_side(&with(*change));
        let row = rows
            .iter()
            .find(|row| row.name == *name)
            .expect("there is such a row");
        let cells: Vec<String> = row.cells.iter().map(said).collect();
        assert_eq!(cells, *expected, "{facts}: {name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    /// What the columns call missing is never shown as fine, and a silence never as missing.
    #[test]
    fn the_table_agrees_with_the_columns(signup in arbitrary::signup()) {
        let d = diagnose(&signup);
        let rows = side_by_side(&signup);
        let state = |name: &str, holder: Holder| {
            let row = rows.iter().find(|row| row.name == name).expect("there is such a row");
            row.cells[holder as usize].state
        };
        let code = state("code", Holder::Mongo);
        prop_assert_eq!(code, Some(d.state(Column::Code)));
        if signup.account.is_unknown() && signup.found.is_unknown() {
            for name in ["handle", "DID", "standing"] {
                prop_assert!(state(name, Holder::Pds) == Some(State::Unknown), "{name}");
            }
        }
        if d.state(Column::Pds) == State::Ok {
            prop_assert!(matches!(state("handle", Holder::Pds), Some(State::Ok | State::Waiting)));
            prop_assert_eq!(state("standing", Holder::Pds), Some(State::Ok));
        }
        for row in &rows {
            for cell in &row.cells {
                let silent = matches!(cell.held, Held::NotAsked | Held::NoAnswer | Held::Unreadable);
                prop_assert!(!silent || matches!(cell.state, None | Some(State::Unknown)), "{row:?}");
            }
        }
    }
}

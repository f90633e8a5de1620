//! The table of `changes`: what a plan says that it changes, and that it is what the steps do.

use proptest::prelude::*;

use super::sample::*;
use super::{arbitrary, world::World};
use crate::domain::change::{Place, Side, changes};
use crate::domain::observed::Observed::{Absent, Present};
use crate::domain::plan::Recreate;
use crate::domain::signup::{Intent, Signup, Verification};
use crate::domain::{Policy, diagnose, handle, plan};

/// The facts, and what is said, step by step.
type Row = (&'static str, Change, &'static [&'static str]);

const MADE_ACCOUNT: [&str; 6] = [
    "create-account: PDS account – → made, with a DID from the PDS",
    "create-account: PDS handle – → ac25momez.at.example.com",
    "create-account: PDS password – → set, never shown",
    "record-account: users.atproto.did – → the DID from the PDS",
    "record-account: users.atproto.handle – → ac25momez.at.example.com",
    "record-account: users.atproto.password – → set, never shown",
];

fn count(s: &mut Signup, count: i64) {
    s.verification = Present(Verification {
        id: s.key.clone(),
        count,
    });
}

fn intent(s: &mut Signup) {
    s.intent = Present(Intent {
        handle: CODE_HANDLE.into(),
        replaces: None,
    });
}

#[rustfmt::skip]
const TABLE: &[Row] = &[
    ("whole", |_| (), &[]),
    ("left to somebody", |s| pds(s).standing = crate::domain::signup::Standing::TakenDown, &[]),
    ("the incident", no_record, &[
        "ensure-code-index: index on users.code ? → kept if unique, made if none is",
        "create-user: users record – → made",
        "create-user: users.code – → ac70…, to be drawn",
        "create-account: PDS account – → made, with a DID from the PDS",
        "create-account: PDS handle – → ac70….at.example.com (by the code)",
        "create-account: PDS password – → set, never shown",
        "record-account: users.atproto.did – → the DID from the PDS",
        "record-account: users.atproto.handle – → ac70….at.example.com (by the code)",
        "record-account: users.atproto.password – → set, never shown",
    ]),
    ("the incident, a name chosen", |s| { no_record(s); s.name = Present("Zhu_xin".into()); }, &[
        "ensure-code-index: index on users.code ? → kept if unique, made if none is",
        "create-user: users record – → made",
        "create-user: users.code – → ac70…, to be drawn",
        "create-account: PDS account – → made, with a DID from the PDS",
        "create-account: PDS handle – → zhu-xin.at.example.com or the code",
        "create-account: PDS password – → set, never shown",
        "record-account: users.atproto.did – → the DID from the PDS",
        "record-account: users.atproto.handle – → zhu-xin.at.example.com or the code",
        "record-account: users.atproto.password – → set, never shown",
    ]),
    ("no account", no_account, &MADE_ACCOUNT),
    ("no verifications record", |s| s.verification = Absent, &["create-verification: verifications.count – → 1"]),
    ("the same, not verified", |s| { unverified(s); s.verification = Absent; }, &["create-verification: verifications.count – → 0"]),
    ("count 0", |s| count(s, 0), &["set-verification-count: verifications.count 0 → 1"]),
    ("no code, but a name", |s| { named(s); user(s).code = Absent; }, &[
        "ensure-code-index: index on users.code ? → kept if unique, made if none is",
        "assign-code: users.code – → ac70…, to be drawn",
    ]),
    ("an account to adopt", unrecorded, &[
        "adopt-account: PDS password ? → set anew, never shown",
        "record-account: users.atproto.did – → did:plc:example",
        "record-account: users.atproto.handle – → ac25momez.at.example.com",
        "record-account: users.atproto.password – → set, never shown",
    ]),
    ("one that an interrupted job made, under another handle", |s| { unrecorded(s); s.name = Present("mira".into()); intent(s); }, &[
        "adopt-account: PDS password ? → the saved one, else set anew",
        "record-account: users.atproto.did – → did:plc:example",
        "record-account: users.atproto.handle – → ac25momez.at.example.com",
        "record-account: users.atproto.password – → set, never shown",
        "record-account: atriage-intents kept for this user → –",
        "sync-handle: PDS handle ac25momez.at.example.com → mira.at.example.com or the code",
        "record-account: users.atproto.handle ac25momez.at.example.com → mira.at.example.com or the code",
    ]),
    ("no password", |s| record(s).has_password = false, &[
        "reset-password: PDS password ? → set anew, never shown",
        "record-account: users.atproto.password – → set, never shown",
    ]),
    ("a rejected password", |s| s.password_opens = Present(false), &[
        "reset-password: PDS password not the recorded one → set anew, never shown",
        "record-account: users.atproto.password an older one → set, never shown",
    ]),
    ("record drift", |s| record(s).handle = Some("old.at.example.com".into()), &[
        "record-account: users.atproto.handle old.at.example.com → ac25momez.at.example.com",
    ]),
    ("handle drift after a refusal", |s| { fallback(s); s.name = Present("mira".into()); }, &[
        "sync-handle: PDS handle ac25momez.at.example.com → mira.at.example.com or the code",
        "record-account: users.atproto.handle ac25momez.at.example.com → mira.at.example.com or the code",
        "record-account: users.atproto.handleFallback admin.at.example.com → –",
    ]),
    ("a refusal that stays, no password", |s| { fallback(s); record(s).has_password = false; }, &[
        "reset-password: PDS password ? → set anew, never shown",
        "record-account: users.atproto.password – → set, never shown",
    ]),
    ("what an interrupted job left", intent, &[
        "record-account: users.atproto.password an older one → whichever opens the account",
        "record-account: atriage-intents kept for this user → –",
    ]),
    ("an older record", |s| record(s).older = IN_OLDER_FIELDS, &[
        "record-account: users.atproto.did – → did:plc:example",
        "record-account: users.atproto.handle – → ac25momez.at.example.com",
        "record-account: users.atproto.password – → that of the older field",
    ]),
    ("a record without a handle", |s| record(s).handle = None, &[
        "record-account: users.atproto.handle – → ac25momez.at.example.com",
    ]),
];

fn said(signup: &Signup, policy: Policy) -> Vec<String> {
    let plan = plan(signup, &diagnose(signup), policy);
    let shown = |side: &Side| side.words(str::to_string);
    let told = changes(signup, &plan);
    told.iter()
        .map(|change| {
            let (step, place) = (change.step.name(), change.place.word());
            format!("{step}: {place} {} → {}", shown(&change.old), shown(&change.new))
        })
        .collect()
}

#[test]
fn a_plan_says_what_it_changes() {
    for (name, change, expected) in TABLE {
        assert_eq!(said(&with(*change), Policy::default()), *expected, "{name}");
    }
}

#[test]
fn a_new_account_takes_the_place_of_the_old_did() {
    let mut signup = with(|s| s.account = Absent);
    signup.found = Absent;
    let policy = Policy {
        recreate: Recreate::Recorded,
        ..Policy::default()
    };
    assert_eq!(
        said(&signup, policy),
        [
            "create-account: PDS account did:plc:example → made, with a DID from the PDS",
            "create-account: PDS handle – → ac25momez.at.example.com",
            "create-account: PDS password – → set, never shown",
            "record-account: users.atproto.did did:plc:example → the DID from the PDS",
            "record-account: users.atproto.password an older one → set, never shown",
        ]
    );
}

#[test]
fn only_the_label_of_a_handle_is_anybodys_to_mask() {
    let shown = |_: &str| "…".to_string();
    let signup = with(|s| s.name = Present("mira".into()));
    let plan = plan(&signup, &diagnose(&signup), Policy::default());
    for change in changes(&signup, &plan) {
        assert_eq!(change.old.words(shown), "…");
        assert_eq!(change.new.words(shown), "… or the code");
    }
}

/// A handle as it was said may be the code's in the end, and one that is made of a code to be drawn is not known before.
fn is_as_said(said: &Side, handle: Option<&str>, code: &str) -> bool {
    match (said, handle) {
        (Side::Said(_), Some(_)) | (Side::Nothing, None) => true,
        (
            Side::Handle {
                handle: said,
                or_code,
            },
            Some(handle),
        ) => handle::same(said, handle) || *or_code && handle::same(code, handle),
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    /// What is said is what the steps do, and of what they do nothing is left unsaid.
    #[test]
    fn the_steps_do_what_is_said(signup in arbitrary::signup()) {
        let plan = plan(&signup, &diagnose(&signup), Policy::default());
        let told = changes(&signup, &plan);
        let mut after = signup.clone();
        let mut world = World::default();
        for step in &plan.steps {
            world.apply(&mut after, *step);
        }
        prop_assert!(told.iter().all(|change| change.old != change.new));
        prop_assert!(told.iter().all(|change| plan.steps.contains(&change.step)));
        let last = |place| told.iter().rfind(|change| change.place == place).map(|change| &change.new);
        let by_code = after.code_handle().unwrap_or_default();
        let recorded = |s: &Signup| s.atproto().and_then(|record| record.handle.clone());
        let on_pds = |s: &Signup| s.any_account().map(|account| account.handle.clone());
        for (place, before, now) in [
            (Place::RecordedHandle, recorded(&signup), recorded(&after)),
            (Place::PdsHandle, on_pds(&signup), on_pds(&after)),
        ] {
            match last(place) {
                Some(said) => prop_assert!(is_as_said(said, now.as_deref(), &by_code), "{place:?} {said:?} {now:?}"),
                None => prop_assert_eq!(before, now, "{:?}", place),
            }
        }
        let count = |s: &Signup| s.verification.present().map(|found| found.count.to_string());
        match last(Place::VerificationCount) {
            Some(said) => prop_assert_eq!(Some(said.words(str::to_string)), count(&after)),
            None => prop_assert_eq!(count(&signup), count(&after)),
        }
        let did = |s: &Signup| {
            let record = s.atproto().filter(|record| !record.older.did);
            record.and_then(|record| record.did.clone())
        };
        prop_assert_eq!(last(Place::RecordedDid).is_some(), did(&signup) != did(&after));
        prop_assert_eq!(last(Place::Code).is_some(), signup.code() != after.code());
    }
}

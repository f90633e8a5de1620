//! The table of `plan`: which steps follow from which facts, in which order, and what is said to be left.

use super::sample::*;
use crate::domain::finding::{FindingId as Id, Repair};
use crate::domain::observed::Observed::{Absent, Present, Unknown, Unreadable};
use crate::domain::plan::Recreate;
use crate::domain::signup::{Account, Deletion, Intent, PlcData, Signup, Standing, Verification};
use crate::domain::{Plan, Policy, diagnose, plan};

/// The facts; the steps in short (`names` below); what `left` has to say, `""` where nothing is left.
type Row = (&'static str, Change, &'static str, &'static str);

fn elsewhere(s: &mut Signup) {
    s.plc = Present(PlcData::Lives {
        endpoint: "https://else.example.com".into(),
        here: false,
    });
}

fn count_zero(s: &mut Signup) {
    s.verification = Present(Verification {
        id: s.key.clone(),
        count: 0,
    });
}

#[rustfmt::skip]
const TABLE: &[Row] = &[
    ("whole", |_| (), "", ""),
    ("not verified", unverified, "", ""),
    ("a name refused", fallback, "", ""),
    // Each auto finding.
    ("the incident", no_record, "ensure-code-index create-user create-account record-account verify", ""),
    ("the incident, before the click", |s| { unverified(s); s.user = Absent; }, "ensure-code-index create-user verify", ""),
    ("neither record", |s| { no_record(s); s.verification = Absent; }, "ensure-code-index create-verification create-user create-account record-account verify", ""),
    ("the incident, count 0", |s| { no_record(s); count_zero(s); }, "ensure-code-index set-verification-count create-user create-account record-account verify", ""),
    ("no verifications record", |s| s.verification = Absent, "create-verification verify", ""),
    ("count 0", count_zero, "set-verification-count verify", ""),
    ("no code, but a name", |s| { named(s); user(s).code = Absent; }, "ensure-code-index assign-code verify", ""),
    ("no code and no name", |s| user(s).code = Absent, "ensure-code-index assign-code sync-handle record-account verify", ""),
    ("no code, no account", |s| { no_account(s); user(s).code = Absent; }, "ensure-code-index assign-code create-account record-account verify", ""),
    ("no account", no_account, "create-account record-account verify", ""),
    ("an account to adopt", unrecorded, "adopt-account record-account verify", ""),
    ("one under another handle", |s| { unrecorded(s); s.name = Present("mira".into()); }, "adopt-account record-account sync-handle record-account verify", ""),
    ("one without any record", |s| { unrecorded(s); s.user = Absent; }, "ensure-code-index create-user adopt-account record-account sync-handle record-account verify", ""),
    ("no password", |s| record(s).has_password = false, "reset-password record-account verify", ""),
    ("no handle", |s| record(s).handle = None, "record-account verify", ""),
    ("no DID", |s| { let kept = record(s).clone(); no_account(s); user(s).atproto = Present(kept); record(s).did = None; }, "create-account record-account verify", ""),
    ("an older record", |s| record(s).older = IN_OLDER_FIELDS, "record-account verify", ""),
    ("an older password, handle drift", |s| { record(s).older.password = true; s.name = Present("mira".into()); }, "sync-handle record-account verify", ""),
    ("an older record, gone", |s| { record(s).older = IN_OLDER_FIELDS; s.account = Absent; }, "", "account-gone"),
    ("no DID, a doubtful account", |s| { let kept = record(s).clone(); no_account(s); user(s).atproto = Present(kept); record(s).did = None; s.found = Unreadable("?".into()); }, "", "since ?: decide whose it is"),
    ("no account, a doubtful one", |s| { no_account(s); s.found = Unreadable("?".into()); }, "", "since ?: decide whose it is"),
    ("another tenant's record", |s| { no_account(s); s.auth0 = Unreadable("it is theirs".into()); }, "", "Nothing is done: it is theirs"),
    ("handle drift", |s| s.name = Present("mira".into()), "sync-handle record-account verify", ""),
    ("record drift", |s| record(s).handle = Some("old.at.example.com".into()), "record-account verify", ""),
    ("handle and record drift", |s| { s.name = Present("mira".into()); record(s).handle = None; }, "sync-handle record-account verify", ""),
    ("a rejected password", |s| s.password_opens = Present(false), "reset-password record-account verify", ""),
    ("a rejected password, handle drift", |s| { s.password_opens = Present(false); s.name = Present("mira".into()); }, "reset-password record-account sync-handle record-account verify", ""),
    // Manual and never: no step, but said.
    ("a malformed code", |s| { named(s); user(s).code = Present("?".into()); }, "", "malformed-code"),
    ("elsewhere", elsewhere, "", "did-elsewhere"),
    ("elsewhere, with drift", |s| { elsewhere(s); s.name = Present("mira".into()); s.password_opens = Present(false); }, "", "did-elsewhere"),
    ("elsewhere, to adopt", |s| { unrecorded(s); elsewhere(s); }, "", "did-elsewhere"),
    ("elsewhere, no verifications record", |s| { elsewhere(s); s.verification = Absent; }, "create-verification verify", "did-elsewhere"),
    ("tombstoned", |s| s.plc = Present(PlcData::Tombstoned), "", "did-tombstoned"),
    ("unresolvable", |s| s.plc = Absent, "", "did-unresolvable"),
    ("gone", |s| s.account = Absent, "", "account-gone"),
    ("gone, no password", |s| { s.account = Absent; record(s).has_password = false; }, "", "account-gone"),
    ("taken down, with drift", |s| { pds(s).standing = Standing::TakenDown; record(s).handle = None; }, "", "account-taken-down"),
    ("taken down, to adopt", |s| { pds(s).standing = Standing::TakenDown; unrecorded(s); }, "", "account-taken-down"),
    ("deactivated, no password", |s| { pds(s).standing = Standing::Deactivated; record(s).has_password = false; }, "", "account-deactivated"),
    ("broken", |s| pds(s).standing = Standing::Broken, "", "account-broken"),
    ("an orphan", |s| { orphan(s); s.verification = Absent; }, "", "orphan-record"),
    ("blocked", |s| { no_record(s); auth0(s).blocked = true; }, "", "blocked"),
    ("asked to be deleted", |s| { no_record(s); s.deletion = Present(Deletion::Scheduled); }, "", "deletion-pending"),
    ("a shared e-mail", |s| s.same_email = Present(vec!["email|2".into()]), "", "duplicate-email"),
    // Unknown facts.
    ("Auth0 silent", |s| { no_record(s); s.auth0 = Unknown; }, "", "auth0 is unknown"),
    ("Mongo silent", silent_mongo, "", "mongo is unknown"),
    ("users silent", |s| { s.user = Unknown; s.verification = Absent; }, "", "mongo is unknown"),
    ("the PDS silent", |s| { no_account(s); silent_pds(s); }, "", "pds is unknown"),
    ("the incident, the PDS silent", |s| { no_record(s); silent_pds(s); }, "ensure-code-index create-user verify", "pds is unknown"),
    ("the handle domain unknown", |s| { no_account(s); s.domain = None; }, "", "handle domain of the PDS is unknown"),
    ("deletions silent", |s| { no_record(s); s.deletion = Unknown; }, "", "asked to be deleted is unknown"),
    ("deletions unreadable", |s| { no_record(s); s.deletion = Unreadable("?".into()); }, "", "asked to be deleted is unknown"),
    ("names silent, no account", |s| { no_account(s); s.name = Unknown; }, "", "chosen name is unknown"),
    ("names unreadable, no record", |s| { no_record(s); s.name = Unreadable("?".into()); }, "ensure-code-index create-user verify", "chosen name is unknown"),
    ("an unreadable atproto, an account found", |s| { unrecorded(s); s.name = Present("mira".into()); user(s).atproto = Unreadable("?".into()); }, "", "did is unknown"),
    ("standing unknown, to adopt", |s| { pds(s).standing = Standing::Unknown; unrecorded(s); }, "", "pds is unknown"),
    ("an unreadable code, no account", |s| { no_account(s); user(s).code = Unreadable("?".into()); }, "", "no account can be made"),
    ("an unreadable code, handle drift", |s| { s.name = Present("mira".into()); user(s).code = Unreadable("?".into()); }, "", "malformed-code"),
    ("a shared e-mail, no account", |s| { no_account(s); s.same_email = Present(vec!["email|2".into()]); }, "", "Another login has the same e-mail"),
    ("no e-mail, no account", |s| { no_account(s); auth0(s).email = None; }, "", "no e-mail in Auth0"),
    ("no DID, not verified", |s| { let kept = record(s).clone(); unverified(s); user(s).atproto = Present(kept); record(s).did = None; }, "", "not verified"),
];

fn planned(signup: &Signup) -> Plan {
    plan(signup, &diagnose(signup), Policy::default())
}

#[test]
fn every_row_is_planned_as_the_table_says() {
    let mut wrong = Vec::new();
    for (what, change, steps, left) in TABLE {
        let plan = planned(&with(*change));
        let said = plan.left.join(" | ");
        if plan.names().join(" ") != *steps || !said.contains(left) || (left.is_empty() && !said.is_empty()) {
            wrong.push(format!("{what}: {:?}, left: {said}", plan.names()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The facts besides that the recorded account is gone; what a new one in its place takes; what `left` says.
type GoneRow = (&'static str, Change, &'static str, &'static str);

#[rustfmt::skip]
const GONE: &[GoneRow] = &[
    ("gone", |_| (), "create-account record-account verify", ""),
    ("gone, no password", |s| record(s).has_password = false, "create-account record-account verify", ""),
    ("gone, no code", |s| user(s).code = Absent, "ensure-code-index assign-code create-account record-account verify", ""),
    ("made already", |s| s.found = Present(another()), "adopt-account record-account verify", ""),
    ("made already, taken down", |s| { s.found = Present(another()); if let Present(found) = &mut s.found { found.standing = Standing::TakenDown; } }, "", "not active"),
    ("moved", elsewhere, "", "did-elsewhere"),
    ("tombstoned", |s| s.plc = Present(PlcData::Tombstoned), "", "did-tombstoned"),
    ("nowhere", |s| s.plc = Absent, "", "did-unresolvable"),
    ("the directory silent", |s| s.plc = Unknown, "", "does not say that the old account lives here"),
    ("the directory unreadable", |s| s.plc = Unreadable("?".into()), "", "account-gone"),
    ("not verified", |s| auth0(s).email_verified = false, "", "not verified"),
    ("the sweep silent", |s| s.found = Unknown, "", "no second one"),
    ("a shared e-mail", |s| s.same_email = Present(vec!["email|2".into()]), "", "Another login has the same e-mail"),
    ("blocked", |s| auth0(s).blocked = true, "", "blocked"),
    ("asked to be deleted", |s| s.deletion = Present(Deletion::Scheduled), "", "deletion-pending"),
    ("there after all", |s| s.account = Present(another()), "", ""),
    ("the PDS silent", |s| s.account = Unknown, "", "pds is unknown"),
    ("deactivated", |s| { let mut there = another(); there.standing = Standing::Deactivated; s.account = Present(there); }, "", "account-deactivated"),
];

fn another() -> Account {
    pds(&mut with(|_| ())).clone()
}

fn gone(change: Change) -> Signup {
    let mut signup = with(|s| {
        s.account = Absent;
        s.found = Absent;
    });
    change(&mut signup);
    signup
}

#[test]
fn a_gone_account_is_replaced_where_nothing_speaks_against_it() {
    for (what, change, steps, said) in GONE {
        let signup = gone(*change);
        let did = signup.did().expect("one is recorded").to_string();
        let of = |signup: &Signup, recreate| {
            let policy = Policy {
                recreate,
                ..Policy::default()
            };
            plan(signup, &diagnose(signup), policy)
        };
        for recreate in [Recreate::Recorded, Recreate::This(&did)] {
            let plan = of(&signup, recreate);
            let left = plan.left.join(" | ");
            assert_eq!(plan.names().join(" "), *steps, "{what}: left: {left}");
            assert!(
                left.contains(said) && left.is_empty() == said.is_empty(),
                "{what}: {left}"
            );
            assert_eq!(plan.replaces.is_some(), steps.contains("account"), "{what}");
        }
        let never = |signup: &Signup, recreate| {
            let plan = of(signup, recreate);
            let makes = plan.names().iter().any(|step| step.ends_with("-account"));
            assert!(!makes && plan.replaces.is_none(), "{what}: {plan:?}");
        };
        never(&signup, Recreate::No);
        never(&signup, Recreate::This("did:plc:another"));
        // An interrupted job has begun it: it is ended without a word, but only for the DID that was confirmed.
        let begun = |replaces: &str| {
            let mut signup = signup.clone();
            signup.intent = Present(Intent {
                handle: "h".into(),
                replaces: Some(replaces.into()),
            });
            signup
        };
        if signup.account.is_absent() {
            assert_eq!(of(&begun(&did), Recreate::No).names().join(" "), *steps, "{what}");
            never(&begun("did:plc:another"), Recreate::No);
        }
    }
}

#[test]
fn every_auto_finding_gets_steps_in_some_row_and_every_other_is_said() {
    for id in Id::ALL {
        let mut rows = TABLE
            .iter()
            .map(|(_, change, ..)| with(*change))
            .filter(|s| diagnose(s).has(id));
        let treated = match id.repair() {
            Repair::Auto => rows.any(|s| !planned(&s).is_empty()),
            Repair::Manual | Repair::Never => rows.any(|s| {
                let plan = planned(&s);
                plan.left
                    .iter()
                    .any(|left| left.starts_with(&format!("{}: ", id.name())))
            }),
            Repair::None => rows.all(|s| planned(&s).is_empty()),
        };
        assert!(treated, "{}", id.name());
    }
}

#[test]
fn read_only_plans_nothing() {
    for (what, change, ..) in TABLE {
        let signup = with(*change);
        let policy = Policy {
            read_only: true,
            recreate: Recreate::Recorded,
        };
        let plan = plan(&signup, &diagnose(&signup), policy);
        assert!(plan.is_empty(), "{what}");
    }
}

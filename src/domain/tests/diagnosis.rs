//! The table of `diagnose`: each row one combination of facts, the five columns, the findings and the verdict.

use super::sample::*;
use crate::domain::Verdict::{self, Broken, Waiting, Whole};
use crate::domain::finding::FindingId as Id;
use crate::domain::observed::Observed::{Absent, Present, Unknown, Unreadable};
use crate::domain::signup::{Deletion, PlcData, Signup, Standing, Verification};
use crate::domain::{Column, State, diagnose};

/// What is told of the facts; the change to a whole signup; auth0 mongo code did pds; findings; verdict.
type Row = (&'static str, Change, &'static str, &'static [Id], Verdict);

#[rustfmt::skip]
const TABLE: &[Row] = &[
    ("whole", |_| (), "ok ok ok ok ok", &[], Whole),
    ("by a chosen name", named, "ok ok ok ok ok", &[], Whole),
    ("not verified", unverified, "waiting ok ok waiting waiting", &[], Waiting),
    ("not verified, the PDS silent", |s| { unverified(s); silent_pds(s); }, "waiting ok ok waiting waiting", &[], Waiting),
    ("not verified, but an account", |s| auth0(s).email_verified = false, "waiting ok ok ok ok", &[], Waiting),
    // auth0
    ("blocked", |s| auth0(s).blocked = true, "drift ok ok ok ok", &[Id::Blocked], Whole),
    ("blocked, with nothing else", |s| { no_record(s); auth0(s).blocked = true; }, "drift missing missing missing missing", &[Id::Blocked], Whole),
    ("asked to be deleted", |s| s.deletion = Present(Deletion::Scheduled), "ok ok ok ok ok", &[Id::DeletionPending], Whole),
    ("deleted, a tombstone left", |s| { orphan(s); no_record(s); s.deletion = Present(Deletion::Tombstone); }, "missing missing missing waiting waiting", &[Id::DeletionPending], Whole),
    ("an orphan", orphan, "missing ok ok ok ok", &[Id::OrphanRecord], Broken),
    ("an orphan without an account", |s| { orphan(s); no_account(s); }, "missing ok ok waiting waiting", &[Id::OrphanRecord], Broken),
    ("an orphan of which Mongo has nothing", |s| { orphan(s); no_record(s); s.verification = Absent; }, "missing missing missing waiting waiting", &[Id::MissingUserRecord, Id::MissingVerificationRecord], Broken),
    ("an orphan in verifications alone", |s| { orphan(s); no_record(s); }, "missing missing missing waiting waiting", &[Id::OrphanRecord], Broken),
    ("an orphan in @handles alone", |s| { orphan(s); no_record(s); s.verification = Absent; s.name = Present("mira".into()); }, "missing missing missing waiting waiting", &[Id::OrphanRecord], Broken),
    ("an orphan whose handle is unreadable", |s| { orphan(s); no_record(s); s.verification = Absent; s.name = Unreadable("a list".into()); }, "missing missing missing waiting waiting", &[Id::OrphanRecord], Broken),
    ("a handle alone, Auth0 silent", |s| { s.auth0 = Unknown; no_record(s); s.verification = Unknown; s.name = Present("mira".into()); }, "unknown missing missing unknown unknown", &[Id::MissingUserRecord], Broken),
    ("a shared e-mail", |s| s.same_email = Present(vec!["google-oauth2|1".into()]), "drift ok ok ok ok", &[Id::DuplicateEmail], Broken),
    ("Auth0 silent", |s| { s.auth0 = Unknown; s.same_email = Unknown; }, "unknown ok ok ok ok", &[], Verdict::Unknown),
    ("Auth0 silent, no account", |s| { no_account(s); s.auth0 = Unknown; }, "unknown ok ok unknown unknown", &[], Verdict::Unknown),
    // mongo
    ("the incident", no_record, "ok missing missing missing missing", &[Id::MissingUserRecord, Id::MissingAccount], Broken),
    ("the incident, before the click", |s| { unverified(s); s.user = Absent; }, "waiting missing missing waiting waiting", &[Id::MissingUserRecord], Broken),
    ("the incident, the PDS silent", |s| { no_record(s); silent_pds(s); }, "ok missing missing missing unknown", &[Id::MissingUserRecord], Broken),
    ("no verifications record", |s| s.verification = Absent, "ok drift ok ok ok", &[Id::MissingVerificationRecord], Broken),
    ("neither record", |s| { no_record(s); s.verification = Absent; }, "ok missing missing missing missing", &[Id::MissingUserRecord, Id::MissingVerificationRecord, Id::MissingAccount], Broken),
    ("count 0 though verified", |s| s.verification = Present(Verification { id: s.key.clone(), count: 0 }), "ok drift ok ok ok", &[Id::VerificationCount], Broken),
    ("count 0, Auth0 silent", |s| { s.verification = Present(Verification { id: s.key.clone(), count: 0 }); s.auth0 = Unknown; }, "unknown ok ok ok ok", &[], Verdict::Unknown),
    ("Mongo silent", silent_mongo, "ok unknown unknown unknown unknown", &[], Verdict::Unknown),
    ("verifications silent", |s| s.verification = Unknown, "ok unknown ok ok ok", &[], Verdict::Unknown),
    ("users silent, no verifications record", |s| { s.user = Unknown; s.verification = Absent; }, "ok unknown unknown unknown unknown", &[Id::MissingVerificationRecord], Broken),
    ("a count that is no number", |s| s.verification = Unreadable("text".into()), "ok unknown ok ok ok", &[], Verdict::Unknown),
    ("an unreadable users record", |s| s.user = Unreadable("list".into()), "ok unknown unknown unknown unknown", &[], Verdict::Unknown),
    ("an unreadable users record, an account found", |s| { unrecorded(s); s.user = Unreadable("list".into()); }, "ok unknown unknown unknown unknown", &[], Verdict::Unknown),
    // code
    ("no code", |s| { named(s); user(s).code = Absent; }, "ok ok missing ok ok", &[Id::MissingCode], Broken),
    ("no code, and so no handle", |s| user(s).code = Absent, "ok ok missing ok drift", &[Id::MissingCode, Id::HandleDrift], Broken),
    ("a malformed code", |s| { named(s); user(s).code = Present("AC25momez".into()); }, "ok ok drift ok ok", &[Id::MalformedCode], Broken),
    ("a code that is no text", |s| { named(s); user(s).code = Unreadable("a list".into()); }, "ok ok drift ok ok", &[Id::MalformedCode], Broken),
    ("a code that is no text, nor a name", |s| user(s).code = Unreadable("a list".into()), "ok ok drift ok unknown", &[Id::MalformedCode], Broken),
    ("the code was not asked", |s| user(s).code = Unknown, "ok ok unknown ok unknown", &[], Verdict::Unknown),
    // did
    ("no account", no_account, "ok ok ok missing missing", &[Id::MissingAccount], Broken),
    ("no account, the PDS silent", |s| { no_account(s); silent_pds(s); }, "ok ok ok missing unknown", &[], Verdict::Unknown),
    ("an account that Mongo does not know", unrecorded, "ok ok ok missing ok", &[Id::UnrecordedAccount], Broken),
    ("the same, without any record", |s| { unrecorded(s); s.user = Absent; }, "ok missing missing missing drift", &[Id::MissingUserRecord, Id::UnrecordedAccount, Id::HandleDrift], Broken),
    ("a found account that moved away", |s| { unrecorded(s); s.plc = Present(PlcData::Lives { endpoint: "https://else.example.com".into(), here: false }); }, "ok ok ok missing ok", &[Id::UnrecordedAccount, Id::DidElsewhere], Broken),
    ("no password", |s| record(s).has_password = false, "ok ok ok drift ok", &[Id::IncompleteCredentials], Broken),
    ("no handle, the PDS silent", |s| { record(s).handle = None; silent_pds(s); }, "ok ok ok drift unknown", &[Id::IncompleteCredentials], Broken),
    ("an older record", |s| record(s).older = IN_OLDER_FIELDS, "ok ok ok drift ok", &[Id::IncompleteCredentials], Broken),
    ("no DID", |s| { let kept = record(s).clone(); no_account(s); user(s).atproto = Present(kept); record(s).did = None; }, "ok ok ok drift missing", &[Id::IncompleteCredentials], Broken),
    ("no DID, not verified", |s| { let kept = record(s).clone(); unverified(s); user(s).atproto = Present(kept); record(s).did = None; }, "waiting ok ok drift waiting", &[Id::IncompleteCredentials], Broken),
    ("an empty atproto", |s| { let mut kept = record(s).clone(); (kept.did, kept.handle, kept.has_password) = (None, None, false); no_account(s); user(s).atproto = Present(kept); }, "ok ok ok missing missing", &[Id::MissingAccount], Broken),
    ("atproto not asked", |s| { no_account(s); user(s).atproto = Unknown; }, "ok ok ok unknown unknown", &[], Verdict::Unknown),
    ("atproto unreadable, an account found", |s| { unrecorded(s); s.name = Present("other".into()); user(s).atproto = Unreadable("a text".into()); }, "ok ok ok unknown unknown", &[], Verdict::Unknown),
    ("lives elsewhere", |s| s.plc = Present(PlcData::Lives { endpoint: "https://else.example.com".into(), here: false }), "ok ok ok drift ok", &[Id::DidElsewhere], Broken),
    ("tombstoned", |s| s.plc = Present(PlcData::Tombstoned), "ok ok ok drift ok", &[Id::DidTombstoned], Broken),
    ("unknown to the directory", |s| s.plc = Absent, "ok ok ok drift ok", &[Id::DidUnresolvable], Broken),
    ("the directory silent", |s| s.plc = Unknown, "ok ok ok ok ok", &[], Whole),
    ("another handle in Mongo", |s| record(s).handle = Some("old.at.example.com".into()), "ok ok ok drift ok", &[Id::RecordDrift], Broken),
    ("another case in Mongo", |s| record(s).handle = Some("AC25momez.at.example.com".into()), "ok ok ok ok ok", &[], Whole),
    // pds
    ("gone", |s| s.account = Absent, "ok ok ok ok missing", &[Id::AccountGone], Broken),
    ("taken down", |s| pds(s).standing = Standing::TakenDown, "ok ok ok ok drift", &[Id::AccountTakenDown], Broken),
    ("deactivated", |s| pds(s).standing = Standing::Deactivated, "ok ok ok ok drift", &[Id::AccountDeactivated], Broken),
    ("without a repository", |s| pds(s).standing = Standing::Broken, "ok ok ok ok drift", &[Id::AccountBroken], Broken),
    ("the repository not asked", |s| pds(s).standing = Standing::Unknown, "ok ok ok ok unknown", &[], Verdict::Unknown),
    ("the PDS silent", silent_pds, "ok ok ok ok unknown", &[], Verdict::Unknown),
    ("the account unreadable", |s| s.account = Unreadable("a list".into()), "ok ok ok ok unknown", &[], Verdict::Unknown),
    ("a name not taken up", |s| s.name = Present("zhuxin".into()), "ok ok ok ok drift", &[Id::HandleDrift], Broken),
    ("the name in capitals", |s| { named(s); pds(s).handle = "ZHU-xin.at.example.com".into(); }, "ok ok ok ok ok", &[], Whole),
    ("the names silent", |s| s.name = Unknown, "ok ok ok ok unknown", &[], Verdict::Unknown),
    ("the name unreadable", |s| s.name = Unreadable("a number".into()), "ok ok ok ok unknown", &[], Verdict::Unknown),
    ("a name refused", fallback, "ok ok ok ok ok", &[Id::HandleFallback], Whole),
    ("another name than the refused", |s| { fallback(s); s.name = Present("mira".into()); }, "ok ok ok ok drift", &[Id::HandleDrift], Broken),
    ("the refused in other case", |s| { fallback(s); s.name = Present("Admin".into()); }, "ok ok ok ok ok", &[Id::HandleFallback], Whole),
    ("refused, but not by the code", |s| { fallback(s); pds(s).handle = "old.at.example.com".into(); record(s).handle = Some("old.at.example.com".into()); }, "ok ok ok ok drift", &[Id::HandleDrift], Broken),
    ("a password that does not open", |s| s.password_opens = Present(false), "ok ok ok ok drift", &[Id::PasswordRejected], Broken),
    ("a password that opens", |s| s.password_opens = Present(true), "ok ok ok ok ok", &[], Whole),
];

fn columns(signup: &Signup) -> String {
    let diagnosis = diagnose(signup);
    Column::ALL.map(|column| diagnosis.state(column).word()).join(" ")
}

#[test]
fn every_row_means_what_the_table_says() {
    let mut wrong = Vec::new();
    for (what, change, states, findings, verdict) in TABLE {
        let signup = with(*change);
        let diagnosis = diagnose(&signup);
        let mut found: Vec<Id> = diagnosis.findings.iter().map(|finding| finding.id).collect();
        let mut expected = findings.to_vec();
        found.sort();
        expected.sort();
        let got = (columns(&signup), found, diagnosis.verdict());
        if got != ((*states).to_string(), expected, *verdict) {
            wrong.push(format!("{what}: {got:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_finding_is_produced_by_a_row() {
    for id in Id::ALL {
        let made = TABLE
            .iter()
            .any(|(_, change, ..)| diagnose(&with(*change)).has(id));
        assert!(made, "no row produces {}", id.name());
    }
}

/// The states of the contract, section 4. `running` is never diagnosed.
#[test]
fn every_state_of_every_column_is_produced_by_a_row() {
    use Column::{Auth0, Code, Did, Mongo, Pds};
    for column in Column::ALL {
        for state in State::ALL {
            let exists = match (column, state) {
                (_, State::Running) | (Mongo | Code, State::Waiting) => false,
                (Auth0 | Mongo | Code | Did | Pds, _) => true,
            };
            let made = TABLE
                .iter()
                .any(|(_, change, ..)| diagnose(&with(*change)).state(column) == state);
            assert_eq!(made, exists, "{column:?} {state:?}");
        }
    }
}

/// Where every backend answered and a column is unknown all the same, a note says why: nobody waits for an answer.
#[test]
fn what_cannot_be_read_is_noted() {
    let changes: [Change; 7] = [
        |s| s.user = Unreadable("why".into()),
        |s| s.verification = Unreadable("why".into()),
        |s| s.name = Unreadable("why".into()),
        |s| user(s).code = Unreadable("why".into()),
        |s| user(s).atproto = Unreadable("why".into()),
        |s| s.account = Unreadable("why".into()),
        |s| s.auth0 = Unreadable("why".into()),
    ];
    for (n, change) in changes.into_iter().enumerate() {
        let signup = with(change);
        let diagnosis = diagnose(&signup);
        assert!(columns(&signup).contains("unknown"), "{n}");
        assert!(diagnosis.notes.iter().any(|note| note.ends_with("why")), "{n}");
    }
}

#[test]
fn a_sotce_user_is_judged_by_their_own_key() {
    let mut signup = whole();
    signup.tenant = "sotce".into();
    signup.key = "sotce-auth0|1".into();
    assert_eq!(columns(&signup), "ok ok ok ok ok");
    // An older record lies under the unprefixed id: it is theirs, and read as such.
    assert_eq!(user(&mut signup).id, "auth0|1");
    assert_eq!(diagnose(&signup).verdict(), Whole);
}

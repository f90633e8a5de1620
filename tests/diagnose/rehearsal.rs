//! `diagnose --fix`: the whole signup of a throw-away user, after which nothing is left of it, whatever happens when.

use bson::doc;
use rustix::process::Signal;
use serde_json::{Value, json};

use super::index::indexes;
use super::{checks, code_index, sound};
use crate::support::fuse::Blow;
use crate::support::mongo::{MONGO_PASSWORD, Mongo};
use crate::support::runtime;
use crate::support::services::{PdsOptions, services};
use crate::support::tap::{Fault, PATIENT, Tap};
use crate::support::town::Town;
use crate::support::wiring::Wiring;

const FIX: [&str; 3] = ["diagnose", "--fix", "--yes"];

/// What is left of throw-away users, but the audit trail; empty where nothing is.
fn left(town: &Town) -> Vec<String> {
    let mut left = Vec::new();
    for collection in [
        "users",
        "verifications",
        "atriage-intents",
        "atriage-leases",
        "atriage-runs",
        "atriage-jobs",
    ] {
        let found = town.all(collection);
        left.extend(found.iter().map(|document| format!("{collection}: {document}")));
    }
    if town.pds.is_some() {
        left.extend(
            town.all_accounts()
                .iter()
                .map(|account| format!("account: {account}")),
        );
        left.extend(town.unused_invites_for("").iter().map(|_| "an invite".to_owned()));
    }
    left
}

fn own_pds(options: PdsOptions) -> Town {
    let town = Town::with_pds(options);
    code_index(&town, "code_unique", true, true);
    town
}

/// The steps as `name outcome`.
fn steps(told: &Value) -> Vec<String> {
    let steps = told["steps"].as_array().expect("a list");
    let text = |step: &Value, name: &str| step[name].as_str().expect("a text").to_owned();
    steps
        .iter()
        .map(|step| format!("{} {}", text(step, "step"), text(step, "outcome")))
        .collect()
}

fn check_of<'a>(told: &'a Value, id: &str) -> &'a Value {
    let checks = told["checks"].as_array().expect("a list");
    let check = checks.iter().find(|check| check["id"] == id);
    check.unwrap_or_else(|| panic!("no {id}: {told:#}"))
}

#[test]
fn a_whole_signup_goes_through_and_leaves_nothing() {
    let town = own_pds(PdsOptions::default());
    let (status, told) = town.json(&FIX);
    assert_eq!(
        (status, &told["cause"]["message"]),
        (0, &json!("Nothing is wrong here: a whole signup went through.")),
        "{told:#}"
    );
    assert_eq!(
        steps(&told),
        [
            "create-verification done",
            "create-user done",
            "set-verification-count done",
            "create-account done",
            "record-account done",
            "verify done",
            "remove-rehearsal done",
        ]
    );
    let went = check_of(&told, "rehearsal")["message"]
        .as_str()
        .expect("a sentence");
    assert!(
        went.contains(" signed up, verified and got an account in 6 steps and "),
        "{went}"
    );
    let did = told["steps"][3]["detail"].as_str().expect("a DID");
    assert!(did.starts_with("did:plc:"), "{told:#}");
    assert_eq!(
        check_of(&told, "rehearsal-removed")["message"],
        format!(
            "Nothing of the throw-away user is left but the entries in the audit trail, and in the PLC directory {did}, which nobody can remove."
        )
    );
    assert_eq!(left(&town), [""; 0]);
    assert_eq!(town.invites().len(), 1, "one invite, used");
    // Who did it, when and why stays.
    let (_, history) = town.json(&["history"]);
    let deeds = history["deeds"].as_array().expect("a list");
    let told: Vec<&Value> = deeds.iter().map(|deed| &deed["step"]).collect();
    assert_eq!(
        told,
        [
            "remove-rehearsal",
            "record-account",
            "create-account",
            "set-verification-count",
            "create-user",
            "create-verification"
        ]
    );
    for deed in deeds {
        assert_eq!(deed["reason"], "a rehearsal with a throw-away user");
        assert!(
            deed["key"]
                .as_str()
                .is_some_and(|key| key.starts_with("atriage-rehearsal-"))
        );
    }
}

/// A fault at each stage: told at its step, and nothing is left.
#[test]
fn whatever_fails_nothing_is_left() {
    let directory = Tap::start(&services().plc_url);
    let mut town = own_pds(PdsOptions {
        plc_url: Some(directory.url.clone()),
        ..PdsOptions::default()
    });
    let pds = Tap::start(&town.pds_url);
    town.pds_url.clone_from(&pds.url);
    let fault = |status, name: &str| Fault::answer(status, json!({"error": name, "message": "No."}));
    let refused = || fault(400, "InvalidRequest");
    // Where, what is met, how often, the step that stops, and the exit status.
    let cases = [
        (
            "describeServer",
            Fault::Refuse,
            usize::MAX,
            Some("create-account"),
            6,
        ),
        (
            "createInviteCode",
            fault(401, "AuthenticationRequired"),
            usize::MAX,
            Some("create-account"),
            4,
        ),
        ("createAccount", refused(), usize::MAX, Some("create-account"), 3),
        (
            "createAccount",
            fault(500, "InternalServerError"),
            usize::MAX,
            Some("create-account"),
            6,
        ),
        // Made, and the answer lost: it is found and gone on with.
        ("createAccount", Fault::LoseAnswer, 1, None, 0),
        ("createInviteCode", Fault::LoseAnswer, 1, None, 0),
        ("getRepoStatus", refused(), 1, Some("verify"), 3),
    ];
    for (place, fault, times, stops, status) in cases {
        pds.heal();
        pds.rule(place, 0, times, fault.clone());
        let (ended, told) = town.json(&FIX);
        pds.heal();
        assert_eq!(ended, status, "{place} {fault:?}: {told:#}");
        let failed = steps(&told).into_iter().find(|step| step.ends_with("failed"));
        assert_eq!(
            failed,
            stops.map(|step| format!("{step} failed")),
            "{place} {fault:?}: {told:#}"
        );
        assert_eq!(left(&town), [""; 0], "{place} {fault:?}");
        assert_eq!(check_of(&told, "rehearsal-removed")["state"], "ok", "{told:#}");
    }
    // The PDS lives, and cannot reach its directory.
    directory.always("POST /did", fault(500, "Down"));
    let (ended, told) = town.json(&FIX);
    assert_eq!(
        (ended, &told["cause"]["id"]),
        (6, &json!("rehearsal")),
        "{told:#}"
    );
    assert_eq!(left(&town), [""; 0]);
}

#[test]
fn a_pds_that_is_gone_stops_it_and_what_cannot_be_removed_is_told_and_removed_later() {
    let mut town = own_pds(PdsOptions::default());
    let pds = Tap::start(&town.pds_url);
    town.pds_url.clone_from(&pds.url);
    // Gone as soon as it has made the account, and through the whole removal.
    for call in [
        "getInviteCodes",
        "disableInviteCodes",
        "getAccountInfos",
        "listRepos",
        "getRepoStatus",
        "deleteAccount",
    ] {
        pds.rule(call, usize::from(call == "listRepos"), usize::MAX, Fault::Refuse);
    }
    let (ended, told) = town.json(&FIX);
    assert_eq!(ended, 6, "{told:#}");
    assert_eq!(
        check_of(&told, "rehearsal-removed")["state"],
        "problem",
        "{told:#}"
    );
    assert_eq!(town.all_accounts().len(), 1);
    pds.heal();
    let (ended, told) = town.json(&["diagnose"]);
    assert_eq!(
        (ended, &told["cause"]["id"]),
        (3, &json!("unfinished")),
        "{told:#}"
    );
    let lines = checks(&told);
    let leftover = "rehearsal-leftover: warning: A rehearsal that was interrupted left atriage-rehearsal-…";
    assert!(lines.iter().any(|line| line.starts_with(leftover)), "{lines:#?}");
    assert_eq!(town.json(&FIX).0, 0);
    assert_eq!(left(&town), [""; 0]);
}

#[test]
fn a_signal_ends_it_after_the_step_in_hand_and_nothing_is_left() {
    let mut town = own_pds(PdsOptions::default());
    let pds = Tap::start(&town.pds_url);
    town.pds_url.clone_from(&pds.url);
    for (count, (signal, status)) in [(1, (Signal::TERM, 143)), (2, (Signal::INT, 130))] {
        pds.always("createAccount", Fault::Hold);
        let mut running = town.start(&[&FIX[..], &[PATIENT]].concat());
        pds.wait_for_calls("createAccount", count);
        running.signal(signal);
        running.wait_for("once more to leave at once");
        pds.let_go();
        let ended = running.wait();
        assert_eq!(ended.code, status, "{ended:?}");
        assert!(ended.stderr.contains("✓ remove-rehearsal"), "{ended:?}");
        assert_eq!(left(&town), [""; 0]);
    }
}

/// A rehearsal that lives is no leftover, wherever its owner is.
#[test]
fn somebody_elses_rehearsal_is_left_to_them() {
    let mut town = own_pds(PdsOptions::default());
    let direct = town.pds_url.clone();
    let pds = Tap::start(&direct);
    town.pds_url.clone_from(&pds.url);
    pds.once("createAccount", Fault::Hold);
    let theirs = town.start(&[&FIX[..], &[PATIENT]].concat());
    pds.wait_for_calls("createAccount", 1);
    let elsewhere = tempfile::tempdir().expect("the machine has a temporary folder");
    let folder = elsewhere.path().display().to_string();
    let more = [
        ("ATRIAGE_STATE_DIR", folder.as_str()),
        ("PDS_URL", direct.as_str()),
    ];
    let looked = town.run_with(&["diagnose", "-o", "json"], &more);
    assert!(!looked.stdout.contains("rehearsal-leftover"), "{looked:?}");
    let ours = town.run_with(&FIX, &more);
    assert_eq!(ours.code, 0, "{ours:?}");
    assert_eq!(town.all("verifications").len(), 1, "theirs still stands");
    pds.let_go();
    let theirs = theirs.wait();
    assert_eq!(theirs.code, 0, "{theirs:?}");
    assert_eq!(left(&town), [""; 0]);
}

#[test]
fn a_throw_away_user_that_is_left_is_nobodys_orphan() {
    let mut town = sound();
    town.sign_up("aesthetic", "mira", false);
    let key = "atriage-rehearsal-0badcafe";
    town.verification(key, 0);
    town.user(key, "ac25momez");
    for tenant in ["aesthetic", "sotce"] {
        let (_, report) = town.json(&["audit", tenant, "--all", "--orphans"]);
        assert!(!report.to_string().contains("rehearsal"), "{report:#}");
    }
    let (status, told) = town.json(&FIX);
    assert_eq!(status, 3, "mira has no records: {told:#}");
    assert!(town.all("users").is_empty() && town.all("verifications").is_empty());
}

/// Whoever may write and not remove is told so before anything is made that would stay.
#[test]
fn without_the_right_to_remove_nothing_is_made() {
    let mut town = Town::with_mongo(Mongo::with_users());
    town.secrets.add(MONGO_PASSWORD, "the password of MongoDB");
    code_index(&town, "code_unique", true, true);
    let of = |collection: &str, actions: &[&str]| doc! {"resource": {"db": &town.database, "collection": collection}, "actions": actions.to_vec()};
    let write = ["find", "insert", "update", "createIndex", "listIndexes"];
    let privileges = vec![
        of("", &[&write[..], &["listCollections"]].concat()),
        of("users", &write),
        of("verifications", &[&write[..], &["remove"]].concat()),
        of("atriage-intents", &[&write[..], &["remove"]].concat()),
        of("atriage-leases", &[&write[..], &["remove"]].concat()),
    ];
    let role = doc! {"createRole": "writer", "privileges": privileges, "roles": []};
    runtime().block_on(async { town.db().run_command(role).await.expect("it is a new role") });
    let mongo = town.mongo.as_ref().expect("it is its own");
    town.mongo_uri = mongo.add_user("writer", vec![doc! {"role": "writer", "db": &town.database}]);

    let (status, told) = town.json(&FIX);
    assert_eq!((status, steps(&told)), (4, Vec::new()), "{told:#}");
    let message = check_of(&told, "rehearsal")["message"].to_string();
    assert!(
        message.contains("stopped at its beginning: mongo refuses our user a removal from users"),
        "{told:#}"
    );
    assert_eq!(left(&town), [""; 0]);

    town.drop_indexes("users");
    town.old_index();
    let before = indexes(&town);
    let refused = town.run(&["diagnose", "--fix-index", "--yes"]);
    assert_eq!(refused.code, 4, "{refused:?}");
    assert_eq!(indexes(&town), before, "{refused:?}");
    assert!(town.all("atriage-leases").is_empty());
}

/// An account that is not the throw-away user's is never deleted, whatever its record says.
#[test]
fn nobody_elses_account_is_deleted() {
    let mut town = own_pds(PdsOptions::default());
    let sub = crate::support::runs::without_account(&mut town, "mira");
    assert_eq!(town.run(&["backfill", &sub, "--fix", "--yes"]).code, 0);
    let did = town.all_accounts()[0]["did"].as_str().expect("a DID").to_owned();
    let key = "atriage-rehearsal-0badcafe";
    town.verification(key, 1);
    town.insert(
        "users",
        bson::doc! {"_id": key, "code": "ac25momez", "atproto": {"did": &did}},
    );
    let later = "atriage-rehearsal-0badcaff";
    town.verification(later, 0);
    let told = town.run(&FIX);
    assert!(told.stderr.contains("is not deleted"), "{told:?}");
    // One that stays keeps nobody else.
    let removed = format!("✓ removed what was left of {later}\n");
    assert!(told.stderr.contains(&removed), "{told:?}");
    assert!(town.get("verifications", later).is_none());
    assert_eq!(town.all_accounts().len(), 1);
    assert!(
        town.get("users", key).is_some(),
        "it stays for somebody to look at"
    );
}

/// Killed around everything that it makes and removes, and found and removed by the next one.
#[test]
fn what_a_killed_one_left_is_told_and_removed_by_the_next() {
    let (town, wiring) = Wiring::with_pds(PdsOptions::default());
    code_index(&town, "code_unique", true, true);
    // What a write finds is what the one before it left. What is told by a mere look is asked where most is left.
    for (point, looks) in [
        ("mongo insert verifications answered", true),
        ("mongo insert users answered", false),
        ("mongo insert atriage-intents answered", false),
        (
            "pds POST /xrpc/com.atproto.server.createInviteCode answered",
            false,
        ),
        ("mongo update atriage-intents answered", false),
        ("pds to plc POST /did", false),
        ("pds POST /xrpc/com.atproto.server.createAccount answered", true),
        ("mongo update users answered", false),
        ("mongo delete atriage-intents answered", false),
        ("pds POST /xrpc/com.atproto.admin.deleteAccount answered", false),
        ("mongo delete users answered", true),
        ("mongo delete verifications answered", false),
    ] {
        // It asks for the right to remove before it makes anything.
        wiring.fuse.arm(match point.starts_with("mongo delete") {
            true => Blow::Again(point),
            false => Blow::On(point),
        });
        let outcome = town.run(&FIX);
        assert!(wiring.fuse.blown().is_some(), "never at {point}: {outcome:?}");
        let records = [
            town.all("verifications"),
            town.all("users"),
            town.all("atriage-intents"),
        ];
        let there = records.iter().any(|documents| !documents.is_empty());
        assert!(
            there || town.all_accounts().is_empty(),
            "{point}: an account that nothing tells of"
        );
        if looks {
            wiring.fuse.arm(Blow::Never);
            let told = town.run(&["diagnose", "-o", "json"]).stdout;
            assert!(told.contains("rehearsal-leftover"), "{point}: {told}");
        }
        wiring.fuse.arm(Blow::Never);
        let again = town.run(&FIX);
        assert_eq!(again.code, 0, "{point}: {again:?}");
        // A lease on a user of whom nothing is there runs out by itself.
        let mut left = left(&town);
        left.retain(|what| there || !what.starts_with("atriage-leases"));
        assert_eq!(left, [""; 0], "{point}");
        town.clear("atriage-leases");
    }
}

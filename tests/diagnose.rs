//! `diagnose` against the real services: what it says of a sound town and of broken ones, in every format, with its exit
//! status, and that it writes nothing by itself.

mod index;
mod rehearsal;

use bson::doc;
use mongodb::IndexModel;
use mongodb::options::IndexOptions;
use serde_json::{Value, json};

use crate::support::runs::without_account;
use crate::support::runtime;
use crate::support::town::Town;

/// An index on exactly the code.
fn code_index(town: &Town, name: &str, unique: bool, sparse: bool) {
    let options = IndexOptions::builder()
        .name(name.to_owned())
        .unique(unique.then_some(true))
        .sparse(sparse.then_some(true))
        .build();
    index_of(town, doc! {"code": 1}, options);
}

fn index_of(town: &Town, keys: bson::Document, options: IndexOptions) {
    let index = IndexModel::builder().keys(keys).options(options).build();
    runtime().block_on(async {
        let users = town.db().collection::<bson::Document>("users");
        users.create_index(index).await.expect("the index is new");
    });
}

/// A town whose pipeline is as it should be, and in which nobody lives yet.
fn sound() -> Town {
    let town = Town::new();
    code_index(&town, "code_unique", true, true);
    town
}

/// The checks as `id: state: message`, with what is drawn at random taken out.
fn checks(told: &Value) -> Vec<String> {
    let checks = told["checks"].as_array().expect("a list");
    let text = |check: &Value, name: &str| check[name].as_str().expect("a text").to_owned();
    checks
        .iter()
        .map(|check| {
            let line = format!(
                "{}: {}: {}",
                text(check, "id"),
                text(check, "state"),
                text(check, "message")
            );
            without_chance(&line)
        })
        .collect()
}

fn without_chance(line: &str) -> String {
    let words = line.split(' ').map(|word| {
        if atriage::domain::code::is_well_formed(word) {
            format!("{}…", &word[..4])
        } else if word.starts_with("atriage-rehearsal-") {
            "atriage-rehearsal-…".into()
        } else {
            word.to_owned()
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// The state of one check.
fn state(told: &Value, id: &str) -> String {
    let checks = told["checks"].as_array().expect("a list");
    let check = checks.iter().find(|check| check["id"] == id);
    let check = check.unwrap_or_else(|| panic!("no {id}: {told:#}"));
    check["state"].as_str().expect("a state").to_owned()
}

fn collections(town: &Town) -> Vec<String> {
    let mut names =
        runtime().block_on(async { town.db().list_collection_names().await.expect("mongod answers") });
    names.sort();
    names
}

#[test]
fn the_town_of_the_incident_ends_with_the_sentence_that_names_the_index_and_the_error() {
    let mut town = Town::new();
    town.incident();
    let before = collections(&town);
    let told = town.run(&["diagnose"]);
    assert_eq!(told.code, 3, "{told:?}");
    assert_eq!(
        told.stdout.lines().last(),
        Some(
            "The most likely cause: The site's code makes the index on users.code as code_unique, and MongoDB refuses with error 85, since the same index is there as code_1: where that error is swallowed, no users record is written."
        ),
        "{}",
        told.stdout
    );
    assert_eq!(
        told.stderr,
        "atriage diagnose --fix-index brings the index to the form that the site's code wants.\n"
    );
    let signups =
        "5 of the newest 5 have no users record; of the newest 5, 0 whole, 0 waiting, 5 broken, 0 unknown.";
    assert!(told.stdout.contains(signups), "{}", told.stdout);
    assert_eq!(collections(&town), before, "it only looks");
    assert!(town.all("users").is_empty());

    let (status, mended) = town.json(&["diagnose", "--fix-index", "--yes"]);
    assert_eq!(
        (
            status,
            &mended["dry_run"],
            mended["index_steps"].as_array().map(Vec::is_empty)
        ),
        (3, &json!(false), Some(false)),
        "{mended:#}"
    );
    let mended = town.run(&["diagnose", "--fix-index", "--yes"]);
    assert_eq!(mended.code, 3, "{mended:?}");
    let cause = "The most likely cause: 5 of the newest 5 of aesthetic have no users record, though the index is as the site's code wants it: they signed up before it was, or Auth0's events do not arrive.";
    assert_eq!(mended.stdout.lines().last(), Some(cause));
    let backfill = town.run(&["backfill", "5", "--fix", "--yes"]);
    assert_eq!(backfill.code, 0, "{backfill:?}");
    let (status, told) = town.json(&["diagnose"]);
    assert_eq!((status, &told["cause"]["id"]), (0, &json!("nothing")), "{told:#}");
}

#[test]
fn a_sound_town_is_told_check_by_check() {
    let mut town = sound();
    let year = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).year();
    let (yy, last) = (format!("{:02}", year % 100), format!("{:02}", (year - 1) % 100));
    town.user("auth0|a", &format!("ac{yy}momez"));
    town.user("auth0|b", "ac20momez");
    // The guest has no code, and is nobody of Auth0.
    town.insert("users", doc! {"_id": "art-guest"});
    let sub = town.sign_up("sotce", "mira", true);
    let key = format!("sotce-{sub}");
    town.verification(&key, 1);
    town.insert("users", doc! {"_id": &key, "when": bson::DateTime::now()});
    let (status, told) = town.json(&["diagnose"]);
    assert_eq!(status, 3, "{told:#}");
    let expected = [
        "auth0-aesthetic: ok: It answers, and takes our credentials.".to_owned(),
        "auth0-sotce: ok: It answers, and takes our credentials.".into(),
        "mongo: ok: It answers, and takes our credentials.".into(),
        "pds: ok: It answers, and takes our credentials.".into(),
        "plc: ok: It answers, and takes our credentials.".into(),
        "code-index: ok: The codes are unique: users has code_unique {code: 1} unique sparse.".into(),
        "code-index-of-the-site: ok: The site's code can make code_unique, or finds it made.".into(),
        "shared-codes: ok: No two users have one code.".into(),
        "missing-codes: warning: There is 1 user with a record and no code.".into(),
        format!("code-space: ok: 1 of the 109744 codes of {year} are given away (0 %)."),
        format!("code-draw: ok: ac{yy}… was drawn for a signup of {year}, and is free."),
        format!("code-draw: ok: ac{yy}… was drawn for a signup of {year}, and is free."),
        format!("code-draw-past: ok: ac{last}… was drawn for a signup of {}, and is free.", year - 1),
        "rehearsal: unknown: Not tried: a signup of the throw-away user atriage-rehearsal-… would write verifications, users, an intent, an invite, an account on the PDS with its DID in the PLC directory (which stays), and the audit trail, and remove it again.".into(),
        "signups-aesthetic: ok: Nothing is broken: of the newest 0, 0 whole, 0 waiting, 0 broken, 0 unknown.".into(),
        "signups-sotce: warning: No common cause: of the newest 1, 0 whole, 0 waiting, 1 broken, 0 unknown.".into(),
        "failures: ok: No user of the newest runs is left failed.".into(),
    ];
    assert_eq!(checks(&told), expected);
    let rest = json!({
        "schema": 1, "dry_run": true, "index_steps": [], "steps": [],
        "cause": {
            "id": "single-users",
            "message": "Nothing breaks the pipeline; 1 of the newest signups are broken, each in their own way.",
            "hint": "atriage audit both names them, atriage backfill mends them."
        }
    });
    let mut without = told.clone();
    without.as_object_mut().expect("an object").remove("checks");
    assert_eq!(without, rest);

    // Each other format tells the same.
    let lines = town.run(&["diagnose", "-o", "ndjson"]).stdout;
    let lines: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line of JSON"))
        .collect();
    assert_eq!(lines.len(), expected.len() + 1);
    assert_eq!(lines.last(), Some(&rest));
    let csv = town.run(&["diagnose", "-o", "csv"]).stdout;
    assert!(
        csv.starts_with("id,state,message,hint\r\nauth0-aesthetic,ok,\"It answers"),
        "{csv}"
    );
    assert!(
        csv.trim_end()
            .lines()
            .last()
            .is_some_and(|line| line.starts_with("cause,,\"Nothing breaks")),
        "{csv}"
    );
    let markdown = town.run(&["diagnose", "-o", "markdown"]).stdout;
    assert_eq!(markdown.lines().count(), expected.len() + 3, "{markdown}");
    let table = town.run(&["diagnose"]).stdout;
    assert!(table.contains("? rehearsal"), "{table}");
    assert!(
        table.contains("→ atriage backfill --all draws one for each of them."),
        "{table}"
    );
}

#[test]
fn a_backend_that_fails_is_the_cause_and_decides_the_status() {
    let mut town = sound();
    town.sign_up("aesthetic", "mira", false);
    let nowhere = "http://127.0.0.1:1";
    let cases = [
        (
            "PDS_ADMIN_PASSWORD",
            "wrong",
            4,
            "The PDS fails, so that no account can be made: ",
        ),
        (
            "PDS_URL",
            nowhere,
            6,
            "The PDS fails, so that no account can be made: ",
        ),
        (
            "PLC_URL",
            nowhere,
            6,
            "The PLC directory fails, so that the PDS cannot make an account: ",
        ),
        (
            "AUTH0_M2M_SECRET",
            "wrong",
            4,
            "Auth0 of aesthetic fails, so that nobody can be looked at: ",
        ),
        (
            "SOTCE_AUTH0_BASE_URL",
            nowhere,
            6,
            "Auth0 of sotce fails, so that nobody can be looked at: ",
        ),
        (
            "MONGODB_NAME",
            "test_nothing_here",
            4,
            "MongoDB fails, and with it every step of a signup: ",
        ),
        (
            "MONGODB_CONNECTION_STRING",
            "mongodb://127.0.0.1:1/",
            6,
            "MongoDB fails, and with it every step of a signup: ",
        ),
    ];
    for (variable, value, status, begins) in cases {
        let told = town.run_with(
            &["diagnose", "-o", "json", "--timeout", "10"],
            &[(variable, value)],
        );
        assert_eq!(told.code, status, "{variable}: {told:?}");
        let told: Value = serde_json::from_str(&told.stdout).expect("JSON");
        let cause = told["cause"]["message"].as_str().expect("a sentence");
        assert!(cause.starts_with(begins), "{variable}: {cause}");
    }
    // What the index keeps from being written comes first, whatever else fails.
    town.drop_indexes("users");
    let told = town.run_with(&["diagnose"], &[("PDS_ADMIN_PASSWORD", "wrong")]);
    assert_eq!(told.code, 3, "{told:?}");
}

#[test]
fn the_newest_failures_are_told_until_they_are_mended() {
    let mut town = sound();
    let subs = ["p0", "p1"].map(|local| without_account(&mut town, local));
    for sub in &subs {
        let mail = format!("{}@mailinator.com", &sub[6..]);
        town.world
            .change_user("aesthetic", sub, |user| user.email = Some(mail.clone()));
    }
    let failed = town.run(&["backfill", "--fix", "--yes"]);
    assert_eq!(failed.code, 5, "{failed:?}");
    let run = crate::support::runs::id(&crate::support::runs::only_run(&town));
    let (status, told) = town.json(&["diagnose"]);
    assert_eq!(
        (status, state(&told, "failures").as_str()),
        (3, "warning"),
        "{told:#}"
    );
    let cause = told["cause"]["message"].as_str().expect("a sentence");
    let begins = format!("The newest runs fail: create-account failed for 2 users, last in run {run}: ");
    assert!(cause.starts_with(&begins), "{cause}");
    for (sub, local) in subs.iter().zip(["p0", "p1"]) {
        let email = town.email(local);
        town.world
            .change_user("aesthetic", sub, |user| user.email = Some(email.clone()));
    }
    assert_eq!(town.run(&["backfill", "--fix", "--yes"]).code, 0);
    let (status, told) = town.json(&["diagnose"]);
    assert_eq!((status, state(&told, "failures").as_str()), (0, "ok"), "{told:#}");
}

#[test]
fn nothing_is_written_without_a_yes_or_in_read_only_mode() {
    let town = Town::new();
    town.old_index();
    let before = collections(&town);
    for args in [
        ["diagnose", "--fix", "--no-input"],
        ["diagnose", "--fix-index", "--no-input"],
        ["diagnose", "--fix", "--read-only"],
        ["diagnose", "--fix-index", "--read-only"],
    ] {
        let refused = town.run(&args);
        assert_eq!(refused.code, 7, "{args:?}: {refused:?}");
        assert!(refused.stdout.is_empty(), "{refused:?}");
    }
    let forbidden = town.run_with(
        &["diagnose", "--fix", "--fix-index", "--yes"],
        &[("ATRIAGE_READ_ONLY", "1")],
    );
    assert_eq!(forbidden.code, 7, "{forbidden:?}");
    assert_eq!(town.run(&["diagnose", "--yes"]).code, 2);
    assert_eq!(
        town.run(&["diagnose", "--read-only"]).code,
        3,
        "looking is allowed"
    );
    assert_eq!(collections(&town), before);
}

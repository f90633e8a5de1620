//! `atriage history`: which changes it tells of, newest first, what it masks, and what it says where there are none.

use std::time::Duration;

use atriage::domain::event::StepOutcome;
use atriage::domain::plan::Step;
use atriage::domain::trail::{Change, Field, Phase, TrailEntry};
use atriage::services::store::open;
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::journal::{at, run};
use crate::support::runtime;
use crate::support::town::Town;

const MIRA: &str = "auth0|000000000000000000000001";
const KOJI: &str = "auth0|000000000000000000000002";

/// An entry of the trail: of a deed on a user, so many seconds after the first.
fn entry(deed: &str, (tenant, sub): (&str, &str), second: u64, phase: Phase) -> TrailEntry {
    let prefix = if tenant == "sotce" { "sotce-" } else { "" };
    TrailEntry {
        deed: deed.into(),
        run: if sub == MIRA { "a1000000" } else { "a2000000" }.into(),
        tenant: tenant.into(),
        sub: sub.into(),
        key: format!("{prefix}{sub}"),
        step: Step::SyncHandle,
        at: at(second),
        operator: "june".into(),
        host: "desk".into(),
        reason: Some("the \u{1b}[31mnames".into()),
        phase,
        changes: vec![Change {
            field: Field::Handle,
            before: Some("mira.example.com".into()),
            after: Some("mira-n.example.com".into()),
        }],
    }
}

fn ended(outcome: StepOutcome) -> Phase {
    let error = (outcome == StepOutcome::Failed).then(|| "pds refused it.".to_string());
    Phase::After { outcome, error }
}

/// A town with three deeds: one of mira that was done, one of koji in sotce that failed, and one of koji that nobody heard
/// of again.
fn town() -> Town {
    let town = Town::new();
    let (mira, koji) = (("aesthetic", MIRA), ("sotce", KOJI));
    let entries = [
        entry("d1", mira, 10, Phase::Before),
        entry("d1", mira, 11, ended(StepOutcome::Done)),
        entry("d2", koji, 20, Phase::Before),
        entry("d2", koji, 21, ended(StepOutcome::Failed)),
        entry("d3", koji, 30, Phase::Before),
    ];
    write(&town, &entries);
    town
}

fn write(town: &Town, entries: &[TrailEntry]) {
    runtime().block_on(async {
        let uri = SecretString::from(town.mongo_uri.as_str());
        let store = open(&uri, &town.database, Duration::from_secs(10)).await;
        let store = store.expect("it opens");
        for id in ["a1000000", "a2000000"] {
            store.put_run(&run(id, at(0)), &[]).await.expect("it is written");
        }
        for entry in entries {
            store.append(entry).await.expect("it is written");
        }
    });
}

/// Whose deeds came, and how each ended.
fn told(town: &Town, args: &[&str]) -> Vec<(String, Value)> {
    let (status, told) = town.json(&[&["history"], args].concat());
    assert_eq!(status, 0, "{told:#}");
    let deeds = told["deeds"].as_array().expect("a list").iter();
    deeds
        .map(|deed| {
            let sub = deed["sub"].as_str().expect("a sub").to_owned();
            (sub, deed["outcome"].clone())
        })
        .collect()
}

#[test]
fn it_is_told_newest_first_by_user_run_time_and_number() {
    let town = town();
    let mira = (MIRA.to_owned(), json!("done"));
    let failed = (KOJI.to_owned(), json!("failed"));
    let unclear = (KOJI.to_owned(), Value::Null);
    let all = [unclear.clone(), failed.clone(), mira.clone()];
    assert_eq!(told(&town, &[]), all);
    assert_eq!(told(&town, &["--limit", "2"]), all[..2]);
    assert_eq!(told(&town, &[MIRA]), all[2..]);
    // A bare sub is the given tenant's.
    assert_eq!(told(&town, &[KOJI]), []);
    assert_eq!(told(&town, &[KOJI, "--tenant", "sotce"]), all[..2]);
    assert_eq!(told(&town, &[&format!("sotce-{KOJI}")]), all[..2]);
    // Any beginning of a run's id that no other has.
    assert_eq!(told(&town, &["--run", "a1"]), [mira]);
    assert_eq!(town.run(&["history", "--run", "a"]).code, 2);
    assert_eq!(town.run(&["history", "--run", "b"]).code, 2);
    let since = at(15).to_string();
    assert_eq!(told(&town, &["--since", &since]), all[..2]);
}

#[test]
fn people_read_what_changed_and_nobodys_name() {
    let town = town();
    let text = town.run(&["history", MIRA]).stdout;
    assert_eq!(
        text,
        format!(
            "2025-10-14T10:00:10Z  aesthetic  {MIRA}  sync-handle  ✓ done  by june@desk  run a1000000\n    \
             why: the \\u{{1b}}[31mnames\n    handle: m….example.com → another m….example.com\n"
        )
    );
    let text = town.run(&["history", MIRA, "--unmask"]).stdout;
    assert!(
        text.ends_with("handle: mira.example.com → mira-n.example.com\n"),
        "{text}"
    );
    let text = town.run(&["history"]).stdout;
    assert!(text.contains("✗ failed  by june@desk"), "{text}");
    assert!(text.contains("    pds refused it.\n"), "{text}");
    assert!(text.contains("? began, and was never heard of again"), "{text}");
}

/// Where nothing changed there is no arrow: what happened is said instead. JSON keeps what stood and what stands.
#[test]
fn what_stayed_as_it_was_is_no_change() {
    let town = Town::new();
    let same = |deed: &str, second, step, phase: Phase, fields: &[Field]| {
        let did = || Some("did:plc:same".to_string());
        let change = |field: &Field| Change {
            field: *field,
            before: did(),
            after: did().filter(|_| phase != Phase::Before),
        };
        let changes = fields.iter().map(change).collect();
        TrailEntry {
            step,
            changes,
            ..entry(deed, ("aesthetic", MIRA), second, phase)
        }
    };
    let fields = [Field::RecordedDid, Field::RecordedHandle];
    let entries = [
        same("d1", 10, Step::RecordAccount, Phase::Before, &fields),
        same("d1", 11, Step::RecordAccount, ended(StepOutcome::Done), &fields),
        same("d2", 20, Step::ResetPassword, Phase::Before, &[Field::Password]),
        same(
            "d2",
            21,
            Step::ResetPassword,
            ended(StepOutcome::Failed),
            &[Field::Password],
        ),
        same("d3", 30, Step::RecordAccount, Phase::Before, &fields[..1]),
    ];
    write(&town, &entries);
    let text = town.run(&["history", "--unmask"]).stdout;
    assert!(!text.contains('→'), "{text}");
    let told: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("    ") && !line.contains("why:"))
        .collect();
    assert_eq!(
        told,
        [
            "    recorded DID: was did:plc:same",
            "    pds refused it.",
            "    as it was: recorded DID, recorded handle",
        ],
        "{text}"
    );
    let csv = town.run(&["history", "-o", "csv"]).stdout;
    assert!(
        csv.contains("as it was: recorded DID, recorded handle") && !csv.contains('→'),
        "{csv}"
    );
    let (_, told) = town.json(&["history"]);
    let first = &told["deeds"][2]["changes"][0];
    assert_eq!(
        *first,
        json!({"field": "recorded_did", "before": "did:plc:same", "after": "did:plc:same"})
    );
}

#[test]
fn each_format_has_every_change() {
    let town = town();
    let ndjson = town.run(&["history", "-o", "ndjson"]).stdout;
    assert_eq!(ndjson.lines().count(), 4, "three deeds and the rest: {ndjson}");
    for (format, lines) in [("csv", 4), ("markdown", 5)] {
        let told = town.run(&["history", "-o", format]).stdout;
        assert_eq!(told.lines().count(), lines, "{told}");
        assert!(
            told.contains(
                MIRA.replace('|', if format == "csv" { "|" } else { "\\|" })
                    .as_str()
            ),
            "{told}"
        );
        assert!(!told.contains('\u{1b}') && !told.contains("mira-n"), "{told}");
    }
}

#[test]
fn an_empty_history_says_of_what() {
    let mut town = Town::new();
    let sub = town.sign_up("sotce", "mira", true);
    for (args, told) in [
        (&["history"][..], "Nothing was changed by atriage so far.\n"),
        (
            &["history", &sub, "--tenant", "both"],
            "Of that nothing was changed by atriage.\n",
        ),
        (
            &["history", "--since", "2h"],
            "Of that nothing was changed by atriage.\n",
        ),
    ] {
        let outcome = town.run(args);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (0, told), "{outcome:?}");
    }
}

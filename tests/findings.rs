//! The sandbox's people cover every finding; one backfill mends what mends itself, and says what it leaves.

use std::collections::BTreeSet;
use std::time::Duration;

use atriage::domain::finding::{FindingId, Repair};
use atriage::sandbox::Sandbox;
use serde_json::Value;

use crate::support::command::{Outcome, atriage};
use crate::support::runtime;
use crate::support::yardstick::one_of_three;

fn run(sandbox: &Sandbox, args: &[&str]) -> Outcome {
    let env: Vec<(&str, &str)> = sandbox
        .variables()
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    atriage(args, &env)
}

fn findings(sandbox: &Sandbox) -> BTreeSet<String> {
    let outcome = run(
        sandbox,
        &["audit", "both", "--all", "--deep", "--orphans", "-o", "json"],
    );
    let report: Value =
        serde_json::from_str(&outcome.stdout).unwrap_or_else(|error| panic!("{error}: {outcome:?}"));
    let tenants = report["tenants"].as_array().expect("both tenants");
    let rows = tenants
        .iter()
        .flat_map(|tenant| ["signups", "orphans"].map(|list| &tenant[list]));
    let rows = rows.flat_map(|list| list.as_array().expect("a list"));
    let ids = rows.flat_map(|row| row["findings"].as_array().expect("a list"));
    ids.map(|finding| finding["id"].as_str().expect("a name").to_string())
        .collect()
}

fn names(wanted: impl Fn(FindingId) -> bool) -> BTreeSet<String> {
    FindingId::ALL
        .into_iter()
        .filter(|id| wanted(*id))
        .map(|id| id.name().to_string())
        .collect()
}

#[test]
fn every_finding_is_there_and_the_mendable_ones_are_gone_after_one_backfill() {
    let sandbox = runtime()
        .block_on(Sandbox::quiet(Duration::from_secs(10)))
        .expect("it starts");
    assert_eq!(findings(&sandbox), names(|_| true));

    let dry = run(&sandbox, &["backfill", "--all", "--tenant", "both", "--deep"]);
    assert_eq!(dry.code, 3, "{dry:?}");
    assert_eq!(findings(&sandbox), names(|_| true), "a dry run changed something");

    let fix = run(
        &sandbox,
        &[
            "backfill", "--all", "--tenant", "both", "--deep", "--fix", "--yes", "-o", "json",
        ],
    );
    assert_eq!(fix.code, 0, "{fix:?}");
    let result: Value = serde_json::from_str(&fix.stdout).expect("JSON");
    let users = result["users"].as_array().expect("a list");
    let left: String = users
        .iter()
        .flat_map(|user| user["left"].as_array().expect("a list"))
        .map(Value::to_string)
        .collect();
    let manual = names(|id| id.repair() == Repair::Manual && id != FindingId::OrphanRecord);
    for id in &manual {
        assert!(left.contains(id.as_str()), "{id} is not said to be left: {left}");
    }
    assert_eq!(findings(&sandbox), names(|id| id.repair() != Repair::Auto));

    let again = run(
        &sandbox,
        &[
            "backfill", "--all", "--tenant", "both", "--deep", "--fix", "--yes", "-o", "json",
        ],
    );
    let again: Value = serde_json::from_str(&again.stdout).expect("JSON");
    assert_eq!(again["totals"]["done"], 0, "{again:#}");
    assert_eq!(again["totals"]["failed"], 0, "{again:#}");
}

#[test]
fn the_sandbox_starts_in_under_a_second() {
    let start = || {
        let started = std::time::Instant::now();
        let sandbox = runtime().block_on(Sandbox::start(Duration::from_secs(10)));
        (sandbox.expect("it starts"), started.elapsed())
    };
    one_of_three(Duration::from_secs(1), || start().1);
    let (sandbox, _) = start();
    let folder = sandbox.folder().to_path_buf();
    assert!(folder.is_dir());
    drop(sandbox);
    assert!(!folder.exists(), "the sandbox leaves a folder behind");
}

//! One filter language for the commands and the dashboard, the views that are saved in the configuration, and the screen
//! that comes back as it was left.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use crate::support::command::atriage;
use crate::support::town::Town;

const VIEWS: &str = r#"
[[view]]
name = "night"
filter = "did:missing -auth0:waiting"
sort = "-age"
columns = ["user", "age"]

[[view]]
name = "jobs"
filter = "job:failed"
"#;

fn config(town: &Town, text: &str) -> PathBuf {
    let path = town.state().join("config.toml");
    std::fs::write(&path, text).expect("the folder is there");
    path
}

/// Five of the incident, four of whom are verified.
fn incident() -> Town {
    let mut town = Town::new();
    town.incident();
    town
}

#[test]
fn commands_look_at_those_who_match_alone() {
    let town = incident();
    let (status, all) = town.json(&["audit"]);
    assert_eq!(
        (status, all["totals"]["checked"].as_i64()),
        (3, Some(5)),
        "{all:#}"
    );

    let (status, some) = town.json(&["audit", "--filter", "did:missing finding:missing-*"]);
    assert_eq!(
        (status, some["totals"]["checked"].as_i64()),
        (3, Some(4)),
        "{some:#}"
    );
    assert_eq!(some["signups"].as_array().map(Vec::len), Some(4));
    // What the newest share is no matter of who is looked at.
    assert_eq!(some["systemic"], all["systemic"]);
    let told = town.run(&["audit", "--filter", "-verified"]);
    let summary = "aesthetic: 1 of 5 match, 1 checked, 0 whole, 0 waiting, 1 broken, 0 unknown (";
    assert!(told.stdout.contains(summary), "{}", told.stdout);
    // Nobody is left, and so nobody who needs repair.
    assert_eq!(town.run(&["audit", "--filter", "is:whole"]).code, 0);

    let (status, plan) = town.json(&["backfill", "--filter", "verified"]);
    assert_eq!(
        (status, plan["users"].as_array().map(Vec::len)),
        (3, Some(4)),
        "{plan:#}"
    );
    let named = town.run(&["backfill", "auth0|1", "--filter", "verified"]);
    assert_eq!(named.code, 2);
    assert!(
        named
            .stderr
            .contains("Named users and --filter contradict each other."),
        "{}",
        named.stderr
    );
}

/// Five are broken: that nobody of a filter is, is no all-clear.
#[test]
fn a_backfill_without_anybody_says_of_whom_it_speaks() {
    let town = incident();
    let none = "Nobody matches the filter: none of the 5 signups that were looked at.\n";
    for (filter, said) in [("@nihgt", none), ("mira-who", none), ("is:whole", none)] {
        for fix in [["--fix", "--yes"].as_slice(), &[]] {
            let told = town.run(&[&["backfill", "-q", "--filter", filter], fix].concat());
            assert_eq!((told.code, told.stdout.as_str()), (0, said), "{filter} {fix:?}");
        }
    }
    let told = town.run(&["backfill", "--tenant", "sotce"]);
    assert_eq!(
        (told.code, told.stdout.as_str()),
        (0, "Nobody was looked at: nobody signed up there.\n")
    );
}

#[test]
fn a_wrong_filter_is_pointed_at() {
    for command in ["audit", "backfill"] {
        let told = atriage(&["--sandbox", command, "--filter", "mira pds:mising"], &[]);
        assert_eq!(told.code, 2);
        let pointed = "column 10: a state is one of ok, waiting, missing, drift, running, unknown

  mira pds:mising
           ^^^^^^
";
        assert!(told.stderr.contains(pointed), "{}", told.stderr);
    }
    let told = atriage(&["audit", "--filter", "job:failed", "-o", "json"], &[]);
    assert_eq!(told.code, 2);
    assert!(
        told.stdout.contains("jobs are known to the dashboard alone"),
        "{}",
        told.stdout
    );
}

#[test]
fn a_saved_view_is_called_by_its_name() {
    let town = incident();
    let path = config(&town, VIEWS);
    let path = path.to_str().expect("it is text");
    let (_, some) = town.json(&["audit", "--config", path, "--filter", "@night"]);
    assert_eq!(some["totals"]["checked"], 4, "{some:#}");
    let told = town.run(&["audit", "--config", path, "--filter", "@jobs"]);
    assert_eq!(told.code, 2);
    assert!(
        told.stderr
            .contains("the saved view jobs: jobs are known to the dashboard alone"),
        "{}",
        told.stderr
    );

    for command in ["audit", "backfill"] {
        let told = town.run(&[command, "--config", path, "--filter", "@nihgt"]);
        assert_eq!(
            (told.code, told.stderr.as_str()),
            (
                2,
                "error: --filter: no saved view is called @nihgt: @night is one; handle:nihgt looks for a handle.
  hint: Saved views stand in config.toml; words and conditions are written as in the dashboard.
"
            ),
            "{command}"
        );
    }

    let wrong = VIEWS.replace("did:missing", "did:mising");
    config(&town, &wrong);
    let told = town.run(&["audit", "--config", path]);
    assert_eq!(told.code, 4);
    let why = "The filter of the view night is wrong at column 5: a state is one of";
    assert!(told.stderr.contains(why), "{}", told.stderr);
    // What concerns the table alone is told by the dashboard.
    config(&town, &VIEWS.replace("-age", "colour"));
    assert_eq!(town.run(&["audit", "--config", path]).code, 3);
    let clash = "[keys]\nfix = \"R\"\n".to_string() + &VIEWS.replace("-age", "colour");
    config(&town, &clash);
    let told = town.run(&["check-config", "--config", path, "-o", "json"]);
    for why in [
        "[keys] makes R mean both fix and retry in the table. The view night is wrong: no column is called",
        "Give one of them another key.",
    ] {
        assert!(told.stdout.contains(why), "{}", told.stdout);
    }
    assert_eq!(told.code, 4);
    config(&town, &VIEWS.replace("-age", "colour"));
    let mut screen = town.open(&["--config", path], 120, 40);
    assert_eq!(screen.wait_exit().code(), Some(4));
    assert!(
        screen.screen().contains("no column is called \"colour\""),
        "{}",
        screen.screen()
    );
}

#[test]
fn the_sandbox_knows_the_saved_views_too() {
    let folder = tempfile::tempdir().expect("the machine has a temporary folder");
    let file = folder.path().join("config.toml");
    std::fs::write(&file, VIEWS.replace("did:missing -auth0:waiting", "is:broken"))
        .expect("the folder is ours");
    let path = file.to_str().expect("it is text");
    let told = atriage(
        &["--sandbox", "--config", path, "audit", "50", "--filter", "@night"],
        &[],
    );
    assert_eq!(told.code, 3, "{}", told.stderr);
    assert!(told.stdout.contains(", 0 whole, 0 waiting, "), "{}", told.stdout);
    // Without the configuration it is a word that nobody has.
    let told = atriage(&["--sandbox", "audit", "--filter", "@night"], &[]);
    assert!(told.stdout.contains("0 of 10 match"), "{}", told.stdout);
}

#[test]
fn the_screen_comes_back_as_it_was_left() {
    let town = incident();
    let path = config(&town, VIEWS);
    let args = ["--config", path.to_str().expect("it is text")];
    let mut screen = town.open(&args, 120, 40);
    screen.wait_for("5 broken");
    screen.wait_gone("reading…");
    screen.keys("/@ni<tab><enter>");
    screen.wait_for("filter @night  4 of 5");
    screen.wait_for("USER");
    screen.press("q");
    assert!(screen.wait_exit().success());

    let file = town.state().join("screen.json");
    let mode = std::fs::metadata(&file)
        .expect("it was kept")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let mut screen = town.open(&args, 120, 40);
    screen.wait_for("filter @night  4 of 5");
    let header = |screen: &str| {
        screen
            .lines()
            .find(|line| line.contains("AUTH0"))
            .map(String::from)
    };
    let shown = header(&screen.screen()).expect("the table has a header");
    assert!(
        shown.trim_start().starts_with("USER") && shown.contains("AGE▴"),
        "{shown}"
    );
    screen.press("q");
    assert!(screen.wait_exit().success());

    // A broken one is told of, and the screen opens as new.
    std::fs::write(&file, "{").expect("it is ours");
    let mut screen = town.open(&args, 120, 40);
    screen.wait_for("screen.json is left aside:");
    screen.wait_for("5 broken");
    assert!(!screen.screen().contains("@night"));
    screen.press("q");
    assert!(screen.wait_exit().success());
}

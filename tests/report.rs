//! The incident report, held against the incident of October 2025: before it was mended, after it, and where not all is
//! known.

use crate::support::town::Town;

#[test]
fn scratch() {
    let mut town = Town::new();
    town.incident();
    println!("{}", town.run(&["report", "--since", "2025-10-01"]).stdout);
    let fix = town.run(&[
        "backfill",
        "5",
        "--fix",
        "--yes",
        "--reason",
        "the index of October",
        "-o",
        "json",
    ]);
    let fix: serde_json::Value = serde_json::from_str(&fix.stdout).unwrap();
    let out = town.run(&["report", "--run", fix["run"].as_str().unwrap()]);
    println!("{}\n{}\n{}", out.code, out.stdout, out.stderr);
    panic!();
}

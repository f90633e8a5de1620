//! What tests of durable runs share: people without anything, and the runs as the program lists them.

use std::time::Instant;

use rustix::process::Signal;
use serde_json::Value;

use super::command::LIMIT;
use super::town::Town;
use super::whole::Person;

/// So many verified signups of which nothing but Auth0's is there, and a name each: codes are unique in a town's database
/// only, and on the PDS that many towns share two of some hundred are soon the same.
pub fn people(town: &mut Town, count: usize) -> Vec<Person> {
    town.old_index();
    (0..count)
        .map(|n| {
            let local = format!("p{n}");
            let sub = town.sign_up("aesthetic", &local, true);
            town.name(&sub, &format!("{local}-{}", town.tag));
            Person { sub, local }
        })
        .collect()
}

pub fn runs(town: &Town) -> Vec<Value> {
    let (status, told) = town.json(&["runs", "list"]);
    assert_eq!(status, 0, "{told:#}");
    told["runs"].as_array().expect("a list").clone()
}

pub fn only_run(town: &Town) -> Value {
    let runs = runs(town);
    assert_eq!(runs.len(), 1, "{runs:#?}");
    runs[0].clone()
}

pub fn id(run: &Value) -> String {
    run["run"].as_str().expect("an id").to_string()
}

pub fn is_whole(town: &Town, people: &[Person]) {
    let wrong = town.wrong(people);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A verified signup with a code and without an account.
pub fn without_account(town: &mut Town, local: &str) -> String {
    let sub = town.sign_up("aesthetic", local, true);
    town.verification(&sub, 1);
    town.user(&sub, &super::codes::fresh());
    sub
}

/// Mends one user; returns the exit status, and what the JSON says of them.
pub fn fix(town: &Town, sub: &str) -> (i32, Value) {
    let (status, result) = town.json(&["backfill", sub, "--fix", "--yes"]);
    (status, result["users"][0].clone())
}

/// Begins to mend one user, and kills it when the job waits for the end of an outage; returns what is kept of the user. The
/// job would try for half a minute.
pub fn killed_while_it_waits(town: &Town, sub: &str) -> Value {
    let mut running = town.start(&["backfill", sub, "--fix", "--yes"]);
    running.wait_for("waits until");
    let run = id(&runs(town)[0]);
    let begun = Instant::now();
    let user = loop {
        // It is said before it is written down.
        let (_, told) = town.json(&["runs", "show", &run]);
        if told["users"][0]["error"].is_object() {
            break told["users"][0].clone();
        }
        assert!(begun.elapsed() < LIMIT, "it is never written down: {told:#}");
    };
    running.signal(Signal::KILL);
    assert_eq!(running.wait().code, -9);
    user
}

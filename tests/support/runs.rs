//! What tests of durable runs share: people without anything, and the runs as the program lists them.

use serde_json::Value;

use super::town::Town;
use super::whole::Person;

/// So many verified signups of which nothing but Auth0's is there.
pub fn people(town: &mut Town, count: usize) -> Vec<Person> {
    town.old_index();
    (0..count)
        .map(|n| {
            let local = format!("p{n}");
            Person {
                sub: town.sign_up("aesthetic", &local, true),
                local,
            }
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

//! Two logins with one e-mail, told however far apart they stand in the list, for no request more.

use atriage::sandbox::Auth0User;
use bson::{DateTime, Document, doc};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::support::codes;
use crate::support::runtime;
use crate::support::town::{Town, october};

const ALL: usize = 230;

/// A town of whole signups that wait for their link, the newest first; those at these places have one e-mail.
fn town(places: &[usize]) -> (Town, Vec<String>) {
    let town = Town::of_october();
    let subs: Vec<String> = (0..ALL).map(|n| format!("auth0|{n:024}")).collect();
    for (n, sub) in subs.iter().enumerate() {
        let at = october() - SignedDuration::from_mins(i64::try_from(n).expect("they are few"));
        let email = match places.contains(&n) {
            // Auth0 keeps them as they were typed by some ways of signing up.
            true if n % 2 == 0 => "Mira@example.com".to_string(),
            true => "mira@example.com".to_string(),
            false => format!("user{n}@example.com"),
        };
        town.world.add_user("aesthetic", Auth0User::new(sub, &email, at));
    }
    let users = subs
        .iter()
        .map(|sub| doc! {"_id": sub, "code": codes::fresh(), "when": DateTime::now()});
    insert(&town, "users", users.collect());
    let verifications = subs.iter().map(|sub| doc! {"_id": sub, "count": 0});
    insert(&town, "verifications", verifications.collect());
    (town, subs)
}

fn insert(town: &Town, collection: &str, documents: Vec<Document>) {
    runtime().block_on(async {
        let collection = town.db().collection::<Document>(collection);
        let inserted = collection.insert_many(documents).await;
        inserted.expect("the documents are new");
    });
}

/// The messages of the findings of one row.
fn told(row: &Value) -> Vec<&str> {
    let findings = row["findings"].as_array().expect("a list").iter();
    findings
        .map(|finding| finding["message"].as_str().expect("a sentence"))
        .collect()
}

#[test]
fn the_older_one_names_the_newer_and_the_summary_puts_the_newer_right() {
    let (town, subs) = town(&[4, 121, 222]);
    town.world.clear_calls();
    let (status, report) = town.json(&["audit", "--all"]);
    assert_eq!(status, 3, "{report:#}");
    assert_eq!(
        town.world.calls_to("/api/v2/users"),
        3,
        "a page is asked for once"
    );
    assert_eq!(town.world.calls_to("/api/v2/users-by-email"), 0);
    let rows = report["signups"].as_array().expect("a list");
    let shares = format!("The same e-mail belongs to {} too.", subs[4]);
    assert_eq!(told(&rows[4]), [""; 0]);
    assert_eq!(told(&rows[121]), [shares.as_str()]);
    assert_eq!(told(&rows[222]), [shares.as_str()]);
    assert_eq!(
        report["shared_emails"],
        json!([{"sub": subs[4], "with": [subs[121], subs[222]]}])
    );
    assert_eq!(
        report["totals"],
        json!({"checked": ALL, "whole": 0, "waiting": ALL - 3, "broken": 3, "unknown": 0})
    );

    let lines = town.run(&["audit", "--all", "-o", "ndjson"]).stdout;
    let last: Value = serde_json::from_str(lines.lines().last().expect("a summary")).expect("JSON");
    assert_eq!(last["shared_emails"], report["shared_emails"]);
    let sentence = format!(
        "! {} shares the e-mail of {} and {}, which was not known yet when it was their turn.",
        subs[4], subs[121], subs[222]
    );
    let table = town.run(&["audit", "--all"]).stdout;
    assert!(table.contains(&sentence), "{table}");
    assert!(
        table.contains("! duplicate-email: 3 share their e-mail with another login."),
        "{table}"
    );
    assert!(table.contains(&format!("{} broken, 0 unknown (", 3)), "{table}");
    for format in ["csv", "markdown"] {
        let outcome = town.run(&["audit", "--all", "-o", format]);
        assert!(outcome.stderr.contains(&sentence), "{outcome:?}");
    }
}

#[test]
fn a_part_a_page_and_a_filter_claim_no_more_than_was_looked_at() {
    // Two of one page: each names the other, and nothing is to be put right.
    let (town, subs) = town(&[7, 8, 150]);
    let (_, report) = town.json(&["audit", "200"]);
    let rows = report["signups"].as_array().expect("a list");
    let too = |sub: &str| format!("The same e-mail belongs to {sub} too.");
    assert_eq!(told(&rows[7]), [too(&subs[8])]);
    assert_eq!(told(&rows[8]), [too(&subs[7])]);
    assert_eq!(told(&rows[150]), [too(&subs[7])]);
    assert_eq!(report["shared_emails"], json!([]));
    assert_eq!(report["totals"]["broken"], 3, "{}", report["totals"]);
    // What lies beyond the part is not known.
    let (status, report) = town.json(&["audit", "8"]);
    assert_eq!((status, &report["shared_emails"]), (0, &json!([])), "{report:#}");
}

#[test]
fn whoever_a_filter_left_out_is_named_and_not_counted() {
    let (town, subs) = town(&[4, 121]);
    let (_, report) = town.json(&["audit", "--all", "--filter", "finding:duplicate-email"]);
    let rows = report["signups"].as_array().expect("a list");
    assert_eq!(rows.len(), 1, "{report:#}");
    assert_eq!(rows[0]["sub"], subs[121]);
    assert_eq!(
        report["shared_emails"],
        json!([{"sub": subs[4], "with": [subs[121]]}])
    );
    assert_eq!(
        report["totals"],
        json!({"checked": 1, "whole": 0, "waiting": 0, "broken": 1, "unknown": 0})
    );
    let (_, report) = town.json(&["audit", "--all", "--filter", "email:user9@*"]);
    assert_eq!(report["shared_emails"], json!([]), "nobody asked for them");
}

//! `diagnose --fix-index`: every index that may be there becomes the one that the site's code wants, without a moment in
//! which two users could get the same code, and whoever is killed in between has left nothing that the next one cannot
//! finish.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use bson::{Document, doc};
use futures_util::TryStreamExt;
use mongodb::IndexModel;
use mongodb::options::IndexOptions;
use serde_json::{Value, json};

use super::{code_index, index_of, state};
use crate::support::fuse::Blow;
use crate::support::runtime;
use crate::support::town::Town;
use crate::support::wiring::Wiring;

const FIX: [&str; 3] = ["diagnose", "--fix-index", "--yes"];

/// The indexes of `users` but the one on `_id`: name, whether it is unique, whether it is sparse.
pub(super) fn indexes(town: &Town) -> Vec<(String, bool, bool)> {
    let found: Vec<IndexModel> = runtime().block_on(async {
        let users = town.db().collection::<Document>("users");
        let cursor = users.list_indexes().await.expect("mongod answers");
        cursor.try_collect().await.expect("mongod answers")
    });
    let told = found.into_iter().map(|index| {
        let options = index.options.unwrap_or_default();
        let name = options.name.unwrap_or_default();
        (name, options.unique == Some(true), options.sparse == Some(true))
    });
    told.filter(|(name, ..)| name != "_id_").collect()
}

fn is_good(town: &Town) -> bool {
    indexes(town) == [("code_unique".to_owned(), true, true)]
}

/// What the site's code does before it writes a users record.
fn site_makes_its_index(town: &Town) -> Result<(), String> {
    town.try_code_index("code_unique")
}

fn insert(town: &Town, id: &str, code: &str) -> bool {
    runtime().block_on(async {
        let users = town.db().collection::<Document>("users");
        users.insert_one(doc! {"_id": id, "code": code}).await.is_ok()
    })
}

type Made = fn(&Town);

#[test]
fn every_index_that_may_be_there_becomes_the_good_one() {
    let partial = |town: &Town| {
        let filter = doc! {"code": {"$type": "string"}};
        let options = IndexOptions::builder()
            .unique(true)
            .partial_filter_expression(filter);
        index_of(town, doc! {"code": 1}, options.name("code_1".to_owned()).build());
    };
    let two = |town: &Town| {
        code_index(town, "code_unique", true, false);
        code_index(town, "code_1", true, true);
    };
    // What is there, how that is told, the error that the site's code meets, and in how many steps it becomes good.
    let cases: [(&str, Made, &str, Option<&str>, usize); 9] = [
        ("none", |_| {}, "problem", None, 1),
        (
            "plain",
            |town| code_index(town, "code_1", false, false),
            "problem",
            None,
            2,
        ),
        (
            "unique",
            |town| code_index(town, "code_1", true, false),
            "ok",
            None,
            2,
        ),
        (
            "sparse",
            |town| code_index(town, "code_1", false, true),
            "problem",
            None,
            2,
        ),
        (
            "unique and sparse",
            |town| code_index(town, "code_1", true, true),
            "ok",
            Some("code: 85"),
            4,
        ),
        ("partial", partial, "problem", None, 2),
        (
            "another of that name",
            |town| code_index(town, "code_unique", false, false),
            "problem",
            Some("code: 86"),
            4,
        ),
        ("two", two, "ok", Some("code: 86"), 5),
        (
            "good",
            |town| code_index(town, "code_unique", true, true),
            "ok",
            None,
            0,
        ),
    ];
    for (name, make, told, error, steps) in cases {
        let town = Town::new();
        town.user("auth0|1", "ac25momez");
        town.insert("users", doc! {"_id": "art-guest"});
        make(&town);
        let (status, before) = town.json(&["diagnose"]);
        assert_eq!(state(&before, "code-index"), told, "{name}: {before:#}");
        let site = if error.is_some() { "problem" } else { "ok" };
        assert_eq!(
            state(&before, "code-index-of-the-site"),
            site,
            "{name}: {before:#}"
        );
        let expected = i32::from(told == "problem" || error.is_some()) * 3;
        assert_eq!(status, expected, "{name}: {before:#}");

        let (status, after) = town.json(&FIX);
        assert_eq!(status, 0, "{name}: {after:#}");
        let done = after["index_steps"].as_array().expect("a list");
        assert_eq!(done.len(), steps, "{name}: {after:#}");
        assert!(is_good(&town), "{name}: {:?}", indexes(&town));
        assert_eq!(site_makes_its_index(&town), Ok(()), "{name}");
        let again = town.run(&FIX);
        let already = "The index on users.code has its good form already: nothing was written.\n";
        assert!(
            again.code == 0 && again.stderr.starts_with(already),
            "{name}: {again:?}"
        );
        assert!(town.all("atriage-leases").is_empty(), "{name}");
        assert_eq!(
            town.all("atriage-history").len(),
            if steps == 0 { 0 } else { 2 },
            "{name}"
        );
    }
}

/// The errors of the table above are those of the real MongoDB.
#[test]
fn the_site_meets_the_errors_that_are_told() {
    for (name, sparse, error) in [("code_1", true, "85"), ("code_unique", false, "86")] {
        let town = Town::new();
        code_index(&town, name, true, sparse);
        let (_, told) = town.json(&["diagnose"]);
        let cause = told["cause"]["message"].as_str().expect("a sentence");
        assert!(cause.contains(&format!("error {error}")), "{cause}");
        let met = site_makes_its_index(&town).expect_err("it is refused");
        assert!(met.contains(&format!("Error code {error}")), "{met}");
    }
}

#[test]
fn the_way_of_a_repair_is_shown_and_kept() {
    let town = Town::new();
    town.old_index();
    let (_, told) = town.json(&FIX);
    let steps: Vec<&Value> = told["index_steps"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|step| &step["step"])
        .collect();
    assert_eq!(
        steps,
        [
            "make atriage_code_temporary",
            "drop code_1, while atriage_code_temporary guards the codes",
            "make code_unique",
            "drop atriage_code_temporary, while code_unique guards the codes",
        ]
    );
    let (_, history) = town.json(&["history"]);
    let deed = &history["deeds"][0];
    assert_eq!(
        (&deed["step"], &deed["outcome"], &deed["changes"]),
        (
            &json!("ensure-code-index"),
            &json!("done"),
            &json!([{
                "field": "code_index",
                "before": "code_1 {code: 1} unique sparse",
                "after": "code_unique {code: 1} unique sparse",
            }])
        ),
        "{history:#}"
    );
}

#[test]
fn on_a_terminal_the_way_is_shown_and_asked_about() {
    let town = Town::new();
    town.old_index();
    let mut screen = town.open(&["diagnose", "--fix-index"], 120, 50);
    screen.wait_for("Do so? [y/N]");
    let way = "drop code_1, while atriage_code_temporary guards the codes";
    assert!(screen.screen().contains(way), "{}", screen.screen());
    screen.keys("<enter>");
    assert_eq!(screen.wait_exit().code(), Some(7));
    assert_eq!(indexes(&town), [("code_1".to_owned(), true, true)]);
    let mut screen = town.open(&["diagnose", "--fix-index"], 120, 50);
    screen.wait_for("Do so? [y/N]");
    screen.keys("y<enter>");
    assert_eq!(screen.wait_exit().code(), Some(0));
    assert!(
        screen.screen().contains("✓ code-index-of-the-site"),
        "{}",
        screen.screen()
    );
    assert!(is_good(&town));
}

#[test]
fn codes_that_users_share_are_named_and_nothing_is_done() {
    let town = Town::new();
    code_index(&town, "code_1", false, false);
    for (id, code) in [
        ("auth0|1", "ac25momez"),
        ("auth0|2", "ac25momez"),
        ("auth0|3", "ac25nayad"),
    ] {
        town.user(id, code);
    }
    let (status, told) = town.json(&["diagnose"]);
    assert_eq!(
        (status, &told["cause"]["id"]),
        (3, &json!("shared-codes")),
        "{told:#}"
    );
    let before = indexes(&town);
    let (status, refused) = town.json(&FIX);
    assert_eq!(status, 7, "{refused:#}");
    assert_eq!(
        refused["error"]["message"],
        "No unique index can be made. One code belongs to several users: ac25momez (auth0|1, auth0|2)."
    );
    assert_eq!(indexes(&town), before);
    assert!(town.all("atriage-history").is_empty());
}

#[test]
fn an_index_that_is_not_on_the_code_alone_is_left_alone() {
    let compound = |name: &str| {
        let options = IndexOptions::builder().name(name.to_owned()).build();
        (doc! {"code": 1, "when": -1}, options)
    };
    let town = Town::new();
    let (keys, options) = compound("code_1_when_-1");
    index_of(&town, keys, options);
    town.old_index();
    assert_eq!(town.json(&FIX).0, 0);
    let mut left = indexes(&town);
    left.sort();
    assert_eq!(
        left,
        [
            ("code_1_when_-1".to_owned(), false, false),
            ("code_unique".to_owned(), true, true)
        ]
    );

    let town = Town::new();
    let (keys, options) = compound("code_unique");
    index_of(&town, keys, options);
    let before = indexes(&town);
    let (status, refused) = town.json(&FIX);
    assert_eq!(status, 7, "{refused:#}");
    assert_eq!(
        refused["error"]["message"],
        "The index code_unique has a name that is needed, and is not on the code alone: {code: 1, when: -1}."
    );
    assert_eq!(indexes(&town), before);
}

/// Ends the hammering however the test ends.
struct Ends<'a>(&'a AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// While the indexes are exchanged somebody tries without a pause to give one code to ever new users.
#[test]
fn no_two_users_get_one_code_meanwhile() {
    let town = Town::new();
    town.old_index();
    // So many that a build takes its time.
    let crowd: Vec<Document> = (0..20_000)
        .map(|n| doc! {"_id": format!("auth0|{n}"), "code": format!("crowd{n}")})
        .collect();
    let users = town.db().collection::<Document>("users");
    runtime().block_on(async { users.insert_many(crowd).await.expect("they are new") });
    assert!(insert(&town, "auth0|first", "ac25momez"));
    let (over, tries) = (AtomicBool::new(false), AtomicUsize::new(0));
    let second = std::thread::scope(|scope| {
        let hammers: Vec<_> = (0..3)
            .map(|hammer| {
                let (town, over, tries) = (&town, &over, &tries);
                scope.spawn(move || {
                    let mut got = Vec::new();
                    for n in 0.. {
                        if over.load(Ordering::Relaxed) {
                            break;
                        }
                        let id = format!("auth0|h{hammer}-{n}");
                        if insert(town, &id, "ac25momez") {
                            got.push(id);
                        }
                        tries.fetch_add(1, Ordering::Relaxed);
                    }
                    got
                })
            })
            .collect();
        let ends = Ends(&over);
        for _ in 0..3 {
            let fixed = town.run(&FIX);
            assert_eq!(fixed.code, 0, "{fixed:?}");
            assert!(is_good(&town), "{:?}", indexes(&town));
            // The way back is this test's own, and guarded too: another unique index stands meanwhile.
            code_index(&town, "meanwhile", true, false);
            runtime().block_on(async { users.drop_index("code_unique").await.expect("it is there") });
            town.old_index();
            runtime().block_on(async { users.drop_index("meanwhile").await.expect("it is there") });
        }
        drop(ends);
        let got = hammers
            .into_iter()
            .map(|hammer| hammer.join().expect("it does not panic"));
        got.flatten().collect::<Vec<String>>()
    });
    let tries = tries.into_inner();
    assert!(second.is_empty(), "{second:?} got the code too, of {tries} tries");
    assert!(tries > 100, "only {tries} tries");
}

#[test]
fn a_repair_of_the_index_can_be_killed_at_any_point() {
    let mut town = Town::new();
    let wiring = Wiring::of(&mut town);
    town.user("auth0|1", "ac25momez");
    let mut killed = Vec::new();
    for point in 1.. {
        town.drop_indexes("users");
        town.old_index();
        wiring.fuse.arm(Blow::At(point));
        let outcome = town.run(&FIX);
        let Some(label) = wiring.fuse.blown() else {
            assert_eq!(outcome.code, 0, "{outcome:?}");
            break;
        };
        assert!(
            indexes(&town).iter().any(|(_, unique, _)| *unique),
            "{label}: {:?}",
            indexes(&town)
        );
        assert!(
            !insert(&town, "auth0|2", "ac25momez"),
            "{label}: two users have one code"
        );
        wiring.fuse.arm(Blow::Never);
        let again = town.run(&FIX);
        assert_eq!(again.code, 0, "{label}: {again:?}");
        assert!(is_good(&town), "{label}: {:?}", indexes(&town));
        assert_eq!(site_makes_its_index(&town), Ok(()), "{label}");
        // Where nothing was left to do nobody took the lease of the dead, which runs out by itself.
        let already = again
            .stderr
            .starts_with("The index on users.code has its good form already");
        assert!(already || town.all("atriage-leases").is_empty(), "{label}");
        town.clear("atriage-leases");
        killed.push(label);
    }
    for among in [
        "mongo createIndexes users",
        "mongo dropIndexes users",
        "mongo insert atriage-history",
    ] {
        let there = |label: &String| label.starts_with(among) && label.ends_with("answered");
        assert!(
            killed.iter().any(there),
            "never killed behind {among}: {killed:#?}"
        );
    }
}

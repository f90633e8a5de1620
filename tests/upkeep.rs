//! What only `diagnose` asks of a store, held against both: the indexes on the code, the count of the codes, and the
//! traces of throw-away users.

use atriage::domain::Class;
use atriage::domain::checkup::{Census, Shared};
use atriage::domain::code_index::{Wanted, conflict};
use atriage::services::store::Written;
use bson::doc;

use crate::support::stores::both;

const KEY: &str = "atriage-rehearsal-0badcafe";

#[tokio::test]
async fn indexes_are_made_told_and_dropped() {
    for (name, store, _place) in both(&[("users", "auth0|1", doc! {"code": "ac25momez"})]).await {
        assert_eq!(store.code_indexes().await.expect("it answers"), [], "{name}");
        for which in [Wanted::Temporary, Wanted::Good] {
            for _ in 0..2 {
                store.build_code_index(which).await.expect("it is made, or there");
            }
        }
        let indexes = store.code_indexes().await.expect("it answers");
        let told: Vec<String> = indexes.iter().map(|index| index.describe()).collect();
        assert_eq!(
            told,
            [
                "atriage_code_temporary {code: 1} unique partial",
                "code_unique {code: 1} unique sparse"
            ],
            "{name}"
        );
        assert!(indexes[0].is_temporary() && indexes[1].is_good(), "{name}");
        assert_eq!(conflict(&indexes), None, "{name}");
        for written in [Written::Done, Written::Already] {
            let dropped = store.drop_code_index("atriage_code_temporary").await;
            assert_eq!(dropped.expect("it answers"), written, "{name}");
        }
        assert_eq!(
            store.code_indexes().await.expect("it answers"),
            indexes[1..],
            "{name}"
        );
    }
}

#[tokio::test]
async fn codes_are_counted_and_shared_ones_named() {
    let documents = [
        ("users", "auth0|2", doc! {"code": "ac25momez"}),
        ("users", "auth0|1", doc! {"code": "ac25momez"}),
        ("users", "auth0|3", doc! {"code": "ac26momez"}),
        ("users", "auth0|4", doc! {"code": null}),
        ("users", "auth0|5", doc! {}),
        ("users", "sotce-auth0|6", doc! {}),
        ("users", "art-guest", doc! {}),
    ];
    for (name, store, _place) in both(&documents).await {
        let expected = Census {
            in_year: 2,
            without: 3,
            shared: 1,
            examples: vec![Shared {
                code: "ac25momez".into(),
                keys: vec!["auth0|1".into(), "auth0|2".into()],
            }],
        };
        assert_eq!(
            store.census("ac25").await.expect("it answers"),
            expected,
            "{name}"
        );
        for which in [Wanted::Temporary, Wanted::Good] {
            let refused = store.build_code_index(which).await.expect_err("two share one");
            assert_eq!(refused.kind, Class::Conflict, "{name}");
            assert!(!refused.what.contains("ac25momez"), "{name}: {refused}");
        }
    }
}

#[tokio::test]
async fn throw_away_users_are_found_and_nobody_else_is_removed() {
    let other = "atriage-rehearsal-1";
    let documents = [
        ("users", "auth0|1", doc! {"code": "ac25momez"}),
        ("users", KEY, doc! {"code": "ac25nayad"}),
        ("verifications", KEY, doc! {"count": 1}),
        ("verifications", other, doc! {"count": 0}),
        ("verifications", "auth0|1", doc! {"count": 0}),
    ];
    for (name, store, _place) in both(&documents).await {
        assert_eq!(
            store.rehearsals().await.expect("it answers"),
            [KEY, other],
            "{name}"
        );
        for _ in 0..2 {
            store.remove_rehearsal(KEY).await.expect("it is removed, or gone");
        }
        assert_eq!(store.rehearsals().await.expect("it answers"), [other], "{name}");
        let refused = store
            .remove_rehearsal("auth0|1")
            .await
            .expect_err("it is somebody");
        assert_eq!(refused.kind, Class::Refused, "{name}");
        let left = store.records(&["auth0|1".into(), KEY.into()]).await;
        let keys = |found: Vec<&String>| found.iter().map(|key| (*key).clone()).collect::<Vec<_>>();
        assert_eq!(
            keys(left.users.expect("it answers").keys().collect()),
            ["auth0|1"],
            "{name}"
        );
        assert_eq!(
            keys(left.verifications.expect("it answers").keys().collect()),
            ["auth0|1"],
            "{name}"
        );
    }
}

//! The contract of a store, held against both: the embedded one and MongoDB.

use std::sync::Arc;
use std::time::Duration;

use atriage::domain::Class;
use atriage::domain::observed::Observed;
use atriage::domain::signup::Deletion;
use atriage::services::store::{
    CodeWrite, IndexWrite, Lookup, NewAtproto, NewIntent, Store, Written, open, tombstone_id,
};
use bson::{DateTime, Document, doc};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use crate::support::mongo::{fresh_database, operations, profile};
use crate::support::services::services;
use crate::support::stores::both;

fn now() -> Timestamp {
    "2025-10-14T10:00:00Z".parse().expect("it is a moment")
}

fn ids(ids: &[&str]) -> Vec<String> {
    ids.iter().map(|id| (*id).to_string()).collect()
}

fn account(did: &str, handle: &str) -> NewAtproto {
    NewAtproto {
        did: did.into(),
        handle: handle.into(),
        replaces: None,
        password: Some("pw-1".into()),
        fallback: None,
        at: now(),
    }
}

#[tokio::test]
async fn old_intents_are_told_the_oldest_first() {
    let at = |day: u8| {
        bson::DateTime::parse_rfc3339_str(format!("2025-10-{day:02}T10:00:00.000Z")).expect("it is one")
    };
    let documents = [
        (
            "atriage-intents",
            "auth0|new",
            doc! {"password": "pw", "at": at(15)},
        ),
        (
            "atriage-intents",
            "auth0|b",
            doc! {"password": "pw", "at": at(13)},
        ),
        (
            "atriage-intents",
            "auth0|a",
            doc! {"password": "pw", "at": at(12)},
        ),
        ("atriage-intents", "auth0|ageless", doc! {"password": "pw"}),
    ];
    for (name, store, _place) in both(&documents).await {
        let found = store.old_intents(now(), 10).await.expect("it answers");
        let keys: Vec<&str> = found.iter().map(|(key, _)| key.as_str()).collect();
        assert_eq!(keys, ["auth0|ageless", "auth0|a", "auth0|b"], "{name}");
        let day: Timestamp = "2025-10-12T10:00:00Z".parse().expect("it is a moment");
        assert_eq!((found[0].1, found[1].1), (None, Some(day)), "{name}");
        assert_eq!(
            store.old_intents(now(), 2).await.expect("it answers").len(),
            2,
            "{name}"
        );
    }
}

#[tokio::test]
async fn an_account_is_named_by_its_record_in_its_present_or_its_older_form() {
    let documents = [
        ("users", "auth0|1", doc! {"atproto": {"did": "did:plc:a"}}),
        ("users", "auth0|2", doc! {"atproto_did": "did:plc:b"}),
        (
            "users",
            "sotce-auth0|3",
            doc! {"atproto": {"did": "did:plc:a"}, "atproto_did": "did:plc:c"},
        ),
        ("users", "art-guest", doc! {"atproto": {"did": "did:plc:d"}}),
        ("users", "auth0|4", doc! {"atproto": null, "atproto_did": 5}),
    ];
    for (name, store, _place) in both(&documents).await {
        let wanted = ids(&["did:plc:a", "did:plc:b", "did:plc:d", "did:plc:nobody"]);
        let mut found = store.holders(&wanted).await.expect("it answers");
        found.sort();
        let expected = [
            ("did:plc:a", "auth0|1"),
            ("did:plc:a", "sotce-auth0|3"),
            ("did:plc:b", "auth0|2"),
            ("did:plc:d", "art-guest"),
        ];
        assert_eq!(found, expected.map(|(did, id)| (did.into(), id.into())), "{name}");
        let all = store.ids_after("", None, 10).await.expect("it answers");
        assert_eq!(all.len(), 5, "{name}: a record without a moment was left out");
    }
}

/// Users who lie in several collections come once, in pages that follow each other; with a moment only those of `users`.
#[tokio::test]
async fn the_ids_of_all_three_collections_come_page_by_page() {
    let documents = [
        ("users", "b", doc! {"when": DateTime::now()}),
        ("users", "d", doc! {}),
        ("verifications", "a", doc! {"count": 0}),
        ("verifications", "b", doc! {"count": 0}),
        ("verifications", "e", doc! {"count": 0}),
        ("@handles", "b", doc! {"handle": "bea"}),
        ("@handles", "c", doc! {"handle": "carl"}),
        ("@handles", "f", doc! {"handle": "fay"}),
    ];
    for (name, store, _place) in both(&documents).await {
        let after = async |after: &str, since: Option<Timestamp>, limit: usize| {
            let page = store.ids_after(after, since, limit).await;
            page.expect("it answers")
        };
        assert_eq!(after("", None, 2).await, ["a", "b"], "{name}");
        assert_eq!(after("b", None, 2).await, ["c", "d"], "{name}");
        assert_eq!(after("d", None, 2).await, ["e", "f"], "{name}");
        assert!(after("f", None, 2).await.is_empty(), "{name}");
        assert_eq!(after("", Some(Timestamp::UNIX_EPOCH), 10).await, ["b"], "{name}");
    }
}

#[tokio::test]
async fn an_older_record_is_read_and_written_anew_in_its_present_form() {
    let older = doc! {
        "code": "ac25momez", "atproto_did": "did:plc:a", "atproto_handle": "h", "atproto_password": "p",
        "atproto_created_at": "2025-01-01T00:00:00Z",
    };
    let documents = [
        ("users", "auth0|1", older),
        (
            "users",
            "auth0|2",
            doc! {"atproto": null, "atproto_did": "did:plc:b", "atproto_password": ""},
        ),
        (
            "users",
            "auth0|3",
            doc! {"atproto": {"did": "did:plc:c"}, "atproto_did": "did:plc:other", "atproto_password": "p"},
        ),
        (
            "users",
            "auth0|4",
            doc! {"atproto": {"did": "", "handle": "now"}, "atproto_did": "did:plc:d", "atproto_handle": "then", "atproto_password": "p"},
        ),
        ("users", "auth0|5", doc! {"atproto_did": 5}),
        ("users", "auth0|6", doc! {"atproto_did": null}),
    ];
    for (name, store, place) in both(&documents).await {
        let all = ids(&["auth0|1", "auth0|2", "auth0|3", "auth0|4", "auth0|5", "auth0|6"]);
        let users = store.records(&all).await.users.expect("it answers");
        let of = |id: &str| &users[id].present().expect("a record").atproto;
        let told = |id: &str| {
            let record = of(id).present().expect("an account");
            let text = |text: &Option<String>| text.clone().unwrap_or_default();
            (
                text(&record.did),
                text(&record.handle),
                record.has_password,
                record.older.any(),
            )
        };
        let expected =
            |did: &str, handle: &str, password, older| (did.to_string(), handle.to_string(), password, older);
        assert_eq!(told("auth0|1"), expected("did:plc:a", "h", true, true), "{name}");
        assert_eq!(told("auth0|2"), expected("did:plc:b", "", false, true), "{name}");
        assert_eq!(told("auth0|3"), expected("did:plc:c", "", false, false), "{name}");
        assert_eq!(
            told("auth0|4"),
            expected("did:plc:d", "now", true, true),
            "{name}"
        );
        assert_eq!(
            of("auth0|5").unreadable(),
            Some("atproto_did is a number, not a text"),
            "{name}"
        );
        assert!(of("auth0|6").is_absent(), "{name}");
        for (did, found) in [("did:plc:a", "auth0|1"), ("did:plc:other", "auth0|3")] {
            let by = Lookup::Did(did.into());
            assert_eq!(
                store.find(&by).await.expect("it answers"),
                ids(&[found]),
                "{name}"
            );
        }
        for (id, password) in [
            ("auth0|1", Some("p")),
            ("auth0|2", None),
            ("auth0|3", None),
            ("auth0|4", Some("p")),
        ] {
            let stands = store.password(id).await.expect("it answers");
            assert_eq!(
                stands.as_ref().map(|text| text.expose_secret()),
                password,
                "{name}: {id}"
            );
        }

        // The same account: what is not said stays as it was, and nothing older is taken away.
        let same = NewAtproto {
            password: None,
            ..account("did:plc:a", "h.example.com")
        };
        assert_eq!(
            store
                .record_account("auth0|1", &same)
                .await
                .expect("it is written"),
            Written::Done,
            "{name}"
        );
        let user = place.get("users", "auth0|1").await;
        let (now, then) = (&user["atproto"], "2025-01-01T00:00:00Z");
        assert_eq!(
            (&now["did"], &now["handle"], &now["password"], &now["createdAt"]),
            (
                &json!("did:plc:a"),
                &json!("h.example.com"),
                &json!("p"),
                &json!(then)
            ),
            "{name}"
        );
        assert_eq!(
            (&user["atproto_did"], &user["atproto_password"]),
            (&json!("did:plc:a"), &json!("p")),
            "{name}"
        );

        // Another one takes its place only where that is said.
        let mut other = account("did:plc:z", "z.example.com");
        let refused = store
            .record_account("auth0|2", &other)
            .await
            .expect_err("it has another");
        assert_eq!(refused.kind, Class::Conflict, "{name}");
        assert!(
            place.get("users", "auth0|2").await["atproto"]["did"].is_null(),
            "{name}"
        );
        other.replaces = Some("did:plc:b".into());
        assert_eq!(
            store
                .record_account("auth0|2", &other)
                .await
                .expect("it is written"),
            Written::Done,
            "{name}"
        );
        let users = store.records(&all).await.users.expect("it answers");
        let record = users["auth0|2"].present().and_then(|user| user.atproto.present());
        let record = record.expect("an account");
        assert_eq!(
            (record.did.as_deref(), record.older.any()),
            (Some("did:plc:z"), false),
            "{name}"
        );
        let stands = store.password("auth0|2").await.expect("it answers").expect("one");
        assert_eq!(stands.expose_secret(), "pw-1", "{name}");
    }
}

#[tokio::test]
async fn records_are_read_as_they_lie() {
    let documents = [
        (
            "users",
            "auth0|1",
            doc! {"code": "ac25momez", "atproto": {"did": "did:plc:a", "handle": "h", "password": "p"}},
        ),
        ("users", "auth0|2", doc! {"code": 5}),
        ("verifications", "auth0|1", doc! {"count": 2}),
        ("@handles", "auth0|1", doc! {"handle": "mira"}),
        ("account-deletions", "auth0|2", doc! {"state": "scheduled"}),
        ("account-deletions", "auth0|3", doc! {"state": "cancelled"}),
        ("account-tombstones", &tombstone_id("auth0|4"), doc! {}),
    ];
    for (name, store, _place) in both(&documents).await {
        let records = store
            .records(&ids(&["auth0|1", "auth0|2", "auth0|3", "auth0|4"]))
            .await;
        let users = records.users.expect("it answers");
        let first = users["auth0|1"].present().expect("a record");
        assert_eq!(first.code, Observed::Present("ac25momez".into()), "{name}");
        assert!(
            first.atproto.present().is_some_and(|record| record.has_password),
            "{name}"
        );
        assert!(
            users["auth0|2"]
                .present()
                .expect("a record")
                .code
                .unreadable()
                .is_some(),
            "{name}"
        );
        assert!(!users.contains_key("auth0|3"), "{name}");
        let counts = records.verifications.expect("it answers");
        assert_eq!(
            counts["auth0|1"].present().map(|found| found.count),
            Some(2),
            "{name}"
        );
        assert_eq!(
            records.names.expect("it answers")["auth0|1"],
            Observed::Present("mira".into()),
            "{name}"
        );
        let marks = records.marks.expect("it answers");
        assert_eq!(
            marks.deletions.get("auth0|2"),
            Some(&Deletion::Scheduled),
            "{name}"
        );
        assert_eq!(
            marks.deletions.get("auth0|3"),
            None,
            "{name}: a cancelled deletion"
        );
        assert_eq!(
            marks.deletions.get("auth0|4"),
            Some(&Deletion::Tombstone),
            "{name}"
        );
        for (lookup, found) in [
            (Lookup::Name("mira".into()), &["auth0|1"] as &[&str]),
            (Lookup::Name("MiRa".into()), &["auth0|1"]),
            (Lookup::Code("ac25momez".into()), &["auth0|1"]),
            (Lookup::Did("did:plc:a".into()), &["auth0|1"]),
            (Lookup::Did("did:plc:b".into()), &[]),
        ] {
            assert_eq!(
                store.find(&lookup).await.expect("it answers"),
                ids(found),
                "{name}: {lookup:?}"
            );
        }
        let password = store
            .password("auth0|1")
            .await
            .expect("it answers")
            .expect("a password");
        assert_eq!(password.expose_secret(), "p", "{name}");
        assert!(
            store.password("auth0|2").await.expect("it answers").is_none(),
            "{name}"
        );
    }
}

#[tokio::test]
async fn codes_are_unique_by_the_index() {
    for (name, store, _place) in both(&[]).await {
        assert_eq!(
            store.ensure_code_index().await.expect("it is made"),
            IndexWrite::Made("code_unique".into()),
            "{name}"
        );
        assert_eq!(
            store.ensure_code_index().await.expect("it is there"),
            IndexWrite::Already("code_unique".into()),
            "{name}"
        );
        let insert = |id: &'static str, code: &'static str| {
            let store = store.clone();
            async move { store.insert_user(id, code, now()).await.expect("it answers") }
        };
        assert_eq!(insert("a", "ac25momez").await, CodeWrite::Done, "{name}");
        assert_eq!(insert("b", "ac25momez").await, CodeWrite::Taken, "{name}");
        assert_eq!(insert("a", "ac25nayad").await, CodeWrite::Already, "{name}");
        assert_eq!(insert("b", "ac25nayad").await, CodeWrite::Done, "{name}");
        assert_eq!(
            store.assign_code("a", "ac25zobeb").await.expect("it answers"),
            CodeWrite::Already,
            "{name}"
        );
        let after = async |after: &str, since: Option<Timestamp>, limit: usize| {
            let page = store.ids_after(after, since, limit).await;
            page.expect("it answers")
        };
        assert_eq!(after("", None, 10).await, ["a", "b"], "{name}");
        assert_eq!(after("", Some(now()), 1).await, ["a"], "{name}");
        assert_eq!(after("a", Some(now()), 10).await, ["b"], "{name}");
        let later = now() + Duration::from_secs(1);
        assert!(after("", Some(later), 10).await.is_empty(), "{name}");
    }
    let codeless = [
        ("users", "a", doc! {"code": null}),
        ("users", "b", doc! {"code": "ac25momez"}),
        ("users", "c", doc! {}),
    ];
    for (name, store, _place) in both(&codeless).await {
        store.ensure_code_index().await.ok();
        assert_eq!(
            store.assign_code("c", "ac25nayad").await.expect("it answers"),
            CodeWrite::Done,
            "{name}"
        );
        assert_eq!(
            store.assign_code("a", "ac25zobeb").await.expect("it answers"),
            CodeWrite::Done,
            "{name}"
        );
        assert_eq!(
            store
                .assign_code("nobody", "ac25dudud")
                .await
                .expect("it answers"),
            CodeWrite::Already,
            "{name}"
        );
    }
}

#[tokio::test]
async fn verifications_are_made_once_and_raised_once() {
    for (name, store, _place) in both(&[("verifications", "text", doc! {"count": "none"})]).await {
        assert_eq!(
            store.insert_verification("a", 0).await.expect("it answers"),
            Written::Done,
            "{name}"
        );
        assert_eq!(
            store.insert_verification("a", 1).await.expect("it answers"),
            Written::Already,
            "{name}"
        );
        assert_eq!(
            store.raise_verification("a").await.expect("it answers"),
            Written::Done,
            "{name}"
        );
        assert_eq!(
            store.raise_verification("a").await.expect("it answers"),
            Written::Already,
            "{name}"
        );
        assert_eq!(
            store.raise_verification("text").await.expect("it answers"),
            Written::Already,
            "{name}"
        );
        let records = store
            .records(&ids(&["a", "text"]))
            .await
            .verifications
            .expect("it answers");
        assert_eq!(records["a"].present().map(|found| found.count), Some(1), "{name}");
        assert!(
            records["text"].unreadable().is_some(),
            "{name}: what cannot be read was overwritten"
        );
    }
}

#[tokio::test]
async fn the_first_intent_stands_until_it_is_dropped() {
    let intent = |password: &str| NewIntent {
        key: "a".into(),
        handle: "h".into(),
        email: "e@example.com".into(),
        password: password.into(),
        invite: Some("invite-1".into()),
        replaces: None,
        at: now(),
    };
    for (name, store, _place) in both(&[]).await {
        assert!(store.intent("a").await.expect("it answers").is_none(), "{name}");
        store.put_intent(&intent("first")).await.expect("it is written");
        let standing = store.put_intent(&intent("second")).await.expect("it answers");
        assert_eq!(
            standing.password.expose_secret(),
            "first",
            "{name}: an older password was lost"
        );
        store
            .change_intent(&NewIntent {
                handle: "h2".into(),
                email: "e2@example.com".into(),
                replaces: Some("did:plc:old".into()),
                ..intent("third")
            })
            .await
            .expect("it is written");
        let renew = async |old: Option<&str>, fresh: &str| {
            let old = old.map(SecretString::from);
            let stands = store.renew_invite("a", old.as_ref(), &fresh.into()).await;
            stands
                .expect("it answers")
                .map(|stands| stands.expose_secret().to_string())
        };
        // Somebody else was quicker: what stands is not replaced.
        assert_eq!(
            renew(None, "invite-3").await.as_deref(),
            Some("invite-1"),
            "{name}"
        );
        assert_eq!(
            renew(Some("invite-0"), "invite-3").await.as_deref(),
            Some("invite-1"),
            "{name}"
        );
        assert_eq!(
            renew(Some("invite-1"), "invite-2").await.as_deref(),
            Some("invite-2"),
            "{name}"
        );
        let read = store.intent("a").await.expect("it answers").expect("it stands");
        assert_eq!(
            (
                read.handle.as_str(),
                read.email.as_str(),
                read.replaces.as_deref()
            ),
            ("h2", "e2@example.com", Some("did:plc:old")),
            "{name}"
        );
        assert_eq!(
            read.invite.expect("an invite").expose_secret(),
            "invite-2",
            "{name}"
        );
        assert_eq!(
            (read.password.expose_secret(), read.at),
            ("first", now()),
            "{name}"
        );
        let marks = store.records(&ids(&["a"])).await.marks.expect("it answers");
        assert_eq!(marks.intents["a"].handle, "h2", "{name}");
        assert_eq!(
            marks.intents["a"].replaces.as_deref(),
            Some("did:plc:old"),
            "{name}"
        );
        assert_eq!(
            store.drop_intent("a").await.expect("it answers"),
            Written::Done,
            "{name}"
        );
        assert_eq!(
            store.drop_intent("a").await.expect("it answers"),
            Written::Already,
            "{name}"
        );
        assert_eq!(
            renew(Some("invite-2"), "invite-4").await,
            None,
            "{name}: it is gone"
        );
        let bare = NewIntent {
            invite: None,
            ..intent("third")
        };
        store.put_intent(&bare).await.expect("it is written");
        assert_eq!(
            renew(None, "invite-5").await.as_deref(),
            Some("invite-5"),
            "{name}"
        );
    }
}

#[tokio::test]
async fn an_account_is_recorded_and_never_replaced_by_another() {
    let documents = [
        ("users", "bare", doc! {"code": "ac25momez"}),
        ("users", "null", doc! {"code": "ac25nayad", "atproto": null}),
        (
            "users",
            "remains",
            doc! {"code": "ac25zobeb", "atproto": {"handle": "old", "kept": 1}},
        ),
    ];
    for (name, store, _place) in both(&documents).await {
        for id in ["bare", "null", "remains"] {
            let written = store
                .record_account(id, &account("did:plc:a", "h"))
                .await
                .expect("it is written");
            assert_eq!(written, Written::Done, "{name}: {id}");
            let read = store.records(&ids(&[id])).await.users.expect("it answers");
            let record = read[id]
                .present()
                .and_then(|user| user.atproto.present())
                .cloned()
                .expect("an account");
            assert_eq!(
                (record.did.as_deref(), record.handle.as_deref()),
                (Some("did:plc:a"), Some("h")),
                "{name}: {id}"
            );
        }
        let other = store.record_account("bare", &account("did:plc:b", "h")).await;
        assert!(other.is_err_and(|error| error.kind == Class::Conflict), "{name}");
        // Only from the DID that is named, and then once more.
        let from = |old: &str, new: &str| NewAtproto {
            replaces: Some(old.into()),
            ..account(new, "h")
        };
        let other = store
            .record_account("bare", &from("did:plc:x", "did:plc:b"))
            .await;
        assert!(other.is_err_and(|error| error.kind == Class::Conflict), "{name}");
        for (old, new) in [
            ("did:plc:a", "did:plc:b"),
            ("did:plc:a", "did:plc:b"),
            ("did:plc:b", "did:plc:a"),
        ] {
            let replaced = store.record_account("bare", &from(old, new)).await;
            assert_eq!(
                replaced.expect("it is written"),
                Written::Done,
                "{name}: {old} by {new}"
            );
            let users = store.records(&ids(&["bare"])).await.users.expect("it answers");
            let record = users["bare"].present().and_then(|user| user.atproto.present());
            assert_eq!(
                record.and_then(|record| record.did.as_deref()),
                Some(new),
                "{name}"
            );
        }
        let nobody = store.record_account("nobody", &account("did:plc:a", "h")).await;
        assert!(
            nobody.is_err_and(|error| error.kind == Class::Conflict),
            "{name}: a record was made without a code"
        );

        let fallback = Some(("43.at.example.com".to_string(), "Handle too short".to_string()));
        let again = NewAtproto {
            password: None,
            fallback,
            ..account("did:plc:a", "h2")
        };
        store.record_account("bare", &again).await.expect("it is written");
        let read = |store: Arc<dyn Store>| async move {
            let users = store.records(&ids(&["bare"])).await.users.expect("it answers");
            users["bare"]
                .present()
                .and_then(|user| user.atproto.present())
                .cloned()
                .expect("an account")
        };
        let record = read(store.clone()).await;
        assert_eq!(
            record.fallback.expect("it is written").reason,
            "Handle too short",
            "{name}"
        );
        assert!(record.has_password, "{name}: the password was lost");
        store
            .record_account("bare", &account("did:plc:a", "h3"))
            .await
            .expect("it is written");
        assert!(
            read(store.clone()).await.fallback.is_none(),
            "{name}: an old refusal stays"
        );
    }
}

/// The index of the incident, in all its forms: a unique one is good whatever its name, beside any other one is made.
#[tokio::test]
async fn any_unique_index_on_the_code_will_do() {
    use mongodb::IndexModel;
    use mongodb::options::IndexOptions;
    for (unique, sparse, made) in [
        (true, true, false),
        (true, false, false),
        (false, true, true),
        (false, false, true),
    ] {
        let (client, database) = fresh_database().await;
        let options = IndexOptions::builder()
            .name("code_1".to_string())
            .unique(unique)
            .sparse(sparse)
            .build();
        let index = IndexModel::builder()
            .keys(doc! {"code": 1})
            .options(options)
            .build();
        client
            .database(&database)
            .collection::<Document>("users")
            .create_index(index)
            .await
            .expect("it is made");
        let uri = SecretString::from(services().mongo_uri.clone());
        let store = open(&uri, &database, Duration::from_secs(5))
            .await
            .expect("it opens");
        let expected = if made {
            IndexWrite::Made("code_unique".into())
        } else {
            IndexWrite::Already("code_1".into())
        };
        assert_eq!(
            store.ensure_code_index().await.expect("it answers"),
            expected,
            "unique {unique}, sparse {sparse}"
        );
    }
    let twice = [
        ("users", "a", doc! {"code": "ac25momez"}),
        ("users", "b", doc! {"code": "ac25momez"}),
    ];
    for (name, store, _place) in both(&twice).await {
        let refused = store.ensure_code_index().await;
        assert!(
            refused.is_err_and(|error| !error.what.contains("ac25momez")),
            "{name}"
        );
    }
}

/// What is written outlives the server that it was told to, and what is read is the primary's, in every collection and
/// whatever the connection string says.
#[tokio::test]
async fn no_connection_string_weakens_what_is_written_or_read() {
    let (client, database) = fresh_database().await;
    let db = client.database(&database);
    profile(&db).await;
    let uri = services().mongo_uri.clone();
    let more = if uri.contains('?') { '&' } else { '?' };
    let weak =
        format!("{uri}{more}w=1&journal=false&readPreference=secondaryPreferred&readConcernLevel=available");
    let store = open(&SecretString::from(weak), &database, Duration::from_secs(5))
        .await
        .expect("it opens");
    store
        .insert_user("a", "ac25momez", now())
        .await
        .expect("it is written");
    store.insert_verification("a", 0).await.expect("it is written");
    store.raise_verification("a").await.expect("it is written");
    store.drop_intent("a").await.expect("it is written");
    let records = store.records(&ids(&["a"])).await;
    assert!(records.users.is_ok() && records.marks.is_ok());
    let done = operations(&db, "atriage").await;
    let named = |name: &&'static str| {
        let name = *name;
        done.iter().filter(move |done| done.command.contains_key(name))
    };
    let mut seen = 0;
    for write in ["insert", "update", "delete"].iter().flat_map(named) {
        let concern = write.command.get_document("writeConcern").expect("it is told");
        assert_eq!(concern, &doc! {"w": "majority", "j": true}, "{write:?}");
        seen += 1;
    }
    for read in ["find", "aggregate"].iter().flat_map(named) {
        let text = read.command.to_string();
        assert!(
            !text.contains("secondary") && !text.contains("available"),
            "{text}"
        );
        seen += 1;
    }
    assert!(seen >= 6, "{done:#?}");
}

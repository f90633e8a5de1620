//! What our user of MongoDB may do: what is lacking is told, and what is asked for is enough.

use bson::{Document, doc};

use super::{Told, found, right};
use crate::support::mongo::{MONGO_PASSWORD, Mongo};
use crate::support::runtime;
use crate::support::town::Town;

#[test]
fn a_user_of_mongodb_who_may_only_read() {
    let mut town = right(Town::with_mongo(Mongo::with_users()));
    town.secrets.add(MONGO_PASSWORD, "the password of MongoDB");
    let mongo = town.mongo.as_ref().expect("it is its own");
    let role = |role: &str| vec![doc! {"role": role, "db": &town.database}];
    let (reader, writer) = (
        mongo.add_user("reader", role("read")),
        mongo.add_user("writer", role("readWrite")),
    );
    let lacking = |collection: &str| format!("mongo.rights.{collection}");
    let wrong_password = reader.replace(MONGO_PASSWORD, "another-password-of-mongodb");
    let nobody = reader.replace(&format!("reader:{MONGO_PASSWORD}@"), "");

    town.mongo_uri = writer;
    let told = Told::of(&town, &[], &[]);
    assert_eq!((told.that_are("problem").len(), told.code), (0, 0), "{told:#?}");
    assert_eq!(
        told.line("mongo.rights.users"),
        ["ok", "Our user may read and write users.", ""]
    );
    assert_eq!(
        told.line("mongo.rights.handles"),
        ["ok", "Our user may read @handles.", ""]
    );
    assert_eq!(
        told.line("mongo.access-control"),
        ["ok", "MongoDB asks who somebody is.", ""]
    );
    assert_eq!(
        told.line("mongo.primary"),
        ["ok", "MongoDB stands alone, and takes writes.", ""]
    );

    town.mongo_uri = reader;
    let told = Told::of(&town, &[], &[]);
    let written = [
        "atriage-history",
        "atriage-intents",
        "atriage-jobs",
        "atriage-leases",
        "atriage-runs",
        "users",
        "verifications",
    ];
    assert_eq!(told.that_are("problem"), written.map(lacking), "{told:#?}");
    let hint = format!(
        "Grant it in MongoDB, with the role readWrite on {} or with these actions alone; ATRIAGE_READ_ONLY=1 needs no \
         right to write.",
        town.database
    );
    assert_eq!(
        told.line("mongo.rights.users"),
        [
            "problem",
            "Our user may not insert, update, createIndex in users.",
            &hint
        ]
    );
    assert_eq!(told.code, 4);
    // Whoever only looks needs no more.
    let told = Told::of(&town, &["--read-only"], &[]);
    assert_eq!((told.that_are("problem").len(), told.code), (0, 0), "{told:#?}");

    let hint = "Check the user in MONGODB_CONNECTION_STRING and its rights on MONGODB_NAME.";
    town.mongo_uri = wrong_password;
    let message = "mongo refuses our user a ping.";
    found(&town, &[], &[], "mongo.login", message, hint, 4);
    town.mongo_uri = nobody;
    let message = "MongoDB asks who somebody is, and MONGODB_CONNECTION_STRING names no user.";
    let hint = "Put a user and its password into it: mongodb://user:password@host.";
    found(&town, &[], &[], "mongo.login", message, hint, 4);
}

fn privileges(town: &Town, rights: &[(&str, &[&str])]) -> Vec<Document> {
    let privilege = |(collection, actions): &(&str, &[&str])| {
        let resource = doc! {"db": &town.database, "collection": *collection};
        doc! {"resource": resource, "actions": actions.to_vec()}
    };
    rights.iter().map(privilege).collect()
}

fn command(town: &Town, command: Document) {
    runtime().block_on(async { town.db().run_command(command).await.expect("we may") });
}

/// What the check asks for is what the work needs: with just that a signup is mended, and looked up afterwards. What it
/// warns of is what the repairs of `diagnose` need.
#[test]
fn the_rights_that_are_asked_for_are_enough() {
    let mut town = right(Town::with_mongo(Mongo::with_users()));
    town.secrets.add(MONGO_PASSWORD, "the password of MongoDB");
    let rights: [(&str, &[&str]); 11] = [
        ("", &["listCollections"]),
        (
            "users",
            &["find", "insert", "update", "createIndex", "listIndexes"],
        ),
        ("verifications", &["find", "insert", "update"]),
        ("@handles", &["find"]),
        ("account-deletions", &["find"]),
        ("account-tombstones", &["find"]),
        ("atriage-intents", &["find", "insert", "update", "remove"]),
        ("atriage-runs", &["find", "insert", "update", "createIndex"]),
        ("atriage-jobs", &["find", "insert", "update", "createIndex"]),
        ("atriage-leases", &["find", "insert", "update", "remove"]),
        ("atriage-history", &["find", "insert", "createIndex"]),
    ];
    let role = doc! {"createRole": "triage", "privileges": privileges(&town, &rights), "roles": []};
    command(&town, role);
    let mongo = town.mongo.as_ref().expect("it is its own");
    town.mongo_uri = mongo.add_user("triage", vec![doc! {"role": "triage", "db": &town.database}]);
    let told = Told::of(&town, &[], &[]);
    assert_eq!((told.that_are("problem").len(), told.code), (0, 0), "{told:#?}");
    let hint = format!(
        "Grant it in MongoDB, with the role readWrite on {} or with these actions alone; ATRIAGE_READ_ONLY=1 needs no \
         right to write.",
        town.database
    );
    for (collection, message) in [
        (
            "users",
            "Our user may not remove, dropIndex in users: diagnose --fix cannot remove its throw-away user, and diagnose \
             --fix-index cannot drop an index.",
        ),
        (
            "verifications",
            "Our user may not remove in verifications: diagnose --fix cannot remove its throw-away user.",
        ),
    ] {
        let id = format!("mongo.rights.{collection}");
        assert_eq!(told.line(&id), ["warning", message, &hint]);
    }

    town.drop_indexes("users");
    let sub = town.sign_up("aesthetic", "mira", true);
    for args in [
        &["backfill", "1", "--fix", "--yes"][..],
        &["audit", "--deep"],
        &["history"],
        &["runs"],
    ] {
        let outcome = town.run(args);
        assert_eq!(outcome.code, 0, "{args:?}: {outcome:?}");
    }
    let user = town.get("users", &sub).expect("the record was written");
    assert!(user.get_document("atproto").is_ok(), "{user}");
    let intents = town.all("atriage-intents");
    assert!(intents.is_empty(), "the intent could not be dropped: {intents:?}");

    town.drop_indexes("users");
    town.old_index();
    let refused = town.run(&["diagnose", "--fix-index", "--yes"]);
    assert_eq!(refused.code, 4, "{refused:?}");
    let upkeep: [(&str, &[&str]); 2] = [
        ("users", &["remove", "dropIndex"]),
        ("verifications", &["remove"]),
    ];
    let grant = doc! {"grantPrivilegesToRole": "triage", "privileges": privileges(&town, &upkeep)};
    command(&town, grant);
    let told = Told::of(&town, &[], &[]);
    assert_eq!(told.that_are("warning"), ["pds.limiter"], "{told:#?}");
    for repair in ["--fix-index", "--fix"] {
        let outcome = town.run(&["diagnose", repair, "--yes"]);
        assert_eq!(outcome.code, 0, "{repair}: {outcome:?}");
    }
    assert_eq!(town.all("users").len(), 1, "a throw-away user is left");
}

//! Intents of accounts that nobody is at work on: told with their age, whose they are and what became of the account, and
//! never removed.

use bson::{DateTime, doc};

use super::{Told, town};
use crate::support::runs::{fix, without_account};
use crate::support::town::Town;

const ID: &str = "mongo.intents";
const PASSWORD: &str = "the-only-password-of-an-account";

/// An intent that was written so many hours ago.
fn intent(town: &Town, key: &str, email: &str, hours: i64) {
    let now = DateTime::now().timestamp_millis();
    let at = DateTime::from_millis(now - hours * 3_600_000);
    let intent =
        doc! {"_id": key, "handle": "x", "email": email, "password": PASSWORD, "invite": null, "at": at};
    town.insert("atriage-intents", intent);
}

fn block(town: &Town, sub: &str) {
    town.world
        .change_user("aesthetic", sub, |user| user.blocked = true);
}

#[test]
fn an_old_intent_is_told_with_its_age_and_the_way_out() {
    let mut town = town();
    // Nobody was at work for long: one that is young is in use.
    let young = without_account(&mut town, "young");
    intent(&town, &young, &town.email("young"), 0);
    assert_eq!(Told::of(&town, &[], &[]).line(ID)[0], "ok");

    let unmade = without_account(&mut town, "una");
    intent(&town, &unmade, &town.email("una"), 96);
    block(&town, &unmade);
    let gone = without_account(&mut town, "gus");
    intent(&town, &gone, &town.email("gus"), 90);
    town.world.remove_user("aesthetic", &gone);
    let told = Told::of(&town, &[], &[]);
    assert_eq!(
        told.line(ID),
        [
            "warning",
            &format!(
                "2 intents of accounts stand for more than an hour, with a password in it: {unmade} (4 days; blocked; no \
                 account was made), {gone} (3 days; gone from Auth0; no account was made)."
            ),
            "Where no account was made nothing depends on it: remove the document from atriage-intents by hand."
        ]
    );

    // What may be the only password of an account is to be kept.
    town.clear("atriage-intents");
    let unrecorded = without_account(&mut town, "ulla");
    assert_eq!(fix(&town, &unrecorded).0, 0);
    town.unset("users", &unrecorded, &["atproto"]);
    intent(&town, &unrecorded, &town.email("ulla"), 96);
    block(&town, &unrecorded);
    let recorded = without_account(&mut town, "rita");
    assert_eq!(fix(&town, &recorded).0, 0);
    intent(&town, &recorded, &town.email("rita"), 90);
    town.insert("account-deletions", doc! {"_id": &recorded});
    let living = without_account(&mut town, "liv");
    intent(&town, &living, &town.email("liv"), 2);
    let told = Told::of(&town, &[], &[]);
    let [state, message, hint] = told.line(ID);
    assert_eq!(state, "warning");
    assert_eq!(
        message,
        format!(
            "3 intents of accounts stand for more than an hour, with a password in it: {unrecorded} (4 days; blocked; its \
             account is not recorded), {recorded} (3 days; to be deleted; an account is recorded), {living} (2h00m; a \
             living user; no account was made)."
        )
    );
    assert!(!hint.contains("remove the document"), "{hint}");
    assert!(hint.contains("its password stands there alone"), "{hint}");
    assert_eq!(town.all("atriage-intents").len(), 3, "it only looks");
    let all = town.run(&["check-config", "-o", "json"]);
    assert!(!format!("{all:?}").contains(PASSWORD));

    // A backfill does what is said of the living one.
    assert_eq!(fix(&town, &living).0, 0);
    assert_eq!(town.all("atriage-intents").len(), 2);
}

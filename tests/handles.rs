//! The handle of an account, set on the real PDS: never asked for where an inactive account holds it, and not again and
//! again where asking may change the PLC directory each time.

use bson::doc;
use serde_json::{Value, json};

use crate::refusals::{did_of, error};
use crate::support::runs::{fix, killed_while_it_waits, without_account};
use crate::support::runtime;
use crate::support::services::services;
use crate::support::tap::{Fault, Tap};
use crate::support::town::Town;

/// What the PLC directory says that an account is called.
fn called_by_the_directory(did: &str) -> Value {
    let url = format!("{}/{did}/data", services().plc_url);
    let answer = runtime().block_on(async { reqwest::get(url).await.expect("it answers").json().await });
    answer
        .map(|data: Value| data["alsoKnownAs"][0].clone())
        .expect("JSON")
}

/// The wanted handle is too short, and an account that was taken down has the code for its handle: whoever asks the PDS for
/// it changes the directory alone.
#[test]
fn a_code_held_by_an_inactive_account_does_not_stand_in() {
    let mut town = Town::new();
    town.old_index();
    let sub = without_account(&mut town, "paula");
    let first = format!("paula{}", town.tag);
    town.name(&sub, &first);
    assert_eq!(fix(&town, &sub).0, 0);
    let did = did_of(&town, &sub).expect("a DID");
    let code = town.get("users", &sub).expect("a record");
    let code = code.get_str("code").expect("a code").to_owned();
    let holder = without_account(&mut town, "otto");
    town.name(&holder, &code);
    assert_eq!(fix(&town, &holder).0, 0);
    town.take_down(&did_of(&town, &holder).expect("a DID"));
    town.set("@handles", &sub, doc! {"handle": "ab"});

    let tap = Tap::start(&services().pds_url);
    town.pds_url.clone_from(&tap.url);
    let (status, user) = fix(&town, &sub);
    assert_eq!(
        tap.calls("updateAccountHandle"),
        1,
        "the wanted one alone: {user:#}"
    );
    assert_eq!(status, 5, "{user:#}");
    assert_eq!(
        (error(&user).0, error(&user).1),
        ("conflict", "decide"),
        "{user:#}"
    );
    let first = format!("at://{first}.at.aesthetic.computer");
    assert_eq!(called_by_the_directory(&did), first);

    // It was taken down after the last look at all accounts: two look at this one, and the third saw nobody. Older versions
    // of the PDS end in a fault then, after they have told the directory.
    let before = tap.calls("updateAccountHandle");
    tap.rule("listRepos", 2, 1, Fault::answer(200, json!({"repos": []})));
    let fault = json!({"error": "InternalServerError", "message": "Internal Server Error"});
    tap.rule("updateAccountHandle", 1, usize::MAX, Fault::answer(500, fault));
    let (status, user) = fix(&town, &sub);
    assert_eq!(
        tap.calls("updateAccountHandle") - before,
        2,
        "once with the wanted one, once with the code: {user:#}"
    );
    assert_eq!(status, 5, "{user:#}");
    assert_eq!(
        (error(&user).0, error(&user).1),
        ("conflict", "decide"),
        "{user:#}"
    );
    let said = user["error"].to_string();
    assert!(said.contains("PLC directory may name it"), "{said}");
}

/// Each time that a PDS is asked for a handle it may change the directory, which bears ten of them an hour.
#[test]
fn a_handle_that_ends_in_a_fault_is_not_asked_for_again_at_once() {
    let mut town = Town::new();
    town.old_index();
    let sub = without_account(&mut town, "mona");
    assert_eq!(fix(&town, &sub).0, 0);
    town.name(&sub, &format!("mona{}", town.tag));
    let tap = Tap::start(&services().pds_url);
    town.pds_url.clone_from(&tap.url);
    tap.always(
        "updateAccountHandle",
        Fault::answer(500, json!({"error": "InternalServerError"})),
    );
    let user = killed_while_it_waits(&town, &sub);
    assert_eq!(
        (error(&user).0, error(&user).1),
        ("unavailable", "retry"),
        "{user:#}"
    );
    assert_eq!(
        user["attempts"],
        tap.calls("updateAccountHandle"),
        "once an attempt: {user:#}"
    );
    tap.heal();
    let (status, user) = fix(&town, &sub);
    assert_eq!((status, user["outcome"].as_str()), (0, Some("done")), "{user:#}");
}

//! What the services refuse, and what is left afterwards: the class and the advice that the user's line names, no invite
//! that could still be used, nothing secret in what is said, and never a second account.

use atriage::sandbox::Auth0User;
use atriage::services::pds::meant_for;
use bson::doc;
use serde_json::{Value, json};

use crate::support::runs::{fix, killed_while_it_waits, without_account};
use crate::support::runtime;
use crate::support::services::{ADMIN_PASSWORD, Pds, PdsOptions, services};
use crate::support::tap::{Fault, Tap};
use crate::support::town::{Town, october};

pub fn did_of(town: &Town, sub: &str) -> Option<String> {
    let user = town.get("users", sub)?;
    let did = user.get_document("atproto").ok()?.get_str("did").ok()?;
    Some(did.to_string())
}

/// The class and the advice of a user's error, with its hint.
pub fn error(user: &Value) -> (&str, &str, &str) {
    let text = |name: &str| user["error"][name].as_str().unwrap_or("(none)");
    (text("class"), text("advice"), text("hint"))
}

/// The admin's call to a PDS.
fn ask(pds: &str, method: &str, body: Option<Value>) -> Value {
    rustls::crypto::ring::default_provider().install_default().ok();
    runtime().block_on(async {
        let client = reqwest::Client::new();
        let url = format!("{pds}/xrpc/{method}");
        let request = match &body {
            Some(body) => client.post(url).json(body),
            None => client.get(url),
        };
        let answer = request.basic_auth("admin", Some(ADMIN_PASSWORD)).send().await;
        let answer = answer.expect("the PDS answers");
        assert!(
            answer.status().is_success(),
            "{method}: {:?}",
            answer.text().await
        );
        answer.json().await.unwrap_or_default()
    })
}

/// The invites that were minted for this user.
fn invites(pds: &str, sub: &str) -> Vec<Value> {
    let all = ask(
        pds,
        "com.atproto.admin.getInviteCodes?sort=recent&limit=500",
        None,
    );
    let all = all["codes"].as_array().expect("it lists").clone();
    let meant_for = meant_for(sub);
    all.into_iter()
        .filter(|code| code["forAccount"] == meant_for)
        .collect()
}

/// Those of them with which an account could still be made.
fn open_invites(pds: &str, sub: &str) -> usize {
    let open =
        |code: &&Value| code["disabled"] == false && code["uses"].as_array().is_some_and(Vec::is_empty);
    invites(pds, sub).iter().filter(open).count()
}

#[test]
fn a_throw_away_address_is_for_somebody_to_decide_and_leaves_nothing_behind() {
    let town = Town::new();
    town.old_index();
    let sub = format!("auth0|{:024x}", rand::random::<u128>() >> 32);
    let email = format!("mira.{}@mailinator.com", town.tag);
    let mut user = Auth0User::new(&sub, &email, october());
    user.email_verified = true;
    town.world.add_user("aesthetic", user);
    town.verification(&sub, 1);
    town.user(&sub, &crate::support::codes::fresh());
    for _ in 0..2 {
        let (status, user) = fix(&town, &sub);
        assert_eq!(status, 5, "{user:#}");
        let (class, advice, hint) = error(&user);
        assert_eq!((class, advice), ("validation", "decide"), "{user:#}");
        assert!(hint.contains("in Auth0"), "{hint}");
        assert!(!user["error"].to_string().contains("mailinator"), "{user:#}");
        assert_eq!(open_invites(&services().pds_url, &sub), 0);
        assert!(town.all("atriage-intents").is_empty());
    }
    assert_eq!(
        invites(&services().pds_url, &sub).len(),
        2,
        "there was one for each try"
    );
    assert_eq!(did_of(&town, &sub), None);
}

#[test]
fn a_wrong_admin_password_is_a_matter_of_configuration() {
    let mut town = Town::new();
    town.old_index();
    let sub = without_account(&mut town, "koji");
    let wrong = [("PDS_ADMIN_PASSWORD", "certainly-wrong")];
    let outcome = town.run_with(
        &["backfill", &sub, "--fix", "--yes", "-o", "json", "--verbose"],
        &wrong,
    );
    assert!(!format!("{outcome:?}").contains("certainly-wrong"));
    let told: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    let problem = &told["pause"]["problem"];
    assert_eq!(
        (problem["class"].as_str(), problem["advice"].as_str()),
        (Some("auth"), Some("configure")),
        "{told:#}"
    );
    let hint = problem["hint"].as_str().expect("a hint");
    assert!(hint.contains("PDS_ADMIN_PASSWORD"), "{hint}");
}

#[test]
fn what_a_proxy_echoes_is_not_said_again() {
    let mut town = Town::new();
    town.old_index();
    let sub = without_account(&mut town, "vesna");
    let tap = Tap::start(&services().pds_url);
    town.pds_url.clone_from(&tap.url);
    tap.always(
        "createAccount",
        Fault::answer(503, json!({"error": "Busy", "message": "Busy"})),
    );
    let user = killed_while_it_waits(&town, &sub);
    assert_eq!(error(&user).1, "retry", "{user:#}");
    let intents = town.all("atriage-intents");
    let text = |name: &str| intents[0].get_str(name).expect("a text").to_string();
    let (password, invite, handle) = (text("password"), text("invite"), text("handle"));
    let token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl";

    tap.heal();
    let body = json!({"password": password, "inviteCode": invite, "handle": handle}).to_string();
    let message = format!("cannot read {body} of {} with {token}", town.email("vesna"));
    let echo = json!({"error": format!("Bad{password}"), "message": message});
    tap.always("createAccount", Fault::answer(400, echo));
    let outcome = town.run(&["backfill", &sub, "--fix", "--yes", "-o", "json", "--verbose"]);
    let told: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    let (class, advice, _) = error(&told["users"][0]);
    assert_eq!((class, advice), ("validation", "look"), "{told:#}");
    let said = told["users"][0]["error"]["message"].as_str().expect("a sentence");
    assert!(said.contains("cannot read"), "its own words are shown: {said}");
    let all = format!("{}{}", outcome.stdout, outcome.stderr);
    for secret in [&password, &invite, ADMIN_PASSWORD, token, &town.email("vesna")] {
        assert!(!all.contains(secret), "it was said again: {all}");
    }
    assert!(!said.contains(&handle), "{said}");
}

#[test]
fn an_inactive_holder_is_run_into_once_and_no_more() {
    let mut town = Town::new();
    town.old_index();
    // Somebody's account is taken down, with the handle and with the address that others are to get.
    let holder = without_account(&mut town, "otto");
    town.name(&holder, &format!("otto{}", town.tag));
    assert_eq!(fix(&town, &holder).0, 0);
    town.take_down(&did_of(&town, &holder).expect("a DID"));
    town.world.remove_user("aesthetic", &holder);
    town.set("users", &holder, doc! {"atproto": null});
    town.set("@handles", &holder, doc! {"handle": "somebody-else"});

    // It happened after the last look at all accounts: that look saw nobody.
    let tap = Tap::start(&services().pds_url);
    town.pds_url.clone_from(&tap.url);
    let blind = || tap.once("listRepos", Fault::answer(200, json!({"repos": []})));

    let by_handle = without_account(&mut town, "paula");
    town.name(&by_handle, &format!("otto{}", town.tag));
    blind();
    let (status, user) = fix(&town, &by_handle);
    assert_eq!((status, user["outcome"].as_str()), (0, Some("done")), "{user:#}");
    assert_eq!(
        tap.calls("createAccount"),
        2,
        "once with the handle, once with the code"
    );
    assert_eq!(open_invites(&services().pds_url, &by_handle), 0);

    let by_email = without_account(&mut town, "otto");
    blind();
    let (status, user) = fix(&town, &by_email);
    assert_eq!(tap.calls("createAccount"), 3, "{user:#}");
    assert_eq!(status, 5, "{user:#}");
    assert_eq!(
        (error(&user).0, error(&user).1),
        ("refused", "decide"),
        "{user:#}"
    );
    assert_eq!(open_invites(&services().pds_url, &by_email), 0);
    assert!(town.all("atriage-intents").is_empty());
    // And from now on it is not even asked for.
    fix(&town, &by_email);
    assert_eq!(tap.calls("createAccount"), 3);
}

#[test]
fn a_ghost_is_never_doubled() {
    let mut town = Town::new();
    town.old_index();
    let sub = without_account(&mut town, "sven");
    let tap = Tap::start(&services().pds_url);
    town.pds_url.clone_from(&tap.url);
    // The PDS wrote the account's row and lost its repository: so it answers of the repository from then on.
    tap.always("createAccount", Fault::LoseAnswer);
    let gone = json!({"error": "NotFound", "message": "Repo not found"});
    tap.always("getRepoStatus", Fault::answer(400, gone));
    for asked in [1, 1] {
        let (_, user) = fix(&town, &sub);
        if user["outcome"] == "failed" || user["outcome"] == "refused" {
            assert_eq!(
                (error(&user).0, error(&user).1),
                ("refused", "decide"),
                "{user:#}"
            );
        } else {
            assert!(!user["left"].as_array().is_none_or(Vec::is_empty), "{user:#}");
        }
        assert_eq!(tap.calls("createAccount"), asked);
        assert_eq!(town.accounts_of(&town.email("sven")).len(), 1);
        assert_eq!(did_of(&town, &sub), None);
        assert_eq!(
            town.all("atriage-intents").len(),
            1,
            "the password of the account stands there alone"
        );
    }
}

#[test]
fn an_invite_whose_answer_or_record_was_lost_is_used_and_not_left_behind() {
    let mut town = Town::new();
    town.old_index();
    let tap = Tap::start(&services().pds_url);
    town.pds_url.clone_from(&tap.url);
    let lost = without_account(&mut town, "leo");
    tap.once("createInviteCode", Fault::LoseAnswer);
    let (status, user) = fix(&town, &lost);
    assert_eq!(status, 0, "{user:#}");
    let minted = invites(&services().pds_url, &lost);
    assert_eq!(minted.len(), 1, "{minted:#?}");
    assert_eq!(
        minted[0]["uses"][0]["usedBy"],
        did_of(&town, &lost).expect("a DID")
    );

    // Killed between the minting and the writing down.
    let killed = without_account(&mut town, "nora");
    let intent =
        doc! {"_id": &killed, "handle": "x", "email": "x", "password": "written-before", "invite": null};
    town.insert("atriage-intents", intent);
    let body = json!({"useCount": 1, "forAccount": meant_for(&killed)});
    ask(
        &services().pds_url,
        "com.atproto.server.createInviteCode",
        Some(body),
    );
    let (status, user) = fix(&town, &killed);
    assert_eq!(status, 0, "{user:#}");
    let minted = invites(&services().pds_url, &killed);
    let did = did_of(&town, &killed).expect("a DID");
    assert_eq!(
        (minted.len(), &minted[0]["uses"][0]["usedBy"]),
        (1, &Value::from(did.as_str()))
    );
    assert!(town.opens(&did, "written-before"));

    // Not needed in the end: the account turned up by its address.
    let adopted = without_account(&mut town, "rosa");
    assert_eq!(fix(&town, &adopted).0, 0);
    town.set("users", &adopted, doc! {"atproto": null});
    let body = json!({"useCount": 1, "forAccount": meant_for(&adopted)});
    let spare = ask(
        &services().pds_url,
        "com.atproto.server.createInviteCode",
        Some(body),
    );
    let spare = spare["code"].as_str().expect("a code");
    let intent =
        doc! {"_id": &adopted, "handle": "x", "email": "x", "password": "for-adoption", "invite": spare};
    town.insert("atriage-intents", intent);
    let (status, user) = fix(&town, &adopted);
    assert_eq!(status, 0, "{user:#}");
    assert_eq!(town.accounts_of(&town.email("rosa")).len(), 1);
    assert_eq!(open_invites(&services().pds_url, &adopted), 0);
    assert!(town.all("atriage-intents").is_empty());
}

#[test]
fn the_directory_behind_the_pds_is_named_when_it_refuses() {
    let mut town = Town::new();
    town.old_index();
    let plc = Tap::start(&services().plc_url);
    let pds = Pds::start(PdsOptions {
        plc_url: Some(plc.url.clone()),
        ..PdsOptions::default()
    });
    town.pds_url = pds.url().to_owned();
    let sub = without_account(&mut town, "zara");
    plc.always("POST /did", Fault::answer(500, json!({"message": "down"})));
    let user = killed_while_it_waits(&town, &sub);
    let (class, advice, hint) = error(&user);
    assert_eq!((class, advice), ("unavailable", "retry"), "{user:#}");
    assert!(hint.contains("PLC directory behind the PDS"), "{user:#}");

    plc.heal();
    let words = "To many operations within last hour (max 10)";
    plc.always("POST /did", Fault::answer(400, json!({"message": words})));
    let (_, user) = fix(&town, &sub);
    let (class, advice, hint) = error(&user);
    assert_eq!((class, advice), ("rate_limit", "decide"), "{user:#}");
    assert!(hint.contains("hour"), "{user:#}");
    assert_eq!(open_invites(pds.url(), &sub), 1, "it is kept for the next try");

    plc.heal();
    let (status, user) = fix(&town, &sub);
    assert_eq!((status, user["outcome"].as_str()), (0, Some("done")), "{user:#}");
    let minted = invites(pds.url(), &sub);
    assert_eq!(
        (minted.len(), &minted[0]["uses"][0]["usedBy"]),
        (1, &Value::from(did_of(&town, &sub)))
    );
}

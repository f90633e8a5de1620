//! The accounts that `audit --orphans` finds, which no record names. Records without an Auth0 user stand in
//! `orphan_records.rs`.

use std::collections::BTreeMap;

use bson::doc;
use serde_json::{Value, json};

use crate::support::services::PdsOptions;
use crate::support::tap::{Fault, Tap};
use crate::support::town::Town;

/// Somebody makes an account on the PDS, with an invite meant for this DID; returns the account's DID.
fn account(town: &Town, label: &str, email: &str, meant_for: Option<&str>) -> String {
    let mut invite = json!({"useCount": 1});
    if let Some(meant_for) = meant_for {
        invite["forAccount"] = json!(meant_for);
    }
    let (status, code) = town.ask("com.atproto.server.createInviteCode", &invite, true);
    assert_eq!(status, 200, "{code}");
    let new = json!({
        "handle": format!("{label}.at.aesthetic.computer"), "email": email, "password": "orphans-test",
        "inviteCode": code["code"],
    });
    let (status, made) = town.ask("com.atproto.server.createAccount", &new, false);
    assert_eq!(status, 200, "{made}");
    made["did"].as_str().expect("a DID").to_string()
}

/// Somebody signs up and has a whole record, but for the account.
pub fn recorded(town: &mut Town, local: &str, code: &str, verified: bool) -> String {
    let sub = town.sign_up("aesthetic", local, verified);
    town.verification(&sub, i32::from(verified));
    town.user(&sub, code);
    sub
}

fn set_account(town: &Town, id: &str, did: &str) {
    town.set(
        "users",
        id,
        doc! {"atproto": {"did": did, "handle": "x", "password": "orphans-test"}},
    );
}

#[test]
fn accounts_that_no_record_names_are_told_with_whose_they_are() {
    let mut town = Town::with_pds(PdsOptions::default());
    let email = |town: &Town, local: &str| town.email(local);
    // Named: in the present form, in the older one, and by the guest's record.
    let mira = recorded(&mut town, "mira", "ac25momez", true);
    set_account(&town, &mira, &account(&town, "mira", &email(&town, "mira"), None));
    let vera = recorded(&mut town, "vera", "ac25nayad", false);
    let older = account(&town, "vera", &email(&town, "vera"), None);
    town.set("users", &vera, doc! {"atproto_did": older});
    let guest = account(&town, "art", "art@example.com", None);
    town.insert(
        "users",
        doc! {"_id": "art-guest", "atproto": {"did": guest, "handle": "art", "password": "x"}},
    );
    // Somebody else's: nothing connects them with us, or only an address that nobody proved to be theirs.
    account(&town, "bystander", "bystander@example.com", None);
    town.sign_up("aesthetic", "keksbude", false);
    account(
        &town,
        "keksbude",
        &email(&town, "keksbude"),
        Some("did:plc:tliuubv7lyv2uiknsjbf4ppw"),
    );

    let rosa = recorded(&mut town, "rosa", "ac25zobeb", true);
    let petra = town.sign_up("sotce", "petra", true);
    let lagging = recorded(&mut town, "lag", "ac25tohov", true);
    town.world.hide_from_search("aesthetic", &lagging, true);
    let omar = recorded(&mut town, "omar", "ac25bedug", true);
    let first = account(&town, "omar", &email(&town, "omar"), None);
    set_account(&town, &omar, &first);
    town.ask(
        "com.atproto.admin.updateAccountEmail",
        &json!({"account": first, "email": "omar.new@example.com"}),
        true,
    );
    let [ada, bea] = ["ada", "bea"].map(|local| recorded(&mut town, local, &format!("ac25{local}zz"), false));
    let shared = account(&town, "ada", &email(&town, "ada"), None);
    set_account(&town, &ada, &shared);
    set_account(&town, &bea, &shared);

    let tagged = email(&town, "petra").replace('@', "+sotce@");
    let unnamed = [
        (
            "unrecorded-account",
            "aesthetic",
            rosa.as_str(),
            account(&town, "rosa", &email(&town, "rosa"), None),
        ),
        (
            "unrecorded-account",
            "sotce",
            &petra,
            account(&town, "petra", &tagged, None),
        ),
        (
            "unrecorded-account",
            "aesthetic",
            &lagging,
            account(&town, "ac25tohov", &email(&town, "lag"), None),
        ),
        (
            "second-account",
            "aesthetic",
            &omar,
            account(&town, "omar2", &email(&town, "omar"), None),
        ),
        (
            "orphan-account",
            "",
            "",
            account(&town, "ac25hakek", "gone@example.com", None),
        ),
        (
            "orphan-account",
            "",
            "",
            account(&town, "zora", "zora@example.com", Some("did:atriage:00")),
        ),
        ("shared-account", "", "", shared.clone()),
    ];
    let (status, report) = town.json(&["audit", "--orphans"]);
    assert_eq!(status, 3, "{report:#}");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
    let told = report["orphan_accounts"].as_array().expect("a list").iter();
    let told: BTreeMap<String, [String; 3]> = told
        .map(|stray| {
            assert_eq!(stray["standing"], "active");
            (
                text(&stray["did"]),
                ["kind", "tenant", "belongs_to"].map(|field| text(&stray[field])),
            )
        })
        .collect();
    let expected: BTreeMap<String, [String; 3]> = unnamed
        .iter()
        .map(|(kind, tenant, sub, did)| (did.clone(), [*kind, *tenant, *sub].map(String::from)))
        .collect();
    assert_eq!(told, expected);
    assert_eq!(report["accounts_of_others"], 2, "{report:#}");
    let of = |did: &str| {
        let mut all = report["orphan_accounts"].as_array().expect("a list").iter();
        all.find(|stray| stray["did"] == did).expect("it is told")
    };
    let second = of(&unnamed[3].3);
    assert_eq!(
        [&second["handle"], &second["message"], &second["hint"]],
        [
            "o….at.aesthetic.computer",
            &format!("{omar} has its e-mail, and {first} is recorded for them."),
            "Look at both before anything is removed: the user may have used either."
        ]
    );
    assert_eq!(
        of(&unnamed[4].3)["handle"],
        "ac25hakek.at.aesthetic.computer",
        "a code names nobody"
    );

    let (_, both) = town.json(&["audit", "both", "--orphans"]);
    assert_eq!(
        both["orphan_accounts"].as_array().map(Vec::len),
        Some(7),
        "once for both tenants"
    );
    assert_eq!(both["accounts_of_others"], 2);
    let table = town.run(&["audit", "both", "--orphans"]);
    assert!(
        table
            .stdout
            .contains("\npds: 7 accounts to look at, 2 of other services left alone\n"),
        "{}",
        table.stdout
    );
    let line =
        format!("! second-account: {omar} has its e-mail, and {first} is recorded for them. Look at both");
    assert!(table.stdout.contains(&line), "{}", table.stdout);
    let lines = town.run(&["audit", "1", "--orphans", "-o", "ndjson"]).stdout;
    let lines: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(
        lines
            .iter()
            .filter(|line| line["orphan_account"].is_object())
            .count(),
        7
    );
    assert_eq!(lines.last().expect("a summary")["accounts_of_others"], 2);
    let csv = town.run(&["audit", "1", "--orphans", "-o", "csv"]).stdout;
    assert!(
        csv.contains(&format!(
            ",,,,,{},z….at.aesthetic.computer,,,,,ok,orphan-account,\"An invite of ours",
            unnamed[5].3
        )),
        "{csv}"
    );

    // What does not answer is unknown, never an orphan.
    let tap = Tap::start(town.pds_itself());
    town.pds_url.clone_from(&tap.url);
    for method in ["listRepos", "getAccountInfos"] {
        tap.heal();
        tap.always(
            method,
            Fault::answer(503, json!({"error": "Busy", "message": "Busy"})),
        );
        let (status, report) = town.json(&["audit", "--orphans"]);
        assert_eq!(status, 6, "{method}: {report:#}");
        assert_eq!(report["orphan_accounts"], json!([]), "{method}");
        assert_eq!(report["accounts_of_others"], Value::Null, "{method}");
        assert_eq!(report["error"]["class"], "unavailable", "{method}");
    }
}

/// Nothing strange on the PDS and in Mongo is no finding.
#[test]
fn accounts_of_others_alone_are_status_zero() {
    let mut town = Town::with_pds(PdsOptions::default());
    recorded(&mut town, "iris", "ac25momez", false);
    account(&town, "bystander", "bystander@example.com", None);
    let (status, report) = town.json(&["audit", "--all", "--orphans"]);
    assert_eq!(status, 0, "{report:#}");
    assert_eq!(
        (&report["orphan_accounts"], &report["accounts_of_others"]),
        (&json!([]), &json!(1))
    );
}

//! `atriage backfill`: who is chosen, what a dry run says, what is asked before a write, how it ends in each format, and a
//! new account in place of one that is gone.

use atriage::services::pds::meant_for;
use bson::doc;
use serde_json::{Value, json};

use crate::support::fuse::Blow;
use crate::support::runs::{fix, id, is_whole, only_run, people, without_account};
use crate::support::services::PdsOptions;
use crate::support::tap::{Fault, Tap};
use crate::support::town::Town;
use crate::support::whole::Person;
use crate::support::wiring::Wiring;

fn subs(told: &Value) -> Vec<(String, String)> {
    let users = told["users"].as_array().unwrap_or_else(|| panic!("{told:#}"));
    let text = |user: &Value, name: &str| user[name].as_str().expect("a text").to_string();
    users
        .iter()
        .map(|user| (text(user, "tenant"), text(user, "sub")))
        .collect()
}

fn recorded(town: &Town, sub: &str, field: &str) -> String {
    let user = town.get("users", sub).expect("a record");
    let account = user.get_document("atproto").expect("an account");
    account.get_str(field).expect("a text").to_string()
}

#[test]
fn users_are_chosen_by_number_range_or_name() {
    let mut town = Town::of_october();
    town.old_index();
    let mira = without_account(&mut town, "mira");
    town.name(&mira, &format!("mira{}", town.tag));
    assert_eq!(fix(&town, &mira).0, 0);
    let did = recorded(&town, &mira, "did");
    let user = town.get("users", &mira).expect("a record");
    let code = user.get_str("code").expect("a code").to_string();
    let koji = town.sign_up("aesthetic", "koji", true);
    let there = town.sign_up("sotce", "emil", true);

    let chosen = |args: &[&str]| {
        let (_, told) = town.json(&[&["backfill"], args].concat());
        subs(&told)
    };
    let here = |sub: &String| ("aesthetic".to_string(), sub.clone());
    let emil = ("sotce".to_string(), there.clone());
    let (handle, email) = (format!("@mira{}", town.tag), town.email("mira"));
    let loud = handle.to_uppercase();
    let names = [&mira, &handle, &loud, &email, &code, &did];
    for word in names {
        assert_eq!(chosen(&[word]), [here(&mira)], "{word}");
        assert_eq!(
            chosen(&[word, "--tenant", "both"]),
            [here(&mira)],
            "{word} in both"
        );
    }
    let all: Vec<&str> = names.iter().map(|word| word.as_str()).collect();
    assert_eq!(chosen(&all), [here(&mira)], "six names of one user");
    let prefixed = format!("sotce-{there}");
    assert_eq!(chosen(&[&prefixed]), std::slice::from_ref(&emil));
    let theirs = town.email("emil");
    for word in [&there, &theirs, &prefixed] {
        assert_eq!(
            chosen(&[word, "--tenant", "both"]),
            std::slice::from_ref(&emil),
            "{word}"
        );
        assert_eq!(
            chosen(&[word, "--tenant", "sotce"]),
            std::slice::from_ref(&emil),
            "{word}"
        );
    }
    assert_eq!(
        chosen(&[&koji, &theirs, "--tenant", "both"]),
        [here(&koji), emil.clone()],
        "in the order of the words"
    );

    // By range: whoever is broken of them.
    assert_eq!(chosen(&[]), [here(&koji)]);
    assert_eq!(chosen(&["1"]), [here(&koji)]);
    assert_eq!(
        chosen(&["--tenant", "sotce", "--all"]),
        std::slice::from_ref(&emil)
    );
    assert_eq!(
        chosen(&["--tenant", "both", "--since", "2025-10-14"]),
        [here(&koji), emil]
    );
    assert_eq!(chosen(&["--since", "1h"]), []);
}

#[test]
fn an_address_of_two_tenants_names_both() {
    let mut town = Town::new();
    let here = town.sign_up("aesthetic", "petra", true);
    let there = town.sign_up("sotce", "petra", true);
    let email = town.email("petra");
    for command in ["backfill", "history"] {
        let (status, told) = town.json(&[command, &email, "--tenant", "both"]);
        assert_eq!(status, 2, "{told:#}");
        let sentence = format!("{email} means several users: {here} in aesthetic, {there} in sotce.");
        assert_eq!(told["error"]["message"], sentence);
        let (status, told) = town.json(&[command, "nobody@example.com", "--tenant", "both"]);
        assert_eq!(
            (status, told["error"]["class"].as_str()),
            (2, Some("not_found")),
            "{told:#}"
        );
    }
}

#[test]
fn a_dry_run_says_what_why_and_what_is_left() {
    let mut town = Town::new();
    town.old_index();
    let whole = without_account(&mut town, "vera");
    assert_eq!(fix(&town, &whole).0, 0);
    let waits = town.sign_up("aesthetic", "iris", false);
    town.verification(&waits, 0);
    town.user(&waits, "ac25momez");
    let bare = town.sign_up("aesthetic", "carl", true);
    let odd = town.sign_up("aesthetic", "omar", false);
    town.verification(&odd, 0);
    town.user(&odd, "nonsense");
    let dry = town.run(&["backfill", &whole, &waits, &bare, &odd]);
    assert_eq!(dry.code, 3, "{dry:?}");
    let expected = format!(
        "aesthetic  {whole}  nothing: whole
aesthetic  {waits}  nothing: waiting
aesthetic  {bare}  ensure-code-index create-verification create-user create-account record-account verify
    why: missing-user-record, missing-verification-record, missing-account
aesthetic  {odd}  nothing: left to you
    left: malformed-code: The code does not look like acYYcvcvc. People may know this code: decide by hand whether it \
         is to be replaced.
4 users: 1 to mend, 1 left to you, 2 whole or waiting
"
    );
    assert_eq!(dry.stdout, expected);
    assert_eq!(
        dry.stderr,
        "A dry run: nothing was written. --fix carries out the plans of 1.\n"
    );
    for fix in [["--fix", "--yes"].as_slice(), &[]] {
        let outcome = town.run(&[&["backfill", &whole, &waits, &odd], fix].concat());
        assert_eq!(
            outcome.code, 3,
            "no step for them, and one is broken: {outcome:?}"
        );
        let outcome = town.run(&[&["backfill", &whole, &waits], fix].concat());
        assert_eq!(outcome.code, 0, "{outcome:?}");
    }
    // Left alone on purpose is nobody's work.
    town.world
        .change_user("aesthetic", &whole, |user| user.blocked = true);
    let dry = town.run(&["backfill", &whole]);
    assert_eq!(dry.code, 0, "{dry:?}");
    assert!(
        dry.stdout.ends_with("\n1 user: 1 whole or waiting\n"),
        "{}",
        dry.stdout
    );
    assert!(town.all("atriage-runs").len() == 1 && town.all("users").len() == 3);
}

/// Where no run is made, nothing of it is kept that somebody could go on with: the status says what was in the way.
#[test]
fn who_cannot_be_looked_at_is_told_by_the_class_of_the_error() {
    let mut town = Town::new();
    town.old_index();
    let nobody = "auth0|68ee";
    for fix in [["--fix", "--yes"].as_slice(), &[]] {
        let (status, told) = town.json(&[&["backfill", nobody], fix].concat());
        assert_eq!(
            (status, &told["run"], &told["users"][0]["error"]["class"]),
            (2, &Value::Null, &json!("not_found")),
            "{told:#}"
        );
    }
    // The PDS forbids two of four: all stand in the run, and who failed is tried again.
    let verified = people(&mut town, 2);
    for local in ["iris", "omar"] {
        town.sign_up("aesthetic", local, false);
    }
    let real = town.pds_url.clone();
    let tap = Tap::start(&real);
    let forbidden = json!({"error": "Forbidden", "message": "Forbidden"});
    tap.always("getAccountInfos", Fault::answer(403, forbidden));
    town.pds_url.clone_from(&tap.url);
    let args = ["backfill", "6", "--fix", "--yes"];
    let outcome = town.run(&args);
    assert_eq!(outcome.code, 5, "{outcome:?}");
    assert!(
        outcome
            .stdout
            .ends_with("\n2 done, 0 nothing, 2 failed, 0 refused, 0 cancelled\n"),
        "{outcome:?}"
    );
    let run = id(&only_run(&town));
    let hint =
        format!("atriage runs show {run} lists them; atriage runs resume {run} --failed tries them again.\n");
    assert!(outcome.stderr.ends_with(&hint), "{}", outcome.stderr);
    let (_, shown) = town.json(&["runs", "show", &run]);
    assert_eq!(
        (&shown["run"]["total"], &shown["run"]["totals"]["failed"]),
        (&json!(4), &json!(2)),
        "{shown:#}"
    );
    tap.heal();
    let (status, told) = town.json(&["runs", "resume", &run, "--failed", "--yes"]);
    assert_eq!((status, &told["totals"]["done"]), (0, &json!(2)), "{told:#}");
    is_whole(&town, &verified);
}

#[test]
fn each_format_has_every_user() {
    let mut town = Town::new();
    let people = people(&mut town, 2);
    town.world.change_user("aesthetic", &people[1].sub, |user| {
        user.email = Some("nobody@mailinator.com".into())
    });
    let (good, bad) = (&people[0].sub, &people[1].sub);
    let plan = "create-verification create-user create-account record-account verify";
    let csv = town.run(&["backfill", good, bad, "-o", "csv"]);
    assert_eq!(csv.code, 3, "{csv:?}");
    let plan = format!("ensure-code-index {plan}");
    let rows: Vec<&str> = csv.stdout.lines().collect();
    assert_eq!(
        rows[0],
        "tenant,sub,outcome,plan,replaces,steps,left,class,advice,error,hint,changes"
    );
    for (row, sub) in rows[1..].iter().zip([good, bad]) {
        let cells = format!("aesthetic,{sub},,{plan},,,,,,,,\"index on users.code: unknown → ");
        assert!(row.starts_with(&cells), "{row}");
    }
    assert_eq!(rows.len(), 3, "{}", csv.stdout);
    let lines = town.run(&["backfill", good, bad, "-o", "ndjson"]).stdout;
    let lines: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!((lines.len(), lines[0]["sub"].as_str()), (3, Some(good.as_str())));
    assert_eq!(
        lines[2],
        json!({"schema": 1, "run": null, "tenant": "aesthetic", "dry_run": true, "pause": null,
            "totals": {"done": 0, "nothing": 0, "failed": 0, "refused": 0, "cancelled": 0}})
    );

    let markdown = town.run(&["backfill", bad, "--fix", "--yes", "-o", "markdown"]);
    assert_eq!(markdown.code, 5, "{markdown:?}");
    let row = markdown.stdout.lines().nth(2).expect("a row");
    let cells: Vec<&str> = row.split(" | ").collect();
    assert_eq!(
        (cells[2], cells[7], cells[8]),
        ("failed", "validation", "decide"),
        "{row}"
    );
    assert!(cells[5].ends_with("create-account failed"), "{row}");

    // For people: those that failed, with class and advice, then how many of each kind.
    let fix = town.run(&["backfill", good, bad, "--fix", "--yes"]);
    assert_eq!(fix.code, 5, "{fix:?}");
    let lines: Vec<&str> = fix.stdout.lines().collect();
    let header: Vec<&str> = lines[0].split_whitespace().collect();
    assert_eq!(header, ["TENANT", "USER", "STEP", "CLASS", "ADVICE", "WHY"]);
    assert_eq!(fix.stdout.matches("create-account").count(), 1, "{}", fix.stdout);
    assert!(
        fix.stdout.contains("validation") && fix.stdout.contains("decide"),
        "{}",
        fix.stdout
    );
    assert_eq!(
        lines.last(),
        Some(&"1 done, 0 nothing, 1 failed, 0 refused, 0 cancelled")
    );
    assert!(fix.stderr.contains("resume"), "{}", fix.stderr);
    assert!(!fix.stdout.contains("mailinator"), "{}", fix.stdout);
    let again = town.run(&["backfill", good, "--fix", "--yes"]);
    assert_eq!(
        (again.code, again.stdout.as_str()),
        (0, "0 done, 1 nothing, 0 failed, 0 refused, 0 cancelled\n")
    );
}

#[test]
fn what_belongs_to_a_write_is_no_use_without_one() {
    for args in [
        ["--yes"].as_slice(),
        &["--reason", "the index"],
        &["--concurrency", "2"],
    ] {
        let outcome = crate::support::command::atriage(&[&["backfill", "5"], args].concat(), &[]);
        assert_eq!(outcome.code, 2, "{outcome:?}");
        assert!(outcome.stderr.contains("--fix"), "{}", outcome.stderr);
    }
    let mut town = Town::new();
    let people = people(&mut town, 1);
    // However quiet: whoever is asked sees what about.
    let mut screen = town.open(&["backfill", &people[0].sub, "--fix", "-q"], 130, 30);
    screen.wait_for("Carry out the plans of 1 user in aesthetic? [y/N]");
    assert!(screen.screen().contains("create-account"), "{}", screen.screen());
    screen.keys("<enter>");
    assert_eq!(screen.wait_exit().code(), Some(7));
    assert!(town.all("users").is_empty());
}

/// The password is the question: where it cannot be tried, the user is not whole.
#[test]
fn a_password_that_cannot_be_tried_is_not_known() {
    let mut town = Town::new();
    town.old_index();
    let sub = without_account(&mut town, "nora");
    assert_eq!(fix(&town, &sub).0, 0);
    let tap = Tap::start(&town.pds_url);
    town.pds_url.clone_from(&tap.url);
    tap.always("createSession", Fault::Refuse);
    let (status, told) = town.json(&["backfill", &sub, "--deep"]);
    assert_eq!(
        (status, told["users"][0]["error"]["class"].as_str()),
        (6, Some("unavailable")),
        "{told:#}"
    );
    let mut running = town.start(&["backfill", &sub, "--deep", "--fix", "--yes", "-o", "json"]);
    running.wait_for("waits until");
    tap.heal();
    let outcome = running.wait();
    assert_eq!(outcome.code, 0, "{outcome:?}");
    let told: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    assert_eq!(told["users"][0]["outcome"], "nothing", "{told:#}");
}

/// Somebody whose account the PDS has lost: the sub, and the DID.
fn lost(town: &mut Town, local: &str) -> (String, String) {
    let sub = without_account(town, local);
    assert_eq!(fix(town, &sub).0, 0);
    let did = recorded(town, &sub, "did");
    lose(town, &did);
    (sub, did)
}

fn lose(town: &Town, did: &str) {
    let (status, answer) = town.ask("com.atproto.admin.deleteAccount", &json!({"did": did}), true);
    assert_eq!(status, 200, "{answer}");
}

/// One account for the address, another one than before, and the trail says which it replaced.
fn is_replaced(town: &Town, sub: &str, local: &str, old: &str) {
    let person = Person {
        sub: sub.into(),
        local: local.into(),
    };
    let wrong = town.wrong(&[person]);
    assert!(wrong.is_empty(), "{wrong:#?}");
    let new = recorded(town, sub, "did");
    assert_ne!(new, old);
    let (_, told) = town.json(&["history", sub]);
    let deeds = told["deeds"].as_array().expect("a list");
    let replaced = deeds.iter().any(|deed| {
        let change = &deed["changes"][0];
        deed["step"] == "record-account" && change["before"] == old && change["after"] == new
    });
    assert!(replaced, "{told:#}");
}

#[test]
fn a_gone_account_is_replaced_only_where_somebody_says_so_by_name() {
    let mut town = Town::with_pds(PdsOptions::default());
    town.old_index();
    let (sub, old) = lost(&mut town, "mira");
    let before = town.all("users");
    for range in [["--all"].as_slice(), &["5"], &["--since", "7d"], &[]] {
        let refused = town.run(&[&["backfill", "--recreate"], range].concat());
        assert_eq!(refused.code, 2, "{refused:?}");
        assert!(
            refused.stderr.contains("users who are named"),
            "{}",
            refused.stderr
        );
    }
    let (status, told) = town.json(&["backfill", &sub, "--fix", "--yes"]);
    assert_eq!(
        (status, told["users"][0]["outcome"].as_str()),
        (3, Some("nothing")),
        "broken, and left to somebody: {told:#}"
    );
    assert!(
        told["users"][0]["left"][0]
            .as_str()
            .is_some_and(|left| left.contains("--recreate"))
    );
    let dry = town.run(&["backfill", &sub, "--recreate"]);
    assert_eq!(
        dry.stdout,
        format!(
            "aesthetic  {sub}  create-account record-account verify
    users.atproto.did: {old} → the DID from the PDS
    users.atproto.password: an older one → set, never shown
    why: account-gone
    replaces: {old}, which is gone from the PDS with its posts and followers
1 user: 1 to mend
"
        )
    );
    // Where nobody is asked, the DID is named, or nothing happens; the hint is the line that names it.
    let another = "--recreate=did:plc:aaaaaaaaaaaaaaaaaaaaaaaa";
    for args in [
        ["--recreate", "--fix"].as_slice(),
        &["--recreate", "--fix", "--yes"],
        &["--recreate", "--fix", "--yes", "-q"],
        &["--recreate", "--fix", "--no-input"],
        &[another, "--fix", "--yes"],
    ] {
        let unasked = town.run(&[&["backfill", &sub], args].concat());
        assert_eq!(unasked.code, 7, "{args:?}: {unasked:?}");
        let said = format!(
            "error: Nothing was written: {old} of {sub} would be given up for good, and --yes does not answer for that.
  hint: Where that is meant, name it: atriage backfill '{sub}' --recreate={old} --fix --yes
"
        );
        assert!(unasked.stderr.ends_with(&said), "{args:?}: {}", unasked.stderr);
    }

    // Two questions; the second one names the DID, and y is not enough.
    for answers in ["n\n", "y\ny\n", "y\n\n"] {
        let mut screen = town.open(&["backfill", &sub, "--recreate", "--fix"], 130, 30);
        screen.wait_for("[y/N]");
        screen.press(&answers[..2]);
        if answers.len() > 2 {
            screen.wait_for(&format!(
                "{old} of {sub} will be replaced by a new account with another DID."
            ));
            screen.wait_for("Type yes to replace them:");
            screen.press(&answers[2..]);
        }
        assert_eq!(screen.wait_exit().code(), Some(7), "{answers:?}");
    }
    assert_eq!(town.all("users"), before);
    assert!(town.all_accounts().is_empty() && town.all("atriage-intents").is_empty());

    let mut screen = town.open(&["backfill", &sub, "--recreate", "--fix"], 130, 30);
    screen.wait_for("[y/N]");
    screen.press("y\n");
    screen.wait_for("Type yes");
    screen.press("yes\n");
    screen.wait_for("1 done");
    assert_eq!(screen.wait_exit().code(), Some(0));
    is_replaced(&town, &sub, "mira", &old);
    let user = town.get("users", &sub).expect("a record");
    assert_eq!(user.get("code"), before[0].get("code"), "the code stays");
    assert_eq!(town.json(&["audit", "--deep"]).0, 0);
    let (status, told) = town.json(&["backfill", &sub, "--recreate", "--fix", "--yes"]);
    assert_eq!(
        (status, told["totals"]["nothing"].as_i64()),
        (0, Some(1)),
        "{told:#}"
    );
    assert_eq!(town.all_accounts().len(), 1);

    // Named on the command line, and told however quiet it is to be.
    let now = recorded(&town, &sub, "did");
    lose(&town, &now);
    let named = format!("--recreate=did:plc:aaaaaaaaaaaaaaaaaaaaaaaa,{now}");
    let outcome = town.run(&["backfill", &sub, &named, "--fix", "--yes", "-q"]);
    assert_eq!(
        (outcome.code, outcome.stderr.as_str()),
        (
            0,
            format!("{now} of {sub} will be replaced by a new account with another DID.\n").as_str()
        ),
        "{outcome:?}"
    );
    is_replaced(&town, &sub, "mira", &now);
}

#[test]
fn an_account_that_may_live_elsewhere_is_not_replaced() {
    let mut town = Town::new();
    town.old_index();
    let (sub, old) = lost(&mut town, "koji");
    let before = town.all("users");
    let (plc, pds) = (Tap::start(&town.plc_url), Tap::start(&town.pds_url));
    town.plc_url.clone_from(&plc.url);
    town.pds_url.clone_from(&pds.url);
    let moved = json!({"did": old, "services": {"atproto_pds": {"endpoint": "https://else.example.com"}}});
    let tombstone = json!({"message": format!("DID not available: {old}")});
    let named = format!("--recreate={old}");
    let args = ["backfill", &sub, &named, "--fix", "--yes"];
    for (fault, said) in [
        (Fault::answer(200, moved), "did-elsewhere"),
        (Fault::answer(404, tombstone), "did-tombstoned"),
        (
            Fault::answer(404, json!({"message": "DID not registered"})),
            "did-unresolvable",
        ),
    ] {
        plc.always("/data", fault);
        let (_, told) = town.json(&args);
        assert!(
            told["users"][0]["left"].to_string().contains(said),
            "{said}: {told:#}"
        );
        plc.heal();
    }
    // What decides is not known: that is not the same as nothing to do, and no run begins that could not know what it may
    // replace.
    plc.always("/data", Fault::Refuse);
    for args in [&args[..], &args[..3]] {
        let (status, told) = town.json(args);
        let user = &told["users"][0];
        assert_eq!(
            (status, &user["outcome"], &user["error"]["class"], &told["run"]),
            (6, &json!("failed"), &json!("unavailable"), &Value::Null),
            "{told:#}"
        );
    }
    // Whoever asks for no new account needs no answer.
    let (status, told) = town.json(&["backfill", &sub, "--fix", "--yes"]);
    assert_eq!(
        (status, &told["users"][0]["outcome"]),
        (3, &json!("nothing")),
        "{told:#}"
    );
    plc.heal();
    // Gone is what the PDS says, not that it says nothing.
    pds.always("getAccountInfos", Fault::Refuse);
    let (status, _) = town.json(&["backfill", &sub, "--recreate"]);
    assert_eq!(status, 6);
    pds.heal();
    assert_eq!(pds.calls("createAccount") + pds.calls("createInviteCode"), 0);
    assert_eq!(town.all("users"), before);

    // It moves between the plan and the step, and a killed job has minted an invite that its intent does not name.
    let intent = doc! {"_id": &sub, "handle": "x", "email": "x", "password": "of-a-killed-job", "invite": null, "replaces": &old};
    town.insert("atriage-intents", intent);
    let minted = json!({"useCount": 1, "forAccount": meant_for(&sub)});
    let (status, answer) = town.ask("com.atproto.server.createInviteCode", &minted, true);
    assert_eq!(status, 200, "{answer}");
    plc.rule(
        "/data",
        2,
        usize::MAX,
        Fault::answer(404, json!({"message": "DID not registered"})),
    );
    let (status, told) = town.json(&args);
    assert_eq!(
        (status, told["users"][0]["outcome"].as_str()),
        (5, Some("refused")),
        "{told:#}"
    );
    assert_eq!(pds.calls("createAccount"), 0);
    assert_eq!(town.all("users"), before);
    assert_eq!(town.all("atriage-intents"), []);
    let open = town.unused_invites_for(&meant_for(&sub));
    assert!(open.is_empty(), "an account could still be made: {open:?}");
}

/// Where a backend answers, and nobody can make sense of it, the error says what it was.
#[test]
fn an_answer_that_says_nothing_is_named() {
    let mut town = Town::new();
    town.old_index();
    let sub = town.sign_up("aesthetic", "mira", true);
    let tap = Tap::start(&town.auth0_urls[0].1);
    town.auth0_urls[0].1.clone_from(&tap.url);
    tap.always("users-by-email", Fault::answer(200, json!({"hello": 1})));
    let (status, told) = town.json(&["backfill", &sub]);
    let error = &told["users"][0]["error"];
    let message = error["message"].as_str().expect("a sentence");
    assert!(
        message.starts_with("Not everything about the user is known: auth0 "),
        "{told:#}"
    );
    assert_eq!((status, &error["class"]), (6, &json!("unavailable")), "{told:#}");
}

/// Under which domain a handle would stand only the PDS knows: without that nobody is told that nothing is to be done.
#[test]
fn a_pds_that_does_not_say_its_domain_is_waited_for() {
    let mut town = Town::new();
    let person = people(&mut town, 1).remove(0);
    let tap = Tap::start(&town.pds_url);
    town.pds_url.clone_from(&tap.url);
    tap.always(
        "describeServer",
        Fault::answer(503, json!({"error": "Down", "message": "down"})),
    );
    let (status, told) = town.json(&["backfill", &person.sub]);
    assert_eq!(status, 6, "{told:#}");
    assert_eq!(told["users"][0]["error"]["class"], "unavailable", "{told:#}");
    assert_eq!(told["users"][0]["outcome"], "failed", "{told:#}");
}

/// The confirmation was about one DID: where another one is recorded by now, nothing is replaced.
#[test]
fn a_confirmation_that_went_stale_replaces_nothing() {
    let mut town = Town::with_pds(PdsOptions::default());
    town.old_index();
    let (sub, _) = lost(&mut town, "vesna");
    let mut screen = town.open(&["backfill", &sub, "--recreate", "--fix"], 130, 30);
    screen.wait_for("[y/N]");
    screen.press("y\n");
    screen.wait_for("Type yes");
    let (_, other) = lost(&mut town, "other");
    town.set("users", &sub, doc! {"atproto.did": &other});
    let before = town.get("users", &sub);
    screen.press("yes\n");
    screen.wait_for("0 done, 1 nothing");
    assert_eq!(screen.wait_exit().code(), Some(0));
    assert_eq!(town.get("users", &sub), before);
    assert!(town.all_accounts().is_empty());
}

/// Killed with the account made and not recorded, or before anything was made: the next run goes on, whatever its kind.
#[test]
fn a_killed_recreation_is_ended_by_the_next_run() {
    let create = "pds POST /xrpc/com.atproto.server.createAccount answered";
    let (mut town, wiring) = Wiring::with_pds(PdsOptions::default());
    town.old_index();
    for (local, point, again) in [
        ("ada", create, ["backfill"].as_slice()),
        ("bo", create, &["runs", "resume"]),
        ("cy", "mongo insert atriage-intents answered", &["backfill"]),
        ("di", "mongo insert atriage-intents before", &["runs", "resume"]),
    ] {
        wiring.fuse.arm(Blow::Never);
        let (sub, old) = lost(&mut town, local);
        town.clear("atriage-runs");
        wiring.fuse.arm(Blow::On(point));
        let named = format!("--recreate={old}");
        let killed = town.run(&["backfill", &sub, &named, "--fix", "--yes"]);
        assert_eq!(killed.code, -9, "{local}: {killed:?}");
        wiring.fuse.arm(Blow::Never);
        let run = id(&only_run(&town));
        let more = match again {
            ["backfill"] => vec![sub.as_str(), "--fix"],
            _ => vec![run.as_str()],
        };
        let outcome = town.run(&[again, &more, &["--yes"]].concat());
        assert_eq!(outcome.code, 0, "{local}: {outcome:?}");
        is_replaced(&town, &sub, local, &old);
    }
}

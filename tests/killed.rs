//! Killed everywhere: a run is killed at each thing that it asks of a service, before and after it was carried out, and
//! started again. Every time there is one account, one record, and nothing left lying about.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

use crate::support::fuse::Blow;
use crate::support::services::PdsOptions;
use crate::support::town::Town;
use crate::support::wiring::Wiring;

const KILLED: i32 = -9;
/// How often a run is started again at most. One has to do, where nothing but the first was killed.
const AGAIN: usize = 3;

/// What is not as it has to be; empty where everything is.
fn wrong(town: &Town, sub: &str, local: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut must = |holds: bool, what: String| {
        if !holds {
            wrong.push(what);
        }
    };
    let email = town.email(local);
    let tagged = email.replace('@', "+sotce@");
    let mut accounts = town.accounts_of(&email);
    accounts.extend(town.accounts_of(&tagged));
    must(accounts.len() == 1, format!("{} accounts", accounts.len()));

    let mut users = town.all("users");
    users.retain(|user| user.get_str("_id").is_ok_and(|id| id.ends_with(sub)));
    must(users.len() == 1, format!("{} users records", users.len()));
    if let Some(user) = users.first() {
        let code = user.get_str("code").unwrap_or_default();
        must(!code.is_empty(), "no code".into());
        let recorded = |field| {
            user.get_document("atproto")
                .and_then(|account| account.get_str(field))
                .unwrap_or_default()
        };
        let (did, password) = (recorded("did"), recorded("password"));
        must(
            accounts.iter().any(|account| account["did"] == did),
            format!("the record names {did:?}"),
        );
        must(
            !did.is_empty() && town.opens(did, password),
            "the recorded password does not open the account".into(),
        );
    }
    let mut verifications = town.all("verifications");
    verifications.retain(|one| one.get_str("_id").is_ok_and(|id| id.ends_with(sub)));
    must(
        verifications.len() == 1,
        format!("{} verifications", verifications.len()),
    );
    let intents = town.all("atriage-intents");
    must(intents.is_empty(), format!("{} intents", intents.len()));
    if town.pds.is_some() {
        // Nobody else makes invites there: each unused one is ours, however it is marked.
        let unused = town.unused_invites_for("");
        must(unused.is_empty(), format!("{} unused invites", unused.len()));
    }
    wrong
}

/// One account, recorded with a code, and opened by the recorded password; no intent and no unused invite remain.
fn is_whole(town: &Town, sub: &str, local: &str) {
    let wrong = wrong(town, sub, local);
    assert!(wrong.is_empty(), "{local}: {wrong:?}");
}

/// The PDS itself cannot undo an operation of its directory; more of them than accounts are orphans.
fn orphans(wiring: &Wiring, accounts: usize) -> usize {
    let directory = wiring.directory.as_ref().expect("the PDS is the town's own");
    let mut made: Vec<String> = directory
        .log()
        .into_iter()
        .filter(|call| call.method == "POST" && call.status == Some(200))
        .map(|call| call.path)
        .collect();
    made.sort();
    made.dedup();
    made.len().saturating_sub(accounts)
}

/// Runs until it exits with 0, and says where it did not.
fn mend(town: &Town, wiring: &Wiring, sub: &str) -> Result<(), String> {
    let mut last = String::new();
    for _ in 0..AGAIN {
        wiring.fuse.arm(Blow::Never);
        let outcome = town.run(&["backfill", sub, "--fix", "--yes"]);
        if outcome.code == 0 {
            return Ok(());
        }
        last = format!(
            "exit {}: {}{}",
            outcome.code,
            outcome.stdout.trim(),
            outcome.stderr.trim()
        );
    }
    Err(last)
}

/// Kills a fresh user's run at one point. `None` where the run has fewer; else the point, and what was wrong after the
/// next run.
fn kill_at(town: &mut Town, wiring: &Wiring, point: usize) -> Option<(String, Vec<String>)> {
    let local = format!("kill{point}");
    let sub = town.sign_up("aesthetic", &local, true);
    town.name(&sub, &format!("k{point}-{}", town.tag));
    town.drop_indexes("users");
    // What an earlier point has left is told once, there.
    town.clear("atriage-intents");
    let unused: Vec<Value> = town.unused_invites_for("").into_iter().map(Value::from).collect();
    let (status, answer) = town.ask(
        "com.atproto.admin.disableInviteCodes",
        &serde_json::json!({"codes": unused}),
        true,
    );
    assert_eq!(status, 200, "{answer}");

    wiring.fuse.arm(Blow::At(point));
    let outcome = town.run(&["backfill", &sub, "--fix", "--yes"]);
    let Some(label) = wiring.fuse.blown() else {
        assert_eq!(outcome.code, 0, "{outcome:?}");
        is_whole(town, &sub, &local);
        return None;
    };
    // The last answer of all may find a program that has ended by itself.
    assert!(matches!(outcome.code, KILLED | 0), "{label}: {outcome:?}");
    let wrong = match mend(town, wiring, &sub) {
        Ok(()) => wrong(town, &sub, &local),
        Err(why) => vec![why],
    };
    Some((label, wrong))
}

#[test]
fn a_run_that_is_killed_at_any_point_is_gone_on_with() {
    let next = AtomicUsize::new(1);
    let killed = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let (mut town, wiring) = Wiring::with_pds(PdsOptions::default());
                loop {
                    let point = next.fetch_add(1, Ordering::Relaxed);
                    let Some((label, wrong)) = kill_at(&mut town, &wiring, point) else {
                        break;
                    };
                    killed
                        .lock()
                        .expect("nobody panics with it")
                        .push((point, label, wrong));
                }
                let accounts = town.all_accounts().len();
                let killed = killed.lock().expect("nobody panics with it").len();
                let orphans = orphans(&wiring, accounts);
                assert!(
                    orphans <= killed,
                    "{orphans} DIDs without an account, of {killed} kills"
                );
            });
        }
    });
    let mut killed = killed.into_inner().expect("nobody panics with it");
    killed.sort();
    // The middle of it above all: asked and not begun, begun, made and not answered.
    for (begins, ends) in [
        ("pds POST /xrpc/com.atproto.server.createAccount", "before"),
        ("pds POST /xrpc/com.atproto.server.createAccount", "answered"),
        ("pds to plc POST /did", "before"),
        ("pds to plc POST /did", "answered"),
        ("mongo insert atriage-intents", "answered"),
        ("mongo update users", "answered"),
    ] {
        let there =
            |(_, label, _): &(usize, String, Vec<String>)| label.starts_with(begins) && label.ends_with(ends);
        assert!(
            killed.iter().any(there),
            "never killed at {begins} {ends}: {killed:#?}"
        );
    }
    let failed: Vec<String> = killed
        .iter()
        .filter(|(_, _, wrong)| !wrong.is_empty())
        .map(|(point, label, wrong)| format!("{point} {label}: {}", wrong.join("; ")))
        .collect();
    assert!(
        failed.is_empty(),
        "{} of {} points:\n{}",
        failed.len(),
        killed.len(),
        failed.join("\n")
    );
}

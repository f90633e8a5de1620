//! Killed everywhere: a run is killed before the first thing that it changes at a service and behind each, before the next
//! one arrives, and at random moments, and started again. Every time there is one account and one record, and nothing is
//! left lying about.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use bson::doc;
use serde_json::json;

use crate::support::fuse::{Blow, Chance};
use crate::support::services::PdsOptions;
use crate::support::town::Town;
use crate::support::whole::Person;
use crate::support::wiring::Wiring;

const KILLED: i32 = -9;
/// How often a run is started again at most. Once has to do, where only the first was killed.
const AGAIN: usize = 3;
const CREATE: &str = "pds POST /xrpc/com.atproto.server.createAccount";

/// A place where a run was killed, and what was wrong after the next.
type Kill = (usize, String, Vec<String>);

fn sign_up(town: &mut Town, local: &str) -> Person {
    let sub = town.sign_up("aesthetic", local, true);
    town.name(&sub, &format!("{local}-{}", town.tag));
    Person {
        sub,
        local: local.to_owned(),
    }
}

/// Makes somebody of whom something is wrong; whoever is whole again may serve once more.
type Spoil = fn(&mut Town, Option<Person>, &str) -> Person;

/// Nothing of a verified user with a handle is there but Auth0's: every step that makes something.
fn fresh(town: &mut Town, _: Option<Person>, local: &str) -> Person {
    let person = sign_up(town, local);
    town.drop_indexes("users");
    person
}

/// Everything of the user is there and nothing is right: every step that mends something.
fn worn(town: &mut Town, whole: Option<Person>, local: &str) -> Person {
    let person = whole.unwrap_or_else(|| whole_one(town, local));
    town.drop_indexes("users");
    town.set("verifications", &person.sub, doc! {"count": 0});
    town.set(
        "@handles",
        &person.sub,
        doc! {"handle": format!("{local}-n{}", town.tag)},
    );
    town.unset("users", &person.sub, &["code", "atproto"]);
    person
}

/// The recorded password opens nothing.
fn locked_out(town: &mut Town, whole: Option<Person>, local: &str) -> Person {
    let person = whole.unwrap_or_else(|| whole_one(town, local));
    let wrong = doc! {"atproto.password": "not-the-password"};
    town.set("users", &person.sub, wrong);
    person
}

/// The PDS has lost the account.
fn gone(town: &mut Town, whole: Option<Person>, local: &str) -> Person {
    let person = whole.unwrap_or_else(|| whole_one(town, local));
    let body = json!({"did": did_of(town, &person).expect("a DID")});
    let (status, answer) = town.ask("com.atproto.admin.deleteAccount", &body, true);
    assert_eq!(status, 200, "{answer}");
    person
}

fn did_of(town: &Town, person: &Person) -> Option<String> {
    let user = town.get("users", &person.sub)?;
    let account = user.get_document("atproto").ok()?;
    account.get_str("did").ok().map(String::from)
}

fn whole_one(town: &mut Town, local: &str) -> Person {
    let person = sign_up(town, local);
    mend(town, &["backfill", &person.sub, "--fix", "--yes"]).expect("nobody is killed here");
    person
}

/// Runs until it exits with 0; else what the last run said.
fn mend(town: &Town, args: &[&str]) -> Result<(), String> {
    let mut last = String::new();
    for _ in 0..AGAIN {
        town.fuse.as_ref().expect("it is wired").arm(Blow::Never);
        let outcome = town.run(args);
        if outcome.code == 0 {
            return Ok(());
        }
        let (out, err) = (outcome.stdout.trim(), outcome.stderr.trim());
        last = format!("exit {}: {out}{err}", outcome.code);
    }
    Err(last)
}

/// What one kill left is told once, and not again with each that follows; and what its runs have written down was looked
/// through for secrets when they ended, and not again by each that follows.
fn sweep(town: &Town) {
    for collection in [
        "atriage-intents",
        "atriage-history",
        "atriage-jobs",
        "atriage-runs",
    ] {
        town.clear(collection);
    }
    let body = json!({"codes": town.unused_invites_for("")});
    let (status, answer) = town.ask("com.atproto.admin.disableInviteCodes", &body, true);
    assert_eq!(status, 200, "{answer}");
}

/// The DIDs that the directory has and the PDS has no account for.
fn orphans(town: &Town, wiring: &Wiring) -> usize {
    let directory = wiring.directory.as_ref().expect("the PDS is the town's own");
    let mut made: Vec<String> = directory
        .log()
        .into_iter()
        .filter(|call| call.method == "POST" && call.status == Some(200))
        .map(|call| call.path.replace("%3A", ":"))
        .collect();
    made.sort();
    made.dedup();
    let accounts = town.all_accounts();
    let has_account = |path: &String| accounts.iter().any(|account| account["did"] == path[1..]);
    made.iter().filter(|path| !has_account(path)).count()
}

/// Kills the run of a user at one point, and runs again. `None` where the run has fewer points.
fn kill_at(
    town: &Town,
    wiring: &Wiring,
    person: &Person,
    args: &[&str],
    blow: Blow,
) -> Option<(String, Vec<String>)> {
    sweep(town);
    let before = orphans(town, wiring);
    wiring.fuse.arm(blow);
    let outcome = town.run(args);
    let Some(label) = wiring.fuse.blown() else {
        assert_eq!(outcome.code, 0, "{outcome:?}");
        let wrong = town.wrong(std::slice::from_ref(person));
        assert!(wrong.is_empty(), "nobody was killed, and {wrong:?}");
        return None;
    };
    // The answer to the last request of all may find a program that has ended by itself.
    assert!(matches!(outcome.code, KILLED | 0), "{label}: {outcome:?}");
    let mut wrong = match mend(town, args) {
        Ok(()) => town.wrong(std::slice::from_ref(person)),
        Err(why) => vec![why],
    };
    // Only where the PDS was in the middle of it can it not be helped.
    let more = orphans(town, wiring) - before;
    if more > usize::from(label.starts_with("pds to plc")) {
        wrong.push(format!("{more} DIDs without an account"));
    }
    Some((label, wrong))
}

/// Kills in every state that the run which mends such a user leaves behind, on two towns at once, and behind each of these
/// calls.
fn kill_everywhere(spoil: Spoil, more: &[&str], among: &[&'static str]) -> Vec<Kill> {
    let next = AtomicUsize::new(1);
    let killed = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let (mut town, wiring) = Wiring::with_pds(PdsOptions::default());
                let mut whole = None;
                loop {
                    let point = next.fetch_add(1, Ordering::Relaxed);
                    let person = spoil(&mut town, whole.take(), &format!("u{point}"));
                    let named = did_of(&town, &person).map(|did| format!("--recreate={did}"));
                    let more = more.iter().map(|flag| match &named {
                        Some(named) if *flag == "--recreate" => named.as_str(),
                        _ => flag,
                    });
                    let args = ["backfill", &person.sub, "--fix", "--yes"];
                    let args: Vec<&str> = args.into_iter().chain(more).collect();
                    let Some((label, wrong)) = kill_at(&town, &wiring, &person, &args, Blow::At(point))
                    else {
                        break;
                    };
                    whole = wrong.is_empty().then_some(person);
                    let mut killed = killed.lock().expect("nobody panics with it");
                    killed.push((point, label, wrong));
                }
            });
        }
    });
    let mut killed = killed.into_inner().expect("nobody panics with it");
    // Whatever shifts the count of a run: behind each of these one is killed all the same.
    let missed: Vec<&&'static str> = among
        .iter()
        .filter(|call| !is_killed_behind(&killed, call))
        .collect();
    if !missed.is_empty() {
        let (mut town, wiring) = Wiring::with_pds(PdsOptions::default());
        for (at, call) in missed.into_iter().enumerate() {
            let person = spoil(&mut town, None, &format!("m{at}"));
            let args = [&["backfill", &person.sub, "--fix", "--yes"], more].concat();
            let told = kill_at(&town, &wiring, &person, &args, Blow::Behind(call));
            killed.extend(told.map(|(label, wrong)| (0, label, wrong)));
        }
    }
    killed.sort();
    killed
}

fn is_killed_behind(killed: &[Kill], call: &str) -> bool {
    let there = |(_, label, _): &Kill| label.starts_with(call) && label.ends_with("answered");
    killed.iter().any(there)
}

/// Fails where something was wrong anywhere, or where nobody was killed behind each of these, before the next.
fn all_is_well(killed: &[Kill], among: &[&str]) {
    for call in among {
        assert!(
            is_killed_behind(killed, call),
            "never killed behind {call}: {killed:#?}"
        );
    }
    let failed: Vec<String> = killed
        .iter()
        .filter(|(_, _, wrong)| !wrong.is_empty())
        .map(|(point, label, wrong)| format!("{point} {label}: {}", wrong.join("; ")))
        .collect();
    assert!(
        failed.is_empty(),
        "after {} of {} kills:\n{}",
        failed.len(),
        killed.len(),
        failed.join("\n")
    );
}

#[test]
fn a_run_that_makes_everything_can_be_killed_at_any_point() {
    // The middle of createAccount above all: begun, made and not answered. Where it is asked and not begun, all is as it was
    // behind the invite.
    let among = [
        "mongo createIndexes users",
        "mongo insert verifications",
        "mongo insert users",
        "pds POST /xrpc/com.atproto.server.createInviteCode",
        "mongo insert atriage-intents",
        "mongo update atriage-intents",
        CREATE,
        "pds to plc POST /did",
        "mongo update users",
        "mongo insert atriage-history",
        "mongo delete atriage-intents",
    ];
    let killed = kill_everywhere(fresh, &[], &among);
    all_is_well(&killed, &among);
}

#[test]
fn a_run_that_mends_everything_can_be_killed_at_any_point() {
    let among = [
        "mongo update verifications",
        "mongo update users",
        "pds POST /xrpc/com.atproto.admin.updateAccountPassword",
        "pds POST /xrpc/com.atproto.admin.updateAccountHandle",
        "pds to plc POST /did",
        "mongo delete atriage-intents",
    ];
    let killed = kill_everywhere(worn, &[], &among);
    all_is_well(&killed, &among);
}

#[test]
fn a_run_that_replaces_a_password_can_be_killed_at_any_point() {
    let among = [
        "mongo insert atriage-intents",
        "pds POST /xrpc/com.atproto.admin.updateAccountPassword",
        "mongo update users",
        "mongo delete atriage-intents",
    ];
    let killed = kill_everywhere(locked_out, &["--deep"], &among);
    all_is_well(&killed, &among);
}

#[test]
fn a_run_that_replaces_a_gone_account_can_be_killed_at_any_point() {
    let among = [
        "mongo insert atriage-intents",
        "pds POST /xrpc/com.atproto.server.createInviteCode",
        "mongo update atriage-intents",
        CREATE,
        "mongo update users",
        "mongo insert atriage-history",
        "mongo delete atriage-intents",
    ];
    let killed = kill_everywhere(gone, &["--recreate"], &among);
    all_is_well(&killed, &among);
}

/// Twenty users at once, killed at moments of chance again and again until all are done; then the next twenty.
#[test]
fn a_run_of_twenty_can_be_killed_at_any_moment() {
    const KILLS: usize = 200;
    let chance = Mutex::new(Chance::new());
    let kills = AtomicUsize::new(0);
    let rounds = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for at in 0..2 {
            let (chance, kills, rounds) = (&chance, &kills, &rounds);
            scope.spawn(move || {
                let (mut town, wiring) = Wiring::with_pds(PdsOptions::default());
                town.old_index();
                let people = twenty(&mut town, &format!("t{at}-0"));
                wiring.fuse.arm(Blow::Never);
                let whole_run = town.run(&backfill(&people));
                assert_eq!(whole_run.code, 0, "{whole_run:?}");
                let mut round = 0;
                while kills.load(Ordering::Relaxed) < KILLS {
                    round += 1;
                    sweep(&town);
                    let before = orphans(&town, &wiring);
                    let people = twenty(&mut town, &format!("t{at}-{round}"));
                    let mut killed = Vec::new();
                    let ended = loop {
                        // As slow as the machine is just now. A run goes on where the last one was killed, so that
                        // early moments hit all of the work too; where all is recorded, a kill would hit nothing.
                        let time = chance
                            .lock()
                            .expect("nobody panics with it")
                            .below(whole_run.took / 3);
                        let blow = match recorded(&town, &people) {
                            true => Blow::Never,
                            false => Blow::After(time),
                        };
                        wiring.fuse.arm(blow);
                        let outcome = town.run(&backfill(&people));
                        match wiring.fuse.blown() {
                            Some(label) => killed.push(label),
                            None => break outcome,
                        }
                    };
                    kills.fetch_add(killed.len(), Ordering::Relaxed);
                    let mut wrong = town.wrong(&people);
                    if ended.code != 0 {
                        wrong.push(format!("exit {}: {}", ended.code, ended.stdout));
                    }
                    // A kill may hit the PDS in the middle of as many accounts as are made at once.
                    let more = orphans(&town, &wiring) - before;
                    if more > killed.len() {
                        wrong.push(format!("{more} DIDs without an account"));
                    }
                    let mut rounds = rounds.lock().expect("nobody panics with it");
                    rounds.push((killed.len(), killed.join("\n"), wrong));
                }
            });
        }
    });
    let rounds = rounds.into_inner().expect("nobody panics with it");
    let within = rounds
        .iter()
        .flat_map(|(_, killed, _)| killed.lines())
        .filter(|label| !label.ends_with("its first request"))
        .count();
    assert!(
        within > KILLS / 2,
        "only {within} kills hit a run at its work: {rounds:#?}"
    );
    all_is_well(&rounds, &[]);
}

fn twenty(town: &mut Town, name: &str) -> Vec<Person> {
    (0..20).map(|at| sign_up(town, &format!("{name}-{at}"))).collect()
}

/// Whether every one of them has an account by the records.
fn recorded(town: &Town, people: &[Person]) -> bool {
    let users = town.all("users");
    let has = |person: &Person| {
        users.iter().any(|user| {
            user.get_str("_id").is_ok_and(|id| id == person.sub)
                && user
                    .get_document("atproto")
                    .is_ok_and(|account| account.contains_key("did"))
        })
    };
    people.iter().all(has)
}

fn backfill(people: &[Person]) -> Vec<&str> {
    let subs = people.iter().map(|person| person.sub.as_str());
    ["backfill", "--fix", "--yes"].into_iter().chain(subs).collect()
}

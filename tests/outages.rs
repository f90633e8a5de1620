//! Outages in the middle of a run: each service is killed, refuses, hangs, or carries out and loses its answer, and comes
//! back. The run ends whole by itself; where nothing comes back it says so, stops, and is gone on with after the repair.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::command::{Outcome, Running};
use crate::support::mongo::{Mongo, client, fail_commands, fail_no_more};
use crate::support::runs::people;
use crate::support::runtime;
use crate::support::services::PdsOptions;
use crate::support::tap::{Call, Fault, PATIENT, Tap};
use crate::support::town::Town;
use crate::support::whole::Person;
use crate::support::wiring::Wiring;

const USERS: usize = 12;
const CREATE: &str = "com.atproto.server.createAccount";
/// How the PDS tells its directory of a DID.
const REGISTER: &str = "POST /did";
/// How many accounts are asked for before the outage begins: some are made, some are under way, most are to come.
const BEFORE: usize = 4;
/// How long it lasts at least.
const OUTAGE: Duration = Duration::from_secs(3);
/// Of the program, for one call.
const TIMEOUT: Duration = Duration::from_secs(3);
/// A machine that runs all the other tests too is slow.
const LIMIT: Duration = Duration::from_secs(180);
/// What is said while everybody waits for the end of an outage.
const WAITING: &str = "All wait until";

fn sign_up(town: &mut Town, round: &str) -> Vec<Person> {
    let person = |at| {
        let local = format!("{round}{at}");
        let sub = town.sign_up("aesthetic", &local, true);
        town.name(&sub, &format!("{local}-{}", town.tag));
        Person { sub, local }
    };
    (0..USERS).map(person).collect()
}

/// A run about these people that is under way: so many accounts were asked for.
fn begin(town: &mut Town, pds: &Tap, people: &[Person], more: &[&str]) -> Running {
    town.limit = LIMIT;
    let timeout = TIMEOUT.as_secs().to_string();
    let mut args = vec!["backfill", "--fix", "--yes", "--timeout", &timeout];
    args.extend(more);
    args.extend(people.iter().map(|person| person.sub.as_str()));
    let before = pds.calls(CREATE);
    let mut running = town.start(&args);
    // Then it is planned, and its users are in the store.
    running.wait_for("run ");
    pds.wait_for_calls(CREATE, before + BEFORE);
    running
}

/// The end of a run that an outage met and that nobody helped: 0, everybody whole, and the waiting was said.
fn ends_whole(town: &Town, what: &str, people: &[Person], running: Running) -> Outcome {
    let outcome = running.wait();
    let said = outcome.stderr.matches(WAITING).count();
    println!("{what}: over after {:?}, {said} times {WAITING:?}", outcome.took);
    assert_eq!(outcome.code, 0, "{what}: {outcome:?}");
    let wrong = town.wrong(people);
    assert!(wrong.is_empty(), "{what}: {wrong:?}\n{}", outcome.stderr);
    assert!(said > 0, "{what}: nobody was told: {}", outcome.stderr);
    outcome
}

/// The calls that were under way between these two moments and were never answered.
fn cut_off(tap: &Tap, fragment: &str, from: Instant, to: Instant) -> usize {
    let cut = |call: &&Call| {
        call.line().contains(fragment)
            && call.status.is_none()
            && call.began <= to
            && call.ended.is_none_or(|ended| ended >= from)
    };
    tap.log().iter().filter(cut).count()
}

/// Blocks until so many operations were answered.
fn wait_for_answers(directory: &Tap, count: usize) {
    let begun = Instant::now();
    let answered = |call: &&Call| call.line().contains(REGISTER) && call.status.is_some();
    while directory.log().iter().filter(answered).count() < count {
        assert!(begun.elapsed() < LIMIT, "{:#?}", directory.log());
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn the_pds_is_killed_and_started_again() {
    let (mut town, wiring) = Wiring::with_pds(PdsOptions::default());
    let directory = wiring.directory.as_ref().expect("the PDS is the town's own");
    // When an account was asked for, and when its DID has just been made.
    for behind_the_did in [false, true] {
        let people = sign_up(&mut town, if behind_the_did { "behind" } else { "before" });
        let (before, made) = (wiring.strays(&town), directory.calls(REGISTER));
        let mut running = begin(&mut town, &wiring.pds, &people, &[]);
        if behind_the_did {
            wait_for_answers(directory, made + BEFORE);
        }
        let pds = town.pds.as_mut().expect("it is the town's own");
        let from = Instant::now();
        pds.kill();
        let cut = cut_off(&wiring.pds, CREATE, from, Instant::now());
        running.wait_for(WAITING);
        std::thread::sleep(OUTAGE.saturating_sub(from.elapsed()));
        pds.restart();
        ends_whole(&town, "the PDS was killed", &people, running);
        let strays = wiring.strays(&town) - before;
        println!("{strays} DIDs without an account, {cut} createAccounts under way at the kill");
        assert!(strays <= cut, "{strays} DIDs without an account for {cut} calls");
    }
}

#[test]
fn the_directory_refuses_hangs_and_loses_its_answers() {
    /// So many operations are carried out without an answer.
    const LOST: usize = 6;
    let (mut town, wiring) = Wiring::with_pds(PdsOptions::default());
    let directory = wiring.directory.as_ref().expect("the PDS is the town's own");
    for (what, fault, outage) in [
        ("refuses", Fault::Refuse, OUTAGE),
        ("hangs", Fault::Hang, TIMEOUT + OUTAGE),
    ] {
        let people = sign_up(&mut town, what);
        let before = wiring.strays(&town);
        let mut running = begin(&mut town, &wiring.pds, &people, &[]);
        let asked = directory.calls("");
        directory.always("", fault.clone());
        // The program asks it too.
        wiring.plc.always("", fault);
        running.wait_for(WAITING);
        std::thread::sleep(outage);
        let met = directory.calls("") - asked;
        directory.heal();
        wiring.plc.heal();
        ends_whole(&town, &format!("the directory {what}"), &people, running);
        let strays = wiring.strays(&town) - before;
        println!("{strays} DIDs without an account, {met} calls met the outage");
        assert!(met > 0, "the outage was over before anybody noticed");
        assert_eq!(strays, 0, "nothing was carried out");
    }
    let people = sign_up(&mut town, "loses");
    let before = wiring.strays(&town);
    let running = begin(&mut town, &wiring.pds, &people, &[]);
    let asked = directory.calls(REGISTER);
    directory.rule(REGISTER, 0, LOST, Fault::LoseAnswer);
    ends_whole(&town, "the directory loses its answers", &people, running);
    directory.heal();
    let strays = wiring.strays(&town) - before;
    println!(
        "{strays} DIDs without an account, {} operations from the first lost one on",
        directory.calls(REGISTER) - asked
    );
    assert!(
        (1..=LOST).contains(&strays),
        "{strays} DIDs without an account for {LOST} lost answers"
    );
}

#[test]
fn mongo_is_killed_and_started_again_and_auth0_is_down_for_a_while() {
    let (mut town, wiring) = Wiring::with_pds_and_mongo();
    let people = sign_up(&mut town, "mongo");
    let mut running = begin(&mut town, &wiring.pds, &people, &[]);
    let mongo = town.mongo.as_mut().expect("it is the town's own");
    let from = Instant::now();
    mongo.kill();
    running.wait_for(WAITING);
    std::thread::sleep(OUTAGE.saturating_sub(from.elapsed()));
    mongo.restart();
    ends_whole(&town, "MongoDB was killed", &people, running);

    let auth0 = &wiring.auth0[0];
    for (what, fault) in [
        ("is overloaded", Fault::answer(503, json!({"statusCode": 503}))),
        ("closes its connections", Fault::Refuse),
    ] {
        let people = sign_up(&mut town, &what[..5].replace(' ', ""));
        let mut running = begin(&mut town, &wiring.pds, &people, &[]);
        let asked = auth0.calls("");
        auth0.always("", fault);
        running.wait_for(WAITING);
        std::thread::sleep(OUTAGE);
        let met = auth0.calls("") - asked;
        auth0.heal();
        ends_whole(&town, &format!("Auth0 {what}"), &people, running);
        println!("{met} calls met the outage");
        assert!(met > 0, "the outage was over before anybody noticed");
    }
    assert_eq!(wiring.strays(&town), 0, "no account was cut off");
}

/// No lease outlives it, neither the run's nor a user's, and nobody else takes them: the run goes on by itself.
#[test]
fn mongo_is_away_for_longer_than_a_lease_lasts() {
    const LONG: Duration = Duration::from_secs(36);
    let (mut town, wiring) = Wiring::with_pds_and_mongo();
    let people = sign_up(&mut town, "long");
    let mut running = begin(&mut town, &wiring.pds, &people, &[]);
    let mongo = town.mongo.as_mut().expect("it is the town's own");
    let from = Instant::now();
    mongo.kill();
    running.wait_for(WAITING);
    std::thread::sleep(LONG.saturating_sub(from.elapsed()));
    let asked = wiring.pds.calls(CREATE);
    mongo.restart();
    ends_whole(&town, "MongoDB was away for long", &people, running);
    assert!(wiring.pds.calls(CREATE) > asked, "nothing was left to do");
    assert_eq!(wiring.strays(&town), 0, "no account was cut off");
}

/// MongoDB fails just when a step has ended: how it ended is written down all the same, and not left open for ever.
#[test]
fn the_trail_says_how_a_step_ended_though_mongo_failed_just_then() {
    let mut town = Town::with_mongo(Mongo::start());
    let person = people(&mut town, 1).remove(0);
    let pds = Tap::start(&town.pds_url);
    town.pds_url.clone_from(&pds.url);
    pds.always(CREATE, Fault::Hold);
    let admin = runtime().block_on(client(&town.mongo_uri));
    let running = town.start(&["backfill", &person.sub, "--fix", "--yes", PATIENT]);
    pds.wait_for_calls(CREATE, 1);
    // The driver asks once more by itself; what is inserted next is what the trail says of the account.
    let met = runtime().block_on(fail_commands(&admin, "atriage", &["insert"], 262, 2));
    let made = |call: &Call| call.line().contains(CREATE) && call.ended.is_some();
    assert!(
        !pds.log().iter().any(made),
        "the account was made before MongoDB failed"
    );
    pds.let_go();
    let outcome = running.wait();
    assert_eq!(outcome.code, 0, "{outcome:?}");
    let failed = runtime().block_on(fail_no_more(&admin)) - met;
    assert_eq!(failed, 2, "MongoDB did not fail");
    let (_, told) = town.json(&["history", &person.sub]);
    let deeds = told["deeds"].as_array().expect("a list");
    let made: Vec<&Value> = deeds
        .iter()
        .filter(|deed| deed["step"] == "create-account")
        .map(|deed| &deed["outcome"])
        .collect();
    assert_eq!(made, [&json!("done")], "{told:#}");
}

/// Who cannot be planned for is not left out: the run looks at everybody anew, and waits.
#[test]
fn an_outage_while_the_plans_are_made_fails_nobody() {
    /// Each look at a user is asked for three times: so many users cannot be planned for.
    const UNPLANNED: usize = 5;
    let (mut town, wiring) = Wiring::with_pds(PdsOptions::default());
    town.limit = LIMIT;
    let people = sign_up(&mut town, "early");
    let auth0 = &wiring.auth0[0];
    let overloaded = Fault::answer(503, json!({"statusCode": 503}));
    auth0.rule("GET /api/v2/users/", 0, 3 * UNPLANNED, overloaded);
    let subs = people.iter().map(|person| person.sub.as_str());
    let args: Vec<&str> = ["backfill", "--fix", "--yes"].into_iter().chain(subs).collect();
    let outcome = town.run(&args);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    let wrong = town.wrong(&people);
    assert!(wrong.is_empty(), "{wrong:?}\n{}", outcome.stderr);
}

/// A service is gone for good, as far as the run can tell; then it is repaired, and the run gone on with.
fn stops_and_is_gone_on_with(
    what: &str,
    mut town: Town,
    wiring: &Wiring,
    kill: fn(&mut Town),
    repair: fn(&mut Town),
) {
    let people = sign_up(&mut town, "endless");
    let mut running = begin(&mut town, &wiring.pds, &people, &[]);
    let from = Instant::now();
    kill(&mut town);
    let cut = cut_off(&wiring.pds, CREATE, from, Instant::now());
    // The last that it says: it ends without the repair.
    running.wait_for("goes on after the repair");
    let stopped = from.elapsed();
    repair(&mut town);
    let outcome = running.wait();
    let said = outcome.stderr.matches(WAITING).count();
    println!("{what}: stopped after {stopped:?}, {said} times {WAITING:?}");
    assert_eq!(outcome.code, 6, "{what}: {outcome:?}");
    assert!(said >= 5, "{what}: hardly anybody is told: {}", outcome.stderr);
    assert!(
        outcome.stderr.contains(" stopped after "),
        "{what}: {}",
        outcome.stderr
    );
    assert!(outcome.stdout.contains(" 0 failed"), "{what}: {}", outcome.stdout);
    let run = outcome.stderr.split_once("run ").expect("it is named").1[..8].to_owned();

    let again = town.run(&["runs", "resume", &run, "--yes"]);
    println!("{what}: gone on with in {:?}", again.took);
    assert_eq!(again.code, 0, "{what}: {again:?}");
    let wrong = town.wrong(&people);
    assert!(wrong.is_empty(), "{what}: {wrong:?}\n{}", again.stderr);
    let strays = wiring.strays(&town);
    assert!(
        strays <= cut,
        "{what}: {strays} DIDs without an account for {cut} calls"
    );
}

/// Both at once, since both mostly wait.
#[test]
fn an_outage_without_an_end_stops_the_run_and_fails_nobody() {
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let (town, wiring) = Wiring::with_pds(PdsOptions::default());
            let kill = |town: &mut Town| town.pds.as_mut().expect("its own").kill();
            let repair = |town: &mut Town| town.pds.as_mut().expect("its own").restart();
            stops_and_is_gone_on_with("the PDS", town, &wiring, kill, repair);
        });
        scope.spawn(|| {
            let (town, wiring) = Wiring::with_pds_and_mongo();
            let kill = |town: &mut Town| town.mongo.as_mut().expect("its own").kill();
            let repair = |town: &mut Town| town.mongo.as_mut().expect("its own").restart();
            stops_and_is_gone_on_with("MongoDB", town, &wiring, kill, repair);
        });
    });
}

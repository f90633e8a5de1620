//! The limits of the services, on the real limiter of the PDS and the announced budget of Auth0: nobody fails for them, the
//! wait is said, and what is asked stays within what the service bears.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use atriage::sandbox::RateBudget;
use serde_json::json;

use crate::support::command::{Outcome, Running};
use crate::support::services::PdsOptions;
use crate::support::tap::{Call, Fault, Tap};
use crate::support::town::Town;
use crate::support::whole::Person;

const CREATE: &str = "com.atproto.server.createAccount";
/// So many accounts in five minutes from one address.
const ACCOUNTS: usize = 100;
/// So many requests of any kind in five minutes from one address.
const REQUESTS: usize = 3_000;
/// Five minutes of waiting, and the work before and after it on a machine that runs all the other tests too.
const LIMIT: Duration = Duration::from_secs(600);

fn sign_up(town: &mut Town, name: &str, count: usize) -> Vec<Person> {
    let person = |at| {
        let local = format!("{name}{at}");
        let sub = town.sign_up("aesthetic", &local, true);
        town.name(&sub, &format!("{local}-{}", town.tag));
        Person { sub, local }
    };
    (0..count).map(person).collect()
}

/// A town whose PDS limits, and the tap before that PDS.
fn limited() -> (Town, Tap) {
    let options = PdsOptions {
        env: vec![("PDS_RATE_LIMITS_ENABLED", "true")],
        ..PdsOptions::default()
    };
    let mut town = Town::with_pds(options);
    let tap = Tap::start(&town.pds_url);
    town.pds_url.clone_from(&tap.url);
    town.limit = LIMIT;
    (town, tap)
}

fn begin(town: &Town, people: &[Person]) -> Running {
    let subs = people.iter().map(|person| person.sub.as_str());
    let args: Vec<&str> = ["backfill", "--fix", "--yes"].into_iter().chain(subs).collect();
    town.start(&args)
}

/// How often each method was asked for, the most frequent first.
fn by_method(calls: &[Call]) -> Vec<(usize, String)> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for call in calls {
        let name = call.path.rsplit('/').next().unwrap_or_default();
        *counts.entry(name).or_default() += 1;
    }
    let mut counts: Vec<(usize, String)> = counts.into_iter().map(|(name, n)| (n, name.into())).collect();
    counts.sort_by(|a, b| b.cmp(a));
    counts
}

fn answered(calls: &[Call], status: u16) -> usize {
    calls.iter().filter(|call| call.status == Some(status)).count()
}

/// Every run made its people whole, and waited for the limit instead of failing.
fn crossed(what: &str, town: &Town, tap: &Tap, people: &[Person], outcomes: &[Outcome]) {
    let calls = tap.log();
    println!(
        "{what}: {:?}; {} requests for {} users, {:.1} each: {:?}; {} answered with 429",
        outcomes.iter().map(|outcome| outcome.took).collect::<Vec<_>>(),
        calls.len(),
        people.len(),
        calls.len() as f64 / people.len() as f64,
        by_method(&calls),
        answered(&calls, 429)
    );
    for outcome in outcomes {
        assert_eq!(outcome.code, 0, "{what}: {outcome:?}");
    }
    let waits: Vec<&str> = outcomes
        .iter()
        .flat_map(|outcome| outcome.stderr.lines())
        .filter(|line| line.contains("waits until "))
        .collect();
    println!("{what}: {waits:#?}");
    assert!(!waits.is_empty(), "{what}: nobody was told: {outcomes:?}");
    // Whoever was refused says it in other words than those who did not ask any more, and that is all.
    assert!(
        waits.len() <= 3 * outcomes.len(),
        "{what}: one wait is told again and again"
    );
    // The limiter was really there: nobody got across within its five minutes.
    let made: Vec<Instant> = calls
        .iter()
        .filter(|call| call.path.contains(CREATE) && call.status == Some(200))
        .filter_map(|call| call.ended)
        .collect();
    assert_eq!(made.len(), people.len(), "{what}: one answer for each account");
    let mut sorted = made.clone();
    sorted.sort();
    let across = sorted[ACCOUNTS].duration_since(sorted[0]);
    println!(
        "{what}: the {}th account came {across:?} after the first",
        ACCOUNTS + 1
    );
    assert!(across > Duration::from_secs(240), "{what}: there was no limit");
    assert!(calls.len() < REQUESTS, "{what}: {} requests", calls.len());
    assert_eq!(town.all_accounts().len(), people.len(), "{what}: accounts");
    let wrong = town.wrong(people);
    assert!(wrong.is_empty(), "{what}: {wrong:?}");
}

/// Both at once, since both wait for five minutes.
#[test]
fn more_accounts_than_the_limit_are_made_by_one_process_and_by_two() {
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let (mut town, tap) = limited();
            let people = sign_up(&mut town, "one", 130);
            let outcome = begin(&town, &people).wait();
            crossed("one process", &town, &tap, &people, &[outcome]);
        });
        scope.spawn(|| {
            let (mut town, tap) = limited();
            let people = sign_up(&mut town, "two", 120);
            // Neither knows of the other but by what the PDS answers.
            let running = [&people[..60], &people[60..]].map(|half| begin(&town, half));
            let outcomes = running.map(Running::wait);
            crossed("two processes", &town, &tap, &people, &outcomes);
        });
    });
}

#[test]
fn auth0_at_two_requests_a_second_answers_nothing_with_an_error() {
    const AUDITED: usize = 300;
    const PLANNED: usize = 12;
    let mut town = Town::new();
    town.old_index();
    for at in 0..AUDITED {
        let sub = town.sign_up("aesthetic", &format!("user{at}"), at % 2 == 0);
        town.verification(&sub, 0);
    }
    town.world.set_rate("aesthetic", RateBudget::FREE);
    let tap = Tap::start(&town.auth0_urls[0].1);
    town.auth0_urls[0].1.clone_from(&tap.url);

    let (status, report) = town.json(&["audit", "aesthetic", "300"]);
    let audited = tap.log();
    println!(
        "audit of {AUDITED}: {} requests, {} answered with 429",
        audited.len(),
        answered(&audited, 429)
    );
    assert_eq!(status, 3, "{report:#}");
    assert_eq!(report["totals"]["checked"], AUDITED, "{}", report["totals"]);
    assert_eq!(report["totals"]["unknown"], 0, "{}", report["totals"]);

    // A plan asks for each user by id and by e-mail: this is where the budget is short.
    let begun = Instant::now();
    let (status, plan) = town.json(&["backfill", &PLANNED.to_string()]);
    let planned = &tap.log()[audited.len()..];
    println!(
        "plans for {PLANNED}: {:?}, {} requests, {} answered with 429",
        begun.elapsed(),
        planned.len(),
        answered(planned, 429)
    );
    assert_eq!(status, 3, "{plan:#}");
    let users = plan["users"].as_array().expect("a list");
    assert_eq!(users.len(), PLANNED, "{plan:#}");
    assert!(
        users.iter().all(|user| user["error"].is_null()),
        "a 429 became an error: {plan:#}"
    );
    assert!(planned.len() >= 2 * PLANNED, "{planned:#?}");
    // Whoever just tried until it works would be refused for most of them.
    let refused = answered(&audited, 429) + answered(planned, 429);
    assert!(refused <= 4, "{refused} requests were too many");
}

/// How many createAccounts the gate may let in at most, after so many that went well: it begins with four, and becomes
/// wider by one after twice as many as it is wide.
struct Bound {
    width: usize,
    good: usize,
}

impl Bound {
    fn new(width: usize) -> Self {
        Self { width, good: 0 }
    }

    fn went_well(&mut self) {
        self.good += 1;
        if self.good >= 2 * self.width {
            *self = Self::new((self.width + 1).min(16));
        }
    }
}

/// Fails where more of these calls were under way at once than the gate allows. What this sees of a call is shorter than
/// what the program sees of it, so that nothing is counted that was not there.
fn stays_within(calls: &[&Call], mut bound: Bound) -> (usize, Bound) {
    let began = calls.iter().map(|call| (call.began, None));
    let ended = calls
        .iter()
        .filter_map(|call| Some((call.ended?, Some(call.status))));
    let mut events: Vec<_> = began.chain(ended).collect();
    events.sort_by_key(|(at, _)| *at);
    let (mut under_way, mut most) = (0, 0);
    for (at, event) in events {
        match event {
            None => {
                under_way += 1;
                most = most.max(under_way);
                let after = at.duration_since(calls[0].began);
                assert!(
                    under_way <= bound.width,
                    "{under_way} at once after {after:?}, where {} are allowed",
                    bound.width
                );
            }
            Some(status) => {
                under_way -= 1;
                if status == Some(200) {
                    bound.went_well();
                }
            }
        }
    }
    (most, bound)
}

#[test]
fn accounts_are_made_a_few_at_once_and_fewer_when_the_pds_complains() {
    const USERS: usize = 60;
    /// The complaints: after so many calls, and so many.
    const FROM: usize = 20;
    const COMPLAINTS: usize = 4;
    let mut town = Town::new();
    let people = sign_up(&mut town, "wide", USERS);
    let tap = Tap::start(&town.pds_url);
    town.pds_url.clone_from(&tap.url);
    town.limit = Duration::from_secs(180);
    let busy = Fault::answer(503, json!({"error": "Overloaded", "message": "Too busy"}));
    tap.rule(CREATE, FROM, COMPLAINTS, busy);
    let subs = people.iter().map(|person| person.sub.as_str());
    let args = ["backfill", "--fix", "--yes", "--concurrency", "16"];
    let outcome = town.run(&args.into_iter().chain(subs).collect::<Vec<_>>());
    assert_eq!(outcome.code, 0, "{outcome:?}");
    let wrong = town.wrong(&people);
    assert!(wrong.is_empty(), "{wrong:?}");

    let calls = tap.log();
    let calls: Vec<&Call> = calls.iter().filter(|call| call.path.contains(CREATE)).collect();
    assert_eq!(
        calls.len(),
        USERS + COMPLAINTS,
        "each complaint costs one more call"
    );
    let complained = calls.iter().position(|call| call.status == Some(503));
    let complained = complained.expect("the rule was met");
    let last = calls.iter().rposition(|call| call.status == Some(503));
    let (before, after) = (&calls[..complained], &calls[last.expect("it was met") + 1..]);
    let (most_then, then) = stays_within(&calls[..=complained], Bound::new(4));
    let half = (then.width / 2).max(1);
    let (most_now, _) = stays_within(after, Bound::new(half));
    let soon = stays_within(&after[..(2 * half).min(after.len())], Bound::new(USERS)).0;
    println!(
        "{USERS} accounts in {:?}: at most {most_then} at once in the first {}, {soon} in the next after {COMPLAINTS} \
         complaints, {most_now} from there on, {} in all; with 16 wanted",
        outcome.took,
        before.len(),
        tap.most_at_once(CREATE)
    );
    assert!(most_then >= 3, "hardly anything was done at once");
    assert!(soon <= half, "{soon} at once where {half} are allowed");
}

//! Leases, held against both stores: one owner at a time, by the store's clock.

use std::sync::Arc;
use std::time::{Duration, Instant};

use atriage::services::store::Store;
use atriage::services::store::journal::{LEASES, Lease, RUNS};
use bson::{Document, doc};
use jiff::Timestamp;
use rustix::process::Signal;

use crate::support::runs::{fix, id, is_whole, only_run, people, runs, without_account};
use crate::support::stores::{Place, both};
use crate::support::tap::{Fault, PATIENT, Tap};
use crate::support::town::Town;
use crate::support::whole::Person;

const LONG: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(50);

async fn take(store: &Arc<dyn Store>, name: &str, owner: &str, life: Duration) -> Lease {
    store.lease(name, owner, life, None).await.expect("it answers")
}

/// Who holds it, and until when.
async fn holder(store: &Arc<dyn Store>, name: &str) -> Option<(String, Timestamp)> {
    let found = store.leases(&[name.into()]).await.expect("it answers");
    assert!(found.iter().all(|(found, ..)| found == name));
    found.into_iter().next().map(|(_, owner, until)| (owner, until))
}

async fn wait_until_free(store: &Arc<dyn Store>, name: &str) {
    let begun = Instant::now();
    while holder(store, name).await.is_some() {
        assert!(begun.elapsed() < LONG / 2, "a lease outlives its life");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_lease_is_one_owners_until_it_is_over_or_given_back() {
    for (name, store, _place) in both(&[]).await {
        assert_eq!(holder(&store, "auth0|1").await, None, "{name}");
        let before = Timestamp::now();
        assert_eq!(take(&store, "auth0|1", "a", LONG).await, Lease::Ours, "{name}");
        let Lease::Theirs { owner, until } = take(&store, "auth0|1", "b", LONG).await else {
            panic!("{name}: two have it");
        };
        assert_eq!(owner, "a", "{name}");
        let left = until.duration_since(before).as_secs_f64();
        assert!((59.9..90.0).contains(&left), "{name}: {left} s");
        assert_eq!(
            holder(&store, "auth0|1").await,
            Some(("a".into(), until)),
            "{name}"
        );
        assert_eq!(
            take(&store, "auth0|2", "b", LONG).await,
            Lease::Ours,
            "{name}: another user"
        );

        // Ours again, for as long as is asked now.
        let begun = Instant::now();
        assert_eq!(take(&store, "auth0|1", "a", SHORT).await, Lease::Ours, "{name}");
        while take(&store, "auth0|1", "b", LONG).await != Lease::Ours {
            assert!(begun.elapsed() < LONG / 2, "{name}: it is never over");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        // The store's clock knows milliseconds only.
        assert!(
            begun.elapsed() >= SHORT - Duration::from_millis(2),
            "{name}: it was taken while it held"
        );

        store.release("auth0|1", "a").await.expect("it answers");
        let stands = holder(&store, "auth0|1").await.map(|(owner, _)| owner);
        assert_eq!(stands.as_deref(), Some("b"), "{name}: it was not theirs to give");
        store.release("auth0|1", "b").await.expect("it answers");
        assert_eq!(holder(&store, "auth0|1").await, None, "{name}");
        assert_eq!(take(&store, "auth0|1", "a", LONG).await, Lease::Ours, "{name}");
        let both = ["auth0|2".to_string(), "auth0|1".into(), "auth0|3".into()];
        let held: Vec<(String, String)> = store
            .leases(&both)
            .await
            .expect("it answers")
            .into_iter()
            .map(|(name, owner, _)| (name, owner))
            .collect();
        let expected = [("auth0|1", "a"), ("auth0|2", "b")].map(|(name, owner)| (name.into(), owner.into()));
        assert_eq!(held, expected, "{name}");
    }
}

#[tokio::test]
async fn the_lease_of_an_owner_who_is_dead_is_taken_at_once() {
    for (name, store, _place) in both(&[]).await {
        assert_eq!(take(&store, "auth0|1", "a", LONG).await, Lease::Ours, "{name}");
        let other = store.lease("auth0|1", "b", LONG, Some("c")).await;
        assert!(
            matches!(other.expect("it answers"), Lease::Theirs { owner, .. } if owner == "a"),
            "{name}: another one is dead"
        );
        let dead = store.lease("auth0|1", "b", LONG, Some("a")).await;
        assert_eq!(dead.expect("it answers"), Lease::Ours, "{name}");
        assert!(
            matches!(take(&store, "auth0|1", "a", LONG).await, Lease::Theirs { owner, .. } if owner == "b"),
            "{name}"
        );
    }
}

#[tokio::test]
async fn only_what_is_still_ours_is_renewed() {
    for (name, store, _place) in both(&[]).await {
        for (lease, owner, life) in [
            ("run/1", "a", LONG),
            ("auth0|1", "a", LONG),
            ("late", "a", SHORT),
            ("auth0|2", "b", LONG),
        ] {
            assert_eq!(take(&store, lease, owner, life).await, Lease::Ours, "{name}");
        }
        wait_until_free(&store, "late").await;
        let until = async |lease: &str| holder(&store, lease).await.expect("it is held").1;
        let (ours, theirs) = (until("run/1").await, until("auth0|2").await);
        let mut renewed = store.renew("a", LONG * 2).await.expect("it answers");
        renewed.sort();
        assert_eq!(renewed, ["auth0|1", "run/1"], "{name}");
        let longer = until("run/1").await;
        assert!(longer.duration_since(ours).as_secs() >= 60, "{name}");
        assert_eq!(until("auth0|2").await, theirs, "{name}: another owner's");
        assert_eq!(
            holder(&store, "late").await,
            None,
            "{name}: what is over was renewed"
        );
        assert_eq!(
            store.renew("a", SHORT).await.expect("it answers").len(),
            2,
            "{name}"
        );
        assert_eq!(until("run/1").await, longer, "{name}: it was made shorter");
        assert!(
            store.renew("nobody", LONG).await.expect("it answers").is_empty(),
            "{name}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_who_ask_at_once_one_gets_it() {
    for (name, store, place) in both(&[]).await {
        let handles = [store, place.open().await];
        for round in 0..5 {
            // First nobody ever held it, then somebody did.
            for lease in ["new", "over"] {
                let lease = format!("{lease}{round}");
                if lease.starts_with("over") {
                    take(&handles[0], &lease, "before", Duration::from_millis(1)).await;
                    wait_until_free(&handles[0], &lease).await;
                }
                let asked: Vec<_> = (0..20)
                    .map(|n| {
                        let (store, lease) = (handles[n % 2].clone(), lease.clone());
                        tokio::spawn(async move {
                            (
                                format!("o{n}"),
                                take(&store, &lease, &format!("o{n}"), LONG).await,
                            )
                        })
                    })
                    .collect();
                let (mut winners, mut told) = (Vec::new(), Vec::new());
                for answer in asked {
                    match answer.await.expect("it does not panic") {
                        (owner, Lease::Ours) => winners.push(owner),
                        (_, Lease::Theirs { owner, .. }) => told.push(owner),
                    }
                }
                assert_eq!(winners.len(), 1, "{name}: {lease}: {winners:?}");
                assert!(told.iter().all(|owner| *owner == winners[0]), "{name}: {lease}");
            }
        }
    }
}

/// What an operator writes into a lease by hand can neither block a user for ever nor act as a query.
#[tokio::test]
async fn odd_leases_are_free_and_odd_names_are_names() {
    let later = bson::DateTime::from_millis(4_000_000_000_000);
    let odd = [
        doc! {"owner": 5, "until": later},
        doc! {"owner": "a", "until": "2099-01-01T00:00:00Z"},
        doc! {"until": later},
        doc! {},
    ];
    for (name, store, place) in both(&[]).await {
        let place: &Place = &place;
        for (n, odd) in odd.iter().enumerate() {
            let lease = format!("auth0|{n}");
            place.put(LEASES, &lease, odd).await;
            assert_eq!(holder(&store, &lease).await, None, "{name}: {odd}");
            assert!(
                store.renew("a", LONG).await.expect("it answers").is_empty(),
                "{name}: {odd}"
            );
            assert_eq!(
                take(&store, &lease, "b", LONG).await,
                Lease::Ours,
                "{name}: {odd}"
            );
        }
        for owner in ["$owner", "$$NOW", "{\"$ne\": 1}", ""] {
            let lease = format!("$lease.{owner}");
            assert_eq!(take(&store, &lease, owner, LONG).await, Lease::Ours, "{name}");
            let stands = holder(&store, &lease).await.map(|(owner, _)| owner);
            assert_eq!(stands.as_deref(), Some(owner), "{name}");
            let other = store.lease(&lease, "b", LONG, Some("$owner.x")).await;
            assert_ne!(other.expect("it answers"), Lease::Ours, "{name}: {owner}");
        }
    }
}

/// A process that sleeps in the middle of a step, longer than its lease: a successor replaces the password, and the one
/// that wakes sets no other, though it had decided to.
#[test]
fn who_slept_through_a_lease_changes_nothing_more() {
    let mut town = Town::new();
    town.old_index();
    let sub = without_account(&mut town, "leo");
    assert_eq!(fix(&town, &sub).0, 0);
    town.set("users", &sub, doc! {"atproto.password": "not-the-password"});
    let (plc, pds) = (Tap::start(&town.plc_url), Tap::start(&town.pds_url));
    town.plc_url.clone_from(&plc.url);
    town.pds_url.clone_from(&pds.url);
    // Asked for the plan, for the job, and last in the step, before the password is set.
    plc.rule("/data", 2, 1, Fault::Hold);
    let args = ["backfill", &sub, "--deep", "--fix", "--yes", PATIENT];
    let sleeper = town.start(&args);
    plc.wait_for_calls("/data", 3);
    sleeper.signal(Signal::STOP);
    plc.let_go();
    let elsewhere = tempfile::tempdir().expect("the machine has a temporary folder");
    let elsewhere = elsewhere.path().display().to_string();
    let successor = town.run_with(&args, &[("ATRIAGE_STATE_DIR", &elsewhere)]);
    assert_eq!(successor.code, 0, "{successor:?}");
    assert!(successor.stdout.contains("1 done"), "{}", successor.stdout);
    sleeper.signal(Signal::CONT);
    let woken = sleeper.wait();
    // Its run's lease is over too; nobody has gone on with it, so that it does so itself, and looks at the user anew.
    assert_eq!(woken.code, 0, "{woken:?}");
    assert_eq!(pds.calls("updateAccountPassword"), 1, "a second password was set");
    assert!(runs(&town).iter().all(|run| run["state"] == "finished"));
    let person = Person {
        sub,
        local: "leo".into(),
    };
    let wrong = town.wrong(&[person]);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The lease of a run was over, and somebody has it now or has gone on with the run meanwhile: the step in hand is finished,
/// and the rest is theirs.
#[test]
fn a_run_that_somebody_else_went_on_with_is_left_to_them() {
    let holds = |run: &str| {
        let later = bson::DateTime::from_millis(4_000_000_000_000);
        let held = doc! {"owner": "elsewhere/1/00000000", "until": later};
        (LEASES, format!("run/{run}"), held)
    };
    // It has been resumed elsewhere, and whoever did so died since: the lease is free again.
    let resumed = |run: &str| {
        let by = doc! {"at": bson::DateTime::from_millis(1), "to": "running", "pause": null, "by": "mira@elsewhere"};
        (RUNS, run.to_string(), doc! {"moves": [by]})
    };
    std::thread::scope(|scope| {
        for (free, changed) in [
            (
                false,
                &holds as &(dyn Fn(&str) -> (&'static str, String, Document) + Sync),
            ),
            (true, &resumed),
        ] {
            scope.spawn(move || {
                let mut town = Town::new();
                let people = people(&mut town, 2);
                let pds = Tap::start(&town.pds_url);
                town.pds_url.clone_from(&pds.url);
                // Longer than it takes to see that the lease cannot be prolonged.
                pds.once("createAccount", Fault::Delay(Duration::from_secs(20)));
                let args = [
                    "backfill",
                    "--fix",
                    "--yes",
                    "--concurrency",
                    "1",
                    "--timeout",
                    "60",
                ];
                let running = town.start(&args);
                pds.wait_for_calls("createAccount", 1);
                let run = id(&only_run(&town));
                let (collection, id, set) = changed(&run);
                town.set(collection, &id, set);
                if free {
                    let past = doc! {"until": bson::DateTime::from_millis(0)};
                    town.set(LEASES, &format!("run/{run}"), past);
                }
                let left = running.wait();
                assert_eq!(left.code, 5, "{free}: {left:?}");
                assert!(left.stderr.contains("2 left for later"), "{free}: {left:?}");
                assert_eq!(pds.calls("createAccount"), 1, "{free}: the other one is not ours");
                let lease = format!("run/{run}");
                let stands = town
                    .get(LEASES, &lease)
                    .is_some_and(|lease| lease.get_str("owner").ok() == Some("elsewhere/1/00000000"));
                assert_eq!(stands, !free, "what is theirs was given back, or ours was kept");
                town.clear(LEASES);
                let resumed = town.run(&["runs", "resume", &run, "--yes"]);
                assert_eq!(resumed.code, 0, "{free}: {resumed:?}");
                is_whole(&town, &people);
            });
        }
    });
}

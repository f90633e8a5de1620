//! The budgets that the services announce, kept by all calls together: nobody is refused for want of one where the
//! headers told enough.

use std::time::Duration;

use atriage::sandbox::RateBudget;
use atriage::services::health::AtOnce;
use atriage::services::pds::{NewAccount, Pds};
use futures_util::future::join_all;
use secrecy::SecretString;
use serde_json::Value;

use crate::support::runtime;
use crate::support::services::{self, ADMIN_PASSWORD, PdsOptions};
use crate::support::tap::Tap;
use crate::support::town::Town;

#[test]
fn calls_at_once_stop_at_the_last_place_of_the_pdss_budget() {
    let limited = services::Pds::start(PdsOptions {
        env: vec![("PDS_RATE_LIMITS_ENABLED", "true")],
        ..PdsOptions::default()
    });
    let tap = Tap::start(limited.url());
    runtime().block_on(async {
        let pds = Pds::new(&tap.url, ADMIN_PASSWORD.into(), None, Duration::from_secs(20));
        let pds = pds.expect("an address");
        let invite = pds.new_invite("auth0|1").await.expect("an invite");
        let password = SecretString::from("a password that opens nothing");
        // A refused one counts as one that was made, and is quicker.
        let asked = (0..130).map(|_| {
            pds.create_account(NewAccount {
                handle: "music.at.aesthetic.computer",
                email: "zara@example.com",
                password: &password,
                invite: &invite,
            })
        });
        let refused: Vec<_> = join_all(asked)
            .await
            .into_iter()
            .filter_map(Result::err)
            .collect();
        let reserved = refused
            .iter()
            .filter(|error| error.says("Reserved handle"))
            .count();
        let held_back: Vec<_> = refused.iter().filter(|error| error.until.is_some()).collect();
        assert_eq!((reserved, held_back.len()), (100, 30), "{refused:#?}");
        assert!(
            held_back
                .iter()
                .all(|error| error.problem().class.word() == "rate_limit")
        );

        let health = pds.pulse().read();
        let budget = |name| {
            health
                .budgets
                .iter()
                .find(|budget| budget.name == name)
                .expect("it is announced")
        };
        let accounts = budget("createAccount");
        assert_eq!((accounts.limit, accounts.remaining), (Some(100), Some(0)));
        assert!(accounts.free_at.is_some(), "{accounts:?}");
        assert_eq!(budget("all").limit, Some(3_000));
        assert!(
            matches!(
                health.at_once,
                Some(AtOnce {
                    now: 1..=16,
                    most: 16
                })
            ),
            "{:?}",
            health.at_once
        );
        pds.new_invite("auth0|1").await.expect("other calls go on");
    });
    assert_eq!(tap.calls("createAccount"), 100);
    let most = tap.most_at_once("createAccount");
    assert!((2..=16).contains(&most), "{most} at once");
    let log = tap.log();
    assert!(
        log.iter().all(|call| call.status != Some(429)),
        "we were refused for want of budget"
    );
}

#[test]
fn auth0_at_two_requests_a_second_has_to_refuse_nobody() {
    let mut town = Town::new();
    town.old_index();
    for n in 0..5 {
        let sub = town.sign_up("aesthetic", &format!("user{n}"), false);
        town.verification(&sub, 0);
    }
    town.world.set_rate("aesthetic", RateBudget::FREE);
    let variables = town.variables();
    let auth0 = variables
        .iter()
        .find(|(name, _)| name == "AUTH0_BASE_URL")
        .expect("it is set");
    let tap = Tap::start(&auth0.1);
    let outcome = town.run_with(
        &["backfill", "--fix", "--yes", "-o", "json"],
        &[("AUTH0_BASE_URL", &tap.url)],
    );
    assert_eq!(outcome.code, 0, "{outcome:?}");
    let told: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    assert_eq!(told["totals"]["done"], 5, "{told:#}");
    let statuses: Vec<_> = tap
        .log()
        .iter()
        .map(|call| (call.path.clone(), call.status))
        .collect();
    assert!(statuses.len() > 5, "{statuses:?}");
    assert!(
        statuses.iter().all(|(_, status)| *status == Some(200)),
        "{statuses:#?}"
    );
}

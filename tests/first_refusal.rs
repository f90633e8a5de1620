//! The first request after a start is refused for want of budget, of which nothing was known: what the refusal announces
//! is waited for where it is near, and said where it is far. Each service has its own headers.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use rustix::process::Signal;
use serde_json::json;

use crate::support::command::Running;
use crate::support::runs::{fix, without_account};
use crate::support::tap::{Fault, Tap};
use crate::support::town::Town;

/// What is far away is an hour away.
const HOUR: i64 = 3600;

/// A 429 whose budget is free in so many seconds, as a service announces it.
fn refusal(service: &str, seconds: i64) -> Fault {
    let moment = (Timestamp::now().as_second() + seconds).to_string();
    let headers = match service {
        "auth0" => vec![
            ("x-ratelimit-limit", "2".into()),
            ("x-ratelimit-remaining", "0".into()),
            ("x-ratelimit-reset", moment),
        ],
        "pds" => vec![
            ("ratelimit-limit", "3000".into()),
            ("ratelimit-remaining", "0".into()),
            ("ratelimit-reset", moment),
            ("ratelimit-policy", "3000;w=300".into()),
        ],
        _ => vec![("retry-after", seconds.to_string())],
    };
    Fault::Answer(429, headers, json!({"message": "Rate Limit Exceeded"}))
}

/// A town with one user who is whole, and a tap before one of its services.
fn town(service: &str) -> (Town, Tap, String) {
    let mut town = Town::new();
    town.old_index();
    let sub = without_account(&mut town, "mira");
    assert_eq!(fix(&town, &sub).0, 0);
    let address = match service {
        "auth0" => &mut town.auth0_urls[0].1,
        "pds" => &mut town.pds_url,
        _ => &mut town.plc_url,
    };
    let tap = Tap::start(address);
    address.clone_from(&tap.url);
    (town, tap, sub)
}

#[test]
fn a_near_moment_is_waited_for() {
    for service in ["auth0", "pds", "plc", "retry-after of auth0"] {
        let (town, tap, _) = town(service.rsplit(' ').next().expect("a name"));
        // The moments are whole seconds: it is free two seconds from now at the earliest, however long the start takes.
        let announced = Instant::now() + Duration::from_secs(2);
        tap.once("", refusal(service, 3));
        let (status, report) = town.json(&["audit", "--deep"]);
        assert_eq!(status, 0, "{service}: {report:#}");
        assert_eq!(report["totals"]["whole"], 1, "{service}: {report:#}");
        let calls = tap.log();
        assert_eq!(calls[0].status, Some(429), "{service}: {calls:#?}");
        assert!(calls[1].began >= announced, "{service}: {calls:#?}");
        let again = calls[1..].iter().filter(|call| call.status == Some(429));
        assert_eq!(again.count(), 0, "{service}: {calls:#?}");
    }
}

#[test]
fn a_far_moment_is_said_and_not_waited_for_unseen() {
    for service in [
        "auth0",
        "pds",
        "plc",
        "retry-after of auth0",
        "retry-after of pds",
    ] {
        let (town, tap, sub) = town(service.rsplit(' ').next().expect("a name"));
        tap.always("", refusal(service, HOUR));
        let begun = Instant::now();
        let outcome = town.run(&["audit", "--deep", "-o", "json"]);
        assert!(begun.elapsed() < Duration::from_secs(60), "{service}: it waited");
        assert!(outcome.code != 0 || service == "plc", "{service}: {outcome:?}");
        let asked = tap.log().len();
        assert!(
            asked <= 2,
            "{service}: {asked} requests after it was told to wait"
        );
        // A repair waits for as long as it takes, and says until when. A new handle is a matter of all three.
        town.name(&sub, &format!("mira-{}", town.tag));
        let args = ["backfill", &sub, "--deep", "--fix", "--yes"];
        let mut running: Running = town.start(&args);
        running.wait_for(" until ");
        let while_it_waits = tap.log().len() - asked;
        assert!(while_it_waits <= 6, "{service}: {while_it_waits} requests");
        running.signal(Signal::KILL);
        assert_eq!(running.wait().code, -9, "{service}");
    }
}

//! What the sandbox pretends to be is held against the real thing and against the official clients.

use atriage::sandbox::{Auth0User, Options, World, start};
use jiff::{SignedDuration, Timestamp};
use secrecy::ExposeSecret;
use serde_json::Value;

use crate::support::clients::{atproto_client, auth0_client};
use crate::support::runtime;
use crate::support::services::services;

/// The same calls of `@atproto/api` against the sandbox's PDS and the real one see the same.
#[test]
fn the_sandboxs_pds_answers_as_the_real_one() {
    let world = World::new();
    let servers = runtime()
        .block_on(start(world, Options::default()))
        .expect("loopback has a free port");
    let password = servers.pds_admin_password();
    let ours = atproto_client(servers.pds_url(), password.expose_secret());
    let real = atproto_client(&services().pds_url, &services().pds_admin_password);
    let (ours, real) = (
        ours.as_object().expect("an object"),
        real.as_object().expect("an object"),
    );
    let names: std::collections::BTreeSet<&String> = ours.keys().chain(real.keys()).collect();
    let other: Vec<String> = names
        .into_iter()
        .filter(|name| ours.get(*name) != real.get(*name))
        .map(|name| {
            format!(
                "{name}\n  sandbox {:?}\n  real    {:?}",
                ours.get(name),
                real.get(name)
            )
        })
        .collect();
    assert!(other.is_empty(), "{}", other.join("\n"));
}

/// `auth0-python` lists, pages, finds and is refused as by Auth0.
#[test]
fn the_official_client_takes_the_simulator_for_auth0() {
    let world = World::new();
    let first: Timestamp = "2025-10-14T10:00:00Z".parse().expect("it is a moment");
    for n in 0..1_100_i64 {
        let email = format!("user{n}@example.com");
        let mut user = Auth0User::new(
            &format!("auth0|{n:024}"),
            &email,
            first + SignedDuration::from_mins(n),
        );
        user.email_verified = n % 2 == 0;
        world.add_user("aesthetic", user);
    }
    let servers = runtime()
        .block_on(start(world, Options::default()))
        .expect("loopback has a free port");
    let url = servers.auth0_url("aesthetic").expect("it has the tenant");
    let (id, secret) = servers.auth0_client("aesthetic").expect("it has the tenant");
    let seen = auth0_client(url, &id, secret.expose_secret(), &format!("{url}/api/v2/"));

    assert_eq!(seen["token"]["status"], 200);
    assert_eq!(seen["token"]["token_type"], "Bearer");
    assert_eq!(seen["token: wrong secret"]["status"], 401);
    assert_eq!(seen["token: wrong secret"]["body"]["error"], "access_denied");
    let page = &seen["users"]["ok"];
    for (name, number) in [
        ("start", 0.0),
        ("limit", 5.0),
        ("length", 5.0),
        ("total", 1_100.0),
    ] {
        assert_eq!(page[name].as_f64(), Some(number), "{page:#}");
    }
    assert_eq!(page["users"][0]["email"], "user1099@example.com");
    assert_eq!(
        seen["users: next page"]["ok"]["users"][0]["email"],
        "user1094@example.com"
    );
    assert_eq!(
        seen["users: oldest first"]["ok"]["users"][0]["email"],
        "user0@example.com"
    );
    assert_eq!(seen["users: verified"]["ok"]["total"].as_f64(), Some(550.0));
    assert_eq!(
        seen["users: last page within 1000"]["ok"]["length"].as_f64(),
        Some(100.0)
    );
    let beyond = &seen["users: beyond 1000"];
    assert_eq!(
        (beyond["status"].as_i64(), &beyond["body"]["errorCode"]),
        (Some(400), &Value::from("invalid_paging")),
        "{beyond:#}"
    );
    assert_eq!(seen["users: too many a page"]["status"], 400);
    assert_eq!(
        seen["users: everybody up to 250"]["ok"].as_array().map(Vec::len),
        Some(250)
    );
    assert_eq!(seen["user"]["ok"]["email"], "user1099@example.com");
    assert_eq!(seen["user: found by search"]["ok"]["total"].as_f64(), Some(1.0));
    assert_eq!(seen["users by e-mail"]["ok"][0]["email"], "user1099@example.com");
    assert_eq!(seen["user: unknown"]["status"], 404);
    assert_eq!(
        seen["users by e-mail: unknown"]["ok"].as_array().map(Vec::len),
        Some(0)
    );
    assert_eq!(seen["users: wrong token"]["status"], 401);
}

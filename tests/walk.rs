//! Every user of a tenant is read once, past the 1,000 that one query pages through, and whatever happens meanwhile.

use std::collections::HashSet;
use std::time::Duration;

use atriage::sandbox::{Auth0User, Options, Servers, World, start};
use atriage::services::auth0::{Auth0, Range};
use jiff::{SignedDuration, Timestamp};

fn first() -> Timestamp {
    "2025-10-14T10:00:00Z".parse().expect("it is a moment")
}

/// A tenant of this many users, each signed up so many seconds after the first.
async fn tenant(users: i64, seconds: impl Fn(i64) -> i64) -> (World, Servers, Auth0) {
    let world = World::new();
    for n in 0..users {
        let at = first() + SignedDuration::from_secs(seconds(n));
        world.add_user(
            "aesthetic",
            Auth0User::new(&format!("auth0|{n:024}"), &format!("user{n}@example.com"), at),
        );
    }
    let servers = start(world.clone(), Options::default())
        .await
        .expect("loopback has a free port");
    let url = servers
        .auth0_url("aesthetic")
        .expect("it has the tenant")
        .to_string();
    let (id, secret) = servers.auth0_client("aesthetic").expect("it has the tenant");
    let auth0 = Auth0::new("aesthetic", &url, "", &id, secret, Duration::from_secs(10)).expect("a client");
    (world, servers, auth0)
}

/// Every tenth user shares the moment with nine others.
fn ten_at_once(n: i64) -> i64 {
    n / 10 * 10
}

async fn read(auth0: &Auth0, range: Range, world: Option<&World>) -> Vec<String> {
    let (mut walk, mut subs) = (auth0.walk(range), Vec::new());
    while let Some(users) = walk.next(usize::MAX).await.expect("it answers") {
        subs.extend(users.into_iter().map(|user| user.sub));
        if let Some(world) = world {
            // Somebody signs up between any two pages, and shifts them.
            let sub = format!("auth0|new{}", subs.len());
            world.add_user(
                "aesthetic",
                Auth0User::new(&sub, &format!("{}@example.com", subs.len()), Timestamp::now()),
            );
        }
    }
    subs
}

#[tokio::test]
async fn a_tenant_of_2_500_is_read_once_each_though_people_sign_up() {
    let (world, _servers, auth0) = tenant(2_500, ten_at_once).await;
    let subs = read(&auth0, Range::default(), Some(&world)).await;
    let once: HashSet<&String> = subs.iter().collect();
    assert_eq!(once.len(), subs.len(), "somebody was read twice");
    for n in 0..2_500 {
        assert!(once.contains(&format!("auth0|{n:024}")), "user {n} was missed");
    }
    assert_eq!(world.calls_to("/oauth/token"), 1);
}

/// Offsets would hide one of the older ones for each who is deleted.
#[tokio::test]
async fn nobody_is_missed_though_users_are_deleted_between_two_pages() {
    let (world, _servers, auth0) = tenant(1_000, ten_at_once).await;
    let (mut walk, mut subs, mut gone) = (auth0.walk(Range::default()), Vec::new(), Vec::new());
    while let Some(users) = walk.next(usize::MAX).await.expect("it answers") {
        subs.extend(users.into_iter().map(|user| user.sub));
        // One who came, and one who is still to come.
        let came = &subs[subs.len() - 1];
        let to_come = format!("auth0|{:024}", 7 * gone.len());
        for sub in [came, &to_come] {
            world.remove_user("aesthetic", sub);
        }
        gone.push(to_come);
    }
    let once: HashSet<&String> = subs.iter().collect();
    assert_eq!(once.len(), subs.len(), "somebody was read twice");
    for n in 0..1_000 {
        let sub = format!("auth0|{n:024}");
        assert!(once.contains(&sub) || gone.contains(&sub), "user {n} was missed");
    }
    // 100 a request, of whom those of one moment come once more.
    assert!(
        world.calls_to("/api/v2/users") <= 13,
        "{}",
        world.calls_to("/api/v2/users")
    );
}

/// A bulk import: one moment fills several pages, and has no order in itself.
#[tokio::test]
async fn a_moment_of_450_users_is_read_whole_though_one_of_them_is_deleted() {
    let (world, _servers, auth0) = tenant(600, |n| if (100..550).contains(&n) { 100 } else { n }).await;
    let (mut walk, mut subs) = (auth0.walk(Range::default()), Vec::new());
    while let Some(users) = walk.next(usize::MAX).await.expect("it answers") {
        subs.extend(users.into_iter().map(|user| user.sub));
        if (200..320).contains(&subs.len()) {
            world.remove_user("aesthetic", &subs[90]);
        }
    }
    let once: HashSet<&String> = subs.iter().collect();
    assert_eq!((once.len(), subs.len()), (600, 600));
}

#[tokio::test]
async fn a_range_ends_where_it_says() {
    let (_world, _servers, auth0) = tenant(100, ten_at_once).await;
    let range = Range {
        from: Some(first() + SignedDuration::from_secs(90)),
        to: None,
    };
    assert_eq!(read(&auth0, range, None).await.len(), 10);
    let range = Range {
        from: None,
        to: Some(first()),
    };
    assert_eq!(read(&auth0, range, None).await.len(), 10);
}

#[tokio::test]
async fn more_than_a_thousand_at_one_moment_are_told_and_not_walked_forever() {
    let (_world, _servers, auth0) = tenant(1_200, |_| 0).await;
    let mut walk = auth0.walk(Range::default());
    let error = loop {
        match walk.next(usize::MAX).await {
            Ok(Some(_)) => {}
            Ok(None) => panic!("200 users were left out without a word"),
            Err(error) => break error,
        }
    };
    assert!(error.what.contains("same created_at"), "{error}");
}

#[tokio::test]
async fn a_token_that_was_taken_back_is_renewed() {
    let (world, _servers, auth0) = tenant(10, ten_at_once).await;
    assert_eq!(read(&auth0, Range::default(), None).await.len(), 10);
    world.expire_tokens("aesthetic");
    assert_eq!(read(&auth0, Range::default(), None).await.len(), 10);
    assert_eq!(world.calls_to("/oauth/token"), 2);
}

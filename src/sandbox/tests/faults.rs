//! Faults: what is answered, and above all what is left behind.

use std::time::Duration;

use serde_json::json;

use super::{Stage, error, newcomer};
use crate::sandbox::{Fault, Service};

const CREATE: &str = "server.createAccount";

#[tokio::test]
async fn an_answer_that_is_lost_leaves_a_whole_account() {
    let stage = Stage::new().await;
    let invite = stage.world.add_invite(1);
    stage
        .world
        .set_fault_on(Service::Pds, "createAccount", Fault::LostAnswer, Some(1));
    assert!(stage.pds(CREATE, newcomer("tom", &invite)).send().await.is_err());
    let accounts = stage.world.accounts();
    let uses = stage.world.invite_uses(&invite);
    assert_eq!((accounts.len(), &uses[0].0), (1, &accounts[0].did));
    assert_eq!(stage.anyone(CREATE, newcomer("tom", &invite)).await.0, 400);
}

#[tokio::test]
async fn who_gives_up_waiting_may_have_made_an_account() {
    let stage = Stage::new().await;
    let invite = stage.world.add_invite(1);
    stage
        .world
        .set_fault(Service::Pds, Fault::Slow(Duration::from_secs(60)));
    let request = stage.pds(CREATE, newcomer("uma", &invite));
    let given_up = request.timeout(Duration::from_millis(300)).send().await;
    assert!(given_up.is_err_and(|error| error.is_timeout()));
    assert_eq!(stage.world.accounts().len(), 1);
}

#[tokio::test]
async fn a_plc_that_is_down_leaves_nothing_and_one_that_forgets_to_answer_a_did() {
    let stage = Stage::new().await;
    let invite = stage.world.add_invite(1);
    for (fault, orphans) in [(Fault::Down, 0), (Fault::Unavailable, 0), (Fault::LostAnswer, 1)] {
        stage.world.set_fault(Service::Plc, fault);
        let answer = stage.anyone(CREATE, newcomer("vera", &invite)).await;
        let failed = error("UpstreamFailure", "Unable to perform PLC operation");
        assert_eq!(answer, (502, failed), "{fault:?}");
        assert_eq!(stage.world.accounts().len(), 0);
        assert_eq!(stage.world.known_dids().len(), orphans, "{fault:?}");
        assert!(stage.world.invite_uses(&invite).is_empty());
    }
    let orphan = stage.world.known_dids().remove(0);
    stage.world.set_fault(Service::Plc, Fault::None);
    let (status, made) = stage.anyone(CREATE, newcomer("vera", &invite)).await;
    assert_eq!(status, 200);
    assert_ne!(made["did"], orphan);
}

#[tokio::test]
async fn a_creation_that_breaks_leaves_a_ghost() {
    let stage = Stage::new().await;
    let invite = stage.world.add_invite(1);
    stage.world.break_next_account();
    assert_eq!(stage.anyone(CREATE, newcomer("wim", &invite)).await.0, 500);
    let did = stage.world.accounts().remove(0).did;
    let status = stage.anyone(&format!("sync.getRepoStatus?did={did}"), None).await;
    assert_eq!(status, (400, error("NotFound", "Repo not found")));
    let input = Some(json!({"did": did}));
    assert_eq!(stage.admin("admin.deleteAccount", input).await.0, 200);
    let invite = stage.world.add_invite(1);
    assert_eq!(stage.anyone(CREATE, newcomer("wim", &invite)).await.0, 200);
}

#[tokio::test]
async fn a_service_that_is_down_did_nothing_and_its_calls_are_known() {
    let stage = Stage::new().await;
    let invite = stage.world.add_invite(1);
    stage.world.set_fault(Service::Pds, Fault::Down);
    assert!(stage.pds(CREATE, newcomer("xia", &invite)).send().await.is_err());
    stage.world.set_fault(Service::Pds, Fault::Unavailable);
    let unavailable = error("ServiceUnavailable", "Service Unavailable");
    assert_eq!(
        stage.anyone(CREATE, newcomer("xia", &invite)).await,
        (503, unavailable)
    );
    assert!(stage.world.accounts().is_empty() && stage.world.known_dids().is_empty());
    // A client may try a cut connection once more by itself.
    assert!(
        stage
            .world
            .calls_to("POST /xrpc/com.atproto.server.createAccount")
            >= 2
    );
    let base = stage.servers.auth0_url("sotce").expect("a built-in tenant");
    let other = stage.client.get(format!("{base}/api/v2/users")).send().await;
    assert_eq!(other.map(|response| response.status().as_u16()).ok(), Some(401));
}

#[tokio::test]
async fn a_hanging_service_ends_when_the_servers_do() {
    let stage = Stage::new().await;
    stage.world.set_fault(Service::Plc, Fault::Hang);
    let url = format!("{}/did:plc:any", stage.servers.plc_url());
    let client = stage.client.clone();
    let hanging = tokio::spawn(async move { client.get(url).send().await.is_err() });
    while stage.world.calls_to("GET /did:plc:any") == 0 {
        tokio::task::yield_now().await;
    }
    assert!(!hanging.is_finished());
    drop(stage);
    let ended = tokio::time::timeout(Duration::from_secs(5), hanging).await;
    assert!(matches!(ended, Ok(Ok(true))));
}

#[tokio::test]
async fn the_limiter_tells_when_it_opens_again() {
    let stage = Stage::new().await;
    stage.world.limit_pds(true);
    let login = json!({"identifier": "nobody", "password": "none"});
    for left in (0..30).rev() {
        let request = stage.pds("server.createSession", Some(login.clone()));
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status().as_u16(), 401);
        assert_eq!(
            response.headers()["ratelimit-remaining"],
            left.to_string().as_str()
        );
    }
    let request = stage.pds("server.createSession", Some(login));
    let response = request.send().await.expect("an answer");
    assert_eq!(response.headers()["ratelimit-policy"], "30;w=300");
    let reset = response.headers()["ratelimit-reset"].to_str().unwrap_or_default();
    let wait = reset.parse::<i64>().unwrap_or_default() - jiff::Timestamp::now().as_second();
    assert!((1..=300).contains(&wait), "{wait}");
    assert!(response.headers().get("retry-after").is_none());
    let limited = error("RateLimitExceeded", "Rate Limit Exceeded");
    assert_eq!(super::read(response).await, (429, limited));
}

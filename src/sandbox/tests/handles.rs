//! Changing handles, with the traps that the reference has.

use serde_json::{Value, json};

use super::{DOMAIN, NOBODY, Stage, error};
use crate::sandbox::AccountState;

impl Stage {
    async fn set_handle(&self, did: &str, name: &str) -> (u16, Value) {
        let input = json!({"did": did, "handle": format!("{name}.{DOMAIN}")});
        self.admin("admin.updateAccountHandle", Some(input)).await
    }

    async fn plc_handle(&self, did: &str) -> Value {
        self.plc(&format!("{did}/data")).await.1["alsoKnownAs"][0].clone()
    }
}

#[tokio::test]
async fn only_a_detour_repairs_drift_on_plc() {
    let stage = Stage::new().await;
    let did = stage.seed("mia", 1);
    stage.world.set_plc_handle(&did, "old.example.com");
    assert_eq!(stage.set_handle(&did, "mia").await, (200, Value::Null));
    assert_eq!(stage.plc_handle(&did).await, "at://old.example.com");
    assert_eq!(stage.set_handle(&did, "mia-2").await.0, 200);
    assert_eq!(stage.set_handle(&did, "mia").await.0, 200);
    assert_eq!(stage.plc_handle(&did).await, format!("at://mia.{DOMAIN}"));
}

#[tokio::test]
async fn an_administrator_may_give_what_is_reserved_but_not_what_is_taken() {
    let stage = Stage::new().await;
    let did = stage.seed("nia", 1);
    let held = stage.seed("ole", 2);
    stage.world.set_account_state(&held, AccountState::Takendown);
    assert_eq!(stage.set_handle(&did, "music").await.0, 200);
    let taken = error("InvalidRequest", &format!("Handle already taken: ole.{DOMAIN}"));
    assert_eq!(stage.set_handle(&did, "ole").await, (400, taken));
    let short = error("InvalidHandle", "Handle too short");
    assert_eq!(stage.set_handle(&did, "ab").await, (400, short));
    let unknown = error("InvalidRequest", &format!("DID not registered: {NOBODY}"));
    assert_eq!(stage.set_handle(NOBODY, "free").await, (400, unknown));
}

#[tokio::test]
async fn an_owner_who_takes_a_taken_down_handle_drifts() {
    let stage = Stage::new().await;
    let did = stage.seed("pia", 1);
    let held = stage.seed("quin", 2);
    stage.world.set_account_state(&held, AccountState::Takendown);
    let login = json!({"identifier": did, "password": "open-sesame"});
    let (_, session) = stage.anyone("server.createSession", Some(login)).await;
    let token = session["accessJwt"].as_str().expect("a token");
    let input = json!({"handle": format!("quin.{DOMAIN}")});
    let request = stage.pds("identity.updateHandle", Some(input)).bearer_auth(token);
    assert_eq!(super::answer(request).await.0, 500);
    assert_eq!(stage.plc_handle(&did).await, format!("at://quin.{DOMAIN}"));
    let account = stage.world.account(&did).expect("a seeded account");
    assert_eq!(account.handle, format!("pia.{DOMAIN}"));
}

#[tokio::test]
async fn plc_takes_ten_operations_an_hour() {
    let stage = Stage::new().await;
    let did = stage.seed("rosa", 1);
    for n in 0..10 {
        assert_eq!(stage.set_handle(&did, &format!("rosa-{n}")).await.0, 200);
    }
    let message = "Too many operations within last hour (max 10)";
    assert_eq!(
        stage.set_handle(&did, "rosa").await,
        (400, error("InvalidRequest", message))
    );
    assert_eq!(
        stage.world.account(&did).map(|a| a.handle),
        Some(format!("rosa-9.{DOMAIN}"))
    );
}

#[tokio::test]
async fn a_moved_did_is_still_written_and_a_retired_one_is_not() {
    let stage = Stage::new().await;
    let did = stage.seed("sven", 1);
    stage.world.move_did(&did, "https://elsewhere.example.com");
    assert_eq!(stage.set_handle(&did, "sven-2").await.0, 200);
    let (_, data) = stage.plc(&format!("{did}/data")).await;
    let endpoint = &data["services"]["atproto_pds"]["endpoint"];
    assert_eq!(endpoint, "https://elsewhere.example.com");
    assert_eq!(data["alsoKnownAs"][0], format!("at://sven-2.{DOMAIN}"));

    stage.world.tombstone(&did);
    assert_eq!(stage.set_handle(&did, "sven").await.0, 500);
    let gone = json!({"message": format!("DID not available: {did}")});
    assert_eq!(stage.plc(&did).await, (404, gone));
    let (_, last) = stage.plc(&format!("{did}/log/last")).await;
    assert_eq!(last["type"], "plc_tombstone");
    stage.world.forget_did(&did);
    let unknown = json!({"message": format!("DID not registered: {did}")});
    assert_eq!(stage.plc(&format!("{did}/log/last")).await, (404, unknown));
}

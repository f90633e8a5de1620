//! The sandbox asked over HTTP, in this process. Where the real services were asked the same
//! questions, the answers expected here are theirs.

mod accounts;
mod auth0;
mod faults;
mod handles;
mod practices;

use std::time::Duration;

use jiff::Timestamp;
use reqwest::{Client, Method, Response};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::{Account, Options, Servers, World, start};

const DOMAIN: &str = "at.aesthetic.computer";
const NOBODY: &str = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa";

/// A running sandbox and a client to ask it with.
struct Stage {
    world: World,
    servers: Servers,
    client: Client,
}

impl Stage {
    async fn new() -> Self {
        Self::with(Options {
            login_padding: Duration::ZERO,
            ..Options::default()
        })
        .await
    }

    async fn with(options: Options) -> Self {
        // An error only means that another test was first.
        rustls::crypto::ring::default_provider().install_default().ok();
        let world = World::new();
        let servers = start(world.clone(), options)
            .await
            .expect("loopback has free ports");
        Self {
            world,
            servers,
            client: Client::new(),
        }
    }

    /// Calls a method of the PDS as administrator: GET without input, POST with it.
    async fn admin(&self, method: &str, input: Option<Value>) -> (u16, Value) {
        let password = self.servers.pds_admin_password();
        let request = self.pds(method, input);
        answer(request.basic_auth("admin", Some(password.expose_secret()))).await
    }

    /// Calls a method of the PDS as nobody.
    async fn anyone(&self, method: &str, input: Option<Value>) -> (u16, Value) {
        answer(self.pds(method, input)).await
    }

    fn pds(&self, method: &str, input: Option<Value>) -> reqwest::RequestBuilder {
        let url = format!("{}/xrpc/com.atproto.{method}", self.servers.pds_url());
        match input {
            Some(input) => self.client.post(url).json(&input),
            None => self.client.get(url),
        }
    }

    async fn plc(&self, path: &str) -> (u16, Value) {
        let url = format!("{}/{path}", self.servers.plc_url());
        answer(self.client.get(url)).await
    }

    /// Adds `<name>@example.com` with the handle `<name>` and the password `open-sesame`.
    fn seed(&self, name: &str, created_at: i64) -> String {
        let at = Timestamp::from_second(created_at).expect("a time within the calendar");
        let handle = format!("{name}.{DOMAIN}");
        let email = format!("{name}@example.com");
        self.world
            .add_account(Account::new(&handle, &email, "open-sesame", at))
    }
}

fn newcomer(name: &str, invite: &str) -> Option<Value> {
    Some(json!({
        "handle": format!("{name}.{DOMAIN}"),
        "email": format!("{name}@example.com"),
        "password": "open-sesame",
        "inviteCode": invite,
    }))
}

async fn answer(request: reqwest::RequestBuilder) -> (u16, Value) {
    read(request.send().await.expect("the sandbox answers")).await
}

/// Status and body; `null` where the body is empty or no JSON.
async fn read(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let text = response.text().await.expect("the sandbox ends what it begins");
    (status, serde_json::from_str(&text).unwrap_or_default())
}

fn error(name: &str, message: &str) -> Value {
    json!({"error": name, "message": message})
}

#[tokio::test]
async fn what_the_pds_lacks_looks_like_a_bad_token() {
    let stage = Stage::new().await;
    let unexpected = error("InvalidToken", "Unexpected authorization type");
    assert_eq!(stage.admin("admin.searchAccounts", None).await, (400, unexpected));
    let missing = error("AuthMissing", "Authentication Required");
    assert_eq!(stage.anyone("server.createAccount", None).await, (401, missing));
}

#[tokio::test]
async fn the_caller_is_checked_before_the_input() {
    let stage = Stage::new().await;
    let denied = error("AuthenticationRequired", "Authentication Required");
    let empty = Some(json!({}));
    assert_eq!(
        stage.anyone("server.createInviteCode", empty.clone()).await,
        (401, denied)
    );
    let missing = error("InvalidRequest", "Missing required key \"useCount\" at $");
    assert_eq!(
        stage.admin("server.createInviteCode", empty).await,
        (400, missing)
    );
}

#[tokio::test]
async fn the_servers_end_with_their_handle() {
    let stage = Stage::new().await;
    let url = format!("{}/xrpc/_health", stage.servers.pds_url());
    let client = stage.client.clone();
    assert!(client.request(Method::GET, &url).send().await.is_ok());
    drop(stage);
    // The listener closes at the servers' next turn, not within the drop itself.
    let closed = async {
        while client.get(&url).send().await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    let closed = tokio::time::timeout(Duration::from_secs(5), closed).await;
    assert!(closed.is_ok(), "the port still answers");
}

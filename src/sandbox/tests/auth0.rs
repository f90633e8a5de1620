//! The tenants of Auth0: tokens, scopes, searches, limits.

use jiff::Timestamp;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::{Stage, answer};
use crate::sandbox::{Auth0User, RateBudget};

const FIRST: i64 = 1_760_000_000;

impl Stage {
    async fn token(&self, tenant: &str) -> String {
        let (id, secret) = self.servers.auth0_client(tenant).expect("a built-in tenant");
        let (status, body) = self.ask_for_token(tenant, &id, secret.expose_secret()).await;
        assert_eq!(status, 200, "{body}");
        body["access_token"].as_str().expect("a token").to_owned()
    }

    async fn ask_for_token(&self, tenant: &str, id: &str, secret: &str) -> (u16, Value) {
        let base = self.servers.auth0_url(tenant).expect("a built-in tenant");
        let form = json!({
            "grant_type": "client_credentials", "client_id": id, "client_secret": secret,
            "audience": format!("{base}/api/v2/"),
        });
        answer(self.client.post(format!("{base}/oauth/token")).json(&form)).await
    }

    async fn management(&self, token: &str, path: &str, query: &[(&str, &str)]) -> (u16, Value) {
        let base = self.servers.auth0_url("aesthetic").expect("a built-in tenant");
        let request = self.client.get(format!("{base}/api/v2/{path}")).query(query);
        answer(request.bearer_auth(token)).await
    }

    /// Users `auth0|000`, `auth0|001`, … who signed up a second apart.
    fn seed_users(&self, count: i64) {
        for n in 0..count {
            let at = Timestamp::from_second(FIRST + n).expect("a time within the calendar");
            let user = Auth0User::new(&format!("auth0|{n:03}"), &format!("p{n}@example.com"), at);
            self.world.add_user("aesthetic", user);
        }
    }
}

fn ids(users: &Value) -> Vec<&str> {
    let users = users.as_array().expect("a list of users");
    users.iter().filter_map(|user| user["user_id"].as_str()).collect()
}

#[tokio::test]
async fn a_wrong_secret_and_another_tenants_token_open_nothing() {
    let stage = Stage::new().await;
    let (id, _) = stage
        .servers
        .auth0_client("aesthetic")
        .expect("a built-in tenant");
    let denied = json!({"error": "access_denied", "error_description": "Unauthorized"});
    assert_eq!(
        stage.ask_for_token("aesthetic", &id, "wrong").await,
        (401, denied)
    );
    let foreign = stage.token("sotce").await;
    let (status, body) = stage.management(&foreign, "users", &[]).await;
    assert_eq!((status, &body["message"]), (401, &json!("Invalid token")));
}

#[tokio::test]
async fn a_token_keeps_the_scopes_of_its_birth() {
    let stage = Stage::new().await;
    let old = stage.token("aesthetic").await;
    let refused = json!({
        "statusCode": 403, "error": "Forbidden", "errorCode": "insufficient_scope",
        "message": "Insufficient scope, expected any of: read:log_streams",
    });
    assert_eq!(
        stage.management(&old, "log-streams", &[]).await,
        (403, refused.clone())
    );
    stage.world.set_scopes("aesthetic", &["read:log_streams"]);
    assert_eq!(stage.management(&old, "log-streams", &[]).await, (403, refused));
    let new = stage.token("aesthetic").await;
    assert_eq!(stage.management(&new, "log-streams", &[]).await, (200, json!([])));
    assert_eq!(stage.management(&new, "users", &[]).await.0, 403);
}

#[tokio::test]
async fn a_window_keeps_its_ends_by_its_brackets() {
    let stage = Stage::new().await;
    stage.seed_users(10);
    let token = stage.token("aesthetic").await;
    let bound = |n: i64| Timestamp::from_second(FIRST + n).expect("a time within the calendar");
    for (open, close, expected) in [
        ("[", "}", ["auth0|002", "auth0|003"]),
        ("{", "]", ["auth0|003", "auth0|004"]),
    ] {
        let q = format!("created_at:{open}{} TO {}{close}", bound(2), bound(4));
        let query = [("q", q.as_str()), ("sort", "created_at:1")];
        let (status, found) = stage.management(&token, "users", &query).await;
        assert_eq!((status, ids(&found)), (200, expected.to_vec()), "{q}");
    }
    let query = [
        ("q", "created_at:[* TO *]"),
        ("sort", "created_at:-1"),
        ("include_totals", "true"),
        ("page", "1"),
        ("per_page", "4"),
    ];
    let (_, found) = stage.management(&token, "users", &query).await;
    let frame = (
        &found["start"],
        &found["limit"],
        &found["length"],
        &found["total"],
    );
    assert_eq!(frame, (&json!(4), &json!(4), &json!(4), &json!(10)));
    assert_eq!(
        ids(&found["users"]),
        ["auth0|005", "auth0|004", "auth0|003", "auth0|002"]
    );
}

#[tokio::test]
async fn pages_end_at_a_hundred_and_at_a_thousand() {
    let stage = Stage::new().await;
    stage.seed_users(120);
    let token = stage.token("aesthetic").await;
    let (_, unpaged) = stage.management(&token, "users", &[]).await;
    assert_eq!(ids(&unpaged).len(), 50);
    let (_, full) = stage
        .management(&token, "users", &[("page", "0"), ("per_page", "100")])
        .await;
    assert_eq!(ids(&full).len(), 100);
    let (status, body) = stage.management(&token, "users", &[("per_page", "101")]).await;
    let message = body["message"].as_str().expect("a message");
    assert!(message.contains("'Value 101 is greater than maximum 100' on property per_page"));
    assert_eq!(
        (status, &body["errorCode"]),
        (400, &json!("invalid_query_string"))
    );
    let beyond = [("page", "10"), ("per_page", "100")];
    let (status, body) = stage.management(&token, "users", &beyond).await;
    assert_eq!((status, &body["errorCode"]), (400, &json!("invalid_paging")));
}

#[tokio::test]
async fn a_search_may_lag_but_an_id_never_does() {
    let stage = Stage::new().await;
    stage.seed_users(2);
    stage.world.hide_from_search("aesthetic", "auth0|001", true);
    let token = stage.token("aesthetic").await;
    let (_, found) = stage
        .management(&token, "users", &[("q", "email:\"P1@example.com\"")])
        .await;
    assert_eq!(found, json!([]));
    let (_, found) = stage
        .management(&token, "users-by-email", &[("email", "p1@example.com")])
        .await;
    assert_eq!(ids(&found), ["auth0|001"]);
    let (_, found) = stage
        .management(&token, "users-by-email", &[("email", "P1@example.com")])
        .await;
    assert_eq!(found, json!([]), "it asks for the spelling");
    for id in ["auth0%7C001", "auth0|001"] {
        let (status, user) = stage.management(&token, &format!("users/{id}"), &[]).await;
        assert_eq!((status, &user["email"]), (200, &json!("p1@example.com")));
    }
    assert_eq!(stage.management(&token, "users/auth0%7C002", &[]).await.0, 404);
}

#[tokio::test]
async fn a_free_tenant_takes_two_at_once() {
    let stage = Stage::new().await;
    let token = stage.token("aesthetic").await;
    // So slow that no token comes back while the test runs.
    let slow = RateBudget {
        per_second: 0.01,
        ..RateBudget::FREE
    };
    stage.world.set_rate("aesthetic", slow);
    let base = stage.servers.auth0_url("aesthetic").expect("a built-in tenant");
    let mut seen = Vec::new();
    for _ in 0..3 {
        let request = stage
            .client
            .get(format!("{base}/api/v2/users"))
            .bearer_auth(&token);
        let response = request.send().await.expect("an answer");
        let header = |name: &str| response.headers()[name].to_str().unwrap_or_default().to_owned();
        let reset: i64 = header("x-ratelimit-reset").parse().expect("Unix seconds");
        assert!(reset > Timestamp::now().as_second());
        seen.push((response.status().as_u16(), header("x-ratelimit-remaining")));
    }
    let expected = [(200, "1"), (200, "0"), (429, "0")];
    assert_eq!(seen, expected.map(|(status, left)| (status, left.to_owned())));
}

//! The Auth0 tenants of the sandbox: what surrounds every call of a tenant (rate limit, token,
//! scope, error shape). The endpoints and the search language live beside.

mod budget;
mod logs;
mod query;
mod search;
mod token;
mod user;
mod users;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use axum::Router;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{get, post};
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use serde_json::{Value, json};

pub use budget::RateBudget;
pub use user::Auth0User;

use super::chance;
use super::faults::Fault;
use super::world::{State as WorldState, World};
use budget::{Bucket, Found};

/// What the client of the existing system may do.
const SCOPES: [&str; 4] = ["read:users", "update:users", "delete:users", "read:stats"];

/// A tenant and its one machine-to-machine client.
pub(super) struct Tenant {
    pub name: String,
    pub client_id: String,
    pub client_secret: SecretString,
    pub scopes: Vec<String>,
    pub users: BTreeMap<String, Auth0User>,
    /// Users that the search index does not have yet.
    pub unindexed: BTreeSet<String>,
    pub tokens: BTreeMap<String, Grant>,
    pub log_streams: Vec<Value>,
    pub logs: Vec<Value>,
    /// How far its clock is ahead of this machine's.
    pub ahead: SignedDuration,
    calls: Bucket,
    token_calls: Bucket,
}

/// What a token that was handed out allows.
pub(super) struct Grant {
    scopes: Vec<String>,
    until: Instant,
}

impl Tenant {
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            client_id: chance::secret(32),
            client_secret: chance::secret(64).into(),
            scopes: SCOPES.map(str::to_owned).to_vec(),
            users: BTreeMap::new(),
            unindexed: BTreeSet::new(),
            tokens: BTreeMap::new(),
            log_streams: Vec::new(),
            logs: Vec::new(),
            ahead: SignedDuration::ZERO,
            calls: Bucket::full(RateBudget::GENEROUS),
            token_calls: Bucket::full(RateBudget::TOKENS),
        }
    }

    pub fn set_rate(&mut self, budget: RateBudget) {
        self.calls = Bucket::full(budget);
    }
}

/// One tenant, as its routes see it.
#[derive(Clone)]
struct Site {
    world: World,
    /// Its place among the world's tenants, which only ever grow.
    index: usize,
    base_url: String,
}

impl Site {
    fn tenant<T>(&self, look: impl FnOnce(&mut Tenant) -> T) -> T {
        let state: &mut WorldState = &mut self.world.lock();
        look(&mut state.tenants[self.index])
    }

    /// The refusal that a caller without this scope earns.
    fn require(&self, headers: &HeaderMap, scope: &str) -> Result<(), Refusal> {
        let header = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        let unauthorized = |message| Refusal::new(StatusCode::UNAUTHORIZED, message, None);
        let Some(header) = header else {
            return Err(unauthorized("Missing authentication"));
        };
        let Some(token) = header.strip_prefix("Bearer ") else {
            let message = "Bad HTTP authentication header format";
            return Err(Refusal::new(StatusCode::BAD_REQUEST, message, Some("Bearer")));
        };
        self.tenant(|tenant| match tenant.tokens.get(token.trim()) {
            None => Err(unauthorized("Invalid token")),
            Some(grant) if grant.until < Instant::now() => Err(unauthorized(
                "Expired token received for JSON Web Token validation",
            )),
            Some(grant) if grant.scopes.iter().any(|granted| granted == scope) => Ok(()),
            Some(_) => {
                let message = format!("Insufficient scope, expected any of: {scope}");
                let code = Some("insufficient_scope");
                Err(Refusal::new(StatusCode::FORBIDDEN, &message, code))
            }
        })
    }
}

/// An error in Auth0's shape.
struct Refusal {
    status: StatusCode,
    message: String,
    code: Option<&'static str>,
}

impl Refusal {
    fn new(status: StatusCode, message: &str, code: Option<&'static str>) -> Self {
        Self {
            status,
            message: message.to_owned(),
            code,
        }
    }

    fn bad_query(message: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message, Some("invalid_query_string"))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut body = json!({
            "statusCode": self.status.as_u16(),
            "error": self.status.canonical_reason(),
            "message": self.message,
        });
        if let Some(code) = self.code {
            body["errorCode"] = json!(code);
        }
        (self.status, Json(body)).into_response()
    }
}

/// The routes of the tenant at `index` of the world, which lives at `base_url`.
pub(super) fn routes(world: World, index: usize, base_url: &str) -> Router {
    let site = Site {
        world,
        index,
        base_url: base_url.to_owned(),
    };
    Router::new()
        .route("/oauth/token", post(token::grant))
        .route("/api/v2/users", get(users::list))
        .route("/api/v2/users/{id}", get(users::one))
        .route("/api/v2/users-by-email", get(users::by_email))
        .route("/api/v2/log-streams", get(logs::streams))
        .route("/api/v2/logs", get(logs::events))
        .route("/api/v2/stats/daily", get(logs::daily))
        .fallback(async || Refusal::new(StatusCode::NOT_FOUND, "Not Found", None))
        .layer(from_fn_with_state(site.clone(), limit))
        .with_state(site)
}

/// Takes each request from the tenant's budget, and tells the budget with each answer.
async fn limit(State(site): State<Site>, request: Request, next: Next) -> Response {
    let is_token_call = request.uri().path() == "/oauth/token";
    let found = site.tenant(|tenant| match is_token_call {
        true => tenant.token_calls.take(),
        false => tenant.calls.take(),
    });
    let mut response = match found.granted {
        true => next.run(request).await,
        false => too_many(),
    };
    found.put_headers(response.headers_mut());
    // By itself the server writes this machine's time.
    let ahead = site.tenant(|tenant| tenant.ahead);
    if !ahead.is_zero() {
        let date = (Timestamp::now() + ahead).strftime("%a, %d %b %Y %H:%M:%S GMT");
        put(response.headers_mut(), "date", date);
    }
    response
}

fn too_many() -> Response {
    let message = "Global limit has been reached";
    let status = StatusCode::TOO_MANY_REQUESTS;
    Refusal::new(status, message, Some("too_many_requests")).into_response()
}

/// 429 and 503 in Auth0's shape.
pub(super) fn wording(fault: Fault) -> Response {
    if let Some(wait) = fault.wait() {
        let mut response = too_many();
        Found::exhausted(wait).put_headers(response.headers_mut());
        return response;
    }
    let message = "The service is temporarily unavailable";
    let status = StatusCode::SERVICE_UNAVAILABLE;
    Refusal::new(status, message, Some("service_unavailable")).into_response()
}

/// The parameters of a query, with `+` read as a space.
struct Params(Vec<(String, String)>);

impl Params {
    fn of(uri: &Uri) -> Self {
        let pairs = Query::try_from_uri(uri);
        Self(pairs.map(|Query(pairs)| pairs).unwrap_or_default())
    }

    fn get(&self, name: &str) -> Option<&str> {
        let named = |(key, _): &&(String, String)| key == name;
        self.0.iter().find(named).map(|(_, value)| value.as_str())
    }

    /// A number between `least` and `most`, or the refusal that names it and its description.
    fn number(&self, name: &str, least: i64, most: i64, description: &str) -> Result<Option<i64>, Refusal> {
        let Some(text) = self.get(name) else {
            return Ok(None);
        };
        let complaint = match text.parse::<i64>() {
            Ok(number) if number > most => format!("Value {number} is greater than maximum {most}"),
            Ok(number) if number < least => format!("Value {number} is less than minimum {least}"),
            Ok(number) => return Ok(Some(number)),
            Err(_) => "Expected type integer but found type string".to_owned(),
        };
        let message = format!("Query validation error: '{complaint}' on property {name} ({description})");
        Err(Refusal::bad_query(&message))
    }
}

fn put(headers: &mut HeaderMap, name: &'static str, value: impl ToString) {
    // Numbers and our own addresses are always fit for a header.
    if let Ok(value) = HeaderValue::from_str(&value.to_string()) {
        headers.insert(HeaderName::from_static(name), value);
    }
}

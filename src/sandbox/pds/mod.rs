//! The PDS of the sandbox, as the reference 0.4.217 behaves: what surrounds every call: size,
//! credentials, content type, limiter. Which method does what is said in `methods.rs`.

mod account;
mod admin;
mod answer;
mod auth;
mod create;
mod handles;
mod invites;
mod limiter;
mod methods;
mod reads;
mod reserved;
mod session;
mod subjects;

use std::time::Duration;

use axum::Router;
use axum::body::{Bytes, to_bytes};
use axum::extract::{Path, Query, Request, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{any, get};
use serde_json::{Value, json};

pub(super) use account::Accounts;
pub use account::{Account, AccountState};
use answer::{Call, Refusal};
use limiter::Standing;
use methods::{Kind, carry_out, kind};

use super::faults::Fault;
use super::world::World;

const LARGEST_BODY: usize = 150 * 1024;

/// What the routes need beside the world.
#[derive(Clone)]
struct Pds {
    world: World,
    login_padding: Duration,
    create_delay: Duration,
}

/// The PDS's routes. Every log-in takes at least `login_padding`, right or wrong; every account
/// `create_delay` between its checks and its first write.
pub(super) fn routes(world: World, login_padding: Duration, create_delay: Duration) -> Router {
    let well_known = get(reads::well_known).with_state(world.clone());
    Router::new()
        .route("/xrpc/_health", get(async || Json(json!({}))))
        .route("/xrpc/{method}", any(xrpc))
        .route("/.well-known/atproto-did", well_known)
        .with_state(Pds {
            world,
            login_padding,
            create_delay,
        })
}

/// 429 and 503 in the PDS's shape.
pub(super) fn wording(fault: Fault) -> Response {
    if let Some(wait) = fault.wait() {
        return rate_limited(Standing::exhausted(wait));
    }
    let body = json!({"error": "ServiceUnavailable", "message": "Service Unavailable"});
    (StatusCode::SERVICE_UNAVAILABLE, Json(body)).into_response()
}

fn rate_limited(standing: Standing) -> Response {
    let status = StatusCode::TOO_MANY_REQUESTS;
    let refusal = Refusal::new(status, "RateLimitExceeded", "Rate Limit Exceeded");
    let mut response = refusal.into_response();
    standing.put_headers(response.headers_mut());
    response
}

async fn xrpc(State(pds): State<Pds>, Path(method): Path<String>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LARGEST_BODY).await else {
        let status = StatusCode::PAYLOAD_TOO_LARGE;
        let message = "request entity too large";
        return Refusal::new(status, "PayloadTooLargeError", message).into_response();
    };
    let header = |name| {
        let value = head.headers.get(name)?;
        value.to_str().ok().map(str::to_owned)
    };
    let query = Query::<Vec<(String, String)>>::try_from_uri(&head.uri);
    let call = Call {
        world: pds.world.clone(),
        query: query.map(|Query(pairs)| pairs).unwrap_or_default(),
        authorization: header(header::AUTHORIZATION),
        input: Value::Null,
    };
    let content_type = header(header::CONTENT_TYPE);
    // The work goes on when the caller goes away, as it does in the reference: a client that gives
    // up waiting may have made an account.
    let work = tokio::spawn(async move {
        let sent = Sent {
            verb: head.method,
            content_type,
            body,
        };
        answer(pds, &method, call, sent).await
    });
    work.await.unwrap_or_else(|_| Refusal::internal().into_response())
}

/// The parts of a request that matter only until its input is read.
struct Sent {
    verb: Method,
    content_type: Option<String>,
    body: Bytes,
}

async fn answer(pds: Pds, method: &str, mut call: Call, sent: Sent) -> Response {
    let standing = match prepare(method, &mut call, sent) {
        Ok(standing) => standing,
        Err(refusal) => return refusal.into_response(),
    };
    if let Some(standing) = standing.filter(|standing| standing.over) {
        return rate_limited(standing);
    }
    let answered = carry_out(&pds, method, &call).await;
    let mut response = match answered {
        Ok(reply) => reply.into_response(),
        Err(refusal) => refusal.into_response(),
    };
    if let Some(standing) = standing {
        standing.put_headers(response.headers_mut());
    }
    response
}

/// Reads the input and counts the request; nothing is changed yet.
fn prepare(method: &str, call: &mut Call, sent: Sent) -> Result<Option<Standing>, Refusal> {
    let expected = match sent.verb {
        Method::POST => Kind::Procedure,
        _ => Kind::Query,
    };
    if kind(method) != Some(expected) {
        // Where the reference knows no such method it passes the call on, for which it wants a
        // session: so an unknown method looks like a bad token.
        count(call, method, "");
        call.bearer()?;
        let status = StatusCode::NOT_IMPLEMENTED;
        return Err(Refusal::new(
            status,
            "MethodNotImplemented",
            "Method Not Implemented",
        ));
    }
    if expected == Kind::Procedure {
        // Who calls is asked before what was sent. Queries ask for themselves, after their
        // parameters.
        match method {
            "com.atproto.server.createSession" => {}
            "com.atproto.server.createAccount" => call.anonymous()?,
            "com.atproto.identity.updateHandle" => drop(call.bearer_in_good_standing()?),
            "com.atproto.admin.disableInviteCodes" | "com.atproto.admin.updateSubjectStatus" => {
                call.moderator()?
            }
            _ => call.admin()?,
        }
        call.input = read_input(&sent)?;
    }
    let key = match method {
        "com.atproto.server.createAccount" => {
            create::check_input(call)?;
            String::new()
        }
        "com.atproto.server.createSession" => {
            session::check_input(call)?;
            call.text("identifier")?.to_owned()
        }
        "com.atproto.identity.updateHandle" => call.bearer()?,
        _ => String::new(),
    };
    Ok(count(call, method, &key))
}

fn count(call: &Call, method: &str, key: &str) -> Option<Standing> {
    call.world.lock().pds.limiter.count(method, key)
}

fn read_input(sent: &Sent) -> Result<Value, Refusal> {
    let Some(content_type) = &sent.content_type else {
        let message = "Request encoding (Content-Type) required but not provided";
        return Err(Refusal::invalid(message));
    };
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        let message = format!("Wrong request encoding (Content-Type): {kind}");
        return Err(Refusal::invalid(message));
    }
    let input: Value =
        serde_json::from_slice(&sent.body).map_err(|error| Refusal::bad("SyntaxError", error.to_string()))?;
    match input.is_object() {
        true => Ok(input),
        false => Err(answer::unlike("object", &input, "")),
    }
}

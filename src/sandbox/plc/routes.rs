//! The routes of the PLC directory, with its shapes and its 404s. Reads only.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::get;
use serde_json::{Value, json};

use super::directory::{Directory, Identity};
use crate::sandbox::faults::Fault;
use crate::sandbox::world::World;

/// The directory's routes: `/:did`, `/:did/data`, `/:did/log`, `/:did/log/last`,
/// `/:did/log/audit`, `/_health`.
pub(in crate::sandbox) fn routes(world: World) -> Router {
    Router::new()
        .route("/_health", get(async || Json(json!({"version": "0.0.0"}))))
        .route("/{did}", get(document))
        .route("/{did}/data", get(data))
        .route("/{did}/log", get(log))
        .route("/{did}/log/last", get(last))
        .route("/{did}/log/audit", get(audit))
        .with_state(world)
}

/// 429 and 503 in the directory's shape.
pub(in crate::sandbox) fn wording(fault: Fault) -> Response {
    match fault {
        Fault::RateLimited | Fault::Limited(_) => {
            refusal(StatusCode::TOO_MANY_REQUESTS, "Rate Limit Exceeded")
        }
        _ => refusal(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
    }
}

fn refusal(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({"message": message}))).into_response()
}

/// Answers from a DID that was registered, tombstoned or not; 404 where it never was.
fn answer(world: &World, did: &str, read: impl FnOnce(&Directory, &Identity) -> Response) -> Response {
    let state = world.lock();
    match state.plc.identities.get(did) {
        Some(identity) => read(&state.plc, identity),
        None => refusal(StatusCode::NOT_FOUND, &format!("DID not registered: {did}")),
    }
}

fn not_available(did: &str) -> Response {
    refusal(StatusCode::NOT_FOUND, &format!("DID not available: {did}"))
}

async fn document(State(world): State<World>, Path(did): Path<String>) -> Response {
    answer(&world, &did, |plc, _| match plc.did_document(&did) {
        Some(document) => {
            let kind = [(header::CONTENT_TYPE, "application/did+ld+json; charset=utf-8")];
            (kind, document.to_string()).into_response()
        }
        None => not_available(&did),
    })
}

async fn data(State(world): State<World>, Path(did): Path<String>) -> Response {
    answer(&world, &did, |plc, identity| match identity.document() {
        Some(document) => {
            let mut content = plc.content(identity, document);
            content["did"] = json!(did);
            Json(content).into_response()
        }
        None => not_available(&did),
    })
}

async fn log(State(world): State<World>, Path(did): Path<String>) -> Response {
    answer(&world, &did, |plc, identity| {
        let log = identity.log.iter().map(|op| plc.operation(identity, op));
        Json(log.collect::<Value>()).into_response()
    })
}

async fn last(State(world): State<World>, Path(did): Path<String>) -> Response {
    answer(&world, &did, |plc, identity| {
        // A registered DID has at least its first operation.
        let last = identity.log.last().map(|op| plc.operation(identity, op));
        Json(last).into_response()
    })
}

async fn audit(State(world): State<World>, Path(did): Path<String>) -> Response {
    answer(&world, &did, |plc, identity| {
        let log = identity.log.iter().map(|op| {
            json!({
                "did": did,
                "operation": plc.operation(identity, op),
                "cid": op.cid,
                "nullified": false,
                "createdAt": format!("{:.3}", op.at),
            })
        });
        Json(log.collect::<Value>()).into_response()
    })
}

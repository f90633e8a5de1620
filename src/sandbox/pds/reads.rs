//! What anybody may ask the PDS: repositories, handles, the server itself.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::account::{Account, Repo};
use super::answer::{Answered, Call, Refusal, Reply, is_did};
use super::handles::is_handle;
use super::invites::read_cursor;
use crate::sandbox::world::World;

/// `com.atproto.server.describeServer`
pub(super) fn describe_server(call: &Call) -> Answered {
    let state = call.world.lock();
    let domain = &state.pds.handle_domain;
    Ok(Reply::Body(json!({
        "did": format!("did:web:{}", domain.trim_start_matches('.')),
        "availableUserDomains": [domain],
        "inviteCodeRequired": true,
        "links": {},
        "contact": {},
    })))
}

/// `com.atproto.sync.listRepos`: oldest first, half-made accounts left out. Every page with a
/// repository on it has a cursor, the last one too.
pub(super) fn list_repos(call: &Call) -> Answered {
    let limit = call.limit(500, 1000)?;
    let after = call.param("cursor").map(read_cursor).transpose()?;
    let state = call.world.lock();
    let mut rows: Vec<(i64, &String, &Account)> = state
        .pds
        .accounts
        .iter()
        .filter(|(_, account)| account.repo != Repo::NoRoot)
        .map(|(did, account)| (account.created_at.as_millisecond(), did, account))
        .filter(|&(at, did, _)| match &after {
            Some((primary, secondary)) => (at, did) > (*primary, secondary),
            None => true,
        })
        .collect();
    rows.sort_by_key(|&(at, did, _)| (at, did));
    rows.truncate(limit);
    let repos = rows.iter().map(|(_, did, account)| {
        let mut repo = json!({"did": did, "head": account.head, "rev": account.rev});
        account.put_status(&mut repo);
        repo
    });
    let mut body = json!({"repos": repos.collect::<Value>()});
    if let Some((at, did, _)) = rows.last() {
        body["cursor"] = json!(format!("{at}::{did}"));
    }
    Ok(Reply::Body(body))
}

/// `com.atproto.sync.getRepoStatus`
pub(super) fn repo_status(call: &Call) -> Answered {
    let did = call.did_param("did")?;
    let state = call.world.lock();
    let account = state.pds.accounts.get(did).ok_or_else(|| repo_not_found(did))?;
    let mut body = json!({"did": did});
    account.put_status(&mut body);
    if account.is_active() {
        readable(account, did)?;
        body["rev"] = json!(account.rev);
    }
    Ok(Reply::Body(body))
}

/// `com.atproto.repo.describeRepo`
pub(super) fn describe_repo(call: &Call) -> Answered {
    let repo = match call.param("repo") {
        Some(repo) if is_did(repo) || is_handle(&repo.to_ascii_lowercase()) => repo,
        _ => return Err(Refusal::internal()),
    };
    let state = call.world.lock();
    let account = state.pds.find(repo).ok_or_else(|| repo_not_found(repo))?;
    match account.status() {
        Some("takendown") => {
            let message = format!("Repo has been takendown: {repo}");
            return Err(Refusal::bad("RepoTakendown", message));
        }
        Some(_) => {
            let message = format!("Repo has been deactivated: {repo}");
            return Err(Refusal::bad("RepoDeactivated", message));
        }
        None => {}
    }
    let Some(document) = state.plc.did_document(&account.did) else {
        return Err(Refusal::invalid("Could not resolve DID"));
    };
    readable(account, repo)?;
    Ok(Reply::Body(json!({
        "handle": account.handle,
        "did": account.did,
        "didDoc": document,
        "collections": [],
        "handleIsCorrect": state.plc.handle(&account.did) == Some(account.handle.as_str()),
    })))
}

fn repo_not_found(repo: &str) -> Refusal {
    Refusal::bad("RepoNotFound", format!("Could not find repo for DID: {repo}"))
}

fn readable(account: &Account, repo: &str) -> Result<(), Refusal> {
    match account.repo {
        Repo::Whole => Ok(()),
        Repo::NoRoot => Err(repo_not_found(repo)),
        Repo::NoStore => Err(Refusal::bad("NotFound", "Repo not found")),
    }
}

/// `com.atproto.identity.resolveHandle`: active accounts only.
pub(super) fn resolve_handle(call: &Call) -> Answered {
    let handle = call.param("handle").unwrap_or_default().to_ascii_lowercase();
    if !is_handle(&handle) {
        return Err(Refusal::internal());
    }
    let state = call.world.lock();
    match state.pds.by_handle(&handle).filter(|account| account.is_active()) {
        Some(account) => Ok(Reply::Body(json!({"did": account.did}))),
        None => Err(Refusal::invalid("Unable to resolve handle")),
    }
}

/// `/.well-known/atproto-did` for the handle in `Host`: active accounts only.
pub(super) async fn well_known(State(world): State<World>, headers: HeaderMap) -> Response {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let handle = host.unwrap_or_default().split(':').next().unwrap_or_default();
    let state = world.lock();
    let account = state.pds.by_handle(&handle.to_ascii_lowercase());
    match account.filter(|account| account.is_active()) {
        Some(account) => account.did.clone().into_response(),
        None => (StatusCode::NOT_FOUND, "User not found").into_response(),
    }
}

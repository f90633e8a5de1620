//! Takedown and deactivation, as administrators read and set them.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::answer::{Answered, Call, Refusal, Reply, is_did, unfit, unlike};

const REPO_REF: &str = "com.atproto.admin.defs#repoRef";

/// `com.atproto.admin.getSubjectStatus`, for whole accounts only.
pub(super) fn status(call: &Call) -> Answered {
    let did = call.param("did").map(|_| call.did_param("did")).transpose()?;
    call.moderator()?;
    let Some(did) = did else {
        return Err(Refusal::invalid("No provided subject"));
    };
    let state = call.world.lock();
    let Some(account) = state.pds.accounts.get(did) else {
        return Err(Refusal::bad("NotFound", "Subject not found"));
    };
    let takedown = match &account.takedown {
        Some(reference) => json!({"applied": true, "ref": reference}),
        None => json!({"applied": false}),
    };
    Ok(Reply::Body(json!({
        "subject": {"$type": REPO_REF, "did": did},
        "takedown": takedown,
        "deactivated": {"applied": account.deactivated_at.is_some()},
    })))
}

/// `com.atproto.admin.updateSubjectStatus`, for whole accounts only; 200 for an unknown DID.
pub(super) fn update(call: &Call) -> Answered {
    let subject = subject(call)?;
    let takedown = switch(call, "takedown")?;
    let deactivated = switch(call, "deactivated")?;
    let now = Timestamp::now();
    let mut state = call.world.lock();
    let did = subject["did"].as_str().unwrap_or_default();
    if let Some(account) = state.pds.accounts.get_mut(did) {
        if let Some((applied, given)) = &takedown {
            let reference = given["ref"].as_str().map(str::to_owned);
            account.takedown = applied.then(|| reference.unwrap_or(format!("{now:.3}")));
        }
        if let Some((applied, _)) = &deactivated {
            account.deactivated_at = applied.then_some(now);
        }
    }
    if takedown.is_some() {
        state
            .pds
            .sessions
            .retain(|_, session| !session.refresh || session.did != did);
    }
    let mut body = json!({"subject": subject});
    if let Some((_, given)) = takedown {
        body["takedown"] = given;
    }
    Ok(Reply::Body(body))
}

fn subject(call: &Call) -> Result<Value, Refusal> {
    let Some(subject) = call.input.get("subject") else {
        return Err(Refusal::invalid("Missing required key \"subject\" at $"));
    };
    let Some(kind) = subject["$type"].as_str() else {
        let expected = "an object which includes the \"$type\" property";
        return Err(unlike(expected, subject, "subject"));
    };
    if kind != REPO_REF {
        return Err(Refusal::invalid(format!("Invalid subject ({kind})")));
    }
    match subject["did"].as_str() {
        Some(did) if is_did(did) => Ok(subject.clone()),
        Some(did) => Err(unfit("DID", did, "subject.did")),
        None => Err(Refusal::invalid("Missing required key \"did\" at $.subject")),
    }
}

/// `{"applied": bool, …}` under this key, with the whole object to hand back.
fn switch(call: &Call, key: &str) -> Result<Option<(bool, Value)>, Refusal> {
    let Some(given) = call.input.get(key) else {
        return Ok(None);
    };
    match given["applied"].as_bool() {
        Some(applied) => Ok(Some((applied, given.clone()))),
        None => Err(Refusal::invalid(format!(
            "Missing required key \"applied\" at $.{key}"
        ))),
    }
}

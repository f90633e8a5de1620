//! Invite codes over HTTP: minting, listing with who used them, disabling. Using one up lives in
//! `create.rs`.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::account::Invite;
use super::answer::{Answered, Call, Refusal, Reply};

/// `com.atproto.server.createInviteCode`
pub(super) fn create_one(call: &Call) -> Answered {
    let uses = use_count(call)?;
    let owner = call.optional_text("forAccount")?.unwrap_or("admin");
    let code = call.world.lock().pds.mint_invite(uses, owner);
    Ok(Reply::Body(json!({"code": code})))
}

/// `com.atproto.server.createInviteCodes`
pub(super) fn create_many(call: &Call) -> Answered {
    let count = call.integer("codeCount")?.unwrap_or(1);
    let uses = use_count(call)?;
    let owners = call.texts("forAccounts")?.unwrap_or(vec!["admin".into()]);
    let mut state = call.world.lock();
    let mut lists = Vec::new();
    for owner in owners {
        let codes: Vec<String> = (0..count).map(|_| state.pds.mint_invite(uses, &owner)).collect();
        lists.push(json!({"account": owner, "codes": codes}));
    }
    Ok(Reply::Body(json!({"codes": lists})))
}

fn use_count(call: &Call) -> Result<i64, Refusal> {
    call.integer("useCount")?
        .ok_or_else(|| Refusal::invalid("Missing required key \"useCount\" at $"))
}

/// `com.atproto.admin.disableInviteCodes`
pub(super) fn disable(call: &Call) -> Answered {
    let codes = call.texts("codes")?.unwrap_or_default();
    let accounts = call.texts("accounts")?.unwrap_or_default();
    if accounts.iter().any(|account| account == "admin") {
        return Err(Refusal::invalid("cannot disable admin invite codes"));
    }
    let mut state = call.world.lock();
    for (code, invite) in &mut state.pds.invites {
        if codes.contains(code) || accounts.contains(&invite.for_account) {
            invite.disabled = true;
        }
    }
    Ok(Reply::Empty)
}

/// `com.atproto.admin.getInviteCodes`: newest or most used first. Every page with a code on it has
/// a cursor, the last one too.
pub(super) fn list(call: &Call) -> Answered {
    let limit = call.limit(100, 500)?;
    call.moderator()?;
    let rank: fn(&Invite) -> i64 = match call.param("sort").unwrap_or("recent") {
        "recent" => |invite| invite.created_at.as_millisecond(),
        "usage" => |invite| invite.uses.len() as i64,
        other => return Err(Refusal::invalid(format!("unknown sort method: {other}"))),
    };
    let after = call.param("cursor").map(read_cursor).transpose()?;
    let state = call.world.lock();
    let mut codes: Vec<(i64, &String, &Invite)> = state
        .pds
        .invites
        .iter()
        .map(|(code, invite)| (rank(invite), code, invite))
        .filter(|&(rank, code, _)| match &after {
            Some((primary, secondary)) => (rank, code) < (*primary, secondary),
            None => true,
        })
        .collect();
    codes.sort_by(|a, b| (b.0, b.1).cmp(&(a.0, a.1)));
    codes.truncate(limit);
    let views: Value = codes.iter().map(|(_, code, invite)| invite.view(code)).collect();
    let mut body = json!({"codes": views});
    if let Some((rank, code, _)) = codes.last() {
        body["cursor"] = json!(format!("{rank}::{code}"));
    }
    Ok(Reply::Body(body))
}

/// `<number>::<key>`, the form of every cursor of this PDS.
pub(super) fn read_cursor(cursor: &str) -> Result<(i64, String), Refusal> {
    let malformed = || Refusal::invalid("Malformed cursor");
    let (primary, secondary) = cursor.split_once("::").ok_or_else(malformed)?;
    if secondary.is_empty() || secondary.contains("::") {
        return Err(malformed());
    }
    let primary: i64 = primary.parse().map_err(|_| malformed())?;
    // A number beyond the calendar is no time to the reference either.
    Timestamp::from_millisecond(primary).map_err(|_| malformed())?;
    Ok((primary, secondary.to_owned()))
}

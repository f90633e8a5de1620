//! Which XRPC methods this PDS has, and which room carries each one out.

use std::time::Instant;

use super::answer::{Answered, Call, Refusal};
use super::{Pds, admin, create, handles, invites, reads, session, subjects};

/// Whether a method reads (GET) or writes (POST).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Query,
    Procedure,
}

/// `None`: this PDS has no such method.
pub(super) fn kind(method: &str) -> Option<Kind> {
    Some(match method.strip_prefix("com.atproto.")? {
        "server.describeServer"
        | "server.getSession"
        | "admin.getInviteCodes"
        | "admin.getAccountInfo"
        | "admin.getAccountInfos"
        | "admin.getSubjectStatus"
        | "sync.listRepos"
        | "sync.getRepoStatus"
        | "repo.describeRepo"
        | "identity.resolveHandle" => Kind::Query,
        "server.createInviteCode"
        | "server.createInviteCodes"
        | "server.createAccount"
        | "server.createSession"
        | "admin.disableInviteCodes"
        | "admin.updateSubjectStatus"
        | "admin.updateAccountHandle"
        | "admin.updateAccountPassword"
        | "admin.updateAccountEmail"
        | "admin.deleteAccount"
        | "identity.updateHandle" => Kind::Procedure,
        _ => return None,
    })
}

/// Carries out a method that `kind` knows, its caller and input already checked.
pub(super) async fn carry_out(pds: &Pds, method: &str, call: &Call) -> Answered {
    match method.strip_prefix("com.atproto.").unwrap_or(method) {
        "server.describeServer" => reads::describe_server(call),
        "server.createInviteCode" => invites::create_one(call),
        "server.createInviteCodes" => invites::create_many(call),
        "server.createAccount" => create::create_account(call, pds.create_delay).await,
        "server.createSession" => log_in(pds, call).await,
        "server.getSession" => session::get_session(call),
        "admin.getInviteCodes" => invites::list(call),
        "admin.disableInviteCodes" => invites::disable(call),
        "admin.getAccountInfo" => admin::account_info(call),
        "admin.getAccountInfos" => admin::account_infos(call),
        "admin.getSubjectStatus" => subjects::status(call),
        "admin.updateSubjectStatus" => subjects::update(call),
        "admin.updateAccountHandle" => handles::update_by_admin(call).await,
        "admin.updateAccountPassword" => admin::update_password(call),
        "admin.updateAccountEmail" => admin::update_email(call),
        "admin.deleteAccount" => admin::delete(call),
        "identity.updateHandle" => handles::update_own(call).await,
        "identity.resolveHandle" => reads::resolve_handle(call),
        "sync.listRepos" => reads::list_repos(call),
        "sync.getRepoStatus" => reads::repo_status(call),
        "repo.describeRepo" => reads::describe_repo(call),
        // `prepare` lets only methods of `kind` through, and each of them stands above.
        _ => Err(Refusal::internal()),
    }
}

async fn log_in(pds: &Pds, call: &Call) -> Answered {
    session::check_length(call)?;
    let began = Instant::now();
    let answered = session::create_session(call);
    tokio::time::sleep(pds.login_padding.saturating_sub(began.elapsed())).await;
    answered
}

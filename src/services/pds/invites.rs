//! Invites: each is for one account of one user, and its `forAccount` tells later whose it was meant for.

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Pds, unreadable, xrpc};
use crate::domain::stray::OURS;
use crate::services::Error;
use crate::services::http::call::Call;

/// Invites a page; the PDS gives no more.
const PAGE: usize = 500;
/// How far back an invite is looked for that was minted and not written down: it is as old as a crash.
const RECENT_PAGES: usize = 4;

/// What an invite is for, before there is a DID: a name in the form of one, which follows from the user's key and does
/// not tell it.
pub fn meant_for(key: &str) -> String {
    let digest = Sha256::digest(key.as_bytes());
    let hex: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("{OURS}{hex}")
}

impl Pds {
    /// A fresh invite for the user with this key, which can be used once.
    ///
    /// # Errors
    /// Those of the PDS; `unclear` where an invite may have been minted that nobody knows. `open_invite` finds it.
    pub async fn new_invite(&self, key: &str) -> Result<SecretString, Error> {
        let body = json!({"useCount": 1, "forAccount": meant_for(key)});
        let call = Call::post(xrpc("com.atproto.server.createInviteCode"), body).once();
        let answer = self.http.send(self.admin(call)).await?;
        answer["code"]
            .as_str()
            .map(SecretString::from)
            .ok_or_else(|| unreadable("a code").unclear(true))
    }

    /// An invite that was minted for the user with this key, and that nobody used or disabled.
    pub async fn open_invite(&self, key: &str) -> Result<Option<SecretString>, Error> {
        let meant_for = meant_for(key);
        let open = |code: &Value| {
            let unused = code["uses"].as_array().is_none_or(Vec::is_empty);
            let ours = code["forAccount"].as_str() == Some(&meant_for);
            ours && unused && code["disabled"].as_bool() == Some(false)
        };
        let found = self.find_invite(open, RECENT_PAGES).await?;
        Ok(found.and_then(|found| found["code"].as_str().map(SecretString::from)))
    }

    /// The DID of the account that was made with this invite; `None` where it is unused.
    pub async fn invite_used_by(&self, invite: &SecretString) -> Result<Option<String>, Error> {
        let same = |code: &Value| code["code"].as_str() == Some(invite.expose_secret());
        let found = self.find_invite(same, usize::MAX).await?;
        Ok(found.and_then(|found| found["uses"][0]["usedBy"].as_str().map(String::from)))
    }

    /// Disables an invite, so that nothing can be made with it any more. Where it was used, nothing changes.
    pub async fn disable_invite(&self, invite: &SecretString) -> Result<(), Error> {
        let body = json!({"codes": [invite.expose_secret()]});
        let call = Call::post(xrpc("com.atproto.admin.disableInviteCodes"), body);
        self.http.send(self.admin(call)).await.map(|_| ())
    }

    /// The newest invite that fits, on so many pages.
    async fn find_invite(&self, fits: impl Fn(&Value) -> bool, pages: usize) -> Result<Option<Value>, Error> {
        let mut cursor: Option<String> = None;
        for _ in 0..pages {
            let mut call = self.admin(Call::get(xrpc("com.atproto.admin.getInviteCodes")));
            call = call.query("sort", "recent").query("limit", PAGE);
            if let Some(cursor) = &cursor {
                call = call.query("cursor", cursor);
            }
            let answer = self.http.send(call).await?;
            let codes = answer["codes"].as_array().ok_or_else(|| unreadable("codes"))?;
            if let Some(found) = codes.iter().find(|code| fits(code)) {
                return Ok(Some(found.clone()));
            }
            cursor = answer["cursor"].as_str().map(String::from);
            // The last page names a cursor too: the end is an empty page.
            if codes.is_empty() || cursor.is_none() {
                break;
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_an_invite_follows_from_the_key_and_has_the_form_of_a_did() {
        let name = meant_for("auth0|65f0c0ffee");
        assert_eq!(name, meant_for("auth0|65f0c0ffee"));
        assert_ne!(name, meant_for("sotce-auth0|65f0c0ffee"));
        assert!(proto_blue_syntax::Did::new(name.as_str()).is_ok());
        assert_eq!(name.len(), "did:atriage:".len() + 32);
    }
}

//! What has to be true of every signup when all is done, looked at with the eyes of everybody: MongoDB, the PDS's admin,
//! and the user who logs in.

use bson::Document;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::accounts::client;
use super::runtime;
use super::town::Town;

/// Somebody who signed up in this town: the sub, and the first part of the address.
#[derive(Debug, Clone)]
pub struct Person {
    pub sub: String,
    pub local: String,
}

impl Town {
    /// What is not as it has to be for these verified users; empty where everything is. One account for the address, one
    /// record with one code that names it, the recorded password opens it, one verification; and nothing is left lying
    /// about: no intent, and, on a PDS of the town's own, no invite that could still be used.
    pub fn wrong(&self, people: &[Person]) -> Vec<String> {
        let accounts = self.all_accounts();
        let (users, verifications) = (self.all("users"), self.all("verifications"));
        let mut wrong = Vec::new();
        let mut passwords = Vec::new();
        for Person { sub, local } in people {
            let mut must = |holds: bool, what: String| {
                if !holds {
                    wrong.push(format!("{local} has {what}"));
                }
            };
            let email = self.email(local);
            let tagged = email.replace('@', "+sotce@");
            let theirs: Vec<&Value> = accounts
                .iter()
                .filter(|account| account["email"] == email || account["email"] == tagged)
                .collect();
            must(theirs.len() == 1, format!("{} accounts", theirs.len()));
            let verifications = of(&verifications, sub);
            must(
                verifications.len() == 1,
                format!("{} verifications", verifications.len()),
            );
            let users = of(&users, sub);
            must(users.len() == 1, format!("{} records", users.len()));
            let Some(user) = users.first() else { continue };
            must(
                user.get_str("code").is_ok_and(|code| !code.is_empty()),
                "no code".into(),
            );
            let recorded = |field| {
                let account = user.get_document("atproto");
                account
                    .and_then(|account| account.get_str(field))
                    .unwrap_or_default()
                    .to_owned()
            };
            let did = recorded("did");
            must(
                theirs.iter().any(|account| account["did"] == did),
                format!("the record of another account: {did:?}"),
            );
            passwords.push((local, did, recorded("password")));
        }
        let opened = self.open_all(passwords.iter().map(|(_, did, password)| (did, password)));
        for ((local, _, _), opened) in passwords.iter().zip(opened) {
            if !opened {
                wrong.push(format!("{local} has a password that opens nothing"));
            }
        }
        let intents = self.all("atriage-intents").len();
        if intents > 0 {
            wrong.push(format!("{intents} intents are left"));
        }
        // On a PDS of its own nobody else makes invites: each is ours, however it is marked.
        let unused = self.pds.as_ref().map_or(0, |_| self.unused_invites_for("").len());
        if unused > 0 {
            wrong.push(format!("{unused} invites are unused"));
        }
        wrong
    }

    /// All log-ins at once: each takes the PDS 350 ms, most of it waiting.
    fn open_all<'a>(&self, pairs: impl Iterator<Item = (&'a String, &'a String)>) -> Vec<bool> {
        let url = format!("{}/xrpc/com.atproto.server.createSession", self.pds_itself());
        let client = client();
        let asked = pairs.map(|(did, password)| {
            let request = client.post(&url);
            let request = request.json(&json!({"identifier": did, "password": password}));
            async move {
                request
                    .send()
                    .await
                    .expect("the PDS answers")
                    .status()
                    .is_success()
            }
        });
        runtime().block_on(join_all(asked))
    }
}

/// The documents of a user, in whatever form the tenant writes the id.
fn of<'a>(documents: &'a [Document], sub: &str) -> Vec<&'a Document> {
    let theirs = |document: &&Document| document.get_str("_id").is_ok_and(|id| id.ends_with(sub));
    documents.iter().filter(theirs).collect()
}

//! The account in a user's record, in MongoDB.

use bson::{Bson, Document, doc};
use secrecy::ExposeSecret;

use super::MongoStore;
use super::failure::SERVICE;
use super::reading::{account_and, json, written};
use crate::services::Error;
use crate::services::store::documents::{MADE_BEFORE, named};
use crate::services::store::{NewAtproto, USERS, Written, other_account};

impl MongoStore {
    /// What of a user's record names their account.
    pub(super) async fn named(&self, id: &str) -> Result<Option<Document>, Error> {
        let query = async {
            self.of(USERS)
                .find_one(doc! {"_id": id})
                .projection(account_and(&[MADE_BEFORE]))
                .await
        };
        Ok(self.run("a query of users", query).await?)
    }

    /// Writes `users.atproto`, where the account that it names is still the one that was read. The flat fields of older
    /// scripts stay as they are.
    pub(super) async fn write_account(&self, id: &str, account: &NewAtproto) -> Result<Written, Error> {
        let other = || other_account(SERVICE);
        let stood = self.named(id).await?.ok_or_else(other)?;
        let value = json(stood.clone());
        let stands = named(&value).map_err(|_| other())?;
        let fits = [Some(account.did.as_str()), account.replaces.as_deref()];
        if stands.did.is_some() && !fits.contains(&stands.did) {
            return Err(other());
        }
        let at = account.at.to_string();
        let atproto = stood.get_document("atproto").ok();
        let recorded = |name: &str| atproto.and_then(|atproto| atproto.get(name)).cloned();
        let mut set = doc! {"atproto.did": &account.did, "atproto.handle": &account.handle};
        if let Some(password) = &account.password {
            set.insert("atproto.password", password.expose_secret());
        }
        if stands.did == Some(account.did.as_str()) {
            set.insert("atproto.syncedAt", &at);
            // What stands there already may have changed since.
            let lacks = account.password.is_none() && matches!(recorded("password"), None | Some(Bson::Null));
            if let Some(password) = stands.password.filter(|_| lacks) {
                set.insert("atproto.password", password);
            }
            let made = stood.get(MADE_BEFORE).filter(|_| stands.older.did);
            if let Some(made) = made.filter(|_| recorded("createdAt").is_none()) {
                set.insert("atproto.createdAt", made);
            }
        } else {
            set.insert("atproto.createdAt", &at);
        }
        let mut update = match &account.fallback {
            Some((wanted, reason)) => {
                let fallback = doc! {"wanted": wanted, "reason": reason, "at": &at};
                set.insert("atproto.handleFallback", fallback);
                doc! {}
            }
            None => doc! {"$unset": {"atproto.handleFallback": ""}},
        };
        update.insert("$set", set);
        if stood.get("atproto") == Some(&Bson::Null) {
            // It has no fields to set; it becomes an empty document first.
            let null = doc! {"_id": id, "atproto": {"$type": "null"}};
            self.update(USERS, null, doc! {"$set": {"atproto": {}}}).await?;
        }
        let filter = doc! {
            "_id": id,
            "atproto.did": recorded("did").unwrap_or(Bson::Null),
            "atproto_did": stood.get("atproto_did").cloned().unwrap_or(Bson::Null),
        };
        match self.update(USERS, filter, update).await? {
            (0, _) => Err(other()),
            (_, changed) => Ok(written(changed)),
        }
    }
}

//! MongoDB through the official driver, with Stable API v1 strict. Only this folder knows a query.

mod account;
mod calls;
mod failure;
mod journal;
mod reading;
mod server;
mod upkeep;

use std::time::Duration;

use async_trait::async_trait;
use bson::doc;
use jiff::Timestamp;
use mongodb::error::ErrorKind;
use mongodb::options::{
    Acknowledgment, ClientOptions, Collation, CollationStrength, IndexOptions, ReadPreference,
    SelectionCriteria, ServerApi, ServerApiVersion, WriteConcern,
};
use mongodb::{Client, Database, IndexModel};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::OnceCell;

use self::failure::{DUPLICATE_KEY, Failure, INDEX_OPTIONS_CONFLICT, SERVICE, codes_twice};
use self::reading::{account_and, date, json, naming, read, written};
use super::{
    CodeWrite, HANDLES, INTENTS, IndexWrite, Lookup, NewAtproto, NewIntent, Records, Store, USERS,
    VERIFICATIONS, Written, documents,
};
use crate::domain::Class;
use crate::domain::code_index::Index;
use crate::domain::tally::CODE_INDEX;
use crate::services::Error;
use crate::services::health::Pulse;
use crate::services::store::upkeep::Upkeep;

pub use self::server::{MongoServer, Primary};

pub struct MongoStore {
    db: Database,
    timeout: Duration,
    pulse: Pulse,
    /// The indexes of the journal were asked for.
    indexed: OnceCell<()>,
}

impl MongoStore {
    /// # Errors
    /// `Validation` where the connection string is malformed. It is never printed.
    pub async fn open(uri: &SecretString, database: &str, timeout: Duration) -> Result<Self, Error> {
        let mut options = options(uri, timeout).await?;
        options.server_api = Some(
            ServerApi::builder()
                .version(ServerApiVersion::V1)
                .strict(true)
                .build(),
        );
        // What was written must outlive the server that it was told to, and what is true only the primary knows: whatever
        // the connection string says.
        options.write_concern = Some(
            WriteConcern::builder()
                .w(Acknowledgment::Majority)
                .journal(true)
                .build(),
        );
        options.selection_criteria = Some(SelectionCriteria::ReadPreference(ReadPreference::Primary));
        options.read_concern = None;
        let client = Client::with_options(options).map_err(|error| malformed(&error))?;
        Ok(Self {
            db: client.database(database),
            timeout,
            pulse: Pulse::new(SERVICE, ""),
            indexed: OnceCell::new(),
        })
    }
}

/// What holds for each of our clients.
async fn options(uri: &SecretString, timeout: Duration) -> Result<ClientOptions, Error> {
    let parsed = ClientOptions::parse(uri.expose_secret()).await;
    let mut options = parsed.map_err(|error| malformed(&error))?;
    options.app_name = Some("atriage".into());
    // Shorter than our own limit: "cannot be reached" says more than "did not answer in time", and should come first.
    let reach = (timeout * 3 / 4).min(Duration::from_secs(3));
    options.server_selection_timeout = Some(reach);
    options.connect_timeout = Some(reach);
    options.max_pool_size = options.max_pool_size.or(Some(16));
    Ok(options)
}

/// The driver looks a `mongodb+srv://` up while it reads it, which may fail for another reason than its form.
fn malformed(error: &mongodb::error::Error) -> Error {
    if matches!(*error.kind, ErrorKind::DnsResolve { .. }) {
        return Failure::of("a look-up of its name", error).error;
    }
    Error::new(
        SERVICE,
        Class::Validation,
        "MONGODB_CONNECTION_STRING is malformed.",
        "It begins with mongodb:// or mongodb+srv://; special characters in the password are percent-encoded.",
    )
}

#[async_trait]
impl Store for MongoStore {
    fn pulse(&self) -> &Pulse {
        &self.pulse
    }

    async fn ping(&self) -> Result<(), Error> {
        Ok(self
            .run("a ping", async { self.db.run_command(doc! {"ping": 1}).await })
            .await
            .map(|_| ())?)
    }

    async fn has_collections(&self) -> Result<bool, Error> {
        let filter = doc! {"name": {"$in": [USERS, VERIFICATIONS, HANDLES]}};
        let query = async { self.db.list_collection_names().filter(filter).await };
        Ok(!self.run("a list of the collections", query).await?.is_empty())
    }

    async fn records(&self, ids: &[String]) -> Records {
        let (users, verifications, names, marks) = tokio::join!(
            self.by_ids(USERS, ids, account_and(&["code", "when"])),
            self.by_ids(VERIFICATIONS, ids, doc! {"count": 1}),
            self.by_ids(HANDLES, ids, doc! {"handle": 1}),
            self.marks(ids),
        );
        Records {
            users: users.map(|docs| read(docs, documents::user)),
            verifications: verifications.map(|docs| read(docs, documents::verification)),
            names: names.map(|docs| read(docs, |_, doc| documents::name(doc))),
            marks,
        }
    }

    async fn ids_after(
        &self,
        after: &str,
        since: Option<Timestamp>,
        limit: usize,
    ) -> Result<Vec<String>, Error> {
        self.read_ids_after(after, since, limit).await
    }

    async fn holders(&self, dids: &[String]) -> Result<Vec<(String, String)>, Error> {
        self.read_holders(dids).await
    }

    async fn find(&self, by: &Lookup) -> Result<Vec<String>, Error> {
        let (collection, filter) = match by {
            Lookup::Name(name) => (HANDLES, doc! {"handle": name}),
            Lookup::Code(code) => (USERS, doc! {"code": code}),
            Lookup::Did(did) => (USERS, naming(&[did])),
        };
        let found = self.ids_where(collection, filter.clone(), None).await?;
        // Handles are compared without regard to case; the index tells the spelling as given without a look at all of them.
        match by {
            Lookup::Name(_) if found.is_empty() => {
                let any_case = Collation::builder()
                    .locale("en")
                    .strength(CollationStrength::Secondary)
                    .build();
                self.ids_where(collection, filter, Some(any_case)).await
            }
            _ => Ok(found),
        }
    }

    async fn password(&self, id: &str) -> Result<Option<SecretString>, Error> {
        let found = self.named(id).await?.map(json).unwrap_or_default();
        // What cannot be read opens nothing; the diagnosis says that it cannot.
        let named = documents::named(&found).ok();
        Ok(named.and_then(|named| named.password).map(SecretString::from))
    }

    async fn ensure_code_index(&self) -> Result<IndexWrite, Error> {
        let guard = async || {
            let mut indexes = self.code_indexes().await?.into_iter();
            Ok::<_, Error>(indexes.find(Index::guards))
        };
        if let Some(index) = guard().await? {
            return Ok(IndexWrite::Already(index.name));
        }
        let name = CODE_INDEX.to_string();
        let options = IndexOptions::builder()
            .name(name.clone())
            .unique(true)
            .sparse(true)
            .build();
        let index = IndexModel::builder()
            .keys(doc! {"code": 1})
            .options(options)
            .build();
        match self
            .run("the making of the index on users.code", async {
                self.of(USERS).create_index(index).await
            })
            .await
        {
            Ok(_) => Ok(IndexWrite::Made(name)),
            // Somebody else made one meanwhile, under another name: as good, where it is unique.
            Err(failure) if failure.code == Some(INDEX_OPTIONS_CONFLICT) => match guard().await? {
                Some(index) => Ok(IndexWrite::Already(index.name)),
                None => Err(failure.error),
            },
            Err(failure) if failure.code == Some(DUPLICATE_KEY) => Err(codes_twice()),
            Err(failure) => Err(failure.error),
        }
    }

    async fn insert_verification(&self, id: &str, count: i64) -> Result<Written, Error> {
        let document = doc! {"_id": id, "count": count};
        let operation = async { self.of(VERIFICATIONS).insert_one(document).await };
        match self.run("a write to verifications", operation).await {
            Ok(_) => Ok(Written::Done),
            Err(failure) if failure.code == Some(DUPLICATE_KEY) => Ok(Written::Already),
            Err(failure) => Err(failure.error),
        }
    }

    async fn raise_verification(&self, id: &str) -> Result<Written, Error> {
        let filter = doc! {"_id": id, "count": {"$lt": 1}};
        let (_, changed) = self
            .update(VERIFICATIONS, filter, doc! {"$set": {"count": 1}})
            .await?;
        Ok(written(changed))
    }

    async fn insert_user(&self, id: &str, code: &str, when: Timestamp) -> Result<CodeWrite, Error> {
        let document = doc! {"_id": id, "code": code, "when": date(when)};
        match self
            .run("a write to users", async {
                self.of(USERS).insert_one(document).await
            })
            .await
        {
            Ok(_) => Ok(CodeWrite::Done),
            Err(failure) => failure.code_write(),
        }
    }

    async fn assign_code(&self, id: &str, code: &str) -> Result<CodeWrite, Error> {
        match self
            .update(
                USERS,
                doc! {"_id": id, "code": null},
                doc! {"$set": {"code": code}},
            )
            .await
        {
            Ok((0, _)) => Ok(CodeWrite::Already),
            Ok(_) => Ok(CodeWrite::Done),
            Err(failure) => failure.code_write(),
        }
    }

    async fn put_intent(&self, intent: &NewIntent) -> Result<NewIntent, Error> {
        let document = doc! {
            "_id": &intent.key,
            "handle": &intent.handle,
            "email": &intent.email,
            "password": intent.password.expose_secret(),
            "invite": intent.invite.as_ref().map(|invite| invite.expose_secret()),
            "replaces": intent.replaces.as_deref(),
            "at": date(intent.at),
        };
        match self
            .run("a write to the intents", async {
                self.of(INTENTS).insert_one(document).await
            })
            .await
        {
            Ok(_) => Ok(intent.clone()),
            Err(failure) if failure.code == Some(DUPLICATE_KEY) => {
                match self.intent(&intent.key).await? {
                    Some(standing) => Ok(standing),
                    // It was dropped in this very moment: what stands now decides, so that this one is written again.
                    None => self.put_intent(intent).await,
                }
            }
            Err(failure) => Err(failure.error),
        }
    }

    async fn intent(&self, key: &str) -> Result<Option<NewIntent>, Error> {
        let query = async { self.of(INTENTS).find_one(doc! {"_id": key}).await };
        Ok(self.run("a query of the intents", query).await?.map(|doc| {
            let text = |name| doc.get_str(name).unwrap_or_default().to_string();
            NewIntent {
                key: key.to_string(),
                handle: text("handle"),
                email: text("email"),
                password: text("password").into(),
                invite: doc.get_str("invite").ok().map(SecretString::from),
                replaces: doc.get_str("replaces").ok().map(String::from),
                at: doc
                    .get_datetime("at")
                    .map_or(Timestamp::UNIX_EPOCH, |at| at.to_jiff()),
            }
        }))
    }

    async fn change_intent(&self, to: &NewIntent) -> Result<(), Error> {
        let set = doc! {"handle": &to.handle, "email": &to.email, "replaces": to.replaces.as_deref()};
        Ok(self
            .update(INTENTS, doc! {"_id": &to.key}, doc! {"$set": set})
            .await
            .map(|_| ())?)
    }

    async fn renew_invite(
        &self,
        key: &str,
        old: Option<&SecretString>,
        fresh: &SecretString,
    ) -> Result<Option<SecretString>, Error> {
        let old = old.map(|old| old.expose_secret());
        let update = doc! {"$set": {"invite": fresh.expose_secret()}};
        self.update(INTENTS, doc! {"_id": key, "invite": old}, update)
            .await?;
        Ok(self.intent(key).await?.and_then(|standing| standing.invite))
    }

    async fn drop_intent(&self, key: &str) -> Result<Written, Error> {
        let operation = async { self.of(INTENTS).delete_one(doc! {"_id": key}).await };
        Ok(written(
            self.run("a write to the intents", operation).await?.deleted_count,
        ))
    }

    async fn record_account(&self, id: &str, account: &NewAtproto) -> Result<Written, Error> {
        self.write_account(id, account).await
    }
}

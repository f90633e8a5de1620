//! MongoDB through the official driver, with Stable API v1 strict. The only file that knows a query.

use std::collections::HashMap;
use std::future::Future;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bson::{Bson, DateTime, Document, doc};
use futures_util::TryStreamExt;
use jiff::Timestamp;
use mongodb::error::{ErrorKind, WriteFailure};
use mongodb::options::{ClientOptions, IndexOptions, ServerApi, ServerApiVersion};
use mongodb::{Client, Collection, Database, IndexModel};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::super::error::Error;
use super::super::health::Pulse;
use super::{
    CodeWrite, DELETIONS, HANDLES, INTENTS, IndexWrite, Lookup, Marks, NewAtproto, NewIntent, Records, Store,
    TOMBSTONES, USERS, VERIFICATIONS, Written, documents, tombstone_id,
};
use crate::domain::Class;
use crate::domain::observed::Observed;
use crate::domain::signup::{Deletion, Intent};

const SERVICE: &str = "mongo";
/// Server codes (see the server's error_codes.yml).
const NAMESPACE_NOT_FOUND: i32 = 26;
const INDEX_OPTIONS_CONFLICT: i32 = 85;
const DUPLICATE_KEY: i32 = 11000;

pub struct MongoStore {
    db: Database,
    timeout: Duration,
    pulse: Pulse,
}

impl MongoStore {
    /// # Errors
    /// `Validation` where the connection string is malformed. It is never printed.
    pub async fn open(uri: &SecretString, database: &str, timeout: Duration) -> Result<Self, Error> {
        let malformed = |_| {
            Error::new(
                SERVICE,
                Class::Validation,
                "MONGODB_CONNECTION_STRING is malformed.",
                "It begins with mongodb:// or mongodb+srv://; special characters in the password are percent-encoded.",
            )
        };
        let mut options = ClientOptions::parse(uri.expose_secret())
            .await
            .map_err(malformed)?;
        options.app_name = Some("atriage".into());
        options.server_api = Some(
            ServerApi::builder()
                .version(ServerApiVersion::V1)
                .strict(true)
                .build(),
        );
        options.server_selection_timeout = Some(timeout.min(Duration::from_secs(3)));
        options.connect_timeout = Some(timeout.min(Duration::from_secs(3)));
        options.max_pool_size = options.max_pool_size.or(Some(16));
        let client = Client::with_options(options).map_err(malformed)?;
        Ok(Self {
            db: client.database(database),
            timeout,
            pulse: Pulse::new(SERVICE, ""),
        })
    }

    fn of(&self, collection: &str) -> Collection<Document> {
        self.db.collection(collection)
    }

    /// Runs an operation within the time limit and notes how it went.
    async fn run<T>(
        &self,
        what: &str,
        operation: impl Future<Output = mongodb::error::Result<T>>,
    ) -> Result<T, Failure> {
        let started = Instant::now();
        let answer = tokio::time::timeout(self.timeout, operation).await;
        tracing::debug!(
            service = SERVICE,
            call = what,
            ms = started.elapsed().as_millis(),
            ok = matches!(answer, Ok(Ok(_)))
        );
        let failure = match answer {
            Ok(Ok(value)) => {
                self.pulse.answered(started.elapsed());
                return Ok(value);
            }
            Ok(Err(error)) => Failure::of(what, &error),
            Err(_) => Failure {
                code: None,
                id_taken: false,
                error: Error::new(
                    SERVICE,
                    Class::Unavailable,
                    format!("mongo did not answer {what} in time."),
                    LOOK,
                )
                .unclear(true),
            },
        };
        match failure.error.kind {
            Class::Unavailable | Class::Auth => self.pulse.failed(failure.error.problem()),
            _ => self.pulse.answered(started.elapsed()),
        }
        Err(failure)
    }

    /// The documents with these ids, as JSON.
    async fn by_ids(
        &self,
        collection: &str,
        ids: &[String],
        fields: Document,
    ) -> Result<HashMap<String, Value>, Error> {
        let query = async {
            let cursor = self
                .of(collection)
                .find(doc! {"_id": {"$in": ids}})
                .projection(fields)
                .await?;
            cursor.try_collect::<Vec<_>>().await
        };
        let found = self.run(&format!("a query of {collection}"), query).await?;
        Ok(found
            .into_iter()
            .filter_map(|doc| Some((doc.get_str("_id").ok()?.to_string(), json(doc))))
            .collect())
    }

    /// Deletions, tombstones and intents of these ids in one query.
    async fn marks(&self, ids: &[String]) -> Result<Marks, Error> {
        let stones: HashMap<String, &String> = ids.iter().map(|id| (tombstone_id(id), id)).collect();
        let hashes: Vec<&String> = stones.keys().collect();
        let other = |collection: &str, ids: Bson, from: i32, fields: Document| {
            let mut shown = doc! {"from": {"$literal": from}};
            shown.extend(fields);
            doc! {"$unionWith": {"coll": collection, "pipeline": [{"$match": {"_id": {"$in": ids}}}, {"$project": shown}]}}
        };
        let hashes = Bson::Array(
            hashes
                .into_iter()
                .map(|hash| Bson::String(hash.clone()))
                .collect(),
        );
        let keys = Bson::Array(ids.iter().cloned().map(Bson::String).collect());
        let pipeline = [
            doc! {"$match": {"_id": {"$in": ids}}},
            doc! {"$project": {"from": {"$literal": 0}, "state": 1}},
            other(TOMBSTONES, hashes, 1, doc! {}),
            other(INTENTS, keys, 2, doc! {"handle": 1}),
        ];
        let query = async {
            self.of(DELETIONS)
                .aggregate(pipeline)
                .await?
                .try_collect::<Vec<_>>()
                .await
        };
        let mut marks = Marks::default();
        for doc in self.run("a query of the deletions", query).await? {
            let (Ok(id), Ok(from)) = (doc.get_str("_id").map(String::from), doc.get_i32("from")) else {
                continue;
            };
            match from {
                0 if documents::is_pending(&json(doc.clone())) => {
                    marks.deletions.insert(id, Deletion::Scheduled);
                }
                1 => {
                    if let Some(key) = stones.get(&id) {
                        marks.deletions.insert((*key).clone(), Deletion::Tombstone);
                    }
                }
                2 => {
                    let handle = doc.get_str("handle").unwrap_or_default().to_string();
                    marks.intents.insert(id, Intent { handle });
                }
                _ => {}
            }
        }
        Ok(marks)
    }

    /// The name of a unique index on exactly the code.
    async fn code_index(&self) -> Result<Option<String>, Error> {
        let query = async {
            self.of(USERS)
                .list_indexes()
                .await?
                .try_collect::<Vec<IndexModel>>()
                .await
        };
        let indexes = match self.run("a list of the indexes of users", query).await {
            Err(failure) if failure.code == Some(NAMESPACE_NOT_FOUND) => Vec::new(),
            answer => answer?,
        };
        Ok(indexes.into_iter().find_map(|index| {
            let options = index.options.unwrap_or_default();
            let whole = options.partial_filter_expression.is_none();
            let good = index.keys == doc! {"code": 1} && options.unique == Some(true) && whole;
            good.then(|| options.name.unwrap_or_default())
        }))
    }

    async fn update(
        &self,
        collection: &str,
        filter: Document,
        update: Document,
    ) -> Result<(u64, u64), Failure> {
        let operation = async { self.of(collection).update_one(filter, update).await };
        let result = self.run(&format!("a write to {collection}"), operation).await?;
        Ok((result.matched_count, result.modified_count))
    }
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
            self.by_ids(USERS, ids, doc! {"code": 1, "when": 1, "atproto": 1}),
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

    async fn users_since(&self, since: Timestamp, limit: usize) -> Result<Vec<String>, Error> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let query = async {
            self.of(USERS)
                .find(doc! {"when": {"$gte": date(since)}})
                .projection(doc! {"_id": 1})
                .sort(doc! {"when": -1})
                .limit(limit)
                .await?
                .try_collect::<Vec<_>>()
                .await
        };
        Ok(ids(self.run("a query of users", query).await?))
    }

    async fn find(&self, by: &Lookup) -> Result<Vec<String>, Error> {
        let (collection, filter) = match by {
            Lookup::Name(name) => (HANDLES, doc! {"handle": name}),
            Lookup::Code(code) => (USERS, doc! {"code": code}),
            Lookup::Did(did) => (USERS, doc! {"atproto.did": did}),
        };
        let query = async {
            let cursor = self
                .of(collection)
                .find(filter)
                .projection(doc! {"_id": 1})
                .limit(10)
                .await?;
            cursor.try_collect::<Vec<_>>().await
        };
        Ok(ids(self.run(&format!("a query of {collection}"), query).await?))
    }

    async fn password(&self, id: &str) -> Result<Option<SecretString>, Error> {
        let query = async {
            self.of(USERS)
                .find_one(doc! {"_id": id})
                .projection(doc! {"atproto.password": 1})
                .await
        };
        let found = self.run("a query of users", query).await?;
        let atproto = found.as_ref().and_then(|user| user.get_document("atproto").ok());
        let password = atproto.and_then(|atproto| atproto.get_str("password").ok());
        Ok(password
            .filter(|password| !password.is_empty())
            .map(SecretString::from))
    }

    async fn ensure_code_index(&self) -> Result<IndexWrite, Error> {
        if let Some(name) = self.code_index().await? {
            return Ok(IndexWrite::Already(name));
        }
        let name = "code_unique".to_string();
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
            Err(failure) if failure.code == Some(INDEX_OPTIONS_CONFLICT) => match self.code_index().await? {
                Some(name) => Ok(IndexWrite::Already(name)),
                None => Err(failure.error),
            },
            Err(failure) if failure.code == Some(DUPLICATE_KEY) => Err(Error::new(
                SERVICE,
                Class::Conflict,
                "There is no unique index on users.code, and none can be made: two users have the same code.",
                "Give one of them another code by hand first.",
            )),
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
                Ok(self.intent(&intent.key).await?.unwrap_or_else(|| intent.clone()))
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
                at: doc
                    .get_datetime("at")
                    .map_or(Timestamp::UNIX_EPOCH, |at| at.to_jiff()),
            }
        }))
    }

    async fn change_intent(&self, key: &str, handle: &str, email: &str) -> Result<(), Error> {
        let update = doc! {"$set": {"handle": handle, "email": email}};
        Ok(self
            .update(INTENTS, doc! {"_id": key}, update)
            .await
            .map(|_| ())?)
    }

    async fn renew_invite(&self, key: &str, fresh: &SecretString) -> Result<(), Error> {
        let update = doc! {"$set": {"invite": fresh.expose_secret()}};
        Ok(self
            .update(INTENTS, doc! {"_id": key}, update)
            .await
            .map(|_| ())?)
    }

    async fn drop_intent(&self, key: &str) -> Result<Written, Error> {
        let operation = async { self.of(INTENTS).delete_one(doc! {"_id": key}).await };
        Ok(written(
            self.run("a write to the intents", operation).await?.deleted_count,
        ))
    }

    async fn record_account(&self, id: &str, account: &NewAtproto) -> Result<Written, Error> {
        let at = account.at.to_string();
        let mut set = doc! {"atproto.did": &account.did, "atproto.handle": &account.handle};
        if let Some(password) = &account.password {
            set.insert("atproto.password", password.expose_secret());
        }
        let mut update = match &account.fallback {
            Some((wanted, reason)) => {
                set.insert(
                    "atproto.handleFallback",
                    doc! {"wanted": wanted, "reason": reason, "at": &at},
                );
                doc! {}
            }
            None => doc! {"$unset": {"atproto.handleFallback": ""}},
        };
        // An `atproto: null` has no fields to set; it becomes an empty document first.
        self.update(
            USERS,
            doc! {"_id": id, "atproto": {"$type": "null"}},
            doc! {"$set": {"atproto": {}}},
        )
        .await?;
        let mut fresh = set.clone();
        fresh.insert("atproto.createdAt", &at);
        set.insert("atproto.syncedAt", &at);
        for (did, set) in [(Bson::String(account.did.clone()), set), (Bson::Null, fresh)] {
            update.insert("$set", set);
            let filter = doc! {"_id": id, "atproto.did": did};
            let (matched, changed) = self.update(USERS, filter, update.clone()).await?;
            if matched > 0 {
                return Ok(written(changed));
            }
        }
        Err(super::other_account(SERVICE))
    }
}

/// A failed operation with the server's code.
struct Failure {
    code: Option<i32>,
    /// A duplicate key of the `_id` itself, not of another index.
    id_taken: bool,
    error: Error,
}

const LOOK: &str = "Check MONGODB_CONNECTION_STRING, the network and the server.";

impl Failure {
    /// The driver's own text stays out of the sentence: it prints the values of duplicate keys.
    fn of(what: &str, error: &mongodb::error::Error) -> Self {
        let (code, name) = match &*error.kind {
            ErrorKind::Command(command) => (Some(command.code), command.code_name.clone()),
            ErrorKind::Write(WriteFailure::WriteError(write)) => {
                (Some(write.code), write.code_name.clone().unwrap_or_default())
            }
            ErrorKind::Write(WriteFailure::WriteConcernError(write)) => {
                (Some(write.code), write.code_name.clone())
            }
            _ => (None, String::new()),
        };
        let id_taken = error.to_string().contains("index: _id_ ");
        let auth =
            matches!(*error.kind, ErrorKind::Authentication { .. }) || matches!(code, Some(13 | 18 | 8000));
        let retryable = error.contains_label("RetryableWriteError");
        let (kind, what, hint) = match (&*error.kind, code) {
            _ if auth => (
                Class::Auth,
                format!("mongo refuses our user {what}."),
                "Check the user in MONGODB_CONNECTION_STRING and its rights on MONGODB_NAME.",
            ),
            (
                ErrorKind::ServerSelection { .. }
                | ErrorKind::Io(_)
                | ErrorKind::ConnectionPoolCleared { .. },
                _,
            ) => (Class::Unavailable, "mongo cannot be reached.".to_string(), LOOK),
            (ErrorKind::DnsResolve { .. }, _) => (
                Class::Unavailable,
                "mongo's name cannot be resolved.".to_string(),
                LOOK,
            ),
            (_, Some(DUPLICATE_KEY)) => (
                Class::Conflict,
                format!("mongo has that value already: {what}."),
                "",
            ),
            (_, Some(code)) => {
                let kind = if retryable {
                    Class::Unavailable
                } else {
                    Class::Internal
                };
                (kind, format!("mongo refused {what}: {name} (code {code})."), "")
            }
            _ => (Class::Internal, format!("mongo failed at {what}."), LOOK),
        };
        Self {
            code,
            id_taken,
            error: Error::new(SERVICE, kind, what, hint),
        }
    }

    fn code_write(self) -> Result<CodeWrite, Error> {
        match self.code {
            Some(DUPLICATE_KEY) if self.id_taken => Ok(CodeWrite::Already),
            Some(DUPLICATE_KEY) => Ok(CodeWrite::Taken),
            _ => Err(self.error),
        }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        failure.error
    }
}

fn written(count: u64) -> Written {
    if count > 0 {
        Written::Done
    } else {
        Written::Already
    }
}

fn date(at: Timestamp) -> DateTime {
    DateTime::from_millis(at.as_millisecond())
}

fn json(doc: Document) -> Value {
    Bson::Document(doc).into_relaxed_extjson()
}

fn ids(docs: Vec<Document>) -> Vec<String> {
    docs.into_iter()
        .filter_map(|doc| doc.get_str("_id").ok().map(String::from))
        .collect()
}

fn read<T>(
    docs: HashMap<String, Value>,
    one: impl Fn(&str, &Value) -> Observed<T>,
) -> HashMap<String, Observed<T>> {
    docs.into_iter()
        .map(|(id, doc)| (id.clone(), one(&id, &doc)))
        .collect()
}

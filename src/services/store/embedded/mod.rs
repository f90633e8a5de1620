//! The embedded store: SQLite with the same documents, collections and unique index as the real database. It survives a
//! crash, and several processes may open it at once.

mod account;
mod intents;
mod journal;
mod reading;
mod tables;
mod upkeep;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::{Connection, params};
use secrecy::SecretString;
use serde_json::{Value, json};

use self::tables::{
    SERVICE, connect, insert, is_out, is_taken, make_code_index, one, out_of_reach, set_out, told, written,
};
use self::upkeep::{code_indexes, leave_one_code_index};
use super::journal::documents::stamp;
use super::{
    CodeWrite, INTENTS, IndexWrite, Lookup, NewAtproto, NewIntent, Records, Store, USERS, VERIFICATIONS,
    Written, documents,
};
use crate::domain::Class;
use crate::domain::code_index::Index;
use crate::domain::tally::CODE_INDEX;
use crate::services::Error;
use crate::services::health::Pulse;

/// A handle on the database; clones share one connection.
#[derive(Clone)]
pub struct EmbeddedStore {
    connection: Arc<Mutex<Connection>>,
    pulse: Pulse,
}

impl EmbeddedStore {
    /// Opens the file, and makes it where there is none.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let mut last = None;
        // Two processes that switch a new file to WAL at the same moment: one is told that it is busy, whatever its
        // time-out.
        for _ in 0..20 {
            match connect(path) {
                Ok(connection) => {
                    let connection = Arc::new(Mutex::new(connection));
                    return Ok(Self {
                        connection,
                        pulse: Pulse::new(SERVICE, ""),
                    });
                }
                Err(error) => last = Some(error),
            }
            std::thread::sleep(Duration::from_millis(25));
        }
        Err(last.map_or_else(
            || Error::new(SERVICE, Class::Internal, "The embedded store was not opened.", ""),
            told,
        ))
    }

    /// Puts a document in as it is, replacing an older one of this id. For the sandbox and tests, which make the world; the
    /// pipeline has its own, narrower writes. Refuses what a unique index refuses.
    pub fn put(&self, collection: &str, id: &str, doc: &Value) -> Result<(), Error> {
        self.run_now(|db| {
            db.execute(
                &format!(
                    "INSERT INTO \"{collection}\" (_id, doc) VALUES (?1, ?2) \
                     ON CONFLICT (_id) DO UPDATE SET doc = excluded.doc"
                ),
                params![id, doc.to_string()],
            )
            .map(|_| ())
        })
    }

    /// One document as it is.
    pub fn get(&self, collection: &str, id: &str) -> Result<Option<Value>, Error> {
        self.run_now(|db| one(db, collection, id))
    }

    /// Whether a user has this code. For the sandbox.
    pub fn has_code(&self, code: &str) -> Result<bool, Error> {
        let by = Lookup::Code(code.to_string());
        self.run_now(|db| reading::find(db, &by))
            .map(|users| !users.is_empty())
    }

    /// Makes the index on the code under this name. For the sandbox; `name` is the program's own.
    pub async fn make_code_index(&self, name: &'static str) -> Result<(), Error> {
        self.run(move |db| make_code_index(db, name)).await
    }

    /// Only the index under this name on the code, made first, so that some index guards the codes all the time. For the
    /// sandbox, whose index is changed by hand, whoever can reach the store; `name` is the program's own.
    pub fn leave_one_code_index(&self, name: &'static str) -> Result<(), Error> {
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        leave_one_code_index(&mut connection, name).map_err(told)
    }

    /// Nothing is answered from now on, to any process, as by a server that cannot be reached; or everything again. For
    /// the sandbox.
    pub fn set_out(&self, out: bool) -> Result<(), Error> {
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        set_out(&connection, out).map_err(told)
    }

    fn run_now<T>(&self, operation: impl FnOnce(&mut Connection) -> rusqlite::Result<T>) -> Result<T, Error> {
        let started = Instant::now();
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let outcome = match is_out(&connection) {
            Ok(true) => Err(out_of_reach()),
            Ok(false) => operation(&mut connection).map_err(told),
            Err(error) => Err(told(error)),
        };
        match outcome {
            Ok(value) => {
                self.pulse.answered(started.elapsed());
                Ok(value)
            }
            Err(error) => {
                self.pulse.failed(error.problem());
                self.pulse.gave_up();
                Err(error)
            }
        }
    }

    /// Runs an operation off the async threads.
    async fn run<T: Send + 'static>(
        &self,
        operation: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Error> {
        let store = self.clone();
        tokio::task::spawn_blocking(move || store.run_now(operation))
            .await
            .map_err(|_| Error::new(SERVICE, Class::Internal, "The embedded store's thread died.", ""))?
    }

    async fn write_code(
        &self,
        write: impl FnOnce(&mut Connection) -> rusqlite::Result<usize> + Send + 'static,
    ) -> Result<CodeWrite, Error> {
        self.run(move |db| match write(db) {
            Ok(0) => Ok(CodeWrite::Already),
            Ok(_) => Ok(CodeWrite::Done),
            Err(error) if is_taken(&error) && error.to_string().contains("code") => Ok(CodeWrite::Taken),
            Err(error) if is_taken(&error) => Ok(CodeWrite::Already),
            Err(error) => Err(error),
        })
        .await
    }
}

#[async_trait]
impl Store for EmbeddedStore {
    fn pulse(&self) -> &Pulse {
        &self.pulse
    }

    async fn ping(&self) -> Result<(), Error> {
        self.run(|db| db.query_row("SELECT 1", [], |_| Ok(()))).await
    }

    async fn has_collections(&self) -> Result<bool, Error> {
        Ok(true)
    }

    async fn records(&self, ids: &[String]) -> Records {
        let ids = ids.to_vec();
        match self.run(move |db| reading::records(db, &ids)).await {
            Ok((users, verifications, names, marks)) => Records {
                users: Ok(users),
                verifications: Ok(verifications),
                names: Ok(names),
                marks: Ok(marks),
            },
            Err(error) => Records {
                users: Err(error.clone()),
                verifications: Err(error.clone()),
                names: Err(error.clone()),
                marks: Err(error),
            },
        }
    }

    async fn ids_after(
        &self,
        after: &str,
        since: Option<Timestamp>,
        limit: usize,
    ) -> Result<Vec<String>, Error> {
        let after = after.to_string();
        self.run(move |db| reading::ids_after(db, &after, since, limit))
            .await
    }

    async fn holders(&self, dids: &[String]) -> Result<Vec<(String, String)>, Error> {
        let dids = dids.to_vec();
        self.run(move |db| reading::holders(db, &dids)).await
    }

    async fn find(&self, by: &Lookup) -> Result<Vec<String>, Error> {
        let by = by.clone();
        self.run(move |db| reading::find(db, &by)).await
    }

    async fn password(&self, id: &str) -> Result<Option<SecretString>, Error> {
        let id = id.to_string();
        let user = self.run(move |db| one(db, USERS, &id)).await?.unwrap_or_default();
        // What cannot be read opens nothing; the diagnosis says that it cannot.
        let named = documents::named(&user).ok();
        Ok(named.and_then(|named| named.password).map(SecretString::from))
    }

    async fn ensure_code_index(&self) -> Result<IndexWrite, Error> {
        self.run(|db| {
            if let Some(index) = code_indexes(db)?.into_iter().find(Index::guards) {
                return Ok(IndexWrite::Already(index.name));
            }
            make_code_index(db, CODE_INDEX)?;
            Ok(IndexWrite::Made(CODE_INDEX.into()))
        })
        .await
    }

    async fn insert_verification(&self, id: &str, count: i64) -> Result<Written, Error> {
        let id = id.to_string();
        self.run(move |db| insert(db, VERIFICATIONS, &id, &json!({"count": count})))
            .await
            .map(written)
    }

    async fn raise_verification(&self, id: &str) -> Result<Written, Error> {
        let id = id.to_string();
        self.run(move |db| {
            db.execute(
                "UPDATE verifications SET doc = json_set(doc, '$.count', 1)
                 WHERE _id = ?1 AND json_type(doc, '$.count') IN ('integer', 'real') AND json_extract(doc, '$.count') < 1",
                [id],
            )
        })
        .await
        .map(written)
    }

    async fn insert_user(&self, id: &str, code: &str, when: Timestamp) -> Result<CodeWrite, Error> {
        let doc = json!({"code": code, "when": {"$date": stamp(when)}}).to_string();
        let id = id.to_string();
        self.write_code(move |db| {
            db.execute("INSERT INTO users (_id, doc) VALUES (?1, ?2)", params![id, doc])
        })
        .await
    }

    async fn assign_code(&self, id: &str, code: &str) -> Result<CodeWrite, Error> {
        let (id, code) = (id.to_string(), code.to_string());
        self.write_code(move |db| {
            db.execute(
                "UPDATE users SET doc = json_set(doc, '$.code', ?2)
                 WHERE _id = ?1 AND json_extract(doc, '$.code') IS NULL",
                params![id, code],
            )
        })
        .await
    }

    async fn put_intent(&self, intent: &NewIntent) -> Result<NewIntent, Error> {
        let (key, doc) = (intent.key.clone(), intents::document(intent));
        if self.run(move |db| insert(db, INTENTS, &key, &doc)).await? > 0 {
            return Ok(intent.clone());
        }
        match self.intent(&intent.key).await? {
            Some(standing) => Ok(standing),
            // It was dropped in this very moment: what stands now decides, so that this one is written again.
            None => self.put_intent(intent).await,
        }
    }

    async fn intent(&self, key: &str) -> Result<Option<NewIntent>, Error> {
        let key = key.to_string();
        self.run(move |db| intents::read(db, &key)).await
    }

    async fn change_intent(&self, to: &NewIntent) -> Result<(), Error> {
        let to = to.clone();
        self.run(move |db| intents::change(db, &to)).await
    }

    async fn renew_invite(
        &self,
        key: &str,
        old: Option<&SecretString>,
        fresh: &SecretString,
    ) -> Result<Option<SecretString>, Error> {
        let (id, old, fresh) = (key.to_string(), old.cloned(), fresh.clone());
        self.run(move |db| intents::renew_invite(db, &id, old.as_ref(), &fresh))
            .await?;
        Ok(self.intent(key).await?.and_then(|standing| standing.invite))
    }

    async fn drop_intent(&self, key: &str) -> Result<Written, Error> {
        let key = key.to_string();
        self.run(move |db| intents::drop(db, &key)).await.map(written)
    }

    async fn record_account(&self, id: &str, account: &NewAtproto) -> Result<Written, Error> {
        let (id, account) = (id.to_string(), account.clone());
        let changed = self.run(move |db| account::record(db, &id, &account)).await?;
        changed.map(written).ok_or_else(|| super::other_account(SERVICE))
    }
}

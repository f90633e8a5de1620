//! The records of signups: what a store must be able to do, and the words for its answers. The two real ones are
//! MongoDB and the embedded store of the sandbox.

mod documents;
mod embedded;
pub mod journal;
mod mongo;
pub mod upkeep;

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use secrecy::SecretString;
use sha2::{Digest, Sha256};

use super::error::Error;
use super::health::Pulse;
use crate::config::address::EMBEDDED_SCHEME;
use crate::domain::observed::Observed;
use crate::domain::setting::rights::Need;
use crate::domain::signup::{Deletion, Intent, UserRecord, Verification};

use journal::{HISTORY, JOBS, LEASES, RUNS};

pub use embedded::EmbeddedStore;
pub use journal::Journal;
pub use mongo::{MongoServer, MongoStore, Primary};
pub use upkeep::Upkeep;

pub const USERS: &str = "users";
pub const VERIFICATIONS: &str = "verifications";
pub const HANDLES: &str = "@handles";
pub const DELETIONS: &str = "account-deletions";
pub const TOMBSTONES: &str = "account-tombstones";
/// Ours: what an account is about to be made with, written down before it is asked for.
pub const INTENTS: &str = "atriage-intents";

/// What we do with each collection. Everything here is asked for somewhere below; nothing is asked for that is not here.
pub const NEEDS: [Need; 10] = [
    need(USERS, &["find"], &["insert", "update", "createIndex"])
        .and_upkeep(&[("remove", FIX), ("dropIndex", FIX_INDEX)]),
    need(VERIFICATIONS, &["find"], &["insert", "update"]).and_upkeep(&[("remove", FIX)]),
    need(HANDLES, &["find"], &[]),
    need(DELETIONS, &["find"], &[]),
    need(TOMBSTONES, &["find"], &[]),
    need(INTENTS, &["find"], &["insert", "update", "remove"]),
    need(RUNS, &["find"], &["insert", "update", "createIndex"]),
    need(JOBS, &["find"], &["insert", "update", "createIndex"]),
    need(LEASES, &["find"], &["insert", "update", "remove"]),
    need(HISTORY, &["find"], &["insert", "createIndex"]),
];

const FIX: &str = "diagnose --fix cannot remove its throw-away user";
const FIX_INDEX: &str = "diagnose --fix-index cannot drop an index";

const fn need(
    collection: &'static str,
    reads: &'static [&'static str],
    writes: &'static [&'static str],
) -> Need {
    Need {
        collection,
        reads,
        writes,
        upkeep: &[],
    }
}

/// The records of a page of signups, by `_id`. What a collection does not name, it does not have.
pub struct Records {
    pub users: Result<HashMap<String, Observed<UserRecord>>, Error>,
    pub verifications: Result<HashMap<String, Observed<Verification>>, Error>,
    pub names: Result<HashMap<String, Observed<String>>, Error>,
    pub marks: Result<Marks, Error>,
}

/// What the small collections hold about a page of signups, by `_id`.
#[derive(Debug, Default)]
pub struct Marks {
    pub deletions: HashMap<String, Deletion>,
    pub intents: HashMap<String, Intent>,
}

/// By what a user can be looked up.
#[derive(Debug, Clone)]
pub enum Lookup {
    /// A name in `@handles`, as the user chose it.
    Name(String),
    Code(String),
    Did(String),
}

/// Whether a write changed something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    Done,
    Already,
}

/// What became of a code that was to be given to a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeWrite {
    Done,
    /// The user has a record (or a code) already: somebody else made it, which is fine.
    Already,
    /// Another user has this code: draw again.
    Taken,
}

/// What became of the index on `users.code`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IndexWrite {
    Made(String),
    /// A unique index on exactly the code is there, under this name.
    Already(String),
}

/// What an account is about to be made with. It is written down first, and dropped when the account is recorded.
#[derive(Clone)]
pub struct NewIntent {
    pub key: String,
    pub handle: String,
    pub email: String,
    pub password: SecretString,
    /// The single-use invite; `None` for an account that is adopted.
    pub invite: Option<SecretString>,
    /// The recorded DID whose account is gone, and whose place the new account takes.
    pub replaces: Option<String>,
    pub at: Timestamp,
}

/// What `users.atproto` is to say.
#[derive(Clone)]
pub struct NewAtproto {
    pub did: String,
    pub handle: String,
    /// The only other DID that may stand in the record, to be replaced. `None`: none may.
    pub replaces: Option<String>,
    /// `None` leaves the recorded one.
    pub password: Option<SecretString>,
    /// The full handle that was refused, and the PDS's reason. `None` removes an older one.
    pub fallback: Option<(String, String)>,
    pub at: Timestamp,
}

#[async_trait]
pub trait Store: Journal + Upkeep {
    fn pulse(&self) -> &Pulse;
    async fn ping(&self) -> Result<(), Error>;
    /// Whether any of the collections of a signup is there: none means the wrong database.
    async fn has_collections(&self) -> Result<bool, Error>;

    /// The records of these ids: one query a collection, and one for the small ones together.
    async fn records(&self, ids: &[String]) -> Records;
    /// The `_id`s of users who have anything in `users`, `verifications` or `@handles`, each once, behind this one (from the
    /// first on behind an empty one), in their order. With `since` only those whose `users.when` says that they were made
    /// since then: the two others do not say when somebody signed up.
    async fn ids_after(
        &self,
        after: &str,
        since: Option<Timestamp>,
        limit: usize,
    ) -> Result<Vec<String>, Error>;
    /// Which `users` name these DIDs, in `atproto` or in the flat field of older scripts: pairs of DID and `_id`.
    async fn holders(&self, dids: &[String]) -> Result<Vec<(String, String)>, Error>;
    /// The `_id`s of the users that match, at most a handful.
    async fn find(&self, by: &Lookup) -> Result<Vec<String>, Error>;
    /// The recorded password of an account.
    async fn password(&self, id: &str) -> Result<Option<SecretString>, Error>;

    /// The unique index on exactly the code.
    async fn ensure_code_index(&self) -> Result<IndexWrite, Error>;
    async fn insert_verification(&self, id: &str, count: i64) -> Result<Written, Error>;
    /// Raises a count of 0 to 1, and no other.
    async fn raise_verification(&self, id: &str) -> Result<Written, Error>;
    async fn insert_user(&self, id: &str, code: &str, when: Timestamp) -> Result<CodeWrite, Error>;
    async fn assign_code(&self, id: &str, code: &str) -> Result<CodeWrite, Error>;

    /// Writes an intent down, or returns the one that stands already.
    async fn put_intent(&self, intent: &NewIntent) -> Result<NewIntent, Error>;
    async fn intent(&self, key: &str) -> Result<Option<NewIntent>, Error>;
    /// Changes what is asked for next, and whose place it takes, before it is asked for: the rest of `to` stays as it is.
    async fn change_intent(&self, to: &NewIntent) -> Result<(), Error>;
    /// Gives the intent a fresh invite where `old` stands (`None`: where it has none), and returns the one that stands
    /// then; `None` where the intent is gone.
    async fn renew_invite(
        &self,
        key: &str,
        old: Option<&SecretString>,
        fresh: &SecretString,
    ) -> Result<Option<SecretString>, Error>;
    async fn drop_intent(&self, key: &str) -> Result<Written, Error>;
    /// Writes `users.atproto`. Never replaces another DID than the one that `replaces` names.
    ///
    /// # Errors
    /// `Conflict` where the user has yet another DID, or no record.
    async fn record_account(&self, id: &str, account: &NewAtproto) -> Result<Written, Error>;
}

/// Opens the store that a connection string names. MongoDB itself is first contacted with the first query.
pub async fn open(uri: &SecretString, database: &str, timeout: Duration) -> Result<Arc<dyn Store>, Error> {
    use secrecy::ExposeSecret;
    match uri.expose_secret().strip_prefix(EMBEDDED_SCHEME) {
        Some(path) => Ok(Arc::new(EmbeddedStore::open(Path::new(path))?)),
        None => Ok(Arc::new(MongoStore::open(uri, database, timeout).await?)),
    }
}

/// The `_id` of a user in `account-tombstones`.
pub fn tombstone_id(sub: &str) -> String {
    Sha256::digest(sub.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// A database without any of the collections: what it lacks says nothing about a signup.
pub fn wrong_database() -> Error {
    Error::new(
        "mongo",
        crate::domain::Class::Auth,
        "The database has neither users nor verifications nor @handles.",
        "Check MONGODB_NAME: this looks like another database.",
    )
}

fn other_account(service: &'static str) -> Error {
    Error::new(
        service,
        crate::domain::Class::Conflict,
        "The user has no record to write the account into, or one with another DID.",
        "Look at the user again: somebody else may have worked on them.",
    )
}

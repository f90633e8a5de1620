//! The server behind MongoDB's connection string, looked at before anything is asked of the records: whether it answers,
//! who it takes us for, and what we may do there. Reads only: rights are read, not tried.

use std::time::{Duration, Instant};

use bson::{Document, doc};
use jiff::{SignedDuration, Timestamp};
use mongodb::Client;
use mongodb::options::{ReadPreference, SelectionCriteria};
use secrecy::SecretString;

use super::calls::within;
use super::failure::{Failure, SERVICE};
use super::{malformed, options};
use crate::config::address::{hosts_of, is_loopback};
use crate::domain::Class;
use crate::domain::setting::clock::Clock;
use crate::domain::setting::rights::{Access, Privilege, Resource};
use crate::services::Error;

/// A client without the strict API, which does not know `connectionStatus` (it refuses it with 323).
pub struct MongoServer {
    client: Client,
    database: String,
    timeout: Duration,
    here: bool,
}

/// What the primary says of itself.
pub struct Primary {
    /// The name of its replica set; `None` for a server that stands alone.
    pub set: Option<String>,
    pub clock: Option<Clock>,
}

impl MongoServer {
    /// `database` may be empty where nobody knows its name.
    ///
    /// # Errors
    /// `Validation` where the connection string is malformed, `Unavailable` where its name cannot be looked up.
    pub async fn open(uri: &SecretString, database: &str, timeout: Duration) -> Result<Self, Error> {
        use secrecy::ExposeSecret;
        let options = options(uri, timeout).await?;
        let hosts = hosts_of(uri.expose_secret());
        let (_, hosts) = hosts.split_once("://").unwrap_or_default();
        Ok(Self {
            client: Client::with_options(options).map_err(|error| malformed(&error))?,
            database: database.to_string(),
            timeout,
            here: hosts
                .split(',')
                .all(|host| is_loopback(&format!("mongodb://{host}"))),
        })
    }

    /// Whether all of its hosts are this machine.
    pub fn is_here(&self) -> bool {
        self.here
    }

    /// Whether any of its servers answers us.
    ///
    /// # Errors
    /// `Unavailable` where none does, `Auth` where our user is refused.
    pub async fn answers(&self) -> Result<(), Error> {
        Ok(self.any("a ping", "admin", doc! {"ping": 1}).await.map(|_| ())?)
    }

    /// The server that takes writes.
    ///
    /// # Errors
    /// `Unavailable` where none does.
    pub async fn primary(&self) -> Result<Primary, Error> {
        let admin = self.client.database("admin");
        let hello = || async { admin.run_command(doc! {"hello": 1}).await };
        // The first may have to find it and connect, so that only the second tells the time.
        self.run("hello", hello()).await.map_err(no_primary)?;
        let started = Instant::now();
        let answer = self.run("hello", hello()).await.map_err(no_primary)?;
        let (took, now) = (started.elapsed(), Timestamp::now());
        Ok(Primary {
            set: answer.get_str("setName").ok().map(crate::domain::text::clean),
            clock: clock(&answer, now, took),
        })
    }

    /// Who we are to the server, and what we may do.
    ///
    /// # Errors
    /// `Auth` where the server asks who we are, and we do not say.
    pub async fn access(&self) -> Result<Access, Error> {
        let question = doc! {"connectionStatus": 1, "showPrivileges": true};
        let answer = self.any("who we are", "admin", question).await?;
        let about = answer.get_document("authInfo").cloned().unwrap_or_default();
        let list = |name: &str| about.get_array(name).cloned().unwrap_or_default();
        if list("authenticatedUsers").is_empty() {
            // Nobody: all may come in, or only those who say who they are.
            let listing = doc! {"listCollections": 1, "nameOnly": true};
            let database = match self.database.as_str() {
                "" => "admin",
                database => database,
            };
            return match self.any("a list of the collections", database, listing).await {
                Ok(_) => Ok(Access::Open),
                Err(failure) if failure.error.kind == Class::Auth => Err(nobody()),
                Err(failure) => Err(failure.error),
            };
        }
        let privileges = list("authenticatedUserPrivileges");
        let privileges = privileges
            .iter()
            .filter_map(|one| one.as_document())
            .map(privilege);
        Ok(Access::User(privileges.collect()))
    }

    /// Asks whichever server answers first, the primary or not.
    async fn any(&self, what: &str, database: &str, command: Document) -> Result<Document, Failure> {
        let options = None;
        let nearest = SelectionCriteria::ReadPreference(ReadPreference::Nearest { options });
        let database = self.client.database(database);
        let asked = async { database.run_command(command).selection_criteria(nearest).await };
        self.run(what, asked).await
    }

    async fn run<T>(
        &self,
        what: &str,
        operation: impl Future<Output = mongodb::error::Result<T>>,
    ) -> Result<T, Failure> {
        within(self.timeout, what, operation).await
    }
}

fn no_primary(failure: Failure) -> Error {
    match failure.error.kind {
        Class::Unavailable => Error::new(
            SERVICE,
            Class::Unavailable,
            "MongoDB has no primary now, so that nothing can be written.",
            "Look at the replica set (rs.status()); one is chosen by itself where most of its members answer.",
        ),
        _ => failure.error,
    }
}

fn nobody() -> Error {
    Error::new(
        SERVICE,
        Class::Auth,
        "MongoDB asks who somebody is, and MONGODB_CONNECTION_STRING names no user.",
        "Put a user and its password into it: mongodb://user:password@host.",
    )
}

fn clock(hello: &Document, now: Timestamp, took: Duration) -> Option<Clock> {
    let theirs = hello.get_datetime("localTime").ok()?.to_jiff();
    let half = SignedDuration::try_from(took / 2).ok()?;
    Some(Clock {
        ahead: theirs.duration_since(now) + half,
        give: half + SignedDuration::from_millis(1),
    })
}

fn privilege(document: &Document) -> Privilege {
    let on = document.get_document("resource").cloned().unwrap_or_default();
    let actions = document.get_array("actions").cloned().unwrap_or_default();
    let text = |name: &str| on.get_str(name).ok().map(String::from);
    let on = match (text("db"), text("collection")) {
        (Some(db), Some(collection)) => Resource::Collection { db, collection },
        _ if on.get_bool("anyResource").unwrap_or(false) => Resource::Any,
        _ => Resource::Other,
    };
    let actions = actions
        .iter()
        .filter_map(|action| action.as_str())
        .map(String::from);
    Privilege {
        on,
        actions: actions.collect(),
    }
}

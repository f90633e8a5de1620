//! A real MongoDB for tests: a replica set of one member, a database for each test, and the record of what a
//! named program did in it, so that a test can count queries.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures_util::TryStreamExt;
use mongodb::bson::{Document, doc};
use mongodb::options::ClientOptions;
use mongodb::{Client, Database};
use rustix::process::Signal;
use serde_json::json;
use tempfile::TempDir;

use super::process::Process;
use super::services::services;
use super::{fetch, runtime};

/// A mongod that can be killed by its test. Dropping it ends it and removes its data.
#[derive(Debug)]
pub struct Mongo {
    process: Process,
    _data: TempDir,
    has_users: bool,
}

/// The first user of a mongod that has users: it may do everything.
const ROOT: &str = "root";
/// Every user of such a mongod has it.
pub const MONGO_PASSWORD: &str = "a-password-of-mongodb";

impl Mongo {
    pub fn start() -> Self {
        let data = tempfile::Builder::new()
            .prefix("atriage-mongod-")
            .tempdir()
            .expect("the machine has a temporary folder");
        let process =
            Process::start(json!({ "service": "mongod", "program": fetch::mongod(), "dbpath": data.path() }));
        let mongo = Self {
            process,
            _data: data,
            has_users: false,
        };
        mongo.wait_until_primary(true);
        mongo
    }

    /// One that stands alone and asks who somebody is.
    pub fn with_users() -> Self {
        let data = tempfile::Builder::new()
            .prefix("atriage-mongod-")
            .tempdir()
            .expect("the machine has a temporary folder");
        let process = Process::start(
            json!({ "service": "mongod", "program": fetch::mongod(), "dbpath": data.path(), "auth": true }),
        );
        let mongo = Self {
            process,
            _data: data,
            has_users: true,
        };
        // As long as it has no user, whoever is on this machine may make the first.
        let nobody = mongo.process.url().to_owned();
        create_user(&nobody, ROOT, vec![doc! {"role": "root", "db": "admin"}]);
        mongo
    }

    /// A user with these roles, such as `{role: "read", db}`; returns its address.
    pub fn add_user(&self, name: &str, roles: Vec<Document>) -> String {
        create_user(&self.uri(), name, roles);
        self.uri_of(name)
    }

    fn uri_of(&self, user: &str) -> String {
        let address = self.process.url().trim_start_matches("mongodb://");
        format!("mongodb://{user}:{MONGO_PASSWORD}@{address}/?authSource=admin")
    }

    pub fn uri(&self) -> String {
        match self.has_users {
            true => self.uri_of(ROOT),
            false => format!("{}/?replicaSet=rs0", self.process.url()),
        }
    }

    /// From now on it answers nobody, and nobody is refused: all wait until it goes on.
    pub fn hold(&self) {
        self.process.signal(Signal::STOP);
    }

    pub fn go_on(&self) {
        self.process.signal(Signal::CONT);
    }

    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Kills it if it still runs, and starts it again on the same data, at the same address.
    pub fn restart(&mut self) {
        self.process.restart();
        self.wait_until_primary(false);
    }

    fn wait_until_primary(&self, initiate: bool) {
        let member = self.process.url().trim_start_matches("mongodb://").to_owned();
        let direct = format!("{}/?directConnection=true", self.process.url());
        let asked = async move {
            let admin = Client::with_uri_str(direct)
                .await
                .expect("the address is well formed")
                .database("admin");
            if initiate {
                let members = vec![doc! { "_id": 0, "host": member }];
                let command = doc! { "replSetInitiate": { "_id": "rs0", "members": members } };
                admin
                    .run_command(command)
                    .await
                    .expect("a new mongod takes its replica set");
            }
            let begun = Instant::now();
            loop {
                let hello = admin
                    .run_command(doc! { "hello": 1 })
                    .await
                    .expect("mongod answers");
                if hello.get_bool("isWritablePrimary").unwrap_or(false) {
                    return;
                }
                assert!(
                    begun.elapsed() < Duration::from_secs(30),
                    "mongod does not become primary: {hello}"
                );
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        // Of its own thread, since a test may come here from within its own runtime.
        std::thread::scope(|scope| scope.spawn(|| runtime().block_on(asked)).join())
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    }
}

fn create_user(uri: &str, name: &str, roles: Vec<Document>) {
    let command = doc! {"createUser": name, "pwd": MONGO_PASSWORD, "roles": roles};
    runtime().block_on(async {
        let admin = client(uri).await.database("admin");
        admin.run_command(command).await.expect("mongod takes a new user");
    });
}

/// A database that no other test knows, in the shared MongoDB, and a client for seeding and looking: unlike the
/// program's it may use every command. Its application is called `tests`.
pub async fn fresh_database() -> (Client, String) {
    fresh_database_of(&services().mongo_uri).await
}

/// The same in another MongoDB.
pub async fn fresh_database_of(uri: &str) -> (Client, String) {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    // Two parts, since a developer may point several test runs at one mongod.
    let name = format!(
        "test_{}_{}",
        std::process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    );
    (client(uri).await, name)
}

/// A client without the strict API, under the application name `tests`.
pub async fn client(uri: &str) -> Client {
    let mut options = ClientOptions::parse(uri)
        .await
        .expect("the address is well formed");
    options.app_name = Some("tests".to_owned());
    options.server_selection_timeout = Some(Duration::from_secs(10));
    Client::with_options(options).expect("the options are complete")
}

/// One operation as MongoDB's profiler wrote it down.
#[derive(Debug, Clone)]
pub struct Operation {
    /// `query`, `command`, `insert`, `update`, `remove`, `getmore`
    pub op: String,
    pub collection: String,
    pub command: Document,
    pub docs_examined: i64,
    pub returned: i64,
    /// `IXSCAN { _id: 1 }`, `COLLSCAN`, … Absent for writes of new documents.
    pub plan: Option<String>,
}

/// From here on MongoDB writes down every operation in this database.
pub async fn profile(db: &Database) {
    // By itself the record is one MB, which forgets the first operations of a large audit.
    db.create_collection("system.profile")
        .capped(true)
        .size(64 << 20)
        .await
        .expect("the database is not profiled yet");
    db.run_command(doc! { "profile": 2 })
        .await
        .expect("the seeding client may profile");
}

/// What the application of this name did in the database since `profile`, in order.
pub async fn operations(db: &Database, app: &str) -> Vec<Operation> {
    let record = db.collection::<Document>("system.profile");
    let found = record
        .find(doc! { "appName": app })
        .sort(doc! { "ts": 1 })
        .await
        .expect("the record can be read");
    let entries: Vec<Document> = found.try_collect().await.expect("mongod stays");
    let number = |entry: &Document, key: &str| {
        entry
            .get(key)
            .and_then(|value| value.as_i64().or(value.as_i32().map(i64::from)))
    };
    entries
        .iter()
        .map(|entry| Operation {
            op: entry.get_str("op").unwrap_or_default().to_owned(),
            collection: entry
                .get_str("ns")
                .unwrap_or_default()
                .split_once('.')
                .unwrap_or_default()
                .1
                .to_owned(),
            command: entry.get_document("command").cloned().unwrap_or_default(),
            docs_examined: number(entry, "docsExamined").unwrap_or(0),
            returned: number(entry, "nreturned").unwrap_or(0),
            plan: entry.get_str("planSummary").ok().map(str::to_owned),
        })
        .collect()
}

/// Only the reads among the operations: finds, aggregations and counts, and their further batches.
pub async fn queries(db: &Database, app: &str) -> Vec<Operation> {
    let reads = |operation: &Operation| {
        let named = |name: &&str| operation.command.contains_key(name);
        ["find", "aggregate", "count", "distinct", "getMore"]
            .iter()
            .any(named)
    };
    operations(db, app).await.into_iter().filter(reads).collect()
}

/// The next commands of this name (`find`, `update`, …) that the application sends anywhere fail with this code.
/// One such order holds at a time in a whole mongod: a test that gives it starts a `Mongo` of its own. Returns how many
/// commands such orders met so far.
pub async fn fail_commands(client: &Client, app: &str, commands: &[&str], code: i32, times: i32) -> i64 {
    let data = doc! { "failCommands": commands, "errorCode": code, "appName": app };
    give(
        client,
        doc! { "configureFailPoint": "failCommand", "mode": { "times": times }, "data": data },
    )
    .await
}

/// Takes the order back, and returns how many commands such orders met so far.
pub async fn fail_no_more(client: &Client) -> i64 {
    give(
        client,
        doc! { "configureFailPoint": "failCommand", "mode": "off" },
    )
    .await
}

async fn give(client: &Client, order: Document) -> i64 {
    let told = client
        .database("admin")
        .run_command(order)
        .await
        .expect("mongod was started with its test commands");
    let count = told
        .get("count")
        .and_then(|count| count.as_i64().or(count.as_i32().map(i64::from)));
    count.unwrap_or_else(|| panic!("mongod counts them: {told}"))
}

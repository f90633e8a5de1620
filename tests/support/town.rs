//! A town of invented signups: a simulated Auth0, and the real MongoDB, PDS and PLC directory. Each test has a town of
//! its own: its own database, its own tenants, handles and addresses that nobody else uses.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use atriage::sandbox::{Auth0User, Options, Servers, World, start};
use bson::{DateTime, Document, doc};
use jiff::{SignedDuration, Timestamp};
use mongodb::options::IndexOptions;
use mongodb::{Client, Database, IndexModel};
use secrecy::ExposeSecret;
use tempfile::TempDir;

use super::command::{ATRIAGE, LIMIT, Outcome, Running};
use super::fuse::Fuse;
use super::mongo::{Mongo, fresh_database_of};
use super::runtime;
use super::secrets::{Secrets, Watch};
use super::services::{ADMIN_PASSWORD, Pds, PdsOptions, services};
use super::terminal::Terminal;

pub struct Town {
    pub world: World,
    servers: Servers,
    client: Client,
    pub database: String,
    /// Makes handles and addresses unique on the shared PDS.
    pub tag: String,
    /// What the program is told. A proxy's address puts the proxy between.
    pub mongo_uri: String,
    pub pds_url: String,
    pub plc_url: String,
    /// Each tenant with its address.
    pub auth0_urls: [(&'static str, String); 2],
    /// Where the town has a PDS of its own.
    pub pds: Option<Pds>,
    /// Where the town has a MongoDB of its own.
    pub mongo: Option<Mongo>,
    /// How long a run may take before it is killed.
    pub limit: Duration,
    /// Every child that is started is watched by it.
    pub fuse: Option<Arc<Fuse>>,
    pub secrets: Secrets,
    state: TempDir,
    /// A minute before the first signup.
    founded: Timestamp,
    signups: i64,
}

/// A minute before the first signup of the incident of October 2025.
pub fn october() -> Timestamp {
    in_october(2025)
}

fn in_october(year: u32) -> Timestamp {
    format!("{year}-10-14T10:00:00Z").parse().expect("it is a moment")
}

/// The years in which towns that share a PDS are founded: a code is of the year of its signup, and those of different years
/// are never the same.
const YEARS: std::ops::Range<u32> = 2000..2025;

const STATE_DIR: &str = "ATRIAGE_STATE_DIR";

fn borrowed(variables: &[(String, String)]) -> Vec<(&str, &str)> {
    variables
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect()
}

impl Town {
    pub fn new() -> Self {
        Self::on(None, None)
    }

    /// A town whose people signed up in October 2025, where that is to be seen.
    pub fn of_october() -> Self {
        Self {
            founded: october(),
            ..Self::new()
        }
    }

    /// A town whose PDS is its own: to kill, to set up otherwise, and to count what nobody else makes.
    pub fn with_pds(options: PdsOptions) -> Self {
        Self::on(Some(Pds::start(options)), None)
    }

    /// A town whose PDS and MongoDB are its own.
    pub fn with_pds_and_mongo(options: PdsOptions) -> Self {
        let (pds, mongo) = std::thread::scope(|scope| {
            let mongo = scope.spawn(Mongo::start);
            (Pds::start(options), mongo.join())
        });
        let mongo = mongo.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        Self::on(Some(pds), Some(mongo))
    }

    /// A town whose MongoDB is its own.
    pub fn with_mongo(mongo: Mongo) -> Self {
        Self::on(None, Some(mongo))
    }

    fn on(pds: Option<Pds>, mongo: Option<Mongo>) -> Self {
        let services = services();
        let mongo_uri = mongo
            .as_ref()
            .map_or_else(|| services.mongo_uri.clone(), Mongo::uri);
        let world = World::new();
        let (servers, (client, database)) = runtime().block_on(async {
            let servers = start(world.clone(), Options::default())
                .await
                .expect("loopback has a free port");
            (servers, fresh_database_of(&mongo_uri).await)
        });
        let tag = format!("{:06x}", rand::random::<u32>() & 0xff_ffff);
        let state = tempfile::Builder::new()
            .prefix("atriage-state-")
            .tempdir()
            .expect("the machine has a temporary folder");
        let secrets = Secrets::new(client.database(&database));
        secrets.add_basic("admin", ADMIN_PASSWORD, "the admin password of the PDS");
        let auth0_urls = ["aesthetic", "sotce"].map(|tenant| {
            let (id, secret) = servers.auth0_client(tenant).expect("every town has both tenants");
            secrets.add_basic(
                &id,
                secret.expose_secret(),
                &format!("the client secret of {tenant}"),
            );
            let url = servers.auth0_url(tenant).expect("every town has both tenants");
            (tenant, url.to_owned())
        });
        let pds_url = pds.as_ref().map_or(services.pds_url.as_str(), Pds::url);
        Self {
            world,
            servers,
            client,
            database,
            tag,
            mongo_uri,
            pds_url: pds_url.to_owned(),
            plc_url: services.plc_url.clone(),
            auth0_urls,
            pds,
            mongo,
            limit: LIMIT,
            fuse: None,
            secrets,
            state,
            founded: in_october(rand::random_range(YEARS)),
            signups: 0,
        }
    }

    pub fn db(&self) -> Database {
        self.client.database(&self.database)
    }

    /// Somebody signs up in Auth0, a minute after the one before; returns the sub.
    pub fn sign_up(&mut self, tenant: &str, local: &str, verified: bool) -> String {
        self.signups += 1;
        let sub = format!("auth0|{:024x}", rand::random::<u128>() >> 32);
        let at = self.founded + SignedDuration::from_mins(self.signups);
        let mut user = Auth0User::new(&sub, &self.email(local), at);
        user.email_verified = verified;
        self.world.add_user(tenant, user);
        sub
    }

    pub fn email(&self, local: &str) -> String {
        format!("{local}.{}@example.com", self.tag)
    }

    pub fn insert(&self, collection: &str, document: Document) {
        runtime().block_on(async {
            let collection = self.db().collection::<Document>(collection);
            collection
                .insert_one(document)
                .await
                .expect("the document is new");
        });
    }

    /// What the webhook writes while it is broken, and what it writes while it is not.
    pub fn verification(&self, id: &str, count: i32) {
        self.insert("verifications", doc! {"_id": id, "count": count});
    }

    pub fn user(&self, id: &str, code: &str) {
        self.insert("users", doc! {"_id": id, "code": code, "when": DateTime::now()});
    }

    pub fn name(&self, id: &str, handle: &str) {
        self.insert("@handles", doc! {"_id": id, "handle": handle});
    }

    pub fn all(&self, collection: &str) -> Vec<Document> {
        use futures_util::TryStreamExt;
        runtime().block_on(async {
            let collection = self.db().collection::<Document>(collection);
            let cursor = collection.find(doc! {}).await.expect("mongod answers");
            cursor.try_collect().await.expect("mongod answers")
        })
    }

    pub fn get(&self, collection: &str, id: &str) -> Option<Document> {
        self.all(collection)
            .into_iter()
            .find(|document| document.get_str("_id").ok() == Some(id))
    }

    pub fn set(&self, collection: &str, id: &str, set: Document) {
        runtime().block_on(async {
            let collection = self.db().collection::<Document>(collection);
            collection
                .update_one(doc! {"_id": id}, doc! {"$set": set})
                .await
                .expect("mongod answers");
        });
    }

    /// Removes every document of a collection.
    pub fn clear(&self, collection: &str) {
        runtime().block_on(async {
            let collection = self.db().collection::<Document>(collection);
            collection.delete_many(doc! {}).await.expect("mongod answers");
        });
    }

    /// Removes every index of a collection but the one that it cannot be without.
    pub fn drop_indexes(&self, collection: &str) {
        runtime().block_on(async {
            let collection = self.db().collection::<Document>(collection);
            // A collection that is not there yet has none.
            let _ = collection.drop_indexes().await;
        });
    }

    /// Takes fields out of a document.
    pub fn unset(&self, collection: &str, id: &str, fields: &[&str]) {
        let unset: Document = fields
            .iter()
            .map(|field| ((*field).to_owned(), "".into()))
            .collect();
        runtime().block_on(async {
            let collection = self.db().collection::<Document>(collection);
            collection
                .update_one(doc! {"_id": id}, doc! {"$unset": unset})
                .await
                .expect("mongod answers");
        });
    }

    /// The index of the incident: unique and sparse, under the name that the code did not expect.
    pub fn old_index(&self) {
        self.code_index("code_1");
    }

    /// A unique and sparse index on the code.
    pub fn code_index(&self, name: &str) {
        self.try_code_index(name).expect("the index is new");
    }

    /// The same, where MongoDB may refuse it.
    pub fn try_code_index(&self, name: &str) -> Result<(), String> {
        self.try_index(name, true, true)
    }

    /// An index on the code, where MongoDB may refuse it.
    pub fn try_index(&self, name: &str, unique: bool, sparse: bool) -> Result<(), String> {
        let options = IndexOptions::builder()
            .unique(unique.then_some(true))
            .sparse(sparse.then_some(true))
            .name(name.to_string())
            .build();
        let index = IndexModel::builder()
            .keys(doc! {"code": 1})
            .options(options)
            .build();
        runtime().block_on(async {
            self.db()
                .collection::<Document>("users")
                .create_index(index)
                .await
                .map(|_| ())
                .map_err(|error| error.to_string())
        })
    }

    /// The variables that point the program at this town.
    pub fn variables(&self) -> Vec<(String, String)> {
        let mut variables = vec![
            ("MONGODB_CONNECTION_STRING".to_string(), self.mongo_uri.clone()),
            ("MONGODB_NAME".into(), self.database.clone()),
            ("PDS_URL".into(), self.pds_url.clone()),
            ("PDS_ADMIN_PASSWORD".into(), ADMIN_PASSWORD.into()),
            ("PLC_URL".into(), self.plc_url.clone()),
            (STATE_DIR.into(), self.state().display().to_string()),
        ];
        for ((tenant, url), prefix) in self.auth0_urls.iter().zip(["", "SOTCE_"]) {
            let (id, secret) = self
                .servers
                .auth0_client(tenant)
                .expect("every town has both tenants");
            variables.push((format!("{prefix}AUTH0_BASE_URL"), url.clone()));
            variables.push((format!("{prefix}AUTH0_M2M_CLIENT_ID"), id));
            variables.push((format!("{prefix}AUTH0_M2M_SECRET"), secret.expose_secret().into()));
        }
        variables
    }

    /// What the program keeps on this machine, of all runs of this town. A run with another `ATRIAGE_STATE_DIR` plays
    /// another machine.
    pub fn state(&self) -> &Path {
        self.state.path()
    }

    /// Runs the program in this town.
    pub fn run(&self, args: &[&str]) -> Outcome {
        self.run_with(args, &[])
    }

    /// The same, with further variables that replace the town's own.
    pub fn run_with(&self, args: &[&str], more: &[(&str, &str)]) -> Outcome {
        self.start_with(args, more).wait()
    }

    /// Starts the program in this town. Whatever it leaves is looked through for secrets when it was waited for.
    pub fn start(&self, args: &[&str]) -> Running {
        self.start_with(args, &[])
    }

    pub fn start_with(&self, args: &[&str], more: &[(&str, &str)]) -> Running {
        let variables = self.variables_with(more);
        let running = Running::start(args, &borrowed(&variables)).within(self.limit);
        running.watched(self.watch(args, &variables), self.fuse.clone())
    }

    /// Runs the program in a terminal of this town; without arguments, the dashboard.
    pub fn open(&self, args: &[&str], cols: u16, rows: u16) -> Terminal {
        let variables = self.variables();
        let terminal = Terminal::spawn(ATRIAGE, args, &borrowed(&variables), cols, rows);
        terminal.watched(self.watch(args, &variables))
    }

    fn variables_with(&self, more: &[(&str, &str)]) -> Vec<(String, String)> {
        let mut variables = self.variables();
        variables.retain(|(name, _)| more.iter().all(|(other, _)| other != name));
        variables.extend(more.iter().map(|(name, value)| ((*name).into(), (*value).into())));
        variables
    }

    fn watch(&self, args: &[&str], variables: &[(String, String)]) -> Watch {
        let state = variables.iter().find(|(name, _)| name == STATE_DIR);
        Watch {
            secrets: self.secrets.clone(),
            run: format!("atriage {}", args.join(" ")),
            state: state.map(|(_, folder)| folder.into()).unwrap_or_default(),
        }
    }

    /// Runs the program and reads what it printed as JSON.
    pub fn json(&self, args: &[&str]) -> (i32, serde_json::Value) {
        let outcome = self.run(&[args, &["-o", "json"]].concat());
        let value = serde_json::from_str(&outcome.stdout);
        (
            outcome.code,
            value.unwrap_or_else(|error| panic!("{error}: {outcome:?}")),
        )
    }

    /// The five signups of October 2025: `verifications` written, `users` empty. Returns the subs: unverified, with the
    /// handle 43, with a longer handle, and two without.
    pub fn incident(&mut self) -> [String; 5] {
        self.old_index();
        let subs = [
            self.sign_up("aesthetic", "iris", false),
            self.sign_up("aesthetic", "carl", true),
            self.sign_up("aesthetic", "zara", true),
            self.sign_up("aesthetic", "mira", true),
            self.sign_up("aesthetic", "omar", true),
        ];
        for (at, sub) in subs.iter().enumerate() {
            self.verification(sub, i32::from(at > 0));
        }
        self.name(&subs[1], "43");
        self.name(&subs[2], &format!("zara_{}", self.tag));
        subs
    }
}

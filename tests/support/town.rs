//! A town of invented signups: a simulated Auth0, and the real MongoDB, PDS and PLC directory. Each test has a town of
//! its own: its own database, its own tenants, handles and addresses that nobody else uses.

use atriage::sandbox::{Auth0User, Options, Servers, World, start};
use bson::{DateTime, Document, doc};
use jiff::{SignedDuration, Timestamp};
use mongodb::options::IndexOptions;
use mongodb::{Client, Database, IndexModel};
use secrecy::ExposeSecret;

use super::command::{Outcome, atriage};
use super::mongo::fresh_database;
use super::runtime;
use super::services::services;

pub struct Town {
    pub world: World,
    servers: Servers,
    client: Client,
    pub database: String,
    /// Makes handles and addresses unique on the shared PDS.
    pub tag: String,
    pub pds_url: String,
    pub plc_url: String,
    signups: i64,
}

/// The moment of the first signup of every town.
pub fn first_signup() -> Timestamp {
    "2025-10-14T10:00:00Z".parse().expect("it is a moment")
}

impl Town {
    pub fn new() -> Self {
        let services = services();
        let world = World::new();
        let (servers, (client, database)) = runtime().block_on(async {
            let servers = start(world.clone(), Options::default())
                .await
                .expect("loopback has a free port");
            (servers, fresh_database().await)
        });
        let tag = format!("{:06x}", rand::random::<u32>() & 0xff_ffff);
        Self {
            world,
            servers,
            client,
            database,
            tag,
            pds_url: services.pds_url.clone(),
            plc_url: services.plc_url.clone(),
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
        let at = first_signup() + SignedDuration::from_mins(self.signups);
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

    /// The index of the incident: unique and sparse, under the name that the code did not expect.
    pub fn old_index(&self) {
        let options = IndexOptions::builder()
            .unique(true)
            .sparse(true)
            .name("code_1".to_string())
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
                .expect("the index is new");
        });
    }

    /// The variables that point the program at this town.
    pub fn variables(&self) -> Vec<(String, String)> {
        let services = services();
        let mut variables = vec![
            (
                "MONGODB_CONNECTION_STRING".to_string(),
                services.mongo_uri.clone(),
            ),
            ("MONGODB_NAME".into(), self.database.clone()),
            ("PDS_URL".into(), self.pds_url.clone()),
            ("PDS_ADMIN_PASSWORD".into(), services.pds_admin_password.clone()),
            ("PLC_URL".into(), self.plc_url.clone()),
        ];
        for (tenant, prefix) in [("aesthetic", ""), ("sotce", "SOTCE_")] {
            let url = self
                .servers
                .auth0_url(tenant)
                .expect("every town has both tenants");
            let (id, secret) = self
                .servers
                .auth0_client(tenant)
                .expect("every town has both tenants");
            variables.push((format!("{prefix}AUTH0_BASE_URL"), url.into()));
            variables.push((format!("{prefix}AUTH0_M2M_CLIENT_ID"), id));
            variables.push((format!("{prefix}AUTH0_M2M_SECRET"), secret.expose_secret().into()));
        }
        variables
    }

    /// Runs the program in this town.
    pub fn run(&self, args: &[&str]) -> Outcome {
        self.run_with(args, &[])
    }

    /// The same, with further variables that replace the town's own.
    pub fn run_with(&self, args: &[&str], more: &[(&str, &str)]) -> Outcome {
        let variables = self.variables();
        let mut env: Vec<(&str, &str)> = variables
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        env.retain(|(name, _)| more.iter().all(|(other, _)| other != name));
        env.extend(more);
        atriage(args, &env)
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

    /// The account that the PDS holds under this DID, as its admin sees it.
    pub fn account(&self, did: &str) -> serde_json::Value {
        self.admin(&format!("com.atproto.admin.getAccountInfo?did={did}"))
    }

    /// Every account on the PDS with this address.
    pub fn accounts_of(&self, email: &str) -> Vec<serde_json::Value> {
        let repos = self.admin("com.atproto.sync.listRepos?limit=1000");
        let dids = repos["repos"]
            .as_array()
            .expect("it lists")
            .iter()
            .filter_map(|repo| repo["did"].as_str());
        dids.map(|did| self.account(did))
            .filter(|account| account["email"] == email)
            .collect()
    }

    fn admin(&self, path: &str) -> serde_json::Value {
        let services = services();
        rustls::crypto::ring::default_provider().install_default().ok();
        runtime().block_on(async {
            let request = reqwest::Client::new().get(format!("{}/xrpc/{path}", services.pds_url));
            let request = request.basic_auth("admin", Some(&services.pds_admin_password));
            request
                .send()
                .await
                .expect("the PDS answers")
                .json()
                .await
                .expect("in JSON")
        })
    }

    /// A moderator takes an account down.
    pub fn take_down(&self, did: &str) {
        let services = services();
        let subject = serde_json::json!({"$type": "com.atproto.admin.defs#repoRef", "did": did});
        let body = serde_json::json!({"subject": subject, "takedown": {"applied": true}});
        runtime().block_on(async {
            let url = format!("{}/xrpc/com.atproto.admin.updateSubjectStatus", services.pds_url);
            let request = reqwest::Client::new()
                .post(url)
                .basic_auth("admin", Some(&services.pds_admin_password));
            let answer = request.json(&body).send().await.expect("the PDS answers");
            assert!(answer.status().is_success(), "{:?}", answer.text().await);
        });
    }

    /// Whether a password opens an account.
    pub fn opens(&self, did: &str, password: &str) -> bool {
        rustls::crypto::ring::default_provider().install_default().ok();
        runtime().block_on(async {
            let url = format!("{}/xrpc/com.atproto.server.createSession", services().pds_url);
            let body = serde_json::json!({"identifier": did, "password": password});
            reqwest::Client::new()
                .post(url)
                .json(&body)
                .send()
                .await
                .expect("the PDS answers")
                .status()
                .is_success()
        })
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

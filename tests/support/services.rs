//! The real PLC directory, PDS and MongoDB that all tests share, and a private PDS or PLC directory for a test
//! that kills its own or sets it up otherwise.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::fetch;
use super::mongo::Mongo;
use super::process::Process;

/// Every PDS here has it.
pub const ADMIN_PASSWORD: &str = "correct horse battery staple";

#[derive(Debug)]
pub struct Services {
    pub mongo_uri: String,
    pub plc_url: String,
    pub pds_url: String,
    pub pds_admin_password: String,
    // They live as long as the test binary: a static is never dropped, the end of the process ends them.
    _running: (Mongo, Plc, Pds),
}

/// The shared services, started at the first call. Tests share them: name what you make after your test, and
/// take a database of your own with `fresh_database`.
pub fn services() -> &'static Services {
    static SERVICES: LazyLock<Services> = LazyLock::new(|| {
        let (mongo, (plc, pds)) = std::thread::scope(|scope| {
            let mongo = scope.spawn(Mongo::start);
            let plc = Plc::start();
            let pds = Pds::start(PdsOptions {
                plc_url: Some(plc.url().to_owned()),
                ..PdsOptions::default()
            });
            // The panic of that thread says more than one of this thread could.
            (
                mongo
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
                (plc, pds),
            )
        });
        Services {
            mongo_uri: mongo.uri(),
            plc_url: plc.url().to_owned(),
            pds_url: pds.url().to_owned(),
            pds_admin_password: ADMIN_PASSWORD.to_owned(),
            _running: (mongo, plc, pds),
        }
    });
    &SERVICES
}

#[derive(Debug, Default)]
pub struct PdsOptions {
    /// None: the shared directory. A tap's address puts faults between the PDS and its directory.
    pub plc_url: Option<String>,
    /// More `PDS_*` variables, for instance `("PDS_RATE_LIMITS_ENABLED", "true")`.
    pub env: Vec<(&'static str, &'static str)>,
}

/// A PDS of one test. Dropping it ends it and removes its data.
#[derive(Debug)]
pub struct Pds {
    process: Process,
    data: TempDir,
}

impl Pds {
    pub fn start(options: PdsOptions) -> Self {
        let plc_url = options.plc_url.unwrap_or_else(|| services().plc_url.clone());
        let env: serde_json::Map<_, _> = options
            .env
            .iter()
            .map(|(name, value)| ((*name).into(), json!(value)))
            .collect();
        let data = tempfile::Builder::new()
            .prefix("atriage-pds-")
            .tempdir()
            .expect("the machine has a temporary folder");
        let process = Process::start(json!({
            "service": "pds", "packages": fetch::packages(), "dataDir": data.path(),
            "plcUrl": plc_url, "adminPassword": ADMIN_PASSWORD, "env": Value::Object(env),
        }));
        Self { process, data }
    }

    pub fn url(&self) -> &str {
        self.process.url()
    }

    /// The folder with its database of accounts, its `actors` and its blobs.
    pub fn data(&self) -> &Path {
        self.data.path()
    }

    /// Removes the repository of an account as a broken disk or a half restored backup does: its row stays, and becomes
    /// a ghost.
    pub fn lose_repository(&self, did: &str) {
        let store = repository(&self.data().join("actors"), did)
            .unwrap_or_else(|| panic!("the PDS keeps no repository of {did}"));
        std::fs::remove_dir_all(store).expect("it was just seen");
    }

    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Kills it if it still runs, and starts it again on the same data, at the same address.
    pub fn restart(&mut self) {
        self.process.restart();
    }
}

/// `actors/<two digits of a hash>/<did>`
fn repository(actors: &Path, did: &str) -> Option<PathBuf> {
    let shelves = std::fs::read_dir(actors).ok()?.flatten();
    shelves
        .map(|shelf| shelf.path().join(did))
        .find(|store| store.is_dir())
}

/// A PLC directory of one test. It keeps its operations in memory: after a restart it knows nothing.
#[derive(Debug)]
pub struct Plc(Process);

impl Plc {
    pub fn start() -> Self {
        Self(Process::start(
            json!({ "service": "plc", "packages": fetch::packages() }),
        ))
    }

    pub fn url(&self) -> &str {
        self.0.url()
    }

    pub fn kill(&mut self) {
        self.0.kill();
    }

    pub fn restart(&mut self) {
        self.0.restart();
    }
}

//! The sandbox as a whole: the servers, the embedded store in a folder of its own, and the people. What comes out is an
//! ordinary `Config`, so that nothing else knows that it is the sandbox.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, anyhow};
use jiff::Timestamp;
use secrecy::ExposeSecret;
use tokio_util::sync::CancellationToken;

use super::settle::Place;
use super::{Options, Practices, Servers, World, start};
use crate::config::address::EMBEDDED_SCHEME;
use crate::config::{Config, Variables};
use crate::services::store::EmbeddedStore;

/// How often somebody signs up.
const PAUSE: Duration = Duration::from_secs(25);

/// A running sandbox. Dropped, its servers stop and its folder is removed.
pub struct Sandbox {
    config: Config,
    variables: Vec<(&'static str, String)>,
    servers: Servers,
    stop: CancellationToken,
    practices: Practices,
    folder: Folder,
}

impl Sandbox {
    /// Starts the servers and settles the people of the scenario `incident`; others go on signing up. `timeout`: for
    /// one call.
    pub async fn start(timeout: Duration) -> anyhow::Result<Self> {
        let sandbox = Self::quiet(timeout).await?;
        let (going_on, newcomers) = (sandbox.stop.clone(), sandbox.practices.newcomers());
        tokio::spawn(async move { going_on.run_until_cancelled(newcomers.go_on(PAUSE)).await });
        Ok(sandbox)
    }

    /// The same without anybody new, for whoever counts.
    pub async fn quiet(timeout: Duration) -> anyhow::Result<Self> {
        let folder = Folder::new().context("no temporary folder")?;
        let world = World::new();
        let servers = start(world.clone(), Options::default()).await?;
        let file = folder.0.join("store.sqlite");
        let store = EmbeddedStore::open(&file).map_err(|error| anyhow!("{error}"))?;
        let place = Place { world, store };
        place
            .settle(Timestamp::now())
            .await
            .map_err(|error| anyhow!("{error}"))?;
        let variables = variables(&servers, &file)?;
        let mut all = Variables::default();
        for (name, value) in &variables {
            all.set(name, value);
        }
        let read = Config::read(&all, None, timeout);
        let mut config = read.map_err(|problems| anyhow!("{}", problems[0].message))?;
        config.label = "sandbox".into();
        let stop = CancellationToken::new();
        Ok(Self {
            config,
            variables,
            servers,
            stop,
            practices: Practices::new(place),
            folder,
        })
    }

    /// What everything else is built from.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The variables that point at this sandbox. Its secrets are its own, drawn at the start.
    pub fn variables(&self) -> &[(&'static str, String)] {
        &self.variables
    }

    /// The world behind the servers, to be looked at and broken.
    pub fn world(&self) -> &World {
        self.servers.world()
    }

    /// What breaks it on purpose, for whoever practises.
    pub fn practices(&self) -> &Practices {
        &self.practices
    }

    /// Where the store lies.
    pub fn folder(&self) -> &Path {
        &self.folder.0
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn variables(servers: &Servers, file: &Path) -> anyhow::Result<Vec<(&'static str, String)>> {
    let mut all = vec![
        (
            "MONGODB_CONNECTION_STRING",
            format!("{EMBEDDED_SCHEME}{}", file.display()),
        ),
        ("MONGODB_NAME", "sandbox".into()),
        (
            "ATRIAGE_STATE_DIR",
            file.with_file_name("state").display().to_string(),
        ),
        ("PDS_URL", servers.pds_url().into()),
        (
            "PDS_ADMIN_PASSWORD",
            servers.pds_admin_password().expose_secret().into(),
        ),
        ("PLC_URL", servers.plc_url().into()),
    ];
    let names = [
        (
            "aesthetic",
            "AUTH0_BASE_URL",
            "AUTH0_M2M_CLIENT_ID",
            "AUTH0_M2M_SECRET",
        ),
        (
            "sotce",
            "SOTCE_AUTH0_BASE_URL",
            "SOTCE_AUTH0_M2M_CLIENT_ID",
            "SOTCE_AUTH0_M2M_SECRET",
        ),
    ];
    for (tenant, url, id, secret) in names {
        let missing = || anyhow!("the sandbox has no tenant {tenant}");
        let client = servers.auth0_client(tenant).ok_or_else(missing)?;
        all.push((url, servers.auth0_url(tenant).ok_or_else(missing)?.into()));
        all.push((id, client.0));
        all.push((secret, client.1.expose_secret().into()));
    }
    Ok(all)
}

/// A folder that only we may read, removed with everything in it.
struct Folder(PathBuf);

impl Folder {
    fn new() -> std::io::Result<Self> {
        use std::os::unix::fs::DirBuilderExt;
        let name = format!(
            "atriage-sandbox-{}-{:08x}",
            std::process::id(),
            rand::random::<u32>()
        );
        let path = std::env::temp_dir().join(name);
        std::fs::DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed lies in the temporary folder, where the system clears it away.
        std::fs::remove_dir_all(&self.0).ok();
    }
}

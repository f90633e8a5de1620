//! A small world in real HTTP on loopback: an Auth0 of two tenants, a PDS and a PLC directory, for
//! the demo and for tests. What each service does lives in its room; who lives in the world is a
//! scenario's matter.
//!
//! ```text
//!   World ─┬─ auth0/  one port a tenant      /oauth/token, /api/v2/…
//!          ├─ pds/    writes PLC directly    /xrpc/…
//!          └─ plc/                           /did:plc:…
//!   every request: wire.rs → log, fault → its service
//! ```

mod auth0;
mod chance;
mod faults;
mod newcomers;
mod open;
mod pds;
mod plc;
mod practices;
mod scenario;
mod seeding;
mod settle;
mod wire;
mod world;

#[cfg(test)]
mod tests;

use std::time::Duration;

use anyhow::Context;
use secrecy::SecretString;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

pub use auth0::{Auth0User, RateBudget};
pub use faults::{Fault, Service};
pub use open::Sandbox;
pub use pds::{Account, AccountState};
pub use practices::Practices;
pub use world::World;

/// How the servers behave, beyond what the world holds.
#[derive(Debug, Clone)]
pub struct Options {
    /// Every log-in at the PDS takes at least this long, right or wrong. The reference: 350 ms.
    pub login_padding: Duration,
    /// How long `createAccount` works between its checks and its first write: the window in which
    /// calls at once get in each other's way. The reference: about 70 ms; here none by default.
    pub create_delay: Duration,
    /// The PDS's address as PLC documents name it. `None`: the address that it really has.
    pub public_url: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            login_padding: Duration::from_millis(350),
            create_delay: Duration::ZERO,
            public_url: None,
        }
    }
}

/// The running servers. Dropped, they stop: requests under way are finished, hanging ones cut.
pub struct Servers {
    world: World,
    auth0_urls: Vec<(String, String)>,
    pds_url: String,
    plc_url: String,
    stop: CancellationToken,
}

/// Starts a server for each tenant, the PDS and the PLC directory, each on a free loopback port.
/// They answer as soon as this returns.
///
/// # Errors
/// No loopback port could be bound.
pub async fn start(world: World, options: Options) -> anyhow::Result<Servers> {
    let stop = CancellationToken::new();
    let gate = |service, wording| wire::Gate {
        world: world.clone(),
        service,
        wording,
        stop: stop.clone(),
    };

    let names: Vec<String> = world.lock().tenants.iter().map(|t| t.name.clone()).collect();
    let mut auth0_urls = Vec::new();
    for (index, name) in names.into_iter().enumerate() {
        let (listener, url) = bind().await?;
        let routes = auth0::routes(world.clone(), index, &url);
        wire::serve(listener, routes, gate(Service::Auth0, auth0::wording));
        auth0_urls.push((name, url));
    }

    let (listener, plc_url) = bind().await?;
    let routes = plc::routes::routes(world.clone());
    wire::serve(listener, routes, gate(Service::Plc, plc::routes::wording));

    let (listener, pds_url) = bind().await?;
    world.lock().plc.home_url = options.public_url.unwrap_or_else(|| pds_url.clone());
    let routes = pds::routes(world.clone(), options.login_padding, options.create_delay);
    wire::serve(listener, routes, gate(Service::Pds, pds::wording));

    Ok(Servers {
        world,
        auth0_urls,
        pds_url,
        plc_url,
        stop,
    })
}

async fn bind() -> anyhow::Result<(TcpListener, String)> {
    let listener = TcpListener::bind("127.0.0.1:0").await;
    let listener = listener.context("no loopback port for the sandbox")?;
    let url = format!("http://{}", listener.local_addr()?);
    Ok((listener, url))
}

impl Servers {
    /// The base address of a tenant, without a slash at its end; `None` if there is no such tenant.
    pub fn auth0_url(&self, tenant: &str) -> Option<&str> {
        let found = self.auth0_urls.iter().find(|(name, _)| name == tenant);
        found.map(|(_, url)| url.as_str())
    }

    /// The client id and secret of a tenant's machine-to-machine client.
    pub fn auth0_client(&self, tenant: &str) -> Option<(String, SecretString)> {
        let state = self.world.lock();
        let tenant = state.tenants.iter().find(|t| t.name == tenant)?;
        Some((tenant.client_id.clone(), tenant.client_secret.clone()))
    }

    /// The address of the PDS, without a slash at its end.
    pub fn pds_url(&self) -> &str {
        &self.pds_url
    }

    /// The PDS's admin password.
    pub fn pds_admin_password(&self) -> SecretString {
        self.world.lock().pds.admin_password.clone()
    }

    /// The address of the PLC directory, without a slash at its end.
    pub fn plc_url(&self) -> &str {
        &self.plc_url
    }

    /// The world that these servers show.
    pub fn world(&self) -> &World {
        &self.world
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

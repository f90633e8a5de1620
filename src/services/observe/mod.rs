//! The backends together. What they say of one user stands in `user`, and which account of the PDS is that user's in `claim`.

mod claim;
mod user;

use std::collections::HashMap;
use std::sync::Arc;

use super::auth0::Auth0;
use super::error::Error;
use super::health::ServiceHealth;
use super::pds::Pds;
use super::plc::Plc;
use super::store::{Store, open};
use crate::config::Config;
use crate::domain::Class;
use crate::domain::observed::Observed;
use crate::domain::signup::{Auth0User, Signup};
use crate::domain::tenant::Naming;

/// Everything outside, as one value that all jobs share.
pub struct Backends {
    pub namings: Vec<Naming>,
    auth0: HashMap<String, Auth0>,
    pub pds: Pds,
    pub plc: Plc,
    pub store: Arc<dyn Store>,
}

impl Backends {
    /// Makes the clients; nothing is asked yet.
    pub async fn open(config: &Config) -> Result<Self, Error> {
        let mut auth0 = HashMap::new();
        for tenant in &config.tenants {
            let Some(client) = &tenant.client else { continue };
            let name = &tenant.naming.tenant;
            let secret = client.secret.clone();
            let one = Auth0::new(
                name,
                &tenant.auth0_url,
                &tenant.credential,
                &client.id,
                secret,
                config.timeout,
            )?;
            auth0.insert(name.clone(), one);
        }
        let domain = config.pds_handle_domain.clone();
        Ok(Self {
            namings: config.namings(),
            auth0,
            pds: Pds::new(
                &config.pds_url,
                config.pds_admin_password.clone(),
                domain,
                config.timeout,
            )?,
            plc: Plc::new(&config.plc_url, config.timeout)?,
            store: open(
                &config.mongodb_connection_string,
                &config.mongodb_name,
                config.timeout,
            )
            .await?,
        })
    }

    /// # Errors
    /// `Usage` where there is no such tenant, `Auth` where it is not configured.
    pub fn auth0(&self, tenant: &str) -> Result<&Auth0, Error> {
        self.naming(tenant)?;
        self.auth0.get(tenant).ok_or_else(|| {
            Error::new(
                "auth0",
                Class::Auth,
                format!("The tenant {tenant} is not configured."),
                "Set the client id and the secret of its M2M application.",
            )
        })
    }

    pub fn naming(&self, tenant: &str) -> Result<&Naming, Error> {
        self.namings
            .iter()
            .find(|naming| naming.tenant == tenant)
            .ok_or_else(|| {
                let known: Vec<&str> = self.namings.iter().map(|naming| naming.tenant.as_str()).collect();
                let hint = format!("There are {}, and both.", known.join(", "));
                Error::new(
                    "auth0",
                    Class::Usage,
                    format!("There is no tenant {tenant}."),
                    hint,
                )
            })
    }

    /// The tenants that can be asked, in their order.
    pub fn configured(&self) -> Vec<String> {
        let names = self.namings.iter().map(|naming| naming.tenant.clone());
        names.filter(|tenant| self.auth0.contains_key(tenant)).collect()
    }

    /// How each backend does, in the order of the columns.
    pub fn health(&self) -> Vec<ServiceHealth> {
        let auth0 = self.configured();
        let auth0 = auth0
            .iter()
            .filter_map(|tenant| self.auth0.get(tenant))
            .map(|auth0| auth0.pulse().read());
        let shared = [
            self.store.pulse().read(),
            self.pds.pulse().read(),
            self.plc.pulse().read(),
        ];
        auth0.chain(shared).collect()
    }

    /// A signup of which only Auth0's facts are known.
    pub fn listed(&self, naming: &Naming, user: Auth0User) -> Signup {
        let mut signup = Signup::named(&naming.tenant, &user.sub, &naming.key(&user.sub));
        signup.auth0 = Observed::Present(user);
        signup
    }

    /// Which other tenant's user an unprefixed id is an older record of. `Unreadable`: one that it may be of is not
    /// configured.
    pub async fn older_record_of(&self, tenant: &str, id: &str) -> Result<Observed<String>, Error> {
        let mut whose = Observed::Absent;
        for naming in self.namings.iter().filter(|naming| naming.tenant != tenant) {
            let Some(sub) = naming.legacy_key(id) else {
                continue;
            };
            match self.auth0.get(&naming.tenant) {
                Some(auth0) if auth0.by_id(sub).await?.is_some() => {
                    return Ok(Observed::Present(naming.tenant.clone()));
                }
                Some(_) => {}
                None => whose = not_configured(naming),
            }
        }
        Ok(whose)
    }

    /// The ids under which the records of a user may lie.
    pub fn ids(&self, signup: &Signup) -> Vec<String> {
        let legacy = self
            .naming(&signup.tenant)
            .ok()
            .and_then(|naming| naming.legacy_key(&signup.sub));
        std::iter::once(signup.key.clone())
            .chain(legacy.map(String::from))
            .collect()
    }
}

/// What nobody can know who may not ask this tenant.
fn not_configured<T>(naming: &Naming) -> Observed<T> {
    Observed::Unreadable(format!("{} is not configured", naming.tenant))
}

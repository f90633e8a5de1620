//! The backends together, and what they say of one signup. What a page of signups costs least to ask stands in `audit`;
//! here one user is asked about with all means, as before a write.

use std::collections::HashMap;
use std::sync::Arc;

use super::auth0::Auth0;
use super::error::Error;
use super::health::ServiceHealth;
use super::pds::Pds;
use super::plc::Plc;
use super::store::{Records, Store, open};
use crate::config::Config;
use crate::domain::Class;
use crate::domain::handle;
use crate::domain::observed::Observed;
use crate::domain::signup::{Account, Auth0User, Signup, Standing};
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

    /// Observes one user with all means but a login: by id, by e-mail, with the state of the repository and the PLC
    /// directory asked anew. What does not answer stays unknown; the first error that left something so is told beside it.
    pub async fn observe(&self, tenant: &str, sub: &str) -> Result<(Signup, Option<Error>), Error> {
        let naming = self.naming(tenant)?;
        let auth0 = self.auth0(tenant)?;
        let mut signup = Signup::named(tenant, sub, &naming.key(sub));
        let ids = self.ids(&signup);
        let (user, records, about) =
            tokio::join!(auth0.by_id(sub), self.store.records(&ids), self.pds.about());
        let mut why = Why::default();
        signup.auth0 = why.told(user).map(Observed::found).unwrap_or_default();
        signup.domain = why.told(about).map(|about| about.domain.clone());
        self.read_records(&mut signup, &records);
        why.of_records(&records);
        self.same_email(&mut signup, &mut why).await;
        self.account(&mut signup, &mut why).await;
        self.plc(&mut signup, &mut why).await;
        Ok((signup, why.0))
    }

    /// Takes what the store said about this user, under whichever id it lies.
    pub fn read_records(&self, signup: &mut Signup, records: &Records) {
        let ids = self.ids(signup);
        signup.user = pick(&records.users, &ids);
        signup.verification = pick(&records.verifications, &ids);
        // A handle is never inherited: exactly this key.
        signup.name = pick(&records.names, &ids[..1]);
        if let Ok(marks) = &records.marks {
            signup.deletion = Observed::found(ids.iter().find_map(|id| marks.deletions.get(id).copied()));
            signup.intent = Observed::found(marks.intents.get(&signup.key).cloned());
        }
    }

    async fn same_email(&self, signup: &mut Signup, why: &mut Why) {
        let (Some(email), Ok(auth0)) = (signup.email(), self.auth0(&signup.tenant)) else {
            return;
        };
        if let Some(users) = why.told(auth0.by_email(email).await) {
            let others = users
                .into_iter()
                .map(|user| user.sub)
                .filter(|sub| *sub != signup.sub);
            signup.same_email = Observed::Present(others.collect());
        }
    }

    async fn account(&self, signup: &mut Signup, why: &mut Why) {
        if let Some(did) = signup.did().map(String::from) {
            let wanted = [did.clone()];
            signup.account = match why.told(self.pds.accounts_with_standing(&wanted).await) {
                Some(mut accounts) => match accounts.remove(&did) {
                    Some(account) => Observed::Present(self.exactly(account, why).await),
                    None => Observed::Absent,
                },
                None => Observed::Unknown,
            };
        }
        // Whether an account is recorded has to be known. Beside one that is gone there may be another, which a killed
        // job has made to replace it.
        let looked_for = signup.did().is_none() || signup.account.is_absent();
        if looked_for && !signup.user.is_unknown() {
            signup.found = match why.told(self.find_account(signup, false).await) {
                Some(Some(account)) => Observed::Present(self.exactly(account, why).await),
                Some(None) => Observed::Absent,
                None => Observed::Unknown,
            };
        }
    }

    /// The repository's state as it is, where the list of repositories may be wrong.
    async fn exactly(&self, account: Account, why: &mut Why) -> Account {
        match why.told(self.pds.standing(&account.did).await) {
            Some(standing) if account.standing != Standing::Broken => Account { standing, ..account },
            Some(_) => account,
            None => Account {
                standing: Standing::Unknown,
                ..account
            },
        }
    }

    /// The account on the PDS that is this user's though no record says so: the one that our invite made, else one
    /// with this user's e-mail (or, in a tenant with a prefix, its tagged form) that no other user has.
    pub async fn find_account(&self, signup: &Signup, anew: bool) -> Result<Option<Account>, Error> {
        let intent = self.store.intent(&signup.key).await?;
        let used_by = match intent.as_ref().and_then(|intent| intent.invite.as_ref()) {
            Some(invite) => self.pds.invite_used_by(invite).await?,
            None => None,
        };
        if let Some(did) = used_by {
            let wanted = [did.clone()];
            return Ok(self.pds.accounts_with_standing(&wanted).await?.remove(&did));
        }
        // An address that nobody proved to be theirs makes no account theirs.
        let Some(email) = signup.email().filter(|_| signup.verified() == Some(true)) else {
            return Ok(None);
        };
        for address in self.addresses(signup, email) {
            for account in self.pds.by_email(&address, anew).await? {
                if self.is_free(signup, &account).await? {
                    return Ok(Some(account));
                }
            }
        }
        Ok(None)
    }

    /// The addresses under which an account of this user may go: the tenant's own tagged one first.
    pub fn addresses(&self, signup: &Signup, email: &str) -> Vec<String> {
        let prefixed = self
            .naming(&signup.tenant)
            .is_ok_and(|naming| !naming.prefix.is_empty());
        let tagged = prefixed
            .then(|| handle::tagged_email(email, &signup.tenant))
            .flatten();
        tagged.into_iter().chain([email.to_string()]).collect()
    }

    /// Whether an account with this user's e-mail is theirs: nobody else may hold it, and where a person has several
    /// logins, in this tenant or another, the handle has to tell whose of them it is.
    pub async fn is_free(&self, signup: &Signup, account: &Account) -> Result<bool, Error> {
        let holders = self
            .store
            .find(&super::store::Lookup::Did(account.did.clone()))
            .await?;
        let ids = self.ids(signup);
        if holders.iter().any(|holder| !ids.contains(holder)) {
            return Ok(false);
        }
        let intended = signup.intent.present().map(|intent| intent.handle.clone());
        let handles = [signup.wanted_handle(), signup.code_handle(), intended];
        if handles
            .iter()
            .flatten()
            .any(|handle| handle::same(handle, &account.handle))
        {
            return Ok(true);
        }
        let (Some(theirs), Some(email)) = (&account.email, signup.email()) else {
            return Ok(false);
        };
        if !theirs.eq_ignore_ascii_case(email) {
            // The tagged address of this tenant.
            return Ok(true);
        }
        Ok(!self.has_another_login(signup, email, |_| true).await?)
    }

    /// Whether somebody else, in this tenant or another, has this e-mail in Auth0. `counts` chooses the tenants.
    async fn has_another_login(
        &self,
        signup: &Signup,
        email: &str,
        counts: impl Fn(&Naming) -> bool,
    ) -> Result<bool, Error> {
        for (tenant, auth0) in &self.auth0 {
            if !counts(self.naming(tenant)?) {
                continue;
            }
            let others = auth0.by_email(email).await?;
            if others
                .iter()
                .any(|other| *tenant != signup.tenant || other.sub != signup.sub)
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The address that an account of this user is to go under. A person who is in the unprefixed tenant too needs the
    /// plain one there, whoever is provisioned first.
    pub async fn first_address(&self, signup: &Signup, email: &str) -> Result<String, Error> {
        let addresses = self.addresses(signup, email);
        let tagged = addresses.first().filter(|_| addresses.len() > 1);
        match tagged {
            Some(tagged)
                if self
                    .has_another_login(signup, email, |naming| naming.prefix.is_empty())
                    .await? =>
            {
                Ok(tagged.clone())
            }
            _ => Ok(email.to_string()),
        }
    }

    async fn plc(&self, signup: &mut Signup, why: &mut Why) {
        let did = signup
            .did()
            .or_else(|| signup.found.present().map(|account| account.did.as_str()));
        let (Some(did), Ok(about)) = (did.map(String::from), self.pds.about().await) else {
            return;
        };
        if let Some(data) = why.told(self.plc.data_now(&did, &about.hosts).await) {
            signup.plc = Observed::found(data);
        }
    }

    /// Tries the recorded password of an active account.
    ///
    /// # Errors
    /// What kept us from it; the signup says then that it cannot be read.
    pub async fn password(&self, signup: &mut Signup) -> Result<(), Error> {
        let active = signup
            .account
            .present()
            .is_some_and(|account| account.standing == Standing::Active);
        let Some(did) = signup.did().filter(|_| active).map(String::from) else {
            return Ok(());
        };
        let Some(id) = signup.user.present().map(|user| user.id.clone()) else {
            return Ok(());
        };
        let tried = async {
            match self.store.password(&id).await? {
                Some(password) => self.pds.opens(&did, &password).await.map(Some),
                None => Ok(None),
            }
        };
        let tried = tried.await;
        signup.password_opens = match &tried {
            Ok(opens) => Observed::found(*opens),
            // It was asked for: not to know it is not the same as not to have asked.
            Err(error) => Observed::Unreadable(error.to_string()),
        };
        tried.map(|_| ())
    }
}

/// The first error that left something unknown.
#[derive(Default)]
struct Why(Option<Error>);

impl Why {
    /// What was told; an error is kept.
    fn told<T>(&mut self, answer: Result<T, Error>) -> Option<T> {
        answer.map_err(|error| self.0.get_or_insert(error)).ok()
    }

    fn of_records(&mut self, records: &Records) {
        let errors = [
            records.users.as_ref().err(),
            records.verifications.as_ref().err(),
            records.names.as_ref().err(),
            records.marks.as_ref().err(),
        ];
        self.0 = self.0.take().or(errors.into_iter().flatten().next().cloned());
    }
}

/// The first of these ids that the collection has.
fn pick<T: Clone>(answer: &Result<HashMap<String, Observed<T>>, Error>, ids: &[String]) -> Observed<T> {
    match answer {
        Ok(found) => ids
            .iter()
            .find_map(|id| found.get(id).cloned())
            .unwrap_or(Observed::Absent),
        Err(_) => Observed::Unknown,
    }
}

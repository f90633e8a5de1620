//! One user asked about with all means, as before a write. What a page of signups costs least to ask stands in `audit`.

use std::collections::HashMap;

use super::Backends;
use crate::domain::has_records;
use crate::domain::observed::Observed;
use crate::domain::signup::{Account, Signup, Standing};
use crate::services::error::Error;
use crate::services::store::Records;

impl Backends {
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
        self.doubt_absence(&mut signup, &mut why).await;
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

    /// Whom this tenant does not know may be another one's, with a record from before its keys had a prefix.
    async fn doubt_absence(&self, signup: &mut Signup, why: &mut Why) {
        if !signup.auth0.is_absent() || !has_records(signup) {
            return;
        }
        signup.auth0 = match why.told(self.older_record_of(&signup.tenant, &signup.key).await) {
            Some(Observed::Absent) => return,
            Some(Observed::Present(tenant)) => Observed::Unreadable(format!(
                "this is a user of {tenant}, with a record from before its prefix: name that tenant"
            )),
            Some(Observed::Unreadable(why)) => {
                Observed::Unreadable(format!("the record may be another tenant's: {why}"))
            }
            Some(Observed::Unknown) | None => Observed::Unknown,
        };
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
                Some(Observed::Present(account)) => Observed::Present(self.exactly(account, why).await),
                Some(other) => other,
                None => Observed::Unknown,
            };
        }
    }

    /// Looks once more for the account of a user where only a login with the recorded password tells whose it is.
    ///
    /// # Errors
    /// What kept us from it.
    pub async fn search_in_earnest(&self, signup: &mut Signup) -> Result<(), Error> {
        if signup.found.unreadable().is_none() {
            return Ok(());
        }
        let mut why = Why::default();
        signup.found = match self.find_account(signup, true).await? {
            Observed::Present(account) => Observed::Present(self.exactly(account, &mut why).await),
            other => other,
        };
        self.plc(signup, &mut why).await;
        why.0.map_or(Ok(()), Err)
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

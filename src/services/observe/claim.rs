//! Which account on the PDS is a user's, though no record says so, and under which address one of theirs goes.

use super::{Backends, not_configured};
use crate::domain::handle;
use crate::domain::observed::Observed;
use crate::domain::signup::{Account, Auth0User, Signup};
use crate::domain::tenant::Naming;
use crate::services::error::Error;
use crate::services::store::Lookup;

/// Whose an account is that may be a user's.
enum Whose {
    Theirs,
    Anothers,
    /// It cannot be told, and why.
    Unsure(String),
}

impl Backends {
    /// The account on the PDS that is this user's though no record says so: the one that our invite made, else the one
    /// that the recorded handle leads to, else one with this user's e-mail (or, in a tenant with a prefix, its tagged
    /// form) that no other user has. `Unreadable`: there is one, and whose it is cannot be told. `earnest`: the PDS
    /// is searched anew, and a recorded password is tried where nothing else tells; a login leaves a trace there.
    pub async fn find_account(&self, signup: &Signup, earnest: bool) -> Result<Observed<Account>, Error> {
        let intent = self.store.intent(&signup.key).await?;
        let used_by = match intent.as_ref().and_then(|intent| intent.invite.as_ref()) {
            Some(invite) => self.pds.invite_used_by(invite).await?,
            None => None,
        };
        if let Some(did) = used_by {
            let wanted = [did.clone()];
            let account = self.pds.accounts_with_standing(&wanted).await?.remove(&did);
            return Ok(Observed::found(account));
        }
        let handle = signup.handle_without_did();
        if let Some(handle) = handle
            && let Some(account) = self.pds.by_handle(handle, earnest).await?
        {
            // Whatever else there is: what is recorded must not be lost over it.
            return Ok(match self.of_record(signup, &account, earnest).await? {
                None => Observed::Present(account),
                Some(why) => Observed::Unreadable(why),
            });
        }
        // An address that nobody proved to be theirs makes no account theirs.
        let Some(email) = signup.email().filter(|_| signup.verified() == Some(true)) else {
            return Ok(Observed::Absent);
        };
        let mut unsure = Observed::Absent;
        for address in self.addresses(signup, email) {
            for account in self.pds.by_email(&address, earnest).await? {
                match self.whose(signup, &account).await? {
                    Whose::Theirs => return Ok(Observed::Present(account)),
                    Whose::Anothers => {}
                    Whose::Unsure(why) => unsure = Observed::Unreadable(why),
                }
            }
        }
        Ok(unsure)
    }

    /// Why the account that the recorded handle leads to is not surely this user's: a handle may be somebody else's by
    /// now. Its e-mail tells, or the recorded password.
    async fn of_record(
        &self,
        signup: &Signup,
        account: &Account,
        tries: bool,
    ) -> Result<Option<String>, Error> {
        if self.is_held_by_another(signup, account).await? {
            return Ok(Some(
                "another record names the account of the recorded handle".into(),
            ));
        }
        if self.has_their_address(signup, account) {
            return Ok(None);
        }
        if !tries {
            return Ok(Some(
                "the recorded handle leads to an account with another e-mail, and only --deep tries the recorded password".into(),
            ));
        }
        let id = signup.user.present().map_or(&signup.key, |user| &user.id);
        let opens = match self.store.password(id).await? {
            Some(password) => self.pds.opens(&account.did, &password).await?,
            None => false,
        };
        Ok((!opens).then(|| {
            "the recorded handle leads to an account with another e-mail, which no recorded password opens".into()
        }))
    }

    /// Whether an account goes under an address of this user, who proved that it is theirs.
    pub fn has_their_address(&self, signup: &Signup, account: &Account) -> bool {
        let Some(email) = signup.email().filter(|_| signup.verified() == Some(true)) else {
            return false;
        };
        let theirs = account.email.as_deref().unwrap_or_default();
        let addresses = self.addresses(signup, email);
        addresses.iter().any(|address| handle::same(address, theirs))
    }

    async fn is_held_by_another(&self, signup: &Signup, account: &Account) -> Result<bool, Error> {
        let holders = self.store.find(&Lookup::Did(account.did.clone())).await?;
        let ids = self.ids(signup);
        Ok(holders.iter().any(|holder| !ids.contains(holder)))
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

    /// Whose an account with this user's e-mail is: nobody else may hold it, and where a person has several logins, in
    /// this tenant or another, the handle has to tell which of them it belongs to.
    async fn whose(&self, signup: &Signup, account: &Account) -> Result<Whose, Error> {
        if self.is_held_by_another(signup, account).await? {
            return Ok(Whose::Anothers);
        }
        let intended = signup.intent.present().map(|intent| intent.handle.clone());
        let handles = [signup.wanted_handle(), signup.code_handle(), intended];
        if handles
            .iter()
            .flatten()
            .any(|handle| handle::same(handle, &account.handle))
        {
            return Ok(Whose::Theirs);
        }
        let (Some(theirs), Some(email)) = (&account.email, signup.email()) else {
            return Ok(Whose::Anothers);
        };
        if !theirs.eq_ignore_ascii_case(email) {
            // The tagged address of this tenant.
            return Ok(Whose::Theirs);
        }
        Ok(match self.another_login(signup, email, |_| true).await? {
            Observed::Absent => Whose::Theirs,
            Observed::Unreadable(why) => Whose::Unsure(format!(
                "an account with this e-mail may be that of another login: {why}"
            )),
            Observed::Present(_) | Observed::Unknown => Whose::Anothers,
        })
    }

    /// In which tenant somebody else has this e-mail in Auth0. `counts` chooses the tenants; `Unreadable` where one of
    /// them is not configured.
    async fn another_login(
        &self,
        signup: &Signup,
        email: &str,
        counts: impl Fn(&Naming) -> bool,
    ) -> Result<Observed<String>, Error> {
        let mut known = Observed::Absent;
        for naming in self.namings.iter().filter(|naming| counts(naming)) {
            let Some(auth0) = self.auth0.get(&naming.tenant) else {
                known = not_configured(naming);
                continue;
            };
            let others = auth0.by_email(email).await?;
            let is_other = |other: &Auth0User| naming.tenant != signup.tenant || other.sub != signup.sub;
            if others.iter().any(is_other) {
                return Ok(Observed::Present(naming.tenant.clone()));
            }
        }
        Ok(known)
    }

    /// The address that an account of this user is to go under. A person who is in the unprefixed tenant too needs the
    /// plain one there, whoever is provisioned first.
    pub async fn first_address(&self, signup: &Signup, email: &str) -> Result<String, Error> {
        let addresses = self.addresses(signup, email);
        let tagged = addresses.first().filter(|_| addresses.len() > 1);
        let Some(tagged) = tagged else {
            return Ok(email.to_string());
        };
        let another = self
            .another_login(signup, email, |naming| naming.prefix.is_empty())
            .await?;
        Ok(match another {
            Observed::Absent => email.to_string(),
            _ => tagged.clone(),
        })
    }
}

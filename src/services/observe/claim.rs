//! Which account on the PDS is a user's, though no record says so, and under which address one of theirs goes.

use super::Backends;
use crate::domain::handle;
use crate::domain::signup::{Account, Signup};
use crate::domain::tenant::Naming;
use crate::services::error::Error;
use crate::services::store::Lookup;

impl Backends {
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
        let holders = self.store.find(&Lookup::Did(account.did.clone())).await?;
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
}

//! The invite of a new account: minted only after the intent stands, found again after a crash, and disabled when nothing
//! is to be made with it any more, so that no unused one is left behind.

use secrecy::{ExposeSecret, SecretString};

use super::steps::Work;
use crate::domain::{Advice, Class};
use crate::services::Error;
use crate::services::store::NewIntent;

/// Whether a refusal of a new account is the last word: it is clear that nothing was made, and the same would be refused
/// again.
pub(super) fn is_final(error: &Error) -> bool {
    error.advice == Advice::Decide && !error.unclear && error.kind != Class::RateLimit
}

impl Work<'_> {
    /// The invite that the intent has, or one that is written into it. `stale` is the one that stood there and is of no
    /// use any more; `looks` says that an earlier try may have minted one and not come to write it down.
    pub(super) async fn invite(
        &self,
        intent: &mut NewIntent,
        stale: Option<&SecretString>,
        looks: bool,
    ) -> Result<SecretString, Error> {
        if let Some(invite) = &intent.invite {
            return Ok(invite.clone());
        }
        let pds = &self.backends.pds;
        let left = if looks {
            pds.open_invite(&intent.key).await?
        } else {
            None
        };
        let left = left.filter(|left| stale.is_none_or(|stale| !same(left, stale)));
        let fresh = match left {
            Some(left) => left,
            None => self.mint(&intent.key).await?,
        };
        let stands = self
            .backends
            .store
            .renew_invite(&intent.key, stale, &fresh)
            .await?;
        if stands.as_ref().is_none_or(|stands| !same(stands, &fresh)) {
            // Somebody else was quicker: theirs is used, and ours is of no use.
            pds.disable_invite(&fresh).await?;
        }
        intent.invite.clone_from(&stands);
        stands.ok_or_else(|| {
            Error::new(
                "mongo",
                Class::Unavailable,
                "Somebody else worked on this user meanwhile.",
                "It is looked at again by itself.",
            )
        })
    }

    /// Mints an invite; where the answer was lost, the one that was minted is found rather than another one minted.
    async fn mint(&self, key: &str) -> Result<SecretString, Error> {
        self.must_hold()?;
        let pds = &self.backends.pds;
        match pds.new_invite(key).await {
            Err(error) if error.unclear => match pds.open_invite(key).await? {
                Some(minted) => Ok(minted),
                None => pds.new_invite(key).await,
            },
            answer => answer,
        }
    }

    /// Gives up making an account: first the invite is disabled, then the intent dropped.
    pub(super) async fn let_go(&self) -> Result<(), Error> {
        let (pds, store) = (&self.backends.pds, &self.backends.store);
        let Some(intent) = store.intent(&self.signup.key).await? else {
            return Ok(());
        };
        if let Some(invite) = self.left_invite(&intent).await? {
            self.disable(&invite).await?;
            // From here on nothing can be made with it, so that what was made until now shows: the password of such an
            // account stands in the intent alone.
            if pds.invite_used_by(&invite).await?.is_some() {
                return Ok(());
            }
        }
        self.must_hold()?;
        store.drop_intent(&self.signup.key).await.map(|_| ())
    }

    /// Disables the invite of an intent whose account was not made with it, or perhaps was.
    pub(super) async fn put_invite_away(&self) -> Result<(), Error> {
        let Some(intent) = self.backends.store.intent(&self.signup.key).await? else {
            return Ok(());
        };
        match self.left_invite(&intent).await? {
            Some(invite) => self.disable(&invite).await,
            None => Ok(()),
        }
    }

    /// The invite of an intent, or one that an earlier job minted for it and did not come to write down.
    pub(super) async fn left_invite(&self, intent: &NewIntent) -> Result<Option<SecretString>, Error> {
        match &intent.invite {
            None if !self.wrote_intent => self.backends.pds.open_invite(&intent.key).await,
            invite => Ok(invite.clone()),
        }
    }

    pub(super) async fn disable(&self, invite: &SecretString) -> Result<(), Error> {
        self.must_hold()?;
        self.backends.pds.disable_invite(invite).await
    }
}

fn same(one: &SecretString, other: &SecretString) -> bool {
    one.expose_secret() == other.expose_secret()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clear_refusal_that_would_come_again_is_final() {
        let error = |kind| Error::new("pds", kind, "", "");
        assert!(is_final(&error(Class::Conflict)));
        assert!(is_final(&error(Class::Validation)));
        assert!(!is_final(&error(Class::Conflict).unclear(true)));
        assert!(!is_final(&error(Class::Unavailable)));
        assert!(!is_final(&error(Class::Auth)));
        assert!(!is_final(&error(Class::RateLimit).advised(Advice::Decide)));
        assert!(!is_final(&error(Class::Validation).advised(Advice::Look)));
    }
}

//! The password of an account: drawn, written down before the PDS learns it, set, and tried.

use jiff::Timestamp;
use rand::RngExt;
use rand::distr::Alphanumeric;
use rand::rand_core::UnwrapErr;
use rand::rngs::SysRng;
use secrecy::{ExposeSecret, SecretString};

use super::steps::{Ended, Made, Work};
use crate::domain::signup::{Account, Standing};
use crate::domain::{Class, StepOutcome};
use crate::services::Error;
use crate::services::store::NewIntent;

impl Work<'_> {
    /// Where an intent stands beside a recorded password, one of the two opens the account: that one is recorded. An
    /// invite of the intent is of no use any more.
    pub(super) async fn keep_the_password_that_opens(&mut self) -> Result<(), Error> {
        let Some(intent) = self.backends.store.intent(&self.signup.key).await? else {
            return Ok(());
        };
        // It is an earlier job's, whatever this one did.
        self.wrote_intent = false;
        if let Some(invite) = self.left_invite(&intent).await? {
            self.disable(&invite).await?;
            self.must_have_made_none_but_ours(&invite).await?;
        }
        let recorded = self.backends.store.password(&self.record_id()).await?;
        if recorded.is_some_and(|recorded| recorded.expose_secret() == intent.password.expose_secret()) {
            return Ok(());
        }
        let made = self.current_account()?;
        if self.backends.pds.opens(&made.did, &intent.password).await? {
            self.account = Some(Made {
                password: Some(intent.password),
                ..made
            });
            self.write_account().await?;
        }
        Ok(())
    }

    pub(super) async fn reset_password(&mut self) -> Result<Ended, Error> {
        let made = self.current_account()?;
        self.must_live_here(&made.did).await?;
        let intent = self.intend_password(&made.handle).await?;
        self.set_password(&made.did, &intent.password).await?;
        self.account = Some(Made {
            password: Some(intent.password),
            ..made
        });
        Ok((StepOutcome::Done, String::new()))
    }

    /// Writes a password down before the PDS learns it.
    pub(super) async fn intend_password(&mut self, handle: &str) -> Result<NewIntent, Error> {
        let intent = NewIntent {
            key: self.signup.key.clone(),
            handle: handle.to_string(),
            email: self.signup.email().unwrap_or_default().to_string(),
            password: new_password(),
            invite: None,
            replaces: self.replaces.clone(),
            at: Timestamp::now(),
        };
        let mut stands = self.backends.store.put_intent(&intent).await?;
        self.wrote_intent = stands.password.expose_secret() == intent.password.expose_secret();
        if self.replaces.is_some() && stands.replaces != self.replaces {
            // Whoever finds it must know whose place the account takes.
            stands.replaces.clone_from(&self.replaces);
            self.must_hold()?;
            self.backends.store.change_intent(&stands).await?;
        }
        Ok(stands)
    }

    /// Where the invite of an intent made an account that is not the one at hand, the intent alone has its password.
    async fn must_have_made_none_but_ours(&self, invite: &SecretString) -> Result<(), Error> {
        let ours = self.current_account()?.did;
        match self.backends.pds.invite_used_by(invite).await? {
            Some(other) if other != ours => Err(Error::new(
                "pds",
                Class::Conflict,
                format!("The user has the account {ours}, and {other}, which an interrupted job has made."),
                "Decide which of them stays; nothing was changed.",
            )),
            _ => Ok(()),
        }
    }

    /// The password that is recorded without a DID: perhaps it is that of the account at hand.
    async fn recorded_without_did(&self) -> Result<Option<SecretString>, Error> {
        let record = self.signup.atproto();
        match record.is_some_and(|record| record.did.is_none() && record.has_password) {
            true => self.backends.store.password(&self.record_id()).await,
            false => Ok(None),
        }
    }

    /// Makes sure that a password opens an account: the recorded or the saved one perhaps does already.
    pub(super) async fn open(
        &mut self,
        account: &Account,
        password: SecretString,
    ) -> Result<SecretString, Error> {
        if account.standing != Standing::Active {
            return Err(Error::new(
                "pds",
                Class::Refused,
                format!("The user's account {} is not active.", account.did),
                "Find out why it was taken down or deactivated; no second one is made.",
            ));
        }
        self.must_live_here(&account.did).await?;
        if self.backends.pds.standing(&account.did).await? != Standing::Active {
            return Err(Error::new(
                "pds",
                Class::Refused,
                format!("The account {} has no repository.", account.did),
                "Only deleting it on the PDS helps; then a new one can be made.",
            ));
        }
        if let Some(recorded) = self.recorded_without_did().await?
            && self.backends.pds.opens(&account.did, &recorded).await?
        {
            return Ok(recorded);
        }
        if !self.backends.pds.opens(&account.did, &password).await? {
            self.set_password(&account.did, &password).await?;
        }
        Ok(password)
    }

    /// The call answers well for a DID that does not exist too, so that only a login tells.
    async fn set_password(&self, did: &str, password: &SecretString) -> Result<(), Error> {
        self.must_hold()?;
        self.backends.pds.set_password(did, password).await?;
        if self.backends.pds.opens(did, password).await? {
            return Ok(());
        }
        Err(Error::new(
            "pds",
            Class::Conflict,
            "The account does not open with the password that was just set.",
            "Perhaps it has no e-mail and no password at all; look at it on the PDS.",
        ))
    }
}

/// 32 characters from the system's generator.
pub(super) fn new_password() -> SecretString {
    let generator = UnwrapErr(SysRng);
    let password: String = generator
        .sample_iter(Alphanumeric)
        .take(32)
        .map(char::from)
        .collect();
    debug_assert_eq!(password.len(), 32);
    SecretString::from(password)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_long_and_never_the_same() {
        let (one, other) = (new_password(), new_password());
        assert_eq!(one.expose_secret().len(), 32);
        assert_ne!(one.expose_secret(), other.expose_secret());
    }
}

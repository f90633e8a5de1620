//! The account, exactly once: what is asked for is written down before it is asked, and after any unclear answer the
//! PDS is searched for what it may have made. An account is adopted rather than made a second time.

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};

use super::handles::handle_refusal;
use super::invites::is_final;
use super::password::new_password;
use super::steps::{Ended, Made, Work};
use crate::domain::observed::Observed;
use crate::domain::signup::{Account, Fallback};
use crate::domain::{Class, StepOutcome, handle};
use crate::services::Error;
use crate::services::pds::NewAccount;
use crate::services::store::NewIntent;

impl Work<'_> {
    pub(super) async fn create_account(&mut self) -> Result<Ended, Error> {
        let ended = self.ask_for_account().await;
        if let Err(error) = &ended
            && is_final(error)
            && let Err(kept) = self.let_go().await
        {
            // The refusal says more; the intent stands, and the next try comes by here again.
            tracing::debug!(what = %kept, "an intent that is of no use was not put away");
        }
        ended
    }

    /// Asks for an account until there is one, or nothing is left to ask with.
    async fn ask_for_account(&mut self) -> Result<Ended, Error> {
        let email = self.signup.email().map(String::from).ok_or_else(no_email)?;
        let code = self.signup.code_handle().ok_or_else(|| {
            Error::new(
                "mongo",
                Class::Unavailable,
                "There is no code to make a handle of.",
                "Try again when MongoDB and the PDS answer.",
            )
        })?;
        let wanted = self.signup.wanted_handle().unwrap_or_else(|| code.clone());
        let email = self.backends.first_address(&self.signup, &email).await?;
        if let Some(gone) = self.replaces.clone() {
            self.must_live_here(&gone).await?;
        }
        let mut intent = self.intend(&wanted, &email).await?;
        if let Some(ended) = self.made_meanwhile().await? {
            return Ok(ended);
        }
        let mut ask = Ask {
            handle: wanted,
            email,
            code,
            refusal: None,
            stale: None,
        };
        let addresses = self
            .backends
            .addresses(&self.signup, self.signup.email().unwrap_or_default());
        if addresses.len() > 1 && addresses[0] == intent.email {
            // An earlier try had come as far as the tagged address.
            ask.email.clone_from(&intent.email);
        }
        loop {
            // Asking for what an inactive account holds would leave a DID behind, and make nothing.
            if self.step_aside(&mut ask, false).await? {
                continue;
            }
            let asked = (&ask.handle, &ask.email, &self.replaces);
            if (&intent.handle, &intent.email, &intent.replaces) != asked {
                intent.handle.clone_from(&ask.handle);
                intent.email.clone_from(&ask.email);
                intent.replaces.clone_from(&self.replaces);
                self.must_hold()?;
                self.backends.store.change_intent(&intent).await?;
            }
            let looks = !self.wrote_intent || ask.stale.is_some();
            let invite = self.invite(&mut intent, ask.stale.as_ref(), looks).await?;
            let new = NewAccount {
                handle: &ask.handle,
                email: &ask.email,
                password: &intent.password,
                invite: &invite,
            };
            self.must_hold()?;
            let error = match self.backends.pds.create_account(new).await {
                Ok((did, handle)) => {
                    return Ok(self.made(StepOutcome::Done, did, handle, intent.password, ask));
                }
                Err(error) => error,
            };
            let taken = ["Handle already taken", "Email already taken", "InvalidInviteCode"];
            if (error.unclear || taken.iter().any(|text| error.says(text)))
                // Where that cannot be told, what may have been made now is still to be found.
                && let Some(found) = self.search().await.map_err(|why| {
                    let unclear = why.unclear || error.unclear;
                    why.unclear(unclear)
                })?
            {
                return self.take_over(found, intent, ask).await;
            }
            self.after(&error, &mut ask, &mut intent).await?;
        }
    }

    /// What is changed after a refusal, to ask again.
    ///
    /// # Errors
    /// The refusal itself, where nothing is left to change.
    async fn after(&self, error: &Error, ask: &mut Ask, intent: &mut NewIntent) -> Result<(), Error> {
        if let Some(reason) = handle_refusal(error) {
            return self.stand_in(ask, reason);
        }
        if error.says("Email already taken") {
            return self.next_email(ask);
        }
        if error.says("InvalidInviteCode") && ask.stale.is_none() {
            // The invite was switched off, or comes from an older PDS: nobody used it.
            ask.stale = intent.invite.take();
            return Ok(());
        }
        // An inactive account that came about since the last sweep: it is asked for once, and not again.
        let fault = error.reply.as_ref().is_some_and(|reply| reply.status == 500);
        if fault && self.step_aside(ask, true).await? {
            return Ok(());
        }
        Err(error.clone())
    }

    /// Whether an inactive account holds the handle or the address: then the next ones are asked with.
    async fn step_aside(&self, ask: &mut Ask, anew: bool) -> Result<bool, Error> {
        let pds = &self.backends.pds;
        if pds.handle_held_by_inactive(&ask.handle, anew).await? {
            self.stand_in(ask, "Handle already taken by an inactive account".into())?;
            return Ok(true);
        }
        if pds.email_held_by_inactive(&ask.email).await? {
            self.next_email(ask)?;
            return Ok(true);
        }
        Ok(false)
    }

    /// The address to ask with when the plain one belongs to another account: the tenant's tagged one, where it has one.
    fn next_email(&self, ask: &mut Ask) -> Result<(), Error> {
        let all = self
            .backends
            .addresses(&self.signup, self.signup.email().unwrap_or_default());
        match all.first().filter(|next| all.len() > 1 && **next != ask.email) {
            Some(next) => {
                ask.email.clone_from(next);
                Ok(())
            }
            None => Err(Error::new(
                "pds",
                Class::Conflict,
                "The e-mail belongs to an account that is not this user's.",
                "Find out whose the account is; one person may have two logins.",
            )),
        }
    }

    /// Whether somebody else recorded an account while the intent was written: then there is nothing left to make.
    async fn made_meanwhile(&mut self) -> Result<Option<Ended>, Error> {
        let ids = self.backends.ids(&self.signup);
        let records = self.backends.store.records(&ids).await;
        self.backends.read_records(&mut self.signup, &records);
        if let Some(error) = records.users.err() {
            return Err(error);
        }
        let recorded = self.signup.did().map(String::from);
        let Some(did) = recorded.filter(|did| self.replaces.as_ref() != Some(did)) else {
            return Ok(None);
        };
        // What is recorded now is not what was to be replaced.
        self.replaces = None;
        let wanted = [did.clone()];
        let account = self
            .backends
            .pds
            .accounts_with_standing(&wanted)
            .await?
            .remove(&did);
        self.signup.account = Observed::found(account);
        Ok(Some((StepOutcome::Already, did)))
    }

    /// The account that an earlier or an unclear try has made, asked anew.
    async fn search(&self) -> Result<Option<Account>, Error> {
        match self.backends.find_account(&self.signup, true).await? {
            Observed::Unreadable(why) => Err(Error::new(
                "pds",
                Class::Conflict,
                format!("Whether the PDS has this user's account cannot be told: {why}."),
                "Decide whose the account is; no other one is made meanwhile.",
            )),
            found => Ok(found.present().cloned()),
        }
    }

    /// The code stands in for a refused handle; where the code itself is refused, nothing is left to try.
    fn stand_in(&self, ask: &mut Ask, reason: String) -> Result<(), Error> {
        if handle::same(&ask.handle, &ask.code) {
            return Err(Error::new(
                "pds",
                Class::Conflict,
                format!("The PDS refuses the code as handle: {reason}."),
                "Look whether an older account holds it.",
            ));
        }
        ask.refusal = Some(Fallback {
            wanted: std::mem::replace(&mut ask.handle, ask.code.clone()),
            reason,
        });
        Ok(())
    }

    /// Writes down what is about to be asked for, before there is an invite for it; an intent that stands already is gone
    /// on with.
    async fn intend(&mut self, handle: &str, email: &str) -> Result<NewIntent, Error> {
        if let Some(standing) = self.backends.store.intent(&self.signup.key).await? {
            return Ok(standing);
        }
        let intent = NewIntent {
            key: self.signup.key.clone(),
            handle: handle.to_string(),
            email: email.to_string(),
            password: new_password(),
            invite: None,
            replaces: self.replaces.clone(),
            at: Timestamp::now(),
        };
        let stands = self.backends.store.put_intent(&intent).await?;
        self.wrote_intent = stands.password.expose_secret() == intent.password.expose_secret();
        Ok(stands)
    }

    fn made(
        &mut self,
        outcome: StepOutcome,
        did: String,
        handle: String,
        password: SecretString,
        ask: Ask,
    ) -> Ended {
        let detail = match &ask.refusal {
            Some(refusal) => format!("{did}, by the code: {}", refusal.reason),
            None => did.clone(),
        };
        self.account = Some(Made {
            did,
            handle,
            password: Some(password),
            fallback: ask.refusal,
            invited: outcome == StepOutcome::Done,
        });
        (outcome, detail)
    }

    /// An account that turned up in the middle of creating one.
    async fn take_over(&mut self, found: Account, intent: NewIntent, ask: Ask) -> Result<Ended, Error> {
        let password = self.open(&found, intent.password).await?;
        Ok(self.made(StepOutcome::Already, found.did, found.handle, password, ask))
    }

    pub(super) async fn adopt_account(&mut self) -> Result<Ended, Error> {
        let found = self.signup.found.present().cloned().ok_or_else(|| {
            Error::new(
                "pds",
                Class::Conflict,
                "The account to adopt is gone.",
                "Look at the user again.",
            )
        })?;
        let intent = self.intend_password(&found.handle).await?;
        let password = self.open(&found, intent.password).await?;
        let made = Made {
            password: Some(password),
            ..self.current_account()?
        };
        self.account = Some(made);
        Ok((StepOutcome::Done, found.did))
    }
}

/// What is asked for next.
struct Ask {
    handle: String,
    email: String,
    /// The handle that stands in for a refused one.
    code: String,
    refusal: Option<Fallback>,
    /// An invite that was refused; a second one is not replaced.
    stale: Option<SecretString>,
}

fn no_email() -> Error {
    Error::new(
        "auth0",
        Class::Refused,
        "The user has no e-mail in Auth0.",
        "An account needs one; ask the user.",
    )
}

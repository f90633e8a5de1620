//! Takes a throw-away user away again, from wherever it had come to. The account goes first and the records last, so that
//! whoever is killed in between leaves what tells the next one.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::{Stage, address};
use crate::domain::event::{StepOutcome, StepReport};
use crate::domain::plan::Step;
use crate::domain::signup::Signup;
use crate::domain::stray::Swept;
use crate::domain::{Class, Problem, handle};
use crate::provisioning::steps::{Ended, Work, report};
use crate::services::Error;
use crate::services::observe::Backends;
use crate::services::owner::Owner;

/// How long is waited before each further try.
const PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(3)];

/// Removes what killed rehearsals left: the keys of whom it removed, and why the first of those stays that it could not
/// remove. One that somebody works on is left to them.
pub async fn clear_away(
    backends: &Arc<Backends>,
    owner: &Arc<Owner>,
    keys: &[String],
) -> (Vec<String>, Option<Problem>) {
    let (mut gone, mut first) = (Vec::new(), None);
    for key in keys {
        match clear_one(backends, owner, key).await {
            Ok(true) => gone.push(key.clone()),
            Ok(false) => {}
            Err(error) => {
                first.get_or_insert(error.problem());
            }
        }
    }
    (gone, first)
}

/// Whether it is gone; it is not where somebody works on it.
async fn clear_one(backends: &Arc<Backends>, owner: &Arc<Owner>, key: &str) -> Result<bool, Error> {
    let stage = Stage::new(backends, owner, key);
    if stage.leases.take(key).await?.is_err() {
        return Ok(false);
    }
    let renewing = stage.renew();
    let (removed, _) = stage.remove().await;
    renewing.abort();
    stage.leases.release(key).await;
    removed.map(|_| true)
}

impl Stage {
    /// Removes the user, with some patience; returns the DIDs that the PLC directory keeps.
    pub(super) async fn remove(&self) -> (Result<Vec<String>, Error>, StepReport) {
        let (at, begun) = (Timestamp::now(), Instant::now());
        let mut pauses = PAUSES.iter();
        let mut seen = Vec::new();
        let ended = loop {
            let ended = self.try_to_remove(&mut seen).await;
            match (&ended, pauses.next()) {
                (Err(error), Some(pause)) if error.kind == Class::Unavailable => {
                    tokio::time::sleep(*pause).await;
                }
                _ => break ended,
            }
        };
        let report = report(Step::RemoveRehearsal, at, begun, &ended);
        (ended.map(|_| seen), report)
    }

    /// One try. `seen` collects the DIDs of all tries.
    async fn try_to_remove(&self, seen: &mut Vec<String>) -> Result<Ended, Error> {
        let key = &self.job.key;
        let records = self.backends.store.records(std::slice::from_ref(key)).await;
        let mut signup = Signup::named(&self.job.tenant, key, key);
        self.backends.read_records(&mut signup, &records);
        let mut work = Work {
            backends: &self.backends,
            signup,
            replaces: None,
            account: None,
            wrote_intent: false,
            // It only takes away, and what has to go goes.
            holds: &|| true,
        };
        let (at, begun, scribe) = (Timestamp::now(), Instant::now(), self.scribe());
        // What has to go goes, whether or not that can be written down.
        let deed = scribe.before(Step::RemoveRehearsal, &work).await.ok().flatten();
        let ended = work.remove_rehearsal(seen).await;
        let report = report(Step::RemoveRehearsal, at, begun, &ended);
        if let Some(deed) = &deed
            && let Err(error) = scribe.after(deed, &work, &report).await
        {
            tracing::debug!(what = %error, "the removal of a throw-away user was not written down");
        }
        ended
    }
}

impl Work<'_> {
    /// Removes the account, then the records. `seen` collects the DIDs of accounts that were there.
    async fn remove_rehearsal(&mut self, seen: &mut Vec<String>) -> Result<Ended, Error> {
        let (store, pds) = (&self.backends.store, &self.backends.pds);
        let key = &self.signup.key;
        if self.signup.user.is_unknown() {
            // The records were asked for and not told: perhaps an account is recorded.
            return Err(unread());
        }
        let mut dids: Vec<String> = self.signup.did().map(String::from).into_iter().collect();
        // An account is only ever made while an intent stands, which goes when the account is recorded.
        if let Some(intent) = store.intent(key).await? {
            if let Some(invite) = &intent.invite {
                // From here on nothing can be made with it, so that what was made until now shows.
                pds.disable_invite(invite).await?;
                dids.extend(pds.invite_used_by(invite).await?);
            }
            while let Some(minted) = pds.open_invite(key).await? {
                pds.disable_invite(&minted).await?;
            }
        }
        dids.sort();
        dids.dedup();
        for did in &dids {
            if !seen.contains(did) {
                seen.push(did.clone());
            }
        }
        for (did, Swept { account, .. }) in pds_accounts(self, &dids).await? {
            let email = account.email.unwrap_or_default();
            if !handle::same(&email, &address(key)) {
                return Err(Error::new(
                    "pds",
                    Class::Refused,
                    format!(
                        "The account {did} has another address than the throw-away user, and is not deleted."
                    ),
                    "Somebody changed it: look at it by hand.",
                ));
            }
            pds.delete_account(&did).await?;
        }
        if let Some(did) = pds_accounts(self, &dids).await?.into_keys().next() {
            return Err(left(format!("The account {did} is there though it was deleted.")));
        }
        store.remove_rehearsal(key).await?;
        if store.rehearsals().await?.contains(key) {
            return Err(left("Some records are there though they were removed.".into()));
        }
        Ok((StepOutcome::Done, seen.join(", ")))
    }
}

type Accounts = std::collections::HashMap<String, Swept>;

/// Asks nobody where there is nothing to ask about.
async fn pds_accounts(work: &Work<'_>, dids: &[String]) -> Result<Accounts, Error> {
    match dids.is_empty() {
        true => Ok(Accounts::new()),
        false => work.backends.pds.accounts(dids).await,
    }
}

fn unread() -> Error {
    Error::new(
        "mongo",
        Class::Unavailable,
        "The records of the throw-away user could not be read.",
        "Try again when MongoDB answers.",
    )
}

fn left(what: String) -> Error {
    Error::new(
        "pds",
        Class::Conflict,
        what,
        "Try once more; else look at it by hand.",
    )
}

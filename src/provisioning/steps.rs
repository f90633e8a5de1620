//! One step of a plan, carried out: each looks before it writes or writes so that a second time changes nothing. The
//! steps that make or take over an account stand in `account`.

use std::time::Instant;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use secrecy::SecretString;

use crate::domain::event::StepReport;
use crate::domain::handle;
use crate::domain::observed::Observed;
use crate::domain::plan::Step;
use crate::domain::signup::{Fallback, PlcData, Signup, Standing};
use crate::domain::{Class, StepOutcome, code};
use crate::services::Error;
use crate::services::observe::Backends;
use crate::services::store::{CodeWrite, IndexWrite, NewAtproto, Written};

/// How often a code is drawn again when another user has it already. A year would have to be almost full for this to end.
const DRAWS: usize = 100;

/// One user's job under way: what was observed, and what the steps have made since.
pub struct Work<'a> {
    pub backends: &'a Backends,
    pub signup: Signup,
    /// The recorded DID whose account is gone, and whose place a new one is to take.
    pub replaces: Option<String>,
    /// The account that was made, adopted or changed by this job.
    pub account: Option<Made>,
    /// The intent that stands was written by this job. Any other is an earlier job's, which perhaps minted an invite and
    /// did not come to write it down.
    pub wrote_intent: bool,
    /// Whether we may still work on this user.
    pub holds: &'a (dyn Fn() -> bool + Send + Sync),
}

/// What a record-account step has to write down.
#[derive(Clone)]
pub struct Made {
    pub did: String,
    pub handle: String,
    /// `None` where the recorded password still holds.
    pub password: Option<SecretString>,
    /// The handle that the PDS refused, where the code stands in for it.
    pub fallback: Option<Fallback>,
    /// It was made just now, with the invite of the intent.
    pub invited: bool,
}

/// How a step ended, and what it found or made in a few words: free of personal data and secrets.
pub type Ended = (StepOutcome, String);

/// What is told and kept of a step that began at `at`.
pub fn report(step: Step, at: Timestamp, begun: Instant, ended: &Result<Ended, Error>) -> StepReport {
    let (outcome, detail) = match ended {
        Ok((outcome, detail)) => (*outcome, detail.clone()),
        Err(error) => (StepOutcome::Failed, error.to_string()),
    };
    StepReport {
        step,
        at,
        outcome,
        ms: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
        detail,
    }
}

impl Work<'_> {
    /// Carries one step out.
    ///
    /// # Errors
    /// Those of the backends; `Conflict` and `Refused` where somebody has to decide.
    pub async fn carry_out(&mut self, step: Step) -> Result<Ended, Error> {
        match step {
            Step::EnsureCodeIndex => self.ensure_code_index().await,
            Step::CreateVerification => self.create_verification().await,
            Step::SetVerificationCount => self.set_verification_count().await,
            Step::CreateUser => self.create_user().await,
            Step::AssignCode => self.assign_code().await,
            Step::CreateAccount => self.create_account().await,
            Step::AdoptAccount => self.adopt_account().await,
            Step::ResetPassword => self.reset_password().await,
            Step::SyncHandle => self.sync_handle().await,
            Step::RecordAccount => self.record_account().await,
            Step::Verify => self.verify().await,
            Step::RemoveRehearsal => Err(Error::new(
                "mongo",
                Class::Internal,
                "A throw-away user is removed by its rehearsal alone.",
                "This is a fault of this program: tell its makers.",
            )),
        }
    }

    /// Asked again right before each change that a successor of ours could not know of: whoever slept since the step began
    /// has one perhaps.
    pub(super) fn must_hold(&self) -> Result<(), Error> {
        if (self.holds)() {
            return Ok(());
        }
        Err(Error::new(
            "mongo",
            Class::Unavailable,
            "The lease on the user ran out in the middle of the step.",
            "The user is looked at again by itself.",
        ))
    }

    async fn ensure_code_index(&self) -> Result<Ended, Error> {
        Ok(match self.backends.store.ensure_code_index().await? {
            IndexWrite::Made(name) => (StepOutcome::Done, format!("made {name}")),
            IndexWrite::Already(name) => (StepOutcome::Already, format!("{name} is unique")),
        })
    }

    async fn create_verification(&self) -> Result<Ended, Error> {
        let count = i64::from(self.signup.verified() == Some(true));
        let written = self
            .backends
            .store
            .insert_verification(&self.signup.key, count)
            .await?;
        Ok((outcome(written), format!("count {count}")))
    }

    async fn set_verification_count(&self) -> Result<Ended, Error> {
        let id = self
            .signup
            .verification
            .present()
            .map_or(&self.signup.key, |verification| &verification.id);
        let written = self.backends.store.raise_verification(id).await?;
        Ok((outcome(written), "count 1".into()))
    }

    async fn create_user(&mut self) -> Result<Ended, Error> {
        let created_at = self.created_at()?;
        let key = self.signup.key.clone();
        let mut written = CodeWrite::Taken;
        for _ in 0..DRAWS {
            let code = code::draw(year(created_at), &mut rand::rng());
            written = self.backends.store.insert_user(&key, &code, created_at).await?;
            if written != CodeWrite::Taken {
                break;
            }
        }
        self.read_code(written).await
    }

    async fn assign_code(&mut self) -> Result<Ended, Error> {
        let created_at = self.created_at()?;
        let id = self.record_id();
        let mut written = CodeWrite::Taken;
        for _ in 0..DRAWS {
            let code = code::draw(year(created_at), &mut rand::rng());
            written = self.backends.store.assign_code(&id, &code).await?;
            if written != CodeWrite::Taken {
                break;
            }
        }
        self.read_code(written).await
    }

    /// The code as it stands now, whoever wrote it.
    async fn read_code(&mut self, written: CodeWrite) -> Result<Ended, Error> {
        let outcome = match written {
            CodeWrite::Done => StepOutcome::Done,
            CodeWrite::Already => StepOutcome::Already,
            CodeWrite::Taken => {
                return Err(Error::new(
                    "mongo",
                    Class::Conflict,
                    format!("{DRAWS} codes in a row belong to other users."),
                    "The codes of that year are almost used up.",
                ));
            }
        };
        let ids = self.backends.ids(&self.signup);
        let records = self.backends.store.records(&ids).await;
        self.backends.read_records(&mut self.signup, &records);
        match self.signup.code() {
            Some(code) => Ok((outcome, code.to_string())),
            None => Err(records.users.err().unwrap_or_else(|| {
                Error::new(
                    "mongo",
                    Class::Conflict,
                    "The record has no code after it was written.",
                    "Look at it by hand.",
                )
            })),
        }
    }

    /// Writes `users.atproto`, then drops the intent: in that order, so that the password is never nowhere.
    async fn record_account(&mut self) -> Result<Ended, Error> {
        let made = self.current_account()?;
        self.account = Some(made.clone());
        if made.password.is_some() && !made.invited {
            self.put_invite_away().await?;
        }
        let written = self.write_account().await?;
        if made.password.is_none() {
            self.keep_the_password_that_opens().await?;
        }
        self.must_hold()?;
        self.backends.store.drop_intent(&self.signup.key).await?;
        Ok((outcome(written), made.did))
    }

    /// Writes down what this job knows of the account.
    pub(super) async fn write_account(&self) -> Result<Written, Error> {
        let made = self.current_account()?;
        self.must_hold()?;
        let account = NewAtproto {
            did: made.did,
            handle: made.handle,
            replaces: self.replaces.clone(),
            password: made.password,
            fallback: made.fallback.map(|fallback| (fallback.wanted, fallback.reason)),
            at: Timestamp::now(),
        };
        self.backends
            .store
            .record_account(&self.record_id(), &account)
            .await
    }

    /// Looks whether everything is there now, with the admin's eyes.
    async fn verify(&mut self) -> Result<Ended, Error> {
        let ids = self.backends.ids(&self.signup);
        let records = self.backends.store.records(&ids).await;
        self.backends.read_records(&mut self.signup, &records);
        if let Some(error) = records.users.err().or(records.verifications.err()) {
            return Err(error);
        }
        let wrong = |what: &str| {
            Error::new(
                "pds",
                Class::Conflict,
                format!("{what} after the repair."),
                "Look at the user again.",
            )
        };
        if self.signup.user.is_absent() || self.signup.verification.is_absent() {
            return Err(wrong("A record is missing"));
        }
        // What is wrong with an account that this job did not touch is somebody else's to decide.
        let touched = self.account.as_ref().and_then(|_| self.signup.did());
        let Some(did) = touched.map(String::from) else {
            return Ok((StepOutcome::Done, String::new()));
        };
        let dids = [did.clone()];
        let account = self
            .backends
            .pds
            .accounts_with_standing(&dids)
            .await?
            .remove(&did);
        let account = account.ok_or_else(|| wrong("The PDS does not know the account"))?;
        let recorded = self
            .signup
            .atproto()
            .and_then(|record| record.handle.clone())
            .unwrap_or_default();
        // The list of repositories names a ghost too; only the repository itself tells.
        if account.standing == Standing::Broken || self.backends.pds.standing(&did).await? == Standing::Broken
        {
            return Err(wrong("The account has no repository"));
        }
        if !handle::same(&recorded, &account.handle) {
            return Err(wrong("Mongo and the PDS name different handles"));
        }
        Ok((StepOutcome::Done, did))
    }

    /// The account as the steps so far left it, or as it was observed.
    pub(super) fn current_account(&self) -> Result<Made, Error> {
        if let Some(made) = &self.account {
            return Ok(made.clone());
        }
        // Where the recorded one is gone, the one that takes its place.
        let account = match &self.replaces {
            Some(_) => self.signup.found.present(),
            None => self.signup.any_account(),
        };
        let account = account.ok_or_else(|| {
            Error::new(
                "pds",
                Class::Conflict,
                "There is no account to work on.",
                "Look at the user again.",
            )
        })?;
        let by_code = self
            .signup
            .code_handle()
            .is_some_and(|code| handle::same(&code, &account.handle));
        let wanted = self.signup.wanted_handle().unwrap_or_default();
        let fallback = self.signup.atproto().and_then(|record| record.fallback.clone());
        Ok(Made {
            did: account.did.clone(),
            handle: account.handle.clone(),
            password: None,
            // An older refusal stays true as long as nothing about it changed.
            fallback: fallback.filter(|fallback| by_code && handle::same(&fallback.wanted, &wanted)),
            invited: false,
        })
    }

    /// Asks the PLC directory before anything is changed: an account that moved away is not ours any more, though the
    /// old PDS still obeys.
    pub(super) async fn must_live_here(&mut self, did: &str) -> Result<(), Error> {
        let about = self.backends.pds.about().await?;
        let data = self.backends.plc.data_now(did, &about.hosts).await?;
        self.signup.plc = Observed::found(data);
        match &self.signup.plc {
            Observed::Present(PlcData::Lives { here: true, .. }) => Ok(()),
            _ => Err(Error::new(
                "plc",
                Class::Refused,
                "The PLC directory does not say that the account lives on this PDS.",
                "Nothing was changed: look at the DID first.",
            )),
        }
    }

    /// Where the user's record lies: under the key, or under an older form of it.
    pub(super) fn record_id(&self) -> String {
        self.signup
            .user
            .present()
            .map_or_else(|| self.signup.key.clone(), |user| user.id.clone())
    }

    fn created_at(&self) -> Result<Timestamp, Error> {
        self.signup.created_at().ok_or_else(|| {
            Error::new(
                "auth0",
                Class::Unavailable,
                "The moment of the signup is unknown.",
                "Try again when Auth0 answers.",
            )
        })
    }
}

fn outcome(written: Written) -> StepOutcome {
    match written {
        Written::Done => StepOutcome::Done,
        Written::Already => StepOutcome::Already,
    }
}

/// The year of a signup, in UTC.
fn year(at: Timestamp) -> i16 {
    at.to_zoned(TimeZone::UTC).year()
}

//! The world as the steps of a plan change it, in a few lines: what `provisioning` does to the real one.

use super::sample::{CODE, account};
use crate::domain::handle::same;
use crate::domain::observed::Observed::{Absent, Present};
use crate::domain::plan::Step;
use crate::domain::signup::{AtprotoRecord, Fallback, Older, PlcData, Signup, UserRecord, Verification};

/// The PDS refuses this name.
const REFUSED: &str = "admin.at.example.com";

/// What the steps carry from one to the next: a record-account writes it down.
#[derive(Default)]
pub struct World {
    new_password: bool,
    fallback: Option<Option<Fallback>>,
    pub unrecorded: bool,
}

impl World {
    /// Does one step. Panics where the step has nothing to stand on: such a plan leaves something to decide.
    pub fn apply(&mut self, s: &mut Signup, step: Step) {
        match step {
            Step::EnsureCodeIndex | Step::Verify => {}
            Step::RemoveRehearsal => panic!("no plan removes anybody"),
            Step::CreateVerification | Step::SetVerificationCount => {
                assert!(s.verification.present().is_some() || step == Step::CreateVerification);
                let count = i64::from(s.verified() == Some(true));
                s.verification = Present(Verification {
                    id: s.key.clone(),
                    count,
                });
            }
            Step::CreateUser => {
                assert!(s.user.is_absent());
                s.user = Present(UserRecord {
                    id: s.key.clone(),
                    code: Present(CODE.into()),
                    when: None,
                    atproto: Absent,
                });
            }
            Step::AssignCode => user(s).code = Present(CODE.into()),
            Step::CreateAccount => {
                assert!(s.verified() == Some(true) && s.email().is_some() && s.did().is_none());
                assert!(s.found.is_absent(), "a second account");
                let (handle, fallback) = settle(s);
                s.found = Present(account(&handle));
                s.plc = Present(PlcData::Lives {
                    endpoint: String::new(),
                    here: true,
                });
                (self.new_password, self.unrecorded, self.fallback) = (true, true, Some(fallback));
            }
            Step::AdoptAccount => {
                assert!(s.did().is_none() && s.found.present().is_some());
                (self.new_password, self.unrecorded) = (true, true);
            }
            Step::ResetPassword => {
                assert!(s.account.present().is_some() && s.did().is_some());
                (self.new_password, self.unrecorded) = (true, true);
            }
            Step::SyncHandle => {
                let (handle, fallback) = settle(s);
                let fact = if s.did().is_some() {
                    &mut s.account
                } else {
                    &mut s.found
                };
                let Present(account) = fact else {
                    panic!("no account to name")
                };
                account.handle = handle;
                (self.unrecorded, self.fallback) = (true, Some(fallback));
            }
            Step::RecordAccount => self.record(s),
        }
    }

    fn record(&mut self, s: &mut Signup) {
        let account = s.any_account().expect("an account to record").clone();
        let old = s.atproto().cloned().unwrap_or_default();
        let by_code = s.code_handle().is_some_and(|code| same(&code, &account.handle));
        let wanted = s.wanted_handle().unwrap_or_default();
        let kept = old.fallback.filter(|old| by_code && same(&old.wanted, &wanted));
        if self.new_password {
            s.password_opens = Present(true);
        }
        user(s).atproto = Present(AtprotoRecord {
            did: Some(account.did.clone()),
            handle: Some(account.handle.clone()),
            has_password: old.has_password || self.new_password,
            older: Older::default(),
            fallback: self.fallback.clone().unwrap_or(kept),
        });
        s.account = Present(account);
        self.unrecorded = false;
    }
}

/// The handle that the PDS takes, and what it refused before.
fn settle(s: &Signup) -> (String, Option<Fallback>) {
    let wanted = s.wanted_handle().expect("a wanted handle");
    if !same(&wanted, REFUSED) {
        return (wanted, None);
    }
    let code = s.code_handle().expect("a code to stand in");
    (
        code,
        Some(Fallback {
            wanted,
            reason: "Reserved handle".into(),
        }),
    )
}

fn user(s: &mut Signup) -> &mut UserRecord {
    match &mut s.user {
        Present(user) => user,
        _ => panic!("there is no users record to write on"),
    }
}

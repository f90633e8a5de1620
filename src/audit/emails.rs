//! Who of a walk has the e-mail of somebody whom an earlier page named. No page is kept, so that of each e-mail there is
//! its print, and whom it was first met with: some sixty bytes a user.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasher, RandomState};

use crate::domain::observed::Observed;
use crate::domain::signup::Signup;
use crate::domain::{Diagnosis, FindingId, Verdict, diagnose};

use super::report::Row;

/// Somebody who was told before it was known that others have their e-mail too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedEmail {
    pub sub: String,
    /// Who came later in the list, each of whom names them.
    pub with: Vec<String>,
}

impl SharedEmail {
    /// Puts it right where the rows were kept.
    pub fn correct(&self, rows: &mut [Row]) {
        for (signup, diagnosis) in rows.iter_mut().filter(|(signup, _)| signup.sub == self.sub) {
            signup.same_email = Observed::Present(self.with.clone());
            *diagnosis = diagnose(signup);
        }
    }
}

/// The e-mails of one walk through a tenant. That two of them have one print is less likely than a broken disk, and would
/// tell somebody of a second login that they have not.
#[derive(Default)]
pub struct Emails {
    firsts: HashMap<u64, First>,
    keys: RandomState,
    /// The subs of the firsts, one behind the other.
    subs: String,
    shared: Vec<SharedEmail>,
}

/// Whom an e-mail was first met with.
struct First {
    /// Where their sub begins and ends.
    sub: (u32, u32),
    state: FirstState,
}

#[derive(Clone, Copy)]
enum FirstState {
    /// What they counted as; `None`: a filter left them out.
    Alone(Option<Verdict>),
    /// Their own row says it, or nothing is told about them on purpose.
    Settled,
    /// Stands in `shared` at this place.
    Shared(u32),
}

impl Emails {
    /// Names in the rows of a page, before they are told, whoever had their e-mail first.
    pub fn mark(&self, page: &mut [Signup]) {
        for signup in page {
            let first = self.print(signup).and_then(|print| self.firsts.get(&print));
            let Some(first) = first
                .map(|first| self.sub(first))
                .filter(|sub| *sub != signup.sub)
            else {
                continue;
            };
            let mut others = signup.same_email.present().cloned().unwrap_or_default();
            others.push(first.to_string());
            signup.same_email = Observed::Present(others);
        }
    }

    /// Remembers somebody who is about to be told (`told`: whether a filter lets them through). Returns what the first with
    /// this e-mail was counted as, where that was told as if they were alone and is wrong by now.
    pub fn meet(&mut self, signup: &Signup, diagnosis: &Diagnosis, told: bool) -> Option<Verdict> {
        let print = self.print(signup)?;
        match self.firsts.entry(print) {
            Entry::Vacant(place) => {
                // Beyond four gigabytes of subs nobody is remembered any more.
                let end = self.subs.len() + signup.sub.len();
                let sub = (place_of(self.subs.len())?, place_of(end)?);
                self.subs.push_str(&signup.sub);
                let settled = diagnosis.has(FindingId::DuplicateEmail) || diagnosis.is_left_alone();
                place.insert(First {
                    sub,
                    state: match settled {
                        true => FirstState::Settled,
                        false => FirstState::Alone(told.then(|| diagnosis.verdict())),
                    },
                });
                None
            }
            Entry::Occupied(mut place) => {
                let first = named(&self.subs, place.get());
                match place.get().state {
                    FirstState::Settled => None,
                    _ if first == signup.sub => None,
                    FirstState::Shared(at) => {
                        self.shared[at as usize].with.push(signup.sub.clone());
                        None
                    }
                    // Whoever asked for neither of them is told nothing.
                    FirstState::Alone(None) if !told => None,
                    FirstState::Alone(verdict) => {
                        let at = place_of(self.shared.len())?;
                        place.get_mut().state = FirstState::Shared(at);
                        self.shared.push(SharedEmail {
                            sub: first.to_string(),
                            with: vec![signup.sub.clone()],
                        });
                        verdict
                    }
                }
            }
        }
    }

    pub fn into_shared(self) -> Vec<SharedEmail> {
        self.shared
    }

    fn print(&self, signup: &Signup) -> Option<u64> {
        Some(self.keys.hash_one(signup.email()?.to_lowercase()))
    }

    fn sub(&self, first: &First) -> &str {
        named(&self.subs, first)
    }
}

fn named<'a>(subs: &'a str, first: &First) -> &'a str {
    &subs[first.sub.0 as usize..first.sub.1 as usize]
}

fn place_of(at: usize) -> Option<u32> {
    u32::try_from(at).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::signup::Auth0User;
    use jiff::Timestamp;

    fn signup(sub: &str, email: &str, blocked: bool) -> Signup {
        let mut signup = Signup::named("aesthetic", sub, sub);
        signup.auth0 = Observed::Present(Auth0User {
            sub: sub.into(),
            email: Some(email.into()),
            email_verified: false,
            created_at: Timestamp::UNIX_EPOCH,
            blocked,
        });
        signup
    }

    /// A page goes by: who is named in it, and what has to be counted otherwise.
    fn page(
        emails: &mut Emails,
        told: bool,
        mut page: Vec<Signup>,
    ) -> (Vec<Observed<Vec<String>>>, Vec<Option<Verdict>>) {
        emails.mark(&mut page);
        let met = page
            .iter()
            .map(|signup| emails.meet(signup, &diagnose(signup), told));
        let met = met.collect();
        (page.into_iter().map(|signup| signup.same_email).collect(), met)
    }

    #[test]
    fn the_second_names_the_first_and_the_first_is_put_right_once() {
        let mut emails = Emails::default();
        let one = signup("auth0|1", "Mira@example.com", false);
        assert_eq!(
            page(&mut emails, true, vec![one.clone()]),
            (vec![Observed::Unknown], vec![None])
        );
        let alone = diagnose(&one).verdict();
        let named = Observed::Present(vec!["auth0|1".to_string()]);
        let two = signup("email|2", "mira@example.com", false);
        let other = signup("auth0|9", "omar@example.com", false);
        assert_eq!(
            page(&mut emails, true, vec![two, other]),
            (vec![named.clone(), Observed::Unknown], vec![Some(alone), None])
        );
        let three = signup("auth0|3", "MIRA@example.com", false);
        assert_eq!(page(&mut emails, true, vec![three]), (vec![named], vec![None]));
        // The same one again is nobody else.
        assert_eq!(
            page(&mut emails, true, vec![one.clone()]),
            (vec![Observed::Unknown], vec![None])
        );
        let shared = emails.into_shared();
        let expected = SharedEmail {
            sub: "auth0|1".into(),
            with: vec!["email|2".into(), "auth0|3".into()],
        };
        assert_eq!(shared, [expected]);
        let mut rows = vec![(one.clone(), diagnose(&one))];
        shared[0].correct(&mut rows);
        assert!(rows[0].1.has(FindingId::DuplicateEmail));
    }

    #[test]
    fn who_is_left_alone_or_says_it_already_or_was_not_asked_for_is_not_put_right() {
        let two = || vec![signup("auth0|2", "mira@example.com", false)];
        // Blocked.
        let mut emails = Emails::default();
        page(
            &mut emails,
            true,
            vec![signup("auth0|1", "mira@example.com", true)],
        );
        assert_eq!(page(&mut emails, true, two()).1, [None]);
        assert_eq!(emails.into_shared(), []);
        // Another one of the same page has it too.
        let mut emails = Emails::default();
        let mut first = signup("auth0|1", "mira@example.com", false);
        first.same_email = Observed::Present(vec!["email|5".into()]);
        page(&mut emails, true, vec![first]);
        assert_eq!(page(&mut emails, true, two()).1, [None]);
        assert_eq!(emails.into_shared(), []);
        // A filter leaves out both, or the first alone.
        for told in [false, true] {
            let mut emails = Emails::default();
            page(
                &mut emails,
                false,
                vec![signup("auth0|1", "mira@example.com", false)],
            );
            assert_eq!(page(&mut emails, told, two()).1, [None]);
            assert_eq!(emails.into_shared().len(), usize::from(told));
        }
    }
}

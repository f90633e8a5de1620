//! Each fact as everybody holds it: what is wanted, what was found, and how the one compares with the other.

use super::{BLANK, Cell, FactRow, Facts, Held, bare, is, words};
use crate::domain::change::begin_of_code;
use crate::domain::code::is_well_formed;
use crate::domain::diagnosis::State;
use crate::domain::handle;
use crate::domain::observed::Observed;
use crate::domain::signup::{Auth0User, Deletion, PlcData, Standing};

impl Facts<'_> {
    pub(super) fn email(&self) -> FactRow {
        let held = |user: &Auth0User| match &user.email {
            Some(email) => Held::Email(email.clone()),
            None => Held::Nothing,
        };
        let pds = match self.account {
            // A person may change it there, and a second login has a tagged one: it is no drift.
            Observed::Present(account) => match &account.email {
                Some(email) => bare(Held::Email(email.clone())),
                None => bare(Held::Nothing),
            },
            // That there is none is said where the DID stands.
            _ => BLANK,
        };
        FactRow {
            name: "e-mail",
            cells: [
                bare(self.of_auth0(held)),
                is(self.of_auth0(held), self.exists()),
                BLANK,
                pds,
                BLANK,
            ],
        }
    }

    fn exists(&self) -> State {
        if self.s.auth0.is_absent() {
            State::Missing
        } else {
            State::Ok
        }
    }

    pub(super) fn verified(&self) -> FactRow {
        let auth0 = match self.s.verified() {
            Some(true) => is(words("yes"), State::Ok),
            Some(false) => is(words("not yet"), State::Waiting),
            None => is(self.of_auth0(|_| Held::Nothing), State::Missing),
        };
        let mongo = match &self.s.verification {
            Observed::Present(found) => {
                let drifts = found.count < 1 && self.s.verified() == Some(true);
                let state = if drifts { State::Drift } else { State::Ok };
                is(Held::Words(format!("count {}", found.count)), state)
            }
            Observed::Absent => is(words("no record"), State::Drift),
            Observed::Unknown => is(Held::NoAnswer, State::Unknown),
            Observed::Unreadable(_) => is(Held::Unreadable, State::Unknown),
        };
        FactRow {
            name: "verified",
            cells: [bare(auth0.held.clone()), auth0, mongo, BLANK, BLANK],
        }
    }

    pub(super) fn code(&self) -> FactRow {
        let drawn = Held::Words(begin_of_code(self.s.created_at()));
        let (wanted, mongo) = match &self.s.user {
            Observed::Unknown => (Held::NoAnswer, is(Held::NoAnswer, State::Unknown)),
            Observed::Unreadable(_) => (Held::Unreadable, is(Held::Unreadable, State::Unknown)),
            Observed::Absent => (drawn, is(words("no record"), State::Missing)),
            Observed::Present(user) => match &user.code {
                Observed::Present(code) if is_well_formed(code) => (words(code), is(words(code), State::Ok)),
                Observed::Present(code) => (words("acYYcvcvc"), is(words(code), State::Drift)),
                Observed::Absent => (drawn, is(Held::Nothing, State::Missing)),
                Observed::Unknown => (Held::NoAnswer, is(Held::NoAnswer, State::Unknown)),
                Observed::Unreadable(_) => (words("acYYcvcvc"), is(words("no text"), State::Drift)),
            },
        };
        FactRow {
            name: "code",
            cells: [bare(wanted), BLANK, mongo, BLANK, BLANK],
        }
    }

    pub(super) fn handle(&self) -> FactRow {
        let wanted = self.s.wanted_handle();
        let fallback = self.s.atproto().and_then(|record| record.fallback.as_ref());
        let refused = fallback
            .zip(wanted.as_ref())
            .is_some_and(|(fallback, wanted)| handle::same(&fallback.wanted, wanted));
        let judged = |found: &str| {
            let same =
                |other: &Option<String>| other.as_ref().is_some_and(|other| handle::same(other, found));
            let state = match &wanted {
                _ if same(&wanted) => State::Ok,
                // The code stands in, and nothing is to be mended.
                _ if refused && same(&self.s.code_handle()) => State::Waiting,
                None if self.awaits_code() => State::Drift,
                None => State::Unknown,
                Some(_) => State::Drift,
            };
            Cell {
                held: Held::Handle(found.into()),
                state: Some(state),
            }
        };
        let held = match &wanted {
            Some(wanted) => Held::Handle(wanted.clone()),
            None if self.awaits_code() => match &self.s.domain {
                Some(domain) => Held::Words(format!("{}.{domain}", begin_of_code(self.s.created_at()))),
                None => words("by the code"),
            },
            None if self.s.name.unreadable().is_some() => Held::Unreadable,
            None => Held::NoAnswer,
        };
        let mongo = self.of_record(|record| match record {
            Some(record) => match &record.handle {
                Some(handle) => judged(handle),
                None if record.did.is_some() => is(Held::Nothing, State::Drift),
                None => is(Held::Nothing, self.lack),
            },
            None => is(Held::Nothing, self.lack),
        });
        FactRow {
            name: "handle",
            cells: [
                bare(held),
                BLANK,
                mongo,
                self.of_account(|account| judged(&account.handle)),
                BLANK,
            ],
        }
    }

    /// No name was chosen, and there is no code to make one of.
    fn awaits_code(&self) -> bool {
        let none = match &self.s.user {
            Observed::Present(user) => user.code.is_absent(),
            other => other.is_absent(),
        };
        none && self.s.name.is_absent()
    }

    pub(super) fn did(&self) -> FactRow {
        let wanted = match (self.did, self.lack) {
            (Some(did), _) => Held::Did(did.into()),
            (None, State::Missing) => words("to be made"),
            (None, State::Waiting) => words("not yet"),
            (None, _) => Held::NotAsked,
        };
        let mongo = self.of_record(|record| match record.and_then(|record| record.did.as_ref()) {
            Some(did) => is(Held::Did(did.clone()), State::Ok),
            // The PDS has one that belongs here.
            None if self.did.is_some() => is(Held::Nothing, State::Missing),
            None => is(Held::Nothing, self.lack),
        });
        let did = || self.did.map_or(Held::Nothing, |did| Held::Did(did.into()));
        FactRow {
            name: "DID",
            cells: [
                bare(wanted),
                BLANK,
                mongo,
                self.of_account(|account| is(Held::Did(account.did.clone()), State::Ok)),
                self.of_plc(|data| match data {
                    PlcData::Lives { .. } => is(did(), State::Ok),
                    PlcData::Tombstoned => is(words("tombstoned"), State::Drift),
                }),
            ],
        }
    }

    pub(super) fn home(&self) -> FactRow {
        let here = || words("here");
        let plc = match &self.s.plc {
            Observed::Present(PlcData::Lives { here: true, .. }) => is(here(), State::Ok),
            Observed::Present(PlcData::Lives { endpoint, .. }) => is(words(endpoint), State::Drift),
            Observed::Present(PlcData::Tombstoned) => is(words("nowhere"), State::Drift),
            _ => BLANK,
        };
        FactRow {
            name: "lives",
            cells: [
                bare(if self.did.is_some() || self.lack == State::Missing {
                    here()
                } else {
                    Held::Blank
                }),
                BLANK,
                BLANK,
                match self.account {
                    Observed::Present(_) => is(here(), State::Ok),
                    _ => BLANK,
                },
                plc,
            ],
        }
    }

    pub(super) fn standing(&self) -> FactRow {
        let auth0 = match &self.s.auth0 {
            Observed::Present(user) if user.blocked => is(words("blocked"), State::Drift),
            Observed::Present(_) => is(words("active"), State::Ok),
            Observed::Absent => is(words("no such user"), State::Missing),
            _ => is(self.of_auth0(|_| Held::Nothing), State::Unknown),
        };
        let mongo = match self.s.deletion {
            Observed::Present(Deletion::Scheduled) => is(words("to be deleted"), State::Waiting),
            Observed::Present(Deletion::Tombstone) => is(words("deleted"), State::Waiting),
            Observed::Absent => BLANK,
            Observed::Unknown => is(Held::NoAnswer, State::Unknown),
            Observed::Unreadable(_) => is(Held::Unreadable, State::Unknown),
        };
        let pds = self.of_account(|account| match account.standing {
            Standing::Active => is(words("active"), State::Ok),
            Standing::TakenDown => is(words("taken down"), State::Drift),
            Standing::Deactivated => is(words("deactivated"), State::Drift),
            Standing::Broken => is(words("no repository"), State::Drift),
            Standing::Unknown => is(Held::NoAnswer, State::Unknown),
        });
        FactRow {
            name: "standing",
            cells: [bare(words("active")), auth0, mongo, pds, BLANK],
        }
    }

    pub(super) fn password(&self) -> FactRow {
        let mongo = self.of_record(|record| match record {
            Some(record) if record.has_password => is(words("recorded"), State::Ok),
            Some(record) if record.did.is_some() => is(Held::Nothing, State::Drift),
            _ => is(Held::Nothing, self.lack),
        });
        let pds = match &self.s.password_opens {
            Observed::Present(true) => is(words("opens"), State::Ok),
            Observed::Present(false) => is(words("refused"), State::Drift),
            // A password is only tried where it is the question: not to have done so is no gap.
            Observed::Unknown | Observed::Absent => bare(Held::NotAsked),
            Observed::Unreadable(_) => is(Held::NoAnswer, State::Unknown),
        };
        FactRow {
            name: "password",
            cells: [
                bare(match self.lack {
                    State::Waiting if self.did.is_none() => words("not yet"),
                    _ => words("recorded"),
                }),
                BLANK,
                mongo,
                pds,
                BLANK,
            ],
        }
    }
}

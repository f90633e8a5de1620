//! What each backend holds of one user, beside what is wanted: the facts as a table of words and states. A backend that
//! did not answer is told apart from one that had nothing to be asked about.

use super::change::begin_of_code;
use super::code::is_well_formed;
use super::diagnosis::State;
use super::handle;
use super::observed::Observed;
use super::signup::{Account, AtprotoRecord, Deletion, PlcData, Signup, Standing};

/// Who holds something; `Wanted` is what follows from all the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    Wanted,
    Auth0,
    Mongo,
    Pds,
    Plc,
}

impl Holder {
    pub const ALL: [Self; 5] = [Self::Wanted, Self::Auth0, Self::Mongo, Self::Pds, Self::Plc];

    pub fn word(self) -> &'static str {
        match self {
            Self::Wanted => "wanted",
            Self::Auth0 => "auth0",
            Self::Mongo => "mongo",
            Self::Pds => "pds",
            Self::Plc => "plc",
        }
    }
}

/// What is held by one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    /// Not this backend's business.
    Blank,
    /// It answered: there is none.
    Nothing,
    /// Words that name nobody.
    Words(String),
    Email(String),
    /// A full handle.
    Handle(String),
    Did(String),
    /// There was nothing to ask it about, or nobody asked.
    NotAsked,
    /// It was asked, and did not answer.
    NoAnswer,
    /// It answered with something that cannot be read.
    Unreadable,
}

/// A place of the table. Without a state there is nothing to compare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    pub held: Held,
    pub state: Option<State>,
}

/// One fact as everybody holds it, in the order of `Holder::ALL`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactRow {
    pub name: &'static str,
    pub cells: [Cell; 5],
}

/// The whole table. Total: every combination of facts has one.
pub fn side_by_side(signup: &Signup) -> Vec<FactRow> {
    let facts = Facts::of(signup);
    vec![
        facts.email(),
        facts.verified(),
        facts.code(),
        facts.handle(),
        facts.did(),
        facts.home(),
        facts.standing(),
        facts.password(),
    ]
}

fn bare(held: Held) -> Cell {
    Cell { held, state: None }
}

fn is(held: Held, state: State) -> Cell {
    let unknown = matches!(held, Held::NotAsked | Held::NoAnswer | Held::Unreadable);
    Cell {
        state: Some(if unknown { State::Unknown } else { state }),
        held,
    }
}

fn words(text: &str) -> Held {
    Held::Words(text.into())
}

const BLANK: Cell = Cell {
    held: Held::Blank,
    state: None,
};

struct Facts<'a> {
    s: &'a Signup,
    /// What the PDS says of the user's account: of the recorded one, else of the one that was found.
    account: &'a Observed<Account>,
    /// The recorded DID, else that of the account that was found.
    did: Option<&'a str>,
    /// What nothing is, where an account belongs: missing, or not expected yet.
    lack: State,
}

impl<'a> Facts<'a> {
    fn of(s: &'a Signup) -> Self {
        let account = if s.did().is_some() { &s.account } else { &s.found };
        Self {
            did: s
                .did()
                .or_else(|| account.present().map(|account| account.did.as_str())),
            lack: match s.verified() {
                Some(true) => State::Missing,
                Some(false) => State::Waiting,
                // Of a user whom Auth0 does not have none is expected.
                None if s.auth0.is_absent() => State::Waiting,
                None => State::Unknown,
            },
            account,
            s,
        }
    }

    /// What Auth0 says; it is always asked.
    fn of_auth0(&self, held: impl Fn(&super::signup::Auth0User) -> Held) -> Held {
        match &self.s.auth0 {
            Observed::Present(user) => held(user),
            Observed::Absent => Held::Nothing,
            Observed::Unknown => Held::NoAnswer,
            Observed::Unreadable(_) => Held::Unreadable,
        }
    }

    /// What `users.atproto` says; MongoDB is always asked. `None`: there is none.
    fn of_record(&self, cell: impl Fn(Option<&AtprotoRecord>) -> Cell) -> Cell {
        match &self.s.user {
            Observed::Unknown => is(Held::NoAnswer, State::Unknown),
            Observed::Unreadable(_) => is(Held::Unreadable, State::Unknown),
            Observed::Absent => cell(None),
            Observed::Present(user) => match &user.atproto {
                Observed::Present(record) => cell(Some(record)),
                Observed::Absent => cell(None),
                Observed::Unknown => is(Held::NoAnswer, State::Unknown),
                Observed::Unreadable(_) => is(Held::Unreadable, State::Unknown),
            },
        }
    }

    /// What the PDS says of the account. Without a recorded DID it is only asked about a verified e-mail.
    fn of_account(&self, cell: impl Fn(&Account) -> Cell) -> Cell {
        let has_address = self.s.verified() == Some(true) && !self.s.user.is_unknown();
        match self.account {
            Observed::Present(account) => cell(account),
            Observed::Absent if self.s.did().is_some() => is(Held::Nothing, State::Missing),
            Observed::Absent => is(Held::Nothing, self.lack),
            Observed::Unreadable(_) => is(Held::Unreadable, State::Unknown),
            Observed::Unknown if self.s.did().is_some() || has_address => is(Held::NoAnswer, State::Unknown),
            Observed::Unknown => is(Held::NotAsked, State::Unknown),
        }
    }

    /// What the directory says of the DID. It is asked once the PDS said under which hosts it is known.
    fn of_plc(&self, cell: impl Fn(&PlcData) -> Cell) -> Cell {
        match &self.s.plc {
            Observed::Present(data) => cell(data),
            Observed::Absent => is(words("not known"), State::Drift),
            Observed::Unreadable(_) => is(Held::Unreadable, State::Unknown),
            Observed::Unknown if self.did.is_some() && self.s.domain.is_some() => {
                is(Held::NoAnswer, State::Unknown)
            }
            Observed::Unknown => is(Held::NotAsked, State::Unknown),
        }
    }

    fn email(&self) -> FactRow {
        let held = |user: &super::signup::Auth0User| match &user.email {
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

    fn verified(&self) -> FactRow {
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

    fn code(&self) -> FactRow {
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

    fn handle(&self) -> FactRow {
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

    fn did(&self) -> FactRow {
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

    fn home(&self) -> FactRow {
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

    fn standing(&self) -> FactRow {
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

    fn password(&self) -> FactRow {
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

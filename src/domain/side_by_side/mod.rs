//! What each backend holds of one user, beside what is wanted: the facts as a table of words and states. A backend that
//! did not answer is told apart from one that had nothing to be asked about. The facts one by one stand in `rows`.

mod rows;

use super::diagnosis::State;
use super::observed::Observed;
use super::signup::{Account, AtprotoRecord, Auth0User, PlcData, Signup};

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
    fn of_auth0(&self, held: impl Fn(&Auth0User) -> Held) -> Held {
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
}

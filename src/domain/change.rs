//! What a plan changes, step by step, as old → new. Where the new is not known before, that is what it says: a code is
//! drawn at the time, a DID is made by the PDS, and a password is never shown.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::handle;
use super::observed::Observed;
use super::plan::{Plan, Step};
use super::signup::{Account, Older, Signup};

/// What stands in one place before a step, and what after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub step: Step,
    pub place: Place,
    pub old: Side,
    pub new: Side,
}

impl Change {
    /// Whether something that is known stands there, and goes.
    pub fn replaces(&self) -> bool {
        !matches!(self.old, Side::Nothing | Side::Unknown)
    }
}

/// Where something changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    CodeIndex,
    VerificationCount,
    UserRecord,
    Code,
    PdsAccount,
    PdsHandle,
    PdsPassword,
    RecordedDid,
    RecordedHandle,
    RecordedPassword,
    RecordedFallback,
    /// What an unfinished job wrote down about an account.
    Intent,
}

impl Place {
    pub fn word(self) -> &'static str {
        match self {
            Self::CodeIndex => "index on users.code",
            Self::VerificationCount => "verifications.count",
            Self::UserRecord => "users record",
            Self::Code => "users.code",
            Self::PdsAccount => "PDS account",
            Self::PdsHandle => "PDS handle",
            Self::PdsPassword => "PDS password",
            Self::RecordedDid => "users.atproto.did",
            Self::RecordedHandle => "users.atproto.handle",
            Self::RecordedPassword => "users.atproto.password",
            Self::RecordedFallback => "users.atproto.handleFallback",
            Self::Intent => "atriage-intents",
        }
    }
}

/// One side of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Side {
    Nothing,
    /// Nobody looked.
    Unknown,
    /// Exactly this. Names nobody.
    Is(String),
    /// This full handle. `or_code`: the code stands in for it where the PDS refuses it.
    Handle {
        handle: String,
        or_code: bool,
    },
    /// As much as can be said: what it will be is found out on the way, or is nobody's to see.
    Said(String),
}

impl Side {
    fn said(text: &str) -> Self {
        Self::Said(text.into())
    }

    fn handle(handle: &str) -> Self {
        Self::Handle {
            handle: handle.into(),
            or_code: false,
        }
    }

    /// In words; `shown` makes a handle fit to be seen.
    pub fn words(&self, shown: impl Fn(&str) -> String) -> String {
        match self {
            Self::Nothing => "–".into(),
            Self::Unknown => "?".into(),
            Self::Is(text) | Self::Said(text) => text.clone(),
            Self::Handle {
                handle,
                or_code: false,
            } => shown(handle),
            Self::Handle { handle, .. } => format!("{} or the code", shown(handle)),
        }
    }
}

const HIDDEN: &str = "set anew, never shown";

/// What the steps of a plan change, in their order. A step that only looks changes nothing.
pub fn changes(signup: &Signup, plan: &Plan) -> Vec<Change> {
    let mut stand = Stand::of(signup, plan);
    let mut all = Vec::new();
    for step in &plan.steps {
        let made = stand.take(*step);
        let differs = |(_, old, new): &(Place, Side, Side)| old != new;
        all.extend(made.into_iter().filter(differs).map(|(place, old, new)| Change {
            step: *step,
            place,
            old,
            new,
        }));
    }
    all
}

/// How things stand between two steps.
struct Stand<'a> {
    signup: &'a Signup,
    replaces: Option<&'a str>,
    /// The full handle that follows from the code, as far as the code is known.
    by_code: Side,
    did: Side,
    on_pds: Side,
    recorded_did: Side,
    recorded_handle: Side,
    /// The record has the password that opens the account, as far as is known.
    has_password: bool,
    /// A password that the record does not have yet.
    fresh_password: bool,
    /// The recorded password stands in an older field alone.
    older_password: bool,
    fallback: Option<&'a str>,
    /// The fallback is still that of the account's handle.
    keeps_fallback: bool,
    intent: bool,
}

impl<'a> Stand<'a> {
    fn of(signup: &'a Signup, plan: &'a Plan) -> Self {
        let replaces = plan.replaces.as_deref();
        let account = match replaces {
            Some(_) => signup.found.present(),
            None => signup.any_account(),
        };
        let record = signup.atproto();
        let text = |text: Option<&str>| text.map_or(Side::Nothing, |text| Side::Is(text.into()));
        let name = |name: Option<&str>| name.map_or(Side::Nothing, Side::handle);
        let fallback = record.and_then(|record| record.fallback.as_ref());
        // What stands in an older field alone is yet to be written where it belongs.
        let now = |is_older: fn(Older) -> bool| record.filter(|record| !is_older(record.older));
        Self {
            by_code: match signup.code_handle() {
                Some(handle) => Side::handle(&handle),
                None => Side::said("made of the code"),
            },
            did: text(account.map(|account| account.did.as_str())),
            on_pds: name(account.map(|account| account.handle.as_str())),
            recorded_did: text(now(|older| older.did).and_then(|record| record.did.as_deref())),
            recorded_handle: name(now(|older| older.handle).and_then(|record| record.handle.as_deref())),
            has_password: record.is_some_and(|record| record.has_password),
            fresh_password: false,
            older_password: record.is_some_and(|record| record.older.password),
            keeps_fallback: fallback.is_some_and(|fallback| stands_in(signup, account, &fallback.wanted)),
            fallback: fallback.map(|fallback| fallback.wanted.as_str()),
            intent: signup.intent.present().is_some(),
            signup,
            replaces,
        }
    }

    fn take(&mut self, step: Step) -> Vec<(Place, Side, Side)> {
        match step {
            Step::EnsureCodeIndex => vec![(
                Place::CodeIndex,
                Side::Unknown,
                Side::said("kept if unique, made if none is"),
            )],
            Step::CreateVerification => {
                let count = i64::from(self.signup.verified() == Some(true));
                vec![(
                    Place::VerificationCount,
                    Side::Nothing,
                    Side::Is(count.to_string()),
                )]
            }
            Step::SetVerificationCount => {
                let stands = self.signup.verification.present();
                let old = stands.map_or(Side::Nothing, |found| Side::Is(found.count.to_string()));
                vec![(Place::VerificationCount, old, Side::Is("1".into()))]
            }
            Step::CreateUser => {
                let made = (Place::UserRecord, Side::Nothing, Side::said("made"));
                vec![made, self.draw()]
            }
            Step::AssignCode => vec![self.draw()],
            Step::CreateAccount => self.create(),
            Step::AdoptAccount => {
                self.fresh_password = true;
                let new = match self.intent {
                    true => "the saved one, else set anew",
                    false if self.has_password && self.signup.did().is_none() => {
                        "the recorded one, else set anew"
                    }
                    false => HIDDEN,
                };
                vec![(Place::PdsPassword, Side::Unknown, Side::said(new))]
            }
            Step::ResetPassword => {
                self.fresh_password = true;
                let old = match self.signup.password_opens {
                    Observed::Present(false) => Side::said("not the recorded one"),
                    _ => Side::Unknown,
                };
                vec![(Place::PdsPassword, old, Side::said(HIDDEN))]
            }
            Step::SyncHandle => {
                self.keeps_fallback = false;
                let wanted = self.wanted();
                let old = std::mem::replace(&mut self.on_pds, wanted.clone());
                vec![(Place::PdsHandle, old, wanted)]
            }
            Step::RecordAccount => self.record(),
            Step::Verify | Step::RemoveRehearsal => Vec::new(),
        }
    }

    fn draw(&mut self) -> (Place, Side, Side) {
        let begin = begin_of_code(self.signup.created_at());
        let domain = self.signup.domain.as_deref();
        self.by_code = match domain {
            Some(domain) => Side::Said(format!("{begin}.{domain} (by the code)")),
            None => Side::said("made of the code"),
        };
        let drawn = Side::Said(format!("{begin}, to be drawn"));
        (Place::Code, Side::Nothing, drawn)
    }

    fn create(&mut self) -> Vec<(Place, Side, Side)> {
        let gone = self.replaces.map_or(Side::Nothing, |did| Side::Is(did.into()));
        self.did = Side::said("the DID from the PDS");
        self.on_pds = self.wanted();
        self.keeps_fallback = false;
        self.fresh_password = true;
        vec![
            (
                Place::PdsAccount,
                gone,
                Side::said("made, with a DID from the PDS"),
            ),
            (Place::PdsHandle, Side::Nothing, self.on_pds.clone()),
            (Place::PdsPassword, Side::Nothing, Side::said("set, never shown")),
        ]
    }

    fn record(&mut self) -> Vec<(Place, Side, Side)> {
        let did = std::mem::replace(&mut self.recorded_did, self.did.clone());
        let handle = std::mem::replace(&mut self.recorded_handle, self.on_pds.clone());
        // Case is no drift, but what the PDS has is what is written.
        let mut changes = vec![
            (Place::RecordedDid, did, self.recorded_did.clone()),
            (Place::RecordedHandle, handle, self.recorded_handle.clone()),
        ];
        let is_older = std::mem::take(&mut self.older_password);
        let stood = match self.has_password && !is_older {
            true => Side::said("an older one"),
            false => Side::Nothing,
        };
        let password = match (self.fresh_password, self.intent && self.has_password) {
            (true, _) => Some("set, never shown"),
            (false, true) => Some("whichever opens the account"),
            (false, false) => is_older.then_some("that of the older field"),
        };
        changes.extend(password.map(|new| (Place::RecordedPassword, stood, Side::said(new))));
        self.has_password |= std::mem::take(&mut self.fresh_password);
        if !self.keeps_fallback
            && let Some(wanted) = self.fallback.take()
        {
            changes.push((Place::RecordedFallback, Side::handle(wanted), Side::Nothing));
        }
        if std::mem::take(&mut self.intent) {
            changes.push((Place::Intent, Side::said("kept for this user"), Side::Nothing));
        }
        changes
    }

    /// The handle that is asked for.
    fn wanted(&self) -> Side {
        match (&self.signup.name, self.signup.domain.as_deref()) {
            (Observed::Present(name), Some(domain)) => {
                let handle = handle::full(name, domain);
                let is_code =
                    matches!(&self.by_code, Side::Handle { handle: code, .. } if handle::same(code, &handle));
                Side::Handle {
                    handle,
                    or_code: !is_code,
                }
            }
            _ => self.by_code.clone(),
        }
    }
}

/// Whether the account goes by the code, because the PDS refuses what is still wanted.
fn stands_in(signup: &Signup, account: Option<&Account>, refused: &str) -> bool {
    let same = |a: Option<String>, b: &str| a.is_some_and(|a| handle::same(&a, b));
    account.is_some_and(|account| same(signup.code_handle(), &account.handle))
        && same(signup.wanted_handle(), refused)
}

/// `ac26…`: what is known of a code before it is drawn.
pub fn begin_of_code(signed_up: Option<Timestamp>) -> String {
    match signed_up {
        Some(at) => format!("ac{:02}…", at.to_zoned(TimeZone::UTC).year().rem_euclid(100)),
        None => "ac…".into(),
    }
}

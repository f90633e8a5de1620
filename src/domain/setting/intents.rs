//! Intents of accounts that stand longer than any job lives: each has a password in it, which may be the only one of an
//! account that was made. None is ever removed by itself; whose it is and what became of the account decide what may be done.

use jiff::{SignedDuration, Timestamp};

use super::{Line, Mongo, Setting};
use crate::domain::text::{clean, span};

/// A job takes seconds, and an outage that it waits out some minutes: what is older, nobody is at work on.
pub const OLD: SignedDuration = SignedDuration::from_hours(1);
/// How many are looked into and named.
pub const NAMED: usize = 5;

/// Whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// A user whom a backfill mends.
    Living,
    Blocked,
    /// Named in the deletion collections.
    Leaving,
    /// Auth0 has no such user any more.
    Gone,
    Unknown,
}

/// What became of the account that it was written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Account {
    /// The PDS has none that was made with it, and none with its address that nobody has.
    Unmade,
    /// The PDS has one that no record names.
    Unrecorded,
    /// A record names one.
    Recorded,
    Unknown,
}

/// An intent that is old.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intent {
    pub key: String,
    /// When it was written, as far as it says so.
    pub at: Option<Timestamp>,
    pub owner: Owner,
    pub account: Account,
}

/// What may be done about one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    Backfill,
    Remove,
    KeepUnrecorded,
    KeepRecorded,
    LookAgain,
}

impl Intent {
    fn way(&self) -> Way {
        match (self.owner, self.account) {
            (Owner::Living, _) => Way::Backfill,
            (_, Account::Unrecorded) => Way::KeepUnrecorded,
            (Owner::Unknown, _) | (_, Account::Unknown) => Way::LookAgain,
            (_, Account::Recorded) => Way::KeepRecorded,
            (_, Account::Unmade) => Way::Remove,
        }
    }

    fn told(&self, now: Timestamp) -> String {
        let age = match self.at {
            Some(at) => span(now.duration_since(at).as_secs().max(0)),
            None => "age not known".into(),
        };
        let owner = match self.owner {
            Owner::Living => "a living user",
            Owner::Blocked => "blocked",
            Owner::Leaving => "to be deleted",
            Owner::Gone => "gone from Auth0",
            Owner::Unknown => "whose is not known",
        };
        let account = match self.account {
            Account::Unmade => "no account was made",
            Account::Unrecorded => "its account is not recorded",
            Account::Recorded => "an account is recorded",
            Account::Unknown => "whether an account was made is not known",
        };
        format!("{} ({age}; {owner}; {account})", clean(&self.key))
    }
}

impl Way {
    fn hint(self) -> &'static str {
        match self {
            Self::Backfill => "A backfill of a living user uses the intent, and drops it.",
            Self::Remove => {
                "Where no account was made nothing depends on it: remove the document from atriage-intents by hand."
            }
            Self::KeepUnrecorded => {
                "Where an account is not recorded, its password stands there alone: keep it until the account is recorded or removed."
            }
            Self::KeepRecorded => {
                "Where one is recorded, the password in the intent may be the one that opens it: keep it as long as somebody wants the account."
            }
            Self::LookAgain => {
                "Of whom not everything is known, remove nothing: look again when all services answer."
            }
        }
    }
}

/// `some`: the oldest, which were looked into; `more`: how many are old beside them.
pub fn judge(some: &[Intent], more: usize, now: Timestamp) -> Line {
    let setting = Setting::Mongo(Mongo::Intents);
    let count = some.len() + more;
    if count == 0 {
        return setting.ok("No intent of an account stands longer than a job lives.");
    }
    let told: Vec<String> = some.iter().map(|intent| intent.told(now)).collect();
    let more = match more {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    let stand = match count {
        1 => "1 intent of an account stands".into(),
        many => format!("{many} intents of accounts stand"),
    };
    let message = format!(
        "{stand} for more than an hour, with a password in it: {}{more}.",
        told.join(", ")
    );
    let mut ways: Vec<Way> = some.iter().map(Intent::way).collect();
    ways.sort_unstable();
    ways.dedup();
    let hints: Vec<&str> = ways.into_iter().map(Way::hint).collect();
    setting.warning(message, hints.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::check::CheckState;

    fn at(hours: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours)
    }

    fn intent(owner: Owner, account: Account) -> Intent {
        Intent {
            key: "auth0|1".into(),
            at: Some(at(0)),
            owner,
            account,
        }
    }

    /// Only where somebody who is left alone or gone surely has no account may it be removed.
    #[test]
    fn what_may_be_the_only_password_of_an_account_is_never_said_to_be_removed() {
        use Account::*;
        for (owner, account, way) in [
            (Owner::Living, Unmade, Way::Backfill),
            (Owner::Living, Unrecorded, Way::Backfill),
            (Owner::Living, Account::Unknown, Way::Backfill),
            (Owner::Blocked, Unmade, Way::Remove),
            (Owner::Leaving, Unmade, Way::Remove),
            (Owner::Gone, Unmade, Way::Remove),
            (Owner::Blocked, Unrecorded, Way::KeepUnrecorded),
            (Owner::Gone, Unrecorded, Way::KeepUnrecorded),
            (Owner::Unknown, Unrecorded, Way::KeepUnrecorded),
            (Owner::Gone, Recorded, Way::KeepRecorded),
            (Owner::Leaving, Recorded, Way::KeepRecorded),
            (Owner::Gone, Account::Unknown, Way::LookAgain),
            (Owner::Unknown, Unmade, Way::LookAgain),
            (Owner::Unknown, Recorded, Way::LookAgain),
        ] {
            let intent = intent(owner, account);
            assert_eq!(intent.way(), way, "{owner:?} {account:?}");
            let hint = judge(&[intent], 0, at(2)).check.hint;
            assert_eq!(hint.contains("remove the document"), way == Way::Remove, "{hint}");
        }
    }

    #[test]
    fn old_intents_are_told_with_their_age_and_the_way_out() {
        assert_eq!(judge(&[], 0, at(2)).check.state, CheckState::Ok);
        let nameless = Intent {
            key: "sotce-auth0|2\u{1b}".into(),
            at: None,
            ..intent(Owner::Blocked, Account::Unrecorded)
        };
        let all = [nameless, intent(Owner::Gone, Account::Unmade)];
        let check = judge(&all, 3, at(72)).check;
        assert_eq!(check.state, CheckState::Warning);
        assert_eq!(
            check.message,
            "5 intents of accounts stand for more than an hour, with a password in it: sotce-auth0|2\\u{1b} (age not known; \
             blocked; its account is not recorded), auth0|1 (3 days; gone from Auth0; no account was made), and 3 more."
        );
        assert_eq!(
            check.hint,
            format!("{} {}", Way::Remove.hint(), Way::KeepUnrecorded.hint())
        );
    }
}

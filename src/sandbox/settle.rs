//! Makes the people of a scenario real: Auth0 users, documents in the store, accounts on the PDS.

use jiff::{SignedDuration, Timestamp};
use rand::RngExt;
use rand::distr::Alphanumeric;
use serde_json::{Value, json};

use super::scenario::{AESTHETIC, Case, Person, SOTCE};
use super::{Account, AccountState, Auth0User, World};
use crate::domain::{code, handle};
use crate::services::Error;
use crate::services::store::{DELETIONS, EmbeddedStore, HANDLES, USERS, VERIFICATIONS};

const DOMAIN: &str = "at.aesthetic.computer";

/// Where people are settled.
#[derive(Clone)]
pub(super) struct Place {
    pub world: World,
    pub store: EmbeddedStore,
}

impl Place {
    /// Settles everybody of the scenario `incident`, and makes the unique index that production has.
    pub async fn settle(&self, now: Timestamp) -> Result<(), Error> {
        // Under the old name, which is what the site's code stumbles over.
        self.store.make_code_index("code_1").await?;
        for (tenant, prefix, people) in [("aesthetic", "", AESTHETIC), ("sotce", "sotce-", SOTCE)] {
            for (at, person) in people.iter().enumerate() {
                // The newest a minute ago, the older ones ever further apart: about two weeks in all.
                let at = i64::try_from(at).unwrap_or_default();
                let ago = SignedDuration::from_secs(70 + at * 290 + at * at * at * 17);
                let newcomer = Newcomer::new(tenant, prefix, *person, now - ago);
                if person.case != Case::Orphan {
                    newcomer.register(self);
                }
                newcomer.write(self)?;
            }
        }
        Ok(())
    }
}

/// One person on the way into the world.
pub(super) struct Newcomer {
    tenant: &'static str,
    pub sub: String,
    pub key: String,
    pub email: String,
    person: Person,
    at: Timestamp,
}

impl Newcomer {
    pub fn new(tenant: &'static str, prefix: &str, person: Person, at: Timestamp) -> Self {
        let sub = format!("auth0|{:024x}", rand::random::<u128>() >> 32);
        let key = format!("{prefix}{sub}");
        Self {
            tenant,
            key,
            sub,
            email: format!("{}@example.com", person.local),
            person,
            at,
        }
    }

    /// Auth0 has them from now on.
    pub fn register(&self, place: &Place) {
        let mut user = Auth0User::new(&self.sub, &self.email, self.at);
        user.email_verified = self.is_verified();
        user.blocked = self.person.case == Case::Blocked;
        place.world.add_user(self.tenant, user);
    }

    /// The second login of one person was never verified: the PDS would not take the address twice.
    fn is_verified(&self) -> bool {
        use Case as C;
        !matches!(
            self.person.case,
            C::Unverified | C::NoRecordUnverified | C::SameEmail
        )
    }

    /// What the store holds of them, and the account where there is one.
    pub fn write(&self, place: &Place) -> Result<(), Error> {
        use Case as C;
        let (case, verified) = (self.person.case, self.is_verified());
        if case != C::NoVerification {
            let count = i32::from(verified && case != C::CountZero);
            place
                .store
                .put(VERIFICATIONS, &self.key, &json!({"count": count}))?;
        }
        if let Some(name) = self.person.name {
            place.store.put(HANDLES, &self.key, &json!({"handle": name}))?;
        }
        if case == C::Deleting {
            place
                .store
                .put(DELETIONS, &self.key, &json!({"state": "scheduled"}))?;
        }
        if matches!(case, C::NoRecord | C::NoRecordUnverified) {
            return Ok(());
        }
        self.record(place, verified)
    }

    /// The users record, and the account where there is one.
    fn record(&self, place: &Place, verified: bool) -> Result<(), Error> {
        let year = self.at.to_zoned(jiff::tz::TimeZone::UTC).year();
        // Two draws of the same code: one in a hundred thousand; the index would refuse the second.
        let mut tries = (0..20).map(|_| code::draw(year, &mut rand::rng()));
        let code = loop {
            match tries.next() {
                Some(code) if self.is_taken(place, &code)? => {}
                code => break code.unwrap_or_default(),
            }
        };
        let mut doc = json!({"when": {"$date": format!("{:.3}", self.at)}});
        match self.person.case {
            Case::NoCode => {}
            Case::MalformedCode => doc["code"] = json!("AC-greta"),
            _ => doc["code"] = json!(code),
        }
        let accountless = [Case::NoAccount, Case::NoCode, Case::SameEmail].contains(&self.person.case);
        if verified && !accountless {
            let wanted = self
                .person
                .name
                .map_or_else(|| by_code(&code), |name| handle::full(name, DOMAIN));
            let atproto = self.account(place, &wanted, &by_code(&code));
            if self.person.case != Case::Unrecorded {
                doc["atproto"] = atproto;
            }
        }
        place.store.put(USERS, &self.key, &doc)
    }

    /// By a user, whatever their handle, or by an account that nobody has.
    fn is_taken(&self, place: &Place, code: &str) -> Result<bool, Error> {
        let accounts = place.world.accounts();
        let bears = accounts.iter().any(|account| account.handle.starts_with(code));
        Ok(bears || place.store.has_code(code)?)
    }

    /// Whether the PDS has an account with their e-mail.
    pub fn has_account(&self, place: &Place) -> bool {
        let accounts = place.world.accounts();
        let email = Some(self.email.as_str());
        accounts.iter().any(|account| account.email.as_deref() == email)
    }

    /// Makes the account and says what `users.atproto` is to hold.
    pub fn account(&self, place: &Place, wanted: &str, by_code: &str) -> Value {
        use Case as C;
        let case = self.person.case;
        let password = secret();
        let handle = if matches!(case, C::HandleDrift | C::Fallback) {
            by_code
        } else {
            wanted
        };
        let taken = self.has_account(place);
        let tagged = handle::tagged_email(&self.email, self.tenant).filter(|_| taken);
        let email = tagged.unwrap_or_else(|| self.email.clone());
        let opens_with = if case == C::WrongPassword {
            secret()
        } else {
            password.clone()
        };
        let state = match case {
            C::TakenDown => AccountState::Takendown,
            C::Deactivated => AccountState::Deactivated,
            C::Broken => AccountState::NoRepo,
            _ => AccountState::Active,
        };
        let made_at = (self.at + SignedDuration::from_secs(40)).min(Timestamp::now());
        let did = place
            .world
            .add_account(Account::new(handle, &email, &opens_with, made_at).in_state(state));
        match case {
            C::Elsewhere => place.world.move_did(&did, "https://pds.example.com"),
            C::Tombstoned => place.world.tombstone(&did),
            C::Unresolvable => place.world.forget_did(&did),
            C::Gone => place.world.forget_account(&did),
            _ => {}
        }
        let recorded = if case == C::RecordDrift { by_code } else { handle };
        let mut atproto = json!({"did": did, "handle": recorded, "createdAt": format!("{made_at:.3}")});
        if case != C::NoPassword {
            atproto["password"] = json!(password);
        }
        if case == C::Fallback {
            let at = format!("{made_at:.3}");
            atproto["handleFallback"] = json!({"wanted": wanted, "reason": "Handle too short", "at": at});
        }
        atproto
    }
}

/// The handle of who chose none.
pub(super) fn by_code(code: &str) -> String {
    handle::full(code, DOMAIN)
}

fn secret() -> String {
    rand::rng()
        .sample_iter(Alphanumeric)
        .take(32)
        .map(char::from)
        .collect()
}

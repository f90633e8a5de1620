//! Makes the people of a scenario real: Auth0 users, documents in the store, accounts on the PDS; and lets new ones
//! sign up while the sandbox runs.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rand::RngExt;
use rand::distr::Alphanumeric;
use serde_json::{Value, json};

use super::scenario::{AESTHETIC, ARRIVALS, Case, Person, SOTCE};
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
                Newcomer::new(tenant, prefix, person, now - ago).settle(self)?;
            }
        }
        Ok(())
    }

    /// Lets somebody sign up every `pause`, and verify half a pause later. The pipeline is still broken: nobody gets a
    /// users record.
    pub async fn go_on(self, pause: Duration) {
        for (round, local) in ARRIVALS.iter().cycle().enumerate() {
            tokio::time::sleep(pause).await;
            let person = Person {
                local,
                name: None,
                case: Case::NoRecordUnverified,
            };
            let mut newcomer = Newcomer::new("aesthetic", "", &person, Timestamp::now());
            if round >= ARRIVALS.len() {
                newcomer.email = format!("{local}{}@example.com", round / ARRIVALS.len());
            }
            // The store is gone when the sandbox ends; there is nobody to tell.
            if newcomer.settle(&self).is_err() {
                return;
            }
            tokio::time::sleep(pause / 2).await;
            self.world
                .change_user("aesthetic", &newcomer.sub, |user| user.email_verified = true);
            if self
                .store
                .put(VERIFICATIONS, &newcomer.key, &json!({"count": 1}))
                .is_err()
            {
                return;
            }
        }
    }
}

/// One person on the way into the world.
struct Newcomer<'a> {
    tenant: &'static str,
    sub: String,
    key: String,
    email: String,
    person: &'a Person,
    at: Timestamp,
}

impl<'a> Newcomer<'a> {
    fn new(tenant: &'static str, prefix: &str, person: &'a Person, at: Timestamp) -> Self {
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

    fn settle(&self, place: &Place) -> Result<(), Error> {
        use Case as C;
        let case = self.person.case;
        // The second login of one person was never verified: the PDS would not take the address twice.
        let verified = !matches!(case, C::Unverified | C::NoRecordUnverified | C::SameEmail);
        if case != C::Orphan {
            let mut user = Auth0User::new(&self.sub, &self.email, self.at);
            user.email_verified = verified;
            user.blocked = case == C::Blocked;
            place.world.add_user(self.tenant, user);
        }
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
        let code = tries.find(|code| !self.is_taken(place, code)).unwrap_or_default();
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
                .map_or_else(|| handle::full(&code, DOMAIN), |name| handle::full(name, DOMAIN));
            let atproto = self.account(place, &wanted, &handle::full(&code, DOMAIN));
            if self.person.case != Case::Unrecorded {
                doc["atproto"] = atproto;
            }
        }
        place.store.put(USERS, &self.key, &doc)
    }

    fn is_taken(&self, place: &Place, code: &str) -> bool {
        place
            .world
            .accounts()
            .iter()
            .any(|account| account.handle.starts_with(code))
    }

    /// Makes the account and says what `users.atproto` is to hold.
    fn account(&self, place: &Place, wanted: &str, by_code: &str) -> Value {
        use Case as C;
        let case = self.person.case;
        let password = secret();
        let handle = if matches!(case, C::HandleDrift | C::Fallback) {
            by_code
        } else {
            wanted
        };
        let taken = place
            .world
            .accounts()
            .iter()
            .any(|account| account.email.as_deref() == Some(self.email.as_str()));
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
        let made_at = self.at + SignedDuration::from_secs(40);
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

fn secret() -> String {
    rand::rng()
        .sample_iter(Alphanumeric)
        .take(32)
        .map(char::from)
        .collect()
}

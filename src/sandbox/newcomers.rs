//! Who signs up while the sandbox runs. What becomes of them is what the site's own code would have made of it: it never
//! gets further than what is broken, and says nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;
use tokio::sync::Mutex;

use super::scenario::{ARRIVALS, Case, Person};
use super::settle::{Newcomer, Place, by_code};
use crate::domain::practice::Practice;
use crate::services::Error;
use crate::services::store::{USERS, VERIFICATIONS};

/// The queue of those who come; clones share it.
#[derive(Clone)]
pub(super) struct Newcomers {
    place: Place,
    on: Arc<Mutex<Vec<Practice>>>,
    /// How many came so far.
    count: Arc<AtomicUsize>,
}

impl Newcomers {
    pub fn new(place: Place, on: Arc<Mutex<Vec<Practice>>>) -> Self {
        Self {
            place,
            on,
            count: Arc::default(),
        }
    }

    /// Lets somebody sign up every `pause`, and verify half a pause later.
    pub async fn go_on(self, pause: Duration) {
        loop {
            tokio::time::sleep(pause).await;
            let newcomer = {
                let mut on = self.on.lock().await;
                self.notice_a_mended_index(&mut on).await;
                self.sign_up(&on).await
            };
            tokio::time::sleep(pause / 2).await;
            let on = self.on.lock().await;
            // What the site cannot write is not written: that is what people practise on.
            self.verify(&newcomer, &on).ok();
        }
    }

    /// Lets so many sign up and verify at once.
    pub async fn crowd(&self, size: usize, on: &[Practice]) {
        for _ in 0..size {
            let newcomer = self.sign_up(on).await;
            self.verify(&newcomer, on).ok();
        }
    }

    /// Somebody may have mended the index by other means than the palette: then it is no practice any more.
    pub async fn notice_a_mended_index(&self, on: &mut Vec<Practice>) {
        if on.contains(&Practice::BreakIndex) && self.place.has_conflict().await.is_ok_and(|found| !found) {
            on.retain(|practice| *practice != Practice::BreakIndex);
        }
    }

    /// Auth0 has them in any case. Where the index is in the way, `verifications` is written and `users` is not.
    async fn sign_up(&self, on: &[Practice]) -> Newcomer {
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        let breaks = self.place.has_conflict().await.unwrap_or(true);
        let case = if breaks {
            Case::NoRecordUnverified
        } else {
            Case::Unverified
        };
        let (local, round) = (ARRIVALS[count % ARRIVALS.len()], count / ARRIVALS.len());
        let person = Person {
            local,
            name: None,
            case,
        };
        let mut newcomer = Newcomer::new("aesthetic", "", person, Timestamp::now());
        if round > 0 {
            newcomer.email = format!("{local}{round}@example.com");
        }
        newcomer.register(&self.place);
        if !on.contains(&Practice::BreakMongo) {
            newcomer.write(&self.place).ok();
        }
        newcomer
    }

    /// They click the link. Who has a users record gets an account, unless the PDS is in the way.
    fn verify(&self, newcomer: &Newcomer, on: &[Practice]) -> Result<(), Error> {
        let Place { world, store } = &self.place;
        world.change_user("aesthetic", &newcomer.sub, |user| user.email_verified = true);
        if on.contains(&Practice::BreakMongo) {
            return Ok(());
        }
        store.put(VERIFICATIONS, &newcomer.key, &json!({"count": 1}))?;
        let Some(mut user) = store.get(USERS, &newcomer.key)? else {
            return Ok(());
        };
        // Somebody may have mended them meanwhile.
        if newcomer.has_account(&self.place) || stops_accounts(on) {
            return Ok(());
        }
        let handle = by_code(user["code"].as_str().unwrap_or_default());
        user["atproto"] = newcomer.account(&self.place, &handle, &handle);
        if on.contains(&Practice::LoseAnswers) {
            return Ok(());
        }
        store.put(USERS, &newcomer.key, &user)
    }
}

fn stops_accounts(on: &[Practice]) -> bool {
    on.contains(&Practice::BreakPds) || on.contains(&Practice::LimitPds)
}

//! What people practise on: how each practice is switched on while the sandbox runs, and all of them off again. Their words
//! stand in `domain/practice.rs`.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;

use super::faults::{Fault, Service};
use super::newcomers::Newcomers;
use super::settle::Place;
use crate::domain::code_index::{Wanted, conflict};
use crate::domain::practice::{LESSONS, Practice};
use crate::services::Error;
use crate::services::store::Upkeep;

/// The name that the index had in October 2025.
const OLD_NAME: &str = "code_1";
/// How many sign up at once when signups begin to break: enough to be no coincidence.
const BURST: usize = 4;
/// How long a slow answer takes.
const SLOW: Duration = Duration::from_secs(4);
/// In how long a used-up budget says to be free again: long enough to be seen counting down, short enough to be waited for.
const WINDOW: Duration = Duration::from_secs(10);

/// The switches of a running sandbox; clones share them.
#[derive(Clone)]
pub struct Practices {
    place: Place,
    newcomers: Newcomers,
    /// What is on. Held while something is switched, so that two switches never cross.
    on: Arc<Mutex<Vec<Practice>>>,
}

/// What calls meet while this is practised; `None` where it is not the wire that is broken.
fn at_the_wire(practice: Practice) -> Option<(Service, &'static str, Fault)> {
    match practice {
        Practice::BreakPds => Some((Service::Pds, "", Fault::Down)),
        Practice::LimitPds => Some((Service::Pds, "", Fault::Limited(WINDOW))),
        Practice::LoseAnswers => Some((Service::Pds, "server.createAccount", Fault::LostAnswer)),
        Practice::LimitAuth0 => Some((Service::Auth0, "/api/v2/", Fault::Limited(WINDOW))),
        Practice::SlowAuth0 => Some((Service::Auth0, "/api/v2/", Fault::Slow(SLOW))),
        Practice::BreakIndex | Practice::BreakMongo | Practice::Mend => None,
    }
}

impl Practices {
    pub(super) fn new(place: Place) -> Self {
        let on = Arc::default();
        Self {
            newcomers: Newcomers::new(place.clone(), Arc::clone(&on)),
            place,
            on,
        }
    }

    pub(super) fn newcomers(&self) -> Newcomers {
        self.newcomers.clone()
    }

    /// What is broken on purpose right now, in the order of the palette. Whoever mends the index ends that practice.
    pub async fn on(&self) -> Vec<Practice> {
        let mut on = self.on.lock().await;
        self.newcomers.notice_a_mended_index(&mut on).await;
        let lessons = LESSONS.iter().map(|lesson| lesson.practice);
        lessons.filter(|practice| on.contains(practice)).collect()
    }

    /// Breaks one thing more, or ends everything that is broken. Once more changes nothing, but that more people sign up
    /// where signups break.
    ///
    /// # Errors
    /// The store's own, where the index cannot be changed: then nothing is switched.
    pub async fn carry_out(&self, practice: Practice) -> Result<(), Error> {
        let mut on = self.on.lock().await;
        let mut wanted = on.clone();
        match practice {
            Practice::Mend => wanted.clear(),
            _ if wanted.contains(&practice) => {}
            _ => wanted.push(practice),
        }
        let store = &self.place.store;
        // The site's MongoDB is changed by hand, whoever can reach it.
        match practice {
            Practice::Mend => store.leave_one_code_index(Wanted::Good.name())?,
            Practice::BreakIndex => store.leave_one_code_index(OLD_NAME)?,
            _ => {}
        }
        store.set_out(wanted.contains(&Practice::BreakMongo))?;
        self.set_faults(&wanted);
        *on = wanted;
        if practice == Practice::BreakIndex {
            self.newcomers.crowd(BURST, &on).await;
        }
        Ok(())
    }

    /// Gives somebody this code, whoever else has it.
    #[cfg(test)]
    pub(super) fn give_code(&self, key: &str, code: &str) -> Result<(), Error> {
        let document = serde_json::json!({"code": code});
        self.place
            .store
            .put(crate::services::store::USERS, key, &document)
    }

    fn set_faults(&self, on: &[Practice]) {
        let world = &self.place.world;
        for service in [Service::Auth0, Service::Pds] {
            world.set_fault(service, Fault::None);
        }
        // The first rule that fits decides, and a new one comes first: what is down is not limited as well.
        for lesson in LESSONS
            .iter()
            .rev()
            .filter(|lesson| on.contains(&lesson.practice))
        {
            if let Some((service, path, fault)) = at_the_wire(lesson.practice) {
                world.set_fault_on(service, path, fault, None);
            }
        }
    }
}

impl Place {
    /// Whether the site's own code stumbles over the index.
    pub(super) async fn has_conflict(&self) -> Result<bool, Error> {
        let indexes = self.store.code_indexes().await?;
        Ok(conflict(&indexes).is_some())
    }
}

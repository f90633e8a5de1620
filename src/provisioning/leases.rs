//! The leases that this process holds: taken before a user is worked on, prolonged while the work lasts, and looked at
//! before each step, so that a process that slept too long stops instead of working beside its successor.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use crate::services::Error;
use crate::services::owner::Owner;
use crate::services::store::Store;
use crate::services::store::journal::Lease;

/// How long a lease holds without being prolonged. Whoever dies on another machine keeps others waiting this long.
pub const LIFE: Duration = Duration::from_secs(30);
/// How often they are prolonged.
pub const RENEWAL: Duration = Duration::from_secs(8);
/// What is left of a lease when nothing new is begun under it any more.
const MARGIN: Duration = Duration::from_secs(5);

pub struct Leases {
    store: Arc<dyn Store>,
    owner: Arc<Owner>,
    /// Until when each surely holds, as time since the machine started.
    held: Mutex<HashMap<String, Duration>>,
}

impl Leases {
    pub fn new(store: Arc<dyn Store>, owner: Arc<Owner>) -> Self {
        Self {
            store,
            owner,
            held: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Duration>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a lease, where nobody who lives holds it; `Err` names who does.
    pub async fn take(&self, name: &str) -> Result<Result<(), String>, Error> {
        // From before the question on: the store counts from a later moment.
        let asked = since_start();
        let mut lease = self.store.lease(name, &self.owner.id, LIFE, None).await?;
        if let Lease::Theirs { owner, .. } = &lease
            && self.owner.is_dead(owner)
        {
            let dead = owner.clone();
            lease = self.store.lease(name, &self.owner.id, LIFE, Some(&dead)).await?;
        }
        Ok(match lease {
            Lease::Ours => {
                self.lock().insert(name.to_string(), asked + LIFE);
                Ok(())
            }
            Lease::Theirs { owner, .. } => Err(owner),
        })
    }

    /// Whether a lease holds for long enough that a step may begin.
    pub fn holds(&self, name: &str) -> bool {
        self.lock()
            .get(name)
            .is_some_and(|until| *until > since_start() + MARGIN)
    }

    /// Prolongs all of them. Those that somebody else has taken meanwhile are ours no more.
    pub async fn renew(&self) -> Result<(), Error> {
        let asked = since_start();
        let kept = self.store.renew(&self.owner.id, LIFE).await?;
        let mut held = self.lock();
        for (name, until) in held.iter_mut() {
            // One that was taken after the question is not in the answer, and needs no prolonging.
            let fresh = *until > asked + LIFE;
            if kept.contains(name) {
                *until = asked + LIFE;
            } else if !fresh {
                *until = asked;
            }
        }
        Ok(())
    }

    /// Does something that may outlast a lease, and prolongs all of ours meanwhile.
    pub async fn kept_during<T>(&self, work: impl Future<Output = T>) -> T {
        let mut work = std::pin::pin!(work);
        loop {
            tokio::select! {
                done = &mut work => return done,
                // Where they cannot be prolonged they run out, which shows at the first step.
                () = tokio::time::sleep(RENEWAL) => drop(self.renew().await),
            }
        }
    }

    /// Gives one back. Where the store cannot be told, the lease runs out by itself.
    pub async fn release(&self, name: &str) {
        self.lock().remove(name);
        self.store.release(name, &self.owner.id).await.ok();
    }
}

/// How long the machine has been running, its sleep included: `Instant` stands still while it sleeps, and whoever wakes
/// has to know that their leases are over.
fn since_start() -> Duration {
    // Elsewhere the steady clock goes on in sleep by itself, or nothing better is known.
    #[cfg(target_os = "linux")]
    const CLOCK: ClockId = ClockId::Boottime;
    #[cfg(not(target_os = "linux"))]
    const CLOCK: ClockId = ClockId::Monotonic;
    let now = clock_gettime(CLOCK);
    let seconds = u64::try_from(now.tv_sec).unwrap_or_default();
    Duration::new(seconds, u32::try_from(now.tv_nsec).unwrap_or_default())
}

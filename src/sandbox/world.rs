//! The state that the simulated servers share, how a test breaks them and what it learns of the
//! calls they had. How the state is filled lives in `seeding.rs`. No HTTP.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::auth0::Tenant;
use super::faults::{Fault, Faults, Service};
use super::pds::Accounts;
use super::plc::directory::Directory;

/// The request log keeps this many entries; older ones fall out.
const CALLS_KEPT: usize = 10_000;

/// The handle domain of the simulated PDS.
const HANDLE_DOMAIN: &str = ".at.aesthetic.computer";

/// Everything that the simulated services know, shared by all of them: a clone is the same world.
#[derive(Clone)]
pub struct World(Arc<Mutex<State>>);

pub(super) struct State {
    pub tenants: Vec<Tenant>,
    pub pds: Accounts,
    pub plc: Directory,
    faults: Faults,
    calls: VecDeque<String>,
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

impl World {
    /// An empty world with the tenants `aesthetic` and `sotce` and a PDS for
    /// `*.at.aesthetic.computer`. Its credentials are drawn afresh.
    pub fn new() -> Self {
        let state = State {
            tenants: vec![Tenant::new("aesthetic"), Tenant::new("sotce")],
            pds: Accounts::new(HANDLE_DOMAIN),
            plc: Directory::default(),
            faults: Faults::default(),
            calls: VecDeque::new(),
        };
        Self(Arc::new(Mutex::new(state)))
    }

    /// The state, for one step: the guard must not live across an await.
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        // A panic in one request leaves at worst that request's step half done; the others go on.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Faults and the request log.
impl World {
    /// Every request to `service` meets this from now on; it replaces all of its earlier faults.
    pub fn set_fault(&self, service: Service, fault: Fault) {
        self.lock().faults.set(service, fault);
    }

    /// The next `times` requests whose path contains `path_part` meet this, before other faults.
    /// `None`: until `set_fault`.
    pub fn set_fault_on(&self, service: Service, path_part: &str, fault: Fault, times: Option<u32>) {
        self.lock().faults.add(service, path_part, fault, times);
    }

    /// The requests so far, oldest first, as `METHOD path` without the query; at most the newest
    /// 10,000. Operations that the PDS sends to PLC are among them as `POST /did:plc:…`.
    pub fn calls(&self) -> Vec<String> {
        self.lock().calls.iter().cloned().collect()
    }

    /// How many requests contain this text.
    pub fn calls_to(&self, part: &str) -> usize {
        let state = self.lock();
        state.calls.iter().filter(|call| call.contains(part)).count()
    }

    /// Empties the request log.
    pub fn clear_calls(&self) {
        self.lock().calls.clear();
    }

    pub(super) fn note(&self, call: String) {
        let mut state = self.lock();
        if state.calls.len() == CALLS_KEPT {
            state.calls.pop_front();
        }
        state.calls.push_back(call);
    }

    pub(super) fn strike(&self, service: Service, path: &str) -> Fault {
        self.lock().faults.strike(service, path)
    }
}

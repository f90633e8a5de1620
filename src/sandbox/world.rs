//! The state that the simulated servers share, and how a scenario or a test fills it, breaks it and
//! looks at what was called. No HTTP.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde_json::Value;

use super::auth0::{Auth0User, RateBudget, Tenant};
use super::faults::{Fault, Faults, Service};
use super::pds::{Account, AccountState, Accounts};
use super::plc::directory::{Directory, Home};

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

    fn tenant<T>(&self, name: &str, change: impl FnOnce(&mut Tenant) -> T) -> T {
        let mut state = self.lock();
        let tenant = state.tenants.iter_mut().find(|tenant| tenant.name == name);
        match tenant {
            Some(tenant) => change(tenant),
            // The world's own seeding names a tenant that nobody added: a slip in a test.
            None => panic!("the sandbox has no tenant {name:?}"),
        }
    }
}

/// Auth0. A tenant that does not exist is a slip of the caller, and panics.
impl World {
    /// Adds another tenant. Before `start`: each tenant gets a server of its own.
    pub fn add_tenant(&self, name: &str) {
        self.lock().tenants.push(Tenant::new(name));
    }

    /// Adds a user, or replaces the one with the same `user_id`.
    pub fn add_user(&self, tenant: &str, user: Auth0User) {
        self.tenant(tenant, |t| t.users.insert(user.user_id.clone(), user));
    }

    /// Removes a user from everywhere; returns it.
    pub fn remove_user(&self, tenant: &str, user_id: &str) -> Option<Auth0User> {
        self.tenant(tenant, |t| t.users.remove(user_id))
    }

    /// Changes a user in place; false if there is no such user.
    pub fn change_user(&self, tenant: &str, user_id: &str, change: impl FnOnce(&mut Auth0User)) -> bool {
        self.tenant(tenant, |t| t.users.get_mut(user_id).map(change).is_some())
    }

    /// Makes the search index lag: the user exists by id and by e-mail, but no query finds it.
    pub fn hide_from_search(&self, tenant: &str, user_id: &str, hidden: bool) {
        self.tenant(tenant, |t| match hidden {
            true => t.unindexed.insert(user_id.to_owned()),
            false => t.unindexed.remove(user_id),
        });
    }

    /// What the tenant's client may do; tokens that were handed out keep their scopes.
    pub fn set_scopes(&self, tenant: &str, scopes: &[&str]) {
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        self.tenant(tenant, |t| t.scopes = scopes);
    }

    /// The tenant's Management API limit, full again.
    pub fn set_rate(&self, tenant: &str, budget: RateBudget) {
        self.tenant(tenant, |t| t.set_rate(budget));
    }

    /// What `GET /api/v2/log-streams` lists, in Auth0's shape.
    pub fn set_log_streams(&self, tenant: &str, streams: Vec<Value>) {
        self.tenant(tenant, |t| t.log_streams = streams);
    }

    /// Appends a log event in Auth0's shape; `log_id` must grow, `date` and `type` are searched.
    pub fn add_log(&self, tenant: &str, event: Value) {
        self.tenant(tenant, |t| t.logs.push(event));
    }

    /// Forgets every token, as if all had expired.
    pub fn expire_tokens(&self, tenant: &str) {
        self.tenant(tenant, |t| t.tokens.clear());
    }
}

/// The PDS and the PLC directory. A DID that nobody knows is left alone.
impl World {
    /// Adds an account with its PLC document; returns its DID. An invite that it names is recorded
    /// as used by it.
    pub fn add_account(&self, account: Account) -> String {
        let mut state = self.lock();
        let did = account.did.clone();
        state.plc.register(&did, &account.handle, account.created_at);
        if let Some(code) = &account.invite {
            state.pds.record_invite(code, &did, account.created_at);
        }
        state.pds.accounts.insert(did.clone(), account);
        did
    }

    /// The account as it is now, for a test to look at.
    pub fn account(&self, did: &str) -> Option<Account> {
        self.lock().pds.accounts.get(did).cloned()
    }

    /// Every account, by DID.
    pub fn accounts(&self) -> Vec<Account> {
        self.lock().pds.accounts.values().cloned().collect()
    }

    /// Changes an account in place without a PLC operation, so that drift can be made; false if
    /// there is none.
    pub fn change_account(&self, did: &str, change: impl FnOnce(&mut Account)) -> bool {
        self.lock().pds.accounts.get_mut(did).map(change).is_some()
    }

    /// Takes down, deactivates, breaks or restores an account.
    pub fn set_account_state(&self, did: &str, state: AccountState) {
        self.change_account(did, |account| account.set_state(state));
    }

    /// The PDS forgets the account; PLC keeps its document.
    pub fn forget_account(&self, did: &str) {
        self.lock().pds.accounts.remove(did);
    }

    /// The next `createAccount` fails with a 500 after its account was written: a ghost remains.
    pub fn break_next_account(&self) {
        self.lock().pds.break_next_account = true;
    }

    /// Turns the PDS's limiter on or off; its counters stay.
    pub fn limit_pds(&self, enabled: bool) {
        self.lock().pds.limiter.enabled = enabled;
    }

    /// The DID's document names another PDS from now on; the sandbox's one keeps its account and
    /// its right to sign.
    pub fn move_did(&self, did: &str, endpoint: &str) {
        self.lock().plc.move_to(did, Home::Elsewhere(endpoint.to_owned()));
    }

    /// The handle in the DID's document changes, the PDS's does not.
    pub fn set_plc_handle(&self, did: &str, handle: &str) {
        self.lock().plc.set_handle(did, handle);
    }

    /// Retires the DID.
    pub fn tombstone(&self, did: &str) {
        self.lock().plc.tombstone(did);
    }

    /// The PLC directory never heard of the DID.
    pub fn forget_did(&self, did: &str) {
        self.lock().plc.forget(did);
    }

    /// The DIDs that the directory knows, tombstoned ones too: what is left of failed creations.
    pub fn known_dids(&self) -> Vec<String> {
        self.lock().plc.dids()
    }

    /// Mints an invite with this many uses.
    pub fn add_invite(&self, uses: i64) -> String {
        self.lock().pds.mint_invite(uses, "admin")
    }

    /// Who used this invite, oldest first.
    pub fn invite_uses(&self, code: &str) -> Vec<(String, Timestamp)> {
        let state = self.lock();
        let invite = state.pds.invites.get(code);
        invite.map(|invite| invite.uses.clone()).unwrap_or_default()
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

//! How a scenario or a test fills the world and changes it behind the services' backs, and how it
//! looks at what they made of it.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::auth0::{Auth0User, RateBudget, Tenant};
use super::pds::{Account, AccountState};
use super::plc::directory::Home;
use super::world::World;

/// Auth0. A tenant that does not exist is a slip of the caller, and panics.
impl World {
    fn tenant<T>(&self, name: &str, change: impl FnOnce(&mut Tenant) -> T) -> T {
        let mut state = self.lock();
        let tenant = state.tenants.iter_mut().find(|tenant| tenant.name == name);
        match tenant {
            Some(tenant) => change(tenant),
            // The world's own seeding names a tenant that nobody added: a slip in a test.
            None => panic!("the sandbox has no tenant {name:?}"),
        }
    }

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

    /// The tenant's clock is so far ahead of this machine's; its answers' `Date` says so.
    pub fn set_clock(&self, tenant: &str, ahead: SignedDuration) {
        self.tenant(tenant, |t| t.ahead = ahead);
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

//! The sandbox without anybody new, and within reach of the test: its world can be looked at and broken, and what the
//! dashboard keeps on its machine stays there from one start to the next.

use std::time::Duration;

use atriage::sandbox::{Auth0User, Sandbox, World};
use atriage::services::store::EmbeddedStore;
use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;

use super::command::ATRIAGE;
use super::runtime;
use super::terminal::Terminal;

/// The sandbox's 41 signups of `aesthetic` and 15 of `sotce`. Dropped, it is gone.
pub struct Quiet {
    sandbox: Sandbox,
    /// Its records.
    pub store: EmbeddedStore,
    home: TempDir,
}

impl Quiet {
    pub fn new() -> Self {
        Self::with("")
    }

    /// With this `config.toml`.
    pub fn with(config: &str) -> Self {
        let sandbox = runtime().block_on(Sandbox::quiet(Duration::from_secs(10)));
        let sandbox = sandbox.expect("loopback has free ports");
        let store = EmbeddedStore::open(&sandbox.folder().join("store.sqlite")).expect("the sandbox made it");
        let home = tempfile::tempdir().expect("the machine has a temporary folder");
        let quiet = Self { sandbox, store, home };
        quiet.configure(config);
        quiet
    }

    /// From the next start on.
    pub fn configure(&self, config: &str) {
        std::fs::write(self.home.path().join("config.toml"), config).expect("the folder is ours");
    }

    pub fn world(&self) -> &World {
        self.sandbox.world()
    }

    /// Somebody of `aesthetic` signed up so long ago, verified their e-mail, and has no record; returns the sub.
    pub fn sign_up(&self, email: &str, ago: SignedDuration) -> String {
        let sub = format!("auth0|{:024x}", rand::random::<u128>() >> 32);
        let mut user = Auth0User::new(&sub, email, Timestamp::now() - ago);
        user.email_verified = true;
        self.world().add_user("aesthetic", user);
        sub
    }

    /// The dashboard.
    pub fn open(&self, cols: u16, rows: u16) -> Terminal {
        self.run(ATRIAGE, &[], &[], cols, rows)
    }

    /// Another program in a terminal that knows this sandbox, or the dashboard with more variables.
    pub fn run(
        &self,
        program: &str,
        args: &[&str],
        more: &[(&'static str, &str)],
        cols: u16,
        rows: u16,
    ) -> Terminal {
        let variables = self.variables();
        let variables = variables.iter().map(|(name, value)| (*name, value.as_str()));
        let variables: Vec<(&str, &str)> = variables.chain(more.iter().copied()).collect();
        Terminal::spawn(program, args, &variables, cols, rows)
    }

    /// What points a program at it.
    fn variables(&self) -> Vec<(&'static str, String)> {
        let mut variables = self.sandbox.variables().to_vec();
        let config = self.home.path().join("config.toml").display().to_string();
        variables.push(("ATRIAGE_CONFIG", config));
        variables
    }
}

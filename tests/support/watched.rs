//! A town that is watched: signups of just now, and a webhook that writes down which alerts it took.

use atriage::sandbox::Auth0User;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::command::Outcome;
use super::schemas;
use super::tap::{Fault, Tap};
use super::town::Town;

/// The part of the webhook's address that lets somebody write there.
pub const DOOR: &str = "/hook/s3cr3t-p4th?token=s3cr3t-qu3ry";
/// Between the looks of a test that watches on.
pub const OFTEN: &str = "200ms";

/// A town with a webhook that takes everything.
pub struct Watched {
    pub town: Town,
    pub hook: Tap,
}

impl Watched {
    pub fn new() -> Self {
        let town = Town::new();
        town.old_index();
        for secret in ["s3cr3t-p4th", "s3cr3t-qu3ry"] {
            town.secrets.add(secret, "the address of the webhook");
        }
        let hook = Tap::start("http://127.0.0.1:1");
        hook.always("", Fault::answer(200, json!("ok")));
        Self { town, hook }
    }

    pub fn address(&self) -> String {
        format!("{}{DOOR}", self.hook.url)
    }

    /// Somebody signed up so many seconds ago; returns the sub.
    pub fn arrive(&self, local: &str, seconds: i64, verified: bool) -> String {
        let sub = format!("auth0|{:024x}", rand::random::<u128>() >> 32);
        let at = Timestamp::now() - SignedDuration::from_secs(seconds);
        let mut user = Auth0User::new(&sub, &self.town.email(local), at);
        user.email_verified = verified;
        self.town.world.add_user("aesthetic", user);
        sub
    }

    /// What the webhook of the site writes while it works, but for the account.
    pub fn record(&self, sub: &str, count: i32) {
        self.town.verification(sub, count);
        let code = super::codes::fresh();
        self.town.user(sub, &code);
    }

    /// One look, as from cron.
    pub fn once(&self, more: &[&str]) -> Outcome {
        let args = [&["watch", "--once", "--timeout", "3"], more].concat();
        self.town
            .run_with(&args, &[("ATRIAGE_ALERT_WEBHOOK", &self.address())])
    }

    /// The alerts that the webhook took, oldest first.
    pub fn alerts(&self) -> Vec<Value> {
        let calls = self.hook.log();
        let taken = calls.iter().filter(|call| call.status == Some(200));
        taken
            .map(|call| {
                let alert = serde_json::from_str(&call.body).expect("JSON");
                schemas::fit(&alert, "alert").expect("it is as its schema says");
                alert
            })
            .collect()
    }

    /// The same, as `state fingerprint affected`.
    pub fn told(&self) -> Vec<String> {
        let word = |value: &Value| value.as_str().unwrap_or_default().to_string();
        self.alerts()
            .iter()
            .map(|alert| {
                format!(
                    "{} {} {}",
                    word(&alert["state"]),
                    word(&alert["fingerprint"]),
                    alert["affected"]
                )
            })
            .collect()
    }
}

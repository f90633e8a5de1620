//! A user as Auth0 keeps it, and its JSON. Searching among users lives in `search.rs`.

use jiff::Timestamp;
use serde_json::{Value, json};

/// An Auth0 user. Times are shown with milliseconds, as Auth0 does.
#[derive(Debug, Clone)]
pub struct Auth0User {
    /// `provider|id`, as in `auth0|65f0c0ffee`.
    pub user_id: String,
    /// Lower case for database users; some social users have none.
    pub email: Option<String>,
    /// Whether the verification link was used, or the provider vouches for the address.
    pub email_verified: bool,
    /// When the user signed up.
    pub created_at: Timestamp,
    /// When the record last changed.
    pub updated_at: Timestamp,
    /// `None`: never logged in, and the field is absent.
    pub last_login: Option<Timestamp>,
    /// How often the user logged in; absent from the JSON while it is 0.
    pub logins_count: u64,
    /// Blocked by an administrator.
    pub blocked: bool,
    /// Further identities, each `provider|id`, that were linked to this user and are users no more.
    pub linked: Vec<String>,
}

impl Auth0User {
    /// An unverified, unblocked user that never logged in.
    pub fn new(user_id: &str, email: &str, created_at: Timestamp) -> Self {
        Self {
            user_id: user_id.to_owned(),
            email: Some(email.to_owned()),
            email_verified: false,
            created_at,
            updated_at: created_at,
            last_login: None,
            logins_count: 0,
            blocked: false,
            linked: Vec::new(),
        }
    }

    /// The same user, with the e-mail verified.
    pub fn verified(mut self) -> Self {
        self.email_verified = true;
        self
    }

    pub(super) fn to_json(&self) -> Value {
        let time = |at: Timestamp| json!(format!("{at:.3}"));
        let identities = std::iter::once(&self.user_id).chain(&self.linked);
        let mut body = json!({
            "user_id": self.user_id,
            "email_verified": self.email_verified,
            "created_at": time(self.created_at),
            "updated_at": time(self.updated_at),
            "identities": identities.map(|id| identity(id)).collect::<Value>(),
        });
        if let Some(email) = &self.email {
            body["email"] = json!(email);
            body["name"] = json!(email);
            body["nickname"] = json!(email.split('@').next());
        }
        if let Some(at) = self.last_login {
            body["last_login"] = time(at);
        }
        if self.logins_count > 0 {
            body["logins_count"] = json!(self.logins_count);
        }
        if self.blocked {
            body["blocked"] = json!(true);
        }
        body
    }
}

fn identity(id: &str) -> Value {
    let (provider, id) = id.split_once('|').unwrap_or((id, ""));
    let is_social = !matches!(provider, "auth0" | "email" | "sms");
    let connection = match provider {
        "auth0" => "Username-Password-Authentication",
        other => other,
    };
    json!({
        "connection": connection,
        "provider": provider,
        "user_id": id,
        "isSocial": is_social,
    })
}

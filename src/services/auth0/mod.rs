//! Auth0's Management API of one tenant, read only: its users here, its log streams beside.

mod streams;

mod walk;

use std::time::{Duration, Instant};

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::error::Error;
use super::health::Pulse;
use super::http::Http;
use super::http::call::{Auth, Call};
use crate::domain::Class;
use crate::domain::signup::Auth0User;

pub use walk::Walk;

const SERVICE: &str = "auth0";
/// Users a request; Auth0 refuses more.
const PAGE: usize = 100;
/// Values a search: Auth0 refuses a query that is too long.
const VALUES: usize = 20;
const FIELDS: &str = "user_id,email,email_verified,created_at,blocked";

pub struct Auth0 {
    http: Http,
    client_id: String,
    secret: SecretString,
    audience: String,
    token: Mutex<Option<Token>>,
}

/// A token for the Management API.
#[derive(Clone)]
struct Token {
    text: SecretString,
    until: Instant,
    /// `None` where Auth0 did not say.
    scopes: Option<Vec<String>>,
}

/// Which users of a tenant, by their signup. Open ends are unbounded; both ends are inclusive.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Range {
    pub from: Option<Timestamp>,
    pub to: Option<Timestamp>,
}

impl Auth0 {
    /// `base` is the tenant's address; `audience` follows from it. `credential` names the variables of the client.
    pub fn new(
        tenant: &str,
        base: &str,
        credential: &str,
        client_id: &str,
        secret: SecretString,
        timeout: Duration,
    ) -> Result<Self, Error> {
        let http = Http::new(SERVICE, base, credential, timeout, Pulse::new(SERVICE, tenant))?;
        Ok(Self {
            audience: format!("{}/api/v2/", http.base()),
            http,
            client_id: client_id.to_string(),
            secret,
            token: Mutex::new(None),
        })
    }

    pub fn pulse(&self) -> &Pulse {
        self.http.pulse()
    }

    /// Walks the users of a range from the newest to the oldest.
    pub fn walk(&self, range: Range) -> Walk<'_> {
        Walk::new(self, range)
    }

    /// One user by id; `None` where there is none. This is authoritative where a search may lag.
    pub async fn by_id(&self, sub: &str) -> Result<Option<Auth0User>, Error> {
        let path = format!("/api/v2/users/{}", percent_encode(sub));
        match self
            .get(
                Call::get(path)
                    .called("api/v2/users/{id}")
                    .query("fields", FIELDS)
                    .query("include_fields", true),
            )
            .await
        {
            Ok(user) => read_user(&user).map(Some),
            Err(error) if error.kind == Class::NotFound => Ok(None),
            // An id that Auth0 finds malformed is the id of nobody; any other 400 may be somebody's on the way to it.
            Err(error)
                if error
                    .reply
                    .as_ref()
                    .is_some_and(|reply| reply.name == "invalid_uri") =>
            {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Every user of the tenant with this e-mail, in whatever spelling: Auth0 keeps that of a database in lower case, and
    /// that of a social login as its provider spells it. It is asked for exactly, which never lags, and searched for, which
    /// alone finds a spelling that nobody knows.
    pub async fn by_email(&self, email: &str) -> Result<Vec<Auth0User>, Error> {
        let lower = email.to_lowercase();
        let searched = [lower.clone()];
        let as_given = async {
            match email == lower {
                true => Ok(Vec::new()),
                false => self.by_exact_email(email).await,
            }
        };
        let (given, exact, searched) = tokio::try_join!(
            as_given,
            self.by_exact_email(&lower),
            self.search_emails(&searched)
        )?;
        let is_it = |user: &Auth0User| {
            let same = |email: &String| email.to_lowercase() == lower;
            user.email.as_ref().is_some_and(same)
        };
        let mut found: Vec<Auth0User> = Vec::new();
        let is_known =
            |found: &[Auth0User], user: &Auth0User| found.iter().any(|known| known.sub == user.sub);
        for user in given.into_iter().chain(exact).filter(is_it) {
            if !is_known(&found, &user) {
                found.push(user);
            }
        }
        for user in searched.into_iter().filter(is_it) {
            // Whom the search alone names may be gone, or have another e-mail by now.
            if !is_known(&found, &user)
                && let Some(user) = self.by_id(&user.sub).await?.filter(is_it)
            {
                found.push(user);
            }
        }
        Ok(found)
    }

    /// Every user of the tenant with this e-mail in exactly this spelling.
    pub async fn by_exact_email(&self, email: &str) -> Result<Vec<Auth0User>, Error> {
        let call = Call::get("/api/v2/users-by-email")
            .query("email", email)
            .query("fields", FIELDS)
            .query("include_fields", true);
        read_users(&self.get(call).await?)
    }

    /// What the client's token allows, such as `read:users`; `None` where Auth0 does not say.
    ///
    /// # Errors
    /// `Auth` where Auth0 does not know the client, refuses its secret, or has no grant for it.
    pub async fn scopes(&self) -> Result<Option<Vec<String>>, Error> {
        Ok(self.token().await?.scopes)
    }

    /// The users with any of these e-mails, as far as the search knows: it lags, so that whom it does not name may be
    /// there all the same. A request for twenty e-mails.
    pub async fn search_emails(&self, emails: &[String]) -> Result<Vec<Auth0User>, Error> {
        self.search("email", emails).await
    }

    /// The users with any of these ids, on the same terms: `by_id` tells of whom it does not name.
    pub async fn search_ids(&self, subs: &[String]) -> Result<Vec<Auth0User>, Error> {
        self.search("user_id", subs).await
    }

    async fn search(&self, field: &str, values: &[String]) -> Result<Vec<Auth0User>, Error> {
        let mut found = Vec::new();
        for some in values.chunks(VALUES) {
            let quoted: Vec<String> = some.iter().map(|value| quoted(value)).collect();
            let call = Call::get("/api/v2/users")
                .query("q", format!("{field}:({})", quoted.join(" OR ")))
                .query("search_engine", "v3")
                .query("per_page", PAGE)
                .query("page", 0)
                .query("fields", FIELDS)
                .query("include_fields", true);
            found.extend(read_users(&self.get(call).await?)?);
        }
        Ok(found)
    }

    async fn get(&self, call: Call<'_>) -> Result<Value, Error> {
        for first in [true, false] {
            let token = self.token().await?;
            let call = Call {
                auth: Auth::Bearer(&token.text),
                ..call.clone()
            }
            .budget("management");
            match self.http.send(call).await {
                // The token was taken back, or the clock jumped: once more with a fresh one.
                Err(error) if first && error.reply.as_ref().is_some_and(|reply| reply.status == 401) => {
                    *self.token.lock().await = None;
                }
                answer => return answer,
            }
        }
        unreachable!("the second round returns whatever came")
    }

    /// The cached token, or a new one when less than a minute of its life is left. One caller fetches for all.
    async fn token(&self) -> Result<Token, Error> {
        let mut cached = self.token.lock().await;
        if let Some(token) = cached.as_ref()
            && token.until > Instant::now()
        {
            return Ok(token.clone());
        }
        let call = Call::post(
            "/oauth/token",
            json!({
                "client_id": self.client_id,
                "client_secret": self.secret.expose_secret(),
                "audience": self.audience,
                "grant_type": "client_credentials",
            }),
        );
        let answer = self
            .http
            .send(Call {
                budget: "token",
                ..call
            })
            .await?;
        let text = answer["access_token"]
            .as_str()
            .map(SecretString::from)
            .ok_or_else(|| {
                Error::new(
                    SERVICE,
                    Class::Internal,
                    "auth0 gave no access token.",
                    "Is the address that of an Auth0 tenant?",
                )
            })?;
        let life = Duration::from_secs(answer["expires_in"].as_u64().unwrap_or(0));
        let scopes = answer["scope"].as_str();
        let token = Token {
            text,
            until: Instant::now() + life.saturating_sub(Duration::from_secs(60)),
            scopes: scopes.map(|scopes| scopes.split_whitespace().map(String::from).collect()),
        };
        *cached = Some(token.clone());
        Ok(token)
    }
}

fn read_users(value: &Value) -> Result<Vec<Auth0User>, Error> {
    value
        .as_array()
        .ok_or_else(|| unreadable("a list of users"))?
        .iter()
        .map(read_user)
        .collect()
}

fn read_user(value: &Value) -> Result<Auth0User, Error> {
    let sub = value["user_id"].as_str().ok_or_else(|| unreadable("a user_id"))?;
    let created_at = value["created_at"].as_str().and_then(|text| text.parse().ok());
    Ok(Auth0User {
        sub: sub.to_string(),
        email: value["email"]
            .as_str()
            .filter(|email| !email.is_empty())
            .map(String::from),
        email_verified: value["email_verified"].as_bool().unwrap_or(false),
        created_at: created_at.ok_or_else(|| unreadable("a created_at"))?,
        blocked: value["blocked"].as_bool().unwrap_or(false),
    })
}

/// A text as a term of Lucene's language.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn unreadable(wanted: &str) -> Error {
    Error::new(
        SERVICE,
        Class::Internal,
        format!("auth0 answered without {wanted} where one belongs."),
        "Is the address that of an Auth0 tenant?",
    )
}

/// Encodes everything but RFC 3986's unreserved characters: ids hold `|`, and may hold `/`.
pub(super) fn percent_encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

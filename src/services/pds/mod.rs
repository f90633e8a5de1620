//! The PDS, through XRPC: accounts, invites, handles and passwords.

mod accounts;
mod invites;

use std::sync::Arc;
use std::time::{Duration, Instant};

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::error::Error;
use super::health::Pulse;
use super::http::Http;
use super::http::call::{Auth, Call, ONE_ACCOUNT};
use crate::config::address::host_of;
use crate::domain::Class;
use crate::domain::signup::Account;

pub use invites::meant_for;

const SERVICE: &str = "pds";
/// How long what the PDS says of itself serves: a watch and a dashboard outlive it.
const ABOUT_LIFE: Duration = Duration::from_secs(300);

pub struct Pds {
    http: Http,
    password: SecretString,
    /// `PDS_HANDLE_DOMAIN`, where it is set.
    domain: Option<String>,
    about: Mutex<Option<(Instant, Arc<About>)>>,
    emails: Mutex<Option<(Instant, Arc<Vec<Account>>)>>,
}

/// What `describeServer` says.
#[derive(Debug, Clone)]
pub struct About {
    /// Without a leading dot: ours, or the first that it names.
    pub domain: String,
    /// All that it names, in lower case and without a leading dot.
    pub domains: Vec<String>,
    /// Whether a new account needs an invite.
    pub wants_invites: bool,
    /// The hosts under which this PDS is known: the one we ask, and the one of its own DID.
    pub hosts: Vec<String>,
}

/// What an account is asked for with.
pub struct NewAccount<'a> {
    pub handle: &'a str,
    pub email: &'a str,
    pub password: &'a SecretString,
    pub invite: &'a SecretString,
}

impl Pds {
    pub fn new(
        base: &str,
        password: SecretString,
        domain: Option<String>,
        timeout: Duration,
    ) -> Result<Self, Error> {
        let http = Http::new(
            SERVICE,
            base,
            "PDS_ADMIN_PASSWORD",
            timeout,
            Pulse::new(SERVICE, ""),
        )?;
        Ok(Self {
            http,
            password,
            domain,
            about: Mutex::new(None),
            emails: Mutex::new(None),
        })
    }

    pub fn pulse(&self) -> &Pulse {
        self.http.pulse()
    }

    /// What it says of itself, at most five minutes old.
    pub async fn about(&self) -> Result<Arc<About>, Error> {
        self.about_at(Instant::now()).await
    }

    async fn about_at(&self, now: Instant) -> Result<Arc<About>, Error> {
        let mut cached = self.about.lock().await;
        if let Some((at, about)) = cached.as_ref()
            && now.saturating_duration_since(*at) < ABOUT_LIFE
        {
            return Ok(about.clone());
        }
        let answer = self
            .http
            .send(Call::get(xrpc("com.atproto.server.describeServer")))
            .await;
        // Whatever refuses this is no PDS, however well it answers.
        let answer = answer.inspect_err(|error| {
            self.http.pulse().failed(error.problem());
            self.http.pulse().gave_up();
        })?;
        let about = Arc::new(self.read_about(&answer)?);
        *cached = Some((now, about.clone()));
        Ok(about)
    }

    fn read_about(&self, answer: &Value) -> Result<About, Error> {
        let bare = |domain: &str| domain.trim_start_matches('.').to_lowercase();
        let named = answer["availableUserDomains"].as_array();
        let named = named.into_iter().flatten().filter_map(|domain| domain.as_str());
        let domains: Vec<String> = named.map(bare).collect();
        let first = domains.first().map(String::as_str);
        let domain = bare(self.domain.as_deref().or(first).unwrap_or_default());
        if domain.is_empty() {
            return Err(Error::new(
                SERVICE,
                Class::Internal,
                "The PDS names no domain for handles.",
                "Set PDS_HANDLE_DOMAIN, or check that PDS_URL is a PDS.",
            ));
        }
        let own = answer["did"]
            .as_str()
            .and_then(|did| did.strip_prefix("did:web:"));
        let own = own.map(|host| host.split("%3A").next().unwrap_or(host).to_lowercase());
        Ok(About {
            domain,
            domains,
            wants_invites: answer["inviteCodeRequired"].as_bool().unwrap_or(false),
            hosts: own.into_iter().chain(host_of(self.http.base())).collect(),
        })
    }

    /// Whether it is alive; the pulse tells how fast.
    pub async fn ping(&self) -> Result<(), Error> {
        self.http.send(Call::get(xrpc("_health"))).await.map(|_| ())
    }

    /// Whether it is well, and which version it names; `None` where it names none.
    pub async fn version(&self) -> Result<Option<String>, Error> {
        let answer = self.http.send(Call::get(xrpc("_health"))).await?;
        Ok(answer["version"].as_str().map(crate::domain::text::clean))
    }

    /// Asks for something that only the admin may see.
    ///
    /// # Errors
    /// `Auth` where the password is refused.
    pub async fn lets_admin_in(&self) -> Result<(), Error> {
        let call = Call::get(xrpc("com.atproto.admin.getInviteCodes")).query("limit", 1);
        self.http.send(self.admin(call)).await.map(|_| ())
    }

    /// Makes an account and returns its DID and handle. Never repeated by itself: see `Error::unclear`.
    pub async fn create_account(&self, new: NewAccount<'_>) -> Result<(String, String), Error> {
        let body = json!({
            "handle": new.handle,
            "email": new.email,
            "password": new.password.expose_secret(),
            "inviteCode": new.invite.expose_secret(),
        });
        let call = Call::post(xrpc("com.atproto.server.createAccount"), body)
            .once()
            .heavy()
            .budget("createAccount");
        let answer = self.http.send(call).await?;
        match (answer["did"].as_str(), answer["handle"].as_str()) {
            (Some(did), Some(handle)) => Ok((did.to_string(), handle.to_string())),
            _ => Err(unreadable("a did and a handle").unclear(true)),
        }
    }

    /// Whether this password opens the account. A login: 350 ms, and 30 of them in 5 minutes for one account.
    pub async fn opens(&self, did: &str, password: &SecretString) -> Result<bool, Error> {
        let body = json!({"identifier": did, "password": password.expose_secret()});
        let call = Call::post(xrpc("com.atproto.server.createSession"), body)
            .heavy()
            .budget(ONE_ACCOUNT);
        match self.http.send(call).await {
            Ok(_) => Ok(true),
            // The right password of an account that was taken down.
            Err(error) if error.says("AccountTakedown") => Ok(true),
            Err(error) if error.reply.as_ref().is_some_and(|reply| reply.status == 401) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Never repeated by itself: it may have changed the PLC directory, which bears ten changes an hour, and failed then.
    pub async fn set_handle(&self, did: &str, handle: &str) -> Result<(), Error> {
        let body = json!({"did": did, "handle": handle});
        let call = Call::post(xrpc("com.atproto.admin.updateAccountHandle"), body)
            .once()
            .heavy();
        self.http.send(self.admin(call)).await.map(|_| ())
    }

    /// Answers well for a DID that does not exist too: only a login tells whether it worked.
    pub async fn set_password(&self, did: &str, password: &SecretString) -> Result<(), Error> {
        let body = json!({"did": did, "password": password.expose_secret()});
        let call = Call::post(xrpc("com.atproto.admin.updateAccountPassword"), body).heavy();
        self.http.send(self.admin(call)).await.map(|_| ())
    }

    /// Deletes an account for good. Answers well for one that is not there. The PLC directory keeps the DID.
    pub async fn delete_account(&self, did: &str) -> Result<(), Error> {
        let call = Call::post(xrpc("com.atproto.admin.deleteAccount"), json!({"did": did})).heavy();
        match self.http.send(self.admin(call)).await {
            // With another blob store some versions refuse an unknown DID.
            Err(error) if error.says("NotFound") => Ok(()),
            answer => answer.map(|_| ()),
        }
    }

    fn admin<'a>(&'a self, call: Call<'a>) -> Call<'a> {
        call.auth(Auth::Basic {
            user: "admin",
            password: &self.password,
        })
    }
}

fn xrpc(method: &str) -> String {
    format!("/xrpc/{method}")
}

fn unreadable(wanted: &str) -> Error {
    Error::new(
        SERVICE,
        Class::Internal,
        format!("The PDS answered without {wanted} where one belongs."),
        "Check that PDS_URL is a PDS.",
    )
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// A PDS that is set up anew meanwhile names another domain each time that it is asked.
    #[tokio::test]
    async fn what_a_pds_says_of_itself_is_asked_anew_after_a_while() {
        let asked = Arc::new(AtomicUsize::new(0));
        let count = asked.clone();
        let describe = async move || {
            let n = count.fetch_add(1, Ordering::AcqRel);
            axum::Json(json!({"availableUserDomains": [format!(".pds{n}.example.com")]}))
        };
        let router = axum::Router::new().fallback(describe);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let pds = Pds::new(&base, "secret".into(), None, Duration::from_secs(20)).unwrap();
        let begun = Instant::now();
        for (later, domain) in [
            (Duration::ZERO, "pds0.example.com"),
            (ABOUT_LIFE - Duration::from_secs(1), "pds0.example.com"),
            (ABOUT_LIFE, "pds1.example.com"),
            (ABOUT_LIFE * 2 - Duration::from_secs(1), "pds1.example.com"),
            (ABOUT_LIFE * 2, "pds2.example.com"),
        ] {
            let about = pds.about_at(begun + later).await.unwrap();
            assert_eq!(about.domain, domain, "{later:?}");
        }
        assert_eq!(asked.load(Ordering::Acquire), 3);
    }
}

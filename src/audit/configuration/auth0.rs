//! Auth0 of one tenant: the token and its scopes, a list of users, the clock, and the log stream.

use super::{is_silence, refused, unusable, within};
use crate::config::address::complaint;
use crate::config::tenants::{BASE_URL, CLIENT_ID, EVENTS_URL, LOG_TOKEN, SECRET};
use crate::config::{Client, Reading, Tenant};
use crate::domain::Class;
use crate::domain::setting::Auth0 as Part;
use crate::domain::setting::{Line, Setting, clock, stream};
use crate::services::Error;
use crate::services::auth0::{Auth0, Range};

const SERVICE: &str = "auth0";
const READ_USERS: &str = "read:users";
const READ_STREAMS: &str = "read:log_streams";

/// What is asked only with a token, but for the parts of the stream.
const WITH_TOKEN: [Part; 3] = [Part::ScopeUsers, Part::List, Part::Stream];

/// A tenant, and how its lines are called.
struct Site<'a> {
    tenant: &'a Tenant,
    auth0: Auth0,
    reading: &'a Reading,
}

pub(super) async fn check(reading: &Reading, tenant: &Tenant) -> Vec<Line> {
    let name = &tenant.naming.tenant;
    let setting = |part| Setting::Auth0(name.clone(), part);
    let variables = [CLIENT_ID, SECRET, BASE_URL].map(|rest| tenant.variable(rest));
    let nothing = |why: &str| {
        let parts = [Part::Reachable, Part::Secret].into_iter().chain(WITH_TOKEN);
        let mut lines: Vec<Line> = parts.map(|part| setting(part).unknown(why, "")).collect();
        lines.extend(stream::not_known(name, why));
        lines.push(setting(Part::Clock).unknown(why, ""));
        lines
    };
    if let Some(why) = unusable(reading, &variables) {
        return nothing(&why);
    }
    let Some(client) = &tenant.client else {
        return Vec::new();
    };
    match open(reading, tenant, client) {
        Ok(auth0) => {
            let site = Site {
                tenant,
                auth0,
                reading,
            };
            site.check().await
        }
        Err(error) => {
            let mut lines = nothing("Not asked, since no request can be made.");
            lines[0] = refused(setting(Part::Reachable), &error);
            lines
        }
    }
}

fn open(reading: &Reading, tenant: &Tenant, client: &Client) -> Result<Auth0, Error> {
    Auth0::new(
        &tenant.naming.tenant,
        &tenant.auth0_url,
        &tenant.credential,
        &client.id,
        client.secret.clone(),
        reading.config.timeout,
    )
}

/// Whether no Auth0 answers so: it sends us elsewhere, knows no such path, or says nothing that one could read.
fn is_another(error: &Error) -> bool {
    let status = error.reply.as_ref().map(|reply| reply.status);
    error.kind == Class::Internal || matches!(status, Some(300..=399 | 404 | 405))
}

impl Site<'_> {
    fn setting(&self, part: Part) -> Setting {
        Setting::Auth0(self.tenant.naming.tenant.clone(), part)
    }

    async fn check(&self) -> Vec<Line> {
        let asked = within(self.reading.config.timeout, SERVICE, self.auth0.scopes()).await;
        let mut lines = match &asked {
            Err(error) if is_silence(error) => vec![
                refused(self.setting(Part::Reachable), error),
                self.setting(Part::Secret).unknown("Auth0 did not answer.", ""),
            ],
            Err(error) if is_another(error) => vec![
                refused(self.setting(Part::Reachable), error),
                self.setting(Part::Secret)
                    .unknown("Not known, since no Auth0 answers so.", ""),
            ],
            _ => {
                let answers = format!("Auth0 answers at {}.", self.tenant.auth0_url);
                vec![self.setting(Part::Reachable).ok(answers)]
            }
        };
        match asked {
            Ok(scopes) => {
                let let_in = "Auth0 knows the client and its secret.";
                lines.push(self.setting(Part::Secret).ok(let_in));
                lines.extend(self.with_token(scopes.as_deref()).await);
            }
            Err(error) => {
                if !is_silence(&error) && !is_another(&error) {
                    lines.push(refused(self.setting(Part::Secret), &error));
                }
                let why = "Not asked, for want of a token.";
                lines.extend(WITH_TOKEN.map(|part| self.setting(part).unknown(why, "")));
                lines.extend(stream::not_known(&self.tenant.naming.tenant, why));
            }
        }
        let clock = self.auth0.pulse().read().clock;
        lines.push(clock::judge(self.setting(Part::Clock), "Auth0's clock", clock));
        lines
    }

    async fn with_token(&self, scopes: Option<&[String]>) -> Vec<Line> {
        let lacks = |scope: &str| scopes.is_some_and(|all| !all.iter().any(|had| had == scope));
        let users = self.setting(Part::ScopeUsers);
        let users = match scopes {
            // Only the call itself tells.
            None => users.unknown("Auth0 does not say what the token allows.", ""),
            Some(_) if lacks(READ_USERS) => users.problem(
                format!("The client lacks {READ_USERS}: no signup can be listed."),
                self.add(READ_USERS),
            ),
            Some(_) => users.ok(format!("The client has {READ_USERS}.")),
        };
        let mut lines = vec![users, self.list(lacks(READ_USERS)).await];
        lines.extend(self.streams(lacks(READ_STREAMS)).await);
        lines
    }

    async fn list(&self, forbidden: bool) -> Line {
        let setting = self.setting(Part::List);
        if forbidden {
            return setting.unknown(format!("Not asked, for want of {READ_USERS}."), "");
        }
        let asked = async { self.auth0.walk(Range::default()).next(1).await };
        match within(self.reading.config.timeout, SERVICE, asked).await {
            Ok(Some(_)) => setting.ok("Auth0 lists users."),
            Ok(None) => setting.ok("Auth0 lists users; the tenant has none."),
            Err(error) => refused(setting, &error),
        }
    }

    async fn streams(&self, forbidden: bool) -> Vec<Line> {
        let name = &self.tenant.naming.tenant;
        let setting = self.setting(Part::Stream);
        let without = |line: Line, why: &str| {
            let mut lines = vec![line];
            lines.extend(stream::not_known(name, why));
            lines
        };
        let lacking = format!("The client lacks {READ_STREAMS}, so that the log stream cannot be looked at.");
        let want = format!("Not known, for want of {READ_STREAMS}.");
        if forbidden {
            return without(setting.unknown(lacking, self.add(READ_STREAMS)), &want);
        }
        let asked = self.auth0.log_streams(self.tenant.log_token.as_ref());
        match within(self.reading.config.timeout, SERVICE, asked).await {
            Ok(streams) => {
                let (url, token) = (self.tenant.variable(EVENTS_URL), self.tenant.variable(LOG_TOKEN));
                let wanted = self.tenant.events_url.as_deref();
                let wanted = wanted.filter(|url| complaint(url).is_none());
                stream::judge(name, &streams, wanted, (&url, &token))
            }
            Err(error) if error.says("insufficient_scope") => {
                without(setting.unknown(lacking, self.add(READ_STREAMS)), &want)
            }
            Err(error) => without(refused(setting, &error), "The log streams could not be listed."),
        }
    }

    /// Where a scope is added.
    fn add(&self, scope: &str) -> String {
        format!(
            "Add {scope} to the application of {}: in Auth0 under Applications, APIs, Auth0 Management API, Machine to \
             Machine Applications.",
            self.tenant.credential
        )
    }
}

//! One HTTP backend: time-outs, retries of what is worth retrying, and places in the budgets that the answers' headers
//! announce. What a refusal means stands in `services::answers`.

pub mod call;
mod gate;
mod governor;
mod limits;
mod taking_out;
#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

use backon::{ExponentialBuilder, Retryable};
use jiff::Timestamp;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use secrecy::ExposeSecret;
use serde_json::Value;

use self::call::{Auth, Call, ONE_ACCOUNT};
use self::gate::{Gate, Went};
use self::governor::{Governor, PATIENCE, Place};
use self::limits::{Announced, announced, clock, wait_for};
use self::taking_out::TakenOut;
use super::answers::{Asked, meaning};
use super::error::{Error, Refusal, scrub};
use super::health::Pulse;
use crate::config::address::is_loopback;
use crate::domain::{Advice, Class};
/// How often a call is sent that nobody answers.
const TRIES: usize = 3;
/// How often one is sent again that is refused for want of budget.
const REFUSALS: usize = 10;

pub struct Http {
    client: reqwest::Client,
    base: String,
    service: &'static str,
    /// What a refused credential's hint names, such as `PDS_ADMIN_PASSWORD`.
    credential: String,
    pulse: Pulse,
    governor: Governor,
    gate: Gate,
}

impl Http {
    /// `base` is an address without a trailing slash. Loopback addresses are never sent through a proxy.
    pub fn new(
        service: &'static str,
        base: &str,
        credential: &str,
        timeout: Duration,
        pulse: Pulse,
    ) -> Result<Self, Error> {
        // Err means that a provider is installed already, which is as good.
        rustls::crypto::ring::default_provider().install_default().ok();
        let mut builder = reqwest::Client::builder()
            .timeout(timeout)
            .connect_timeout(timeout.min(Duration::from_secs(5)))
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("atriage/", env!("CARGO_PKG_VERSION")));
        if is_loopback(base) {
            builder = builder.no_proxy();
        }
        let client = builder.build().map_err(|error| {
            Error::new(
                service,
                Class::Internal,
                format!("No HTTP client could be made: {error}."),
                "Check HTTPS_PROXY and the system's certificates.",
            )
        })?;
        Ok(Self {
            client,
            base: base.trim_end_matches('/').to_string(),
            service,
            credential: credential.to_string(),
            governor: Governor::new(pulse.clone()),
            gate: Gate::new(pulse.clone()),
            pulse,
        })
    }

    pub fn base(&self) -> &str {
        &self.base
    }

    pub fn pulse(&self) -> &Pulse {
        &self.pulse
    }

    /// Sends a call and reads its answer as JSON; an empty body is `Null`.
    ///
    /// # Errors
    /// Any status but 2xx, with the backend's own words in `reply`; time-outs and lost connections. `unclear` is set
    /// where a call that must not be repeated may have been carried out.
    pub async fn send(&self, call: Call<'_>) -> Result<Value, Error> {
        let mut lost = 0;
        let again = |error: &Error| {
            if error.advice != Advice::Retry {
                return false;
            }
            if error.kind == Class::RateLimit {
                // Surely not carried out, so that it may always be sent again; where the wait is long, the caller shows it.
                return error.until.is_none_or(|until| wait_for(until) <= PATIENCE);
            }
            if error.until.is_some_and(|until| wait_for(until) > PATIENCE) {
                // A fault with a far moment is no different: the caller shows it.
                return false;
            }
            lost += 1;
            lost < TRIES && (call.repeatable || !error.unclear)
        };
        (|| self.try_once(&call))
            .retry(
                ExponentialBuilder::default()
                    .with_min_delay(Duration::from_millis(150))
                    .with_max_delay(Duration::from_secs(2))
                    .with_jitter()
                    .with_max_times(REFUSALS),
            )
            .when(again)
            .adjust(|error, pause| {
                pause.map(|pause| error.until.map_or(pause, |until| wait_for(until).max(pause)))
            })
            .await
            .inspect_err(|error| {
                if matches!(
                    error.kind,
                    Class::Unavailable | Class::RateLimit | Class::Auth | Class::Internal
                ) {
                    self.pulse.gave_up();
                }
            })
    }

    async fn try_once(&self, call: &Call<'_>) -> Result<Value, Error> {
        let place = self.governor.reserve(call.budget).await;
        let place = place.map_err(|until| self.used_up(call, until))?;
        let pass = match call.heavy {
            true => Some(self.gate.enter().await),
            false => None,
        };
        let mut request = self
            .client
            .request(call.method.clone(), format!("{}{}", self.base, call.path))
            .query(&call.query);
        match &call.auth {
            Auth::Nobody => {}
            Auth::Basic { user, password } => {
                request = request.basic_auth(user, Some(password.expose_secret()))
            }
            Auth::Bearer(token) => request = request.bearer_auth(token.expose_secret()),
        }
        if let Some(body) = &call.body {
            request = request.json(body);
        }
        let started = Instant::now();
        let answer = async {
            let response = request.send().await?;
            let (status, headers) = (response.status(), response.headers().clone());
            Ok((status, headers, response.bytes().await?))
        };
        let answer = answer.await;
        let (took, now) = (started.elapsed(), Timestamp::now());
        tracing::debug!(
            service = self.service,
            call = call.name(),
            ms = took.as_millis(),
            ok = answer.is_ok()
        );
        if let Some(pass) = pass {
            let status = answer.as_ref().ok().map(|(status, ..)| status.as_u16());
            let went = match status {
                Some(200..=299) => Went::Well(took),
                // What one account's own limit refuses says nothing about the backend.
                Some(429) if call.budget == ONE_ACCOUNT => Went::Refused,
                None | Some(408 | 429 | 500..) => Went::Badly,
                Some(_) => Went::Refused,
            };
            pass.went(call.name(), went);
        }
        if let Some(clock) = answer
            .as_ref()
            .ok()
            .and_then(|(_, headers, _)| clock(headers, now, took))
        {
            self.pulse.clock(clock);
        }
        match answer {
            Ok((status, headers, body)) => self.judge(call, &place, status, &headers, &body, took),
            Err(error) => {
                let error = self.lost(call, &error);
                self.pulse.failed(error.problem());
                Err(error)
            }
        }
    }

    fn judge(
        &self,
        call: &Call<'_>,
        place: &Place<'_>,
        status: StatusCode,
        headers: &HeaderMap,
        body: &[u8],
        took: Duration,
    ) -> Result<Value, Error> {
        let said = announced(headers, Timestamp::now());
        if status.is_success() {
            place.heard(said);
            return self.read(call, body, took);
        }
        let error = self.refused(call, status, refusal(call, status, body), said.reset);
        let limited = error.kind == Class::RateLimit && error.advice == Advice::Retry;
        place.heard(match said.reset {
            // Whatever else it announces, nothing is left.
            Some(_) if limited => Announced {
                remaining: Some(0),
                ..said
            },
            _ => said,
        });
        match error.kind {
            Class::RateLimit if limited && call.budget != ONE_ACCOUNT => {
                self.pulse.limited(error.until, error.problem());
            }
            Class::Unavailable | Class::Auth | Class::Internal => self.pulse.failed(error.problem()),
            _ => self.heard(call, took),
        }
        Err(error)
    }

    fn read(&self, call: &Call<'_>, body: &[u8], took: Duration) -> Result<Value, Error> {
        let value = if body.is_empty() || call.deaf {
            Ok(Value::Null)
        } else {
            serde_json::from_slice(body)
        };
        value.inspect(|_| self.heard(call, took)).map_err(|_| {
            let what = format!(
                "{} answered {} with something that is no JSON.",
                self.service,
                call.name()
            );
            let hint = format!("Is {} the right address?", self.base);
            let error = Error::new(self.service, Class::Internal, what, hint).unclear(!call.repeatable);
            self.pulse.failed(error.problem());
            error
        })
    }

    fn heard(&self, call: &Call<'_>, took: Duration) {
        match call.auth {
            Auth::Nobody => self.pulse.answered_anybody(took),
            Auth::Basic { .. } | Auth::Bearer(_) => self.pulse.answered(took),
        }
    }

    fn refused(
        &self,
        call: &Call<'_>,
        status: StatusCode,
        reply: Refusal,
        reset: Option<Timestamp>,
    ) -> Error {
        let said = if reply.message.is_empty() {
            status.to_string()
        } else {
            reply.message.clone()
        };
        let asked = Asked {
            service: self.service,
            call: call.name(),
            admin: matches!(call.auth, Auth::Basic { .. }),
            base: &self.base,
            credential: &self.credential,
        };
        let meaning = meaning(asked, &reply);
        let passes = meaning.class == Class::RateLimit && meaning.advice == Advice::Retry;
        Error::new(
            self.service,
            meaning.class,
            format!("{} refused {}: {said}.", self.service, call.name()),
            meaning.hint,
        )
        .advised(meaning.advice)
        .with_reply(reply)
        .unclear(!call.repeatable && status.is_server_error())
        .until(reset.filter(|_| passes || status == StatusCode::SERVICE_UNAVAILABLE))
    }

    fn lost(&self, call: &Call<'_>, error: &reqwest::Error) -> Error {
        let what = if error.is_timeout() {
            format!("{} did not answer {} in time.", self.service, call.name())
        } else if error.is_connect() {
            format!("{} cannot be reached at {}.", self.service, self.base)
        } else {
            format!("The connection to {} broke during {}.", self.service, call.name())
        };
        Error::new(
            self.service,
            Class::Unavailable,
            what,
            "Check the address, the network and the service.",
        )
        .unclear(!call.repeatable && !error.is_connect())
    }

    fn used_up(&self, call: &Call<'_>, until: Timestamp) -> Error {
        let error = Error::new(
            self.service,
            Class::RateLimit,
            // The moment, and not how far away it is: everybody who waits for it says the same.
            format!("The budget of {} is used up until {until:.0}.", self.service),
            "It is free again by itself.",
        )
        .until(Some(until));
        if call.budget != ONE_ACCOUNT {
            self.pulse.limited(Some(until), error.problem());
        }
        error
    }
}

/// Reads a refusal in any of the shapes that Auth0, its token endpoint, the PDS and the PLC directory use, without what
/// it must not hold. A proxy's page is not quoted.
fn refusal(call: &Call<'_>, status: StatusCode, body: &[u8]) -> Refusal {
    let plain = String::from_utf8_lossy(body);
    let plain = plain.trim();
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |names: [&str; 2]| names.iter().find_map(|name| body[name].as_str());
    let message = match text(["message", "error_description"]) {
        Some(message) => message,
        None if body.is_null() && !plain.starts_with('<') => plain,
        None => "",
    };
    let taken_out = TakenOut::of(call);
    let kept = |text: &str| scrub(taken_out.clean(text).trim_end_matches('.'));
    Refusal {
        status: status.as_u16(),
        name: kept(text(["errorCode", "error"]).unwrap_or_default()),
        message: kept(message),
    }
}

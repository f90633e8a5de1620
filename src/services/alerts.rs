//! Sends alerts to a webhook: to Slack and to Discord in their own form, told apart by their address, to anything else as
//! the alert itself in JSON. The address is a secret and stands in no error.

use std::time::Duration;

use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde_json::{Value, json};

use super::error::Error;
use super::health::Pulse;
use super::http::Http;
use super::http::call::Call;
use crate::config::webhook::WEBHOOK;
use crate::domain::alert::{Alert, AlertState};
use crate::domain::{Class, Problem};

const SERVICE: &str = "webhook";
/// What stands for the address in all that is told.
const CALLED: &str = "the alert";
/// Discord takes 2,000 characters.
const LONGEST: usize = 1900;

/// Who takes the alerts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Receiver {
    Slack,
    Discord,
    Json,
}

impl Receiver {
    /// Told by the address alone.
    fn of(url: &Url) -> Self {
        let host = url.host_str().unwrap_or_default().to_lowercase();
        let is = |name: &str| host == name || host.ends_with(&format!(".{name}"));
        if matches!(host.as_str(), "hooks.slack.com" | "hooks.slack-gov.com") {
            Self::Slack
        } else if (is("discord.com") || is("discordapp.com")) && url.path().contains("/webhooks/") {
            // Discord has a door for messages in Slack's form too.
            match url.path().ends_with("/slack") {
                true => Self::Slack,
                false => Self::Discord,
            }
        } else {
            Self::Json
        }
    }

    /// The stable name, as in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Slack => "slack",
            Self::Discord => "discord",
            Self::Json => "json",
        }
    }

    /// In a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Self::Slack => "Slack",
            Self::Discord => "Discord",
            Self::Json => "plain JSON",
        }
    }

    /// How many of these alerts go into one message: one where a program reads it, and where people do, as many as fit,
    /// since a channel takes no more than a message a second.
    fn together(self, alerts: &[Alert]) -> usize {
        if self == Self::Json {
            return alerts.len().min(1);
        }
        let mut room = LONGEST;
        let fit = alerts.iter().take_while(|alert| {
            let length = text(alert).chars().count() + 2;
            let fits = length <= room;
            room = room.saturating_sub(length);
            fits
        });
        // One that is too long by itself is cut.
        fit.count().max(1).min(alerts.len())
    }

    /// What is sent; so many as go together.
    fn body(self, alerts: &[Alert]) -> Value {
        let texts: Vec<String> = alerts.iter().map(text).collect();
        let text = cut(texts.join("\n\n"));
        match self {
            Self::Slack => json!({"text": for_slack(&text)}),
            Self::Discord => json!({"content": text, "allowed_mentions": {"parse": []}}),
            Self::Json => json!(alerts.first()),
        }
    }
}

pub struct Courier {
    http: Http,
    /// Path and query: whoever has them can write there.
    door: SecretString,
    receiver: Receiver,
}

impl Courier {
    /// `address` was read by `config::webhook`.
    pub fn new(address: &SecretString, timeout: Duration) -> Result<Self, Error> {
        let url = Url::parse(address.expose_secret()).map_err(|_| {
            Error::new(
                SERVICE,
                Class::Auth,
                format!("{WEBHOOK} is no address."),
                "Copy it whole.",
            )
        })?;
        let query = url.query().map_or_else(String::new, |query| format!("?{query}"));
        let origin = url.origin().ascii_serialization();
        Ok(Self {
            http: Http::new(SERVICE, &origin, WEBHOOK, timeout, Pulse::new(SERVICE, ""))?,
            door: format!("{}{query}", url.path()).into(),
            receiver: Receiver::of(&url),
        })
    }

    pub fn receiver(&self) -> Receiver {
        self.receiver
    }

    /// Sends the first of these alerts, with those that go into the same message; returns how many that were.
    /// What was surely not taken is tried again by the HTTP layer; what may have been is not, and the caller has time.
    ///
    /// # Errors
    /// Where it was not taken, in words of our own: an answer may quote the address.
    pub async fn send(&self, alerts: &[Alert]) -> Result<usize, Refused> {
        let count = self.receiver.together(alerts);
        let call = Call::post(self.door.expose_secret(), self.receiver.body(&alerts[..count]))
            .called(CALLED)
            .deaf()
            .once();
        match self.http.send(call).await {
            Ok(_) => Ok(count),
            Err(error) => Err(Refused {
                problem: problem(&error),
                count,
                of_these: error
                    .reply
                    .as_ref()
                    .is_some_and(|reply| is_of_these(reply.status)),
            }),
        }
    }
}

/// Why an alert was not taken.
#[derive(Debug)]
pub struct Refused {
    pub problem: Problem,
    /// So many were in the message.
    pub count: usize,
    /// The next may be taken all the same.
    pub of_these: bool,
}

/// Whether a refusal is one of the alerts in the message, and not of everything: malformed (Slack, Discord), there already,
/// too long, of another kind, not understood. What else receivers say is of the address, the rights, the pace or the
/// receiver itself: 401, 403, 404, 405, 410 (a channel that is archived), 429.
fn is_of_these(status: u16) -> bool {
    matches!(status, 400 | 406 | 409 | 411 | 413 | 415 | 422)
}

fn problem(error: &Error) -> Problem {
    let status = error.reply.as_ref().map(|reply| reply.status);
    let (class, what, hint) = match status {
        Some(status @ 300..=399) => (
            Class::Unavailable,
            format!("The webhook sends us elsewhere ({status}), where no alert is taken to."),
            format!("Put the address that takes alerts itself into {WEBHOOK}."),
        ),
        Some(429) => (
            Class::RateLimit,
            "The webhook takes no more alerts for now (429).".to_string(),
            "They are sent later.".to_string(),
        ),
        Some(status @ 400..=499) => (
            Class::Unavailable,
            format!("The webhook refuses the alert ({status})."),
            format!("Was it removed, or revoked? Check {WEBHOOK}."),
        ),
        Some(status) => (
            Class::Unavailable,
            format!("The webhook is out of order ({status})."),
            "Look at the service behind it.".to_string(),
        ),
        None if error.kind == Class::RateLimit => (
            Class::RateLimit,
            "The webhook takes no more alerts for now.".to_string(),
            "They are sent later.".to_string(),
        ),
        None => (
            Class::Unavailable,
            "The webhook does not answer.".to_string(),
            format!("Check the network, HTTPS_PROXY and {WEBHOOK}."),
        ),
    };
    Problem::new(class, what, hint)
}

/// The alert as a message for people.
fn text(alert: &Alert) -> String {
    let glyph = match alert.state {
        AlertState::Firing | AlertState::Reminder => "✗",
        AlertState::Recovered => "✓",
        AlertState::Test => "·",
    };
    let mut lines = vec![format!("{glyph} {}", alert.message)];
    if !alert.hint.is_empty() {
        lines.push(alert.hint.clone());
    }
    if !alert.examples.is_empty() {
        let more = alert.affected.saturating_sub(alert.examples.len());
        let rest = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        lines.push(format!("Such as {}{rest}.", alert.examples.join(", ")));
    }
    lines.join("\n")
}

/// Slack reads `<…>` as a link or a mention, and asks for these three to be escaped.
fn for_slack(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

fn cut(text: String) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::alert::{AlertKind, SCHEMA};

    fn alert() -> Alert {
        Alert {
            schema: SCHEMA,
            kind: AlertKind::Signups,
            fingerprint: "aesthetic/missing-user-record".into(),
            tenant: Some("aesthetic".into()),
            state: AlertState::Firing,
            systemic: true,
            at: "2025-10-14T14:10:00Z".parse().unwrap(),
            since: "2025-10-14T14:02:00Z".parse().unwrap(),
            affected: 7,
            of: Some(7),
            mended: 0,
            message: "Signups of a & b <!channel> have no users record: 7 of the newest 7.".into(),
            hint: "A backfill makes the record.".into(),
            examples: vec!["auth0|68ee…".into(), "auth0|68ef…".into()],
        }
    }

    #[test]
    fn each_receiver_gets_its_own_form() {
        assert_eq!(
            Receiver::Slack.body(&[alert()]),
            json!({"text": "✗ Signups of a &amp; b &lt;!channel&gt; have no users record: 7 of the newest 7.\nA backfill \
                makes the record.\nSuch as auth0|68ee…, auth0|68ef… and 5 more."})
        );
        assert_eq!(
            Receiver::Discord.body(&[alert()]),
            json!({"content": "✗ Signups of a & b <!channel> have no users record: 7 of the newest 7.\nA backfill makes \
                the record.\nSuch as auth0|68ee…, auth0|68ef… and 5 more.", "allowed_mentions": {"parse": []}})
        );
        assert_eq!(
            Receiver::Json.body(&[alert()]),
            json!({
                "schema": 1, "kind": "signups", "fingerprint": "aesthetic/missing-user-record", "tenant": "aesthetic",
                "state": "firing", "systemic": true, "at": "2025-10-14T14:10:00Z", "since": "2025-10-14T14:02:00Z",
                "affected": 7, "of": 7, "mended": 0,
                "message": "Signups of a & b <!channel> have no users record: 7 of the newest 7.",
                "hint": "A backfill makes the record.", "examples": ["auth0|68ee…", "auth0|68ef…"],
            })
        );
        let long = Alert {
            message: "é".repeat(5_000),
            ..alert()
        };
        let body = Receiver::Discord.body(&[long]);
        assert!(body["content"].as_str().unwrap().chars().count() <= 2_000);
    }

    #[test]
    fn people_get_what_happened_together_in_one_message_and_programs_one_by_one() {
        let many = vec![alert(); 40];
        let together = Receiver::Slack.together(&many);
        assert!((5..20).contains(&together), "{together}");
        let body = Receiver::Discord.body(&many[..together]);
        let text = body["content"].as_str().unwrap();
        assert!(text.chars().count() <= LONGEST && !text.ends_with('…'), "{text}");
        assert_eq!(text.matches("✗ Signups").count(), together);
        assert_eq!(Receiver::Json.together(&many), 1);
        let long = Alert {
            message: "é".repeat(5_000),
            ..alert()
        };
        assert_eq!(Receiver::Slack.together(&[long, alert()]), 1);
        assert_eq!(Receiver::Slack.together(&[]), 0);
    }

    #[test]
    fn receivers_are_told_apart_by_their_address() {
        for (address, receiver) in [
            ("https://hooks.slack.com/services/T0/B0/x", Receiver::Slack),
            ("https://hooks.slack-gov.com/services/T0/B0/x", Receiver::Slack),
            ("https://discord.com/api/webhooks/1/x", Receiver::Discord),
            ("https://ptb.discord.com/api/webhooks/1/x", Receiver::Discord),
            ("https://discordapp.com/api/webhooks/1/x", Receiver::Discord),
            ("https://discord.com/api/webhooks/1/x/slack", Receiver::Slack),
            ("https://discord.com/somewhere", Receiver::Json),
            (
                "https://example.com/hooks.slack.com/discord.com/api/webhooks/1",
                Receiver::Json,
            ),
            ("https://hooks.slack.com.example.com/x", Receiver::Json),
            ("https://notdiscord.com/api/webhooks/1/x", Receiver::Json),
        ] {
            assert_eq!(Receiver::of(&address.parse().unwrap()), receiver, "{address}");
        }
    }
}

//! The tenant's log streams: how Auth0 tells the site of sign-ups and verified e-mails. What they must be like stands in
//! `domain::setting::stream`.

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::{Auth0, unreadable};
use crate::config::address::without_query;
use crate::domain::setting::stream::{LogStream, Token};
use crate::domain::text::clean;
use crate::services::Error;
use crate::services::http::call::Call;

impl Auth0 {
    /// The log streams that send to a webhook, each with its token held against `ours`.
    ///
    /// # Errors
    /// `Auth` where the client lacks `read:log_streams`.
    pub async fn log_streams(&self, ours: Option<&SecretString>) -> Result<Vec<LogStream>, Error> {
        let answer = self.get(Call::get("/api/v2/log-streams")).await?;
        let all = answer
            .as_array()
            .ok_or_else(|| unreadable("a list of log streams"))?;
        let webhooks = all.iter().filter(|stream| stream["type"] == "http");
        Ok(webhooks.map(|stream| read(stream, ours)).collect())
    }
}

fn read(stream: &Value, ours: Option<&SecretString>) -> LogStream {
    let sink = &stream["sink"];
    let text = |value: &Value| value.as_str().map(clean).unwrap_or_default();
    let filters = stream["filters"].as_array();
    let categories = filters.into_iter().flatten().map(|filter| text(&filter["name"]));
    let endpoint = sink["httpEndpoint"].as_str().unwrap_or_default();
    LogStream {
        name: text(&stream["name"]),
        status: text(&stream["status"]),
        endpoint: endpoint.to_string(),
        shown: clean(&without_query(endpoint)),
        format: text(&sink["httpContentFormat"]),
        categories: categories.collect(),
        token: compare(
            sink["httpAuthorization"].as_str(),
            ours.map(ExposeSecret::expose_secret),
        ),
    }
}

/// Auth0 sends a stream's token as it is, and the site compares it so.
fn compare(theirs: Option<&str>, ours: Option<&str>) -> Token {
    const BEARER: &str = "Bearer ";
    let Some(theirs) = theirs.map(str::trim).filter(|theirs| !theirs.is_empty()) else {
        return Token::Missing;
    };
    let bare = |token: &str| token.strip_prefix(BEARER).unwrap_or(token).to_string();
    match ours {
        Some(ours) if ours == theirs => Token::Same,
        _ if is_masked(theirs) => Token::Masked,
        None => Token::NotOurs,
        Some(ours) if bare(ours) == bare(theirs) => Token::Bearer,
        Some(_) => Token::Other,
    }
}

/// Whether something stands for a token that is not shown: stars or dots, perhaps with a few of its characters, or a word
/// in brackets. Nobody knows whether Auth0 masks it, and how.
fn is_masked(token: &str) -> bool {
    let hidden = |c: char| matches!(c, '*' | '•' | '●' | '…' | '.' | 'x' | 'X');
    let stars = token.contains("***") || token.contains("•••") || token.chars().all(hidden);
    let word = token.to_lowercase();
    stars
        || ["redacted", "masked", "hidden"]
            .iter()
            .any(|mark| word.contains(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_compared_as_they_are() {
        for (theirs, ours, expected) in [
            (Some("a-token"), Some("a-token"), Token::Same),
            (Some("a-token"), Some("b-token"), Token::Other),
            (Some("Bearer a-token"), Some("a-token"), Token::Bearer),
            (Some("a-token"), Some("Bearer a-token"), Token::Bearer),
            (Some("a-token"), None, Token::NotOurs),
            (None, Some("a-token"), Token::Missing),
            (Some(""), None, Token::Missing),
            (Some("*****"), Some("a-token"), Token::Masked),
            (Some("********oken"), None, Token::Masked),
            (Some("[REDACTED]"), Some("a-token"), Token::Masked),
            // Whoever has such a token is believed.
            (Some("***"), Some("***"), Token::Same),
        ] {
            assert_eq!(compare(theirs, ours), expected, "{theirs:?} {ours:?}");
        }
    }
}

//! `ATRIAGE_ALERT_WEBHOOK`: where alerts go. The address is a secret itself: whoever has it can write there.

use secrecy::SecretString;

use super::Variables;
use super::address::is_loopback;
use crate::domain::{Class, Problem};

pub const WEBHOOK: &str = "ATRIAGE_ALERT_WEBHOOK";

/// The address of the webhook; `None` where none is set.
///
/// # Errors
/// `Auth` (a matter of configuration) where it cannot be one. The address is never quoted.
pub fn webhook(variables: &Variables) -> Result<Option<SecretString>, Problem> {
    let Some(value) = variables.get(WEBHOOK) else {
        return Ok(None);
    };
    let told = |what: &str, hint: &str| Err(Problem::new(Class::Auth, format!("{WEBHOOK} {what}."), hint));
    let Ok(url) = reqwest::Url::parse(value) else {
        return told(
            "is no address",
            "Copy it whole from Slack, Discord or your own receiver.",
        );
    };
    match url.scheme() {
        _ if !url.username().is_empty() || url.password().is_some() => told(
            "holds a user or a password",
            "Put a secret into its path, where errors do not show it.",
        ),
        "https" => Ok(Some(value.into())),
        "http" if is_loopback(value) => Ok(Some(value.into())),
        "http" => told(
            "is an http:// address of another machine",
            "Alerts would travel unencrypted: use https://.",
        ),
        _ => told("is no address of the web", "It begins with https://."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_address_that_keeps_alerts_private_will_do_and_none_is_quoted() {
        let read = |value: &str| {
            let mut variables = Variables::default();
            variables.set(WEBHOOK, value);
            webhook(&variables)
        };
        assert!(webhook(&Variables::default()).is_ok_and(|address| address.is_none()));
        assert!(read(" ").is_ok_and(|address| address.is_none()));
        for good in [
            "https://hooks.slack.com/services/T0/B0/x",
            "http://127.0.0.1:8080/hook",
            "http://localhost/",
        ] {
            assert!(read(good).is_ok_and(|address| address.is_some()), "{good}");
        }
        for (bad, said) in [
            (
                "hooks.slack.com/services/secret",
                "ATRIAGE_ALERT_WEBHOOK is no address.",
            ),
            (
                "http://hooks.slack.com/secret",
                "ATRIAGE_ALERT_WEBHOOK is an http:// address of another machine.",
            ),
            (
                "https://me:secret@example.com",
                "ATRIAGE_ALERT_WEBHOOK holds a user or a password.",
            ),
            (
                "ftp://example.com/secret",
                "ATRIAGE_ALERT_WEBHOOK is no address of the web.",
            ),
        ] {
            let problem = read(bad).expect_err("it is refused");
            assert_eq!(problem.message, said);
            assert!(!problem.hint.contains("secret@"), "{}", problem.hint);
        }
    }
}

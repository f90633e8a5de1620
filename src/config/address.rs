//! What an address says about itself, without asking anybody.

use std::net::IpAddr;

/// Makes `embedded:///path/to/file` mean the embedded store.
pub const EMBEDDED_SCHEME: &str = "embedded://";

/// Whether an address names this machine itself.
pub fn is_loopback(address: &str) -> bool {
    host_of(address).is_some_and(|host| {
        let number = host
            .trim_start_matches('[')
            .trim_end_matches(']')
            .parse::<IpAddr>();
        host == "localhost" || number.is_ok_and(|number| number.is_loopback())
    })
}

/// Whether an address carries a user or a password: such a one would be printed with every error.
pub fn has_credentials(address: &str) -> bool {
    reqwest::Url::parse(address).is_ok_and(|url| !url.username().is_empty() || url.password().is_some())
}

/// What is wrong with an address, and the mend; `None` where nothing is. The address itself is never in the words: it may
/// hold a password.
pub fn complaint(address: &str) -> Option<(&'static str, &'static str)> {
    if reqwest::Url::parse(address).is_err() || !address.starts_with("http") {
        Some((
            "is no address",
            "It looks like https://host or, on this machine only, http://127.0.0.1:port.",
        ))
    } else if has_credentials(address) {
        Some((
            "holds a user or a password",
            "Credentials stand in variables of their own.",
        ))
    } else if address.starts_with("http://") && !is_loopback(address) {
        Some((
            "is an http:// address of another machine",
            "Credentials would travel unencrypted: use https://.",
        ))
    } else {
        None
    }
}

/// The scheme and the hosts of a connection string, without whatever may be a user, a password or an option.
pub fn hosts_of(connection_string: &str) -> String {
    let (scheme, rest) = connection_string
        .split_once("://")
        .unwrap_or(("", connection_string));
    // A password may hold a slash that nobody encoded, so that the last @ decides.
    let rest = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest);
    let hosts = rest.split(['/', '?']).next().unwrap_or_default();
    format!("{scheme}://{hosts}")
}

/// The scheme, host and path of an address: a query may hold a token.
pub fn without_query(address: &str) -> String {
    let Ok(mut url) = reqwest::Url::parse(address) else {
        return String::new();
    };
    url.set_query(None);
    url.set_fragment(None);
    // Only addresses without a host refuse these, and those have no user either.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.to_string()
}

/// The host of an address, in lower case, without the port.
pub fn host_of(address: &str) -> Option<String> {
    reqwest::Url::parse(address)
        .ok()?
        .host_str()
        .map(str::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_loopback() {
        for here in [
            "http://127.0.0.1:80",
            "http://127.9.9.9",
            "http://localhost:3000/x",
            "http://[::1]:1",
        ] {
            assert!(is_loopback(here), "{here}");
        }
        for away in [
            "http://127.example.com",
            "http://10.0.0.1",
            "http://localhost.example.com",
            "nonsense",
        ] {
            assert!(!is_loopback(away), "{away}");
        }
        assert_eq!(
            hosts_of("mongodb+srv://mira:se/cr?et@db.example.com/x?y=z"),
            "mongodb+srv://db.example.com"
        );
        assert_eq!(hosts_of("mongodb://a:1,b:2/?replicaSet=rs0"), "mongodb://a:1,b:2");
        assert_eq!(
            without_query("https://u:p@example.com/auth0-events?key=1#x"),
            "https://example.com/auth0-events"
        );
        assert!(has_credentials("https://user:pw@example.com") && !has_credentials("https://example.com/@x"));
    }
}

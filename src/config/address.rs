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
        assert!(has_credentials("https://user:pw@example.com") && !has_credentials("https://example.com/@x"));
    }
}

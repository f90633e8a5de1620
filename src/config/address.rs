//! What an address says about itself, without asking anybody.

/// Makes `embedded:///path/to/file` mean the embedded store.
pub const EMBEDDED_SCHEME: &str = "embedded://";

/// Whether an address names this machine itself.
pub fn is_loopback(address: &str) -> bool {
    host_of(address).is_some_and(|host| host == "localhost" || host == "[::1]" || host.starts_with("127."))
}

/// The host of an address, in lower case, without the port.
pub fn host_of(address: &str) -> Option<String> {
    reqwest::Url::parse(address)
        .ok()?
        .host_str()
        .map(str::to_lowercase)
}

//! Random names of the sandbox's world: DIDs, invite codes, passwords, tokens that look like JWTs.
//! Drawn from the system's generator; nothing here can be repeated by a seed.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;

const BASE32: &[u8] = b"abcdefghijklmnopqrstuvwxyz234567";
const BASE58: &[u8] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const ALPHANUMERIC: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

fn draw(alphabet: &[u8], length: usize) -> String {
    (0..length)
        .map(|_| char::from(alphabet[rand::random_range(0..alphabet.len())]))
        .collect()
}

/// A fresh `did:plc:` and 24 base32 characters.
pub(super) fn did() -> String {
    format!("did:plc:{}", draw(BASE32, 24))
}

/// The token of an invite code: `xxxxx-xxxxx`.
pub(super) fn invite_token() -> String {
    format!("{}-{}", draw(BASE32, 5), draw(BASE32, 5))
}

/// A password or client secret of `length` letters and digits.
pub(super) fn secret(length: usize) -> String {
    draw(ALPHANUMERIC, length)
}

/// A commit or operation id that looks like a CID.
pub(super) fn cid() -> String {
    // After the fixed bytes two bits of the seventh letter are taken, and two of the last are padding.
    let (first, last) = (draw(b"abcdefgh", 1), draw(b"aeimquy4", 1));
    format!("bafyrei{first}{}{last}", draw(BASE32, 50))
}

/// A revision of a repository: 13 base32 characters.
pub(super) fn revision() -> String {
    format!("3{}", draw(BASE32, 12))
}

/// A public key as `did:key:` writes it, without that prefix.
pub(super) fn public_key() -> String {
    format!("zQ3sh{}", draw(BASE58, 44))
}

/// A token of three base64url parts with these claims; its signature is noise, so it opens
/// nothing but the sandbox that remembers it.
pub(super) fn jwt(kind: &str, claims: &Value) -> String {
    let header = serde_json::json!({"alg": "RS256", "typ": kind});
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.{}", part(&header), part(claims), draw(ALPHANUMERIC, 43))
}

/// The value of an `Authorization` header for this user and password.
pub(super) fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

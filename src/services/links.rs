//! Where one user can be looked at outside of this program: addresses and ids, to be copied. Asks nobody.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::auth0::percent_encode;
use crate::config::Config;
use crate::config::address::host_of;
use crate::domain::Signup;
use crate::domain::text::clean;

/// The addresses that links begin with.
#[derive(Debug, Clone, Default)]
pub struct Places {
    /// Each tenant with the address of its Auth0.
    pub auth0: Vec<(String, String)>,
    pub pds: String,
    pub plc: String,
}

/// One thing that can be copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// A noun, as a list names it and as it follows "Copied the".
    pub noun: &'static str,
    pub kind: Kind,
    /// Or why there is none, in a few words.
    pub text: Result<String, &'static str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Address,
    Id,
    /// It can name a person.
    Handle,
}

impl Places {
    pub fn of(config: &Config) -> Self {
        let auth0 = config.tenants.iter();
        Self {
            auth0: auth0
                .map(|tenant| (tenant.naming.tenant.clone(), tenant.auth0_url.clone()))
                .collect(),
            pds: config.pds_url.clone(),
            plc: config.plc_url.clone(),
        }
    }

    /// Everything that can be copied of a user, always the same in the same order.
    pub fn links(&self, signup: &Signup) -> [Link; 9] {
        let account = signup.any_account();
        let did = signup.did().or(account.map(|account| account.did.as_str()));
        let handle = account
            .map(|account| account.handle.as_str())
            .or_else(|| signup.atproto()?.handle.as_deref());
        let dashboard = self.auth0.iter().find(|(tenant, _)| *tenant == signup.tenant);
        let address = |noun, text| Link {
            noun,
            kind: Kind::Address,
            text,
        };
        let id = |noun, text: Option<&str>| Link {
            noun,
            kind: Kind::Id,
            text: text.map(clean).ok_or("none yet"),
        };
        let of_did = |base: &str, path: fn(&str) -> String| match did {
            None => Err("no DID yet"),
            Some(did) if is_plain(did) => Ok(format!("{}{}", base.trim_end_matches('/'), path(did))),
            Some(_) => Err("the DID is malformed"),
        };
        [
            address(
                "Auth0 dashboard",
                dashboard
                    .and_then(|(_, url)| in_dashboard(url, &signup.sub))
                    .ok_or("the tenant is not at auth0.com"),
            ),
            address("PLC document", of_did(&self.plc, |did| format!("/{did}"))),
            address("PLC log", of_did(&self.plc, |did| format!("/{did}/log/audit"))),
            address(
                "PDS repository",
                of_did(&self.pds, |did| {
                    format!("/xrpc/com.atproto.repo.describeRepo?repo={did}")
                }),
            ),
            id("Auth0 id", Some(&signup.sub)),
            id("Mongo id", Some(record_id(signup))),
            id("user code", signup.code()),
            id("DID", did),
            Link {
                kind: Kind::Handle,
                ..id("handle", handle)
            },
        ]
    }
}

/// Under which `_id` the records lie.
fn record_id(signup: &Signup) -> &str {
    signup.user.present().map_or(&signup.key, |user| &user.id)
}

/// Whether a DID can stand in an address as it is.
fn is_plain(did: &str) -> bool {
    did.starts_with("did:")
        && did
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, ':' | '.' | '-' | '_' | '%'))
}

/// The page of a user in Auth0's dashboard: the region and the tenant stand in the host (`tenant.us.auth0.com`; the
/// oldest tenants are in `us` and do not say so), and the id is percent-encoded, and then in base64 without padding.
fn in_dashboard(auth0_url: &str, sub: &str) -> Option<String> {
    let host = host_of(auth0_url)?;
    let names: Vec<&str> = host.strip_suffix(".auth0.com")?.split('.').collect();
    let (tenant, region) = match names.as_slice() {
        [tenant] => (tenant, "us"),
        [tenant, region] => (tenant, *region),
        _ => return None,
    };
    let id = URL_SAFE_NO_PAD.encode(percent_encode(sub));
    Some(format!(
        "https://manage.auth0.com/dashboard/{region}/{tenant}/users/{id}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Observed::{Absent, Present};
    use crate::domain::signup::{AtprotoRecord, UserRecord};

    fn places() -> Places {
        Places {
            auth0: vec![
                ("aesthetic".into(), "https://aesthetic.us.auth0.com".into()),
                ("sotce".into(), "http://127.0.0.1:4000".into()),
            ],
            pds: "https://at.example.com/".into(),
            plc: "https://plc.example.com".into(),
        }
    }

    fn with_did(did: &str) -> Signup {
        let mut signup = Signup::named("aesthetic", "auth0|1", "auth0|1");
        signup.user = Present(UserRecord {
            id: "auth0|1".into(),
            code: Present("ac25momez".into()),
            when: None,
            atproto: Present(AtprotoRecord {
                did: Some(did.into()),
                handle: Some("mira.at.example.com".into()),
                has_password: true,
                older: Default::default(),
                fallback: None,
            }),
        });
        signup
    }

    /// What an operator sees in the address bar for such a user.
    #[test]
    fn the_dashboard_names_region_tenant_and_user() {
        let cases = [
            (
                "https://dev.us.auth0.com",
                Some(
                    "https://manage.auth0.com/dashboard/us/dev/users/YXV0aDAlN0M2MWUzN2JiNDY5MGNkMTAwNjg2Zjg0ZTI",
                ),
            ),
            (
                "https://Dev.EU.auth0.com/",
                Some(
                    "https://manage.auth0.com/dashboard/eu/dev/users/YXV0aDAlN0M2MWUzN2JiNDY5MGNkMTAwNjg2Zjg0ZTI",
                ),
            ),
            (
                "https://dev.auth0.com",
                Some(
                    "https://manage.auth0.com/dashboard/us/dev/users/YXV0aDAlN0M2MWUzN2JiNDY5MGNkMTAwNjg2Zjg0ZTI",
                ),
            ),
            ("https://login.example.com", None),
            ("https://notauth0.com", None),
            ("http://127.0.0.1:4000", None),
            ("nonsense", None),
        ];
        for (url, link) in cases {
            let made = in_dashboard(url, "auth0|61e37bb4690cd100686f84e2");
            assert_eq!(made.as_deref(), link, "{url}");
        }
    }

    #[test]
    fn what_there_is_of_a_user_can_be_copied_and_what_there_is_not_says_why() {
        let said = |signup: &Signup| {
            let links = places().links(signup);
            links.map(|link| match link.text {
                Ok(text) => format!("{}: {text}", link.noun),
                Err(why) => format!("{}: ({why})", link.noun),
            })
        };
        assert_eq!(
            said(&with_did("did:plc:abc")),
            [
                "Auth0 dashboard: https://manage.auth0.com/dashboard/us/aesthetic/users/YXV0aDAlN0Mx",
                "PLC document: https://plc.example.com/did:plc:abc",
                "PLC log: https://plc.example.com/did:plc:abc/log/audit",
                "PDS repository: https://at.example.com/xrpc/com.atproto.repo.describeRepo?repo=did:plc:abc",
                "Auth0 id: auth0|1",
                "Mongo id: auth0|1",
                "user code: ac25momez",
                "DID: did:plc:abc",
                "handle: mira.at.example.com",
            ]
        );
        let mut nobody = Signup::named("sotce", "auth0|2", "sotce-auth0|2");
        nobody.user = Absent;
        assert_eq!(
            said(&nobody),
            [
                "Auth0 dashboard: (the tenant is not at auth0.com)",
                "PLC document: (no DID yet)",
                "PLC log: (no DID yet)",
                "PDS repository: (no DID yet)",
                "Auth0 id: auth0|2",
                "Mongo id: sotce-auth0|2",
                "user code: (none yet)",
                "DID: (none yet)",
                "handle: (none yet)",
            ]
        );
    }

    /// Whatever a record holds, nothing that is copied can leave its address, or do something where it is pasted.
    #[test]
    fn a_hostile_did_is_in_no_address_and_no_text_has_a_line_break() {
        let links = places().links(&with_did("did:plc:x/../../?\n\u{1b}[2J"));
        for link in &links[1..4] {
            assert_eq!(link.text, Err("the DID is malformed"));
        }
        let texts = links.iter().filter_map(|link| link.text.as_ref().ok());
        assert!(texts.flat_map(|text| text.chars()).all(|c| !c.is_control()));
    }
}

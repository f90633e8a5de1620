//! Every variable that is ours: what it holds, and what holds where it is not set. And which of them a name is meant to
//! be that is spelled otherwise.

use super::Tenant;
use super::tenants::{BASE_URL, CLIENT_ID, EVENTS_URL, LOG_TOKEN, SECRET};
use crate::domain::spelling::distance;

/// How a value is shown and judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Never shown; no space belongs into it.
    Secret,
    /// Never shown; it may have spaces: a person chose it, or it begins with `Bearer`.
    Password,
    Address,
    /// An address that is a secret itself: only its host is shown.
    SecretAddress,
    /// Only its hosts are shown.
    ConnectionString,
    /// Shown, unless it looks like something of another kind that was put into the wrong variable.
    Text,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    pub name: String,
    pub kind: Kind,
    /// What holds where it is not set, as the end of a sentence; empty: it has to be set.
    pub otherwise: String,
}

/// The variables of these tenants, and those that all share, in the order in which they are told.
pub fn known(tenants: &[Tenant]) -> Vec<Known> {
    let mut all = Vec::new();
    for tenant in tenants {
        let name = &tenant.naming.tenant;
        let mut add = |rest: &str, kind, otherwise: String| {
            let name = tenant.variable(rest);
            all.push(Known {
                name,
                kind,
                otherwise,
            });
        };
        // The first tenant is what the tool is for.
        let alone = || match tenant.env_prefix.is_empty() {
            true => String::new(),
            false => format!("the tenant {name} is not configured"),
        };
        add(CLIENT_ID, Kind::Secret, alone());
        add(SECRET, Kind::Secret, alone());
        add(BASE_URL, Kind::Address, tenant.auth0_url.clone());
        let token = "the log stream's token is not judged";
        add(LOG_TOKEN, Kind::Password, token.into());
        let events = "the log stream's address is shown, and not judged";
        add(EVENTS_URL, Kind::Address, events.into());
    }
    let shared = [
        ("MONGODB_CONNECTION_STRING", Kind::ConnectionString, ""),
        ("MONGODB_NAME", Kind::Text, ""),
        ("PDS_URL", Kind::Address, "https://at.aesthetic.computer"),
        ("PDS_ADMIN_PASSWORD", Kind::Password, ""),
        ("PDS_HANDLE_DOMAIN", Kind::Text, "what the PDS names first"),
        ("PLC_URL", Kind::Address, "https://plc.directory"),
        ("ATRIAGE_ALERT_WEBHOOK", Kind::SecretAddress, "nobody is alerted"),
        ("ATRIAGE_OPERATOR", Kind::Text, "the login name"),
        (
            "ATRIAGE_CONFIG",
            Kind::Text,
            "atriage/config.toml in the user's configuration folder",
        ),
        (
            "ATRIAGE_STATE_DIR",
            Kind::Text,
            "atriage in the user's state folder",
        ),
        ("ATRIAGE_READ_ONLY", Kind::Text, "--fix may write"),
        ("ATRIAGE_LOG", Kind::Text, "no log is written"),
    ];
    all.extend(shared.map(|(name, kind, otherwise)| Known {
        name: name.into(),
        kind,
        otherwise: otherwise.into(),
    }));
    all
}

/// The variable that a name is meant to be which is none of ours: the same but for underscores and capitals, or two
/// characters away.
pub fn meant<'a>(name: &str, known: &'a [Known]) -> Option<&'a str> {
    const AWAY: usize = 2;
    /// A shorter name is two characters away from too much.
    const SHORTEST: usize = 7;
    let bare = |name: &str| -> String {
        let kept = name.chars().filter(|c| *c != '_');
        kept.flat_map(char::to_uppercase).collect()
    };
    if known.iter().any(|known| known.name == name) {
        return None;
    }
    let name = bare(name);
    let away = known
        .iter()
        .map(|known| (distance(&name, &bare(&known.name)), known));
    let (away, nearest) = away.min_by_key(|(away, _)| *away)?;
    (away == 0 || (away <= AWAY && name.len() >= SHORTEST)).then_some(nearest.name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Variables};

    #[test]
    fn a_misspelled_name_is_told_from_others() {
        let tenants = Config::examine(&Variables::default(), None, std::time::Duration::ZERO);
        let known = known(&tenants.config.tenants);
        for (name, expected) in [
            ("AUTH0_M2M_CLIENTID", Some("AUTH0_M2M_CLIENT_ID")),
            ("auth0_m2m_secret", Some("AUTH0_M2M_SECRET")),
            ("SOTCE_AUTH0_M2M_CLIENTID", Some("SOTCE_AUTH0_M2M_CLIENT_ID")),
            ("MONGO_DB_NAME", Some("MONGODB_NAME")),
            ("PDS_ADMIN_PASSWROD", Some("PDS_ADMIN_PASSWORD")),
            ("ATRIAGE_READONLY", Some("ATRIAGE_READ_ONLY")),
            ("AUTH0_M2M_SECRET", None),
            // The existing system's own.
            ("AUTH0_CLIENT_ID", None),
            ("REDIS_CONNECTION_STRING", None),
            ("ADMIN_SUB", None),
            ("SOTCE_ADMIN_SUBS", None),
            ("PDS_HOSTNAME", None),
            ("PDS_PORT", None),
            ("PATH", None),
            ("HTTPS_PROXY", None),
            ("CONTEXT", None),
        ] {
            assert_eq!(meant(name, &known), expected, "{name}");
        }
    }
}

//! What is looked at before anything works: each line's name, whose matter it is, and what the facts behind it mean.
//! Who gathers the facts is `audit::configuration`.

pub mod clock;
pub mod index;
pub mod intents;
pub mod modes;
pub mod pds;
pub mod rights;
pub mod stream;

use super::Class;
use super::check::{Check, CheckState};

/// A line, by its id. Each tenant has its own lines of Auth0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Setting {
    /// `env.NAME`: a variable: whether it is there, its shape, and where it came from.
    Variable(String),
    /// `file.env`: the `.env` that is read.
    EnvFile,
    /// `file.env.mode`: who else may read it.
    EnvMode,
    /// `file.config`: `config.toml`.
    ConfigFile,
    /// `file.state.mode`: who else may write into the state folder.
    StateMode,
    /// `auth0.TENANT.…`
    Auth0(String, Auth0),
    /// `mongo.…`
    Mongo(Mongo),
    /// `mongo.rights.COLLECTION`, without an `@`: what our user may do there.
    Rights(String),
    /// `pds.…`
    Pds(Pds),
    /// `plc.reachable`: the PLC directory answers.
    PlcReachable,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Auth0 {
    /// The token endpoint answers.
    Reachable,
    /// The client gets a token for the Management API.
    Secret,
    /// The token allows `read:users`.
    ScopeUsers,
    /// A list of users is answered.
    List,
    /// Auth0's clock against ours.
    Clock,
    /// There is a log stream to a webhook.
    Stream,
    /// It is active.
    StreamStatus,
    /// It points where it must.
    StreamEndpoint,
    /// It sends what the site's handler reads.
    StreamFormat,
    /// It lets sign-ups and verifications through.
    StreamFilters,
    /// It sends the token that the handler expects.
    StreamToken,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mongo {
    /// A server answers.
    Reachable,
    /// It lets our user in.
    Login,
    /// One of the servers takes writes.
    Primary,
    /// Its clock against ours: leases go by it.
    Clock,
    /// It asks who somebody is.
    AccessControl,
    /// The database is the right one: it has the collections of a signup.
    Database,
    /// The unique index on `users.code`, which the site's code gets along with.
    Index,
    /// No intent of an account, with a password in it, stands longer than its job lives.
    Intents,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pds {
    /// It answers, and is well.
    Health,
    /// It lets the admin in.
    Password,
    /// It gives handles under our domain.
    HandleDomain,
    /// It wants an invite for a new account.
    Invites,
    /// Whether it limits how often it is asked.
    Limiter,
    /// Its clock against ours.
    Clock,
}

/// What a problem of a line calls for, which decides about the exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Matter {
    /// A variable, a credential, a right or a file of ours.
    Configuration,
    /// Something outside has to be repaired.
    Repair,
    /// Whether a service answers.
    Service,
}

impl Setting {
    pub fn id(&self) -> String {
        match self {
            Self::Variable(name) => format!("env.{name}"),
            Self::EnvFile => "file.env".into(),
            Self::EnvMode => "file.env.mode".into(),
            Self::ConfigFile => "file.config".into(),
            Self::StateMode => "file.state.mode".into(),
            Self::Auth0(tenant, part) => format!("auth0.{tenant}.{}", part.name()),
            Self::Mongo(part) => format!("mongo.{}", part.name()),
            Self::Rights(collection) => format!("mongo.rights.{}", collection.trim_start_matches('@')),
            Self::Pds(part) => format!("pds.{}", part.name()),
            Self::PlcReachable => "plc.reachable".into(),
        }
    }

    pub fn matter(&self) -> Matter {
        match self {
            Self::Auth0(_, Auth0::Reachable)
            | Self::Mongo(Mongo::Reachable | Mongo::Primary)
            | Self::Pds(Pds::Health)
            | Self::PlcReachable => Matter::Service,
            Self::Auth0(
                _,
                Auth0::Clock
                | Auth0::Stream
                | Auth0::StreamStatus
                | Auth0::StreamEndpoint
                | Auth0::StreamFormat
                | Auth0::StreamFilters
                | Auth0::StreamToken,
            )
            | Self::Mongo(Mongo::Clock | Mongo::Index | Mongo::Intents)
            | Self::Pds(Pds::Clock | Pds::Invites | Pds::Limiter) => Matter::Repair,
            _ => Matter::Configuration,
        }
    }

    pub fn ok(self, message: impl Into<String>) -> Line {
        self.stands(CheckState::Ok, message.into(), String::new())
    }

    /// It need not be set, and is not: nothing is wrong, and nothing was tried.
    pub fn not_set(self, message: impl Into<String>) -> Line {
        Line {
            unset: true,
            ..self.ok(message)
        }
    }

    pub fn warning(self, message: impl Into<String>, hint: impl Into<String>) -> Line {
        self.stands(CheckState::Warning, message.into(), hint.into())
    }

    pub fn problem(self, message: impl Into<String>, hint: impl Into<String>) -> Line {
        self.stands(CheckState::Problem, message.into(), hint.into())
    }

    pub fn unknown(self, message: impl Into<String>, hint: impl Into<String>) -> Line {
        self.stands(CheckState::Unknown, message.into(), hint.into())
    }

    fn stands(self, state: CheckState, message: String, hint: String) -> Line {
        let check = Check {
            id: self.id(),
            state,
            message,
            hint,
        };
        Line {
            matter: self.matter(),
            check,
            unset: false,
        }
    }
}

impl Auth0 {
    fn name(self) -> &'static str {
        match self {
            Self::Reachable => "reachable",
            Self::Secret => "secret",
            Self::ScopeUsers => "scope.users",
            Self::List => "list",
            Self::Clock => "clock",
            Self::Stream => "stream",
            Self::StreamStatus => "stream.status",
            Self::StreamEndpoint => "stream.endpoint",
            Self::StreamFormat => "stream.format",
            Self::StreamFilters => "stream.filters",
            Self::StreamToken => "stream.token",
        }
    }
}

impl Mongo {
    fn name(self) -> &'static str {
        match self {
            Self::Reachable => "reachable",
            Self::Login => "login",
            Self::Primary => "primary",
            Self::Clock => "clock",
            Self::AccessControl => "access-control",
            Self::Database => "database",
            Self::Index => "index",
            Self::Intents => "intents",
        }
    }
}

impl Pds {
    fn name(self) -> &'static str {
        match self {
            Self::Health => "health",
            Self::Password => "password",
            Self::HandleDomain => "handle-domain",
            Self::Invites => "invites",
            Self::Limiter => "limiter",
            Self::Clock => "clock",
        }
    }
}

/// A line that was judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub check: Check,
    pub matter: Matter,
    /// A variable that need not be set, and is not: there was nothing to try.
    pub unset: bool,
}

/// What a whole check asks for: what is sure comes before what is not known, and what hinders everything else before the
/// rest. `None`: nothing; warnings do not count.
pub fn worst(lines: &[Line]) -> Option<Matter> {
    let problem = |matter| {
        let bad = |line: &&Line| line.check.state == CheckState::Problem && line.matter == matter;
        lines.iter().find(bad).map(|line| line.matter)
    };
    let silent = |line: &&Line| line.check.state == CheckState::Unknown && line.matter == Matter::Service;
    problem(Matter::Configuration)
        .or_else(|| problem(Matter::Repair))
        .or_else(|| problem(Matter::Service))
        .or_else(|| lines.iter().find(silent).map(|line| line.matter))
}

/// How a call that failed leaves its line. What was not answered is not known, which is the service's matter. What was
/// refused is a problem of ours: a credential, a right, or an address where somebody else answers.
pub fn failed(setting: Setting, class: Class, message: String, hint: String) -> Line {
    match class {
        Class::Unavailable | Class::RateLimit => Line {
            matter: Matter::Service,
            ..setting.unknown(message, hint)
        },
        _ => Line {
            matter: Matter::Configuration,
            ..setting.problem(message, hint)
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_of_all_decides() {
        let index = || Setting::Mongo(Mongo::Index);
        let secret = || Setting::Auth0("aesthetic".into(), Auth0::Secret);
        let plc = || Setting::PlcReachable;
        for (lines, expected) in [
            (vec![], None),
            (vec![index().warning("", ""), plc().ok("")], None),
            (vec![index().unknown("", "")], None),
            (vec![plc().unknown("", "")], Some(Matter::Service)),
            (
                vec![plc().unknown("", ""), index().problem("", "")],
                Some(Matter::Repair),
            ),
            (
                vec![index().problem("", ""), secret().problem("", "")],
                Some(Matter::Configuration),
            ),
        ] {
            assert_eq!(worst(&lines), expected, "{lines:?}");
        }
    }

    #[test]
    fn an_id_tells_the_service_the_tenant_and_the_part() {
        let stream = Setting::Auth0("sotce".into(), Auth0::StreamFormat);
        assert_eq!(stream.id(), "auth0.sotce.stream.format");
        assert_eq!(Setting::Rights("@handles".into()).id(), "mongo.rights.handles");
        assert_eq!(Setting::Pds(Pds::HandleDomain).id(), "pds.handle-domain");
    }
}

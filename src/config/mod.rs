//! The configuration: variables, an `.env`, and `config.toml` for further tenants. Every problem is collected and told at
//! once. Nothing is read from the process here but what the caller hands in.

pub mod address;
#[cfg(test)]
mod tests;
pub mod views;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::SecretString;
use serde::Deserialize;

use address::{EMBEDDED_SCHEME, has_credentials, host_of, is_loopback};
use views::View;

use crate::domain::tenant::Naming;
use crate::domain::{Class, Problem};

/// What everything else is built from.
#[derive(Clone)]
pub struct Config {
    /// At least one of them has a client.
    pub tenants: Vec<Tenant>,
    pub mongodb_connection_string: SecretString,
    pub mongodb_name: String,
    pub pds_url: String,
    pub pds_admin_password: SecretString,
    pub pds_handle_domain: Option<String>,
    pub plc_url: String,
    pub read_only: bool,
    /// Who the audit trail says did it.
    pub operator: String,
    /// Where this machine keeps what outlives a process: who still lives, and what the screen remembers.
    pub state_dir: PathBuf,
    /// Filters with a name.
    pub views: Vec<View>,
    /// For one call to a backend.
    pub timeout: Duration,
    /// What the badge beside the tenant says: the PDS's host, or `sandbox`.
    pub label: String,
}

#[derive(Clone)]
pub struct Tenant {
    pub naming: Naming,
    pub auth0_url: String,
    /// The names of the two variables, for hints.
    pub credential: String,
    /// Without it the tenant is shown as not configured.
    pub client: Option<Client>,
}

#[derive(Clone)]
pub struct Client {
    pub id: String,
    pub secret: SecretString,
}

/// Variables by name. Values are secrets until proven otherwise: there is no way to print them.
#[derive(Clone, Default)]
pub struct Variables(BTreeMap<String, String>);

/// The file `config.toml`.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    tenant: Vec<FileTenant>,
    #[serde(default)]
    view: Vec<View>,
}

#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
struct FileTenant {
    name: String,
    auth0_url: String,
    sub_prefix: String,
    env_prefix: String,
}

/// What begins the name of a variable that says: the real thing is meant.
const REAL: [&str; 6] = [
    "AUTH0_",
    "SOTCE_AUTH0_",
    "MONGODB_",
    "PDS_URL",
    "PDS_ADMIN_PASSWORD",
    "PLC_URL",
];

impl Variables {
    /// The variables of the process, then those of the `.env` that it does not have.
    pub fn new(process: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(process.into_iter().collect())
    }

    /// Adds what an `.env` file says; what is set already stays.
    ///
    /// # Errors
    /// `Usage` where the file cannot be read or a line of it is malformed. The line itself is never quoted.
    pub fn add_file(&mut self, path: &Path) -> Result<(), Problem> {
        let told = |what: &str| {
            Problem::new(
                Class::Auth,
                format!("{} {what}.", path.display()),
                "Each line is NAME=value; a value with spaces or # stands in quotes.",
            )
        };
        let text = std::fs::read_to_string(path).map_err(|_| told("cannot be read"))?;
        let text: String = text.lines().map(|line| as_written(line) + "\n").collect();
        for pair in dotenvy::from_read_iter(text.as_bytes()) {
            let (name, value) = pair.map_err(|error| match error {
                dotenvy::Error::LineParse(_, at) => {
                    told(&format!("has a line that cannot be read, at its character {at}"))
                }
                _ => told("cannot be read"),
            })?;
            self.0.entry(name).or_insert(value);
        }
        Ok(())
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(|value| value.trim())
            .filter(|value| !value.is_empty())
    }

    /// Whether any variable says that the real thing is meant, be it empty.
    pub fn mean_the_real_thing(&self) -> bool {
        self.0
            .keys()
            .any(|name| REAL.iter().any(|real| name.starts_with(real)))
    }

    pub fn set(&mut self, name: &str, value: &str) {
        self.0.insert(name.to_string(), value.to_string());
    }
}

impl Config {
    /// Reads the configuration.
    ///
    /// # Errors
    /// Every missing, empty or malformed variable, each as a sentence with a hint.
    pub fn read(variables: &Variables, file: Option<&Path>, timeout: Duration) -> Result<Self, Vec<Problem>> {
        let mut reader = Reader {
            variables,
            problems: Vec::new(),
        };
        let File { tenant, view: views } = reader.file(file);
        let tenants = reader.tenants(tenant);
        reader.problems.extend(views::problems(&views));
        let pds_url = reader.url("PDS_URL", "https://at.aesthetic.computer");
        let config = Self {
            tenants,
            mongodb_connection_string: reader.connection_string(),
            mongodb_name: reader.required("MONGODB_NAME"),
            pds_admin_password: reader.required("PDS_ADMIN_PASSWORD").into(),
            pds_handle_domain: variables.get("PDS_HANDLE_DOMAIN").map(String::from),
            plc_url: reader.url("PLC_URL", "https://plc.directory"),
            read_only: variables
                .get("ATRIAGE_READ_ONLY")
                .is_some_and(|value| value != "0"),
            operator: operator(variables),
            state_dir: state_dir(variables),
            views,
            timeout,
            label: host_of(&pds_url).unwrap_or_default(),
            pds_url,
        };
        if reader.problems.is_empty() {
            Ok(config)
        } else {
            Err(reader.problems)
        }
    }

    pub fn namings(&self) -> Vec<Naming> {
        self.tenants.iter().map(|tenant| tenant.naming.clone()).collect()
    }
}

struct Reader<'a> {
    variables: &'a Variables,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn problem(&mut self, message: String, hint: impl Into<String>) {
        self.problems.push(Problem::new(Class::Auth, message, hint));
    }

    fn required(&mut self, name: &str) -> String {
        if let Some(value) = self.variables.get(name) {
            return value.to_string();
        }
        let state = if self.variables.0.contains_key(name) {
            "is empty"
        } else {
            "is not set"
        };
        self.problem(
            format!("{name} {state}."),
            format!("Put {name} into the environment or into an .env file."),
        );
        String::new()
    }

    fn connection_string(&mut self) -> SecretString {
        let name = "MONGODB_CONNECTION_STRING";
        let value = self.required(name);
        let known = ["mongodb://", "mongodb+srv://", EMBEDDED_SCHEME];
        if !value.is_empty() && !known.iter().any(|scheme| value.starts_with(scheme)) {
            self.problem(
                format!("{name} is malformed."),
                "It begins with mongodb:// or mongodb+srv://.",
            );
        }
        value.into()
    }

    fn url(&mut self, name: &str, default: &str) -> String {
        let value = self
            .variables
            .get(name)
            .unwrap_or(default)
            .trim_end_matches('/')
            .to_string();
        self.check_url(name, &value);
        value
    }

    fn check_url(&mut self, name: &str, value: &str) {
        if reqwest::Url::parse(value).is_err() || !value.starts_with("http") {
            self.problem(
                format!("{name} is no address."),
                "It looks like https://host or, on this machine only, http://127.0.0.1:port.",
            );
        } else if has_credentials(value) {
            self.problem(
                format!("{name} holds a user or a password."),
                "Credentials stand in variables of their own.",
            );
        } else if value.starts_with("http://") && !is_loopback(value) {
            self.problem(
                format!("{name} is an http:// address of another machine."),
                "Credentials would travel unencrypted: use https://.",
            );
        }
    }

    fn tenants(&mut self, further: Vec<FileTenant>) -> Vec<Tenant> {
        let built_in = |name: &str, sub_prefix: &str, env_prefix: &str| FileTenant {
            name: name.into(),
            auth0_url: format!("https://{name}.us.auth0.com"),
            sub_prefix: sub_prefix.into(),
            env_prefix: env_prefix.into(),
        };
        let mut all = vec![
            built_in("aesthetic", "", ""),
            built_in("sotce", "sotce-", "SOTCE_"),
        ];
        for tenant in further {
            if all
                .iter()
                .any(|other| other.name == tenant.name || other.sub_prefix == tenant.sub_prefix)
            {
                self.problem(
                    format!(
                        "config.toml names the tenant {} with a name or a sub_prefix that another one has.",
                        tenant.name
                    ),
                    "Each tenant has its own name and its own sub_prefix.",
                );
            }
            all.push(tenant);
        }
        all.into_iter().map(|tenant| self.tenant(&tenant)).collect()
    }

    fn file(&mut self, path: Option<&Path>) -> File {
        let Some(path) = path else { return File::default() };
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) => {
                self.problem(
                    format!("{} cannot be read: {error}.", path.display()),
                    "Check --config and ATRIAGE_CONFIG.",
                );
                return File::default();
            }
        };
        toml::from_str(&text).unwrap_or_else(|error| {
            self.problem(
                format!("{} is malformed: {}.", path.display(), error.message()),
                "Tenants are tables: [[tenant]] with name, auth0_url, sub_prefix and env_prefix; views too: [[view]] with name and filter.",
            );
            File::default()
        })
    }

    fn tenant(&mut self, tenant: &FileTenant) -> Tenant {
        let name = |rest: &str| format!("{}{rest}", tenant.env_prefix);
        let (id, secret) = (name("AUTH0_M2M_CLIENT_ID"), name("AUTH0_M2M_SECRET"));
        let auth0_url = self.url(&name("AUTH0_BASE_URL"), &tenant.auth0_url);
        let given = [&id, &secret]
            .iter()
            .any(|name| self.variables.get(name).is_some());
        // The first tenant is what the tool is for; any other may be left out as a whole.
        let client = (given || tenant.env_prefix.is_empty()).then(|| Client {
            id: self.required(&id),
            secret: self.required(&secret).into(),
        });
        Tenant {
            naming: Naming::new(&tenant.name, &tenant.sub_prefix),
            auth0_url,
            credential: format!("{id} and {secret}"),
            client,
        }
    }
}

/// `ATRIAGE_OPERATOR`, else the login name.
fn operator(variables: &Variables) -> String {
    ["ATRIAGE_OPERATOR", "LOGNAME", "USER"]
        .iter()
        .find_map(|name| variables.get(name))
        .unwrap_or("somebody")
        .to_string()
}

/// `ATRIAGE_STATE_DIR`, else the place that the XDG rules give.
fn state_dir(variables: &Variables) -> PathBuf {
    let under = |name: &str, rest: &str| variables.get(name).map(|folder| Path::new(folder).join(rest));
    variables
        .get("ATRIAGE_STATE_DIR")
        .map(PathBuf::from)
        .or_else(|| under("XDG_STATE_HOME", "atriage"))
        .or_else(|| under("HOME", ".local/state/atriage"))
        .unwrap_or_else(|| std::env::temp_dir().join("atriage"))
}

/// A line of an `.env` such that dotenvy reads it as the existing system does: a `$` is a `$`, and a value without quotes
/// ends at the line's end or at a `#`.
fn as_written(line: &str) -> String {
    let Some((name, value)) = line
        .split_once('=')
        .filter(|_| !line.trim_start().starts_with('#'))
    else {
        return line.to_string();
    };
    match value.trim().chars().next() {
        Some('\'') | None => line.to_string(),
        Some('"') => line.replace('$', "\\$"),
        Some(_) => {
            let bare = value.split('#').next().unwrap_or_default().trim();
            let escaped = bare
                .replace('\\', "\\\\")
                .replace('"', "\\\"")
                .replace('$', "\\$");
            format!("{name}=\"{escaped}\"")
        }
    }
}

/// The `.env` that is nearest, from a folder upward.
pub fn nearest_env_file(from: &Path) -> Option<PathBuf> {
    from.ancestors()
        .map(|folder| folder.join(".env"))
        .find(|path| path.is_file())
}

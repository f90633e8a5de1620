//! The tenants: the two that are built in, and those of `config.toml`; each with its own variables. And that file.

use std::path::Path;

use secrecy::SecretString;
use serde::Deserialize;

use super::reader::Reader;
use super::screen::Screen;
use super::views::View;
use crate::domain::run::BOTH;
use crate::domain::tenant::Naming;

#[derive(Clone)]
pub struct Tenant {
    pub naming: Naming,
    pub auth0_url: String,
    /// The names of the two variables, for hints.
    pub credential: String,
    /// What its variables begin with; empty for the first tenant.
    pub env_prefix: String,
    /// Without it the tenant is shown as not configured.
    pub client: Option<Client>,
    /// What the tenant's log stream sends as its `Authorization`.
    pub log_token: Option<SecretString>,
    /// Where the tenant's log stream must point, as it was written.
    pub events_url: Option<String>,
}

#[derive(Clone)]
pub struct Client {
    pub id: String,
    pub secret: SecretString,
}

/// What the names of a tenant's variables end with.
pub const CLIENT_ID: &str = "AUTH0_M2M_CLIENT_ID";
pub const SECRET: &str = "AUTH0_M2M_SECRET";
pub const BASE_URL: &str = "AUTH0_BASE_URL";
pub const LOG_TOKEN: &str = "AUTH0_LOG_TOKEN";
pub const EVENTS_URL: &str = "AUTH0_EVENTS_URL";

impl Tenant {
    /// The name of this tenant's variable, such as `SOTCE_AUTH0_LOG_TOKEN`.
    pub fn variable(&self, rest: &str) -> String {
        format!("{}{rest}", self.env_prefix)
    }
}

/// The file `config.toml`.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    #[serde(default)]
    pub tenant: Vec<FileTenant>,
    #[serde(default)]
    pub view: Vec<View>,
    #[serde(default)]
    screen: toml::Table,
    #[serde(default)]
    keys: toml::Table,
}

#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub(super) struct FileTenant {
    name: String,
    auth0_url: String,
    sub_prefix: String,
    env_prefix: String,
}

impl Reader<'_> {
    pub(super) fn tenants(&mut self, further: Vec<FileTenant>) -> Vec<Tenant> {
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
            let is_number = tenant.name.bytes().all(|byte| byte.is_ascii_digit());
            if is_number || tenant.name == BOTH {
                self.problem(
                    "",
                    format!(
                        "config.toml names a tenant {:?}, which means something else on a command line.",
                        tenant.name
                    ),
                    "A tenant has a name of its own: neither both nor a number.",
                );
            }
            if all
                .iter()
                .any(|other| other.name == tenant.name || other.sub_prefix == tenant.sub_prefix)
            {
                self.problem(
                    "",
                    format!(
                        "config.toml names the tenant {} with a name or a sub_prefix that another one has.",
                        tenant.name
                    ),
                    "Each tenant has its own name and its own sub_prefix.",
                );
            }
            all.push(tenant);
        }
        all.into_iter().map(|tenant| self.tenant(tenant)).collect()
    }

    pub(super) fn file(&mut self, path: Option<&Path>) -> File {
        let Some(path) = path else { return File::default() };
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) => {
                self.problem(
                    "",
                    format!("{} cannot be read: {error}.", path.display()),
                    "Check --config and ATRIAGE_CONFIG.",
                );
                return File::default();
            }
        };
        toml::from_str(&text).unwrap_or_else(|error| {
            self.problem(
                "",
                format!("{} is malformed: {}.", path.display(), error.message()),
                "Tenants are tables: [[tenant]] with name, auth0_url, sub_prefix and env_prefix; views are [[view]] with name and filter; the dashboard has [screen] and [keys].",
            );
            File::default()
        })
    }

    pub(super) fn screen(&mut self, file: &File) -> Screen {
        Screen::read(&file.screen, &file.keys).unwrap_or_else(|problems| {
            for problem in problems {
                self.problem("", problem.message, problem.hint);
            }
            Screen::default()
        })
    }

    fn tenant(&mut self, tenant: FileTenant) -> Tenant {
        let name = |rest: &str| format!("{}{rest}", tenant.env_prefix);
        let (id, secret) = (name(CLIENT_ID), name(SECRET));
        let auth0_url = self.url(&name(BASE_URL), &tenant.auth0_url);
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
            log_token: self.variables.get(&name(LOG_TOKEN)).map(SecretString::from),
            events_url: self.variables.get(&name(EVENTS_URL)).map(String::from),
            env_prefix: tenant.env_prefix,
        }
    }
}

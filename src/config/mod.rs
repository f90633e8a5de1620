//! The configuration: variables, an `.env`, and `config.toml` for further tenants and the screen. Every problem is collected
//! and told at once. Nothing is read from the process here but what the caller hands in.

pub mod address;
pub mod files;
pub mod known;
mod reader;
pub mod screen;
pub mod tenants;
#[cfg(test)]
mod tests;
mod variables;
pub mod views;
pub mod webhook;

use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::SecretString;

pub use tenants::{Client, Tenant};
pub use variables::{Source, Variables, nearest_env_file};

use crate::domain::Problem;
use crate::domain::tenant::Naming;
use address::host_of;
use reader::Reader;
use screen::Screen;

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
    pub views: Vec<views::View>,
    /// For one call to a backend.
    pub timeout: Duration,
    /// What the badge beside the tenant says: the PDS's host, or `sandbox`.
    pub label: String,
    pub screen: Screen,
}

/// Something that is wrong with the configuration.
pub struct Flaw {
    /// Empty where a file is the matter.
    pub variable: String,
    pub problem: Problem,
}

/// A configuration as far as it can be read. What has a flaw stands in it all the same, and must not be used.
pub struct Reading {
    pub config: Config,
    pub flaws: Vec<Flaw>,
}

impl Reading {
    /// What is wrong with this variable.
    pub fn flaw(&self, variable: &str) -> Option<&Problem> {
        let found = self.flaws.iter().find(|flaw| flaw.variable == variable);
        found.map(|flaw| &flaw.problem)
    }
}

impl Config {
    /// Reads the configuration.
    ///
    /// # Errors
    /// Every missing, empty or malformed variable, each as a sentence with a hint.
    pub fn read(variables: &Variables, file: Option<&Path>, timeout: Duration) -> Result<Self, Vec<Problem>> {
        let reading = Self::examine(variables, file, timeout);
        if reading.flaws.is_empty() {
            Ok(reading.config)
        } else {
            Err(reading.flaws.into_iter().map(|flaw| flaw.problem).collect())
        }
    }

    /// Reads as much of the configuration as there is, for whoever tells what is wrong with it.
    pub fn examine(variables: &Variables, file: Option<&Path>, timeout: Duration) -> Reading {
        let mut reader = Reader {
            variables,
            flaws: Vec::new(),
        };
        let file = reader.file(file);
        let screen = reader.screen(&file);
        reader.views(&file.view);
        let views = file.view;
        let tenants = reader.tenants(file.tenant);
        let pds_url = reader.url("PDS_URL", "https://at.aesthetic.computer");
        let config = Self {
            tenants,
            mongodb_connection_string: reader.connection_string(),
            mongodb_name: reader.database(),
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
            screen,
        };
        Reading {
            config,
            flaws: reader.flaws,
        }
    }

    /// What the file says about the screen, and the saved views, for the sandbox too: the hands that hold it are the same.
    ///
    /// # Errors
    /// Everything in the file that cannot be read.
    pub fn read_screen(file: Option<&Path>) -> Result<(Screen, Vec<views::View>), Vec<Problem>> {
        let mut reader = Reader {
            variables: &Variables::default(),
            flaws: Vec::new(),
        };
        let file = reader.file(file);
        let screen = reader.screen(&file);
        reader.views(&file.view);
        if reader.flaws.is_empty() {
            Ok((screen, file.view))
        } else {
            Err(reader.flaws.into_iter().map(|flaw| flaw.problem).collect())
        }
    }

    pub fn namings(&self) -> Vec<Naming> {
        self.tenants.iter().map(|tenant| tenant.naming.clone()).collect()
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
pub fn state_dir(variables: &Variables) -> PathBuf {
    let under = |name: &str, rest: &str| variables.get(name).map(|folder| Path::new(folder).join(rest));
    variables
        .get("ATRIAGE_STATE_DIR")
        .map(PathBuf::from)
        .or_else(|| under("XDG_STATE_HOME", "atriage"))
        .or_else(|| under("HOME", ".local/state/atriage"))
        .unwrap_or_else(|| std::env::temp_dir().join("atriage"))
}

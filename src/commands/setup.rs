//! From flags and variables to backends that can be asked: which configuration holds, and whether it is the sandbox.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use etcetera::BaseStrategy;
use secrecy::SecretString;

use super::Failure;
use super::args::Global;
use super::output::Output;
use crate::config::{Config, Variables, nearest_env_file};
use crate::domain::{Class, Problem};
use crate::sandbox::Sandbox;
use crate::services::observe::Backends;
use crate::services::owner::Owner;

/// Said where the sandbox opens because nothing else is configured.
pub const SANDBOX: &str = "Nothing is configured: this is the sandbox, with invented people.";

/// What a command works with.
pub struct Setup {
    pub config: Config,
    pub backends: Arc<Backends>,
    /// Keeps the sandbox's servers alive.
    sandbox: Option<Sandbox>,
    asked_for: bool,
}

impl Setup {
    /// Who this process is, where it writes or has to tell whether others live.
    ///
    /// # Errors
    /// `Auth` (a matter of configuration) where the state folder cannot be written.
    pub fn owner(&self) -> Result<Arc<Owner>, Problem> {
        let (operator, folder) = (&self.config.operator, &self.config.state_dir);
        Owner::here(operator, folder).map(Arc::new).map_err(|error| {
            Problem::new(
                Class::Auth,
                format!(
                    "The state folder {} cannot be written: {error}.",
                    folder.display()
                ),
                "Set ATRIAGE_STATE_DIR to a folder of yours.",
            )
        })
    }

    pub fn is_sandbox(&self) -> bool {
        self.sandbox.is_some()
    }

    /// Whether the sandbox opened by itself.
    pub fn is_sandbox_by_default(&self) -> bool {
        self.sandbox.is_some() && !self.asked_for
    }
}

/// Reads the configuration and opens the backends.
///
/// # Errors
/// Everything that is wrong with the configuration, at once.
pub async fn open(global: &Global, output: &Output) -> Result<Setup, Failure> {
    if global.verbose {
        let filter = tracing_subscriber::EnvFilter::new("atriage=debug");
        tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_writer(std::io::stderr)
            .without_time()
            .init();
    }
    let variables = variables(global)?;
    let timeout = Duration::from_secs(global.timeout);
    let (mut config, sandbox) = if global.sandbox.is_some() || !variables.mean_the_real_thing() {
        if global.sandbox.is_none() {
            output.say(SANDBOX);
        }
        let started = Sandbox::start(timeout).await;
        let sandbox = started.map_err(|error| {
            Problem::new(
                Class::Internal,
                format!("The sandbox did not start: {error:#}."),
                "Is the temporary folder writable?",
            )
        })?;
        (sandbox.config().clone(), Some(sandbox))
    } else {
        let file = global
            .config
            .clone()
            .or_else(|| variables.get("ATRIAGE_CONFIG").map(PathBuf::from))
            .or_else(default_config);
        (
            Config::read(&variables, file.as_deref(), timeout).map_err(Failure)?,
            None,
        )
    };
    let forbidden = variables
        .get("ATRIAGE_READ_ONLY")
        .is_some_and(|value| value != "0");
    config.read_only |= global.read_only || forbidden;
    let backends = Arc::new(Backends::open(&config).await?);
    Ok(Setup {
        config,
        backends,
        sandbox,
        asked_for: global.sandbox.is_some(),
    })
}

/// Where alerts go; `None` where nowhere is set.
pub fn webhook(global: &Global) -> Result<Option<SecretString>, Failure> {
    Ok(crate::config::webhook::webhook(&variables(global)?)?)
}

/// The process's variables, and those of the `.env`.
fn variables(global: &Global) -> Result<Variables, Failure> {
    // A variable that is no text is none of ours.
    let process = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let mut variables = Variables::new(process);
    let here = std::env::current_dir().ok();
    if let Some(file) = global.env_file.clone().or_else(|| nearest_env_file(&here?)) {
        variables.add_file(&file)?;
    }
    Ok(variables)
}

fn default_config() -> Option<PathBuf> {
    let folder = etcetera::choose_base_strategy().ok()?.config_dir();
    Some(folder.join("atriage").join("config.toml")).filter(|path| path.is_file())
}

/// The tenants that a word means; `both` leaves those out that are not configured, and says so.
pub fn tenants(setup: &Setup, word: &str, output: &Output) -> Result<Vec<String>, Failure> {
    if word != "both" {
        setup.backends.naming(word)?;
        return Ok(vec![word.to_string()]);
    }
    let configured = setup.backends.configured();
    for naming in setup.config.namings() {
        if !configured.contains(&naming.tenant) {
            output.say(&format!(
                "The tenant {} is not configured, and left out.",
                naming.tenant
            ));
        }
    }
    Ok(configured)
}

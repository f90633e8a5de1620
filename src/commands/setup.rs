//! From flags and variables to backends that can be asked: which configuration holds, and whether it is the sandbox.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use etcetera::BaseStrategy;
use secrecy::SecretString;

use super::Failure;
use super::args::Global;
use super::output::Output;
use super::screen;
use crate::audit::configuration::{Configuration, Files};
use crate::config::{Config, Flaw, Source, Variables, nearest_env_file, state_dir};
use crate::domain::{Class, Problem};
use crate::sandbox::{Practices, Sandbox};
use crate::services::observe::Backends;
use crate::services::owner::Owner;

/// What a command works with.
pub struct Setup {
    pub config: Config,
    pub backends: Arc<Backends>,
    /// Keeps the sandbox's servers alive.
    sandbox: Option<Sandbox>,
    /// The state folder of whoever started this, which is not the sandbox's.
    pub home: PathBuf,
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

    /// What breaks the sandbox on purpose; `None` for the real thing.
    pub fn practices(&self) -> Option<&Practices> {
        self.sandbox.as_ref().map(Sandbox::practices)
    }
}

/// Reads the configuration and opens the backends. The sandbox opens only where it is asked for: what is invented must not
/// be taken for an answer, least of all by a script whose `.env` was lost.
///
/// # Errors
/// Everything that is wrong with the configuration, at once.
pub async fn open(global: &Global) -> Result<Setup, Failure> {
    let variables = variables(global)?;
    if global.sandbox.is_none() && !variables.mean_the_real_thing() {
        return Err(Problem::new(
            Class::Auth,
            "Nothing is configured.",
            "atriage check-config names each variable; --sandbox shows it all with invented people.",
        )
        .into());
    }
    read(global, &variables).await
}

/// The same for the dashboard, which opens the sandbox by itself where nothing is configured.
///
/// # Errors
/// Everything that is wrong with the configuration, at once.
pub async fn open_for_the_screen(global: &Global) -> Result<Setup, Failure> {
    let variables = variables(global)?;
    read(global, &variables).await
}

async fn read(global: &Global, variables: &Variables) -> Result<Setup, Failure> {
    super::log::begin(global.verbose, variables.get("ATRIAGE_LOG"))?;
    let timeout = Duration::from_secs(global.timeout);
    let file = config_file(global, variables);
    let (mut config, sandbox) = if global.sandbox.is_some() || !variables.mean_the_real_thing() {
        let sandbox = sandbox(timeout).await?;
        let mut config = sandbox.config().clone();
        (config.screen, config.views) = Config::read_screen(file.as_deref()).map_err(Failure)?;
        (config, Some(sandbox))
    } else {
        (
            Config::read(variables, file.as_deref(), timeout).map_err(Failure)?,
            None,
        )
    };
    config.read_only |= global.read_only || forbids(variables);
    let backends = Arc::new(Backends::open(&config).await?);
    Ok(Setup {
        config,
        backends,
        sandbox,
        home: state_dir(variables),
    })
}

/// Where alerts go; `None` where nowhere is set.
pub fn webhook(global: &Global) -> Result<Option<SecretString>, Failure> {
    Ok(crate::config::webhook::webhook(&variables(global)?)?)
}

/// Everything that the configuration is read from, as far as it can be read.
struct Sources {
    variables: Variables,
    env: Option<PathBuf>,
    env_problem: Option<Problem>,
}

impl Sources {
    /// The process's variables, and those of the `.env`.
    fn of(global: &Global) -> Self {
        // A variable that is no text is none of ours.
        let process = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        let mut variables = Variables::new(process);
        let here = std::env::current_dir().ok();
        let env = global
            .env_file
            .clone()
            .or_else(|| here.as_deref().and_then(nearest_env_file));
        let env_problem = env.as_deref().and_then(|file| variables.add_file(file).err());
        Self {
            variables,
            env,
            env_problem,
        }
    }
}

fn variables(global: &Global) -> Result<Variables, Failure> {
    let sources = Sources::of(global);
    match sources.env_problem {
        Some(problem) => Err(problem.into()),
        None => Ok(sources.variables),
    }
}

/// What is to be checked, be it as wrong as it may; and the sandbox, where that is what is checked.
///
/// # Errors
/// Only where the sandbox does not start.
pub async fn examine(global: &Global) -> Result<(Configuration, Option<Sandbox>), Failure> {
    let Sources {
        variables,
        env,
        env_problem,
    } = Sources::of(global);
    let timeout = Duration::from_secs(global.timeout);
    let read_only = global.read_only || forbids(&variables);
    let logs = super::log::begin(global.verbose, variables.get("ATRIAGE_LOG"));
    let config = config_file(global, &variables);
    let (variables, files, mut reading, sandbox) = if global.sandbox.is_some() {
        let sandbox = sandbox(timeout).await?;
        let pairs = sandbox.variables().iter();
        let pairs = pairs.map(|(name, value)| (name.to_string(), value.clone()));
        let variables = Variables::from(Source::Sandbox, pairs);
        let mut reading = Config::examine(&variables, None, timeout);
        // As it is read by whatever works on the sandbox.
        match Config::read_screen(config.as_deref()) {
            Ok((screen, views)) => (reading.config.screen, reading.config.views) = (screen, views),
            Err(problems) => reading.flaws.extend(problems.into_iter().map(of_a_file)),
        }
        (variables, Files::Sandbox { config }, reading, Some(sandbox))
    } else {
        let reading = Config::examine(&variables, config.as_deref(), timeout);
        let files = Files::Real {
            env,
            env_problem,
            config,
        };
        (variables, files, reading, None)
    };
    reading.config.read_only |= read_only;
    // A log that cannot be written is one line of many here.
    reading.flaws.extend(logs.err().map(|problem| Flaw {
        variable: "ATRIAGE_LOG".into(),
        problem,
    }));
    let of_screen = screen::problems(&reading.config).into_iter();
    reading.flaws.extend(of_screen.map(of_a_file));
    let configuration = Configuration {
        variables,
        reading,
        files,
    };
    Ok((configuration, sandbox))
}

fn of_a_file(problem: Problem) -> Flaw {
    Flaw {
        variable: String::new(),
        problem,
    }
}

async fn sandbox(timeout: Duration) -> Result<Sandbox, Problem> {
    Sandbox::start(timeout).await.map_err(|error| {
        Problem::new(
            Class::Internal,
            format!("The sandbox did not start: {error:#}."),
            "Is the temporary folder writable?",
        )
    })
}

fn forbids(variables: &Variables) -> bool {
    variables
        .get("ATRIAGE_READ_ONLY")
        .is_some_and(|value| value != "0")
}

fn config_file(global: &Global, variables: &Variables) -> Option<PathBuf> {
    global
        .config
        .clone()
        .or_else(|| variables.get("ATRIAGE_CONFIG").map(PathBuf::from))
        .or_else(default_config)
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

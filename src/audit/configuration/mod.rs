//! Looks at the configuration and at every service that it names, each as far as its variables are usable, all at once.
//! Asks and reads; that a folder can be written is tried with an empty one, which goes at once. What the answers mean
//! stands in `domain::setting`.

mod auth0;
mod files;
mod intents;
mod mongo;
mod pds;
mod variables;

use std::future::Future;
use std::path::PathBuf;
use std::time::Duration;

use futures_util::future::join_all;

use crate::config::{Reading, Variables};
use crate::domain::setting::{Line, Setting, failed};
use crate::domain::{Class, Problem};
use crate::services::Error;
use crate::services::plc::Plc;

/// The files that were read for it.
pub enum Files {
    Real {
        /// The `.env`, and what is wrong with it.
        env: Option<PathBuf>,
        env_problem: Option<Problem>,
        config: Option<PathBuf>,
    },
    /// The sandbox reads nothing but what `config.toml` says of the screen and of saved views.
    Sandbox { config: Option<PathBuf> },
}

/// What is looked at.
pub struct Configuration {
    pub variables: Variables,
    pub reading: Reading,
    pub files: Files,
}

/// Every line, in the order in which they are told: variables, files, and the services in the order of the columns.
pub async fn check(configuration: &Configuration) -> Vec<Line> {
    let reading = &configuration.reading;
    let config = &reading.config;
    let tenants = config.tenants.iter().filter(|tenant| tenant.client.is_some());
    let tenants = tenants.map(|tenant| auth0::check(reading, tenant));
    let (tenants, mongo, pds, plc) = tokio::join!(
        join_all(tenants),
        mongo::check(reading),
        pds::check(reading),
        plc(reading)
    );
    let mut lines = variables::check(configuration);
    lines.extend(files::check(configuration));
    lines.extend(tenants.into_iter().flatten());
    lines.extend(mongo);
    lines.extend(pds);
    lines.push(plc);
    lines
}

async fn plc(reading: &Reading) -> Line {
    /// Well formed, and nobody's: a directory that says so is one.
    const NOBODY: &str = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa";
    let config = &reading.config;
    let setting = Setting::PlcReachable;
    if let Some(why) = unusable(reading, &["PLC_URL".into()]) {
        return setting.unknown(why, "");
    }
    let asked = async {
        Plc::new(&config.plc_url, config.timeout)?
            .data_now(NOBODY, &[])
            .await
    };
    match within(config.timeout, "plc", asked).await {
        Ok(_) => setting.ok(format!("The PLC directory answers at {}.", config.plc_url)),
        Err(error) => refused(setting, &error),
    }
}

/// Why a service cannot be asked: its variables are not usable.
fn unusable(reading: &Reading, variables: &[String]) -> Option<String> {
    let flawed: Vec<&str> = variables
        .iter()
        .filter(|name| reading.flaw(name).is_some())
        .map(String::as_str)
        .collect();
    (!flawed.is_empty()).then(|| format!("Not asked, for want of {}.", flawed.join(" and ")))
}

/// One question takes no longer than a call may, with all its tries.
async fn within<T>(
    limit: Duration,
    service: &'static str,
    question: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let late = || {
        Error::new(
            service,
            Class::Unavailable,
            format!("{service} did not answer in time."),
            "Check the address, the network and the service; --timeout allows more time.",
        )
    };
    tokio::time::timeout(limit, question)
        .await
        .unwrap_or_else(|_| Err(late()))
}

fn refused(setting: Setting, error: &Error) -> Line {
    failed(setting, error.kind, error.what.clone(), error.hint.clone())
}

/// Whether an error leaves everything open: nobody answered, or not now.
fn is_silence(error: &Error) -> bool {
    matches!(error.kind, Class::Unavailable | Class::RateLimit)
}

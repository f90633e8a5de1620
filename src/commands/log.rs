//! The log of each call to a backend: on stderr with `-v`, and in the file that `ATRIAGE_LOG` names, which works behind
//! the dashboard too. No body, no query and no header stands in it, so neither does a secret or an address of a person.

use std::fs::{File, OpenOptions};
use std::io;
use std::sync::Mutex;

use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, fmt, registry};

use crate::domain::{Class, Problem};

/// Begins the log. It is appended to the file, which is made for us alone where it is missing.
///
/// # Errors
/// `Auth` (a matter of configuration) where the file cannot be written.
pub fn begin(verbose: bool, file: Option<&str>) -> Result<(), Problem> {
    let calls = || EnvFilter::new("atriage=debug");
    let told = verbose.then(|| {
        let layer = fmt::layer().with_writer(io::stderr).without_time();
        layer.with_filter(calls())
    });
    let kept = match file {
        Some(path) => {
            let file = open(path).map_err(|error| {
                Problem::new(
                    Class::Auth,
                    format!("The log {path} cannot be written: {error}."),
                    "ATRIAGE_LOG names a file; leave it out for no log.",
                )
            })?;
            let layer = fmt::layer().with_writer(Mutex::new(file)).with_ansi(false);
            Some(layer.with_filter(calls()))
        }
        None => None,
    };
    registry().with(told).with(kept).init();
    Ok(())
}

fn open(path: &str) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)
}

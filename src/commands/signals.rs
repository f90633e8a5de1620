//! SIGINT and SIGTERM for the commands: the first asks to finish, the second to leave.

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::Status;
use crate::domain::{Class, Problem};

pub struct Signals {
    interrupt: Signal,
    terminate: Signal,
    seen: Vec<Status>,
}

impl Signals {
    pub fn new() -> Result<Self, Problem> {
        let told = |error| {
            Problem::new(
                Class::Internal,
                format!("Signals cannot be received: {error}."),
                "",
            )
        };
        Ok(Self {
            interrupt: signal(SignalKind::interrupt()).map_err(told)?,
            terminate: signal(SignalKind::terminate()).map_err(told)?,
            seen: Vec::new(),
        })
    }

    /// The next signal, as the status that the program leaves with.
    pub async fn next(&mut self) -> Status {
        let status = tokio::select! {
            _ = self.interrupt.recv() => Status::Interrupted,
            _ = self.terminate.recv() => Status::Terminated,
        };
        self.seen.push(status);
        status
    }

    pub fn count(&self) -> usize {
        self.seen.len()
    }

    pub fn last(&self) -> Option<Status> {
        self.seen.last().copied()
    }
}

//! `atriage sandbox`: the servers of the sandbox alone, for other programs and terminals.

use std::fmt::Write as _;
use std::time::Duration;

use super::args::{SandboxArgs, Scenario};
use super::output::Output;
use super::signals::Signals;
use super::{Failure, Status};
use crate::domain::{Class, Problem};
use crate::sandbox::Sandbox;

/// Prints the variables as shell assignments and stays until it is told to end.
pub async fn run(args: SandboxArgs, output: &Output) -> Result<Status, Failure> {
    let Scenario::Incident = args.scenario;
    let mut signals = Signals::new()?;
    let sandbox = Sandbox::start(Duration::from_secs(10)).await.map_err(|error| {
        Problem::new(
            Class::Internal,
            format!("The sandbox did not start: {error:#}."),
            "Is the temporary folder writable?",
        )
    })?;
    if output.is_json() {
        let variables: std::collections::BTreeMap<_, _> = sandbox.variables().iter().cloned().collect();
        output.json(&variables);
    } else {
        let mut lines = String::new();
        for (name, value) in sandbox.variables() {
            // Writing into a String cannot fail.
            writeln!(lines, "export {name}='{value}'").ok();
        }
        output.data(&lines);
    }
    output.say("The sandbox runs until ctrl-c. Put these lines into another shell, and start atriage there.");
    let status = signals.next().await;
    // To be ended is how this command ends well.
    Ok(if status == Status::Interrupted {
        Status::Good
    } else {
        status
    })
}

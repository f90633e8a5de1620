//! `atriage sandbox`: the servers of the sandbox alone, for other programs and terminals.

use std::time::Duration;

use clap::Args;

use super::args::Scenario;
use super::json::{SCHEMA, VariableView, VariablesView};
use super::output::Output;
use super::signals::Signals;
use super::{Failure, Status};
use crate::domain::{Class, Problem};
use crate::sandbox::Sandbox;

#[derive(Args)]
#[command(
    after_help = "Examples:\n  atriage sandbox > sandbox.env    in one terminal\n  . ./sandbox.env; atriage         in another\n  atriage sandbox -o json"
)]
pub struct SandboxArgs {
    /// What it begins with
    #[arg(value_enum, default_value = "incident")]
    pub scenario: Scenario,
}

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
    let view = VariablesView {
        schema: SCHEMA,
        variables: sandbox
            .variables()
            .iter()
            .map(|(name, value)| VariableView {
                name: name.to_string(),
                value: value.to_string(),
            })
            .collect(),
    };
    output.print(&view, || {
        let exports = view.variables.iter();
        let exports = exports.map(|variable| format!("export {}='{}'", variable.name, variable.value));
        exports.collect::<Vec<_>>().join("\n")
    });
    output.say("The sandbox runs until ctrl-c. Put these lines into another shell, and start atriage there.");
    let status = signals.next().await;
    // To be ended is how this command ends well.
    Ok(if status == Status::Interrupted {
        Status::Good
    } else {
        status
    })
}

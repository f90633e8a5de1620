//! `atriage completions`: what a shell needs to complete commands, flags and their values.

use clap::{Args, CommandFactory};
use clap_complete::{Shell, generate};

use super::args::Cli;
use super::output::Output;
use super::{Failure, Status};

#[derive(Args)]
#[command(
    after_help = "Examples:\n  atriage completions bash > ~/.local/share/bash-completion/completions/atriage\n  atriage completions zsh > ~/.zfunc/_atriage        with ~/.zfunc in fpath\n  atriage completions fish > ~/.config/fish/completions/atriage.fish"
)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub shell: Shell,
}

pub fn run(args: &CompletionsArgs, output: &Output) -> Result<Status, Failure> {
    output.must_be_text("A script of completions")?;
    let mut script = Vec::new();
    generate(args.shell, &mut Cli::command(), "atriage", &mut script);
    output.data(&String::from_utf8_lossy(&script));
    Ok(Status::Good)
}

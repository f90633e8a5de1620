//! `atriage man`: the manual page of the program, or of one command.

use clap::{Args, Command, CommandFactory};
use clap_mangen::Man;

use super::args::Cli;
use super::output::Output;
use super::{Failure, Status};
use crate::domain::{Class, Problem};

#[derive(Args)]
#[command(
    after_help = "Examples:\n  atriage man | man -l -\n  atriage man backfill | man -l -\n  atriage man > ~/.local/share/man/man1/atriage.1"
)]
pub struct ManArgs {
    /// The command, or the words of one such as runs resume [default: the program]
    #[arg(value_name = "COMMAND")]
    pub command: Vec<String>,
}

pub fn run(args: &ManArgs, output: &Output) -> Result<Status, Failure> {
    output.must_be_text("A manual page")?;
    let mut program = Cli::command();
    program.build();
    let mut page = Vec::new();
    let rendered = Man::new(find(program, &args.command)?).render(&mut page);
    rendered.map_err(|error| {
        Problem::new(
            Class::Internal,
            format!("The manual page could not be written: {error}."),
            "",
        )
    })?;
    output.data(&String::from_utf8_lossy(&page));
    Ok(Status::Good)
}

/// The command that these words name, from the program down.
fn find(program: Command, words: &[String]) -> Result<Command, Problem> {
    words.iter().try_fold(program, |command, word| {
        let found = command.find_subcommand(word).cloned();
        found.ok_or_else(|| {
            let known: Vec<&str> = command.get_subcommands().map(Command::get_name).collect();
            Problem::new(
                Class::Usage,
                format!("{:?} is no command.", crate::domain::text::clean(word)),
                match known.is_empty() {
                    true => format!("{} has no commands of its own.", command.get_name()),
                    false => format!("There are {}.", known.join(", ")),
                },
            )
        })
    })
}

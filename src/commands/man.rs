//! `atriage man`: the manual page of the program, or of one command.

use std::io::{self, Write};
use std::time::Duration;

use clap::{Args, Command, CommandFactory};
use clap_mangen::Man;

use super::args::{Cli, EXIT};
use super::output::Output;
use super::{Failure, Status};
use crate::config::known::known;
use crate::config::{Config, Variables};
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
    let command = with_other_names(find(program, &args.command)?);
    let mut page = Vec::new();
    render(&command, &mut page).map_err(|error| {
        Problem::new(
            Class::Internal,
            format!("The manual page could not be written: {error}."),
            "",
        )
    })?;
    output.data(&String::from_utf8_lossy(&page));
    Ok(Status::Good)
}

/// The page, with what stands behind the help in the sections that a reader of manual pages looks for.
fn render(command: &Command, page: &mut Vec<u8>) -> io::Result<()> {
    let man = Man::new(command.clone());
    man.render_title(page)?;
    man.render_name_section(page)?;
    man.render_synopsis_section(page)?;
    man.render_description_section(page)?;
    if command.get_arguments().any(|arg| !arg.is_hide_set()) {
        man.render_options_section(page)?;
    }
    if command.has_subcommands() {
        man.render_subcommands_section(page)?;
    }
    let after = command.get_after_help().map(ToString::to_string);
    let parts = sections(after.as_deref().unwrap_or_default());
    section(
        page,
        "EXIT STATUS",
        &[parts.exit.as_deref().unwrap_or(EXIT).to_string()],
    )?;
    section(page, "ENVIRONMENT", &environment())?;
    section(page, "EXAMPLES", &parts.examples)?;
    section(page, "NOTES", &parts.notes)?;
    if command.get_version().is_some() {
        man.render_version_section(page)?;
    }
    Ok(())
}

/// What stands behind the help of a command.
#[derive(Default)]
struct Parts {
    examples: Vec<String>,
    exit: Option<String>,
    notes: Vec<String>,
}

fn sections(after: &str) -> Parts {
    let mut parts = Parts::default();
    for paragraph in after.split("\n\n").filter(|paragraph| !paragraph.is_empty()) {
        if let Some(examples) = paragraph.strip_prefix("Examples:\n") {
            parts.examples.extend(examples.lines().map(String::from));
        } else if let Some(exit) = paragraph.strip_prefix("Exit status: ") {
            parts.exit = Some(exit.to_string());
        } else {
            parts.notes.extend(paragraph.lines().map(String::from));
        }
    }
    parts
}

/// Every variable that is read, with what holds where it is not set.
fn environment() -> Vec<String> {
    let tenants = Config::examine(&Variables::default(), None, Duration::ZERO)
        .config
        .tenants;
    let ours = known(&tenants)
        .into_iter()
        .map(|known| match known.otherwise.as_str() {
            "" => format!("{}: required", known.name),
            otherwise => format!("{}: otherwise {otherwise}", known.name),
        });
    let usual = "NO_COLOR, CLICOLOR_FORCE, COLORTERM, TERM, HTTPS_PROXY: their usual meaning";
    ours.chain([usual.to_string()]).collect()
}

/// A section whose lines stay lines; nothing where there are none.
fn section(page: &mut Vec<u8>, name: &str, lines: &[String]) -> io::Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    writeln!(page, ".SH \"{name}\"\n.nf")?;
    for line in lines {
        // A backslash, a minus, and a point or quote at the beginning mean something else to roff.
        let line = line.trim_end().replace('\\', "\\e").replace('-', "\\-");
        let guard = if line.starts_with(['.', '\'']) { "\\&" } else { "" };
        writeln!(page, "{guard}{line}")?;
    }
    writeln!(page, ".fi")
}

/// The other names of commands and options, which the page would not tell.
fn with_other_names(command: Command) -> Command {
    let also = |about: Option<String>, names: Vec<String>| match names.is_empty() {
        true => about,
        false => Some(format!(
            "{} (also {})",
            about.unwrap_or_default(),
            names.join(", ")
        )),
    };
    let own: Vec<String> = command.get_visible_aliases().map(String::from).collect();
    let about = also(command.get_about().map(ToString::to_string), own);
    let command = match about {
        Some(about) => command.about(about),
        None => command,
    };
    let command = command.mut_args(|arg| {
        let names = arg.get_visible_aliases().unwrap_or_default().into_iter();
        let names: Vec<String> = names.map(|name| format!("--{name}")).collect();
        match also(arg.get_help().map(ToString::to_string), names) {
            Some(help) => arg.help(help),
            None => arg,
        }
    });
    command.mut_subcommands(|sub| {
        let names: Vec<String> = sub.get_visible_aliases().map(String::from).collect();
        match also(sub.get_about().map(ToString::to_string), names) {
            Some(about) => sub.about(about),
            None => sub,
        }
    })
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

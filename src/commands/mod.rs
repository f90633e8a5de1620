//! The faces without a screen: flags in, sentences and values out, and an exit status. One subcommand, one file.

mod alert_test;
mod args;
mod audit;
mod backfill;
mod check_config;
mod completions;
mod consent;
mod dashboard;
mod diagnose;
mod follow;
mod history;
mod json;
mod log;
mod man;
mod output;
mod progress;
mod report;
mod runs;
mod sandbox;
mod screen;
mod setup;
mod signals;
mod table;
mod watch;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

use crate::domain::{Advice, Class, Problem};
use args::{Cli, Command, Format};
use output::Output;

pub use json::schemas;

/// The exit statuses of the contract, section 3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Good,
    Unexpected,
    Usage,
    NeedsRepair,
    Configuration,
    SomeFailed,
    Unavailable,
    Refused,
    Interrupted,
    Terminated,
}

impl Status {
    pub fn number(self) -> u8 {
        match self {
            Self::Good => 0,
            Self::Unexpected => 1,
            Self::Usage => 2,
            Self::NeedsRepair => 3,
            Self::Configuration => 4,
            Self::SomeFailed => 5,
            Self::Unavailable => 6,
            Self::Refused => 7,
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }

    /// What asks for a setting says so, whatever class the answer was of: a wrong address answers that nothing is there.
    fn of(problem: &Problem) -> Self {
        match problem.class {
            _ if problem.advice == Advice::Configure => Self::Configuration,
            Class::Usage | Class::Validation | Class::NotFound => Self::Usage,
            Class::Auth => Self::Configuration,
            Class::RateLimit | Class::Unavailable => Self::Unavailable,
            Class::Refused => Self::Refused,
            Class::Conflict | Class::Internal => Self::Unexpected,
        }
    }
}

/// What ends a command early: at least one problem.
#[derive(Debug)]
pub struct Failure(Vec<Problem>);

impl<P: Into<Problem>> From<P> for Failure {
    fn from(problem: P) -> Self {
        Self(vec![problem.into()])
    }
}

/// Runs the program with these arguments.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let cli = match Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(error) if error.use_stderr() && wanted_format(&arguments).is_some() => {
            let told = misread(&error.to_string());
            let format = wanted_format(&arguments).unwrap_or(Format::Table);
            Output::only(format).problems(&[told]);
            return ExitCode::from(Status::Usage.number());
        }
        Err(error) => {
            // Help and version go to stdout with status 0, mistakes to stderr with 2; a closed pipe is nobody's fault.
            error.print().ok();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let output = Output::new(&cli.global);
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: the program could not start its threads: {error}");
            return ExitCode::from(Status::Unexpected.number());
        }
    };
    let writes = cli.command.as_ref().is_none_or(Command::writes);
    let ended = runtime.block_on(async {
        tokio::select! {
            ended = dispatch(cli, &output) => ended,
            // `| head`: nobody wants the rest, which would only use up budgets.
            () = output.reader_left(), if !writes => Ok(Status::Good),
        }
    });
    // A background job that hangs in a call must not keep the program: its step is repeatable.
    runtime.shutdown_background();
    let status = ended.unwrap_or_else(|Failure(problems)| {
        output.problems(&problems);
        problems.first().map_or(Status::Unexpected, Status::of)
    });
    match output.loss() {
        Some(loss) => {
            output.complain(&loss);
            ExitCode::from(Status::Unexpected.number())
        }
        None => ExitCode::from(status.number()),
    }
}

/// JSON or NDJSON, where a command line that cannot be read as a whole asks for it: `-o json`, `-ojson`, `-qo=json`,
/// `--output=json`.
fn wanted_format(arguments: &[OsString]) -> Option<Format> {
    let mut words = arguments.iter().filter_map(|word| word.to_str()).peekable();
    while let Some(word) = words.next() {
        let short = word
            .strip_prefix('-')
            .map(|rest| rest.trim_start_matches(['q', 'v']));
        let value = word
            .strip_prefix("--output")
            .or_else(|| short.and_then(|rest| rest.strip_prefix('o')));
        let format = match value {
            Some("") => words.peek().copied().unwrap_or_default(),
            Some(value) => value.trim_start_matches('='),
            None => continue,
        };
        match format {
            "json" => return Some(Format::Json),
            "ndjson" => return Some(Format::Ndjson),
            _ => {}
        }
    }
    None
}

/// What clap says of a command line that cannot be read, as a problem: what is wrong, and what it suggests instead. The
/// paragraphs behind the first one point at a place, show the usage, or name the help.
fn misread(text: &str) -> Problem {
    let is_values = |line: &&str| line.starts_with("[possible values");
    let told = text.split("\n\n").next().unwrap_or_default();
    let what = told.lines().map(str::trim).filter(|line| !is_values(line));
    let what: Vec<&str> = what.filter(|line| !line.is_empty()).collect();
    let lines = || text.lines().map(str::trim);
    let similar = lines().find(|line| line.starts_with("tip: ") && line.contains("similar"));
    let hint = similar
        .or_else(|| lines().find(is_values))
        .or_else(|| lines().find(|line| line.starts_with("Usage:")));
    Problem::new(
        Class::Usage,
        what.join(" ").trim_start_matches("error: "),
        hint.map_or("atriage --help tells what there is.", |hint| {
            hint.trim_start_matches("tip: ")
        }),
    )
}

async fn dispatch(cli: Cli, output: &Output) -> Result<Status, Failure> {
    match cli.command {
        None => dashboard::run(&cli.global, output).await,
        Some(Command::Audit(args)) => audit::run(&cli.global, args, output).await,
        Some(Command::Backfill(args)) => backfill::run(&cli.global, args, output).await,
        Some(Command::CheckConfig(args)) => check_config::run(&cli.global, args, output).await,
        Some(Command::Watch(args)) => watch::run(&cli.global, args, output).await,
        Some(Command::AlertTest(args)) => alert_test::run(&cli.global, args, output).await,
        Some(Command::Diagnose(args)) => diagnose::run(&cli.global, args, output).await,
        Some(Command::Runs(args)) => runs::run(&cli.global, args, output).await,
        Some(Command::History(args)) => history::run(&cli.global, args, output).await,
        Some(Command::Report(args)) => report::run(&cli.global, args, output).await,
        Some(Command::Sandbox(args)) => sandbox::run(args, output).await,
        Some(Command::Completions(args)) => completions::run(&args, output),
        Some(Command::Man(args)) => man::run(&args, output),
    }
}

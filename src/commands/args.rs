//! The command line: the commands, the flags that hold everywhere, and how values are read. The flags of one command
//! stand with it.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::{SignedDuration, Timestamp};

use super::alert_test::AlertTestArgs;
use super::audit::AuditArgs;
use super::backfill::BackfillArgs;
use super::check_config::CheckConfigArgs;
use super::completions::CompletionsArgs;
use super::diagnose::DiagnoseArgs;
use super::history::HistoryArgs;
use super::man::ManArgs;
use super::report::ReportArgs;
use super::runs::RunsArgs;
use super::sandbox::SandboxArgs;
use super::watch::WatchArgs;
use crate::config::{Config, views};
use crate::domain::filter::{Filter, Known};
use crate::domain::{Class, Problem};

/// No operator means more at once; `--all` walks a tenant without a number.
const MOST: usize = 100_000;

/// The exit statuses, as the help and the manual pages tell them.
pub const EXIT: &str = "0 whole or done, 1 unexpected, 2 usage, 3 needs repair, 4 configuration, 5 some users failed, 6 a backend did not answer, 7 refused, 130/143 on a signal.";

#[derive(Parser)]
#[command(
    name = "atriage",
    version,
    about = "Finds broken signups of aesthetic.computer and mends them",
    long_about = "Finds broken signups of aesthetic.computer and mends them.\n\nWithout a command it opens the dashboard; without any configuration that is the dashboard of a sandbox, where nothing can be broken for good.",
    after_help = format!("Exit status: {EXIT}"),
    disable_help_subcommand = true
)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Subcommand)]
pub enum Command {
    /// Check the newest signups; never writes
    Audit(AuditArgs),
    /// Show what would mend broken signups; with --fix, mend them
    Backfill(BackfillArgs),
    /// Try every variable, credential, right and service; leaves nothing behind
    #[command(visible_alias = "doctor")]
    CheckConfig(CheckConfigArgs),
    /// Follow new signups: tell and alert when one is not whole; with --fix, mend it
    Watch(WatchArgs),
    /// Send one alert, to see that it arrives
    AlertTest(AlertTestArgs),
    /// Where the pipeline breaks: the index, the codes, the newest failures; with --fix, a whole signup on trial
    Diagnose(DiagnoseArgs),
    /// Backfill runs: list them, look at one, go on with one, or cancel one
    Runs(RunsArgs),
    /// The audit trail: who changed what, when, why, before and after
    History(HistoryArgs),
    /// An incident report: what failed, why, for whom, what was done, what is left
    Report(ReportArgs),
    /// Start the sandbox's Auth0, PDS and PLC directory alone, and print the variables that point at them
    Sandbox(SandboxArgs),
    /// The completions for a shell
    Completions(CompletionsArgs),
    /// The manual page of the program, or of one command
    Man(ManArgs),
}

impl Command {
    /// Whether it may change something: then it goes on though nobody reads what it prints.
    pub fn writes(&self) -> bool {
        match self {
            Self::Backfill(args) => args.fix,
            Self::Watch(_) | Self::AlertTest(_) | Self::Sandbox(_) => true,
            Self::Diagnose(args) => args.fix || args.fix_index,
            Self::Runs(args) => args.writes(),
            Self::Audit(_)
            | Self::CheckConfig(_)
            | Self::History(_)
            | Self::Report(_)
            | Self::Completions(_)
            | Self::Man(_) => false,
        }
    }
}

#[derive(Args, Clone)]
#[command(next_help_heading = "Options everywhere")]
pub struct Global {
    /// The configuration file with further tenants [default: atriage/config.toml in the user's configuration folder]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The file with variables [default: the nearest .env, searched upward]
    #[arg(long, global = true, value_name = "FILE")]
    pub env_file: Option<PathBuf>,
    /// Use the sandbox, whatever is configured
    #[arg(long, global = true, value_name = "SCENARIO", num_args = 0..=1, require_equals = true, default_missing_value = "incident")]
    pub sandbox: Option<Scenario>,
    /// Never write anything
    #[arg(long, global = true)]
    pub read_only: bool,
    /// How data is printed
    #[arg(short, long, global = true, value_name = "FORMAT", default_value = "table")]
    pub output: Format,
    /// Print e-mails and handles of people in full
    #[arg(long, global = true)]
    pub unmask: bool,
    /// When to use colours
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: ColorChoice,
    /// Draw the dashboard with nothing but ASCII
    #[arg(long, global = true)]
    pub ascii: bool,
    /// Say nothing on stderr but errors
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Tell each call to a backend on stderr
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    pub verbose: bool,
    /// Never ask anything
    #[arg(long, global = true)]
    pub no_input: bool,
    /// How many seconds one call to a backend may take
    #[arg(long, global = true, value_name = "SECONDS", default_value = "10", value_parser = clap::value_parser!(u64).range(1..=600))]
    pub timeout: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Table,
    /// One object, described by a file in assets/schema
    Json,
    /// A line of JSON a row, and a last one with the rest
    Ndjson,
    /// The rows alone, safe to open in a spreadsheet
    Csv,
    /// A table to paste into a ticket
    Markdown,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    Auto,
    Always,
    Never,
}

/// What the sandbox begins with.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Default)]
pub enum Scenario {
    /// The index conflict of October 2025, and every finding there is
    #[default]
    Incident,
}

/// Which signups, where a number of the newest does not say it.
#[derive(Args)]
pub struct RangeArgs {
    /// Every signup of the tenant
    #[arg(long)]
    pub all: bool,
    /// Only signups since then: 7d, 2h, 90m, or a date such as 2025-10-01
    #[arg(long, value_name = "WHEN", value_parser = since)]
    pub since: Option<Timestamp>,
}

/// Which of them, in the language of the dashboard's filter.
#[derive(Args)]
pub struct FilterArg {
    /// Only signups that match, such as 'pds:missing age<2h -verified', or a saved view such as @night
    #[arg(long, value_name = "TEXT", value_parser = filter, allow_hyphen_values = true)]
    pub filter: Option<String>,
}

impl FilterArg {
    /// The filter, with the saved views of the configuration put in; one that lets everybody through where none is wanted.
    ///
    /// # Errors
    /// `Usage`, where a saved view asks about what a command does not know.
    pub fn read(&self, config: &Config) -> Result<Filter, Problem> {
        let known = Known {
            views: views::known(&config.views),
            ..Known::default()
        };
        let text = self.filter.as_deref().unwrap_or_default();
        Filter::parse(text, &known).map_err(|error| {
            let named = |(view, _): &(String, String)| text[error.at.clone()] == format!("@{view}");
            let hint = match known.views.iter().any(named) {
                true => "That view is one for the dashboard.",
                false => {
                    "Saved views stand in config.toml; words and conditions are written as in the dashboard."
                }
            };
            Problem::new(Class::Usage, format!("--filter: {}.", error.why), hint)
        })
    }
}

/// Checks a filter, and points at what is wrong in it.
fn filter(text: &str) -> Result<String, String> {
    match Filter::parse(text, &Known::default()) {
        Ok(_) => Ok(text.to_string()),
        Err(error) => {
            let pointed = error.pointed(text).replace('\n', "\n  ");
            Err(format!(
                "column {}: {}\n\n  {pointed}",
                error.column(text),
                error.why
            ))
        }
    }
}

/// Reads a number of signups.
pub fn limit(word: &str) -> Result<usize, String> {
    match word.parse::<i128>() {
        Ok(number) if number < 1 => Err(format!("A limit of {number} checks nobody.")),
        Ok(number) => match usize::try_from(number) {
            Ok(limit) if limit <= MOST => Ok(limit),
            _ => Err(format!(
                "A limit of {number} is more than the {MOST} that are read by number."
            )),
        },
        Err(_) => Err(format!(
            "{:?} is no number of signups.",
            crate::domain::text::clean(word)
        )),
    }
}

/// Whether a word is meant as a number, be it a wrong one.
pub fn is_number(word: &str) -> bool {
    word.strip_prefix('-')
        .unwrap_or(word)
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        && !word.is_empty()
}

/// Reads `7d`, `2h`, `90s`, `1d12h`.
pub fn lasting(text: &str) -> Result<SignedDuration, String> {
    let span = text.parse::<jiff::Span>().ok();
    span.and_then(|span| span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).ok())
        .filter(|total| *total > SignedDuration::ZERO)
        .ok_or_else(|| "it is no duration such as 7d, 2h or 90s".to_string())
}

/// Reads `7d`, `2h`, `90m`, `1d12h`, a date or a moment.
pub fn since(text: &str) -> Result<Timestamp, String> {
    let ago = |text: &str| Timestamp::now().checked_sub(lasting(text).ok()?).ok();
    let day = |text: &str| {
        let date: jiff::civil::Date = text.parse().ok()?;
        date.to_zoned(jiff::tz::TimeZone::UTC)
            .ok()
            .map(|midnight| midnight.timestamp())
    };
    ago(text)
        .or_else(|| text.parse().ok())
        .or_else(|| day(text))
        .ok_or_else(|| {
            "it is neither a duration such as 7d, 2h or 90m nor a date such as 2025-10-01".to_string()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }

    #[test]
    fn limits_that_make_no_sense_are_told() {
        assert_eq!(limit("50"), Ok(50));
        assert_eq!(limit("0").unwrap_err(), "A limit of 0 checks nobody.");
        assert_eq!(limit("-1").unwrap_err(), "A limit of -1 checks nobody.");
        assert_eq!(limit("abc").unwrap_err(), "\"abc\" is no number of signups.");
        assert_eq!(
            limit("1000000000").unwrap_err(),
            "A limit of 1000000000 is more than the 100000 that are read by number."
        );
    }

    #[test]
    fn a_wrong_filter_is_pointed_at() {
        assert_eq!(
            filter("-verified age<2h @night"),
            Ok("-verified age<2h @night".into())
        );
        assert_eq!(
            filter("mira pds:mising").unwrap_err(),
            "column 10: a state is one of ok, waiting, missing, drift, running, unknown

  mira pds:mising
           ^^^^^^"
        );
    }

    #[test]
    fn moments_come_in_three_shapes() {
        let hour_ago = since("1h").unwrap();
        assert!((Timestamp::now().as_second() - hour_ago.as_second() - 3600).abs() < 5);
        assert_eq!(since("2025-10-01"), since("2025-10-01T00:00:00Z"));
        assert!(since("7d").unwrap() < since("1d12h").unwrap());
        for nonsense in ["", "x", "-1h", "7"] {
            assert!(since(nonsense).is_err(), "{nonsense}");
        }
    }
}

//! The command line: every flag with its help, and how values are read.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::{SignedDuration, Timestamp};

/// No operator means more at once; `--all` walks a tenant without a number.
const MOST: usize = 100_000;

#[derive(Parser)]
#[command(
    name = "atriage",
    version,
    about = "Finds broken signups of aesthetic.computer and mends them",
    long_about = "Finds broken signups of aesthetic.computer and mends them.\n\nWithout a command it opens the dashboard; without any configuration that is the dashboard of a sandbox, where nothing can be broken for good.",
    after_help = "Exit status: 0 whole or done, 1 unexpected, 2 usage, 3 needs repair, 4 configuration, 5 some users failed, 6 a backend did not answer, 7 refused, 130/143 on a signal.",
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
    /// Backfill runs: list them, look at one, go on with one, or cancel one
    Runs(RunsArgs),
    /// The audit trail: who changed what, when, why, before and after
    History(HistoryArgs),
    /// Start the sandbox's Auth0, PDS and PLC directory alone, and print the variables that point at them
    Sandbox(SandboxArgs),
}

#[derive(Args, Clone)]
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

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Table,
    Json,
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

#[derive(Args)]
#[command(
    after_help = "Examples:\n  atriage audit                    the 10 newest signups of aesthetic\n  atriage audit sotce 50           the 50 newest of sotce\n  atriage audit both --since 7d    a week of both tenants\n  atriage audit --all -o json      every signup, for a script"
)]
pub struct AuditArgs {
    /// The tenant (aesthetic, sotce or both) and how many of the newest signups [default: aesthetic 10]
    #[arg(value_name = "TENANT LIMIT", num_args = 0..=2, allow_negative_numbers = true)]
    pub words: Vec<String>,
    #[command(flatten)]
    pub range: RangeArgs,
    /// Also try each stored password and ask the PLC directory
    #[arg(long)]
    pub deep: bool,
    /// Also what Mongo holds of users whom Auth0 does not have
    #[arg(long)]
    pub orphans: bool,
}

#[derive(Args)]
#[command(
    after_help = "Examples:\n  atriage backfill 5               what would be done to the 5 newest\n  atriage backfill 5 --fix         do it, after asking\n  atriage backfill 'auth0|68ee' --fix --yes\n  atriage backfill --all --tenant both --fix"
)]
pub struct BackfillArgs {
    /// How many of the newest signups [default: 10], or users: an Auth0 sub, an e-mail, @handle, a user code or a DID
    #[arg(value_name = "LIMIT | USER", allow_negative_numbers = true)]
    pub words: Vec<String>,
    /// The tenant: aesthetic, sotce or both
    #[arg(long, value_name = "TENANT", default_value = "aesthetic")]
    pub tenant: String,
    #[command(flatten)]
    pub range: RangeArgs,
    /// Also try each stored password, and replace those that no longer open their account
    #[arg(long)]
    pub deep: bool,
    /// Carry the plans out; without it nothing is written
    #[arg(long, alias = "apply")]
    pub fix: bool,
    /// Do not ask before writing
    #[arg(long, requires = "fix")]
    pub yes: bool,
    /// Why, in a few words: kept in the audit trail
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// How many users at once
    #[arg(long, value_name = "N", default_value = "4", value_parser = clap::value_parser!(u8).range(1..=16))]
    pub concurrency: u8,
}

#[derive(Args)]
#[command(
    after_help = "Examples:\n  atriage runs                     the newest runs\n  atriage runs show 7f3a           its users, and why some failed; any unambiguous beginning of the id will do\n  atriage runs resume 7f3a         go on where it stopped\n  atriage runs resume 7f3a --failed  once more those that failed\n  atriage runs cancel 7f3a"
)]
pub struct RunsArgs {
    #[command(subcommand)]
    pub command: Option<RunsCommand>,
}

#[derive(Subcommand)]
pub enum RunsCommand {
    /// The newest runs
    List {
        /// How many
        #[arg(long, value_name = "N", default_value = "20", value_parser = clap::value_parser!(u16).range(1..=1000))]
        limit: u16,
    },
    /// One run with each of its users
    Show {
        /// The id, or its beginning
        id: String,
    },
    /// Go on with a run that was interrupted or stopped
    Resume {
        /// The id, or its beginning
        id: String,
        /// Only those that failed, or were refused
        #[arg(long)]
        failed: bool,
        /// Do not ask before writing
        #[arg(long)]
        yes: bool,
        /// How many users at once
        #[arg(long, value_name = "N", default_value = "4", value_parser = clap::value_parser!(u8).range(1..=16))]
        concurrency: u8,
    },
    /// Cancel what is left of a run; users in hand end at their next step
    Cancel {
        /// The id, or its beginning
        id: String,
    },
}

#[derive(Args)]
#[command(
    after_help = "Examples:\n  atriage history                  the newest changes\n  atriage history @handle          what was done to one user\n  atriage history --run 7f3a -o json"
)]
pub struct HistoryArgs {
    /// An Auth0 sub, an e-mail, @handle, a user code or a DID [default: everybody]
    pub user: Option<String>,
    /// The tenant in which an e-mail or a sub is looked for
    #[arg(long, value_name = "TENANT", default_value = "aesthetic")]
    pub tenant: String,
    /// Only what this run did
    #[arg(long, value_name = "ID")]
    pub run: Option<String>,
    /// Only since then: 7d, 2h, 90m, or a date such as 2025-10-01
    #[arg(long, value_name = "WHEN", value_parser = since)]
    pub since: Option<Timestamp>,
    /// How many changes at most
    #[arg(long, value_name = "N", default_value = "50", value_parser = clap::value_parser!(u16).range(1..=10_000))]
    pub limit: u16,
}

#[derive(Args)]
pub struct SandboxArgs {
    /// What it begins with
    #[arg(value_enum, default_value = "incident")]
    pub scenario: Scenario,
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

/// Reads `7d`, `2h`, `90m`, `1d12h`, a date or a moment.
fn since(text: &str) -> Result<Timestamp, String> {
    let ago = |text: &str| {
        let span: jiff::Span = text.parse().ok()?;
        let total = span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).ok()?;
        (total > SignedDuration::ZERO).then(|| Timestamp::now().checked_sub(total).ok())?
    };
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

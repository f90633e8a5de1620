//! The program: reads the command line and leaves with the status that the command returns.

use std::process::ExitCode;

fn main() -> ExitCode {
    atriage::commands::run(std::env::args_os())
}

//! How an audit is told in each format while it runs: what comes is printed and forgotten.

use super::lines::Lines;
use super::object::Object;
use super::rows::Rows;
use super::table::Tables;
use crate::audit::report::{Row, Summary};
use crate::commands::args::Format;
use crate::commands::output::Output;
use crate::domain::Problem;
use crate::domain::stray::Stray;

/// What the sweep of the PDS came to.
pub struct Sweep {
    /// `None` where it ended early.
    pub of_others: Option<usize>,
    pub problem: Option<Problem>,
}

/// In this order: for each tenant `begin`, `signups`, `orphans` and `end`; then `stray`, and once `finish`.
pub trait Telling {
    fn begin(&mut self, tenant: &str);
    /// The next signups, newest first.
    fn signups(&mut self, rows: &[Row]);
    /// The next records whose Auth0 user is gone.
    fn orphans(&mut self, rows: &[Row]);
    fn end(&mut self, summary: &Summary);
    fn stray(&mut self, stray: &Stray);
    /// `sweep`: where the PDS was looked through.
    fn finish(&mut self, sweep: Option<&Sweep>);
}

/// The telling of a format. `both`: several tenants in one answer.
pub fn telling<'a>(output: &'a Output, both: bool) -> Box<dyn Telling + 'a> {
    match output.format {
        Format::Table => Box::new(Tables::new(output)),
        Format::Json => Box::new(Object::new(output, both)),
        Format::Ndjson => Box::new(Lines::new(output, both)),
        Format::Csv | Format::Markdown => Box::new(Rows::new(output)),
    }
}

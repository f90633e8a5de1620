//! How a watch tells what it sees: a line for each change and none for what stays, in each format, as it comes or, for one
//! look, at its end.

use indicatif::ProgressBar;
use jiff::Timestamp;

use super::super::args::Format;
use super::super::json::{
    SCHEMA, SilentView, TroubleView, WatchEvent, WatchRow, WatchView, WatchedView, shown,
};
use super::super::output::{Output, Sheet};
use super::super::progress;
use super::WatchArgs;
use crate::domain::Problem;
use crate::domain::alert::AlertState;
use crate::domain::event::RunNews;
use crate::domain::text::{clean, mask_email};
use crate::domain::watch::Standing;
use crate::intake::watch::{Looked, News};
use crate::provisioning::queue::advice;

/// From so many on, signups of one look with one finding are told in one line.
const MANY: usize = 6;

pub struct Telling<'a> {
    output: &'a Output,
    once: bool,
    bar: ProgressBar,
    /// Of the look under way; for one look, of all of it.
    rows: Vec<WatchRow>,
    /// Told last about the watch itself: it is not repeated at every look.
    trouble: Option<Problem>,
    looks: usize,
}

impl<'a> Telling<'a> {
    pub fn new(output: &'a Output, args: &WatchArgs) -> Self {
        let telling = Self {
            output,
            once: args.once,
            bar: progress::bar(output, None, &format!("watching {}", args.tenant)),
            rows: Vec::new(),
            trouble: None,
            looks: 0,
        };
        if !telling.once {
            let header = Sheet::new(WatchRow::HEADER);
            match output.format {
                Format::Csv => telling.data(&header.csv()),
                Format::Markdown => telling.data(&header.markdown()),
                _ => {}
            }
        }
        telling
    }

    fn data(&self, text: &str) {
        self.bar.suspend(|| self.output.data(text));
    }

    fn say(&self, text: &str) {
        self.bar.suspend(|| self.output.say(text));
    }

    pub fn take(&mut self, news: News) {
        match news {
            News::Trouble(problem) => {
                if self.trouble.as_ref() != Some(&problem) {
                    self.say(&format!("error: {}", advice(&problem)));
                    self.trouble = Some(problem);
                }
            }
            News::Run(run, news) => self.run(&run, &news),
            News::Looked(looked) => self.looked(&looked),
            News::Signup { .. } | News::Alert(_) => {
                let unmask = self.output.unmask;
                self.rows.extend(row(news, unmask));
            }
        }
    }

    fn run(&self, run: &str, news: &RunNews) {
        match news {
            RunNews::Registered { total } => self.say(&format!("run {run} mends {total}")),
            RunNews::Paused(pause) => {
                self.say(&format!("run {run} {} {}", pause.sentence(), pause.problem.hint))
            }
            RunNews::Holding { until, why } => {
                self.say(&format!("run {run} waits until {until:.0}: {}", advice(why)));
            }
            RunNews::Refused(why) | RunNews::Unwritten(why) => self.say(&format!("error: {}", advice(why))),
            RunNews::Ended => {}
        }
    }

    fn looked(&mut self, looked: &Looked) {
        self.looks += 1;
        if !self.once {
            let rows = std::mem::take(&mut self.rows);
            self.stream(&rows);
            if self.looks == 1 {
                self.say(&summary(looked));
            }
        }
        self.bar.inc(1);
        let totals = looked.total();
        self.bar.set_message(format!(
            "{} followed, {} broken, {} unknown; looked at {:.0}",
            totals.checked, totals.broken, totals.unknown, looked.at
        ));
    }

    fn stream(&self, rows: &[WatchRow]) {
        let sheet = || {
            let mut sheet = Sheet::new(WatchRow::HEADER);
            rows.iter().for_each(|row| sheet.row(row.cells()));
            sheet
        };
        match self.output.format {
            _ if rows.is_empty() => {}
            Format::Table => self.data(&lines(rows).join("\n")),
            Format::Csv => self.data(&sheet().csv_rows()),
            Format::Markdown => self.data(&sheet().markdown_rows()),
            Format::Json | Format::Ndjson => {
                for row in rows {
                    match serde_json::to_string(row) {
                        Ok(line) => self.data(&line),
                        Err(error) => {
                            self.say(&format!("error: a row could not be written as JSON: {error}"))
                        }
                    }
                }
            }
        }
    }

    /// The end of the watch: how everything stood at the last look.
    pub fn end(&mut self, looked: &Looked) {
        self.bar.finish_and_clear();
        let view = WatchView {
            schema: SCHEMA,
            at: looked.at,
            tenants: looked
                .totals
                .iter()
                .map(|(tenant, totals)| WatchedView {
                    tenant: tenant.clone(),
                    totals: *totals,
                })
                .collect(),
            silent: looked
                .silent
                .iter()
                .map(|(backend, problem)| SilentView {
                    backend: backend.clone(),
                    problem: problem.clone(),
                })
                .collect(),
            troubles: looked
                .troubles
                .iter()
                .map(|trouble| TroubleView {
                    fingerprint: trouble.fingerprint.clone(),
                    since: trouble.since,
                    what: trouble.what.clone(),
                })
                .collect(),
            unmended: looked.unmended,
            undelivered: looked.undelivered,
            events: std::mem::take(&mut self.rows),
        };
        if self.once || self.output.format == Format::Ndjson {
            self.output.print(&view, || {
                let mut lines = lines(&view.events);
                lines.push(summary(looked));
                lines.join("\n")
            });
        } else {
            self.output.say(&summary(looked));
        }
    }
}

fn row(news: News, unmask: bool) -> Option<WatchRow> {
    match news {
        News::Signup {
            tenant,
            change,
            email,
            message,
            hint,
        } => Some(WatchRow {
            at: Timestamp::now(),
            event: match (change.from, change.to) {
                (_, Standing::Broken) => WatchEvent::Broken,
                (Standing::Broken, _) => WatchEvent::Mended,
                (_, Standing::Waiting) => WatchEvent::Waiting,
                _ => WatchEvent::Whole,
            },
            tenant: Some(tenant),
            sub: Some(clean(&change.sub)),
            email: email.map(|email| shown(&email, unmask, mask_email)),
            findings: change.findings.clone(),
            run: change.run,
            fingerprint: None,
            state: None,
            message,
            hint,
        }),
        News::Alert(alert) => Some(WatchRow {
            at: alert.at,
            event: WatchEvent::Alert,
            tenant: alert.tenant,
            sub: None,
            email: None,
            findings: Vec::new(),
            run: None,
            fingerprint: Some(alert.fingerprint),
            state: Some(alert.state),
            message: alert.message,
            hint: alert.hint,
        }),
        News::Run(..) | News::Trouble(_) | News::Looked(_) => None,
    }
}

/// For people: one line a change, and one for many that have the same.
fn lines(rows: &[WatchRow]) -> Vec<String> {
    let alike = |row: &WatchRow| (row.event, row.tenant.clone(), row.findings.first().copied());
    let mut lines = Vec::new();
    let mut told = Vec::new();
    for row in rows {
        let many = rows.iter().filter(|other| alike(other) == alike(row)).count();
        if row.event == WatchEvent::Alert || many < MANY {
            lines.push(line(row));
        } else if !told.contains(&alike(row)) {
            told.push(alike(row));
            lines.push(line_of_many(row, many));
        }
    }
    lines
}

fn glyph(row: &WatchRow) -> &'static str {
    match (row.event, row.state) {
        (WatchEvent::Whole | WatchEvent::Mended, _) | (_, Some(AlertState::Recovered)) => "✓",
        (WatchEvent::Waiting, _) => "·",
        (WatchEvent::Broken | WatchEvent::Alert, _) => "✗",
    }
}

fn begin(row: &WatchRow) -> String {
    let tenant = row.tenant.as_deref().unwrap_or("–");
    format!("{:.0}  {tenant}  {} {}", row.at, glyph(row), row.event.word())
}

fn line(row: &WatchRow) -> String {
    let mut parts = vec![begin(row)];
    parts.extend(row.state.map(|state| state.word().to_string()));
    parts.extend(row.sub.clone());
    parts.extend(row.email.clone());
    let mut what: Vec<String> = Vec::new();
    what.extend(row.findings.first().map(|finding| format!("{}:", finding.name())));
    what.extend(
        [&row.message, &row.hint]
            .into_iter()
            .filter(|text| !text.is_empty())
            .cloned(),
    );
    what.extend(row.run.as_ref().map(|run| format!("by run {run}")));
    if !what.is_empty() {
        parts.push(what.join(" "));
    }
    parts.join("  ")
}

fn line_of_many(row: &WatchRow, many: usize) -> String {
    match row.findings.first() {
        Some(id) => format!("{}  {many} {}. {}", begin(row), id.fragment(), id.hint()),
        None => format!("{}  {many}", begin(row)),
    }
}

/// How everything stands, and what troubles there are.
fn summary(looked: &Looked) -> String {
    let mut lines: Vec<String> = looked
        .totals
        .iter()
        .map(|(tenant, totals)| {
            format!(
                "{tenant}: {} followed, {} whole, {} waiting, {} broken, {} unknown",
                totals.checked, totals.whole, totals.waiting, totals.broken, totals.unknown
            )
        })
        .collect();
    lines.extend(
        looked
            .troubles
            .iter()
            .map(|trouble| format!("✗ {}, since {:.0}", trouble.what, trouble.since)),
    );
    lines.extend(
        looked
            .silent
            .iter()
            .map(|(backend, problem)| format!("? {backend}: {}", advice(problem))),
    );
    if looked.undelivered > 0 {
        lines.push(format!("{} alerts wait for their delivery.", looked.undelivered));
    }
    lines.join("\n")
}

//! `-o csv` and `-o markdown`: the header once, then a row a signup, an orphan and a stray account.

use jiff::Timestamp;

use super::digest::sentence;
use super::telling::{Sweep, Telling};
use crate::audit::report::{Row, Summary};
use crate::commands::args::Format;
use crate::commands::json::{SignupView, StrayView};
use crate::commands::output::{Output, Sheet};
use crate::domain::State;
use crate::domain::plan::spoken;
use crate::domain::signup::Standing;
use crate::domain::stray::Stray;

pub const HEADER: [&str; 17] = [
    "tenant",
    "sub",
    "created_at",
    "email",
    "email_verified",
    "handle",
    "code",
    "did",
    "pds_handle",
    "auth0_state",
    "mongo_state",
    "code_state",
    "did_state",
    "pds_state",
    "findings",
    "messages",
    "plan",
];

pub struct Rows<'a> {
    output: &'a Output,
    begun: bool,
}

impl<'a> Rows<'a> {
    pub fn new(output: &'a Output) -> Self {
        Self { output, begun: false }
    }

    fn print(&mut self, rows: impl IntoIterator<Item = [String; 17]>) {
        let mut sheet = Sheet::new(&HEADER);
        for row in rows {
            sheet.row(row);
        }
        let text = match (self.output.format, self.begun) {
            (Format::Markdown, false) => sheet.markdown(),
            (Format::Markdown, true) => sheet.markdown_rows(),
            (_, false) => sheet.csv(),
            (_, true) => sheet.csv_rows(),
        };
        self.begun = true;
        self.output.piece(&text);
    }
}

impl Telling for Rows<'_> {
    fn begin(&mut self, _tenant: &str) {
        if !self.begun {
            self.print([]);
        }
    }

    fn signups(&mut self, rows: &[Row]) {
        let unmask = self.output.unmask;
        self.print(rows.iter().map(|row| cells(row, unmask)));
    }

    fn orphans(&mut self, rows: &[Row]) {
        self.signups(rows);
    }

    fn end(&mut self, summary: &Summary) {
        // There is no place for it among the rows.
        for source in summary.outages() {
            if let Some(problem) = &source.problem {
                self.output.say(&format!(
                    "? {}: {} {}",
                    source.name, problem.message, problem.hint
                ));
            }
        }
        for shared in &summary.shared_emails {
            self.output.say(&format!("! {}", sentence(shared)));
        }
    }

    fn stray(&mut self, found: &Stray) {
        let view = StrayView::new(found, self.output.unmask);
        self.print([stray(view, found.kind.name())]);
    }

    fn finish(&mut self, _sweep: Option<&Sweep>) {}
}

/// The cells of a signup, in the order of the header.
pub fn cells(row: &Row, unmask: bool) -> [String; 17] {
    signup(SignupView::new(row, unmask))
}

fn signup(view: SignupView) -> [String; 17] {
    let state = |state: State| state.word().to_string();
    let findings = view.findings.iter();
    let messages = findings.clone().map(|finding| finding.message.as_str());
    let notes = view.notes.iter().map(String::as_str);
    [
        view.tenant,
        view.sub,
        moment(view.created_at),
        view.email.unwrap_or_default(),
        view.email_verified
            .map(|verified| verified.to_string())
            .unwrap_or_default(),
        view.handle.unwrap_or_default(),
        view.code.unwrap_or_default(),
        view.did.unwrap_or_default(),
        view.pds_handle.unwrap_or_default(),
        state(view.columns.auth0),
        state(view.columns.mongo),
        state(view.columns.code),
        state(view.columns.did),
        state(view.columns.pds),
        findings
            .map(|finding| finding.id.name())
            .collect::<Vec<_>>()
            .join(" "),
        messages.chain(notes).collect::<Vec<_>>().join(" "),
        spoken(&view.plan),
    ]
}

/// An account has no signup: what it does not have stays empty.
fn stray(view: StrayView, kind: &str) -> [String; 17] {
    let mut cells: [String; 17] = Default::default();
    cells[0] = view.tenant.unwrap_or_default();
    cells[1] = view.belongs_to.unwrap_or_default();
    cells[2] = moment(view.created_at);
    cells[7] = view.did;
    cells[8] = view.handle;
    cells[13] = match view.standing {
        Standing::Active => State::Ok,
        Standing::TakenDown | Standing::Deactivated | Standing::Broken => State::Drift,
        Standing::Unknown => State::Unknown,
    }
    .word()
    .into();
    cells[14] = kind.into();
    cells[15] = view.message;
    cells
}

fn moment(at: Option<Timestamp>) -> String {
    at.map(|at| at.to_string()).unwrap_or_default()
}

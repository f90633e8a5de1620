//! What a table says of the findings below its rows: counts, and a bounded number of names, however many rows there were.

use crate::audit::emails::SharedEmail;
use crate::audit::report::Row;
use crate::domain::text::clean;
use crate::domain::{Finding, FindingId, Severity};

/// So many users are named under a finding, and so many notes are told.
const NAMED: usize = 30;

#[derive(Default)]
pub struct Digest {
    findings: Vec<Shared>,
    corrected: Vec<String>,
    more_corrected: usize,
    notes: Vec<String>,
    more_notes: usize,
}

/// A finding with whom it concerns.
struct Shared {
    first: Finding,
    count: usize,
    subs: Vec<String>,
}

impl Digest {
    pub fn count(&mut self, (signup, diagnosis): &Row) {
        let sub = clean(&signup.sub);
        for finding in &diagnosis.findings {
            let known = self
                .findings
                .iter()
                .position(|shared| shared.first.id == finding.id);
            let at = known.unwrap_or_else(|| {
                self.findings.push(Shared {
                    first: finding.clone(),
                    count: 0,
                    subs: Vec::new(),
                });
                self.findings.len() - 1
            });
            let shared = &mut self.findings[at];
            shared.count += 1;
            if shared.subs.len() < NAMED {
                shared.subs.push(sub.clone());
            }
        }
        for note in &diagnosis.notes {
            if self.notes.len() < NAMED {
                self.notes.push(format!("? {sub}: {}", clean(note)));
            } else {
                self.more_notes += 1;
            }
        }
    }

    /// Who was told before it was known that others have their e-mail too.
    pub fn correct(&mut self, shared: &[SharedEmail]) {
        for shared in shared {
            let sub = clean(&shared.sub);
            if let Some(known) = self
                .findings
                .iter_mut()
                .find(|known| known.first.id == FindingId::DuplicateEmail)
            {
                known.count += 1;
                if known.subs.len() < NAMED {
                    known.subs.push(sub.clone());
                }
            }
            if self.corrected.len() < NAMED {
                self.corrected.push(format!("! {}", sentence(shared)));
            } else {
                self.more_corrected += 1;
            }
        }
    }

    /// Each finding with whom it concerns: one user's own sentence, or a count.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let found = |id| self.findings.iter().find(|shared| shared.first.id == id);
        for Shared { first, count, subs } in FindingId::ALL.into_iter().filter_map(found) {
            let what = match count {
                1 => first.message.clone(),
                several => format!("{several} {}.", first.id.fragment()),
            };
            lines.push(format!(
                "{} {}: {what} {}",
                glyph(first.severity),
                first.id.name(),
                first.hint
            ));
            lines.extend(subs.chunks(3).map(|subs| format!("    {}", subs.join("  "))));
            lines.extend(more(count - subs.len()).map(|more| format!("    {more}")));
        }
        lines.extend(self.corrected.iter().cloned());
        lines.extend(more(self.more_corrected));
        lines.extend(self.notes.iter().cloned());
        lines.extend(more(self.more_notes));
        lines
    }
}

/// What the row of somebody does not say, since it was told before those of the others came.
pub fn sentence(shared: &SharedEmail) -> String {
    let with: Vec<String> = shared.with.iter().take(3).map(|sub| clean(sub)).collect();
    let further = match shared.with.len().saturating_sub(with.len()) {
        0 => String::new(),
        further => format!(" and {further} more"),
    };
    format!(
        "{} shares the e-mail of {}{further}, which was not known yet when it was their turn.",
        clean(&shared.sub),
        with.join(" and ")
    )
}

fn glyph(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "✗",
        Severity::Warning => "!",
        Severity::Info => "·",
    }
}

/// What a bounded list leaves out.
pub fn more(left: usize) -> Option<String> {
    (left > 0).then(|| format!("… and {left} more: -o ndjson lists them"))
}

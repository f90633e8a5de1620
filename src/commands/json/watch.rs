//! The JSON of `watch` and `alert-test`, as types.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::super::output::{Answer, Sheet};
use crate::domain::alert::AlertState;
use crate::domain::tally::Totals;
use crate::domain::{FindingId, Problem};
use crate::services::alerts::Receiver;

/// How everything stood at the last look, and what was told until then. In a stream each event is a line, and the rest
/// the last line.
#[derive(Serialize, JsonSchema)]
pub struct WatchView {
    pub schema: u32,
    pub at: Timestamp,
    pub tenants: Vec<WatchedView>,
    /// The backends that did not answer: `mongo`, `pds`, `auth0/aesthetic`.
    pub silent: Vec<SilentView>,
    /// What alerts are about now, whether one was sent or not.
    pub troubles: Vec<TroubleView>,
    /// The broken ones that a mending did not help.
    pub unmended: usize,
    /// How many alerts wait for their delivery.
    pub undelivered: usize,
    pub events: Vec<WatchRow>,
}

#[derive(Serialize, JsonSchema)]
pub struct WatchedView {
    pub tenant: String,
    pub totals: Totals,
}

#[derive(Serialize, JsonSchema)]
pub struct SilentView {
    pub backend: String,
    pub problem: Problem,
}

#[derive(Serialize, JsonSchema)]
pub struct TroubleView {
    pub fingerprint: String,
    pub since: Timestamp,
    pub what: String,
}

/// What a row of a watch is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WatchEvent {
    /// A new signup, and nothing is wrong.
    Whole,
    /// A new signup of which something is not expected yet.
    Waiting,
    /// A signup that is not whole after its grace time, or has another finding than before.
    Broken,
    /// A broken signup that is whole now, or waits.
    Mended,
    /// An alert, sent where a webhook is set.
    Alert,
}

impl WatchEvent {
    pub fn word(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Waiting => "waiting",
            Self::Broken => "broken",
            Self::Mended => "mended",
            Self::Alert => "alert",
        }
    }
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct WatchRow {
    pub at: Timestamp,
    pub event: WatchEvent,
    /// `None` where all tenants are concerned.
    pub tenant: Option<String>,
    pub sub: Option<String>,
    pub email: Option<String>,
    /// What is wrong, what explains the rest first.
    pub findings: Vec<FindingId>,
    /// The run of the watch that mended it.
    pub run: Option<String>,
    /// Of an alert.
    pub fingerprint: Option<String>,
    /// Of an alert.
    pub state: Option<AlertState>,
    pub message: String,
    pub hint: String,
}

impl WatchRow {
    pub const HEADER: &'static [&'static str] = &[
        "at",
        "event",
        "tenant",
        "sub",
        "email",
        "findings",
        "run",
        "fingerprint",
        "state",
        "message",
        "hint",
    ];

    pub fn cells(&self) -> [String; 11] {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        [
            self.at.to_string(),
            self.event.word().into(),
            text(&self.tenant),
            text(&self.sub),
            text(&self.email),
            self.findings
                .iter()
                .map(|id| id.name())
                .collect::<Vec<_>>()
                .join(" "),
            text(&self.run),
            text(&self.fingerprint),
            self.state
                .map(|state| state.word().to_string())
                .unwrap_or_default(),
            self.message.clone(),
            self.hint.clone(),
        ]
    }
}

impl Answer for WatchView {
    const ROWS: &'static str = "events";

    fn sheet(&self) -> Sheet {
        let mut sheet = Sheet::new(WatchRow::HEADER);
        for row in &self.events {
            sheet.row(row.cells());
        }
        sheet
    }
}

#[derive(Serialize, JsonSchema)]
pub struct AlertTestView {
    pub schema: u32,
    pub receivers: Vec<ReceiverView>,
}

/// Somebody who takes alerts. Never the address: it is a secret.
#[derive(Serialize, JsonSchema)]
pub struct ReceiverView {
    pub receiver: Receiver,
    pub taken: bool,
}

impl Answer for AlertTestView {
    const ROWS: &'static str = "receivers";

    fn sheet(&self) -> Sheet {
        let mut sheet = Sheet::new(&["receiver", "taken"]);
        for row in &self.receivers {
            sheet.row([row.receiver.word().to_string(), row.taken.to_string()]);
        }
        sheet
    }
}

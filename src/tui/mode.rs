//! What has the keys: the table, a line being typed, or one of the dialogs, each with what it asks about.

use jiff::Timestamp;
use tui_input::Input;

use crate::domain::Problem;
use crate::domain::trail::Deed;

use super::accidents::Topic;
use super::export::Format;
use super::filter::{Filter, Misunderstood, Proposals};
use super::message::Target;
use super::runs::Offer;
use super::sheet::Sheet;
use super::state::RowId;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Button {
    Cancel,
    Go,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaving {
    Stay,
    Wait,
    Leave,
    Now,
}

/// The answers to the offer to go on with a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resuming {
    Later,
    GoOn,
    Cancel,
}

/// What was changed about one user, as far as it was told yet.
#[derive(Debug, Clone)]
pub struct Story {
    pub target: Target,
    pub told: Option<Result<Vec<Deed>, Problem>>,
}

impl Story {
    pub fn asked(target: Target) -> Self {
        Self { target, told: None }
    }
}

/// The dialog that tells it.
#[derive(Debug, Clone)]
pub struct History {
    pub story: Story,
    pub scroll: usize,
}

/// What has the keys.
#[derive(Debug, Clone)]
pub enum Mode {
    Table,
    Filter {
        input: Input,
        before: Filter,
        error: Option<Misunderstood>,
        proposals: Proposals,
        /// On whom the cursor was: it comes back to them as soon as the filter lets them through.
        home: Option<RowId>,
    },
    /// Which columns are shown; the one that the keys act on.
    Columns {
        at: usize,
    },
    Confirm {
        sheet: Sheet,
        focus: Button,
        retry: bool,
    },
    /// Why so many are touched, for the audit trail.
    Reason {
        sheet: Sheet,
        retry: bool,
        input: Input,
        /// Enter came without a word.
        wanting: bool,
    },
    Resume {
        offer: Offer,
        focus: Resuming,
        scroll: usize,
    },
    /// What concerns many users, explained.
    Systemic {
        topic: Topic,
        scroll: usize,
    },
    Plan(Sheet),
    /// In which format what is shown is written; its name holds the moment.
    Export {
        format: Format,
        at: Timestamp,
    },
    History(History),
    /// What happened in this session.
    Log {
        /// `None` while it follows the newest.
        scroll: Option<usize>,
    },
    Help {
        scroll: usize,
    },
    Palette {
        input: Input,
        /// A place among the entries that match.
        chosen: usize,
    },
    Quit {
        focus: Leaving,
    },
    /// The first minute in the sandbox.
    Welcome,
}

/// Whether the sandbox is seen from here for the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visit {
    First,
    Again,
}

/// The detail of the user under the cursor.
#[derive(Debug, Clone, Default)]
pub struct Detail {
    pub scroll: usize,
    /// Whom it asked to be observed last.
    pub asked: Option<RowId>,
    pub extent: Extent,
}

/// How much of the screen the detail has.
#[derive(Debug, Clone, Default)]
pub enum Extent {
    /// A pane below the table.
    #[default]
    Pane,
    /// All of it, with the history of the user, which was asked for at that moment.
    Whole { story: Story, asked_at: Timestamp },
}

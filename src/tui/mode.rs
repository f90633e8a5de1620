//! What has the keys: the table, a line being typed, or one of the dialogs, each with what it asks about.

use jiff::Timestamp;
use tui_input::Input;

use crate::domain::Problem;
use crate::domain::trail::Deed;

use super::accidents::Topic;
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
pub struct History {
    pub target: Target,
    pub told: Option<Result<Vec<Deed>, Problem>>,
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
    History(History),
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
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toast {
    pub text: String,
    pub until: Timestamp,
}

/// The detail pane.
#[derive(Debug, Clone, Default)]
pub struct Detail {
    pub scroll: usize,
    /// Whom it asked to be observed last.
    pub asked: Option<RowId>,
}

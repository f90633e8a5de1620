//! What has the keys: the table, a line being typed, or one of the dialogs, each with what it asks about.

use jiff::Timestamp;
use tui_input::Input;

use crate::domain::Problem;
use crate::domain::trail::Deed;

use super::accidents::Topic;
use super::export::Format;
use super::filter::{Filter, Misunderstood, Proposals};
use super::message::{TakenUp, Target};
use super::repair::Question;
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
    /// Why it could not be read anew, after it was read once.
    pub unread: Option<Box<Problem>>,
}

impl Story {
    pub fn asked(target: Target) -> Self {
        Self {
            target,
            told: None,
            unread: None,
        }
    }

    /// What was read once stays until it can be read anew.
    pub fn take(&mut self, told: Result<Vec<Deed>, Problem>) {
        match (told, &self.told) {
            (Err(problem), Some(Ok(_))) => self.unread = Some(Box::new(problem)),
            (told, _) => {
                self.told = Some(told);
                self.unread = None;
            }
        }
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
        /// Whom going on with it would touch; `None` while that is asked.
        whom: Option<Result<Vec<TakenUp>, Problem>>,
        focus: Resuming,
        scroll: usize,
    },
    /// The question before the index on the code is mended.
    Index(Question),
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
        /// What was open before: whoever stays finds it again.
        below: Box<Mode>,
    },
    /// The first minute in the sandbox.
    Welcome,
}

impl Mode {
    /// How far the text of the dialog is scrolled; `None` where it keeps its place by itself.
    pub fn scroll(&mut self) -> Option<&mut usize> {
        match self {
            Self::Confirm { sheet, .. } | Self::Plan(sheet) => Some(&mut sheet.scroll),
            Self::Help { scroll } | Self::Resume { scroll, .. } | Self::Systemic { scroll, .. } => {
                Some(scroll)
            }
            Self::History(history) => Some(&mut history.scroll),
            Self::Index(question) => Some(&mut question.scroll),
            Self::Table
            | Self::Filter { .. }
            | Self::Columns { .. }
            | Self::Export { .. }
            | Self::Log { .. }
            | Self::Reason { .. }
            | Self::Palette { .. }
            | Self::Quit { .. }
            | Self::Welcome => None,
        }
    }

    /// How many users the dialog lists: each has a line at least.
    pub fn listed(&self) -> usize {
        match self {
            Self::Confirm { sheet, .. } | Self::Plan(sheet) => sheet.touched.len() + sheet.spared.len(),
            Self::Resume {
                whom: Some(Ok(all)), ..
            } => all.len(),
            _ => 0,
        }
    }

    /// What is open, also where the question before leaving lies over it: answers to what it asked go on arriving.
    pub fn beneath(&mut self) -> &mut Self {
        match self {
            Self::Quit { below, .. } => below,
            mode => mode,
        }
    }
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
    /// All of it, with the history of the user.
    Whole { story: Story, asking: Asking },
}

/// How the history of the user who has the whole screen is asked for: one request at a time.
#[derive(Debug, Clone, Copy)]
pub struct Asking {
    /// When it was asked for last.
    pub at: Timestamp,
    /// The answer is on its way.
    pub waits: bool,
    /// That answer may be of before something changed: ask again once it is there.
    pub again: bool,
    /// How often in a row it could not be read.
    pub failures: u32,
}

impl Asking {
    /// Asked for the first time.
    pub fn at(at: Timestamp) -> Self {
        Self {
            at,
            waits: true,
            again: false,
            failures: 0,
        }
    }
}

//! Where a key holds: one scope for each mode, and one for the detail where it has the whole screen.

use super::state::{Mode, State};

/// Which mode a key belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    Table,
    /// One user on the whole screen.
    Detail,
    Filter,
    Columns,
    Confirm,
    Reason,
    Resume,
    Systemic,
    Plan,
    History,
    Export,
    Log,
    Help,
    Palette,
    Quit,
    Welcome,
    /// What has no key, and stands in the palette of the sandbox alone.
    Sandbox,
}

impl Scope {
    /// As a sentence ends with it.
    pub fn place(self) -> &'static str {
        match self {
            Self::Table => "in the table",
            Self::Detail => "where one user has the whole screen",
            Self::Filter => "while a filter is typed",
            Self::Columns => "in the columns",
            Self::Confirm => "before something is mended",
            Self::Reason => "while a reason is typed",
            Self::Resume => "in the offer to go on with a run",
            Self::Systemic => "where an accident is explained",
            Self::Plan => "in a plan",
            Self::History => "in a history",
            Self::Export => "before an export",
            Self::Log => "in the log",
            Self::Help => "in the help",
            Self::Palette => "in the palette",
            Self::Quit => "before quitting",
            Self::Welcome => "in the welcome",
            Self::Sandbox => "in the sandbox",
        }
    }

    /// What has the keys now.
    pub fn now(state: &State) -> Self {
        match Self::of(&state.mode) {
            Self::Table if state.whole_detail().is_some() => Self::Detail,
            scope => scope,
        }
    }

    fn of(mode: &Mode) -> Self {
        match mode {
            Mode::Table => Self::Table,
            Mode::Filter { .. } => Self::Filter,
            Mode::Columns { .. } => Self::Columns,
            Mode::Confirm { .. } | Mode::Index(_) => Self::Confirm,
            Mode::Reason { .. } => Self::Reason,
            Mode::Resume { .. } => Self::Resume,
            Mode::Systemic { .. } => Self::Systemic,
            Mode::Plan(_) => Self::Plan,
            Mode::History(_) => Self::History,
            Mode::Export { .. } => Self::Export,
            Mode::Log { .. } => Self::Log,
            Mode::Help { .. } => Self::Help,
            Mode::Palette { .. } => Self::Palette,
            Mode::Quit { .. } => Self::Quit,
            Mode::Welcome => Self::Welcome,
        }
    }
}

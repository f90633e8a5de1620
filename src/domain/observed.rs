//! A fact as far as it is known. The four cases are kept apart everywhere, so that a time-out never looks like
//! something that is missing.

/// What a backend said of one fact.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Observed<T> {
    /// The backend did not answer, or was not asked.
    #[default]
    Unknown,
    /// The backend answered: there is none.
    Absent,
    /// The backend answered with this.
    Present(T),
    /// The backend answered with something that cannot be read; the text says what.
    Unreadable(String),
}

impl<T> Observed<T> {
    /// `Present` or `Absent`: what a look-up that succeeded found.
    pub fn found(value: Option<T>) -> Self {
        value.map_or(Self::Absent, Self::Present)
    }

    pub fn present(&self) -> Option<&T> {
        match self {
            Self::Present(value) => Some(value),
            _ => None,
        }
    }

    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }

    pub fn unreadable(&self) -> Option<&str> {
        match self {
            Self::Unreadable(why) => Some(why),
            _ => None,
        }
    }
}

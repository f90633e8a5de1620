//! What only `diagnose` and its repairs ask of a store: the indexes on the code, a count of the codes, and the traces of
//! a throw-away user.

use async_trait::async_trait;
use jiff::Timestamp;

use super::super::error::Error;
use super::Written;
use crate::domain::Class;
use crate::domain::checkup::Census;
use crate::domain::code_index::{Index, Wanted};

/// How the keys of throw-away users begin. They have no `provider|id` form, so that none is ever taken for a user of Auth0.
pub const REHEARSAL: &str = "atriage-rehearsal-";
/// How many shared codes are named, and how many users of each.
pub const EXAMPLES: usize = 5;

#[async_trait]
pub trait Upkeep: Send + Sync {
    /// The indexes of `users` whose keys are the code, or begin with it.
    async fn code_indexes(&self) -> Result<Vec<Index>, Error>;
    /// Makes an index, and waits until it stands. Once more changes nothing.
    ///
    /// # Errors
    /// `Conflict` where two users have one code.
    async fn build_code_index(&self, which: Wanted) -> Result<(), Error>;
    /// Drops an index of `users`; `Already` where there is none of this name.
    async fn drop_code_index(&self, name: &str) -> Result<Written, Error>;
    /// Counts the codes. `prefix` is what the codes of the year begin with: `ac26`.
    async fn census(&self, prefix: &str) -> Result<Census, Error>;
    /// The keys of the intents that were written before this moment and still stand, the oldest first, each with its moment
    /// where it has one; at most so many.
    async fn old_intents(
        &self,
        before: Timestamp,
        most: usize,
    ) -> Result<Vec<(String, Option<Timestamp>)>, Error>;
    /// The keys of throw-away users of whom something is there.
    async fn rehearsals(&self) -> Result<Vec<String>, Error>;
    /// Removes a throw-away user's intent, record and verification, in this order.
    ///
    /// # Errors
    /// `Refused` where the key is not a throw-away user's.
    async fn remove_rehearsal(&self, key: &str) -> Result<(), Error>;
}

/// Nobody else is ever removed.
pub(super) fn must_be_rehearsal(key: &str) -> Result<(), Error> {
    match key.starts_with(REHEARSAL) && !key.contains('|') {
        true => Ok(()),
        false => Err(Error::new(
            "mongo",
            Class::Refused,
            "Only throw-away users are removed.",
            "This is a fault of this program: tell its makers.",
        )),
    }
}

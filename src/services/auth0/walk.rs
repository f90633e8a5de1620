//! A walk through the users of a tenant: nobody twice and nobody missed, though people sign up and are deleted meanwhile.
//!
//! ```text
//!   newest ──────────────────────────▶ oldest
//!   [a b c d]                            no bound
//!         [d e f g]                      up to d's moment: d came already
//!               [g h i]                  not full: the end
//! ```
//!
//! Each request asks for what is not newer than the last who came, so that no page depends on how many stand before it.
//! Only who shares that very moment has to be remembered.

use std::collections::HashSet;

use jiff::Timestamp;

use super::{Auth0, FIELDS, PAGE, Range, SERVICE, read_users};
use crate::domain::Class;
use crate::domain::signup::Auth0User;
use crate::services::Error;
use crate::services::http::call::Call;

/// Auth0 pages through no more records of one query than this.
const CEILING: usize = 1000;

/// Where a walk stands.
pub struct Walk<'a> {
    auth0: &'a Auth0,
    /// What is still to come; its end moves towards the oldest.
    range: Range,
    /// More than 0 only within one moment that fills whole pages.
    page: usize,
    /// Who came already of those who signed up at the end of the range.
    ties: HashSet<String>,
    /// How many the query had when its first page came.
    left: Option<u64>,
    /// How many the range had when the walk began.
    total: Option<u64>,
    begun: bool,
    done: bool,
}

impl<'a> Walk<'a> {
    pub(super) fn new(auth0: &'a Auth0, range: Range) -> Self {
        Self {
            auth0,
            range,
            page: 0,
            ties: HashSet::new(),
            left: None,
            total: None,
            begun: false,
            done: false,
        }
    }

    /// The next users, newest first, at most 100, and of the first request at most `limit`; `None` at the end. Who signs
    /// up after the walk began may be left out; of who was deleted meanwhile it is not said whether they come.
    ///
    /// # Errors
    /// Those of Auth0; the walk can be gone on with. `Unavailable` where more than 1,000 users share one moment.
    pub async fn next(&mut self, limit: usize) -> Result<Option<Vec<Auth0User>>, Error> {
        while !self.done {
            if (self.page + 1) * PAGE > CEILING {
                return Err(Error::new(
                    SERVICE,
                    Class::Unavailable,
                    "More than 1,000 users of the tenant have the same created_at, which Auth0 cannot page through.",
                    "Only an export job of Auth0 lists them all.",
                ));
            }
            let size = if self.begun { PAGE } else { limit.clamp(1, PAGE) };
            let (users, left) = self.ask(size).await?;
            if !self.begun {
                (self.begun, self.total) = (true, left);
            }
            if self.page > 0 && left < self.left {
                // Somebody was deleted between two pages of one moment, and another slipped onto a page that came.
                (self.page, self.left) = (0, left);
                continue;
            }
            self.left = left;
            self.done = users.len() < size;
            let last = users.last().map(|user| user.created_at);
            let fresh: Vec<Auth0User> = users
                .into_iter()
                .filter(|user| !self.ties.contains(&user.sub))
                .collect();
            self.step_to(last, &fresh);
            if !fresh.is_empty() {
                return Ok(Some(fresh));
            }
        }
        Ok(None)
    }

    /// Whether the last user of the range was read.
    pub fn is_at_end(&self) -> bool {
        self.done
    }

    /// How many users the range had when the walk began, as far as Auth0 said it.
    pub fn total(&self) -> Option<u64> {
        self.total
    }

    /// The users of one page, and how many the whole query has.
    async fn ask(&self, size: usize) -> Result<(Vec<Auth0User>, Option<u64>), Error> {
        let mut call = Call::get("/api/v2/users")
            .query("sort", "created_at:-1")
            .query("per_page", size)
            .query("page", self.page)
            .query("include_totals", true)
            .query("search_engine", "v3")
            .query("fields", FIELDS)
            .query("include_fields", true);
        if self.range != Range::default() {
            let bound =
                |end: Option<Timestamp>| end.map_or_else(|| "*".to_string(), |end| format!("{end:.3}"));
            let (from, to) = (bound(self.range.from), bound(self.range.to));
            call = call.query("q", format!("created_at:[{from} TO {to}]"));
        }
        let answer = self.auth0.get(call).await?;
        Ok((read_users(&answer["users"])?, answer["total"].as_u64()))
    }

    /// Sets the end of the range to who came last; within one moment that filled the page, the next page is asked.
    fn step_to(&mut self, last: Option<Timestamp>, fresh: &[Auth0User]) {
        let Some(last) = last else { return };
        let here = fresh.iter().filter(|user| user.created_at == last);
        let here = here.map(|user| user.sub.clone());
        if self.range.to == Some(last) && !self.ties.is_empty() {
            self.ties.extend(here);
            self.page += 1;
        } else {
            self.ties = here.collect();
            (self.range.to, self.page) = (Some(last), 0);
        }
    }
}

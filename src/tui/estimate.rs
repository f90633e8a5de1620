//! How long a run will take: from its rate so far, and from what the PDS still lets through.

/// What the estimate is made of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ahead {
    /// Jobs that are not through.
    pub jobs: usize,
    /// Jobs a second so far.
    pub rate: f64,
    /// How many of them will make an account.
    pub accounts: usize,
    pub budget: Option<Room>,
}

/// A budget of accounts, as the PDS announces it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// How many a window takes.
    pub limit: u64,
    /// How many this window still takes.
    pub remaining: u64,
    /// Seconds until the next window.
    pub free_in: u64,
}

/// How long a window of createAccount lasts. In seconds.
const WINDOW: f64 = 300.0;

impl Ahead {
    /// Seconds until all are through; `None` while there is no rate yet.
    pub fn seconds(&self) -> Option<u64> {
        if self.jobs == 0 {
            return Some(0);
        }
        let work = self.jobs as f64 / self.rate;
        if !work.is_finite() {
            return None;
        }
        Some(work.max(self.waits()).ceil() as u64)
    }

    /// Whether the budget, and not the work, says when it ends.
    pub fn is_up_to_the_budget(&self) -> bool {
        self.waits() > 0.0
    }

    /// When the last account can be made, and then written down: what the first windows take is done while they last.
    fn waits(&self) -> f64 {
        let Some(room) = self.budget else { return 0.0 };
        let beyond = (self.accounts as u64).saturating_sub(room.remaining);
        if beyond == 0 {
            return 0.0;
        }
        let limit = room.limit.max(1);
        let whole = (beyond - 1) / limit;
        let last = beyond - whole * limit;
        let work = last as f64 / self.rate;
        let work = if work.is_finite() { work } else { 0.0 };
        room.free_in as f64 + whole as f64 * WINDOW + work
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(jobs: usize, rate: f64, accounts: usize, room: Option<(u64, u64)>) -> Option<u64> {
        let budget = room.map(|(remaining, free_in)| Room {
            limit: 100,
            remaining,
            free_in,
        });
        let ahead = Ahead {
            jobs,
            rate,
            accounts,
            budget,
        };
        ahead.seconds()
    }

    #[test]
    fn the_rate_says_it_where_the_budget_is_large_enough() {
        assert_eq!(seconds(8, 4.0, 8, None), Some(2));
        assert_eq!(seconds(9, 4.0, 9, Some((9, 200))), Some(3), "rounded up");
        assert_eq!(seconds(8, 4.0, 0, Some((0, 200))), Some(2), "no account is made");
        assert_eq!(seconds(0, 0.0, 0, None), Some(0));
        assert_eq!(seconds(8, 0.0, 8, None), None, "nothing is known yet");
    }

    #[test]
    fn accounts_beyond_the_budget_wait_for_its_windows() {
        // 100 beyond: one window, and 100 of work in it.
        assert_eq!(seconds(130, 10.0, 130, Some((30, 60))), Some(70));
        // 101 beyond: one more window, with one of work in it.
        assert_eq!(seconds(131, 10.0, 131, Some((30, 60))), Some(361));
        assert_eq!(seconds(230, 10.0, 230, Some((0, 20))), Some(20 + 600 + 3));
        // So much other work that the windows pass meanwhile.
        assert_eq!(seconds(900, 1.0, 2, Some((1, 60))), Some(900));
    }
}

//! How a finding that many share lies in time: who was the last before it, and how many have it hour by hour.

use jiff::Timestamp;

use super::finding::FindingId;
use super::tally::{Case, concerns};

/// How many hours are told at most; those in which nobody signed up are left out.
const HOURS: usize = 6;
const HOUR: i64 = 3_600;

/// One hour of those who could have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hour {
    /// When it began.
    pub at: Timestamp,
    pub affected: usize,
    pub of: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Spread {
    /// The signup of the last one before the first affected who could have had it and does not: it broke between the two.
    pub before: Option<Timestamp>,
    /// The oldest first, from the hour before the first affected one on.
    pub hours: Vec<Hour>,
}

/// `since` is the signup of the first affected one; the cases come in any order.
pub fn spread(finding: FindingId, since: Timestamp, cases: impl IntoIterator<Item = Case>) -> Spread {
    let mut spread = Spread::default();
    let hour_of = |at: Timestamp| at.as_second().div_euclid(HOUR);
    let mut hours = std::collections::BTreeMap::<i64, (usize, usize)>::new();
    for case in cases {
        let Some(at) = case.created_at.filter(|_| concerns(finding, &case)) else {
            continue;
        };
        let has = case.findings.contains(&finding);
        if !has && at < since {
            spread.before = spread.before.max(Some(at));
        }
        if hour_of(at) + 1 >= hour_of(since) {
            let hour = hours.entry(hour_of(at)).or_default();
            hour.0 += usize::from(has);
            hour.1 += 1;
        }
    }
    let newest = hours.into_iter().rev().take(HOURS);
    let told = newest.filter_map(|(hour, (affected, of))| {
        let at = Timestamp::from_second(hour * HOUR).ok()?;
        Some(Hour { at, affected, of })
    });
    spread.hours = told.collect();
    spread.hours.reverse();
    spread
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(minute: i64, verified: bool, has: bool) -> Case {
        Case {
            created_at: Timestamp::from_second(1_795_356_000 + minute * 60).ok(),
            verified,
            findings: if has {
                vec![FindingId::MissingAccount]
            } else {
                Vec::new()
            },
        }
    }

    /// 1,795,356,000 is 14:00 UTC.
    #[test]
    fn it_broke_between_the_last_without_it_and_the_first_with_it() {
        let at = |minute: i64| Timestamp::from_second(1_795_356_000 + minute * 60).unwrap();
        let cases = [
            case(30, true, true),
            case(10, true, true),
            // Not verified: could not have it yet.
            case(5, false, false),
            case(-3, true, true),
            case(-20, true, false),
            case(-40, true, false),
            case(-130, true, false),
        ];
        let told = spread(FindingId::MissingAccount, at(-3), cases);
        assert_eq!(told.before, Some(at(-20)));
        let hours: Vec<_> = told
            .hours
            .iter()
            .map(|hour| (hour.at, hour.affected, hour.of))
            .collect();
        assert_eq!(hours, [(at(-60), 1, 3), (at(0), 2, 2)]);
        let all = spread(FindingId::MissingAccount, at(-3), [case(-3, true, true)]);
        assert_eq!(all.before, None);
    }

    #[test]
    fn a_long_accident_tells_of_its_newest_hours() {
        let since = Timestamp::from_second(1_795_356_000 - 20 * HOUR).unwrap();
        let cases = (0..20).map(|hour| case(-60 * hour, true, true));
        let told = spread(FindingId::MissingAccount, since, cases);
        assert_eq!(told.hours.len(), HOURS);
        assert_eq!(told.hours[HOURS - 1].at.as_second(), 1_795_356_000);
    }
}

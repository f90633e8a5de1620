//! Signups by the hour: how many came in each of the last hours, and how many of those are whole. Only hours of which
//! every signup is known are told.

use jiff::Timestamp;

use crate::domain::Verdict;

/// How many hours are looked back at.
pub const HOURS: usize = 24;

/// One hour: up to now for the newest, whole ones before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Hour {
    pub signups: usize,
    pub whole: usize,
    /// Those of whom it is known whether they are whole.
    pub judged: usize,
    pub unknown: usize,
}

/// The oldest hour first. `None` from where on signups may not be loaded: the oldest that is, unless all are.
pub fn hours(
    signups: impl Iterator<Item = (Timestamp, Verdict)>,
    known_since: Option<Timestamp>,
    now: Timestamp,
) -> Vec<Hour> {
    let ago = |at: Timestamp| {
        usize::try_from(now.duration_since(at).as_secs().max(0) / 3_600).unwrap_or(usize::MAX)
    };
    let known = known_since.map_or(HOURS, |since| ago(since).min(HOURS));
    let mut hours = vec![Hour::default(); known];
    for (at, verdict) in signups {
        let ago = ago(at);
        if ago < known {
            let hour = &mut hours[known - 1 - ago];
            hour.signups += 1;
            hour.whole += usize::from(verdict == Verdict::Whole);
            hour.judged += usize::from(matches!(verdict, Verdict::Whole | Verdict::Broken));
            hour.unknown += usize::from(verdict == Verdict::Unknown);
        }
    }
    hours
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hours_that_are_known_as_a_whole_are_told() {
        let at = |minutes: i64| Timestamp::from_second(1_800_000_000 - minutes * 60).unwrap();
        let signups = [
            (at(-1), Verdict::Whole),
            (at(10), Verdict::Broken),
            (at(59), Verdict::Waiting),
            (at(60), Verdict::Whole),
            (at(150), Verdict::Unknown),
            (at(5_000), Verdict::Whole),
        ];
        let told = |since: Option<i64>| {
            let hours = hours(signups.into_iter(), since.map(at), at(0));
            hours
                .iter()
                .map(|hour| (hour.signups, hour.whole, hour.judged, hour.unknown))
                .collect::<Vec<_>>()
        };
        assert_eq!(told(Some(150)), [(1, 1, 1, 0), (3, 1, 2, 0)]);
        assert_eq!(told(Some(30)), []);
        assert_eq!(told(None).len(), HOURS);
        assert_eq!(
            told(None)[HOURS - 3..],
            [(1, 0, 0, 1), (1, 1, 1, 0), (3, 1, 2, 0)]
        );
    }
}

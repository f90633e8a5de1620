//! Whom a watch mends again after a mending that did not help, and when.

use jiff::SignedDuration;

use super::sample::*;
use super::watch::{GRACE, at, fingerprints, look, user_since};
use crate::domain::watch::Followed;
use crate::domain::*;

/// How a mending ended, and whether it is tried again at once, after ten intervals, after an hour, and when something else
/// is found.
#[test]
fn what_a_mending_did_not_help_is_not_tried_again_and_again() {
    let fails = |class, advice| Some(Problem::new(class, "No.", "").advised(advice));
    let never = [false, false, false, true];
    let soon = [false, true, true, true];
    let in_an_hour = [false, false, true, true];
    let cases = [
        // Only somebody else can help.
        (Outcome::Failed, fails(Class::Validation, Advice::Decide), never),
        (Outcome::Refused, fails(Class::Refused, Advice::Decide), never),
        // Somebody does not want it.
        (Outcome::Cancelled, None, never),
        (
            Outcome::Cancelled,
            fails(Class::Unavailable, Advice::Retry),
            never,
        ),
        // The PLC directory's limit of one DID.
        (
            Outcome::Failed,
            fails(Class::RateLimit, Advice::Decide),
            in_an_hour,
        ),
        (Outcome::Failed, fails(Class::Unavailable, Advice::Retry), soon),
        // Nobody knows what it was, or what is left: it may have passed.
        (Outcome::Failed, fails(Class::Internal, Advice::Look), soon),
        (Outcome::Nothing, None, soon),
        (Outcome::Done, None, soon),
    ];
    let interval = SignedDuration::from_secs(30);
    for (outcome, problem, [now, later, hour, other]) in cases {
        let mut followed = Followed::default();
        followed.list(&[user_since("auth0|1", 0, true)], at(60), GRACE);
        look(&mut followed, 60, &with(no_record));
        assert!(followed.is_to_be_mended("auth0|1", at(60)));
        followed.begin("auth0|1", "7f3a", at(60));
        assert!(!followed.is_to_be_mended("auth0|1", at(61)), "a run is on it");
        assert_eq!(fingerprints(&mut followed, 61), [], "and it may mend it");
        followed.end(
            "auth0|1",
            "7f3a",
            Some((outcome, problem.as_ref())),
            at(62),
            interval,
        );
        let told = format!("{outcome:?} {problem:?}");
        assert_eq!(fingerprints(&mut followed, 62).len(), 1, "{told}");
        assert_eq!(followed.unmended(), 1, "{told}");
        assert_eq!(followed.is_to_be_mended("auth0|1", at(63)), now, "{told}");
        assert_eq!(followed.is_to_be_mended("auth0|1", at(62 + 300)), later, "{told}");
        assert_eq!(followed.is_to_be_mended("auth0|1", at(62 + 3600)), hour, "{told}");
        for second in [63, 63 + 60] {
            look(&mut followed, second, &with(no_account));
        }
        assert_eq!(followed.is_to_be_mended("auth0|1", at(63 + 60)), other, "{told}");
    }
}

/// What is tried again and again is tried ever more seldom, and no more seldom than every hour.
#[test]
fn what_does_not_help_is_tried_ever_more_seldom() {
    let interval = SignedDuration::from_secs(30);
    let mut followed = Followed::default();
    followed.list(&[user_since("auth0|1", 0, true)], at(60), GRACE);
    look(&mut followed, 60, &with(no_record));
    let mut second = 60;
    for wait in [300, 600, 1200, 2400, 3600, 3600, 3600] {
        followed.begin("auth0|1", "7f3a", at(second));
        followed.end(
            "auth0|1",
            "7f3a",
            Some((Outcome::Nothing, None)),
            at(second),
            interval,
        );
        assert!(
            !followed.is_to_be_mended("auth0|1", at(second + wait - 1)),
            "{wait}"
        );
        second += wait;
        assert!(followed.is_to_be_mended("auth0|1", at(second)), "{wait}");
    }
}

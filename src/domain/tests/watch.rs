//! What a watch remembers: whom it looks at when, what counts as a change, and which troubles follow.

use jiff::{SignedDuration, Timestamp};

use super::sample::*;
use crate::domain::alert::Alert;
use crate::domain::signup::Auth0User;
use crate::domain::tally::Evidence;
use crate::domain::watch::{Delivery, Followed, Memory, Standing};
use crate::domain::*;

pub(super) const GRACE: SignedDuration = SignedDuration::from_secs(60);
const PATIENCE: SignedDuration = SignedDuration::from_mins(3);

pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_760_000_000 + second).unwrap()
}

pub(super) fn user_since(sub: &str, second: i64, verified: bool) -> Auth0User {
    Auth0User {
        created_at: at(second),
        email_verified: verified,
        ..auth0_user(sub)
    }
}

/// One look at everybody whose time has come, all of whom look like this. Returns who was looked at, and the changes.
pub(super) fn look(
    followed: &mut Followed,
    second: i64,
    signup: &Signup,
) -> (Vec<String>, Vec<(Standing, Standing)>) {
    let due = followed.due(at(second), 100);
    let changes = due
        .iter()
        .filter_map(|sub| followed.take(sub, &diagnose(signup), at(second), GRACE));
    let changes = changes.map(|change| (change.from, change.to)).collect();
    (due, changes)
}

pub(super) fn fingerprints(followed: &mut Followed, second: i64) -> Vec<(String, usize, usize)> {
    let troubles = followed.troubles("aesthetic", &Evidence::default(), at(second), PATIENCE);
    troubles
        .into_iter()
        .map(|trouble| (trouble.fingerprint, trouble.affected.len(), trouble.healed.len()))
        .collect()
}

#[test]
fn a_signup_is_looked_at_when_its_time_has_come_and_no_more_once_it_is_whole() {
    use Standing::{New, Whole};
    let mut followed = Followed::default();
    let list = [user_since("auth0|1", 0, true)];
    for second in [1, 59] {
        followed.list(&list, at(second), GRACE);
        assert!(look(&mut followed, second, &whole()).0.is_empty());
    }
    followed.list(&list, at(60), GRACE);
    let (due, changes) = look(&mut followed, 60, &whole());
    assert_eq!((due.len(), changes), (1, vec![(New, Whole)]));
    followed.list(&list, at(90), GRACE);
    assert!(look(&mut followed, 90, &whole()).0.is_empty());
    assert_eq!(fingerprints(&mut followed, 90), []);
}

#[test]
fn who_verifies_later_has_the_grace_time_once_more() {
    use Standing::{Broken, New, Waiting, Whole};
    let mut followed = Followed::default();
    followed.list(&[user_since("auth0|1", 0, false)], at(60), GRACE);
    assert_eq!(look(&mut followed, 60, &with(unverified)).1, [(New, Waiting)]);
    let verified = [user_since("auth0|1", 0, true)];
    followed.list(&verified, at(1000), GRACE);
    assert!(look(&mut followed, 1000, &with(no_account)).0.is_empty());
    followed.list(&verified, at(1060), GRACE);
    assert_eq!(look(&mut followed, 1060, &with(no_account)).1, [(New, Broken)]);
    assert_eq!(
        fingerprints(&mut followed, 1060),
        [("aesthetic/missing-account".into(), 1, 0)]
    );
    followed.list(&verified, at(1090), GRACE);
    assert_eq!(look(&mut followed, 1090, &with(no_account)).1, []);
    assert_eq!(look(&mut followed, 1120, &whole()).1, [(Broken, Whole)]);
    assert_eq!(
        fingerprints(&mut followed, 1120),
        [("aesthetic/missing-account".into(), 0, 1)]
    );
    assert_eq!(fingerprints(&mut followed, 1121), [], "told once");
}

#[test]
fn an_outage_makes_nobody_broken_and_nobody_whole() {
    use Standing::{Broken, Unknown};
    let silent: Change = |s| {
        no_account(s);
        silent_pds(s);
    };
    let mut followed = Followed::default();
    let list = [user_since("auth0|1", 0, true)];
    followed.list(&list, at(60), GRACE);
    assert_eq!(
        look(&mut followed, 60, &with(silent)).1,
        [],
        "not to know is no change"
    );
    assert_eq!(followed.signups["auth0|1"].standing, Unknown);
    assert_eq!(fingerprints(&mut followed, 60), []);
    assert_eq!(look(&mut followed, 90, &with(no_account)).1, [(Unknown, Broken)]);
    assert_eq!(look(&mut followed, 120, &with(silent)).1, [], "it stays broken");
    assert_eq!(
        fingerprints(&mut followed, 120),
        [("aesthetic/missing-account".into(), 1, 0)]
    );
}

#[test]
fn who_was_broken_and_is_seen_in_part_stays_so_until_the_whole_is_seen() {
    use Standing::{Broken, New, Whole};
    let mut followed = Followed::default();
    followed.list(&[user_since("auth0|1", 0, true)], at(60), GRACE);
    assert_eq!(look(&mut followed, 60, &with(no_record)).1, [(New, Broken)]);
    assert_eq!(look(&mut followed, 90, &with(silent_pds)).1, []);
    assert_eq!(
        fingerprints(&mut followed, 90),
        [("aesthetic/missing-user-record".into(), 1, 0)]
    );
    assert_eq!(look(&mut followed, 120, &whole()).1, [(Broken, Whole)]);
    assert_eq!(
        fingerprints(&mut followed, 120),
        [("aesthetic/missing-user-record".into(), 0, 1)]
    );
}

#[test]
fn what_shows_for_a_moment_while_somebody_mends_is_no_other_trouble() {
    use Standing::{Broken, Whole};
    let mut followed = Followed::default();
    followed.list(&[user_since("auth0|1", 0, true)], at(60), GRACE);
    look(&mut followed, 60, &with(no_account));
    // The account is made, and not written down yet.
    assert_eq!(look(&mut followed, 70, &with(unrecorded)).1, []);
    assert_eq!(
        fingerprints(&mut followed, 70),
        [("aesthetic/missing-account".into(), 1, 0)]
    );
    assert_eq!(look(&mut followed, 80, &whole()).1, [(Broken, Whole)]);
    assert_eq!(
        fingerprints(&mut followed, 80),
        [("aesthetic/missing-account".into(), 0, 1)]
    );
    // And where it stays so.
    let mut followed = Followed::default();
    followed.list(&[user_since("auth0|1", 0, true)], at(60), GRACE);
    look(&mut followed, 60, &with(no_account));
    assert_eq!(look(&mut followed, 70, &with(unrecorded)).1, []);
    assert_eq!(look(&mut followed, 129, &with(unrecorded)).1, []);
    assert_eq!(look(&mut followed, 130, &with(unrecorded)).1, [(Broken, Broken)]);
    assert_eq!(
        fingerprints(&mut followed, 130),
        [("aesthetic/unrecorded-account".into(), 1, 0)]
    );
}

#[test]
fn many_that_share_a_finding_are_one_trouble_with_what_explains_the_rest() {
    let mut followed = Followed::default();
    let list: Vec<_> = (0..7)
        .map(|n| user_since(&format!("auth0|{n}"), n, true))
        .collect();
    followed.list(&list, at(100), GRACE);
    look(&mut followed, 100, &with(no_record));
    let troubles = followed.troubles("aesthetic", &Evidence::default(), at(100), PATIENCE);
    assert_eq!(troubles.len(), 1, "{troubles:#?}");
    let trouble = &troubles[0];
    assert_eq!(
        (
            trouble.fingerprint.as_str(),
            trouble.systemic,
            trouble.affected.len(),
            trouble.of,
            trouble.since
        ),
        ("aesthetic/missing-user-record", true, 7, Some(7), at(0))
    );
    assert!(trouble.cause.contains("look at the index"), "{}", trouble.cause);
    // Missed once, as while pages shift.
    followed.list(&list[..2], at(110), GRACE);
    followed.list(&list, at(120), GRACE);
    followed.list(&list[..2], at(130), GRACE);
    assert_eq!(
        fingerprints(&mut followed, 130),
        [("aesthetic/missing-user-record".into(), 7, 0)]
    );
    // Deleted, or too long ago by now: no longer followed, and not whole either.
    followed.list(&list[..2], at(160), GRACE);
    let troubles = followed.troubles("aesthetic", &Evidence::default(), at(160), PATIENCE);
    assert_eq!(
        (
            troubles[0].affected.len(),
            troubles[0].unfollowed,
            troubles[0].systemic
        ),
        (2, 5, false)
    );
}

#[test]
fn the_broken_are_looked_at_in_turn() {
    let mut followed = Followed::default();
    let list: Vec<_> = (0..5)
        .map(|n| user_since(&format!("auth0|{n}"), n, true))
        .collect();
    followed.list(&list, at(100), GRACE);
    look(&mut followed, 100, &with(no_record));
    let mut seen = Vec::new();
    for second in [110, 120, 130] {
        for sub in followed.due(at(second), 2) {
            followed.take(&sub, &diagnose(&with(no_record)), at(second), GRACE);
            seen.push(sub);
        }
    }
    assert_eq!(seen.len(), 6);
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 5, "each of them");
}

#[test]
fn what_one_run_mends_is_told_together() {
    let mut followed = Followed::default();
    let list = [user_since("auth0|1", 0, true), user_since("auth0|2", 1, true)];
    followed.list(&list, at(61), GRACE);
    look(&mut followed, 61, &with(no_record));
    for sub in ["auth0|1", "auth0|2"] {
        followed.begin(sub, "7f3a", at(61));
    }
    followed.take("auth0|1", &diagnose(&whole()), at(62), GRACE);
    assert_eq!(fingerprints(&mut followed, 62), []);
    followed.take("auth0|2", &diagnose(&whole()), at(63), GRACE);
    let troubles = followed.troubles("aesthetic", &Evidence::default(), at(63), PATIENCE);
    assert_eq!((troubles.len(), troubles[0].healed.len()), (1, 2));
    assert_eq!(troubles[0].runs, ["7f3a".to_string()].into());
}

#[test]
fn a_run_that_takes_too_long_hides_nothing_and_one_that_died_holds_nobody() {
    let mut followed = Followed::default();
    followed.list(&[user_since("auth0|1", 0, true)], at(60), GRACE);
    look(&mut followed, 60, &with(no_record));
    followed.begin("auth0|1", "7f3a", at(60));
    assert_eq!(fingerprints(&mut followed, 60 + 180), []);
    assert_eq!(fingerprints(&mut followed, 60 + 181).len(), 1);
    let ours = ["auth0|1".to_string()].into();
    followed.give_up(at(60 + 181), PATIENCE, &ours);
    assert!(!followed.is_to_be_mended("auth0|1", at(60 + 181)));
    followed.give_up(at(60 + 181), PATIENCE, &Default::default());
    assert!(followed.is_to_be_mended("auth0|1", at(60 + 181)));
}

#[test]
fn a_stopped_run_is_a_trouble_and_waits_longer_each_time() {
    let interval = SignedDuration::from_secs(30);
    let mut followed = Followed::default();
    for (second, until) in [(0, 300), (300, 900), (900, 2100), (2100, 4500), (4500, 8100)] {
        followed.hold(
            "7f3a",
            "It stopped.".into(),
            "Mend it.".into(),
            at(second),
            interval,
        );
        let held = followed.held.as_ref().expect("it is held");
        assert_eq!((held.until, held.since), (at(until), at(0)));
    }
    let troubles = followed.troubles("aesthetic", &Evidence::default(), at(1), PATIENCE);
    assert_eq!(troubles[0].fingerprint, "aesthetic/mending");
    assert_eq!(
        troubles[0].what,
        "run 7f3a of the watch, which mends aesthetic, stands still"
    );
    // Somebody else mended everybody.
    followed.give_up(at(2), PATIENCE, &Default::default());
    assert_eq!(fingerprints(&mut followed, 2), []);
}

#[test]
fn a_backend_is_told_when_it_is_silent_for_long_and_a_refused_credential_at_once() {
    let passes = Problem::new(Class::Unavailable, "pds cannot be reached.", "Look.");
    let refuses = Problem::new(Class::Auth, "auth0 refused it.", "Check it.");
    let mut memory = Memory::new();
    memory.hear("pds", Some(&passes), at(0));
    assert_eq!(memory.outage("pds", &passes, at(179), PATIENCE), None);
    memory.hear("pds", Some(&passes), at(180));
    let trouble = memory
        .outage("pds", &passes, at(180), PATIENCE)
        .expect("for too long");
    assert_eq!(
        (trouble.fingerprint.as_str(), trouble.since, trouble.what.as_str()),
        ("outage/pds", at(0), "pds does not answer")
    );
    memory.hear("pds", None, at(200));
    memory.hear("pds", Some(&passes), at(210));
    assert_eq!(
        memory.outage("pds", &passes, at(211), PATIENCE),
        None,
        "it answered between"
    );
    memory.hear("auth0/sotce", Some(&refuses), at(0));
    let trouble = memory
        .outage("auth0/sotce", &refuses, at(0), PATIENCE)
        .expect("at once");
    assert_eq!(trouble.what, "auth0 of sotce refuses us");
    assert_eq!(trouble.tenant.as_deref(), Some("sotce"));
}

#[test]
fn a_delivery_that_fails_is_tried_ever_more_seldom_until_one_is_taken() {
    let mut delivery = Delivery::default();
    let interval = SignedDuration::from_secs(30);
    for wait in [0, 30, 90, 210, 450, 930, 1800, 1800] {
        delivery.failed(at(0), interval);
        assert!(delivery.is_due(at(wait)), "{wait}");
        assert!(wait == 0 || !delivery.is_due(at(wait - 1)), "{wait}");
    }
    let alert = Alert::test(at(0));
    delivery.taken(std::slice::from_ref(&alert));
    assert!(delivery.is_due(at(0)));
    let last = [(); 4].map(|()| delivery.refused(&alert));
    assert_eq!(last, [false, false, true, false]);
}

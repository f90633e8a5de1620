//! Which alerts follow from what is seen, look after look.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use crate::domain::alert::{AlertKind, AlertState, Ledger, Trouble};

const HOUR: SignedDuration = SignedDuration::from_hours(1);

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(1_760_000_000 + minute * 60).unwrap()
}

fn subs(count: usize) -> BTreeSet<String> {
    (0..count).map(|n| format!("auth0|{n:04}")).collect()
}

fn signups(affected: usize) -> Trouble {
    Trouble {
        fingerprint: "aesthetic/missing-user-record".into(),
        kind: AlertKind::Signups,
        tenant: Some("aesthetic".into()),
        systemic: false,
        since: at(0),
        affected: subs(affected),
        of: None,
        healed: BTreeSet::new(),
        unfollowed: 0,
        runs: BTreeSet::new(),
        what: "signups of aesthetic have no users record".into(),
        cause: String::new(),
        hint: "A backfill makes the record.".into(),
    }
}

fn systemic(affected: usize) -> Trouble {
    Trouble {
        systemic: true,
        of: Some(affected),
        cause: "The index.".into(),
        ..signups(affected)
    }
}

/// Came and went between two looks.
fn mended(count: usize) -> Trouble {
    Trouble {
        healed: subs(count),
        runs: BTreeSet::from(["7f3a0000".to_string()]),
        ..signups(0)
    }
}

fn outage() -> Trouble {
    Trouble {
        fingerprint: "outage/pds".into(),
        kind: AlertKind::Outage,
        tenant: None,
        what: "pds does not answer".into(),
        cause: "pds cannot be reached at http://127.0.0.1:1.".into(),
        hint: "Check the address.".into(),
        ..signups(0)
    }
}

/// Each look: its minute, what is seen, and the states of the alerts that follow.
fn follows(looks: &[(i64, Vec<Trouble>, &[AlertState])]) {
    let mut ledger = Ledger::default();
    for (minute, seen, expected) in looks {
        let alerts = ledger.step(at(*minute), seen.clone(), |_, _| true, HOUR);
        let states: Vec<AlertState> = alerts.iter().map(|alert| alert.state).collect();
        assert_eq!(&states, expected, "minute {minute}: {alerts:#?}");
    }
}

use AlertState::{Firing, Recovered, Reminder};

#[test]
fn an_outage_of_any_size_is_one_alert_and_one_when_it_is_over() {
    follows(&[
        (0, vec![systemic(500)], &[Firing]),
        (1, vec![systemic(500)], &[]),
        (2, vec![systemic(731)], &[]),
        (59, vec![systemic(3)], &[]),
        (59, vec![], &[Recovered]),
        (60, vec![], &[]),
        (600, vec![], &[]),
    ]);
}

#[test]
fn what_lasts_is_told_again_ever_more_seldom_but_once_a_day() {
    let day = 24 * 60;
    follows(&[
        (0, vec![signups(1)], &[Firing]),
        (59, vec![signups(1)], &[]),
        (60, vec![signups(2)], &[Reminder]),
        (179, vec![signups(2)], &[]),
        (180, vec![signups(2)], &[Reminder]),
        (420, vec![signups(2)], &[Reminder]),
        (900, vec![signups(2)], &[Reminder]),
        (1860, vec![signups(2)], &[Reminder]),
        (1860 + day - 1, vec![signups(2)], &[]),
        (1860 + day, vec![signups(2)], &[Reminder]),
        (1860 + 2 * day, vec![signups(2)], &[Reminder]),
    ]);
}

#[test]
fn an_outage_that_grows_is_one_alert_and_the_reminder_says_how_large_it_is() {
    follows(&[
        (0, vec![signups(1)], &[Firing]),
        (5, vec![systemic(7)], &[]),
        (30, vec![systemic(500)], &[]),
        (60, vec![systemic(731)], &[Reminder]),
        (61, vec![signups(2)], &[]),
        (62, vec![], &[Recovered]),
    ]);
}

#[test]
fn what_flaps_is_one_pair_of_alerts_an_hour() {
    follows(&[
        (0, vec![outage()], &[Firing]),
        (2, vec![], &[Recovered]),
        (4, vec![outage()], &[]),
        (6, vec![], &[]),
        (8, vec![outage()], &[]),
        (61, vec![outage()], &[]),
        (62, vec![outage()], &[Firing]),
        (64, vec![], &[Recovered]),
        (66, vec![outage()], &[]),
        (68, vec![], &[]),
        // It came and went, and nobody was told.
        (124, vec![], &[Recovered]),
        (300, vec![], &[]),
    ]);
}

#[test]
fn what_a_run_mends_at_once_is_told_once_an_hour() {
    follows(&[
        (0, vec![mended(1)], &[Recovered]),
        (10, vec![mended(1)], &[]),
        (20, vec![mended(2)], &[]),
        (60, vec![], &[Recovered]),
        (61, vec![], &[]),
        (130, vec![mended(1)], &[Recovered]),
    ]);
}

#[test]
fn nothing_is_over_that_nobody_could_look_at() {
    let mut ledger = Ledger::default();
    assert_eq!(ledger.step(at(0), vec![signups(1)], |_, _| true, HOUR).len(), 1);
    assert_eq!(ledger.step(at(1), vec![], |_, _| false, HOUR), []);
    assert_eq!(ledger.open().count(), 1);
    let other = |fingerprint: &str, _: &_| fingerprint == "outage/pds";
    assert_eq!(ledger.step(at(2), vec![], other, HOUR), []);
    assert_eq!(ledger.step(at(3), vec![], |_, _| true, HOUR).len(), 1);
    assert_eq!(ledger.open().count(), 0);
}

#[test]
fn the_words_say_how_many_since_when_and_what_became_of_them() {
    let mut ledger = Ledger::default();
    let mut step = |minute, seen| ledger.step(at(minute), seen, |_, _| true, HOUR).remove(0);
    let firing = step(0, vec![systemic(7)]);
    assert_eq!(
        firing.message,
        "Signups of aesthetic have no users record: 7 of the newest 7, since 2025-10-09T08:53:20Z. The index."
    );
    assert_eq!(firing.hint, "A backfill makes the record.");
    assert_eq!(firing.examples, ["auth0|00…", "auth0|00…", "auth0|00…"], "masked");
    assert_eq!((firing.affected, firing.of, firing.systemic), (7, Some(7), true));
    let reminder = step(60, vec![signups(2)]);
    assert_eq!(
        reminder.message,
        "Still: signups of aesthetic have no users record: 2, since 2025-10-09T08:53:20Z."
    );
    let mut last = mended(4);
    last.unfollowed = 2;
    let recovered = step(61, vec![last]);
    assert_eq!(
        recovered.message,
        "Over: signups of aesthetic have no users record: 7, since 2025-10-09T08:53:20Z; 4 whole again, 1 with another \
         finding now, mended by run 7f3a0000, 2 no longer followed."
    );
    assert_eq!((recovered.affected, recovered.mended), (7, 4));
    assert!(
        recovered.hint.contains("atriage audit --since"),
        "{}",
        recovered.hint
    );
    let firing = step(300, vec![outage()]);
    assert_eq!(
        firing.message,
        "pds does not answer, since 2025-10-09T08:53:20Z. pds cannot be reached at http://127.0.0.1:1."
    );
    assert_eq!(
        step(301, vec![]).message,
        "Over: pds does not answer, from 2025-10-09T08:53:20Z to 2025-10-09T13:54:20Z."
    );
}

#[test]
fn what_is_remembered_survives_the_process() {
    let mut ledger = Ledger::default();
    ledger.step(at(0), vec![signups(2), outage()], |_, _| true, HOUR);
    let text = serde_json::to_string(&ledger).unwrap();
    let mut read: Ledger = serde_json::from_str(&text).unwrap();
    assert_eq!(read, ledger);
    assert_eq!(
        read.step(at(1), vec![signups(2), outage()], |_, _| true, HOUR),
        []
    );
}

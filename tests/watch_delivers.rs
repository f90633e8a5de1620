//! How `atriage watch` delivers its alerts: what is not taken waits, is tried ever more seldom, and not for ever.

use serde_json::json;

use crate::support::tap::Fault;
use crate::support::watched::{DOOR, Watched};

#[test]
fn an_alert_that_is_not_taken_is_kept_told_and_sent_later() {
    let watched = Watched::new();
    let sub = watched.arrive("mira", 600, false);
    watched.town.verification(&sub, 0);
    watched.hook.heal();
    for fault in [
        Fault::answer(404, json!({"message": format!("no {DOOR}")})),
        Fault::Refuse,
    ] {
        watched.hook.always("", fault);
        let outcome = watched.once(&["--interval", "1ms"]);
        assert_eq!(outcome.code, 6, "{outcome:?}");
        assert!(
            outcome.stderr.contains("error: The webhook "),
            "{}",
            outcome.stderr
        );
        assert!(
            outcome.stdout.contains("1 alerts wait for their delivery."),
            "{}",
            outcome.stdout
        );
        watched.hook.heal();
    }
    watched.hook.always("", Fault::answer(200, json!("ok")));
    for _ in 0..2 {
        let outcome = watched.once(&["--interval", "1ms"]);
        assert_eq!(outcome.code, 3, "{outcome:?}");
    }
    assert_eq!(watched.told(), ["firing aesthetic/missing-user-record 1"]);
}

/// A receiver that answers too late may have taken it: it is asked once, and not at every look. One that refuses an alert
/// for what it is keeps it for three looks.
#[test]
fn a_delivery_is_tried_once_a_look_and_none_for_ever() {
    let watched = Watched::new();
    let sub = watched.arrive("mira", 600, false);
    watched.town.verification(&sub, 0);
    watched.hook.heal();
    watched.hook.always("", Fault::answer(504, json!({})));
    for posts in [1, 2, 2, 2] {
        assert_eq!(watched.once(&["--interval", "1h"]).code, 6);
        assert_eq!(watched.hook.log().len(), posts);
    }

    let refusing = Watched::new();
    let sub = refusing.arrive("mira", 600, false);
    refusing.town.verification(&sub, 0);
    refusing.hook.heal();
    refusing.hook.always("", Fault::answer(400, json!({})));
    for (status, posts, dropped) in [(6, 1, false), (6, 2, false), (3, 3, true), (3, 3, false)] {
        let outcome = refusing.once(&["--interval", "1ms"]);
        assert_eq!(outcome.code, status, "{outcome:?}");
        assert_eq!(refusing.hook.log().len(), posts);
        let told = outcome
            .stderr
            .contains("it is dropped: aesthetic/missing-user-record, firing.");
        assert_eq!(told, dropped, "{outcome:?}");
    }
}

/// Too long, of another kind, or not understood: the next ones are sent all the same, and it is not kept for ever.
#[test]
fn an_alert_that_is_refused_for_what_it_is_holds_no_other_back() {
    for status in [413, 415, 422] {
        let watched = Watched::new();
        let sub = watched.arrive("mira", 600, false);
        watched.town.verification(&sub, 0);
        let other = watched.arrive("nora", 600, true);
        watched.record(&other, 1);
        watched.hook.heal();
        watched.hook.rule("", 0, 1, Fault::answer(status, json!({})));
        watched.hook.always("", Fault::answer(200, json!("ok")));
        assert_eq!(watched.once(&["--interval", "1ms"]).code, 6, "{status}");
        assert_eq!(watched.told().len(), 1, "{status}: the next one was kept back");
        assert_eq!(watched.once(&["--interval", "1ms"]).code, 3, "{status}");
        assert_eq!(watched.told().len(), 2, "{status}");
    }
}

#[test]
fn a_watch_without_a_webhook_uses_up_no_alert_of_the_one_that_has_it() {
    let watched = Watched::new();
    let sub = watched.arrive("mira", 600, false);
    watched.town.verification(&sub, 0);
    let untold = watched.town.run(&["watch", "--once"]);
    assert_eq!(untold.code, 3, "{untold:?}");
    assert_eq!(watched.told(), [""; 0]);
    assert_eq!(watched.once(&[]).code, 3);
    assert_eq!(watched.told(), ["firing aesthetic/missing-user-record 1"]);
}

/// As on a full disk: the memory can be read, and not be written.
#[test]
fn what_cannot_be_written_down_is_sent_all_the_same() {
    let watched = Watched::new();
    let sub = watched.arrive("mira", 600, false);
    watched.town.verification(&sub, 0);
    let in_the_way = watched.town.state().join("watch.json.new");
    std::fs::create_dir_all(&in_the_way).expect("the folder is ours");
    let outcome = watched.once(&[]);
    assert_eq!(outcome.code, 4, "{outcome:?}");
    assert_eq!(watched.told(), ["firing aesthetic/missing-user-record 1"]);
}

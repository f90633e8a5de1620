//! Every order in which answers may come, and what is waited for.

use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000 + second).unwrap()
}

fn said(limit: u64, remaining: u64, reset: i64) -> Announced {
    Announced {
        limit: Some(limit),
        remaining: Some(remaining),
        reset: Some(at(reset)),
    }
}

fn left(ledger: &mut Ledger, budget: &'static str) -> Option<u64> {
    ledger.purse(budget).remaining
}

#[test]
fn calls_under_way_never_ask_for_more_than_is_left() {
    let mut ledger = Ledger::default();
    let first = ledger.take("createAccount", at(0)).expect("nothing is known");
    assert_eq!(
        ledger.take("createAccount", at(0)),
        Err(May::AwaitAnswer),
        "one call finds out what is left"
    );
    ledger.hear("createAccount", first, said(100, 2, 300), at(0));
    ledger.give_back("createAccount");
    let (second, third) = (
        ledger.take("createAccount", at(1)),
        ledger.take("createAccount", at(1)),
    );
    assert_eq!(ledger.take("createAccount", at(1)), Err(May::AwaitAnswer));
    // The later one is answered first.
    ledger.hear("createAccount", third.unwrap(), said(100, 0, 300), at(2));
    ledger.give_back("createAccount");
    ledger.hear("createAccount", second.unwrap(), said(100, 1, 300), at(2));
    ledger.give_back("createAccount");
    assert_eq!(ledger.take("createAccount", at(3)), Err(May::Await(at(300))));
    assert!(ledger.take("", at(3)).is_ok(), "other calls go on");
    // After the reset one call looks how it stands.
    let probe = ledger.take("createAccount", at(301)).expect("it is free");
    assert_eq!(ledger.take("createAccount", at(301)), Err(May::AwaitAnswer));
    ledger.hear("createAccount", probe, said(100, 99, 601), at(301));
    assert!(ledger.take("createAccount", at(301)).is_ok());
}

#[test]
fn auth0s_reset_is_the_next_token_and_its_budget_may_grow() {
    let mut ledger = Ledger::default();
    let call = ledger.take("management", at(0)).unwrap();
    ledger.hear("management", call, said(2, 1, 1), at(0));
    ledger.give_back("management");
    let call = ledger.take("management", at(0)).unwrap();
    ledger.hear("management", call, said(2, 0, 1), at(0));
    ledger.give_back("management");
    assert_eq!(
        ledger.take("management", at(1)),
        Err(May::Await(at(1))),
        "half a second more"
    );
    let call = ledger.take("management", at(2)).unwrap();
    ledger.hear("management", call, said(2, 1, 3), at(2));
    ledger.give_back("management");
    let call = ledger.take("management", at(2)).unwrap();
    assert_eq!(ledger.take("management", at(2)), Err(May::AwaitAnswer));
    // Much later, and nobody asked: more is left than the last answer said.
    ledger.hear("management", call, said(2, 0, 3), at(2));
    ledger.give_back("management");
    let call = ledger.take("management", at(60)).unwrap();
    ledger.hear("management", call, said(50, 49, 61), at(60));
    assert_eq!(left(&mut ledger, "management"), Some(49));
}

#[test]
fn an_old_answer_does_not_replace_a_newer_one() {
    let mut ledger = Ledger::default();
    ledger.hear("management", 1, said(50, 40, 10), at(0));
    ledger.hear("management", 3, said(50, 10, 20), at(1));
    ledger.hear("management", 2, said(50, 30, 12), at(1));
    assert_eq!(left(&mut ledger, "management"), Some(10));
    // The limits of an answer may be those of another, tighter limiter.
    ledger.hear("management", 4, said(3_000, 1, 20), at(1));
    assert_eq!(left(&mut ledger, "management"), Some(1));
}

#[test]
fn what_announces_nothing_is_not_held_back() {
    let mut ledger = Ledger::default();
    let first = ledger.take("createAccount", at(0)).unwrap();
    ledger.hear("createAccount", first, Announced::default(), at(0));
    for _ in 0..50 {
        assert!(ledger.take("createAccount", at(0)).is_ok());
    }
    assert!(ledger.budgets().is_empty());
}

#[test]
fn every_call_counts_in_the_budget_of_everything() {
    let mut ledger = Ledger::default();
    let call = ledger.take("", at(0)).unwrap();
    ledger.hear("", call, said(3_000, 2, 300), at(0));
    ledger.give_back("");
    let call = ledger.take("createAccount", at(0)).unwrap();
    ledger.hear("createAccount", call, said(100, 99, 300), at(0));
    ledger.give_back("createAccount");
    assert_eq!(left(&mut ledger, ""), Some(1));
    let login = ledger.take(ONE_ACCOUNT, at(0)).unwrap();
    assert_eq!(ledger.take("createAccount", at(0)), Err(May::AwaitAnswer));
    // A login's headers are about one account only.
    ledger.hear(ONE_ACCOUNT, login, said(30, 0, 250), at(0));
    ledger.give_back(ONE_ACCOUNT);
    assert_eq!(ledger.take("createAccount", at(0)), Err(May::Await(at(300))));
    let names: Vec<_> = ledger.budgets().into_iter().map(|budget| budget.name).collect();
    assert_eq!(names, ["all", "createAccount"]);
}

#[tokio::test]
async fn a_place_is_free_again_when_its_call_is_given_up() {
    let governor = Governor::new(Pulse::default());
    let held = governor.reserve("token").await.expect("nothing is known");
    let next = governor.reserve("token");
    tokio::pin!(next);
    let waits = tokio::time::timeout(Duration::from_millis(20), &mut next).await;
    assert!(waits.is_err(), "it is not told yet what is left");
    drop(held);
    next.await.expect("it is free").heard(said(10, 0, 0));
    let budgets = governor.pulse.read().budgets;
    assert_eq!((budgets.len(), budgets[0].limit), (1, Some(10)));
}

#[tokio::test]
async fn a_long_wait_is_told_and_not_waited_for() {
    let governor = Governor::new(Pulse::default());
    let until = Timestamp::now() + Duration::from_secs(300);
    let said = Announced {
        reset: Some(until),
        ..said(100, 0, 0)
    };
    governor
        .reserve("createAccount")
        .await
        .expect("it is free")
        .heard(said);
    assert_eq!(governor.reserve("createAccount").await.err(), Some(until));
}

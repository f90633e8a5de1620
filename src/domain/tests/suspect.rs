//! The table of causes: each fact alone, and what comes first of several.

use crate::domain::checkup::{Census, Facts, Failures, Newest, Rehearsal, Service, Shared, Tried};
use crate::domain::code_index::{Index, Wanted};
use crate::domain::error::{Class, Problem};
use crate::domain::finding::FindingId;
use crate::domain::plan::Step;
use crate::domain::run::Signature;
use crate::domain::suspect::{Asks, Suspect, cause};
use crate::domain::tally::{CODE_INDEX, Systemic, Totals};

/// Nothing is wrong.
fn facts() -> Facts {
    let service = |name, tenant: &str| Service {
        name,
        tenant: tenant.into(),
        problem: None,
    };
    Facts {
        year: 2026,
        services: vec![
            service("auth0", "aesthetic"),
            service("mongo", ""),
            service("pds", ""),
            service("plc", ""),
        ],
        indexes: Ok(vec![Index::on_code(CODE_INDEX, true, true)]),
        census: Ok(Census::default()),
        draws: Ok(Vec::new()),
        rehearsal: Rehearsal::Would {
            key: "atriage-rehearsal-1".into(),
            writes: "much".into(),
        },
        leftovers: Ok(Vec::new()),
        newest: vec![newest(0, None)],
        failures: Ok(Vec::new()),
    }
}

fn newest(broken: usize, systemic: Option<FindingId>) -> Newest {
    let totals = Totals {
        checked: 20,
        broken,
        ..Totals::default()
    };
    let systemic = systemic.map(|finding| Systemic {
        finding,
        column: finding.column(),
        affected: broken,
        of: 20,
        since: None,
        cause: "Look there.".into(),
    });
    Newest {
        tenant: "aesthetic".into(),
        audit: Ok((totals, systemic.into_iter().collect())),
    }
}

fn problem(class: Class) -> Problem {
    Problem::new(class, "It said no.", "")
}

fn failing(name: &'static str, class: Class) -> impl Fn(&mut Facts) + 'static {
    move |facts: &mut Facts| {
        let found = facts.services.iter_mut().find(|service| service.name == name);
        found.expect("there is one").problem = Some(problem(class));
    }
}

fn tried(failure: Option<(Option<Step>, Problem)>, removed: bool) -> Rehearsal {
    Rehearsal::Tried(Tried {
        key: "atriage-rehearsal-1".into(),
        steps: Vec::new(),
        failure,
        removed: match removed {
            true => Ok(Vec::new()),
            false => Err(problem(Class::Unavailable)),
        },
    })
}

type Change = Box<dyn Fn(&mut Facts)>;

fn change(change: impl Fn(&mut Facts) + 'static) -> Change {
    Box::new(change)
}

#[test]
fn each_fact_alone_has_its_cause() {
    let indexes = |indexes: Vec<Index>| change(move |facts| facts.indexes = Ok(indexes.clone()));
    let temporary = Index {
        partial: Some("{}".into()),
        ..Index::on_code(Wanted::Temporary.name(), true, false)
    };
    #[rustfmt::skip]
    let cases: Vec<(Change, Suspect, Asks, &str)> = vec![
        (change(|_| {}), Suspect::Nothing, Asks::Nothing, "as far as looking tells"),
        (change(|facts| facts.rehearsal = tried(None, true)), Suspect::Nothing, Asks::Nothing, "a whole signup went through"),
        (indexes(vec![Index::on_code("code_1", true, true)]), Suspect::IndexConflict, Asks::Repair, "error 85, since the same index is there as code_1"),
        (indexes(vec![Index::on_code(CODE_INDEX, false, true)]), Suspect::IndexConflict, Asks::Repair, "error 86"),
        (indexes(vec![Index::on_code("code_1", true, false)]), Suspect::Nothing, Asks::Nothing, "Nothing"),
        (indexes(vec![]), Suspect::NoUniqueIndex, Asks::Repair, "no unique index on users.code"),
        (indexes(vec![Index::on_code("code_1", false, true)]), Suspect::NoUniqueIndex, Asks::Repair, "no unique index"),
        (indexes(vec![temporary]), Suspect::Unfinished, Asks::Repair, "repair of the index was interrupted"),
        (change(|facts| facts.census = Ok(Census {
            shared: 1,
            examples: vec![Shared { code: "ac25momez".into(), keys: vec!["auth0|1".into(), "auth0|2".into()] }],
            ..Census::default()
        })), Suspect::SharedCodes, Asks::Repair, "(error 11000), and whoever makes it first writes no users: one code belongs to several users: ac25momez (auth0|1, auth0|2)."),
        (change(|facts| facts.census = Ok(Census { in_year: 105_000, ..Census::default() })), Suspect::CodeSpace, Asks::Repair, "almost used up (95 %)"),
        (change(failing("mongo", Class::Unavailable)), Suspect::Service, Asks::Patience, "MongoDB fails"),
        (change(failing("pds", Class::Auth)), Suspect::Service, Asks::Configuration, "The PDS fails"),
        (change(failing("pds", Class::Unavailable)), Suspect::Service, Asks::Patience, "The PDS fails"),
        (change(failing("plc", Class::Unavailable)), Suspect::Service, Asks::Patience, "The PLC directory fails"),
        (change(failing("auth0", Class::Auth)), Suspect::Service, Asks::Configuration, "Auth0 of aesthetic fails"),
        (change(|facts| facts.rehearsal = tried(Some((Some(Step::CreateAccount), problem(Class::Conflict))), true)),
            Suspect::Rehearsal, Asks::Repair, "breaks at create-account: It said no."),
        (change(|facts| facts.rehearsal = tried(None, false)), Suspect::Unfinished, Asks::Repair, "left a throw-away user"),
        (change(|facts| facts.leftovers = Ok(vec!["atriage-rehearsal-2".into()])), Suspect::Unfinished, Asks::Repair, "left a throw-away user"),
        (change(|facts| facts.newest = vec![newest(7, Some(FindingId::MissingAccount))]), Suspect::Signups, Asks::Repair,
            "7 of the newest 20 of aesthetic are verified and have no account: Look there."),
        (change(|facts| facts.newest = vec![newest(7, Some(FindingId::MissingUserRecord))]), Suspect::Signups, Asks::Repair,
            "though the index is as the site's code wants it"),
        (change(|facts| {
            facts.newest = vec![newest(7, Some(FindingId::MissingUserRecord))];
            facts.indexes = Ok(vec![Index::on_code("code_1", true, false)]);
        }), Suspect::Signups, Asks::Repair, "though the index does not hinder the site's code"),
        (change(|facts| facts.newest = vec![newest(2, None)]), Suspect::SingleUsers, Asks::Repair, "2 of the newest signups are broken"),
        (change(|facts| facts.newest[0].audit = Err(problem(Class::RateLimit))), Suspect::Service, Asks::Patience, "Not everything"),
        (change(|facts| facts.failures = Ok(vec![Failures {
            signature: Signature { step: Some(Step::CreateAccount), message: "No.".into() },
            hint: String::new(), users: 3, run: "7f3a0000".into(),
        }])), Suspect::Failures, Asks::Repair, "create-account failed for 3 users, last in run 7f3a0000: No."),
    ];
    for (change, suspect, asks, words) in cases {
        let mut facts = facts();
        change(&mut facts);
        let cause = cause(&facts);
        assert_eq!((cause.suspect, cause.asks), (suspect, asks), "{}", cause.message);
        assert!(cause.message.contains(words), "{}", cause.message);
        assert!(!cause.message.contains('\n'), "one sentence: {}", cause.message);
    }
}

#[test]
fn an_interrupted_repair_of_the_index_comes_before_the_users() {
    let mut facts = facts();
    facts.newest = vec![newest(7, Some(FindingId::MissingUserRecord))];
    facts.indexes = Ok(vec![Index {
        partial: Some("{}".into()),
        ..Index::on_code(Wanted::Temporary.name(), true, false)
    }]);
    let cause = cause(&facts);
    assert!(
        cause.message.contains("does not hinder the site's code"),
        "{}",
        cause.message
    );
    let first =
        "atriage diagnose --fix-index goes on with the interrupted repair of the index. atriage backfill";
    assert!(cause.hint.starts_with(first), "{}", cause.hint);
}

#[test]
fn no_repair_is_promised_that_is_refused() {
    let mut facts = facts();
    facts.indexes = Ok(vec![Index {
        keys: "{code: 1, when: -1}".into(),
        is_on_code_alone: false,
        ..Index::on_code(CODE_INDEX, true, true)
    }]);
    let cause = cause(&facts);
    assert_eq!(cause.suspect, Suspect::IndexConflict);
    assert!(!cause.hint.contains("--fix-index"), "{}", cause.hint);
    assert!(cause.hint.contains("{code: 1, when: -1}"), "{}", cause.hint);
}

#[test]
fn what_a_signup_meets_first_explains_the_rest() {
    let mut facts = facts();
    // Each is found although all that were found before still stand.
    #[rustfmt::skip]
    let order = [
        (change(|facts| facts.newest = vec![newest(2, None)]), Suspect::SingleUsers),
        (change(|facts| facts.newest = vec![newest(7, Some(FindingId::MissingAccount))]), Suspect::Signups),
        (change(|facts| facts.rehearsal = tried(Some((Some(Step::CreateUser), problem(Class::Conflict))), true)), Suspect::Rehearsal),
        (change(failing("pds", Class::Unavailable)), Suspect::Service),
        (change(|facts| facts.indexes = Ok(vec![])), Suspect::NoUniqueIndex),
        (change(|facts| facts.indexes = Ok(vec![Index::on_code("code_1", true, true)])), Suspect::IndexConflict),
        (change(failing("mongo", Class::Unavailable)), Suspect::Service),
    ];
    for (change, suspect) in order {
        change(&mut facts);
        assert_eq!(cause(&facts).suspect, suspect);
    }
    let mut facts = self::facts();
    failing("pds", Class::Unavailable)(&mut facts);
    failing("plc", Class::Auth)(&mut facts);
    let cause = cause(&facts);
    assert_eq!(
        cause.asks,
        Asks::Configuration,
        "a refusal is sure: {}",
        cause.message
    );
}

//! Accidents explained, by a table of cases: how sure the cause is, what it is, and the way out.

use jiff::Timestamp;

use crate::domain::accident::{
    Certainty, Explained, Failed, Known, Looked, Source, Standing, Way, of_shared, of_source, of_stopped,
    of_waiting,
};
use crate::domain::check::CheckState;
use crate::domain::checkup::{Failures, Service};
use crate::domain::code_index::Index;
use crate::domain::run::{Pause, Signature};
use crate::domain::tally::Systemic;
use crate::domain::{Class, FindingId, Problem, Step};

fn looked() -> Looked {
    Looked {
        tenant: "aesthetic".into(),
        at: Timestamp::UNIX_EPOCH,
        indexes: Ok(vec![Index::on_code("code_unique", true, true)]),
        stopped: Ok(None),
        failures: Ok(Vec::new()),
    }
}

fn shared(finding: FindingId) -> Systemic {
    let mut found = Systemic {
        finding,
        column: finding.column(),
        affected: 7,
        of: 7,
        since: None,
        cause: String::new(),
    };
    found.cause = found.suspicion().to_string();
    found
}

fn silent(name: &str) -> Problem {
    Problem::new(
        Class::Unavailable,
        format!("{name} does not answer."),
        "Is it up?",
    )
}

fn source(name: &'static str, standing: Standing) -> Source {
    let problem = matches!(standing, Standing::Fails | Standing::Limited).then(|| silent(name));
    let tenant = String::new();
    Source {
        service: Service {
            name,
            tenant,
            problem,
        },
        standing,
    }
}

fn pause(step: Step, problem: Problem) -> Pause {
    Pause {
        at: Timestamp::UNIX_EPOCH,
        after: 5,
        signature: Signature::of(Some(step), &problem),
        problem,
    }
}

fn failures(step: Step, message: &str) -> Failures {
    let problem = Problem::new(Class::Validation, message, "Look at it.");
    Failures {
        signature: Signature::of(Some(step), &problem),
        hint: problem.hint,
        users: 3,
        run: "7f3a0000".into(),
    }
}

fn explained(finding: FindingId, looked: Option<&Looked>, sources: &[Source]) -> Explained {
    let known = Known {
        looked,
        sources,
        here: &[],
    };
    of_shared(&shared(finding), known)
}

/// The way out in words, so that a case is one line.
fn way_out(told: &Explained) -> Vec<String> {
    let word = |way: &Way| match way {
        Way::MendIndex(sentence) => {
            assert!(
                sentence.starts_with("atriage diagnose --fix-index "),
                "{sentence}"
            );
            "mend the index".into()
        }
        Way::Do(sentence) => match sentence.strip_prefix("atriage ") {
            Some(line) => line
                .split(' ')
                .take_while(|word| *word == "diagnose" || *word == "check-config" || word.starts_with("--"))
                .collect::<Vec<_>>()
                .join(" "),
            None => sentence.clone(),
        },
        Way::Resume(run) => format!("resume {run}"),
        Way::Mend(users) => format!("mend {users}"),
        Way::Wait => "wait".into(),
    };
    told.way_out.iter().map(word).collect()
}

const LATER: &str =
    "If the next one breaks too, look at the log stream (atriage check-config) and at the webhook's log.";

#[test]
fn what_the_site_meets_is_told_where_nothing_guards_the_codes_too() {
    let told = |indexes: Vec<Index>| {
        let looked = Looked {
            indexes: Ok(indexes),
            ..looked()
        };
        explained(FindingId::MissingUserRecord, Some(&looked), &[]).cause
    };
    let taken = told(vec![Index::on_code("code_unique", false, false)]);
    assert!(taken.contains("refuses with error 86"), "{taken}");
    let harmless = told(vec![Index::on_code("code_1", true, false)]);
    assert!(
        harmless.contains("though the index does not hinder the site's code"),
        "{harmless}"
    );
}

#[test]
fn the_index_is_judged_as_diagnose_judges_it() {
    use Certainty::{Shown, Suspected, Unknown};
    let refused = Err(silent("mongo"));
    let cases = [
        (
            Ok(vec![Index::on_code("code_1", true, true)]),
            (
                Shown,
                "refuses with error 85, since the same index is there as code_1",
            ),
            "would answer error 85",
            vec!["mend the index", "diagnose --fix", "mend 7"],
        ),
        (
            Ok(vec![Index::on_code("code_unique", true, false)]),
            (Shown, "refuses with error 86"),
            "would answer error 86",
            vec!["mend the index", "diagnose --fix", "mend 7"],
        ),
        (
            Ok(vec![Index::on_code("code_1", false, false)]),
            (
                Shown,
                "There is no unique index on users.code, though the site's code makes one",
            ),
            "code_1 {code: 1} not unique. To code_unique MongoDB would not object.",
            vec!["mend the index", "diagnose --fix", "mend 7"],
        ),
        (
            Ok(vec![Index::on_code("code_unique", true, true)]),
            (Suspected, "though the index is as the site's code wants it"),
            "code_unique {code: 1} unique sparse. To code_unique MongoDB would not object.",
            vec!["diagnose --fix", "mend 7", LATER],
        ),
        (
            refused,
            (Unknown, "could not be looked at: mongo does not answer."),
            "The index on users.code: mongo does not answer.",
            vec!["Is it up?", "diagnose --fix", "mend 7", LATER],
        ),
    ];
    for (indexes, (certainty, cause), evidence, steps) in cases {
        let looked = Looked { indexes, ..looked() };
        let told = explained(FindingId::MissingUserRecord, Some(&looked), &[]);
        assert_eq!(told.certainty, certainty, "{}", told.cause);
        assert!(told.cause.contains(cause), "{}", told.cause);
        assert!(
            told.evidence[0].message.contains(evidence),
            "{:?}",
            told.evidence[0]
        );
        assert_eq!(way_out(&told), steps, "{cause}");
    }
}

#[test]
fn an_account_is_missing_for_what_fails_where_accounts_are_made() {
    use Certainty::Suspected;
    let of_pds = [
        source("mongo", Standing::Answers(Some(3))),
        source("pds", Standing::Fails),
    ];
    let told = explained(FindingId::MissingAccount, Some(&looked()), &of_pds);
    assert_eq!(told.certainty, Suspected, "it fails now; they signed up before");
    assert_eq!(
        told.cause,
        "The PDS fails, so that no account can be made: pds does not answer. \
         Whether it failed when they signed up is not known."
    );
    assert_eq!(
        way_out(&told),
        ["Is it up?", "check-config", "diagnose --fix", "mend 7"]
    );
    // The index has nothing to do with accounts, whatever it is called.
    let broken = Looked {
        indexes: Ok(vec![Index::on_code("code_1", true, true)]),
        ..looked()
    };
    let told = explained(FindingId::MissingAccount, Some(&broken), &[]);
    assert_eq!(told.certainty, Suspected);
    assert!(
        told.cause
            .contains("look at the PDS and its admin password first"),
        "{}",
        told.cause
    );
    assert!(told.evidence.iter().all(|check| check.id != "code-index"));
    assert_eq!(way_out(&told), ["check-config", "diagnose --fix", "mend 7"]);
}

#[test]
fn what_our_own_runs_met_counts_where_it_is_the_same_step() {
    let refused = Problem::new(Class::Auth, "pds refused it.", "Set the password.");
    let stopped = Looked {
        stopped: Ok(Some(("81bb0000".into(), pause(Step::CreateAccount, refused)))),
        ..looked()
    };
    let told = explained(FindingId::MissingAccount, Some(&stopped), &[]);
    assert_eq!(told.certainty, Certainty::Shown);
    assert!(
        told.cause
            .starts_with("Run 81bb0000 stopped after 5: create-account fails: pds refused it."),
        "{}",
        told.cause
    );
    assert_eq!(
        way_out(&told),
        ["Set the password.", "diagnose --fix", "resume 81bb0000", "mend 7"]
    );
    // One that stopped elsewhere is evidence, and waits, but is no cause.
    let told = explained(FindingId::MissingUserRecord, Some(&stopped), &[]);
    assert_eq!(told.certainty, Certainty::Suspected);
    assert!(told.evidence.iter().any(|check| check.id == "stopped"
        && check.state == CheckState::Problem
        && check.message.contains("81bb0000")));
    assert!(way_out(&told).contains(&"resume 81bb0000".to_string()));

    let failed = Failed {
        class: Class::Validation,
        failures: failures(
            Step::CreateAccount,
            "pds refused createAccount: Handle too short.",
        ),
    };
    let of_the_store = Looked {
        failures: Ok(vec![failed.failures.clone(), failures(Step::SyncHandle, "no.")]),
        ..looked()
    };
    let known = Known {
        looked: Some(&of_the_store),
        sources: &[],
        here: std::slice::from_ref(&failed),
    };
    let told = of_shared(&shared(FindingId::MissingAccount), known);
    assert_eq!(told.certainty, Certainty::Suspected);
    assert!(
        told.cause
            .starts_with("A backfill meets it too: create-account failed for 3 users")
    );
    let lines = told.evidence.iter().filter(|check| check.id == "failures");
    let lines: Vec<&str> = lines.map(|check| check.message.as_str()).collect();
    assert_eq!(
        lines,
        [
            "create-account failed for 3 users, last in run 7f3a0000: pds refused createAccount: Handle too short. (validation)",
            "sync-handle failed for 3 users, last in run 7f3a0000: no.",
        ],
        "each once, with the class of those that were met here"
    );
}

#[test]
fn what_is_left_to_people_is_not_mended_by_a_key() {
    let told = explained(FindingId::AccountGone, Some(&looked()), &[]);
    assert_eq!(told.certainty, Certainty::Suspected);
    assert!(told.way_out.iter().all(|way| !matches!(way, Way::Mend(_))));
    assert!(way_out(&told).contains(&FindingId::AccountGone.hint().to_string()));
}

#[test]
fn until_the_answers_are_here_the_last_audit_speaks() {
    let mut found = shared(FindingId::MissingUserRecord);
    let known = Known {
        looked: None,
        sources: &[],
        here: &[],
    };
    let told = of_shared(&found, known);
    assert_eq!(told.certainty, Certainty::Suspected);
    assert!(told.evidence[0].message.contains("being asked"));
    found.cause = "The code index refuses (85): it is called code_1.".into();
    let told = of_shared(&found, known);
    assert_eq!((told.certainty, told.cause), (Certainty::Shown, found.cause));
}

#[test]
fn every_backend_is_told_as_it_stands() {
    let sources = [
        source("mongo", Standing::Answers(Some(3))),
        source("pds", Standing::Limited),
        source("plc", Standing::Unasked),
        source("auth0", Standing::Fails),
    ];
    let known = Known {
        looked: None,
        sources: &sources,
        here: &[],
    };
    let auth0 = Service {
        tenant: "aesthetic".into(),
        ..sources[3].service.clone()
    };
    let told = of_source(&auth0, &silent("auth0"), known);
    assert_eq!(
        told.cause,
        "Auth0 of aesthetic fails, so that nobody can be looked at: auth0 does not answer."
    );
    assert_eq!(way_out(&told), ["Is it up?", "check-config", "wait"]);
    let lines: Vec<(CheckState, &str)> = told
        .evidence
        .iter()
        .map(|check| (check.state, check.message.as_str()))
        .collect();
    assert_eq!(
        lines,
        [
            (CheckState::Warning, "pds: pds does not answer."),
            (CheckState::Problem, "auth0: auth0 does not answer."),
            (CheckState::Ok, "Answer: mongo 3 ms."),
            (CheckState::Unknown, "plc was not asked yet."),
        ]
    );
    let told = of_waiting(&silent("pds"), known);
    assert_eq!(way_out(&told), ["Is it up?", "wait"]);
}

#[test]
fn a_run_that_stopped_goes_on_after_what_stopped_it_is_mended() {
    let index_refuses = Problem::new(Class::Internal, "mongo refused createIndexes (code 85).", "");
    let looked = Looked {
        indexes: Ok(vec![Index::on_code("code_1", true, true)]),
        ..looked()
    };
    let known = Known {
        looked: Some(&looked),
        sources: &[],
        here: &[],
    };
    let told = of_stopped("7f3a0000", &pause(Step::EnsureCodeIndex, index_refuses), known);
    assert_eq!(told.certainty, Certainty::Shown);
    assert_eq!(way_out(&told), ["mend the index", "resume 7f3a0000"]);
    assert_eq!(told.evidence[0].id, "code-index");
    let refused = Problem::new(Class::Auth, "pds refused it.", "Set the password.");
    let told = of_stopped("7f3a0000", &pause(Step::CreateAccount, refused), known);
    assert_eq!(
        way_out(&told),
        ["Set the password.", "check-config", "resume 7f3a0000"]
    );
    assert!(told.evidence.iter().all(|check| check.id != "code-index"));
}

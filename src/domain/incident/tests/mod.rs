//! Reports from a table of cases: what is left, what to type, and what is said of what nobody knows.

mod cases;

use self::cases::{at, broken, cases, job, of_run, pause, person, refused, run, whole};
use super::words::{Tense, counted};
use super::*;
use crate::domain::finding::FindingId;
use crate::domain::run::{Move, RunState};

#[test]
fn each_case_says_what_is_left_and_what_to_type() {
    for (name, facts, standing, records, left, commands) in cases() {
        let report = incident(&facts);
        assert_eq!(report.standing, standing, "{name}");
        let mongo = &report.numbers[1];
        let told = [mongo.before, mongo.now].map(|count| (count.ok, count.of));
        assert_eq!(told, records, "{name}");
        let texts: Vec<&str> = report.left.iter().map(|left| left.text.as_str()).collect();
        assert_eq!(texts, left, "{name}");
        let typed: Vec<&str> = report
            .next
            .iter()
            .filter_map(|next| next.command.as_deref())
            .collect();
        assert_eq!(typed, commands, "{name}");
        assert!(report.timeline.is_sorted_by_key(|moment| moment.at), "{name}");
        assert_eq!(report.to.is_some(), standing == Standing::Over, "{name}");
    }
}

#[test]
fn what_nobody_kept_is_said_to_be_unknown() {
    let unknown = |name: &str| {
        let case = cases().into_iter().find(|case| case.0 == name);
        let report = incident(&case.expect("it is in the table").1);
        (report.cause.sentence, report.unknown)
    };
    let told = |lines: &[&str]| lines.iter().map(|line| (*line).to_string()).collect::<Vec<_>>();
    assert_eq!(
        unknown("an older version"),
        (
            "not known: the run was made by an older version, which kept no cause.".into(),
            told(&["How 1 user stood before was not kept; what the steps had to do tells some of it."])
        )
    );
    assert_eq!(
        unknown("nobody answers"),
        (
            "not known: nobody was found broken.".into(),
            told(&[
                "pds did not answer.",
                "1 could not be judged: not everything about them is known."
            ])
        )
    );
    assert_eq!(
        unknown("one alone").0,
        "not known: one user alone tells of no common cause."
    );
}

#[test]
fn nobody_is_sent_after_whom_a_later_run_mended() {
    let failed = |error: Option<Problem>| JobRecord {
        error,
        ..job(1, Some(broken(100)), Some(Outcome::Failed))
    };
    let told = |facts: &Facts| {
        let next = incident(facts).next.into_iter();
        next.map(|next| next.text).collect::<Vec<_>>()
    };
    let first = |now| of_run(run(RunState::Finished), vec![failed(None)], vec![person(1, now)]);
    assert_eq!(
        told(&first(broken(200))),
        ["Try 1 user of run 7f3a0000 that failed again."],
        "a failure that left no word is one failure"
    );
    assert_eq!(told(&first(whole(200))), [""; 0], "somebody mended them by hand");
    let later = Run {
        id: "8f3a0000".into(),
        ..run(RunState::Finished)
    };
    let again = JobRecord {
        run: later.id.clone(),
        ..failed(Some(refused()))
    };
    let mut both = first(broken(200));
    both.runs.push((later, vec![again]));
    assert_eq!(
        told(&both),
        ["Decide about 1 user of run 8f3a0000 that failed, as said above; then try again."],
        "the last run alone says what to do"
    );
}

#[test]
fn stops_and_resumptions_stand_in_the_timeline() {
    let moved = |second, to, pause, by: Option<&str>| Move {
        at: at(second),
        to,
        pause,
        by: by.map(String::from),
    };
    let run = Run {
        moves: vec![
            moved(105, RunState::Paused, Some(pause()), Some("mira@desk")),
            // An older version kept nobody.
            moved(107, RunState::Running, None, None),
            moved(108, RunState::Running, None, Some("koji@lap")),
            moved(110, RunState::Finished, None, Some("koji@lap")),
        ],
        ..run(RunState::Finished)
    };
    let facts = of_run(
        run,
        vec![job(1, Some(broken(100)), Some(Outcome::Done))],
        vec![person(1, whole(200))],
    );
    let report = incident(&facts);
    let told: Vec<_> = report
        .timeline
        .iter()
        .map(|moment| (moment.what, moment.text.as_str()))
        .collect();
    let expected = [
        (What::FirstBroken, "auth0|1 signed up: the first of the broken."),
        (What::Started, "mira@desk started run 7f3a0000 for 1 user."),
        (
            What::Seen,
            "atriage saw the first of them, and wrote down how they stood.",
        ),
        (
            What::Paused,
            "Run 7f3a0000 stopped: looking at the user fails: pds refused it.",
        ),
        (What::Resumed, "Run 7f3a0000 was resumed."),
        (What::Resumed, "koji@lap resumed run 7f3a0000."),
        (What::Finished, "Run 7f3a0000 finished: 1 done."),
        (What::Now, "This report: 1 is whole."),
    ];
    assert_eq!(told, expected);
    assert_eq!(report.operators, ["koji@lap", "mira@desk"]);
}

#[test]
fn findings_are_counted_in_good_english() {
    let all = FindingId::ALL.map(|id| counted(id, 1, Tense::Is));
    assert!(
        !all.iter()
            .any(|text| text.contains("1 have ") || text.contains("1 are ")),
        "{all:?}"
    );
    assert_eq!(
        counted(FindingId::MissingAccount, 4, Tense::Was),
        "4 were verified and had no account"
    );
    assert_eq!(
        counted(FindingId::MissingAccount, 1, Tense::Is),
        "1 is verified and has no account"
    );
    assert_eq!(
        counted(FindingId::DidElsewhere, 2, Tense::Was),
        "2 had moved their account to another PDS"
    );
}

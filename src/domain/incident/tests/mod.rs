//! Reports from a table of cases: what is left, what to type, and what is said of what nobody knows.

mod cases;

use self::cases::{at, broken, cases, job, of_run, pause, person, refused, run, whole};
use super::words::{Tense, counted};
use super::*;
use crate::domain::finding::FindingId;
use crate::domain::plan::Step;
use crate::domain::run::{Move, RunState};
use crate::domain::trail::{Change, Field};

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

/// What the trail keeps of an index that was mended, and what was the matter with it. The one that has the name decides.
#[test]
fn an_index_that_was_mended_is_told_with_the_error_that_it_made() {
    let told = |before: Option<&str>| {
        let mended = Deed {
            run: "diagnose".into(),
            changes: vec![Change {
                field: Field::CodeIndex,
                before: before.map(String::from),
                after: Some("code_unique {code: 1} unique sparse".into()),
            }],
            ..cases::deed(Step::EnsureCodeIndex, Some(StepOutcome::Done))
        };
        let facts = Facts {
            deeds: vec![mended],
            systemic: vec![(
                "aesthetic".into(),
                Systemic {
                    cause: cases::systemic().suspicion().into(),
                    ..cases::systemic()
                },
            )],
            people: vec![person(1, broken(200))],
            ..cases::nothing()
        };
        incident(&facts).cause.sentence
    };
    let refused_86 = "The code index refused (86): another one was called code_unique, and was not unique and sparse as \
                      the site's code wants to make it.";
    let refused_85 = "The code index refused (85): it was called code_1, and the site's code wants to make it as \
                      code_unique.";
    for (before, sentence) in [
        (Some("code_unique {code: 1} not unique"), refused_86),
        (Some("code_unique {code: 1} unique"), refused_86),
        (Some("code_unique {code: 1} sparse not unique"), refused_86),
        (
            Some("code_1 {code: 1} unique sparse; code_unique {code: 1} not unique"),
            refused_86,
        ),
        (Some("code_1 {code: 1} unique sparse"), refused_85),
        (
            Some("code_1 {code: 1} unique"),
            "The index on users.code was not as the site's code makes it: code_1 {code: 1} unique.",
        ),
        (
            None,
            "There was no unique index on users.code, though the site's code makes one before it writes users.",
        ),
    ] {
        assert_eq!(told(before), sentence, "{before:?}");
    }
}

/// What stands in the way now: an index of that name that is another one.
#[test]
fn an_index_that_has_the_name_and_is_not_unique_is_told_with_the_error_that_it_makes() {
    let case = cases()
        .into_iter()
        .find(|case| case.0.starts_with("an index that is not unique"));
    let report = incident(&case.expect("it is in the table").1);
    let index = report.cause.index.expect("it has to do with it");
    assert_eq!(
        (index.name.as_deref(), index.sparse, index.refused_with),
        (Some("code_unique"), false, Some(86))
    );
    let evidence = report.cause.evidence.last().map(String::as_str);
    assert_eq!(
        evidence,
        Some(
            "The index called code_unique is not unique and sparse on users.code now: MongoDB refuses to make it as the \
             site's code does (code 86)."
        )
    );
    assert_eq!(
        report.next[0].text,
        "The index called code_unique is not unique and sparse on users.code still, as the site's code makes it: have it \
         made so. Until then the next signups may break the same way (code 86)."
    );
}

//! The table of cases, and the facts that they are made of.

use jiff::Timestamp;

use super::super::*;
use crate::domain::diagnosis::State;
use crate::domain::error::Class;
use crate::domain::finding::FindingId;
use crate::domain::run::{JobState, Pause, RunState, Signature};

pub const RECORD: FindingId = FindingId::MissingUserRecord;
pub const INDEX: &str = "atriage diagnose --fix-index";

pub fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_760_436_000 + second).unwrap()
}

pub fn look(second: i64, state: State, findings: &[FindingId]) -> Look {
    Look {
        at: at(second),
        created_at: Some(at(0)),
        verdict: match state {
            State::Missing => Verdict::Broken,
            State::Unknown => Verdict::Unknown,
            _ => Verdict::Whole,
        },
        columns: Column::ALL.map(|column| (column, state)).into(),
        findings: findings.to_vec(),
    }
}

pub fn broken(second: i64) -> Look {
    look(second, State::Missing, &[RECORD])
}

pub fn whole(second: i64) -> Look {
    look(second, State::Ok, &[])
}

pub fn person(n: usize, now: Look) -> Person {
    Person {
        tenant: "aesthetic".into(),
        sub: format!("auth0|{n}"),
        key: format!("auth0|{n}"),
        email: None,
        now,
    }
}

pub fn job(n: usize, before: Option<Look>, outcome: Option<Outcome>) -> JobRecord {
    let sub = format!("auth0|{n}");
    let state = match outcome {
        Some(_) => JobState::Ended,
        None => JobState::Queued,
    };
    JobRecord {
        before,
        outcome,
        state,
        attempts: 1,
        ..JobRecord::new("7f3a0000", n, ("aesthetic", &sub, &sub), at(100))
    }
}

pub fn run(state: RunState) -> Run {
    Run {
        id: "7f3a0000".into(),
        tenant: "aesthetic".into(),
        operator: "mira".into(),
        host: "desk".into(),
        reason: None,
        deep: false,
        total: 1,
        created_at: at(90),
        state,
        pause: None,
        ended_at: (!state.is_open()).then(|| at(110)),
        systemic: None,
        moves: Vec::new(),
    }
}

pub fn refused() -> Problem {
    Problem::new(Class::Conflict, "The PDS refuses auth0|1.", "Ask the user.")
}

pub fn pause() -> Pause {
    let problem = Problem::new(Class::Auth, "pds refused it.", "Set PDS_ADMIN_PASSWORD.");
    Pause {
        at: at(105),
        after: 1,
        signature: Signature::of(None, &problem),
        problem,
    }
}

pub fn systemic() -> Systemic {
    Systemic {
        finding: RECORD,
        column: Column::Mongo,
        affected: 5,
        of: 5,
        since: Some(at(0)),
        cause: "The index refuses.".into(),
    }
}

pub fn nothing() -> Facts {
    Facts {
        scope: Scope::Since(at(-60)),
        at: at(200),
        people: Vec::new(),
        runs: Vec::new(),
        deeds: Vec::new(),
        systemic: Vec::new(),
        code_indexes: None,
        journal_was_read: true,
        unknown: Vec::new(),
    }
}

pub fn of_run(run: Run, jobs: Vec<JobRecord>, people: Vec<Person>) -> Facts {
    Facts {
        scope: Scope::Run(run.id.clone()),
        people,
        runs: vec![(run, jobs)],
        ..nothing()
    }
}

pub fn deed(step: Step, outcome: Option<StepOutcome>) -> Deed {
    Deed {
        run: "7f3a0000".into(),
        tenant: "aesthetic".into(),
        sub: "auth0|1".into(),
        key: "auth0|1".into(),
        step,
        at: at(101),
        ended_at: outcome.map(|_| at(102)),
        operator: "mira".into(),
        host: "desk".into(),
        reason: None,
        outcome,
        changes: Vec::new(),
        error: None,
    }
}

/// A case: its facts; whether it is over; how many had a record before and have one now; what is left; what to type.
pub type Case = (
    &'static str,
    Facts,
    Standing,
    [(usize, usize); 2],
    &'static [&'static str],
    &'static [&'static str],
);

pub fn cases() -> Vec<Case> {
    let named = |name: &str| Some(vec![code_index::Index::on_code(name, true, true)]);
    let broken_by = |code_indexes| Facts {
        systemic: vec![("aesthetic".into(), systemic())],
        code_indexes,
        people: (1..=5).map(|n| person(n, broken(200))).collect(),
        ..nothing()
    };
    let index = broken_by(named("code_1"));
    let not_unique = broken_by(Some(vec![code_index::Index::on_code(
        "code_unique",
        false,
        false,
    )]));
    let renamed = Facts {
        code_indexes: named("code_unique"),
        ..of_run(
            Run {
                systemic: Some(systemic()),
                ..run(RunState::Finished)
            },
            vec![job(1, Some(broken(100)), Some(Outcome::Done))],
            vec![person(1, whole(200))],
        )
    };
    let failed = JobRecord {
        error: Some(refused()),
        ..job(1, Some(broken(100)), Some(Outcome::Failed))
    };
    let paused = Run {
        pause: Some(pause()),
        ..run(RunState::Paused)
    };
    let old = Facts {
        deeds: vec![deed(Step::CreateUser, Some(StepOutcome::Done))],
        ..of_run(
            run(RunState::Finished),
            vec![job(1, None, Some(Outcome::Done))],
            vec![person(1, whole(200))],
        )
    };
    let dead = Facts {
        deeds: vec![deed(Step::CreateUser, None)],
        ..of_run(
            run(RunState::Running),
            vec![job(1, Some(broken(100)), None)],
            vec![person(1, broken(200))],
        )
    };
    let manual = look(200, State::Missing, &[FindingId::AccountGone]);
    let unknown = Facts {
        people: vec![person(1, look(200, State::Unknown, &[]))],
        unknown: vec!["pds did not answer.".into()],
        ..nothing()
    };
    let strange = Facts {
        people: vec![Person {
            sub: "auth0|1' ; rm".into(),
            ..person(1, broken(200))
        }],
        ..nothing()
    };
    vec![
        ("nobody", nothing(), Standing::Nothing, [(0, 0), (0, 0)], &[], &[]),
        (
            "all are whole",
            Facts {
                people: vec![person(1, whole(200))],
                ..nothing()
            },
            Standing::Nothing,
            [(0, 0), (0, 0)],
            &[],
            &[],
        ),
        (
            "nobody mended it yet",
            index,
            Standing::Open,
            [(0, 5), (0, 5)],
            &["5 have no users record."],
            &[INDEX, "atriage backfill --since 2025-10-14 --tenant aesthetic"],
        ),
        (
            "an index that is not unique has the name",
            not_unique,
            Standing::Open,
            [(0, 5), (0, 5)],
            &["5 have no users record."],
            &[INDEX, "atriage backfill --since 2025-10-14 --tenant aesthetic"],
        ),
        (
            "mended, and its cause too",
            renamed,
            Standing::Over,
            [(0, 1), (1, 1)],
            &[],
            &[],
        ),
        (
            "one alone",
            Facts {
                people: vec![person(1, broken(200))],
                ..nothing()
            },
            Standing::Open,
            [(0, 1), (0, 1)],
            &["1 has no users record."],
            &["atriage backfill 'auth0|1' --tenant aesthetic"],
        ),
        (
            "an id that a shell would take for more",
            strange,
            Standing::Open,
            [(0, 1), (0, 1)],
            &["1 has no users record."],
            &["atriage backfill --since 2025-10-14 --tenant aesthetic"],
        ),
        (
            "somebody has to decide",
            of_run(
                run(RunState::Finished),
                vec![failed],
                vec![person(1, broken(200))],
            ),
            Standing::Open,
            [(0, 1), (0, 1)],
            &["1 has no users record.", "1 failed: The PDS refuses …"],
            &["atriage runs resume 7f3a0000 --failed"],
        ),
        (
            "no backfill mends it",
            Facts {
                people: vec![person(1, manual)],
                ..nothing()
            },
            Standing::Open,
            [(0, 1), (0, 1)],
            &["1 has an account that is gone from the PDS."],
            &[],
        ),
        (
            "the run stopped",
            of_run(
                paused,
                vec![job(1, Some(broken(100)), None)],
                vec![person(1, broken(200))],
            ),
            Standing::Open,
            [(0, 1), (0, 1)],
            &[
                "1 has no users record.",
                "1 user of run 7f3a0000 has not come to an end.",
            ],
            &["atriage runs resume 7f3a0000"],
        ),
        (
            "its process died",
            dead,
            Standing::Open,
            [(0, 1), (0, 1)],
            &[
                "1 has no users record.",
                "1 user of run 7f3a0000 has not come to an end.",
                "1 step began and left no word of the end.",
            ],
            &["atriage runs resume 7f3a0000"],
        ),
        (
            "an older version",
            old,
            Standing::Over,
            [(0, 1), (1, 1)],
            &[],
            &[],
        ),
        (
            "nobody answers",
            unknown,
            Standing::Unknown,
            [(0, 0), (0, 0)],
            &[],
            &["atriage report --since 2025-10-14T09:59:00Z"],
        ),
    ]
}

//! Runs and their jobs, held against both stores.

use std::sync::Arc;
use std::time::Duration;

use atriage::domain::event::{Outcome, StepOutcome, StepReport};
use atriage::domain::look::Look;
use atriage::domain::plan::Step;
use atriage::domain::run::{JobRecord, JobState, Move, Pause, Run, RunState, Signature};
use atriage::domain::tally::Systemic;
use atriage::domain::{Class, Column, FindingId, Problem, State, Verdict};
use atriage::services::store::Store;
use atriage::services::store::journal::{JOBS, JobChange, RUNS};
use jiff::Timestamp;

use crate::support::stores::both;

/// A moment of milliseconds, so many seconds after another.
pub fn at(second: u64) -> Timestamp {
    let begin: Timestamp = "2025-10-14T10:00:00.123Z".parse().expect("it is a moment");
    begin + Duration::from_secs(second)
}

pub fn run(id: &str, created_at: Timestamp) -> Run {
    Run {
        id: id.into(),
        tenant: "both".into(),
        operator: "mira".into(),
        host: "desk".into(),
        reason: Some("the index of October".into()),
        deep: true,
        total: 2,
        created_at,
        state: RunState::Running,
        pause: None,
        ended_at: None,
        systemic: None,
        moves: Vec::new(),
    }
}

fn moved(second: u64, to: RunState, pause: Option<Pause>) -> Move {
    Move {
        at: at(second),
        to,
        pause,
        by: Some("koji@desk".into()),
    }
}

pub fn job(run: &str, position: usize) -> JobRecord {
    let sub = format!("auth0|{position}");
    JobRecord::new(run, position, ("sotce", &sub, &format!("sotce-{sub}")), at(1))
}

pub fn report(second: u64, outcome: StepOutcome) -> StepReport {
    StepReport {
        step: Step::EnsureCodeIndex,
        at: at(second),
        outcome,
        ms: 12,
        detail: "code_unique".into(),
    }
}

fn problem() -> Problem {
    Problem::new(
        Class::Internal,
        "mongo refused it (code 85).",
        "Look at the index.",
    )
}

fn pause() -> Pause {
    Pause {
        at: at(9),
        after: 5,
        signature: Signature::of(Some(Step::EnsureCodeIndex), &problem()),
        problem: problem(),
    }
}

fn change(state: JobState, outcome: Option<Outcome>) -> JobChange {
    JobChange {
        state,
        outcome,
        next_try: None,
        error: None,
        at: at(20),
    }
}

pub async fn the_run(store: &Arc<dyn Store>, id: &str) -> Run {
    store.run(id).await.expect("it answers").expect("it is there")
}

pub async fn jobs(store: &Arc<dyn Store>, run: &str) -> Vec<JobRecord> {
    store
        .jobs(run)
        .await
        .expect("it answers")
        .all()
        .expect("all can be read")
}

#[tokio::test]
async fn a_run_and_its_jobs_come_back_as_they_were() {
    for (name, store, place) in both(&[]).await {
        assert_eq!(store.run("7f3a0000").await.expect("it answers"), None, "{name}");
        assert!(jobs(&store, "7f3a0000").await.is_empty(), "{name}");
        let mut full = run("7f3a0000", at(0));
        (full.state, full.pause, full.ended_at) = (RunState::Paused, Some(pause()), Some(at(30)));
        full.systemic = Some(Systemic {
            finding: FindingId::MissingUserRecord,
            column: Column::Mongo,
            affected: 5,
            of: 5,
            since: Some(at(0)),
            cause: "the index".into(),
        });
        // More than go in at once, in another order than theirs.
        let mut many: Vec<JobRecord> = (0..2_100).rev().map(|n| job("7f3a0000", n)).collect();
        let odd = &mut many[7];
        (odd.state, odd.outcome, odd.attempts) = (JobState::Ended, Some(Outcome::Failed), 3);
        (odd.owner, odd.error) = (Some("desk/1".into()), Some(problem()));
        (odd.lease_until, odd.next_try) = (Some(at(40)), Some(at(50)));
        odd.steps = vec![report(2, StepOutcome::Already), report(3, StepOutcome::Failed)];
        store.put_run(&full, &many).await.expect("it is written");
        many.reverse();
        assert_eq!(the_run(&store, "7f3a0000").await, full, "{name}");
        assert_eq!(jobs(&store, "7f3a0000").await, many, "{name}");
        assert_eq!(jobs(&store, "7f3a").await, [], "{name}: another run's");

        // Once more changes nothing, whatever happened since.
        let cancelled = moved(60, RunState::Cancelled, None);
        let moved = store.change_run("7f3a0000", &[RunState::Paused], &cancelled);
        assert!(moved.await.expect("it answers"), "{name}");
        store
            .put_run(&full, &many[..2])
            .await
            .expect("it is there already");
        assert_eq!(
            the_run(&store, "7f3a0000").await.state,
            RunState::Cancelled,
            "{name}"
        );
        assert_eq!(jobs(&store, "7f3a0000").await, many, "{name}");
        let other = store
            .put_run(&run("7f3a0000", at(1)), &[job("7f3a0000", 9_999)])
            .await;
        assert!(other.is_err_and(|error| error.kind == Class::Conflict), "{name}");
        assert_eq!(
            jobs(&store, "7f3a0000").await.len(),
            2_100,
            "{name}: two runs got mixed"
        );

        // Dates of MongoDB's own, and such as sort as text.
        let (doc, first) = (
            place.get(RUNS, "7f3a0000").await,
            place.get(JOBS, "7f3a0000/sotce-auth0|0").await,
        );
        let since = &doc["systemic"]["since"];
        for date in [&doc["created_at"], &doc["ended_at"], since, &first["updated_at"]] {
            assert!(date["$date"].is_string(), "{name}: {date}");
        }
        let odd = place.get(JOBS, "7f3a0000/sotce-auth0|2092").await;
        assert_eq!(
            odd["steps"][0]["at"],
            serde_json::json!({"$date": "2025-10-14T10:00:02.123Z"}),
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_put_that_broke_off_is_completed_by_the_next() {
    for (name, store, place) in both(&[]).await {
        let all = [job("7f3a0000", 0), job("7f3a0000", 1)];
        // The jobs were written, the run was not.
        store
            .put_run(&run("aaaa0000", at(0)), &all)
            .await
            .expect("it is written");
        store
            .put_run(&run("7f3a0000", at(0)), &all)
            .await
            .expect("it is written");
        assert_eq!(jobs(&store, "7f3a0000").await, all, "{name}");
        let doc = place.get(RUNS, "7f3a0000").await;
        assert_eq!(doc["total"], 2, "{name}");
    }
}

#[tokio::test]
async fn runs_come_newest_first_and_change_where_they_may() {
    use RunState::{Cancelled, Finished, Paused, Running};
    for (name, store, _place) in both(&[]).await {
        for (id, second) in [("a1", 10), ("a2", 30), ("a3", 20)] {
            store.put_run(&run(id, at(second)), &[]).await.expect("no jobs");
        }
        let order = async |limit| {
            let runs = store.runs(limit).await.expect("it answers").all();
            let runs = runs.expect("all can be read");
            runs.into_iter().map(|run| run.id).collect::<Vec<_>>()
        };
        assert_eq!(order(10).await, ["a2", "a3", "a1"], "{name}");
        assert_eq!(order(2).await, ["a2", "a3"], "{name}");
        assert!(order(0).await.is_empty(), "{name}");

        let change = async |from: &[RunState], to, pause: Option<&Pause>| {
            let step = moved(40, to, pause.cloned());
            let changed = store.change_run("a1", from, &step).await;
            changed.expect("it answers")
        };
        assert!(
            !change(&[Paused], Running, None).await,
            "{name}: it is not paused"
        );
        assert!(!change(&[], Running, None).await, "{name}: from nothing");
        assert!(change(&[Running], Paused, Some(&pause())).await, "{name}");
        let mut expected = run("a1", at(10));
        (expected.state, expected.pause) = (Paused, Some(pause()));
        let moved = |to, pause| moved(40, to, pause);
        expected.moves.push(moved(Paused, Some(pause())));
        assert_eq!(the_run(&store, "a1").await, expected, "{name}");
        assert!(change(&[Running, Paused], Finished, None).await, "{name}");
        (expected.state, expected.pause, expected.ended_at) = (Finished, None, Some(at(40)));
        expected.moves.push(moved(Finished, None));
        assert_eq!(the_run(&store, "a1").await, expected, "{name}");
        assert!(change(&[Finished], Running, None).await, "{name}");
        (expected.state, expected.ended_at) = (Running, None);
        expected.moves.push(moved(Running, None));
        assert_eq!(the_run(&store, "a1").await, expected, "{name}");
        assert!(change(&[Running], Running, None).await, "{name}: no answer came");
        assert_eq!(the_run(&store, "a1").await, expected, "{name}");
        assert!(change(&[Running], Cancelled, None).await, "{name}");
        assert_eq!(the_run(&store, "a1").await.ended_at, Some(at(40)), "{name}");
        assert_eq!(
            the_run(&store, "a2").await,
            run("a2", at(30)),
            "{name}: another run"
        );
        let nobody = moved(Paused, None);
        let nobody = store.change_run("nobody", &[Running], &nobody);
        assert!(!nobody.await.expect("it answers"), "{name}");
    }
}

#[tokio::test]
async fn a_job_goes_its_way() {
    for (name, store, _place) in both(&[]).await {
        for id in ["a1", "a2"] {
            let both = [job(id, 0), job(id, 1)];
            store
                .put_run(&run(id, at(0)), &both)
                .await
                .expect("it is written");
        }
        let key = &job("a1", 0).key;
        let begin = async |owner: &str| {
            let begun = store.begin_job("a1", key, owner, at(100), at(10)).await;
            begun.expect("it answers")
        };
        let note = async |second, outcome| store.note_step("a1", key, &report(second, outcome)).await;
        let first = async || jobs(&store, "a1").await.remove(0);

        assert!(begin("desk/1").await, "{name}");
        note(11, StepOutcome::Done).await.expect("it is written");
        note(12, StepOutcome::Failed).await.expect("it is written");
        note(12, StepOutcome::Failed).await.expect("no answer came");
        let mut expected = job("a1", 0);
        (expected.state, expected.attempts) = (JobState::Running, 1);
        (expected.owner, expected.lease_until) = (Some("desk/1".into()), Some(at(100)));
        expected.updated_at = at(10);
        expected.steps = vec![report(11, StepOutcome::Done), report(12, StepOutcome::Failed)];
        assert_eq!(first().await, expected, "{name}");

        let waits = JobChange {
            next_try: Some(at(60)),
            error: Some(problem()),
            ..change(JobState::Waiting, None)
        };
        let changed = store.change_job("a1", key, &waits, true).await;
        assert!(changed.expect("it answers"), "{name}");
        (expected.state, expected.next_try) = (JobState::Waiting, Some(at(60)));
        (expected.lease_until, expected.error) = (None, Some(problem()));
        expected.updated_at = at(20);
        assert_eq!(first().await, expected, "{name}");

        assert!(begin("desk/2").await, "{name}: it is tried again");
        let again = first().await;
        assert_eq!((again.attempts, again.state), (2, JobState::Running), "{name}");
        assert_eq!(
            (again.steps, again.error, again.next_try),
            (vec![report(11, StepOutcome::Done)], None, None),
            "{name}: what was changed stays told"
        );
        assert_eq!(
            store.job("a1", key).await.expect("it answers"),
            Some(first().await),
            "{name}"
        );
        assert_eq!(
            store.job("a1", "nobody").await.expect("it answers"),
            None,
            "{name}"
        );

        let ends = change(JobState::Ended, Some(Outcome::Done));
        let changed = store.change_job("a1", key, &ends, true).await;
        assert!(changed.expect("it answers"), "{name}");
        assert!(!begin("desk/3").await, "{name}: it has ended");
        let cancel = change(JobState::Ended, Some(Outcome::Cancelled));
        let changed = store.change_job("a1", key, &cancel, true).await;
        assert!(!changed.expect("it answers"), "{name}: it has ended");
        let ended = first().await;
        assert_eq!(
            (
                ended.outcome,
                ended.attempts,
                ended.owner.as_deref(),
                ended.lease_until
            ),
            (Some(Outcome::Done), 2, Some("desk/2"), None),
            "{name}"
        );
        let changed = store
            .change_job("a1", key, &change(JobState::Queued, None), false)
            .await;
        assert!(changed.expect("it answers"), "{name}");
        assert_eq!(first().await.outcome, None, "{name}: the outcome stays");

        assert_eq!(jobs(&store, "a1").await[1], job("a1", 1), "{name}: another job");
        assert_eq!(jobs(&store, "a2").await, [job("a2", 0), job("a2", 1)], "{name}");
        let nobody = store.begin_job("a1", "nobody", "o", at(1), at(1)).await;
        assert!(!nobody.expect("it answers"), "{name}");
        let nobody = store.change_job("a1", "nobody", &ends, false).await;
        assert!(!nobody.expect("it answers"), "{name}");
        let step = report(1, StepOutcome::Done);
        let nobody = store.note_step("a1", "nobody", &step);
        assert!(
            nobody.await.is_err_and(|error| error.kind == Class::NotFound),
            "{name}"
        );
    }
}

#[tokio::test]
async fn leases_are_noted_with_the_running_jobs_of_their_owner() {
    for (name, store, _place) in both(&[]).await {
        let four: Vec<JobRecord> = (0..4).map(|n| job("a1", n)).collect();
        store
            .put_run(&run("a1", at(0)), &four)
            .await
            .expect("it is written");
        store
            .put_run(&run("a2", at(0)), &[job("a2", 0)])
            .await
            .expect("it is written");
        for (run, n, owner) in [("a1", 0, "o"), ("a1", 1, "p"), ("a1", 2, "o"), ("a2", 0, "o")] {
            let key = job(run, n).key;
            let begun = store.begin_job(run, &key, owner, at(100), at(10));
            assert!(begun.await.expect("it answers"), "{name}");
        }
        let ends = change(JobState::Ended, Some(Outcome::Done));
        let ended = store.change_job("a1", &four[2].key, &ends, true).await;
        assert!(ended.expect("it answers"), "{name}");
        store.note_leases("a1", "o", at(200)).await.expect("it answers");
        let until: Vec<_> = jobs(&store, "a1")
            .await
            .into_iter()
            .map(|job| job.lease_until)
            .collect();
        assert_eq!(until, [Some(at(200)), Some(at(100)), None, None], "{name}");
        assert_eq!(jobs(&store, "a2").await[0].lease_until, Some(at(100)), "{name}");
    }
}

#[tokio::test]
async fn the_first_look_at_a_user_is_kept_and_no_later_one() {
    let look = |second, state, findings: &[FindingId]| Look {
        at: at(second),
        created_at: Some(at(0)),
        verdict: Verdict::Broken,
        columns: Column::ALL.map(|column| (column, state)).into(),
        findings: findings.to_vec(),
    };
    for (name, store, place) in both(&[]).await {
        let two = [job("a1", 0), job("a1", 1)];
        store
            .put_run(&run("a1", at(0)), &two)
            .await
            .expect("it is written");
        let first = look(5, State::Missing, &[FindingId::MissingUserRecord]);
        for look in [&first, &look(6, State::Ok, &[])] {
            store
                .note_look("a1", &two[0].key, look)
                .await
                .expect("it answers");
        }
        // Nobody is there to be kept: no job is made of it.
        store.note_look("a1", "nobody", &first).await.expect("it answers");
        let begun = store.begin_job("a1", &two[0].key, "o", at(9), at(7)).await;
        assert!(begun.expect("it answers"), "{name}");
        let kept: Vec<_> = jobs(&store, "a1")
            .await
            .into_iter()
            .map(|job| job.before)
            .collect();
        assert_eq!(kept, [Some(first), None], "{name}");
        let doc = place.get(JOBS, "a1/sotce-auth0|0").await;
        assert_eq!(doc["before"]["at"]["$date"], "2025-10-14T10:00:05.123Z", "{name}");
    }
}

#[tokio::test]
async fn jobs_are_counted_by_the_store() {
    for (name, store, _place) in both(&[]).await {
        let counts = async |run: &str| {
            let counts = store.count_jobs(run).await.expect("it answers");
            (counts.open, counts.failed)
        };
        assert_eq!(counts("7f3a0000").await, (0, 0), "{name}");
        let all: Vec<JobRecord> = (0..7).map(|position| job("7f3a0000", position)).collect();
        store
            .put_run(&run("7f3a0000", at(0)), &all)
            .await
            .expect("it is written");
        store
            .put_run(&run("81bb0000", at(0)), &[job("81bb0000", 0)])
            .await
            .expect("it is written");
        let outcomes = [
            Outcome::Refused,
            Outcome::Done,
            Outcome::Failed,
            Outcome::Cancelled,
            Outcome::Nothing,
        ];
        for (job, outcome) in all.iter().zip(outcomes) {
            let change = change(JobState::Ended, Some(outcome));
            let changed = store.change_job(&job.run, &job.key, &change, true).await;
            assert!(changed.expect("it answers"), "{name}");
        }
        let waits = change(JobState::Waiting, None);
        let changed = store.change_job("7f3a0000", &all[5].key, &waits, true).await;
        assert!(changed.expect("it answers"), "{name}");
        assert_eq!(counts("7f3a0000").await, (2, 2), "{name}");
        assert_eq!(
            counts("81bb0000").await,
            (1, 0),
            "{name}: another run has its own"
        );
        let failed = store.failed_jobs("7f3a0000").await.expect("it answers");
        let failed: Vec<usize> = failed
            .all()
            .expect("all can be read")
            .iter()
            .map(|job| job.position)
            .collect();
        assert_eq!(failed, [0, 2], "{name}");
    }
}

//! Runs, their jobs and the audit trail, held against both stores.

use std::sync::Arc;
use std::time::Duration;

use atriage::domain::event::{Outcome, StepOutcome, StepReport};
use atriage::domain::plan::Step;
use atriage::domain::run::{JobRecord, JobState, Pause, Run, RunState, Signature};
use atriage::domain::trail::{Change, Field, Phase, TrailEntry};
use atriage::domain::{Class, Problem};
use atriage::services::store::journal::{HISTORY, JOBS, JobChange, RUNS, TrailFilter};
use atriage::services::store::{Store, open};
use bson::{Document, doc};
use jiff::Timestamp;
use secrecy::SecretString;

use crate::support::mongo::{Mongo, client, fail_commands, operations, profile, queries};
use crate::support::stores::both;

/// A moment of milliseconds, so many seconds after another.
fn at(second: u64) -> Timestamp {
    let begin: Timestamp = "2025-10-14T10:00:00.123Z".parse().expect("it is a moment");
    begin + Duration::from_secs(second)
}

fn run(id: &str, created_at: Timestamp) -> Run {
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
    }
}

fn job(run: &str, position: usize) -> JobRecord {
    let sub = format!("auth0|{position}");
    JobRecord::new(run, position, ("sotce", &sub, &format!("sotce-{sub}")), at(1))
}

fn report(second: u64, outcome: StepOutcome) -> StepReport {
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

async fn the_run(store: &Arc<dyn Store>, id: &str) -> Run {
    store.run(id).await.expect("it answers").expect("it is there")
}

async fn jobs(store: &Arc<dyn Store>, run: &str) -> Vec<JobRecord> {
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
        let moved = store.change_run("7f3a0000", &[RunState::Paused], RunState::Cancelled, None, at(60));
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
        for date in [&doc["created_at"], &doc["ended_at"], &first["updated_at"]] {
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
            let changed = store.change_run("a1", from, to, pause, at(40));
            changed.await.expect("it answers")
        };
        assert!(
            !change(&[Paused], Running, None).await,
            "{name}: it is not paused"
        );
        assert!(!change(&[], Running, None).await, "{name}: from nothing");
        assert!(change(&[Running], Paused, Some(&pause())).await, "{name}");
        let mut expected = run("a1", at(10));
        (expected.state, expected.pause) = (Paused, Some(pause()));
        assert_eq!(the_run(&store, "a1").await, expected, "{name}");
        assert!(change(&[Running, Paused], Finished, None).await, "{name}");
        (expected.state, expected.pause, expected.ended_at) = (Finished, None, Some(at(40)));
        assert_eq!(the_run(&store, "a1").await, expected, "{name}");
        assert!(change(&[Finished], Running, None).await, "{name}");
        assert_eq!(the_run(&store, "a1").await, run("a1", at(10)), "{name}");
        assert!(change(&[Running], Cancelled, None).await, "{name}");
        assert_eq!(the_run(&store, "a1").await.ended_at, Some(at(40)), "{name}");
        assert_eq!(
            the_run(&store, "a2").await,
            run("a2", at(30)),
            "{name}: another run"
        );
        let nobody = store.change_run("nobody", &[Running], Paused, None, at(40));
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
            (Vec::new(), None, None),
            "{name}: the newest attempt's"
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

fn entry(deed: &str, (run, n): (&str, usize), second: u64, phase: Phase) -> TrailEntry {
    let job = job(run, n);
    TrailEntry {
        deed: deed.into(),
        run: job.run,
        tenant: job.tenant,
        sub: job.sub,
        key: job.key,
        step: Step::CreateUser,
        at: at(second),
        operator: "mira".into(),
        host: "desk".into(),
        reason: None,
        phase,
        changes: vec![Change {
            field: Field::Code,
            before: None,
            after: Some("ac25momez".into()),
        }],
    }
}

fn failed() -> Phase {
    Phase::After {
        outcome: StepOutcome::Failed,
        error: Some("mongo refused it.".into()),
    }
}

#[tokio::test]
async fn the_trail_is_read_newest_first_and_by_user_run_and_time() {
    for (name, store, place) in both(&[]).await {
        let trail = async |filter: TrailFilter, limit| {
            let found = store.trail(&filter, limit).await.expect("it answers");
            found.all().expect("all can be read")
        };
        assert!(trail(TrailFilter::default(), 10).await.is_empty(), "{name}");
        let entries = [
            entry("d3", ("a2", 0), 30, failed()),
            entry("d3", ("a2", 0), 30, Phase::Before),
            entry("d2", ("a1", 1), 20, Phase::Before),
            entry("d1", ("a1", 0), 12, failed()),
            entry("d1", ("a1", 0), 10, Phase::Before),
        ];
        for entry in entries.iter().rev() {
            store.append(entry).await.expect("it is written");
        }
        store.append(&entries[0]).await.expect("no answer came");
        assert_eq!(trail(TrailFilter::default(), 10).await, entries, "{name}");
        assert_eq!(trail(TrailFilter::default(), 2).await, entries[..2], "{name}");
        assert!(trail(TrailFilter::default(), 0).await.is_empty(), "{name}");
        let (first, run) = (Some(entries[4].key.clone()), Some("a1".to_string()));
        let filter = |key: &Option<String>, run: &Option<String>, since| TrailFilter {
            key: key.clone(),
            run: run.clone(),
            since,
        };
        let of_user = [&entries[..2], &entries[3..]].concat();
        assert_eq!(trail(filter(&first, &None, None), 10).await, of_user, "{name}");
        assert_eq!(trail(filter(&None, &run, None), 10).await, entries[2..], "{name}");
        assert_eq!(
            trail(filter(&first, &run, None), 10).await,
            entries[3..],
            "{name}"
        );
        let since = Some(at(12));
        assert_eq!(
            trail(filter(&None, &None, since), 10).await,
            entries[..4],
            "{name}"
        );
        assert_eq!(
            trail(filter(&first, &run, since), 10).await,
            entries[3..4],
            "{name}"
        );
        assert_eq!(
            trail(filter(&first, &None, None), 1).await,
            of_user[..1],
            "{name}"
        );
        let doc = place.get(HISTORY, "d1/after").await;
        assert_eq!(doc["at"]["$date"], "2025-10-14T10:00:12.123Z", "{name}");
    }
}

/// Somebody edited the documents: each of them is named, and none hides another or gives a value away.
#[tokio::test]
async fn what_cannot_be_read_is_an_error_of_its_own() {
    let bad = [
        (
            RUNS,
            "0badc0de",
            doc! {"id": "0badc0de", "host": "secret", "state": "secret"},
        ),
        (RUNS, "secret run", doc! {"created_at": "secret"}),
        (
            JOBS,
            "a1/secret",
            doc! {"run": "a1", "position": 0, "key": "secret", "attempts": "secret", "steps": 5},
        ),
        (
            HISTORY,
            "d9/before",
            doc! {"run": "a1", "at": "secret", "key": "secret"},
        ),
    ];
    for (name, store, place) in both(&bad).await {
        let only = [job("a1", 1)];
        store
            .put_run(&run("a1", at(0)), &only)
            .await
            .expect("it is written");
        let before = entry("d1", ("a1", 0), 10, Phase::Before);
        store.append(&before).await.expect("it is written");
        if place.database.is_none() {
            let file = rusqlite::Connection::open(place.file()).expect("it is there");
            for table in [RUNS, JOBS, HISTORY] {
                let sql = format!("INSERT INTO \"{table}\" VALUES ('a2/secret', '{{secret')");
                file.execute(&sql, []).expect("it is written");
            }
        }
        let more = usize::from(place.database.is_none());
        let mut errors = Vec::new();
        let runs = store.runs(10).await.expect("it answers");
        assert_eq!(runs.found, [run("a1", at(0))], "{name}");
        assert_eq!(runs.unreadable.len(), 2 + more, "{name}");
        let named = |what: &str| runs.unreadable.iter().any(|error| error.what.contains(what));
        assert!(named("0badc0de"), "{name}");
        let kept = store.jobs("a1").await.expect("it answers");
        assert_eq!((kept.found, kept.unreadable.len()), (only.to_vec(), 1), "{name}");
        assert!(kept.unreadable[0].what.contains("a1"), "{name}");
        let trail = store
            .trail(&TrailFilter::default(), 10)
            .await
            .expect("it answers");
        assert_eq!(
            (trail.found, trail.unreadable.len()),
            (vec![before], 1 + more),
            "{name}"
        );
        let sets = [
            (RUNS, &runs.unreadable),
            (JOBS, &kept.unreadable),
            (HISTORY, &trail.unreadable),
        ];
        for (collection, set) in sets {
            assert!(set.iter().all(|error| error.what.contains(collection)), "{name}");
            errors.extend(set.iter().cloned());
        }
        let all = store.jobs("a1").await.expect("it answers").all();
        errors.push(all.expect_err("it is not all"));
        errors.push(store.run("0badc0de").await.expect_err("it cannot be read"));
        errors.push(
            store
                .begin_job("a1", "secret", "o", at(1), at(1))
                .await
                .expect_err("it cannot be counted"),
        );
        let step = report(1, StepOutcome::Done);
        let step = store.note_step("a1", "secret", &step);
        errors.push(step.await.expect_err("it has no list"));
        for error in errors {
            assert_eq!(error.kind, Class::Internal, "{name}: {}", error.what);
            assert!(!format!("{error:?}").contains("secret"), "{name}: {error:?}");
        }
    }
}

#[tokio::test]
async fn times_of_another_precision_are_read_too() {
    for (name, store, place) in both(&[]).await {
        store
            .put_run(&run("a1", at(0)), &[])
            .await
            .expect("it is written");
        for text in ["2025-10-14T10:00:00Z", "2025-10-14T12:00:00.123456789+02:00"] {
            let mut edited: Document = place
                .get(RUNS, "a1")
                .await
                .as_object()
                .cloned()
                .and_then(|doc| doc.try_into().ok())
                .expect("a document");
            edited.remove("_id");
            edited.insert("created_at", text);
            place.put(RUNS, "a1", &edited).await;
            let expected: Timestamp = text.parse().expect("it is a moment");
            assert_eq!(the_run(&store, "a1").await.created_at, expected, "{name}");
        }
        let file = place.file();
        if place.database.is_none() {
            let sql = format!(
                "UPDATE \"{RUNS}\" SET doc = json_set(doc, '$.created_at', json('{{\"$date\":\"2025-10-14T10:00:00Z\"}}'))"
            );
            let file = rusqlite::Connection::open(file).expect("it is there");
            file.execute(&sql, []).expect("it is written");
            let expected: Timestamp = "2025-10-14T10:00:00Z".parse().expect("it is a moment");
            assert_eq!(the_run(&store, "a1").await.created_at, expected, "{name}");
        }
    }
}

/// Large journals: MongoDB looks at what it returns and no more, and every write outlives its primary.
#[tokio::test]
async fn queries_of_a_large_journal_use_indexes_and_writes_are_safe() {
    let (_, store, place) = both(&[]).await.remove(1);
    let database = place.database.as_ref().expect("it is MongoDB");
    let all: Vec<JobRecord> = (0..500).map(|n| job("a1", n)).collect();
    for id in ["a1", "a2"] {
        let mut all = all.clone();
        all.iter_mut().for_each(|job| job.run = id.into());
        store.put_run(&run(id, at(0)), &all).await.expect("it is written");
    }
    store
        .append(&entry("d", ("a1", 0), 0, Phase::Before))
        .await
        .expect("it is written");
    let history = database.collection::<Document>(HISTORY);
    let one = history
        .find_one(doc! {})
        .await
        .expect("mongod answers")
        .expect("it is there");
    let many = (0..10_000).map(|n| {
        let mut entry = one.clone();
        entry.insert("_id", format!("e{n}/before"));
        entry.insert("deed", format!("e{n}"));
        entry.insert("key", format!("auth0|{}", n % 500));
        entry.insert("run", format!("{}", n % 7));
        entry.insert("at", bson::DateTime::from_millis(1_760_000_000_000 + n));
        entry
    });
    history.insert_many(many).await.expect("it is written");

    profile(database).await;
    let user = TrailFilter {
        key: Some("auth0|7".into()),
        ..TrailFilter::default()
    };
    let found = store.trail(&user, 100).await.expect("it answers");
    assert_eq!(found.all().expect("all can be read").len(), 20);
    let of_run = TrailFilter {
        run: Some("3".into()),
        ..TrailFilter::default()
    };
    assert_eq!(
        store.trail(&of_run, 50).await.expect("it answers").found.len(),
        50
    );
    let newest = store
        .trail(&TrailFilter::default(), 50)
        .await
        .expect("it answers");
    assert_eq!(newest.found.len(), 50);
    assert_eq!(jobs(&store, "a2").await.len(), 500);
    assert_eq!(store.runs(1).await.expect("it answers").found.len(), 1);
    let asked = queries(database, "atriage").await;
    let finds: Vec<_> = asked
        .iter()
        .filter(|query| query.command.contains_key("find"))
        .collect();
    assert_eq!(finds.len(), 5, "{asked:#?}");
    for query in asked {
        let plan = query.plan.as_deref().unwrap_or_default();
        assert!(plan.starts_with("IXSCAN"), "{query:#?}");
        assert_eq!(query.docs_examined, query.returned, "{query:#?}");
    }

    let owner = "o";
    store
        .put_run(&run("a3", at(0)), &[job("a3", 0)])
        .await
        .expect("it is written");
    let key = job("a3", 0).key;
    store
        .begin_job("a3", &key, owner, at(9), at(1))
        .await
        .expect("it answers");
    store.note_leases("a3", owner, at(9)).await.expect("it answers");
    store
        .lease("l", owner, Duration::from_secs(60), None)
        .await
        .expect("it answers");
    store
        .renew(owner, Duration::from_secs(60))
        .await
        .expect("it answers");
    store.release("l", owner).await.expect("it answers");
    let entry = entry("d2", ("a3", 0), 0, Phase::Before);
    store.append(&entry).await.expect("it is written");
    let done = operations(database, "atriage").await;
    // The profiler tells the options of a command where it keeps the command whole: not those of updates and deletes.
    let told: Vec<&Document> = done
        .iter()
        .filter(|one| matches!(one.op.as_str(), "insert" | "command"))
        .map(|one| &one.command)
        .filter(|command| !command.contains_key("createIndexes"))
        .collect();
    assert_eq!(told.len(), 4, "a job, a run, a lease, an entry: {done:#?}");
    for command in told {
        let safe = command.get_document("writeConcern").expect("it is asked for");
        assert_eq!(safe, &doc! {"w": "majority", "j": true}, "{command}");
    }
}

#[tokio::test]
async fn indexes_that_cannot_be_made_stop_no_run() {
    let mongo = Mongo::start();
    let uri = SecretString::from(mongo.uri());
    let store = open(&uri, "test", Duration::from_secs(5))
        .await
        .expect("it opens");
    let seeder = client(&mongo.uri()).await;
    // 13: not allowed.
    fail_commands(&seeder, "atriage", &["createIndexes"], 13, 100).await;
    store
        .put_run(&run("a1", at(0)), &[job("a1", 0)])
        .await
        .expect("it is written");
    assert_eq!(jobs(&store, "a1").await.len(), 1);
    assert_eq!(store.pulse().read().failures, 0);
}

//! The audit trail, held against both stores; and what holds for the whole journal: documents that somebody edited, and
//! one that has grown large.

use std::time::Duration;

use atriage::domain::Class;
use atriage::domain::event::StepOutcome;
use atriage::domain::plan::Step;
use atriage::domain::run::JobRecord;
use atriage::domain::trail::{Change, Field, Phase, TrailEntry};
use atriage::services::store::journal::{HISTORY, JOBS, RUNS, TrailFilter};
use atriage::services::store::open;
use bson::{Document, doc};
use jiff::Timestamp;
use secrecy::SecretString;

use crate::journal::{at, job, jobs, report, run, the_run};
use crate::support::mongo::{Mongo, client, fail_commands, operations, profile, queries};
use crate::support::stores::both;

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

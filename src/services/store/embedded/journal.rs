//! The journal in the embedded store. What reads before it writes does both in one transaction, which shuts out other
//! processes; leases live by the clock of the machine.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::{Connection, Params, ToSql, Transaction, TransactionBehavior, params, params_from_iter};
use serde_json::{Map, Value, json};

use super::EmbeddedStore;
use super::tables::{insert, one};
use crate::domain::event::StepReport;
use crate::domain::look::Look;
use crate::domain::plan::Step;
use crate::domain::run::{JobRecord, Move, Run, RunState};
use crate::domain::trail::TrailEntry;
use crate::services::Error;
use crate::services::store::journal::documents::{
    FAILED, OPEN, date, decode, encode, entry_id, holder, job_begun, job_change, job_id, listed, no_job,
    run_change, run_of, same_run, stamp, unreadable,
};
use crate::services::store::journal::{
    HISTORY, JOBS, JobChange, JobCounts, Journal, LEASES, Lease, Listed, RUNS, TrailFilter,
};

type Fields = Map<String, Value>;

fn begin(db: &mut Connection) -> rusqlite::Result<Transaction<'_>> {
    db.transaction_with_behavior(TransactionBehavior::Immediate)
}

/// The rows of a table with `doc` as JSON whatever somebody wrote there: one bad row makes no query fail.
fn rows(table: &str) -> String {
    format!("(SELECT _id, CASE WHEN json_valid(doc) THEN doc ELSE 'null' END AS doc FROM \"{table}\")")
}

/// The documents of a table, each with its `_id`.
fn select(db: &Connection, table: &str, rest: &str, values: impl Params) -> rusqlite::Result<Vec<Value>> {
    let mut query = db.prepare(&format!("SELECT _id, doc FROM {} {rest}", rows(table)))?;
    let found = query.query_map(values, |row| {
        let (id, doc): (String, String) = (row.get(0)?, row.get(1)?);
        let doc: Value = serde_json::from_str(&doc).unwrap_or_default();
        let mut fields = doc.as_object().cloned().unwrap_or_default();
        fields.insert("_id".into(), json!(id));
        Ok(Value::Object(fields))
    })?;
    found.collect()
}

/// A lease that somebody holds at that moment: the owner, and until when.
fn held(doc: &Value, now: Timestamp) -> Option<(String, Timestamp)> {
    holder(doc).filter(|(_, until)| *until > now)
}

fn set_lease(db: &Connection, name: &str, owner: &str, until: Timestamp) -> rusqlite::Result<()> {
    let doc = json!({"owner": owner, "until": date(until)});
    let sql = format!("INSERT OR REPLACE INTO \"{LEASES}\" (_id, doc) VALUES (?1, ?2)");
    db.execute(&sql, params![name, doc.to_string()]).map(|_| ())
}

impl EmbeddedStore {
    /// Changes one document where there is one, unless `change` says no; returns whether it did.
    async fn edit(
        &self,
        table: &'static str,
        id: String,
        change: impl FnOnce(&mut Fields) -> Result<bool, Error> + Send + 'static,
    ) -> Result<bool, Error> {
        self.run(move |db| {
            let db = begin(db)?;
            let Some(doc) = one(&db, table, &id)? else {
                return Ok(Ok(false));
            };
            let Value::Object(mut fields) = doc else {
                return Ok(Err(unreadable(table, run_of(table, &json!({"_id": id})))));
            };
            let changed = change(&mut fields);
            if matches!(changed, Ok(true)) {
                let sql = format!("UPDATE \"{table}\" SET doc = ?2 WHERE _id = ?1");
                db.execute(&sql, params![id, Value::Object(fields).to_string()])?;
                db.commit()?;
            }
            Ok(changed)
        })
        .await?
    }
}

#[async_trait]
impl Journal for EmbeddedStore {
    async fn put_run(&self, run: &Run, jobs: &[JobRecord]) -> Result<(), Error> {
        let (run, jobs) = (run.clone(), jobs.to_vec());
        self.run(move |db| {
            let db = begin(db)?;
            if let Some(doc) = select(&db, RUNS, "WHERE _id = ?1", [&run.id])?.pop() {
                return Ok(decode(RUNS, doc).and_then(|standing| same_run(&run, &standing)));
            }
            for job in &jobs {
                insert(
                    &db,
                    JOBS,
                    &job_id(&job.run, &job.key),
                    &Value::Object(encode(job)),
                )?;
            }
            insert(&db, RUNS, &run.id, &Value::Object(encode(&run)))?;
            db.commit()?;
            Ok(Ok(()))
        })
        .await?
    }

    async fn runs(&self, limit: usize) -> Result<Listed<Run>, Error> {
        let rest = "ORDER BY json_extract(doc, '$.created_at.\"$date\"') DESC, _id LIMIT ?1";
        let found = self.run(move |db| select(db, RUNS, rest, [cut(limit)])).await?;
        Ok(listed(RUNS, found))
    }

    async fn run(&self, id: &str) -> Result<Option<Run>, Error> {
        let id = id.to_string();
        let mut found = self
            .run(move |db| select(db, RUNS, "WHERE _id = ?1", [id]))
            .await?;
        found.pop().map(|doc| decode(RUNS, doc)).transpose()
    }

    async fn change_run(&self, id: &str, from: &[RunState], step: &Move) -> Result<bool, Error> {
        let from: Vec<&str> = from.iter().map(|state| state.word()).collect();
        let (change, moved) = (run_change(step), Value::Object(encode(step)));
        self.edit(RUNS, id.to_string(), move |run| {
            let allowed = run
                .get("state")
                .and_then(Value::as_str)
                .is_some_and(|state| from.contains(&state));
            if allowed {
                run.extend(change);
                let moves = run.entry("moves").or_insert_with(|| json!([]));
                if let Value::Array(moves) = moves
                    && !moves.contains(&moved)
                {
                    moves.push(moved);
                }
            }
            Ok(allowed)
        })
        .await
    }

    async fn jobs(&self, run: &str) -> Result<Listed<JobRecord>, Error> {
        let run = run.to_string();
        let rest = "WHERE json_extract(doc, '$.run') = ?1 ORDER BY json_extract(doc, '$.position')";
        let found = self.run(move |db| select(db, JOBS, rest, [run])).await?;
        Ok(listed(JOBS, found))
    }

    async fn count_jobs(&self, run: &str) -> Result<JobCounts, Error> {
        let run = run.to_string();
        let count = |field: &str, words: &[&str]| {
            let words = words.join("', '");
            format!("COUNT(CASE WHEN json_extract(doc, '$.{field}') IN ('{words}') THEN 1 END)")
        };
        let sql = format!(
            "SELECT {}, {} FROM {} WHERE json_extract(doc, '$.run') = ?1",
            count("state", &OPEN),
            count("outcome", &FAILED),
            rows(JOBS)
        );
        self.run(move |db| {
            db.query_row(&sql, [run], |row| {
                let (open, failed): (i64, i64) = (row.get(0)?, row.get(1)?);
                Ok(JobCounts {
                    open: usize::try_from(open).unwrap_or_default(),
                    failed: usize::try_from(failed).unwrap_or_default(),
                })
            })
        })
        .await
    }

    async fn failed_jobs(&self, run: &str) -> Result<Listed<JobRecord>, Error> {
        let run = run.to_string();
        let failed = FAILED.join("', '");
        let rest = format!(
            "WHERE json_extract(doc, '$.run') = ?1 AND json_extract(doc, '$.outcome') IN ('{failed}')
             ORDER BY json_extract(doc, '$.position')"
        );
        let found = self.run(move |db| select(db, JOBS, &rest, [run])).await?;
        Ok(listed(JOBS, found))
    }

    async fn job(&self, run: &str, key: &str) -> Result<Option<JobRecord>, Error> {
        let id = job_id(run, key);
        let mut found = self
            .run(move |db| select(db, JOBS, "WHERE _id = ?1", [id]))
            .await?;
        found.pop().map(|doc| decode(JOBS, doc)).transpose()
    }

    async fn begin_job(
        &self,
        run: &str,
        key: &str,
        owner: &str,
        lease_until: Timestamp,
        at: Timestamp,
    ) -> Result<bool, Error> {
        let change = job_begun(owner, lease_until, at);
        let name = run.to_string();
        self.edit(JOBS, job_id(run, key), move |job| {
            if has_ended(job) {
                return Ok(false);
            }
            let attempts = job.get("attempts").map_or(Some(0), Value::as_u64);
            let attempts = attempts.ok_or_else(|| unreadable(JOBS, Some(&name)))?;
            job.insert("attempts".into(), json!(attempts.saturating_add(1)));
            if let Some(steps) = job.get_mut("steps").and_then(Value::as_array_mut) {
                steps.retain(|step| step["outcome"] == "done" && step["step"] != Step::Verify.name());
            }
            job.extend(change);
            Ok(true)
        })
        .await
    }

    async fn note_look(&self, run: &str, key: &str, look: &Look) -> Result<(), Error> {
        let look = Value::Object(encode(look));
        self.edit(JOBS, job_id(run, key), move |job| {
            let first = job.get("before").is_none_or(Value::is_null);
            if first {
                job.insert("before".into(), look);
            }
            Ok(first)
        })
        .await
        .map(|_| ())
    }

    async fn note_step(&self, run: &str, key: &str, report: &StepReport) -> Result<(), Error> {
        let report = Value::Object(encode(report));
        let name = run.to_string();
        let there = self.edit(JOBS, job_id(run, key), move |job| {
            let steps = job.get_mut("steps").and_then(Value::as_array_mut);
            let steps = steps.ok_or_else(|| unreadable(JOBS, Some(&name)))?;
            // This may be asked for once more, when no answer came.
            if !steps.contains(&report) {
                steps.push(report);
            }
            Ok(true)
        });
        if there.await? { Ok(()) } else { Err(no_job(run)) }
    }

    async fn note_leases(&self, run: &str, owner: &str, until: Timestamp) -> Result<(), Error> {
        let (run, owner, until) = (run.to_string(), owner.to_string(), date(until).to_string());
        self.run(move |db| {
            let sql = format!(
                "UPDATE \"{JOBS}\" SET doc = json_set(doc, '$.lease_until', json(?3)) WHERE _id IN
                 (SELECT _id FROM {} WHERE json_extract(doc, '$.run') = ?1
                  AND json_extract(doc, '$.owner') = ?2 AND json_extract(doc, '$.state') = 'running')",
                rows(JOBS)
            );
            db.execute(&sql, params![run, owner, until]).map(|_| ())
        })
        .await
    }

    async fn change_job(
        &self,
        run: &str,
        key: &str,
        change: &JobChange,
        only_open: bool,
    ) -> Result<bool, Error> {
        let change = job_change(change);
        self.edit(JOBS, job_id(run, key), move |job| {
            if only_open && has_ended(job) {
                return Ok(false);
            }
            job.extend(change);
            Ok(true)
        })
        .await
    }

    async fn lease(
        &self,
        name: &str,
        owner: &str,
        life: Duration,
        dead: Option<&str>,
    ) -> Result<Lease, Error> {
        let (name, owner, dead) = (name.to_string(), owner.to_string(), dead.map(String::from));
        self.run(move |db| {
            let db = begin(db)?;
            let now = Timestamp::now();
            let standing = one(&db, LEASES, &name)?.and_then(|doc| held(&doc, now));
            if let Some((theirs, until)) = standing
                && theirs != owner
                && dead.as_ref() != Some(&theirs)
            {
                return Ok(Lease::Theirs { owner: theirs, until });
            }
            set_lease(&db, &name, &owner, now + life)?;
            db.commit()?;
            Ok(Lease::Ours)
        })
        .await
    }

    async fn renew(&self, owner: &str, life: Duration) -> Result<Vec<String>, Error> {
        let owner = owner.to_string();
        self.run(move |db| {
            let db = begin(db)?;
            let now = Timestamp::now();
            let mut names = Vec::new();
            let rest = "WHERE json_extract(doc, '$.owner') = ?1 ORDER BY _id";
            for doc in select(&db, LEASES, rest, [&owner])? {
                if let (Some((_, until)), Some(name)) = (held(&doc, now), doc["_id"].as_str()) {
                    set_lease(&db, name, &owner, until.max(now + life))?;
                    names.push(name.to_string());
                }
            }
            db.commit()?;
            Ok(names)
        })
        .await
    }

    async fn release(&self, name: &str, owner: &str) -> Result<(), Error> {
        let (name, owner) = (name.to_string(), owner.to_string());
        self.run(move |db| {
            let sql = format!(
                "DELETE FROM \"{LEASES}\" WHERE _id = ?1 AND _id IN
                 (SELECT _id FROM {} WHERE json_extract(doc, '$.owner') = ?2)",
                rows(LEASES)
            );
            db.execute(&sql, params![name, owner]).map(|_| ())
        })
        .await
    }

    async fn leases(&self, names: &[String]) -> Result<Vec<(String, String, Timestamp)>, Error> {
        let mut names = names.to_vec();
        names.sort();
        self.run(move |db| {
            let now = Timestamp::now();
            let mut found = Vec::new();
            for name in names {
                let standing = one(db, LEASES, &name)?.and_then(|doc| held(&doc, now));
                found.extend(standing.map(|(owner, until)| (name, owner, until)));
            }
            Ok(found)
        })
        .await
    }

    async fn append(&self, entry: &TrailEntry) -> Result<(), Error> {
        let (id, doc) = (entry_id(entry), Value::Object(encode(entry)));
        self.run(move |db| insert(db, HISTORY, &id, &doc)).await?;
        Ok(())
    }

    async fn trail(&self, filter: &TrailFilter, limit: usize) -> Result<Listed<TrailEntry>, Error> {
        let mut conditions = vec!["1"];
        let mut values: Vec<Box<dyn ToSql + Send>> = Vec::new();
        let given = [
            ("json_extract(doc, '$.key') = ?", filter.key.clone()),
            ("json_extract(doc, '$.run') = ?", filter.run.clone()),
            (
                "json_extract(doc, '$.at.\"$date\"') >= ?",
                filter.since.map(stamp),
            ),
        ];
        for (condition, value) in given {
            if let Some(value) = value {
                conditions.push(condition);
                values.push(Box::new(value));
            }
        }
        values.push(Box::new(cut(limit)));
        let rest = format!(
            "WHERE {} ORDER BY json_extract(doc, '$.at.\"$date\"') DESC, _id LIMIT ?",
            conditions.join(" AND ")
        );
        let found = self
            .run(move |db| select(db, HISTORY, &rest, params_from_iter(values)))
            .await?;
        Ok(listed(HISTORY, found))
    }
}

fn has_ended(job: &Fields) -> bool {
    job.get("state").and_then(Value::as_str) == Some("ended")
}

fn cut(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

//! The journal in MongoDB. What must not be done twice is one operation of the server, and leases live by its clock.

use std::time::Duration;

use async_trait::async_trait;
use bson::{Bson, Document, doc};
use futures_util::TryStreamExt;
use futures_util::future::try_join_all;
use jiff::Timestamp;
use mongodb::IndexModel;
use mongodb::options::ReturnDocument;
use serde_json::{Map, Value};

use super::MongoStore;
use super::failure::{DUPLICATE_KEY, Failure, INDEX_OPTIONS_CONFLICT, SERVICE};
use super::reading::{date, ids, json};
use crate::domain::Class;
use crate::domain::event::StepReport;
use crate::domain::look::Look;
use crate::domain::plan::Step;
use crate::domain::run::{JobRecord, Move, Run, RunState};
use crate::domain::trail::TrailEntry;
use crate::services::Error;
use crate::services::store::journal::documents::{
    FAILED, OPEN, decode, encode, entry_id, holder, job_begun, job_change, job_id, listed, no_job,
    run_change, same_run, unreadable,
};
use crate::services::store::journal::{
    HISTORY, JOBS, JobChange, JobCounts, Journal, LEASES, Lease, Listed, RUNS, TrailFilter,
};

/// How many jobs go in at once: a message of MongoDB holds many more, and the time limit is for each.
const BATCH: usize = 1000;

/// The fields of each index, and the collection. `_id` is among them where it breaks ties of a sort.
fn indexes() -> Vec<(&'static str, Vec<Document>)> {
    vec![
        (RUNS, vec![doc! {"created_at": -1, "_id": 1}]),
        (JOBS, vec![doc! {"run": 1, "position": 1}]),
        (LEASES, vec![doc! {"owner": 1}]),
        (
            HISTORY,
            vec![
                doc! {"key": 1, "at": -1, "_id": 1},
                doc! {"run": 1, "at": -1, "_id": 1},
                doc! {"at": -1, "_id": 1},
            ],
        ),
    ]
}

impl MongoStore {
    /// Makes the indexes once a process, before the first run is written: who only reads makes nothing. A journal
    /// without them is slow, not wrong, so that only an outage is an error.
    async fn index(&self) -> Result<(), Error> {
        let all = || try_join_all(indexes().into_iter().map(|(to, keys)| self.index_one(to, keys)));
        let made = self
            .indexed
            .get_or_try_init(async || all().await.map(|_| ()))
            .await;
        match made {
            Err(failure) if failure.error.kind == Class::Unavailable => Err(failure.error),
            Err(failure) => {
                tracing::warn!(service = SERVICE, "{}", failure.error);
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    async fn index_one(&self, collection: &str, keys: Vec<Document>) -> Result<(), Failure> {
        let models = keys
            .into_iter()
            .map(|keys| IndexModel::builder().keys(keys).build());
        let operation = async { self.of(collection).create_indexes(models).await };
        match self
            .attempt(&format!("the making of the indexes on {collection}"), operation)
            .await
        {
            // Somebody made one under another name: as good.
            Err(failure) if failure.code == Some(INDEX_OPTIONS_CONFLICT) => Ok(()),
            answer => answer.map(|_| ()),
        }
    }

    /// Inserts documents where their ids are free.
    async fn insert(&self, collection: &str, documents: Vec<Document>) -> Result<(), Error> {
        let operation = async { self.of(collection).insert_many(documents).ordered(false).await };
        match self.run(&format!("a write to {collection}"), operation).await {
            Err(failure) if failure.code == Some(DUPLICATE_KEY) => Ok(()),
            answer => Ok(answer.map(|_| ())?),
        }
    }

    async fn query(
        &self,
        collection: &str,
        filter: Document,
        sort: Document,
        limit: usize,
    ) -> Result<Vec<Value>, Error> {
        if limit == 0 {
            return Ok(Vec::new());
        }
        // MongoDB's word for no limit is 0.
        let limit = i32::try_from(limit).map_or(0, i64::from);
        let query = async {
            let found = self.of(collection).find(filter).sort(sort).limit(limit).await?;
            found.try_collect::<Vec<_>>().await
        };
        let found = self.run(&format!("a query of {collection}"), query).await?;
        Ok(found.into_iter().map(json).collect())
    }
}

#[async_trait]
impl Journal for MongoStore {
    async fn put_run(&self, run: &Run, jobs: &[JobRecord]) -> Result<(), Error> {
        self.index().await?;
        if let Some(standing) = Journal::run(self, &run.id).await? {
            return same_run(run, &standing);
        }
        for batch in jobs.chunks(BATCH) {
            let documents: Result<Vec<Document>, Error> = batch
                .iter()
                .map(|job| document(&job_id(&job.run, &job.key), encode(job)))
                .collect();
            self.insert(JOBS, documents?).await?;
        }
        self.insert(RUNS, vec![document(&run.id, encode(run))?]).await
    }

    async fn runs(&self, limit: usize) -> Result<Listed<Run>, Error> {
        let found = self
            .query(RUNS, doc! {}, doc! {"created_at": -1, "_id": 1}, limit)
            .await?;
        Ok(listed(RUNS, found))
    }

    async fn run(&self, id: &str) -> Result<Option<Run>, Error> {
        let mut found = self.query(RUNS, doc! {"_id": id}, doc! {}, 1).await?;
        found.pop().map(|doc| decode(RUNS, doc)).transpose()
    }

    async fn change_run(&self, id: &str, from: &[RunState], step: &Move) -> Result<bool, Error> {
        let from: Vec<&str> = from.iter().map(|state| state.word()).collect();
        let filter = doc! {"_id": id, "state": {"$in": from}};
        // Not `$push`: this may be asked for once more, when no answer came.
        let update = doc! {
            "$set": bson(run_change(step))?,
            "$addToSet": {"moves": bson(encode(step))?},
        };
        Ok(self.update(RUNS, filter, update).await?.0 > 0)
    }

    async fn jobs(&self, run: &str) -> Result<Listed<JobRecord>, Error> {
        let found = self
            .query(JOBS, doc! {"run": run}, doc! {"position": 1}, usize::MAX)
            .await?;
        Ok(listed(JOBS, found))
    }

    async fn count_jobs(&self, run: &str) -> Result<JobCounts, Error> {
        let sum = |holds: Document| doc! {"$sum": {"$cond": [holds, 1_i64, 0_i64]}};
        let pipeline = vec![
            doc! {"$match": {"run": run}},
            doc! {"$group": {
                "_id": null,
                "open": sum(doc! {"$in": ["$state", OPEN.to_vec()]}),
                "failed": sum(doc! {"$in": ["$outcome", FAILED.to_vec()]}),
            }},
        ];
        let query = async {
            let found = self.of(JOBS).aggregate(pipeline).await?;
            found.try_collect::<Vec<_>>().await
        };
        let found = self.run(&format!("a count in {JOBS}"), query).await?;
        // A run without jobs makes no group.
        let count = |name: &str| found.first().map_or(Ok(0), |group| group.get_i64(name));
        match (count("open"), count("failed")) {
            (Ok(open), Ok(failed)) => Ok(JobCounts {
                open: usize::try_from(open).unwrap_or_default(),
                failed: usize::try_from(failed).unwrap_or_default(),
            }),
            _ => Err(unreadable(JOBS, Some(run))),
        }
    }

    async fn failed_jobs(&self, run: &str) -> Result<Listed<JobRecord>, Error> {
        let filter = doc! {"run": run, "outcome": {"$in": FAILED.to_vec()}};
        let found = self.query(JOBS, filter, doc! {"position": 1}, usize::MAX).await?;
        Ok(listed(JOBS, found))
    }

    async fn job(&self, run: &str, key: &str) -> Result<Option<JobRecord>, Error> {
        let mut found = self
            .query(JOBS, doc! {"_id": job_id(run, key)}, doc! {}, 1)
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
        let filter = doc! {"_id": job_id(run, key), "state": {"$ne": "ended"}};
        let mut set: Document = bson(job_begun(owner, lease_until, at))?
            .into_iter()
            .map(|(name, value)| (name, doc! {"$literal": value}.into()))
            .collect();
        set.insert("attempts", doc! {"$add": ["$attempts", 1]});
        set.insert("steps", changes());
        let operation = async { self.of(JOBS).update_one(filter, vec![doc! {"$set": set}]).await };
        let result = self.run(&format!("a write to {JOBS}"), operation).await?;
        Ok(result.matched_count > 0)
    }

    async fn note_look(&self, run: &str, key: &str, look: &Look) -> Result<(), Error> {
        let first = doc! {"_id": job_id(run, key), "before": null};
        let update = doc! {"$set": {"before": bson(encode(look))?}};
        self.update(JOBS, first, update).await?;
        Ok(())
    }

    async fn note_step(&self, run: &str, key: &str, report: &StepReport) -> Result<(), Error> {
        // Not `$push`: this may be asked for once more, when no answer came.
        let update = doc! {"$addToSet": {"steps": bson(encode(report))?}};
        match self.update(JOBS, doc! {"_id": job_id(run, key)}, update).await? {
            (0, _) => Err(no_job(run)),
            _ => Ok(()),
        }
    }

    async fn note_leases(&self, run: &str, owner: &str, until: Timestamp) -> Result<(), Error> {
        let filter = doc! {"run": run, "owner": owner, "state": "running"};
        let update = doc! {"$set": {"lease_until": date(until)}};
        let operation = async { self.of(JOBS).update_many(filter, update).await };
        self.run(&format!("a write to {JOBS}"), operation).await?;
        Ok(())
    }

    async fn change_job(
        &self,
        run: &str,
        key: &str,
        change: &JobChange,
        only_open: bool,
    ) -> Result<bool, Error> {
        let mut filter = doc! {"_id": job_id(run, key)};
        if only_open {
            filter.insert("state", doc! {"$ne": "ended"});
        }
        let update = doc! {"$set": bson(job_change(change))?};
        Ok(self.update(JOBS, filter, update).await?.0 > 0)
    }

    async fn lease(
        &self,
        name: &str,
        owner: &str,
        life: Duration,
        dead: Option<&str>,
    ) -> Result<Lease, Error> {
        // One update that either takes the lease or leaves it as it is, and tells which.
        let mut yields = vec![Bson::Document(doc! {"$not": [held()]})];
        for owner in dead.into_iter().chain([owner]) {
            yields.push(doc! {"$eq": ["$owner", {"$literal": owner}]}.into());
        }
        let take = |ours: Bson, standing: &str| doc! {"$cond": [{"$or": yields.clone()}, ours, standing]};
        let update = vec![doc! {"$set": {
            "owner": take(doc! {"$literal": owner}.into(), "$owner"),
            "until": take(end(life).into(), "$until"),
        }}];
        let what = format!("a write to {LEASES}");
        let ask = async || {
            self.of(LEASES)
                .find_one_and_update(doc! {"_id": name}, update.clone())
                .upsert(true)
                .return_document(ReturnDocument::After)
                .await
        };
        let found = match self.run(&what, ask()).await {
            // Somebody else took it first at this very moment, where nobody held it: now it is there.
            Err(failure) if failure.code == Some(DUPLICATE_KEY) => self.run(&what, ask()).await?,
            answer => answer?,
        };
        Ok(match found.and_then(|doc| holder(&json(doc))) {
            Some((theirs, until)) if theirs != owner => Lease::Theirs { owner: theirs, until },
            _ => Lease::Ours,
        })
    }

    async fn renew(&self, owner: &str, life: Duration) -> Result<Vec<String>, Error> {
        let ours = doc! {"owner": owner, "$expr": held()};
        let update = vec![doc! {"$set": {"until": {"$max": ["$until", end(life)]}}}];
        let operation = async { self.of(LEASES).update_many(ours.clone(), update).await };
        self.run(&format!("a write to {LEASES}"), operation).await?;
        let query = async {
            let found = self.of(LEASES).find(ours.clone()).await?;
            found.try_collect::<Vec<_>>().await
        };
        Ok(ids(self.run(&format!("a query of {LEASES}"), query).await?))
    }

    async fn release(&self, name: &str, owner: &str) -> Result<(), Error> {
        let filter = doc! {"_id": name, "owner": owner};
        let operation = async { self.of(LEASES).delete_one(filter).await };
        self.run(&format!("a write to {LEASES}"), operation).await?;
        Ok(())
    }

    async fn leases(&self, names: &[String]) -> Result<Vec<(String, String, Timestamp)>, Error> {
        let filter = doc! {"_id": {"$in": names}, "$expr": held()};
        let found = self.query(LEASES, filter, doc! {"_id": 1}, usize::MAX).await?;
        let one = |doc: &Value| {
            let (owner, until) = holder(doc)?;
            Some((doc["_id"].as_str()?.to_string(), owner, until))
        };
        Ok(found.iter().filter_map(one).collect())
    }

    async fn append(&self, entry: &TrailEntry) -> Result<(), Error> {
        self.insert(HISTORY, vec![document(&entry_id(entry), encode(entry))?])
            .await
    }

    async fn trail(&self, filter: &TrailFilter, limit: usize) -> Result<Listed<TrailEntry>, Error> {
        let mut query = Document::new();
        if let Some(key) = &filter.key {
            query.insert("key", key);
        }
        if let Some(run) = &filter.run {
            query.insert("run", run);
        }
        if let Some(since) = filter.since {
            query.insert("at", doc! {"$gte": date(since)});
        }
        let found = self
            .query(HISTORY, query, doc! {"at": -1, "_id": 1}, limit)
            .await?;
        Ok(listed(HISTORY, found))
    }
}

/// Of a job's steps those that changed something.
fn changes() -> Document {
    let changed = doc! {"$and": [
        {"$eq": ["$$this.outcome", "done"]},
        {"$ne": ["$$this.step", Step::Verify.name()]},
    ]};
    doc! {"$filter": {"input": "$steps", "cond": changed}}
}

/// Whether somebody holds a lease now: anything else than a text and a date is nobody's.
fn held() -> Document {
    doc! {"$and": [
        {"$eq": [{"$type": "$owner"}, "string"]},
        {"$eq": [{"$type": "$until"}, "date"]},
        {"$gt": ["$until", "$$NOW"]},
    ]}
}

/// When a lease that is taken now is over.
fn end(life: Duration) -> Document {
    let life = i64::try_from(life.as_millis()).unwrap_or(i64::MAX);
    doc! {"$add": ["$$NOW", life]}
}

fn document(id: &str, fields: Map<String, Value>) -> Result<Document, Error> {
    let mut document = doc! {"_id": id};
    document.extend(bson(fields)?);
    Ok(document)
}

/// The fields as BSON, dates as dates.
fn bson(fields: Map<String, Value>) -> Result<Document, Error> {
    let failed = |_| {
        Error::new(
            SERVICE,
            Class::Internal,
            "A document for mongo cannot be made.",
            "",
        )
    };
    Document::try_from(fields).map_err(failed)
}

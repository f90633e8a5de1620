//! Queries: the documents of a page of signups, the small collections together, and the index on the code; and how values
//! go in and out.

use std::collections::{HashMap, HashSet};

use bson::{Bson, DateTime, Document, doc};
use futures_util::TryStreamExt;
use jiff::Timestamp;
use mongodb::action::Action;
use mongodb::options::Collation;
use serde_json::Value;

use super::MongoStore;
use crate::domain::observed::Observed;
use crate::domain::signup::{Deletion, Intent};
use crate::services::Error;
use crate::services::store::documents::NAMING;
use crate::services::store::{
    DELETIONS, HANDLES, INTENTS, Marks, TOMBSTONES, USERS, VERIFICATIONS, Written, documents, tombstone_id,
};

impl MongoStore {
    /// The documents with these ids, as JSON.
    pub(super) async fn by_ids(
        &self,
        collection: &str,
        ids: &[String],
        fields: Document,
    ) -> Result<HashMap<String, Value>, Error> {
        let query = async {
            let cursor = self
                .of(collection)
                .find(doc! {"_id": {"$in": ids}})
                .projection(fields)
                .await?;
            cursor.try_collect::<Vec<_>>().await
        };
        let found = self.run(&format!("a query of {collection}"), query).await?;
        Ok(found
            .into_iter()
            .filter_map(|doc| Some((doc.get_str("_id").ok()?.to_string(), json(doc))))
            .collect())
    }

    /// The `_id`s of the first ten documents that a filter finds.
    pub(super) async fn ids_where(
        &self,
        collection: &str,
        filter: Document,
        collation: Option<Collation>,
    ) -> Result<Vec<String>, Error> {
        let query = async {
            let cursor = self
                .of(collection)
                .find(filter)
                .projection(doc! {"_id": 1})
                .limit(10)
                .optional(collation, |find, collation| find.collation(collation))
                .await?;
            cursor.try_collect::<Vec<_>>().await
        };
        Ok(ids(self.run(&format!("a query of {collection}"), query).await?))
    }

    /// A page of the `_id`s of users, in one round trip: each collection is read along its index and no further than a page,
    /// and what is found in several comes once.
    pub(super) async fn read_ids_after(
        &self,
        after: &str,
        since: Option<Timestamp>,
        limit: usize,
    ) -> Result<Vec<String>, Error> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let page = |filter: Document| {
            vec![
                doc! {"$match": filter},
                doc! {"$sort": {"_id": 1}},
                doc! {"$limit": limit},
                doc! {"$project": {"_id": 1}},
            ]
        };
        let behind = doc! {"_id": {"$gt": after}};
        let mut pipeline = match since {
            Some(since) => page(doc! {"_id": {"$gt": after}, "when": {"$gte": date(since)}}),
            None => page(behind.clone()),
        };
        if since.is_none() {
            pipeline.extend(
                [VERIFICATIONS, HANDLES]
                    .map(|other| doc! {"$unionWith": {"coll": other, "pipeline": page(behind.clone())}}),
            );
            pipeline.extend([
                doc! {"$group": {"_id": "$_id"}},
                doc! {"$sort": {"_id": 1}},
                doc! {"$limit": limit},
            ]);
        }
        let query = async {
            self.of(USERS)
                .aggregate(pipeline)
                .await?
                .try_collect::<Vec<_>>()
                .await
        };
        Ok(ids(self.run("a query of the users' ids", query).await?))
    }

    /// Who names these DIDs, in one query: there is no index on them, so that each is a look at every user.
    pub(super) async fn read_holders(&self, dids: &[String]) -> Result<Vec<(String, String)>, Error> {
        let query = async {
            self.of(USERS)
                .find(naming(dids))
                .projection(doc! {"atproto.did": 1, "atproto_did": 1})
                .await?
                .try_collect::<Vec<_>>()
                .await
        };
        let wanted: HashSet<&String> = dids.iter().collect();
        let mut holders = Vec::new();
        for doc in self.run("a query of users by their DIDs", query).await? {
            let Ok(id) = doc.get_str("_id") else { continue };
            let now = doc
                .get_document("atproto")
                .and_then(|atproto| atproto.get_str("did"));
            let before = doc.get_str("atproto_did");
            for did in [now, before].into_iter().flatten().map(String::from) {
                if wanted.contains(&did) {
                    holders.push((did, id.to_string()));
                }
            }
        }
        Ok(holders)
    }

    /// Deletions, tombstones and intents of these ids in one query.
    pub(super) async fn marks(&self, ids: &[String]) -> Result<Marks, Error> {
        let stones: HashMap<String, &String> = ids.iter().map(|id| (tombstone_id(id), id)).collect();
        let hashes: Vec<&String> = stones.keys().collect();
        let other = |collection: &str, ids: Bson, from: i32, fields: Document| {
            let mut shown = doc! {"from": {"$literal": from}};
            shown.extend(fields);
            doc! {"$unionWith": {"coll": collection, "pipeline": [{"$match": {"_id": {"$in": ids}}}, {"$project": shown}]}}
        };
        let hashes = Bson::Array(
            hashes
                .into_iter()
                .map(|hash| Bson::String(hash.clone()))
                .collect(),
        );
        let keys = Bson::Array(ids.iter().cloned().map(Bson::String).collect());
        let pipeline = [
            doc! {"$match": {"_id": {"$in": ids}}},
            doc! {"$project": {"from": {"$literal": 0}, "state": 1}},
            other(TOMBSTONES, hashes, 1, doc! {}),
            other(INTENTS, keys, 2, doc! {"handle": 1, "replaces": 1}),
        ];
        let query = async {
            self.of(DELETIONS)
                .aggregate(pipeline)
                .await?
                .try_collect::<Vec<_>>()
                .await
        };
        let mut marks = Marks::default();
        for doc in self.run("a query of the deletions", query).await? {
            let (Ok(id), Ok(from)) = (doc.get_str("_id").map(String::from), doc.get_i32("from")) else {
                continue;
            };
            match from {
                0 if documents::is_pending(&json(doc.clone())) => {
                    marks.deletions.insert(id, Deletion::Scheduled);
                }
                1 => {
                    if let Some(key) = stones.get(&id) {
                        marks.deletions.insert((*key).clone(), Deletion::Tombstone);
                    }
                }
                2 => {
                    let handle = doc.get_str("handle").unwrap_or_default().to_string();
                    let replaces = doc.get_str("replaces").ok().map(String::from);
                    marks.intents.insert(id, Intent { handle, replaces });
                }
                _ => {}
            }
        }
        Ok(marks)
    }
}

/// Whether an index is on exactly the code, ascending: older shells wrote the 1 as another kind of number.
pub(super) fn is_code_alone(keys: &Document) -> bool {
    let ascending = |value: &Bson| match value {
        Bson::Int32(one) => *one == 1,
        Bson::Int64(one) => *one == 1,
        Bson::Double(one) => (*one - 1.0).abs() < f64::EPSILON,
        _ => false,
    };
    keys.len() == 1 && keys.get("code").is_some_and(ascending)
}

/// The users whose record names one of these accounts, in its present form or in the flat field of older scripts.
pub(super) fn naming<T: Clone + Into<Bson>>(dids: &[T]) -> Document {
    let dids: Vec<Bson> = dids.iter().cloned().map(Into::into).collect();
    doc! {"$or": [{"atproto.did": {"$in": &dids}}, {"atproto_did": {"$in": &dids}}]}
}

/// The fields of `users` that name an account, and these.
pub(super) fn account_and(more: &[&str]) -> Document {
    let fields = NAMING.iter().chain(more);
    fields
        .map(|field| ((*field).to_string(), Bson::Int32(1)))
        .collect()
}

pub(super) fn json(doc: Document) -> Value {
    Bson::Document(doc).into_relaxed_extjson()
}

pub(super) fn ids(docs: Vec<Document>) -> Vec<String> {
    docs.into_iter()
        .filter_map(|doc| doc.get_str("_id").ok().map(String::from))
        .collect()
}

pub(super) fn read<T>(
    docs: HashMap<String, Value>,
    one: impl Fn(&str, &Value) -> Observed<T>,
) -> HashMap<String, Observed<T>> {
    docs.into_iter()
        .map(|(id, doc)| (id.clone(), one(&id, &doc)))
        .collect()
}

pub(super) fn written(count: u64) -> Written {
    if count > 0 {
        Written::Done
    } else {
        Written::Already
    }
}

pub(super) fn date(at: Timestamp) -> DateTime {
    DateTime::from_millis(at.as_millisecond())
}

//! The indexes on the code, the count of the codes and the traces of throw-away users, in MongoDB.

use async_trait::async_trait;
use bson::{Bson, Document, doc};
use futures_util::TryStreamExt;
use jiff::Timestamp;
use mongodb::IndexModel;
use mongodb::options::IndexOptions;

use super::MongoStore;
use super::failure::{DUPLICATE_KEY, INDEX_NOT_FOUND, NAMESPACE_NOT_FOUND, codes_twice};
use super::reading::{date, ids, is_code_alone};
use crate::domain::checkup::{Census, Shared};
use crate::domain::code_index::{Index, Wanted};
use crate::services::Error;
use crate::services::store::upkeep::{EXAMPLES, REHEARSAL, Upkeep, must_be_rehearsal};
use crate::services::store::{INTENTS, USERS, VERIFICATIONS, Written};

impl MongoStore {
    /// Every index of `users`; none where there is no such collection.
    pub(super) async fn indexes_of_users(&self) -> Result<Vec<IndexModel>, Error> {
        let query = async {
            let cursor = self.of(USERS).list_indexes().await?;
            cursor.try_collect::<Vec<IndexModel>>().await
        };
        match self.run("a list of the indexes of users", query).await {
            Err(failure) if failure.code == Some(NAMESPACE_NOT_FOUND) => Ok(Vec::new()),
            answer => Ok(answer?),
        }
    }

    async fn all(&self, collection: &str, pipeline: Vec<Document>) -> Result<Vec<Document>, Error> {
        let query = async {
            let cursor = self.of(collection).aggregate(pipeline).await?;
            cursor.try_collect::<Vec<_>>().await
        };
        Ok(self.run(&format!("a query of {collection}"), query).await?)
    }

    async fn count(&self, filter: Document) -> Result<u64, Error> {
        let query = async { self.of(USERS).count_documents(filter).await };
        Ok(self.run("a count of users", query).await?)
    }
}

#[async_trait]
impl Upkeep for MongoStore {
    async fn code_indexes(&self) -> Result<Vec<Index>, Error> {
        let all = self.indexes_of_users().await?;
        let begins = |index: &IndexModel| index.keys.keys().next().is_some_and(|first| first == "code");
        Ok(all.into_iter().filter(begins).map(described).collect())
    }

    async fn build_code_index(&self, which: Wanted) -> Result<(), Error> {
        let mut options = IndexOptions::builder()
            .name(which.name().to_string())
            .unique(true)
            .build();
        match which {
            Wanted::Good => options.sparse = Some(true),
            Wanted::Temporary => {
                options.partial_filter_expression = Some(doc! {"code": {"$exists": true}});
            }
        }
        let index = IndexModel::builder()
            .keys(doc! {"code": 1})
            .options(options)
            .build();
        let operation = async { self.of(USERS).create_index(index).await };
        match self.run("the making of an index on users.code", operation).await {
            Err(failure) if failure.code == Some(DUPLICATE_KEY) => Err(codes_twice()),
            answer => Ok(answer.map(|_| ())?),
        }
    }

    async fn drop_code_index(&self, name: &str) -> Result<Written, Error> {
        let operation = async { self.of(USERS).drop_index(name).await };
        match self
            .run("the dropping of an index on users.code", operation)
            .await
        {
            Err(failure) if matches!(failure.code, Some(INDEX_NOT_FOUND | NAMESPACE_NOT_FOUND)) => {
                Ok(Written::Already)
            }
            answer => Ok(answer.map(|()| Written::Done)?),
        }
    }

    async fn census(&self, prefix: &str) -> Result<Census, Error> {
        let begins = doc! {"code": {"$regex": format!("^{prefix}")}};
        let codeless = doc! {"code": null, "_id": {"$regex": r"^[^|]+\|."}};
        let most = i64::try_from(EXAMPLES).unwrap_or(i64::MAX);
        let shared = vec![
            doc! {"$match": {"code": {"$exists": true}}},
            doc! {"$project": {"code": 1}},
            doc! {"$sort": {"_id": 1}},
            doc! {"$group": {"_id": "$code", "users": {"$sum": 1}, "keys": {"$push": "$_id"}}},
            doc! {"$match": {"users": {"$gt": 1}}},
            doc! {"$facet": {
                "all": [{"$count": "codes"}],
                "examples": [
                    {"$sort": {"users": -1, "_id": 1}},
                    {"$limit": most},
                    {"$project": {"keys": {"$slice": ["$keys", most]}}},
                ],
            }},
        ];
        let (in_year, without, shared) =
            tokio::join!(self.count(begins), self.count(codeless), self.all(USERS, shared));
        let facets = shared?.pop().unwrap_or_default();
        let list = |name: &str| facets.get_array(name).cloned().unwrap_or_default();
        let codes = list("all")
            .first()
            .and_then(Bson::as_document)
            .map(|all| number(all.get("codes")));
        let examples = list("examples");
        Ok(Census {
            in_year: in_year?,
            without: without?,
            shared: codes.unwrap_or_default(),
            examples: examples
                .iter()
                .filter_map(Bson::as_document)
                .map(shared_code)
                .collect(),
        })
    }

    async fn old_intents(
        &self,
        before: Timestamp,
        most: usize,
    ) -> Result<Vec<(String, Option<Timestamp>)>, Error> {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        // One without a moment is older than the moments.
        let old = doc! {"$or": [{"at": {"$lt": date(before)}}, {"at": null}]};
        let query = async {
            let cursor = self
                .of(INTENTS)
                .find(old)
                .sort(doc! {"at": 1, "_id": 1})
                .limit(most)
                .projection(doc! {"at": 1})
                .await?;
            cursor.try_collect::<Vec<_>>().await
        };
        let found = self.run("a query of the intents", query).await?;
        let told = found.iter().filter_map(|intent| {
            let key = intent.get_str("_id").ok()?.to_string();
            Some((key, intent.get_datetime("at").ok().map(|at| at.to_jiff())))
        });
        Ok(told.collect())
    }

    async fn rehearsals(&self) -> Result<Vec<String>, Error> {
        let theirs = doc! {"$match": {"_id": {"$regex": format!("^{REHEARSAL}")}}};
        let keys = doc! {"$project": {"_id": 1}};
        let other =
            |name: &str| doc! {"$unionWith": {"coll": name, "pipeline": [theirs.clone(), keys.clone()]}};
        let pipeline = vec![
            theirs.clone(),
            keys.clone(),
            other(VERIFICATIONS),
            other(INTENTS),
            doc! {"$group": {"_id": "$_id"}},
            doc! {"$sort": {"_id": 1}},
        ];
        Ok(ids(self.all(USERS, pipeline).await?))
    }

    async fn remove_rehearsal(&self, key: &str) -> Result<(), Error> {
        must_be_rehearsal(key)?;
        for collection in [INTENTS, USERS, VERIFICATIONS] {
            let operation = async { self.of(collection).delete_one(doc! {"_id": key}).await };
            self.run(&format!("a removal from {collection}"), operation)
                .await?;
        }
        Ok(())
    }
}

fn shared_code(group: &Document) -> Shared {
    let code = match group.get("_id") {
        Some(Bson::String(code)) => code.clone(),
        Some(Bson::Null) | None => "null".into(),
        Some(_) => "a code that is no text".into(),
    };
    let keys = group.get_array("keys").cloned().unwrap_or_default();
    let text = |key: &Bson| {
        key.as_str()
            .map_or_else(|| "a key that is no text".into(), String::from)
    };
    Shared {
        code,
        keys: keys.iter().map(text).collect(),
    }
}

fn number(value: Option<&Bson>) -> u64 {
    let number = match value {
        Some(Bson::Int32(number)) => i64::from(*number),
        Some(Bson::Int64(number)) => *number,
        _ => 0,
    };
    u64::try_from(number).unwrap_or_default()
}

fn described(index: IndexModel) -> Index {
    let options = index.options.unwrap_or_default();
    let keys = index.keys.iter().map(|(name, value)| match value {
        Bson::Double(number) => format!("{name}: {number}"),
        other => format!("{name}: {other}"),
    });
    Index {
        keys: format!("{{{}}}", keys.collect::<Vec<_>>().join(", ")),
        is_on_code_alone: is_code_alone(&index.keys),
        name: options.name.unwrap_or_default(),
        unique: options.unique == Some(true),
        sparse: options.sparse == Some(true),
        partial: options.partial_filter_expression.map(|filter| filter.to_string()),
        collation: options.collation.is_some(),
    }
}

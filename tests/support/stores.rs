//! A fresh store of each kind, and a way past it, so that one contract can be held against both.

use std::sync::Arc;
use std::time::Duration;

use atriage::config::address::EMBEDDED_SCHEME;
use atriage::services::store::{EmbeddedStore, Store, open};
use mongodb::Database;
use mongodb::bson::{Bson, Document, doc};
use rusqlite::Connection;
use secrecy::SecretString;
use tempfile::TempDir;

use super::mongo::fresh_database;
use super::services::services;

/// Where a store keeps its documents.
pub struct Place {
    folder: TempDir,
    /// `None`: it is the embedded one.
    pub database: Option<Database>,
}

impl Place {
    /// A handle of its own, as another process has it.
    pub async fn open(&self) -> Arc<dyn Store> {
        let (uri, database) = match &self.database {
            Some(database) => (services().mongo_uri.clone(), database.name()),
            None => (format!("{EMBEDDED_SCHEME}{}", self.file().display()), ""),
        };
        open(&SecretString::from(uri), database, Duration::from_secs(5))
            .await
            .expect("it opens")
    }

    pub fn file(&self) -> std::path::PathBuf {
        self.folder.path().join("store.sqlite")
    }

    /// Puts a document there as somebody would by hand, in place of an older one.
    pub async fn put(&self, collection: &str, id: &str, document: &Document) {
        let Some(database) = &self.database else {
            let json = Bson::Document(document.clone()).into_relaxed_extjson();
            let store = EmbeddedStore::open(&self.file()).expect("it opens");
            return store.put(collection, id, &json).expect("it is written");
        };
        let mut whole = doc! {"_id": id};
        whole.extend(document.clone());
        database
            .collection::<Document>(collection)
            .replace_one(doc! {"_id": id}, whole)
            .upsert(true)
            .await
            .expect("it is written");
    }

    /// The document as it lies there, as JSON.
    pub async fn get(&self, collection: &str, id: &str) -> serde_json::Value {
        let Some(database) = &self.database else {
            let file = Connection::open(self.file()).expect("it is there");
            let sql = format!("SELECT doc FROM \"{collection}\" WHERE _id = ?1");
            let doc: String = file.query_row(&sql, [id], |row| row.get(0)).expect("it is there");
            return serde_json::from_str(&doc).expect("it is JSON");
        };
        let found = database
            .collection::<Document>(collection)
            .find_one(doc! {"_id": id})
            .await;
        Bson::Document(found.expect("mongod answers").expect("it is there")).into_relaxed_extjson()
    }
}

/// A fresh store of each kind, with some documents in it that the store itself never writes.
pub async fn both(documents: &[(&str, &str, Document)]) -> Vec<(&'static str, Arc<dyn Store>, Place)> {
    let (client, name) = fresh_database().await;
    let mut stores = Vec::new();
    for (kind, database) in [("embedded", None), ("mongo", Some(client.database(&name)))] {
        let folder = tempfile::tempdir().expect("the machine has a temporary folder");
        let place = Place { folder, database };
        for (collection, id, document) in documents {
            place.put(collection, id, document).await;
        }
        stores.push((kind, place.open().await, place));
    }
    stores
}

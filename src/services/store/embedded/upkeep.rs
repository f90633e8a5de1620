//! The indexes on the code, the count of the codes and the traces of throw-away users, in SQLite.

use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::EmbeddedStore;
use super::tables::{is_taken, make_code_index};
use crate::domain::Class;
use crate::domain::checkup::{Census, Shared};
use crate::domain::code_index::{Index, Wanted};
use crate::services::Error;
use crate::services::store::journal::documents::stamp;
use crate::services::store::upkeep::{EXAMPLES, REHEARSAL, Upkeep, must_be_rehearsal};
use crate::services::store::{INTENTS, USERS, VERIFICATIONS, Written};

/// What tells the temporary index: it lets through whoever has a code, be it `null`, as MongoDB's does.
const HAS_CODE: &str = "json_type(doc, '$.code') IS NOT NULL";

#[async_trait]
impl Upkeep for EmbeddedStore {
    async fn code_indexes(&self) -> Result<Vec<Index>, Error> {
        self.run(|db| code_indexes(db)).await
    }

    async fn build_code_index(&self, which: Wanted) -> Result<(), Error> {
        let made = self
            .run(move |db| {
                let made = match which {
                    Wanted::Good => make_code_index(db, which.name()),
                    Wanted::Temporary => db
                        .execute(
                            &format!(
                                "CREATE UNIQUE INDEX IF NOT EXISTS {} ON users (json_extract(doc, '$.code')) WHERE {HAS_CODE}",
                                which.name()
                            ),
                            [],
                        )
                        .map(|_| ()),
                };
                match made {
                    Err(error) if is_taken(&error) => Ok(false),
                    other => other.map(|()| true),
                }
            })
            .await?;
        match made {
            true => Ok(()),
            false => Err(Error::new(
                "mongo",
                Class::Conflict,
                "There is no unique index on users.code, and none can be made: two users have the same code.",
                "Give one of them another code by hand first.",
            )),
        }
    }

    async fn drop_code_index(&self, name: &str) -> Result<Written, Error> {
        let name = name.to_string();
        self.run(move |db| {
            let sql = "SELECT COUNT(*) FROM sqlite_master WHERE type = 'index' AND tbl_name = 'users' AND name = ?1";
            let there: i64 = db.query_row(sql, [&name], |row| row.get(0))?;
            if there == 0 {
                return Ok(Written::Already);
            }
            drop_index(db, &name)?;
            Ok(Written::Done)
        })
        .await
    }

    async fn census(&self, prefix: &str) -> Result<Census, Error> {
        let begins = format!("{prefix}*");
        self.run(move |db| {
            let in_year: i64 = db.query_row(
                "SELECT COUNT(*) FROM users WHERE json_extract(doc, '$.code') GLOB ?1",
                [begins],
                |row| row.get(0),
            )?;
            let without: i64 = db.query_row(
                "SELECT COUNT(*) FROM users WHERE json_extract(doc, '$.code') IS NULL AND _id LIKE '_%|_%'",
                [],
                |row| row.get(0),
            )?;
            let mut groups = db.prepare(
                "SELECT COALESCE(json_extract(doc, '$.code'), 'null'), json_group_array(_id) FROM users
                 WHERE json_type(doc, '$.code') IS NOT NULL
                 GROUP BY 1 HAVING COUNT(*) > 1 ORDER BY COUNT(*) DESC, 1",
            )?;
            let groups = groups.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let groups: Vec<(String, String)> = groups.collect::<rusqlite::Result<_>>()?;
            let example = |(code, keys): &(String, String)| {
                let mut keys: Vec<String> = serde_json::from_str(keys).unwrap_or_default();
                keys.sort();
                keys.truncate(EXAMPLES);
                Shared {
                    code: code.clone(),
                    keys,
                }
            };
            Ok(Census {
                in_year: u64::try_from(in_year).unwrap_or_default(),
                without: u64::try_from(without).unwrap_or_default(),
                shared: groups.len() as u64,
                examples: groups.iter().take(EXAMPLES).map(example).collect(),
            })
        })
        .await
    }

    async fn old_intents(
        &self,
        before: Timestamp,
        most: usize,
    ) -> Result<Vec<(String, Option<Timestamp>)>, Error> {
        self.run(move |db| {
            // Moments are written in one form, in which text sorts as time does.
            let sql = format!(
                "SELECT _id, json_extract(doc, '$.at.$date') AS at FROM \"{INTENTS}\"
                 WHERE at IS NULL OR at < ?1 ORDER BY at, _id LIMIT ?2"
            );
            let mut found = db.prepare(&sql)?;
            let most = i64::try_from(most).unwrap_or(i64::MAX);
            let rows = found.query_map(params![stamp(before), most], |row| {
                let at: Option<String> = row.get(1)?;
                Ok((row.get(0)?, at.and_then(|at| at.parse().ok())))
            })?;
            rows.collect()
        })
        .await
    }

    async fn rehearsals(&self) -> Result<Vec<String>, Error> {
        self.run(|db| {
            let of = |table: &str| format!("SELECT _id FROM \"{table}\" WHERE _id GLOB ?1");
            let sql = format!(
                "{} UNION {} UNION {} ORDER BY 1",
                of(USERS),
                of(VERIFICATIONS),
                of(INTENTS)
            );
            let mut found = db.prepare(&sql)?;
            found
                .query_map([format!("{REHEARSAL}*")], |row| row.get(0))?
                .collect()
        })
        .await
    }

    async fn remove_rehearsal(&self, key: &str) -> Result<(), Error> {
        must_be_rehearsal(key)?;
        let key = key.to_string();
        self.run(move |db| {
            for table in [INTENTS, USERS, VERIFICATIONS] {
                db.execute(&format!("DELETE FROM \"{table}\" WHERE _id = ?1"), params![key])?;
            }
            Ok(())
        })
        .await
    }
}

/// All on the code, the oldest first.
pub fn code_indexes(db: &Connection) -> rusqlite::Result<Vec<Index>> {
    let sql = "SELECT name, sql FROM sqlite_master
         WHERE type = 'index' AND tbl_name = 'users' AND sql LIKE '%(json_extract(doc, ''$.code'')%' ORDER BY rowid";
    let mut found = db.prepare(sql)?;
    let rows = found.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.map(|row| row.map(|(name, sql): (String, String)| described(&name, &sql)))
        .collect()
}

fn drop_index(db: &Connection, name: &str) -> rusqlite::Result<()> {
    let quoted = name.replace('"', "\"\"");
    db.execute(&format!("DROP INDEX IF EXISTS \"{quoted}\""), [])
        .map(|_| ())
}

/// Makes the index on the code under this name, and drops all others; all of it, or nothing.
pub fn leave_one_code_index(db: &mut Connection, name: &str) -> rusqlite::Result<()> {
    let change = db.transaction()?;
    make_code_index(&change, name)?;
    for index in code_indexes(&change)? {
        if index.name != name {
            drop_index(&change, &index.name)?;
        }
    }
    change.commit()
}

fn described(name: &str, sql: &str) -> Index {
    let partial = sql.contains(HAS_CODE);
    Index {
        partial: partial.then(|| "{code: {$exists: true}}".into()),
        ..Index::on_code(
            name,
            sql.contains("UNIQUE"),
            !partial && sql.contains("IS NOT NULL"),
        )
    }
}

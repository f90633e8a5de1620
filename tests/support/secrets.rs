//! What the program must never show: the secrets of one town, and the look for them in everything that a run left behind.
//! Known ones are looked for as they are; invites and tokens by their form, so that also one that nobody kept is found.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bson::{Document, doc};
use futures_util::TryStreamExt;
use mongodb::Database;

use super::runtime;

/// Where the program writes for itself, and no secret belongs. The intents are for secrets.
const OURS: &str = "atriage-";
const INTENTS: &str = "atriage-intents";
/// A shorter one would be found in words that have nothing to do with it.
const SHORTEST: usize = 8;

/// A clone knows the same secrets.
#[derive(Clone, Debug)]
pub struct Secrets {
    db: Database,
    /// Each secret, and what it is.
    known: Arc<Mutex<BTreeMap<String, String>>>,
}

impl Secrets {
    pub fn new(db: Database) -> Self {
        Self {
            db,
            known: Arc::default(),
        }
    }

    /// One more, with what it is: a failure names it so, and does not show it.
    pub fn add(&self, secret: &str, what: &str) {
        if secret.len() < SHORTEST {
            return;
        }
        let mut known = self.known.lock().expect("nobody panics with it");
        let mut add = |form: String, what: String| {
            known.entry(form).or_insert(what);
        };
        if secret.contains(' ') {
            add(secret.replace(' ', "%20"), format!("{what}, as in an address"));
            add(secret.replace(' ', "+"), format!("{what}, as in a form"));
        }
        add(secret.to_owned(), what.to_owned());
    }

    /// A password that is sent with a user's name, also as it goes over the line.
    pub fn add_basic(&self, user: &str, password: &str, what: &str) {
        self.add(password, what);
        self.add(
            &BASE64_STANDARD.encode(format!("{user}:{password}")),
            &format!("{what}, in base64"),
        );
    }

    /// Fails where a secret stands in one of these texts, in a file of these folders, or in what the program keeps for
    /// itself in the database. `run` says whose they are.
    pub fn check(&self, run: &str, texts: &[(&str, &str)], folders: &[&Path]) {
        if let Some(leak) = self.leak(texts, folders) {
            panic!("{run} shows a secret: {leak}");
        }
    }

    /// What stands where it must not.
    pub fn leak(&self, texts: &[(&str, &str)], folders: &[&Path]) -> Option<String> {
        let kept = self.learn();
        let known = self.known.lock().expect("nobody panics with it");
        let found = |place: &str, text: &str| {
            let what = known
                .iter()
                .find(|(secret, _)| text.contains(secret.as_str()))
                .map(|(_, what)| what.as_str())
                .or_else(|| by_form(text))?;
            Some(format!("{what} in {place}"))
        };
        let mut files = Vec::new();
        for folder in folders {
            read(folder, &mut files);
        }
        texts
            .iter()
            .map(|(place, text)| (*place, *text))
            .chain(
                kept.iter()
                    .chain(&files)
                    .map(|(place, text)| (place.as_str(), text.as_str())),
            )
            .find_map(|(place, text)| found(place, text))
    }

    /// Learns the passwords and invites that stand in the database now, and returns the documents that the program keeps
    /// for itself: no secret belongs into those.
    pub fn learn(&self) -> Vec<(String, String)> {
        runtime().block_on(async {
            for user in all(&self.db, "users", doc! {"atproto.password": {"$exists": true}}).await {
                let password = user
                    .get_document("atproto")
                    .and_then(|account| account.get_str("password"));
                if let Ok(password) = password {
                    self.add(password, &format!("the password of {}", id(&user)));
                }
            }
            for intent in all(&self.db, INTENTS, doc! {}).await {
                for part in ["password", "invite"] {
                    if let Ok(secret) = intent.get_str(part) {
                        self.add(secret, &format!("the {part} of the intent of {}", id(&intent)));
                    }
                }
            }
            let names = self.db.list_collection_names().await.expect("mongod answers");
            let mut kept = Vec::new();
            for name in names
                .iter()
                .filter(|name| name.starts_with(OURS) && *name != INTENTS)
            {
                for document in all(&self.db, name, doc! {}).await {
                    kept.push((format!("{name} {}", id(&document)), document.to_string()));
                }
            }
            kept
        })
    }
}

/// Looks a run through, with the folder in which it keeps its state.
#[derive(Clone, Debug)]
pub struct Watch {
    pub secrets: Secrets,
    /// `atriage audit --deep`
    pub run: String,
    pub state: PathBuf,
}

impl Watch {
    /// Fails where a secret stands in what the run printed, in its home, or in what it keeps.
    pub fn check(&self, texts: &[(&str, &str)], home: Option<&Path>) {
        let folders: Vec<&Path> = [self.state.as_path()].into_iter().chain(home).collect();
        self.secrets.check(&self.run, texts, &folders);
    }
}

async fn all(db: &Database, collection: &str, filter: Document) -> Vec<Document> {
    let documents = db.collection::<Document>(collection);
    let cursor = documents.find(filter);
    // Of the users only what is asked for: a town may have thousands.
    let cursor = match collection {
        "users" => cursor.projection(doc! {"atproto.password": 1}),
        _ => cursor,
    };
    let cursor = cursor.await.expect("mongod answers");
    cursor.try_collect().await.expect("mongod answers")
}

fn id(document: &Document) -> String {
    document.get("_id").map(ToString::to_string).unwrap_or_default()
}

/// Every file below, with its path.
fn read(folder: &Path, files: &mut Vec<(String, String)>) {
    // Another run of the same town may remove a file in this moment.
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            read(&path, files);
        } else if let Ok(bytes) = std::fs::read(&path) {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            files.push((path.display().to_string(), text));
        }
    }
}

/// Secrets that are known by their form, whoever made them.
pub fn by_form(text: &str) -> Option<&'static str> {
    const INVITE: &str = "at-aesthetic-computer-";
    let invite = text.match_indices(INVITE).any(|(at, _)| {
        let rest = &text.as_bytes()[at + INVITE.len()..];
        rest.len() >= 11
            && rest[5] == b'-'
            && rest[..5]
                .iter()
                .chain(&rest[6..11])
                .all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7'))
    });
    if invite {
        return Some("an invite of the PDS");
    }
    // Two parts of a JWT, each the base64 of a JSON object: Auth0's tokens, and the PDS's sessions.
    let token = text.match_indices("eyJ").any(|(at, _)| {
        let rest = text[at..].split_once('.');
        rest.is_some_and(|(head, rest)| {
            rest.starts_with("eyJ")
                && head
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        })
    });
    token.then_some("a token")
}

//! How the documents of the journal look, for both stores: the serde form of our values as JSON, with each time as
//! `{"$date": …}`, which MongoDB takes for a date of its own and the embedded store keeps as it is.

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::{HISTORY, JOBS, JobChange, Listed, RUNS};
use crate::domain::Class;
use crate::domain::run::{JobState, Move, Run};
use crate::domain::trail::{Phase, TrailEntry};
use crate::services::Error;

/// The fields that hold a time, wherever they stand.
const TIMES: [&str; 8] = [
    "at",
    "created_at",
    "ended_at",
    "updated_at",
    "next_try",
    "lease_until",
    "until",
    "since",
];

/// How `state` reads in a job that has not ended.
pub const OPEN: [&str; 3] = ["queued", "running", "waiting"];
/// How `outcome` reads in a job that came to no good.
pub const FAILED: [&str; 2] = ["failed", "refused"];

pub fn job_id(run: &str, key: &str) -> String {
    format!("{run}/{key}")
}

/// Both entries of a deed have their own, so that one which is written twice, since no answer came, stands once.
pub fn entry_id(entry: &TrailEntry) -> String {
    let phase = match entry.phase {
        Phase::Before => "before",
        Phase::After { .. } => "after",
    };
    format!("{}/{phase}", entry.deed)
}

/// A fixed width, so that dates compare as text; milliseconds, since MongoDB has no more.
pub fn stamp(at: Timestamp) -> String {
    format!("{at:.3}")
}

pub fn date(at: Timestamp) -> Value {
    json!({"$date": stamp(at)})
}

/// The fields of a value of ours.
pub fn encode(value: &impl Serialize) -> Map<String, Value> {
    fields(json!(value))
}

/// Reads a document of a collection.
///
/// # Errors
/// `Internal` where it is not of our form. The sentence names the collection and the run, and no value besides: serde's
/// own words would.
pub fn decode<T: DeserializeOwned>(collection: &str, doc: Value) -> Result<T, Error> {
    let run = run_of(collection, &doc).map(String::from);
    serde_json::from_value(undated(doc)).map_err(|_| unreadable(collection, run.as_deref()))
}

pub fn unreadable(collection: &str, run: Option<&str>) -> Error {
    let run = run.map(|run| format!(" of run {run}")).unwrap_or_default();
    Error::new(
        "mongo",
        Class::Internal,
        format!("A document{run} in {collection} cannot be read."),
        "It was edited, or a newer atriage wrote it: mend it there, or remove it.",
    )
}

pub fn listed<T: DeserializeOwned>(collection: &str, docs: Vec<Value>) -> Listed<T> {
    let mut listed = Listed::default();
    for doc in docs {
        match decode(collection, doc) {
            Ok(value) => listed.found.push(value),
            Err(error) => listed.unreadable.push(error),
        }
    }
    listed
}

/// Whether a run that is to be written is the one that stands there already: ids are drawn by chance.
pub fn same_run(run: &Run, standing: &Run) -> Result<(), Error> {
    let mark = |run: &Run| (stamp(run.created_at), run.operator.clone(), run.host.clone());
    if mark(run) == mark(standing) {
        return Ok(());
    }
    Err(Error::new(
        "mongo",
        Class::Conflict,
        "There is another run with the id of this one.",
        "Start it again: it is given another id.",
    ))
}

pub fn no_job(run: &str) -> Error {
    Error::new(
        "mongo",
        Class::NotFound,
        format!("A job of run {run} is not in {JOBS} any more."),
        "Somebody removed it there.",
    )
}

/// What changes in a run.
pub fn run_change(step: &Move) -> Map<String, Value> {
    let ended_at = (!step.to.is_open()).then_some(step.at);
    fields(json!({"state": step.to, "pause": step.pause, "ended_at": ended_at}))
}

/// What changes in a job that begins, besides its steps and the number of its attempts.
pub fn job_begun(owner: &str, lease_until: Timestamp, at: Timestamp) -> Map<String, Value> {
    fields(json!({
        "state": JobState::Running,
        "owner": owner,
        "lease_until": lease_until,
        "next_try": null,
        "error": null,
        "updated_at": at,
    }))
}

pub fn job_change(change: &JobChange) -> Map<String, Value> {
    fields(json!({
        "state": change.state,
        "outcome": change.outcome,
        "lease_until": null,
        "next_try": change.next_try,
        "error": change.error,
        "updated_at": change.at,
    }))
}

/// Who holds the lease that a document describes, and until when. One without either is nobody's.
pub fn holder(doc: &Value) -> Option<(String, Timestamp)> {
    let owner = doc["owner"].as_str()?.to_string();
    Some((owner, moment(doc["until"].as_object()?)?))
}

/// The run that a document belongs to, where it looks like one: anything may stand there.
pub fn run_of<'a>(collection: &str, doc: &'a Value) -> Option<&'a str> {
    let id = doc["_id"].as_str();
    let run = match collection {
        RUNS => id,
        JOBS => doc["run"].as_str().or_else(|| id?.split('/').next()),
        HISTORY => doc["run"].as_str(),
        _ => None,
    };
    run.filter(|run| run.len() <= 32 && run.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn fields(value: Value) -> Map<String, Value> {
    match dated(value) {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

fn dated(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let one = |(name, value): (String, Value)| {
                let time = TIMES.contains(&name.as_str());
                let at: Option<Timestamp> =
                    value.as_str().filter(|_| time).and_then(|text| text.parse().ok());
                (name, at.map_or_else(|| dated(value), date))
            };
            fields.into_iter().map(one).collect()
        }
        Value::Array(values) => values.into_iter().map(dated).collect(),
        other => other,
    }
}

/// Takes dates of any precision, and times that stand there as a text.
fn undated(value: Value) -> Value {
    match value {
        Value::Object(fields) => match moment(&fields) {
            Some(at) => json!(at),
            None => fields
                .into_iter()
                .map(|(name, value)| (name, undated(value)))
                .collect(),
        },
        Value::Array(values) => values.into_iter().map(undated).collect(),
        other => other,
    }
}

/// The moment of a `{"$date": …}`; long ones are numbers in BSON's JSON.
fn moment(fields: &Map<String, Value>) -> Option<Timestamp> {
    let date = fields.get("$date")?;
    let millis = || date["$numberLong"].as_str()?.parse().ok();
    date.as_str()
        .and_then(|text| text.parse().ok())
        .or_else(|| Timestamp::from_millisecond(millis()?).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_become_dates_wherever_they_stand_and_nothing_else_does() {
        let value = json!({
            "at": "2025-10-14T10:00:00.123456Z",
            "reason": "2025-10-14T10:00:00Z",
            "until": null,
            "steps": [{"at": "2025-10-14T10:00:00Z", "detail": "2025-10-14T10:00:00Z"}],
            "pause": {"at": "soon"},
        });
        let expected = json!({
            "at": {"$date": "2025-10-14T10:00:00.123Z"},
            "reason": "2025-10-14T10:00:00Z",
            "until": null,
            "steps": [{"at": {"$date": "2025-10-14T10:00:00.000Z"}, "detail": "2025-10-14T10:00:00Z"}],
            "pause": {"at": "soon"},
        });
        assert_eq!(Value::Object(encode(&value)), expected);
        let read: Value = decode(
            RUNS,
            json!({"at": {"$date": {"$numberLong": "-1"}}, "list": [1, "x"]}),
        )
        .unwrap();
        assert_eq!(read, json!({"at": "1969-12-31T23:59:59.999Z", "list": [1, "x"]}));
    }

    #[test]
    fn an_unreadable_document_is_named_by_its_run_and_no_other_word_of_it() {
        for (collection, doc, run) in [
            (RUNS, json!({"_id": "7f3a0000"}), Some("7f3a0000")),
            (RUNS, json!({"_id": "mira@example.com"}), None),
            (RUNS, json!({"_id": 5}), None),
            (JOBS, json!({"_id": "7f3a0000/auth0|1"}), Some("7f3a0000")),
            (JOBS, json!({"_id": "auth0|1"}), None),
            (
                HISTORY,
                json!({"_id": "x/before", "run": "7f3a0000"}),
                Some("7f3a0000"),
            ),
            (HISTORY, json!(null), None),
        ] {
            let error = decode::<Run>(collection, doc).unwrap_err();
            let run = run.map(|run| format!(" of run {run}")).unwrap_or_default();
            assert_eq!(
                error.what,
                format!("A document{run} in {collection} cannot be read.")
            );
        }
    }
}

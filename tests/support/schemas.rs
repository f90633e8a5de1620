//! Holds what the program prints as JSON against the schemas in `assets/schema/`. Every run of the program that any test
//! makes comes through here.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::LazyLock;

use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::{Value, json};

/// The folder with a file for each answer.
pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("assets/schema")
}

/// The schemas, stricter than they are published: a field that they do not name is a fault too.
struct Strict {
    schemas: Schemas,
    by_name: BTreeMap<String, SchemaIndex>,
    /// By name: the field whose items are the lines of NDJSON.
    rows: BTreeMap<String, String>,
}

static STRICT: LazyLock<Strict> = LazyLock::new(|| {
    let mut strict = Strict {
        schemas: Schemas::new(),
        by_name: BTreeMap::new(),
        rows: BTreeMap::new(),
    };
    let mut compiler = Compiler::new();
    for entry in std::fs::read_dir(folder()).expect("the schemas are in the repository") {
        let path = entry.expect("the folder can be read").path();
        let name = path
            .file_stem()
            .expect("it has a name")
            .to_string_lossy()
            .into_owned();
        let text = std::fs::read_to_string(&path).expect("it can be read");
        let mut schema: Value = serde_json::from_str(&text).expect("it is JSON");
        if let Some(rows) = schema["x-rows"].as_str() {
            strict.rows.insert(name.clone(), rows.to_owned());
        }
        close(&mut schema);
        let address = format!("schema:///{name}.json");
        compiler.add_resource(&address, schema).expect("it is a schema");
        let index = compiler.compile(&address, &mut strict.schemas);
        strict.by_name.insert(name, index.expect("it is a sound schema"));
    }
    strict
});

/// Every object with named fields has no others.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            if map.contains_key("properties") {
                map.entry("additionalProperties").or_insert(json!(false));
            }
            map.values_mut().for_each(close);
        }
        Value::Array(all) => all.iter_mut().for_each(close),
        _ => {}
    }
}

/// Checks what a run printed, where it was asked for JSON. `None`: it was not.
///
/// # Panics
/// What it printed is not JSON alone, or not as its schema says.
pub fn check(args: &[String], stdout: &str) -> Option<&'static str> {
    let lines = match format(args)? {
        "json" => false,
        "ndjson" => true,
        _ => return None,
    };
    let name = name(args);
    let told = |error: &dyn std::fmt::Display| -> ! {
        panic!("atriage {}: {name}.json: {error:#}\n{stdout}", args.join(" "))
    };
    let read = |text: &str| -> Value { serde_json::from_str(text).unwrap_or_else(|error| told(&error)) };
    let mut values: Vec<Value> = match lines {
        true => stdout.lines().map(read).collect(),
        false => vec![read(stdout)],
    };
    let last = values.pop().unwrap_or_else(|| told(&"nothing was printed"));
    let is_error = last
        .as_object()
        .is_some_and(|object| object.len() == 1 && object.contains_key("error"));
    let name = if is_error { "error" } else { name };
    let strict = &*STRICT;
    let fits = |value: &Value, name: &str| {
        let Some(index) = strict.by_name.get(name) else {
            told(&"there is no such schema")
        };
        if let Err(error) = strict.schemas.validate(value, *index) {
            told(&format_args!("{error:#}"));
        }
    };
    if lines && name == "audit" {
        // Its lines are of several kinds.
        values
            .iter()
            .chain([&last])
            .for_each(|line| fits(line, "audit-line"));
        return Some("answer");
    }
    let mut whole = last;
    if lines && !is_error {
        let rows = strict.rows.get(name).unwrap_or_else(|| told(&"it has no rows"));
        whole[rows] = Value::Array(values);
    }
    fits(&whole, name);
    Some(if is_error { "error" } else { "answer" })
}

/// What `-o` says.
fn format(args: &[String]) -> Option<&str> {
    args.iter().enumerate().find_map(|(at, arg)| match arg.as_str() {
        "-o" | "--output" => args.get(at + 1).map(String::as_str),
        joined => joined
            .strip_prefix("--output=")
            .or_else(|| joined.strip_prefix("-o")),
    })
}

/// The schema of the answer of a command.
fn name(args: &[String]) -> &'static str {
    let has = |word: &str| args.iter().any(|arg| arg == word);
    let named = [
        ("runs", "show", "run"),
        ("runs", "cancel", "run"),
        ("runs", "resume", "backfill"),
        ("runs", "", "runs"),
        ("audit", "", "audit"),
        ("backfill", "", "backfill"),
        ("history", "", "history"),
        ("sandbox", "", "sandbox"),
        ("diagnose", "", "diagnose"),
        ("check-config", "", "check-config"),
        ("doctor", "", "check-config"),
        ("watch", "", "watch"),
        ("alert-test", "", "alert-test"),
        ("report", "", "report"),
    ];
    let found = named
        .iter()
        .find(|(command, sub, _)| has(command) && (sub.is_empty() || has(sub)));
    // Whatever cannot be read as a command ends by an error.
    found.map_or("error", |(_, _, name)| name)
}

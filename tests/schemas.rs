//! The schemas in `assets/schema/` are those of the types, and notice what does not fit. That every answer of every test
//! fits is checked where the program is run (`support::schemas`).

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::schemas::{check, folder};

/// Says to write the files anew.
const WRITE: &str = "ATRIAGE_WRITE_SCHEMAS";

#[test]
fn the_files_are_those_of_the_types() {
    let write = std::env::var_os(WRITE).is_some();
    let mut names = BTreeSet::new();
    for (name, schema) in atriage::commands::schemas() {
        let file = folder().join(format!("{name}.json"));
        let text = serde_json::to_string_pretty(&schema).expect("a schema is JSON") + "\n";
        if write {
            std::fs::write(&file, &text).expect("the folder can be written");
        }
        let found = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(
            found == text,
            "{} is another one: {WRITE}=1 cargo test schemas:: writes it anew",
            file.display()
        );
        names.insert(format!("{name}.json"));
    }
    let files = std::fs::read_dir(folder()).expect("the folder is there");
    let files: BTreeSet<String> = files
        .map(|entry| {
            entry
                .expect("it can be read")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    assert_eq!(files, names, "a file that no answer has");
}

fn words(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}

const NOTHING: &str = r#"{"schema": 1, "deeds": []}"#;
const ERROR: &str = r#"{"error": {"class": "usage", "advice": "look", "message": "m", "hint": "h"}}"#;

#[test]
fn an_answer_that_fits_passes() {
    assert_eq!(check(&words("history -o json"), NOTHING), Some("answer"));
    assert_eq!(
        check(&words("history --output=ndjson"), r#"{"schema": 1}"#),
        Some("answer")
    );
    assert_eq!(check(&words("history -o json"), ERROR), Some("error"));
    assert_eq!(check(&words("history"), "a table"), None);
}

#[test]
fn an_answer_that_does_not_fit_is_noticed() {
    let wrong = |args: &str, stdout: &str| {
        let (args, stdout) = (words(args), stdout.to_owned());
        let told = std::panic::catch_unwind(|| check(&args, &stdout)).expect_err("it does not fit");
        told.downcast_ref::<String>().expect("a sentence").clone()
    };
    assert!(wrong("history -o json", "hello").contains("expected value"));
    assert!(wrong("history -o json", &format!("{NOTHING}\nand more")).contains("trailing"));
    assert!(wrong("history -o json", r#"{"schema": 1}"#).contains("deeds"));
    let more = NOTHING.replace("[]", "[], \"more\": 1");
    assert!(wrong("history -o json", &more).contains("more"));
    let class = ERROR.replace("usage", "strange");
    assert!(wrong("history -o json", &class).contains("class"));
    assert!(wrong("history -o ndjson", "{\"at\": 1}\n{\"schema\": 1}").contains("deeds"));
}

/// Scripts rely on these: whoever reads the file learns what a word means.
#[test]
fn every_field_of_an_answer_has_a_type() {
    for (name, schema) in atriage::commands::schemas() {
        let value = serde_json::to_value(&schema).expect("a schema is JSON");
        assert!(!untyped(&value), "{name}: a field may be anything");
    }
}

/// Whether a named field is described by nothing at all.
fn untyped(schema: &Value) -> bool {
    match schema {
        Value::Object(map) => map.iter().any(|(key, value)| match (key.as_str(), value) {
            ("properties", Value::Object(fields)) => fields
                .values()
                .any(|field| *field == Value::Bool(true) || untyped(field)),
            _ => untyped(value),
        }),
        Value::Array(all) => all.iter().any(untyped),
        _ => false,
    }
}

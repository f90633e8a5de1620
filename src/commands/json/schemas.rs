//! The JSON schema of every answer, generated from its type. `assets/schema/` keeps them, and a test holds those files
//! and what the program really prints against them.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};

use super::super::output::Answer;
use super::{
    AlertTestView, AuditAnswer, AuditLine, BackfillView, ChecksView, DiagnoseView, ErrorView, HistoryView,
    ReportView, RunWithUsersView, RunsView, VariablesView, WatchView,
};

/// Each answer's schema (JSON Schema 2020-12), by the name of its file. `x-rows` names the list whose items are
/// the lines of NDJSON; the last line is the answer without that list.
pub fn schemas() -> Vec<(&'static str, Schema)> {
    vec![
        ("alert-test", answer::<AlertTestView>()),
        ("audit", of::<AuditAnswer>()),
        ("audit-line", of::<AuditLine>()),
        ("backfill", answer::<BackfillView>()),
        ("check-config", answer::<ChecksView>()),
        ("diagnose", answer::<DiagnoseView>()),
        ("error", of::<ErrorView>()),
        ("history", answer::<HistoryView>()),
        ("report", answer::<ReportView>()),
        ("run", answer::<RunWithUsersView>()),
        ("runs", answer::<RunsView>()),
        ("sandbox", answer::<VariablesView>()),
        ("watch", answer::<WatchView>()),
    ]
}

fn answer<T: Answer + JsonSchema>() -> Schema {
    let mut schema = of::<T>();
    schema.insert("x-rows".into(), T::ROWS.into());
    schema
}

fn of<T: JsonSchema>() -> Schema {
    SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<T>()
}

//! The JSON of `report`, and its rows: a user each.

use serde::Serialize;

use super::super::output::{Answer, Sheet};
use super::super::report::markdown;
use crate::domain::incident::Incident;
use crate::domain::look::Look;

#[derive(Serialize, schemars::JsonSchema)]
pub struct ReportView {
    pub schema: u32,
    #[serde(flatten)]
    pub incident: Incident,
}

impl Answer for ReportView {
    const ROWS: &'static str = "users";

    fn sheet(&self) -> Sheet {
        let mut sheet = Sheet::new(&[
            "tenant",
            "sub",
            "email",
            "created_at",
            "before",
            "wrong_before",
            "steps",
            "run",
            "outcome",
            "class",
            "error",
            "now",
            "wrong_now",
        ]);
        for user in &self.incident.users {
            let error = user.error.as_ref();
            let before = user.before.as_ref();
            let steps: Vec<&str> = user.steps.iter().map(|step| step.name()).collect();
            sheet.row([
                user.tenant.clone(),
                user.sub.clone(),
                user.email.clone().unwrap_or_default(),
                user.created_at.map(|at| at.to_string()).unwrap_or_default(),
                before
                    .map(|look| look.verdict.word().to_string())
                    .unwrap_or_default(),
                before.map(findings).unwrap_or_default(),
                steps.join(" "),
                user.run.clone().unwrap_or_default(),
                user.outcome
                    .map(|outcome| outcome.word().to_string())
                    .unwrap_or_default(),
                error
                    .map(|error| error.class.word().to_string())
                    .unwrap_or_default(),
                error.map(|error| error.message.clone()).unwrap_or_default(),
                user.now.verdict.word().to_string(),
                findings(&user.now),
            ]);
        }
        sheet
    }

    /// The report itself.
    fn markdown(&self) -> String {
        markdown(&self.incident)
    }
}

fn findings(look: &Look) -> String {
    let names: Vec<&str> = look.findings.iter().map(|id| id.name()).collect();
    names.join(" ")
}

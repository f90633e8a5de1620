//! The rows of each answer, for spreadsheets and tickets.

use jiff::Timestamp;

use super::super::output::{Answer, Sheet, escaped};
use super::{
    BackfillView, HistoryView, PlannedChangeView, RunWithUsersView, RunsView, UserView, VariablesView,
};
use crate::domain::plan::spoken;

impl Answer for BackfillView {
    const ROWS: &'static str = "users";

    fn sheet(&self) -> Sheet {
        users(&self.users, true)
    }

    /// A list of what the plans change stands below the table, whose cells have no room for it.
    fn markdown(&self) -> String {
        let table = users(&self.users, false).markdown();
        let changed = self.users.iter().filter(|user| !user.changes.is_empty());
        let lists: Vec<String> = changed.map(changes_of).collect();
        match lists.is_empty() {
            true => table,
            false => format!("{table}\nWhat the plans change:\n\n{}", lists.concat()),
        }
    }
}

fn changes_of(user: &UserView) -> String {
    let lines = user
        .changes
        .iter()
        .map(|change| format!("  - {}: {}\n", change.step.name(), escaped(&change.spoken())));
    let who = format!("- {} {}\n", escaped(&user.tenant), escaped(&user.sub));
    std::iter::once(who).chain(lines).collect()
}

impl Answer for RunWithUsersView {
    const ROWS: &'static str = "users";

    fn sheet(&self) -> Sheet {
        users(&self.users, false)
    }
}

impl Answer for RunsView {
    const ROWS: &'static str = "runs";

    fn sheet(&self) -> Sheet {
        let mut sheet = Sheet::new(&[
            "run",
            "created_at",
            "ended_at",
            "state",
            "tenant",
            "done",
            "nothing",
            "failed",
            "refused",
            "cancelled",
            "left",
            "operator",
            "host",
            "reason",
        ]);
        for run in &self.runs {
            let totals = run.totals;
            sheet.row([
                run.run.clone(),
                run.created_at.to_string(),
                moment(run.ended_at),
                run.state.to_string(),
                run.tenant.clone(),
                totals.done.to_string(),
                totals.nothing.to_string(),
                totals.failed.to_string(),
                totals.refused.to_string(),
                totals.cancelled.to_string(),
                run.left.to_string(),
                run.operator.clone(),
                run.host.clone(),
                run.reason.clone().unwrap_or_default(),
            ]);
        }
        sheet
    }
}

impl Answer for HistoryView {
    const ROWS: &'static str = "deeds";

    fn sheet(&self) -> Sheet {
        let mut sheet = Sheet::new(&[
            "at", "tenant", "sub", "step", "outcome", "changes", "operator", "host", "run", "reason", "error",
        ]);
        for deed in &self.deeds {
            sheet.row([
                deed.at.to_string(),
                deed.tenant.clone(),
                deed.sub.clone(),
                deed.step.name().to_string(),
                deed.outcome
                    .map(|outcome| outcome.word().to_string())
                    .unwrap_or_default(),
                deed.told.join("; "),
                deed.operator.clone(),
                deed.host.clone(),
                deed.run.clone(),
                deed.reason.clone().unwrap_or_default(),
                deed.error.clone().unwrap_or_default(),
            ]);
        }
        sheet
    }
}

impl Answer for VariablesView {
    const ROWS: &'static str = "variables";

    fn sheet(&self) -> Sheet {
        let mut sheet = Sheet::new(&["name", "value"]);
        for variable in &self.variables {
            sheet.row([variable.name.clone(), variable.value.clone()]);
        }
        sheet
    }
}

/// `changes`: with a last column of what the plans change.
fn users(users: &[UserView], changes: bool) -> Sheet {
    let header = [
        "tenant", "sub", "outcome", "plan", "replaces", "steps", "left", "class", "advice", "error", "hint",
        "changes",
    ];
    let columns = header.len() - usize::from(!changes);
    let mut sheet = Sheet::new(&header[..columns]);
    for user in users {
        let error = |field: fn(&crate::domain::Problem) -> &str| {
            user.error.as_ref().map(field).unwrap_or_default().to_string()
        };
        let steps = user.steps.iter();
        let steps = steps.map(|report| format!("{} {}", report.step.name(), report.outcome.word()));
        let told = user.changes.iter().map(PlannedChangeView::spoken);
        let cells = [
            user.tenant.clone(),
            user.sub.clone(),
            user.outcome
                .map(|outcome| outcome.word().to_string())
                .unwrap_or_default(),
            spoken(&user.plan),
            user.replaces.clone().unwrap_or_default(),
            steps.collect::<Vec<_>>().join("; "),
            user.left.join("; "),
            error(|problem| problem.class.word()),
            error(|problem| problem.advice.word()),
            error(|problem| &problem.message),
            error(|problem| &problem.hint),
            told.collect::<Vec<_>>().join("; "),
        ];
        sheet.row(cells.into_iter().take(columns));
    }
    sheet
}

fn moment(at: Option<Timestamp>) -> String {
    at.map(|at| at.to_string()).unwrap_or_default()
}

//! `atriage history`: the audit trail, for one user, one run or everybody.

use super::args::{Global, HistoryArgs};
use super::json::{DeedView, HistoryView, SCHEMA};
use super::output::Output;
use super::setup::open;
use super::{Failure, Status};
use crate::audit::who::who;
use crate::domain::StepOutcome;
use crate::domain::text::clean;
use crate::domain::trail::{Deed, deeds};
use crate::provisioning::runs::find;
use crate::services::store::journal::TrailFilter;

pub async fn run(global: &Global, args: HistoryArgs, output: &Output) -> Result<Status, Failure> {
    let setup = open(global, output).await?;
    let store = setup.backends.store.as_ref();
    let key = match &args.user {
        Some(word) => {
            let (tenant, sub) = who(&setup.backends, &args.tenant, word).await?;
            Some(setup.backends.naming(&tenant)?.key(&sub))
        }
        None => None,
    };
    let run = match &args.run {
        Some(id) => Some(find(store, id).await?.id),
        None => None,
    };
    let filter = TrailFilter {
        key,
        run,
        since: args.since,
    };
    let limit = usize::from(args.limit);
    // Each step has two entries, and those that changed nothing are left out below.
    let told = store.trail(&filter, limit.saturating_mul(4)).await?;
    output.unreadable(&told.unreadable);
    let mut deeds = deeds(told.found);
    deeds.truncate(limit);
    let views: Vec<DeedView> = deeds
        .iter()
        .map(|deed| DeedView::new(deed, output.unmask))
        .collect();
    if output.is_json() {
        output.json(&HistoryView {
            schema: SCHEMA,
            deeds: views,
        });
        return Ok(Status::Good);
    }
    if deeds.is_empty() {
        output.data("Nothing was changed by atriage so far.");
        return Ok(Status::Good);
    }
    let lines: Vec<String> = deeds
        .iter()
        .zip(&views)
        .map(|(deed, view)| lines(deed, view))
        .collect();
    output.data(&lines.join("\n"));
    Ok(Status::Good)
}

fn lines(deed: &Deed, view: &DeedView) -> String {
    let outcome = match deed.outcome {
        Some(StepOutcome::Done) => "✓ done",
        Some(StepOutcome::Already) => "· already",
        Some(StepOutcome::Failed) => "✗ failed",
        None => "? began, and was never heard of again",
    };
    let mut lines = vec![format!(
        "{:.0}  {}  {}  {}  {outcome}  by {}@{}  run {}",
        deed.at,
        deed.tenant,
        clean(&deed.sub),
        deed.step.name(),
        clean(&deed.operator),
        clean(&deed.host),
        deed.run
    )];
    lines.extend(
        deed.reason
            .iter()
            .map(|reason| format!("    why: {}", clean(reason))),
    );
    lines.extend(view.changes.iter().map(|change| {
        let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "–".into());
        format!(
            "    {}: {} → {}",
            change.field,
            shown(&change.before),
            shown(&change.after)
        )
    }));
    lines.extend(view.error.iter().map(|error| format!("    {error}")));
    lines.join("\n")
}

//! `atriage history`: the audit trail, for one user, one run or everybody.

use clap::Args;
use jiff::Timestamp;

use super::args::{Global, since};
use super::json::{DeedView, HistoryView, SCHEMA};
use super::output::Output;
use super::setup::open;
use super::{Failure, Status};
use crate::audit::who::who;
use crate::domain::StepOutcome;
use crate::domain::text::clean;
use crate::domain::trail::{Deed, deeds};
use crate::provisioning::runs::find;
use crate::services::store::Store;
use crate::services::store::journal::TrailFilter;

#[derive(Args)]
#[command(
    after_help = "Examples:\n  atriage history                  the newest changes\n  atriage history @handle          what was done to one user\n  atriage history --run 7f3a -o json"
)]
pub struct HistoryArgs {
    /// An Auth0 sub, an e-mail, @handle, a user code or a DID [default: everybody]
    pub user: Option<String>,
    /// The tenant in which an e-mail or a sub is looked for, or both
    #[arg(long, value_name = "TENANT", requires = "user", default_value = "aesthetic")]
    pub tenant: String,
    /// Only what this run did
    #[arg(long, value_name = "ID")]
    pub run: Option<String>,
    /// Only since then: 7d, 2h, 90m, or a date such as 2025-10-01
    #[arg(long, value_name = "WHEN", value_parser = since)]
    pub since: Option<Timestamp>,
    /// How many changes at most
    #[arg(long, value_name = "N", default_value = "50", value_parser = clap::value_parser!(u16).range(1..=10_000))]
    pub limit: u16,
}

pub async fn run(global: &Global, args: HistoryArgs, output: &Output) -> Result<Status, Failure> {
    let setup = open(global).await?;
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
    let mut deeds = newest(store, &filter, limit, output).await?;
    deeds.truncate(limit);
    let views: Vec<DeedView> = deeds
        .iter()
        .map(|deed| DeedView::new(deed, output.unmask))
        .collect();
    let view = HistoryView {
        schema: SCHEMA,
        deeds: views,
    };
    output.print(&view, || {
        let lines: Vec<String> = deeds
            .iter()
            .zip(&view.deeds)
            .map(|(deed, view)| lines(deed, view))
            .collect();
        match lines.is_empty() {
            true if filter == TrailFilter::default() => "Nothing was changed by atriage so far.".into(),
            true => "Of that nothing was changed by atriage.".into(),
            false => lines.join("\n"),
        }
    });
    Ok(Status::Good)
}

/// So many deeds or more, or all that there are. Each has two entries, and those that changed nothing are left out: how
/// many entries that takes, only reading them tells.
async fn newest(
    store: &dyn Store,
    filter: &TrailFilter,
    limit: usize,
    output: &Output,
) -> Result<Vec<Deed>, Failure> {
    let mut entries = limit.saturating_mul(4);
    loop {
        let told = store.trail(filter, entries).await?;
        let all = told.found.len() + told.unreadable.len() < entries;
        let found = deeds(told.found);
        if all || found.len() >= limit {
            output.unreadable(&told.unreadable);
            return Ok(found);
        }
        entries = entries.saturating_mul(4);
    }
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
    lines.extend(view.told.iter().map(|told| format!("    {told}")));
    lines.extend(view.error.iter().map(|error| format!("    {error}")));
    lines.join("\n")
}

//! What may be behind a finding that many share: asked only when there is one.

use crate::domain::Diagnosis;
use crate::domain::diagnose;
use crate::domain::observed::Observed;
use crate::domain::run::{Run, RunState};
use crate::domain::signup::Signup;
use crate::domain::tally::{Evidence, Streaks, streaks};
use crate::services::observe::Backends;

/// How far back a run that stopped by itself is looked for.
const RECENT: usize = 20;
/// What a run is called that is about several tenants.
const BOTH: &str = "both";

/// The evidence about what signups of a tenant, or of `both`, share; nothing is asked where they share nothing. What does
/// not answer stays unknown.
pub async fn evidence(backends: &Backends, tenant: &str, streaks: &Streaks) -> Evidence {
    if !streaks.is_any() {
        return Evidence::default();
    }
    let (index, runs) = tokio::join!(backends.store.code_index(), backends.store.runs(RECENT));
    let runs = runs.map(|runs| runs.found).unwrap_or_default();
    // What stopped a run on other people says nothing about these.
    let concerns = |run: &Run| tenant == BOTH || run.tenant == BOTH || run.tenant == tenant;
    let stopped = runs
        .into_iter()
        .find(|run| run.state == RunState::Paused && concerns(run));
    Evidence {
        code_index: index.map(Observed::found).unwrap_or_default(),
        stopped: stopped.and_then(|run| Some((run.id, run.pause?))),
    }
}

/// The same for signups that are not diagnosed yet.
pub async fn evidence_of(backends: &Backends, tenant: &str, signups: &[Signup]) -> Evidence {
    let diagnoses: Vec<Diagnosis> = signups.iter().map(diagnose).collect();
    evidence(backends, tenant, &streaks(signups.iter().zip(&diagnoses))).await
}

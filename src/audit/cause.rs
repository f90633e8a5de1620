//! What may be behind a finding that many share: asked only when there is one.

use crate::domain::observed::Observed;
use crate::domain::run::RunState;
use crate::domain::signup::Signup;
use crate::domain::tally::{Evidence, systemic};
use crate::domain::{Diagnosis, diagnose};
use crate::services::observe::Backends;

/// How far back a run that stopped by itself is looked for.
const RECENT: usize = 20;

/// The evidence about what these signups share; nothing is asked where they share nothing. What does not answer stays
/// unknown.
pub async fn evidence<'a>(
    backends: &Backends,
    rows: impl IntoIterator<Item = (&'a Signup, &'a Diagnosis)>,
) -> Evidence {
    if systemic(rows, &Evidence::default()).is_empty() {
        return Evidence::default();
    }
    gathered(backends).await
}

/// The evidence, for whoever knows already that something is shared.
pub async fn gathered(backends: &Backends) -> Evidence {
    let (index, runs) = tokio::join!(backends.store.code_index(), backends.store.runs(RECENT));
    let runs = runs.map(|runs| runs.found).unwrap_or_default();
    let stopped = runs.into_iter().find(|run| run.state == RunState::Paused);
    Evidence {
        code_index: index.map(Observed::found).unwrap_or_default(),
        stopped: stopped.and_then(|run| Some((run.id, run.pause?))),
    }
}

/// The same for signups that are not diagnosed yet.
pub async fn evidence_of(backends: &Backends, signups: &[Signup]) -> Evidence {
    let diagnoses: Vec<Diagnosis> = signups.iter().map(diagnose).collect();
    evidence(backends, signups.iter().zip(&diagnoses)).await
}

//! What may be behind a finding that many share: asked only when there is one.

use jiff::Timestamp;

use super::checkup::failures;
use crate::domain::accident::Looked;
use crate::domain::observed::Observed;
use crate::domain::run::{Pause, Run, RunState};
use crate::domain::signup::Signup;
use crate::domain::tally::{Evidence, Streaks, streaks};
use crate::domain::{Diagnosis, Problem, diagnose};
use crate::services::observe::Backends;

/// How far back a run that stopped by itself is looked for.
const RECENT: usize = 20;

/// The evidence about what signups of a tenant, or of `both`, share; nothing is asked where they share nothing. What does
/// not answer stays unknown.
pub async fn evidence(backends: &Backends, tenant: &str, streaks: &Streaks) -> Evidence {
    if !streaks.is_any() {
        return Evidence::default();
    }
    asked(backends, tenant).await
}

async fn asked(backends: &Backends, tenant: &str) -> Evidence {
    let (indexes, runs) = tokio::join!(backends.store.code_indexes(), backends.store.runs(RECENT));
    Evidence {
        code_indexes: indexes.ok(),
        stopped: match runs {
            Ok(runs) => Observed::found(newest_stopped(runs.found, tenant)),
            Err(error) => Observed::Unreadable(error.what.clone()),
        },
    }
}

/// What explains an accident of a tenant, or of `both`, asked anew: the indexes, the runs that stopped, what the newest runs failed by.
pub async fn look(backends: &Backends, tenant: &str) -> Looked {
    let store = backends.store.as_ref();
    let (indexes, runs, failures) =
        tokio::join!(store.code_indexes(), store.runs(RECENT), failures(store, tenant));
    Looked {
        tenant: tenant.to_string(),
        at: Timestamp::now(),
        indexes: indexes.map_err(Problem::from),
        stopped: runs
            .map(|runs| newest_stopped(runs.found, tenant))
            .map_err(Problem::from),
        failures: failures.map_err(Problem::from),
    }
}

/// What stopped a run on other people says nothing about these.
fn newest_stopped(runs: Vec<Run>, tenant: &str) -> Option<(String, Pause)> {
    let stopped = runs
        .into_iter()
        .find(|run| run.state == RunState::Paused && run.concerns(tenant));
    stopped.and_then(|run| Some((run.id, run.pause?)))
}

/// The same for signups that are not diagnosed yet and a screen that stays open: the index is looked at even where nobody is
/// broken by it, for the next one may be.
pub async fn standing_evidence(backends: &Backends, tenant: &str, signups: &[Signup]) -> Evidence {
    let diagnoses: Vec<Diagnosis> = signups.iter().map(diagnose).collect();
    if streaks(signups.iter().zip(&diagnoses)).is_any() {
        return asked(backends, tenant).await;
    }
    Evidence {
        code_indexes: backends.store.code_indexes().await.ok(),
        stopped: Observed::Unknown,
    }
}

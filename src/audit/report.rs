//! A whole audit of one tenant as a value: what the commands print, and what their exit status follows from.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::cause::evidence;
use super::orphans::observe_orphans;
use super::page::{Depth, observe_page};
use crate::domain::filter::Filter;
use crate::domain::signup::Signup;
use crate::domain::tally::{Systemic, Totals, systemic};
use crate::domain::{Diagnosis, diagnose};
use crate::services::Error;
use crate::services::auth0::Range;
use crate::services::health::{Liveness, ServiceHealth};
use crate::services::observe::Backends;

/// What to audit.
#[derive(Debug, Clone, Copy, Default)]
pub struct Scope {
    /// How many of the newest signups; `None`: all of the range.
    pub limit: Option<usize>,
    pub since: Option<Timestamp>,
    pub depth: Depth,
    pub orphans: bool,
}

/// What an audit found.
pub struct Report {
    pub tenant: String,
    pub checked_at: Timestamp,
    pub took: Duration,
    pub rows: Vec<(Signup, Diagnosis)>,
    pub orphans: Vec<(Signup, Diagnosis)>,
    /// What many of the rows share, be they left out afterwards.
    systemic: Vec<Systemic>,
    /// How many there were before a filter left some out.
    narrowed_from: Option<usize>,
    /// Auth0 of this tenant, mongo, pds, plc.
    pub sources: Vec<ServiceHealth>,
}

impl Report {
    pub fn totals(&self) -> Totals {
        Totals::of(
            self.rows
                .iter()
                .chain(&self.orphans)
                .map(|(_, diagnosis)| diagnosis),
        )
    }

    pub fn systemic(&self) -> Vec<Systemic> {
        self.systemic.clone()
    }

    /// Leaves out whom a filter does not let through. One that lets everybody through changes nothing.
    pub fn narrow(&mut self, filter: &Filter) {
        if filter.is_empty() {
            return;
        }
        self.narrowed_from = Some(self.rows.len() + self.orphans.len());
        let now = self.checked_at;
        for rows in [&mut self.rows, &mut self.orphans] {
            rows.retain(|(signup, diagnosis)| filter.matches(signup, diagnosis, now));
        }
    }

    /// `12 of 50 match`, where a filter was held against them.
    pub fn matching(&self) -> Option<String> {
        let all = self.narrowed_from?;
        Some(format!("{} of {all} match", self.rows.len() + self.orphans.len()))
    }

    /// The backends that were asked and did not answer.
    pub fn outages(&self) -> impl Iterator<Item = &ServiceHealth> {
        self.sources
            .iter()
            .filter(|source| matches!(source.liveness, Liveness::Down | Liveness::Limited))
    }
}

/// Audits a tenant. `progress` is told how many signups were checked so far.
///
/// # Errors
/// Where Auth0 cannot be listed, or the database is another one. Backends that fail otherwise leave their facts unknown.
pub async fn audit(
    backends: &Backends,
    tenant: &str,
    scope: Scope,
    mut progress: impl FnMut(usize),
) -> Result<Report, Error> {
    let started = Instant::now();
    let before = backends.health();
    let mut walk = backends.auth0(tenant)?.walk(Range {
        from: scope.since,
        to: None,
    });
    let mut rows: Vec<(Signup, Diagnosis)> = Vec::new();
    let limit = scope.limit.unwrap_or(usize::MAX);
    while rows.len() < limit {
        let Some(mut users) = walk.next(limit - rows.len()).await? else {
            break;
        };
        users.truncate(limit - rows.len());
        let signups = observe_page(backends, tenant, users, scope.depth, |_, _| {}).await?;
        rows.extend(diagnosed(signups));
        progress(rows.len());
    }
    let mut orphans = Vec::new();
    if scope.orphans {
        let oldest = rows.iter().filter_map(|(signup, _)| signup.created_at()).min();
        let since = scope
            .since
            .or(oldest.filter(|_| !walk.is_at_end()))
            .unwrap_or(Timestamp::UNIX_EPOCH);
        let listed: HashSet<String> = rows.iter().map(|(signup, _)| signup.sub.clone()).collect();
        orphans =
            diagnosed(observe_orphans(backends, tenant, since, &listed, scope.depth, usize::MAX).await?)
                .collect();
    }
    let ours = |health: &ServiceHealth| health.tenant.is_empty() || health.tenant == tenant;
    let sources = backends
        .health()
        .into_iter()
        .zip(&before)
        .filter(|(now, _)| ours(now))
        .map(|(now, before)| {
            // A call that failed left something unknown, though a later one succeeded.
            let failed = now.failures > before.failures && now.liveness == Liveness::Up;
            ServiceHealth {
                liveness: if failed { Liveness::Down } else { now.liveness },
                ..now
            }
        });
    let shared = rows.iter().map(|(signup, diagnosis)| (signup, diagnosis));
    let evidence = evidence(backends, shared).await;
    let shared = rows.iter().map(|(signup, diagnosis)| (signup, diagnosis));
    let systemic = systemic(shared, &evidence);
    Ok(Report {
        systemic,
        narrowed_from: None,
        tenant: tenant.to_string(),
        checked_at: Timestamp::now(),
        took: started.elapsed(),
        rows,
        orphans,
        sources: sources.collect(),
    })
}

fn diagnosed(signups: Vec<Signup>) -> impl Iterator<Item = (Signup, Diagnosis)> {
    signups.into_iter().map(|signup| {
        let diagnosis = diagnose(&signup);
        (signup, diagnosis)
    })
}

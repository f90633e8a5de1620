//! An audit of one tenant, page by page: what a page told is counted and forgotten, so that a whole tenant costs no more
//! memory than its newest hundred. What the commands print, and what their exit status follows from.

use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::cause::evidence;
use super::emails::{Emails, SharedEmail};
use super::orphans::{Listed, observe_orphans};
use super::page::{Depth, observe_page};
use crate::domain::filter::Filter;
use crate::domain::signup::Signup;
use crate::domain::tally::{Case, Streaks, Systemic, Totals};
use crate::domain::{Diagnosis, Problem, Verdict, diagnose};
use crate::services::Error;
use crate::services::auth0::Range;
use crate::services::health::{Liveness, ServiceHealth};
use crate::services::observe::Backends;

/// What to audit.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// How many of the newest signups; `None`: all of the range.
    pub limit: Option<usize>,
    pub since: Option<Timestamp>,
    pub depth: Depth,
    pub orphans: bool,
    /// Whom it does not let through is neither told nor counted; what the newest share is looked for in all.
    pub filter: Filter,
}

/// A signup and what its facts mean.
pub type Row = (Signup, Diagnosis);

/// What a running audit tells.
pub enum Part<'a> {
    /// The next signups, newest first: at most 100.
    Signups {
        rows: &'a [Row],
        /// How many were looked at with these, and how many there will be, as far as that is known.
        done: usize,
        of: Option<usize>,
    },
    /// Records whose Auth0 user is gone: at most 100.
    Orphans(&'a [Row]),
}

/// What an audit found, but for the rows that it told.
pub struct Summary {
    pub tenant: String,
    pub checked_at: Timestamp,
    pub took: Duration,
    pub totals: Totals,
    /// How many were looked at; more than were counted, where a filter left some out.
    pub looked_at: usize,
    /// What many of the signups share.
    pub systemic: Option<Systemic>,
    /// Whose rows lack a `duplicate-email`, since whom they share it with came later. Whoever was counted is counted as broken.
    pub shared_emails: Vec<SharedEmail>,
    /// Auth0 of this tenant, mongo, pds, plc.
    pub sources: Vec<ServiceHealth>,
    /// Why it ended early: then rows are missing.
    pub broke_off: Option<Problem>,
}

impl Summary {
    /// Of a tenant that could not be asked at all.
    pub fn unlisted(tenant: &str, problem: Problem) -> Self {
        Self {
            tenant: tenant.to_string(),
            checked_at: Timestamp::now(),
            took: Duration::ZERO,
            totals: Totals::default(),
            looked_at: 0,
            systemic: None,
            shared_emails: Vec::new(),
            sources: Vec::new(),
            broke_off: Some(problem),
        }
    }

    /// `12 of 50 match`, where a filter left some out.
    pub fn matching(&self) -> Option<String> {
        let (checked, all) = (self.totals.checked, self.looked_at);
        (checked < all).then(|| format!("{checked} of {all} match"))
    }

    /// The backends that were asked and did not answer.
    pub fn outages(&self) -> impl Iterator<Item = &ServiceHealth> {
        self.sources
            .iter()
            .filter(|source| matches!(source.liveness, Liveness::Down | Liveness::Limited))
    }
}

/// Audits a tenant, and tells what it finds as it finds it.
///
/// # Errors
/// Where nothing could be told: Auth0 cannot be listed, or the database is another one. What fails later ends the audit
/// early, and the summary says so. Backends that fail otherwise leave their facts unknown.
pub async fn audit(
    backends: &Backends,
    tenant: &str,
    scope: Scope,
    tell: impl FnMut(Part<'_>),
) -> Result<Summary, Error> {
    let started = Instant::now();
    let before = backends.health();
    let mut audit = Audit {
        backends,
        tenant,
        scope,
        tell,
        totals: Totals::default(),
        looked_at: 0,
        streaks: Streaks::default(),
        emails: Emails::default(),
        listed: Listed::default(),
    };
    let broke_off = match audit.walk().await {
        Err(error) if audit.looked_at == 0 => return Err(error),
        Err(error) => Some(error.problem()),
        Ok(()) => None,
    };
    let Audit {
        totals,
        looked_at,
        streaks,
        emails,
        ..
    } = audit;
    let sources = sources(backends, tenant, &before);
    let systemic = streaks.systemic(&evidence(backends, tenant, &streaks).await);
    Ok(Summary {
        tenant: tenant.to_string(),
        checked_at: Timestamp::now(),
        took: started.elapsed(),
        totals,
        looked_at,
        systemic,
        shared_emails: emails.into_shared(),
        sources,
        broke_off,
    })
}

/// An audit under way: the counts, and no row.
struct Audit<'a, T> {
    backends: &'a Backends,
    tenant: &'a str,
    scope: Scope,
    tell: T,
    totals: Totals,
    looked_at: usize,
    streaks: Streaks,
    emails: Emails,
    /// Filled only where orphans are looked for.
    listed: Listed,
}

impl<T: FnMut(Part<'_>)> Audit<'_, T> {
    async fn walk(&mut self) -> Result<(), Error> {
        let range = Range {
            from: self.scope.since,
            to: None,
        };
        let mut walk = self.backends.auth0(self.tenant)?.walk(range);
        let limit = self.scope.limit.unwrap_or(usize::MAX);
        let (mut oldest, mut whole) = (None, false);
        while self.looked_at < limit {
            let left = limit - self.looked_at;
            let Some(mut users) = walk.next(left).await? else {
                whole = true;
                break;
            };
            whole = walk.is_at_end() && users.len() <= left;
            users.truncate(left);
            oldest = users.last().map(|user| user.created_at);
            if self.scope.orphans {
                self.listed.add(&users);
            }
            let depth = self.scope.depth;
            let signups = observe_page(self.backends, self.tenant, users, depth, |_, _| {}).await?;
            let all = walk.total().and_then(|total| usize::try_from(total).ok());
            self.signups(signups, all.map(|all| all.min(limit)));
        }
        if self.scope.orphans {
            let since = if whole { self.scope.since } else { oldest };
            self.orphans(since).await?;
        }
        Ok(())
    }

    fn signups(&mut self, mut signups: Vec<Signup>, of: Option<usize>) {
        self.emails.mark(&mut signups);
        let mut rows = diagnosed(signups);
        self.looked_at += rows.len();
        for (signup, diagnosis) in &rows {
            if let Some(case) = Case::of(signup, diagnosis) {
                self.streaks.count(&case);
            }
        }
        let now = Timestamp::now();
        rows.retain(|(signup, diagnosis)| {
            let told = self.scope.filter.matches(signup, diagnosis, now);
            if told {
                self.totals.count(diagnosis.verdict());
            }
            if let Some(was) = self.emails.meet(signup, diagnosis, told) {
                self.totals.correct(was, Verdict::Broken);
            }
            told
        });
        (self.tell)(Part::Signups {
            rows: &rows,
            done: self.looked_at,
            of,
        });
    }

    async fn orphans(&mut self, since: Option<Timestamp>) -> Result<(), Error> {
        let (totals, looked_at, tell) = (&mut self.totals, &mut self.looked_at, &mut self.tell);
        let filter = &self.scope.filter;
        let told = |signups| {
            let mut rows = diagnosed(signups);
            *looked_at += rows.len();
            narrow(&mut rows, filter);
            for (_, diagnosis) in &rows {
                totals.count(diagnosis.verdict());
            }
            tell(Part::Orphans(&rows));
        };
        let (listed, depth) = (&self.listed, self.scope.depth);
        observe_orphans(self.backends, self.tenant, since, listed, depth, usize::MAX, told).await
    }
}

/// Leaves out whom the filter does not let through.
fn narrow(rows: &mut Vec<Row>, filter: &Filter) {
    let now = Timestamp::now();
    rows.retain(|(signup, diagnosis)| filter.matches(signup, diagnosis, now));
}

fn diagnosed(signups: Vec<Signup>) -> Vec<Row> {
    let diagnosed = signups.into_iter().map(|signup| {
        let diagnosis = diagnose(&signup);
        (signup, diagnosis)
    });
    diagnosed.collect()
}

/// How the backends of this tenant did since then.
fn sources(backends: &Backends, tenant: &str, before: &[ServiceHealth]) -> Vec<ServiceHealth> {
    let ours = |health: &ServiceHealth| health.tenant.is_empty() || health.tenant == tenant;
    let both = backends.health().into_iter().zip(before);
    both.filter(|(now, _)| ours(now))
        .map(|(now, before)| {
            // A call that failed left something unknown, though a later one succeeded.
            let failed = now.failures > before.failures && now.liveness == Liveness::Up;
            ServiceHealth {
                liveness: if failed { Liveness::Down } else { now.liveness },
                ..now
            }
        })
        .collect()
}

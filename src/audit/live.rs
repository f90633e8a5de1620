//! An audit that tells its rows as they come, for the dashboard.

use jiff::Timestamp;

use super::cause::standing_evidence;
use super::orphans::{Listed, observe_orphans};
use super::page::{Depth, observe_page};
use super::{AuditNews, Stage};
use crate::domain::tally::Evidence;
use crate::domain::{Problem, Signup};
use crate::services::Error;
use crate::services::auth0::Range;
use crate::services::observe::Backends;

/// The dashboard asks the PLC directory too: its answers are cached, so that a refresh costs nothing.
const DEPTH: Depth = Depth {
    plc: true,
    passwords: false,
};

/// How many records without a listed user are looked into at each refresh.
const ORPHANS: usize = 20;

/// How many older signups are loaded at once.
const OLDER: usize = 50;

/// Audits the newest signups of a tenant, with the orphans among them.
pub async fn refresh(backends: &Backends, tenant: &str, limit: usize, mut tell: impl FnMut(AuditNews)) {
    tell(AuditNews::Started {
        tenant: tenant.to_string(),
    });
    match newest(backends, tenant, limit, &mut tell).await {
        Ok(read) => {
            tell(AuditNews::Finished {
                tenant: tenant.to_string(),
                at: Timestamp::now(),
                whole_tenant: read.whole_tenant,
                evidence: Some(Box::new(read.evidence)),
                orphans_unknown: read.orphans_unknown,
            });
        }
        Err(error) => tell(AuditNews::Failed {
            tenant: tenant.to_string(),
            problem: error.problem(),
        }),
    }
}

/// What is told once the newest signups were read.
struct Read {
    whole_tenant: bool,
    evidence: Evidence,
    orphans_unknown: Option<Problem>,
}

async fn newest(
    backends: &Backends,
    tenant: &str,
    limit: usize,
    tell: &mut impl FnMut(AuditNews),
) -> Result<Read, Error> {
    let mut walk = backends.auth0(tenant)?.walk(Range::default());
    let mut read = Vec::new();
    let mut listed = Listed::default();
    let mut oldest = None;
    while listed.len() < limit {
        let Some(mut users) = walk.next(limit - listed.len()).await? else {
            break;
        };
        users.truncate(limit - listed.len());
        listed.add(&users);
        oldest = users.last().map(|user| user.created_at).or(oldest);
        let page = observe_page(backends, tenant, users, DEPTH, |stage, signups| {
            tell(rows(tenant, stage, signups))
        });
        read.extend(page.await?);
    }
    let whole_tenant = walk.is_at_end() && listed.len() < limit;
    let since = oldest.filter(|_| !whole_tenant);
    let told = |signups: Vec<Signup>| tell(rows(tenant, Stage::Complete, &signups));
    // Orphans are an addition: where they cannot be told, the list is still complete.
    let orphans = observe_orphans(backends, tenant, since, &listed, DEPTH, ORPHANS, told).await;
    Ok(Read {
        whole_tenant,
        evidence: standing_evidence(backends, tenant, &read).await,
        orphans_unknown: orphans.err().map(|error| error.problem()),
    })
}

/// Reads a page of signups that are older than a moment: for the first time, or again.
pub async fn older(backends: &Backends, tenant: &str, before: Timestamp, mut tell: impl FnMut(AuditNews)) {
    tell(AuditNews::Started {
        tenant: tenant.to_string(),
    });
    let told = match page_before(backends, tenant, before, &mut tell).await {
        Ok(whole_tenant) => AuditNews::Finished {
            tenant: tenant.to_string(),
            at: Timestamp::now(),
            whole_tenant,
            evidence: None,
            orphans_unknown: None,
        },
        Err(error) => AuditNews::Failed {
            tenant: tenant.to_string(),
            problem: error.problem(),
        },
    };
    tell(told);
}

async fn page_before(
    backends: &Backends,
    tenant: &str,
    before: Timestamp,
    tell: &mut impl FnMut(AuditNews),
) -> Result<bool, Error> {
    let mut walk = backends.auth0(tenant)?.walk(Range {
        from: None,
        to: Some(before),
    });
    // Where many share that very moment, one page may not come past it.
    while let Some(users) = walk.next(OLDER).await? {
        let comes_past = users.last().is_some_and(|user| user.created_at < before);
        observe_page(backends, tenant, users, DEPTH, |stage, signups| {
            tell(rows(tenant, stage, signups))
        })
        .await?;
        if comes_past {
            break;
        }
    }
    Ok(walk.is_at_end())
}

fn rows(tenant: &str, stage: Stage, signups: &[Signup]) -> AuditNews {
    AuditNews::Rows {
        tenant: tenant.to_string(),
        stage,
        signups: signups.to_vec(),
    }
}

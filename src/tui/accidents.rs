//! What concerns more than one user right now, as the screen goes through it: a service that is down, a tenant that cannot
//! be listed, a run that stopped, jobs that all wait, a finding that many share. Each is explained by `domain::accident`.

use crate::domain::accident::{
    Explained, Failed, Known, Looked, Source, Standing, Way, of_shared, of_source, of_stopped, of_the_index,
    of_unlisted, of_waiting,
};
use crate::domain::checkup::{Failures, Service};
use crate::domain::code_index::Index;
use crate::domain::plan::Step;
use crate::domain::run::{BOTH, Pause};
use crate::domain::spread::{Spread, spread};
use crate::domain::tally::{Case, Systemic, hindrance, is_of_the_code};
use crate::domain::{FindingId, Problem};
use crate::services::health::{Liveness, ServiceHealth};

use super::job::Job;
use super::runs::Holding;
use super::state::{Row, RowId, State};

/// Which of them: it stays the same while its numbers change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Topic {
    /// By its name, and the tenant whose it is.
    Service(&'static str, String),
    /// By the tenant.
    Unlisted(String),
    /// By the run's id.
    Stopped(String),
    Waiting,
    /// By the tenant.
    Shared(String, FindingId),
    /// The index on the code, once nobody lately is broken by it.
    Index,
}

/// All of them, what keeps the others from being mended first.
pub fn topics(state: &State) -> Vec<Topic> {
    let mut topics = Vec::new();
    let down = |health: &&ServiceHealth| problem_of(state, health).is_some();
    for health in state.health.iter().filter(down) {
        topics.push(Topic::Service(health.name, health.tenant.clone()));
    }
    let unlisted = state.chosen().iter();
    let unlisted = unlisted.filter(|tenant| unlisted_for(state, tenant).is_some());
    topics.extend(unlisted.cloned().map(Topic::Unlisted));
    topics.extend(stopped_runs(state).map(|(run, _)| Topic::Stopped(run.to_string())));
    if holding(state).is_some() {
        topics.push(Topic::Waiting);
    }
    let shared = state.tally.systemic.iter();
    topics.extend(shared.map(|(tenant, found)| Topic::Shared(tenant.clone(), found.finding)));
    topics.extend(standing_index(state).map(|_| Topic::Index));
    topics
}

/// What is wrong with a backend that is down and concerns the tenants that are shown.
fn problem_of<'a>(state: &State, health: &'a ServiceHealth) -> Option<&'a Problem> {
    let concerns = health.tenant.is_empty() || state.is_chosen(&health.tenant);
    let down = concerns && health.liveness == Liveness::Down;
    health.problem.as_ref().filter(|_| down)
}

/// Why a tenant cannot be listed: a budget that is used up or another database than ours may be what it is, not only its
/// Auth0. Where a backend that is down says the same, its page tells it already.
fn unlisted_for<'a>(state: &'a State, tenant: &str) -> Option<&'a Problem> {
    let failure = state.walks.get(tenant)?.failure.as_ref()?;
    let mut down = state.health.iter().filter_map(|health| problem_of(state, health));
    let is_told = down.any(|problem| problem.message == failure.message);
    (!is_told).then_some(failure)
}

/// About whom an explanation asks: what stopped a run on other people says nothing about it.
pub fn whose(state: &State, topic: &Topic) -> String {
    match (topic, state.chosen()) {
        (Topic::Shared(tenant, _) | Topic::Unlisted(tenant), _) => tenant.clone(),
        (_, [one]) => one.clone(),
        _ => BOTH.into(),
    }
}

/// Those of this session, the newest first, then those of before.
pub fn stopped_runs(state: &State) -> impl Iterator<Item = (&str, &Pause)> {
    let here = state.jobs.runs().iter().rev();
    let here = here.filter_map(|run| Some((run.id.as_deref()?, run.pause.as_ref()?)));
    let before = state.offers.iter();
    let all = here.chain(before.filter_map(|offer| Some((offer.run.as_str(), offer.pause.as_ref()?))));
    all.filter(|(run, _)| !state.is_cancelling(run))
}

/// The indexes on the code, where the site's code stumbles over them, and no finding says so already.
pub fn standing_index(state: &State) -> Option<&[Index]> {
    let mut shared = state.tally.systemic.iter();
    if shared.any(|(_, found)| is_of_the_code(found.finding)) {
        return None;
    }
    let walks = state.chosen().iter().map(|tenant| &state.walks[tenant]);
    let mut seen = walks.filter_map(|walk| walk.evidence.code_indexes.as_deref());
    seen.find(|indexes| hindrance(indexes).is_some())
}

pub fn holding(state: &State) -> Option<&Holding> {
    state.jobs.runs().iter().find_map(|run| run.holding.as_ref())
}

/// The finding that many signups of a tenant share, while they do.
pub fn shared<'a>(state: &'a State, tenant: &str, finding: FindingId) -> Option<&'a Systemic> {
    let mut all = state.tally.systemic.iter();
    let found = all.find(|(whose, found)| whose == tenant && found.finding == finding);
    found.map(|(_, found)| found)
}

/// Who has a shared finding, counted over all rows: made with the tally, not anew with each frame.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Affected {
    /// How many are shown.
    pub shown: usize,
    /// How many have it whom the filter hides.
    pub hidden: usize,
    pub spread: Spread,
}

/// Counts them. `state.shown` is as it stays.
pub fn count(state: &State, tenant: &str, found: &Systemic) -> Affected {
    let has = |(id, row): (&RowId, &Row)| {
        let mut findings = row.diagnosis.findings.iter();
        id.tenant == tenant && findings.any(|one| one.id == found.finding)
    };
    let all = state.rows.iter().filter(|row| has(*row)).count();
    let shown = affected(state, tenant, found.finding).count();
    let spread = found.since.map(|since| {
        let rows = state.rows.iter().filter(|(id, _)| id.tenant == tenant);
        let cases = rows.filter_map(|(_, row)| Case::of(&row.signup, &row.diagnosis));
        spread(found.finding, since, cases)
    });
    Affected {
        shown,
        hidden: all.saturating_sub(shown),
        spread: spread.unwrap_or_default(),
    }
}

/// Who has it among those that are shown.
pub fn affected<'a>(state: &'a State, tenant: &str, finding: FindingId) -> impl Iterator<Item = &'a RowId> {
    state.shown.iter().filter(move |id| {
        let row = state.rows.get(*id).filter(|_| id.tenant == tenant);
        row.is_some_and(|row| row.diagnosis.findings.iter().any(|one| one.id == finding))
    })
}

/// What was counted of a topic; `None` where it is about no finding, or is over.
pub fn counted<'a>(state: &'a State, topic: &Topic) -> Option<&'a Affected> {
    let Topic::Shared(tenant, finding) = topic else {
        return None;
    };
    let mut all = state.tally.systemic.iter().zip(&state.tally.affected);
    let found = all.find(|((whose, found), _)| whose == tenant && found.finding == *finding);
    found.map(|(_, affected)| affected)
}

/// `None` once it is over.
pub fn explain(state: &State, topic: &Topic) -> Option<Explained> {
    let sources: Vec<Source> = state
        .health
        .iter()
        .filter(|health| match topic {
            Topic::Shared(tenant, _) | Topic::Unlisted(tenant) => {
                health.tenant.is_empty() || health.tenant == *tenant
            }
            _ => health.tenant.is_empty() || state.is_chosen(&health.tenant),
        })
        .map(|health| source(state, health))
        .collect();
    let here = failed_here(state, &whose(state, topic));
    let known = Known {
        looked: looked(state, topic),
        sources: &sources,
        here: &here,
    };
    match topic {
        Topic::Service(name, tenant) => {
            let source = sources
                .iter()
                .find(|source| source.service.name == *name && source.service.tenant == *tenant)?;
            let problem = source.service.problem.as_ref()?;
            (source.standing == Standing::Fails).then(|| of_source(&source.service, problem, known))
        }
        Topic::Unlisted(tenant) => Some(of_unlisted(unlisted_for(state, tenant)?, known)),
        Topic::Stopped(run) => {
            let (_, pause) = stopped_runs(state).find(|(id, _)| id == run)?;
            Some(of_stopped(run, pause, known))
        }
        Topic::Waiting => Some(of_waiting(&holding(state)?.why, known)),
        Topic::Shared(tenant, finding) => Some(of_shared(shared(state, tenant, *finding)?, known)),
        Topic::Index => of_the_index(standing_index(state)?, known),
    }
}

/// Whether the way out leads over the repair of the index on the code; while that is being asked, whether it may.
pub fn leads_to_the_index(state: &State, topic: &Topic) -> bool {
    if looked(state, topic).is_some() {
        let told = explain(state, topic);
        return told.is_some_and(|told| told.way_out.iter().any(|way| matches!(way, Way::MendIndex(_))));
    }
    match topic {
        Topic::Index => true,
        Topic::Shared(_, finding) => is_of_the_code(*finding),
        Topic::Stopped(run) => stopped_runs(state)
            .any(|(id, pause)| id == run && pause.signature.step == Some(Step::EnsureCodeIndex)),
        Topic::Service(..) | Topic::Unlisted(_) | Topic::Waiting => false,
    }
}

/// What was asked about the topic when the screen was opened, and is there already.
pub fn looked<'a>(state: &'a State, topic: &Topic) -> Option<&'a Looked> {
    let looked = state.looked.as_ref().filter(|_| state.looking.is_none())?;
    (looked.tenant == whose(state, topic)).then_some(looked)
}

fn source(state: &State, health: &ServiceHealth) -> Source {
    let fails = problem_of(state, health);
    let standing = match health.liveness {
        _ if fails.is_some() => Standing::Fails,
        Liveness::Unasked | Liveness::Down => Standing::Unasked,
        Liveness::Up => Standing::Answers(health.latency.map(|latency| latency.as_millis())),
        Liveness::Limited => Standing::Limited,
    };
    Source {
        service: Service {
            name: health.name,
            tenant: health.tenant.clone(),
            problem: fails.or(health.problem.as_ref()).cloned(),
        },
        standing,
    }
}

/// What the jobs of this session on users of a tenant, or of `both`, failed by, most users first.
fn failed_here(state: &State, tenant: &str) -> Vec<Failed> {
    let mut kinds: Vec<Failed> = Vec::new();
    let concerns = |job: &&Job| tenant == BOTH || job.target.tenant == tenant;
    for job in state.jobs.all().filter(concerns) {
        let (Some(signature), Some(problem)) = (job.signature(), job.error.as_ref()) else {
            continue;
        };
        let known = kinds.iter_mut().find(|kind| kind.failures.signature == signature);
        match known {
            Some(kind) => kind.failures.users += 1,
            None => kinds.push(Failed {
                class: problem.class,
                failures: Failures {
                    signature,
                    hint: problem.hint.clone(),
                    users: 1,
                    run: state.jobs.run_of(&job.id()).unwrap_or_default().to_string(),
                },
            }),
        }
    }
    kinds.sort_by_key(|kind| std::cmp::Reverse(kind.failures.users));
    kinds
}

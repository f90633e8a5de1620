//! What concerns more than one user right now, as the screen goes through it: a service that is down, a run that stopped,
//! jobs that all wait, a finding that many share. Each is explained by `domain::accident`.

use crate::domain::accident::{
    Explained, Failed, Known, Looked, Source, Standing, of_shared, of_source, of_stopped, of_waiting,
};
use crate::domain::checkup::{Failures, Service};
use crate::domain::run::Pause;
use crate::domain::spread::{Spread, spread};
use crate::domain::tally::{Case, Systemic};
use crate::domain::{FindingId, Problem};
use crate::services::health::{Liveness, ServiceHealth};

use super::runs::Holding;
use super::state::{RowId, State};

/// Which of them: it stays the same while its numbers change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Topic {
    /// By its name, and the tenant whose it is.
    Service(&'static str, String),
    /// By the run's id.
    Stopped(String),
    Waiting,
    /// By the tenant.
    Shared(String, FindingId),
}

/// All of them, what keeps the others from being mended first.
pub fn topics(state: &State) -> Vec<Topic> {
    let mut topics = Vec::new();
    let down = |health: &&ServiceHealth| problem_of(state, health).is_some();
    for health in state.health.iter().filter(down) {
        topics.push(Topic::Service(health.name, health.tenant.clone()));
    }
    topics.extend(stopped_runs(state).map(|(run, _)| Topic::Stopped(run.to_string())));
    if holding(state).is_some() {
        topics.push(Topic::Waiting);
    }
    let shared = state.tally.systemic.iter();
    topics.extend(shared.map(|(tenant, found)| Topic::Shared(tenant.clone(), found.finding)));
    topics
}

/// What is wrong with a backend that concerns the tenants that are shown. Of an Auth0 that cannot be listed, that.
pub fn problem_of<'a>(state: &'a State, health: &'a ServiceHealth) -> Option<&'a Problem> {
    let concerns = health.tenant.is_empty() || state.is_chosen(&health.tenant);
    let walk = state.walks.get(&health.tenant);
    let unlisted = walk.and_then(|walk| walk.failure.as_ref());
    let down = health
        .problem
        .as_ref()
        .filter(|_| health.liveness == Liveness::Down);
    unlisted.or(down).filter(|_| concerns)
}

/// Those of this session, the newest first, then those of before.
pub fn stopped_runs(state: &State) -> impl Iterator<Item = (&str, &Pause)> {
    let here = state.jobs.runs().iter().rev();
    let here = here.filter_map(|run| Some((run.id.as_deref()?, run.pause.as_ref()?)));
    let before = state.offers.iter();
    here.chain(before.filter_map(|offer| Some((offer.run.as_str(), offer.pause.as_ref()?))))
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

/// Who has it among those that are shown, and how many have it whom the filter hides.
pub fn affected(state: &State, topic: &Topic) -> (Vec<RowId>, usize) {
    let Topic::Shared(tenant, finding) = topic else {
        return (Vec::new(), 0);
    };
    let has = |id: &&RowId| {
        let found = state
            .rows
            .get(*id)
            .map(|row| row.diagnosis.findings.iter().any(|one| one.id == *finding));
        id.tenant == *tenant && found == Some(true)
    };
    let shown: Vec<RowId> = state.shown.iter().filter(has).cloned().collect();
    let all = state.rows.keys().filter(has).count();
    let hidden = all - shown.len();
    (shown, hidden)
}

pub fn spread_of(state: &State, tenant: &str, found: &Systemic) -> Spread {
    let Some(since) = found.since else {
        return Spread::default();
    };
    let rows = state.rows.iter().filter(|(id, _)| id.tenant == tenant);
    let cases = rows.filter_map(|(_, row)| Case::of(&row.signup, &row.diagnosis));
    spread(found.finding, since, cases)
}

/// `None` once it is over.
pub fn explain(state: &State, topic: &Topic) -> Option<Explained> {
    let sources: Vec<Source> = state
        .health
        .iter()
        .filter(|health| match topic {
            Topic::Shared(tenant, _) => health.tenant.is_empty() || health.tenant == *tenant,
            _ => health.tenant.is_empty() || state.is_chosen(&health.tenant),
        })
        .map(|health| source(state, health))
        .collect();
    let here = failed_here(state);
    let known = Known {
        looked: looked(state),
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
        Topic::Stopped(run) => {
            let (_, pause) = stopped_runs(state).find(|(id, _)| id == run)?;
            Some(of_stopped(run, pause, known))
        }
        Topic::Waiting => Some(of_waiting(&holding(state)?.why, known)),
        Topic::Shared(tenant, finding) => Some(of_shared(shared(state, tenant, *finding)?, known)),
    }
}

/// What was asked when the screen was opened, and is there already.
fn looked(state: &State) -> Option<&Looked> {
    state.looked.as_ref().filter(|_| !state.looking)
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

/// What the jobs of this session failed by, most users first.
fn failed_here(state: &State) -> Vec<Failed> {
    let mut kinds: Vec<Failed> = Vec::new();
    for job in state.jobs.all() {
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

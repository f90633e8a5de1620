//! What `diagnose` asks the backends: each for a sign of life with our credentials, the indexes and the codes, what an
//! interrupted rehearsal left, the newest signups and the newest failures. Writes nothing.

use std::collections::HashSet;

use futures_util::future::join_all;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::report::{Scope, audit};
use crate::domain::checkup::{Census, Draw, Facts, Failures, Newest, Rehearsal, Service};
use crate::domain::code;
use crate::domain::run::{BOTH, JobRecord, Signature};
use crate::domain::tally::{Systemic, Totals};
use crate::domain::{Outcome, Problem};
use crate::services::Error;
use crate::services::observe::Backends;
use crate::services::owner::Owner;
use crate::services::store::{Lookup, Store, wrong_database};

/// How many of the newest signups of each tenant are looked at.
pub const NEWEST: usize = 20;
/// How many of the newest runs are looked through for failures.
const RUNS: usize = 10;
/// How many kinds of failure are told.
const KINDS: usize = 5;
/// A DID and a user that nobody has: to be told so takes our credentials.
const NO_DID: &str = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa";
const NO_USER: &str = "auth0|000000000000000000000000";

/// Gathers everything. `owner` tells whether whoever rehearses still lives; `rehearsal` is what became of ours.
pub async fn look(backends: &Backends, owner: Option<&Owner>, rehearsal: Rehearsal, now: Timestamp) -> Facts {
    let year = now.to_zoned(TimeZone::UTC).year();
    let store = backends.store.as_ref();
    let services = services(backends).await;
    let mongo = services.iter().find(|service| service.name == "mongo");
    if let Some(problem) = mongo.and_then(|service| service.problem.clone()) {
        return unknown(year, services, rehearsal, &problem);
    }
    let (indexes, census, draws, leftovers, failures, newest) = tokio::join!(
        store.code_indexes(),
        census(store, year),
        draws(store, year),
        leftovers(store, owner),
        failures(store, BOTH),
        newest(backends, &services),
    );
    Facts {
        year,
        services,
        indexes: indexes.map_err(Problem::from),
        census: census.map_err(Problem::from),
        draws: draws.map_err(Problem::from),
        rehearsal,
        leftovers: leftovers.map_err(Problem::from),
        newest,
        failures: failures.map_err(Problem::from),
    }
}

/// Without MongoDB nothing else can be looked at.
fn unknown(year: i16, services: Vec<Service>, rehearsal: Rehearsal, problem: &Problem) -> Facts {
    Facts {
        year,
        services,
        indexes: Err(problem.clone()),
        census: Err(problem.clone()),
        draws: Err(problem.clone()),
        rehearsal,
        leftovers: Err(problem.clone()),
        newest: Vec::new(),
        failures: Err(problem.clone()),
    }
}

/// Asks each backend something that takes our credentials.
async fn services(backends: &Backends) -> Vec<Service> {
    let told = |name, tenant: &str, answer: Result<(), Error>| Service {
        name,
        tenant: tenant.to_string(),
        problem: answer.err().map(|error| error.problem()),
    };
    let no_did = [NO_DID.to_string()];
    let tenants = backends.configured();
    let auth0 = join_all(tenants.iter().map(|tenant| async move {
        let answer = async { backends.auth0(tenant)?.by_id(NO_USER).await.map(|_| ()) };
        (tenant, answer.await)
    }));
    let pds = async {
        backends.pds.about().await?;
        backends.pds.accounts(&no_did).await.map(|_| ())
    };
    let plc = async { backends.plc.data_now(NO_DID, &[]).await.map(|_| ()) };
    let mongo = async {
        backends.store.ping().await?;
        match backends.store.has_collections().await? {
            true => Ok(()),
            false => Err(wrong_database()),
        }
    };
    let (auth0, mongo, pds, plc) = tokio::join!(auth0, mongo, pds, plc);
    let auth0 = auth0
        .into_iter()
        .map(|(tenant, answer)| told("auth0", tenant, answer));
    auth0
        .chain([
            told("mongo", "", mongo),
            told("pds", "", pds),
            told("plc", "", plc),
        ])
        .collect()
}

async fn census(store: &dyn Store, year: i16) -> Result<Census, Error> {
    store.census(&format!("ac{:02}", year.rem_euclid(100))).await
}

/// Two codes of this year and one of the last, given to nobody.
async fn draws(store: &dyn Store, this_year: i16) -> Result<Vec<Draw>, Error> {
    let mut draws = Vec::new();
    for year in [this_year, this_year, this_year - 1] {
        let code = code::draw(year, &mut rand::rng());
        let taken = !store.find(&Lookup::Code(code.clone())).await?.is_empty();
        draws.push(Draw { year, code, taken });
    }
    Ok(draws)
}

/// The throw-away users of whom something is there, and whom nobody who lives works on.
pub async fn leftovers(store: &dyn Store, owner: Option<&Owner>) -> Result<Vec<String>, Error> {
    let keys = store.rehearsals().await?;
    if keys.is_empty() {
        return Ok(keys);
    }
    let held = store.leases(&keys).await?;
    let lives = |holder: &str| owner.is_none_or(|owner| !owner.is_dead(holder));
    let worked_on = |key: &String| held.iter().any(|(name, holder, _)| name == key && lives(holder));
    Ok(keys.into_iter().filter(|key| !worked_on(key)).collect())
}

async fn newest(backends: &Backends, services: &[Service]) -> Vec<Newest> {
    let mut all = Vec::new();
    for tenant in backends.configured() {
        let auth0 = services
            .iter()
            .find(|service| service.name == "auth0" && service.tenant == tenant);
        let audit = match auth0.and_then(|service| service.problem.clone()) {
            Some(problem) => Err(problem),
            None => newest_of(backends, &tenant).await,
        };
        all.push(Newest { tenant, audit });
    }
    all
}

async fn newest_of(backends: &Backends, tenant: &str) -> Result<(Totals, Vec<Systemic>), Problem> {
    let scope = Scope {
        limit: Some(NEWEST),
        ..Scope::default()
    };
    let summary = audit(backends, tenant, scope, |_| {}).await?;
    match summary.broke_off {
        Some(problem) => Err(problem),
        None => Ok((summary.totals, summary.systemic.into_iter().collect())),
    }
}

/// What the users of a tenant, or of `both`, failed by who failed in one of the newest runs and were not mended by a newer
/// one; most users first.
pub(super) async fn failures(store: &dyn Store, tenant: &str) -> Result<Vec<Failures>, Error> {
    let mut jobs = Vec::new();
    for run in store.runs(RUNS).await?.found {
        if run.concerns(tenant) {
            jobs.extend(store.jobs(&run.id).await?.found);
        }
    }
    Ok(kinds(jobs, tenant))
}

/// The jobs of the newest run come first. A run of both tenants has jobs of others too.
fn kinds(jobs: Vec<JobRecord>, tenant: &str) -> Vec<Failures> {
    let mut seen: HashSet<String> = HashSet::new();
    let mut kinds: Vec<Failures> = Vec::new();
    for job in jobs {
        let concerns = tenant == BOTH || job.tenant == tenant;
        if !concerns || !seen.insert(job.key.clone()) {
            continue;
        }
        let Some((signature, hint)) = failure(&job) else {
            continue;
        };
        match kinds.iter_mut().find(|kind| kind.signature == signature) {
            Some(kind) => kind.users += 1,
            None => kinds.push(Failures {
                signature,
                hint,
                users: 1,
                run: job.run.clone(),
            }),
        }
    }
    kinds.sort_by_key(|kind| std::cmp::Reverse(kind.users));
    kinds.truncate(KINDS);
    kinds
}

/// How a job failed, or what it waits for.
fn failure(job: &JobRecord) -> Option<(Signature, String)> {
    let failed = matches!(job.outcome, Some(Outcome::Failed | Outcome::Refused)) || job.is_open();
    let problem = job.error.as_ref().filter(|_| failed)?;
    Some((job.signature()?, problem.hint.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Class;
    use crate::domain::run::JobState;

    fn failed(run: &str, tenant: &str, key: &str) -> JobRecord {
        let problem = Problem::new(Class::Validation, format!("pds refused {tenant}."), "");
        JobRecord {
            state: JobState::Ended,
            outcome: Some(Outcome::Failed),
            error: Some(problem),
            ..JobRecord::new(run, 0, (tenant, key, key), Timestamp::UNIX_EPOCH)
        }
    }

    #[test]
    fn what_users_of_one_tenant_failed_by_says_nothing_of_another() {
        let jobs = || {
            vec![
                failed("7f3a0000", "sotce", "art-auth0|bela"),
                failed("81bb0000", "sotce", "art-auth0|cyra"),
                failed("81bb0000", "aesthetic", "auth0|mira"),
                failed("81bb0000", "sotce", "art-auth0|bela"),
            ]
        };
        let told = |tenant| {
            let kinds = kinds(jobs(), tenant);
            let one = |kind: &Failures| (kind.users, kind.run.clone());
            kinds.iter().map(one).collect::<Vec<_>>()
        };
        let of = |users, run: &str| (users, run.to_string());
        assert_eq!(told("aesthetic"), [of(1, "81bb0000")]);
        assert_eq!(told("sotce"), [of(2, "7f3a0000")]);
        assert_eq!(told(BOTH), [of(2, "7f3a0000"), of(1, "81bb0000")]);
    }
}

//! Who is backfilled: the newest that are broken, or the users that were named.

use super::super::args::{is_number, limit};
use super::super::output::Output;
use super::super::setup::{Setup, tenants};
use super::super::{Failure, progress};
use super::BackfillArgs;
use crate::audit::page::Depth;
use crate::audit::report::{Part, Scope, audit};
use crate::audit::who::who;
use crate::domain::run::BOTH;
use crate::domain::text::clean;
use crate::domain::{Class, Problem, Verdict};
use crate::provisioning::queue::Job;

const DEFAULT_LIMIT: usize = 10;

/// Who is worked on.
pub struct Found {
    /// Each user once.
    pub jobs: Vec<Job>,
    /// What is said where there is no job.
    pub nobody: String,
}

/// Who is to be looked at, as the command line says.
pub enum Chosen {
    Newest(Option<usize>),
    Users(Vec<String>),
}

impl Chosen {
    /// The jobs of these users.
    pub async fn find(&self, setup: &Setup, args: &BackfillArgs, output: &Output) -> Result<Found, Failure> {
        match self {
            Self::Users(words) => Ok(Found {
                jobs: named(setup, args, words).await?,
                nobody: String::new(),
            }),
            Self::Newest(number) => broken(setup, args, *number, output).await,
        }
    }

    pub fn of(args: &BackfillArgs) -> Result<Self, Failure> {
        let told = |message: String, hint: &str| Failure::from(Problem::new(Class::Usage, message, hint));
        let range = args.range.all || args.range.since.is_some();
        match args.words.as_slice() {
            [] if range => Ok(Chosen::Newest(None)),
            [] => Ok(Chosen::Newest(Some(DEFAULT_LIMIT))),
            [one] if is_number(one) => match limit(one) {
                Ok(_) if args.range.all => Err(told(
                    "A limit and --all contradict each other.".into(),
                    "Leave one of them out.",
                )),
                Ok(limit) => Ok(Chosen::Newest(Some(limit))),
                Err(message) => Err(told(
                    message,
                    "Say how many of the newest signups, such as 50; or --all.",
                )),
            },
            _ if range => Err(told(
                "Named users and --all or --since contradict each other.".into(),
                "Leave one of them out.",
            )),
            _ if args.filter.filter.is_some() => Err(told(
                "Named users and --filter contradict each other.".into(),
                "Leave one of them out.",
            )),
            users => Ok(Chosen::Users(users.to_vec())),
        }
        .and_then(|chosen| match chosen {
            // Whose account is given up is said by name, never by a range.
            Chosen::Newest(_) if args.recreates() => Err(told(
                "--recreate is for users who are named.".into(),
                "atriage audit tells whose account is gone; name each of them.",
            )),
            chosen => Ok(chosen),
        })
    }
}

/// The named users, each once.
async fn named(setup: &Setup, args: &BackfillArgs, words: &[String]) -> Result<Vec<Job>, Failure> {
    is_no_tenant(setup, words)?;
    let mut jobs: Vec<Job> = Vec::new();
    for word in words {
        let (tenant, sub) = who(&setup.backends, &args.tenant, word).await?;
        // Nobody of a tenant without credentials can be looked at, now or when a run is gone on with.
        setup.backends.auth0(&tenant)?;
        let key = setup.backends.naming(&tenant)?.key(&sub);
        let job = Job {
            tenant,
            sub,
            key,
            replaces: None,
        };
        if !jobs.contains(&job) {
            jobs.push(job);
        }
    }
    Ok(jobs)
}

/// `backfill sotce 5`, as `audit` has it.
fn is_no_tenant(setup: &Setup, words: &[String]) -> Result<(), Failure> {
    let namings = setup.config.namings();
    let is_tenant = |word: &&String| *word == BOTH || namings.iter().any(|naming| naming.tenant == **word);
    let Some(tenant) = words.iter().find(is_tenant) else {
        return Ok(());
    };
    let rest = words.iter().filter(|word| *word != tenant);
    let rest: String = rest.map(|word| format!(" {}", clean(word))).collect();
    Err(Problem::new(
        Class::Usage,
        format!("{tenant} is a tenant, not a user."),
        format!("atriage backfill --tenant {tenant}{rest}"),
    )
    .into())
}

/// The users of the range that are broken at first sight, or not known well enough.
async fn broken(
    setup: &Setup,
    args: &BackfillArgs,
    limit: Option<usize>,
    output: &Output,
) -> Result<Found, Failure> {
    let depth = Depth {
        plc: args.deep,
        passwords: args.deep,
    };
    let scope = Scope {
        limit,
        since: args.range.since,
        depth,
        orphans: false,
        filter: args.filter.read(&setup.config)?,
    };
    let filtered = !scope.filter.is_empty();
    let (mut jobs, mut looked_at, mut matching) = (Vec::new(), 0, 0);
    for tenant in tenants(setup, &args.tenant, output)? {
        let bar = progress::bar(output, limit, &format!("checking {tenant}"));
        let summary = audit(&setup.backends, &tenant, scope.clone(), |part| {
            let Part::Signups { rows, done, of } = part else {
                return;
            };
            progress::show(&bar, done, of);
            for (signup, diagnosis) in rows {
                // An intent that outlived its job holds a password, though nothing is broken.
                let remains = signup.intent.present().is_some();
                if remains || matches!(diagnosis.verdict(), Verdict::Broken | Verdict::Unknown) {
                    jobs.push(Job {
                        tenant: tenant.clone(),
                        sub: signup.sub.clone(),
                        key: signup.key.clone(),
                        replaces: None,
                    });
                }
            }
        })
        .await;
        bar.finish_and_clear();
        let summary = summary?;
        looked_at += summary.looked_at;
        matching += summary.totals.checked;
        if let Some(matching) = summary.matching() {
            output.say(&format!("{tenant}: {matching}."));
        }
        if let Some(problem) = summary.broke_off {
            return Err(problem.into());
        }
    }
    let nobody = nobody(looked_at, matching, filtered);
    Ok(Found { jobs, nobody })
}

/// Says that nobody is broken of those who were looked at, and of nobody else.
fn nobody(looked_at: usize, matching: usize, filtered: bool) -> String {
    match (looked_at, matching) {
        (0, _) => "Nobody was looked at: nobody signed up there.".into(),
        (1, 0) => "Nobody matches the filter: the 1 signup that was looked at does not.".into(),
        (_, 0) => format!("Nobody matches the filter: none of the {looked_at} signups that were looked at."),
        _ if filtered => "Nothing to mend: every signup that matches the filter is whole or waiting.".into(),
        _ => "Nothing to mend: every signup is whole or waiting.".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::nobody;

    #[test]
    fn an_all_clear_is_about_those_who_were_looked_at() {
        for (looked_at, matching, filtered, said) in [
            (0, 0, true, "Nobody was looked at: nobody signed up there."),
            (
                1,
                0,
                true,
                "Nobody matches the filter: the 1 signup that was looked at does not.",
            ),
            (
                50,
                0,
                true,
                "Nobody matches the filter: none of the 50 signups that were looked at.",
            ),
            (
                50,
                3,
                true,
                "Nothing to mend: every signup that matches the filter is whole or waiting.",
            ),
            (
                50,
                50,
                false,
                "Nothing to mend: every signup is whole or waiting.",
            ),
        ] {
            assert_eq!(nobody(looked_at, matching, filtered), said);
        }
    }
}

//! Brings the index on the code to its good form, a step at a time: each is decided from how things stand then, so that
//! whoever comes after a killed one goes on where it was.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::leases::Leases;
use crate::domain::checkup::shared_sentence;
use crate::domain::code_index::{Index, IndexStep, all_steps, next_step};
use crate::domain::event::StepOutcome;
use crate::domain::plan::Step;
use crate::domain::trail::{Change, Field, Phase, TrailEntry};
use crate::domain::{Class, Problem};
use crate::services::Error;
use crate::services::observe::Backends;
use crate::services::owner::{Owner, spoken};
use crate::services::store::{Written, wrong_database};

/// The lease of whoever works on the index, and its name in the audit trail. No user's key looks like it.
pub const INDEX: &str = "index/users.code";
/// No index is called so: to drop it is to ask whether we may drop one.
const NO_INDEX: &str = "atriage_no_such_index";
/// Nobody else changes the indexes meanwhile, so that more steps mean that somebody does.
const MOST_STEPS: usize = 50;

/// A step that was carried out, and how long it took.
#[derive(Debug, Clone)]
pub struct IndexDeed {
    pub step: IndexStep,
    pub took: Duration,
}

/// What would be done.
///
/// # Errors
/// `Auth` in a database that is another one; `Refused` where users share a code, or where an index that is not on the code alone stands in the way.
pub async fn plan_index(backends: &Backends) -> Result<Vec<IndexStep>, Problem> {
    if !backends.store.has_collections().await? {
        return Err(wrong_database().into());
    }
    let indexes = backends.store.code_indexes().await?;
    let steps = all_steps(&indexes).map_err(|problem| Problem {
        hint: format!("Nothing was changed. {}", problem.hint),
        ..problem
    })?;
    if !steps.is_empty() {
        codes_must_be_apart(backends).await?;
    }
    Ok(steps)
}

async fn codes_must_be_apart(backends: &Backends) -> Result<(), Problem> {
    let census = backends.store.census("ac").await?;
    if census.shared == 0 {
        return Ok(());
    }
    Err(Problem::new(
        Class::Refused,
        format!("No unique index can be made. {}.", shared_sentence(&census)),
        "Nothing was changed. Give all but one of them another code by hand first: unset it, and a backfill draws one.",
    ))
}

/// Carries it out, under a lease, and writes it down in the audit trail: the steps that somebody agreed to, or those of
/// them that are still left. `tell` hears of each step when it is done.
///
/// # Errors
/// Those of the store; `Refused` as for the plan, and where other steps are needed than `agreed`; `Conflict` where somebody else works on the index.
pub async fn mend_index(
    backends: &Arc<Backends>,
    owner: &Arc<Owner>,
    agreed: &[IndexStep],
    tell: impl Fn(&IndexDeed),
) -> Result<Vec<IndexDeed>, Problem> {
    let leases = Leases::new(backends.store.clone(), owner.clone());
    if let Err(other) = leases.take(INDEX).await? {
        return Err(Problem::new(
            Class::Conflict,
            format!("The index is being worked on by {}.", spoken(&other)),
            "Wait until it has ended.",
        ));
    }
    let mended = under_lease(backends, owner, &leases, agreed, tell).await;
    leases.release(INDEX).await;
    mended
}

async fn under_lease(
    backends: &Backends,
    owner: &Owner,
    leases: &Leases,
    agreed: &[IndexStep],
    tell: impl Fn(&IndexDeed),
) -> Result<Vec<IndexDeed>, Problem> {
    let store = backends.store.as_ref();
    let before = store.code_indexes().await?;
    let wanted = all_steps(&before)?;
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    if !agreed.ends_with(&wanted) {
        return Err(Problem::new(
            Class::Refused,
            "The indexes of users were changed since the steps were shown.",
            "Nothing was changed. Look at the steps once more.",
        ));
    }
    codes_must_be_apart(backends).await?;
    // Whoever may not drop an index would leave the temporary one. There is none of this name: it only asks for the right.
    let _: Written = store.drop_code_index(NO_INDEX).await?;
    let deed = format!("{INDEX}/{:016x}", rand::random::<u64>());
    let entry = |phase, now: Option<&[Index]>| TrailEntry {
        deed: deed.clone(),
        run: "diagnose".into(),
        tenant: "both".into(),
        sub: INDEX.into(),
        key: INDEX.into(),
        step: Step::EnsureCodeIndex,
        at: Timestamp::now(),
        operator: owner.operator.clone(),
        host: owner.host.clone(),
        reason: None,
        phase,
        changes: vec![Change {
            field: Field::CodeIndex,
            before: described(&before),
            after: now.and_then(described),
        }],
    };
    store.append(&entry(Phase::Before, None)).await?;
    let mut done = Vec::new();
    let ended = steps(backends, leases, &mut done, tell).await;
    let (outcome, error) = match &ended {
        Ok(()) => (StepOutcome::Done, None),
        Err(problem) => (StepOutcome::Failed, Some(problem.message.clone())),
    };
    let now = store.code_indexes().await.unwrap_or_default();
    let written = store
        .append(&entry(Phase::After { outcome, error }, Some(&now)))
        .await;
    ended?;
    written?;
    Ok(done)
}

async fn steps(
    backends: &Backends,
    leases: &Leases,
    done: &mut Vec<IndexDeed>,
    tell: impl Fn(&IndexDeed),
) -> Result<(), Problem> {
    for _ in 0..MOST_STEPS {
        leases.renew().await?;
        let indexes = backends.store.code_indexes().await?;
        let Some(step) = next_step(&indexes)? else {
            return Ok(());
        };
        if !leases.holds(INDEX) {
            return Err(moved("Somebody else works on the index by now."));
        }
        let begun = Instant::now();
        carry_out(backends, &step).await?;
        let deed = IndexDeed {
            step,
            took: begun.elapsed(),
        };
        tell(&deed);
        done.push(deed);
    }
    Err(moved("The indexes of users change while they are worked on."))
}

fn moved(what: &str) -> Problem {
    Problem::new(
        Class::Conflict,
        what,
        "Look who does it; running this once more goes on from there.",
    )
}

async fn carry_out(backends: &Backends, step: &IndexStep) -> Result<(), Error> {
    let store = backends.store.as_ref();
    match step {
        IndexStep::Make(wanted) => store.build_code_index(*wanted).await,
        IndexStep::Drop { name, under } => {
            // An index that is listed may be in the making yet: asked for once more, it is waited for.
            store.build_code_index(*under).await?;
            // Of a step that somebody did already there is nothing left to do.
            let _: Written = store.drop_code_index(name).await?;
            Ok(())
        }
    }
}

/// How the indexes on the code alone stand, in a line.
fn described(indexes: &[Index]) -> Option<String> {
    let ours = indexes.iter().filter(|index| index.is_on_code_alone);
    let all: Vec<String> = ours.map(Index::describe).collect();
    (!all.is_empty()).then(|| all.join("; "))
}

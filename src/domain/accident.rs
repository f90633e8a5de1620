//! What concerns more than one user, told to whoever has to act: the cause and how sure it is, what was looked at with its
//! answer, and the way out. The same facts and sentences as `diagnose` and the report have, put to one accident.

mod cause;
mod evidence;

use jiff::Timestamp;

use self::cause::{Cause, cause};
use self::evidence::{check, gather, index, services};
use super::check::{Check, CheckState};
use super::checkup::{Failures, Service};
use super::code_index::Index;
use super::error::{Class, Problem};
use super::finding::Repair;
use super::plan::Step;
use super::run::Pause;
use super::suspect::{CHECK_CONFIG, FIX_INDEX, IF_THE_NEXT_BREAKS, REHEARSE, of_indexes, of_service};
use super::tally::{Systemic, is_of_the_code};

/// How sure a cause is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certainty {
    /// Somebody's answer shows it.
    Shown,
    Suspected,
    /// What would tell could not be asked.
    Unknown,
}

impl Certainty {
    /// Before the cause.
    pub fn words(self) -> &'static str {
        match self {
            Self::Shown => "Shown by the evidence:",
            Self::Suspected => "Suspected, not shown:",
            Self::Unknown => "Not known:",
        }
    }
}

/// What is asked when an accident is to be explained. What was not told is its problem.
#[derive(Debug, Clone, PartialEq)]
pub struct Looked {
    /// About whom: a tenant, or `both`.
    pub tenant: String,
    pub at: Timestamp,
    pub indexes: Result<Vec<Index>, Problem>,
    /// The newest run that stopped by itself and was not resumed: its id, and why.
    pub stopped: Result<Option<(String, Pause)>, Problem>,
    pub failures: Result<Vec<Failures>, Problem>,
}

/// A backend, as its last answers tell of it.
#[derive(Debug, Clone)]
pub struct Source {
    pub service: Service,
    pub standing: Standing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Unasked,
    /// After so many milliseconds.
    Answers(Option<u128>),
    /// It answers, and its budget is used up.
    Limited,
    Fails,
}

/// Users of this session whom one thing failed.
#[derive(Debug, Clone)]
pub struct Failed {
    pub class: Class,
    pub failures: Failures,
}

/// All that is known when an accident is explained.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// `None` while it is being asked.
    pub looked: Option<&'a Looked>,
    pub sources: &'a [Source],
    pub here: &'a [Failed],
}

/// One step of the way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// A sentence, with the command line in it where there is one.
    Do(String),
    /// Mend the index on the code: the sentence of `Do`, which begins with `suspect::FIX_INDEX`.
    MendIndex(String),
    /// Go on with this run.
    Resume(String),
    /// Mark so many users, and mend them.
    Mend(usize),
    /// It is tried again by itself.
    Wait,
}

/// An accident, explained.
#[derive(Debug, Clone, PartialEq)]
pub struct Explained {
    pub certainty: Certainty,
    /// One sentence or two.
    pub cause: String,
    pub evidence: Vec<Check>,
    /// In this order.
    pub way_out: Vec<Way>,
}

/// What is behind a finding that many share.
pub fn of_shared(found: &Systemic, known: Known) -> Explained {
    let Cause {
        certainty,
        message,
        first,
    } = cause(found, known);
    let mut way_out: Vec<Way> = first
        .into_iter()
        .filter(|hint| !hint.is_empty())
        .map(first_step)
        .collect();
    let is_shown = certainty == Certainty::Shown;
    let of_the_code = is_of_the_code(found.finding);
    if !is_shown && !of_the_code {
        way_out.push(Way::Do(CHECK_CONFIG.into()));
    }
    way_out.push(Way::Do(REHEARSE.into()));
    way_out.extend(stopped(known).map(|(run, _)| Way::Resume(run.clone())));
    way_out.push(match found.finding.repair() {
        Repair::Auto => Way::Mend(found.affected),
        _ => Way::Do(found.finding.hint().into()),
    });
    if !is_shown && of_the_code {
        way_out.push(Way::Do(IF_THE_NEXT_BREAKS.into()));
    }
    let mut evidence = of_the_code.then(|| index(known)).flatten().into_iter().collect();
    gather(&mut evidence, known);
    evidence.push(check(
        "not-asked",
        CheckState::Unknown,
        "Not asked: a whole signup, and Auth0's log stream.",
    ));
    Explained {
        certainty,
        cause: message,
        evidence,
        way_out,
    }
}

/// An index on the code that the site's code stumbles over, though nobody lately is known to be broken by it. `seen`: as
/// the last reading found the indexes. `None` once they are good.
pub fn of_the_index(seen: &[Index], known: Known) -> Option<Explained> {
    let now = known.looked.and_then(|looked| looked.indexes.as_deref().ok());
    let cause = of_indexes(now.unwrap_or(seen))?;
    let mut evidence: Vec<Check> = index(known).into_iter().collect();
    gather(&mut evidence, known);
    Some(Explained {
        certainty: Certainty::Shown,
        cause: cause.message,
        evidence,
        way_out: vec![first_step(cause.hint), Way::Do(REHEARSE.into())],
    })
}

/// What mends a cause, told apart where it is the repair of the index.
fn first_step(hint: String) -> Way {
    match hint.starts_with(FIX_INDEX) {
        true => Way::MendIndex(hint),
        false => Way::Do(hint),
    }
}

/// What stopped a run.
pub fn of_stopped(run: &str, pause: &Pause, known: Known) -> Explained {
    let meets_the_index = pause.signature.step == Some(Step::EnsureCodeIndex);
    let mut way_out = Vec::new();
    if !pause.problem.hint.is_empty() {
        way_out.push(Way::Do(pause.problem.hint.clone()));
    }
    if meets_the_index {
        let indexes = known.looked.and_then(|looked| looked.indexes.as_ref().ok());
        let repair = indexes.and_then(|indexes| of_indexes(indexes));
        way_out.extend(repair.map(|cause| first_step(cause.hint)));
    }
    if pause.problem.class == Class::Auth {
        way_out.push(Way::Do(CHECK_CONFIG.into()));
    }
    way_out.push(Way::Resume(run.to_string()));
    let mut evidence: Vec<Check> = index(known).filter(|_| meets_the_index).into_iter().collect();
    gather(&mut evidence, known);
    Explained {
        certainty: Certainty::Shown,
        cause: format!("Run {run} {}", pause.sentence()),
        evidence,
        way_out,
    }
}

/// A backend that fails.
pub fn of_source(service: &Service, problem: &Problem, known: Known) -> Explained {
    let cause = of_service(service, problem);
    let mut way_out = Vec::new();
    if !cause.hint.is_empty() {
        way_out.push(Way::Do(cause.hint));
    }
    way_out.extend([Way::Do(CHECK_CONFIG.into()), Way::Wait]);
    Explained {
        certainty: Certainty::Shown,
        cause: cause.message,
        evidence: services(known.sources),
        way_out,
    }
}

/// A tenant that cannot be listed, whichever backend that is due to.
pub fn of_unlisted(problem: &Problem, known: Known) -> Explained {
    let mut way_out = Vec::new();
    if !problem.hint.is_empty() {
        way_out.push(Way::Do(problem.hint.clone()));
    }
    // A budget that is used up is no setting.
    if problem.class != Class::RateLimit {
        way_out.push(Way::Do(CHECK_CONFIG.into()));
    }
    way_out.push(Way::Wait);
    Explained {
        certainty: Certainty::Shown,
        cause: problem.message.clone(),
        evidence: services(known.sources),
        way_out,
    }
}

/// All jobs wait for a backend.
pub fn of_waiting(why: &Problem, known: Known) -> Explained {
    let mut way_out = Vec::new();
    if !why.hint.is_empty() {
        way_out.push(Way::Do(why.hint.clone()));
    }
    way_out.push(Way::Wait);
    Explained {
        certainty: Certainty::Shown,
        cause: why.message.clone(),
        evidence: services(known.sources),
        way_out,
    }
}

fn stopped<'a>(known: Known<'a>) -> Option<&'a (String, Pause)> {
    known.looked?.stopped.as_ref().ok()?.as_ref()
}

/// Those of this session first; what the store tells of them again is not told twice.
fn failures(known: Known) -> Vec<Failures> {
    let here = known.here.iter().map(|failed| failed.failures.clone());
    let mut all: Vec<Failures> = here.collect();
    let of_the_store = known.looked.and_then(|looked| looked.failures.as_ref().ok());
    for failures in of_the_store.into_iter().flatten() {
        if !all.iter().any(|known| known.signature == failures.signature) {
            all.push(failures.clone());
        }
    }
    all
}

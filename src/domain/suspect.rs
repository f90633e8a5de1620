//! The most likely cause: of all that `diagnose` found, what a signup meets first and what would explain the rest, in one
//! sentence.

use serde::Serialize;

use super::checkup::{Facts, Newest, Rehearsal, Service, Tried, fill, shared_sentence};
use super::code_index::{Index, conflict, is_guarded, way_out};
use super::error::{Class, Problem};
use super::plan::Step;
use super::tally::{CODE_INDEX, is_of_the_code};

/// What was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Suspect {
    /// A backend does not answer, or refuses us.
    Service,
    SharedCodes,
    IndexConflict,
    NoUniqueIndex,
    CodeSpace,
    /// The throw-away user's signup stopped.
    Rehearsal,
    /// What most of the newest signups share.
    Signups,
    /// What the newest runs failed by.
    Failures,
    /// Some users are broken, each in their own way.
    SingleUsers,
    /// A rehearsal was not removed, or a repair of the index not finished.
    Unfinished,
    Nothing,
}

/// What a cause asks for: the exit status follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    Nothing,
    Repair,
    Configuration,
    /// A backend has to answer first.
    Patience,
}

/// The most likely cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    pub suspect: Suspect,
    /// One sentence.
    pub message: String,
    /// What to do, or where to look next.
    pub hint: String,
    pub asks: Asks,
}

/// The command line with which each hint about a repair of the index begins.
pub const FIX_INDEX: &str = "atriage diagnose --fix-index";

const REPAIR_INDEX: &str =
    "atriage diagnose --fix-index brings the index to the form that the site's code wants.";

const GO_ON: &str = "atriage diagnose --fix-index goes on with the interrupted repair of the index.";

pub const REHEARSE: &str = "atriage diagnose --fix tries a whole signup, and removes it.";
pub const CHECK_CONFIG: &str = "atriage check-config tries each variable, credential and right.";
pub const IF_THE_NEXT_BREAKS: &str =
    "If the next one breaks too, look at the log stream (atriage check-config) and at the webhook's log.";

/// Chooses: first what keeps anybody from knowing anything, then what comes first in the pipeline, then what only its
/// consequences show.
pub fn cause(facts: &Facts) -> Cause {
    service(facts, |name| name == "mongo")
        .or_else(|| codes(facts))
        .or_else(|| service(facts, |name| name != "auth0"))
        .or_else(|| rehearsal(facts))
        .or_else(|| service(facts, |_| true))
        .or_else(|| unanswered(facts))
        .or_else(|| signups(facts))
        .or_else(|| failures(facts))
        .or_else(|| unfinished(facts))
        .unwrap_or_else(|| nothing(facts))
}

fn found(suspect: Suspect, message: String, hint: &str) -> Cause {
    Cause {
        suspect,
        message,
        hint: hint.into(),
        asks: Asks::Repair,
    }
}

fn some(suspect: Suspect, message: String, hint: &str) -> Option<Cause> {
    Some(found(suspect, message, hint))
}

fn of_problem(suspect: Suspect, message: String, problem: &Problem) -> Cause {
    let asks = match problem.class {
        Class::Auth => Asks::Configuration,
        Class::Unavailable | Class::RateLimit => Asks::Patience,
        _ => Asks::Repair,
    };
    Cause {
        asks,
        ..found(suspect, message, &problem.hint)
    }
}

/// A backend that fails; a refused credential before one that only does not answer.
fn service(facts: &Facts, fits: impl Fn(&str) -> bool) -> Option<Cause> {
    let failing = || {
        let all = facts.services.iter().filter(|service| fits(service.name));
        all.filter_map(|service| Some((service, service.problem.as_ref()?)))
    };
    let (service, problem) = failing()
        .find(|(_, problem)| problem.class == Class::Auth)
        .or_else(|| failing().next())?;
    Some(of_service(service, problem))
}

/// What it means that a backend fails.
pub fn of_service(service: &Service, problem: &Problem) -> Cause {
    let who = match (service.name, service.tenant.as_str()) {
        ("mongo", _) => "MongoDB fails, and with it every step of a signup".to_string(),
        ("pds", _) => "The PDS fails, so that no account can be made".into(),
        ("plc", _) => "The PLC directory fails, so that the PDS cannot make an account".into(),
        (_, tenant) => format!("Auth0 of {tenant} fails, so that nobody can be looked at"),
    };
    of_problem(Suspect::Service, format!("{who}: {}", problem.message), problem)
}

/// What keeps the site's code from making its index, or two users from getting different codes.
pub fn of_indexes(indexes: &[Index]) -> Option<Cause> {
    let repair = || way_out(indexes, REPAIR_INDEX);
    if let Some(conflict) = conflict(indexes) {
        let message = conflict.sentence();
        let message = message.trim_end_matches('.');
        return Some(found(
            Suspect::IndexConflict,
            format!("{message}: where that error is swallowed, no users record is written."),
            &repair(),
        ));
    }
    (!is_guarded(indexes)).then(|| {
        found(
            Suspect::NoUniqueIndex,
            "There is no unique index on users.code, so that two users can get one code.".into(),
            &repair(),
        )
    })
}

/// What remains where users have no record and the site's code does not stumble over these indexes. `who` begins the
/// sentence.
pub fn despite_the_index(who: &str, indexes: &[Index]) -> String {
    let (how, since) = match indexes.iter().any(Index::is_good) {
        true => ("is as the site's code wants it", "before it was"),
        false => ("does not hinder the site's code", "while another one did"),
    };
    format!("{who}, though the index {how}: they signed up {since}, or Auth0's events do not arrive.")
}

/// What comes before the users where a repair of the index was interrupted.
pub fn go_on_with_the_repair(indexes: &[Index]) -> Option<String> {
    let interrupted = indexes.iter().any(Index::is_temporary);
    interrupted.then(|| way_out(indexes, GO_ON))
}

/// What keeps codes from being given.
fn codes(facts: &Facts) -> Option<Cause> {
    let census = facts.census.as_ref().ok();
    if let Some(census) = census.filter(|census| census.shared > 0) {
        return some(
            Suspect::SharedCodes,
            format!(
                "The unique index {CODE_INDEX} cannot be made (error 11000), and whoever makes it first writes no users: {}.",
                lower(&shared_sentence(census))
            ),
            "Give all but one of them another code by hand, then atriage diagnose --fix-index.",
        );
    }
    if let Some(cause) = facts.indexes.as_deref().ok().and_then(of_indexes) {
        return Some(cause);
    }
    let fill = census.map(fill).filter(|percent| *percent >= 95)?;
    some(
        Suspect::CodeSpace,
        format!(
            "The codes of {} are almost used up ({fill} %), so that drawing a free one fails.",
            facts.year
        ),
        "A longer form of code is needed.",
    )
}

fn lower(sentence: &str) -> String {
    let mut chars = sentence.chars();
    chars
        .next()
        .map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

fn rehearsal(facts: &Facts) -> Option<Cause> {
    let Rehearsal::Tried(Tried {
        failure: Some((step, problem)),
        ..
    }) = &facts.rehearsal
    else {
        return None;
    };
    let step = step.map_or("its beginning", Step::name);
    let message = format!("The pipeline itself breaks at {step}: {}", problem.message);
    Some(of_problem(Suspect::Rehearsal, message, problem))
}

/// What was asked and not told by a backend that otherwise answers.
fn unanswered(facts: &Facts) -> Option<Cause> {
    let audits = facts
        .newest
        .iter()
        .filter_map(|newest| newest.audit.as_ref().err());
    let problem = (facts.indexes.as_ref().err())
        .or(facts.census.as_ref().err())
        .or(facts.draws.as_ref().err())
        .or(facts.leftovers.as_ref().err())
        .or(facts.failures.as_ref().err())
        .or_else(|| audits.into_iter().next())?;
    let message = format!("Not everything could be looked at: {}", problem.message);
    Some(of_problem(Suspect::Service, message, problem))
}

fn signups(facts: &Facts) -> Option<Cause> {
    let shared = |newest: &Newest| {
        let (_, systemic) = newest.audit.as_ref().ok()?;
        Some((newest.tenant.clone(), systemic.first()?.clone()))
    };
    let (tenant, systemic) = facts.newest.iter().find_map(shared)?;
    let who = format!(
        "{} of the newest {} of {tenant} {}",
        systemic.affected,
        systemic.of,
        systemic.finding.fragment()
    );
    if is_of_the_code(systemic.finding) {
        // The index was looked at, and is not what keeps the record from being written any more.
        let indexes = facts.indexes.as_deref().unwrap_or_default();
        let mends = format!("atriage backfill mends them. {IF_THE_NEXT_BREAKS}");
        let first = go_on_with_the_repair(indexes).into_iter();
        return some(
            Suspect::Signups,
            despite_the_index(&who, indexes),
            &first.chain([mends]).collect::<Vec<_>>().join(" "),
        );
    }
    some(
        Suspect::Signups,
        format!("{who}: {}", systemic.cause),
        systemic.finding.hint(),
    )
}

fn failures(facts: &Facts) -> Option<Cause> {
    let worst = facts.failures.as_ref().ok()?.first()?;
    some(
        Suspect::Failures,
        format!("The newest runs fail: {}", worst.describe()),
        &format!(
            "atriage runs show {} names the users; resume it after the repair.",
            worst.run
        ),
    )
}

fn unfinished(facts: &Facts) -> Option<Cause> {
    let unremoved = matches!(&facts.rehearsal, Rehearsal::Tried(Tried { removed: Err(_), .. }));
    if unremoved || facts.leftovers.as_ref().is_ok_and(|keys| !keys.is_empty()) {
        return some(
            Suspect::Unfinished,
            "Nothing breaks the pipeline, but an interrupted rehearsal left a throw-away user behind.".into(),
            "atriage diagnose --fix removes it.",
        );
    }
    let indexes = facts.indexes.as_deref().unwrap_or_default();
    if indexes.iter().any(Index::is_temporary) {
        return some(
            Suspect::Unfinished,
            "Nothing breaks the pipeline, but a repair of the index was interrupted.".into(),
            &way_out(indexes, "atriage diagnose --fix-index goes on with it."),
        );
    }
    let broken: usize = facts
        .newest
        .iter()
        .filter_map(|newest| Some(newest.audit.as_ref().ok()?.0.broken))
        .sum();
    if broken == 0 {
        return None;
    }
    some(
        Suspect::SingleUsers,
        format!(
            "Nothing breaks the pipeline; {broken} of the newest signups are broken, each in their own way."
        ),
        "atriage audit both names them, atriage backfill mends them.",
    )
}

fn nothing(facts: &Facts) -> Cause {
    let tried = matches!(&facts.rehearsal, Rehearsal::Tried(_));
    let (message, hint) = match tried {
        true => (
            "Nothing is wrong here: a whole signup went through.",
            "If signups are broken all the same, Auth0's events do not arrive: look at the log stream (atriage check-config) and at the webhook's log.",
        ),
        false => (
            "Nothing is wrong as far as looking tells.",
            "atriage diagnose --fix tries a whole signup; then look at the log stream (atriage check-config) and at the webhook's log.",
        ),
    };
    Cause {
        suspect: Suspect::Nothing,
        message: message.into(),
        hint: hint.into(),
        asks: Asks::Nothing,
    }
}

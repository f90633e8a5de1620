//! What each fact means, a line a check: ok, to be looked at, broken, or not known.

use super::{Census, Draw, FULL, Facts, Failures, Newest, Rehearsal, Service, Shared, TOO_FULL};
use crate::domain::check::{Check, CheckState};
use crate::domain::code::{CODES_A_YEAR, is_well_formed};
use crate::domain::code_index::{Index, conflict, way_out};
use crate::domain::error::Problem;
use crate::domain::plan::Step;
use crate::domain::tally::CODE_INDEX;
use crate::domain::text::clean;

/// The facts as lines, in the order in which a signup meets what they are about.
pub fn checks(facts: &Facts) -> Vec<Check> {
    let mut checks: Vec<Check> = facts.services.iter().map(service).collect();
    match &facts.indexes {
        Ok(indexes) => checks.extend([code_index(indexes), site_index(indexes)]),
        Err(problem) => checks.push(unknown("code-index", problem)),
    }
    match &facts.census {
        Ok(census) => checks.extend([
            shared_codes(census),
            missing_codes(census),
            space(facts.year, census),
        ]),
        Err(problem) => checks.push(unknown("codes", problem)),
    }
    match &facts.draws {
        Ok(draws) => checks.extend(draws.iter().map(|one| draw(one, facts.year))),
        Err(problem) => checks.push(unknown("code-draw", problem)),
    }
    checks.extend(rehearsal(&facts.rehearsal));
    checks.extend(leftovers(&facts.leftovers));
    checks.extend(facts.newest.iter().map(newest));
    checks.extend(failures(&facts.failures));
    checks
}

fn check(id: impl Into<String>, state: CheckState, message: impl Into<String>, hint: &str) -> Check {
    Check {
        id: id.into(),
        state,
        message: message.into(),
        hint: hint.into(),
    }
}

fn unknown(id: &str, problem: &Problem) -> Check {
    check(id, CheckState::Unknown, problem.message.clone(), &problem.hint)
}

fn service(service: &Service) -> Check {
    let id = match service.tenant.is_empty() {
        true => service.name.to_string(),
        false => format!("{}-{}", service.name, service.tenant),
    };
    match &service.problem {
        None => check(id, CheckState::Ok, "It answers, and takes our credentials.", ""),
        Some(problem) => check(id, CheckState::Problem, problem.message.clone(), &problem.hint),
    }
}

fn code_index(indexes: &[Index]) -> Check {
    let told = |state, message: String, hint| check("code-index", state, message, hint);
    let standing = standing(indexes);
    if indexes.iter().any(Index::is_temporary) {
        let message = format!("A repair of the index was interrupted: {standing}.");
        return told(
            CheckState::Warning,
            message,
            &way_out(indexes, "atriage diagnose --fix-index goes on with it."),
        );
    }
    if !indexes.iter().any(Index::guards) {
        let message = format!("Nothing keeps two users from getting one code: {standing}.");
        let repair =
            "atriage diagnose --fix-index makes it, and never lets two users have one code meanwhile.";
        return told(CheckState::Problem, message, &way_out(indexes, repair));
    }
    told(CheckState::Ok, format!("The codes are unique: {standing}."), "")
}

/// `users has code_1 {code: 1} unique sparse`
fn standing(indexes: &[Index]) -> String {
    let all: Vec<String> = indexes.iter().map(Index::describe).collect();
    match all.is_empty() {
        true => "users has no index on the code".into(),
        false => format!("users has {}", all.join("; ")),
    }
}

/// Both in one line: the indexes as they stand, and what MongoDB would answer to the site's code.
pub fn index_check(indexes: &[Index]) -> Check {
    let (guard, site) = (code_index(indexes), site_index(indexes));
    let answer = match conflict(indexes) {
        None => format!("To {CODE_INDEX} MongoDB would not object."),
        Some(conflict) => format!("To {CODE_INDEX} MongoDB would answer error {}.", conflict.code),
    };
    Check {
        state: match site.state {
            CheckState::Ok => guard.state,
            other => other,
        },
        message: format!("{}. {answer}", standing(indexes)),
        ..guard
    }
}

fn site_index(indexes: &[Index]) -> Check {
    let told = |state, message: String, hint| check("code-index-of-the-site", state, message, hint);
    match conflict(indexes) {
        None => told(
            CheckState::Ok,
            format!("The site's code can make {CODE_INDEX}, or finds it made."),
            "",
        ),
        Some(conflict) => told(
            CheckState::Problem,
            conflict.sentence(),
            &way_out(
                indexes,
                "atriage diagnose --fix-index renames it without a moment in which two users could get one code.",
            ),
        ),
    }
}

fn shared_codes(census: &Census) -> Check {
    if census.shared == 0 {
        return check("shared-codes", CheckState::Ok, "No two users have one code.", "");
    }
    check(
        "shared-codes",
        CheckState::Problem,
        format!("{}.", shared_sentence(census)),
        "Give all but one of them another code by hand: unset it, and a backfill draws one.",
    )
}

/// `2 codes belong to several users: ac25momez (auth0|1, auth0|2)`
pub fn shared_sentence(census: &Census) -> String {
    let examples: Vec<String> = census.examples.iter().map(Shared::describe).collect();
    let codes = match census.shared {
        1 => "One code belongs".to_string(),
        many => format!("{many} codes belong"),
    };
    let more = match census.shared as usize > examples.len() {
        true => "; …",
        false => "",
    };
    format!("{codes} to several users: {}{more}", examples.join("; "))
}

fn missing_codes(census: &Census) -> Check {
    match census.without {
        0 => check(
            "missing-codes",
            CheckState::Ok,
            "Every user with a record has a code.",
            "",
        ),
        many => check(
            "missing-codes",
            CheckState::Warning,
            format!("{} with a record and no code.", there_are(many)),
            "atriage backfill --all draws one for each of them.",
        ),
    }
}

fn there_are(many: u64) -> String {
    match many {
        1 => "There is 1 user".into(),
        many => format!("There are {many} users"),
    }
}

/// The share of a year's codes that are given away, in percent.
pub fn fill(census: &Census) -> u64 {
    census.in_year * 100 / u64::from(CODES_A_YEAR)
}

fn space(year: i16, census: &Census) -> Check {
    let percent = fill(census);
    let message = format!(
        "{} of the {CODES_A_YEAR} codes of {year} are given away ({percent} %).",
        census.in_year
    );
    let (state, hint) = match percent {
        ..FULL => (CheckState::Ok, ""),
        FULL..TOO_FULL => (
            CheckState::Warning,
            "A code that is drawn now is another user's every second time or more; the year will run out of codes.",
        ),
        _ => (
            CheckState::Problem,
            "Drawing a free code takes twenty tries or more; a longer form of code is needed.",
        ),
    };
    check("code-space", state, message, hint)
}

fn draw(draw: &Draw, this_year: i16) -> Check {
    let id = match draw.year == this_year {
        true => "code-draw",
        false => "code-draw-past",
    };
    let well = is_well_formed(&draw.code) && draw.code[2..4] == format!("{:02}", draw.year.rem_euclid(100));
    let (code, year) = (clean(&draw.code), draw.year);
    match (well, draw.taken) {
        (false, _) => check(
            id,
            CheckState::Problem,
            format!("{code} was drawn for {year}, and is no code of that year."),
            "This is a fault of this program: tell its makers.",
        ),
        (true, false) => check(
            id,
            CheckState::Ok,
            format!("{code} was drawn for a signup of {year}, and is free."),
            "",
        ),
        (true, true) => check(
            id,
            CheckState::Ok,
            format!(
                "{code} was drawn for a signup of {year}, and is somebody's: another one would be drawn."
            ),
            "",
        ),
    }
}

fn rehearsal(rehearsal: &Rehearsal) -> Vec<Check> {
    let tried = match rehearsal {
        Rehearsal::Would { key, writes } => {
            return vec![check(
                "rehearsal",
                CheckState::Unknown,
                format!(
                    "Not tried: a signup of the throw-away user {key} would write {writes}, and remove it again."
                ),
                "atriage diagnose --fix tries it.",
            )];
        }
        Rehearsal::Tried(tried) => tried,
    };
    let first = match &tried.failure {
        None => {
            let made = || {
                tried
                    .steps
                    .iter()
                    .filter(|report| report.step != Step::RemoveRehearsal)
            };
            let ms: u64 = made().map(|report| report.ms).sum();
            check(
                "rehearsal",
                CheckState::Ok,
                format!(
                    "The throw-away user {} signed up, verified and got an account in {} steps and {ms} ms; what Auth0 would say was made up.",
                    tried.key,
                    made().count()
                ),
                "",
            )
        }
        Some((step, problem)) => check(
            "rehearsal",
            CheckState::Problem,
            format!(
                "The signup of the throw-away user {} stopped at {}: {}",
                tried.key,
                step.map_or("its beginning", Step::name),
                problem.message
            ),
            &problem.hint,
        ),
    };
    let second = match &tried.removed {
        Ok(dids) if dids.is_empty() => check(
            "rehearsal-removed",
            CheckState::Ok,
            "Nothing of the throw-away user is left but the entries in the audit trail.",
            "",
        ),
        Ok(dids) => check(
            "rehearsal-removed",
            CheckState::Ok,
            format!(
                "Nothing of the throw-away user is left but the entries in the audit trail, and in the PLC directory {}, which nobody can remove.",
                clean(&dids.join(", "))
            ),
            "",
        ),
        Err(problem) => check(
            "rehearsal-removed",
            CheckState::Problem,
            format!(
                "The throw-away user {} could not be removed: {}",
                tried.key, problem.message
            ),
            "The next atriage diagnose --fix removes it.",
        ),
    };
    vec![first, second]
}

fn leftovers(leftovers: &Result<Vec<String>, Problem>) -> Option<Check> {
    match leftovers {
        Ok(keys) if keys.is_empty() => None,
        Ok(keys) => Some(check(
            "rehearsal-leftover",
            CheckState::Warning,
            format!(
                "A rehearsal that was interrupted left {}.",
                clean(&keys.join(", "))
            ),
            "atriage diagnose --fix removes what is left of it.",
        )),
        Err(problem) => Some(unknown("rehearsal-leftover", problem)),
    }
}

fn newest(newest: &Newest) -> Check {
    let id = format!("signups-{}", newest.tenant);
    let (totals, systemic) = match &newest.audit {
        Ok(audit) => audit,
        Err(problem) => return unknown(&id, problem),
    };
    let counts = format!(
        "of the newest {}, {} whole, {} waiting, {} broken, {} unknown",
        totals.checked, totals.whole, totals.waiting, totals.broken, totals.unknown
    );
    match systemic.first() {
        Some(found) => check(
            id,
            CheckState::Problem,
            format!(
                "{} of the newest {} {}; {counts}.",
                found.affected,
                found.of,
                found.finding.fragment()
            ),
            found.finding.hint(),
        ),
        None if totals.broken > 0 => check(
            id,
            CheckState::Warning,
            format!("No common cause: {counts}."),
            "atriage audit names them, atriage backfill mends them.",
        ),
        None if totals.unknown > 0 => check(
            id,
            CheckState::Unknown,
            format!("Not all could be looked at: {counts}."),
            "",
        ),
        None => check(id, CheckState::Ok, format!("Nothing is broken: {counts}."), ""),
    }
}

fn failures(failures: &Result<Vec<Failures>, Problem>) -> Vec<Check> {
    match failures {
        Ok(all) if all.is_empty() => {
            let none = "No user of the newest runs is left failed.";
            vec![check("failures", CheckState::Ok, none, "")]
        }
        Ok(all) => all
            .iter()
            .map(|one| check("failures", CheckState::Warning, one.describe(), &one.hint))
            .collect(),
        Err(problem) => vec![unknown("failures", problem)],
    }
}

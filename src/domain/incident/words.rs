//! The sentences of a report.

use jiff::Timestamp;

use super::{Affected, Facts, Scope};
use crate::domain::finding::{FindingId, Severity};
use crate::domain::tally::Totals;
use crate::domain::text;

/// `1 user`, `5 users`.
pub(super) fn people(count: usize) -> String {
    text::count(count, "user")
}

/// `4 whole, 1 waiting`: what there is none of is left out.
pub(super) fn listed<'a>(counts: impl IntoIterator<Item = (usize, &'a str)>) -> String {
    let told = counts.into_iter().filter(|(count, _)| *count > 0);
    told.map(|(count, word)| format!("{count} {word}"))
        .collect::<Vec<_>>()
        .join(", ")
}

/// `2025-10-14 10:01 UTC`.
pub fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tense {
    Is,
    Was,
}

/// `5 have no users record`, `1 had no users record`.
pub(super) fn counted(finding: FindingId, count: usize, tense: Tense) -> String {
    let one = count == 1;
    let word = |word: &str| match (word, tense) {
        ("have", Tense::Is) if one => "has".to_string(),
        ("have", Tense::Was) => "had".into(),
        ("are", Tense::Is) if one => "is".into(),
        ("are", Tense::Was) if one => "was".into(),
        ("are", Tense::Was) => "were".into(),
        ("share", Tense::Is) if one => "shares".into(),
        ("share", Tense::Was) => "shared".into(),
        ("go", Tense::Is) if one => "goes".into(),
        ("go", Tense::Was) => "went".into(),
        ("moved", Tense::Was) => "had moved".into(),
        (other, _) => other.into(),
    };
    let words: Vec<String> = finding.fragment().split(' ').map(word).collect();
    format!("{count} {}", words.join(" "))
}

/// The first paragraph: how many, what they lacked, since when, and how they stand now.
pub(super) fn problem(facts: &Facts, users: &[Affected], tenants: &[String], now: Totals) -> String {
    let broken: Vec<&Affected> = users.iter().filter(|user| user.was_broken()).collect();
    let of = tenants.join(" and ");
    let many = facts.people.len();
    let all = match &facts.scope {
        Scope::Run(id) => format!("{} of run {id} ({of})", people(many)),
        Scope::Since(since) => format!(
            "{} of {of} who signed up or were worked on since {}",
            people(many),
            minute(*since)
        ),
    };
    let Some(one) = broken.first() else {
        return match many {
            0 => "Nobody is known to be concerned.".into(),
            _ if facts.all_is_known() => format!("None of {all} is broken, or was when a job looked."),
            _ => format!("None of {all} is known to be broken, but not everything is known."),
        };
    };
    let worked_on = users
        .iter()
        .any(|user| user.run.is_some() || !user.steps.is_empty());
    let tense = if worked_on { Tense::Was } else { Tense::Is };
    let verb = match (tense, broken.len()) {
        (Tense::Was, 1) => "was",
        (Tense::Was, _) => "were",
        (Tense::Is, 1) => "is",
        (Tense::Is, _) => "are",
    };
    let lacked = lacked(&broken, tense);
    let mut sentences = vec![format!("{} of {all} {verb} broken{lacked}.", broken.len())];
    let dates = || broken.iter().filter_map(|user| user.created_at);
    sentences.extend(match (dates().min(), dates().max()) {
        (Some(first), Some(last)) if first != last => Some(format!(
            "The first of them signed up at {}, the last at {}.",
            minute(first),
            minute(last)
        )),
        (Some(only), _) => Some(format!("{} signed up at {}.", one.sub, minute(only))),
        _ => None,
    });
    sentences.push(match worked_on {
        false if !facts.journal_was_read => "What was done about it is not known.".into(),
        false => "Nothing was done about it yet.".into(),
        true if now.broken + now.unknown == 0 => format!("Nobody is broken now: {}.", standing(now)),
        true => format!("Now {}.", standing(now)),
    });
    sentences.join(" ")
}

/// How many findings are named in the first paragraph: the rest is told of what is left.
const NAMED: usize = 3;

/// `: 5 had no users record, 4 were verified and had no account`: what most lacked, in the order of the pipeline.
fn lacked(broken: &[&Affected], tense: Tense) -> String {
    let all = FindingId::ALL
        .into_iter()
        .filter(|id| id.severity() > Severity::Info);
    let counts = all.map(|id| (id, broken.iter().filter(|user| user.first().has(id)).count()));
    let mut counts: Vec<(FindingId, usize)> = counts.filter(|(_, count)| *count > 0).collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let others = counts.len().saturating_sub(NAMED);
    counts.truncate(NAMED);
    counts.sort_by_key(|(id, _)| *id);
    let mut told: Vec<String> = counts
        .iter()
        .map(|(id, count)| counted(*id, *count, tense))
        .collect();
    if others > 0 {
        told.push(format!("and {others} other findings of fewer"));
    }
    match told.is_empty() {
        true => String::new(),
        false => format!(": {}", told.join(", ")),
    }
}

/// `4 are whole, 1 waits for the e-mail to be verified`.
pub(super) fn standing(now: Totals) -> String {
    let told = |count: usize, one: &str, many: &str| {
        (count > 0).then(|| format!("{count} {}", if count == 1 { one } else { many }))
    };
    let all = [
        told(now.whole, "is whole", "are whole"),
        told(
            now.waiting,
            "waits for the e-mail to be verified",
            "wait for the e-mail to be verified",
        ),
        told(now.broken, "is broken", "are broken"),
        told(now.unknown, "is unknown", "are unknown"),
    ];
    all.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

//! The report as Markdown, set so that it reads well before anything renders it: short lines, and tables in columns.

use jiff::Timestamp;
use unicode_width::UnicodeWidthStr;

use super::super::output::escaped;
use crate::domain::incident::{Affected, Incident, Scope, Standing, minute};
use crate::domain::look::{Count, Look};
use crate::domain::text::{clean, span};
use crate::domain::{Column, State, Verdict};

/// All of the report.
pub fn markdown(incident: &Incident) -> String {
    let sections = [
        title(incident),
        section("Problem", prose(&incident.problem)),
        section("Root cause", cause(incident)),
        section("Timeline", timeline(incident)),
        section("Numbers", numbers(incident)),
        section("Affected", affected(incident)),
        section("What was done", done(incident)),
        section("What is left", left(incident)),
        section("Next steps", next(incident)),
        section(
            "Not known",
            list(&incident.unknown, "Nothing: every backend answered."),
        ),
    ];
    sections.join("\n\n")
}

fn section(name: &str, text: String) -> String {
    format!("## {name}\n\n{text}")
}

/// The title, who worked on it, and when this was written.
fn title(incident: &Incident) -> String {
    let tenants = match incident.tenants.as_slice() {
        [] => String::new(),
        some => format!(": {}", some.join(" and ")),
    };
    let time = match (incident.from, incident.to) {
        (Some(from), Some(to)) => format!(", {} to {}", minute(from), minute(to)),
        (Some(from), None) => format!(", since {}", minute(from)),
        (None, _) => String::new(),
    };
    let state = match incident.standing {
        Standing::Nothing => "Nothing was broken.",
        Standing::Open => "It is not over.",
        Standing::Unknown => "Whether it is over is not known.",
        Standing::Over => "It is over.",
    };
    let who = match incident.operators.as_slice() {
        [] if !incident.journal_was_read => "Who worked on it is not known.".to_string(),
        [] => "Nobody worked on it so far.".into(),
        some => format!("Worked on by {}.", some.join(", ")),
    };
    let scope = match &incident.scope {
        Scope::Run(id) => format!("run {id}"),
        Scope::Since(since) => format!("everything since {}", minute(*since)),
    };
    let written = minute(incident.made_at);
    format!(
        "# {}\n\n{}",
        prose(&format!("Incident report{tenants}{time}")),
        prose(&format!("{state} {who} Written at {written}, about {scope}."))
    )
}

fn cause(incident: &Incident) -> String {
    let cause = &incident.cause;
    let sentence = prose(&capital(&cause.sentence));
    match cause.evidence.is_empty() {
        true => sentence,
        false => format!("{sentence}\n\n{}", list(&cause.evidence, "")),
    }
}

fn timeline(incident: &Incident) -> String {
    let begin = incident.timeline.first().map(|moment| moment.at);
    let rows = incident.timeline.iter().map(|moment| {
        [
            moment.at.strftime("%Y-%m-%d %H:%M:%S").to_string(),
            after(begin, moment.at),
            moment.text.clone(),
        ]
    });
    table(["UTC", "after", "what"], rows)
}

fn after(begin: Option<Timestamp>, at: Timestamp) -> String {
    let seconds = begin.map_or(0, |begin| at.as_second() - begin.as_second());
    match seconds {
        0 => "–".into(),
        seconds => format!("+{}", span(seconds)),
    }
}

fn numbers(incident: &Incident) -> String {
    if incident.users.is_empty() {
        return "There is nobody to count.".into();
    }
    let rows = incident
        .numbers
        .iter()
        .map(|one| [one.column.word().to_string(), count(one.before), count(one.now)]);
    table(["ok of expected", "before", "now"], rows)
}

/// `4/4, 1 waiting`: how many are ok of those of whom it is expected.
fn count(count: Count) -> String {
    let mut told = vec![format!("{}/{}", count.ok, count.of)];
    for (number, word) in [(count.waiting, "waiting"), (count.unknown, "unknown")] {
        if number > 0 {
            told.push(format!("{number} {word}"));
        }
    }
    told.join(", ")
}

fn affected(incident: &Incident) -> String {
    if incident.users.is_empty() {
        return "Nobody.".into();
    }
    let rows = incident.users.iter().map(|user| {
        [
            user.email.clone().unwrap_or_else(|| "?".into()),
            match incident.tenants.len() {
                0 | 1 => user.sub.clone(),
                _ => format!("{} {}", user.tenant, user.sub),
            },
            user.created_at
                .map_or_else(|| "?".into(), |at| at.strftime("%Y-%m-%d %H:%M").to_string()),
            wrong(user),
            steps(user),
            ended(user),
            standing(&user.now),
        ]
    });
    table(
        ["user", "sub", "signed up", "was wrong", "done", "outcome", "now"],
        rows,
    )
}

fn wrong(user: &Affected) -> String {
    match &user.before {
        None => "not known".into(),
        Some(look) if look.findings.is_empty() => match look.verdict {
            Verdict::Unknown => "not known".into(),
            _ => "nothing".into(),
        },
        Some(look) => {
            let mark = if user.before_is_inferred {
                " (by the steps)"
            } else {
                ""
            };
            format!("{}{mark}", names(look))
        }
    }
}

fn names(look: &Look) -> String {
    let names: Vec<&str> = look.findings.iter().map(|id| id.name()).collect();
    names.join(", ")
}

fn steps(user: &Affected) -> String {
    match user.steps.is_empty() {
        true => "nothing".into(),
        false => {
            let names: Vec<&str> = user.steps.iter().map(|step| step.name()).collect();
            names.join(", ")
        }
    }
}

/// How the run ended with them.
fn ended(user: &Affected) -> String {
    let outcome = match (user.outcome, &user.run) {
        (Some(outcome), _) => outcome.word(),
        (None, Some(_)) => "not yet",
        (None, None) => "–",
    };
    match &user.error {
        Some(error) => format!("{outcome} ({}, {})", error.class.word(), error.advice.word()),
        None => outcome.into(),
    }
}

/// `whole`, `broken (missing-code)`, `unknown (pds)`.
fn standing(now: &Look) -> String {
    let word = now.verdict.word();
    let unknown: Vec<&str> = Column::ALL
        .into_iter()
        .filter(|column| now.state(*column) == State::Unknown)
        .map(Column::word)
        .collect();
    match now.verdict {
        Verdict::Unknown if !unknown.is_empty() => format!("{word} ({})", unknown.join(", ")),
        _ if !now.findings.is_empty() => format!("{word} ({})", names(now)),
        _ => word.into(),
    }
}

fn done(incident: &Incident) -> String {
    if incident.done.is_empty() {
        return match incident.journal_was_read {
            true => "Nothing was changed.".into(),
            false => "Not known.".into(),
        };
    }
    let rows = incident.done.iter().map(|one| {
        [
            one.step.name().to_string(),
            one.done.to_string(),
            one.failed.to_string(),
            one.unclear.to_string(),
            one.by.clone(),
            one.run.clone(),
            one.reason.clone().unwrap_or_else(|| "–".into()),
        ]
    });
    table(["step", "done", "failed", "unclear", "by", "run", "reason"], rows)
}

fn left(incident: &Incident) -> String {
    let lines: Vec<String> = incident
        .left
        .iter()
        .map(|left| {
            let what = match (left.finding, left.class, left.advice) {
                (Some(finding), ..) => format!(" ({})", finding.name()),
                (_, Some(class), Some(advice)) => format!(" ({}, {})", class.word(), advice.word()),
                _ => String::new(),
            };
            let text = left.text.trim_end_matches('.');
            format!("{text}{what}. {}", left.hint).trim_end().to_string()
        })
        .collect();
    list(&lines, "Nothing.")
}

fn next(incident: &Incident) -> String {
    if incident.next.is_empty() {
        return "Nothing is to be done.".into();
    }
    let steps = incident.next.iter().zip(1..).map(|(step, number)| {
        let command = step.command.as_ref();
        let command = command.map(|command| format!("\n\n   ```sh\n   {}\n   ```", clean(command)));
        format!("{number}. {}{}", prose(&step.text), command.unwrap_or_default())
    });
    steps.collect::<Vec<_>>().join("\n")
}

fn list(lines: &[String], nothing: &str) -> String {
    match lines.is_empty() {
        true => nothing.into(),
        false => {
            let lines: Vec<String> = lines.iter().map(|line| format!("- {}", prose(line))).collect();
            lines.join("\n")
        }
    }
}

/// Text that stands in no table, where a stroke means nothing.
fn prose(text: &str) -> String {
    escaped(&clean(text)).replace("\\|", "|")
}

fn capital(text: &str) -> String {
    let mut rest = text.chars();
    rest.next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
}

/// A table whose columns stand below each other as text, too.
fn table<const N: usize>(header: [&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let rows: Vec<[String; N]> = rows.map(|row| row.map(|cell| escaped(&clean(&cell)))).collect();
    let header = header.map(String::from);
    let mut widths = header.each_ref().map(|cell| cell.width().max(3));
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.width().max(*width);
        }
    }
    let line = |row: &[String; N]| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| {
            let gap = " ".repeat(width.saturating_sub(cell.width()));
            format!("{cell}{gap}")
        });
        format!("| {} |", cells.collect::<Vec<_>>().join(" | "))
    };
    let rule: Vec<String> = widths.iter().map(|width| "-".repeat(width + 2)).collect();
    let mut lines = vec![line(&header), format!("|{}|", rule.join("|"))];
    lines.extend(rows.iter().map(line));
    lines.join("\n")
}

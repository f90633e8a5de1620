//! What is told to the operator: for a while above the last line, and in the log for the whole session. Each of the
//! messages that something happened becomes an entry here.

use super::super::asked::in_plain_words;
use super::super::message::Target;
use super::super::passage::{Copied, Passage};
use super::super::state::{Doing, State};
use super::super::toast::Tone;
use super::super::words;
use crate::audit::AuditNews;
use crate::domain::{JobEvent, JobNews, Outcome, Problem, RunEvent, RunNews, StepOutcome};
use crate::services::health::{Liveness, ServiceHealth};

/// Says a sentence, and keeps it with the names of the calls that it is about. It must hold nothing that is masked.
pub fn tell(state: &mut State, tone: Tone, text: String) {
    state.toasts.push(tone, in_plain_words(&text), state.now);
    state.log.push(state.now, tone, None, text);
}

/// Keeps what the screen shows elsewhere.
pub fn note(state: &mut State, tone: Tone, text: String) {
    state.log.push(state.now, tone, None, text);
}

/// A problem in full: what happened, what to do about it, and of which kind it is.
pub fn whole(problem: &Problem) -> String {
    words::show(&problem.message) + &rest(problem)
}

/// What stands after the message.
fn rest(problem: &Problem) -> String {
    let (class, advice) = (problem.class.word().replace('_', " "), problem.advice.word());
    let hint = words::show(&problem.hint);
    let gap = if hint.is_empty() { "" } else { " " };
    format!("{gap}{hint} ({class}, {advice})")
}

/// Something that was asked for failed.
pub fn failed(state: &mut State, problem: &Problem) {
    tell(state, Tone::Bad, whole(problem));
}

/// Where a copied text went. No full stop after an id: people select it with a double click.
pub fn copied(state: &mut State, what: &str, to: &Copied) {
    let (tone, told) = match to {
        // No terminal says whether it took it, so that nothing is said to be done.
        Copied::Sent(passage) => {
            let first = !std::mem::replace(&mut state.told_of_clipboard, true);
            let where_to_look = match passage {
                _ if !first => "",
                Passage::Tmux => " (not there? tmux needs allow-passthrough or set-clipboard on)",
                _ => " (not there? Let the terminal's settings allow OSC 52)",
            };
            (
                Tone::Plain,
                format!("Sent to the terminal's clipboard: {what}{where_to_look}"),
            )
        }
        Copied::Kept { path, too_long } => {
            let why = if *too_long {
                "Too long for a clipboard"
            } else {
                "This terminal has no clipboard"
            };
            let path = path.display();
            let ends = match state.setup.reach.sandbox {
                true => " (it goes with the sandbox)",
                false => "",
            };
            (Tone::Warning, format!("{why}, written to {path}{ends}: {what}"))
        }
        Copied::Lost(why) => (
            Tone::Bad,
            format!("Not copied: {what}. {why}. Is there room, and is the folder yours?"),
        ),
    };
    tell(state, tone, words::show(&told));
}

/// What became of one user. Called before the event is folded.
pub fn job(state: &mut State, event: &JobEvent) {
    let why = |error: &Option<Problem>| {
        let told = error.as_ref().map(|problem| format!(": {}", whole(problem)));
        told.unwrap_or_default()
    };
    let (tone, text) = match &event.news {
        JobNews::StepDone(report) if report.outcome == StepOutcome::Failed => {
            let detail = words::show(&report.detail);
            let because = if detail.is_empty() {
                String::new()
            } else {
                format!(": {detail}")
            };
            (Tone::Warning, format!("{} failed{because}", report.step.name()))
        }
        JobNews::Busy { by } => (Tone::Plain, format!("waits for {}", words::show(by))),
        JobNews::Left => (Tone::Plain, "left for later".into()),
        JobNews::Finished { outcome, error } => match outcome {
            Outcome::Done => (Tone::Good, "mended".into()),
            Outcome::Nothing => (Tone::Good, "nothing to do".into()),
            Outcome::Failed => (Tone::Bad, format!("failed{}", why(error))),
            Outcome::Refused => (Tone::Warning, format!("refused{}", why(error))),
            Outcome::Cancelled => (Tone::Plain, "cancelled".into()),
        },
        JobNews::Queued
        | JobNews::Started
        | JobNews::Planned(_)
        | JobNews::StepStarted(_)
        | JobNews::StepDone(_)
        | JobNews::Waiting { .. } => return,
    };
    let who = Target {
        tenant: event.tenant.clone(),
        sub: event.sub.clone(),
        key: event.key.clone(),
    };
    state.log.push(event.at, tone, Some(who), text);
}

/// What happens to a run and is told nowhere else. Called after the event was folded.
pub fn run(state: &mut State, event: &RunEvent) {
    let name = words::show(state.short_run(&event.run));
    match &event.news {
        RunNews::Registered { total } => {
            let reason = state.jobs.run(&event.run).and_then(|run| run.reason.as_deref());
            let why = reason.map_or(String::new(), |reason| format!(" Why: {}", words::show(reason)));
            let users = words::count(*total, "user");
            note(state, Tone::Plain, format!("Run {name} began: {users}.{why}"));
        }
        RunNews::Holding { why, .. } => {
            let text = format!("Run {name}: all jobs wait. {}", whole(why));
            note(state, Tone::Warning, text);
        }
        RunNews::Paused(pause) => {
            let sentence = words::show(&pause.sentence());
            note(
                state,
                Tone::Bad,
                format!("Run {name} {sentence}{}", rest(&pause.problem)),
            );
        }
        // `runs::news` tells of these.
        RunNews::Ended | RunNews::Refused(_) | RunNews::Unwritten(_) => {}
    }
}

/// Backends that went down, and that came back. Called before the state of the services is replaced.
pub fn health(state: &mut State, now: &[ServiceHealth]) {
    for service in now {
        let same = |known: &&ServiceHealth| (known.name, &known.tenant) == (service.name, &service.tenant);
        let before = state.health.iter().find(same).map(|known| known.liveness);
        let before = before.unwrap_or_default();
        if before == service.liveness {
            continue;
        }
        let name = match service.tenant.as_str() {
            "" => service.name.to_string(),
            tenant => format!("{} of {}", service.name, words::show(tenant)),
        };
        let why = service
            .problem
            .as_ref()
            .map_or(String::new(), |problem| format!(": {}", whole(problem)));
        match service.liveness {
            Liveness::Down => note(state, Tone::Bad, format!("{name} is down{why}")),
            Liveness::Limited => note(state, Tone::Warning, format!("{name} refuses for now{why}")),
            Liveness::Up if before != Liveness::Unasked => {
                note(state, Tone::Good, format!("{name} answers again"));
            }
            Liveness::Up | Liveness::Unasked => {}
        }
    }
}

/// A tenant that could not be listed, and that can be again. Called before the news are taken in.
pub fn audit(state: &mut State, news: &AuditNews) {
    match news {
        AuditNews::Failed { tenant, problem } => {
            let (name, why) = (words::show(tenant), whole(problem));
            let walk = state.walks.get(tenant);
            let again = walk.is_some_and(|walk| matches!(walk.doing, Doing::Again { .. }));
            let (tone, text) = match again {
                true => (
                    Tone::Warning,
                    format!("Older signups of {name} could not be read again: {why}"),
                ),
                false => (Tone::Bad, format!("{name} cannot be listed: {why}")),
            };
            note(state, tone, text);
        }
        AuditNews::Finished { tenant, .. } => {
            if state.walks.get(tenant).is_some_and(|walk| walk.failure.is_some()) {
                note(
                    state,
                    Tone::Good,
                    format!("{} is listed again", words::show(tenant)),
                );
            }
        }
        AuditNews::Started { .. } | AuditNews::Rows { .. } => {}
    }
}

/// A history that could not be read.
pub fn unread(state: &mut State, who: &Target, problem: &Problem) {
    let text = format!("the history cannot be read: {}", whole(problem));
    state.log.push(state.now, Tone::Bad, Some(who.clone()), text);
}

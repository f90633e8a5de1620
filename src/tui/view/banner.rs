//! The lines that concern more than one user: a run that stopped or waits, one accident behind many broken signups, a
//! source that fails, and that the dashboard is about to leave.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use crate::domain::State as Fact;
use crate::domain::run::Pause;
use crate::domain::suspect::despite_the_index;
use crate::domain::tally::{hindrance, is_of_the_code};
use crate::services::health::Liveness;

use super::super::accidents;
use super::super::applies;
use super::super::asked::in_plain_words;
use super::super::keys::Command;
use super::super::state::State;
use super::super::theme::{Role, Theme};
use super::super::words;
use super::{put, resume};

/// More would take the table's room.
const MOST: usize = 4;
/// What stopped a run may take more than one line: somebody has to act on it.
const MOST_OF_A_PAUSE: usize = 3;
/// What many signups share, with its cause.
const MOST_OF_A_CAUSE: usize = 2;

/// The lines, the most urgent first.
pub fn lines(state: &State) -> Vec<(Fact, String)> {
    let mut lines = Vec::new();
    if state.leaving || state.told_to_leave {
        lines.push((Fact::Running, leaving(state)));
    }
    if let Some(repair) = &state.repair {
        lines.push((Fact::Running, repair.sentence()));
    }
    let room = usize::from(state.size.0).saturating_sub(4);
    let paused = || {
        let runs = state.jobs.runs().iter().rev();
        let stopped = runs.filter_map(|run| Some((run.id.as_deref()?, run.pause.as_ref()?)));
        stopped.filter(|(id, _)| !state.is_cancelling(id))
    };
    // The newest one; R names it, and goes through them.
    if let Some((id, pause)) = paused().next() {
        for (n, piece) in stopped(state, id, pause, room).into_iter().enumerate() {
            lines.push((Fact::Missing, if n == 0 { piece } else { format!("  {piece}") }));
        }
    }
    if let Some(holding) = accidents::holding(state) {
        let until = words::until(holding.until, state.now);
        let why = shown(&holding.why.message);
        lines.push((Fact::Drift, format!("All jobs wait, the next try {until}: {why}")));
    }
    lines.extend(waiting(state).map(|text| (Fact::Drift, text)));
    let is_said = paused().next().is_some();
    for (tenant, found) in &state.tally.systemic {
        let whose = if state.shows_all_tenants() {
            format!(" of {}", words::show(tenant))
        } else {
            String::new()
        };
        let since = found.since.map_or(String::new(), |at| {
            format!(" since {}", words::since(at, state.now, state.zone()))
        });
        let fragment = found.finding.fragment();
        let (affected, of) = (found.affected, found.of);
        // A run that stopped here has said it in the lines above.
        let told = paused()
            .next()
            .is_some_and(|(_, pause)| found.cause.contains(&pause.sentence()));
        let cause = if told { "" } else { &found.cause };
        let who = format!("{affected} of the newest {of}{whose} {fragment}{since}");
        // Once the index was looked at and is not in the way, nobody is sent to look at it.
        let indexes = state.walks[tenant].evidence.code_indexes.as_deref();
        let text = match indexes.filter(|_| is_of_the_code(found.finding) && !found.has_evidence()) {
            Some(indexes) if !told => despite_the_index(&who, indexes),
            _ => format!("{who}. {}", in_plain_words(cause)),
        };
        // One alarm at a time: the run that stopped says what to do.
        let fact = if is_said { Fact::Drift } else { Fact::Missing };
        // Its cause is what it is read for, and stands last.
        let most = if is_said { 1 } else { MOST_OF_A_CAUSE };
        let end = format!("{} explains", state.key(Command::Systemic));
        let pieces = within(text.trim_end(), &end, room, most);
        lines.extend(pieces.into_iter().map(|piece| (fact, piece)));
    }
    if let Some(told) = accidents::standing_index(state).and_then(hindrance) {
        let text = format!("{told} Who signs up next may get no record.");
        let end = format!("{} explains", state.key(Command::Systemic));
        let pieces = within(&text, &end, room, MOST_OF_A_CAUSE);
        lines.extend(pieces.into_iter().map(|piece| (Fact::Drift, piece)));
    }
    for tenant in state.chosen() {
        let walk = &state.walks[tenant];
        if let Some(problem) = &walk.failure {
            let age = match walk.fresh_at {
                Some(at) => {
                    let at = words::since(at, state.now, state.zone());
                    format!("what is shown is of {at}")
                }
                None => "nothing was read so far".into(),
            };
            let (tenant, message) = (words::show(tenant), shown(&problem.message));
            let hint = words::show(&problem.hint);
            lines.push((
                Fact::Unknown,
                format!("{tenant} cannot be listed, {age}: {message} {hint}"),
            ));
        }
    }
    let store_is_down = || {
        let mut all = state.health.iter();
        all.any(|health| health.name == "mongo" && health.liveness == Liveness::Down)
    };
    for tenant in state.chosen() {
        let walk = &state.walks[tenant];
        // A tenant that cannot be listed, or a store that is down, says so already.
        if let Some(problem) = walk.orphans_unknown.as_ref().filter(|_| walk.failure.is_none())
            && !store_is_down()
        {
            let (tenant, message) = (words::show(tenant), shown(&problem.message));
            let text = format!("Whether records of {tenant} lost their Auth0 user is unknown: {message}");
            lines.push((Fact::Unknown, text));
        }
    }
    let failing = |tenant: &str| state.walks.get(tenant).is_some_and(|walk| walk.failure.is_some());
    for health in &state.health {
        let concerns =
            health.tenant.is_empty() || (state.is_chosen(&health.tenant) && !failing(&health.tenant));
        if health.liveness == Liveness::Down && concerns {
            let problem = health.problem.as_ref();
            let why = problem.map_or(String::new(), |problem| {
                format!(": {} {}", shown(&problem.message), words::show(&problem.hint))
            });
            let text = format!(
                "{} is down, so that what it knows shows as unknown{why}",
                health.name
            );
            lines.push((Fact::Unknown, text));
        }
    }
    lines.truncate(MOST);
    lines
}

/// What a backend said, without the names of its calls.
fn shown(message: &str) -> String {
    in_plain_words(&words::show(message))
}

/// The run of before that the start found, until somebody looked at it. Nothing that is typed answers it by accident: its
/// key opens the question.
fn waiting(state: &State) -> Option<String> {
    let offer = applies::to_resume(state).filter(|offer| {
        let newest = state.offers.first();
        state.offer_waits && newest.is_some_and(|newest| newest.run == offer.run)
    })?;
    let key = state.key(Command::Retry);
    Some(format!("{} {key} resumes it.", resume::how_far(&offer, state)))
}

/// A text in at most so many lines of this width, those after the first set in; it says where it was cut. What stands at
/// its end always has its room.
fn within(text: &str, end: &str, width: usize, most: usize) -> Vec<String> {
    // The text of a first line may touch the edge, one that is set in may not.
    let width = if most == 1 { width + 1 } else { width - 1 };
    let end = format!(" · {end}");
    let mut lines = words::wrap(&format!("{text}{end}"), width);
    if lines.len() > most {
        lines = words::wrap(text, width);
        let rest = lines.split_off(lines.len().min(most - 1)).join(" ");
        let room = width.saturating_sub(end.width());
        lines.push(format!("{}{end}", words::fit(&rest, room)));
    }
    for line in lines.iter_mut().skip(1) {
        line.insert_str(0, "  ");
    }
    lines
}

fn leaving(state: &State) -> String {
    if state.jobs.active_count() == 0 {
        let back = state.key(Command::Back);
        return format!("Leaving as soon as the code index is mended. {back} stays.");
    }
    let jobs = words::count(state.jobs.active_count(), "job");
    let back = state.key(Command::Back);
    match (state.leaving, state.told_to_leave) {
        (true, true) => format!("Leaving as soon as {jobs} finished the step in hand. {back} stays."),
        (true, false) => format!("Leaving as soon as {jobs} ended. {back} stays."),
        (false, _) => {
            let key = state.key(Command::Retry);
            format!("Once the step in hand is done, {jobs} will be left for later; {key} goes on then.")
        }
    }
}

/// What stopped a run, and what to do about it, in lines of this width. The key always has its room.
fn stopped(state: &State, id: &str, pause: &Pause, width: usize) -> Vec<String> {
    let id = words::show(state.short_run(id));
    let (sentence, hint) = (shown(&pause.sentence()), words::show(&pause.problem.hint));
    let told = format!("run {id} {sentence} {hint}");
    let key = state.key(Command::Retry);
    let mut room = width * MOST_OF_A_PAUSE;
    loop {
        let told = words::fit(told.trim_end(), room);
        let lines = words::wrap(&format!("{told} {key} resumes after the repair."), width);
        if lines.len() <= MOST_OF_A_PAUSE || room == 0 {
            return lines;
        }
        room = room.saturating_sub(4);
    }
}

pub fn draw(state: &State, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    for (n, (fact, text)) in lines(state).into_iter().enumerate() {
        let glyph = match fact {
            Fact::Missing => theme.glyph(Fact::Drift),
            fact => theme.glyph(fact),
        };
        let role = if fact == Fact::Missing {
            Role::Alarm
        } else {
            Role::State(fact)
        };
        // A line that goes on from the one above has no sign of its own.
        let text = match text.strip_prefix("  ") {
            Some(rest) => format!(" {:width$} {rest}", "", width = usize::from(theme.glyph_width())),
            None => format!(" {glyph} {text}"),
        };
        put(buffer, area, n as u16, &text, theme.style(role));
    }
}

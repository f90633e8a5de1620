//! The lines that concern more than one user: one accident behind many broken signups, a source that fails, and that
//! the dashboard is about to leave.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::State as Fact;
use crate::services::health::Liveness;

use super::super::state::State;
use super::super::theme::{Role, Theme};
use super::super::words;
use super::put;

/// More would take the table's room.
const MOST: usize = 3;

/// The lines, the most urgent first.
pub fn lines(state: &State) -> Vec<(Fact, String)> {
    let mut lines = Vec::new();
    if state.leaving {
        let jobs = words::count(state.jobs.active_count(), "job");
        lines.push((
            Fact::Running,
            format!("Leaving as soon as {jobs} ended. Esc stays."),
        ));
    }
    for (tenant, found) in &state.tally.systemic {
        let whose = if state.shows_all_tenants() {
            format!(" of {}", words::show(tenant))
        } else {
            String::new()
        };
        let since = found.since.map_or(String::new(), |at| {
            format!(" since {}", words::clock(at, state.zone()))
        });
        let fragment = found.finding.fragment();
        let (affected, of) = (found.affected, found.of);
        let text = format!(
            "{affected} of the newest {of}{whose} {fragment}{since}. {}",
            found.cause
        );
        lines.push((Fact::Missing, text));
    }
    for tenant in state.chosen() {
        let walk = &state.walks[tenant];
        if let Some(problem) = &walk.failure {
            let age = match walk.fresh_at {
                Some(at) => format!("what is shown is of {}", words::clock(at, state.zone())),
                None => "nothing was read so far".into(),
            };
            let (tenant, message) = (words::show(tenant), words::show(&problem.message));
            let hint = words::show(&problem.hint);
            lines.push((
                Fact::Unknown,
                format!("{tenant} cannot be listed, {age}: {message} {hint}"),
            ));
        }
    }
    let failing = |tenant: &str| state.walks.get(tenant).is_some_and(|walk| walk.failure.is_some());
    for health in &state.health {
        let concerns =
            health.tenant.is_empty() || (state.is_chosen(&health.tenant) && !failing(&health.tenant));
        if health.liveness == Liveness::Down && concerns {
            let problem = health.problem.as_ref();
            let why = problem.map_or(String::new(), |problem| {
                format!(
                    ": {} {}",
                    words::show(&problem.message),
                    words::show(&problem.hint)
                )
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
        put(
            buffer,
            area,
            n as u16,
            &format!(" {glyph} {text}"),
            theme.style(role),
        );
    }
}

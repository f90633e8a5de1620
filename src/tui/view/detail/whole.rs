//! The detail on the whole screen: what an operator needs first stands first. What is wrong; what is done or would be done
//! about it; what each backend holds; what can be copied; what was done before.

use ratatui::text::{Line, Span};

use super::super::super::state::{Row, RowId, State, Story};
use super::super::super::theme::{Role, Theme};
use super::{changes, findings, hanging, held, history, left_to_you, links, trace};
use crate::domain::change::changes as changes_of;
use crate::domain::{Policy, plan};

/// How wide the names of the sections are.
const LABEL: usize = 9;
/// From how wide on what was done stands beside what is.
const WIDE: usize = 160;
/// Between the two.
const RULE: &str = " │ ";

pub fn lines(
    row: &Row,
    story: &Story,
    state: &State,
    theme: &Theme,
    width: usize,
    room: usize,
) -> Vec<Line<'static>> {
    let held = |width| held::lines(row, state, LABEL, theme, width);
    let links = |width| links::lines(row, state, LABEL, theme, width);
    if width < WIDE {
        let mut sections = vec![standing(row, state, theme, width)];
        sections.extend(doings(row, state, theme, width));
        sections.extend([held(width), links(width), told(row, story, state, theme, width)]);
        return stacked(sections, room);
    }
    // What each holds takes the whole width, and below it what was done before stands beside what is to be done.
    let mut lines = stacked(vec![standing(row, state, theme, width), held(width)], room);
    lines.push(Line::default());
    let room = room.saturating_sub(lines.len());
    let left = (width - RULE.chars().count()) * 12 / 20;
    let right = width - RULE.chars().count() - left;
    let mut here = doings(row, state, theme, left);
    here.push(links(left));
    let there = vec![told(row, story, state, theme, right)];
    let (mut here, there) = (stacked(here, room), stacked(there, room));
    // The rule between them goes all the way down.
    here.resize(here.len().max(there.len()).max(room), Line::default());
    lines.extend(beside(here, there, left, theme));
    lines
}

fn standing(row: &Row, state: &State, theme: &Theme, width: usize) -> Vec<Line<'static>> {
    let text = findings::signed_up(row, state);
    let mut lines = hanging(Span::raw(""), &text, theme.style(Role::Text), width);
    findings::findings(row, theme, width, &mut lines);
    lines
}

/// What the newest job did, and what would be done now.
fn doings(row: &Row, state: &State, theme: &Theme, width: usize) -> Vec<Vec<Line<'static>>> {
    let job = state.jobs.get(&RowId::of(&row.signup));
    let trace = job.map(|job| trace::lines(job, state, LABEL, theme, width));
    trace
        .into_iter()
        .chain(planned(row, state, theme, width))
        .collect()
}

/// What would be done; nothing while a job is on it, which tells what it has yet to do.
fn planned(row: &Row, state: &State, theme: &Theme, width: usize) -> Option<Vec<Line<'static>>> {
    let plan = plan(&row.signup, &row.diagnosis, Policy::default());
    let mut lines = Vec::new();
    if !state.jobs.is_active(&RowId::of(&row.signup)) {
        let changes = changes_of(&row.signup, &plan);
        let label = format!("{:<LABEL$}", "Plan");
        lines.extend(changes::by_step(&changes, &label, state, theme, width));
    }
    lines.extend(left_to_you(row, &plan, LABEL, theme, width));
    (!lines.is_empty()).then_some(lines)
}

/// The history of this user; of whom the cursor only just came to, it is still to be read.
fn told(row: &Row, story: &Story, state: &State, theme: &Theme, width: usize) -> Vec<Line<'static>> {
    let target = row.target();
    let fresh;
    let story = if story.target == target {
        story
    } else {
        fresh = Story::asked(target);
        &fresh
    };
    let of_story = history::lines(story, state, theme, width.saturating_sub(LABEL));
    let label = |n: usize| {
        let name = if n == 0 { "History" } else { "" };
        Span::styled(format!("{name:<LABEL$}"), theme.style(Role::Dim))
    };
    let lines = of_story.into_iter().enumerate();
    lines
        .map(|(n, line)| {
            let mut spans = vec![label(n)];
            spans.extend(line.spans);
            Line::from(spans)
        })
        .collect()
}

/// Below each other, with an empty line between them where all have room then.
fn stacked(sections: Vec<Vec<Line<'static>>>, room: usize) -> Vec<Line<'static>> {
    let height: usize = sections.iter().map(Vec::len).sum();
    let breathes = height + sections.len().saturating_sub(1) <= room;
    let mut lines = Vec::new();
    for section in sections {
        if breathes && !lines.is_empty() {
            lines.push(Line::default());
        }
        lines.extend(section);
    }
    lines
}

fn beside(
    left: Vec<Line<'static>>,
    right: Vec<Line<'static>>,
    width: usize,
    theme: &Theme,
) -> Vec<Line<'static>> {
    let mut right = right.into_iter();
    let rows = left.into_iter().map(|mut line| {
        let missing = width.saturating_sub(line.width());
        line.spans.push(Span::raw(" ".repeat(missing)));
        line.spans.push(Span::styled(RULE, theme.style(Role::Border)));
        line.spans.extend(right.next().unwrap_or_default().spans);
        line
    });
    rows.collect()
}

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

/// All of it, and where its links stand.
pub struct Whole {
    pub lines: Vec<Line<'static>>,
    /// The first line of them.
    pub links_from: usize,
    /// How wide theirs are.
    pub links_width: usize,
}

pub fn whole(row: &Row, story: &Story, state: &State, theme: &Theme, width: usize, room: usize) -> Whole {
    let held = |width| held::lines(row, state, LABEL, theme, width);
    let links = |width| links::lines(row, state, LABEL, theme, width);
    if width < WIDE {
        let mut sections = vec![standing(row, state, theme, width)];
        sections.extend(doings(row, state, theme, width));
        sections.push(held(width));
        let before = sections.len();
        sections.extend([links(width), told(row, story, state, theme, width)]);
        let (lines, begin) = stacked(sections, room);
        return Whole {
            lines,
            links_from: begin[before],
            links_width: width,
        };
    }
    // What each holds takes the whole width, and below it what was done before stands beside what is to be done.
    let (mut lines, _) = stacked(vec![standing(row, state, theme, width), held(width)], room);
    lines.push(Line::default());
    let room = room.saturating_sub(lines.len());
    let left = (width - RULE.chars().count()) * 12 / 20;
    let right = width - RULE.chars().count() - left;
    let mut here = doings(row, state, theme, left);
    let before = here.len();
    here.push(links(left));
    let there = vec![told(row, story, state, theme, right)];
    let ((mut here, begin), (there, _)) = (stacked(here, room), stacked(there, room));
    let links_from = lines.len() + begin[before];
    // The rule between them goes all the way down.
    here.resize(here.len().max(there.len()).max(room), Line::default());
    lines.extend(beside(here, there, left, theme));
    Whole {
        lines,
        links_from,
        links_width: left,
    }
}

/// Which link stands in a line, so many columns from its beginning.
pub fn link_at(whole: &Whole, row: &Row, state: &State, line: usize, column: usize) -> Option<usize> {
    let line = line.checked_sub(whole.links_from)?;
    let width = whole.links_width;
    let within = column < width;
    within.then(|| links::at(row, state, LABEL, width, line, column))?
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

/// Below each other, with an empty line between them where all have room then; and where each begins.
fn stacked(sections: Vec<Vec<Line<'static>>>, room: usize) -> (Vec<Line<'static>>, Vec<usize>) {
    let height: usize = sections.iter().map(Vec::len).sum();
    let breathes = height + sections.len().saturating_sub(1) <= room;
    let (mut lines, mut begin) = (Vec::new(), Vec::new());
    for section in sections {
        if breathes && !lines.is_empty() {
            lines.push(Line::default());
        }
        begin.push(lines.len());
        lines.extend(section);
    }
    (lines, begin)
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

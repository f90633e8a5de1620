//! Which rows are shown, in which order; the cursor and the window, which follow ids; and what is counted.

use std::cmp::Ordering;
use std::collections::HashMap;

use crate::domain::tally;
use crate::domain::{FindingId, Verdict};

use super::super::accidents;
use super::super::columns::{Column, Seen};
use super::super::filter;
use super::super::hours::hours;
use super::super::layout::Sort;
use super::super::state::{Row, RowId, State, Tally};
use super::super::toast::Tone;
use super::super::{view, words};
use super::detail;
use super::telling::tell;

/// Makes `shown` and `tally` anew, after rows, filter or order changed.
pub fn arrange(state: &mut State) {
    let mut shown: Vec<(&RowId, &Row)> = state
        .rows
        .iter()
        .filter(|(id, row)| state.is_chosen(&id.tenant) && is_shown(state, id, row))
        .collect();
    shown.sort_by(|a, b| compare(state, a, b));
    let shown: Vec<RowId> = shown.into_iter().map(|(id, _)| id.clone()).collect();
    let old = std::mem::replace(&mut state.shown, shown);
    follow(state, &old);
    state.tally = count(state);
}

/// Whether the filter lets a row of a tenant that is shown through.
pub fn is_shown(state: &State, id: &RowId, row: &Row) -> bool {
    let job = state.jobs.get(id);
    let broken =
        !state.broken_only || row.verdict == Verdict::Broken || job.is_some_and(|job| job.is_active());
    // Who has the whole screen does not vanish from it because something about them was mended.
    let is_looked_at = state.cursor.as_ref() == Some(id) && state.whole_detail().is_some();
    is_looked_at || (broken && filter::lets_through(&state.filter, row, job, state.now))
}

/// By the chosen column; among equals the newest first, and by id in the end, so that no order is left to chance.
fn compare(state: &State, a: &(&RowId, &Row), b: &(&RowId, &Row)) -> Ordering {
    let Sort { by, reversed } = state.sort;
    let (first, second) = (see(state, a), see(state, b));
    let by_column = by.compare(&first, &second);
    let by_column = if reversed { by_column.reverse() } else { by_column };
    by_column
        .then_with(|| Column::Age.compare(&first, &second))
        .then_with(|| a.0.cmp(b.0))
}

fn see<'a>(state: &'a State, (id, row): &(&RowId, &'a Row)) -> Seen<'a> {
    Seen {
        row,
        job: state.jobs.get(id),
        marked: false,
        cursor: false,
    }
}

/// Puts the cursor where its user went; where they are gone, on the nearest who stayed: below, else above.
fn follow(state: &mut State, old: &[RowId]) {
    let place: HashMap<&RowId, usize> = state.shown.iter().enumerate().map(|(n, id)| (id, n)).collect();
    let was_at = state.cursor_at;
    let from_top = was_at.saturating_sub(state.top);
    let stayed = state.cursor.as_ref().and_then(|id| place.get(id)).copied();
    let neighbour = || {
        let below = old.iter().skip(was_at + 1);
        let above = old.iter().take(was_at).rev();
        below.chain(above).find_map(|id| place.get(id)).copied()
    };
    let alone = state.cursor.as_ref().filter(|_| state.whole_detail().is_some());
    let gone = alone.filter(|_| stayed.is_none()).cloned();
    let at = stayed.or_else(neighbour).unwrap_or(0);
    state.cursor_at = at;
    state.cursor = state.shown.get(at).cloned();
    let by_news = std::mem::take(&mut state.by_news);
    let mut walks = state.chosen().iter().map(|tenant| &state.walks[tenant]);
    let begins = walks.any(|walk| walk.ended_at.is_none());
    if state.top > 0 || (by_news && !begins) {
        // The row keeps its line on the screen, but for the first reading: then the list is seen from its beginning.
        state.top = at.saturating_sub(from_top);
    }
    if let Some(range) = &state.range
        && !state.rows.contains_key(&range.anchor)
    {
        state.range = None;
    }
    if let Some(gone) = gone {
        // The whole screen never becomes another user's by itself: the next key would mean somebody else.
        detail::step_back(state);
        let told = format!(
            "{} is not among the signups any more: back to the table.",
            words::show(&gone.key)
        );
        tell(state, Tone::Warning, told);
    }
}

/// Moves the window as little as possible, so that the cursor is in it.
pub fn scroll(state: &mut State) {
    let height = view::table_rows(state).max(1);
    // Whoever arrived above and was not seen yet stays there, even where there is room for all.
    let unseen = state
        .shown
        .iter()
        .take_while(|id| state.fresh.contains(id))
        .count();
    let last_top = state.shown.len().saturating_sub(height).max(unseen);
    let lowest = state.cursor_at.saturating_sub(height - 1);
    state.top = state.top.clamp(lowest, state.cursor_at.max(lowest)).min(last_top);
}

/// Whoever stands in the window was seen; the others who arrived are counted.
pub fn look(state: &mut State) {
    state.unseen = (0, 0);
    if state.fresh.is_empty() {
        return;
    }
    let rows = match state.whole_detail() {
        Some(_) => 0,
        None => view::table_rows(state),
    };
    let window = state.top..state.top + rows;
    for (at, id) in state.shown.iter().enumerate() {
        if window.contains(&at) {
            state.fresh.remove(id);
        } else if state.fresh.contains(id) && at < window.start {
            state.unseen.0 += 1;
        } else if state.fresh.contains(id) {
            state.unseen.1 += 1;
        }
    }
}

/// Puts the cursor on a row by its number.
pub fn move_to(state: &mut State, at: usize) {
    let at = at.min(state.shown.len().saturating_sub(1));
    state.cursor_at = at;
    state.cursor = state.shown.get(at).cloned();
    // Whom the whole screen alone kept in the list may go.
    state.stale_order |= state.whole_detail().is_some();
    if let Some(detail) = &mut state.detail {
        detail.scroll = 0;
    }
    extend(state);
}

/// The marks of a range: what was marked before, and all between its anchor and the cursor.
pub fn extend(state: &mut State) {
    let Some(range) = &state.range else { return };
    let Some(anchor) = state.shown.iter().position(|id| *id == range.anchor) else {
        return;
    };
    let (low, high) = (anchor.min(state.cursor_at), anchor.max(state.cursor_at));
    let mut marks = range.base.clone();
    marks.retain(|id| state.rows.contains_key(id));
    marks.extend(state.shown[low..=high].iter().cloned());
    state.marks = marks;
}

fn count(state: &State) -> Tally {
    let mut tally = Tally::default();
    let mut findings: HashMap<FindingId, usize> = HashMap::new();
    for tenant in state.chosen() {
        let rows: Vec<&Row> = state
            .rows
            .iter()
            .filter(|(id, _)| id.tenant == *tenant)
            .map(|(_, row)| row)
            .collect();
        let systemic = tally::systemic(
            rows.iter().map(|row| (&row.signup, &row.diagnosis)),
            &state.walks[tenant].evidence,
        );
        tally
            .systemic
            .extend(systemic.into_iter().map(|found| (tenant.clone(), found)));
        for row in rows {
            tally.pending += usize::from(row.is_pending());
            tally.oldest_read = tally.oldest_read.into_iter().chain([row.read_at]).min();
            if row.is_being_read() {
                tally.reading += 1;
            } else {
                tally.totals.count(row.verdict);
            }
            for finding in &row.diagnosis.findings {
                *findings.entry(finding.id).or_default() += 1;
            }
        }
    }
    let shared = tally.systemic.iter();
    tally.affected = shared
        .map(|(tenant, found)| accidents::count(state, tenant, found))
        .collect();
    tally.hours = signups_by_the_hour(state);
    tally.findings = findings.into_iter().collect();
    tally
        .findings
        .sort_by_key(|(id, count)| (std::cmp::Reverse(id.severity()), std::cmp::Reverse(*count), *id));
    tally
}

fn signups_by_the_hour(state: &State) -> Vec<super::super::hours::Hour> {
    let rows = || state.rows.iter().filter(|(id, _)| state.is_chosen(&id.tenant));
    let of = |tenant: &String| {
        let created = rows().filter(move |(id, _)| id.tenant == *tenant);
        created.filter_map(|(_, row)| row.signup.created_at()).min()
    };
    // All are known since the latest of the tenants' oldest; of a tenant that was not read yet, nothing is.
    let mut known = None;
    for tenant in state.chosen() {
        let walk = &state.walks[tenant];
        match of(tenant) {
            _ if walk.fresh_at.is_none() => return Vec::new(),
            oldest if !walk.exhausted => known = known.max(oldest.or(Some(state.now))),
            _ => {}
        }
    }
    let judged = rows().filter_map(|(_, row)| Some((row.signup.created_at()?, row.verdict)));
    hours(judged, known, state.now)
}

//! Why a key does nothing right now, each reason one sentence; `Ok` where it does something.

mod index;

pub use index::*;

use super::accidents::{Affected, counted, topics};
use super::runs::Offer;
use super::sheet::Planned;
use super::state::{Doing, Mode, Row, RowId, State};
use super::words;

/// The users whose newest job failed and who are still in the table, of the tenants that are shown. Whoever looks
/// at one user alone means that one.
pub fn failed(state: &State) -> impl Iterator<Item = RowId> {
    let of_failed = state.jobs.all().filter(|job| job.failed()).map(|job| job.id());
    let alone = state.whole_detail().is_some();
    let is_meant = move |id: &RowId| !alone || state.cursor.as_ref() == Some(id);
    of_failed.filter(move |id| state.is_chosen(&id.tenant) && state.rows.contains_key(id) && is_meant(id))
}

/// The run that `R` offers to go on with: one of this session that stopped comes before what failed here, and that before
/// those of earlier sessions, which may wait for long.
pub fn to_resume(state: &State) -> Option<Offer> {
    // Whoever looks at one user alone does not mean all the others of a run.
    if state.whole_detail().is_some() {
        return None;
    }
    let here = state.jobs.resumable();
    let here = here.filter(|offer| !state.is_cancelling(&offer.run));
    here.or_else(|| {
        let offer = state.offers.first()?;
        failed(state).next().is_none().then(|| offer.clone())
    })
}

/// Each `{command}` in the reason becomes its key.
fn because(state: &State, holds: bool, why: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(state.spell(why)) }
}

pub fn always(_: &State) -> Result<(), String> {
    Ok(())
}

pub fn has_rows(state: &State) -> Result<(), String> {
    because(state, !state.shown.is_empty(), "No signup is shown here.")
}

/// What is exported is what was read, and when: neither is known of half of it.
pub fn may_export(state: &State) -> Result<(), String> {
    has_rows(state)?;
    for tenant in state.chosen() {
        let walk = &state.walks[tenant];
        let being_read = walk.doing != Doing::Nothing;
        if being_read && (state.tally.pending > 0 || walk.fresh_at.is_none()) {
            return Err("The signups are still being read; a moment.".into());
        }
        because(
            state,
            walk.fresh_at.is_some(),
            &format!(
                "The signups of {} were not read to their end yet; {{refresh}} reads them.",
                words::show(tenant)
            ),
        )?;
    }
    Ok(())
}

pub fn has_somebody(state: &State) -> Result<(), String> {
    because(
        state,
        state.marked > 0 || state.cursor.is_some(),
        "No signup is shown here.",
    )
}

pub fn may_be_fixed(state: &State) -> Result<(), String> {
    has_rows(state)?;
    if state.means_the_marked() {
        return some_can_be_mended(state);
    }
    match state.row_under_cursor() {
        Some(row) => has_plan(state, row),
        None => Ok(()),
    }
}

fn has_plan(state: &State, row: &Row) -> Result<(), String> {
    let busy = state.jobs.is_active(&RowId::of(&row.signup));
    let planned = Planned::of(row, false, busy);
    because(
        state,
        !planned.steps.is_empty(),
        &format!("Nothing is done: {}", planned.left.join(" ")),
    )
}

/// Of the marked. As long as some are being read, the question itself says that.
fn some_can_be_mended(state: &State) -> Result<(), String> {
    if state.mendable > 0 || state.tally.pending > 0 {
        return Ok(());
    }
    let mut marked = state.marked();
    match (marked.next().and_then(|id| state.rows.get(id)), state.marked) {
        (Some(row), 1) => has_plan(state, row),
        (_, marked) => Err(state.spell(&format!(
            "Nothing to mend by itself for these {marked}; {{plan}} says why."
        ))),
    }
}

/// Somebody of the plan that is open.
pub fn may_fix_planned(state: &State) -> Result<(), String> {
    let Mode::Plan(sheet) = &state.mode else {
        return Ok(());
    };
    let why = match sheet.spared.as_slice() {
        [_] => "Nothing is done to this user; the reason stands beside them.",
        _ => "Nothing is done to any of them; the reasons stand beside them.",
    };
    because(state, !sheet.touched.is_empty(), why)
}

/// Of the plan that is open.
pub fn has_changes(state: &State) -> Result<(), String> {
    let changes = match &state.mode {
        Mode::Plan(sheet) => !sheet.touched.is_empty(),
        // The index is nobody's.
        Mode::Index(_) => false,
        _ => true,
    };
    because(state, changes, "Nothing is changed about anybody here.")
}

pub fn has_log(state: &State) -> Result<(), String> {
    because(state, state.log.entries().len() > 0, "Nothing happened yet.")
}

pub fn has_marks(state: &State) -> Result<(), String> {
    let why = match state.marks.is_empty() {
        true => "Nobody is marked.",
        false => "Nobody is marked here: the marks are of another tenant.",
    };
    because(state, state.marked > 0, why)
}

pub fn has_detail(state: &State) -> Result<(), String> {
    because(
        state,
        state.detail.is_some(),
        "{detail} opens the detail, which this key scrolls.",
    )
}

/// Whether something is open or in force that going back ends.
pub fn goes_back(state: &State) -> bool {
    closes_something(state) || !state.filter.is_empty()
}

/// Whether the filter is what going back ends.
pub fn drops_the_filter(state: &State) -> bool {
    !closes_something(state) && !state.filter.is_empty()
}

fn closes_something(state: &State) -> bool {
    state.detail.is_some() || state.jobs_open || state.range.is_some() || state.leaving
}

pub fn has_somewhere_to_go_back(state: &State) -> Result<(), String> {
    because(
        state,
        goes_back(state) || !state.toasts.is_empty(),
        "There is nothing to go back from; {quit} quits.",
    )
}

pub fn has_accident(state: &State) -> Result<(), String> {
    because(
        state,
        !topics(state).is_empty(),
        "Nothing concerns many: no cause is shared, no run stopped, no service is down.",
    )
}

/// Several are gone through.
pub fn has_accidents(state: &State) -> Result<(), String> {
    let all = topics(state);
    let Mode::Systemic { topic, .. } = &state.mode else {
        return Ok(());
    };
    let other = all.iter().any(|other| other != topic);
    because(state, other, "Nothing else concerns many.")
}

/// How many of those whom the explained accident concerns are shown.
pub fn affected_here(state: &State) -> usize {
    explained(state).map_or(0, |affected| affected.shown)
}

fn explained(state: &State) -> Option<&Affected> {
    match &state.mode {
        Mode::Systemic { topic, .. } => counted(state, topic),
        _ => None,
    }
}

pub fn has_affected(state: &State) -> Result<(), String> {
    let why = match explained(state) {
        Some(affected) if affected.hidden > 0 => {
            "The filter hides all who have it; close this, and {back} in the table drops it."
        }
        _ => "Nobody who is shown has what is explained here.",
    };
    because(state, affected_here(state) > 0, why)
}

pub fn may_fix_marked(state: &State) -> Result<(), String> {
    because(
        state,
        state.marked > 0,
        "Nobody is marked: {mark-all} marks those who have it.",
    )?;
    some_can_be_mended(state)
}

/// Nobody goes on with a run before it is seen whom that touches.
pub fn may_go_on(state: &State) -> Result<(), String> {
    match &state.mode {
        Mode::Resume { whom: None, .. } => Err("Whom it would touch is still being asked; a moment.".into()),
        Mode::Resume {
            whom: Some(Err(_)), ..
        } => Err("Whom it would touch is not known: the reason stands above.".into()),
        _ => Ok(()),
    }
}

pub fn may_retry(state: &State) -> Result<(), String> {
    let any_failed = state.jobs.failed_count() > 0 && failed(state).next().is_some();
    if state.whole_detail().is_some() {
        let why =
            "No job failed on this user; {back} goes back to the table, where {retry} is about everybody.";
        return because(state, any_failed, why);
    }
    if !state.cancelling.is_empty() && !any_failed && to_resume(state).is_none() {
        return Err("The run is being cancelled; a moment.".into());
    }
    let stopping = state.jobs.runs().iter().any(|run| run.pause.is_some());
    if stopping && !any_failed && to_resume(state).is_none() {
        return Err("The run that stopped is still finishing the steps in hand; a moment.".into());
    }
    because(
        state,
        any_failed || to_resume(state).is_some(),
        "No job failed and no run stopped, so that there is nothing to retry.",
    )
}

pub fn has_job(state: &State) -> Result<(), String> {
    let stoppable = |id: &RowId| {
        state.cursor.as_ref() == Some(id)
            || (state.means_the_marked() && state.is_chosen(&id.tenant) && state.marks.contains(id))
    };
    // Goes through the jobs that run, not through the marks: there may be thousands of those, and this is asked often.
    let any = state.jobs.active_count() > 0 && state.jobs.active().any(|job| stoppable(&job.id()));
    because(state, any, "No job runs on this user.")
}

pub fn has_jobs(state: &State) -> Result<(), String> {
    let why = match state.setup.read_only {
        true => {
            "There were no jobs in this session: it only reads. atriage runs list names the runs of others."
        }
        false => "There were no jobs in this session yet; {fix} starts some.",
    };
    because(state, state.jobs.all().next().is_some() || state.jobs_open, why)
}

pub fn has_active(state: &State) -> Result<(), String> {
    because(state, state.jobs.active_count() > 0, "No job runs.")
}

/// Something is under way that can be waited for.
pub fn has_work(state: &State) -> Result<(), String> {
    because(state, !state.is_at_rest(), "No job runs.")
}

pub fn has_none_active(state: &State) -> Result<(), String> {
    because(
        state,
        state.jobs.active_count() == 0,
        "Jobs run: w waits for them, l leaves them for later.",
    )
}

pub fn has_tenants(state: &State) -> Result<(), String> {
    let missing = state.setup.unconfigured.join(" and ");
    if state.setup.tenants.len() > 1 {
        Ok(())
    } else if missing.is_empty() {
        Err("There is only this tenant.".into())
    } else {
        Err(format!(
            "{} is not configured: its client id and secret are not set.",
            words::show(&missing)
        ))
    }
}

pub fn may_refresh(state: &State) -> Result<(), String> {
    let idle = state
        .chosen()
        .iter()
        .any(|tenant| state.walks[tenant].doing == Doing::Nothing);
    because(state, idle, "It is being read right now.")
}

pub fn may_have_older(state: &State) -> Result<(), String> {
    let more = state.chosen().iter().any(|tenant| !state.walks[tenant].exhausted);
    because(state, more, "There are no older signups: all are loaded.")?;
    let known = |tenant: &String| !is_unread(state, tenant) && !state.walks[tenant].exhausted;
    match unread(state) {
        Some(told) if !state.chosen().iter().any(known) => Err(told),
        _ => Ok(()),
    }
}

/// Whether a tenant was never read to its end, and is not being read.
pub fn is_unread(state: &State, tenant: &str) -> bool {
    let walk = &state.walks[tenant];
    walk.fresh_at.is_none() && walk.doing == Doing::Nothing
}

/// Which of the tenants that are shown were not read yet, and what reads them.
pub fn unread(state: &State) -> Option<String> {
    let unread = state.chosen().iter().filter(|tenant| is_unread(state, tenant));
    let names: Vec<String> = unread.map(|tenant| words::show(tenant)).collect();
    let (were, them) = match names.len() {
        0 => return None,
        1 => ("was", "it"),
        _ => ("were", "them"),
    };
    let names = names.join(" and ");
    Some(state.spell(&format!("{names} {were} not read yet: {{refresh}} reads {them}.")))
}

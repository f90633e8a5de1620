//! What each command of the key table does.

use super::super::applies;
use super::super::keys::Command;
use super::super::message::Effect;
use super::super::state::{Doing, Mode, Range, RowId, State};
use super::super::{view, words};
use super::{
    columns, copy, detail, dialogs, export, filter, index, older, order, palette, quit, refresh, resume,
    runs, sandbox, systemic, toast,
};

pub fn carry_out(state: &mut State, command: Command, effects: &mut Vec<Effect>) {
    let was_at = state.cursor_at;
    if let Command::Move(_) | Command::Page(_) | Command::First | Command::Last = command {
        end_passing_range(state);
    }
    match command {
        Command::Move(by) => step(state, by),
        Command::Extend(by) => {
            begin_range(state, false);
            step(state, by);
        }
        Command::Page(halves) => step(state, halves * (view::table_rows(state) / 2).max(1) as isize),
        Command::First if matches!(state.mode, Mode::Log { .. }) => dialogs::scroll(state, isize::MIN),
        Command::Last if matches!(state.mode, Mode::Log { .. }) => dialogs::scroll(state, isize::MAX),
        Command::First => order::move_to(state, 0),
        Command::Last => order::move_to(state, usize::MAX),
        Command::Detail => detail::open(state, effects),
        Command::Back => back(state),
        Command::Scroll(by) => dialogs::scroll(state, by),
        Command::Mark => mark(state),
        Command::Range => match state.range.take() {
            Some(_) => toast(
                state,
                format!("{} marked.", words::count(state.marked().count(), "user")),
            ),
            None => {
                begin_range(state, true);
                order::extend(state);
            }
        },
        Command::MarkAll => {
            state.range = None;
            state.marks.extend(state.shown.iter().cloned());
        }
        Command::UnmarkAll => {
            state.range = None;
            // Marks of a tenant that is not shown are none of those that are seen.
            let shown = state.chosen().to_vec();
            state.marks.retain(|id| !shown.contains(&id.tenant));
        }
        Command::Filter => filter::open(state),
        Command::BrokenOnly => {
            state.broken_only = !state.broken_only;
            state.stale_order = true;
        }
        Command::Columns => columns::open(state),
        Command::ShowColumn | Command::ShiftColumn(_) | Command::SortHere | Command::ResetColumns => {
            columns::carry_out(state, command)
        }
        Command::Propose(forward) => filter::propose(state, forward),
        Command::Sort => {
            state.sort.by = state
                .layout
                .next_to_sort(state.sort.by, state.shows_all_tenants());
            state.sort.reversed = false;
            state.stale_order = true;
        }
        Command::Reverse => {
            state.sort.reversed = !state.sort.reversed;
            state.stale_order = true;
        }
        Command::Tenant => next_tenant(state, effects),
        Command::Refresh => {
            refresh(state, effects, |_, _| true);
            if matches!(state.mode, Mode::Systemic { .. }) {
                systemic::ask(state, effects);
            }
        }
        Command::Freeze => state.frozen = !state.frozen,
        Command::Older => {
            let chosen = state.chosen().to_vec();
            if older::load(state, &chosen, effects) {
                let text = "Older ones are loaded as soon as this reading is over.";
                toast(state, text.into());
            }
            if let Some(told) = applies::unread(state) {
                toast(state, told);
            }
        }
        Command::Plan => dialogs::open_plan(state),
        Command::Fix => dialogs::open_fix(state),
        Command::Retry => {
            if !resume::open(state, effects) {
                dialogs::open_retry(state);
            }
        }
        Command::FixIndex => index::open(state, effects),
        Command::Cancel => cancel(state, effects),
        Command::Changes => dialogs::open_changes(state),
        Command::Jobs => state.jobs_open = !state.jobs_open,
        Command::Export => export::open(state),
        Command::CopyIds => copy::ids(state, effects),
        Command::CopyLine => copy::line(state, effects),
        Command::Log => state.mode = Mode::Log { scroll: None },
        Command::Systemic => systemic::open(state, effects),
        Command::MarkAffected => systemic::mark(state),
        Command::History => runs::open_history(state, effects),
        Command::Personal => {
            let told = if state.masked {
                let key = state.key(Command::Personal);
                format!("E-mails and handles are shown for 2 minutes; {key} masks them again.")
            } else {
                "E-mails and handles are masked again.".into()
            };
            super::unmask(state, state.masked);
            toast(state, told);
        }
        Command::Zone => {
            state.utc = !state.utc;
            toast(state, times_are_in(state));
        }
        Command::Mouse => {
            state.mouse = !state.mouse;
            let key = state.key(Command::Mouse);
            let told = if state.mouse {
                format!("The mouse is on: click, wheel, headers. Shift selects text, {key} ends it.")
            } else {
                "The mouse is off: the terminal selects text with it again.".into()
            };
            toast(state, told);
        }
        Command::CopyLink(number) => detail::copy_link(state, number, effects),
        Command::Palette => palette::open(state),
        Command::Choose(by) => match state.mode {
            Mode::Columns { .. } => columns::choose(state, by),
            Mode::Export { .. } => export::choose(state, by),
            _ => palette::choose(state, by),
        },
        Command::Run => palette::run(state, effects),
        Command::Help => state.mode = Mode::Help { scroll: 0 },
        Command::Quit => quit(state, effects),
        Command::Interrupt => interrupt(state, effects),
        Command::Suspend => effects.push(Effect::Suspend),
        Command::Welcome | Command::Practise(_) => sandbox::carry_out(state, command, effects),
        Command::Yes
        | Command::No
        | Command::Press
        | Command::NextButton
        | Command::PreviousButton
        | Command::QuitWaiting
        | Command::QuitLeaving
        | Command::AcceptReason
        | Command::CancelRun
        | Command::AcceptFilter
        | Command::DropFilter => dialogs::answer(state, command, effects),
    }
    if matches!(state.mode, Mode::Table)
        && state.cursor_at != was_at
        && let Command::Move(1..) | Command::Extend(1..) | Command::Page(1..) | Command::Last = command
    {
        older::load_near_the_end(state, effects);
    }
}

/// In which zone times are told now. One that is not known shows as UTC, which nobody is to take for their own.
fn times_are_in(state: &State) -> String {
    if state.utc {
        return "Times are in UTC.".into();
    }
    match words::zone(&state.local, state.now) {
        Some(name) => format!("Times are in local time ({name})."),
        None => {
            "The local time zone is not understood (TZ, or /etc/localtime), so that times stay in UTC.".into()
        }
    }
}

fn step(state: &mut State, by: isize) {
    order::move_to(state, state.cursor_at.saturating_add_signed(by));
}

/// A range that was begun with Shift ends with the first move without it, and keeps its marks.
pub fn end_passing_range(state: &mut State) {
    if state.range.as_ref().is_some_and(|range| !range.sticky) {
        state.range = None;
    }
}

fn begin_range(state: &mut State, sticky: bool) {
    if state.range.is_none()
        && let Some(anchor) = state.cursor.clone()
    {
        let base = state.marks.clone();
        state.range = Some(Range { anchor, base, sticky });
    }
}

fn mark(state: &mut State) {
    mark_here(state);
    step(state, 1);
}

/// Marks or unmarks the user under the cursor.
pub fn mark_here(state: &mut State) {
    state.range = None;
    let Some(id) = state.cursor.clone() else { return };
    if !state.marks.remove(&id) {
        state.marks.insert(id);
    }
}

/// Undoes the newest thing that can be undone by going back. What was told is read by then.
fn back(state: &mut State) {
    state.toasts.clear();
    if state.leaving {
        quit::stay(state);
    } else if state.whole_detail().is_some() {
        detail::step_back(state);
    } else if state.range.is_some() {
        state.range = None;
    } else if state.detail.is_some() {
        detail::step_back(state);
    } else if state.jobs_open {
        state.jobs_open = false;
    } else {
        state.filter = Default::default();
        state.stale_order = true;
    }
}

fn next_tenant(state: &mut State, effects: &mut Vec<Effect>) {
    state.choice = (state.choice + 1) % (state.setup.tenants.len() + 1);
    state.range = None;
    state.stale_order = true;
    state.top = 0;
    if !state.shows_all_tenants() && state.sort.by == super::super::columns::Column::Tenant {
        state.sort.by = super::super::columns::Column::Age;
    }
    if !state.frozen {
        refresh(state, effects, |state, tenant| {
            state.walks[tenant].doing == Doing::Nothing && super::is_due(state, tenant)
        });
    }
}

fn cancel(state: &mut State, effects: &mut Vec<Effect>) {
    let mut ids: Vec<RowId> = match state.means_the_marked() {
        true => state
            .marked()
            .filter(|id| state.jobs.is_active(id))
            .cloned()
            .collect(),
        false => Vec::new(),
    };
    if ids.is_empty() {
        ids.extend(state.cursor.clone().filter(|id| state.jobs.is_active(id)));
    }
    for id in &ids {
        effects.extend(state.jobs.get(id).map(|job| Effect::Cancel(job.target.clone())));
        state.jobs.stop(id);
    }
    toast(
        state,
        format!("{} will stop at the next step.", words::count(ids.len(), "job")),
    );
}

fn quit(state: &mut State, effects: &mut Vec<Effect>) {
    if state.is_at_rest() {
        effects.push(Effect::Quit);
    } else {
        quit::ask(state);
    }
}

/// ctrl-c asks once; the second one is the answer.
fn interrupt(state: &mut State, effects: &mut Vec<Effect>) {
    if matches!(state.mode, Mode::Quit { .. }) {
        state.interrupted = true;
        effects.push(Effect::Quit);
    } else {
        quit::ask(state);
    }
}

//! What a key is called right now: its label in the table of keys, with what it would act on.

use super::applies::{affected_here, drops_the_filter, failed, goes_back, to_resume};
use super::keys::{Binding, Command, Scope};
use super::state::{Mode, State};

impl Binding {
    /// The label with what it would act on.
    pub fn label(&self, state: &State) -> String {
        let marked = state.marked;
        match self.command {
            Command::Fix if self.scope == Scope::Plan => fix_planned(self.label, state),
            Command::Fix if state.means_the_marked() => some_of(self.label, state.mendable, marked),
            // The key beside them says how many there are.
            Command::Plan | Command::Mark if fixes_some(state) => self.label.into(),
            Command::Plan if state.means_the_marked() => format!("{} {marked}", self.label),
            Command::Detail if self.scope == Scope::Table && state.detail.is_some() => "all of it".into(),
            Command::MarkAffected => format!("mark {}", affected_here(state)),
            Command::Mark if marked > 0 => format!("mark ({marked})"),
            // There it is about the one user who is shown.
            Command::Retry if self.scope == Scope::Detail => self.label.into(),
            Command::Retry => match to_resume(state) {
                Some(offer) => format!("resume {}", state.short_run(&offer.run)),
                None => format!("retry {}", failed(state).count()),
            },
            Command::QuitWaiting if state.jobs.active_count() == 0 => "wait for the index".into(),
            Command::Tenant => next_tenant(state),
            Command::Freeze if state.frozen => "go on".into(),
            Command::Back if !goes_back(state) => "dismiss".into(),
            Command::Back if drops_the_filter(state) => "show all".into(),
            Command::Personal if !state.masked => format!("mask ({} left)", unmasked_for(state)),
            Command::BrokenOnly if state.broken_only => "all".into(),
            Command::Changes if opened(state) => "less".into(),
            _ => self.label.into(),
        }
    }
}

/// Whether some of the marked would be mended, and others not.
fn fixes_some(state: &State) -> bool {
    let some = (1..state.marked).contains(&state.mendable);
    some && state.means_the_marked() && !state.setup.read_only
}

fn next_tenant(state: &State) -> String {
    match state.choice + 1 {
        next if next < state.setup.tenants.len() => super::words::show(&state.setup.tenants[next]),
        next if next == state.setup.tenants.len() => if next == 2 { "both" } else { "all" }.into(),
        _ => state
            .setup
            .tenants
            .first()
            .map_or(String::new(), |first| super::words::show(first)),
    }
}

/// How many of those whom the plan that is open is about it would mend.
fn fix_planned(label: &str, state: &State) -> String {
    match &state.mode {
        Mode::Plan(sheet) if sheet.ids().nth(1).is_some() => some_of(
            label,
            sheet.touched.len(),
            sheet.touched.len() + sheet.spared.len(),
        ),
        _ => label.into(),
    }
}

/// Whether the plan that is open says what it changes.
fn opened(state: &State) -> bool {
    matches!(&state.mode, Mode::Confirm { sheet, .. } | Mode::Plan(sheet) if sheet.opened)
}

/// `fix 26`, or `fix 15 of 26` where the rest is left alone.
fn some_of(label: &str, some: usize, all: usize) -> String {
    match some {
        // Those who are still being read may have a plan yet.
        0 => label.into(),
        some if some == all => format!("{label} {all}"),
        some => format!("{label} {some} of {all}"),
    }
}

/// For how long personal data stays shown, at most: a minute that has begun counts.
fn unmasked_for(state: &State) -> String {
    let left = state
        .mask_at
        .map_or(0, |at| at.duration_since(state.now).as_secs());
    let left = left.max(0);
    super::words::span(if left > 60 { (left + 59) / 60 * 60 } else { left })
}

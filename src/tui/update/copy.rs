//! What `y` and `Y` copy: ids, and the command line that does the same as the key beside it.

use super::super::accidents::Topic;
use super::super::line::Lines;
use super::super::message::{Effect, Target};
use super::super::sheet::{Planned, Sheet};
use super::super::state::{Mode, State};
use super::super::toast::Tone;
use super::super::{view, words};
use super::dialogs::{still_read, subjects};
use super::telling::tell;
use crate::domain::filter::{Filter, Known};

/// The ids of the marked, or of the user under the cursor; in a history, of the user whose it is; in the log, all of it.
pub fn ids(state: &mut State, effects: &mut Vec<Effect>) {
    if let Mode::Log { .. } = state.mode {
        return log(state, effects);
    }
    let (targets, hidden) = match &state.mode {
        Mode::History(history) => (vec![history.story.target.clone()], 0),
        _ => chosen(state),
    };
    // What a terminal would obey is copied as it is shown.
    let ids: Vec<String> = targets
        .iter()
        .map(|target| crate::domain::text::clean(&target.sub))
        .collect();
    let what = match (ids.as_slice(), hidden) {
        ([], _) => return tell(state, Tone::Plain, "Nobody is chosen.".into()),
        ([one], 0) => format!("the id: {one}"),
        (all, 0) => format!("the ids of {}", words::count(all.len(), "user")),
        (all, hidden) => format!(
            "the ids of {}, {hidden} of them hidden by the filter",
            words::count(all.len(), "user")
        ),
    };
    let text = ids.join("\n");
    effects.push(Effect::Copy { what, text });
}

/// No line of the log is chosen: what is looked for may be told by several. It is masked as the screen is.
fn log(state: &State, effects: &mut Vec<Effect>) {
    let entries = match state.log.entries().len() {
        1 => "1 entry".to_string(),
        many => format!("{many} entries"),
    };
    let people = if state.masked {
        ""
    } else {
        ", with e-mails in full"
    };
    effects.push(Effect::Copy {
        what: format!("the log, {entries}{people}"),
        text: view::log_text(state),
    });
}

/// The same action as a command line: what `F` would do in the table, what a dialog is about in a dialog.
pub fn line(state: &mut State, effects: &mut Vec<Effect>) {
    let reach = &state.setup.reach;
    let (told, what) = match &state.mode {
        Mode::History(history) => match reach.history(&history.story.target) {
            Some(line) => (one(line), "the history".to_string()),
            None => (nobody(1), String::new()),
        },
        Mode::Confirm { sheet, .. } => of_users(state, sheet.touched.iter(), true),
        Mode::Plan(sheet) => of_users(state, sheet.touched.iter().chain(&sheet.spared), false),
        Mode::Systemic {
            topic: Topic::Stopped(run),
            ..
        } => going_on(state, run),
        Mode::Index(_) | Mode::Systemic { .. } => (one(reach.fix_index()), "mending the code index".into()),
        Mode::Resume { offer, .. } => going_on(state, &offer.run),
        _ => match still_read(state, &subjects(state)) {
            Some(why) => return tell(state, Tone::Plain, why),
            None => table(state),
        },
    };
    if told.lines.is_empty() {
        let why = "Not copied: the id holds characters that are unsafe to paste.";
        return tell(state, Tone::Warning, why.into());
    }
    let lines = match told.lines.len() {
        1 => "the command line",
        _ => "a command line a tenant",
    };
    let mut what = format!("{lines} for {what}");
    if told.left_out > 0 {
        let left = words::count(told.left_out, "user");
        what += &format!("; without {left} whose id is unsafe to paste");
    }
    if state.setup.reach.sandbox {
        what += "; nothing else sees this sandbox";
    }
    let text = told.lines.join("\n");
    effects.push(Effect::Copy { what, text });
}

fn going_on(state: &State, run: &str) -> (Lines, String) {
    let name = words::show(state.short_run(run));
    (
        one(state.setup.reach.resume(run)),
        format!("going on with run {name}"),
    )
}

/// What `F` would mend, else the dry run that says why nothing is; where nobody is there, the list itself.
fn table(state: &State) -> (Lines, String) {
    let sheet = Sheet::of(state, &subjects(state));
    if sheet.touched.is_empty() && sheet.spared.is_empty() {
        audit(state)
    } else if sheet.touched.is_empty() {
        of_users(state, sheet.spared.iter(), false)
    } else {
        of_users(state, sheet.touched.iter(), !state.setup.read_only)
    }
}

fn of_users<'a>(state: &State, users: impl Iterator<Item = &'a Planned>, fix: bool) -> (Lines, String) {
    let users: Vec<&Planned> = users.collect();
    let targets: Vec<&Target> = users.iter().map(|planned| &planned.target).collect();
    let told = state.setup.reach.backfill(&targets, fix);
    let doing = if fix { "mending" } else { "the plan of" };
    let hidden = users.iter().filter(|planned| planned.hidden).count();
    let mut what = format!("{doing} {}", words::count(told.users, "user"));
    if hidden > 0 {
        what += &format!(", {hidden} of them hidden by the filter");
    }
    (told, what)
}

/// The signups that are loaded, through the filter as far as a command understands it.
fn audit(state: &State) -> (Lines, String) {
    let tenant = match state.chosen() {
        [one] => one.as_str(),
        _ => "both",
    };
    let loaded = |tenant: &String| state.rows.keys().filter(|id| id.tenant == *tenant).count();
    let newest = state.chosen().iter().map(loaded).max().unwrap_or(0).max(1);
    let mut filter = state.filter.text.clone();
    if state.broken_only {
        filter = format!("{filter} is:broken").trim_start().to_string();
    }
    // A command knows nothing of the jobs here.
    let known = Known {
        jobs: false,
        ..state.known()
    };
    let (filter, without) = match Filter::parse(&filter, &known) {
        Ok(_) if crate::domain::text::clean(&filter) == filter => (filter, ""),
        _ => (
            String::new(),
            ", without the filter, which no command understands",
        ),
    };
    let line = state.setup.reach.audit(tenant, newest, &filter);
    (one(line), format!("the list{without}"))
}

fn one(line: String) -> Lines {
    Lines {
        lines: vec![line],
        ..Lines::default()
    }
}

fn nobody(left_out: usize) -> Lines {
    Lines {
        left_out,
        ..Lines::default()
    }
}

/// The marked, else the user under the cursor, in the order of the table; and how many of them the filter hides.
fn chosen(state: &State) -> (Vec<Target>, usize) {
    let ids = subjects(state);
    let wanted: std::collections::HashSet<_> = ids.iter().collect();
    let shown: Vec<_> = state.shown.iter().filter(|id| wanted.contains(id)).collect();
    let seen: std::collections::HashSet<_> = shown.iter().copied().collect();
    let hidden: Vec<_> = ids.iter().filter(|id| !seen.contains(id)).collect();
    let count = hidden.len();
    let all = shown.into_iter().chain(hidden);
    let rows = all.filter_map(|id| state.rows.get(id));
    (rows.map(|row| row.target()).collect(), count)
}

//! Dialogs: which users they list, how they are answered. What is started are exactly the users that were listed.

use crossterm::event::Event;
use tui_input::backend::crossterm::EventHandler;
use tui_input::{Input, InputRequest};

use super::super::applies;
use super::super::keys::Command;
use super::super::message::{Effect, Target};
use super::super::sheet::Sheet;
use super::super::state::{Button, Mode, RowId, State};
use super::super::{view, words};
use super::{export, filter, index, quit, resume, systemic, toast};
use crate::audit::Stage;
use crate::domain::Plan;

/// What `F` asks about: in a plan the users of that plan, else the marked, else the user under the cursor.
pub fn open_fix(state: &mut State) {
    let ids = match &state.mode {
        Mode::Plan(sheet) => sheet.ids().collect(),
        _ => subjects(state),
    };
    confirm(state, ids, false);
}

pub fn open_retry(state: &mut State) {
    let ids = applies::failed(state).collect();
    confirm(state, ids, true);
}

pub fn open_plan(state: &mut State) {
    let ids = subjects(state);
    state.mode = Mode::Plan(Sheet::of(state, &ids));
}

/// Shows what the plan that is open changes, as old → new, or the steps alone.
pub fn open_changes(state: &mut State) {
    if let Mode::Confirm { sheet, .. } | Mode::Plan(sheet) = &mut state.mode {
        sheet.opened = !sheet.opened;
    }
}

/// The marked, else the user under the cursor.
pub fn subjects(state: &State) -> Vec<RowId> {
    if state.means_the_marked() {
        state.marked().cloned().collect()
    } else {
        state.cursor.iter().cloned().collect()
    }
}

/// Why nothing is planned yet: a plan of half the facts would be another one than what is done a moment later.
pub fn still_read(state: &State, ids: &[RowId]) -> Option<String> {
    let reading = ids
        .iter()
        .filter(|id| state.rows.get(*id).is_some_and(|row| row.stage < Stage::Complete));
    let whom = match reading.count() {
        0 => return None,
        1 => "One of them is".into(),
        reading => format!("{reading} of them are"),
    };
    Some(format!("{whom} still being read; a moment."))
}

fn confirm(state: &mut State, ids: Vec<RowId>, retry: bool) {
    if let Some(why) = still_read(state, &ids) {
        return toast(state, why);
    }
    let sheet = Sheet::of(state, &ids);
    if sheet.touched.is_empty() {
        let why = match sheet.spared.as_slice() {
            [] if ids.is_empty() => "Nobody is chosen.".into(),
            [] => "Nothing is done: whom this is about is not among the signups any more.".into(),
            [one] => format!("Nothing is done: {}", one.left.join(" ")),
            many => format!(
                "Nothing to mend by itself for these {}; {} says why.",
                many.len(),
                state.key(Command::Plan)
            ),
        };
        toast(state, why);
    } else {
        state.mode = Mode::Confirm {
            sheet,
            focus: Button::Cancel,
            retry,
        };
    }
}

pub fn scroll(state: &mut State, by: isize) {
    let scroll = match &mut state.mode {
        Mode::Log { scroll } => {
            let scroll = *scroll;
            return scroll_log(state, scroll, by);
        }
        Mode::Table | Mode::Filter { .. } => state.detail.as_mut().map(|detail| &mut detail.scroll),
        mode => mode.scroll(),
    };
    if let Some(scroll) = scroll {
        *scroll = scroll.saturating_add_signed(by);
    }
}

/// The log follows its end, once that is in sight.
fn scroll_log(state: &mut State, from: Option<usize>, by: isize) {
    let most = view::most_log_scroll(state);
    let to = from.unwrap_or(most).min(most).saturating_add_signed(by);
    let scroll = (to < most).then_some(to);
    state.mode = Mode::Log { scroll };
}

/// An answer to the dialog that is open.
pub fn answer(state: &mut State, command: Command, effects: &mut Vec<Effect>) {
    let mode = std::mem::replace(&mut state.mode, Mode::Table);
    match mode {
        Mode::Confirm { sheet, focus, retry } => match (command, focus) {
            (Command::Yes, _) | (Command::Press, Button::Go) => go(state, sheet, retry, effects),
            (Command::NextButton | Command::PreviousButton, _) => {
                let focus = if focus == Button::Go {
                    Button::Cancel
                } else {
                    Button::Go
                };
                state.mode = Mode::Confirm { sheet, focus, retry };
            }
            _ => toast(state, "Nothing was changed.".into()),
        },
        Mode::Reason {
            sheet, retry, input, ..
        } => match (command, reason(&input)) {
            (Command::AcceptReason, Some(reason)) => start(state, &sheet, Some(reason), effects),
            (Command::AcceptReason, None) => {
                state.mode = Mode::Reason {
                    sheet,
                    retry,
                    input,
                    wanting: true,
                }
            }
            _ => {
                let focus = Button::Cancel;
                state.mode = Mode::Confirm { sheet, focus, retry };
            }
        },
        mode @ Mode::Resume { .. } => {
            state.mode = mode;
            resume::answer(state, command, effects);
        }
        Mode::Export { format, at } => export::answer(state, command, format, at, effects),
        Mode::Systemic { .. } if matches!(command, Command::NextButton | Command::PreviousButton) => {
            state.mode = mode;
            systemic::turn(state, command == Command::NextButton, effects);
        }
        Mode::Index(question) => index::answer(state, question, command, effects),
        Mode::Quit { focus, below } => quit::answer(state, command, focus, below, effects),
        Mode::Filter {
            input, before, home, ..
        } => filter::answer(state, command, input, before, home),
        Mode::Table
        | Mode::Columns { .. }
        | Mode::Systemic { .. }
        | Mode::Plan(_)
        | Mode::History(_)
        | Mode::Log { .. }
        | Mode::Help { .. }
        | Mode::Palette { .. }
        | Mode::Welcome => {}
    }
}

/// From how many users on a run has to say why.
const MANY: usize = 10;
/// A reason is a sentence, not a report.
const LONGEST_REASON: usize = 200;

fn go(state: &mut State, sheet: Sheet, retry: bool, effects: &mut Vec<Effect>) {
    if sheet.touched.len() <= MANY {
        start(state, &sheet, None, effects);
    } else {
        state.mode = Mode::Reason {
            sheet,
            retry,
            input: Input::default(),
            wanting: false,
        };
    }
}

fn reason(input: &Input) -> Option<String> {
    let reason = words::show(input.value().trim());
    (!reason.is_empty()).then_some(reason)
}

fn start(state: &mut State, sheet: &Sheet, reason: Option<String>, effects: &mut Vec<Effect>) {
    let targets: Vec<Target> = sheet
        .touched
        .iter()
        .map(|planned| planned.target.clone())
        .collect();
    state.range = None;
    // Nothing will come of those who were spared: what stays marked in the end is what failed.
    for planned in &sheet.spared {
        state
            .marks
            .remove(&RowId::new(&planned.target.tenant, &planned.target.key));
    }
    let users = sheet.touched.iter().map(|planned| {
        let plan = Plan {
            steps: planned.steps.clone(),
            left: planned.left.clone(),
            replaces: None,
        };
        (planned.target.clone(), plan)
    });
    state.jobs.register(users, reason.clone(), state.now);
    state.stale_order = true;
    let known = state.tally.systemic.iter();
    let mut ours = known.filter(|(tenant, _)| targets.iter().any(|target| target.tenant == *tenant));
    effects.push(Effect::Start {
        systemic: ours.next().map(|(_, found)| found.clone()),
        targets,
        reason,
    });
}

/// A key that nothing is bound to: text, where text is asked for.
pub fn typed(state: &mut State, event: &Event) {
    match &mut state.mode {
        Mode::Filter { input, .. } => {
            input.handle_event(event);
            filter::look_while_typing(state);
        }
        Mode::Reason { input, wanting, .. } => {
            let before = input.clone();
            input.handle_event(event);
            if input.value().chars().count() > LONGEST_REASON {
                *input = before;
            }
            *wanting = false;
        }
        Mode::Palette { input, chosen } => {
            input.handle_event(event);
            *chosen = 0;
        }
        _ => {}
    }
}

pub fn paste(state: &mut State, text: &str) {
    let (Mode::Filter { input, .. } | Mode::Reason { input, .. } | Mode::Palette { input, .. }) =
        &mut state.mode
    else {
        return;
    };
    let room = LONGEST_REASON.saturating_sub(input.value().chars().count());
    let pasted = words::show(text.lines().next().unwrap_or_default());
    for c in pasted.chars().take(room) {
        input.handle(InputRequest::InsertChar(c));
    }
    if let Mode::Palette { chosen, .. } = &mut state.mode {
        *chosen = 0;
    }
    filter::look_while_typing(state);
}

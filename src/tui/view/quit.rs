//! What the question before leaving says, and what its buttons are called.

use super::super::keys::Command;
use super::super::state::{Leaving, State};
use super::super::words;

pub fn question(state: &State) -> String {
    let have = match state.jobs.active_count() {
        0 if state.repair.is_some() => {
            let told = "The code index is being mended. Wait for its end, or quit";
            return match state.setup.sandbox {
                Some(_) => format!("{told}: the sandbox goes with it. ctrl-c once more quits at once."),
                None => format!(
                    "{told}: then it is finished behind the closed screen, which may take minutes, and how it ended is \
                     printed. ctrl-c once more quits at once; atriage diagnose --fix-index goes on with what is left \
                     then."
                ),
            };
        }
        0 => return "No job runs. ctrl-c once more quits at once.".into(),
        1 => "1 job has".to_string(),
        n => format!("{n} jobs have"),
    };
    if state.setup.sandbox.is_some() {
        return format!(
            "{have} not ended yet. Wait for them, or leave: each finishes the step in hand, and the rest goes with this \
             sandbox. ctrl-c once more quits at once."
        );
    }
    let later = match state.jobs.current().filter_map(|run| run.id.as_deref()).last() {
        Some(id) => format!(
            "atriage runs resume {} or the next start goes on",
            words::show(id)
        ),
        None => "the next start goes on".into(),
    };
    format!(
        "{have} not ended yet. Wait for them, or leave them for later: each finishes the step in hand, the rest stays \
         queued, and {later}. ctrl-c once more quits at once, and loses nothing either."
    )
}

pub fn answer(button: Leaving) -> Command {
    match button {
        Leaving::Stay => Command::No,
        Leaving::Wait => Command::QuitWaiting,
        Leaving::Leave => Command::QuitLeaving,
        Leaving::Now => Command::Yes,
    }
}

pub fn label(button: Leaving, short: bool) -> &'static str {
    match button {
        Leaving::Stay => "n: Stay",
        Leaving::Wait if short => "w: Wait",
        Leaving::Wait => "w: Wait, then quit",
        Leaving::Leave if short => "l: Leave them",
        Leaving::Leave => "l: Leave them for later",
        Leaving::Now => "y: Quit",
    }
}

//! The offer to go on with a run that nobody works on: whose it is, how far it came, and what stopped it.
//!
//! ```text
//! ┌ An interrupted run · sandbox ──────────────────────────────────────────┐
//! │ Run 7f3a of aesthetic: 15 of 20 users are left, 2 failed.              │
//! │ Started by mira@desk 12 min ago (2026-11-22 14:20:20 UTC).             │
//! │ Why     the code index was broken                                      │
//! │                                                                        │
//! │ [ n: Later ]  [ y: Go on with 15 users ]  [ x: Cancel the run ]        │
//! └────────────────────────────────────────────────────────────────────────┘
//! ```

use ratatui::text::{Line, Span};

use super::super::asked::in_plain_words;
use super::super::keys::Command;
use super::super::runs::Offer;
use super::super::state::{Resuming, State};
use super::super::theme::{Role, Theme};
use super::super::words;
use super::hanging;
use crate::domain::State as Fact;

pub fn title(offer: &Offer, state: &State) -> String {
    let kind = match (&offer.pause, &offer.by) {
        (Some(_), _) => "A run that stopped by itself",
        (None, Some(_)) => "An interrupted run",
        (None, None) => "A run that was left",
    };
    format!("{kind} · {}", words::show(&state.setup.badge))
}

pub fn lines(offer: &Offer, state: &State, theme: &Theme, width: usize) -> Vec<Line<'static>> {
    let text = theme.style(Role::Text);
    let mut lines = hanging(
        Span::raw(""),
        &how_far(offer, state),
        theme.style(Role::Strong),
        width,
    );
    let mut say = |label: &'static str, said: &str, style| {
        let label = Span::styled(label, theme.style(Role::Dim));
        lines.extend(hanging(label, said, style, width));
    };
    let (ago, at) = (
        words::ago(offer.started_at, state.now),
        words::absolute(offer.started_at, state.zone()),
    );
    let by = match &offer.by {
        Some(by) => format!("by {} ", words::show(by)),
        None => "here ".into(),
    };
    say("", &format!("Started {by}{ago} ({at})."), text);
    if let Some(reason) = &offer.reason {
        say("Why  ", &words::show(reason), text);
    }
    match &offer.pause {
        Some(pause) => {
            let sentence = in_plain_words(&words::show(&pause.sentence()));
            let alarm = theme.style(Role::State(Fact::Missing));
            say("It   ", &sentence, alarm);
            let hint = words::show(&pause.problem.hint);
            if !hint.is_empty() {
                say("     ", &hint, text);
            }
            say(
                "",
                "Repair that first; those whom it failed for are taken up again too.",
                text,
            );
        }
        None => say(
            "",
            "Nobody works on it now. Each user is looked at again first.",
            text,
        ),
    }
    let others = state.offers.iter().filter(|other| other.run != offer.run).count();
    if others > 0 {
        let wait = if others == 1 { "waits" } else { "wait" };
        say(
            "",
            &format!("And {others} more {wait}: atriage runs list."),
            theme.style(Role::Dim),
        );
    }
    lines
}

/// `Run 7f3a of aesthetic: 15 of 20 users are left, 2 failed.`
pub fn how_far(offer: &Offer, state: &State) -> String {
    let id = words::show(state.short_run(&offer.run));
    let of = match offer.tenant.as_deref() {
        Some("both") => " of both tenants".into(),
        Some(tenant) => format!(" of {}", words::show(tenant)),
        None => String::new(),
    };
    let are = if offer.left == 1 { "is" } else { "are" };
    let (left, total) = (offer.left, words::count(offer.total, "user"));
    let failed = match offer.failed {
        0 => String::new(),
        failed => format!(", {failed} failed"),
    };
    format!("Run {id}{of}: {left} of {total} {are} left{failed}.")
}

/// What its key does.
pub fn answer(button: Resuming) -> Command {
    match button {
        Resuming::Later => Command::No,
        Resuming::GoOn => Command::Yes,
        Resuming::Cancel => Command::CancelRun,
    }
}

pub fn label(button: Resuming, offer: &Offer, short: bool) -> String {
    match button {
        Resuming::Later => "n: Later".into(),
        Resuming::GoOn if short => "y: Go on".into(),
        Resuming::GoOn => {
            // How many failed by the cause, only the run itself knows where it is of an earlier session.
            let known = offer.pause.is_none() || offer.by.is_none();
            let whom = if known {
                format!(" with {}", words::count(offer.left + offer.again, "user"))
            } else {
                String::new()
            };
            format!("y: Go on{whom}")
        }
        Resuming::Cancel if short => "x: Cancel it".into(),
        Resuming::Cancel => "x: Cancel the run".into(),
    }
}

//! The offer to go on with a run that nobody works on: whose it is, how far it came, and what stopped it.
//!
//! ```text
//! ┌ An interrupted run · sandbox ──────────────────────────────────────────┐
//! │ Run 7f3a of aesthetic: 15 of 20 users are left, 2 failed.              │
//! │ Started by mira@desk 12 min ago (2026-11-22 14:20:20 UTC).             │
//! │ Why     the code index was broken                                      │
//! │                                                                        │
//! │ 15 users:                                                              │
//! │   failed by it  m…@example.com  auth0|68ee50                           │
//! │   k…@example.com  auth0|68ee51                                         │
//! │                                                                        │
//! │ [ n: Later ]  [ y: Go on with 15 users ]  [ x: Cancel the run ]        │
//! └────────────────────────────────────────────────────────────────────────┘
//! ```

use ratatui::text::{Line, Span};

use super::super::asked::in_plain_words;
use super::super::keys::Command;
use super::super::message::TakenUp;
use super::super::runs::Offer;
use super::super::state::{Resuming, RowId, State};
use super::super::theme::{Role, Theme};
use super::super::update::whole;
use super::super::words;
use super::hanging;
use super::sheet::{self, Heads, Lines};
use crate::domain::{Problem, State as Fact};

pub fn title(offer: &Offer, state: &State) -> String {
    let kind = match (&offer.pause, &offer.by) {
        (Some(_), _) => "A run that stopped by itself",
        (None, Some(_)) => "An interrupted run",
        (None, None) => "A run that was left",
    };
    format!("{kind} · {}", words::show(&state.setup.badge))
}

/// Whom going on would touch, as far as that was told yet.
type Whom<'a> = Option<&'a Result<Vec<TakenUp>, Problem>>;

/// The question, and below it those who would be touched.
pub fn lines(offer: &Offer, whom: Whom, state: &State, theme: &Theme, width: usize) -> Lines {
    let mut lines = about(offer, state, theme, width);
    lines.push(Line::default());
    let mut heads = Heads::default();
    match whom {
        None => {
            let text = "Whom this would touch is being asked…";
            lines.extend(hanging(Span::raw(""), text, theme.style(Role::Dim), width));
        }
        Some(Err(problem)) => {
            let text = format!("Whom this would touch is not known: {}", whole(problem));
            lines.extend(hanging(Span::raw(""), &text, theme.style(Role::Alarm), width));
        }
        Some(Ok(all)) => {
            let text = match all.len() {
                0 => "Nobody of it is left to be taken up.".into(),
                many => format!("{}:", words::count(many, "user")),
            };
            lines.extend(hanging(Span::raw(""), &text, theme.style(Role::Strong), width));
            for user in all {
                heads.touched.push(lines.len());
                lines.extend(who(user, state, theme, width));
            }
        }
    }
    Lines { lines, heads }
}

/// One who is not among the signups that are loaded is called by the id alone.
fn who(
    TakenUp { target, failed }: &TakenUp,
    state: &State,
    theme: &Theme,
    width: usize,
) -> Vec<Line<'static>> {
    let flag = if *failed { "failed by it" } else { "" };
    let row = state.rows.get(&RowId::new(&target.tenant, &target.key));
    let key = words::show(&target.key);
    match row.map(|row| words::person(&row.signup, state.masked)) {
        Some(person) => sheet::who("  ", flag, &person, &key, theme, width),
        None => sheet::who("  ", flag, "not loaded", &key, theme, width),
    }
}

fn about(offer: &Offer, state: &State, theme: &Theme, width: usize) -> Vec<Line<'static>> {
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

pub fn label(button: Resuming, whom: Whom, short: bool) -> String {
    match button {
        Resuming::Later => "n: Later".into(),
        Resuming::GoOn if short => "y: Go on".into(),
        Resuming::GoOn => {
            let whom = whom.and_then(|whom| whom.as_ref().ok());
            let with = whom.map(|all| format!(" with {}", words::count(all.len(), "user")));
            format!("y: Go on{}", with.unwrap_or_default())
        }
        Resuming::Cancel if short => "x: Cancel it".into(),
        Resuming::Cancel => "x: Cancel the run".into(),
    }
}

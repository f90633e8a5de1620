//! The first minute in the sandbox: what this is, which three keys to try, and how to get to the real thing.

use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::super::keys::Command;
use super::super::state::State;
use super::super::theme::{Role, Theme};
use super::hanging;

const WHAT: &str = "The people here are invented, and so are the services: nothing real is touched. \
                    Their signups broke a while ago, and more arrive. Try:";
const DETAIL: &str = "says what is wrong with the user under the cursor, and why";
const FIX: &str = "mends that user, or all whom {mark-all} marked; it asks first";
const PLAN: &str = "says what would be done to mend that user; this is read-only";
const PALETTE: &str = "finds every command; type practise and choose what to break";
const REAL: &str = "The real thing: set its variables or a .env, and leave out --sandbox; \
                    atriage check-config names each and tries it.";
/// The same where a screen is too low for it: it cannot be scrolled.
const SHORT: Words = Words {
    what: "The people and the services are invented: nothing real is touched. Try:",
    detail: "says what is wrong with a user, and why",
    fix: "mends that user; it asks first",
    plan: "says what would mend that user",
    palette: PALETTE,
    real: "The real thing: set its variables, leave out --sandbox; atriage check-config tries each.",
};
const LONG: Words = Words {
    what: WHAT,
    detail: DETAIL,
    fix: FIX,
    plan: PLAN,
    palette: PALETTE,
    real: REAL,
};

struct Words {
    what: &'static str,
    detail: &'static str,
    fix: &'static str,
    plan: &'static str,
    palette: &'static str,
    real: &'static str,
}

/// In lines of this width; in fewer words, and then without empty lines, where there is room for no more lines than that.
pub fn lines(state: &State, theme: &Theme, width: usize, room: usize) -> Vec<Line<'static>> {
    let mut lines = told(&LONG, state, theme, width);
    if lines.len() > room {
        lines = told(&SHORT, state, theme, width);
    }
    if lines.len() > room {
        lines.retain(|line| line.width() > 0);
    }
    lines
}

fn told(words: &Words, state: &State, theme: &Theme, width: usize) -> Vec<Line<'static>> {
    let mend = if state.setup.read_only {
        (Command::Plan, words.plan)
    } else {
        (Command::Fix, words.fix)
    };
    let detail = (Command::Detail, words.detail);
    let keys = [detail, mend, (Command::Palette, words.palette)];
    let keys = keys.map(|(command, does)| (state.key(command), state.spell(does)));
    let widest = keys.iter().map(|(key, _)| key.width()).max().unwrap_or(0);
    let text = theme.style(Role::Text);
    let mut lines = hanging(Span::raw(""), words.what, text, width);
    lines.push(Line::default());
    for (key, does) in keys {
        let before = " ".repeat(2 + widest - key.width());
        let lead = Span::styled(format!("{before}{key}  "), theme.style(Role::Key));
        lines.extend(hanging(lead, &does, text, width));
    }
    lines.push(Line::default());
    lines.extend(hanging(Span::raw(""), words.real, theme.style(Role::Dim), width));
    lines
}

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

pub fn lines(state: &State, theme: &Theme, width: usize) -> Vec<Line<'static>> {
    let mend = if state.setup.read_only {
        (Command::Plan, PLAN)
    } else {
        (Command::Fix, FIX)
    };
    let keys = [(Command::Detail, DETAIL), mend, (Command::Palette, PALETTE)];
    let keys = keys.map(|(command, does)| (state.key(command), state.spell(does)));
    let widest = keys.iter().map(|(key, _)| key.width()).max().unwrap_or(0);
    let text = theme.style(Role::Text);
    let mut lines = hanging(Span::raw(""), WHAT, text, width);
    lines.push(Line::default());
    for (key, does) in keys {
        let before = " ".repeat(2 + widest - key.width());
        let lead = Span::styled(format!("{before}{key}  "), theme.style(Role::Key));
        lines.extend(hanging(lead, &does, text, width));
    }
    lines.push(Line::default());
    lines.extend(hanging(Span::raw(""), REAL, theme.style(Role::Dim), width));
    lines
}

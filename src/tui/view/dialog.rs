//! What lies over the table: the question before a fix and the one why, the offer to go on with a run, a plan, a history,
//! the help, the question before leaving.
//!
//! ```text
//! ┌ Mend 2 users of aesthetic · at.example.com ──────────────────────────┐
//! │ 2 users: create-user → create-account → record-account → verify      │
//! │   m…@example.com  auth0|68ee50                                       │
//! │   k…@example.com  auth0|68ee51                                       │
//! │                                                                      │
//! │  [ Cancel ]   [ y: Mend 2 users ]                                    │
//! └──────────────────────────────────────────────────────────────────────┘
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;

use super::super::keys::Command;
use super::super::state::{Button, Leaving, Mode, State};
use super::super::theme::{Role, Theme};
use super::super::update::{BUTTONS, buttons as ways_out};
use super::super::words;
use super::buttons::{self, Choice};
use super::sheet::{Heads, Lines};
use super::{
    columns, export, framed, hanging, help, history, index, put_right, quit, resume, scrolled, sheet,
    systemic, welcome,
};

/// What stands before a reason.
const PROMPT: &str = "> ";

/// A dialog's text is no easier to read for being wider.
const WIDEST: u16 = 96;

struct Dialog {
    title: String,
    lines: Vec<Line<'static>>,
    scroll: usize,
    /// Where it lists users.
    heads: Heads,
    foot: Foot,
}

/// What stands below the text.
enum Foot {
    /// Any key closes.
    Nothing,
    Buttons(Vec<Choice>),
    /// A line is typed.
    Prompt(Line<'static>),
}

pub fn draw(state: &State, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let width = width(area);
    let Some(dialog) = dialog(state, theme, usize::from(width.saturating_sub(4))) else {
        return;
    };
    let frame = frame(state, &dialog, width, area);
    let title = vec![Span::styled(
        format!(" {} ", dialog.title),
        theme.style(Role::Strong),
    )];
    let inner = framed(buffer, theme, frame, title);
    let body = Rect {
        height: inner.height.saturating_sub(foot(&dialog)),
        ..inner
    };
    scrolled(buffer, theme, body, &dialog.lines, dialog.scroll);
    let room = usize::from(body.height);
    let end = dialog.scroll.min(dialog.lines.len().saturating_sub(room)) + room;
    if let Some(below) = dialog.heads.below(end) {
        let text = format!(" {below} ");
        let edge = Rect {
            y: frame.bottom() - 1,
            height: 1,
            ..inner
        };
        put_right(buffer, edge, Line::styled(text, theme.style(Role::Strong)));
    }
    let last = Rect {
        y: inner.bottom().saturating_sub(1),
        height: 1.min(inner.height),
        ..inner
    };
    match dialog.foot {
        Foot::Nothing => {}
        Foot::Buttons(choices) => buttons::line(&choices, theme).render(last, buffer),
        Foot::Prompt(line) => line.render(last, buffer),
    }
}

/// The answer of the open dialog whose button lies there.
pub fn button_at(state: &State, area: Rect, at: Position) -> Option<Command> {
    let width = width(area);
    let dialog = dialog(state, &super::theme(state), usize::from(width.saturating_sub(4)))?;
    let frame = frame(state, &dialog, width, area);
    let (x, y) = (frame.x + 2, frame.bottom().saturating_sub(2));
    match &dialog.foot {
        Foot::Buttons(choices) if at.y == y && at.x < frame.right() - 2 => {
            buttons::at(choices, at.x.checked_sub(x)?)
        }
        _ => None,
    }
}

/// Where the caret of the open dialog stands.
pub fn caret(state: &State, area: Rect) -> Option<Position> {
    let Mode::Reason { input, .. } = &state.mode else {
        return None;
    };
    let width = width(area);
    let dialog = dialog(state, &super::theme(state), usize::from(width.saturating_sub(4)))?;
    let frame = frame(state, &dialog, width, area);
    let room = width.saturating_sub(4 + PROMPT.len() as u16 + 1);
    let before = input
        .visual_cursor()
        .saturating_sub(input.visual_scroll(usize::from(room)));
    Some(Position::new(
        frame.x + 2 + PROMPT.len() as u16 + (before as u16).min(room),
        frame.bottom().saturating_sub(2),
    ))
}

/// Which line of the open dialog's text lies there, and how far from the line's beginning.
pub fn line_at(state: &State, area: Rect, at: Position) -> Option<(usize, u16)> {
    let width = width(area);
    let dialog = dialog(state, &super::theme(state), usize::from(width.saturating_sub(4)))?;
    let frame = frame(state, &dialog, width, area);
    let body = Rect {
        x: frame.x + 2,
        y: frame.y + 1,
        width: frame.width.saturating_sub(4),
        height: frame.height.saturating_sub(2 + foot(&dialog)),
    };
    let hidden = dialog.lines.len().saturating_sub(usize::from(body.height));
    let line = dialog.scroll.min(hidden) + usize::from(at.y.saturating_sub(body.y));
    (body.contains(at) && line < dialog.lines.len()).then(|| (line, at.x - body.x))
}

/// How far the open dialog can be scrolled.
pub fn most_scroll(state: &State, area: Rect) -> usize {
    if matches!(
        state.mode,
        Mode::Table | Mode::Filter { .. } | Mode::Palette { .. } | Mode::Log { .. } | Mode::Quit { .. }
    ) {
        return 0;
    }
    let width = width(area);
    let Some(dialog) = dialog(state, &super::theme(state), usize::from(width.saturating_sub(4))) else {
        return 0;
    };
    let room = frame(state, &dialog, width, area)
        .height
        .saturating_sub(2 + foot(&dialog));
    dialog.lines.len().saturating_sub(usize::from(room))
}

/// Lines that no dialog takes: header, messages and keys.
const ABOVE_AND_BELOW: u16 = 3;

fn width(area: Rect) -> u16 {
    area.width.saturating_sub(4).min(WIDEST)
}

/// What is told below it stays in sight.
fn frame(state: &State, dialog: &Dialog, width: u16, area: Rect) -> Rect {
    let area = super::above_toasts(state, area);
    let wanted = dialog.lines.len().min(usize::from(u16::MAX) - 8) as u16 + 2 + foot(dialog);
    let height = wanted.min(area.height.saturating_sub(ABOVE_AND_BELOW));
    Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height.saturating_sub(height)) / 3,
        width,
        height,
    }
}

/// How many lines of text there is room for where nothing stands below them.
fn most_lines(state: &State) -> usize {
    let (width, height) = state.size;
    let area = super::above_toasts(state, Rect::new(0, 0, width, height));
    usize::from(area.height.saturating_sub(ABOVE_AND_BELOW + 2))
}

/// The lines below the text: an empty one, and the buttons.
fn foot(dialog: &Dialog) -> u16 {
    if matches!(dialog.foot, Foot::Nothing) {
        0
    } else {
        2
    }
}

fn dialog(state: &State, theme: &Theme, width: usize) -> Option<Dialog> {
    Some(match &state.mode {
        Mode::Table | Mode::Filter { .. } | Mode::Palette { .. } | Mode::Log { .. } => return None,
        Mode::Confirm { sheet, focus, retry } => {
            let verb = if *retry { "Retry" } else { "Mend" };
            let whom = words::count(sheet.touched.len(), "user");
            let choice = |button, answer, label: String| Choice {
                answer,
                label,
                has_focus: *focus == button,
            };
            let Lines { lines, heads } = sheet::lines(sheet, state, theme, width);
            Dialog {
                title: format!("{verb} {whom}{}", sheet::place(sheet, state)),
                lines,
                scroll: sheet.scroll,
                heads,
                foot: Foot::Buttons(vec![
                    choice(Button::Cancel, Command::No, "n: Cancel".into()),
                    choice(Button::Go, Command::Yes, format!("y: {verb} {whom}")),
                ]),
            }
        }
        Mode::Reason {
            sheet,
            retry,
            input,
            wanting,
        } => {
            let verb = if *retry { "Retry" } else { "Mend" };
            let whom = words::count(sheet.touched.len(), "user");
            let mut lines = hanging(
                Span::raw(""),
                "Why? It is kept in the audit trail.",
                theme.style(Role::Text),
                width,
            );
            if *wanting {
                let text = "A few words are needed: so many users at once want a reason.";
                lines.extend(hanging(Span::raw(""), text, theme.style(Role::Alarm), width));
            }
            let room = width.saturating_sub(PROMPT.len() + 1);
            let typed = words::skip_columns(&words::show(input.value()), input.visual_scroll(room));
            Dialog {
                title: format!("{verb} {whom}{}", sheet::place(sheet, state)),
                lines,
                scroll: 0,
                heads: Heads::default(),
                foot: Foot::Prompt(Line::from(vec![
                    Span::styled(PROMPT, theme.style(Role::Key)),
                    Span::raw(typed),
                ])),
            }
        }
        Mode::Resume {
            offer,
            whom,
            focus,
            scroll,
        } => {
            let Lines { lines, heads } = resume::lines(offer, whom.as_ref(), state, theme, width);
            Dialog {
                title: resume::title(offer, state),
                lines,
                scroll: *scroll,
                heads,
                foot: Foot::Buttons(buttons::fitting(width, |short| {
                    let choice = |button| Choice {
                        answer: resume::answer(button),
                        label: resume::label(button, whom.as_ref(), short),
                        has_focus: *focus == button,
                    };
                    BUTTONS.map(choice).to_vec()
                })),
            }
        }
        Mode::Index(question) => Dialog {
            title: index::title(state),
            lines: index::lines(question, theme, width),
            scroll: question.scroll,
            heads: Heads::default(),
            foot: Foot::Buttons(index::choices(question)),
        },
        Mode::Systemic { topic, scroll } => Dialog {
            title: systemic::title(topic, state),
            lines: systemic::lines(topic, state, theme, width),
            scroll: *scroll,
            heads: Heads::default(),
            foot: Foot::Nothing,
        },
        Mode::History(history) => Dialog {
            title: history::title(&history.story, state),
            lines: history::lines(&history.story, state, theme, width),
            scroll: history.scroll,
            heads: Heads::default(),
            foot: Foot::Nothing,
        },
        Mode::Plan(sheet) => {
            let whom = words::count(sheet.touched.len() + sheet.spared.len(), "user");
            let Lines { lines, heads } = sheet::lines(sheet, state, theme, width);
            Dialog {
                title: format!(
                    "Plan for {whom}{} · nothing is written",
                    sheet::place(sheet, state)
                ),
                lines,
                scroll: sheet.scroll,
                heads,
                foot: Foot::Nothing,
            }
        }
        Mode::Export { format, at } => Dialog {
            title: export::title(state),
            lines: export::lines(*format, *at, state, theme, width),
            scroll: 0,
            heads: Heads::default(),
            foot: Foot::Nothing,
        },
        Mode::Columns { at } => Dialog {
            title: "Columns".into(),
            lines: columns::lines(*at, state, theme),
            scroll: at.saturating_sub(6),
            heads: Heads::default(),
            foot: Foot::Nothing,
        },
        Mode::Help { scroll } => Dialog {
            title: "Keys".into(),
            lines: help::lines(state, theme, width),
            scroll: *scroll,
            heads: Heads::default(),
            foot: Foot::Nothing,
        },
        Mode::Welcome => Dialog {
            title: "Welcome to the sandbox".into(),
            lines: welcome::lines(state, theme, width, most_lines(state)),
            scroll: 0,
            heads: Heads::default(),
            foot: Foot::Nothing,
        },
        Mode::Quit { focus, .. } => Dialog {
            title: "Quit?".into(),
            lines: hanging(
                Span::raw(""),
                &quit::question(state),
                theme.style(Role::Text),
                width,
            ),
            scroll: 0,
            heads: Heads::default(),
            foot: Foot::Buttons(buttons::fitting(width, |short| {
                let choice = |button: &Leaving| Choice {
                    answer: quit::answer(*button),
                    label: quit::label(*button, short).to_string(),
                    has_focus: button == focus,
                };
                ways_out(state).iter().map(choice).collect()
            })),
        },
    })
}

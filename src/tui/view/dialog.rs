//! What lies over the table: the question before a fix and the one why, the offer to go on with a run, a plan, a history,
//! the help, the question before leaving.
//!
//! ```text
//! ┌ Mend 2 users of aesthetic · at.example.com ──────────────────────────┐
//! │ These 2 users will be touched:                                       │
//! │  m…@example.com  auth0|68ee50                                        │
//! │    create-user → create-account → record-account → verify            │
//! │                                                                      │
//! │  [ Cancel ]   [ y: Mend 2 users ]                                    │
//! └──────────────────────────────────────────────────────────────────────┘
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;

use super::super::sheet::Sheet;
use super::super::state::{Button, Leaving, Mode, State};
use super::super::theme::{Role, Theme};
use super::super::update::{BUTTONS, buttons};
use super::super::words;
use super::{columns, export, framed, hanging, help, history, resume, scrolled, sheet, welcome};

/// What stands before a reason.
const PROMPT: &str = "> ";

/// A dialog's text is no easier to read for being wider.
const WIDEST: u16 = 96;

struct Dialog {
    title: String,
    lines: Vec<Line<'static>>,
    scroll: usize,
    /// The line of buttons; empty where any key closes.
    buttons: Line<'static>,
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
    if foot(&dialog) > 0 && inner.height > 0 {
        dialog.buttons.render(
            Rect {
                y: inner.bottom() - 1,
                height: 1,
                ..inner
            },
            buffer,
        );
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

fn width(area: Rect) -> u16 {
    area.width.saturating_sub(4).min(WIDEST)
}

/// What is told below it stays in sight.
fn frame(state: &State, dialog: &Dialog, width: u16, area: Rect) -> Rect {
    let area = super::above_toasts(state, area);
    let wanted = dialog.lines.len().min(usize::from(u16::MAX) - 8) as u16 + 2 + foot(dialog);
    let height = wanted.min(area.height.saturating_sub(3));
    Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height.saturating_sub(height)) / 3,
        width,
        height,
    }
}

/// The lines below the text: an empty one, and the buttons.
fn foot(dialog: &Dialog) -> u16 {
    if dialog.buttons.spans.is_empty() { 0 } else { 2 }
}

fn dialog(state: &State, theme: &Theme, width: usize) -> Option<Dialog> {
    Some(match &state.mode {
        Mode::Table | Mode::Filter { .. } | Mode::Palette { .. } | Mode::Log { .. } => return None,
        Mode::Confirm { sheet, focus, retry } => {
            let verb = if *retry { "Retry" } else { "Mend" };
            let whom = words::count(sheet.touched.len(), "user");
            let labels = [
                (Button::Cancel, "n: Cancel".to_string()),
                (Button::Go, format!("y: {verb} {whom}")),
            ];
            Dialog {
                title: format!("{verb} {whom}{}", place(sheet, state)),
                lines: sheet::lines(sheet, state, theme, width),
                scroll: sheet.scroll,
                buttons: row_of(labels, *focus, theme),
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
                title: format!("{verb} {whom}{}", place(sheet, state)),
                lines,
                scroll: 0,
                buttons: Line::from(vec![
                    Span::styled(PROMPT, theme.style(Role::Key)),
                    Span::raw(typed),
                ]),
            }
        }
        Mode::Resume { offer, focus, scroll } => Dialog {
            title: resume::title(offer, state),
            lines: resume::lines(offer, state, theme, width),
            scroll: *scroll,
            buttons: fitting(width, |short| {
                let label = |button| (button, resume::label(button, offer, short));
                row_of(BUTTONS.map(label), *focus, theme)
            }),
        },
        Mode::History(history) => Dialog {
            title: history::title(&history.story, state),
            lines: history::lines(&history.story, state, theme, width),
            scroll: history.scroll,
            buttons: Line::default(),
        },
        Mode::Plan(sheet) => {
            let whom = words::count(sheet.touched.len() + sheet.spared.len(), "user");
            Dialog {
                title: format!("Plan for {whom}{} · nothing is written", place(sheet, state)),
                lines: sheet::lines(sheet, state, theme, width),
                scroll: sheet.scroll,
                buttons: Line::default(),
            }
        }
        Mode::Export { format, at } => Dialog {
            title: export::title(state),
            lines: export::lines(*format, *at, state, theme, width),
            scroll: 0,
            buttons: Line::default(),
        },
        Mode::Columns { at } => Dialog {
            title: "Columns".into(),
            lines: columns::lines(*at, state, theme),
            scroll: at.saturating_sub(6),
            buttons: Line::default(),
        },
        Mode::Help { scroll } => Dialog {
            title: "Keys".into(),
            lines: help::lines(state, theme, width),
            scroll: *scroll,
            buttons: Line::default(),
        },
        Mode::Welcome => Dialog {
            title: "Welcome to the sandbox".into(),
            lines: welcome::lines(state, theme, width),
            scroll: 0,
            buttons: Line::default(),
        },
        Mode::Quit { focus } => Dialog {
            title: "Quit?".into(),
            lines: hanging(
                Span::raw(""),
                &quit_question(state),
                theme.style(Role::Text),
                width,
            ),
            scroll: 0,
            buttons: fitting(width, |short| {
                let label = |button: &Leaving| (*button, quit_label(*button, short).to_string());
                row_of(buttons(state).iter().map(label), *focus, theme)
            }),
        },
    })
}

/// In which tenant, and whether it is the real thing.
fn place(sheet: &Sheet, state: &State) -> String {
    let tenants: Vec<String> = sheet.tenants().into_iter().map(words::show).collect();
    let of = if tenants.is_empty() {
        String::new()
    } else {
        format!(" of {}", tenants.join(" and "))
    };
    format!("{of} · {}", words::show(&state.setup.badge))
}

fn row_of<T: PartialEq>(
    labels: impl IntoIterator<Item = (T, String)>,
    focus: T,
    theme: &Theme,
) -> Line<'static> {
    let mut spans = Vec::new();
    for (button, label) in labels {
        let role = if button == focus { Role::Focus } else { Role::Text };
        spans.push(Span::styled(format!("[ {label} ]"), theme.style(role)));
        spans.push(Span::raw("  "));
    }
    Line::from(spans)
}

/// The buttons in full words, or in short ones where those have no room.
fn fitting(width: usize, buttons: impl Fn(bool) -> Line<'static>) -> Line<'static> {
    let full = buttons(false);
    // The last button needs no distance after it.
    if full.width() <= width + 2 {
        full
    } else {
        buttons(true)
    }
}

fn quit_question(state: &State) -> String {
    let have = match state.jobs.active_count() {
        0 => return "No job runs. ctrl-c once more quits at once.".into(),
        1 => "1 job has".to_string(),
        n => format!("{n} jobs have"),
    };
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

fn quit_label(button: Leaving, short: bool) -> &'static str {
    match button {
        Leaving::Stay => "n: Stay",
        Leaving::Wait if short => "w: Wait",
        Leaving::Wait => "w: Wait, then quit",
        Leaving::Leave if short => "l: Leave them",
        Leaving::Leave => "l: Leave them for later",
        Leaving::Now => "y: Quit",
    }
}

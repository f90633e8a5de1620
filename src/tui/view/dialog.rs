//! What lies over the table: the question before a fix, a plan, the help, the question before leaving.
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
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;

use super::super::sheet::{Planned, Sheet};
use super::super::state::{Button, Leaving, Mode, State};
use super::super::theme::{Role, Theme};
use super::super::update::buttons;
use super::super::words;
use super::{framed, hanging, help, scrolled};

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
    let frame = frame(&dialog, width, area);
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

/// How far the open dialog can be scrolled.
pub fn most_scroll(state: &State, area: Rect) -> usize {
    if matches!(state.mode, Mode::Table | Mode::Filter { .. } | Mode::Quit { .. }) {
        return 0;
    }
    let width = width(area);
    let Some(dialog) = dialog(state, &super::theme(state), usize::from(width.saturating_sub(4))) else {
        return 0;
    };
    let room = frame(&dialog, width, area)
        .height
        .saturating_sub(2 + foot(&dialog));
    dialog.lines.len().saturating_sub(usize::from(room))
}

fn width(area: Rect) -> u16 {
    area.width.saturating_sub(4).min(WIDEST)
}

fn frame(dialog: &Dialog, width: u16, area: Rect) -> Rect {
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
        Mode::Table | Mode::Filter { .. } => return None,
        Mode::Confirm { sheet, focus, retry } => {
            let verb = if *retry { "Retry" } else { "Mend" };
            let whom = words::count(sheet.touched.len(), "user");
            let labels = [
                (Button::Cancel, "n: Cancel".to_string()),
                (Button::Go, format!("y: {verb} {whom}")),
            ];
            Dialog {
                title: format!("{verb} {whom}{}", place(sheet, state)),
                lines: sheet_lines(sheet, state, theme, width),
                scroll: sheet.scroll,
                buttons: row_of(labels, *focus, theme),
            }
        }
        Mode::Plan(sheet) => {
            let whom = words::count(sheet.touched.len() + sheet.spared.len(), "user");
            Dialog {
                title: format!("Plan for {whom}{} · nothing is written", place(sheet, state)),
                lines: sheet_lines(sheet, state, theme, width),
                scroll: sheet.scroll,
                buttons: Line::default(),
            }
        }
        Mode::Help { scroll } => Dialog {
            title: "Keys".into(),
            lines: help::lines(state, theme, width),
            scroll: *scroll,
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
            buttons: row_of(
                buttons(state)
                    .iter()
                    .map(|button| (*button, quit_label(*button).to_string())),
                *focus,
                theme,
            ),
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

fn sheet_lines(sheet: &Sheet, state: &State, theme: &Theme, width: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    let hidden = sheet.hidden();
    if hidden > 0 {
        let are = if hidden == 1 { "is" } else { "are" };
        let text = format!("{hidden} of them {are} marked, but hidden by the filter: they stand at the end.");
        lines.extend(hanging(Span::raw(""), &text, theme.style(Role::Alarm), width));
    }
    for planned in &sheet.touched {
        lines.push(who(planned, state, theme));
        let steps: Vec<&str> = planned.steps.iter().map(|step| step.name()).collect();
        lines.extend(hanging(
            Span::raw("    "),
            &steps.join(" → "),
            theme.style(Role::Text),
            width,
        ));
        for left in &planned.left {
            let text = format!("left to you: {}", words::show(left));
            lines.extend(hanging(Span::raw("    "), &text, theme.style(Role::Dim), width));
        }
    }
    if !sheet.spared.is_empty() {
        if !lines.is_empty() {
            lines.push(Line::default());
        }
        let whom = words::count(sheet.spared.len(), "user");
        lines.push(Line::styled(
            format!("Nothing is done to {whom}:"),
            theme.style(Role::Strong),
        ));
        for planned in &sheet.spared {
            lines.push(who(planned, state, theme));
            for left in &planned.left {
                lines.extend(hanging(
                    Span::raw("    "),
                    &words::show(left),
                    theme.style(Role::Dim),
                    width,
                ));
            }
        }
    }
    lines
}

fn who(planned: &Planned, state: &State, theme: &Theme) -> Line<'static> {
    let mut spans = vec![
        Span::styled(
            words::person(&planned.signup, state.masked),
            theme.style(Role::Strong),
        ),
        Span::styled(
            format!("  {}", words::show(&planned.target.key)),
            theme.style(Role::Dim),
        ),
    ];
    if planned.hidden {
        spans.push(Span::styled("  hidden by the filter", theme.style(Role::Alarm)));
    }
    Line::from(spans)
}

fn quit_question(state: &State) -> String {
    match state.jobs.active_count() {
        0 => "No job runs. ctrl-c once more quits at once.".into(),
        n => format!(
            "{} not ended yet. Waiting lets all of them end; stopping lets each finish the step in hand. \
             ctrl-c once more quits at once.",
            if n == 1 {
                "1 job has".to_string()
            } else {
                format!("{n} jobs have")
            }
        ),
    }
}

fn quit_label(button: Leaving) -> &'static str {
    match button {
        Leaving::Stay => "n: Stay",
        Leaving::Wait => "w: Wait for them, then quit",
        Leaving::Stop => "s: Stop at the next step",
        Leaving::Now => "y: Quit",
    }
}

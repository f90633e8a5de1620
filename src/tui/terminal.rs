//! The real terminal: taken over when the dashboard opens, given back on every way out, a panic among them.

use std::io::{BufWriter, Stdout, Write, stdin, stdout};
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;
use crossterm::event::{DisableBracketedPaste, DisableFocusChange, EnableBracketedPaste, EnableFocusChange};
use crossterm::style::ResetColor;
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
    disable_raw_mode, enable_raw_mode,
};
use crossterm::{cursor, execute, queue};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};

use super::state::State;
use super::view;

/// Whether the terminal is ours right now. What gives it back may be called by anyone, any number of times.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// Whether the mouse is ours.
static MOUSE: AtomicBool = AtomicBool::new(false);

/// The terminal while the dashboard has it. Dropping it gives it back.
pub struct Screen {
    terminal: Terminal<CrosstermBackend<BufWriter<Stdout>>>,
}

impl Screen {
    pub fn open() -> anyhow::Result<Self> {
        give_back_on_panic();
        // All colours come from the theme, which has none where `NO_COLOR` asks for that. crossterm's own handling of the
        // variable would take reverse and bold away as well, and with them the cursor.
        crossterm::style::force_color_output(true);
        // Buffered, so that a whole picture goes out in one write.
        let backend = CrosstermBackend::new(BufWriter::with_capacity(1 << 16, stdout()));
        take().context("the terminal cannot be taken over; the other commands work without one")?;
        let terminal = Terminal::new(backend).inspect_err(|_| give_back())?;
        Ok(Self { terminal })
    }

    /// Width and height.
    pub fn size(&self) -> anyhow::Result<(u16, u16)> {
        let size = self.terminal.size()?;
        Ok((size.width, size.height))
    }

    pub fn draw(&mut self, state: &State) -> anyhow::Result<()> {
        queue!(self.terminal.backend_mut(), BeginSynchronizedUpdate)?;
        self.terminal.draw(|frame| view::draw(state, frame))?;
        execute!(self.terminal.backend_mut(), EndSynchronizedUpdate)?;
        Ok(())
    }

    /// Takes the mouse, or leaves it to the terminal, which selects text with it.
    pub fn listen_to_mouse(&mut self, wanted: bool) {
        if MOUSE.swap(wanted, Ordering::SeqCst) != wanted {
            say_mouse(wanted);
        }
    }

    /// The terminal's bell: a sound, a flash, or a sign at its window, as its owner likes.
    pub fn ring(&self) {
        self.send("\x07");
    }

    /// Says something that is no part of the picture.
    pub fn send(&self, sequence: &str) {
        let mut out = stdout();
        // A terminal that is gone is noticed when the next picture is drawn.
        let _ = out.write_all(sequence.as_bytes()).and_then(|()| out.flush());
    }

    /// Has keys told that are there and were not told. The event stream hears once that there are some, and forgets it
    /// where the window changed at the same moment; to set the modes that are set already wakes whoever waits for keys.
    pub fn nudge(&self) {
        let keyboard = stdin();
        // Where it cannot be asked it is gone, which its stream says.
        if let Ok(modes) = tcgetattr(&keyboard) {
            tcsetattr(&keyboard, OptionalActions::Now, &modes).ok();
        }
    }

    /// Whether somebody gave the terminal back meanwhile: a panic of a job, say.
    pub fn is_lost(&self) -> bool {
        !TAKEN.load(Ordering::SeqCst)
    }

    /// Takes the terminal over again, whatever was done to it meanwhile.
    pub fn reopen(&mut self) -> anyhow::Result<()> {
        // After a SIGSTOP the shell has changed the modes behind our back: only a change sets them again.
        disable_raw_mode()?;
        take()?;
        // Not `clear`: it would ask the terminal where its cursor is, and the answer would go to the event stream.
        let size = self.terminal.size()?;
        self.terminal.resize(Rect::new(0, 0, size.width, size.height))?;
        Ok(())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

fn take() -> std::io::Result<()> {
    TAKEN.store(true, Ordering::SeqCst);
    let taken = enable_raw_mode().and_then(|()| {
        execute!(
            stdout(),
            EnterAlternateScreen,
            EnableBracketedPaste,
            EnableFocusChange,
            cursor::Hide
        )
    });
    if MOUSE.load(Ordering::SeqCst) {
        say_mouse(true);
    }
    taken.inspect_err(|_| give_back())
}

/// Buttons and the wheel, with coordinates of any size. Not what crossterm offers: that has every movement told too, each
/// of which would be drawn for.
fn say_mouse(ours: bool) {
    let said: &[u8] = if ours {
        b"\x1b[?1000h\x1b[?1006h"
    } else {
        b"\x1b[?1006l\x1b[?1000l"
    };
    let mut out = stdout();
    let _ = out.write_all(said).and_then(|()| out.flush());
}

/// Gives the terminal back. Does what it can: a terminal that is gone cannot complain.
pub fn give_back() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        let mut out = stdout();
        if MOUSE.load(Ordering::SeqCst) {
            say_mouse(false);
        }
        let _ = execute!(
            out,
            EndSynchronizedUpdate,
            DisableFocusChange,
            DisableBracketedPaste,
            ResetColor,
            LeaveAlternateScreen,
            cursor::Show
        );
        let _ = out.flush();
        let _ = disable_raw_mode();
    }
}

/// So that a panic's words are seen on the ordinary screen.
fn give_back_on_panic() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            give_back();
            before(panic);
        }));
    });
}

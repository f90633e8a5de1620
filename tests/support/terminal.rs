//! A real pseudo-terminal with a program in it: keys go in, the screen is what a terminal would show. Usable from
//! a synchronous test; a thread of its own reads.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::Path;
use std::process::{Child, ExitStatus};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use pty_process::Size;
use pty_process::blocking::{Command, Pty};
use rustix::fs::{Mode, OFlags};
pub use rustix::process::Signal;
use rustix::process::{Pid, kill_process};
use vt100::{Callbacks, Parser};
pub use vt100::{Cell, Color};

use super::keys;

/// Generous, since two tests may share a slow machine with a compiler.
const LIMIT: Duration = Duration::from_secs(15);

/// Dropping it kills the program.
pub struct Terminal {
    child: Child,
    pty: Arc<Pty>,
    shown: Arc<(Mutex<Shown>, Condvar)>,
    reader: Option<JoinHandle<()>>,
}

struct Shown {
    parser: Parser<Asked>,
    raw: Vec<u8>,
    ended: bool,
}

/// What a program asks its terminal, and the answers that wait to be sent.
#[derive(Default)]
struct Asked {
    answers: Vec<u8>,
}

impl Callbacks for Asked {
    fn unhandled_csi(
        &mut self,
        screen: &mut vt100::Screen,
        i1: Option<u8>,
        _: Option<u8>,
        params: &[&[u16]],
        last: char,
    ) {
        let (row, col) = screen.cursor_position();
        match (i1, last, params.first().and_then(|param| param.first())) {
            (None, 'n', Some(6)) => self
                .answers
                .extend(format!("\x1b[{};{}R", row + 1, col + 1).bytes()),
            (None, 'n', Some(5)) => self.answers.extend(b"\x1b[0n"),
            (None, 'c', _) => self.answers.extend(b"\x1b[?62;22c"),
            (Some(b'>'), 'c', _) => self.answers.extend(b"\x1b[>1;10;0c"),
            _ => {}
        }
    }
}

impl Terminal {
    /// The environment is PATH, HOME, a modern terminal's variables, and what is given, which wins.
    pub fn spawn(
        program: impl AsRef<Path>,
        args: &[&str],
        env: &[(&str, &str)],
        cols: u16,
        rows: u16,
    ) -> Self {
        let (pty, pts) = pty_process::blocking::open().expect("the machine has pseudo-terminals");
        pty.resize(Size::new(rows, cols)).expect("it is open");
        let kept = ["PATH", "HOME"]
            .into_iter()
            .filter_map(|name| Some((name, std::env::var_os(name)?)));
        let command = Command::new(program.as_ref()).args(args).env_clear().envs(kept);
        let command = command
            .env("TERM", "xterm-256color")
            .env("COLORTERM", "truecolor")
            .env("LANG", "C.UTF-8");
        let child = command.envs(env.iter().copied()).spawn(pts);
        let child = child.unwrap_or_else(|why| panic!("cannot run {}: {why}", program.as_ref().display()));
        let pty = Arc::new(pty);
        let parser = Parser::new_with_callbacks(size(rows), size(cols), 0, Asked::default());
        let shown = Arc::new((
            Mutex::new(Shown {
                parser,
                raw: Vec::new(),
                ended: false,
            }),
            Condvar::new(),
        ));
        let reader = std::thread::spawn({
            let (pty, shown) = (Arc::clone(&pty), Arc::clone(&shown));
            move || read(&pty, &shown)
        });
        Self {
            child,
            pty,
            shown,
            reader: Some(reader),
        }
    }

    pub fn wait_for(&self, text: &str) {
        self.wait_until(&format!("{text:?} to be shown"), |screen| screen.contains(text));
    }

    pub fn wait_gone(&self, text: &str) {
        self.wait_until(&format!("{text:?} to be gone"), |screen| !screen.contains(text));
    }

    /// Waits until the screen's text is as wanted; `what` completes "waited for …" in the failure.
    pub fn wait_until(&self, what: &str, wanted: impl Fn(&str) -> bool) {
        let begun = Instant::now();
        let mut shown = self.shown();
        loop {
            let screen = text(&shown);
            if wanted(&screen) {
                return;
            }
            let left = LIMIT.saturating_sub(begun.elapsed());
            if left.is_zero() || shown.ended {
                let why = if shown.ended {
                    "the program ended"
                } else {
                    "the time ran out"
                };
                drop(shown);
                panic!("waited for {what}, but {why}; the screen is\n{}", framed(&screen));
            }
            shown = self
                .shown
                .1
                .wait_timeout(shown, left)
                .expect("the reader does not panic")
                .0;
        }
    }

    /// Text as typed, or pasted, at once.
    pub fn press(&mut self, text: &str) {
        self.send(text.as_bytes());
    }

    /// Keys one after the other in the notation of `keys.rs`: `jj<enter>a<esc>F<space><tab><ctrl-d>`.
    pub fn keys(&mut self, keys: &str) {
        for key in keys::parse(keys) {
            self.send(&key);
        }
    }

    /// The screen's text, a line a row, without the blanks at the ends.
    pub fn screen(&self) -> String {
        text(&self.shown())
    }

    /// The cell with its colours and attributes, counted from 0.
    pub fn cell(&self, row: u16, col: u16) -> Cell {
        let shown = self.shown();
        let cell = shown.parser.screen().cell(row, col).cloned();
        cell.unwrap_or_else(|| {
            panic!(
                "there is no cell ({row}, {col}) on {:?}",
                shown.parser.screen().size()
            )
        })
    }

    /// Row and column, from 0, of the first cell of this text.
    pub fn find(&self, text: &str) -> Option<(u16, u16)> {
        let shown = self.shown();
        let screen = shown.parser.screen();
        let (rows, cols) = screen.size();
        (0..rows.get()).find_map(|row| {
            let mut line = String::new();
            let mut begins = Vec::new();
            for (col, cell) in (0..cols.get()).filter_map(|col| Some((col, screen.cell(row, col)?))) {
                begins.push((line.len(), col));
                // The second half of a wide character has no text of its own.
                let blank = if cell.is_wide_continuation() { "" } else { " " };
                line.push_str(if cell.has_contents() {
                    cell.contents()
                } else {
                    blank
                });
            }
            let at = line.find(text)?;
            begins
                .iter()
                .rfind(|(begin, _)| *begin <= at)
                .map(|(_, col)| (row, *col))
        })
    }

    pub fn cursor(&self) -> (u16, u16) {
        self.shown().parser.screen().cursor_position()
    }

    pub fn cursor_shown(&self) -> bool {
        !self.shown().parser.screen().hide_cursor()
    }

    pub fn alternate_screen(&self) -> bool {
        self.shown().parser.screen().alternate_screen()
    }

    /// Every byte that the program wrote so far.
    pub fn raw(&self) -> Vec<u8> {
        self.shown().raw.clone()
    }

    pub fn resize(&self, cols: u16, rows: u16) {
        self.shown().parser.set_size(size(rows), size(cols));
        self.pty.resize(Size::new(rows, cols)).expect("it is open");
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).expect("the program runs, or waits for wait_exit");
    }

    /// How the program ended; everything it wrote is on the screen and in `raw` then.
    pub fn wait_exit(&mut self) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("it is our child") {
                if let Some(reader) = self.reader.take() {
                    reader.join().expect("the reader does not panic");
                }
                return status;
            }
            assert!(
                begun.elapsed() < LIMIT,
                "the program does not end; the screen is\n{}",
                framed(&self.screen())
            );
            std::thread::sleep(Duration::from_millis(3));
        }
    }

    pub fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// Writes, then waits until the program has read: an Escape and the key after it, read together, would be
    /// one other key.
    fn send(&mut self, bytes: &[u8]) {
        let mut pty = &*self.pty;
        pty.write_all(bytes).expect("the program's terminal is open");
        let name = rustix::pty::ptsname(&*self.pty, Vec::new()).expect("it is a pseudo-terminal");
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(1) && matches!(self.child.try_wait(), Ok(None)) {
            let flags = OFlags::RDONLY | OFlags::NOCTTY | OFlags::NONBLOCK;
            let unread =
                rustix::fs::open(name.as_c_str(), flags, Mode::empty()).and_then(rustix::io::ioctl_fionread);
            if unread == Ok(0) || unread.is_err() {
                return;
            }
            std::thread::sleep(Duration::from_micros(300));
        }
    }

    fn shown(&self) -> MutexGuard<'_, Shown> {
        self.shown.0.lock().expect("the reader does not panic")
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read(mut pty: &Pty, (shown, changed): &(Mutex<Shown>, Condvar)) {
    let mut bytes = [0; 8192];
    // The end of the program shows as an error on Linux.
    while let Ok(count @ 1..) = pty.read(&mut bytes) {
        let mut shown = shown.lock().expect("a failing test drops it first");
        shown.raw.extend_from_slice(&bytes[..count]);
        shown.parser.process(&bytes[..count]);
        let answers = std::mem::take(&mut shown.parser.callbacks_mut().answers);
        drop(shown);
        let _ = pty.write_all(&answers);
        changed.notify_all();
    }
    shown.lock().expect("a failing test drops it first").ended = true;
    changed.notify_all();
}

fn text(shown: &Shown) -> String {
    let screen = shown.parser.screen();
    let rows = screen
        .rows(0, screen.size().1.get())
        .map(|row| row.trim_end().to_owned());
    rows.collect::<Vec<_>>().join("\n").trim_end().to_owned()
}

fn framed(screen: &str) -> String {
    let mut framed = String::new();
    for line in screen.lines() {
        let _ = writeln!(framed, "│ {line}");
    }
    framed
}

fn size(cells: u16) -> NonZeroU16 {
    NonZeroU16::new(cells).expect("a terminal has at least one row and column")
}

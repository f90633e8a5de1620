//! A real pseudo-terminal with a program in it: keys go in, the screen is what a terminal would show. Usable from
//! a synchronous test; a thread of its own reads.

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, ExitStatus};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use pty_process::Size;
use pty_process::blocking::{Command, Pty};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
pub use rustix::process::Signal;
use rustix::process::{Pid, kill_process};
use tempfile::TempDir;
pub use vt100::{Cell, Color};

use super::command::LIMIT;
use super::keys;
use super::picture::Picture;
use super::screen::{Shown, framed};
use super::secrets::Watch;
use super::steady::steady;

/// The smallest that is usual, a comfortable one, and a large one.
pub const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 60)];

/// How often a key is pressed that may be refused, within the time that anything may take.
const TRIES: u32 = 24;

/// Dropping it kills the program.
pub struct Terminal {
    child: Child,
    pty: Arc<Pty>,
    shown: Arc<(Mutex<Shown>, Condvar)>,
    reader: Option<JoinHandle<()>>,
    watch: Option<Watch>,
    _home: TempDir,
    /// The state folder, where none was given.
    _state: TempDir,
}

fn home() -> TempDir {
    let folder = tempfile::Builder::new().prefix("atriage-home-").tempdir();
    folder.expect("the machine has a temporary folder")
}

/// A state folder of somebody who was welcomed to the sandbox before, so that the first key is for the table.
fn welcomed() -> TempDir {
    let folder = tempfile::tempdir().expect("the machine has a temporary folder");
    std::fs::write(folder.path().join("welcomed"), "").expect("the folder is ours");
    folder
}

impl Terminal {
    /// The environment is PATH, an empty HOME, which is also where it starts, a modern terminal's variables, a state folder
    /// of its own that was used before, and what is given, which wins: no `.env` and no configuration of whoever runs the
    /// tests is found.
    pub fn spawn(
        program: impl AsRef<Path>,
        args: &[&str],
        env: &[(&str, &str)],
        cols: u16,
        rows: u16,
    ) -> Self {
        let (pty, pts) = pty_process::blocking::open().expect("the machine has pseudo-terminals");
        pty.resize(Size::new(rows, cols)).expect("it is open");
        let (home, state) = (home(), welcomed());
        let command = Command::new(program.as_ref()).args(args).env_clear();
        let command = command
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .env("HOME", home.path())
            .current_dir(home.path())
            .env("TERM", "xterm-256color")
            .env("COLORTERM", "truecolor")
            .env("LANG", "C.UTF-8")
            .env("ATRIAGE_STATE_DIR", state.path());
        let child = command.envs(env.iter().copied()).spawn(pts);
        let child = child.unwrap_or_else(|why| panic!("cannot run {}: {why}", program.as_ref().display()));
        let pty = Arc::new(pty);
        let shown = Arc::new((Mutex::new(Shown::new(cols, rows)), Condvar::new()));
        let reader = std::thread::spawn({
            let (pty, shown) = (Arc::clone(&pty), Arc::clone(&shown));
            move || read(&pty, &shown)
        });
        Self {
            child,
            pty,
            shown,
            reader: Some(reader),
            watch: None,
            _home: home,
            _state: state,
        }
    }

    /// Everything that it ever shows is looked through for secrets, when it has ended.
    pub fn watched(mut self, watch: Watch) -> Self {
        self.watch = Some(watch);
        self
    }

    fn look_for_secrets(&self) {
        let Some(watch) = &self.watch else { return };
        let (raw, rows) = {
            let shown = self.shown();
            (
                String::from_utf8_lossy(&shown.raw).into_owned(),
                shown.rows.clone(),
            )
        };
        let mut texts = vec![("its terminal's bytes", raw.as_str())];
        texts.extend(rows.iter().map(|row| ("its screen", row.as_str())));
        watch.check(&texts, None);
    }

    pub fn wait_for(&self, text: &str) {
        self.wait_until(&format!("{text:?} to be shown"), |screen| screen.contains(text));
    }

    pub fn wait_gone(&self, text: &str) {
        self.wait_until(&format!("{text:?} to be gone"), |screen| !screen.contains(text));
    }

    /// Waits until the screen's text is as wanted; `what` completes "waited for …" in the failure.
    pub fn wait_until(&self, what: &str, wanted: impl Fn(&str) -> bool) {
        if !self.is_within(LIMIT, |shown| wanted(&shown.text())) {
            let (screen, ended) = {
                let shown = self.shown();
                (shown.text(), shown.ended)
            };
            let why = if ended {
                "the program ended"
            } else {
                "the time ran out"
            };
            panic!("waited for {what}, but {why}; the screen is\n{}", framed(&screen));
        }
    }

    /// Waits until the alternate screen is entered, or left.
    pub fn wait_alternate(&self, entered: bool) {
        let is = |shown: &Shown| shown.parser.screen().alternate_screen() == entered;
        assert!(
            self.is_within(LIMIT, is),
            "waited for the alternate screen to be {}; the screen is\n{}",
            if entered { "entered" } else { "left" },
            framed(&self.screen())
        );
    }

    /// Presses a key until this is shown: some are refused, in a sentence, while something is being read.
    pub fn press_until_shown(&mut self, key: &str, text: &str) {
        for _ in 0..TRIES {
            self.press(key);
            if self.is_within(LIMIT / TRIES, |shown| shown.text().contains(text)) {
                return;
            }
        }
        self.wait_for(text);
    }

    /// Waits until these lines stand on the screen as `Picture::holds` says, but for what differs from run to run.
    pub fn wait_block(&self, block: &str) {
        if !self.shows(|picture| steady(picture).holds(block)) {
            let screen = steady(self.picture()).text();
            panic!(
                "waited for\n{}but the screen is\n{}",
                framed(block.trim_matches('\n')),
                framed(&screen)
            );
        }
    }

    /// Everything that is shown right now. One that is half drawn is waited for.
    pub fn picture(&self) -> Picture {
        let half = |shown: &mut Shown| shown.drawing && !shown.ended;
        let waited = self.shown.1.wait_timeout_while(self.shown(), LIMIT, half);
        let (shown, _) = waited.expect("the reader does not panic");
        Picture::of(shown.parser.screen())
    }

    /// Whether the picture is as wanted within the time that anything may take.
    pub fn shows(&self, wanted: impl Fn(Picture) -> bool) -> bool {
        self.is_within(LIMIT, |shown| wanted(Picture::of(shown.parser.screen())))
    }

    /// The first picture that stays as it is for so long, seen through `look`.
    pub fn settled(&self, long: Duration, look: impl Fn(Picture) -> Picture) -> Picture {
        loop {
            let before = look(self.picture());
            if !self.is_within(long, |shown| look(Picture::of(shown.parser.screen())) != before) {
                return before;
            }
        }
    }

    /// Waits until what is shown is as wanted. False where the time runs out, or the program ends, before it is.
    fn is_within(&self, limit: Duration, wanted: impl Fn(&Shown) -> bool) -> bool {
        let begun = Instant::now();
        let mut shown = self.shown();
        loop {
            if !shown.drawing && wanted(&shown) {
                return true;
            }
            let left = limit.saturating_sub(begun.elapsed());
            if left.is_zero() || shown.ended {
                return false;
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
        self.shown().text()
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
        self.shown().find(text)
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
        self.shown().resize(cols, rows);
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
                    self.look_for_secrets();
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

    /// Leaves the dashboard with `q`, and returns how it ended. Users are whole a moment before the last job has ended, and
    /// until then the dashboard asks; that question goes away with the job.
    pub fn quit(&mut self) -> ExitStatus {
        for _ in 0..TRIES {
            self.press("q");
            if self.is_within(LIMIT / TRIES, |shown| shown.text().contains("Quit?")) {
                self.wait_gone("Quit?");
            }
            if self.shown().ended {
                break;
            }
        }
        self.wait_exit()
    }

    pub fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// Writes, then waits until the program has read: an Escape and the key after it, read together, would be
    /// one other key.
    fn send(&mut self, bytes: &[u8]) {
        let mut pty = &*self.pty;
        pty.write_all(bytes).expect("the program's terminal is open");
        let begun = Instant::now();
        while begun.elapsed() < LIMIT && matches!(self.child.try_wait(), Ok(None)) {
            if !matches!(self.unread(), Ok(true)) {
                return;
            }
            std::thread::sleep(Duration::from_micros(300));
        }
    }

    /// Whether keys wait to be read. Asked by `poll`, because on Linux that alone first delivers what was written;
    /// by the number of waiting bytes a key on its way looks like a key read.
    fn unread(&self) -> rustix::io::Result<bool> {
        let name = rustix::pty::ptsname(&*self.pty, Vec::new())?;
        // A server that another test starts meanwhile would else hold it, and the terminal would never end.
        let program_side = rustix::fs::open(
            name,
            OFlags::RDONLY | OFlags::NOCTTY | OFlags::CLOEXEC,
            Mode::empty(),
        )?;
        let mut asked = [PollFd::new(&program_side, PollFlags::IN)];
        Ok(poll(&mut asked, Some(&Timespec::default()))? > 0)
    }

    fn shown(&self) -> MutexGuard<'_, Shown> {
        self.shown.0.lock().expect("the reader does not panic")
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        // A second panic would end the whole test binary.
        if self.reader.is_some() && !std::thread::panicking() {
            self.look_for_secrets();
        }
    }
}

fn read(mut pty: &Pty, (shown, changed): &(Mutex<Shown>, Condvar)) {
    let mut bytes = [0; 8192];
    // The end of the program shows as an error on Linux.
    while let Ok(count @ 1..) = pty.read(&mut bytes) {
        let mut shown = shown.lock().expect("a failing test drops it first");
        shown.take(&bytes[..count]);
        let answers = std::mem::take(&mut shown.parser.callbacks_mut().answers);
        drop(shown);
        let _ = pty.write_all(&answers);
        changed.notify_all();
    }
    shown.lock().expect("a failing test drops it first").ended = true;
    changed.notify_all();
}

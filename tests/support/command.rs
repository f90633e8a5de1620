//! The program itself without a terminal: a clean environment, a time limit, and what it printed.

use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use super::fuse::Fuse;
use super::process::collect;
use super::schemas;
use super::secrets::Watch;

/// The program that cargo built for this test run.
pub const ATRIAGE: &str = env!("CARGO_BIN_EXE_atriage");
/// How long a run may take where a test says nothing else.
pub const LIMIT: Duration = Duration::from_secs(180);

/// What a run left.
#[derive(Debug)]
pub struct Outcome {
    /// The exit status, or the negative number of the signal that ended it.
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
    pub took: Duration,
}

/// Runs `atriage` to its end with these arguments and only these variables, PATH, and an empty HOME.
pub fn atriage(args: &[&str], env: &[(&str, &str)]) -> Outcome {
    Running::start(args, env).wait()
}

/// The same, with this text as its input.
pub fn atriage_reading(args: &[&str], env: &[(&str, &str)], input: &str) -> Outcome {
    let mut running = Running::start(args, env);
    running.say(input);
    running.wait()
}

/// A run under way, for instance `serve`. Dropping it kills it.
#[derive(Debug)]
pub struct Running {
    args: Vec<String>,
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: Arc<Mutex<String>>,
    stderr: Arc<Mutex<String>>,
    begun: Instant,
    limit: Duration,
    watch: Option<Watch>,
    fuse: Option<Arc<Fuse>>,
    home: TempDir,
}

impl Running {
    pub fn start(args: &[&str], env: &[(&str, &str)]) -> Self {
        let home = tempfile::Builder::new()
            .prefix("atriage-home-")
            .tempdir()
            .expect("the machine has a temporary folder");
        let mut command = Command::new(ATRIAGE);
        command
            .args(args)
            .env_clear()
            .env("HOME", home.path())
            .current_dir(home.path());
        command
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .envs(env.iter().copied());
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let begun = Instant::now();
        let mut child = command.spawn().expect("cargo built it");
        Self {
            args: args.iter().map(|arg| (*arg).to_owned()).collect(),
            stdin: child.stdin.take(),
            stdout: collect(child.stdout.take().expect("it was asked for")),
            stderr: collect(child.stderr.take().expect("it was asked for")),
            child,
            begun,
            limit: LIMIT,
            watch: None,
            fuse: None,
            home,
        }
    }

    /// With another time limit, counted from the start.
    pub fn within(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// What it leaves is looked through for secrets; this fuse, if any, can kill it.
    pub fn watched(mut self, watch: Watch, fuse: Option<Arc<Fuse>>) -> Self {
        if let Some(fuse) = &fuse {
            fuse.watch(self.pid());
        }
        (self.watch, self.fuse) = (Some(watch), fuse);
        self
    }

    pub fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    pub fn stdout(&self) -> String {
        self.stdout.lock().expect("its writer does not panic").clone()
    }

    pub fn stderr(&self) -> String {
        self.stderr.lock().expect("its writer does not panic").clone()
    }

    pub fn say(&mut self, input: &str) {
        let stdin = self.stdin.as_mut().expect("it is taken only by the end");
        // A program that does not read its input is no fault of the test.
        let _ = stdin.write_all(input.as_bytes());
    }

    /// Waits until the text was printed, on either stream.
    pub fn wait_for(&mut self, text: &str) {
        let printed = |running: &Self| running.stdout().contains(text) || running.stderr().contains(text);
        while !printed(self) {
            let ended = !matches!(self.child.try_wait(), Ok(None));
            // What it printed last may still be on its way when it has ended.
            if ended {
                self.wait_for_the_readers();
            }
            if ended && !printed(self) || self.begun.elapsed() > self.limit {
                panic!(
                    "{text:?} was not printed; stdout:\n{}\nstderr:\n{}",
                    self.stdout(),
                    self.stderr()
                );
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Of a program that has ended. The readers hold the other ends; they let go when the pipes are empty and closed.
    fn wait_for_the_readers(&self) {
        let begun = Instant::now();
        while (Arc::strong_count(&self.stdout) > 1 || Arc::strong_count(&self.stderr) > 1)
            && begun.elapsed() < Duration::from_secs(10)
        {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).expect("the program runs, or waits for its end to be seen");
    }

    /// Closes its input and waits for its end; kills it after its time limit, which the code tells.
    pub fn wait(mut self) -> Outcome {
        self.stdin.take();
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("it is our child") {
                break status;
            }
            if self.begun.elapsed() > self.limit {
                let _ = self.child.kill();
            }
            std::thread::sleep(Duration::from_millis(2));
        };
        let took = self.begun.elapsed();
        if let Some(fuse) = &self.fuse {
            fuse.let_go(self.pid());
        }
        self.wait_for_the_readers();
        let code = status
            .code()
            .or(status.signal().map(|signal| -signal))
            .expect("it ended one way or the other");
        let outcome = Outcome {
            code,
            stdout: self.stdout(),
            stderr: self.stderr(),
            took,
        };
        // One that was killed may have said a part.
        if outcome.code >= 0 {
            schemas::check(&self.args, &outcome.stdout);
        }
        if let Some(watch) = &self.watch {
            for secret in self.fuse.iter().flat_map(|fuse| fuse.heard()) {
                watch
                    .secrets
                    .add(&secret, "a password or invite that was sent to the PDS");
            }
            let texts = [
                ("its stdout", outcome.stdout.as_str()),
                ("its stderr", outcome.stderr.as_str()),
            ];
            watch.check(&texts, Some(self.home.path()));
        }
        outcome
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(fuse) = &self.fuse {
            fuse.let_go(self.pid());
        }
    }
}

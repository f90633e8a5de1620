//! One process of `tests/services/services.mjs`: started, killed, started again, and ended with its owner.
//! What is asked of which service stands in `services.rs` and `mongo.rs`.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/services/services.mjs");
const START_LIMIT: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub struct Process {
    told: Value,
    child: Child,
    /// Its end tells the program to end; the kernel closes it however this process ends.
    stdin: Option<ChildStdin>,
    url: String,
    pid: Pid,
}

impl Process {
    pub fn start(told: Value) -> Self {
        let mut command = Command::new("node");
        // The services read many variables; only what is told may decide.
        command.arg(PROGRAM).arg(told.to_string()).env_clear();
        command.envs(
            ["PATH", "HOME", "TMPDIR"]
                .iter()
                .filter_map(|name| Some((*name, std::env::var_os(name)?))),
        );
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("fetch.rs has found node");
        let complaints = collect(child.stderr.take().expect("it was asked for"));
        let (send, lines) = mpsc::channel();
        let mut stdout = BufReader::new(child.stdout.take().expect("it was asked for"));
        std::thread::spawn(move || {
            let mut line = String::new();
            let _ = stdout.read_line(&mut line);
            let _ = send.send(line);
            // Read on, so that the service never blocks on a full pipe.
            let _ = std::io::copy(&mut stdout, &mut std::io::sink());
        });
        let line = lines.recv_timeout(START_LIMIT).unwrap_or_default();
        let Ok(ready) = serde_json::from_str::<Value>(&line) else {
            let _ = child.kill();
            let _ = child.wait();
            let complaints = complaints.lock().expect("its writer does not panic");
            panic!("the service did not start: {told}\n{complaints}");
        };
        Self {
            stdin: child.stdin.take(),
            url: ready["url"].as_str().expect("services.mjs prints it").to_owned(),
            pid: ready["pid"]
                .as_i64()
                .and_then(|pid| Pid::from_raw(pid as i32))
                .expect("services.mjs prints it"),
            told,
            child,
        }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// To the service itself, not to what watches over it.
    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid, signal).expect("it runs as long as this value");
    }

    /// SIGKILL to the service itself, as a crash would end it. Its data stays.
    pub fn kill(&mut self) {
        // The program that watches over a mongod would clear its data away: it goes first.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if self.pid.as_raw_nonzero().get() as u32 == self.child.id() {
            return;
        }
        let _ = kill_process(self.pid, Signal::KILL);
        let begun = Instant::now();
        while runs(self.pid) {
            assert!(
                begun.elapsed() < START_LIMIT,
                "process {} does not die",
                self.pid.as_raw_nonzero()
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Kills it, and starts it again on the same data and port.
    pub fn restart(&mut self) {
        self.kill();
        let mut told = self.told.clone();
        let port = self
            .url
            .rsplit(':')
            .next()
            .and_then(|port| port.parse::<u16>().ok());
        told["port"] = json!(port.expect("every service's address ends with its port"));
        *self = Self::start(told);
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.stdin.take();
        let begun = Instant::now();
        while let Ok(None) = self.child.try_wait() {
            if begun.elapsed() > Duration::from_secs(5) {
                let _ = self.child.kill();
                let _ = kill_process(self.pid, Signal::KILL);
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

/// Whether a process that is not our child still does anything: in a container nobody may collect the dead.
fn runs(pid: Pid) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).unwrap_or_default();
    stat.rsplit_once(") ")
        .is_some_and(|(_, state)| !state.starts_with(['Z', 'X']))
}

/// Everything that comes out of a pipe, as it comes.
pub fn collect(mut pipe: impl Read + Send + 'static) -> Arc<Mutex<String>> {
    let text = Arc::new(Mutex::new(String::new()));
    let end = Arc::clone(&text);
    std::thread::spawn(move || {
        let (mut bytes, mut rest) = ([0; 4096], Vec::new());
        while let Ok(count @ 1..) = pipe.read(&mut bytes) {
            rest.extend_from_slice(&bytes[..count]);
            // A character whose bytes came apart waits for the rest of them.
            let whole = match std::str::from_utf8(&rest) {
                Err(error) if error.error_len().is_none() => error.valid_up_to(),
                _ => rest.len(),
            };
            let text: Vec<u8> = rest.drain(..whole).collect();
            end.lock()
                .expect("no reader panics with it")
                .push_str(&String::from_utf8_lossy(&text));
        }
    });
    text
}

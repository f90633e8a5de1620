//! A fuse on every line between one child process and the services: it counts what goes over them, and at a chosen
//! point kills the child and lets nothing more through. The lines are `Tap`s and `MongoTap`s that were given this fuse.

use std::collections::HashSet;
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Duration;

use super::command::LIMIT;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rustix::process::{Pid, Signal, kill_process};

use super::runtime;

/// When the child is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blow {
    /// Only counted and written down.
    Never,
    /// In this state that a run leaves the services in, counted from 1: before its first change, and behind each. Until the
    /// next change arrives nothing changes outside, so that it makes no difference where in that stretch a child dies.
    At(usize),
    /// At the first point that is called so, or whose name begins so.
    On(&'static str),
    /// Behind the first call whose name begins so.
    Behind(&'static str),
    /// At the second such point.
    Again(&'static str),
    /// So long after its start, wherever it is.
    After(Duration),
}

/// Every request gives two points: `… before`, when it arrived and was not forwarded yet, and `… answered`, when the
/// service has carried it out and the child does not know yet.
///
/// One child at a time; `arm` begins the next one's count.
#[derive(Debug)]
pub struct Fuse {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    /// Raised by `arm`: what an earlier child has still on its way belongs to an earlier one.
    era: u64,
    blow: Blow,
    child: Option<Pid>,
    points: Vec<String>,
    blown: Option<String>,
    /// Passwords and invites that went over a line.
    heard: Vec<String>,
    doors: Vec<SocketAddr>,
    /// The ports of the connections that the doors have taken.
    greeted: HashSet<u16>,
}

impl Fuse {
    pub fn new() -> Arc<Self> {
        let state = State {
            era: 0,
            blow: Blow::Never,
            child: None,
            points: Vec::new(),
            blown: None,
            heard: Vec::new(),
            doors: Vec::new(),
            greeted: HashSet::new(),
        };
        Arc::new(Self {
            state: Mutex::new(state),
            changed: Condvar::new(),
        })
    }

    /// Counts from the start again, for a child that is started after this.
    pub fn arm(&self, blow: Blow) {
        self.wait_for_stragglers();
        let mut state = self.state();
        state.era += 1;
        state.blow = blow;
        state.child = None;
        state.points.clear();
        state.blown = None;
    }

    /// The child whose requests are counted from here on.
    pub fn watch(self: &Arc<Self>, child: Pid) {
        let mut state = self.state();
        state.child = Some(child);
        let (era, blow) = (state.era, state.blow);
        drop(state);
        self.changed.notify_all();
        if let Blow::After(time) = blow {
            let fuse = Arc::clone(self);
            runtime().spawn(async move {
                tokio::time::sleep(time).await;
                let mut state = fuse.state();
                if state.era == era && state.blown.is_none() {
                    let last = state
                        .points
                        .last()
                        .map_or("its first request", String::as_str)
                        .to_owned();
                    state.go_off(format!("{time:?} after the start, behind {last}"));
                }
            });
        }
    }

    /// The child has ended: its number may soon be somebody else's.
    pub fn let_go(&self, child: Pid) {
        let mut state = self.state();
        if state.child == Some(child) {
            state.child = None;
            state.blow = Blow::Never;
            // What it has left on its way, or a timer that still runs, is nobody's.
            state.era += 1;
        }
    }

    /// The points so far, in order.
    pub fn points(&self) -> Vec<String> {
        self.state().points.clone()
    }

    /// Where the child was killed; `None` while it was not.
    pub fn blown(&self) -> Option<String> {
        self.state().blown.clone()
    }

    /// The passwords and invites that went over the lines since this was asked last.
    pub(super) fn heard(&self) -> Vec<String> {
        std::mem::take(&mut self.state().heard)
    }

    /// Keeps what is secret in the body of a request.
    pub(super) fn listen(&self, body: &[u8]) {
        let Ok(body) = serde_json::from_slice::<serde_json::Value>(body) else {
            return;
        };
        let secrets = ["password", "inviteCode"]
            .iter()
            .filter_map(|name| body[name].as_str());
        self.state().heard.extend(secrets.map(String::from));
    }

    /// Counts a point of a connection from this era, and tells whether it may pass.
    pub(super) fn passes(&self, era: u64, label: String) -> bool {
        let mut state = self.state();
        if state.era != era || state.blown.is_some() {
            return false;
        }
        state.points.push(label.clone());
        let here = match state.blow {
            Blow::At(point) => {
                changes(&label) && ends_a_stretch(&state.points) && states(&state.points) == point
            }
            Blow::On(name) => label.starts_with(name),
            Blow::Behind(name) => label.starts_with(name) && label.ends_with("answered"),
            Blow::Again(name) => {
                label.starts_with(name)
                    && state
                        .points
                        .iter()
                        .filter(|label| label.starts_with(name))
                        .count()
                        == 2
            }
            Blow::Never | Blow::After(_) => false,
        };
        if !here {
            return true;
        }
        // A child may ask before whoever started it has told its number.
        let limit = LIMIT;
        let unknown = |state: &mut State| state.child.is_none() && state.era == era;
        let waited = self.changed.wait_timeout_while(state, limit, unknown);
        let (mut state, _) = waited.expect("nobody panics with it");
        if state.era == era {
            state.go_off(label);
        }
        false
    }

    /// A line that is not the child's own, such as the one from the PDS to its directory: its points count, and always
    /// pass, since that service lives on.
    pub(super) fn beside(&self, label: String) {
        let era = self.state().era;
        self.passes(era, label);
    }

    /// A door has taken a connection, which belongs to the era of this moment.
    pub(super) fn greet(&self, peer: SocketAddr) -> u64 {
        let mut state = self.state();
        state.greeted.insert(peer.port());
        self.changed.notify_all();
        state.era
    }

    pub(super) fn add_door(&self, address: SocketAddr) {
        self.state().doors.push(address);
    }

    /// A killed child may leave a connection that no door has taken yet: it would look like the next child's. Doors take
    /// connections in their order, so that one of our own tells when all the earlier ones were taken.
    fn wait_for_stragglers(&self) {
        let doors = self.state().doors.clone();
        for door in doors {
            // A door that is gone has nobody waiting.
            let Ok(ours) = TcpStream::connect(door) else {
                continue;
            };
            let port = ours.local_addr().expect("it is connected").port();
            let mut state = self.state();
            while !state.greeted.remove(&port) {
                let waited = self.changed.wait_timeout(state, LIMIT);
                let (again, timeout) = waited.expect("nobody panics with it");
                assert!(!timeout.timed_out(), "the door at {door} takes nobody");
                state = again;
            }
        }
        self.state().greeted.clear();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nobody panics with it")
    }
}

/// Whether what goes over a line changes something at the service that the next run looks for. A login stores a token that
/// nobody looks for; leases are prolonged by a timer, whenever that comes, and what only they changed would shift the count.
fn changes(label: &str) -> bool {
    let writes = [
        "insert",
        "update",
        "delete",
        "findAndModify",
        "createIndexes",
        "dropIndexes",
    ];
    let mut words = label.split(' ');
    match (words.next(), words.next(), words.next()) {
        (Some("mongo"), _, Some("atriage-leases")) => false,
        (Some("mongo"), Some(command), _) => writes.contains(&command),
        (Some("auth0" | "plc"), ..) => false,
        _ => label.contains("POST ") && !label.contains("createSession"),
    }
}

/// How many states these points have led through. A service that asks another one goes on without the child, so that of
/// its line both sides count.
fn states(points: &[String]) -> usize {
    let changes = points.iter().filter(|label| changes(label)).enumerate();
    changes
        .filter(|(place, label)| *place == 0 || label.ends_with("answered") || label.starts_with("pds to "))
        .count()
}

/// Whether the last point is one that counts.
fn ends_a_stretch(points: &[String]) -> bool {
    let (before, all) = (&points[..points.len() - 1], points);
    states(all) > states(before)
}

impl State {
    /// Kills with the lock held: nothing passes between.
    fn go_off(&mut self, label: String) {
        let Some(child) = self.child else { return };
        // It may have ended by itself meanwhile; until it is waited for, its number is its own.
        let _ = kill_process(child, Signal::KILL);
        self.blown = Some(label);
    }
}

/// Random numbers that can be had again: on failure the seed is printed, and `ATRIAGE_TEST_SEED` gives it back.
#[derive(Debug)]
pub struct Chance {
    seed: u64,
    rng: StdRng,
}

impl Chance {
    pub fn new() -> Self {
        let given = std::env::var("ATRIAGE_TEST_SEED").ok();
        let seed = given
            .map(|seed| seed.parse().expect("ATRIAGE_TEST_SEED is a number"))
            .unwrap_or_else(rand::random);
        Self::of(seed)
    }

    pub fn of(seed: u64) -> Self {
        Self {
            seed,
            rng: StdRng::seed_from_u64(seed),
        }
    }

    /// A moment below this one, to the microsecond.
    pub fn below(&mut self, most: Duration) -> Duration {
        let most = u64::try_from(most.as_micros()).expect("no test takes so long");
        Duration::from_micros(self.rng.random_range(0..most))
    }
}

impl Drop for Chance {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the seed was ATRIAGE_TEST_SEED={}", self.seed);
        }
    }
}

//! A proxy before the real mongod that reads MongoDB's wire protocol: it tells the commands of a program from the
//! driver's own noise, and counts them on a fuse.
//!
//! ```text
//!   frame:  length · request id · response to · opcode      four little-endian i32, the length with itself
//!   OP_MSG: flags u32 · sections                            kind 0: the command · kind 1: a sequence of documents
//! ```

use std::collections::HashMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;

use super::fuse::Fuse;
use super::runtime;

const OP_MSG: i32 = 2013;
const HEADER: usize = 16;
/// The server's own limit is 48 MB.
const LONGEST: usize = 64 << 20;
/// What the driver says by itself: the handshake, the heartbeat, the end of its sessions.
const NOISE: [&str; 7] = [
    "hello",
    "isMaster",
    "ismaster",
    "ping",
    "saslStart",
    "saslContinue",
    "endSessions",
];

/// A command as it came over the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// `insert`, `find`, …
    pub name: String,
    /// Empty where the command is not about one.
    pub collection: String,
    /// The driver would send it again, and the server would know it again.
    pub retryable: bool,
}

impl Command {
    /// `mongo insert users`
    pub fn label(&self) -> String {
        format!("mongo {} {}", self.name, self.collection)
            .trim_end()
            .to_owned()
    }
}

/// Dropping it closes its port; connections through it live on.
#[derive(Debug)]
pub struct MongoTap {
    /// With `directConnection`: the replica set would name the real address, and the driver go there.
    pub uri: String,
    seen: Arc<Mutex<Vec<Command>>>,
    /// How long each frame to the server is on its way, in milliseconds.
    delay: Arc<AtomicU64>,
    busy: Arc<Busy>,
    server: AbortHandle,
}

impl MongoTap {
    /// Before the mongod at this address, for instance `services().mongo_uri`.
    pub fn start(upstream: &str, fuse: &Arc<Fuse>) -> Self {
        let host = upstream.trim_start_matches("mongodb://").split('/').next();
        let upstream: SocketAddr = host
            .and_then(|host| host.parse().ok())
            .expect("the tests' mongod has a plain address");
        let seen = Arc::new(Mutex::new(Vec::new()));
        let delay = Arc::new(AtomicU64::new(0));
        let busy = Arc::<Busy>::default();
        let listener = runtime().block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)));
        let listener = listener.expect("loopback has a free port");
        let address = listener.local_addr().expect("it is bound");
        fuse.add_door(address);
        let server = runtime().spawn({
            let (fuse, seen) = (Arc::clone(fuse), Arc::clone(&seen));
            let (delay, busy) = (Arc::clone(&delay), Arc::clone(&busy));
            async move {
                while let Ok((client, peer)) = listener.accept().await {
                    let line = Line {
                        era: fuse.greet(peer),
                        fuse: Arc::clone(&fuse),
                        seen: Arc::clone(&seen),
                        delay: Arc::clone(&delay),
                        busy: Arc::clone(&busy),
                        under_way: Mutex::default(),
                    };
                    tokio::spawn(async move { line.carry(client, upstream).await });
                }
            }
        });
        Self {
            uri: format!("mongodb://{address}/?directConnection=true"),
            seen,
            delay,
            busy,
            server: server.abort_handle(),
        }
    }

    /// From now on the line is as long as this.
    pub fn delay(&self, delay: Duration) {
        let millis = u64::try_from(delay.as_millis()).expect("no line is so long");
        self.delay.store(millis, Ordering::Relaxed);
    }

    /// The most commands that were under way at one moment since this was asked last.
    pub fn most_at_once(&self) -> usize {
        self.busy.most.swap(0, Ordering::SeqCst)
    }

    /// The commands so far, in the order in which they came.
    pub fn commands(&self) -> Vec<Command> {
        self.seen.lock().expect("nobody panics with it").clone()
    }
}

impl Drop for MongoTap {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// How many commands are under way on all connections, and the most that ever were.
#[derive(Debug, Default)]
struct Busy {
    now: AtomicUsize,
    most: AtomicUsize,
}

/// One connection.
struct Line {
    fuse: Arc<Fuse>,
    era: u64,
    seen: Arc<Mutex<Vec<Command>>>,
    delay: Arc<AtomicU64>,
    busy: Arc<Busy>,
    /// The commands that were not answered yet, by their number.
    under_way: Mutex<HashMap<i32, String>>,
}

impl Line {
    /// Carries frames both ways until one side ends, or the fuse does.
    async fn carry(&self, client: TcpStream, upstream: SocketAddr) -> io::Result<()> {
        let server = TcpStream::connect(upstream).await?;
        client.set_nodelay(true)?;
        server.set_nodelay(true)?;
        let (mut from_client, mut to_client) = client.into_split();
        let (mut from_server, mut to_server) = server.into_split();
        let there = async {
            loop {
                let frame = frame(&mut from_client).await?;
                if let Some(command) = command(&frame) {
                    let label = command.label();
                    self.seen.lock().expect("nobody panics with it").push(command);
                    if !self.fuse.passes(self.era, format!("{label} before")) {
                        return Err::<(), _>(io::ErrorKind::ConnectionAborted.into());
                    }
                    self.under_way().insert(number(&frame, 4), label);
                    let now = self.busy.now.fetch_add(1, Ordering::SeqCst) + 1;
                    self.busy.most.fetch_max(now, Ordering::SeqCst);
                }
                let delay = self.delay.load(Ordering::Relaxed);
                if delay > 0 {
                    tokio::time::sleep(Duration::from_millis(delay)).await;
                }
                to_server.write_all(&frame).await?;
            }
        };
        let back = async {
            loop {
                let frame = frame(&mut from_server).await?;
                let answered = self.under_way().remove(&number(&frame, 8));
                self.busy
                    .now
                    .fetch_sub(usize::from(answered.is_some()), Ordering::SeqCst);
                if let Some(label) = answered
                    && !self.fuse.passes(self.era, format!("{label} answered"))
                {
                    return Err::<(), _>(io::ErrorKind::ConnectionAborted.into());
                }
                to_client.write_all(&frame).await?;
            }
        };
        tokio::try_join!(there, back).map(|_| ())
    }

    fn under_way(&self) -> std::sync::MutexGuard<'_, HashMap<i32, String>> {
        self.under_way.lock().expect("nobody panics with it")
    }
}

/// What a connection that ended left without an answer is under way no more.
impl Drop for Line {
    fn drop(&mut self) {
        let left = self.under_way.get_mut().map_or(0, |commands| commands.len());
        self.busy.now.fetch_sub(left, Ordering::SeqCst);
    }
}

async fn frame(from: &mut (impl AsyncReadExt + Unpin)) -> io::Result<Vec<u8>> {
    let mut frame = vec![0; HEADER];
    from.read_exact(&mut frame).await?;
    let length = usize::try_from(number(&frame, 0)).unwrap_or(0);
    if !(HEADER..=LONGEST).contains(&length) {
        return Err(io::ErrorKind::InvalidData.into());
    }
    frame.resize(length, 0);
    from.read_exact(&mut frame[HEADER..]).await?;
    Ok(frame)
}

fn number(frame: &[u8], at: usize) -> i32 {
    let bytes = frame[at..at + 4].try_into().expect("four bytes are four bytes");
    i32::from_le_bytes(bytes)
}

/// The command in a frame; `None` for the driver's own noise. A compressed frame would hide it: no test asks for
/// compression.
fn command(frame: &[u8]) -> Option<Command> {
    if number(frame, 12) != OP_MSG {
        return None;
    }
    let mut sections = frame.get(HEADER + 4..)?;
    loop {
        let (kind, rest) = sections.split_first()?;
        let length = usize::try_from(number(rest.get(..4)?, 0)).ok()?;
        if *kind == 0 {
            return read(rest.get(..length)?);
        }
        sections = rest.get(length..)?;
    }
}

fn read(document: &[u8]) -> Option<Command> {
    let document = bson::RawDocument::from_bytes(document).ok()?;
    let (name, value) = document.iter().next()?.ok()?;
    let name = name.as_str().to_owned();
    let named = value.as_str().or_else(|| document.get_str("collection").ok());
    (!NOISE.contains(&name.as_str())).then(|| Command {
        collection: named.unwrap_or_default().to_owned(),
        retryable: document.get("txnNumber").is_ok_and(|number| number.is_some()),
        name,
    })
}

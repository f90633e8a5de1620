//! A reverse proxy on loopback before any HTTP service: it writes down every request, and by rules given while
//! it runs it answers otherwise, delays, loses answers, refuses or hangs. It may be a line of a fuse.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use axum::Router;
use serde_json::Value;
use tokio::task::AbortHandle;

use super::command::LIMIT;
use super::fuse::Fuse;
use super::passing::{Door, Era, Line, Rule, Seen, Shared, pass};
use super::runtime;

/// What happens to a request instead of being forwarded and answered.
#[derive(Debug, Clone)]
pub enum Fault {
    /// Not forwarded: this status, headers and body are answered.
    Answer(u16, Vec<(&'static str, String)>, Value),
    /// Forwarded after this time.
    Delay(Duration),
    /// Forwarded when the test releases it: whatever is to happen meanwhile may take as long as the machine needs, where the
    /// program waits as long (`PATIENT`).
    Hold,
    /// Forwarded and carried out, but the connection closes instead of the answer.
    LoseAnswer,
    /// Not forwarded: the connection closes without an answer.
    Refuse,
    /// Not forwarded, never answered.
    Hang,
}

impl Fault {
    pub fn answer(status: u16, body: Value) -> Self {
        Self::Answer(status, Vec::new(), body)
    }
}

/// Of a program whose call is held.
pub const PATIENT: &str = "--timeout=120";

/// One request that came through.
#[derive(Debug, Clone)]
pub struct Call {
    pub method: String,
    pub path: String,
    pub query: String,
    pub body: String,
    pub began: Instant,
    pub ended: Option<Instant>,
    /// None while it is under way, and when the connection was closed instead of an answer.
    pub status: Option<u16>,
}

impl Call {
    /// `GET /xrpc/com.atproto.sync.listRepos?limit=1000`: what fragments are looked for in.
    pub fn line(&self) -> String {
        let mark = if self.query.is_empty() { "" } else { "?" };
        format!("{} {}{mark}{}", self.method, self.path, self.query)
    }
}

/// Dropping it closes its port.
#[derive(Debug)]
pub struct Tap {
    pub url: String,
    shared: Arc<Shared>,
    server: AbortHandle,
}

impl Tap {
    /// Before the service at this address, for instance `services().pds_url`.
    pub fn start(upstream: &str) -> Self {
        Self::start_on(upstream, None)
    }

    /// The child's line to a service: its points begin with this name, for instance `pds`.
    pub fn on_fuse(upstream: &str, fuse: &Arc<Fuse>, name: &'static str) -> Self {
        Self::start_on(upstream, Some(Line::new(fuse, name, true)))
    }

    /// A line between two services. Its points count, and the child is killed there too, but what came passes: those
    /// two live on.
    pub fn beside_fuse(upstream: &str, fuse: &Arc<Fuse>, name: &'static str) -> Self {
        Self::start_on(upstream, Some(Line::new(fuse, name, false)))
    }

    fn start_on(upstream: &str, line: Option<Line>) -> Self {
        // The client is built without a provider of its own; a second installation changes nothing.
        rustls::crypto::ring::default_provider().install_default().ok();
        let redirects = reqwest::redirect::Policy::none();
        let client = reqwest::Client::builder()
            .no_proxy()
            .no_gzip()
            .http1_only()
            .redirect(redirects)
            .build();
        let shared = Arc::new(Shared {
            upstream: upstream.trim_end_matches('/').to_owned(),
            line: line.clone(),
            client: client.expect("nothing in it depends on the machine"),
            seen: Mutex::default(),
            changed: Condvar::new(),
            released: tokio::sync::watch::Sender::new(()),
        });
        let socket =
            TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).expect("loopback has a free port");
        let address = socket.local_addr().expect("it is bound");
        let url = format!("http://{address}");
        if let Some(line) = &line {
            line.fuse.add_door(address);
        }
        socket.set_nonblocking(true).expect("a socket can be");
        let router = Router::new().fallback(pass).with_state(Arc::clone(&shared));
        let server = runtime().spawn(async move {
            let listener = tokio::net::TcpListener::from_std(socket).expect("it does not block");
            let door = Door { listener, line };
            axum::serve(door, router.into_make_service_with_connect_info::<Era>()).await
        });
        Self {
            url,
            shared,
            server: server.abort_handle(),
        }
    }

    /// The next request that holds this fragment of `METHOD /path?query` meets the fault.
    pub fn once(&self, fragment: &str, fault: Fault) {
        self.rule(fragment, 0, 1, fault);
    }

    pub fn always(&self, fragment: &str, fault: Fault) {
        self.rule(fragment, 0, usize::MAX, fault);
    }

    /// Of the requests that hold the fragment, `skip` pass, then `times` meet the fault. Of several rules that
    /// fit, the one given first decides.
    pub fn rule(&self, fragment: &str, skip: usize, times: usize, fault: Fault) {
        self.seen().rules.push(Rule {
            fragment: fragment.to_owned(),
            fault,
            skip,
            times,
        });
    }

    /// Takes all rules back.
    pub fn heal(&self) {
        self.seen().rules.clear();
    }

    /// Forwards what is held. What comes from now on meets the rules that stand.
    pub fn release(&self) {
        self.shared.released.send_replace(());
    }

    /// Takes all rules back, and forwards what is held.
    pub fn let_go(&self) {
        self.heal();
        self.release();
    }

    /// How many requests so far held this fragment of `METHOD /path?query`.
    pub fn calls(&self, fragment: &str) -> usize {
        self.seen()
            .calls
            .iter()
            .filter(|call| call.line().contains(fragment))
            .count()
    }

    pub fn log(&self) -> Vec<Call> {
        self.seen().calls.clone()
    }

    /// The most requests with this fragment that were under way at one moment.
    pub fn most_at_once(&self, fragment: &str) -> usize {
        let calls = self.log();
        let calls: Vec<_> = calls
            .iter()
            .filter(|call| call.line().contains(fragment))
            .collect();
        let under_way = |at: Instant| {
            calls
                .iter()
                .filter(|call| call.began <= at && call.ended.is_none_or(|ended| ended > at))
                .count()
        };
        calls.iter().map(|call| under_way(call.began)).max().unwrap_or(0)
    }

    /// Blocks until so many requests with this fragment have arrived (not: been answered).
    pub fn wait_for_calls(&self, fragment: &str, count: usize) {
        let enough = |seen: &mut Seen| {
            seen.calls
                .iter()
                .filter(|call| call.line().contains(fragment))
                .count()
                < count
        };
        let (seen, timeout) = self
            .shared
            .changed
            .wait_timeout_while(self.seen(), LIMIT, enough)
            .expect("nobody panics with it");
        let lines: Vec<_> = seen.calls.iter().map(Call::line).collect();
        assert!(
            !timeout.timed_out(),
            "fewer than {count} requests with {fragment:?} in {LIMIT:?}: {lines:#?}"
        );
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.shared.seen.lock().expect("nobody panics with it")
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.server.abort();
    }
}

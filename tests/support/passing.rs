//! What a tap does with each request: finds the rule for it, forwards it or not, and writes down what became
//! of it. Rules are given and counts are read in `tap.rs`.

use std::io;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::extract::connect_info::{ConnectInfo, Connected};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, Response, StatusCode, header};
use axum::serve::{IncomingStream, Listener};
use tokio::net::{TcpListener, TcpStream};

use super::fuse::Fuse;
use super::tap::{Call, Fault};

#[derive(Debug)]
pub struct Rule {
    pub fragment: String,
    pub fault: Fault,
    pub skip: usize,
    pub times: usize,
}

#[derive(Debug)]
pub struct Shared {
    pub upstream: String,
    pub line: Option<Line>,
    pub client: reqwest::Client,
    pub seen: Mutex<Seen>,
    pub changed: Condvar,
    /// Told each time when what is held is let go.
    pub released: tokio::sync::watch::Sender<()>,
}

#[derive(Debug, Default)]
pub struct Seen {
    pub calls: Vec<Call>,
    pub rules: Vec<Rule>,
}

/// A tap's place on a fuse.
#[derive(Debug, Clone)]
pub struct Line {
    pub fuse: Arc<Fuse>,
    name: &'static str,
    /// The child itself asks here, and not a service that lives on.
    of_the_child: bool,
}

impl Line {
    pub fn new(fuse: &Arc<Fuse>, name: &'static str, of_the_child: bool) -> Self {
        Self {
            fuse: Arc::clone(fuse),
            name,
            of_the_child,
        }
    }

    /// Closes the connection where the fuse lets nothing through.
    fn point(&self, era: Era, call: &str, side: &str) {
        let label = format!("{} {call} {side}", self.name);
        if !self.of_the_child {
            self.fuse.beside(label);
        } else if !self.fuse.passes(era.0, label) {
            close();
        }
    }
}

/// Takes connections, each with the era of the fuse in which it came.
pub struct Door {
    pub listener: TcpListener,
    pub line: Option<Line>,
}

#[derive(Debug, Clone, Copy)]
pub struct Era(u64);

impl Listener for Door {
    type Io = TcpStream;
    type Addr = Era;

    async fn accept(&mut self) -> (TcpStream, Era) {
        loop {
            if let Ok((stream, peer)) = self.listener.accept().await {
                let era = self.line.as_ref().map_or(0, |line| line.fuse.greet(peer));
                return (stream, Era(era));
            }
            // Out of file numbers, for instance: one may be free in a moment.
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    fn local_addr(&self) -> io::Result<Era> {
        Ok(Era(0))
    }
}

impl Connected<IncomingStream<'_, Door>> for Era {
    fn connect_info(stream: IncomingStream<'_, Door>) -> Self {
        *stream.remote_addr()
    }
}

/// Every request of a tap comes here.
pub async fn pass(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(era): ConnectInfo<Era>,
    request: Request,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    let call = Call {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        body: String::from_utf8_lossy(&body).into_owned(),
        began: Instant::now(),
        ended: None,
        status: None,
    };
    if let Some(line) = &shared.line {
        line.fuse.listen(&body);
    }
    let name = format!("{} {}", call.method, call.path);
    // Listened to before the test can see the call, so that no release is missed.
    let mut released = shared.released.subscribe();
    let (under_way, fault) = UnderWay::begin(&shared, call);
    let point = |side| {
        if let Some(line) = &shared.line {
            line.point(era, &name, side);
        }
    };
    point("before");
    let answer = match fault {
        Some(Fault::Answer(status, headers, body)) => {
            let mut answer = Response::builder()
                .status(status)
                .header(header::CONTENT_TYPE, "application/json");
            for (name, value) in headers {
                answer = answer.header(name, value);
            }
            answer
                .body(Body::from(body.to_string()))
                .expect("a test gives a status and headers that exist")
        }
        Some(Fault::Refuse) => close(),
        Some(Fault::Hang) => std::future::pending().await,
        Some(Fault::LoseAnswer) => {
            forward(&shared, parts, body).await;
            close()
        }
        Some(Fault::Delay(time)) => {
            tokio::time::sleep(time).await;
            forward(&shared, parts, body).await
        }
        Some(Fault::Hold) => {
            // The sender lives as long as `shared`.
            let _ = released.changed().await;
            forward(&shared, parts, body).await
        }
        None => forward(&shared, parts, body).await,
    };
    point("answered");
    under_way.answered(answer.status());
    answer
}

/// Ends the connection without an answer: the task of a connection that unwinds drops its socket. This way of
/// unwinding prints nothing.
fn close() -> ! {
    std::panic::resume_unwind(Box::new("the tap closes the connection"))
}

async fn forward(shared: &Shared, parts: axum::http::request::Parts, body: Bytes) -> Response<Body> {
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
    let sized = !body.is_empty() || parts.headers.contains_key(header::CONTENT_LENGTH);
    let mut request = shared
        .client
        .request(parts.method, format!("{}{target}", shared.upstream));
    request = request.headers(end_to_end(parts.headers));
    if sized {
        request = request.body(body);
    }
    // A service that is gone looks through a proxy as it looks without: the connection ends.
    let Ok(reply) = request.send().await else { close() };
    let mut answer = Response::builder().status(reply.status());
    if let Some(headers) = answer.headers_mut() {
        *headers = end_to_end(reply.headers().clone());
    }
    let Ok(body) = reply.bytes().await else { close() };
    answer
        .body(Body::from(body))
        .expect("the service sent these headers")
}

/// Without the headers that belong to one connection only; the length is counted anew.
fn end_to_end(mut headers: HeaderMap) -> HeaderMap {
    let of_the_connection: [HeaderName; 4] = [
        header::CONNECTION,
        header::TRANSFER_ENCODING,
        header::CONTENT_LENGTH,
        HeaderName::from_static("keep-alive"),
    ];
    for name in of_the_connection {
        headers.remove(name);
    }
    headers
}

/// Writes the end of a call down also when it is cut off.
struct UnderWay {
    shared: Arc<Shared>,
    place: usize,
}

impl UnderWay {
    fn begin(shared: &Arc<Shared>, call: Call) -> (Self, Option<Fault>) {
        let mut seen = shared.seen.lock().expect("nobody panics with it");
        let line = call.line();
        let rule = seen
            .rules
            .iter_mut()
            .filter(|rule| line.contains(&rule.fragment))
            .find_map(|rule| {
                if rule.skip > 0 {
                    rule.skip -= 1;
                    return None;
                }
                rule.times = rule.times.checked_sub(1)?;
                Some(rule.fault.clone())
            });
        seen.calls.push(call);
        shared.changed.notify_all();
        (
            Self {
                shared: Arc::clone(shared),
                place: seen.calls.len() - 1,
            },
            rule,
        )
    }

    fn answered(&self, status: StatusCode) {
        self.shared.seen.lock().expect("nobody panics with it").calls[self.place].status =
            Some(status.as_u16());
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        // Dropped while unwinding too, where a second panic would end the whole test binary.
        if let Ok(mut seen) = self.shared.seen.lock() {
            seen.calls[self.place].ended = Some(Instant::now());
        }
    }
}

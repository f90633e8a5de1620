//! One simulated server on a loopback port: accepting, the request log, and how a fault looks on
//! the wire. What the servers answer lives with each service.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::serve::IncomingStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use super::faults::{Fault, Service};
use super::world::World;

/// How a service words the faults that are answers: 429 and 503.
pub(super) type Wording = fn(Fault) -> Response;

/// Which server a request came to, as its fault gate needs to know it.
#[derive(Clone)]
pub(super) struct Gate {
    pub world: World,
    pub service: Service,
    pub wording: Wording,
    pub stop: CancellationToken,
}

/// Serves `routes` on `listener` until `gate.stop` is cancelled. Requests under way are finished;
/// hanging ones are cut.
pub(super) fn serve(listener: TcpListener, routes: Router, gate: Gate) {
    let stop = gate.stop.clone();
    let service = routes
        .layer(from_fn_with_state(gate, pass))
        .into_make_service_with_connect_info::<Cord>();
    tokio::spawn(async move {
        // The listener never fails to accept for good, so there is nothing to report.
        let _ = axum::serve(Doors(listener), service)
            .with_graceful_shutdown(stop.cancelled_owned())
            .await;
    });
}

async fn pass(state: State<Gate>, cord: ConnectInfo<Cord>, request: Request, next: Next) -> Response {
    let mut response = meet(state, cord, request, next).await;
    // All three services name the charset of their JSON.
    let headers = response.headers_mut();
    if headers
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind == "application/json")
    {
        let named = HeaderValue::from_static("application/json; charset=utf-8");
        headers.insert(CONTENT_TYPE, named);
    }
    response
}

async fn meet(
    State(gate): State<Gate>,
    ConnectInfo(cord): ConnectInfo<Cord>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path().to_owned();
    gate.world.note(format!("{} {path}", request.method()));
    let fault = gate.world.strike(gate.service, &path);
    match fault {
        Fault::None => next.run(request).await,
        Fault::Unavailable | Fault::RateLimited | Fault::Limited(_) => (gate.wording)(fault),
        Fault::Down => cord.cut(),
        Fault::Slow(delay) => {
            let answer = next.run(request).await;
            tokio::time::sleep(delay).await;
            answer
        }
        Fault::Hang => {
            gate.stop.cancelled().await;
            cord.cut()
        }
        Fault::LostAnswer => {
            next.run(request).await;
            cord.cut()
        }
    }
}

/// A handle on one connection, with which a request can cut it.
#[derive(Clone)]
struct Cord(Arc<AtomicBool>);

impl Cord {
    /// From now on nothing can be written: the peer sees the connection close without an answer.
    fn cut(&self) -> Response {
        self.0.store(true, Ordering::Release);
        ().into_response()
    }
}

struct Doors(TcpListener);

impl axum::serve::Listener for Doors {
    type Io = Line;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Line, SocketAddr) {
        // The trait of a plain listener already waits out a shortage of descriptors.
        let (stream, peer) = axum::serve::Listener::accept(&mut self.0).await;
        // Without it a small answer may wait 40 ms for an acknowledgement; where the option
        // cannot be set, the answer is only slower.
        let _ = stream.set_nodelay(true);
        let cord = Cord(Arc::new(AtomicBool::new(false)));
        (Line { stream, cord }, peer)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

impl axum::extract::connect_info::Connected<IncomingStream<'_, Doors>> for Cord {
    fn connect_info(stream: IncomingStream<'_, Doors>) -> Self {
        stream.io().cord.clone()
    }
}

struct Line {
    stream: TcpStream,
    cord: Cord,
}

impl Line {
    fn whole(&self) -> io::Result<()> {
        match self.cord.0.load(Ordering::Acquire) {
            true => Err(io::ErrorKind::ConnectionReset.into()),
            false => Ok(()),
        }
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Line {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.whole()?;
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.whole()?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

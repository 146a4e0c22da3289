//! HTTP/1.1 on a loopback socket: takes the request apart without touching its raw target, and sends answers
//! that may be deliberately broken. Knows nothing of payment systems.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use hyper::header::{CONTENT_TYPE, DATE, HeaderValue, RETRY_AFTER};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{HeaderMap, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

/// Largest request body read.
const BODY_LIMIT: usize = 1 << 20;

/// A request as it came.
pub(crate) struct Call {
    /// Verb, as sent.
    pub(crate) method: String,
    /// Path and query, byte for byte as sent.
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Call {
    /// The part of the target before `?`.
    pub(crate) fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// A header as text; none when absent or not text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The query taken apart and decoded, in order.
    pub(crate) fn query(&self) -> Vec<(String, String)> {
        let Some((_, query)) = self.target.split_once('?') else {
            return Vec::new();
        };
        query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                (decode(name), decode(value))
            })
            .collect()
    }
}

/// Percent-decoding; a plus sign is a blank and bad sequences stay as they are.
pub(crate) fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code = (bytes[at] == b'%')
            .then(|| bytes.get(at + 1..at + 3))
            .flatten()
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match code {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(if bytes[at] == b'+' { b' ' } else { bytes[at] });
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// What the body is said to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Json,
    Html,
    Text,
    /// No body, no content type.
    Nothing,
}

/// An answer.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) kind: Kind,
    pub(crate) body: Vec<u8>,
    pub(crate) retry_after: Option<String>,
    /// The Date header; the server's clock may be wrong on purpose.
    pub(crate) date: Option<String>,
    /// Other headers, names in small letters.
    pub(crate) headers: Vec<(&'static str, String)>,
}

impl Reply {
    pub(crate) fn json(status: u16, body: Vec<u8>) -> Self {
        Self {
            status,
            kind: Kind::Json,
            body,
            retry_after: None,
            date: None,
            headers: Vec::new(),
        }
    }

    /// The same with one more header.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn html(status: u16, body: &str) -> Self {
        Self {
            kind: Kind::Html,
            ..Self::json(status, body.as_bytes().to_vec())
        }
    }

    pub(crate) fn empty(status: u16) -> Self {
        Self {
            kind: Kind::Nothing,
            ..Self::json(status, Vec::new())
        }
    }
}

/// What leaves the socket.
pub(crate) enum Sent {
    Whole(Reply),
    /// Announces the whole body, sends this many bytes of it and closes.
    Cut(Reply, usize),
    /// Closes without a byte.
    Dropped,
}

/// Something that answers calls.
pub(crate) trait Answer: Send + Sync + 'static {
    fn answer(self: Arc<Self>, call: Call) -> impl Future<Output = Sent> + Send;
}

/// Both directions of a connection, plain or TLS.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> Stream for S {}

/// Serves HTTP/1.1 until dropped, which closes every connection.
pub(crate) async fn serve<A: Answer>(listener: TcpListener, tls: Option<TlsAcceptor>, answer: Arc<A>) {
    accept_each(listener, tls, move |stream| {
        connection(stream, Arc::clone(&answer))
    })
    .await;
}

/// Accepts connections until dropped, which closes every one of them.
pub(crate) async fn accept_each<F>(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    talk: impl Fn(Box<dyn Stream>) -> F + Clone + Send + 'static,
) where
    F: Future<Output = ()> + Send + 'static,
{
    let mut open = JoinSet::new();
    loop {
        let stream = tokio::select! {
            // Nothing to do for one that ended but to forget it.
            Some(_) = open.join_next() => continue,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(_) => {
                    // Out of descriptors, mostly: give the others a moment to close.
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    continue;
                }
            },
        };
        // Small answers must not wait for the peer's acknowledgement; without it they are merely slower.
        let _ = stream.set_nodelay(true);
        let (talk, tls) = (talk.clone(), tls.clone());
        open.spawn(async move {
            match tls {
                None => talk(Box::new(stream)).await,
                Some(tls) => {
                    if let Ok(stream) = tls.accept(stream).await {
                        talk(Box::new(stream)).await;
                    }
                }
            }
        });
    }
}

async fn connection<A: Answer>(stream: Box<dyn Stream>, answer: Arc<A>) {
    let service = service_fn(move |request| one(request, Arc::clone(&answer)));
    // A connection that ends in an error ends; the peer sees it closed, which may be the point.
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn one<A: Answer>(request: Request<Incoming>, answer: Arc<A>) -> io::Result<Response<Payload>> {
    let (head, body) = request.into_parts();
    let Ok(body) = collect(body).await else {
        return respond(Sent::Whole(Reply::empty(413)));
    };
    let call = Call {
        method: head.method.as_str().to_owned(),
        target: head
            .uri
            .path_and_query()
            .map_or_else(|| "/".to_owned(), |t| t.as_str().to_owned()),
        headers: head.headers,
        body,
    };
    respond(answer.answer(call).await)
}

async fn collect(mut body: Incoming) -> Result<Bytes, ()> {
    let mut all = Vec::new();
    while let Some(frame) = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        if let Ok(data) = frame.map_err(|_| ())?.into_data() {
            if all.len() + data.len() > BODY_LIMIT {
                return Err(());
            }
            all.extend_from_slice(&data);
        }
    }
    Ok(all.into())
}

fn respond(sent: Sent) -> io::Result<Response<Payload>> {
    let (reply, cut) = match sent {
        Sent::Whole(reply) => (reply, None),
        Sent::Cut(reply, bytes) => (reply, Some(bytes)),
        Sent::Dropped => return Err(io::Error::other("dropped on purpose")),
    };
    let declared = reply.body.len() as u64;
    let body = Bytes::from(reply.body);
    let payload = match cut {
        None => Payload {
            left: (!body.is_empty()).then_some(body),
            declared,
            cut: None,
        },
        Some(bytes) => {
            let first = body.slice(..bytes.min(body.len().saturating_sub(1)));
            Payload {
                left: Some(first),
                declared,
                cut: Some(Cut::NotYet),
            }
        }
    };
    let mut response = Response::new(payload);
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    match reply.kind {
        Kind::Json => {
            _ = headers.insert(
                CONTENT_TYPE,
                HeaderValue::from_static("application/json;charset=utf-8"),
            )
        }
        Kind::Html => _ = headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html;charset=utf-8")),
        Kind::Text => _ = headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain;charset=utf-8")),
        Kind::Nothing => {}
    }
    for (name, text) in [(RETRY_AFTER, reply.retry_after), (DATE, reply.date)] {
        if let Some(value) = text.and_then(|text| HeaderValue::from_str(&text).ok()) {
            headers.insert(name, value);
        }
    }
    for (name, text) in reply.headers {
        if let Ok(value) = HeaderValue::from_str(&text) {
            headers.insert(name, value);
        }
    }
    Ok(response)
}

struct Payload {
    left: Option<Bytes>,
    declared: u64,
    cut: Option<Cut>,
}

enum Cut {
    NotYet,
    Waiting(Pin<Box<tokio::time::Sleep>>),
}

impl Body for Payload {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if let Some(bytes) = self.left.take().filter(|b| !b.is_empty()) {
            if self.cut.is_none() {
                self.declared = 0;
            }
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        match &mut self.cut {
            None => Poll::Ready(None),
            // A pause lets the first bytes leave before the connection breaks.
            Some(cut) => {
                if matches!(cut, Cut::NotYet) {
                    *cut = Cut::Waiting(Box::pin(tokio::time::sleep(Duration::from_millis(30))));
                }
                let Cut::Waiting(pause) = cut else {
                    return Poll::Pending;
                };
                match pause.as_mut().poll(context) {
                    Poll::Pending => Poll::Pending,
                    Poll::Ready(()) => Poll::Ready(Some(Err(io::Error::other("cut on purpose")))),
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.left.is_none() && self.cut.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.declared)
    }
}

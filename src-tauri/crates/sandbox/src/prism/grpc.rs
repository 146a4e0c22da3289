//! gRPC on a loopback socket: HTTP/2, one unary call a stream, the message without its frame handed on, the answer framed
//! again with its status behind it. Knows no payment system and no message.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::{Body, Bytes, Frame, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::wire::{Answer, Call, Kind, Reply, Sent, accept_each};

/// Header of a [`Reply`] that ends a call without a message: gRPC's code, decimal.
pub(crate) const STATUS: &str = "grpc-status";
/// Header of a [`Reply`]: words beside the code.
pub(crate) const MESSAGE: &str = "grpc-message";
/// Header of a [`Reply`] that is never sent.
pub(crate) const SILENCE: &str = "sandbox-silence";

/// Largest message read.
const LIMIT: usize = 1 << 20;
/// A flag for compression and four bytes of length stand before a message.
const FRAME: usize = 5;

/// What its callers speak, as TLS names it.
pub(crate) const PROTOCOLS: &[&[u8]] = &[b"h2"];

/// Serves gRPC until dropped, which closes every connection.
pub(crate) async fn serve<A: Answer>(listener: TcpListener, tls: Option<TlsAcceptor>, answer: Arc<A>) {
    accept_each(listener, tls, move |stream| {
        let answer = Arc::clone(&answer);
        async move {
            let service = service_fn(move |request| one(request, Arc::clone(&answer)));
            // A connection that ends in an error ends; the peer sees it closed, which may be the point.
            let _ = http2::Builder::new(TokioExecutor::new())
                .serve_connection(TokioIo::new(stream), service)
                .await;
        }
    })
    .await;
}

async fn one<A: Answer>(request: Request<Incoming>, answer: Arc<A>) -> io::Result<Response<Stream>> {
    let (head, body) = request.into_parts();
    let is_grpc = head
        .headers
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/grpc"));
    if head.method != hyper::Method::POST || !is_grpc {
        return Ok(plain(&Reply::empty(415)));
    }
    let Some(body) = message(body).await else {
        let refused = Reply::json(400, Vec::new())
            .with(STATUS, "13")
            .with(MESSAGE, "the message is not framed as gRPC wants it");
        return respond(Sent::Whole(refused)).await;
    };
    let call = Call {
        method: head.method.as_str().to_owned(),
        target: head
            .uri
            .path_and_query()
            .map_or_else(|| "/".to_owned(), |target| target.as_str().to_owned()),
        headers: head.headers,
        body,
    };
    respond(answer.answer(call).await).await
}

// The one message of a unary call, out of its frame; compression was never offered.
async fn message(mut body: Incoming) -> Option<Bytes> {
    let mut all = Vec::new();
    while let Some(frame) = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        if let Ok(data) = frame.ok()?.into_data() {
            if all.len() + data.len() > LIMIT {
                return None;
            }
            all.extend_from_slice(&data);
        }
    }
    let head: [u8; FRAME] = all.get(..FRAME)?.try_into().ok()?;
    let [compressed, length @ ..] = head;
    let message = all.split_off(FRAME);
    (compressed == 0 && u32::from_be_bytes(length) as usize == message.len()).then(|| message.into())
}

async fn respond(sent: Sent) -> io::Result<Response<Stream>> {
    let (reply, cut) = match sent {
        Sent::Whole(reply) => (reply, None),
        Sent::Cut(reply, bytes) => (reply, Some(bytes)),
        Sent::Dropped => return Err(io::Error::other("dropped on purpose")),
    };
    if header(&reply, SILENCE).is_some() {
        return std::future::pending().await;
    }
    if reply.kind != Kind::Json {
        // Something in between that speaks no gRPC.
        return Ok(plain(&reply));
    }
    let mut response = Response::new(Stream::default());
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    if let Some(wait) = reply.retry_after.as_deref().and_then(|text| text.parse().ok()) {
        headers.insert(RETRY_AFTER, wait);
    }
    for (name, text) in &reply.headers {
        let text = if *name == MESSAGE {
            percent_encoded(text)
        } else {
            text.clone()
        };
        if let Ok(value) = HeaderValue::from_str(&text) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    if header(&reply, STATUS).is_some() {
        return Ok(response);
    }
    let mut framed = vec![0u8];
    framed.extend_from_slice(&u32::try_from(reply.body.len()).unwrap_or(u32::MAX).to_be_bytes());
    framed.extend_from_slice(&reply.body);
    let broken = cut.is_some();
    if let Some(bytes) = cut {
        framed.truncate(FRAME + bytes);
    }
    *response.body_mut() = Stream {
        message: Some(framed.into()),
        end: Some(if broken { End::Break(None) } else { End::Status }),
    };
    Ok(response)
}

fn header<'a>(reply: &'a Reply, name: &str) -> Option<&'a str> {
    reply
        .headers
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, text)| text.as_str())
}

fn plain(reply: &Reply) -> Response<Stream> {
    let mut response = Response::new(Stream {
        message: (!reply.body.is_empty()).then(|| reply.body.clone().into()),
        end: None,
    });
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if reply.kind == Kind::Html {
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static("text/html;charset=utf-8"));
    }
    response
}

// gRPC's own spelling of words in a header.
fn percent_encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b' '..=b'~' if byte != b'%' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

/// A framed message, and what comes behind it.
#[derive(Default)]
struct Stream {
    message: Option<Bytes>,
    end: Option<End>,
}

enum End {
    /// `grpc-status: 0` as a trailer.
    Status,
    /// The stream breaks, a moment later, so that the first bytes leave before.
    Break(Option<Pin<Box<tokio::time::Sleep>>>),
}

impl Body for Stream {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if let Some(bytes) = self.message.take() {
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        match self.end.take() {
            None => Poll::Ready(None),
            Some(End::Status) => {
                let mut trailers = HeaderMap::new();
                trailers.insert(STATUS, HeaderValue::from_static("0"));
                Poll::Ready(Some(Ok(Frame::trailers(trailers))))
            }
            Some(End::Break(pause)) => {
                let mut pause =
                    pause.unwrap_or_else(|| Box::pin(tokio::time::sleep(Duration::from_millis(30))));
                match pause.as_mut().poll(context) {
                    Poll::Ready(()) => Poll::Ready(Some(Err(io::Error::other("cut on purpose")))),
                    Poll::Pending => {
                        self.end = Some(End::Break(Some(pause)));
                        Poll::Pending
                    }
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.message.is_none() && self.end.is_none()
    }
}

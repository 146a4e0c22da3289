//! One gRPC exchange with a Prism server: a connection of its own for each call, so that what was not connected was
//! certainly not sent, and nothing is ever sent twice.
//!
//! Must not know: which call it is, what an answer means for money.

use super::answers::{Failure, Refusal};
use crate::error::{ProviderError, ProviderErrorKind as Kind};
use crate::system::HttpOptions;
use hyper_util::rt::TokioIo;
use native_tls::{Certificate, TlsConnector};
use prost::Message;
use secrecy::{ExposeSecret, SecretString};
use std::error::Error;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokendesk_model::{Environment, Origin};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tonic::client::Grpc;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::{Endpoint, Uri};
use tonic::{Request, Status, TimeoutExpired};
use tonic_prost::ProstCodec;

const CONFIG: &str = "x-connector-config";
const USER_AGENT: &str = concat!("Tokendesk/", env!("CARGO_PKG_VERSION"));
const MAX_CONNECT: Duration = Duration::from_secs(10);
// An answer is a few kilobytes; what the processor said raw may be inside.
const MAX_ANSWER: usize = 2 * 1024 * 1024;

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// A client bound to one server and one connector's configuration.
pub(super) struct Channel {
    origin: Origin,
    environment: Environment,
    endpoint: Endpoint,
    /// Only where the origin is encrypted: reading the system's roots takes a while.
    tls: Option<tokio_native_tls::TlsConnector>,
    /// The whole header: connector and credentials.
    config: SecretString,
    timeout: Duration,
}

impl Channel {
    /// Prepares a client; nothing is contacted. `config` is the header that names connector and credentials.
    ///
    /// # Errors
    /// `HostNotAllowed` when the origin does not fit the environment, `Tls` when TLS cannot be set up, `BadCredentials`
    /// when `config` cannot stand in a header.
    pub(super) fn new(
        origin: Origin,
        environment: Environment,
        config: SecretString,
        options: &HttpOptions,
    ) -> Result<Self, ProviderError> {
        origin
            .allowed_for_own_server(environment)
            .map_err(|_| ProviderError::new(Kind::HostNotAllowed))?;
        let endpoint = Endpoint::from_shared(origin.to_string())
            .and_then(|endpoint| endpoint.user_agent(USER_AGENT))
            .map_err(|_| ProviderError::new(Kind::HostNotAllowed))?;
        let plain = config
            .expose_secret()
            .bytes()
            .all(|byte| (b' '..=b'~').contains(&byte));
        if !plain {
            return Err(ProviderError::new(Kind::BadCredentials));
        }
        let tls = if origin.is_https() {
            let connector = connector(options).map_err(|_| ProviderError::new(Kind::Tls))?;
            Some(connector.into())
        } else {
            None
        };
        Ok(Self {
            origin,
            environment,
            endpoint,
            tls,
            config,
            timeout: options.timeout,
        })
    }

    /// How long a call may take when nothing else is said.
    pub(super) fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Makes one call, `/package.Service/Rpc`, and waits for its answer no longer than `deadline`, once it is connected.
    ///
    /// # Errors
    /// [`Failure`]: not sent, not answered, or answered with a status.
    pub(super) async fn call<Q, A>(
        &self,
        path: &'static str,
        message: Q,
        deadline: Duration,
    ) -> Result<A, Failure>
    where
        Q: Message + Send + Sync + 'static,
        A: Message + Default + Send + Sync + 'static,
    {
        let started = Instant::now();
        let outcome = match self.connected(deadline).await {
            Err(kind) => Err(Failure::NotSent(kind)),
            Ok(stream) => {
                let exchange = self.exchange(stream, path, message, deadline);
                tokio::time::timeout(deadline, exchange)
                    .await
                    .unwrap_or(Err(Failure::Lost(Kind::Timeout)))
            }
        };
        let took_ms = started.elapsed().as_millis();
        match &outcome {
            Ok(_) => tracing::debug!(path, took_ms, "answered"),
            Err(failure) => tracing::debug!(path, ?failure, took_ms, "no message"),
        }
        outcome
    }

    // Apart from the exchange: a connection that took too long carried nothing.
    async fn connected(&self, deadline: Duration) -> Result<Box<dyn Stream>, Kind> {
        tokio::time::timeout(deadline.min(MAX_CONNECT), self.connect())
            .await
            .unwrap_or(Err(Kind::Unreachable))
    }

    async fn exchange<Q, A>(
        &self,
        stream: Box<dyn Stream>,
        path: &'static str,
        message: Q,
        deadline: Duration,
    ) -> Result<A, Failure>
    where
        Q: Message + Send + Sync + 'static,
        A: Message + Default + Send + Sync + 'static,
    {
        let not_sent = |_| Failure::NotSent(Kind::Unreachable);
        // Handed out once: the channel can never connect again behind our back.
        let once = Arc::new(Mutex::new(Some(TokioIo::new(stream))));
        let channel = self
            .endpoint
            .connect_with_connector(tower::service_fn(move |_: Uri| {
                let stream = once.lock().unwrap_or_else(PoisonError::into_inner).take();
                std::future::ready(stream.ok_or_else(|| io::Error::other("one connection, one call")))
            }))
            .await
            .map_err(not_sent)?;
        let mut grpc = Grpc::new(channel).max_decoding_message_size(MAX_ANSWER);
        grpc.ready().await.map_err(not_sent)?;
        let mut request = Request::new(message);
        request.set_timeout(deadline);
        request.metadata_mut().insert(
            CONFIG,
            self.header()
                .map_err(|_| Failure::NotSent(Kind::BadCredentials))?,
        );
        let path = tonic::transport::Uri::from_static(path)
            .into_parts()
            .path_and_query
            .ok_or(Failure::NotSent(Kind::Refused))?;
        grpc.unary(request, path, ProstCodec::<Q, A>::default())
            .await
            .map(tonic::Response::into_inner)
            .map_err(|status| read(&status))
    }

    fn header(&self) -> Result<MetadataValue<Ascii>, tonic::metadata::errors::InvalidMetadataValue> {
        let mut value = MetadataValue::try_from(self.config.expose_secret())?;
        value.set_sensitive(true);
        Ok(value)
    }

    async fn connect(&self) -> Result<Box<dyn Stream>, Kind> {
        let host = self.origin.host();
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let stream = TcpStream::connect((bare, self.origin.port()))
            .await
            .map_err(|_| Kind::Unreachable)?;
        let peer = stream.peer_addr().map_err(|_| Kind::Unreachable)?.ip();
        if !may_answer(&self.origin, self.environment, peer) {
            return Err(Kind::HostNotAllowed);
        }
        // Without it small calls are merely slower.
        let _ = stream.set_nodelay(true);
        match &self.tls {
            None => Ok(Box::new(stream)),
            Some(tls) => {
                let stream = tls.connect(bare, stream).await.map_err(|_| Kind::Tls)?;
                Ok(Box::new(stream))
            }
        }
    }
}

// The system's own roots, and gRPC's protocol named as servers expect it.
fn connector(options: &HttpOptions) -> Result<TlsConnector, native_tls::Error> {
    let mut builder = TlsConnector::builder();
    builder.request_alpns(&["h2"]);
    if let Some(pem) = &options.extra_root_pem {
        builder.add_root_certificate(Certificate::from_pem(pem.as_bytes())?);
    }
    builder.build()
}

// Demo data is made up on this computer, and what is not encrypted must not leave the network it was meant for.
fn may_answer(origin: &Origin, environment: Environment, peer: IpAddr) -> bool {
    let here = peer == IpAddr::V4(Ipv4Addr::LOCALHOST) || peer == IpAddr::V6(Ipv6Addr::LOCALHOST);
    let near = match peer {
        IpAddr::V4(v4) => v4.is_private(),
        IpAddr::V6(v6) => v6.is_unique_local(),
    };
    match environment {
        Environment::Demo => here,
        _ if origin.is_https() => true,
        Environment::Test => here || near,
        Environment::Live => here,
    }
}

// A status made on this side has a cause; one that was sent has none.
fn read(status: &Status) -> Failure {
    let mut cause = status.source();
    if cause.is_none() {
        return Failure::Answered(Refusal::of(status));
    }
    while let Some(error) = cause {
        if error.is::<TimeoutExpired>() {
            return Failure::Lost(Kind::Timeout);
        }
        cause = error.source();
    }
    Failure::Lost(Kind::AnswerLost)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn channel(origin: &str, environment: Environment, config: &str) -> Result<Channel, Kind> {
        Channel::new(
            Origin::parse(origin).unwrap(),
            environment,
            config.to_owned().into(),
            &HttpOptions::default(),
        )
        .map_err(|error| error.kind)
    }

    #[test]
    fn plain_is_for_this_computer_and_for_tests_nearby() {
        use Environment::{Demo, Live, Test};
        let kind = |origin, environment| channel(origin, environment, "{}").err();
        let refused = Some(Kind::HostNotAllowed);
        assert_eq!(kind("http://10.0.0.8:8000", Test), None);
        assert_eq!(kind("http://10.0.0.8:8000", Live), refused);
        assert_eq!(kind("http://10.0.0.8:8000", Demo), refused);
        assert_eq!(kind("http://127.0.0.1:8000", Live), None);
        assert_eq!(kind("https://prism.shop.example", Live), None);
        assert_eq!(kind("https://prism.shop.example", Demo), refused);
    }

    #[test]
    fn the_connected_socket_is_looked_at_too() {
        use Environment::{Demo, Live, Test};
        let may = |origin: &str, environment, peer: &str| {
            may_answer(
                &Origin::parse(origin).unwrap(),
                environment,
                peer.parse().unwrap(),
            )
        };
        assert!(may("http://127.0.0.1:1", Demo, "127.0.0.1"));
        assert!(!may("http://127.0.0.1:1", Demo, "10.0.0.1"));
        assert!(may("http://10.0.0.1:1", Test, "10.0.0.1"));
        assert!(!may("http://10.0.0.1:1", Test, "203.0.113.1"));
        assert!(!may("http://127.0.0.1:1", Live, "10.0.0.1"));
        assert!(may("https://prism.example", Live, "203.0.113.1"));
    }

    #[test]
    fn what_cannot_stand_in_a_header_is_refused_before_anything_is_contacted() {
        let kind = |config| channel("http://127.0.0.1:1", Environment::Demo, config).err();
        assert_eq!(kind("{\"api_key\":\"ä\"}"), Some(Kind::BadCredentials));
        assert_eq!(kind("a\r\nx-config-override: {}"), Some(Kind::BadCredentials));
    }
}

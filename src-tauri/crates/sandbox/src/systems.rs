//! The list of systems that can be played beside wallee: one line each. Nothing else names them.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::door::Door;
use crate::system::{System, SystemOptions};
use crate::wire;
use crate::zafapay;

/// A port that is being served; ends with everything on it when dropped.
pub(crate) type Served = Pin<Box<dyn Future<Output = ()> + Send>>;

/// How a system's port is served.
pub(crate) type Serve = fn(TcpListener, Option<TlsAcceptor>, Arc<Door>) -> Served;

/// What its callers speak, as TLS names it.
pub(crate) type Protocols = &'static [&'static [u8]];

/// A system that can be played.
pub(crate) struct Registered {
    pub(crate) name: &'static str,
    pub(crate) make: fn(&SystemOptions) -> Arc<dyn System>,
    pub(crate) serve: Serve,
    pub(crate) protocols: Protocols,
}

impl Registered {
    /// One that speaks HTTP/1.1.
    const fn over_http(name: &'static str, make: fn(&SystemOptions) -> Arc<dyn System>) -> Self {
        Self {
            name,
            make,
            serve: http,
            protocols: HTTP,
        }
    }
}

/// What wallee and most others speak.
pub(crate) const HTTP: Protocols = &[b"http/1.1"];

/// Serves HTTP/1.1.
pub(crate) fn http(listener: TcpListener, tls: Option<TlsAcceptor>, door: Arc<Door>) -> Served {
    Box::pin(wire::serve(listener, tls, door))
}

/// Serves gRPC.
fn grpc(listener: TcpListener, tls: Option<TlsAcceptor>, door: Arc<Door>) -> Served {
    Box::pin(crate::prism::grpc::serve(listener, tls, door))
}

/// wallee, whose world stands apart: the demo, the journal and the oldest tests look into it.
pub(crate) const WALLEE: &str = "wallee";

/// All others.
pub(crate) const OTHERS: &[Registered] = &[
    Registered::over_http("processout", crate::processout::system),
    Registered::over_http("komoju", crate::komoju::system),
    Registered::over_http("zafapay", zafapay::system),
    Registered {
        name: "prism",
        make: crate::prism::system,
        serve: grpc,
        protocols: crate::prism::grpc::PROTOCOLS,
    },
];

/// Names of all systems there are.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    std::iter::once(WALLEE).chain(OTHERS.iter().map(|other| other.name))
}

/// The name of a system as the list writes it; none when there is no such system.
pub(crate) fn known(name: &str) -> Option<&'static str> {
    names().find(|known| *known == name)
}

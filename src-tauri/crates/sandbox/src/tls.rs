//! A certificate of the sandbox's own making, trusted by nobody but tests that are told its authority.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::clock;
use crate::systems::Protocols;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// A certificate for `localhost` and `127.0.0.1`.
pub(crate) struct Certificate {
    config: ServerConfig,
    /// The authority that vouches for it, PEM.
    pub(crate) authority: String,
}

impl Certificate {
    /// An acceptor for callers that speak one of these.
    pub(crate) fn acceptor(&self, protocols: Protocols) -> TlsAcceptor {
        let mut config = self.config.clone();
        config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        TlsAcceptor::from(Arc::new(config))
    }
}

/// Makes one, with an authority of its own.
pub(crate) fn certificate() -> Result<Certificate, Failure> {
    let (year, _) = clock::year_month(clock::now());
    let (begin, end) = (date_time_ymd(year - 1, 1, 1), date_time_ymd(year + 1, 12, 31));

    let mut authority = CertificateParams::new(Vec::new())?;
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority
        .distinguished_name
        .push(DnType::CommonName, "Tokendesk sandbox authority");
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    (authority.not_before, authority.not_after) = (begin, end);
    let authority_key = KeyPair::generate()?;
    let ca_pem = authority.self_signed(&authority_key)?.pem();
    let issuer = Issuer::new(authority, authority_key);

    let mut server = CertificateParams::new(vec!["localhost".to_owned(), "127.0.0.1".to_owned()])?;
    server.distinguished_name.push(DnType::CommonName, "localhost");
    server.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    server.use_authority_key_identifier_extension = true;
    (server.not_before, server.not_after) = (begin, end);
    let key = KeyPair::generate()?;
    let certificate = server.signed_by(&key, &issuer)?;

    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)?;
    Ok(Certificate {
        config,
        authority: ca_pem,
    })
}

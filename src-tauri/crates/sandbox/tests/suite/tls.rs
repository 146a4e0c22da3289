//! TLS with an authority only the test trusts.

use std::sync::Arc;

use tokendesk_sandbox::{Options, Running, Sandbox};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::client::{API, Answer, Client};

fn trusting(trusted: Option<&str>) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    if let Some(pem) = trusted {
        roots
            .add(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap())
            .unwrap();
    }
    ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}

async fn ask(running: &Running, name: &'static str, trusted: Option<&str>) -> Result<Answer, std::io::Error> {
    let config = trusting(trusted);
    let client = Client::of(running);
    let address = client.address.replace("localhost", "127.0.0.1");
    let stream = TcpStream::connect(address).await?;
    let mut stream = TlsConnector::from(Arc::new(config))
        .connect(ServerName::try_from(name).unwrap(), stream)
        .await?;
    stream
        .write_all(&client.request("GET", &format!("{API}/payment/tokens?limit=3"), None))
        .await?;
    let mut all = Vec::new();
    // The server may close without a farewell; the answer is whole by its length.
    let _ = stream.read_to_end(&mut all).await;
    Ok(Answer::parse(&all))
}

#[tokio::test]
async fn the_printed_authority_vouches_for_both_names_and_nobody_else_does() {
    let options = Options {
        customers: 5,
        tls: true,
        ..Options::default()
    };
    let running = Sandbox::start(options.clone()).unwrap();
    assert!(running.origin.starts_with("https://localhost:"));
    let pem = running.ca_pem.clone().unwrap();
    assert_eq!(
        ask(&running, "localhost", Some(&pem)).await.unwrap().ids().len(),
        3
    );
    assert_eq!(
        ask(&running, "127.0.0.1", Some(&pem)).await.unwrap().ids().len(),
        3
    );
    assert!(ask(&running, "localhost", None).await.is_err());
    assert!(ask(&running, "app-wallee.com", Some(&pem)).await.is_err());
    let other = Sandbox::start(options).unwrap();
    assert!(ask(&other, "localhost", Some(&pem)).await.is_err());
}

#[tokio::test]
async fn every_system_speaks_tls_and_says_what_it_speaks_in_it() {
    let running = Sandbox::start(Options {
        customers: 5,
        tls: true,
        systems: Options::all_systems(),
        ..Options::default()
    })
    .unwrap();
    let pem = running.ca_pem.clone().unwrap();
    for (name, system) in running.systems() {
        let mut config = trusting(Some(&pem));
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let address = system.origin.replace("https://localhost", "127.0.0.1");
        let stream = TcpStream::connect(address).await.unwrap();
        let stream = TlsConnector::from(Arc::new(config))
            .connect(ServerName::try_from("localhost").unwrap(), stream)
            .await
            .unwrap();
        let spoken = stream.get_ref().1.alpn_protocol().map(<[u8]>::to_vec);
        let expected: &[u8] = if *name == "prism" { b"h2" } else { b"http/1.1" };
        assert_eq!(spoken.as_deref(), Some(expected), "{name}");
    }
}

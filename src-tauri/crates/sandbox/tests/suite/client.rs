//! A small HTTP/1.1 client that signs by itself and shows the bytes it got.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use tokendesk_sandbox::{Options, Running, Sandbox, Switches};

pub const API: &str = "/api/v2.0";

pub fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64
}

/// A sandbox with these switches.
pub fn sandbox(customers: u32, switches: &[&str]) -> Running {
    let mut set = Switches::default();
    for pair in switches {
        set.set_pair(pair).unwrap();
    }
    Sandbox::start(Options {
        customers,
        seed: 7,
        switches: set,
        ..Options::default()
    })
    .unwrap()
}

pub fn sign(key: &[u8], header: &str, claims: &str) -> String {
    let signed = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header),
        URL_SAFE_NO_PAD.encode(claims)
    );
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn parse(bytes: &[u8]) -> Self {
        let end = bytes
            .windows(4)
            .position(|w| w == b"\r\n\r\n")
            .expect("a complete head");
        let head = std::str::from_utf8(&bytes[..end]).unwrap();
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers = lines
            .map(|line| {
                let (name, value) = line.split_once(':').unwrap();
                (name.to_ascii_lowercase(), value.trim().to_owned())
            })
            .collect();
        Self {
            status,
            headers,
            body: bytes[end + 4..].to_vec(),
        }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| value.as_str())
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("a JSON body")
    }

    /// Ids of the rows of a page.
    pub fn ids(&self) -> Vec<u64> {
        assert_eq!(self.status, 200, "{}", String::from_utf8_lossy(&self.body));
        self.json()["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["id"].as_u64().unwrap())
            .collect()
    }
}

pub struct Client {
    pub address: String,
    pub space: String,
    pub user: String,
    pub key: Vec<u8>,
}

impl Client {
    pub fn of(running: &Running) -> Self {
        Self {
            address: running.origin.split_once("://").unwrap().1.to_owned(),
            space: running.space.clone(),
            user: running.user.clone(),
            key: STANDARD.decode(&running.key).unwrap(),
        }
    }

    pub fn token(&self, method: &str, target: &str) -> String {
        let claims = json!({
            "sub": self.user, "iat": now(), "requestPath": target, "requestMethod": method,
        });
        sign(
            &self.key,
            r#"{"alg":"HS256","typ":"JWT","ver":1}"#,
            &claims.to_string(),
        )
    }

    /// The bytes of a signed request.
    pub fn request(&self, method: &str, target: &str, body: Option<&Value>) -> Vec<u8> {
        let mut head = format!(
            "{method} {target} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nSpace: {}\r\nAuthorization: Bearer {}\r\n",
            self.address,
            self.space,
            self.token(method, target),
        );
        let body = body.map(Value::to_string).unwrap_or_default();
        if !body.is_empty() {
            head += &format!(
                "Content-Type: application/json\r\nContent-Length: {}\r\n",
                body.len()
            );
        }
        format!("{head}\r\n{body}").into_bytes()
    }

    fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let request = self.request(method, &format!("{API}{path}"), body);
        Answer::parse(&exchange(&self.address, &request))
    }

    pub fn get(&self, path: &str) -> Answer {
        self.call("GET", path, None)
    }

    pub fn post(&self, path: &str, body: Value) -> Answer {
        self.call("POST", path, Some(&body))
    }

    pub fn patch(&self, id: u64, body: Value) -> Answer {
        self.call("PATCH", &format!("/payment/tokens/{id}"), Some(&body))
    }

    pub fn delete(&self, id: u64) -> Answer {
        self.call("DELETE", &format!("/payment/tokens/{id}"), None)
    }

    pub fn read(&self, id: u64) -> Answer {
        self.get(&format!("/payment/tokens/{id}"))
    }

    /// A search over tokens, encoded as the vendor's SDKs do.
    pub fn search(&self, query: &str) -> Answer {
        self.get(&format!(
            "/payment/tokens/search?limit=100&query={}",
            encode(query)
        ))
    }

    /// The bytes a call brings back, whole or not.
    pub fn bytes(&self, method: &str, path: &str, body: Option<&Value>) -> Vec<u8> {
        exchange(
            &self.address,
            &self.request(method, &format!("{API}{path}"), body),
        )
    }

    /// A GET with these header lines and no others besides Host and Connection.
    pub fn bare(&self, target: &str, headers: &[String]) -> Answer {
        let lines: String = headers.iter().map(|line| format!("{line}\r\n")).collect();
        let request = format!(
            "GET {target} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{lines}\r\n",
            self.address
        );
        Answer::parse(&exchange(&self.address, request.as_bytes()))
    }
}

pub fn encode(text: &str) -> String {
    text.bytes()
        .map(|b| match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => (b as char).to_string(),
            _ => format!("%{b:02X}"),
        })
        .collect()
}

/// Sends bytes and reads until the other side closes, even when it breaks off.
pub fn exchange(address: &str, request: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(request).unwrap();
    let mut all = Vec::new();
    let mut piece = [0_u8; 16_384];
    loop {
        match stream.read(&mut piece) {
            Ok(0) => return all,
            Ok(n) => all.extend_from_slice(&piece[..n]),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => return all,
            Err(error) => panic!("{error}"),
        }
    }
}

/// A call to a control endpoint.
pub fn control(running: &Running, method: &str, path: &str, body: Option<Value>) -> Answer {
    let address = running.control.as_ref().unwrap().strip_prefix("http://").unwrap();
    let (host, secret) = address.split_once('/').unwrap();
    let body = body.map(|b| b.to_string()).unwrap_or_default();
    let request = format!(
        "{method} /{secret}/{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    Answer::parse(&exchange(host, request.as_bytes()))
}

/// The first token in this state that has a version of that kind, or none at all.
pub fn some_token(running: &Running, state: &str, version: Option<&str>) -> u64 {
    running
        .tokens()
        .into_iter()
        .find(|t| {
            t.state == state
                && version.map_or(t.versions.is_empty(), |wanted| {
                    t.versions.iter().any(|v| v.state == wanted)
                })
        })
        .expect("the world has such a token")
        .id
}

//! Who is calling: the JWT of wallee fact sheet, section 2.2, checked against the raw request target.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

use super::problem::Problem;
use crate::switches::Switches;
use crate::wire::Call;

/// What a caller must prove to know.
pub(crate) struct Identity {
    pub(crate) user: String,
    pub(crate) key: [u8; 32],
}

/// Checks the bearer token of a call; `server_now` in milliseconds.
pub(crate) fn check(
    call: &Call,
    identity: &Identity,
    switches: &Switches,
    server_now: i64,
) -> Result<(), Problem> {
    let header = call
        .header("authorization")
        .ok_or_else(|| refused("No Authorization header was sent."))?;
    let token = header
        .split_once(' ')
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .ok_or_else(|| refused("The Authorization header is not of type Bearer."))?;
    let claims =
        verified(token, &identity.key).ok_or_else(|| refused("The token or its signature is not valid."))?;

    let named = match claims.get("sub") {
        Some(Value::String(text)) => *text == identity.user,
        Some(Value::Number(number)) => number.to_string() == identity.user,
        _ => false,
    };
    if !named {
        return Err(refused("The user is not known."));
    }
    if claims.get("requestPath").and_then(Value::as_str) != Some(call.target.as_str()) {
        return Err(refused(
            "The signed request path is not the path of this request.",
        ));
    }
    if claims.get("requestMethod").and_then(Value::as_str) != Some(call.method.as_str()) {
        return Err(refused(
            "The signed request method is not the method of this request.",
        ));
    }
    let iat = claims
        .get("iat")
        .and_then(Value::as_i64)
        .ok_or_else(|| refused("The token has no time."))?;
    let window = i64::try_from(switches.iat_window_seconds).unwrap_or(i64::MAX);
    let now = server_now.div_euclid(1_000);
    let near = |seconds: i64| seconds.saturating_sub(now).saturating_abs() <= window;
    let fits = near(iat) || (switches.iat_millis && near(iat.div_euclid(1_000)));
    if !fits {
        return Err(refused(
            "The token was issued too far from the time of the server.",
        ));
    }
    Ok(())
}

fn refused(message: &str) -> Problem {
    Problem::new(401, "unauthorized", message)
}

/// The claims, when the header asks for HS256 and the signature fits.
fn verified(token: &str, key: &[u8]) -> Option<Value> {
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()?;
    if header.get("alg").and_then(Value::as_str) != Some("HS256") {
        return None;
    }
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(signed.as_bytes());
    mac.verify_slice(&URL_SAFE_NO_PAD.decode(signature).ok()?).ok()?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use hyper::HeaderMap;
    use hyper::body::Bytes;

    use super::*;

    /// wallee fact sheet, section 2.2.
    const VECTOR: &str = concat!(
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCIsInZlciI6MX0.eyJzdWIiOiIxMjM0NSIsImlhdCI6MTcwMDAwMDAwMCwicmVxdWVzd",
        "FBhdGgiOiIvYXBpL3YyLjAvcGF5bWVudC90b2tlbnM_bGltaXQ9MTAwJm9yZGVyPUFTQyIsInJlcXVlc3RNZXRob2QiOiJHRVQifQ.",
        "JsgHjhLdvNOnJ_XPH9AzFdTs3-1nQalxU3akOuUqHk4"
    );

    fn checked(method: &str, target: &str, now: i64, user: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert("authorization", format!("Bearer {VECTOR}").parse().unwrap());
        let call = Call {
            method: method.into(),
            target: target.into(),
            headers,
            body: Bytes::new(),
        };
        let identity = Identity {
            user: user.into(),
            key: std::array::from_fn(|i| i as u8),
        };
        check(&call, &identity, &Switches::default(), now).is_ok()
    }

    #[test]
    fn the_fact_sheets_vector_fits_its_own_request_only() {
        let (target, now) = ("/api/v2.0/payment/tokens?limit=100&order=ASC", 1_700_000_100_000);
        assert!(checked("GET", target, now, "12345"));
        assert!(!checked("DELETE", target, now, "12345"));
        assert!(!checked(
            "GET",
            "/api/v2.0/payment/tokens?order=ASC&limit=100",
            now,
            "12345"
        ));
        assert!(!checked("GET", target, now, "12346"));
        assert!(!checked("GET", target, now + 300_000, "12345"));
    }
}

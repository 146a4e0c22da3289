//! The signature of one request: a JSON Web Token made for it alone (wallee fact sheet, section 2.2).

use crate::error::{ProviderError, ProviderErrorKind};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use serde::Serialize;
use sha2::Sha256;

const HEADER: &[u8] = br#"{"alg":"HS256","typ":"JWT","ver":1}"#;

// Order and spelling as in the fact sheet's vector.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Claims<'a> {
    sub: &'a str,
    iat: i64,
    request_path: &'a str,
    request_method: &'a str,
}

/// An application user and its key.
pub(super) struct Signer {
    user: String,
    key: SecretSlice<u8>,
}

impl Signer {
    /// `user` is a decimal id, `key` standard base64.
    ///
    /// # Errors
    /// `BadCredentials` when they are not.
    pub fn new(user: &str, key: &SecretString) -> Result<Self, ProviderError> {
        let key: Vec<u8> = STANDARD.decode(key.expose_secret().trim()).map_err(|_| bad())?;
        if key.is_empty() {
            return Err(bad());
        }
        Ok(Self {
            user: super::decimal_id(user)?,
            key: key.into(),
        })
    }

    /// The `Authorization` header for `method` on `target`, the exact path and query that will be sent.
    ///
    /// # Errors
    /// `BadCredentials` when no header can be made of it.
    pub fn authorize(
        &self,
        method: &str,
        target: &str,
        at: DateTime<Utc>,
    ) -> Result<HeaderValue, ProviderError> {
        let token = self.token(method, target, at.timestamp())?;
        let mut header = HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| bad())?;
        // Keeps it out of every Debug output on the way.
        header.set_sensitive(true);
        Ok(header)
    }

    fn token(&self, method: &str, target: &str, iat: i64) -> Result<String, ProviderError> {
        let claims = Claims {
            sub: &self.user,
            iat,
            request_path: target,
            request_method: method,
        };
        let claims = serde_json::to_vec(&claims).map_err(|_| bad())?;
        let mut token = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(HEADER),
            URL_SAFE_NO_PAD.encode(claims)
        );
        let mut mac = Hmac::<Sha256>::new_from_slice(self.key.expose_secret()).map_err(|_| bad())?;
        mac.update(token.as_bytes());
        token.push('.');
        token.push_str(&URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()));
        Ok(token)
    }
}

fn bad() -> ProviderError {
    ProviderError::new(ProviderErrorKind::BadCredentials)
}

#[cfg(test)]
mod tests {
    use super::*;

    // Bytes 00..1f, the key of the fact sheet's vectors.
    const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    fn signer() -> Signer {
        Signer::new("12345", &SecretString::from(KEY)).unwrap()
    }

    #[test]
    fn the_fact_sheet_vector_is_met_byte_by_byte() {
        let token = signer()
            .token(
                "GET",
                "/api/v2.0/payment/tokens?limit=100&order=ASC",
                1_700_000_000,
            )
            .unwrap();
        assert_eq!(
            token,
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCIsInZlciI6MX0.eyJzdWIiOiIxMjM0NSIsImlhdCI6MTcwMDAwMDAwMCwicmVxdWVzdFB\
             hdGgiOiIvYXBpL3YyLjAvcGF5bWVudC90b2tlbnM_bGltaXQ9MTAwJm9yZGVyPUFTQyIsInJlcXVlc3RNZXRob2QiOiJHRVQifQ.Jsg\
             HjhLdvNOnJ_XPH9AzFdTs3-1nQalxU3akOuUqHk4"
        );
    }

    // Both generations of the interface share one user and key (section 1): the older one's vectors prove that the key is read as
    // the vendor reads it, independently of the token above.
    #[test]
    fn the_key_also_meets_the_vectors_of_the_older_signature() {
        for (message, value) in [
            (
                "1|12345|1700000000|POST|/api/token/search?spaceId=405",
                "7mAkHjWNsqo4vf3ExgMoX/b4J21vBdWlDqQc+761BWnOgb4ka2gVrwVYDqRK+fLYBV6cJJcnufHpGTn9FlJFSw==",
            ),
            (
                "1|12345|1700000000|GET|/api/token/read?spaceId=405&id=1001",
                "ATgEeL/yGrW+ui9M3K/vf+n6BesSXbMjabuvV7DBip388aM+BWFzd8UBd+zwc/xfOvTvutiMXldY0CP+bOHTUA==",
            ),
        ] {
            let mut mac = Hmac::<sha2::Sha512>::new_from_slice(signer().key.expose_secret()).unwrap();
            mac.update(message.as_bytes());
            assert_eq!(STANDARD.encode(mac.finalize().into_bytes()), value);
        }
    }

    #[test]
    fn a_second_vector_computed_independently_in_python_is_met_too() {
        let target =
            "/api/v2.0/payment/tokens/search?query=customerEmailAddress%3A%22rita%40example.org%22&limit=100";
        let token = signer().token("GET", target, 1_770_000_000).unwrap();
        assert_eq!(
            token,
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCIsInZlciI6MX0.eyJzdWIiOiIxMjM0NSIsImlhdCI6MTc3MDAwMDAwMC\
             wicmVxdWVzdFBhdGgiOiIvYXBpL3YyLjAvcGF5bWVudC90b2tlbnMvc2VhcmNoP3F1ZXJ5PWN1c3RvbWVyRW1haWxB\
             ZGRyZXNzJTNBJTIycml0YSU0MGV4YW1wbGUub3JnJTIyJmxpbWl0PTEwMCIsInJlcXVlc3RNZXRob2QiOiJHRVQifQ\
             .n9M3FYUfk5Hsi7RmJtFIaN622VTdR7wKsUy0vtezNW8"
        );
    }

    #[test]
    fn keys_and_users_that_cannot_be_used_are_told_apart_at_once() {
        let kind = |user: &str, key: &str| Signer::new(user, &SecretString::from(key)).err().map(|e| e.kind);
        assert_eq!(kind(" 12345 ", &format!(" {KEY}\n")), None);
        for (user, key) in [
            ("12345", "not base64!"),
            ("12345", ""),
            ("12345", "AAEC-_=="),
            ("ada", KEY),
            ("", KEY),
        ] {
            assert_eq!(kind(user, key), Some(ProviderErrorKind::BadCredentials), "{user}");
        }
    }

    #[test]
    fn the_header_hides_itself() {
        let header = signer()
            .authorize("GET", "/api/v2.0/spaces/1", Utc::now())
            .unwrap();
        assert_eq!(format!("{header:?}"), "Sensitive");
        assert!(header.to_str().unwrap().starts_with("Bearer eyJ"));
    }
}

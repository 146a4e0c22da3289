//! The key of both databases.

use zeroize::{Zeroize, Zeroizing};

/// Thirty-two random bytes that open `cache.db` and `ledger.db`. Wiped when dropped; has no `Debug`.
#[derive(Clone)]
pub struct DbKey([u8; 32]);

impl DbKey {
    /// A new key from the system's random source.
    pub fn random() -> Self {
        Self(rand::random())
    }

    /// A key kept earlier.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The key's bytes, for the secret store only.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// Sixty-four hexadecimal digits, for the secret store and the key pragma only.
    pub(crate) fn hex(&self) -> Zeroizing<String> {
        Zeroizing::new(hex(&self.0))
    }

    /// Reads [`Self::hex`] back.
    pub(crate) fn from_hex(text: &str) -> Option<Self> {
        let bytes = Zeroizing::new(unhex(text.trim())?);
        Some(Self(bytes.as_slice().try_into().ok()?))
    }
}

impl Drop for DbKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// Lower-case hexadecimal digits of `bytes`.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

/// Reads [`hex`] back.
pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text
        .chars()
        .map(|c| c.to_digit(16).map(|d| d as u8))
        .collect::<Option<_>>()?;
    digits
        .len()
        .is_multiple_of(2)
        .then(|| digits.chunks(2).map(|pair| (pair[0] << 4) | pair[1]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_read_back() {
        let key = DbKey::random();
        assert_eq!(DbKey::from_hex(&key.hex()).unwrap().expose(), key.expose());
        assert!(DbKey::from_hex("00").is_none());
        assert!(DbKey::from_hex(&"g".repeat(64)).is_none());
        assert!(unhex("abc").is_none());
    }
}

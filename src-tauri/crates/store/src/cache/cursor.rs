//! Page cursors: where a list goes on. Opaque to everybody else, and only good for the question they came from.

use crate::StoreError;
use crate::key::{hex, unhex};
use tokendesk_model::SearchQuery;

/// A place in a list: numbers whose meaning the list knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cursor {
    /// [`question`] of the list it came from.
    pub question: u64,
    /// The place.
    pub at: Vec<i64>,
}

impl Cursor {
    /// As text.
    pub fn write(&self) -> String {
        let mut bytes = self.question.to_be_bytes().to_vec();
        for number in &self.at {
            bytes.extend_from_slice(&number.to_be_bytes());
        }
        hex(&bytes)
    }

    /// Reads it back; a cursor of another question, or of another length than `places`, is none.
    pub fn read(text: Option<&str>, question: u64, places: usize) -> Result<Option<Self>, StoreError> {
        let Some(text) = text else { return Ok(None) };
        let bytes = unhex(text)
            .filter(|bytes| bytes.len() == 8 * (places + 1))
            .ok_or(StoreError::BadCursor)?;
        let mut numbers = bytes.chunks_exact(8).map(|chunk| {
            let mut eight = [0_u8; 8];
            eight.copy_from_slice(chunk);
            u64::from_be_bytes(eight)
        });
        if numbers.next() != Some(question) {
            return Err(StoreError::BadCursor);
        }
        Ok(Some(Self {
            question,
            at: numbers.map(|number| number.cast_signed()).collect(),
        }))
    }
}

/// A number for a question, the same at every asking (FNV-1a; it guards against mistakes, not against malice).
pub(crate) fn question(list: &str, scope: &str, query: &SearchQuery) -> u64 {
    let text = format!("{list}\u{0}{scope}\u{0}{query:?}");
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_read_back_and_only_for_their_question() {
        let question = question("people", "live", &SearchQuery::default());
        let cursor = Cursor {
            question,
            at: vec![-1, i64::MAX],
        };
        let text = cursor.write();
        assert_eq!(Cursor::read(Some(&text), question, 2).unwrap(), Some(cursor));
        assert_eq!(Cursor::read(None, question, 2).unwrap(), None);
        for bad in ["", "zz", "00", &text[2..], "é"] {
            assert!(matches!(
                Cursor::read(Some(bad), question, 2),
                Err(StoreError::BadCursor)
            ));
        }
        assert!(matches!(
            Cursor::read(Some(&text), question + 1, 2),
            Err(StoreError::BadCursor)
        ));
        assert!(matches!(
            Cursor::read(Some(&text), question, 1),
            Err(StoreError::BadCursor)
        ));
    }
}

//! The chain of the log: what the hash of a row is made from. Pure.
//!
//! `hash = SHA-256(hash before || row)`, where the row is its number and every column in a fixed order: numbers as eight bytes,
//! texts and ids behind their length, an absent value as a byte of its own. Two different rows never have the same bytes. Of a
//! free text the row holds a salted digest, so the text can be erased, and not be guessed afterwards.
//!
//! Must not know: SQL, when a row is written, what is done about a broken chain.

use sha2::{Digest, Sha256};

/// The hash of a row.
pub(crate) type Hash = [u8; 32];
/// What the first row follows.
pub(crate) const START: Hash = [0; 32];
/// Random bytes kept with a free text.
pub(crate) type Salt = [u8; 16];

/// Every column of a row but its number and its hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Columns<'a> {
    pub at: i64,
    pub actor: &'a str,
    pub action: &'a str,
    pub account: Option<&'a [u8]>,
    pub environment: Option<i64>,
    pub token: Option<&'a [u8]>,
    pub change: Option<&'a [u8]>,
    pub outcome: &'a str,
    pub detail: Option<&'a str>,
    pub request_id: Option<&'a str>,
    pub text_digest: Option<&'a [u8]>,
}

impl Columns<'_> {
    /// The hash of this row at place `number`, after the row with the hash `before`. `buffer` is overwritten: a walk over many
    /// rows needs one only.
    pub fn hash(&self, before: &Hash, number: i64, buffer: &mut Vec<u8>) -> Hash {
        buffer.clear();
        buffer.extend_from_slice(b"tokendesk log row 1\0");
        buffer.extend_from_slice(before);
        buffer.extend_from_slice(&number.to_le_bytes());
        buffer.extend_from_slice(&self.at.to_le_bytes());
        put(buffer, Some(self.actor.as_bytes()));
        put(buffer, Some(self.action.as_bytes()));
        put(buffer, self.account);
        put(
            buffer,
            self.environment
                .map(i64::to_le_bytes)
                .as_ref()
                .map(|bytes| bytes.as_slice()),
        );
        put(buffer, self.token);
        put(buffer, self.change);
        put(buffer, Some(self.outcome.as_bytes()));
        put(buffer, self.detail.map(str::as_bytes));
        put(buffer, self.request_id.map(str::as_bytes));
        put(buffer, self.text_digest);
        Sha256::digest(&buffer).into()
    }
}

fn put(buffer: &mut Vec<u8>, value: Option<&[u8]>) {
    match value {
        None => buffer.push(0),
        Some(bytes) => {
            buffer.push(1);
            buffer.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
            buffer.extend_from_slice(bytes);
        }
    }
}

/// What a row keeps of its free text.
pub(crate) fn text_digest(salt: &[u8], text: &str) -> Hash {
    let mut digest = Sha256::new();
    digest.update(b"tokendesk log text 1\0");
    digest.update((salt.len() as u64).to_le_bytes());
    digest.update(salt);
    digest.update(text.as_bytes());
    digest.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq)]
    struct Row {
        number: i64,
        at: i64,
        words: [String; 3],
        ids: [Option<Vec<u8>>; 4],
        environment: Option<i64>,
        more: [Option<String>; 2],
    }

    impl Row {
        fn hash(&self, before: &Hash) -> Hash {
            Columns {
                at: self.at,
                actor: &self.words[0],
                action: &self.words[1],
                account: self.ids[0].as_deref(),
                environment: self.environment,
                token: self.ids[1].as_deref(),
                change: self.ids[2].as_deref(),
                outcome: &self.words[2],
                detail: self.more[0].as_deref(),
                request_id: self.more[1].as_deref(),
                text_digest: self.ids[3].as_deref(),
            }
            .hash(before, self.number, &mut Vec::new())
        }
    }

    prop_compose! {
        // Small worlds, so that near misses (a letter moved into the next column, empty against absent) happen.
        fn row()(
            number in 1..3_i64,
            at in 0..2_i64,
            words in prop::array::uniform3("[a\0]{0,2}"),
            ids in prop::array::uniform4(prop::option::of(prop::collection::vec(0..2_u8, 0..2))),
            environment in prop::option::of(0..2_i64),
            more in prop::array::uniform2(prop::option::of("[a\0]{0,2}")),
        ) -> Row {
            Row { number, at, words, ids, environment, more }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn two_rows_have_one_hash_only_if_they_are_one_row(a in row(), b in row()) {
            prop_assert_eq!(a == b, a.hash(&START) == b.hash(&START));
            prop_assert_ne!(a.hash(&START), a.hash(&[1; 32]));
        }

        #[test]
        fn a_letter_moved_into_the_next_column_is_another_row(a in "[a-c]{1,4}", b in "[a-c]{0,4}") {
            let base = Row {
                number: 1, at: 0, words: [a.clone(), b.clone(), String::new()], ids: [None, None, None, None],
                environment: None, more: [None, None],
            };
            let mut moved = base.clone();
            let letter = moved.words[0].pop().unwrap_or_default();
            moved.words[1].insert(0, letter);
            prop_assert_ne!(base.hash(&START), moved.hash(&START));
        }
    }

    #[test]
    fn the_digest_of_a_text_hangs_on_its_salt() {
        assert_ne!(
            text_digest(&[0; 16], "asked by phone"),
            text_digest(&[1; 16], "asked by phone")
        );
        assert_ne!(
            text_digest(&[0; 16], "asked by phone"),
            text_digest(&[0; 16], "asked by mail")
        );
        assert_eq!(
            text_digest(&[0; 16], "asked by phone"),
            text_digest(&[0; 16], "asked by phone")
        );
    }

    // Rows written by one version are checked by all later ones.
    #[test]
    fn the_bytes_of_a_row_are_for_good() {
        let row = Columns {
            at: 1_790_000_000_000,
            actor: "ada@desk-1",
            action: "person.open",
            account: Some(&[7; 16]),
            environment: Some(1),
            token: None,
            change: None,
            outcome: "ok",
            detail: None,
            request_id: Some("req-7"),
            text_digest: None,
        };
        let hash = row.hash(&START, 1, &mut Vec::new());
        assert_eq!(
            crate::key::hex(&hash),
            "0981e5484acb36200b5571a1ff4c627233597971d2b6420b2f7a56aabd6e305d"
        );
    }
}

//! What an id must look like before it is sent. Prism pastes ids into addresses as they are, so one with a slash in it would
//! reach another object at the processor (Prism fact sheet, section 10).
//!
//! Must not know: what an id stands for beyond where it is put.

use url::Url;

const LONGEST: usize = 255;

fn made_of(text: &str, signs: fn(u8) -> bool) -> bool {
    (1..=LONGEST).contains(&text.len())
        && text.bytes().all(signs)
        && text.bytes().any(|b| b.is_ascii_alphanumeric())
}

/// An id that becomes a part of an address: a transaction, a mandate.
pub(super) fn fits_a_path(id: &str) -> bool {
    made_of(id, |b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// A token or a reference of our own; they travel in a body, and a mandate is deleted by the token's own text.
pub(super) fn is_token(token: &str) -> bool {
    fits_a_path(token)
}

/// The processor's id of a customer; the shop's own id at some, so a little more is usual in it.
pub(super) fn is_customer(id: &str) -> bool {
    made_of(id, |b| b.is_ascii_alphanumeric() || b"-_.:@+".contains(&b))
}

/// A reference of ours.
pub(super) fn is_reference(reference: &str) -> bool {
    reference.len() <= 64 && fits_a_path(reference)
}

/// Where a buyer would be sent: https, without a user, and nothing that ends a header or a form.
pub(super) fn is_return_url(text: &str) -> bool {
    text.len() <= 1_000
        && text.bytes().all(|b| b.is_ascii_graphic())
        && Url::parse(text).is_ok_and(|url| {
            url.scheme() == "https" && url.has_host() && url.username().is_empty() && url.password().is_none()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_leads_elsewhere_fits_a_path() {
        for id in [
            "pi_3AbC",
            "8815658961765250",
            "7000000000000000000001",
            "0f8fad5b-d9cb-469f-a165-70867728950e",
        ] {
            assert!(fits_a_path(id), "{id}");
        }
        for id in [
            "",
            ".",
            "..",
            "-",
            "pi_1/../../customers",
            "pi_1?x=1",
            "pi_1#",
            "pi 1",
            "pi%2F1",
            "pi\\1",
            "pi.1",
            "ｐi",
            "pi\n",
            &"a".repeat(256),
        ] {
            assert!(!fits_a_path(id), "{id}");
        }
    }

    #[test]
    fn customers_are_freer_and_references_shorter() {
        assert!(is_customer("C-000123") && is_customer("shop:7@eu"));
        assert!(!is_customer("a/b") && !is_customer("") && !is_customer("a b"));
        assert!(is_reference("td-0190") && !is_reference(&"a".repeat(65)));
    }

    #[test]
    fn a_buyer_is_sent_to_an_encrypted_page() {
        assert!(is_return_url("https://shop.example/back?x=1"));
        for odd in [
            "",
            "http://shop.example/",
            "https://user@shop.example/",
            "javascript:alert(1)",
            "https://shop.example/\r\nx",
            "shop.example",
        ] {
            assert!(!is_return_url(odd), "{odd}");
        }
    }
}

//! Request targets: path and query as one string, built once, signed and sent unchanged (wallee fact sheet, section 2.3).

use crate::error::{ProviderError, ProviderErrorKind};

const BASE: &str = "/api/v2.0";

/// A path with its query. Everything but RFC 3986's unreserved characters is percent-encoded in values, so that no URL
/// parser on the way finds anything to spell differently.
pub(super) struct Target {
    text: String,
    in_space: bool,
    has_query: bool,
}

impl Target {
    /// A call inside the space: it carries the `Space` header.
    pub fn in_space(path: &str) -> Self {
        Self {
            text: format!("{BASE}{path}"),
            in_space: true,
            has_query: false,
        }
    }

    /// A call about the account as a whole, without the `Space` header (wallee fact sheet, section 3.5).
    pub fn outside_space(path: &str) -> Self {
        Self {
            in_space: false,
            ..Self::in_space(path)
        }
    }

    /// A call on one object under `path`, such as `/payment/tokens`, with what follows its id.
    ///
    /// # Errors
    /// `Refused` when the id is not one this provider could have given.
    pub fn of_object(path: &str, id: &str, rest: &str) -> Result<Self, ProviderError> {
        Ok(Self::in_space(&format!("{path}/{}{rest}", object_id(id)?)))
    }

    /// Adds a parameter; a repeated name is an array.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.text.push(if self.has_query { '&' } else { '?' });
        self.has_query = true;
        self.text.push_str(name);
        self.text.push('=');
        for byte in value.bytes() {
            if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
                self.text.push(char::from(byte));
            } else {
                self.text.push_str(&format!("%{byte:02X}"));
            }
        }
        self
    }

    /// As signed and sent.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the `Space` header belongs to it.
    pub fn is_in_space(&self) -> bool {
        self.in_space
    }
}

/// An id as it may stand in a path or a query: ids are numbers, other plain words are let through unread.
///
/// # Errors
/// `Refused` for everything that could mean something else to a URL or to the search language.
pub(super) fn object_id(id: &str) -> Result<&str, ProviderError> {
    is_object_id(id)
        .then_some(id)
        .ok_or_else(|| ProviderError::new(ProviderErrorKind::Refused))
}

/// Whether [`object_id`] lets `id` through.
pub(super) fn is_object_id(id: &str) -> bool {
    (1..=64).contains(&id.len())
        && id
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

/// `field:"value"` in the search language (wallee fact sheet, section 4.5).
///
/// Escaping inside a value is not documented, so a value is put between the kind of quotes it does not hold.
///
/// # Errors
/// `Refused` when no documented spelling exists: both kinds of quotes, a backslash, a control character, or nothing.
pub(super) fn equals(field: &str, value: &str) -> Result<String, ProviderError> {
    let quote = match (value.contains('"'), value.contains('\'')) {
        (false, _) => '"',
        (true, false) => '\'',
        (true, true) => return Err(ProviderError::new(ProviderErrorKind::Refused)),
    };
    if value.trim().is_empty() || value.contains(|c: char| c == '\\' || c.is_control()) {
        return Err(ProviderError::new(ProviderErrorKind::Refused));
    }
    Ok(format!("{field}:{quote}{value}{quote}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_hold_nothing_a_url_parser_would_touch() {
        let target = Target::in_space("/payment/tokens/search")
            .with("query", "customerEmailAddress:\"rítä+a'~b@example.org\"")
            .with("expand", "a")
            .with("expand", "b");
        assert_eq!(
            target.as_str(),
            "/api/v2.0/payment/tokens/search?query=customerEmailAddress%3A%22r%C3%ADt%C3%A4%2Ba%27~b%40example.org%22\
             &expand=a&expand=b"
        );
        let url = url::Url::parse(&format!("https://app-wallee.com{}", target.as_str())).unwrap();
        assert_eq!(&url[url::Position::BeforePath..], target.as_str());
    }

    #[test]
    fn ids_that_could_lead_elsewhere_are_not_sent() {
        for good in ["1", "700123", "1456765125779", "a-b_C"] {
            assert!(is_object_id(good));
        }
        for bad in ["", "..", "1/2", "1?x", "1 OR 2", "1%2f", "é", &"1".repeat(65)] {
            assert_eq!(
                Target::of_object("/payment/tokens", bad, "")
                    .err()
                    .map(|e| e.kind),
                Some(ProviderErrorKind::Refused),
                "{bad}"
            );
        }
    }

    #[test]
    fn quotes_are_chosen_by_what_the_value_holds() {
        assert_eq!(equals("customerId", "88").unwrap(), "customerId:\"88\"");
        assert_eq!(equals("customerId", "o'neil").unwrap(), "customerId:\"o'neil\"");
        assert_eq!(equals("customerId", "a \"b\"").unwrap(), "customerId:'a \"b\"'");
        for unspeakable in ["a\"b'c", "a\\b", "a\nb", "", "  "] {
            assert_eq!(
                equals("customerId", unspeakable).map_err(|e| e.kind),
                Err(ProviderErrorKind::Refused)
            );
        }
    }
}

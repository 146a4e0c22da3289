//! Amounts for Prism, which checks none (Prism fact sheet, section 10): major units in, minor units out, with a cap.
//!
//! Must not know: what the amount is for.

/// A currency Prism's numbers are known for (section 7.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Currency {
    /// ISO 4217.
    pub(super) code: &'static str,
    /// Number in Prism's enum.
    pub(super) number: i32,
    /// Decimal places.
    places: u32,
    /// The most a verification may reserve, minor units.
    cap: i64,
}

const fn currency(code: &'static str, number: i32, places: u32, cap: i64) -> Currency {
    Currency {
        code,
        number,
        places,
        cap,
    }
}

// A cap is worth about two euros: enough for every processor's smallest amount, small enough to be forgiven.
const CURRENCIES: [Currency; 14] = [
    currency("AUD", 8, 2, 300),
    currency("BRL", 20, 2, 1_000),
    currency("CAD", 26, 2, 300),
    currency("CHF", 28, 2, 200),
    currency("CNY", 31, 2, 1_500),
    currency("EUR", 45, 2, 200),
    currency("GBP", 48, 2, 200),
    currency("HKD", 56, 2, 1_500),
    currency("INR", 63, 2, 15_000),
    currency("JPY", 69, 0, 300),
    currency("KRW", 76, 0, 3_000),
    currency("MXN", 96, 2, 4_000),
    currency("SGD", 123, 2, 300),
    currency("USD", 146, 2, 200),
];

/// The currencies a verification can be made in, each with the most it may reserve, in major units.
pub fn caps() -> Vec<(&'static str, String)> {
    CURRENCIES
        .iter()
        .map(|currency| (currency.code, currency.major(currency.cap)))
        .collect()
}

/// The code behind Prism's number.
pub(super) fn code(number: i32) -> Option<&'static str> {
    CURRENCIES
        .iter()
        .find(|currency| currency.number == number)
        .map(|currency| currency.code)
}

impl Currency {
    /// By its code, upper case.
    pub(super) fn named(code: &str) -> Option<Self> {
        CURRENCIES.into_iter().find(|currency| currency.code == code)
    }

    /// A positive amount in minor units: digits, and a point with no more places than the currency has.
    pub(super) fn minor(&self, text: &str) -> Option<i64> {
        let (whole, rest) = match text.split_once('.') {
            Some((_, "")) => return None,
            Some(parts) => parts,
            None => (text, ""),
        };
        let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || whole.len() > 12 || !digits(whole) || !digits(rest) {
            return None;
        }
        let places = u32::try_from(rest.len()).ok().filter(|n| *n <= self.places)?;
        let missing = 10i64.checked_pow(self.places - places)?;
        let all: i64 = format!("{whole}{rest}").parse().ok()?;
        all.checked_mul(missing).filter(|minor| *minor > 0)
    }

    /// The same, no more than the cap.
    pub(super) fn small(&self, text: &str) -> Option<i64> {
        self.minor(text).filter(|minor| *minor <= self.cap)
    }

    /// The cap in major units.
    pub(super) fn at_most(&self) -> String {
        self.major(self.cap)
    }

    /// An amount in major units.
    pub(super) fn major(&self, minor: i64) -> String {
        let unit = 10i64.pow(self.places);
        match self.places {
            0 => minor.to_string(),
            places => format!(
                "{}.{:0width$}",
                minor / unit,
                minor % unit,
                width = places as usize
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_positive_small_and_plainly_written() {
        let euro = Currency::named("EUR").unwrap();
        assert_eq!(euro.small("1"), Some(100));
        assert_eq!(euro.small("1.5"), Some(150));
        assert_eq!(euro.small("0.01"), Some(1));
        assert_eq!(euro.small("2.00"), Some(200));
        for odd in [
            "",
            "0",
            "0.00",
            "-1",
            "+1",
            "1.",
            ".5",
            "1,5",
            "1e0",
            " 1",
            "1 ",
            "1.005",
            "2.01",
            "１",
            "99999999999999",
            "NaN",
            "1.0.0",
        ] {
            assert_eq!(euro.small(odd), None, "{odd}");
        }
        let yen = Currency::named("JPY").unwrap();
        assert_eq!(yen.small("300"), Some(300));
        assert_eq!(yen.small("1.0"), None);
        assert_eq!(yen.small("301"), None);
        assert_eq!(euro.minor("250"), Some(25_000));
    }

    #[test]
    fn currencies_are_known_by_their_code_alone() {
        assert_eq!(Currency::named("eur"), None);
        assert_eq!(Currency::named("XXX"), None);
        assert_eq!(Currency::named("USD").unwrap().number, 146);
        for (code, cap) in caps() {
            let currency = Currency::named(code).unwrap();
            assert_eq!(currency.small(&cap), Some(currency.cap));
        }
    }
}

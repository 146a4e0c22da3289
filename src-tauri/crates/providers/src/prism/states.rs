//! What Prism's numbers for a payment's state mean for the money (Prism fact sheet, sections 7.4 and 10).
//!
//! Must not know: calls, what is done about it.

/// What a state says of the money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Money {
    /// A hold stands.
    Held,
    /// The money was taken, or is being taken.
    Taken,
    /// The hold was given back.
    Voided,
    /// The hold is said to be given back later.
    Voiding,
    /// The processor said no; nothing is held.
    Declined,
    /// The buyer would have to act first.
    NeedsBuyer,
    /// Nobody can say.
    Unclear,
}

const NAMES: [&str; 27] = [
    "UNSPECIFIED",
    "STARTED",
    "AUTHENTICATION_FAILED",
    "ROUTER_DECLINED",
    "AUTHENTICATION_PENDING",
    "AUTHENTICATION_SUCCESSFUL",
    "AUTHORIZED",
    "AUTHORIZATION_FAILED",
    "CHARGED",
    "AUTHORIZING",
    "COD_INITIATED",
    "VOIDED",
    "VOID_INITIATED",
    "CAPTURE_INITIATED",
    "CAPTURE_FAILED",
    "VOID_FAILED",
    "AUTO_REFUNDED",
    "PARTIAL_CHARGED",
    "PARTIAL_CHARGED_AND_CHARGEABLE",
    "UNRESOLVED",
    "PENDING",
    "FAILURE",
    "PAYMENT_METHOD_AWAITED",
    "CONFIRMATION_AWAITED",
    "DEVICE_DATA_COLLECTION_PENDING",
    "PARTIALLY_AUTHORIZED",
    "EXPIRED",
];

/// The state's name in Prism's documents; an unknown number as it came.
pub(super) fn name(state: i32) -> String {
    match (usize::try_from(state).ok().and_then(|n| NAMES.get(n)), state) {
        (Some(name), _) => (*name).to_owned(),
        (None, 57) => "VOIDED_POST_CAPTURE".to_owned(),
        (None, other) => format!("STATUS {other}"),
    }
}

/// The state after an authorize or a read. What has no row is never taken for good or bad.
pub(super) fn money(state: i32) -> Money {
    match state {
        6 | 14 | 15 | 25 => Money::Held,
        8 | 13 | 17 | 18 => Money::Taken,
        // Given back by itself, or after it was taken.
        11 | 16 | 57 => Money::Voided,
        12 => Money::Voiding,
        2 | 3 | 7 | 21 | 26 => Money::Declined,
        4 | 22 | 23 | 24 => Money::NeedsBuyer,
        _ => Money::Unclear,
    }
}

/// `MandateStatus.REVOKED`.
pub(super) const REVOKED: i32 = 4;
/// `MandateStatus.MANDATE_REVOKE_FAILED`.
pub(super) const REVOKE_FAILED: i32 = 5;

/// What a refund's state says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refund {
    /// Given back, or accepted to be.
    Accepted,
    /// Refused.
    Refused,
    /// Nobody can say.
    Unclear,
}

/// `RefundStatus` of an answer.
pub(super) fn refund(state: i32) -> Refund {
    match state {
        3 | 4 => Refund::Accepted,
        1 | 5 => Refund::Refused,
        _ => Refund::Unclear,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unresolved_states_are_never_a_yes_or_a_no() {
        // Section 10: 0, 4, 9, 12, 19 and 20 need a person or a read.
        for state in [0, 1, 9, 19, 20, 5, 10, 56, 99, -1] {
            assert_eq!(money(state), Money::Unclear, "{state}");
        }
        assert_eq!(money(4), Money::NeedsBuyer);
        assert_eq!(money(12), Money::Voiding);
        assert_eq!(money(6), Money::Held);
        assert_eq!(money(8), Money::Taken);
        assert_eq!(money(11), Money::Voided);
        assert_eq!(money(21), Money::Declined);
        assert_eq!(refund(2), Refund::Unclear);
        assert_eq!(refund(3), Refund::Accepted);
    }

    #[test]
    fn states_are_told_by_their_names() {
        assert_eq!(name(6), "AUTHORIZED");
        assert_eq!(name(26), "EXPIRED");
        assert_eq!(name(57), "VOIDED_POST_CAPTURE");
        assert_eq!(name(99), "STATUS 99");
        assert_eq!(name(-1), "STATUS -1");
    }
}

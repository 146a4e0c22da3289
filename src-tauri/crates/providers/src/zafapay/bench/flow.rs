//! The documented flow "server to server payments" as steps and choices (Zafapay fact sheet, section 4.1), and the test
//! cards it publishes. Nothing else reaches a card number.

use crate::bench::{Choice, Flow, Step};

/// The only flow.
pub(super) const FLOWS: &[Flow] = &[Flow {
    id: "token_payment",
    title: "Pay with a token",
    about: "The browser turns a test card into a token that lives 30 minutes and works once; the server pays with it. \
            Look at what each test card leads to, and at the saved card afterwards.",
    steps: &[
        Step {
            id: CREATE_TOKEN,
            title: "Create a token",
            about: "Sends the test card with the publishable key, as the buyer's browser would.",
            choices: &[CARD],
            optional: false,
        },
        Step {
            id: PAY,
            title: "Pay with the token",
            about: "Creates a payment with the token and the access token, as the shop's server would.",
            choices: &[CAPTURE, SAVE, CURRENCY],
            optional: false,
        },
        Step {
            id: USE_AGAIN,
            title: "Use the token again",
            about: "Creates a second payment with the same token, which is to be refused.",
            choices: &[],
            optional: true,
        },
        Step {
            id: READ_PAYMENT,
            title: "Read the payment",
            about: "Reads the payment's status, after the buyer has been at the page for example.",
            choices: &[],
            optional: true,
        },
        Step {
            id: FINISH,
            title: "Capture, void or refund it",
            about: "Takes the money of an authorized payment, lets it go, or gives back a completed one.",
            choices: &[ACTION],
            optional: true,
        },
        Step {
            id: SAVED_CARD,
            title: "List the saved cards",
            about: "Lists the saved cards of the customer this run invented.",
            choices: &[],
            optional: true,
        },
        Step {
            id: PAY_SAVED,
            title: "Pay with the saved card",
            about: "Creates a payment with the saved card instead of a token.",
            choices: &[],
            optional: true,
        },
    ],
}];

pub(super) const CREATE_TOKEN: &str = "create_token";
pub(super) const PAY: &str = "pay";
pub(super) const USE_AGAIN: &str = "use_again";
pub(super) const READ_PAYMENT: &str = "read_payment";
pub(super) const FINISH: &str = "finish";
pub(super) const SAVED_CARD: &str = "saved_card";
pub(super) const PAY_SAVED: &str = "pay_saved";

pub(super) const CARD: Choice = Choice {
    id: "card",
    label: "Test card",
    options: &[
        ("visa_ok", "4242 4242 4242 4242: pays"),
        ("visa_3ds", "4000 0025 0000 3155: asks the buyer first"),
        ("visa_declined", "4000 0000 0000 0002: declined"),
        ("visa_no_funds", "4000 0000 0000 9995: insufficient funds"),
    ],
    default: "visa_ok",
};

pub(super) const CAPTURE: Choice = Choice {
    id: "capture",
    label: "Capture",
    options: &[
        ("automatic", "Take the money at once"),
        ("manual", "Authorize now, capture later"),
    ],
    default: "automatic",
};

pub(super) const SAVE: Choice = Choice {
    id: "save_card",
    label: "Save the card",
    options: &[("yes", "Yes, for a customer this run invents"), ("no", "No")],
    default: "yes",
};

pub(super) const CURRENCY: Choice = Choice {
    id: "currency",
    label: "Currency",
    options: &[
        ("usd", "10.00 US dollars"),
        ("eur", "10.00 euros"),
        ("sgd", "10.00 Singapore dollars"),
        ("jpy", "10 yen"),
    ],
    default: "usd",
};

pub(super) const ACTION: Choice = Choice {
    id: "action",
    label: "What to do",
    options: &[("capture", "Capture"), ("void", "Void"), ("refund", "Refund")],
    default: "refund",
};

/// A published test card.
pub(super) struct TestCard {
    /// Never leaves the request unmasked.
    pub number: &'static str,
    /// The payment status its documents promise, captured automatically.
    pub leads_to: &'static str,
}

/// The card behind a value of [`CARD`].
pub(super) fn test_card(value: &str) -> Option<TestCard> {
    let (number, leads_to) = match value {
        "visa_ok" => ("4242424242424242", "completed"),
        "visa_3ds" => ("4000002500003155", "requires_action"),
        "visa_declined" => ("4000000000000002", "failed"),
        "visa_no_funds" => ("4000000000009995", "failed"),
        _ => return None,
    };
    Some(TestCard { number, leads_to })
}

/// What a payment's status means, and what staff do next (Zafapay fact sheet, sections 4.1 and 5.2).
pub(super) fn meaning(status: &str) -> (&'static str, &'static str) {
    match status {
        "completed" => (
            "Paid.",
            "Show the buyer that it worked; list the saved cards if one was to be saved.",
        ),
        "authorized" => (
            "Authorized only, because the capture is manual: the amount is reserved.",
            "Capture it later, or void it.",
        ),
        "requires_action" => (
            "3-D Secure is needed: nothing is paid yet.",
            "Send the buyer to the page, then read the payment.",
        ),
        "failed" => (
            "Refused: nothing is paid.",
            "Show the error to the buyer and create a new token for another try.",
        ),
        "pending" => ("Waiting for the buyer.", "Read the payment again later."),
        "canceled" => ("Voided: nothing is reserved any more.", ""),
        "refunded" => ("All of it was given back.", ""),
        "partially_refunded" => ("A part of it was given back.", ""),
        _ => ("A status the documents do not name.", "Look at the answer."),
    }
}

/// What a documented error code means, and what staff do next (Zafapay fact sheet, sections 4 and 6).
pub(super) fn refusal(code: &str) -> Option<(&'static str, &'static str)> {
    Some(match code {
        "payment_token_already_used" => ("The token was used before; it works once.", "Create a new token."),
        "payment_token_expired" => ("The token is older than 30 minutes.", "Create a new token."),
        "tokenization_failed" => (
            "The card could not be turned into a token.",
            "Choose one of the test cards.",
        ),
        "recurring_not_supported" => (
            "The connector behind this account saves no cards.",
            "Pay without saving the card.",
        ),
        "validation_error" => (
            "The request was not accepted.",
            "Look at the answer for the field it names.",
        ),
        "invalid_amount" | "amount_below_minimum" | "amount_above_maximum" => {
            ("The amount is not accepted.", "Choose another currency.")
        }
        "unsupported_currency" => (
            "The account does not take this currency.",
            "Choose another currency.",
        ),
        "invalid_status" | "invalid_state" | "invalid_transaction" => (
            "The payment or the card is in no state for this.",
            "Read the payment to see its state.",
        ),
        "not_supported" => ("The connector cannot do this.", ""),
        "capture_failed" => ("The capture was refused.", "Read the payment to see its state."),
        "refund_failed" => ("The refund was refused.", "Read the payment to see its state."),
        "card_limit_exceeded" => (
            "The card's monthly limit is reached.",
            "Choose another test card.",
        ),
        "email_limit_exceeded" => ("The email's monthly limit is reached.", ""),
        "flow_not_found" | "no_default_flow" | "flow_not_active" => (
            "The account has no payment flow in use.",
            "Set one up in Zafapay's dashboard.",
        ),
        "connector_config_not_found" | "connector_config_disabled" => (
            "The account has no connector in use.",
            "Set one up in Zafapay's dashboard.",
        ),
        "unauthorized" => ("The key is not accepted.", "Replace the account's credentials."),
        "merchant_not_active" | "forbidden" => ("The merchant may not use the API.", "Ask Zafapay."),
        "not_found" => ("It is not known there.", ""),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokendesk_model::card_number::contains_card_number;

    #[test]
    fn choices_are_words_and_every_card_has_its_number() {
        for step in FLOWS[0].steps {
            for choice in step.choices {
                assert!(choice.options.iter().any(|(value, _)| *value == choice.default));
                for (value, _) in choice.options {
                    assert!(!contains_card_number(value));
                }
            }
        }
        for (value, label) in CARD.options {
            let digits: String = label.chars().filter(char::is_ascii_digit).collect();
            assert_eq!(digits, test_card(value).unwrap().number);
        }
        assert!(test_card("4242424242424242").is_none());
    }
}

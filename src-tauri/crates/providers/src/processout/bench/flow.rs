//! The documented guide "saving a token to capture future payments" as steps and choices (ProcessOut fact sheet, section 5.4),
//! and the test cards it publishes (section 2.5). Nothing else reaches a card number.

use crate::bench::{Choice, Flow, Step};

pub(super) const WITHOUT: &str = "token_without_verification";
pub(super) const WITH: &str = "token_with_verification";

/// The flows of a test account.
pub(super) const FLOWS: &[Flow] = &[
    Flow {
        id: WITHOUT,
        title: "Save a card without verification",
        about: WITHOUT_ABOUT,
        steps: WITHOUT_STEPS,
    },
    Flow {
        id: WITH,
        title: "Save a card with verification",
        about: WITH_ABOUT,
        steps: &[
            CREATE_CUSTOMER,
            CREATE_CARD,
            VERIFY,
            ATTACH,
            READ,
            LIST,
            DELETE,
            DELETE_CUSTOMER,
        ],
    },
];

/// The same for the demo, where what the card's holder does is played too.
pub(super) const DEMO_FLOWS: &[Flow] = &[
    FLOWS[0],
    Flow {
        id: WITH,
        title: "Save a card with verification",
        about: WITH_ABOUT,
        steps: &[
            CREATE_CUSTOMER,
            CREATE_CARD,
            VERIFY,
            ATTACH,
            HOLDER,
            READ,
            LIST,
            DELETE,
            DELETE_CUSTOMER,
        ],
    },
];

const WITHOUT_ABOUT: &str = "A customer, a card token, and a customer token made from it without asking the bank. Look at the \
                             verification status and at whether it can be charged: the guide says two things about them.";

const WITH_ABOUT: &str = "The same, with a small or zero authorization of the card. Look at the five verification statuses and at \
                          what the card's holder may have to do first; each test card leads to another one.";

const WITHOUT_STEPS: &[Step] = &[
    CREATE_CUSTOMER,
    CHANGE_CURRENCY,
    CREATE_CARD,
    CREATE_TOKEN,
    USE_AGAIN,
    READ,
    LIST,
    DELETE,
    DELETE_CUSTOMER,
];

const CREATE_CUSTOMER: Step = Step {
    id: CUSTOMER_STEP,
    title: "Create a customer",
    about: "Creates a customer; the currency is optional, and stays once it is set.",
    choices: &[CURRENCY, EMAIL],
    optional: false,
};
const CHANGE_CURRENCY: Step = Step {
    id: "change_currency",
    title: "Try to change the currency",
    about: "Asks for another currency, and reads the customer to see which one it has.",
    choices: &[],
    optional: true,
};
const CREATE_CARD: Step = Step {
    id: CARD_STEP,
    title: "Create a card token",
    about: "Sends the test card with the project's id alone, as the buyer's browser would. It can be used once.",
    choices: &[CARD],
    optional: false,
};
const CREATE_TOKEN: Step = Step {
    id: TOKEN_STEP,
    title: "Create a customer token",
    about: "Saves the card for the customer without asking the bank.",
    choices: &[],
    optional: false,
};
const VERIFY: Step = Step {
    id: TOKEN_STEP,
    title: "Create a customer token to be verified",
    about: "Creates the customer token with verification.",
    choices: &[WAY],
    optional: false,
};
const ATTACH: Step = Step {
    id: ATTACH_STEP,
    title: "Attach the card",
    about: "Attaches the card token as the buyer's browser would; the bank is asked.",
    choices: &[],
    optional: true,
};
const HOLDER: Step = Step {
    id: HOLDER_STEP,
    title: "Let the card's holder act",
    about: "Plays what the holder does on the bank's page, and sends what the browser came back with.",
    choices: &[ANSWER],
    optional: true,
};
const USE_AGAIN: Step = Step {
    id: "use_again",
    title: "Use the card token again",
    about: "Tries to save the same card token a second time, which is to be refused.",
    choices: &[],
    optional: true,
};
const READ: Step = Step {
    id: READ_STEP,
    title: "Read the customer token",
    about: "Reads verification status and whether it can be charged, after the holder was on the bank's page for example.",
    choices: &[],
    optional: true,
};
const LIST: Step = Step {
    id: LIST_STEP,
    title: "List the customer's tokens",
    about: "Lists every token of the customer this run created.",
    choices: &[],
    optional: true,
};
const DELETE: Step = Step {
    id: "delete_token",
    title: "Delete the customer token",
    about: "Deletes the token, and reads it to see that it is gone.",
    choices: &[],
    optional: true,
};
const DELETE_CUSTOMER: Step = Step {
    id: "delete_customer",
    title: "Delete the customer",
    about: "Deletes the customer this run created.",
    choices: &[],
    optional: true,
};

pub(super) const CUSTOMER_STEP: &str = "create_customer";
pub(super) const CARD_STEP: &str = "create_card";
pub(super) const TOKEN_STEP: &str = "create_token";
pub(super) const ATTACH_STEP: &str = "attach_card";
pub(super) const HOLDER_STEP: &str = "card_holder";
pub(super) const READ_STEP: &str = "read_token";
pub(super) const LIST_STEP: &str = "list_tokens";

pub(super) const CURRENCY: Choice = Choice {
    id: "currency",
    label: "Currency",
    options: &[
        ("none", "Not yet: the first payment sets it"),
        ("EUR", "Euro"),
        ("USD", "US dollar"),
        ("JPY", "Yen"),
    ],
    default: "none",
};

pub(super) const EMAIL: Choice = Choice {
    id: "email",
    label: "Email",
    options: &[],
    default: "test.bench@example.com",
};

pub(super) const CARD: Choice = Choice {
    id: "card",
    label: "Test card",
    options: &[
        ("visa_ok", "4242 4242 4242 4242: verified"),
        ("visa_3ds", "4000 0000 0000 0101: asks its holder first"),
        ("visa_denied", "4000 0000 0000 0002: denied"),
        ("visa_expired", "4000 0000 0000 2214: expired"),
        (
            "visa_payment_fails",
            "4000 0000 0000 1216: verified, a payment fails",
        ),
        (
            "visa_no_money",
            "4000 0000 0000 6009: verified, a payment finds no money",
        ),
        (
            "visa_expires_later",
            "4000 0000 0000 4301: verified, expired at a payment",
        ),
        ("mastercard_ok", "5555 5555 5555 4444: verified"),
    ],
    default: "visa_ok",
};

pub(super) const WAY: Choice = Choice {
    id: "way",
    label: "The card comes",
    options: &[
        ("later", "Later, from the browser, as in the guide"),
        ("at_once", "With the same request"),
    ],
    default: "later",
};

pub(super) const ANSWER: Choice = Choice {
    id: "answer",
    label: "The holder",
    options: &[
        ("passed", "Agrees"),
        ("refused", "Refuses"),
        ("lost", "Comes back without an answer"),
    ],
    default: "passed",
};

/// What a verification of a card leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LeadsTo {
    Success,
    HolderFirst,
    Declined,
}

/// A published test card.
pub(super) struct TestCard {
    /// Never leaves the request unmasked.
    pub number: &'static str,
    pub leads_to: LeadsTo,
}

/// The card behind a value of [`CARD`].
pub(super) fn test_card(value: &str) -> Option<TestCard> {
    let (number, leads_to) = match value {
        "visa_ok" => ("4242424242424242", LeadsTo::Success),
        "visa_3ds" => ("4000000000000101", LeadsTo::HolderFirst),
        "visa_denied" => ("4000000000000002", LeadsTo::Declined),
        "visa_expired" => ("4000000000002214", LeadsTo::Declined),
        "visa_payment_fails" => ("4000000000001216", LeadsTo::Success),
        "visa_no_money" => ("4000000000006009", LeadsTo::Success),
        "visa_expires_later" => ("4000000000004301", LeadsTo::Success),
        "mastercard_ok" => ("5555555555554444", LeadsTo::Success),
        _ => return None,
    };
    Some(TestCard { number, leads_to })
}

/// What a verification status means, and what staff do next. Whether the token can be charged is a fact of its own.
pub(super) fn meaning(status: &str) -> (&'static str, &'static str) {
    match status {
        "success" => (
            "The bank agreed to the card.",
            "List the customer's tokens, or delete it.",
        ),
        "pending" => (
            "The verification has not ended; the guide also uses this word for a card nobody asked the bank about.",
            "Attach the card, or read the token again later.",
        ),
        "failed" => (
            "The bank did not agree to the card.",
            "Start again with another card.",
        ),
        "not-requested" => (
            "Nobody asked the bank about this card.",
            "List the customer's tokens, or delete it.",
        ),
        "unknown" => (
            "Nobody knows how the verification ended.",
            "Read the token again later, or start again.",
        ),
        _ => ("A status the documents do not name.", "Look at the answer."),
    }
}

/// What a documented refusal means, and what staff do next (ProcessOut fact sheet, sections 4.3, 5.5 and 10).
pub(super) fn refusal(kind: &str) -> Option<(&'static str, &'static str)> {
    Some(match kind {
        "request.source.card-already-used" => (
            "The card token was used before; it works once.",
            "Create a new card token.",
        ),
        "request.source.invalid" => ("The source is not accepted.", "Look at the answer."),
        "resource.customer.not-found" => ("The customer is not known.", "Start again with a new customer."),
        "resource.token.not-found" => ("The customer token is not known.", "Create a new one."),
        "resource.card.not-found" => ("The card token is not known.", "Create a new one."),
        "card.invalid-number" => ("The number is not accepted.", "Choose another test card."),
        "request.validation.invalid-currency" => ("The currency is not accepted.", ""),
        "request.validation.invalid-email" => ("The email is not accepted.", "Enter another one."),
        kind if kind.starts_with("request.authentication.") => {
            ("The key is not accepted.", "Replace the account's credentials.")
        }
        kind if kind.starts_with("request.validation.") => {
            ("A field is not accepted.", "Look at the answer for its name.")
        }
        kind if kind.starts_with("card.") || kind.starts_with("gateway.") || kind.starts_with("payment.") => {
            (
                "The bank refused the verification.",
                "List the customer's tokens to see what became of it, or choose another card.",
            )
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokendesk_model::card_number::contains_card_number;

    #[test]
    fn choices_are_words_and_every_card_has_its_number() {
        for step in DEMO_FLOWS.iter().chain(FLOWS).flat_map(|flow| flow.steps) {
            for choice in step.choices {
                let offered = choice.options.iter().any(|(value, _)| *value == choice.default);
                assert!(offered || choice.options.is_empty());
                for (value, _) in choice.options {
                    assert!(!contains_card_number(value));
                }
            }
        }
        for (value, label) in CARD.options {
            let number: String = label.chars().take(19).filter(char::is_ascii_digit).collect();
            assert_eq!(number, test_card(value).unwrap().number);
        }
        assert!(test_card("4242424242424242").is_none());
    }

    #[test]
    fn only_the_demo_plays_the_card_s_holder() {
        let has = |flows: &[Flow]| {
            flows
                .iter()
                .any(|flow| flow.steps.iter().any(|step| step.id == HOLDER_STEP))
        };
        assert!(has(DEMO_FLOWS) && !has(FLOWS));
    }
}

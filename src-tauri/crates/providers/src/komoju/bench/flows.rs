//! The flows as data: what is offered, in which order, with which choices (KOMOJU fact sheet, section 5).

use crate::bench::{Choice, Flow, Step};

/// Ids of steps.
pub(super) mod step {
    pub(in super::super) const CREATE_TOKEN: &str = "create_token";
    pub(in super::super) const CREATE_EMAIL_TOKEN: &str = "create_email_token";
    pub(in super::super) const PAY: &str = "pay";
    pub(in super::super) const CREATE_SESSION: &str = "create_session";
    pub(in super::super) const PAY_SESSION: &str = "pay_session";
    pub(in super::super) const CREATE_CUSTOMER: &str = "create_customer";
    pub(in super::super) const USE_AGAIN: &str = "use_again";
    pub(in super::super) const DELETE_CUSTOMER: &str = "delete_customer";
    pub(in super::super) const CANCEL_PAYMENT: &str = "cancel_payment";
    pub(in super::super) const LOOK: &str = "look";
    pub(in super::super) const USE_LATE: &str = "use_late";
}

/// A published test card. The number never leaves the bench but to the provider.
pub(super) struct TestCard {
    pub value: &'static str,
    pub number: &'static str,
    pub shown: &'static str,
}

pub(super) const TEST_CARDS: &[TestCard] = &[TestCard {
    value: "visa_ok",
    number: "4111111111111111",
    shown: "Visa •••• 1111",
}];

const CARD: Choice = Choice {
    id: "card",
    label: "Test card",
    options: &[("visa_ok", "Visa 4111 1111 1111 1111, accepted")],
    default: "visa_ok",
};

const AMOUNT: Choice = Choice {
    id: "amount",
    label: "Amount",
    options: &[("100", "¥100"), ("1000", "¥1,000"), ("25000", "¥25,000")],
    default: "1000",
};

const EMAIL: Choice = Choice {
    id: "email",
    label: "Email of the buyer",
    options: &[],
    default: "buyer@example.com",
};

const fn plain(
    id: &'static str,
    title: &'static str,
    about: &'static str,
    choices: &'static [Choice],
) -> Step {
    Step {
        id,
        title,
        about,
        choices,
        optional: false,
    }
}

const fn optional(step: Step) -> Step {
    Step {
        optional: true,
        ..step
    }
}

const CREATE_TOKEN: Step = plain(
    step::CREATE_TOKEN,
    "Create a token",
    "Sends the test card with the publishable key, as a shop's page does; the answer is a token without card facts.",
    &[CARD],
);

const USE_AGAIN: Step = plain(
    step::USE_AGAIN,
    "Use the token again",
    "Puts the same token into another payment; a token works once, so this is refused.",
    &[AMOUNT],
);

/// All flows.
pub(super) const FLOWS: &[Flow] = &[
    Flow {
        id: "token_in_payment",
        title: "Token, used in a payment",
        about: "A card becomes a token that works once and is charged by it; the second use is refused.",
        steps: &[
            CREATE_TOKEN,
            plain(
                step::PAY,
                "Pay with the token",
                "Creates a payment with the secret key and the token where card details would be.",
                &[AMOUNT],
            ),
            USE_AGAIN,
        ],
    },
    Flow {
        id: "token_in_session",
        title: "Token, used to pay a session",
        about: "The server opens a session, the shop's page pays it with a token; the second use of the token is refused.",
        steps: &[
            plain(
                step::CREATE_SESSION,
                "Create a session",
                "Opens a session over an amount with the secret key; it stays pending until it is paid.",
                &[AMOUNT],
            ),
            CREATE_TOKEN,
            plain(
                step::PAY_SESSION,
                "Pay the session",
                "Pays the session with the token and the publishable key.",
                &[],
            ),
            USE_AGAIN,
        ],
    },
    Flow {
        id: "token_in_customer",
        title: "Token, saved with a customer",
        about: "A token becomes a saved card: the customer that is created with it keeps it for good.",
        steps: &[
            CREATE_TOKEN,
            plain(
                step::CREATE_CUSTOMER,
                "Create a customer",
                "Creates a customer with the token as its saved card.",
                &[EMAIL],
            ),
            USE_AGAIN,
            optional(plain(
                step::DELETE_CUSTOMER,
                "Delete the customer",
                "Deletes the customer made here, with its saved card.",
                &[],
            )),
        ],
    },
    Flow {
        id: "token_by_email",
        title: "Token without a card",
        about: "Only an email makes a token too; a payment with it waits for the buyer at a convenience store.",
        steps: &[
            plain(
                step::CREATE_EMAIL_TOKEN,
                "Create a token from an email",
                "Sends nothing but an email with the publishable key.",
                &[EMAIL],
            ),
            plain(
                step::PAY,
                "Pay with the token",
                "Creates a payment; it comes back authorized, with a link to instructions for the buyer.",
                &[AMOUNT],
            ),
            optional(plain(
                step::CANCEL_PAYMENT,
                "Cancel the payment",
                "Cancels the payment made here, so that nobody pays it.",
                &[],
            )),
        ],
    },
    Flow {
        id: "token_expiry",
        title: "Token left unused",
        about: "A token that nobody uses stops working after 24 hours.",
        steps: &[
            CREATE_TOKEN,
            plain(
                step::LOOK,
                "Look at the time left",
                "Counts down here: a token cannot be read at the provider.",
                &[],
            ),
            plain(
                step::USE_LATE,
                "Use the token",
                "Creates a payment with it: refused after 24 hours, and before that its one use.",
                &[AMOUNT],
            ),
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_choice_has_a_default_that_is_offered() {
        for choice in FLOWS
            .iter()
            .flat_map(|flow| flow.steps)
            .flat_map(|step| step.choices)
        {
            let offered = choice.options.iter().any(|(value, _)| *value == choice.default);
            assert!(offered || choice.options.is_empty(), "{}", choice.id);
        }
        for (value, _) in CARD.options {
            assert!(TEST_CARDS.iter().any(|card| card.value == *value));
        }
    }
}

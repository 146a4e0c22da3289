//! The flows of the test bench as data: steps, choices, published test tokens.
//!
//! Must not know: how a step is run.

use crate::bench::{BenchError, Choice, Flow, Step};
use std::collections::BTreeMap;

const CURRENCY: Choice = Choice {
    id: "currency",
    label: "Amount",
    options: &[
        ("EUR", "1.00 EUR"),
        ("USD", "1.00 USD"),
        ("CHF", "1.00 CHF"),
        ("JPY", "100 JPY"),
    ],
    default: "EUR",
};

const DEMO_TOKEN: Choice = Choice {
    id: "token",
    label: "Connector token",
    options: &[
        ("ok", "Goes through"),
        ("declined", "Declined with status 402"),
        ("declined_in_answer", "Declined inside the answer"),
        ("needs_customer", "The buyer has to confirm"),
        ("charged", "Comes back charged"),
        ("gone", "Not known any more"),
        ("void_refused", "The void is refused"),
    ],
    default: "ok",
};

const STRIPE_TOKEN: Choice = Choice {
    id: "token",
    label: "Stripe's published test token",
    options: &[
        ("visa", "pm_card_visa: goes through"),
        ("mastercard", "pm_card_mastercard: goes through"),
        ("declined", "pm_card_visa_chargeDeclined: declined"),
        (
            "needs_customer",
            "pm_card_authenticationRequired: the buyer has to confirm",
        ),
    ],
    default: "visa",
};

const fn authorize(about: &'static str, choices: &'static [Choice]) -> Step {
    Step {
        id: "authorize",
        title: "Authorize the token",
        about,
        choices,
        optional: false,
    }
}

const READ: Step = Step {
    id: "read",
    title: "Read the transaction",
    about: "Asks Prism, and Prism the processor, how the transaction stands.",
    choices: &[],
    optional: true,
};
const VOID: Step = Step {
    id: "void",
    title: "Void the hold",
    about: "Gives the amount back without taking it.",
    choices: &[],
    optional: false,
};
const CAPTURE: Step = Step {
    id: "capture",
    title: "Capture the hold",
    about: "Takes the whole amount that is held.",
    choices: &[],
    optional: false,
};
const REFUND: Step = Step {
    id: "refund",
    title: "Refund the charge",
    about: "Gives the whole amount back.",
    choices: &[],
    optional: false,
};

const HOLD: &str = "Sends TokenAuthorize with MANUAL capture: the amount is held, not taken.";
const HOLD_BY_AUTHORIZE: &str =
    "Sends Authorize with the token as payment method and MANUAL capture: the amount is held, not taken.";
const CHARGE: &str = "Sends TokenAuthorize with AUTOMATIC capture: the amount is taken at once.";
const CHARGE_BY_AUTHORIZE: &str =
    "Sends Authorize with the token as payment method and AUTOMATIC capture: the amount is taken at once.";

const DEMO: &[Choice] = &[DEMO_TOKEN, CURRENCY];
const STRIPE: &[Choice] = &[STRIPE_TOKEN, CURRENCY];

const fn hold_by_token(steps: &'static [Step]) -> Flow {
    Flow {
        id: "token_authorize_hold",
        title: "TokenAuthorize, then void",
        about: "A token the browser just collected is authorized and the hold given back. Nothing is taken.",
        steps,
    }
}

const fn hold_by_authorize(steps: &'static [Step]) -> Flow {
    Flow {
        id: "authorize_hold",
        title: "Authorize with a token, then void",
        about: "A token held from an earlier call is authorized as payment method and the hold given back.",
        steps,
    }
}

/// Against the sandbox, where nobody's money moves.
pub(super) const DEMO_FLOWS: &[Flow] = &[
    hold_by_token(&[authorize(HOLD, DEMO), READ, VOID]),
    hold_by_authorize(&[authorize(HOLD_BY_AUTHORIZE, DEMO), READ, VOID]),
    Flow {
        id: "token_authorize_charge",
        title: "TokenAuthorize with automatic capture, then refund",
        about: "The capture method of the guide: the amount is taken with the first call. In the demo only.",
        steps: &[authorize(CHARGE, DEMO), READ, REFUND],
    },
    Flow {
        id: "authorize_charge",
        title: "Authorize with a token and automatic capture, then refund",
        about: "The same with the token as payment method. In the demo only.",
        steps: &[authorize(CHARGE_BY_AUTHORIZE, DEMO), READ, REFUND],
    },
    Flow {
        id: "capture",
        title: "TokenAuthorize, capture, refund",
        about: "A hold is taken by a call of its own and given back. In the demo only.",
        steps: &[authorize(HOLD, DEMO), READ, CAPTURE, REFUND],
    },
];

/// With Stripe's published test tokens. Against a real server money is only ever held.
pub(super) const STRIPE_FLOWS: &[Flow] = &[
    hold_by_token(&[authorize(HOLD, STRIPE), READ, VOID]),
    hold_by_authorize(&[authorize(HOLD_BY_AUTHORIZE, STRIPE), READ, VOID]),
];

/// The token behind a choice of the demo.
pub(super) fn demo_token(choice: &str) -> Option<String> {
    is_offered(&DEMO_TOKEN, choice).then(|| format!("sandbox_{choice}"))
}

/// The token behind a choice of Stripe's.
pub(super) fn stripe_token(choice: &str) -> Option<String> {
    let token = match choice {
        "visa" => "pm_card_visa",
        "mastercard" => "pm_card_mastercard",
        "declined" => "pm_card_visa_chargeDeclined",
        "needs_customer" => "pm_card_authenticationRequired",
        _ => return None,
    };
    Some(token.to_owned())
}

fn is_offered(choice: &Choice, value: &str) -> bool {
    choice.options.iter().any(|(known, _)| *known == value)
}

/// What was chosen for a step, each value from its list.
///
/// # Errors
/// `BadChoice`.
pub(super) fn chosen(
    step: &Step,
    choices: &BTreeMap<String, String>,
) -> Result<BTreeMap<&'static str, String>, BenchError> {
    if choices
        .keys()
        .any(|name| step.choices.iter().all(|choice| choice.id != name))
    {
        return Err(BenchError::BadChoice("this step"));
    }
    step.choices
        .iter()
        .map(|choice| {
            let value = choices.get(choice.id).map_or(choice.default, String::as_str);
            if is_offered(choice, value) {
                Ok((choice.id, value.to_owned()))
            } else {
                Err(BenchError::BadChoice(choice.id))
            }
        })
        .collect()
}

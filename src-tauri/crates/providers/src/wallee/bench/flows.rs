//! The two guided flows of wallee's own documents as steps: the life of a token, and new card details for one (wallee fact
//! sheet, sections 3.1, 3.3 and 6).

use crate::bench::{Flow, Step};

pub(super) const CREATE: &str = "create";
pub(super) const CREATE_AGAIN: &str = "create_again";
pub(super) const DEACTIVATE: &str = "deactivate";
pub(super) const ACTIVATE: &str = "activate";
pub(super) const DELETE: &str = "delete";
pub(super) const READ: &str = "read";
pub(super) const PAGE: &str = "page";
pub(super) const DETAILS: &str = "details";

const fn step(id: &'static str, title: &'static str, about: &'static str) -> Step {
    Step {
        id,
        title,
        about,
        choices: &[],
        optional: false,
    }
}

const CREATE_STEP: Step = step(
    CREATE,
    "Create a token",
    "Creates a token without card details, under an external id this run invents.",
);

const DELETE_STEP: Step = step(
    DELETE,
    "Delete the token",
    "Asks for the deletion, then reads the token.",
);

/// Every flow.
pub(super) const FLOWS: &[Flow] = &[
    Flow {
        id: "token_life",
        title: "The life of a token",
        about: "A token is created, asked for twice, switched off and on, and deleted. Look at what becomes of the state: \
                no documented update has one.",
        steps: &[
            CREATE_STEP,
            step(
                CREATE_AGAIN,
                "Create it again",
                "Sends the same external id once more; the answer is the token there already is.",
            ),
            step(
                DEACTIVATE,
                "Switch it off",
                "Reads the token, sends an update with the state INACTIVE, and reads it back.",
            ),
            step(
                ACTIVATE,
                "Switch it on",
                "Reads the token, sends an update with the state ACTIVE, and reads it back.",
            ),
            DELETE_STEP,
            step(
                READ,
                "Read the token",
                "Reads the token until it is deleted, and until it is gone for good.",
            ),
        ],
    },
    Flow {
        id: "new_details",
        title: "Ask for new card details",
        about: "A transaction made for a token has a page on which the buyer enters a new card. Nothing is charged.",
        steps: &[
            CREATE_STEP,
            step(
                PAGE,
                "Make the page",
                "Creates a transaction for the token and asks for the address of its page.",
            ),
            step(
                DETAILS,
                "Look at the card",
                "Reads the token's active version: the card the buyer has entered, if any.",
            ),
            Step {
                optional: true,
                ..DELETE_STEP
            },
        ],
    },
];

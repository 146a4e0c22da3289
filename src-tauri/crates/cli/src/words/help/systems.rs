//! What `tdesk --help` says of payment systems.

pub const ACCOUNT_SYSTEMS: &str = "List the payment systems that can be connected, and what each asks for";
pub const PROVIDER: &str =
    "Its name, as listed by account systems: wallee, processout, komoju, zafapay, prism";
pub const HOST: &str =
    "Host, such as app-wallee.com; a bare name means https. Without it, the payment system's own";
pub const PROJECT: &str = "ProcessOut: project id";
pub const CONNECTOR: &str = "Prism: connector, such as stripe";
pub const PUBLISHABLE_KEY: &str = "KOMOJU and Zafapay: the browser's key, for the test bench";
pub const READ_ONLY: &str = "Never write through this account";
pub const ACCOUNT_PAUSE: &str = "Let an account rest: nothing is read or sent";
pub const ACCOUNT_RESUME: &str = "Let a paused account go on";
pub const ACCOUNT_READ_ONLY: &str = "Make an account read-only, or writable again";
pub const ACCOUNT_CAN: &str = "What an account can do, and what carries it";
pub const ALLOW_VERIFICATION: &str = "Allow verifying by money at a live account, or forbid it again";
pub const DISCARD_CHANGES: &str = "Give up its unsent changes first";

pub const DIRECTORY: &str =
    "Customers and tokens that a payment system cannot list: import, add, list, remove";
pub const DIRECTORY_IMPORT: &str = "Import a file of comma, semicolon or tab separated values";
pub const DIRECTORY_ADD: &str = "Add one customer, or one token";
pub const DIRECTORY_LIST: &str = "List a directory";
pub const DIRECTORY_REMOVE: &str = "Take a customer off a directory; nothing changes at the payment system";
pub const FILE: &str = "The file, UTF-8; its first row names the columns";
pub const COLUMN: &str =
    "Which column holds customer_id, email, name or token, by its name in the file; may be repeated";
pub const DRY_RUN: &str = "Only say what would happen";
pub const TOKENS_CONFIRMED: &str = "The token column holds tokens, not card numbers";
pub const CUSTOMER: &str = "The customer's id at the payment system";
pub const CUSTOMER_OR_NONE: &str = "The customer's id at the payment system; Prism: may be left out";
pub const EMAIL: &str = "The customer's email";
pub const NAME: &str = "The customer's name";
pub const TOKEN: &str = "Prism: the connector's token";

pub const FLOW: &str = "Its name, as listed by flow list";
pub const FLOWS: &str =
    "The test bench: guided flows of the payment systems' own documents, in test and demo accounts";
pub const FLOW_LIST: &str = "List the flows of an account, their steps and choices";
pub const FLOW_RUN: &str = "Run every step of a flow, one after the other";
pub const FLOW_BEGIN: &str = "Begin a flow, to walk it step by step; nothing is sent yet";
pub const FLOW_STEP: &str = "Run the next step of a run, or the one named";
pub const FLOW_SHOW: &str = "Show a run with every request and answer";
pub const FLOW_RUNS: &str = "List the runs of an account";
pub const FLOW_TOKENS: &str = "List the single-use tokens of an account";
pub const CHOOSE: &str = "What to choose where a step asks; may be repeated";
pub const SKIP: &str = "Leave an optional step out; may be repeated";
pub const RUN: &str = "Its id, as printed by flow run and flow begin";
pub const STEP: &str = "Its name, as listed by flow list; without it, the next one";

pub const CUSTOMERS: &str = "Whole customer records at a payment system";
pub const CUSTOMER_DELETE: &str = "Delete a customer record with its cards, for good";
pub const CONFIRM_END: &str = "The last four signs of the customer's id";
pub const FORGET_ONE_CLICK: &str =
    "Forget what the hosted payment page keeps under the shop's own customer id";
pub const EXTERNAL_CUSTOMER: &str = "The shop's own customer id";

pub const CARD_DEFAULT: &str = "Make a card its customer's default";
pub const CARD_NOTE: &str = "Set or clear a note of this desk about a card";
pub const NOTE_FIELD: &str = "active or one-click";
pub const NOTE_VALUE: &str = "on, off or clear";
pub const CARD_DELETION: &str = "What deleting a card would do and take along, asked now; nothing is deleted";
pub const CARD_VERIFY: &str = "Verify a card by a small authorization that is voided at once; without an amount, only say what it would do";
pub const CARD_REFUND: &str = "Refund a verification that came back charged";
pub const VERIFICATION: &str = "Its id, as listed by card verify";
pub const AMOUNT: &str = "How much, in major units, such as 1.00";
pub const CURRENCY: &str = "Its currency, such as EUR";
pub const THROUGH: &str = "token_authorize or authorize";
pub const CONFIRM_VERIFY: &str = "The word VERIFY";
pub const CARD_NEW_DETAILS: &str = "Make a page on which the buyer enters new card details";
pub const CARD_REMOVE_HERE: &str = "Take a card off this desk; nothing happens at the payment system";
pub const REMOVE_YES: &str = "Yes, take it off";
pub const CARD_CREATE: &str = "Create a token without card details";
pub const CUSTOMER_OF_TOKEN: &str = "The shop's customer id";
pub const REFERENCE: &str = "The shop's reference";
pub const EXTERNAL_ID: &str = "The same one gives the same token";
pub const WHAT_IS: &str =
    "What a pasted id is, whether it is known here, and with --live what its payment system says";
pub const PASTED: &str = "The id";
pub const LIVE_LOOK: &str = "Ask the payment system now, in this account";

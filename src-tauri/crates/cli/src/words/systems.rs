//! What the terminal says of directories, flows and what is done at once.

use tokendesk_desk::contract::{CardView, Imported};

pub const DIRECTORY_HEAD: [&str; 5] = ["Customer", "Email", "Name", "Tokens", "Imported"];
pub const RUNS_HEAD: [&str; 4] = ["Started", "Flow", "Outcome", "Run"];
pub const TOKENS_HEAD: [&str; 5] = ["Token", "Kind", "Shows", "Status", "Until"];
pub const OFF_THE_DIRECTORY: &str = "Taken off the directory.";
pub const COLUMN_RULE: &str = "Write customer_id=NAME, email=NAME, name=NAME or token=NAME.";
pub const CHOOSE_RULE: &str = "Write CHOICE=VALUE, or STEP.CHOICE=VALUE.";
pub const FREE_TEXT: &str = "a text";
pub const NOTED: &str = "Noted on this desk.";
pub const REMOVED_HERE: &str = "Taken off this desk. Nothing happened at the payment system.";
pub const NOT_RECOGNISED: &str = "This looks like no id of a payment system known here.";

/// `1,204 customers in the directory.`
pub fn in_directory(total: u32) -> String {
    format!("{} in the directory.", super::number(total.into()))
}

/// What an import did, in one or two lines.
pub fn imported(done: &Imported) -> String {
    if let Some(count) = done.tokens_to_confirm {
        return format!(
            "{count} values of the token column could be card numbers. Nothing was stored. If they are tokens, add --tokens-confirmed."
        );
    }
    let begin = if done.dry_run { "It would be: " } else { "" };
    let left_out = done.refused.len() + done.duplicates.len() + done.more_notes as usize;
    format!(
        "{begin}{} new, {} changed, {} as before; {left_out} lines left out.",
        super::number(done.new.into()),
        super::number(done.changed.into()),
        super::number(done.same.into())
    )
}

/// `Line 12: a cell holds …`
pub fn line_note(line: u32, says: &str) -> String {
    format!("Line {line}: {says}")
}

/// The last line of a flow.
pub fn flow_run(id: &str) -> String {
    format!("Run {id}\n")
}

/// How a verification ended.
pub fn verified(outcome: &str, says: &str, reference: &str) -> String {
    format!("{outcome}: {says} Reference {reference}.")
}

/// A new token.
pub fn created(remote_id: &str, id: &str) -> String {
    format!("Created {remote_id}, here {id}.")
}

/// A setting of an account.
pub fn set(label: &str) -> String {
    format!("{label} is set.")
}

/// What only some payment systems say of a card.
pub fn particulars(card: &CardView) -> Vec<(&'static str, String)> {
    let yes = |yes: bool| if yes { "yes" } else { "no" }.to_owned();
    let said = [
        ("Default card", card.is_default.map(yes)),
        ("Blocked for", card.block_reason.clone()),
        ("Verification", card.verification.clone()),
        ("Can be charged", card.chargeable.map(yes)),
        ("Kind", card.kind.clone()),
    ];
    let mut told: Vec<(&'static str, String)> =
        said.into_iter().filter_map(|(label, value)| Some((label, value?))).collect();
    if card.active_not_set {
        told.push(("Active", "not set".to_owned()));
    }
    told
}

//! What the terminal says of payment systems: what each asks for and can do, directories, what is done at once.

use super::number;
use tokendesk_desk::contract::{
    AccountView, BeforeDeletionView, CapabilityLine, CardView, Imported, ProviderOption, RecognisedAs,
    RemovalFacts, VerificationView, VerifyOffer,
};

pub const DIRECTORY_HEAD: [&str; 5] = ["Customer", "Email", "Name", "Tokens", "Imported"];
pub const OFF_THE_DIRECTORY: &str = "Taken off the directory. Nothing changed at the payment system.";
pub const COLUMN_RULE: &str =
    "Write customer_id=NAME, email=NAME, name=NAME or token=NAME, each with the column's name in the file.";
pub const NO_FILE: &str = "There is no such file.";
pub const FILE_CLOSED: &str = "This file may not be read.";
pub const FILE_UNREADABLE: &str = "It is no file that can be read.";
pub const NAME_A_FILE: &str = "Name a CSV file that can be read.";
pub const SAVE_AS_UTF8: &str = "Save the file as CSV in UTF-8, and import it again.";
pub const REMOVED_HERE: &str = "Taken off this desk. Nothing happened at the payment system.";
pub const NOT_RECOGNISED: &str = "This looks like no id of a payment system known here.";
pub const EARLIER: &str = "Verified before";
pub const BY: [&str; 5] = ["When", "Amount", "Outcome", "Reference", "Verification"];

/// `1,204 customers in the directory.`
pub fn in_directory(total: u32) -> String {
    let customers = super::plural(total.into(), "customer", "customers");
    format!("{customers} in the directory.")
}

/// What an import did.
pub fn imported(done: &Imported) -> String {
    if let Some(count) = done.tokens_to_confirm {
        let values = super::plural(count.into(), "value", "values");
        return format!(
            "{values} of the token column could be card numbers. Nothing was stored. If they are tokens, add --tokens-confirmed."
        );
    }
    let n = |n: u32| number(n.into());
    let begin = if done.dry_run { "It would be: " } else { "" };
    let mut text = format!(
        "{begin}{} new, {} changed, {} as before",
        n(done.new),
        n(done.changed),
        n(done.same)
    );
    match (done.refused.len() + done.duplicates.len()) as u64 + u64::from(done.more_notes) {
        0 => text.push('.'),
        left_out => text.push_str(&format!(
            "; {} left out.",
            super::plural(left_out, "line", "lines")
        )),
    }
    text
}

/// `Line 12: a cell holds …`
pub fn line_note(line: u32, says: &str) -> String {
    format!("Line {line}: {says}")
}

/// After the lines that are named.
pub fn more_lines(more: u32) -> String {
    format!("And {} more.", super::plural(more.into(), "line", "lines"))
}

/// A file in another coding.
pub fn not_utf8(line: usize) -> String {
    format!("Line {line} is not UTF-8 text.")
}

/// What comes after an import.
pub fn read_them(label: &str) -> String {
    format!("`tdesk sync --account {}` reads their cards.", quoted(label))
}

/// After connecting an account whose customers are imported.
pub fn import_first(label: &str, tokens: bool) -> String {
    let what = if tokens {
        "customers and tokens"
    } else {
        "customers"
    };
    format!(
        "`tdesk directory import {} FILE.csv` brings its {what}.",
        quoted(label)
    )
}

/// A name as it is typed at a shell.
fn quoted(label: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_./@".contains(&b);
    if label.bytes().all(plain) {
        label.to_owned()
    } else {
        format!("'{}'", label.replace('\'', "'\\''"))
    }
}

/// A payment system that can be connected, and what `account add` asks for.
pub fn system(system: &ProviderOption) -> String {
    let mut text = format!("{}: {} ({})\n", system.provider, system.name, system.about);
    let mut line = |option: &str, says: String| text.push_str(&format!("  {option:<18}  {says}\n"));
    let host = &system.host;
    match (&host.test, &host.live) {
        (Some(test), Some(live)) if test == live => {
            line("--host", format!("Its own, {live}, unless a demo is meant"))
        }
        (Some(test), Some(live)) => {
            line(
                "--host",
                format!("Its own, {test} for test and {live} for live, unless a demo is meant"),
            );
        }
        _ if host.known.is_empty() => line("--host", "The host of your own server".to_owned()),
        _ => {
            let known: Vec<String> = host
                .known
                .iter()
                .map(|known| format!("{} ({})", known.host, known.name))
                .collect();
            line("--host", format!("Such as {}", known.join(", ")));
        }
    }
    for field in &system.fields {
        let option = match (field.name.as_str(), field.label.as_str()) {
            ("key", _) => "(standard input)".to_owned(),
            ("space", "Project") => "--project".to_owned(),
            (name, _) => format!("--{}", name.replace('_', "-")),
        };
        let optional = if field.required { "" } else { " May be left out." };
        line(&option, format!("{}. {}{optional}", field.label, field.hint));
        if !field.options.is_empty() {
            let values: Vec<&str> = field.options.iter().map(|option| option.value.as_str()).collect();
            line("", format!("One of {}.", values.join(", ")));
        }
    }
    text
}

/// What is said in full of one line of an account's table.
pub fn capability(line: &CapabilityLine) -> String {
    let what = match line.what.as_str() {
        "one_click" => "One-click",
        "active" => "Active and inactive",
        "delete" => "Deleting",
        "default_card" => "Default card",
        "verification" => "Verification",
        "customers_and_cards" => "Customers and cards",
        "news" => "What is new",
        "guard" => "Edits by others",
        other => other,
    };
    format!("{what}: {}\n  {}\n", line.tag, line.says)
}

/// What else is there to say of an account: its bench, and what can be done at once.
pub fn offers(account: &AccountView) -> Vec<&'static str> {
    let mut offers = Vec::new();
    if account.has_bench {
        offers.push("The test bench has flows for it: `tdesk flow list`.");
    }
    if account.can_create_token {
        offers.push("A token can be created from here: `tdesk card create`.");
    }
    if account.can_forget_one_click {
        offers.push("A hosted one-click record can be forgotten: `tdesk customer forget-one-click`.");
    }
    if account.verification_allowed == Some(false) {
        offers.push("Verifying by money is off: `tdesk account allow-verification`.");
    }
    if account.read_only {
        offers.push("It is read-only here: nothing is written through it.");
    }
    offers
}

pub fn paused(label: &str) -> String {
    format!("{label} rests: nothing is read or sent. Changes are kept.")
}

pub fn resumed(label: &str) -> String {
    format!("{label} goes on.")
}

pub fn read_only(label: &str, is: bool) -> String {
    if is {
        format!("{label} is read-only: nothing is written through it. Changes are kept.")
    } else {
        format!("{label} is writable.")
    }
}

pub fn verification_allowed(label: &str, is: bool) -> String {
    if is {
        format!("Verifying by money is allowed for {label}.")
    } else {
        format!("Verifying by money is off for {label}.")
    }
}

/// What went with an account, and what stays.
pub fn what_went(facts: &RemovalFacts) -> String {
    let some = |n: u32, one: &str, many: &str| (n > 0).then(|| super::plural(n.into(), one, many));
    let gone: Vec<String> = [
        some(facts.cards, "card", "cards"),
        some(facts.open_changes, "change given up", "changes given up"),
        some(
            facts.directory,
            "customer of its directory",
            "customers of its directory",
        ),
        some(facts.notes, "note", "notes"),
    ]
    .into_iter()
    .flatten()
    .collect();
    let stays = super::plural(facts.log_rows.into(), "row", "rows");
    if gone.is_empty() {
        format!("Its key went with it. What the log says of it stays: {stays}.")
    } else {
        format!(
            "Its key went with it, and here: {}. What the log says of it stays: {stays}.",
            gone.join(", ")
        )
    }
}

/// What deleting a card would do.
pub fn deletion(found: &BeforeDeletionView) -> String {
    let mut text = format!("{}\n", found.says);
    for (what, ids) in [
        ("Open payments", &found.open_payments),
        ("Running subscriptions", &found.subscriptions),
    ] {
        if !ids.is_empty() {
            text.push_str(&format!("{what}: {}\n", ids.join(", ")));
        }
    }
    if let Some(problem) = &found.problem {
        text.push_str(&format!(
            "It could not be looked up to the end: {}.\n",
            problem.title
        ));
    }
    text
}

/// What a verification would do, or why none can be made now.
pub fn verify_offer(offer: &VerifyOffer, card_id: &str) -> String {
    if let Some(problem) = &offer.blocked {
        return super::problem(problem);
    }
    let mut lines = offer.says.clone();
    let caps: Vec<String> = offer
        .currencies
        .iter()
        .map(|cap| format!("{} {}", cap.at_most, cap.currency))
        .collect();
    lines.push(format!("At most {}.", caps.join(", ")));
    lines.push(format!(
        "`tdesk card verify {card_id} --amount AMOUNT --currency CURRENCY --confirm {}` does it.",
        offer.confirmation
    ));
    lines.join("\n")
}

/// How a verification ended.
pub fn verified(done: &VerificationView) -> String {
    let mut text = format!(
        "{}, {}. {}\nReference {}",
        done.amount,
        done.outcome.replace('_', " "),
        done.says,
        done.reference
    );
    if let Some(transaction) = &done.transaction_id {
        text.push_str(&format!(", transaction {transaction}"));
    }
    if done.refundable {
        text.push_str(&format!("\n`tdesk card refund {}` pays it back.", done.id));
    }
    text
}

pub fn noted(value: Option<bool>) -> &'static str {
    match value {
        Some(_) => "Noted on this desk. Nothing is sent.",
        None => "The note is gone.",
    }
}

/// A new token.
pub fn created(remote_id: &str, id: &str) -> String {
    format!("Created token {remote_id}. Id on this desk {id}")
}

/// What a pasted id is, and what to do with it.
pub fn recognised(item: &RecognisedAs, text: &str) -> String {
    let mut line = item.says.clone();
    if let Some(card) = &item.card_id {
        line.push_str(&show_card(card));
    }
    for account in &item.look_up {
        line.push_str(&format!(
            "\n  `tdesk what-is {} --live {}` asks now.",
            quoted(text),
            quoted(&account.label)
        ));
    }
    line
}

/// A line of its own on where a card is seen.
pub fn show_card(card_id: &str) -> String {
    format!("\n  `tdesk card show {card_id}` shows it.")
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
    let mut told: Vec<(&'static str, String)> = said
        .into_iter()
        .filter_map(|(label, value)| Some((label, value?)))
        .collect();
    if card.active_not_set {
        told.push(("Active", "not set".to_owned()));
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_quoted_where_a_shell_would_take_it_apart() {
        for (label, typed) in [
            ("Shop", "Shop"),
            ("Shop CH", "'Shop CH'"),
            ("Ada's", "'Ada'\\''s'"),
            ("a;b", "'a;b'"),
        ] {
            assert_eq!(quoted(label), typed);
        }
    }
}

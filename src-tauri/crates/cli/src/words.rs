//! The catalogue of what a person reads from `tdesk`, in English. What problems say is in the desk's own catalogue.

mod changes;
mod flows;
pub mod help;
pub mod history;
mod plans;
mod systems;

pub use changes::*;
pub use flows::*;
pub use plans::*;
pub use systems::*;

use std::time::Duration;
use tokendesk_desk::contract::{
    AccountView, CardView, CheckLine, Count, DeskNote, Env, Problem, Progress, SearchedAccount, StateCounts,
};

pub const KEY_PROMPT: &str = "Secret (not shown): ";
pub const KEY_UNREADABLE: &str = "The key could not be read from standard input.";
pub const NO_FOLDER: &str = "This computer names no place for application data; give --data-dir.";
pub const FOLDER_UNUSABLE: &str = "Its path is not usable.";
pub const DEMO_NOT_STARTED: &str = "The built-in demo could not be started on this computer.";
pub const OUTPUT_FAILED: &str = "The answer could not be written to standard output.";
pub const NOBODY_KNOWN: &str = "unknown";
pub const UNNAMED_COMPUTER: &str = "unnamed";

pub const SEVERAL_ACCOUNTS: &str = "Several accounts have this name";
pub const NO_ACCOUNTS: &str = "No accounts.";
pub const READ_NEXT: &str = "`tdesk sync` reads its cards.";
pub const NO_CARDS: &str = "No cards.";
pub const REBUILT: &str = "The copy was thrown away and read again.";
pub const NOTHING_TO_SEND: &str = "Nothing waits to be sent.";
pub const PENDING: &str = "On their way";

pub const ACCOUNT_HEAD: [&str; 7] = [
    "Name",
    "Environment",
    "System",
    "Cards",
    "Complete as of",
    "Note",
    "Id",
];
pub const PEOPLE_HEAD: [&str; 4] = ["Email", "Name", "Cards", "Accounts"];
pub const CARDS_HEAD: [&str; 8] = [
    "Card",
    "Expires",
    "State",
    "One-click",
    "Email",
    "Account",
    "Changes",
    "Id",
];
pub const VERSIONS_HEAD: [&str; 6] = ["Version", "State", "Card", "Expires", "Created", "Replaced"];
pub const PLANS_HEAD: [&str; 6] = ["Made", "Change", "Query", "Cards", "Status", "Id"];
pub const PLAN_ROWS_HEAD: [&str; 5] = ["No.", "Card", "Email", "Status", "Token id"];
pub const CHANGES_HEAD: [&str; 7] = ["Since", "Change", "Card", "Email", "Account", "Status", "Id"];

/// Names of what `card show` lists.
pub struct Detail {
    pub card: &'static str,
    pub expires: &'static str,
    pub account: &'static str,
    pub name: &'static str,
    pub id: &'static str,
    pub remote_id: &'static str,
    pub state: &'static str,
    pub version: &'static str,
    pub created: &'static str,
    pub purge: &'static str,
    pub email: &'static str,
    pub customer_id: &'static str,
    pub reference: &'static str,
    pub external_id: &'static str,
    pub one_click: &'static str,
    pub language: &'static str,
    pub time_zone: &'static str,
    pub space: &'static str,
    pub read: &'static str,
    pub gone: &'static str,
    pub desk_note: &'static str,
}

pub const DETAIL: Detail = Detail {
    card: "Card",
    expires: "Expires",
    account: "Account",
    name: "Name",
    id: "Id on this desk",
    remote_id: "Token id",
    state: "State",
    version: "Version",
    created: "Created",
    purge: "Planned purge",
    email: "Email",
    customer_id: "Customer id",
    reference: "Token reference",
    external_id: "External id",
    one_click: "One-click",
    language: "Language",
    time_zone: "Time zone",
    space: "Linked space",
    read: "Read",
    gone: "Found missing",
    desk_note: "Note of this desk",
};

/// A problem for somebody at a terminal.
pub fn problem(problem: &Problem) -> String {
    let request = problem
        .request_id
        .as_ref()
        .map(|id| format!("Request {id}."))
        .unwrap_or_default();
    [
        &format!("{}.", problem.title),
        &problem.detail,
        &problem.hint,
        &request,
    ]
    .into_iter()
    .filter(|text| !text.is_empty())
    .cloned()
    .collect::<Vec<String>>()
    .join("\n")
}

pub fn or_dash(text: Option<&str>) -> String {
    text.filter(|text| !text.is_empty()).unwrap_or("–").to_owned()
}

/// After the credentials of an account were replaced.
pub fn credentials_replaced(label: &str) -> String {
    format!("{label} is signed in to with the new credentials. Its known cards were found with them.")
}

/// A size on disk.
pub fn bytes(bytes: u64) -> String {
    if bytes < 1_000_000 {
        format!("{} kB", bytes.div_ceil(1_000))
    } else {
        format!("{} MB", bytes.div_ceil(1_000_000))
    }
}

/// `24,312`.
pub fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

fn plural(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", number(n), if n == 1 { one } else { many })
}

pub fn env(env: Env) -> &'static str {
    match env {
        Env::Demo => "demo",
        Env::Test => "test",
        Env::Live => "live",
    }
}

/// `live, test and demo`.
pub fn envs(envs: &[Env]) -> String {
    let words: Vec<&str> = envs.iter().map(|known| env(*known)).collect();
    match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => words.concat(),
    }
}

pub fn no_account_in(wanted: Env) -> String {
    format!("No account of the {} environment is here.", env(wanted))
}

pub fn connected(label: &str, of: Env, id: &str) -> String {
    format!("{label} is connected ({}). Id {id}", env(of))
}

pub fn removed(label: &str) -> String {
    format!("{label} was removed from this desk. Nothing changed at its payment system.")
}

pub fn forgotten(label: &str) -> String {
    format!("The next wish for active or inactive at {label} is sent and checked again.")
}

pub fn account_note(account: &AccountView) -> String {
    let mut notes: Vec<&str> = Vec::new();
    match account.paused.as_ref().or(account.last_problem.as_ref()) {
        Some(problem) => notes.push(&problem.title),
        None if account.paused_by_person => notes.push("paused"),
        None if account.unfinished_pass => notes.push("reading is unfinished"),
        None if account.directory == Some(0) => notes.push("nothing imported yet"),
        None if account.last_pass.is_none() => notes.push("not read yet"),
        None => {}
    }
    if account.read_only {
        notes.push("read-only");
    }
    or_dash(Some(&notes.join(", ")))
}

pub fn local_copy(cards: u32, bytes: u64, folder: &str) -> String {
    let megabytes = bytes.div_ceil(1_000_000);
    format!(
        "{}, {megabytes} MB in {folder}",
        plural(cards.into(), "card", "cards")
    )
}

pub fn check_outcome(outcome: &str) -> &str {
    match outcome {
        "works" => "works",
        "limited" => "limited",
        "fails" => "fails",
        "not_tried" => "not tried",
        other => other,
    }
}

pub fn check_remark(line: &CheckLine) -> String {
    match (&line.problem, &line.fact) {
        (Some(problem), _) => problem.title.clone(),
        (None, Some(seconds)) if line.step == "clock" => format!("{seconds} s ahead of the payment system"),
        (None, Some(fact)) => seen(&line.step, fact),
        (None, None) => String::new(),
    }
}

// A test that lists something tells how many there are.
fn seen(step: &str, fact: &str) -> String {
    let what = match step {
        "read_tokens" => ("card", "cards"),
        "read_customers" => ("customer", "customers"),
        "read_versions" => ("version of card details", "versions of card details"),
        _ => return fact.to_owned(),
    };
    match fact.parse() {
        Ok(n) => plural(n, what.0, what.1),
        Err(_) => fact.to_owned(),
    }
}

pub fn check_verdict(label: &str, works: bool, limited: bool) -> String {
    match (works, limited) {
        (true, false) => format!("{label} works."),
        (true, true) => format!("{label} works, with limits."),
        (false, _) => format!("{label} cannot be used like this."),
    }
}

/// Beside a bar.
pub fn progress(progress: &Progress) -> String {
    let stage = match progress.stage.as_str() {
        "tokens" => "Listing cards",
        "versions" => "Reading card details",
        "checking_missing" => "Checking what is no longer listed",
        "new_only" => "Listing new cards",
        other => other,
    };
    format!(
        "{stage}: {}, {} a second",
        number(progress.done.into()),
        number(progress.per_second.into())
    )
}

pub fn read(label: &str, rows: u64, took: Duration, cards: u32, as_of: &str) -> String {
    format!(
        "{label}: {} read in {:.1} s. {}, complete as of {as_of}",
        plural(rows, "row", "rows"),
        took.as_secs_f64(),
        plural(cards.into(), "card", "cards"),
    )
}

pub fn left_alone(label: &str) -> String {
    format!("{label}: paused, not read. `tdesk account resume` lets it go on.")
}

pub fn not_read(label: &str, why: &str) -> String {
    format!("{label}: not read to the end. {why}")
}

pub fn counts(counts: &StateCounts) -> String {
    let parts: Vec<String> = [
        (counts.active, "active"),
        (counts.inactive, "inactive"),
        (counts.creating, "being made"),
        (counts.deleting, "being deleted"),
        (counts.deleted, "deleted"),
        (counts.other, "in another state"),
    ]
    .into_iter()
    .filter(|(n, _)| *n > 0)
    .map(|(n, word)| format!("{} {word}", number(n.into())))
    .collect();
    or_dash(Some(&parts.join(", ")))
}

pub fn people_found(total: Count) -> String {
    match (total.n, total.exact) {
        (0, true) => "Nobody was found.".to_owned(),
        (n, true) => plural(n.into(), "person.", "people."),
        (n, false) => format!("At least {}", plural(n.into(), "person.", "people.")),
    }
}

pub fn searched(searched: &SearchedAccount) -> String {
    let cards = plural(searched.cards.into(), "card", "cards");
    let label = &searched.account.label;
    match (&searched.read_since, searched.reading) {
        (Some(since), _) => format!(
            "Searched {label}: {cards}, complete as of {}",
            crate::times::local(since)
        ),
        (None, true) => format!("Searched {label}: {cards} so far, it is being read"),
        (None, false) => format!("Searched {label}: {cards} so far, it was not read to the end yet"),
    }
}

pub fn more(next: &str) -> String {
    format!("More: --after {next}")
}

/// `Visa •••• 1111`.
pub fn card_of(brand: Option<&str>, last4: Option<&str>) -> String {
    match (brand, last4) {
        (Some(brand), Some(last4)) => format!("{brand} •••• {last4}"),
        (Some(brand), None) => brand.to_owned(),
        (None, Some(last4)) => format!("•••• {last4}"),
        (None, None) => "–".to_owned(),
    }
}

pub fn card_name(card: &CardView) -> String {
    match card.card_knowledge.as_str() {
        "not_read" => "details not read yet".to_owned(),
        "no_active_version" => "no saved details".to_owned(),
        _ if card.brand_name.is_none() && card.last4.is_none() => "details not given".to_owned(),
        _ => card_of(card.brand_name.as_deref(), card.last4.as_deref()),
    }
}

pub fn expiry(card: &CardView) -> String {
    match (&card.expiry, card.expires_in_days) {
        (Some(expiry), Some(days)) if days < 0 => format!("{expiry}, past"),
        (Some(expiry), _) => expiry.clone(),
        (None, _) => "–".to_owned(),
    }
}

pub fn account_of_card(label: &str, provider: &str, of: Env) -> String {
    format!("{label} ({provider}, {})", env(of))
}

pub fn state(state: &str, unknown: bool) -> String {
    match state {
        _ if unknown => format!("{state} (unknown here)"),
        "creating" => "being made".to_owned(),
        "deleting" => "being deleted".to_owned(),
        other => other.to_owned(),
    }
}

/// The state as wished, and beside it what the provider says while that differs.
pub fn state_beside(card: &CardView) -> String {
    let shown = state(&card.state, card.state_unknown);
    if card.state == card.provider_state {
        shown
    } else {
        let said = state(&card.provider_state, false);
        format!("{shown} (asked; {} says {said})", card.account.provider_name)
    }
}

pub fn one_click(on: Option<bool>) -> &'static str {
    match on {
        Some(true) => "on",
        Some(false) => "off",
        None => "not said",
    }
}

/// As [`state_beside`].
pub fn one_click_beside(card: &CardView) -> String {
    let shown = one_click(card.one_click);
    if card.one_click == card.provider_one_click {
        shown.to_owned()
    } else {
        let said = one_click(card.provider_one_click);
        format!("{shown} (asked; {} says {said})", card.account.provider_name)
    }
}

pub fn desk_note(note: &DeskNote, at: &str) -> String {
    let active = note
        .active
        .map(|active| if active { "active" } else { "inactive" });
    let one_click = note
        .one_click
        .map(|on| if on { "one-click on" } else { "one-click off" });
    let words: Vec<&str> = active.into_iter().chain(one_click).collect();
    format!("{}, {}, {at}", words.join(" and "), note.by)
}

pub fn no_versions(read: bool) -> &'static str {
    if read {
        "No versions of its details."
    } else {
        "The versions of its details were not read yet."
    }
}

pub fn version_state(state: &str) -> &str {
    match state {
        "uninitialized" => "not filled",
        "obsolete" => "replaced",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        for (n, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (24_312, "24,312"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(number(n), text);
        }
    }

    #[test]
    fn environments_are_listed() {
        assert_eq!(envs(&[Env::Live]), "live");
        assert_eq!(envs(&[Env::Live, Env::Test, Env::Demo]), "live, test and demo");
    }

    #[test]
    fn a_card_without_digits_shows_no_dots() {
        assert_eq!(card_of(Some("Visa"), Some("1111")), "Visa •••• 1111");
        assert_eq!(card_of(Some("PayPal"), None), "PayPal");
        assert_eq!(card_of(None, None), "–");
    }
}

//! What the terminal says of the test bench.

use tokendesk_desk::contract::{
    Chosen, ExchangeView, FlowChoice, FlowList, FlowRunView, FlowStep, FlowStepDone, SingleUseView,
};

pub const RUNS_HEAD: [&str; 5] = ["Begun", "Flow", "Last step", "Outcome", "Run"];
pub const TOKENS_HEAD: [&str; 6] = ["Token", "Kind", "Shows", "Made", "Works until", "Status"];
pub const NO_RUNS: &str = "No flow was run here.";
pub const NO_TOKENS: &str = "No single-use tokens were made here.";
pub const CHOOSE_RULE: &str = "Write --choose CHOICE=VALUE, or STEP.CHOICE=VALUE for one step alone.";
pub const FLOW_OVER: &str = "Every step of this run was run. Name one to run it again.";

/// After a step of a flow that asks for something.
pub fn optional(step: &FlowStep) -> &'static str {
    if step.optional {
        " (can be left out with --skip)"
    } else {
        ""
    }
}

/// A choice with its values, one line each.
pub fn choice(name: &str, choice: &FlowChoice) -> Vec<String> {
    if choice.options.is_empty() {
        let taken = match choice.default.as_str() {
            "" => "empty".to_owned(),
            text => text.to_owned(),
        };
        return vec![format!(
            "--choose {name}=TEXT  {}; without it, {taken}",
            choice.label
        )];
    }
    let longest = choice.options.iter().map(|option| option.value.len()).max();
    choice
        .options
        .iter()
        .map(|option| {
            let taken = if option.value == choice.default {
                " (taken without a choice)"
            } else {
                ""
            };
            format!(
                "--choose {name}={:width$}  {}{taken}",
                option.value,
                option.label,
                width = longest.unwrap_or_default()
            )
        })
        .collect()
}

pub fn no_such_flow(flow: &str, flows: &FlowList) -> String {
    let known: Vec<&str> = flows.items.iter().map(|known| known.id.as_str()).collect();
    if known.is_empty() {
        return format!("There is no flow {flow} here.");
    }
    format!("There is no flow {flow} here; there are {}.", known.join(", "))
}

pub fn not_offered(choice: &str, options: &[Chosen]) -> String {
    let values: Vec<&str> = options.iter().map(|option| option.value.as_str()).collect();
    format!("{choice} is one of {}.", values.join(", "))
}

pub fn no_such_choice(steps: &[FlowStep]) -> String {
    let mut names: Vec<&str> = steps
        .iter()
        .flat_map(|step| &step.choices)
        .map(|choice| choice.id.as_str())
        .collect();
    names.sort_unstable();
    names.dedup();
    if names.is_empty() {
        return "There is nothing to choose here.".to_owned();
    }
    format!("What can be chosen here is {}. {CHOOSE_RULE}", names.join(", "))
}

pub fn not_optional(steps: &[FlowStep]) -> String {
    let names: Vec<&str> = steps
        .iter()
        .filter(|step| step.optional)
        .map(|step| step.id.as_str())
        .collect();
    if names.is_empty() {
        return "No step of this flow can be left out.".to_owned();
    }
    format!("Only these steps can be left out: {}.", names.join(", "))
}

/// `Pay with the token: completed`
pub fn step_outcome(title: &str, done: &FlowStepDone) -> String {
    let how = match done.result.as_str() {
        "otherwise" => ", which is not as documented",
        "failed" => ": it failed",
        _ => "",
    };
    format!("{title}: {}{how}", done.outcome)
}

/// What was chosen for a step.
pub fn chosen(done: &FlowStepDone) -> String {
    let pairs: Vec<String> = done
        .chosen
        .iter()
        .map(|chosen| format!("{}: {}", chosen.label, chosen.value))
        .collect();
    if pairs.is_empty() {
        String::new()
    } else {
        format!("Chosen: {}", pairs.join("; "))
    }
}

pub fn buyer_page(link: &str) -> String {
    format!("Page for the buyer: {link}")
}

/// `POST /v1/tokens → 201, 12 ms`
pub fn exchange(exchange: &ExchangeView) -> String {
    let status = match exchange.status.as_str() {
        "" => "no answer",
        status => status,
    };
    format!(
        "{} {} → {status}, {} ms",
        exchange.method, exchange.target, exchange.took_ms
    )
}

/// A step that an earlier outcome rules out.
pub fn left_out(title: &str) -> String {
    format!("{title}: left out, because what it needs was not made\n")
}

/// What comes next in a run, with how to say it.
pub fn next_step(view: &FlowRunView) -> String {
    let next = view.done.last().map_or("", |done| done.next.as_str());
    let how = match &view.next_step {
        Some(step) => format!("`tdesk flow step {}` runs {step}.", view.id),
        None => "Every step was run.".to_owned(),
    };
    if next.is_empty() {
        format!("{how}\n")
    } else {
        format!("Next: {next}\n{how}\n")
    }
}

/// The last line of a whole run.
pub fn read_more(id: &str) -> String {
    format!("`tdesk flow show {id}` shows every request and answer.\n")
}

/// `usable for 28 min`, `used`, `expired`.
pub fn token_status(token: &SingleUseView) -> String {
    match token.seconds_left {
        Some(left) if left >= 7_200 => format!("{} for {} h", token.status, left / 3_600),
        Some(left) if left >= 120 => format!("{} for {} min", token.status, left / 60),
        Some(left) => format!("{} for {left} s", token.status),
        None => token.status.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_of_a_token_is_said_in_one_unit() {
        let token = |left: Option<u32>, status: &str| SingleUseView {
            account: tokendesk_desk::contract::AccountTag {
                id: String::new(),
                code: String::new(),
                label: String::new(),
                provider_name: String::new(),
            },
            remote_id: String::new(),
            kind: String::new(),
            shown: None,
            created_at: String::new(),
            expires_at: None,
            seconds_left: left,
            status: status.to_owned(),
            used_at: None,
        };
        for (left, status, says) in [
            (Some(86_399), "usable", "usable for 23 h"),
            (Some(1_799), "usable", "usable for 29 min"),
            (Some(59), "usable", "usable for 59 s"),
            (None, "used", "used"),
        ] {
            assert_eq!(token_status(&token(left, status)), says);
        }
    }
}

//! Five payment systems in one window: each connected by its own form, directories imported, one person's cards over all of them
//! found by one search, and every guided flow of the test bench walked to its end.

use crate::app::{App, Theme};
use crate::eyes::{Eyes, id};
use crate::outside::Outside;
use crate::story::said;
use crate::{Outcome, Places};
use serde_json::Value;
use std::time::Duration;

/// A guided flow: its name, and the outcome of each of its steps in the system's own word, walked with what is chosen beforehand.
type Walk = (&'static str, &'static [(&'static str, &'static str)]);

/// A payment system: its name, its account's name, and the members of the sandbox's line that its form asks for.
struct Played {
    provider: &'static str,
    label: &'static str,
    fields: &'static [(&'static str, &'static str)],
    imports: bool,
    walks: &'static [Walk],
}

const PLAYED: [Played; 5] = [
    Played {
        provider: "wallee",
        label: "Shop W",
        fields: &[
            ("host", "host"),
            ("space", "space"),
            ("user", "user"),
            ("key", "key"),
        ],
        imports: false,
        walks: WALLEE,
    },
    Played {
        provider: "processout",
        label: "Shop P",
        fields: &[("host", "host"), ("space", "project"), ("key", "secret")],
        imports: false,
        walks: PROCESSOUT,
    },
    Played {
        provider: "komoju",
        label: "Shop K",
        fields: &[
            ("host", "host"),
            ("key", "secret_key"),
            ("publishable_key", "publishable_key"),
        ],
        imports: false,
        walks: KOMOJU,
    },
    Played {
        provider: "zafapay",
        label: "Shop Z",
        fields: &[
            ("host", "host"),
            ("key", "access_token"),
            ("publishable_key", "publishable_key"),
        ],
        imports: true,
        walks: ZAFAPAY,
    },
    Played {
        provider: "prism",
        label: "Shop R",
        fields: &[
            ("host", "endpoint"),
            ("connector", "connector"),
            ("key", "connector_config"),
        ],
        imports: true,
        walks: PRISM,
    },
];

/// Walks through all of it in a data folder of its own.
pub async fn walked(places: &Places, outside: &Outside) -> Outcome {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let app = App::start(places, folder.path(), Theme::Light).await?;
    let eyes = app.eyes();
    let mut rows = Vec::new();
    for played in &PLAYED {
        connect(eyes, played, &outside.systems[played.provider]).await?;
        if played.imports {
            let csv = outside.directory(played.provider).await?;
            rows.push(import(eyes, played, &csv).await?);
        }
    }
    eyes.picture("60-five-accounts-light").await?;
    one_list(eyes, &rows).await?;
    for played in &PLAYED {
        bench(eyes, played).await?;
    }
    app.close().await
}

/// Opens the form, chooses the system, fills in what it asks for.
async fn connect(eyes: Eyes<'_>, played: &Played, told: &Value) -> Outcome {
    if eyes.has(&id("nav-accounts")).await {
        eyes.press(&id("nav-accounts")).await?;
    }
    eyes.press(&id("connect-account")).await?;
    eyes.press(&id(&format!("provider-{}", played.provider))).await?;
    eyes.press(&id("env-demo")).await?;
    eyes.write(&id("connect-label"), played.label).await?;
    for (field, member) in played.fields {
        let text = match &told[*member] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let place = id(&format!("connect-{field}"));
        if *field == "connector" {
            eyes.press(&format!("{place} button")).await?;
            eyes.press(&id(&format!("option-{text}"))).await?;
        } else {
            eyes.write(&place, &text).await?;
        }
    }
    eyes.picture(&format!("61-connect-{}-light", played.provider))
        .await?;
    eyes.press(&id("connect-submit")).await?;
    eyes.gone(&id("connect-submit")).await?;
    said(&format!("{} is connected by its own form", played.provider));
    Ok(())
}

async fn open_account(eyes: Eyes<'_>, played: &Played, part: &str) -> Outcome {
    eyes.press(&id("nav-accounts")).await?;
    eyes.press(&format!("{}[data-label=\"{}\"]", id("account-row"), played.label))
        .await?;
    eyes.press(&id(&format!("account-{part}"))).await
}

/// Imports the first customers of a list by pasting it; the email of one of them.
async fn import(eyes: Eyes<'_>, played: &Played, csv: &str) -> Outcome<String> {
    let few: Vec<&str> = csv.lines().take(6).collect();
    let email = few
        .iter()
        .skip(1)
        .flat_map(|line| line.split(','))
        .find(|cell| cell.contains('@') && cell.is_ascii())
        .ok_or("the directory names no email")?
        .trim_matches('"')
        .to_owned();
    open_account(eyes, played, "directory").await?;
    eyes.press(&id("directory-import")).await?;
    // A line ends with the key for it: the sign itself is typed by nobody.
    eyes.write(&id("import-text"), &few.join("\u{e007}")).await?;
    eyes.press(&id("import-look")).await?;
    eyes.see(&id("import-store")).await?;
    eyes.picture(&format!("62-import-{}-light", played.provider))
        .await?;
    eyes.press(&id("import-store")).await?;
    eyes.see(&id("import-done")).await?;
    eyes.press(&format!("{} button", id("import-dialog"))).await?;
    eyes.gone(&id("import-dialog")).await?;
    eyes.see(&id("directory-row")).await?;
    said(&format!("customers of {} are imported", played.provider));
    Ok(email)
}

/// One search shows a person's cards over the systems that have them.
async fn one_list(eyes: Eyes<'_>, emails: &[String]) -> Outcome {
    let email = emails.first().ok_or("no email was imported")?;
    eyes.press(&id("nav-customers")).await?;
    eyes.write(&id("search"), email).await?;
    let theirs = format!("{} [title=\"{email}\"]", id("person-row"));
    let slow = eyes.waiting(Duration::from_secs(180));
    slow.see(&theirs).await?;
    eyes.key_until(thirtyfour::Key::Enter, &id("card-row")).await?;
    eyes.picture("63-one-person-five-systems-light").await?;
    said("one search shows a person's cards over the payment systems");
    Ok(())
}

/// Walks each flow of an account's bench.
async fn bench(eyes: Eyes<'_>, played: &Played) -> Outcome {
    for (flow, steps) in played.walks {
        open_account(eyes, played, "bench").await?;
        eyes.press(&id(&format!("begin-{flow}"))).await?;
        for (step, outcome) in *steps {
            eyes.press(&id(&format!("run-{step}"))).await?;
            let block = format!("{}[data-outcome]", id(&format!("step-{step}")));
            eyes.see(&block).await?;
            eyes.attribute(&block, "data-outcome", Some(*outcome)).await?;
        }
        eyes.picture(&format!("64-bench-{}-{flow}-light", played.provider))
            .await?;
        eyes.press(&id("bench-back")).await?;
        said(&format!(
            "the flow {flow} of {} is walked to its end",
            played.provider
        ));
    }
    Ok(())
}

const WALLEE: &[Walk] = &[
    (
        "token_life",
        &[
            ("create", "created"),
            ("create_again", "same_token"),
            ("deactivate", "accepted"),
            ("activate", "accepted"),
            ("delete", "deleting"),
            ("read", "deleting"),
        ],
    ),
    (
        "new_details",
        &[
            ("create", "created"),
            ("page", "page"),
            ("details", "none"),
            ("delete", "deleting"),
        ],
    ),
];
const PROCESSOUT: &[Walk] = &[
    (
        "token_without_verification",
        &[
            ("create_customer", "created"),
            ("change_currency", "not set"),
            ("create_card", "created"),
            ("create_token", "not-requested"),
            ("use_again", "request.source.card-already-used"),
            ("read_token", "not-requested"),
            ("list_tokens", "1 found"),
            ("delete_token", "deleted"),
            ("delete_customer", "deleted"),
        ],
    ),
    (
        "token_with_verification",
        &[
            ("create_customer", "created"),
            ("create_card", "created"),
            ("create_token", "pending"),
            ("attach_card", "success"),
            ("read_token", "success"),
            ("list_tokens", "1 found"),
            ("delete_token", "deleted"),
            ("delete_customer", "deleted"),
        ],
    ),
];
const KOMOJU: &[Walk] = &[
    (
        "token_in_payment",
        &[
            ("create_token", "created"),
            ("pay", "captured"),
            ("use_again", "refused"),
        ],
    ),
    (
        "token_in_session",
        &[
            ("create_session", "pending"),
            ("create_token", "created"),
            ("pay_session", "completed"),
            ("use_again", "refused"),
        ],
    ),
    (
        "token_in_customer",
        &[
            ("create_token", "created"),
            ("create_customer", "saved"),
            ("use_again", "refused"),
            ("delete_customer", "deleted"),
        ],
    ),
    (
        "token_by_email",
        &[
            ("create_email_token", "created"),
            ("pay", "authorized"),
            ("cancel_payment", "cancelled"),
        ],
    ),
    (
        "token_expiry",
        &[
            ("create_token", "created"),
            ("look", "unused"),
            ("use_late", "captured"),
        ],
    ),
];
const ZAFAPAY: &[Walk] = &[(
    "token_payment",
    &[
        ("create_token", "created"),
        ("pay", "completed"),
        ("use_again", "payment_token_already_used"),
        ("read_payment", "completed"),
        ("finish", "succeeded"),
        ("saved_card", "saved"),
        ("pay_saved", "completed"),
    ],
)];
const PRISM: &[Walk] = &[
    (
        "token_authorize_hold",
        &[
            ("authorize", "AUTHORIZED"),
            ("read", "AUTHORIZED"),
            ("void", "VOIDED"),
        ],
    ),
    (
        "authorize_hold",
        &[
            ("authorize", "AUTHORIZED"),
            ("read", "AUTHORIZED"),
            ("void", "VOIDED"),
        ],
    ),
    (
        "token_authorize_charge",
        &[
            ("authorize", "CHARGED"),
            ("read", "CHARGED"),
            ("refund", "REFUND_SUCCESS"),
        ],
    ),
    (
        "authorize_charge",
        &[
            ("authorize", "CHARGED"),
            ("read", "CHARGED"),
            ("refund", "REFUND_SUCCESS"),
        ],
    ),
    (
        "capture",
        &[
            ("authorize", "AUTHORIZED"),
            ("read", "AUTHORIZED"),
            ("capture", "CHARGED"),
            ("refund", "REFUND_SUCCESS"),
        ],
    ),
];

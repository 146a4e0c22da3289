//! Changes that are held before they go, and are taken back while they are.

use crate::Outcome;
use crate::eyes::{Eyes, id};
use crate::outside::{Outside, Token};
use crate::story::{in_row, said};

/// Flips a switch twice; takes it back from the toast once and with the keyboard once. Nothing reaches the payment system.
pub async fn undone(eyes: Eyes<'_>, outside: &Outside, card: &Token) -> Outcome {
    let switch = in_row(card, "one-click");
    flip_to_off(eyes, &switch).await?;
    eyes.read(&id("undo-toast"), &["one-click off", "sends in"])
        .await?;
    eyes.picture("10-held-light").await?;
    eyes.press(&id("toast-undo")).await?;
    back(eyes, &switch).await?;
    eyes.picture("11-undone-light").await?;

    flip_to_off(eyes, &switch).await?;
    eyes.see(&id("undo-toast")).await?;
    eyes.chord("z").await?;
    back(eyes, &switch).await?;

    let (now, writes) = (outside.token(card.id).await?, outside.writes().await?);
    if now.version != card.version || !writes.is_empty() {
        return Err(format!(
            "two changes were undone, but {} were sent, and the card has version {} instead of {}",
            writes.len(),
            now.version,
            card.version
        ));
    }
    said("a change undone from the toast, and one by Ctrl Z, reach nobody");
    Ok(())
}

async fn flip_to_off(eyes: Eyes<'_>, switch: &str) -> Outcome {
    eyes.attribute(switch, "data-value", Some("on")).await?;
    eyes.press(switch).await?;
    eyes.attribute(switch, "data-value", Some("off")).await
}

async fn back(eyes: Eyes<'_>, switch: &str) -> Outcome {
    eyes.gone(&id("undo-toast")).await?;
    eyes.attribute(switch, "data-value", Some("on")).await?;
    eyes.attribute(switch, "data-pending", None).await
}

/// Sets how long changes are held, in seconds; one of those that are offered.
pub async fn hold_for(eyes: Eyes<'_>, seconds: u32) -> Outcome {
    eyes.press(".rail-menu").await?;
    eyes.press(&id("open-hold")).await?;
    eyes.press(&id(&format!("hold-{seconds}"))).await?;
    eyes.picture(&format!("20-hold-{seconds}-light")).await?;
    eyes.press(&id("save-hold")).await?;
    eyes.gone(&id("hold-dialog")).await
}

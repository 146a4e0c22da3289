//! Somebody else changes the same cards while our changes are held.

use crate::Outcome;
use crate::eyes::{Eyes, id};
use crate::outside::{Outside, Token};
use crate::story::{find, in_row, said};
use serde_json::json;

/// Two changes meet somebody else's: one is kept, one gives way.
pub async fn decided(eyes: Eyes<'_>, outside: &Outside, email: &str, cards: &[Token]) -> Outcome {
    let (moved, renewed) = (&cards[0], &cards[1]);
    find(eyes, email).await?;
    eyes.press(&in_row(moved, "one-click")).await?;
    eyes.attribute(&in_row(moved, "one-click"), "data-value", Some("off"))
        .await?;
    eyes.press(&in_row(renewed, "delete-card")).await?;
    eyes.press(&id("confirm-delete")).await?;
    eyes.gone(&id("confirm-delete")).await?;
    eyes.picture("40-two-held-light").await?;

    outside
        .edit(json!({ "id": moved.id, "email": "somebody.else@shop.example" }))
        .await?;
    outside
        .edit(json!({ "id": renewed.id, "newVersion": true }))
        .await?;
    let theirs = outside.token(renewed.id).await?;
    eyes.press(&id("nav-changes")).await?;
    eyes.count(&in_changes("held", None), 2).await?;
    eyes.picture("41-held-changes-light").await?;
    eyes.press(&id("push-changes")).await?;
    eyes.count(&in_changes("conflict", None), 2).await?;
    eyes.picture("42-conflicts-light").await?;
    for wish in ["One-click off", "Delete"] {
        let row = in_changes("conflict", Some(wish));
        eyes.scroll_to(&format!("{row} {}", id("take-theirs"))).await?;
        eyes.count(&format!("{row} .stand"), 3).await?;
    }
    eyes.picture("43-second-conflict-light").await?;
    let writes = outside.writes().await?;
    if writes
        .iter()
        .any(|write| write.is_about(moved.id) || write.is_about(renewed.id))
    {
        return Err("something was sent although somebody else had changed the card".into());
    }
    said("what somebody else changed meanwhile is shown with its three sides, and nothing is sent");

    let mine = in_changes("conflict", Some("One-click off"));
    eyes.press(&format!("{mine} {}", id("keep-mine"))).await?;
    eyes.gone(&mine).await?;
    eyes.picture("44-mine-kept-light").await?;
    // What was decided anew is held anew.
    if eyes.has(&in_changes("held", Some("One-click off"))).await {
        eyes.press(&id("push-changes")).await?;
    }
    outside
        .until(moved.id, "one-click off", |token| {
            !token.enabled_for_one_click_payment
        })
        .await?;
    let other = in_changes("conflict", Some("Delete"));
    eyes.press(&format!("{other} {}", id("take-theirs"))).await?;
    eyes.gone(&other).await?;
    eyes.count(&in_changes("conflict", None), 0).await?;
    eyes.picture("45-decided-light").await?;
    let now = outside.token(renewed.id).await?;
    if now.state != "ACTIVE" || now.version != theirs.version {
        return Err(format!(
            "theirs was taken, but the card became {}, version {} instead of {}",
            now.state, now.version, theirs.version
        ));
    }
    said("mine is kept for one and sent; theirs is taken for the other, which stays as it is");
    Ok(())
}

/// Rows of the screen of all changes with this word, of this wish.
fn in_changes(status: &str, wish: Option<&str>) -> String {
    let begins = wish.map(|wish| format!("[aria-label^=\"{wish}, \"]"));
    format!(
        "{}[data-status=\"{status}\"]{}",
        id("change-row"),
        begins.unwrap_or_default()
    )
}

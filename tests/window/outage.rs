//! The payment system goes away and comes back; the window is closed and opened meanwhile.

use crate::app::{App, Theme};
use crate::eyes::id;
use crate::outside::{Outside, Token};
use crate::story::{find, in_row, said};
use crate::{Outcome, Places};
use std::path::Path;
use std::time::Duration;

/// What is tried again by itself may take this long to be tried.
const UNTIL_TRIED: Duration = Duration::from_secs(180);

/// Decides something while nobody answers, closes, opens again, and sees it confirmed without a press.
pub async fn lived_through(
    places: &Places,
    data: &Path,
    app: App,
    outside: Outside,
    email: &str,
    card: &Token,
) -> Outcome<(App, Outside)> {
    let switch = in_row(card, "one-click");
    outside.stop().await?;
    let eyes = app.eyes();
    eyes.press(&switch).await?;
    eyes.attribute(&switch, "data-value", Some("off")).await?;
    let waits = ["offline since", "1 change waits on this computer"];
    eyes.waiting(UNTIL_TRIED)
        .read(&id("offline-banner"), &waits)
        .await?;
    eyes.picture("12-offline-light").await?;
    eyes.press(&id("nav-changes")).await?;
    eyes.see(&id("change-row")).await?;
    eyes.picture("13-offline-changes-light").await?;
    said("without the payment system the window says since when, and what waits");

    app.press_cross()?;
    eyes.read(&id("quit-dialog"), &["1 change is not sent yet"])
        .await?;
    eyes.picture("14-quit-light").await?;
    eyes.press(&id("quit-keep")).await?;
    app.ended().await?;
    said("closing asks first, and keeps what waits");

    let app = App::start(places, data, Theme::Light).await?;
    let eyes = app.eyes();
    eyes.waiting(UNTIL_TRIED)
        .read(&id("offline-banner"), &waits)
        .await?;
    eyes.picture("15-offline-again-light").await?;
    let outside = Outside::start(places).await?;
    eyes.waiting(UNTIL_TRIED).gone(&id("offline-banner")).await?;
    outside
        .until(card.id, "one-click off", |token| {
            !token.enabled_for_one_click_payment
        })
        .await?;
    let sent = outside.writes().await?;
    if sent.len() != 1 || !sent.iter().all(|write| write.is_about(card.id)) {
        return Err(format!("one change waited, and {} were sent", sent.len()));
    }
    find(eyes, email).await?;
    eyes.attribute(&switch, "data-value", Some("off")).await?;
    eyes.attribute(&switch, "data-pending", None).await?;
    eyes.picture("16-online-light").await?;
    said("what waited over a restart is sent and confirmed by itself, once");
    Ok((app, outside))
}

//! What a person does, from the first start to the day after.

use crate::app::{App, Theme};
use crate::eyes::{Eyes, id};
use crate::outside::{Outside, Token};
use crate::{Outcome, Places, bulk, conflicts, held, leak, outage, records, systems};
use thirtyfour::prelude::Key;

/// Tells the whole story.
pub async fn tell(places: &Places) -> Outcome {
    // A sandbox of its own: what the flows write there is nobody's in the rest of the story.
    let five = Outside::start(places).await?;
    systems::walked(places, &five).await?;
    five.stop().await?;
    let outside = Outside::start(places).await?;
    let (email, cards) = outside.somebody_with(4, None).await?;
    let (other, theirs) = outside.somebody_with(2, Some(&email)).await?;
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;

    let app = App::start(places, folder.path(), Theme::Light).await?;
    let eyes = app.eyes();
    connect(eyes, &outside).await?;
    find(eyes, &email).await?;
    eyes.picture("03-customer-light").await?;
    held::undone(eyes, &outside, &cards[0]).await?;
    // It stands where it was afterwards, with what the payment system held in the beginning: nothing was changed there yet.
    let (app, outside) =
        outage::lived_through(places, folder.path(), app, outside, &email, &cards[1]).await?;
    let eyes = app.eyes();

    held::hold_for(eyes, 0).await?;
    find(eyes, &email).await?;
    flip_one_click(eyes, &outside, &cards[0]).await?;
    deactivate_accepted(eyes, &outside, &cards[0]).await?;
    deactivate_ignored(eyes, &outside, &cards[1]).await?;
    deactivate_refused(eyes, &outside, &email, &cards[2]).await?;
    delete(eyes, &outside, &cards[3]).await?;

    held::hold_for(eyes, 60).await?;
    conflicts::decided(eyes, &outside, &other, &theirs).await?;
    held::hold_for(eyes, 0).await?;
    bulk::planned_and_run(eyes, &outside).await?;
    records::looked_through(eyes, &email).await?;
    app.close().await?;

    let app = App::start(places, folder.path(), Theme::Dark).await?;
    still_so(app.eyes(), &outside, &email, &cards).await?;
    app.close().await?;

    leak::nothing_readable_in(folder.path(), &[&email, &outside.wallee.key])?;
    said("no file of the data folder holds the email or the key");
    Ok(())
}

pub fn said(step: &str) {
    println!("ok  {step}");
}

pub fn row(card: &Token) -> String {
    format!("{}[data-remote-id=\"{}\"]", id("card-row"), card.id)
}

/// The line under a card that tells of a change with this word.
pub fn pending(card: &Token, word: &str) -> String {
    format!(
        "{} + .pendrow {}[data-status=\"{word}\"]",
        row(card),
        id("pending-line")
    )
}

pub fn in_row(card: &Token, name: &str) -> String {
    format!("{} {}", row(card), id(name))
}

async fn connect(eyes: Eyes<'_>, outside: &Outside) -> Outcome {
    eyes.see(&id("start-demo")).await?;
    eyes.picture("01-first-start-light").await?;
    eyes.press(&id("connect-account")).await?;
    eyes.press(&id("env-demo")).await?;
    let wallee = &outside.wallee;
    for (field, text) in [
        ("connect-label", "Test shop"),
        ("connect-host", wallee.host.as_str()),
        ("connect-space", wallee.space.as_str()),
        ("connect-user", wallee.user.as_str()),
        ("connect-key", wallee.key.as_str()),
    ] {
        eyes.write(&id(field), text).await?;
    }
    eyes.picture("02-connect-light").await?;
    eyes.press(&id("connect-submit")).await?;
    eyes.gone(&id("connect-submit")).await?;
    said("an account is connected");
    Ok(())
}

/// Types the middle of the email, as heard on a telephone, and opens the person.
pub async fn find(eyes: Eyes<'_>, email: &str) -> Outcome {
    let at = email.find('@').unwrap_or(email.len());
    let middle = &email[2..(at + 4).min(email.len())];
    eyes.press(&id("nav-customers")).await?;
    eyes.write(&id("search"), middle).await?;
    // Long emails are cut on the screen; the whole one is the row's title.
    let named = format!("[title=\"{email}\"]");
    let theirs = format!("{} {named}", id("person-row"));
    eyes.see(&theirs).await?;
    if eyes.has(&format!("{}.cur {named}", id("person-row"))).await {
        eyes.key_until(Key::Enter, &id("card-row")).await?;
    } else {
        // Somebody else's email begins with it.
        eyes.press(&theirs).await?;
        eyes.see(&id("card-row")).await?;
    }
    said("part of an email finds the customer and opens them");
    Ok(())
}

async fn flip_one_click(eyes: Eyes<'_>, outside: &Outside, card: &Token) -> Outcome {
    let switch = in_row(card, "one-click");
    eyes.attribute(&switch, "data-value", Some("on")).await?;
    eyes.press(&switch).await?;
    eyes.attribute(&switch, "data-value", Some("off")).await?;
    let now = outside
        .until(card.id, "one-click off", |token| {
            !token.enabled_for_one_click_payment
        })
        .await?;
    if now.version <= card.version {
        return Err(format!(
            "one-click is off, but the version was not raised: {} and {}",
            card.version, now.version
        ));
    }
    eyes.attribute(&switch, "data-pending", None).await?;
    eyes.picture("30-one-click-off-light").await?;
    said("one-click off is confirmed by the payment system, with a raised version");
    Ok(())
}

async fn deactivate_accepted(eyes: Eyes<'_>, outside: &Outside, card: &Token) -> Outcome {
    let switch = in_row(card, "active");
    eyes.press(&switch).await?;
    outside
        .until(card.id, "state INACTIVE", |token| token.state == "INACTIVE")
        .await?;
    eyes.attribute(&switch, "data-value", Some("off")).await?;
    eyes.attribute(&switch, "data-pending", None).await?;
    eyes.read(&row(card), &["inactive"]).await?;
    eyes.picture("31-accepted-light").await?;
    said("deactivating where the payment system accepts it: inactive");
    Ok(())
}

async fn deactivate_ignored(eyes: Eyes<'_>, outside: &Outside, card: &Token) -> Outcome {
    outside.state_patch("ignores").await?;
    // What the account accepted before is asked and proven each time; nothing has to be forgotten for that.
    eyes.press(&in_row(card, "active")).await?;
    eyes.read(&pending(card, "stuck"), &[]).await?;
    eyes.picture("32-ignored-light").await?;
    still_active(outside, card).await?;
    said("deactivating where the payment system ignores it: said so, still active");
    Ok(())
}

async fn deactivate_refused(eyes: Eyes<'_>, outside: &Outside, email: &str, card: &Token) -> Outcome {
    outside.state_patch("refuses").await?;
    forget_lesson(eyes).await?;
    find(eyes, email).await?;
    eyes.press(&in_row(card, "active")).await?;
    eyes.read(&pending(card, "stuck"), &[]).await?;
    eyes.picture("33-refused-light").await?;
    still_active(outside, card).await?;
    said("deactivating where the payment system refuses it: said so, still active");
    Ok(())
}

async fn still_active(outside: &Outside, card: &Token) -> Outcome {
    let now = outside.token(card.id).await?;
    if now.state == "ACTIVE" {
        Ok(())
    } else {
        Err(format!("token {} became {}", card.id, now.state))
    }
}

/// "Try again" for what the account has taught about active and inactive.
async fn forget_lesson(eyes: Eyes<'_>) -> Outcome {
    eyes.press(&id("nav-accounts")).await?;
    eyes.press(&id("forget-lesson")).await
}

async fn delete(eyes: Eyes<'_>, outside: &Outside, card: &Token) -> Outcome {
    eyes.press(&in_row(card, "delete-card")).await?;
    eyes.see(&id("confirm-delete")).await?;
    eyes.picture("34-delete-dialog-light").await?;
    eyes.press(&id("confirm-delete")).await?;
    outside
        .until(card.id, "state DELETING", |token| token.state == "DELETING")
        .await?;
    eyes.read(&row(card), &["being deleted"]).await?;
    eyes.picture("35-deleting-light").await?;
    said("a deleted card is being deleted, here and there");
    Ok(())
}

/// After a restart: no second connecting, the same cards in the same states.
async fn still_so(eyes: Eyes<'_>, outside: &Outside, email: &str, cards: &[Token]) -> Outcome {
    eyes.see(&id("search")).await?;
    if eyes.has(&id("start-demo")).await {
        return Err(eyes.failed("after a restart the window asks to begin anew").await);
    }
    find(eyes, email).await?;
    eyes.attribute(&in_row(&cards[0], "one-click"), "data-value", Some("off"))
        .await?;
    eyes.read(&row(&cards[0]), &["inactive"]).await?;
    eyes.read(&row(&cards[3]), &["being deleted"]).await?;
    eyes.picture("58-after-restart-dark").await?;
    eyes.press(&id("nav-accounts")).await?;
    eyes.see(&id("sync-account")).await?;
    eyes.picture("59-accounts-dark").await?;
    for (screen, shows, picture) in [
        ("nav-changes", "change-row", "60-changes-dark"),
        ("nav-cards", "cards-row", "61-cards-dark"),
        ("tab-plans", "plan-line", "62-plans-dark"),
        ("nav-log", "log-row", "63-log-dark"),
    ] {
        eyes.press(&id(screen)).await?;
        eyes.see(&id(shows)).await?;
        eyes.picture(picture).await?;
    }
    outside
        .until(cards[3].id, "state DELETING", |token| token.state == "DELETING")
        .await?;
    said("after a restart everything is as it was");
    Ok(())
}

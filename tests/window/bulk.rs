//! Hundreds of cards at once: filtered, selected, planned, run, and what became of each.

use crate::Outcome;
use crate::eyes::{Eyes, id};
use crate::outside::Outside;
use crate::story::said;
use serde_json::json;
use std::time::Duration;

const ON: usize = 500;
const OFF: usize = 5;
const REFUSED: usize = 7;

/// Hundreds of cards are read, or changed, within this.
const UNTIL_ALL: Duration = Duration::from_secs(300);

/// Plans "One-click off" for everybody of one search, and runs it against a payment system that refuses some.
pub async fn planned_and_run(eyes: Eyes<'_>, outside: &Outside) -> Outcome {
    let on = join_the_choir(outside).await?;
    let refused: Vec<u64> = on.iter().step_by(71).take(REFUSED).copied().collect();
    outside.refuse(&refused).await?;
    eyes.press(&id("nav-accounts")).await?;
    eyes.press(&id("sync-account")).await?;
    eyes.press(&id("nav-cards")).await?;
    eyes.picture("46-all-cards-light").await?;
    eyes.write(&id("search"), "choir.example").await?;
    eyes.waiting(UNTIL_ALL)
        .read(&id("cards-total"), &[&(ON + OFF).to_string()])
        .await?;
    eyes.press(&id("chip-one-click")).await?;
    eyes.press(".menu-item[data-key=\"on\"]").await?;
    eyes.read(&id("cards-total"), &[&format!("{ON} card")]).await?;
    eyes.press(&id("pick-shown")).await?;
    eyes.picture("47-picked-light").await?;
    eyes.press(&id("pick-all")).await?;
    eyes.read(&id("bulk-count"), &[&format!("{ON} selected")]).await?;
    eyes.picture("48-all-picked-light").await?;
    said("a search on the screen of all cards is filtered, and everything it finds is selected");

    eyes.press(&id("bulk-one_click_off")).await?;
    eyes.read(&id("plan-dialog"), &[&ON.to_string()]).await?;
    eyes.picture("49-plan-light").await?;
    eyes.press(&id("plan-show-rows")).await?;
    eyes.see(&id("plan-row")).await?;
    eyes.picture("50-plan-rows-light").await?;
    eyes.write(&id("plan-reason"), "The choir has left the shop")
        .await?;
    eyes.press(&id("plan-run")).await?;
    eyes.read(&id("plan-numbers"), &["open"]).await?;
    eyes.picture("51-plan-running-light").await?;
    let done = ON - REFUSED;
    eyes.waiting(UNTIL_ALL)
        .read(
            &id("plan-numbers"),
            &[&format!("{done} done"), &format!("{REFUSED} need you")],
        )
        .await?;
    eyes.press(&id("plan-show-need")).await?;
    eyes.count(&format!("{}[data-status=\"stuck\"]", id("plan-row")), REFUSED)
        .await?;
    eyes.picture("52-plan-need-light").await?;
    eyes.press(&id("plan-show-done")).await?;
    eyes.see(&format!("{}[data-status=\"done\"]", id("plan-row")))
        .await?;
    eyes.picture("53-plan-done-light").await?;

    for id in &on {
        let is_on = outside.token(*id).await?.enabled_for_one_click_payment;
        if is_on != refused.contains(id) {
            let now = if is_on { "on" } else { "off" };
            return Err(format!("one-click of token {id} is {now} after the plan"));
        }
    }
    said("a plan of 500 cards is run: 493 done, here and there, and 7 need a person");
    eyes.press(&id("nav-changes")).await?;
    eyes.see(&id("change-row")).await?;
    eyes.picture("54-changes-after-plan-light").await?;
    Ok(())
}

/// A choir becomes customers: so many with one-click, whose ids these are, and a few without.
async fn join_the_choir(outside: &Outside) -> Outcome<Vec<u64>> {
    let mut on = Vec::new();
    for number in 1..=ON + OFF {
        let one_click = number <= ON;
        let member = json!({
            "email": format!("voice-{number:03}@choir.example"),
            "customerId": format!("choir-{number:03}"),
            "oneClick": one_click,
        });
        let made = outside.add(member).await?;
        if one_click {
            on.push(made);
        }
    }
    Ok(on)
}
